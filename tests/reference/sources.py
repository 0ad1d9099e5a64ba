"""From where a fact about TaskRouter is known: the marks that declarations carry, in words."""

from __future__ import annotations

import re
from collections.abc import Iterable

_WORDS = {
    "oai": "description",
    "docs": "documentation",
    "dict": "error dictionary",
    "obs": "recordings",
    "inferred": "inferred",
}
_MEANINGS = {
    "description": "TaskRouter's published API description",
    "documentation": "its documentation",
    "error dictionary": "its list of error codes",
    "recordings": "answers of the service that were recorded",
    "inferred": "concluded from the others",
    "ours": "a decision of Pointsman",
}


def said(source: str) -> str:
    """`[docs: limits]` → `documentation`."""
    return re.sub(r"\[([a-z]+)[^\]]*\]", lambda mark: _WORDS[mark[1]], source)


def legend(sources: Iterable[str]) -> str:
    """What the words in a column of sources mean, as far as they stand there."""
    text = " ".join(said(source) for source in sources)
    meanings = [f"*{word}* is {meaning}" for word, meaning in _MEANINGS.items() if word in text]
    return f"Sources: {'; '.join(meanings)}."
