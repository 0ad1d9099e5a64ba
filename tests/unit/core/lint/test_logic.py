"""What is said of conditions without data is true of all data."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given

from pointsman.core.expression import Condition, Context, compile_condition, parse
from pointsman.core.lint.logic import ALWAYS, NEVER, WAYS_MAX, Ways, exclude, ways, within
from tests.unit.core.expression.strategies import conditions, objects


def of(text: str) -> Ways:
    return ways(parse(text, Context.FILTER))


def holds(condition: Condition, task: Any, worker: Any) -> bool:
    return compile_condition(condition)(task, worker, None, None)


@given(conditions, objects, objects)
def test_a_condition_is_true_if_all_of_one_way_is(condition: Condition, task: Any, worker: Any) -> None:
    by_ways = any(all(holds(part, task, worker) for part in way) for way in ways(condition))
    assert by_ways is holds(condition, task, worker)


@given(conditions, conditions, objects, objects)
def test_what_is_within_another_or_excludes_it(one: Condition, other: Condition, task: Any, worker: Any) -> None:
    both = holds(one, task, worker), holds(other, task, worker)
    assert not (within(ways(one), ways(other)) and both == (True, False))
    assert not (exclude(ways(one), ways(other)) and both == (True, True))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1==1", ALWAYS),
        ("a == 1 OR 2 > 1", ALWAYS),
        ("NOT (1 == 2 AND a == 1)", ALWAYS),
        ("1==2", NEVER),
        ("a == 1 AND a == 2", NEVER),
        ("a IN ['x', 'y'] AND a == 'z'", NEVER),
        ("a == null AND a == 'x'", NEVER),
        ("a IN []", NEVER),
    ],
)
def test_always_and_never(text: str, expected: Ways) -> None:
    assert of(text) == expected


@pytest.mark.parametrize("text", ["a == 5 AND a == '5'", "a == '5' AND a == '05'", "a == true AND a == 1", "a != a"])
def test_what_is_not_sure_is_not_said(text: str) -> None:
    """Equal numbers may be written differently."""
    assert of(text) not in (ALWAYS, NEVER)


def test_conditions_with_too_many_ways_are_not_taken_apart() -> None:
    """They are still within themselves."""
    text = " AND ".join(f"(a{n} == 1 OR b{n} == 1)" for n in range(10))
    many = f"x IN [{', '.join(str(n) for n in range(WAYS_MAX + 1))}]"
    for each in (text, many):
        assert len(of(each)) == 1
        assert within(of(each), of(each))
    assert not exclude(of(many), of("x == 1"))
