"""What can happen. Each event is declared once, here; its spelling on the wire follows from its fields (`wire.events`).

An event carries whole entities. Those that its class names in `changes`, and those in `also`, are as they are after
it: applying the event puts them, and nothing else. The others are mentioned, as they were then. An event whose `type`
is None is bookkeeping of ours and does not stand in the log.

Types, fields and order: TaskRouter event reference [docs], recordings of 2022/23 (wire observations 3 and 4).
"""

from __future__ import annotations

from typing import ClassVar

import msgspec

from pointsman.core.types import (
    Activity,
    Change,
    Gone,
    Millis,
    No,
    Reservation,
    Task,
    TaskChannel,
    TaskQueue,
    Transfer,
    Worker,
    WorkerChannel,
    Workflow,
    Workspace,
)


class Event(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    type: ClassVar[str | None] = None
    changes: ClassVar[tuple[str, ...]] = ()

    at_ms: Millis
    also: tuple[Change, ...] = ()

    def changed(self) -> list[Change]:
        """What this event puts, in order."""
        return [getattr(self, name) for name in self.changes] + list(self.also)


# --- configuration of a workspace ---------------------------------------------------------------------------------


class WorkspaceEvent(Event, frozen=True, kw_only=True):
    workspace: Workspace


class WorkspaceCreated(WorkspaceEvent, frozen=True, kw_only=True):
    type, changes = "workspace.created", ("workspace",)


class WorkspaceUpdated(WorkspaceEvent, frozen=True, kw_only=True):
    type, changes = "workspace.updated", ("workspace",)


class WorkspaceDeleted(WorkspaceEvent, frozen=True, kw_only=True):
    """The last event of a workspace: everything in it goes with it."""

    type = "workspace.deleted"


class ActivityEvent(Event, frozen=True, kw_only=True):
    activity: Activity


class ActivityCreated(ActivityEvent, frozen=True, kw_only=True):
    type, changes = "activity.created", ("activity",)


class ActivityUpdated(ActivityEvent, frozen=True, kw_only=True):
    type, changes = "activity.updated", ("activity",)


class ActivityDeleted(ActivityEvent, frozen=True, kw_only=True):
    type, changes = "activity.deleted", ("gone",)
    gone: Gone


class TaskChannelEvent(Event, frozen=True, kw_only=True):
    channel: TaskChannel


class TaskChannelCreated(TaskChannelEvent, frozen=True, kw_only=True):
    type, changes = "task-channel.created", ("channel",)


class TaskChannelUpdated(TaskChannelEvent, frozen=True, kw_only=True):
    type, changes = "task-channel.updated", ("channel",)


class TaskChannelDeleted(TaskChannelEvent, frozen=True, kw_only=True):
    type, changes = "task-channel.deleted", ("gone",)
    gone: Gone


class TaskQueueEvent(Event, frozen=True, kw_only=True):
    queue: TaskQueue


class TaskQueueCreated(TaskQueueEvent, frozen=True, kw_only=True):
    type, changes = "task-queue.created", ("queue",)


class TaskQueueUpdated(TaskQueueEvent, frozen=True, kw_only=True):
    type, changes = "task-queue.updated", ("queue",)


class TaskQueueExpressionUpdated(TaskQueueEvent, frozen=True, kw_only=True):
    type, changes = "task-queue.expression.updated", ("queue",)


class TaskQueueDeleted(TaskQueueEvent, frozen=True, kw_only=True):
    type, changes = "task-queue.deleted", ("gone",)
    gone: Gone


class WorkflowEvent(Event, frozen=True, kw_only=True):
    """`also` holds the configuration, where it is new or goes."""

    workflow: Workflow


class WorkflowCreated(WorkflowEvent, frozen=True, kw_only=True):
    type, changes = "workflow.created", ("workflow",)


class WorkflowUpdated(WorkflowEvent, frozen=True, kw_only=True):
    type, changes = "workflow.updated", ("workflow",)


class WorkflowDeleted(WorkflowEvent, frozen=True, kw_only=True):
    type, changes = "workflow.deleted", ("gone",)
    gone: Gone


# --- workers ------------------------------------------------------------------------------------------------------


class WorkerEvent(Event, frozen=True, kw_only=True):
    worker: Worker


class WorkerCreated(WorkerEvent, frozen=True, kw_only=True):
    type, changes = "worker.created", ("worker",)


class WorkerDeleted(WorkerEvent, frozen=True, kw_only=True):
    """`also` holds the tombstones of those of its worker channels that were stored."""

    type, changes = "worker.deleted", ("gone",)
    gone: Gone


class WorkerActivityUpdated(WorkerEvent, frozen=True, kw_only=True):
    type, changes = "worker.activity.update", ("worker",)
    previous_activity: No
    previous_ms: int  # time spent in it


class WorkerAttributesUpdated(WorkerEvent, frozen=True, kw_only=True):
    type, changes = "worker.attributes.update", ("worker",)


class WorkerRenamed(WorkerEvent, frozen=True, kw_only=True):
    """No event of TaskRouter tells of a new friendly name."""

    changes = ("worker",)


class WorkerChannelEvent(WorkerEvent, frozen=True, kw_only=True):
    worker_channel: WorkerChannel
    channel: TaskChannel
    previous_capacity: int
    task_count: int  # live reservations on the channel


class WorkerCapacityUpdated(WorkerChannelEvent, frozen=True, kw_only=True):
    type, changes = "worker.capacity.update", ("worker", "worker_channel")


class WorkerChannelAvailabilityUpdated(WorkerChannelEvent, frozen=True, kw_only=True):
    type, changes = "worker.channel.availability.update", ("worker", "worker_channel")


# --- tasks --------------------------------------------------------------------------------------------------------


class TaskEvent(Event, frozen=True, kw_only=True):
    task: Task


class TaskCreated(TaskEvent, frozen=True, kw_only=True):
    type, changes = "task.created", ("task",)


class TaskUpdated(TaskEvent, frozen=True, kw_only=True):
    """`reason` is set where the update that it reports ended or wrapped the task and gave one."""

    type, changes = "task.updated", ("task",)
    reason: str | None = None


class TaskCanceled(TaskEvent, frozen=True, kw_only=True):
    type, changes = "task.canceled", ("task",)
    reason: str | None = None


class TaskWrapup(TaskEvent, frozen=True, kw_only=True):
    type, changes = "task.wrapup", ("task",)
    worker: Worker
    reason: str | None = None


class TaskCompleted(TaskEvent, frozen=True, kw_only=True):
    type, changes = "task.completed", ("task",)
    worker: Worker
    reason: str | None = None


class TaskDeleted(TaskEvent, frozen=True, kw_only=True):
    """By the API alone [docs: event reference]."""

    type, changes = "task.deleted", ("gone",)
    gone: Gone


class TaskSystemDeleted(TaskEvent, frozen=True, kw_only=True):
    """Assigned for longer than 24 hours [docs: limits]."""

    type, changes = "task.system-deleted", ("gone",)
    gone: Gone


class TransferEvent(TaskEvent, frozen=True, kw_only=True):
    """What becomes of a transfer; where another event of the same moment has put it already, this one repeats it."""

    changes = ("task", "transfer")
    transfer: Transfer


class TaskTransferInitiated(TransferEvent, frozen=True, kw_only=True):
    type = "task.transfer-initiated"


class TaskTransferAttemptFailed(TransferEvent, frozen=True, kw_only=True):
    """Nobody of those who were offered a task on its way to a queue has taken it: others are asked."""

    type = "task.transfer-attempt-failed"
    attempt_failed_reason: str


class TaskTransferCompleted(TransferEvent, frozen=True, kw_only=True):
    type = "task.transfer-completed"


class TaskTransferFailed(TransferEvent, frozen=True, kw_only=True):
    type = "task.transfer-failed"


class TaskTransferCanceled(TransferEvent, frozen=True, kw_only=True):
    type = "task.transfer-canceled"


class TaskPaused(TaskEvent, frozen=True, kw_only=True):
    """It is not offered, or is offered again: a pause after failed assignment callbacks begins or ends."""

    changes = ("task",)


class WorkflowEntered(TaskEvent, frozen=True, kw_only=True):
    type = "workflow.entered"


class WorkflowTargetMatched(TaskEvent, frozen=True, kw_only=True):
    type, changes = "workflow.target-matched", ("task",)
    filter_name: str | None = None
    filter_expression: str | None = None
    target_expression: str | None = None
    known_worker_sid: str | None = None
    previous_queue: TaskQueue | None = None
    previous_priority: int | None = None
    target_changed_reason: str | None = None
    re_evaluated_reason: str | None = None


class WorkflowTimedOut(TaskEvent, frozen=True, kw_only=True):
    """It ran out of targets by time and is canceled next."""

    type = "workflow.timeout"


class WorkflowSkipped(TaskEvent, frozen=True, kw_only=True):
    """`skip_if` led it out of its last target, and there is no default filter: it is canceled next."""

    type = "workflow.skipped"


class TaskQueueEntered(TaskEvent, frozen=True, kw_only=True):
    type, changes = "task-queue.entered", ("task",)


class TaskQueueTimedOut(TaskEvent, frozen=True, kw_only=True):
    """A target's time is up; `task` is as it was in that target."""

    type = "task-queue.timeout"


class TaskQueueMoved(TaskEvent, frozen=True, kw_only=True):
    type = "task-queue.moved"
    previous_queue: TaskQueue


# --- reservations -------------------------------------------------------------------------------------------------


class ReservationEvent(Event, frozen=True, kw_only=True):
    reservation: Reservation
    task: Task
    worker: Worker


class ReservationCreated(ReservationEvent, frozen=True, kw_only=True):
    """`also` holds the worker channel, whose last reservation this is."""

    type, changes = "reservation.created", ("reservation", "task", "worker")


class ReservationAccepted(ReservationEvent, frozen=True, kw_only=True):
    type, changes = "reservation.accepted", ("reservation", "task")
    previous_activity: No
    previous_ms: int


class ReservationRejected(ReservationEvent, frozen=True, kw_only=True):
    type, changes = "reservation.rejected", ("reservation", "task")


class ReservationTimedOut(ReservationEvent, frozen=True, kw_only=True):
    """A worker let a reservation lapse; without another offer its task goes back to its queue."""

    type, changes = "reservation.timeout", ("reservation", "task")


class ReservationCanceled(ReservationEvent, frozen=True, kw_only=True):
    """The task went away, or its assignment callback failed. `reason` is the task's, where it was canceled."""

    type, changes = "reservation.canceled", ("reservation", "task")
    reason: str | None = None


class ReservationRescinded(ReservationEvent, frozen=True, kw_only=True):
    """Another worker accepted first; `task` is still as it was before."""

    type, changes = "reservation.rescinded", ("reservation",)


class ReservationWrapup(ReservationEvent, frozen=True, kw_only=True):
    type, changes = "reservation.wrapup", ("reservation", "task")
    reason: str | None = None


class ReservationCompleted(ReservationEvent, frozen=True, kw_only=True):
    type, changes = "reservation.completed", ("reservation", "task")


class ReservationFailed(TaskEvent, frozen=True, kw_only=True):
    """A direct task could not be reserved; there is no reservation to name [docs: event reference]."""

    type = "reservation.failed"


# --- bookkeeping --------------------------------------------------------------------------------------------------


class JobMoved(Event, frozen=True, kw_only=True):
    """Long work began, got further or ended: `also` says which, and what it changed on the way."""


EVENT_TYPES: tuple[str, ...] = tuple(
    sorted(
        {cls.type for cls in list(globals().values()) if isinstance(cls, type) and issubclass(cls, Event) and cls.type}
    )
)
