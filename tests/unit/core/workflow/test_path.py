"""Where a task goes by its workflow's rules: a pure function of rules, attributes and time."""

from __future__ import annotations

import json
from typing import Any

import pytest

from pointsman.core.types import Millis
from pointsman.core.workflow.path import Stop, Traveller, first_stop, next_stop
from pointsman.core.workflow.rules import Rules, read_rules

SINCE = Millis(1_000_000)


def rules(*filters: tuple[str, list[int | None]], default: bool = False) -> Rules:
    """Filters as (expression, timeouts of the targets)."""
    routing: dict[str, Any] = {
        "filters": [
            {"expression": expression, "targets": [{"queue": "WQ", "timeout": timeout} for timeout in timeouts]}
            for expression, timeouts in filters
        ]
    }
    if default:
        routing["default_filter"] = {"queue": "WQ"}
    return read_rules(json.dumps({"task_routing": routing}))


def at(seconds: float, **attributes: Any) -> Traveller:
    return Traveller(attributes, {}, Millis(SINCE + round(seconds * 1000)))


def where(stop: Stop | None) -> tuple[int, int] | None:
    return (stop.place.filter, stop.place.target) if stop else None


def start(plan: Rules, traveller: Traveller) -> Stop | None:
    return first_stop(plan, 7, traveller, SINCE)


@pytest.mark.parametrize(("a", "expected"), [(1, (0, 0)), (2, (1, 0)), (3, (-1, 0))])
def test_the_first_matching_filter_or_the_default(a: int, expected: tuple[int, int]) -> None:
    """[routing 4.2, docs: workflow-configuration]"""
    plan = rules(("a == 1", [None]), ("a IN [1, 2]", [None]), default=True)
    assert where(start(plan, at(0, a=a))) == expected


def test_without_a_default_there_may_be_no_stop() -> None:
    """[routing 4.2, inferred]"""
    assert start(rules(("a == 1", [None])), at(0)) is None
    assert start(rules(), at(0)) is None


@pytest.mark.parametrize(
    ("seconds", "expected"), [(0, (0, 0)), (9.999, (0, 0)), (10, (0, 1)), (29.9, (0, 2)), (30, (1, 0)), (35, None)]
)
def test_the_first_stop_follows_from_the_age(seconds: float, expected: tuple[int, int] | None) -> None:
    """The first target with age below the sum; past them all, the next filter, whose time began when the first one's
    ended; never the default filter. [routing 4.3, inferred]"""
    plan = rules(("1==1", [10, 10, 10]), ("1==1", [5]), default=True)
    assert where(start(plan, at(seconds))) == expected


def test_timeouts_add_up_but_a_skipped_target_adds_nothing() -> None:
    """[routing 4.3, docs: task-evaluation] [routing 4.3, inferred]"""
    plan = rules(("1==1", [10, 20, 30]))
    first = start(plan, at(0))
    assert first is not None
    assert first.deadline_ms == SINCE + 10_000
    by_time = next_stop(plan, first.place, at(10), timed_out=True)
    assert by_time is not None
    assert (where(by_time), by_time.deadline_ms) == ((0, 1), SINCE + 30_000)
    by_skip = next_stop(plan, first.place, at(1), timed_out=False)
    assert by_skip is not None
    assert (where(by_skip), by_skip.deadline_ms) == ((0, 1), SINCE + 20_000)


def test_a_late_exit_passes_the_targets_whose_time_is_over() -> None:
    """A long offer uses up targets. [routing 4.3, inferred]"""
    plan = rules(("1==1", [10, 10, None]))
    first = start(plan, at(0))
    assert first is not None
    assert where(next_stop(plan, first.place, at(25), timed_out=True)) == (0, 2)


@pytest.mark.parametrize(("timed_out", "expected"), [(True, None), (False, (-1, 0))])
def test_past_the_last_target_only_a_skip_leads_to_the_default_filter(
    timed_out: bool, expected: tuple[int, int] | None
) -> None:
    """[routing 4.2, docs: workflow-configuration] [routing 4.2, docs: worker-presence]"""
    plan = rules(("1==1", [10]), ("a == 1", [10]), default=True)
    first = start(plan, at(0))
    assert first is not None
    assert where(next_stop(plan, first.place, at(10), timed_out=timed_out)) == expected
    later = next_stop(plan, first.place, at(10, a=1), timed_out=timed_out)
    assert later is not None
    assert (where(later), later.deadline_ms) == ((1, 0), SINCE + 20_000)


def test_a_skip_past_targets_that_are_over_counts_as_time() -> None:
    """The last exit decides. [routing 4.2, inferred]"""
    plan = rules(("1==1", [10, 5]), default=True)
    first = start(plan, at(0))
    assert first is not None
    assert next_stop(plan, first.place, at(9), timed_out=False) is None


def test_there_is_no_way_out_of_the_default_filter() -> None:
    """[routing 4.2, docs: workflows-and-assignment]"""
    plan = rules(default=True)
    default = start(plan, at(0))
    assert default is not None
    assert default.deadline_ms is None
    assert next_stop(plan, default.place, at(0), timed_out=False) is None
