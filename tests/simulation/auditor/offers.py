"""Offers: making them, and what each answer, or none, does (routing.md 3)."""

from __future__ import annotations

from typing import NamedTuple

from msgspec.structs import replace

from pointsman.core import events as ev
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
)
from tests.simulation.auditor.books import Books, routed_to, sid_of
from tests.simulation.auditor.endings import cancel, ended, give_back_activity, move
from tests.simulation.auditor.expected import Due, Dues
from tests.simulation.auditor.transfers import WHY, come_to_nothing, taken_back
from tests.simulation.auditor.travel import pending_again

CREATED = "routing.md 6.1 to 6.3: the first task that somebody free can take goes to its best workers"


def offer(books: Books, task: Task, workers: list[No]) -> Dues:
    """What the router does with a waiting task."""
    yield from offer_to(books, reserved(books, task), workers)


def reserved(books: Books, task: Task) -> Task:
    """One round, however many workers (1.7); the task's version grows once (wire-observations 3)."""
    return replace(
        task,
        status=TaskStatus.RESERVED,
        version=task.version + 1,
        rounds=task.rounds + 1,
        reserve_by_ms=None,
        updated_ms=books.now_ms,
    )


def offer_to(books: Books, task: Task, workers: list[No]) -> Dues:
    now_ms = books.now_ms
    for no in workers:
        before = books.workers[no].activity
        queue = books.queues.get(task.queue or 0)
        if not books.workspace.multi_task_enabled and queue is not None and queue.reservation_activity is not None:
            rule = "routing.md 1.5: in a single-tasking workspace an offer moves the worker to the ReservationActivity"
            yield from move(books, no, queue.reservation_activity, rule)
        worker, own = books.workers[no], books.numbered(books.channel_of(no, task.channel))
        made = max(books.next_no, own.no + 1)
        reservation = Reservation(
            no=made,
            sid=sid_of("WR", made),
            created_ms=now_ms,
            updated_ms=now_ms,
            task=task.no,
            worker=no,
            worker_channel=own.no,
            queue=task.queue,
            workflow=task.workflow,
            deadline_ms=Millis(now_ms + 1_000 * timeout_s(books, task)),
            previous_activity=before,
            transfer=task.transfer,
        )
        event = ev.ReservationCreated(
            reservation=reservation,
            task=task,
            worker=replace(worker, version=worker.version + 1, last_reserved=made),
            also=(replace(own, last_reserved=made, last_reserved_ms=now_ms),),
            at_ms=now_ms,
        )
        yield Due(event, CREATED)


def timeout_s(books: Books, task: Task) -> int:
    """4.9: the workflow's; without one the only workflow's, else 120 s."""
    own = books.workflows.get(task.workflow or 0)  # it may be gone once the task was assigned
    if own is not None:
        return own.task_reservation_timeout_s
    if len(books.workflows) == 1:
        return next(iter(books.workflows.values())).task_reservation_timeout_s
    return RESERVATION_TIMEOUT_S_DEFAULT


def accept(books: Books, reservation: Reservation, activity: No | None) -> Dues:
    now_ms, task = books.now_ms, books.tasks[reservation.task]
    for other in books.offers_of(task.no):
        if other.no != reservation.no:
            over = ended(books, other, ReservationStatus.RESCINDED)
            event = ev.ReservationRescinded(
                reservation=over, task=task, worker=books.workers[other.worker], at_ms=now_ms
            )
            rule = (
                "routing.md 3.5 and wire-observations 4 (8): the first accept wins, the others are rescinded before it"
            )
            yield Due(event, rule)
            yield from give_back_activity(books, over)
    before = books.workers[reservation.worker]
    queue = books.queues.get(reservation.queue or 0)
    if activity is None and not books.workspace.multi_task_enabled and queue is not None:
        activity = queue.assignment_activity
    if activity is not None:
        rule = (
            "routing.md 1.5 and 3.1: an accept moves the worker to the activity named, else to the AssignmentActivity"
        )
        yield from move(books, before.no, activity, rule)
    worker = books.workers[before.no]
    assigned = replace(
        task,
        status=TaskStatus.ASSIGNED,
        version=task.version + 1,
        transfer=None,
        assigned_ms=now_ms,
        failures=0,
        updated_ms=now_ms,
    )
    transfer = books.transfer_of(task)
    complete = None if transfer is None else replace(transfer, status=TransferStatus.COMPLETE, updated_ms=now_ms)
    acceptance = ev.ReservationAccepted(
        reservation=replace(
            reservation, status=ReservationStatus.ACCEPTED, version=reservation.version + 1, updated_ms=now_ms
        ),
        task=assigned,
        worker=worker,
        previous_activity=before.activity,
        previous_ms=now_ms - before.status_changed_ms if worker.activity != before.activity else 0,
        also=() if complete is None else (complete,),
        at_ms=now_ms,
    )
    yield Due(acceptance, "routing.md 3.1: an accepted offer assigns the task")
    if complete is not None:
        rule = "routing.md 9.5: the first acceptance completes the transfer"
        yield Due(ev.TaskTransferCompleted(task=assigned, transfer=complete, at_ms=now_ms), rule)
        yield Due(ev.TaskUpdated(task=assigned, at_ms=now_ms), rule)


