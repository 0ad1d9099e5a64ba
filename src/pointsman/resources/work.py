"""Workers, their channels, tasks and reservations. Source: TaskRouter REST, sections of the same names [oai][sample];
the fields stand in the order of the samples."""

from __future__ import annotations

from typing import Any

from pointsman.core import limits
from pointsman.core.engine.view import View
from pointsman.core.types import Reservation, Task, Worker, WorkerChannel
from pointsman.resources.configuration import (
    ACCOUNT_SID,
    BOTH,
    DATE_CREATED,
    DATE_UPDATED,
    NAME,
    SID,
    WORKSPACE_SID,
    activity_name,
    activity_path,
    activity_sid,
    url,
)
from pointsman.resources.declare import Field, Filter, Resource, workspace_path
from pointsman.resources.types import (
    Bool,
    Choice,
    Int,
    Json,
    Link,
    Links,
    Plain,
    Seconds,
    SidOf,
    Text,
    Timestamp,
)

ATTRIBUTES = Json(limits.ATTRIBUTES_LENGTH_MAX)
TASK_STATUSES = ("pending", "reserved", "assigned", "wrapping", "completed", "canceled")
RESERVATION_STATUSES = (
    "pending",
    "accepted",
    "rejected",
    "timeout",
    "canceled",
    "rescinded",
    "wrapping",
    "completed",
)


def worker_path(view: View, worker: Worker) -> str:
    return f"{workspace_path(view)}/Workers/{worker.sid}"


def _worker_links(view: View, worker: Worker) -> dict[str, str | None]:
    """`statistics` and its two siblings are of all workers; its own figures are `worker_statistics` [sample]."""
    workers, own = f"{workspace_path(view)}/Workers", worker_path(view, worker)
    return {
        "channels": f"{own}/Channels",
        "activity": activity_path(view, worker.activity),
        "workspace": workspace_path(view),
        "statistics": f"{workers}/Statistics",
        "real_time_statistics": f"{workers}/RealTimeStatistics",
        "cumulative_statistics": f"{workers}/CumulativeStatistics",
        "worker_statistics": f"{own}/Statistics",
        "worker_channels": f"{own}/Channels",
        "reservations": f"{own}/Reservations",
    }


WORKER = Resource(
    name="worker",
    key="workers",
    path="Workers",
    kind=Worker,
    versioned=True,
    doc="Somebody, or some program, that does tasks.",
    filters=(
        Filter(
            "friendly_name",
            Text(),
            lambda v, e, wanted: e.friendly_name.casefold() == wanted.casefold(),
            "This friendly name, compared without case.",
        ),
    ),
    fields=(
        SID,
        Field(
            "friendly_name",
            NAME,
            "Unique here, compared without case.",
            lambda v, e: e.friendly_name,
            on=BOTH,
            required="create",
        ),
        ACCOUNT_SID,
        Field("activity_sid", SidOf("WA"), "What it is doing.", lambda v, e: activity_sid(v, e.activity), on=BOTH),
        Field("activity_name", Plain(), "", lambda v, e: activity_name(v, e.activity)),
        WORKSPACE_SID,
        Field("attributes", ATTRIBUTES, "What expressions see as worker.*.", lambda v, e: e.attributes, on=BOTH),
        Field(
            "available",
            Bool(),
            "That of its activity; capacity does not matter.",
            lambda v, e: v.state.activities[e.activity].available,
        ),
        DATE_CREATED,
        DATE_UPDATED,
        Field("date_status_changed", Timestamp(), "Its last change of activity.", lambda v, e: e.status_changed_ms),
        url("Workers"),
        Field("links", Links(), "", _worker_links),
        Field(
            "reject_pending_reservations",
            Bool(),
            "With a move to an unavailable activity: reject its pending reservations.",
            on="update",
        ),
    ),
)


def _channel_of(view: View, channel: WorkerChannel) -> Any:
    return view.state.channels[channel.channel]


def _owner(view: View, channel: WorkerChannel) -> Worker:
    return view.state.workers[channel.worker]


