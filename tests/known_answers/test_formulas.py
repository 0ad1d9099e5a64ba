"""The formulas, before the engine is compared with them: against each other, and against balance equations that are
solved without any formula."""

from __future__ import annotations

from collections import defaultdict

import pytest

from tests.known_answers import erlang
from tests.known_answers.cases import N_DEDICATED, N_FLEXIBLE, N_RATES, QUEUE_MAX, TYPES, benefit
from tests.known_answers.n_model import Answers, chain, closed_form, stationary
from tests.known_answers.product_form import ProductForm
from tests.known_answers.systems import Idle, System, n_model, one_skill, skilled

LONGEST_IDLE = [
    n_model(rates, dedicated, flexible, Idle.SINCE_LAST_CALL)
    for rates, dedicated, flexible in (
        (N_RATES, N_DEDICATED, N_FLEXIBLE),
        ((0.5, 0.3), 1.0, 1.0),
        ((0.2, 0.5), 0.4, 1.2),
    )
]


def test_erlang_c_has_the_values_that_two_servers_have_by_hand() -> None:
    assert erlang.wait_probability(1, 0.6) == pytest.approx(0.6)
    assert erlang.wait_probability(2, 2 * 0.75) == pytest.approx(2 * 0.75**2 / (1 + 0.75))
    assert erlang.mean_wait(2, 2 * 0.75) == pytest.approx(0.75**2 / (1 - 0.75**2))


@pytest.mark.parametrize("count", range(1, 9))
def test_the_product_form_of_servers_alike_is_erlang_c(count: int) -> None:
    form = ProductForm(one_skill(count, 0.7))
    assert form.wait_probability(0) == pytest.approx(erlang.wait_probability(count, 0.7 * count))
    assert form.mean_wait(0) == pytest.approx(erlang.mean_wait(count, 0.7 * count))
    assert form.utilization(0) == pytest.approx(0.7)


@pytest.mark.parametrize("system", LONGEST_IDLE)
def test_the_closed_form_of_the_n_model_solves_the_balance_equations(system: System) -> None:
    assert flat(closed_form(system)) == pytest.approx(flat(chain(system, QUEUE_MAX)), rel=1e-6)


@pytest.mark.parametrize("system", LONGEST_IDLE)
def test_each_state_of_the_n_model_has_the_probability_of_the_product_form(system: System) -> None:
    """Not only the figures agree: up to one factor, every state does."""
    (one, two), both = system.rates, sum(system.rates)
    dedicated, flexible = (server.rate for server in system.servers)
    solved: dict[tuple[bool, bool, int, int], float] = defaultdict(float)
    idle: dict[bool, float] = {}
    for state, probability in stationary(system, QUEUE_MAX).items():
        solved[(state.d_busy, state.f_busy, state.known, state.unknown)] += probability
        if not (state.d_busy or state.f_busy):
            idle[state.d_first] = probability
    factor = idle[False] * both**2
    assert idle[True] == pytest.approx(factor / (one * both))
    assert solved[(True, False, 0, 0)] == pytest.approx(factor / (dedicated * both))
    for n in range(6):
        assert solved[(False, True, n, 0)] == pytest.approx(factor * two**n / flexible ** (n + 1) / one)
        for m in range(6):
            behind_both = both**m / (dedicated + flexible) ** (m + 1)
            f_then_d = two**n / flexible ** (n + 1) * behind_both
            d_then_f = behind_both / dedicated if n == 0 else 0  # nobody waits for D alone
            assert solved[(True, True, n, m)] == pytest.approx(factor * (f_then_d + d_then_f))


@pytest.mark.parametrize("system", LONGEST_IDLE)
def test_the_product_form_for_any_system_gives_the_closed_form_of_the_n_model(system: System) -> None:
    form, closed = ProductForm(system), closed_form(system)
    assert [form.wait_probability(kind) for kind in (0, 1)] == pytest.approx(closed.wait_probability)
    assert [form.mean_wait(kind) for kind in (0, 1)] == pytest.approx(closed.mean_wait)
    share = form.utilization(0) * system.servers[0].rate / system.rates[0]
    assert share == pytest.approx(closed.share_of_dedicated)


def test_the_two_orders_of_idleness_differ_by_more_than_what_is_tolerated() -> None:
    """So a router that confused them would be found out."""
    system = n_model(N_RATES, N_DEDICATED, N_FLEXIBLE, Idle.SINCE_LAST_CALL)
    own = chain(system._replace(idle=Idle.SINCE_LAST_OFFER), QUEUE_MAX)
    assert own.share_of_dedicated / closed_form(system).share_of_dedicated > 1.03


def test_one_skill_each_is_erlang_c_of_a_part_and_every_skill_is_erlang_c_of_the_whole() -> None:
    assert ProductForm(skilled(4, 3, 0.8, 1)).mean_wait(0) == pytest.approx(erlang.mean_wait(3, 2.4))
    assert ProductForm(skilled(4, 3, 0.8, 4)).mean_wait(0) == pytest.approx(erlang.mean_wait(12, 9.6))


def test_two_skills_of_four_take_nine_tenths_of_the_waits_away_that_four_do() -> None:
    waits = [ProductForm(skilled(TYPES, 3, 0.8, skills)).mean_wait(0) for skills in (1, 2, TYPES)]
    assert 0.92 < benefit(*waits) < 0.93


def flat(answers: Answers) -> list[float]:
    return [*answers.wait_probability, *answers.mean_wait, answers.share_of_dedicated]
