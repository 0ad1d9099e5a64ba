"""What the log keeps of an event: its own small facts, and pairs (no, text) for the words that it quotes.

The words themselves (names, attributes, expressions) stand in `Words`, kept once for each pair. An event is always
rendered from its record and those words, live or a year later, so it reads the same for ever.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec

from pointsman.core import events as ev
from pointsman.core.ids import event_sid
from pointsman.core.limits import RESERVATION_TIMEOUT_S_DEFAULT, TASK_TIMEOUT_S_DEFAULT
from pointsman.core.types import (
    WORKSPACE_NO,
    AccountSid,
    Activity,
    AnyEntity,
    Millis,
    No,
    Reservation,
    Sid,
    Task,
    TaskChannel,
    TaskQueue,
    TaskStatus,
    Transfer,
    TransferMode,
    TransferStatus,
    TransferType,
    Worker,
    WorkerChannel,
    Workflow,
    Workspace,
    WorkspaceSid,
)

if TYPE_CHECKING:
    from pointsman.core.engine.state import State

Quote = tuple[No, int]  # an entity's number, and which version of its words
_WORKSPACE: Quote = (WORKSPACE_NO, 0)  # until it gets another name; a default is left out only where it is this object


class Words(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The words of an entity that events quote, as they were in one version."""

    sid: Sid
    name: str = ""
    unique_name: str | None = None  # of a task channel
    attributes: str | None = None  # of a task or worker
    expression: str | None = None  # of a task queue
    available: bool | None = None  # of an activity
    optimized: bool | None = None  # of a task channel


