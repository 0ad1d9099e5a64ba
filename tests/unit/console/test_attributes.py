"""Attributes as people read them."""

from __future__ import annotations

import json

import pytest

from pointsman.console.attributes import LINES_MAX, lines_of


@pytest.mark.parametrize(
    ("attributes", "lines"),
    [
        ({}, []),
        ({"selected_language": "es", "age": 3.5}, [("selected_language", "es"), ("age", "3.5")]),
        ({"languages": ["es", "en"], "none": []}, [("languages", "es, en"), ("none", "")]),
        ({"vip": True, "left": False, "who": None}, [("vip", "yes"), ("left", "no"), ("who", "–")]),
        ({"caller": {"name": "Ada", "at": {"city": "Turin"}}}, [("caller.name", "Ada"), ("caller.at.city", "Turin")]),
        ({"a": {"b": {"c": {"d": 1}}}, "e": {}}, [("a.b.c", '{"d": 1}'), ("e", "{}")]),
        ({"orders": [{"no": 1}]}, [("orders", '[{"no": 1}]')]),
    ],
)
def test_attributes_are_lines_of_a_name_and_a_text(attributes: object, lines: list[tuple[str, str]]) -> None:
    assert lines_of(json.dumps(attributes)) == lines


def test_there_is_an_end_of_lines() -> None:
    assert len(lines_of(json.dumps({str(number): number for number in range(LINES_MAX + 1)}))) == LINES_MAX
