"""What became of a worker's offers and tasks, in words to that worker."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from pointsman.console.attributes import Line, lines_of

ENDINGS_MAX = 6
LINES_MAX = 3


class _Words(NamedTuple):
    """`is_told`: not the worker's own doing, so it is told of it when it happens."""

    text: str
    state: str
    is_told: bool = False


_WORDS = {
    "reservation.accepted": _Words("You accepted", "good"),
    "reservation.rejected": _Words("You rejected the offer", "idle"),
    "reservation.timeout": _Words("The offer lapsed: it was not answered in time", "bad", is_told=True),
    "reservation.rescinded": _Words("The offer is gone: somebody else accepted first", "wait", is_told=True),
    "reservation.canceled": _Words("It was withdrawn", "wait", is_told=True),
    "reservation.completed": _Words("You completed it", "good"),
    "task.transfer-completed": _Words("It was handed on", "good", is_told=True),
    "task.transfer-failed": _Words("It could not be handed on", "bad", is_told=True),
    "task.transfer-canceled": _Words("It was not handed on after all", "idle"),
}


class Ending(NamedTuple):
    sid: str
    reservation: str | None
    text: str
    state: str
    is_told: bool
    date: str
    lines: list[Line]


def endings_of(events: Sequence[dict[str, Any]]) -> list[Ending]:
    """The newest first, as the events are; of one offer only the last that happened to it."""
    found: list[Ending] = []
    known: set[str] = set()
    for event in events:
        words, data = _WORDS.get(event["event_type"]), event["event_data"]
        about = data.get("reservation_sid") or event["sid"]
        if words is None or about in known:
            continue
        known.add(about)
        lines = lines_of(data["task_attributes"])[:LINES_MAX] if data.get("task_attributes") else []
        found.append(
            Ending(
                sid=event["sid"],
                reservation=data.get("reservation_sid"),
                text=words.text,
                state=words.state,
                is_told=words.is_told,
                date=event["event_date"],
                lines=lines,
            )
        )
    return found[:ENDINGS_MAX]
