"""The reservations of a task: what came of each, and what is known of why its worker was chosen.

Who else could have had a task at the time of its offer is not kept; what is said of that comes from the entities as
they are now, and says so.
"""

from __future__ import annotations

from collections.abc import Iterable

from pointsman.core.engine.state import State
from pointsman.core.engine.transitions import reservation_is_live
from pointsman.core.explain.placing import followed
from pointsman.core.explain.values import ReservationTold
from pointsman.core.expression import lookup, parse_order_by, shown_value
from pointsman.core.types import Reservation, Task, Worker

RESERVATIONS_MAX = 20  # the newest


def told_reservations(
    state: State, task: Task, ended: Iterable[Reservation]
) -> tuple[tuple[ReservationTold, ...], int]:
    """The newest, in order of their creation, and how many there are."""
    found = {each.no: each for each in ended}
    found |= {each.no: each for each in state.live_of(task)}
    newest = sorted(found)[-RESERVATIONS_MAX:]
    return tuple(_told(state, task, found[no]) for no in newest), len(found)


def _told(state: State, task: Task, one: Reservation) -> ReservationTold:
    worker = state.workers.get(one.worker)
    return ReservationTold(
        reservation_sid=one.sid,
        worker_sid=worker.sid if worker else None,
        worker_name=worker.friendly_name if worker else None,
        reservation_status=one.status,
        date_created_ms=one.created_ms,
        date_updated_ms=one.updated_ms,
        deadline_ms=one.deadline_ms if reservation_is_live(one) else None,
        why=_why(state, task, one, worker),
    )


def _why(state: State, task: Task, one: Reservation, worker: Worker | None) -> str:
    if worker is None:
        return "Its worker has been deleted"
    direct = _direct(state, task, one)
    if direct is not None:
        return f"The task was sent to {worker.friendly_name!r} {direct}: nobody else was asked"
    found = followed(state, task) if one.queue == task.queue else None
    rule = found.rule if found else None
    if rule is not None and rule.known is not None:
        return f"{worker.friendly_name!r} is the known worker that the target asks for"
    if rule is None or rule.order_by is None:
        return "It had been idle longest of those who could take it then"
    paths = [path for path, _ in parse_order_by(rule.order_by).clauses]
    values = ", ".join(str(shown_value(lookup(state.views[worker.no], path[1:]))) for path in paths)
    return f"It came first by order_by {rule.order_by!r} (its values now: {values}), then by idleness"


def _direct(state: State, task: Task, one: Reservation) -> str | None:
    """How the task came to be for one worker alone, if it was."""
    transfer = state.transfers.get(one.transfer or 0)
    if transfer is not None:
        return "by a transfer" if transfer.to.startswith("WK") else None
    return "when it was created" if state.workers[one.worker].sid == task.routing_target else None
