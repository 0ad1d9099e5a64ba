"""What becomes of a transfer: a worker hands an accepted task on, to another worker or to a queue [sdk-test].

While it is under way its task is pending or reserved again, beside the reservations of those who still have it. The
first acceptance completes it. To a worker it fails with that worker's one offer; to a queue others are asked, until the
task has been offered as often as a task may be. One that comes to nothing leaves the task with whoever still has it;
if nobody has, it waits in the queue that it came from [inferred].
"""

from __future__ import annotations

from collections.abc import Iterator

from msgspec.structs import replace

from pointsman.core import events as ev
from pointsman.core.engine.endings import cancel
from pointsman.core.engine.state import State
from pointsman.core.ids import number_of
from pointsman.core.types import Millis, No, ReservationStatus, Task, TaskStatus, Transfer

_WHY = {  # wording ours
    ReservationStatus.REJECTED: "the reservation was rejected",
    ReservationStatus.TIMEOUT: "the reservation timed out",
    ReservationStatus.CANCELED: "the reservation was canceled",
}
NOBODY_HAS_IT = "Transfer failed, and nobody has the task any longer"


def failed_reason(offer: ReservationStatus) -> str:
    return f"Transfer failed because {_WHY[offer]}"


def attempt_failed_reason(offer: ReservationStatus) -> str:
    return f"Transfer attempt failed: {_WHY[offer]}, and no other is pending"


def taken_back(state: State, task: Task, transfer: Transfer, now_ms: Millis) -> Task:
    """The task once its transfer has come to nothing; its open offers are not counted any longer."""
    queue = state.queues.get(number_of(transfer.queue_sid)) if transfer.queue_sid else None
    moved = queue is not None and queue.no != task.queue
    return replace(
        task,
        status=TaskStatus.ASSIGNED if state.engaged_of(task) else TaskStatus.PENDING,
        transfer=None,
        paused_until_ms=None,
        failures=0,
        queue=queue.no if queue else task.queue,
        queue_entered_ms=now_ms if moved else task.queue_entered_ms,
        version=task.version + 1,
        updated_ms=now_ms,
    )


def come_to_nothing(
    state: State,
    kind: type[ev.TransferEvent],
    task: Task,
    transfer: Transfer,
    previous_queue: No | None,
    now_ms: Millis,
) -> Iterator[ev.Event]:
    """Tell how a transfer failed or was canceled; `task` is taken back, from `previous_queue`."""
    yield kind(task=task, transfer=transfer, at_ms=now_ms)
    yield from moved(state, task, previous_queue, now_ms)
    yield ev.TaskUpdated(task=task, at_ms=now_ms)
    if task.status is TaskStatus.PENDING and task.queue is None:
        yield from cancel(state, task, NOBODY_HAS_IT, now_ms)


def moved(state: State, task: Task, previous_queue: No | None, now_ms: Millis) -> Iterator[ev.Event]:
    """Tell of a task's new queue, if it is another one."""
    if task.queue is None or task.queue == previous_queue:
        return
    if previous_queue is not None:
        yield ev.TaskQueueMoved(task=task, previous_queue=state.queues[previous_queue], at_ms=now_ms)
    yield ev.TaskQueueEntered(task=task, at_ms=now_ms)
