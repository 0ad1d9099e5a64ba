"""What each state allows, and what it is like to be in it."""

from __future__ import annotations

from pointsman.core.limits import ASSIGNED_S_MAX
from pointsman.core.types import (
    RESERVATION_ENDED,
    TASK_ENDED,
    Millis,
    Reservation,
    ReservationStatus,
    Task,
    TaskStatus,
)

TASK_MOVES: dict[TaskStatus, frozenset[TaskStatus]] = {  # to: from [docs: task state]
    TaskStatus.CANCELED: frozenset({TaskStatus.PENDING, TaskStatus.RESERVED}),
    TaskStatus.WRAPPING: frozenset({TaskStatus.ASSIGNED}),
    TaskStatus.COMPLETED: frozenset({TaskStatus.ASSIGNED, TaskStatus.WRAPPING}),
}

RESERVATION_MOVES: dict[ReservationStatus, frozenset[ReservationStatus]] = {  # to: from [docs: reservations]
    ReservationStatus.ACCEPTED: frozenset({ReservationStatus.PENDING}),
    ReservationStatus.REJECTED: frozenset({ReservationStatus.PENDING}),
    ReservationStatus.WRAPPING: frozenset({ReservationStatus.ACCEPTED}),
    ReservationStatus.COMPLETED: frozenset({ReservationStatus.ACCEPTED, ReservationStatus.WRAPPING}),
}

WAITING_OR_RESERVED = frozenset({TaskStatus.PENDING, TaskStatus.RESERVED})


def task_is_live(task: Task) -> bool:
    return task.status not in TASK_ENDED


def reservation_is_live(reservation: Reservation) -> bool:
    return reservation.status not in RESERVATION_ENDED


def task_waits(task: Task) -> bool:
    """Whether it stands in the line of its queue (or of its worker) now."""
    return (
        task.status is TaskStatus.PENDING
        and task.paused_until_ms is None
        and (task.queue is not None or task.routing_target is not None)
    )


def expiry_ms(task: Task) -> Millis:
    """When its time to live ends: from creation, while pending or reserved [oai]; 24 hours once assigned
    [docs: limits], also while it is transferred."""
    if task.assigned_ms is not None:
        return Millis(task.assigned_ms + ASSIGNED_S_MAX * 1000)
    return Millis(task.created_ms + task.timeout_s * 1000)


def task_deadline_ms(task: Task) -> Millis | None:
    """When time alone will change it next. Target times run on while it is reserved, but move it only once it is
    pending again [inferred]."""
    if not task_is_live(task):
        return None
    due = expiry_ms(task)
    if task.status is TaskStatus.PENDING:
        for earlier in (task.target_deadline_ms, task.paused_until_ms, task.reserve_by_ms):
            if earlier is not None and earlier < due:
                due = earlier
    return due


def reservation_deadline_ms(reservation: Reservation) -> Millis | None:
    return reservation.deadline_ms if reservation.status is ReservationStatus.PENDING else None
