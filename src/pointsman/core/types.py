"""The entities of a workspace, as frozen values.

A change makes a new value (`msgspec.structs.replace`). Values don't lead back to themselves, so the collector of
garbage need not look at them (`gc=False`). Every entity has a number `no`, given in order of creation within its
workspace: entities refer to one another by it, rows and indexes are keyed by it, and it breaks every tie. The `sid` is
what the outside world calls it, and ends in that number (`ids`; a worker channel's in its task channel's). Times are
whole Unix milliseconds; durations say their unit.

Counts that follow from other entities (assigned tasks, free capacity, queue sizes, membership) are indexes of
`engine.indexes`, never fields.
"""

from __future__ import annotations

from enum import StrEnum
from typing import NewType, final

import msgspec

Millis = NewType("Millis", int)
No = int  # an entity's number in its workspace; 1 is the workspace itself

Sid = str
AccountSid = NewType("AccountSid", str)
WorkspaceSid = NewType("WorkspaceSid", str)

WORKSPACE_NO: No = 1


class Role(StrEnum):
    """What an API key may do: what its account may, or look and change nothing."""

    FULL = "full"
    VIEWER = "viewer"


class QueueOrder(StrEnum):
    FIFO = "FIFO"
    LIFO = "LIFO"


class TaskStatus(StrEnum):
    PENDING = "pending"
    RESERVED = "reserved"
    ASSIGNED = "assigned"
    WRAPPING = "wrapping"
    COMPLETED = "completed"
    CANCELED = "canceled"


class ReservationStatus(StrEnum):
    PENDING = "pending"
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    TIMEOUT = "timeout"
    CANCELED = "canceled"
    RESCINDED = "rescinded"
    WRAPPING = "wrapping"
    COMPLETED = "completed"


class TransferMode(StrEnum):
    """Whether the worker who transfers a task stays until another has it (warm), or leaves at once (cold)."""

    WARM = "WARM"
    COLD = "COLD"


class TransferType(StrEnum):
    WORKER = "WORKER"
    QUEUE = "QUEUE"


class TransferStatus(StrEnum):
    INITIATED = "initiated"
    COMPLETE = "complete"
    FAILED = "failed"
    CANCELED = "canceled"


class Leg(StrEnum):
    """What becomes of the worker's leg of a call, as a voice driver tells it, in this order; it fails instead of any of
    them."""

    DIALLED = "dialled"
    ANSWERED = "answered"
    BRIDGED = "bridged"
    LEFT = "left"
    FAILED = "failed"


TASK_ENDED = frozenset({TaskStatus.COMPLETED, TaskStatus.CANCELED})
RESERVATION_ENDED = frozenset(
    {
        ReservationStatus.REJECTED,
        ReservationStatus.TIMEOUT,
        ReservationStatus.CANCELED,
        ReservationStatus.RESCINDED,
        ReservationStatus.COMPLETED,
    }
)
RESERVATION_ENGAGED = frozenset({ReservationStatus.ACCEPTED, ReservationStatus.WRAPPING})


