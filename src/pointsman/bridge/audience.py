"""Who is told of what: which of a workspace's events each connected worker hears, in which order.

A worker hears of itself, of its reservations, of the transfers that it began, and of the tasks that it has a
reservation of [sdk]. Whose tasks those are follows from the events themselves; `seat` says it of a worker who has just
come.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import NamedTuple

from pointsman.core.ids import number_of
from pointsman.core.record import Logged
from pointsman.core.types import No
from pointsman.ports import EventRow
from pointsman.wire.sockets import TOLD

OF_TASKS = frozenset({"task.updated", "task.canceled", "task.completed", "task.wrapup"})
UPDATED, COMPLETED, FAILED = "task.updated", "reservation.completed", "reservation.failed"
ATTEMPT_FAILED = "task.transfer-attempt-failed"
MOVES_THE_TASK = frozenset({"reservation.accepted", "reservation.wrapup", COMPLETED})
LEFT_BEHIND = frozenset(f"reservation.{end}" for end in ("rejected", "timeout", "canceled", "rescinded"))
ENDS_OF_OFFERS = LEFT_BEHIND | {COMPLETED}
SHOWS_IT_AS_IT_WAS = frozenset({"reservation.rescinded", FAILED})
TASK_GONE = frozenset({"task.canceled", "task.completed", "task.deleted", "task.system-deleted"})
Shown = tuple[int, str]  # a task's version and status


class Notice(NamedTuple):
    """What somebody is told: an event of the SDK, and the entry of the log that it is told from."""

    type: str
    event: Logged


class Told(NamedTuple):
    worker: No
    notice: Notice


class Audience:
    """The connected workers of one workspace. `holders` are those of them with a reservation of a task."""

    def __init__(self) -> None:
        self.workers: set[No] = set()
        self._holders: dict[No, dict[No, None]] = {}

    def seat(self, worker: No, tasks: Iterable[No]) -> None:
        """A worker who has come, and the tasks that it has."""
        self.workers.add(worker)
        for task in tasks:
            self._holders.setdefault(task, {})[worker] = None

    def leave(self, worker: No) -> None:
        self.workers.discard(worker)
        for task, holders in list(self._holders.items()):
            holders.pop(worker, None)
            if not holders:
                del self._holders[task]

    def relevant(self, rows: Sequence[EventRow]) -> list[EventRow]:
        """Those of which anybody may hear, or that say how a task then is: by the rows alone, before they are read."""
        mine = {row.task for row in rows if row.worker in self.workers or row.type == FAILED} - {None}
        return [row for row in rows if row.worker in self.workers or row.task in self._holders or (row.task in mine)]

    def address(self, events: Sequence[Logged]) -> list[Told]:
        """What the events of one commit are to their workers.

        After them, every worker has been shown each of its tasks as it then is: where no event of the log does that,
        `task.updated` does. Acceptance, wrap-up and completion of a reservation are always followed by an event of
        the task; an update that says no more than the end before it is left out [sdk].
        """
        told: list[Told] = []
        last: dict[No, Logged] = {}  # of each task, the newest event that shows it
        shown: dict[tuple[No, No], Shown] = {}  # (worker, task): as it was shown last
        owed: dict[No, None] = {}  # tasks whose own event has to follow
        ended: dict[No, Shown] = {}  # tasks whose end or wrap-up was told
        parting: dict[tuple[No, No], str] = {}  # (worker, task), by what they part
        for event in _in_order(events):
            task = event.record.task
            if task is None:
                told += [Told(worker, Notice(event.type, event)) for worker in self._hearers(event)]
                continue
            state = (task.version, task.status.value)
            if event.type == UPDATED and ended.get(task.no) == state:
                continue
            hearers = self._hearers(event)
            if event.type == UPDATED:
                hearers = [worker for worker in hearers if parting.get((worker, task.no)) not in LEFT_BEHIND]
            told += [Told(worker, Notice(event.type, _telling(event, events))) for worker in hearers]
            if event.record.transfer is None:
                shown |= {(worker, task.no): state for worker in hearers}
            if event.type == ATTEMPT_FAILED:  # it is pending for a moment, before it is offered again [sdk-test]
                told += [Told(worker, Notice(UPDATED, event)) for worker in hearers]
                shown |= {(worker, task.no): state for worker in hearers}
            if event.type not in SHOWS_IT_AS_IT_WAS:
                last[task.no] = event
            if event.type in OF_TASKS:
                owed.pop(task.no, None)
                if event.type != UPDATED:
                    ended[task.no] = state
            elif event.type in MOVES_THE_TASK:
                owed[task.no] = None
            parting |= self._partings(event, task.no)
        left = {pair for pair, by in parting.items() if by in LEFT_BEHIND}
        told += self._catch_up(last, shown, owed, left)
        for worker, no in parting:
            self._part(worker, no)
        return told

    def _hearers(self, event: Logged) -> list[No]:
        record, kind = event.record, event.type
        if kind not in TOLD:
            return []
        if kind in OF_TASKS:
            return sorted(self._holders.get(record.task.no, ())) if record.task else []
        if kind == FAILED:
            only = number_of(record.task.routing_target or "") if record.task else 0
        elif record.transfer is not None:
            only = number_of(record.transfer.worker_sid)
        else:
            only = record.worker.no if record.worker else 0
        if only not in self.workers:
            return []
        if record.reservation is not None and record.task is not None:
            self._holders.setdefault(record.task.no, {})[only] = None
        return [only]

    def _partings(self, event: Logged, task: No) -> dict[tuple[No, No], str]:
        if event.type in TASK_GONE:
            return {(worker, task): event.type for worker in self._holders.get(task, ())}
        if event.type in ENDS_OF_OFFERS and event.record.worker is not None:
            return {(event.record.worker.no, task): event.type}
        return {}

    def _catch_up(
        self,
        last: dict[No, Logged],
        shown: dict[tuple[No, No], Shown],
        owed: dict[No, None],
        left: set[tuple[No, No]],
    ) -> Iterator[Told]:
        for no, event in last.items():
            task = event.record.task
            if task is None or event.type in TASK_GONE:
                continue
            state = (task.version, task.status.value)
            for worker in sorted(self._holders.get(no, ())):
                if (worker, no) not in left and (no in owed or shown.get((worker, no)) != state):
                    yield Told(worker, Notice(UPDATED, event))

    def _part(self, worker: No, task: No) -> None:
        holders = self._holders.get(task)
        if holders is not None:
            holders.pop(worker, None)
            if not holders:
                del self._holders[task]


def _in_order(events: Sequence[Logged]) -> list[Logged]:
    """As clients expect it; the log has it otherwise. One forgets a reservation some time after its end, and its task
    with it: a task's end comes after the ends of its reservations. A worker who leaves its offers is told of them, and
    then of its activity [sdk][sdk-test]."""
    places = [(_place(events, at), at) for at in range(len(events))]
    return [events[at] for _, at in sorted(places)]


def _place(events: Sequence[Logged], at: int) -> tuple[int, int]:
    """Behind the last event that has to come first."""
    event = events[at]
    if event.type not in AFTER:
        return at, 0
    first, subject = AFTER[event.type]
    whose = subject(event)
    behind = [no for no in range(at + 1, len(events)) if events[no].type == first and subject(events[no]) == whose]
    return (behind[-1], 1) if behind else (at, 0)


def _telling(event: Logged, events: Sequence[Logged]) -> Logged:
    """What shows the task: one that could not be reserved for its worker is shown as canceled, which it is next."""
    if event.type != FAILED:
        return event
    canceled = (each for each in events if each.type == "task.canceled" and _task_of(each) == _task_of(event))
    return next(canceled, event)


def _task_of(event: Logged) -> No | None:
    return event.record.task.no if event.record.task else None


def _worker_of(event: Logged) -> No | None:
    return event.record.worker.no if event.record.worker else None


AFTER: dict[str, tuple[str, Callable[[Logged], No | None]]] = {  # what comes before it, of the same task or worker
    "task.completed": (COMPLETED, _task_of),
    "worker.activity.update": ("reservation.rejected", _worker_of),
}
