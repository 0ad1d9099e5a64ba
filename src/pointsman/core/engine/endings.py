"""How offers and tasks end. Workers follow: without multitasking, one whose offer comes to nothing goes back to the
activity that it had [inferred]."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec.structs import replace

from pointsman.core import events as ev
from pointsman.core.engine.state import State
from pointsman.core.types import (
    Gone,
    Millis,
    No,
    Reservation,
    ReservationStatus,
    Task,
    TaskStatus,
)

TTL_EXCEEDED = "Task TTL Exceeded"  # [oai]
ROUNDS_EXCEEDED = "Task TTL Exceeded or Max assignment count exceeded"  # [docs: task, limits]


def cancel(state: State, task: Task, reason: str | None, now_ms: Millis) -> Iterator[ev.Event]:
    """Cancel a pending or reserved task; its open offers first, then it, then the update [observed order]."""
    canceled = replace(
        task,
        status=TaskStatus.CANCELED,
        reason=reason,
        version=task.version + 1,
        updated_ms=now_ms,
        ended_ms=now_ms,
    )
    for pending in state.pending_of(task):
        ended = end_offer(pending, ReservationStatus.CANCELED, now_ms, reason_code=0)
        yield ev.ReservationCanceled(
            reservation=ended, task=canceled, worker=state.workers[ended.worker], reason=reason, at_ms=now_ms
        )
        yield from restore_activity(state, ended, now_ms)
    yield ev.TaskCanceled(task=canceled, reason=reason, at_ms=now_ms)
    yield ev.TaskUpdated(task=canceled, reason=reason, at_ms=now_ms)


def complete(state: State, task: Task, reason: str | None, now_ms: Millis) -> Iterator[ev.Event]:
    """Complete an assigned or wrapping task with its reservations."""
    completed = replace(
        task,
        status=TaskStatus.COMPLETED,
        reason=task.reason if reason is None else reason,
        version=task.version + 1,
        updated_ms=now_ms,
        ended_ms=now_ms,
    )
    engaged = state.engaged_of(task)
    worker = state.workers[engaged[0].worker]
    yield ev.TaskCompleted(task=completed, worker=worker, reason=reason, at_ms=now_ms)
    for each in engaged:
        yield complete_reservation(state, each, completed, now_ms)
    yield ev.TaskUpdated(task=completed, at_ms=now_ms)


def complete_reservation(state: State, reservation: Reservation, task: Task, now_ms: Millis) -> ev.Event:
    ended = end_offer(reservation, ReservationStatus.COMPLETED, now_ms)
    return ev.ReservationCompleted(reservation=ended, task=task, worker=state.workers[ended.worker], at_ms=now_ms)


def wrap_up(state: State, task: Task, reason: str | None, now_ms: Millis) -> Iterator[ev.Event]:
    """An assigned task's work is done, its after-work begins; its capacity stays taken [docs: multitasking]."""
    wrapping = replace(
        task,
        status=TaskStatus.WRAPPING,
        reason=task.reason if reason is None else reason,
        version=task.version + 1,
        updated_ms=now_ms,
    )
    engaged = state.engaged_of(task)
    for each in engaged:
        if each.status is ReservationStatus.ACCEPTED:
            yield wrap_reservation(state, each, wrapping, reason, now_ms)
    yield ev.TaskWrapup(task=wrapping, worker=state.workers[engaged[0].worker], reason=reason, at_ms=now_ms)
    yield ev.TaskUpdated(task=wrapping, reason=reason, at_ms=now_ms)


def wrap_reservation(
    state: State, reservation: Reservation, task: Task, reason: str | None, now_ms: Millis
) -> ev.Event:
    wrapping = replace(
        reservation, status=ReservationStatus.WRAPPING, version=reservation.version + 1, updated_ms=now_ms
    )
    return ev.ReservationWrapup(
        reservation=wrapping, task=task, worker=state.workers[wrapping.worker], reason=reason, at_ms=now_ms
    )


def remove(state: State, task: Task, now_ms: Millis, *, by_system: bool) -> Iterator[ev.Event]:
    """Delete a task in any state: offers are canceled, an accepted reservation is completed [sdk-test]."""
    for pending in state.pending_of(task):
        ended = end_offer(pending, ReservationStatus.CANCELED, now_ms, reason_code=0)
        yield ev.ReservationCanceled(reservation=ended, task=task, worker=state.workers[ended.worker], at_ms=now_ms)
        yield from restore_activity(state, ended, now_ms)
    for engaged in state.engaged_of(task):
        yield complete_reservation(state, engaged, task, now_ms)
    deleted = ev.TaskSystemDeleted if by_system else ev.TaskDeleted
    yield deleted(task=task, gone=Gone(no=task.no, sid=task.sid), at_ms=now_ms)


def end_offer(
    reservation: Reservation, status: ReservationStatus, now_ms: Millis, *, reason_code: int | None = None
) -> Reservation:
    return replace(
        reservation,
        status=status,
        version=reservation.version + 1,
        updated_ms=now_ms,
        ended_ms=now_ms,
        canceled_reason_code=reason_code,
    )


def move_worker(state: State, worker: No, activity: No, now_ms: Millis) -> Iterator[ev.Event]:
    """Change a worker's activity; setting the same one again is nothing [inferred]."""
    present = state.workers[worker]
    if present.activity == activity:
        return
    moved = replace(
        present,
        activity=activity,
        status_changed_ms=now_ms,
        version=present.version + 1,
        updated_ms=now_ms,
    )
    yield ev.WorkerActivityUpdated(
        worker=moved,
        previous_activity=present.activity,
        previous_ms=now_ms - present.status_changed_ms,
        at_ms=now_ms,
    )


def restore_activity(state: State, reservation: Reservation, now_ms: Millis) -> Iterator[ev.Event]:
    """Without multitasking, give the worker of an offer that came to nothing its activity back; but only if it still
    has the one that the offer gave it."""
    if state.workspace.multi_task_enabled or reservation.queue is None:
        return
    given = state.queues[reservation.queue].reservation_activity
    still_has_it = given is not None and state.workers[reservation.worker].activity == given
    if still_has_it and reservation.previous_activity in state.activities:
        yield from move_worker(state, reservation.worker, reservation.previous_activity, now_ms)
