"""What is compared: systems, and the figures of each with their exact values."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from tests.known_answers import erlang
from tests.known_answers.n_model import Answers, chain, closed_form
from tests.known_answers.product_form import ProductForm
from tests.known_answers.systems import Idle, Served, System, n_model, one_skill, skilled

Value = Callable[[Served], float]

N_RATES, N_DEDICATED, N_FLEXIBLE = (0.4, 0.6), 0.5, 1.5
N_POOLS, N_POOL_RATES = (3, 2), (2.2, 1.2)
TYPES, SERVERS_EACH, SKILLED_LOAD = 4, 3, 0.8
QUEUE_MAX = 30  # of the Markov chain: at these rates a longer one has a probability of about 1e-9


class Figure(NamedTuple):
    name: str
    exact: float
    value: Value
    type: int | None = None  # whose customers count; None: all

    def counts(self, served: Served) -> bool:
        return self.type is None or served.customer.type == self.type


class Case(NamedTuple):
    name: str
    system: System
    figures: tuple[Figure, ...]


def cases() -> list[Case]:
    return [
        *(_erlang(count, load) for count, load in ((1, 0.6), (5, 0.7), (10, 0.75))),
        _n_model("N-model, 1 D and 1 F, longest idle", Idle.SINCE_LAST_CALL, closed_form),
        _n_model("N-model, 1 D and 1 F, the engine's own order", Idle.SINCE_LAST_OFFER, _by_chain),
        _n_pools(),
        *(_skilled(skills_each) for skills_each in (1, 2, TYPES)),
    ]


def _erlang(count: int, load: float) -> Case:
    work = count * load
    mean = 1 / (count - work)
    figures = (
        Figure("waits", erlang.wait_probability(count, work), _waits),
        Figure("mean wait", erlang.mean_wait(count, work), _wait),
        Figure(f"waits over {mean:.2f}", erlang.wait_exceeds(count, work, mean), lambda served: served.wait > mean),
    )
    return Case(f"M/M/{count}, load {load}", one_skill(count, load), figures)


def _n_model(name: str, idle: Idle, answers: Callable[[System], Answers]) -> Case:
    system = n_model(N_RATES, N_DEDICATED, N_FLEXIBLE, idle)
    return Case(name, system, _n_figures(system, answers(system)))


def _by_chain(system: System) -> Answers:
    return chain(system, QUEUE_MAX)


def _n_pools() -> Case:
    system = n_model(N_POOL_RATES, 1.0, 1.0, Idle.SINCE_LAST_CALL, N_POOLS)
    form = ProductForm(system)
    answers = Answers(
        wait_probability=(form.wait_probability(0), form.wait_probability(1)),
        mean_wait=(form.mean_wait(0), form.mean_wait(1)),
        share_of_dedicated=sum(form.utilization(n) for n in range(N_POOLS[0])) / N_POOL_RATES[0],
    )
    name = f"N-model, {N_POOLS[0]} D and {N_POOLS[1]} F, longest idle"
    return Case(name, system, _n_figures(system, answers))


def _n_figures(system: System, answers: Answers) -> tuple[Figure, ...]:
    dedicated = {n for n, server in enumerate(system.servers) if len(server.skills) == 1}
    return (
        *(Figure(f"type {n + 1} waits", answers.wait_probability[n], _waits, n) for n in (0, 1)),
        *(Figure(f"type {n + 1} mean wait", answers.mean_wait[n], _wait, n) for n in (0, 1)),
        Figure("type 1 served by D", answers.share_of_dedicated, lambda served: served.server in dedicated, 0),
    )


def _skilled(skills_each: int) -> Case:
    system = skilled(TYPES, SERVERS_EACH, SKILLED_LOAD, skills_each)
    form = ProductForm(system)  # the same for each type
    figures = (Figure("waits", form.wait_probability(0), _waits), Figure("mean wait", form.mean_wait(0), _wait))
    name = f"{len(system.servers)} servers, {TYPES} types, {skills_each} of {TYPES} skills each"
    return Case(name, system, figures)


def _waits(served: Served) -> float:
    return served.wait_ms > 0


def _wait(served: Served) -> float:
    return served.wait


def benefit(one: float, some: float, every: float) -> float:
    """Which part of the way from the waits with one skill to those with every skill some skills go."""
    return (one - some) / (one - every)
