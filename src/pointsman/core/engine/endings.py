"""How offers, transfers and tasks end. Workers follow: without multitasking, one whose offer comes to nothing goes back
to the activity that it had [inferred]."""

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
    Transfer,
    TransferStatus,
)

TTL_EXCEEDED = "Task TTL Exceeded"  # [oai]
ROUNDS_EXCEEDED = "Task TTL Exceeded or Max assignment count exceeded"  # [docs: task, limits]


def cancel(state: State, task: Task, reason: str | None, now_ms: Millis) -> Iterator[ev.Event]:
    """Cancel a pending or reserved task; its open offers first, then it, then the update [observed order]. A worker
    who was transferring it is done with it."""
    canceled = replace(
        task,
        status=TaskStatus.CANCELED,
        transfer=None,
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
    for engaged in state.engaged_of(task):
        yield complete_reservation(state, engaged, canceled, now_ms)
    yield from _cancel_transfer(state, task, canceled, now_ms)
    yield ev.TaskCanceled(task=canceled, reason=reason, also=_transfers_gone(state, task), at_ms=now_ms)
    yield ev.TaskUpdated(task=canceled, reason=reason, at_ms=now_ms)


def _cancel_transfer(state: State, task: Task, ended: Task, now_ms: Millis) -> Iterator[ev.Event]:
    """With its task ends the transfer that is under way; the service left it as it was, a known defect [sdk-test]."""
    if task.transfer is not None:
        canceled = end_transfer(state.transfers[task.transfer], TransferStatus.CANCELED, now_ms)
        yield ev.TaskTransferCanceled(task=ended, transfer=canceled, at_ms=now_ms)


def _transfers_gone(state: State, task: Task) -> tuple[Gone, ...]:
    return tuple(Gone(no=each.no, sid=each.sid) for each in state.transfers_of(task))


def complete(
    state: State, task: Task, reason: str | None, now_ms: Millis, by: Reservation | None = None
) -> Iterator[ev.Event]:
    """Complete an assigned or wrapping task with its reservations; `by` is the one whose end it is."""
    completed = replace(
        task,
        status=TaskStatus.COMPLETED,
        reason=task.reason if reason is None else reason,
        version=task.version + 1,
        updated_ms=now_ms,
        ended_ms=now_ms,
    )
    engaged = state.engaged_of(task)
    worker = state.workers[(by or engaged[-1]).worker]
    gone = _transfers_gone(state, task)
    yield ev.TaskCompleted(task=completed, worker=worker, reason=reason, also=gone, at_ms=now_ms)
    for each in engaged:
        yield complete_reservation(state, each, completed, now_ms)
    yield ev.TaskUpdated(task=completed, at_ms=now_ms)


def complete_reservation(state: State, reservation: Reservation, task: Task, now_ms: Millis) -> ev.Event:
    ended = end_offer(reservation, ReservationStatus.COMPLETED, now_ms)
    return ev.ReservationCompleted(reservation=ended, task=task, worker=state.workers[ended.worker], at_ms=now_ms)


def wrap_up(
    state: State, task: Task, reason: str | None, now_ms: Millis, by: Reservation | None = None
) -> Iterator[ev.Event]:
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
            yield wrap_reservation(state, each, wrapping, now_ms, reason)
    worker = state.workers[(by or engaged[-1]).worker]
    yield ev.TaskWrapup(task=wrapping, worker=worker, reason=reason, at_ms=now_ms)
    yield ev.TaskUpdated(task=wrapping, reason=reason, at_ms=now_ms)


def wrap_reservation(
    state: State, reservation: Reservation, task: Task, now_ms: Millis, reason: str | None = None
) -> ev.Event:
    wrapping = replace(
        reservation, status=ReservationStatus.WRAPPING, version=reservation.version + 1, updated_ms=now_ms
    )
    return ev.ReservationWrapup(
        reservation=wrapping, task=task, worker=state.workers[wrapping.worker], reason=reason, at_ms=now_ms
    )


def leave(state: State, reservation: Reservation, status: ReservationStatus, now_ms: Millis) -> Iterator[ev.Event]:
    """A worker's part of a task ends or goes into after-work. The last one takes the task along [sdk-test]; while the
    task is transferred, or another worker has it too, it stays as it is."""
    task = state.tasks[reservation.task]
    others = [each for each in state.engaged_of(task) if each.no != reservation.no]
    accepted = any(each.status is ReservationStatus.ACCEPTED for each in others)
    if task.transfer is not None or accepted:
        end = complete_reservation if status is ReservationStatus.COMPLETED else wrap_reservation
        yield end(state, reservation, task, now_ms)
    elif status is ReservationStatus.WRAPPING:
        yield from wrap_up(state, task, None, now_ms, by=reservation)
    elif not others:
        yield from complete(state, task, None, now_ms, by=reservation)
    else:  # only after-work is left
        yield complete_reservation(state, reservation, task, now_ms)
        if task.status is TaskStatus.ASSIGNED:
            yield from wrap_up(state, task, None, now_ms, by=reservation)


def remove(state: State, task: Task, now_ms: Millis, *, by_system: bool) -> Iterator[ev.Event]:
    """Delete a task in any state: offers are canceled, an accepted reservation is completed [sdk-test]."""
    for pending in state.pending_of(task):
        ended = end_offer(pending, ReservationStatus.CANCELED, now_ms, reason_code=0)
        yield ev.ReservationCanceled(reservation=ended, task=task, worker=state.workers[ended.worker], at_ms=now_ms)
        yield from restore_activity(state, ended, now_ms)
    for engaged in state.engaged_of(task):
        yield complete_reservation(state, engaged, task, now_ms)
    yield from _cancel_transfer(state, task, task, now_ms)
    deleted = ev.TaskSystemDeleted if by_system else ev.TaskDeleted
    gone = Gone(no=task.no, sid=task.sid)
    yield deleted(task=task, gone=gone, also=_transfers_gone(state, task), at_ms=now_ms)


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


def end_transfer(
    transfer: Transfer, status: TransferStatus, now_ms: Millis, failed_reason: str | None = None
) -> Transfer:
    return replace(transfer, status=status, failed_reason=failed_reason, updated_ms=now_ms)


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
