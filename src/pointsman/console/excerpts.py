"""Where in an expression something is wrong: its line, with the place marked. The API's messages name a column."""

from __future__ import annotations

import re
from typing import NamedTuple

AROUND = 60  # characters shown on either side
_COLUMN = re.compile(r"\bcolumn (\d+): ")


class Excerpt(NamedTuple):
    """`at` is the character that is wrong; empty: a blank, or the end."""

    before: str
    at: str
    after: str


def excerpt(text: str, message: str) -> Excerpt | None:
    """None, if the message names no column of the text."""
    found = _COLUMN.search(message)
    if found is None:
        return None
    at = int(found[1]) - 1
    if not 0 <= at <= len(text):
        return None
    start = max(text.rfind("\n", 0, at) + 1, at - AROUND)
    end = text.find("\n", at)
    end = min(len(text) if end < 0 else end, at + AROUND)
    return Excerpt(text[start:at], text[at : at + 1].strip(), text[at + 1 : end])