WORKER_CHANNEL = Resource(
    name="worker_channel",
    key="channels",
    path="Channels",
    kind=WorkerChannel,
    parent="worker",
    operations="fetch list update",
    doc="How much of one task channel a worker can take.",
    fields=(
        ACCOUNT_SID,
        Field("assigned_tasks", Plain(), "Accepted reservations.", lambda v, e: v.state.assigned[e.no]),
        Field("available", Bool(), "Whether it takes new tasks.", lambda v, e: e.available, on="update"),
        Field(
            "available_capacity_percentage",
            Plain(),
            "What is left, pending and wrapping reservations counted.",
            lambda v, e: v.state.capacity_percentage(e),
        ),
        Field("configured_capacity", Plain(), "The ceiling.", lambda v, e: e.capacity),
        DATE_CREATED,
        DATE_UPDATED,
        SID,
        Field("task_channel_sid", Plain(), "", lambda v, e: _channel_of(v, e).sid),
        Field("task_channel_unique_name", Plain(), "", lambda v, e: _channel_of(v, e).unique_name),
        Field("url", Link(), "", lambda v, e: f"{worker_path(v, _owner(v, e))}/Channels/{e.sid}"),
        Field("worker_sid", Plain(), "", lambda v, e: _owner(v, e).sid),
        WORKSPACE_SID,
        Field("capacity", Int(0, limits.CAPACITY_MAX), "Sets configured_capacity; 0: no new tasks.", on="update"),
    ),
)


def task_path(view: View, task: Task) -> str:
    return f"{workspace_path(view)}/Tasks/{task.sid}"


def _named(table: dict[int, Any], no: int | None, field: str) -> Any:
    """A field of what a task points at. What an ended task pointed at may be gone."""
    entity = table.get(no or 0)
    return getattr(entity, field) if entity is not None else None


def _task_links(view: View, task: Task) -> dict[str, str | None]:
    base = workspace_path(view)
    queue = _named(view.state.queues, task.queue, "sid")
    workflow = _named(view.state.workflows, task.workflow, "sid")
    return {
        "task_queue": f"{base}/TaskQueues/{queue}" if queue else None,
        "workflow": f"{base}/Workflows/{workflow}" if workflow else None,
        "workspace": base,
        "reservations": f"{task_path(view, task)}/Reservations",
    }


