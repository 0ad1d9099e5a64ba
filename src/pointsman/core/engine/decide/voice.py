"""What a voice driver tells of the worker's leg of a call, and what it means to the reservation. No driver is part of
the server yet: these are the words in which one will speak, and all that the core has to know of telephones.

Sources: TaskRouter with voice, the instructions dequeue and conference [docs][sdk-test].
"""

from __future__ import annotations

from collections.abc import Iterator

from pointsman.core import commands as cmd
from pointsman.core import events as ev
from pointsman.core.engine import offers
from pointsman.core.engine.endings import leave
from pointsman.core.engine.state import State
from pointsman.core.ids import Ids
from pointsman.core.types import Leg, Millis, Reservation, ReservationStatus


def notice(state: State, command: cmd.NoticeLeg, now_ms: Millis, ids: Ids) -> Iterator[ev.Event]:
    """A reservation is accepted when both parties hear each other, not when the worker's telephone is answered; a leg
    that fails takes it back, and its task is offered again. What comes too late changes nothing: the offer may have
    been answered, or have lapsed, in between."""
    reservation = state.find(Reservation, command.reservation)
    if command.leg is Leg.BRIDGED and reservation.status is ReservationStatus.PENDING:
        yield from offers.accept(state, reservation, None, now_ms)
    elif command.leg is Leg.FAILED and reservation.status is ReservationStatus.PENDING:
        yield from offers.withdraw(state, reservation, now_ms, callback_failed=False, reason_code=command.reason_code)
    elif command.leg is Leg.LEFT and reservation.status is ReservationStatus.ACCEPTED:
        yield from leave(state, reservation, _afterwards(state), now_ms)


def _afterwards(state: State) -> ReservationStatus:
    """With multitasking a call is followed by after-work, without it the task is done [docs: task state]."""
    return ReservationStatus.WRAPPING if state.workspace.multi_task_enabled else ReservationStatus.COMPLETED
