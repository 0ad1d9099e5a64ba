"""Answers to an offer, and what follows an acceptance."""

from __future__ import annotations

from collections.abc import Iterator

from pointsman.core import commands as cmd
from pointsman.core import events as ev
from pointsman.core.commands import Values
from pointsman.core.engine import offers
from pointsman.core.engine.decide.checks import referred
from pointsman.core.engine.endings import complete, wrap_up
from pointsman.core.engine.state import State
from pointsman.core.engine.transitions import RESERVATION_MOVES
from pointsman.core.errors import Invalid, InvalidTransition, NotFound, Rescinded, VersionMismatch
from pointsman.core.ids import Ids
from pointsman.core.types import Activity, Millis, Reservation, ReservationStatus, Task, Worker

WITHOUT_VOICE = ("dequeue", "call", "conference", "redirect", "supervise")


def update(state: State, command: cmd.UpdateReservation, now_ms: Millis, ids: Ids) -> Iterator[ev.Event]:
    reservation = _of_parent(state, command)
    if command.if_version is not None and command.if_version != reservation.version:
        raise VersionMismatch(reservation.sid, command.if_version, reservation.version)
    wanted = _wanted(reservation, command.values)
    if wanted is None:
        return
    if reservation.status not in RESERVATION_MOVES[wanted] or _has_lapsed(reservation, now_ms):
        raise _refusal(reservation, wanted)
    activity = None
    if command.values.get("worker_activity_sid"):
        activity = referred(state, Activity, command.values["worker_activity_sid"], "WorkerActivitySid").no
    if wanted is ReservationStatus.ACCEPTED:
        yield from offers.accept(state, reservation, activity, now_ms)
    elif wanted is ReservationStatus.REJECTED:
        yield from offers.reject(state, reservation, activity, now_ms)
    else:
        # A task has one reservation at work, so its end is the task's [sdk-test]; transfers will make it two.
        follow = wrap_up if wanted is ReservationStatus.WRAPPING else complete
        yield from follow(state, state.tasks[reservation.task], None, now_ms)


def _of_parent(state: State, command: cmd.UpdateReservation) -> Reservation:
    """The reservation, if it belongs to the task or worker that the path named."""
    reservation = state.find(Reservation, command.reservation)
    if command.task is not None and state.find(Task, command.task).no != reservation.task:
        raise NotFound(command.reservation)
    if command.worker is not None and state.find(Worker, command.worker).no != reservation.worker:
        raise NotFound(command.reservation)
    return reservation


def _has_lapsed(reservation: Reservation, now_ms: Millis) -> bool:
    """A late answer finds its offer lapsed, even if so many were due that the tick has not come to it yet."""
    return reservation.status is ReservationStatus.PENDING and reservation.deadline_ms <= now_ms


def _wanted(reservation: Reservation, values: Values) -> ReservationStatus | None:
    """The status asked for. If an instruction is sent too, it decides [inferred]."""
    instruction = (values.get("instruction") or "").lower()
    if instruction in ("accept", "reject"):
        return ReservationStatus.ACCEPTED if instruction == "accept" else ReservationStatus.REJECTED
    if instruction in WITHOUT_VOICE:
        unable = f"Unable to execute {instruction.capitalize()} instruction."
        if reservation.status is not ReservationStatus.PENDING and instruction != "supervise":  # [obs]
            raise InvalidTransition(f"{unable} Reservation {reservation.sid} is not currently in a Pending state.")
        raise Invalid(f"{unable} It needs a telephone service, and none is connected to this server.")
    if instruction:
        expected = ", ".join(("accept", "reject", *WITHOUT_VOICE))
        raise Invalid(f"Unknown instruction {values['instruction']}: expected one of {expected}")
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
    reservation = state.find(Reservation, command.reservation)
    if reservation.status is ReservationStatus.PENDING:
        yield from offers.withdraw(state, reservation, now_ms, callback_failed=True)
