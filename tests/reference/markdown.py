"""Markdown, as far as the pages need it."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterable, Sequence

WIDTH = 120


def page(*parts: str) -> str:
    """Paragraphs, tables and headings, with an empty line between any two; empty parts are left out."""
    return "\n\n".join(_wrapped(part) for part in parts if part) + "\n"


def _wrapped(part: str) -> str:
    """A paragraph that is written in one line, as people would write it."""
    if "\n" in part or part.startswith(("|", "#", "-")):
        return part
    return textwrap.fill(part, WIDTH, break_long_words=False, break_on_hyphens=False)


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Nothing at all, if there are no rows; columns in which no row says anything are left out."""
    rows = list(rows)
    if not rows:
        return ""
    kept = [index for index in range(len(head)) if any(row[index] for row in rows)]
    lines = [[head[index] for index in kept], ["---"] * len(kept), *([row[index] for index in kept] for row in rows)]
    return "\n".join(f"| {' | '.join(_cell(cell) for cell in line)} |" for line in lines)


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")


def code(text: object) -> str:
    return f"`{text}`"


def link(text: str, target: str) -> str:
    return f"[{text}]({target})"


def anchor(heading: str) -> str:
    """What a heading is linked by."""
    return "#" + re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


def spoken(name: str) -> str:
    """`task_queue` → `Task queue`."""
    return name.replace("_", " ").capitalize().replace("Api ", "API ")
