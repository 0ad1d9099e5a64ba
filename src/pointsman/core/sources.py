"""From where a fact about TaskRouter is known: the marks that declarations carry, in words."""

from __future__ import annotations

import re

_WORDS = {
    "oai": "description",
    "docs": "documentation",
    "dict": "error dictionary",
    "obs": "recordings",
    "inferred": "inferred",
}


def said(source: str) -> str:
    """`[docs: limits]` → `documentation`."""
    return re.sub(r"\[([a-z]+)[^\]]*\]", lambda mark: _WORDS[mark[1]], source)
