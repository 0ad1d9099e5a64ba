"""What a figure of an interval is made of: events, and what was measured when they happened.

What is measured is written beside the event once, with it, so that the stores can sum it up.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Any, NamedTuple

from pointsman.core import events as ev
from pointsman.core.types import Millis, Task, TaskStatus


class Measure(StrEnum):
    """What an event's row says in whole seconds, by the name of its column. Times are told to the second, so a
    measure is the difference of what is told: `age_s` is the event's TaskAge [docs: dashboard]."""

    AGE = "age_s"  # of the task: since it was created
    AGE_IN_QUEUE = "queue_age_s"  # since the task entered its queue


class During(NamedTuple):
    """Events of these types, counted; or what was measured at them, summed up."""

    types: tuple[str, ...]
    sums: Measure | None = None


STAY_ENDS = ("worker.activity.update", "worker.deleted")  # events with which a stay in an activity ends
LEAVES_QUEUE = "task-queue.moved"  # it counts for the queue that was left, not the one that was entered [inferred]

Measured = Mapping[str, int | None]
_NOTHING: Measured = {}
_UNCOUNTED: Measured = {"uncounted": 1}
_ENDED = frozenset({TaskStatus.COMPLETED, TaskStatus.CANCELED})


def measured(event: ev.Event) -> Measured:
    """What the row of an event says beside the event itself:

    - `age_s`, `queue_age_s`: see `Measure`;
    - `split_age_s`: the age by which SplitByWaitTime sorts it; what a transferred task waits after its transfer is
      not in it [docs: statistics];
    - `previous`: the number of the queue or activity that was left;
    - `spent_ms`: the time in that activity;
    - `uncounted`: 1, if statistics leave it out: a task was deleted that had ended before [12.3, inferred].
    """
    measure = _MEASURES.get(type(event))
    return measure(event) if measure is not None else _NOTHING


def _at_acceptance(event: ev.ReservationAccepted) -> Measured:
    age_s = _age_s(event.task, event.at_ms)
    entered_ms = event.task.queue_entered_ms
    return {
        "age_s": age_s,
        "queue_age_s": age_s if entered_ms is None else _seconds(entered_ms, event.at_ms),
        "split_age_s": age_s if event.reservation.transfer is None else None,
    }


def _at_cancellation(event: ev.TaskCanceled) -> Measured:
    age_s = _age_s(event.task, event.at_ms)
    return {"age_s": age_s, "split_age_s": age_s}


def _of_activity_left(event: ev.WorkerActivityUpdated) -> Measured:
    return {"previous": event.previous_activity, "spent_ms": event.previous_ms}


def _of_last_activity(event: ev.WorkerDeleted) -> Measured:
    return {"previous": event.worker.activity, "spent_ms": event.at_ms - event.worker.status_changed_ms}


def _of_queue_left(event: ev.TaskQueueMoved | ev.WorkflowTargetMatched) -> Measured:
    return _NOTHING if event.previous_queue is None else {"previous": event.previous_queue.no}


def _at_deletion(event: ev.TaskDeleted | ev.TaskSystemDeleted) -> Measured:
    return _UNCOUNTED if event.task.status in _ENDED else _NOTHING


_MEASURES: Mapping[type[ev.Event], Callable[[Any], Measured]] = {
    ev.ReservationAccepted: _at_acceptance,
    ev.TaskCanceled: _at_cancellation,
    ev.WorkerActivityUpdated: _of_activity_left,
    ev.WorkerDeleted: _of_last_activity,
    ev.TaskQueueMoved: _of_queue_left,
    ev.WorkflowTargetMatched: _of_queue_left,
    ev.TaskDeleted: _at_deletion,
    ev.TaskSystemDeleted: _at_deletion,
}


def _age_s(task: Task, at_ms: Millis) -> int:
    return _seconds(task.created_ms, at_ms)


def _seconds(start_ms: Millis, end_ms: Millis) -> int:
    return max(0, end_ms // 1000 - start_ms // 1000)
