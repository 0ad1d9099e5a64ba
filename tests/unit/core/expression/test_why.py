"""Why an expression says what it says."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings

from pointsman.core.expression import Condition, Context, compile_condition, compile_expression, shown_value, why
from pointsman.core.expression.why import DECIDING_MAX, SHOWN_CHARS_MAX, why_condition

from . import strategies

ALICE = {"skills": ["sales"], "level": 3, "vip": True, "name": "Alice"}


@pytest.mark.parametrize(
    ("text", "matched", "because"),
    [
        ("level >= 5", False, ["level >= 5 is false (level is 3)"]),
        ('skills HAS "sales"', True, ['skills HAS "sales" is true (skills is ["sales"])']),
        ('skills HAS "sales" AND level >= 5 AND vip == false', False, ["level >= 5 is false (level is 3)"]),
        (
            'skills HAS "sales" AND level >= 1',
            True,
            ['skills HAS "sales" is true (skills is ["sales"])', "level >= 1 is true (level is 3)"],
        ),
        (
            "level > 5 OR vip == false",
            False,
            ["level > 5 is false (level is 3)", "vip == false is false (vip is true)"],
        ),
        ("level > 5 OR vip == true OR level == 3", True, ["vip == true is true (vip is true)"]),
        ("NOT level == 3", False, ["level == 3 is true (level is 3)"]),
        ("NOT (level == 4 OR team == null)", False, ["team == null is true (team is null)"]),
        ("level IN [1, vip]", False, ["level IN [1, vip] is false (level is 3, [1, vip] is [1, true])"]),
        ("worker.level > 3", False, ["level > 3 is false (level is 3)"]),
        ("1 == 2", False, ["1 == 2 is false"]),
    ],
)
def test_the_comparisons_that_decide_are_told(text: str, matched: bool, because: list[str]) -> None:
    """The first false term of an AND, the first true one of an OR; else each."""
    verdict = why(compile_expression(text, Context.QUEUE), None, ALICE, None, None)
    assert (verdict.matched, [each.text for each in verdict.because], verdict.count) == (matched, because, len(because))


def test_operands_are_told_as_written_and_with_their_values() -> None:
    verdict = why(compile_expression("worker.level < task.level", Context.TARGET), {"level": "2"}, ALICE, None, None)
    (one,) = verdict.because
    assert (one.left, one.left_value, one.operator, one.right, one.right_value) == (
        "worker.level",
        3,
        "<",
        "task.level",
        "2",
    )
    assert not one.held


def test_an_empty_expression_matches_nobody_and_nothing_decides() -> None:
    verdict = why(compile_expression("", Context.QUEUE), None, ALICE, None, None)
    assert (verdict.matched, verdict.because, verdict.count) == (False, (), 0)


def test_of_many_terms_the_first_few_are_told_and_all_are_counted() -> None:
    text = " OR ".join(f"level == {number}" for number in range(100, 200))
    verdict = why(compile_expression(text, Context.QUEUE), None, ALICE, None, None)
    assert (len(verdict.because), verdict.count) == (DECIDING_MAX, 100)


@pytest.mark.parametrize("value", ["x" * 5_000, ["y" * 300, 1], {"a": ["z"] * 500}, 10**400, [2**70]])
def test_long_and_large_values_are_cut(value: Any) -> None:
    assert len(shown_value(value)) <= SHOWN_CHARS_MAX


@settings(max_examples=400)
@given(strategies.conditions, strategies.objects, strategies.objects)
def test_its_verdict_is_that_of_the_compiled_expression(
    tree: Condition, task: dict[str, Any], worker: dict[str, Any]
) -> None:
    verdict = why_condition(tree, task, worker, None, None)
    assert verdict.matched is compile_condition(tree)(task, worker, None, None)
    assert verdict.because and len(verdict.because) == min(verdict.count, DECIDING_MAX)
