"""Answers to an offer, and what follows an acceptance."""

from __future__ import annotations

from collections.abc import Iterator

from pointsman.core import commands as cmd
from pointsman.core import events as ev
from pointsman.core.commands import Values
from pointsman.core.engine import offers
from pointsman.core.engine.decide import instruction
from pointsman.core.engine.decide.checks import referred
from pointsman.core.engine.endings import leave
from pointsman.core.engine.state import State
from pointsman.core.engine.transitions import RESERVATION_MOVES, expiry_ms
from pointsman.core.errors import (
    BadInstruction,
    Invalid,
    InvalidTransition,
    NotFound,
    Rescinded,
    UnknownInstruction,
    VersionMismatch,
)
from pointsman.core.ids import Ids
from pointsman.core.types import Activity, Millis, No, Reservation, ReservationStatus, Sid, Task, Worker


def update(state: State, command: cmd.UpdateReservation, now_ms: Millis, ids: Ids) -> Iterator[ev.Event]:
    reservation = _of_parent(state, command)
    if command.if_version is not None and command.if_version != reservation.version:
        raise VersionMismatch(reservation.sid, command.if_version, reservation.version)
    name = (command.values.get("instruction") or "").lower()
    if name in instruction.INSTRUCTIONS:
        instruction.refuse(state, reservation, name, command.values)
    wanted = _wanted(name, command.values)
    if wanted is None:
        return
    if reservation.status not in RESERVATION_MOVES[wanted] or _has_lapsed(state, reservation, now_ms):
        raise _refusal(reservation, wanted)
    activity = None
    if command.values.get("worker_activity_sid"):
        activity = _activity(state, name, command.values["worker_activity_sid"])
    if wanted is ReservationStatus.ACCEPTED:
        yield from offers.accept(state, reservation, activity, now_ms)
    elif wanted is ReservationStatus.REJECTED:
        yield from offers.reject(state, reservation, activity, now_ms)
    else:
        yield from leave(state, reservation, wanted, now_ms)


def _activity(state: State, name: str, sid: str) -> No:
    try:
        return referred(state, Activity, sid, "WorkerActivitySid").no
    except Invalid as problem:
        if name == "reject":
            raise BadInstruction(name, "worker_activity_sid", str(problem)) from None
        raise


def _of_parent(state: State, command: cmd.UpdateReservation) -> Reservation:
    """The reservation, if it belongs to the task or worker that the path named."""
    reservation = _find(state, command.reservation)
    if command.task is not None and state.find(Task, command.task).no != reservation.task:
        raise NotFound(command.reservation)
    if command.worker is not None and state.find(Worker, command.worker).no != reservation.worker:
        raise NotFound(command.reservation)
    return reservation


def _find(state: State, sid: Sid) -> Reservation:
    """With a task that is deleted its reservations are gone, also in the same batch."""
    reservation = state.find(Reservation, sid)
    if not state.knows(reservation.task):
        raise NotFound(sid)
    return reservation


def _has_lapsed(state: State, reservation: Reservation, now_ms: Millis) -> bool:
    """A late answer finds its offer lapsed, by its own time or by its task's, even if so many were due that the tick
    has not come to it yet."""
    if reservation.status is not ReservationStatus.PENDING:
        return False
    return min(reservation.deadline_ms, expiry_ms(state.tasks[reservation.task])) <= now_ms


def _wanted(name: str, values: Values) -> ReservationStatus | None:
    """The status asked for. If an instruction is sent too, it decides [inferred]."""
    if name in ("accept", "reject"):
        return ReservationStatus.ACCEPTED if name == "accept" else ReservationStatus.REJECTED
    if name:
        expected = ", ".join(("accept", "reject", *instruction.INSTRUCTIONS))
        raise UnknownInstruction(f"Unknown instruction {values['instruction']}: expected one of {expected}")
    if not values.get("reservation_status"):
        return None
    wanted = ReservationStatus(values["reservation_status"])
    if wanted not in RESERVATION_MOVES:
        raise Invalid(
            f"ReservationStatus {wanted} can't be set: an update may set accepted, rejected, wrapping or completed"
        )
    return wanted


def _refusal(reservation: Reservation, wanted: ReservationStatus) -> InvalidTransition:
    """Both texts are recorded, the one for a repeated move in 2016."""
    expected = " or ".join(sorted(RESERVATION_MOVES[wanted]))
    message = f"Reservation {reservation.sid} not in expected state [{expected}] and cannot be updated to [{wanted}]"
    if reservation.status is ReservationStatus.RESCINDED and wanted is ReservationStatus.ACCEPTED:
        return Rescinded(f"{message}: it is rescinded, another worker accepted first")
    if reservation.status is wanted:
        message = f"Reservation {reservation.sid} is already in state [{wanted}] and cannot be updated to [{wanted}]"
    return InvalidTransition(message)


def fail_assignment(state: State, command: cmd.FailAssignment, now_ms: Millis, ids: Ids) -> Iterator[ev.Event]:
    """Nothing happens if the offer was answered meanwhile."""
    reservation = _find(state, command.reservation)
    if reservation.status is ReservationStatus.PENDING:
        yield from offers.withdraw(state, reservation, now_ms, callback_failed=True)
