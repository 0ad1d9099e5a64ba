"""How statistics are read from sums and events, the same for both databases: which reads, and how they add up."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from pointsman.stats import LEAVES_QUEUE, Measure, Question, Sum, Sums
from pointsman.stats.windows import HOUR_S, SECONDS_KEPT_S, Size, pieces
from pointsman.store.rows import Condition

QUEUE_CONCERNED = f"CASE type WHEN '{LEAVES_QUEUE}' THEN previous ELSE queue END"
SEQ_MAX = 2**62
HOURS_KEPT_S = 31 * 24 * HOUR_S  # a day more than is ever asked for
SUMS_AN_EVENT = 4  # of each size: those of the workspace, its workflow, queue and worker
WORKSPACE = 0  # what stands for it among the subjects
Listed = Callable[[str, Sequence[int]], Condition]  # that a column is one of several numbers, in a dialect


class Read(NamedTuple):
    """Of sums, or of events: those after `after`, up to `until`."""

    size: Size
    start_s: int
    end_s: int
    after: int = 0
    until: int = SEQ_MAX


def whole(question: Question) -> Read:
    return Read(Size.EVENT, question.start_s, question.end_s)


def reads(question: Question, rolled: int, seconds_from_s: int) -> Iterator[Read]:
    """What answers a question if the events up to `rolled` are summed up."""
    for piece in pieces(question.start_s, question.end_s, seconds_from_s):
        yield Read(*piece, until=rolled)
    yield whole(question)._replace(after=rolled)


def seconds_from_s(now_s: int) -> int:
    """Whence sums of seconds are kept: a whole hour."""
    return max(0, now_s // HOUR_S * HOUR_S - SECONDS_KEPT_S)


def kept_from_s(now_s: int) -> tuple[tuple[Size, int], ...]:
    """Of each size, from which second on sums are kept."""
    return ((Size.SECOND, seconds_from_s(now_s)), (Size.HOUR, max(0, now_s // HOUR_S * HOUR_S - HOURS_KEPT_S)))


# --- conditions -------------------------------------------------------------------------------------------------------


def of_tally(question: Question, listed: Listed) -> list[Condition]:
    if question.workers is not None:
        subject = listed("subject", question.workers)
    else:
        subject = ("subject =", question.workflow or question.queue or WORKSPACE)
    return [subject, *_channel(question)]


def of_events(question: Question, start_s: int, end_s: int, listed: Listed) -> list[Condition]:
    conditions: list[Condition] = [("at_ms >=", start_s * 1000), ("at_ms <", end_s * 1000)]
    if question.workflow is not None:
        conditions.append(("workflow =", question.workflow))
    if question.queue is not None:
        conditions.append((f"{QUEUE_CONCERNED} =", question.queue))
    return [*conditions, *of_workers(question, listed), *_channel(question)]


def of_workers(question: Question, listed: Listed) -> list[Condition]:
    return [] if question.workers is None else [listed("worker", question.workers)]


def _channel(question: Question) -> list[Condition]:
    return [] if question.channel is None else [("channel =", question.channel)]


# --- adding up --------------------------------------------------------------------------------------------------------


class Adding:
    """Rows of sums by type of event, put together."""

    def __init__(self) -> None:
        self._counts: dict[str, int] = {}
        self._measures: dict[str, dict[Measure, Sum]] = {}

    def add(self, rows: Sequence[Sequence[Any]]) -> None:
        for type_, count, *values in rows:
            self._counts[type_] = self._counts.get(type_, 0) + int(count)
            measures = self._measures.setdefault(type_, {})
            for index, measure in enumerate(Measure):
                total, least, greatest = values[3 * index : 3 * index + 3]
                if total is not None:
                    present = measures.get(measure)
                    more = Sum(int(total), least, greatest)
                    measures[measure] = more if present is None else _together(present, more)

    def sums(self) -> Mapping[str, Sums]:
        return {type_: Sums(count, self._measures[type_]) for type_, count in self._counts.items()}


def _together(one: Sum, other: Sum) -> Sum:
    return Sum(one.total + other.total, min(one.least, other.least), max(one.greatest, other.greatest))
