"""Attributes that a filter takes."""

from __future__ import annotations

import json

import pytest

from pointsman.console.example import examples_of


def configuration(*expressions: str) -> str:
    target = {"queue": f"WQ{1:032x}"}
    filters = [
        {"filter_friendly_name": f"F{at}", "expression": text, "targets": [target]}
        for at, text in enumerate(expressions)
    ]
    return json.dumps({"task_routing": {"filters": filters}})


@pytest.mark.parametrize(
    ("expression", "attributes"),
    [
        ('selected_language == "es"', {"selected_language": "es"}),
        ('skills HAS "sales" AND level >= 5', {"skills": ["sales"], "level": 5}),
        ('"sales" IN skills', {"skills": ["sales"]}),
        ('type IN ["call", "chat"] OR vip == true', {"type": "call"}),
        ('customer.plan == "gold" AND customer.age <= 30', {"customer": {"plan": "gold", "age": 30}}),
        ('note CONTAINS "refund"', {"note": "refund"}),
    ],
)
def test_they_are_what_its_comparisons_ask_for(expression: str, attributes: object) -> None:
    (example,) = examples_of(configuration(expression))
    assert (example.filter, example.attributes) == ("F0", attributes)


@pytest.mark.parametrize(
    "expression", ["a > 5", "NOT a == 1", "a == b", "a == 1 AND a == 2", "a == 1 AND a.b == 2", "1 == 1", "1 == 2"]
)
def test_there_are_none_where_they_would_not_do(expression: str) -> None:
    assert examples_of(configuration(expression)) == []


def test_what_an_earlier_filter_takes_is_no_example_of_a_later_one() -> None:
    found = examples_of(configuration("a == 1", "a == 1 AND b == 2", "c == 3"))
    assert [(each.filter, each.attributes) for each in found] == [("F0", {"a": 1}), ("F2", {"c": 3})]


def test_of_rules_that_cannot_be_read_there_are_none() -> None:
    assert examples_of("{}") == []
