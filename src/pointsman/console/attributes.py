"""Attributes for people who work with them: lines of a name and a text, instead of JSON."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

LINES_MAX = 100
DEPTH_MAX = 3  # what lies deeper is shown as JSON


class Line(NamedTuple):
    name: str
    text: str


def lines_of(attributes: str) -> list[Line]:
    """Of a JSON object as text. An object in it stands as `address.city`; a list of plain values with commas."""
    value = json.loads(attributes)
    found = _lines("", value, DEPTH_MAX) if isinstance(value, Mapping) else [Line("", _plain(value))]
    return [line for line, _ in zip(found, range(LINES_MAX), strict=False)]


def _lines(before: str, value: Mapping[str, Any], depth: int) -> Iterator[Line]:
    for name, inner in value.items():
        if isinstance(inner, Mapping) and inner and depth > 1:
            yield from _lines(f"{before}{name}.", inner, depth - 1)
        else:
            yield Line(f"{before}{name}", _plain(inner))


def _plain(value: Any) -> str:
    if isinstance(value, str):
        return value
    if value is None:
        return "–"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list) and not any(isinstance(each, list | Mapping) for each in value):
        return ", ".join(_plain(each) for each in value)
    return json.dumps(value, ensure_ascii=False)
