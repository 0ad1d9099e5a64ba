"""The figures of an interval, computed from what the log was found to hold."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from pointsman.core.engine.bits import Bits
from pointsman.core.types import Activity, Millis, No, Worker
from pointsman.stats.catalog import Figure, Kind, Level, Part, figures
from pointsman.stats.during import STAY_ENDS, During
from pointsman.stats.tallied import Stay, Sum, Sums, Tallied

if TYPE_CHECKING:
    from pointsman.core.engine.state import State

_NO_EVENTS = Sums(0, {})
SPLIT = {"task.canceled": "tasks_canceled", "reservation.accepted": "reservations_accepted"}


class Durations(NamedTuple):
    """Whole seconds; zeros, if there was nothing."""

    avg: int
    min: int
    max: int
    total: int


NO_DURATIONS = Durations(0, 0, 0, 0)


def sources(figure: Figure) -> tuple[str, ...]:
    """The types of the events that a figure of an interval is made of."""
    if figure.during is not None:
        return figure.during.types
    return STAY_ENDS if figure.kind is Kind.DURATIONS_BY_ACTIVITY else tuple(SPLIT)


def over_time(level: Level, tallied: Tallied, waits_s: Sequence[int]) -> Mapping[str, Any]:
    """Each figure of an interval by its name, but for stays in activities (`time_in_activities`)."""
    return {
        figure.name: _value(figure, figure.during, tallied, waits_s)
        for figure in figures(level, Part.CUMULATIVE, combined=True)
        if figure.kind is not Kind.DURATIONS_BY_ACTIVITY
    }


def _value(figure: Figure, during: During | None, tallied: Tallied, waits_s: Sequence[int]) -> Any:
    if during is None:
        return _split(tallied.waits, waits_s)
    found = [tallied.sums.get(type_, _NO_EVENTS) for type_ in during.types]
    number = sum(each.number for each in found)
    if during.sums is None:
        return number
    [sums] = found
    durations = _durations(number, sums.measures.get(during.sums, Sum()))
    return durations.avg if figure.kind is Kind.SECONDS else durations


def _durations(number: int, of: Sum) -> Durations:
    """`avg` is a whole number, its fraction cut off [sample; inferred]."""
    return Durations(of.total // number, of.least, of.greatest, of.total) if number else NO_DURATIONS


def _split(waits: Iterable[tuple[str, int, int]], waits_s: Sequence[int]) -> Mapping[int, Mapping[str, Any]]:
    """For each threshold, how many had waited longer, and how many not [inferred: exactly as long is below]."""
    found = {each_s: {side: dict.fromkeys(SPLIT.values(), 0) for side in ("above", "below")} for each_s in waits_s}
    for type_, waited_s, number in waits:
        for each_s, sides in found.items():
            sides["above" if waited_s > each_s else "below"][SPLIT[type_]] += number
    return found


# --- time in activities -----------------------------------------------------------------------------------------------


class Span(NamedTuple):
    start_ms: Millis
    end_ms: Millis

    def holds_ms(self, since_ms: Millis) -> int:
        """How much of what began then, and goes on."""
        return max(0, self.end_ms - max(since_ms, self.start_ms))


class _Samples:
    """The times of the workers that were in one activity, in milliseconds."""

    def __init__(self) -> None:
        self.number, self.total, self.least, self.greatest = 0, 0, 0, 0

    def add(self, ms: int, number: int = 1) -> None:
        if ms > 0 and number:
            self.least = ms if self.number == 0 else min(self.least, ms)
            self.greatest = max(self.greatest, ms)
            self.total += ms * number
            self.number += number

    def durations(self) -> Durations:
        if not self.number:
            return NO_DURATIONS
        return Durations(
            self.total // self.number // 1000, self.least // 1000, self.greatest // 1000, self.total // 1000
        )


class Roster(NamedTuple):
    """Where workers are at one moment; only those that are asked about."""

    activities: Sequence[Activity]  # in the order of names
    workers: Mapping[No, Worker]  # all of them
    in_activity: Mapping[No, int]  # how many of those asked about
    only: frozenset[No] | None  # those asked about; None: all, also those who have gone


def roster(state: State, workers: Bits | None) -> Roster:
    ordered = sorted(state.activities.values(), key=lambda activity: (activity.friendly_name, activity.no))
    return Roster(
        activities=ordered,
        workers=state.workers.copy(),
        in_activity={
            no: (bits if workers is None else bits & workers).bit_count() for no, bits in state.in_activity.items()
        },
        only=None if workers is None else frozenset(state.worker_slots.numbers(workers)),
    )


def time_in_activities(staff: Roster, span: Span, ended: Iterable[Stay]) -> list[tuple[Activity, Durations]]:
    """How long workers were in each activity, within an interval that has begun. `ended` are the stays that ended
    since it began. One sample is the time of one worker in one activity [inferred].

    Whoever has not changed since the interval began was where it is now, so only the others are looked at.
    """
    times: Counter[tuple[No, No]] = Counter()  # worker, activity
    changed: dict[No, int] = {}  # when last, as far as the log says
    for worker, activity, ms, ended_ms in ended:
        changed[worker] = max(ended_ms, changed.get(worker, 0))
        times[worker, activity] += ms
    for no in sorted(staff.workers, reverse=True):  # the newest first
        if staff.workers[no].created_ms <= span.start_ms:
            break
        changed.setdefault(no, 0)
    quiet = Counter(staff.in_activity)
    for no, changed_ms in changed.items():
        present = staff.workers.get(no)
        if present is not None and (staff.only is None or no in staff.only):
            quiet[present.activity] -= 1
            if changed_ms <= present.status_changed_ms:  # else it changed in the moment in which the state was read
                times[no, present.activity] += span.holds_ms(present.status_changed_ms)
    samples = {activity.no: _Samples() for activity in staff.activities}
    for no, number in quiet.items():
        if no in samples:
            samples[no].add(span.end_ms - span.start_ms, number)
    for (no, activity), ms in times.items():
        if activity in samples and (staff.only is None or no in staff.only):
            samples[activity].add(ms)
    return [(each, samples[each.no].durations()) for each in staff.activities]