TASK = Resource(
    name="task",
    key="tasks",
    path="Tasks",
    kind=Task,
    versioned=True,
    doc="A piece of work that waits for its worker.",
    filters=(
        Filter(
            "assignment_status",
            Choice(*TASK_STATUSES),
            lambda v, e, wanted: e.status in wanted,
            "One of these states.",
            many=True,
        ),
        Filter(
            "task_queue_sid",
            SidOf("WQ"),
            lambda v, e, wanted: _named(v.state.queues, e.queue, "sid") == wanted,
            "In this queue now.",
        ),
    ),
    fields=(
        ACCOUNT_SID,
        Field("age", Seconds(), "Since it was created.", lambda v, e: (v.now_ms - e.created_ms) // 1000),
        Field(
            "assignment_status",
            Choice(*TASK_STATUSES),
            "Where it stands; an update may set canceled, wrapping or completed.",
            lambda v, e: e.status,
            on="update",
        ),
        Field("attributes", ATTRIBUTES, "What expressions see as task.*.", lambda v, e: e.attributes, on=BOTH),
        DATE_CREATED,
        DATE_UPDATED,
        Field("task_queue_entered_date", Timestamp(), "", lambda v, e: e.queue_entered_ms),
        Field(
            "virtual_start_time",
            Timestamp(limits.VIRTUAL_START_MIN_MS),
            "Takes the place of date_created in the order of the line.",
            lambda v, e: e.virtual_start_ms,
            on=BOTH,
        ),
        Field("priority", Int(0, limits.PRIORITY_MAX), "Higher goes first.", lambda v, e: e.priority, on=BOTH),
        Field("reason", Text(2_000), "Why it was canceled, wrapped or completed.", lambda v, e: e.reason, on="update"),
        SID,
        Field(
            "task_queue_sid",
            SidOf("WQ"),
            "Its queue now; on creation: straight into this one.",
            lambda v, e: _named(v.state.queues, e.queue, "sid"),
            on="create",
        ),
        Field("task_channel_sid", Plain(), "", lambda v, e: _named(v.state.channels, e.channel, "sid")),
        Field("task_channel_unique_name", Plain(), "", lambda v, e: _named(v.state.channels, e.channel, "unique_name")),
        Field(
            "timeout",
            Int(1, limits.TASK_TIMEOUT_S_MAX),
            "How long it may be pending or reserved, in seconds.",
            lambda v, e: e.timeout_s,
            on="create",
        ),
        url("Tasks"),
        Field(
            "workflow_sid",
            SidOf("WW"),
            "May be left out where there is exactly one workflow.",
            lambda v, e: _named(v.state.workflows, e.workflow, "sid"),
            on="create",
        ),
        WORKSPACE_SID,
        Field(
            "workflow_friendly_name", Plain(), "", lambda v, e: _named(v.state.workflows, e.workflow, "friendly_name")
        ),
        Field("task_queue_friendly_name", Plain(), "", lambda v, e: _named(v.state.queues, e.queue, "friendly_name")),
        Field(
            "ignore_capacity",
            Bool(),
            "For a task routed to a worker: neither capacity nor availability counts.",
            lambda v, e: e.ignore_capacity,
            on="create",
        ),
        Field(
            "routing_target",
            SidOf("WK", "WQ", "WW"),
            "Straight to this worker, queue or workflow.",
            lambda v, e: e.routing_target,
            on="create",
        ),
        Field("addons", Plain(), "Always {}: there are no add-ons here.", lambda v, e: "{}"),
        Field("links", Links(), "", _task_links),
        Field("task_channel", Text(), "A task channel's sid or unique name.", on=BOTH),
    ),
)


def _worker_path(view: View, reservation: Reservation) -> str | None:
    """None if its worker was deleted since it ended."""
    worker = view.state.workers.get(reservation.worker)
    return worker_path(view, worker) if worker else None


def _reservation_links(view: View, reservation: Reservation) -> dict[str, str | None]:
    return {
        "task": f"{workspace_path(view)}/Tasks/{view.task_of(reservation).sid}",
        "worker": _worker_path(view, reservation),
        "workspace": workspace_path(view),
    }


# fmt: off
_INSTRUCTION_PARAMETERS = (
    "dequeue_post_work_activity_sid", "dequeue_from", "dequeue_record", "dequeue_timeout", "dequeue_to",
    "dequeue_status_callback_url", "dequeue_status_callback_event", "dequeue_status_callback_events",
    "call_from", "call_record", "call_timeout", "call_to", "call_url", "call_status_callback_url",
    "call_accept", "redirect_call_sid", "redirect_accept", "redirect_url", "to", "from", "status_callback",
    "status_callback_method", "status_callback_event", "timeout", "record", "muted", "beep",
    "start_conference_on_enter", "wait_url", "wait_method", "early_media", "max_participants",
    "conference_status_callback", "conference_status_callback_method", "conference_status_callback_event",
    "conference_record", "conference_trim", "recording_channels", "recording_status_callback",
    "recording_status_callback_method", "conference_recording_status_callback",
    "conference_recording_status_callback_method", "region", "sip_auth_username", "sip_auth_password",
    "post_work_activity_sid", "end_conference_on_exit", "end_conference_on_customer_exit",
    "beep_on_customer_entrance", "jitter_buffer_size", "supervisor_mode", "supervisor",
)
# fmt: on
_INSTRUCTION_FIELDS = tuple(
    Field(name, Text(2_048), "Of the telephone instructions.", on="update") for name in _INSTRUCTION_PARAMETERS
)


def _reservation(parent: str, url_field: Field, filters: tuple[Filter, ...]) -> Resource:
    return Resource(
        name=f"{parent}_reservation",
        key="reservations",
        path="Reservations",
        kind=Reservation,
        parent=parent,
        operations="fetch list update",
        versioned=True,
        doc="An offer of a task to a worker, and what became of it.",
        filters=(
            Filter(
                "reservation_status",
                Choice(*RESERVATION_STATUSES),
                lambda v, e, wanted: e.status == wanted,
                "In this state.",
            ),
            *filters,
        ),
        fields=(
            ACCOUNT_SID,
            DATE_CREATED,
            DATE_UPDATED,
            Field("links", Links(), "", _reservation_links),
            Field(
                "reservation_status",
                Choice(*RESERVATION_STATUSES),
                "Where it stands; an update may set accepted, rejected, wrapping or completed.",
                lambda v, e: e.status,
                on="update",
            ),
            SID,
            Field("task_sid", Plain(), "", lambda v, e: v.task_of(e).sid),
            url_field,
            Field("worker_name", Plain(), "", lambda v, e: _named(v.state.workers, e.worker, "friendly_name")),
            Field("worker_sid", Plain(), "", lambda v, e: _named(v.state.workers, e.worker, "sid")),
            WORKSPACE_SID,
            Field("worker_activity_sid", SidOf("WA"), "With an answer: the worker's new activity.", on="update"),
            Field("instruction", Text(64), "accept, reject, or one that needs a telephone service.", on="update"),
            *_INSTRUCTION_FIELDS,
        ),
    )


TASK_RESERVATION = _reservation(
    "task",
    Field("url", Link(), "", lambda v, e: f"{task_path(v, v.task_of(e))}/Reservations/{e.sid}"),
    (
        Filter(
            "worker_sid",
            SidOf("WK"),
            lambda v, e, wanted: _named(v.state.workers, e.worker, "sid") == wanted,
            "Of this worker.",
        ),
    ),
)
WORKER_RESERVATION = _reservation(
    "worker",
    Field("url", Link(), "", lambda v, e: f"{_worker_path(v, e)}/Reservations/{e.sid}"),
    (),
)
