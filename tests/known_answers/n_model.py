"""The N-model of one server each: the product form in closed form, and its Markov chains solved without any formula.

Type 0 may go to D or F, type 1 to F alone. docs/concepts/known-answers.md derives the closed form.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

from tests.known_answers.systems import Idle, System

SWEEPS_MAX = 5_000


class Answers(NamedTuple):
    """What is compared, for type 0 and type 1."""

    wait_probability: tuple[float, float]
    mean_wait: tuple[float, float]
    share_of_dedicated: float  # of the customers of type 0


def closed_form(system: System) -> Answers:
    """Under FCFS-ALIS."""
    (one, two), all_types = system.rates, sum(system.rates)
    dedicated, flexible = (server.rate for server in system.servers)
    spare, spare_flexible = dedicated + flexible - all_types, flexible - two

    d_then_f, f_then_d = 1 / (dedicated * spare), 1 / (spare_flexible * spare)  # both busy; whose customer came first
    only_d, only_f = 1 / (dedicated * all_types), 1 / (spare_flexible * one)
    nobody = 1 / (one * all_types) + 1 / all_types**2  # D idle longer, F idle longer

    total = d_then_f + f_then_d + only_d + only_f + nobody
    both = (d_then_f + f_then_d) / total
    f_first = (f_then_d + only_f) / total  # customers of type 1 may wait behind F's and before D's
    return Answers(
        wait_probability=(both, both + only_f / total),
        mean_wait=(both / spare, f_first / spare_flexible + both / spare),
        share_of_dedicated=dedicated * (both + only_d / total) / one,
    )


class State(NamedTuple):
    """The queue begins with `known` customers of type 1 whom D has passed over; of the `unknown` behind them nobody
    has asked the type yet, so that each is of type 0 with probability λ0/(λ0+λ1), whatever has happened."""

    d_busy: bool
    f_busy: bool
    d_first: bool  # whether D is taken when both are idle: the order of idleness, by whichever rule
    known: int = 0
    unknown: int = 0


def chain(system: System, queue_max: int) -> Answers:
    """The same figures from the balance equations, for a queue that nobody joins beyond `queue_max`."""
    found = stationary(system, queue_max)
    share_of_one = system.rates[0] / sum(system.rates)
    both = f_busy = d_busy = known = unknown = 0.0
    for state, probability in found.items():
        both += probability * (state.d_busy and state.f_busy)
        f_busy += probability * state.f_busy
        d_busy += probability * state.d_busy
        known += probability * state.known
        unknown += probability * state.unknown
    waiting = (unknown * share_of_one, known + unknown * (1 - share_of_one))
    return Answers(
        wait_probability=(both, f_busy),
        mean_wait=(waiting[0] / system.rates[0], waiting[1] / system.rates[1]),
        share_of_dedicated=system.servers[0].rate * d_busy / system.rates[0],
    )


@lru_cache(maxsize=8)
def stationary(system: System, queue_max: int) -> dict[State, float]:
    """Solve the balance equations by Gauss and Seidel's iteration."""
    start = State(False, False, True)
    states = [start]
    leaving: dict[State, float] = {}
    entering: dict[State, list[tuple[float, State]]] = {start: []}
    for state in states:  # grows
        moves = list(transitions(system, state, queue_max))
        leaving[state] = sum(rate for rate, _ in moves)
        for rate, after in moves:
            if after not in entering:
                states.append(after)
                entering[after] = []
            entering[after].append((rate, state))
    place = {state: n for n, state in enumerate(states)}
    flows = [([(rate, place[before]) for rate, before in entering[state]], leaving[state]) for state in states]
    found = [1.0 / len(states)] * len(states)
    for _ in range(SWEEPS_MAX):
        moved = 0.0
        for n, (sources, rate_out) in enumerate(flows):
            value = sum(rate * found[before] for rate, before in sources) / rate_out
            moved += abs(value - found[n])
            found[n] = value
        total = sum(found)
        found = [value / total for value in found]
        if moved < 1e-11:
            return dict(zip(states, found, strict=True))
    raise AssertionError("the iteration does not converge")


def transitions(system: System, state: State, queue_max: int) -> Iterator[tuple[float, State]]:
    """Where a state leads, at which rate: the rules of the router, word for word."""
    by_offer = system.idle is Idle.SINCE_LAST_OFFER
    one, two = system.rates
    dedicated, flexible = (server.rate for server in system.servers)
    share_of_one = one / (one + two)

    def taken(after: State, by_d: bool) -> State:
        """Who has just been reserved stands last, if the order is by that."""
        return after._replace(d_first=not by_d) if by_offer else after

    def freed(after: State, d: bool) -> State:
        return after if by_offer else after._replace(d_first=not d)

    if not state.f_busy:
        if state.d_busy or not state.d_first:
            yield one, taken(state._replace(f_busy=True), by_d=False)
        yield two, taken(state._replace(f_busy=True), by_d=False)
        if not state.d_busy and state.d_first:
            yield one, taken(state._replace(d_busy=True), by_d=True)
    elif not state.d_busy:
        yield one, taken(state._replace(d_busy=True), by_d=True)
        if state.known < queue_max:
            yield two, state._replace(known=state.known + 1)
    elif state.known + state.unknown < queue_max:
        yield one + two, state._replace(unknown=state.unknown + 1)

    if state.f_busy:
        if state.known:
            yield flexible, taken(state._replace(known=state.known - 1), by_d=False)
        elif state.unknown:
            yield flexible, taken(state._replace(unknown=state.unknown - 1), by_d=False)
        else:
            yield flexible, freed(state._replace(f_busy=False), d=False)
    if state.d_busy:
        for passed in range(state.unknown):
            after = state._replace(known=state.known + passed, unknown=state.unknown - passed - 1)
            yield dedicated * (1 - share_of_one) ** passed * share_of_one, taken(after, by_d=True)
        after = state._replace(d_busy=False, known=state.known + state.unknown, unknown=0)
        yield dedicated * (1 - share_of_one) ** state.unknown, freed(after, d=True)
