"""What a figure of an interval is made of: events, and what was measured when they happened.

What is measured is written beside the event once, with it, so that the stores can sum it up.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import NamedTuple

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
    if isinstance(event, ev.ReservationAccepted):
        age_s = _age_s(event.task, event.at_ms)
        entered_ms = event.task.queue_entered_ms
        return {
            "age_s": age_s,
            "queue_age_s": age_s if entered_ms is None else _seconds(entered_ms, event.at_ms),
            "split_age_s": age_s if event.reservation.transfer is None else None,
        }
    if isinstance(event, ev.TaskCanceled):
        age_s = _age_s(event.task, event.at_ms)
        return {"age_s": age_s, "split_age_s": age_s}
    if isinstance(event, ev.WorkerActivityUpdated):
        return {"previous": event.previous_activity, "spent_ms": event.previous_ms}
    if isinstance(event, ev.WorkerDeleted):
        return {"previous": event.worker.activity, "spent_ms": event.at_ms - event.worker.status_changed_ms}
    if isinstance(event, ev.TaskQueueMoved | ev.WorkflowTargetMatched) and event.previous_queue is not None:
        return {"previous": event.previous_queue.no}
    if isinstance(event, ev.TaskDeleted | ev.TaskSystemDeleted) and event.task.status in _ENDED:
        return _UNCOUNTED
    return _NOTHING


def _age_s(task: Task, at_ms: Millis) -> int:
    return _seconds(task.created_ms, at_ms)


def _seconds(start_ms: Millis, end_ms: Millis) -> int:
    return max(0, end_ms // 1000 - start_ms // 1000)
