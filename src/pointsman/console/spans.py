"""What a worker did, as spans of time that can be drawn: its activities, one after the other, and its reservations,
beside each other where they overlap. Times are milliseconds since 1970."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from pointsman.console.tables import Row

LANES_MAX = 8  # reservations drawn beside each other
TICKS_MAX = 8
STEPS_MS = tuple(minutes * 60_000 for minutes in (1, 5, 15, 30, 60, 120, 240, 1_440))

# The parts of a reservation's life, by the event with which each begins: as it is called, and its colour.
PARTS = {"created": ("offered", "wait"), "accepted": ("accepted", "good"), "wrapup": ("wrapping up", "wrap")}
BEFORE = {
    "wrapup": "accepted",
    "completed": "accepted",
}  # what it was before an event, if that is not known: else offered
BEGAN = {"pending": "created", "accepted": "accepted", "wrapping": "wrapup"}  # the part by its present status


class Span(NamedTuple):
    """`state` is a colour of `parts.css`; `of` the SID of the task that it is about."""

    start_ms: int
    end_ms: int
    text: str
    state: str
    of: str = ""

    @property
    def seconds(self) -> int:
        return (self.end_ms - self.start_ms) // 1000


class Window(NamedTuple):
    start_ms: int
    end_ms: int

    def share(self, at_ms: int) -> float:
        """How far from its beginning, in percent."""
        return round(100 * (at_ms - self.start_ms) / (self.end_ms - self.start_ms), 3)

    def within(self, at_ms: int) -> int:
        """The moment of it that is next to that."""
        return min(max(at_ms, self.start_ms), self.end_ms)

    def ticks(self) -> list[int]:
        """A few round times in it; none in less than a minute."""
        step_ms = next(each for each in STEPS_MS if (self.end_ms - self.start_ms) // each < TICKS_MAX)
        return list(range(-(-self.start_ms // step_ms) * step_ms, self.end_ms + 1, step_ms))


def activities(window: Window, events: Iterable[Row], now: str, available: frozenset[str]) -> list[Span]:
    """Events are the worker's, the oldest first; `now` is the name of its present activity, `available` those of the
    activities that are."""
    moves = [each for each in events if each["event_type"] == "worker.activity.update"]
    name = moves[0]["event_data"].get("worker_previous_activity_name", now) if moves else now
    at_ms, found = window.start_ms, []

    def until(end_ms: int) -> None:
        if end_ms > at_ms:
            found.append(Span(at_ms, end_ms, name, "good" if name in available else "idle"))

    for each in moves:
        until(window.within(each["event_date_ms"]))
        at_ms, name = max(window.within(each["event_date_ms"]), at_ms), each["event_data"]["worker_activity_name"]
    until(window.end_ms)
    return found


def totals(spans: Iterable[Span]) -> list[tuple[str, str, int]]:
    """How long each activity took altogether, with its colour: the longest first."""
    seconds, states = Counter[str](), {}
    for each in spans:
        seconds[each.text] += each.end_ms - each.start_ms
        states[each.text] = each.state
    return [(name, states[name], took_ms // 1000) for name, took_ms in seconds.most_common()]


def reservations(window: Window, events: Iterable[Row], live: Iterable[Row]) -> list[list[Span]]:
    """Each that fell into the window, as its parts; in order of their beginning. `live` are those that have not ended:
    of some of them the window may hold no event."""
    parts: dict[str, list[Span]] = {}
    under_way: dict[str, tuple[int, str, str]] = {}  # reservation -> since when, the part, its task
    for each in events:
        kind, _, word = each["event_type"].partition(".")
        sid = each["event_data"].get("reservation_sid")
        if kind != "reservation" or sid is None:
            continue
        at_ms, task = window.within(each["event_date_ms"]), each["event_data"].get("task_sid", "")
        if sid not in parts and word != "created":
            under_way[sid] = (window.start_ms, BEFORE.get(word, "created"), task)
        parts.setdefault(sid, [])
        if sid in under_way:
            parts[sid].append(_part(*under_way.pop(sid), at_ms))
        if word in PARTS:
            under_way[sid] = (at_ms, word, task)
    for row in live:
        if row["sid"] not in parts:
            parts[row["sid"]] = []
            under_way[row["sid"]] = (window.start_ms, BEGAN[row["reservation_status"]], row["task_sid"])
    for sid, since in under_way.items():
        parts[sid].append(_part(*since, window.end_ms))
    return sorted((each for each in parts.values() if each), key=lambda each: each[0].start_ms)


def _part(start_ms: int, word: str, task: str, end_ms: int) -> Span:
    text, state = PARTS[word]
    return Span(start_ms, end_ms, text, state, task)


def lanes(found: Sequence[Sequence[Span]]) -> tuple[list[list[Span]], int]:
    """Rows in which no two overlap, and how many found no place in them."""
    rows: list[list[Span]] = []
    left = 0
    for parts in found:
        free = next((row for row in rows if row[-1].end_ms <= parts[0].start_ms), None)
        if free is not None:
            free.extend(parts)
        elif len(rows) < LANES_MAX:
            rows.append(list(parts))
        else:
            left += 1
    return rows, left
