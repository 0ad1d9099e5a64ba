"""The engine beside the exact results. docs/concepts/known-answers.md says what they are and where they come from."""

from __future__ import annotations

import re
from pathlib import Path
from statistics import fmean

import pytest

from tests.known_answers.cases import Case, benefit, cases
from tests.known_answers.measuring import both, measure
from tests.known_answers.systems import Idle
from tests.known_answers.table import HEAD

PAGE = Path(__file__).parents[2] / "docs" / "concepts" / "known-answers.md"
CASES = {case.name: case for case in cases()}
TOLERANCE = 0.03
CUSTOMERS = 12_000  # enough for every order of events that a dozen servers know
MANY = {"M/M/1, load 0.6": 1_000_000, "N-model, 1 D and 1 F, longest idle": 2_000_000}  # as noise demands: see `check`


def by_name(case: Case) -> str:
    return case.name


@pytest.mark.parametrize("case", CASES.values(), ids=by_name)
def test_every_customer_is_served_when_and_by_whom_the_rule_says(case: Case) -> None:
    assert sum(ours != theirs for ours, theirs in both(case, CUSTOMERS)) == 0


@pytest.mark.parametrize("case", [CASES[name] for name in MANY], ids=by_name)
def test_figures_are_within_three_percent_of_the_exact_ones(case: Case) -> None:
    check(case, 1_000, MANY[case.name])


@pytest.mark.parametrize("case", CASES.values(), ids=by_name)
def test_figures_of_every_system_are_within_three_percent_of_the_exact_ones(
    case: Case, request: pytest.FixtureRequest
) -> None:
    if not request.config.getoption("--long"):
        pytest.skip("needs twenty million customers; run with --long")
    check(case, 100_000, 20_000_000)


def check(case: Case, count: int, many: int) -> None:
    measured = measure(case, count, many)
    assert measured.otherwise == 0
    for figure, found in zip(case.figures, measured.found, strict=True):
        allowed = TOLERANCE * figure.exact
        assert 4 * found.controlled.error < allowed, f"{figure.name}: too few customers to say"
        assert abs(found.controlled.mean - figure.exact) < allowed, figure.name


def test_the_two_orders_of_idleness_are_not_the_same() -> None:
    """The same customers: only `order_by` differs."""
    longest_idle = CASES["N-model, 1 D and 1 F, longest idle"]
    own = longest_idle._replace(system=longest_idle.system._replace(idle=Idle.SINCE_LAST_OFFER))
    taken = [[served.server for served, _ in both(case, 1_000)] for case in (longest_idle, own)]
    assert taken[0] != taken[1]


def test_two_skills_each_have_nine_tenths_of_the_benefit_of_every_skill() -> None:
    """Source: R. Wallace and W. Whitt, "A staffing algorithm for call centers with skill-based routing", 2005; the
    exact share is in `test_formulas`. The same customers come to all three, so that little noise is left."""
    waits = [
        fmean(served.wait for served, _ in both(case, CUSTOMERS)) for name, case in CASES.items() if "skills" in name
    ]
    assert benefit(*waits) > 0.9


def test_the_page_shows_the_exact_values_and_nothing_beyond_the_tolerance() -> None:
    text = PAGE.read_text()
    assert HEAD in text
    shown = {(row[0], row[1]): row[2:] for row in re.findall(r"\| " + r"(.+?) \| " * 8 + "?\n", text)}
    for case in CASES.values():
        for figure in case.figures:
            exact, *_, difference, _ = shown[(case.name, figure.name)]
            assert exact == f"{figure.exact:.4f}"
            assert abs(float(difference.rstrip(" %"))) < 100 * TOLERANCE