class Origin(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Who caused an event. The router itself is of the kind `workspace`: deadlines, routing, long work. A request is
    made by an `account` or an `api_key`, whose `address` it came from, or by a `worker` on its page; and what an
    application answers to an assignment callback counts as its `workflow`'s doing. Every row tells it, so the usual is
    left out of it. A door that is not the usual one names itself as the source (`console`, `sdk`)."""

    actor: Sid | None = None  # None: the workspace, or of the kind `account` the one that it belongs to
    kind: str = "workspace"
    unusual_source: str | None = msgspec.field(default=None, name="source")
    address: str | None = None

    @property
    def source(self) -> str:
        """By which way it came."""
        return self.unusual_source or _USUAL_SOURCES[self.kind]


_USUAL_SOURCES = {"workspace": "twilio", "account": "api", "api_key": "api", "workflow": "callback", "worker": "sdk"}
SYSTEM = Origin()
NO_TRANSFERS: Mapping[No, Transfer] = {}


class TaskFacts(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The last three are for sockets, which show tasks whole."""

    no: No
    text: int = 0
    status: TaskStatus
    priority: int = 0
    version: int = 0
    created_ms: Millis
    entered_ms: Millis | None = None
    virtual_start_ms: Millis | None = None  # where it differs from created_ms
    timeout_s: int = TASK_TIMEOUT_S_DEFAULT
    reason: str | None = None
    routing_target: Sid | None = None


class WorkerFacts(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The last two, for sockets, stand in the events that are about the worker itself."""

    no: No
    text: int = 0
    version: int
    activity: Quote
    created_ms: Millis | None = None
    since_ms: Millis | None = None  # in its activity


class ReservationFacts(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The last three are for sockets: how long before the event it was made, how long it may be pending, and the
    activity that its worker had before the offer (None: the one that it has)."""

    no: No
    sid: Sid
    version: int = 0
    reason_code: int | None = None
    age_ms: int = 0
    timeout_s: int = RESERVATION_TIMEOUT_S_DEFAULT
    previous_activity: Quote | None = None


class ChannelFacts(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A worker channel after a change; `assigned` are its accepted reservations. What follows `task_count` is for
    sockets."""

    available: bool
    capacity: int
    previous_capacity: int
    task_count: int
    sid: Sid = ""
    created_ms: Millis = Millis(0)
    assigned: int = 0
    percentage: int = 0  # of its capacity, that is left
    last_reserved_ms: Millis | None = None


class TransferFacts(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    sid: Sid
    created_ms: Millis
    type: TransferType
    mode: TransferMode
    to: Sid
    status: TransferStatus
    failed_reason: str | None = None
    worker_sid: Sid
    reservation_sid: Sid
    queue_sid: Sid | None = None
    workflow_sid: Sid | None = None
    updated_ms: Millis = Millis(0)


class Record(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The body of an event's row. `more` holds plain facts by their names in `core.events`.

    `transfer` is the one that the event is about; an event about a reservation has the transfer by which its worker
    was offered the task (`incoming`), and the one by which its worker hands the task on just then (`outgoing`).
    """

    origin: Origin = SYSTEM
    workspace: Quote = _WORKSPACE
    task: TaskFacts | None = None
    worker: WorkerFacts | None = None
    reservation: ReservationFacts | None = None
    queue: Quote | None = None
    workflow: Quote | None = None
    channel: Quote | None = None
    activity: Quote | None = None
    previous_queue: Quote | None = None
    previous_activity: Quote | None = None
    worker_channel: ChannelFacts | None = None
    transfer: TransferFacts | None = None
    incoming: TransferFacts | None = None
    outgoing: TransferFacts | None = None
    more: dict[str, Any] = {}


class Logged(NamedTuple):
    """An event as the log holds it: its row, its record, and the words of every quote in it."""

    workspace: WorkspaceSid
    account: AccountSid
    seq: int
    type: str
    at_ms: Millis
    record: Record
    words: Mapping[Quote, Words]

    @property
    def sid(self) -> str:
        return event_sid(self.workspace, self.seq)

    @property
    def actor(self) -> Sid:
        origin = self.record.origin
        return origin.actor or (self.account if origin.kind == "account" else self.workspace)


def quotes(record: Record) -> list[Quote]:
    """What words are needed to render an event."""
    found = [
        record.workspace,
        record.queue,
        record.workflow,
        record.channel,
        record.activity,
        record.previous_queue,
        record.previous_activity,
    ]
    if record.task:
        found.append((record.task.no, record.task.text))
    if record.worker:
        found += [(record.worker.no, record.worker.text), record.worker.activity]
    if record.reservation:
        found.append(record.reservation.previous_activity)
    return [quote for quote in found if quote is not None]


def words(entity: AnyEntity) -> Words | None:
    """The quoted words of an entity; None, if events quote nothing of its kind."""
    match entity:
        case Task():  # by far the most are new tasks and reservations
            return Words(sid=entity.sid, attributes=entity.attributes)
        case Reservation():
            return None
        case Workspace() | Workflow():
            return Words(sid=entity.sid, name=entity.friendly_name)
        case Activity():
            return Words(sid=entity.sid, name=entity.friendly_name, available=entity.available)
        case TaskChannel():
            return Words(
                sid=entity.sid,
                name=entity.friendly_name,
                unique_name=entity.unique_name,
                optimized=entity.channel_optimized_routing,
            )
        case Worker():
            return Words(sid=entity.sid, name=entity.friendly_name, attributes=entity.attributes)
        case TaskQueue():
            return Words(sid=entity.sid, name=entity.friendly_name, expression=entity.target_workers)
    return None


_PLAIN_FACTS = (
    "reason",
    "filter_name",
    "filter_expression",
    "target_expression",
    "known_worker_sid",
    "previous_priority",
    "target_changed_reason",
    "re_evaluated_reason",
    "previous_ms",
    "attempt_failed_reason",
)


def record(event: ev.Event, state: State, origin: Origin, gone: Mapping[No, Transfer] = NO_TRANSFERS) -> Record:
    """Say what the log keeps of `event`, just after its step was applied to `state`. `gone` are transfers that went
    with their task in that step."""
    said: Any = event  # `named` says which of these its class has
    named, plain = _named_by(type(event))
    task: Task | None = said.task if "task" in named else None
    worker: Worker | None = said.worker if "worker" in named else None
    reservation: Reservation | None = said.reservation if "reservation" in named else None
    left = state.activities.get(said.previous_activity) if "previous_activity" in named else None
    workspace: Workspace = said.workspace if "workspace" in named else state.workspace
    queue: TaskQueue | None
    workflow: Workflow | None
    channel: TaskChannel | None
    if task is not None:
        queue, workflow = state.queues.get(task.queue or 0), state.workflows.get(task.workflow or 0)
        channel = state.channels.get(task.channel)
    else:
        queue, workflow, channel = [getattr(event, name, None) for name in ("queue", "workflow", "channel")]
    return Record(
        origin=origin,
        workspace=(workspace.no, workspace.text) if workspace.text else _WORKSPACE,
        task=task_facts(task) if task else None,
        worker=worker_facts(worker, state, whole=task is None) if worker else None,
        reservation=reservation_facts(reservation, worker, state, event.at_ms) if reservation else None,
        queue=_quote(queue),
        workflow=_quote(workflow),
        channel=_quote(channel),
        activity=_quote(said.activity) if "activity" in named else None,
        previous_queue=_quote(said.previous_queue) if "previous_queue" in named else None,
        previous_activity=_quote(left),
        worker_channel=_channel_facts(said, state) if "worker_channel" in named else None,
        transfer=transfer_facts(said.transfer) if "transfer" in named else None,
        incoming=incoming_facts(reservation, state, gone) if reservation else None,
        outgoing=outgoing_facts(reservation, state) if reservation else None,
        more={name: value for name in plain if (value := getattr(event, name)) is not None},
    )


@cache
def _named_by(kind: type[ev.Event]) -> tuple[frozenset[str], tuple[str, ...]]:
    """What events of a class name, and which of that are plain facts."""
    named = frozenset(kind.__struct_fields__)
    return named, tuple(name for name in _PLAIN_FACTS if name in named)


def _quote(entity: AnyEntity | None) -> Quote | None:
    return (entity.no, entity.text) if entity else None


def task_facts(task: Task) -> TaskFacts:
    return TaskFacts(
        no=task.no,
        text=task.text,
        status=task.status,
        priority=task.priority,
        version=task.version,
        created_ms=task.created_ms,
        entered_ms=task.queue_entered_ms,
        virtual_start_ms=task.virtual_start_ms if task.virtual_start_ms != task.created_ms else None,
        timeout_s=task.timeout_s,
        reason=task.reason,
        routing_target=task.routing_target,
    )


def worker_facts(worker: Worker, state: State, *, whole: bool) -> WorkerFacts:
    activity = state.activities[worker.activity]
    return WorkerFacts(
        no=worker.no,
        text=worker.text,
        version=worker.version,
        activity=(activity.no, activity.text),
        created_ms=worker.created_ms if whole else None,
        since_ms=worker.status_changed_ms if whole else None,
    )


def reservation_facts(reservation: Reservation, worker: Worker | None, state: State, at_ms: Millis) -> ReservationFacts:
    moved = worker is None or worker.activity != reservation.previous_activity
    return ReservationFacts(
        no=reservation.no,
        sid=reservation.sid,
        version=reservation.version,
        reason_code=reservation.canceled_reason_code,
        age_ms=at_ms - reservation.created_ms,
        timeout_s=(reservation.deadline_ms - reservation.created_ms) // 1000,
        previous_activity=_quote(state.activities.get(reservation.previous_activity)) if moved else None,
    )


def incoming_facts(
    reservation: Reservation, state: State, gone: Mapping[No, Transfer] = NO_TRANSFERS
) -> TransferFacts | None:
    """The transfer that the reservation was made by."""
    no = reservation.transfer
    if no is None:
        return None
    transfer = state.transfers.get(no) or gone.get(no)
    return transfer_facts(transfer) if transfer else None


def outgoing_facts(reservation: Reservation, state: State) -> TransferFacts | None:
    """The transfer by which the reservation's worker hands its task on now."""
    task = state.tasks.get(reservation.task)
    if task is None or task.transfer is None:
        return None
    transfer = state.transfers.get(task.transfer)
    return transfer_facts(transfer) if transfer and transfer.reservation_sid == reservation.sid else None


def transfer_facts(transfer: Transfer) -> TransferFacts:
    return TransferFacts(
        sid=transfer.sid,
        created_ms=transfer.created_ms,
        type=transfer.type,
        mode=transfer.mode,
        to=transfer.to,
        status=transfer.status,
        failed_reason=transfer.failed_reason,
        worker_sid=transfer.worker_sid,
        reservation_sid=transfer.reservation_sid,
        queue_sid=transfer.queue_sid,
        workflow_sid=transfer.workflow_sid,
        updated_ms=transfer.updated_ms,
    )


def _channel_facts(event: ev.WorkerChannelEvent, state: State) -> ChannelFacts:
    return channel_facts(event.worker_channel, state, event.previous_capacity, event.task_count)


def channel_facts(own: WorkerChannel, state: State, previous_capacity: int, task_count: int) -> ChannelFacts:
    return ChannelFacts(
        available=own.available,
        capacity=own.capacity,
        previous_capacity=previous_capacity,
        task_count=task_count,
        sid=own.sid,
        created_ms=own.created_ms,
        assigned=state.assigned[own.no],
        percentage=state.capacity_percentage(own) if own.channel in state.channels else 0,
        last_reserved_ms=own.last_reserved_ms,
    )
