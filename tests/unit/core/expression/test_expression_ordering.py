"""`order_by`: which worker comes first."""

from __future__ import annotations

from typing import Any

import pytest

from pointsman.core.expression import parse_order_by


def order(text: str, *workers: dict[str, Any]) -> list[str] | None:
    """The workers' names in order, or None if the order is to be ignored."""
    by = parse_order_by(text)
    keys = [by.key(worker) for worker in workers]
    known = [key for key in keys if key is not None]
    if len(known) < len(keys):
        return None
    return [worker["name"] for _, worker in sorted(zip(known, workers, strict=True), key=lambda pair: pair[0])]


LOW, HIGH = {"name": "low", "level": 1, "a": {"b": 2}}, {"name": "high", "level": 9, "a": {"b": 2}}
NONE, NULL = {"name": "none"}, {"name": "null", "level": None}


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("worker.level ASC", ["low", "high", "none", "null"]),
        ("worker.level", ["low", "high", "none", "null"]),  # ascending by default [inferred]
        (
            "worker.level DESC",
            ["high", "low", "none", "null"],
        ),  # [docs: order-workers]
        ("worker.a.b desc, worker.level Desc", ["high", "low", "none", "null"]),
        ("worker.a.b, worker.level asc", ["low", "high", "none", "null"]),
        ("", ["none", "high", "low", "null"]),  # as they came [inferred]
    ],
)
def test_workers_are_ordered_and_those_without_the_attribute_come_last(text: str, names: list[str]) -> None:
    """[routing 5.4, docs: order-workers]"""
    assert order(text, NONE, HIGH, LOW, NULL) == names


@pytest.mark.parametrize("level", ["5", "x", 5.5, True, [5], {"a": 5}, float("nan"), float("inf")])
def test_a_value_that_is_no_integer_makes_the_order_ignored(level: object) -> None:
    """The whole order is. [routing 5.4, docs: order-workers]
    [routing 5.4, inferred]"""
    assert order("worker.a.b, worker.level", LOW, {"name": "odd", "level": level}) is None


def test_a_whole_float_is_an_integer() -> None:
    assert order("worker.level", {"name": "five", "level": 5.0}, LOW) == ["low", "five"]


def test_clauses_are_paths_with_directions() -> None:
    """[routing 5.4, docs: order-workers]"""
    by = parse_order_by("worker.a.b ASC, worker.c[0] DESC")
    assert by.clauses == ((("worker", "a", "b"), False), (("worker", "c", 0), True))
    assert parse_order_by("worker.a.b ASC, worker.c[0] DESC") is by
