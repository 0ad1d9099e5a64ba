"""Reservations: making them, and what each answer, or none, does to task and worker [docs: reservations]."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from msgspec.structs import replace

from pointsman.core import events as ev
from pointsman.core.engine.endings import ROUNDS_EXCEEDED, cancel, end_offer, move_worker, restore_activity
from pointsman.core.engine.state import State, routed_worker
from pointsman.core.engine.travel import resume
from pointsman.core.ids import Ids
from pointsman.core.limits import (
    CALLBACK_PAUSE_S_FIRST,
    CALLBACK_PAUSE_S_MAX,
    RESERVATION_TIMEOUT_S_DEFAULT,
)
from pointsman.core.types import Millis, No, Reservation, ReservationStatus, Task, TaskStatus


def offer(state: State, task: Task, workers: Sequence[No], now_ms: Millis, ids: Ids) -> Iterator[ev.Event]:
    """Reserve `workers` for a pending task: one round, however many [docs: limits]."""
    reserved = replace(
        task,
        status=TaskStatus.RESERVED,
        version=task.version + 1,
        rounds=task.rounds + 1,
        reserve_by_ms=None,
        updated_ms=now_ms,
    )
    for no in workers:
        yield from _offer_one(state, reserved, no, now_ms, ids)


def _offer_one(state: State, task: Task, worker_no: No, now_ms: Millis, ids: Ids) -> Iterator[ev.Event]:
    previous_activity = state.workers[worker_no].activity
    if not state.workspace.multi_task_enabled and task.queue is not None:
        activity = state.queues[task.queue].reservation_activity
        if activity is not None:
            yield from move_worker(state, worker_no, activity, now_ms)
    worker = state.workers[worker_no]
    own = state.worker_channels[state.channels_of[worker_no][task.channel]]
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
    )
    yield ev.ReservationCreated(
        reservation=reservation,
        task=task,
        worker=replace(worker, version=worker.version + 1, last_reserved=no),
        also=(replace(own, last_reserved=no, last_reserved_ms=now_ms),),
        at_ms=now_ms,
    )


def reservation_timeout_s(state: State, task: Task) -> int:
    """The workflow's; for a task without one, that of the workspace's only workflow, else the default [inferred]."""
    if task.workflow is not None:
        return state.workflows[task.workflow].task_reservation_timeout_s
    if len(state.workflows) == 1:
        return next(iter(state.workflows.values())).task_reservation_timeout_s
    return RESERVATION_TIMEOUT_S_DEFAULT


def accept(state: State, reservation: Reservation, activity: No | None, now_ms: Millis) -> Iterator[ev.Event]:
    """Accept a pending offer. Its siblings are rescinded first, with the task as it still is [observed order]. The
    worker moves to `activity`, else (without multitasking) to the queue's assignment activity."""
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
    yield ev.ReservationAccepted(
        reservation=replace(
            reservation,
            status=ReservationStatus.ACCEPTED,
            version=reservation.version + 1,
            updated_ms=now_ms,
        ),
        task=replace(
            task,
            status=TaskStatus.ASSIGNED,
            version=task.version + 1,
            assigned_ms=now_ms,
            failures=0,
            updated_ms=now_ms,
        ),
        worker=worker,
        previous_activity=before.activity,
        previous_ms=now_ms - before.status_changed_ms if moved else 0,
        at_ms=now_ms,
    )


def reject(state: State, reservation: Reservation, activity: No | None, now_ms: Millis) -> Iterator[ev.Event]:
    """Reject a pending offer. The worker moves to `activity`, else keeps its own (without multitasking: gets back the
    one from before the offer). Nobody is excluded afterwards: the worker stands last in the idle order."""
    task, pending_again = _task_after(state, reservation, now_ms)
    ended = end_offer(reservation, ReservationStatus.REJECTED, now_ms)
    yield ev.ReservationRejected(reservation=ended, task=task, worker=state.workers[ended.worker], at_ms=now_ms)
    if activity is not None:
        yield from move_worker(state, ended.worker, activity, now_ms)
    else:
        yield from restore_activity(state, ended, now_ms)
    if pending_again:
        yield from _pending_again(state, task, ended, now_ms, reason="reservation_rejected")


def time_out(state: State, reservation: Reservation, now_ms: Millis) -> Iterator[ev.Event]:
    """A worker let an offer lapse: it goes to the workspace's timeout activity, in both modes [docs: activity]."""
    task, pending_again = _task_after(state, reservation, now_ms)
    ended = end_offer(reservation, ReservationStatus.TIMEOUT, now_ms)
    yield ev.ReservationTimedOut(reservation=ended, task=task, worker=state.workers[ended.worker], at_ms=now_ms)
    yield from move_worker(state, ended.worker, state.workspace.timeout_activity, now_ms)
    if pending_again:
        yield from _pending_again(state, task, ended, now_ms, reason="reservation_timeout")


def withdraw(state: State, reservation: Reservation, now_ms: Millis, *, callback_failed: bool) -> Iterator[ev.Event]:
    """Cancel an offer: its worker is deleted, or both assignment callbacks failed. In the latter case its task is
    offered again after a pause that doubles for it (ours: a dead endpoint must not burn a thousand rounds)."""
    task, pending_again = _task_after(state, reservation, now_ms)
    if pending_again and callback_failed:
        pause_s = min(CALLBACK_PAUSE_S_FIRST * 2**task.failures, CALLBACK_PAUSE_S_MAX)
        task = replace(task, failures=task.failures + 1, paused_until_ms=Millis(now_ms + pause_s * 1000))
    ended = end_offer(reservation, ReservationStatus.CANCELED, now_ms, reason_code=0)
    yield ev.ReservationCanceled(reservation=ended, task=task, worker=state.workers[ended.worker], at_ms=now_ms)
    yield from restore_activity(state, ended, now_ms)
    if pending_again:
        yield from _pending_again(state, task, ended, now_ms, reason="reservation_canceled")


def _task_after(state: State, reservation: Reservation, now_ms: Millis) -> tuple[Task, bool]:
    """The task once this offer has ended without acceptance; it is pending again if no other offer is open."""
    task = state.tasks[reservation.task]
    if any(other.no != reservation.no for other in state.pending_of(task)):
        return task, False
    pending = replace(task, status=TaskStatus.PENDING, version=task.version + 1, updated_ms=now_ms)
    return pending, True


def _pending_again(state: State, task: Task, ended: Reservation, now_ms: Millis, *, reason: str) -> Iterator[ev.Event]:
    if (worker := routed_worker(task)) is not None:  # a direct task is not offered again [sdk-test][inferred]
        why = f"RoutingTarget not available for Reservation acceptance: {worker}"
        yield from cancel(state, task, why, now_ms)
    elif task.rounds >= state.limits.assignments_max:
        yield from cancel(state, task, ROUNDS_EXCEEDED, now_ms)
    else:
        yield from resume(state, task, now_ms, reason=reason)
