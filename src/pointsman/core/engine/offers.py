"""Reservations: making them, and what each answer, or none, does to task and worker [docs: reservations]."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from msgspec.structs import replace

from pointsman.core import events as ev
from pointsman.core.engine.endings import (
    ROUNDS_EXCEEDED,
    cancel,
    end_offer,
    end_transfer,
    move_worker,
    restore_activity,
)
from pointsman.core.engine.state import State
from pointsman.core.engine.traits import routed_worker
from pointsman.core.engine.transfers import (
    attempt_failed_reason,
    come_to_nothing,
    failed_reason,
    taken_back,
)
from pointsman.core.engine.travel import resume
from pointsman.core.ids import Ids
from pointsman.core.limits import (
    CALLBACK_PAUSE_S_FIRST,
    CALLBACK_PAUSE_S_MAX,
    RESERVATION_TIMEOUT_S_DEFAULT,
)
from pointsman.core.types import (
    Millis,
    No,
    Reservation,
    ReservationStatus,
    Task,
    TaskStatus,
    Transfer,
    TransferStatus,
    TransferType,
    Workflow,
)


class _After(NamedTuple):
    """A task once an offer has ended without acceptance."""

    task: Task
    unoffered: bool  # no other offer is open
    failed: Transfer | None  # the transfer that has failed with it


def offer(state: State, task: Task, workers: Sequence[No], now_ms: Millis, ids: Ids) -> Iterator[ev.Event]:
    """Reserve `workers` for a pending task."""
    yield from offer_to(state, reserved(task, now_ms), workers, now_ms, ids)


def reserved(task: Task, now_ms: Millis) -> Task:
    """The task when it is offered: one round, however many workers there are [docs: limits]."""
    return replace(
        task,
        status=TaskStatus.RESERVED,
        version=task.version + 1,
        rounds=task.rounds + 1,
        reserve_by_ms=None,
        updated_ms=now_ms,
    )


def offer_to(state: State, task: Task, workers: Sequence[No], now_ms: Millis, ids: Ids) -> Iterator[ev.Event]:
    """Reserve `workers` for a task that is reserved."""
    for no in workers:
        yield from _offer_one(state, task, no, now_ms, ids)


def _offer_one(state: State, task: Task, worker_no: No, now_ms: Millis, ids: Ids) -> Iterator[ev.Event]:
    previous_activity = state.workers[worker_no].activity
    if not state.workspace.multi_task_enabled and task.queue is not None:
        activity = state.queues[task.queue].reservation_activity
        if activity is not None:
            yield from move_worker(state, worker_no, activity, now_ms)
    worker = state.workers[worker_no]
    own = state.channel_to_change(worker_no, task.channel)
    no = state.new_no()
    reservation = Reservation(
        no=no,
        sid=ids.sid("WR", no),
        created_ms=now_ms,
        updated_ms=now_ms,
        task=task.no,
        worker=worker_no,
        worker_channel=own.no,
        queue=task.queue,
        workflow=task.workflow,
        deadline_ms=Millis(now_ms + reservation_timeout_s(state, task) * 1000),
        previous_activity=previous_activity,
        transfer=task.transfer,
    )
    yield ev.ReservationCreated(
        reservation=reservation,
        task=task,
        worker=replace(worker, version=worker.version + 1, last_reserved=no),
        also=(replace(own, last_reserved=no, last_reserved_ms=now_ms),),
        at_ms=now_ms,
    )


def reservation_timeout_s(state: State, task: Task) -> int:
    workflow = workflow_behind(state, task)
    return workflow.task_reservation_timeout_s if workflow else RESERVATION_TIMEOUT_S_DEFAULT


def workflow_behind(state: State, task: Task) -> Workflow | None:
    """Whose reservation timeout and assignment callback are a task's: its own workflow's; for a task without one, or
    whose own is gone when it is transferred, those of the workspace's only workflow [inferred]."""
    own = state.workflows.get(task.workflow or 0)
    if own is None and len(state.workflows) == 1:
        return next(iter(state.workflows.values()))
    return own


def accept(state: State, reservation: Reservation, activity: No | None, now_ms: Millis) -> Iterator[ev.Event]:
    """Accept a pending offer. Its siblings are rescinded first, with the task as it still is [observed order]. The
    worker moves to `activity`, else (without multitasking) to the queue's assignment activity. A transfer that has
    led here is complete."""
    task = state.tasks[reservation.task]
    for other in state.pending_of(task):
        if other.no != reservation.no:
            ended = end_offer(other, ReservationStatus.RESCINDED, now_ms)
            yield ev.ReservationRescinded(
                reservation=ended, task=task, worker=state.workers[other.worker], at_ms=now_ms
            )
            yield from restore_activity(state, ended, now_ms)
    before = state.workers[reservation.worker]
    if activity is None and not state.workspace.multi_task_enabled and reservation.queue is not None:
        activity = state.queues[reservation.queue].assignment_activity
    if activity is not None:
        yield from move_worker(state, before.no, activity, now_ms)
    worker = state.workers[reservation.worker]
    moved = worker.activity != before.activity
    assigned = replace(
        task,
        status=TaskStatus.ASSIGNED,
        version=task.version + 1,
        transfer=None,
        assigned_ms=now_ms,
        failures=0,
        updated_ms=now_ms,
    )
    transfer = state.transfer_of(task)
    complete = end_transfer(transfer, TransferStatus.COMPLETE, now_ms) if transfer else None
    yield ev.ReservationAccepted(
        reservation=replace(
            reservation,
            status=ReservationStatus.ACCEPTED,
            version=reservation.version + 1,
            updated_ms=now_ms,
        ),
        task=assigned,
        worker=worker,
        previous_activity=before.activity,
        previous_ms=now_ms - before.status_changed_ms if moved else 0,
        also=(complete,) if complete else (),
        at_ms=now_ms,
    )
    if complete:
        yield ev.TaskTransferCompleted(task=assigned, transfer=complete, at_ms=now_ms)
        yield ev.TaskUpdated(task=assigned, at_ms=now_ms)