class Entity(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """What every entity has.

    `text` counts the changes of those texts that events quote (names, attributes, expressions): an event keeps the
    pair (no, text), and the words themselves stand in the snapshot of that pair.
    """

    no: No
    sid: Sid
    created_ms: Millis
    updated_ms: Millis
    text: int = 0


class Workspace(Entity, frozen=True, kw_only=True, omit_defaults=True, tag="workspace"):
    account_sid: AccountSid
    friendly_name: str
    event_callback_url: str = ""
    events_filter: str | None = None
    multi_task_enabled: bool = True
    prioritize_queue_order: QueueOrder = QueueOrder.FIFO
    default_activity: No
    timeout_activity: No


class Activity(Entity, frozen=True, kw_only=True, omit_defaults=True, tag="activity"):
    friendly_name: str
    available: bool = False


class TaskChannel(Entity, frozen=True, kw_only=True, omit_defaults=True, tag="task_channel"):
    friendly_name: str
    unique_name: str
    channel_optimized_routing: bool = False


class Worker(Entity, frozen=True, kw_only=True, omit_defaults=True, tag="worker"):
    """`last_reserved` is the number of the worker's newest reservation: the order of idleness (0: never reserved)."""

    friendly_name: str
    attributes: str = "{}"
    activity: No
    status_changed_ms: Millis
    version: int = 1
    last_reserved: No = 0


class WorkerChannel(Entity, frozen=True, kw_only=True, omit_defaults=True, tag="worker_channel"):
    """There is one for each worker and task channel. As long as nothing in it has changed, it follows from these two
    and is not stored: it is made where somebody asks for it (`engine.state.State.own_channel`), with the number of its
    task channel. What changes it gives it a number of its own, and puts it."""

    worker: No
    channel: No
    capacity: int = 1
    available: bool = True
    last_reserved: No = 0
    last_reserved_ms: Millis | None = None


class TaskQueue(Entity, frozen=True, kw_only=True, omit_defaults=True, tag="task_queue"):
    friendly_name: str
    target_workers: str = "1==1"
    max_reserved_workers: int = 1
    task_order: QueueOrder = QueueOrder.FIFO
    reservation_activity: No | None = None
    assignment_activity: No | None = None


class Configuration(Entity, frozen=True, kw_only=True, omit_defaults=True, tag="configuration"):
    """One version of a workflow's rules. Waiting tasks keep the one they entered with
    [support: Managing TaskRouter Workflows]."""

    document: str  # compact JSON, as it was sent: unknown keys are kept


class Workflow(Entity, frozen=True, kw_only=True, omit_defaults=True, tag="workflow"):
    friendly_name: str
    configuration: No
    assignment_callback_url: str | None = None
    fallback_assignment_callback_url: str | None = None
    task_reservation_timeout_s: int = 120


class Place(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """Where in its workflow a task stands: a target of a filter of a configuration.

    `filter` is the filter's index, -1 for the default filter. `since_ms` and `spent_s` are the base of the cumulative
    target timeouts: the target's deadline is `since_ms` plus the timeouts of the targets waited in so far, `spent_s`
    seconds, plus its own [docs: task-evaluation].
    """

    configuration: No
    filter: int
    target: int
    since_ms: Millis
    spent_s: int = 0


class Task(Entity, frozen=True, kw_only=True, omit_defaults=True, tag="task"):
    attributes: str = "{}"
    status: TaskStatus = TaskStatus.PENDING
    priority: int = 0
    channel: No
    workflow: No | None = None
    queue: No | None = None
    queue_entered_ms: Millis | None = None
    place: Place | None = None
    target_deadline_ms: Millis | None = None  # when its present target's time is up
    timeout_s: int = 86_400
    virtual_start_ms: Millis
    reason: str | None = None
    version: int = 0
    routing_target: Sid | None = None
    ignore_capacity: bool = False
    rounds: int = 0  # how often it went from pending to reserved
    failures: int = 0  # assignment callbacks that failed in a row
    re_evaluate: str | None = None  # why it starts its workflow again once pending: what changed while reserved
    paused_until_ms: Millis | None = None  # not offered before, after failed callbacks
    reserve_by_ms: Millis | None = None  # a direct task must be reserved by then
    transfer: No | None = None  # under way now
    assigned_ms: Millis | None = None
    ended_ms: Millis | None = None


class Reservation(Entity, frozen=True, kw_only=True, omit_defaults=True, tag="reservation"):
    task: No
    worker: No
    worker_channel: No
    queue: No | None
    workflow: No | None = None
    status: ReservationStatus = ReservationStatus.PENDING
    version: int = 0
    deadline_ms: Millis
    previous_activity: No  # the worker's, before this reservation
    transfer: No | None = None  # that it was made by
    canceled_reason_code: int | None = None
    ended_ms: Millis | None = None


class Transfer(Entity, frozen=True, kw_only=True, omit_defaults=True, tag="transfer"):
    """A worker hands an accepted task to another worker, or to a queue. It stays until its task ends.

    The sids name what may be gone before it: who began it, with which reservation, and where the task was then.
    """

    task: No
    worker_sid: Sid
    reservation_sid: Sid
    queue_sid: Sid | None
    workflow_sid: Sid | None
    to: Sid
    mode: TransferMode
    status: TransferStatus = TransferStatus.INITIATED
    failed_reason: str | None = None

    @property
    def type(self) -> TransferType:
        return TransferType.WORKER if self.to.startswith("WK") else TransferType.QUEUE


class Job(Entity, frozen=True, kw_only=True, omit_defaults=True, tag="job"):
    """Long work, done in slices between other commands: which work, on what, and how far it is."""

    work: str
    subject: No
    cursor: No = 0


@final
class Gone(msgspec.Struct, frozen=True, tag="gone", gc=False):
    """A tombstone: the entity of this number no longer exists."""

    no: No
    sid: Sid


AnyEntity = (
    Workspace
    | Activity
    | TaskChannel
    | Worker
    | WorkerChannel
    | TaskQueue
    | Configuration
    | Workflow
    | Task
    | Reservation
    | Transfer
    | Job
)
Change = AnyEntity | Gone

SID_PREFIX: dict[type[Entity], str] = {
    Workspace: "WS",
    Activity: "WA",
    TaskChannel: "TC",
    Worker: "WK",
    WorkerChannel: "WC",
    TaskQueue: "WQ",
    Configuration: "XC",  # never shown outside
    Workflow: "WW",
    Task: "WT",
    Reservation: "WR",
    Transfer: "TT",
    Job: "XJ",
}
