"""What the words mean that say from where a fact about TaskRouter is known."""

from __future__ import annotations

from collections.abc import Iterable

from pointsman.core.sources import said

_MEANINGS = {
    "description": "TaskRouter's published API description",
    "documentation": "its documentation",
    "error dictionary": "its list of error codes",
    "recordings": "answers of the service that were recorded",
    "inferred": "concluded from the others",
    "ours": "a decision of Pointsman",
}


def legend(sources: Iterable[str]) -> str:
    """What the words in a column of sources mean, as far as they stand there."""
    text = " ".join(said(source) for source in sources)
    meanings = [f"*{word}* is {meaning}" for word, meaning in _MEANINGS.items() if word in text]
    return f"Sources: {'; '.join(meanings)}."