def reject(state: State, reservation: Reservation, activity: No | None, now_ms: Millis) -> Iterator[ev.Event]:
    """Reject a pending offer. The worker moves to `activity`, else keeps its own (without multitasking: gets back the
    one from before the offer). Nobody is excluded afterwards: the worker stands last in the idle order."""
    ended = end_offer(reservation, ReservationStatus.REJECTED, now_ms)
    after = _after(state, ended, now_ms)
    yield _told(ev.ReservationRejected, state, ended, after, now_ms)
    if activity is not None:
        yield from move_worker(state, ended.worker, activity, now_ms)
    else:
        yield from restore_activity(state, ended, now_ms)
    yield from _go_on(state, after, ended, now_ms)


def time_out(state: State, reservation: Reservation, now_ms: Millis) -> Iterator[ev.Event]:
    """A worker let an offer lapse: it goes to the workspace's timeout activity, in both modes [docs: activity]."""
    ended = end_offer(reservation, ReservationStatus.TIMEOUT, now_ms)
    after = _after(state, ended, now_ms)
    yield _told(ev.ReservationTimedOut, state, ended, after, now_ms)
    yield from move_worker(state, ended.worker, state.workspace.timeout_activity, now_ms)
    yield from _go_on(state, after, ended, now_ms)


def withdraw(
    state: State, reservation: Reservation, now_ms: Millis, *, callback_failed: bool, reason_code: int = 0
) -> Iterator[ev.Event]:
    """Cancel an offer: its worker is deleted, its leg of a call failed, or both assignment callbacks did. In the last
    case its task is offered again after a pause that doubles for it (ours: a dead endpoint must not burn a thousand
    rounds)."""
    ended = end_offer(reservation, ReservationStatus.CANCELED, now_ms, reason_code=reason_code)
    after = _after(state, ended, now_ms)
    if callback_failed and after.task.status is TaskStatus.PENDING:
        after = after._replace(task=_paused(after.task, now_ms))
    yield _told(ev.ReservationCanceled, state, ended, after, now_ms)
    yield from restore_activity(state, ended, now_ms)
    yield from _go_on(state, after, ended, now_ms)


def _paused(task: Task, now_ms: Millis) -> Task:
    pause_s = min(CALLBACK_PAUSE_S_FIRST * 2**task.failures, CALLBACK_PAUSE_S_MAX)
    return replace(task, failures=task.failures + 1, paused_until_ms=Millis(now_ms + pause_s * 1000))


def _after(state: State, ended: Reservation, now_ms: Millis) -> _After:
    """The task is pending again if no other offer is open; but back with its worker, if a transfer fails."""
    task = state.tasks[ended.task]
    if any(other.no != ended.no for other in state.pending_of(task)):
        return _After(task, False, None)
    transfer = state.transfer_of(task)
    if transfer is not None and (transfer.type is TransferType.WORKER or task.rounds >= state.limits.assignments_max):
        failed = end_transfer(transfer, TransferStatus.FAILED, now_ms, failed_reason(ended.status))
        return _After(taken_back(state, task, transfer, now_ms), True, failed)
    pending = replace(task, status=TaskStatus.PENDING, version=task.version + 1, updated_ms=now_ms)
    return _After(pending, True, None)


def _told(kind: type[ev.ReservationEvent], state: State, ended: Reservation, after: _After, now_ms: Millis) -> ev.Event:
    also = (after.failed,) if after.failed else ()
    return kind(reservation=ended, task=after.task, worker=state.workers[ended.worker], also=also, at_ms=now_ms)


def _go_on(state: State, after: _After, ended: Reservation, now_ms: Millis) -> Iterator[ev.Event]:
    """Where a task goes when its last open offer has ended without acceptance."""
    if not after.unoffered:
        return
    task = after.task
    if after.failed is not None:
        yield from come_to_nothing(state, ev.TaskTransferFailed, task, after.failed, ended.queue, now_ms)
    elif (transfer := state.transfer_of(task)) is not None:
        why = attempt_failed_reason(ended.status)
        yield ev.TaskTransferAttemptFailed(task=task, transfer=transfer, attempt_failed_reason=why, at_ms=now_ms)
    elif (worker := routed_worker(task)) is not None:  # a direct task is not offered again [sdk-test][inferred]
        why = f"RoutingTarget not available for Reservation acceptance: {worker}"
        yield from cancel(state, task, why, now_ms)
    elif task.rounds >= state.limits.assignments_max:
        yield from cancel(state, task, ROUNDS_EXCEEDED, now_ms)
    else:
        yield from resume(state, task, now_ms, reason=f"reservation_{ended.status}")
