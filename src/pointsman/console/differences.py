"""What differs between two texts, line by line: for people who have changed the same thing."""

from __future__ import annotations

from collections.abc import Iterator
from difflib import unified_diff
from typing import NamedTuple

CONTEXT_LINES = 2
LINES_MAX = 400


class Line(NamedTuple):
    """`side` is "theirs", "yours", "both", or "gap", where lines that are alike are left out."""

    side: str
    text: str


_SIDES = {"-": "theirs", "+": "yours", " ": "both", "@": "gap"}


def differences(theirs: str, yours: str) -> list[Line]:
    """The first of them, if there are very many."""
    return [line for line, _ in zip(_lines(theirs, yours), range(LINES_MAX), strict=False)]


def _lines(theirs: str, yours: str) -> Iterator[Line]:
    made = unified_diff(theirs.splitlines(), yours.splitlines(), lineterm="", n=CONTEXT_LINES)
    for at, line in enumerate(made):
        if at > 2:  # the two heads and the first place
            side = _SIDES[line[0]]
            yield Line(side, "" if side == "gap" else line[1:])
