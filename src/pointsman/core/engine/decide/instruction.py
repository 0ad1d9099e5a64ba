"""The telephone instructions of a reservation: what each needs before anybody could carry it out. What they do is the
business of a telephone service; none is connected yet, so one that is in order is refused too, and says so.

Sources: TaskRouter REST, reservations [docs][dict]; the order of the checks is ours: the state, then each parameter.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import msgspec

from pointsman.core.commands import Values
from pointsman.core.engine.state import State
from pointsman.core.errors import BadInstruction, Invalid, InvalidTransition
from pointsman.core.types import RESERVATION_ENGAGED, Reservation, ReservationStatus

NOT_ENQUEUED = (  # [observed]
    "The conference instruction can only be issued on a task that was created using the <Enqueue> TwiML verb."
)
_decode: Callable[[str], dict[str, Any]] = msgspec.json.Decoder(dict[str, Any]).decode

OF_TRANSFERS = frozenset({"conference", "supervise"})
NOT_OF_TRANSFERS = "a transferred task takes only accept, reject, conference and supervise"  # [docs: error 40151]


class Instruction(NamedTuple):
    """`required` are parameters that must be sent, `target` the one whose place the worker's contact_uri may take,
    `afterwards` the deprecated one that multitasking workspaces refuse."""

    required: tuple[str, ...] = ()
    target: str | None = None
    afterwards: str | None = None


INSTRUCTIONS = {
    "dequeue": Instruction(("dequeue_from",), "dequeue_to", "dequeue_post_work_activity_sid"),
    "call": Instruction(("call_from", "call_url"), "call_to"),
    "conference": Instruction((), "to", "post_work_activity_sid"),
    "redirect": Instruction(("redirect_call_sid", "redirect_url")),
    "supervise": Instruction(("supervisor", "supervisor_mode")),
}


def refuse(state: State, reservation: Reservation, name: str, values: Values) -> None:
    """Say why it can't be carried out. Raises, always: `InvalidTransition`, `BadInstruction`, `Invalid`."""
    title = name.capitalize()
    if reservation.transfer is not None and name not in OF_TRANSFERS:
        raise BadInstruction(name, "transfer", f"{title} instruction: {NOT_OF_TRANSFERS}")
    _check_state(reservation, name, title)
    instruction = INSTRUCTIONS[name]
    attributes = _decode(state.tasks[reservation.task].attributes)
    for parameter in instruction.required:
        dialed = parameter == "dequeue_from" and attributes.get("call_sid")  # then it is the number that was called
        if not (values.get(parameter) or dialed):
            raise BadInstruction(name, parameter, f"{title} instruction: {_spelled(parameter)} is required")
    worker = state.workers[reservation.worker]
    if instruction.target and not (values.get(instruction.target) or _decode(worker.attributes).get("contact_uri")):
        where = f"worker {worker.friendly_name} has no contact_uri in its attributes"
        message = f"{title} instruction: {_spelled(instruction.target)} is required, since {where}"
        raise BadInstruction(name, instruction.target, message)
    if name == "conference":
        _check_conference(attributes, values)
    if state.workspace.multi_task_enabled and instruction.afterwards and values.get(instruction.afterwards):
        message = f"{title} instruction: {_spelled(instruction.afterwards)} is not for workspaces with multitasking"
        raise BadInstruction(name, instruction.afterwards, message)
    raise Invalid(
        f"Unable to execute {title} instruction. It needs a telephone service, and none is connected to this server."
    )


def _check_state(reservation: Reservation, name: str, title: str) -> None:
    """Only supervise is for work that goes on; its message is by the same pattern [inferred]."""
    unable = f"Unable to execute {title} instruction. Reservation {reservation.sid} is not currently in"
    if name == "supervise":
        if reservation.status not in RESERVATION_ENGAGED:
            raise BadInstruction(name, "", f"{unable} an Accepted state.")
    elif reservation.status is not ReservationStatus.PENDING:
        raise InvalidTransition(f"{unable} a Pending state.")  # [observed]


def _check_conference(attributes: dict[str, Any], values: Values) -> None:
    """It joins the call that the task stands for, or one that it makes [dict 40141, 40142]."""
    if not (attributes.get("call_sid") or attributes.get("outbound_to")):
        raise BadInstruction("conference", "call_sid", NOT_ENQUEUED)
    if not (values.get("from") or attributes.get("from")):
        message = "Conference instruction: From is required, since the task has none in its attributes"
        raise BadInstruction("conference", "from", message)


def _spelled(parameter: str) -> str:
    return "".join(part.capitalize() for part in parameter.split("_"))