class After(NamedTuple):
    """A task once an offer has ended without acceptance."""

    task: Task
    unoffered: bool  # no other offer is open
    failed: Transfer | None  # with it


def reject(books: Books, reservation: Reservation, activity: No | None) -> Dues:
    over = ended(books, reservation, ReservationStatus.REJECTED)
    after = _after(books, over)
    rule = "routing.md 3.1: a rejected offer; the task is pending again once no other offer is open"
    yield _told(books, ev.ReservationRejected, over, after, rule)
    if activity is not None:
        rule = "routing.md 3.1: a reject moves the worker to the activity named"
        yield from move(books, over.worker, activity, rule)
    else:
        yield from give_back_activity(books, over)
    yield from _on(books, after, over)


def time_out(books: Books, reservation: Reservation) -> Dues:
    over = ended(books, reservation, ReservationStatus.TIMEOUT)
    after = _after(books, over)
    rule = "routing.md 3.1 and 3.3: an offer lapses TaskReservationTimeout seconds after it was made"
    yield _told(books, ev.ReservationTimedOut, over, after, rule)
    rule = "routing.md 3.1: a worker who let an offer lapse goes to the TimeoutActivity, in both modes"
    yield from move(books, over.worker, books.workspace.timeout_activity, rule)
    yield from _on(books, after, over)


def withdraw(books: Books, reservation: Reservation, *, callback_failed: bool) -> Dues:
    """Its worker is deleted, or both assignment callbacks failed: then a pause that doubles from 1 s to 60 s
    (design 7)."""
    over = ended(books, reservation, ReservationStatus.CANCELED, code=0)
    after = _after(books, over)
    if callback_failed and after.task.status is TaskStatus.PENDING:
        pause_s = min(CALLBACK_PAUSE_S_FIRST * 2**after.task.failures, CALLBACK_PAUSE_S_MAX)
        paused = replace(
            after.task,
            failures=after.task.failures + 1,
            paused_until_ms=Millis(books.now_ms + 1_000 * pause_s),
        )
        after = after._replace(task=paused)
    rule = "design 7 and routing.md 3.1: an offer that can't stand is canceled, the task offered again"
    yield _told(books, ev.ReservationCanceled, over, after, rule)
    yield from give_back_activity(books, over)
    yield from _on(books, after, over)


def _told(books: Books, kind: type[ev.ReservationEvent], over: Reservation, after: After, rule: str) -> Due:
    also = () if after.failed is None else (after.failed,)
    worker = books.workers[over.worker]
    return Due(kind(reservation=over, task=after.task, worker=worker, also=also, at_ms=books.now_ms), rule)


def _after(books: Books, over: Reservation) -> After:
    """3.5: the task is pending again only when all offers have ended. 9.5: a transfer to a worker fails with its one
    offer, one to a queue when the task may not be offered again: then the task is back with who has it."""
    task = books.tasks[over.task]
    if len(books.offers_of(task.no)) > 1:
        return After(task, False, None)
    transfer = books.transfer_of(task)
    if transfer is not None and (transfer.to.startswith("WK") or task.rounds >= books.assignments_max):
        failed = replace(
            transfer,
            status=TransferStatus.FAILED,
            failed_reason=f"Transfer failed because {WHY[over.status]}",
            updated_ms=books.now_ms,
        )
        return After(taken_back(books, task, transfer), True, failed)
    pending = replace(task, status=TaskStatus.PENDING, version=task.version + 1, updated_ms=books.now_ms)
    return After(pending, True, None)


def _on(books: Books, after: After, over: Reservation) -> Dues:
    if not after.unoffered:
        return
    task = after.task
    direct, transfer = routed_to(task), books.transfer_of(task)
    if after.failed is not None:
        yield from come_to_nothing(books, ev.TaskTransferFailed, task, after.failed, over.queue)
    elif transfer is not None:
        event = ev.TaskTransferAttemptFailed(
            task=task,
            transfer=transfer,
            attempt_failed_reason=f"Transfer attempt failed: {WHY[over.status]}, and no other is pending",
            at_ms=books.now_ms,
        )
        yield Due(event, "routing.md 9.5: to a queue a transfer goes on when nobody takes it, others are asked")
    elif direct is not None:  # 4.9: not offered again
        yield from cancel(books, task, f"RoutingTarget not available for Reservation acceptance: {direct}")
    elif task.rounds >= books.assignments_max:  # 1.7
        yield from cancel(books, task, "Task TTL Exceeded or Max assignment count exceeded")
    else:
        yield from pending_again(books, task, f"reservation_{over.status}")
