"""Expressions that ask for a constant are found by it, and none that matches is left out."""

from __future__ import annotations

from typing import Any

import pytest

from pointsman.core.expression import Asking, Context, compile_expression

FILTERS = (
    'kind == "call" AND level >= 2',
    'level >= 2 AND kind == "mail"',
    'skills HAS "sales"',
    '5 IN codes OR kind == "call"',
    "code == 5",
    '"sales" IN skills AND kind == "mail"',
    "kind != null",
    'taskrouter.dayOfWeek == "Mon"',
)


def asked(attributes: dict[str, Any]) -> set[int]:
    asking = Asking("task")
    for number, text in enumerate(FILTERS):
        asking.add(number, compile_expression(text, Context.FILTER).tree)
    return set(asking.candidates(attributes))


@pytest.mark.parametrize(
    ("attributes", "found"),
    [
        ({}, {3, 6, 7}),
        ({"kind": "call"}, {0, 3, 6, 7}),
        ({"kind": "mail", "skills": ["sales", "sales"]}, {1, 2, 3, 5, 6, 7}),
        ({"code": "05"}, {3, 4, 6, 7}),  # a numeric string is a number to `==`
    ],
)
def test_only_those_are_asked_whose_constant_is_there(attributes: dict[str, Any], found: set[int]) -> None:
    assert asked(attributes) == found


@pytest.mark.parametrize("value", ["call", "mail", 5, "5", "05", 5.0, None, True, ["call"], {"a": 1}])
@pytest.mark.parametrize("name", ["kind", "skills", "code", "codes", "level"])
def test_none_that_matches_is_left_out(name: str, value: Any) -> None:
    attributes = {"kind": "mail", "level": 3, "skills": ["sales"], name: value}
    clock = {"dayOfWeek": "Mon"}
    matching = {
        number
        for number, text in enumerate(FILTERS)
        if compile_expression(text, Context.FILTER).matches(attributes, None, clock, None)
    }
    assert matching <= asked(attributes)


def test_one_that_is_removed_is_asked_no_longer() -> None:
    asking, tree = Asking("worker"), compile_expression('skills HAS "sales"', Context.QUEUE).tree
    asking.add(1, tree)
    asking.add(2, tree)
    asking.remove(1, tree)
    assert list(asking.candidates({"skills": ["sales"]})) == [2]
