"""How tasks and reservations end, and what that does to workers (routing.md 2.3 and 3.1, wire-observations 4)."""

from __future__ import annotations

from msgspec.structs import replace

from pointsman.core import events as ev
from pointsman.core.types import Gone, No, Reservation, ReservationStatus, Task, TaskStatus, TransferStatus
from tests.simulation.auditor.books import Books
from tests.simulation.auditor.expected import Due, Dues

CANCEL_ORDER = (
    "wire-observations 4 (6): reservation.canceled for each open offer, then task.canceled, then task.updated"
)
COMPLETE_ORDER = "wire-observations 4 (5): task.completed and reservation.completed, then task.updated"
WRAP_ORDER = "wire-observations 4 (4): reservation.wrapup and task.wrapup, then task.updated"
DELETE = "routing.md 2.3: offers of a deleted task are canceled, an accepted reservation is completed"
RESTORED = "routing.md 3.1: in a single-tasking workspace the worker gets back the activity from before the offer"


def cancel(books: Books, task: Task, reason: str | None) -> Dues:
    now_ms = books.now_ms
    canceled = replace(
        task,
        status=TaskStatus.CANCELED,
        transfer=None,
        reason=reason,
        version=task.version + 1,
        updated_ms=now_ms,
        ended_ms=now_ms,
    )
    for offer in books.offers_of(task.no):
        over = ended(books, offer, ReservationStatus.CANCELED, code=0)
        worker = books.workers[offer.worker]
        event = ev.ReservationCanceled(reservation=over, task=canceled, worker=worker, reason=reason, at_ms=now_ms)
        yield Due(event, CANCEL_ORDER)
        yield from give_back_activity(books, over)
    for each in books.at_work_on(task.no):  # of a worker who was handing it on
        yield Due(completion(books, each, canceled), CANCEL_ORDER)
    yield from _transfer_ends(books, task, canceled)
    gone = transfers_gone(books, task)
    yield Due(ev.TaskCanceled(task=canceled, reason=reason, also=gone, at_ms=now_ms), CANCEL_ORDER)
    yield Due(ev.TaskUpdated(task=canceled, reason=reason, at_ms=now_ms), CANCEL_ORDER)


def _transfer_ends(books: Books, task: Task, ended: Task) -> Dues:
    under_way = books.transfer_of(task)
    if under_way is not None:
        canceled = replace(under_way, status=TransferStatus.CANCELED, updated_ms=books.now_ms)
        rule = "routing.md 9.5: a transfer ends with its task (the service left it as it was, a known defect)"
        yield Due(ev.TaskTransferCanceled(task=ended, transfer=canceled, at_ms=books.now_ms), rule)


def transfers_gone(books: Books, task: Task) -> tuple[Gone, ...]:
    return tuple(Gone(no=each.no, sid=each.sid) for each in books.transfers_of(task.no))


def complete(books: Books, task: Task, reason: str | None, by: Reservation | None = None) -> Dues:
    now_ms, at_work = books.now_ms, books.at_work_on(task.no)
    completed = replace(
        task,
        status=TaskStatus.COMPLETED,
        reason=reason or task.reason,
        version=task.version + 1,
        updated_ms=now_ms,
        ended_ms=now_ms,
    )
    worker = books.workers[(by or at_work[-1]).worker]
    gone = transfers_gone(books, task)
    yield Due(ev.TaskCompleted(task=completed, worker=worker, reason=reason, also=gone, at_ms=now_ms), COMPLETE_ORDER)
    for each in at_work:
        yield Due(completion(books, each, completed), COMPLETE_ORDER)
    yield Due(ev.TaskUpdated(task=completed, at_ms=now_ms), COMPLETE_ORDER)


def completion(books: Books, reservation: Reservation, task: Task) -> ev.ReservationCompleted:
    return ev.ReservationCompleted(
        reservation=ended(books, reservation, ReservationStatus.COMPLETED),
        task=task,
        worker=books.workers[reservation.worker],
        at_ms=books.now_ms,
    )


def wrap_up(books: Books, task: Task, reason: str | None, by: Reservation | None = None) -> Dues:
    now_ms, at_work = books.now_ms, books.at_work_on(task.no)
    wrapping = replace(
        task,
        status=TaskStatus.WRAPPING,
        reason=reason or task.reason,
        version=task.version + 1,
        updated_ms=now_ms,
    )
    for each in at_work:
        if each.status is ReservationStatus.ACCEPTED:
            yield Due(after_work(books, each, wrapping, reason), WRAP_ORDER)
    worker = books.workers[(by or at_work[-1]).worker]
    yield Due(ev.TaskWrapup(task=wrapping, worker=worker, reason=reason, at_ms=now_ms), WRAP_ORDER)
    yield Due(ev.TaskUpdated(task=wrapping, reason=reason, at_ms=now_ms), WRAP_ORDER)


