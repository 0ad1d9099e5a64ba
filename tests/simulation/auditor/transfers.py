"""Transfers that come to nothing (routing.md 9.5); beginning and calling off one are in `work`."""

from __future__ import annotations

from msgspec.structs import replace

from pointsman.core import events as ev
from pointsman.core.types import No, ReservationStatus, Task, TaskQueue, TaskStatus, Transfer
from tests.simulation.auditor.books import Books
from tests.simulation.auditor.endings import cancel
from tests.simulation.auditor.expected import Due, Dues

WHY = {  # wording ours
    ReservationStatus.REJECTED: "the reservation was rejected",
    ReservationStatus.TIMEOUT: "the reservation timed out",
    ReservationStatus.CANCELED: "the reservation was canceled",
}
MOVED = "routing.md 4.2 (5) and 9.5: a task that a transfer sends to another queue, or back, is moved and enters it"


def taken_back(books: Books, task: Task, transfer: Transfer) -> Task:
    """Back with who has it; if nobody has, it waits in the queue that it came from."""
    queue = books.find(TaskQueue, transfer.queue_sid) if transfer.queue_sid else None
    elsewhere = queue is not None and queue.no != task.queue
    return replace(
        task,
        status=TaskStatus.ASSIGNED if books.at_work_on(task.no) else TaskStatus.PENDING,
        transfer=None,
        paused_until_ms=None,
        failures=0,
        queue=task.queue if queue is None else queue.no,
        queue_entered_ms=books.now_ms if elsewhere else task.queue_entered_ms,
        version=task.version + 1,
        updated_ms=books.now_ms,
    )


def come_to_nothing(
    books: Books, kind: type[ev.TransferEvent], task: Task, transfer: Transfer, left: No | None
) -> Dues:
    rule = "routing.md 9.5: a transfer that fails or is canceled is told, and the task is back with who has it"
    yield Due(kind(task=task, transfer=transfer, at_ms=books.now_ms), rule)
    yield from moved(books, task, left)
    yield Due(ev.TaskUpdated(task=task, at_ms=books.now_ms), rule)
    if task.status is TaskStatus.PENDING and task.queue is None:
        yield from cancel(books, task, "Transfer failed, and nobody has the task any longer")


def moved(books: Books, task: Task, left: No | None) -> Dues:
    if task.queue is None or task.queue == left:
        return
    if left is not None:
        yield Due(ev.TaskQueueMoved(task=task, previous_queue=books.queues[left], at_ms=books.now_ms), MOVED)
    yield Due(ev.TaskQueueEntered(task=task, at_ms=books.now_ms), MOVED)
