"""The reservations of a task: what came of each, and what is known of why its worker was chosen.

Who else could have had a task at the time of its offer is not kept; what is said of that comes from the entities as
they are now, and says so.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from pointsman.core.engine.state import State
from pointsman.core.engine.transitions import reservation_deadline_ms
from pointsman.core.explain.placing import followed
from pointsman.core.explain.values import Candidate, ReservationTold, Workers
from pointsman.core.expression import lookup, parse_order_by, shown_value
from pointsman.core.types import Reservation, Task, Worker

RESERVATIONS_MAX = 20  # the newest


def told_reservations(
    state: State, task: Task, ended: Iterable[Reservation], workers: Workers | None
) -> tuple[tuple[ReservationTold, ...], int]:
    """The newest, in order of their creation, and how many there are."""
    found = {each.no: each for each in ended}
    found |= {each.no: each for each in state.live_of(task)}
    newest = sorted(found)[-RESERVATIONS_MAX:]
    candidates = workers.candidates if workers is not None else ()
    return tuple(_told(state, task, found[no], candidates) for no in newest), len(found)


def _told(state: State, task: Task, one: Reservation, candidates: Sequence[Candidate]) -> ReservationTold:
    worker = state.workers.get(one.worker)
    direct = _direct(state, task, one) if worker else None
    return ReservationTold(
        reservation_sid=one.sid,
        worker_sid=worker.sid if worker else None,
        worker_name=worker.friendly_name if worker else None,
        reservation_status=one.status,
        date_created_ms=one.created_ms,
        date_updated_ms=one.updated_ms,
        deadline_ms=reservation_deadline_ms(one),
        why=_why(state, task, one, worker),
        came_next=tuple(each.worker_name for each in candidates if _as_then(one, each)) if not direct else (),
    )


def _as_then(one: Reservation, candidate: Candidate) -> bool:
    """Whether somebody who could take the task now has had no reservation and no change of activity since this one."""
    return candidate.last_reservation < one.no and candidate.idle_since_ms <= one.created_ms


def _why(state: State, task: Task, one: Reservation, worker: Worker | None) -> str:
    if worker is None:
        return "Its worker has been deleted"
    direct = _direct(state, task, one)
    if direct is not None:
        return f"The task was sent to {worker.friendly_name!r} {direct}: nobody else was asked"
    found = followed(state, task) if one.queue == task.queue else None
    if one.transfer is not None and one.transfer not in state.transfers:
        return "It was offered by a transfer, of which nothing is kept once the task has ended"
    if one.transfer is None and task.workflow is not None and state.transfers_of(task):
        return "The rules that the task followed then are not kept any longer: it was handed on since"
    rule = found.rule if found else None
    if rule is not None and rule.known is not None:
        return f"{worker.friendly_name!r} is the known worker that the target asks for"
    if rule is None or rule.order_by is None:
        how = "was among the longest idle" if _offers(state, one) > 1 else "had been idle longest"
        return f"It {how} of those who could take it then"
    paths = [path for path, _ in parse_order_by(rule.order_by).clauses]
    values = ", ".join(str(shown_value(lookup(state.views[worker.no], path[1:]))) for path in paths)
    how = "was among the first" if _offers(state, one) > 1 else "came first"
    return f"It {how} by order_by {rule.order_by!r} (its values now: {values}), then by idleness"


def _offers(state: State, one: Reservation) -> int:
    """To how many its queue offers a task at once."""
    queue = state.queues.get(one.queue or 0)
    return queue.max_reserved_workers if queue else 1


def _direct(state: State, task: Task, one: Reservation) -> str | None:
    """How the task came to be for one worker alone, if it was."""
    transfer = state.transfers.get(one.transfer or 0)
    if transfer is not None:
        return "by a transfer" if transfer.to.startswith("WK") else None
    return "when it was created" if state.workers[one.worker].sid == task.routing_target else None
