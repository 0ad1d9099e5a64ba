"""An explanation in a few sentences: the answer to "why is this task not assigned?"."""

from __future__ import annotations

from collections.abc import Iterator

from pointsman.core.explain.values import Head, Place, Reason, ReservationTold, Workers
from pointsman.core.types import Millis, Task, TaskStatus


def summarise(
    task: Task,
    head: Head,
    place: Place | None,
    workers: Workers | None,
    held: tuple[ReservationTold, ...],
    now_ms: Millis,
) -> str:
    return " ".join(_sentences(task, head, place, workers, held, now_ms))


def _sentences(
    task: Task,
    head: Head,
    place: Place | None,
    workers: Workers | None,
    held: tuple[ReservationTold, ...],
    now_ms: Millis,
) -> Iterator[str]:
    match task.status:
        case TaskStatus.COMPLETED | TaskStatus.CANCELED:
            yield f"The task has ended: {task.status}" + (f", because of: {task.reason}." if task.reason else ".")
            return
        case TaskStatus.ASSIGNED | TaskStatus.WRAPPING:
            yield f"The task is {task.status}: {_names(held, ('accepted', 'wrapping'))} has it."
            return
        case TaskStatus.RESERVED:
            yield f"The task is offered to {_names(held, ('pending',))}, and waits for an answer."
        case TaskStatus.PENDING:
            yield from _pending(task, head, place, workers, now_ms)


def _pending(task: Task, head: Head, place: Place | None, workers: Workers | None, now_ms: Millis) -> Iterator[str]:
    if head.target is not None:
        yield f"The task waits in queue {head.target.task_queue_name!r}{_standing(place)}."
    elif head.direct is not None:
        yield f"The task waits for {head.direct.routing_target}."
    if head.paused_until_ms is not None:
        left_s = max(0, -(-(head.paused_until_ms - now_ms) // 1000))
        yield (
            f"It is not offered to anybody for {left_s} s more: its assignment callback has failed "
            f"{'once' if task.failures == 1 else f'{task.failures} times in a row'}."
        )
    if workers is not None:
        yield _hindered(workers)


def _standing(place: Place | None) -> str:
    if place is None:
        return ""
    if place.position is None:
        return f", where at least {place.waiting} wait"
    return f", at place {place.position} of {place.waiting}"


def _hindered(workers: Workers) -> str:
    if workers.could_take:
        return f"{_count(workers.could_take)} could take it now: it is offered when its turn comes."
    if not workers.count:
        return "Nobody can take it now: there are no workers."
    near = [each for each in workers.reasons if each.reason is not Reason.NOT_IN_QUEUE]
    far = [each for each in workers.reasons if each.reason is Reason.NOT_IN_QUEUE]
    told = ", ".join(f"{each.count} {each.text}" for each in (*near, *far))
    return f"Nobody can take it now: of {_count(workers.count)}, {told}."


def _count(number: int) -> str:
    return f"{number} worker{'' if number == 1 else 's'}"


def _names(held: tuple[ReservationTold, ...], statuses: tuple[str, ...]) -> str:
    names = [each.worker_name or each.reservation_sid for each in held if each.reservation_status in statuses]
    return ", ".join(names) or "nobody"