def after_work(books: Books, reservation: Reservation, task: Task, reason: str | None = None) -> ev.ReservationWrapup:
    wrapping = replace(
        reservation,
        status=ReservationStatus.WRAPPING,
        version=reservation.version + 1,
        updated_ms=books.now_ms,
    )
    worker = books.workers[reservation.worker]
    return ev.ReservationWrapup(reservation=wrapping, task=task, worker=worker, reason=reason, at_ms=books.now_ms)


def leave(books: Books, reservation: Reservation, status: ReservationStatus) -> Dues:
    """2.3 and 9.5: a worker's part ends or goes into after-work. The last one takes the task along; while the task is
    transferred, or another worker has it too, it stays as it is."""
    task = books.tasks[reservation.task]
    completes = status is ReservationStatus.COMPLETED
    others = [each for each in books.at_work_on(task.no) if each.no != reservation.no]
    rule = "routing.md 9.5: who leaves while the task is transferred, or another has it too, leaves alone"
    if task.transfer is not None or any(each.status is ReservationStatus.ACCEPTED for each in others):
        yield Due((completion if completes else after_work)(books, reservation, task), rule)
    elif not completes:
        yield from wrap_up(books, task, None, reservation)
    elif not others:
        yield from complete(books, task, None, reservation)
    else:
        yield Due(completion(books, reservation, task), rule)
        if task.status is TaskStatus.ASSIGNED:  # only after-work is left
            yield from wrap_up(books, task, None, reservation)


def remove(books: Books, task: Task, *, by_system: bool) -> Dues:
    now_ms = books.now_ms
    for offer in books.offers_of(task.no):
        over = ended(books, offer, ReservationStatus.CANCELED, code=0)
        worker = books.workers[offer.worker]
        yield Due(ev.ReservationCanceled(reservation=over, task=task, worker=worker, at_ms=now_ms), DELETE)
        yield from give_back_activity(books, over)
    for each in books.at_work_on(task.no):
        yield Due(completion(books, each, task), DELETE)
    yield from _transfer_ends(books, task, task)
    gone, also = Gone(no=task.no, sid=task.sid), transfers_gone(books, task)
    if by_system:
        rule = "routing.md 1.7 and 2.1: assigned or wrapping for 24 hours, a task is deleted by the system"
        yield Due(ev.TaskSystemDeleted(task=task, gone=gone, also=also, at_ms=now_ms), rule)
    else:
        event_of_end = ev.TaskDeleted(task=task, gone=gone, also=also, at_ms=now_ms)
        yield Due(event_of_end, "routing.md 2.1: a deleted task is gone")


def ended(books: Books, reservation: Reservation, status: ReservationStatus, code: int | None = None) -> Reservation:
    return replace(
        reservation,
        status=status,
        version=reservation.version + 1,
        updated_ms=books.now_ms,
        ended_ms=books.now_ms,
        canceled_reason_code=code,
    )


def move(books: Books, worker_no: No, activity: No, rule: str) -> Dues:
    """A worker's activity changes; to the same one is nothing (routing.md 9.1)."""
    worker = books.workers[worker_no]
    if worker.activity == activity:
        return
    moved = replace(
        worker,
        activity=activity,
        status_changed_ms=books.now_ms,
        updated_ms=books.now_ms,
        version=worker.version + 1,
    )
    event = ev.WorkerActivityUpdated(
        worker=moved,
        previous_activity=worker.activity,
        previous_ms=books.now_ms - worker.status_changed_ms,
        at_ms=books.now_ms,
    )
    yield Due(event, rule)


def give_back_activity(books: Books, offer: Reservation) -> Dues:
    """Only if the worker still has the activity that the offer gave it, and the former one still exists."""
    queue = books.queues.get(offer.queue or 0)
    if books.workspace.multi_task_enabled or queue is None:
        return
    has_it_still = books.workers[offer.worker].activity == queue.reservation_activity
    if has_it_still and offer.previous_activity in books.activities:
        yield from move(books, offer.worker, offer.previous_activity, RESTORED)
