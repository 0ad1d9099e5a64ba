"""Workspaces, activities, task channels, task queues and workflows. Source: TaskRouter REST, sections of the same
names [oai][sample]; the fields stand in the order of the samples."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pointsman.core import limits
from pointsman.core.expression import Context, compile_expression
from pointsman.core.ids import number_of
from pointsman.core.types import Activity, TaskChannel, TaskQueue, Workflow, Workspace
from pointsman.resources.declare import Field, Filter, Order, Resource, workspace_path
from pointsman.resources.types import (
    Bool,
    Choice,
    Extension,
    Int,
    Json,
    Link,
    Links,
    Nothing,
    Object,
    SidOf,
    Text,
    Timestamp,
    Url,
)

if TYPE_CHECKING:
    from pointsman.core.engine.view import View

NAME = Text(limits.FRIENDLY_NAME_LENGTH_MAX, required=True)
ATTRIBUTES = Json("attributes_length_max")
BOTH = "create update"

ACCOUNT_SID = Field("account_sid", SidOf("AC"), "The account that owns it.", lambda v, e: v.state.workspace.account_sid)
DATE_CREATED = Field("date_created", Timestamp(), "When it was created.", lambda v, e: e.created_ms)
DATE_UPDATED = Field("date_updated", Timestamp(), "When it last changed.", lambda v, e: e.updated_ms)
WORKSPACE_SID = Field("workspace_sid", SidOf("WS"), "The workspace it is in.", lambda v, e: v.state.workspace.sid)
LINKS_WORKSPACE = Field("links", Links(), "What belongs to it.", lambda v, e: {"workspace": workspace_path(v)})


POINTSMAN = Field("pointsman", Extension(), "Only if there is something unwise in it: its `warnings`.")


def sid(prefix: str) -> Field:
    return Field("sid", SidOf(prefix), "Its sid.", lambda v, e: e.sid)


def field_of(table: dict[int, Any], no: int | None, field: str) -> Any:
    """A field of what a task or reservation points at. What one that has ended pointed at may be gone."""
    entity = table.get(no or 0)
    return getattr(entity, field) if entity is not None else None


def by_friendly_name(kind: str | None) -> Filter:
    """Of a `kind` whose names are unique here, there is one at most."""

    def named(view: View, wanted: str) -> tuple[int, ...]:
        no = view.state.named(kind or "", wanted)
        return () if no is None else (no,)

    return Filter(
        "friendly_name",
        Text(),
        lambda v, e, wanted: e.friendly_name == wanted,
        "Exactly this friendly name.",
        among=named if kind else None,
    )


def activity_name(view: View, no: int | None) -> str | None:
    return view.state.activities[no].friendly_name if no is not None else None


def activity_sid(view: View, no: int | None) -> str | None:
    return view.state.activities[no].sid if no is not None else None


def activity_path(view: View, no: int | None) -> str | None:
    return f"{workspace_path(view)}/Activities/{activity_sid(view, no)}" if no is not None else None


def url(path: str) -> Field:
    return Field("url", Link(), "Where it is.", lambda v, e: f"{workspace_path(v)}/{path}/{e.sid}")


_WORKSPACE_LINKS = {
    "activities": "Activities",
    "statistics": "Statistics",
    "real_time_statistics": "RealTimeStatistics",
    "cumulative_statistics": "CumulativeStatistics",
    "task_queues": "TaskQueues",
    "tasks": "Tasks",
    "workers": "Workers",
    "workflows": "Workflows",
    "task_channels": "TaskChannels",
    "events": "Events",
}

WORKSPACE = Resource(
    name="workspace",
    key="workspaces",
    path="Workspaces",
    kind=Workspace,
    parent=None,
    doc="The top-level container: nothing is shared between workspaces.",
    filters=(by_friendly_name(None),),
    fields=(
        ACCOUNT_SID,
        DATE_CREATED,
        DATE_UPDATED,
        Field("default_activity_name", Text(), "Its name.", lambda v, e: activity_name(v, e.default_activity)),
        Field(
            "default_activity_sid",
            SidOf("WA"),
            "The activity of workers who are created without one.",
            lambda v, e: activity_sid(v, e.default_activity),
            on="update",
        ),
        Field("event_callback_url", Url(), "Where events are posted.", lambda v, e: e.event_callback_url, on=BOTH),
        Field(
            "events_filter",
            Text(10_000),
            "The event types that are posted, with commas; none: all. The log holds all in any case.",
            lambda v, e: e.events_filter,
            on=BOTH,
            null=True,
        ),
        Field("friendly_name", NAME, "A name for people.", lambda v, e: e.friendly_name, on=BOTH, required="create"),
        Field(
            "links",
            Links(),
            "What belongs to it.",
            lambda v, e: {name: f"{workspace_path(v)}/{path}" for name, path in _WORKSPACE_LINKS.items()},
        ),
        Field(
            "multi_task_enabled",
            Bool(),
            "Whether workers may hold several reservations at once. It can't be turned off again.",
            lambda v, e: e.multi_task_enabled,
            on=BOTH,
        ),
        Field(
            "prioritize_queue_order",
            Choice("FIFO", "LIFO"),
            "Which kind of queue is emptied first by a worker who is in both kinds.",
            lambda v, e: e.prioritize_queue_order,
            on=BOTH,
        ),
        sid("WS"),
        Field(
            "timeout_activity_name", Text(), "That activity's name.", lambda v, e: activity_name(v, e.timeout_activity)
        ),
        Field(
            "timeout_activity_sid",
            SidOf("WA"),
            "Where a worker goes whose reservation timed out.",
            lambda v, e: activity_sid(v, e.timeout_activity),
            on="update",
        ),
        Field("url", Link(), "Where it is.", lambda v, e: workspace_path(v)),
        Field("template", Choice("NONE", "EMPTY", "FIFO"), "FIFO adds a queue and a workflow.", on="create"),
    ),
)

ACTIVITY = Resource(
    name="activity",
    key="activities",
    path="Activities",
    kind=Activity,
    doc="What a worker is doing. Whether it is available in it is fixed for life.",
    filters=(
        by_friendly_name("activity"),
        Filter("available", Bool(), lambda v, e, wanted: e.available is wanted, "Available ones, or the others."),
    ),
    fields=(
        ACCOUNT_SID,
        Field("available", Bool(), "Whether workers in it get tasks.", lambda v, e: e.available, on="create"),
        DATE_CREATED,
        DATE_UPDATED,
        Field("friendly_name", NAME, "Unique here.", lambda v, e: e.friendly_name, on=BOTH, required="create"),
        sid("WA"),
        url("Activities"),
        WORKSPACE_SID,
        LINKS_WORKSPACE,
    ),
)

TASK_CHANNEL = Resource(
    name="task_channel",
    key="channels",
    path="TaskChannels",
    kind=TaskChannel,
    doc="A kind of work with a capacity of its own at every worker. Five are built in.",
    fields=(
        ACCOUNT_SID,
        DATE_CREATED,
        DATE_UPDATED,
        Field("friendly_name", NAME, "A name for people.", lambda v, e: e.friendly_name, on=BOTH, required="create"),
        sid("TC"),
        Field(
            "unique_name",
            Text(64, pattern=r"[A-Za-z_$][A-Za-z0-9_$]*"),
            "How tasks and expressions name it.",
            lambda v, e: e.unique_name,
            on="create",
            required="create",
        ),
        url("TaskChannels"),
        WORKSPACE_SID,
        Field(
            "channel_optimized_routing",
            Bool(),
            "Whether idleness is counted on this channel alone.",
            lambda v, e: e.channel_optimized_routing,
            on=BOTH,
        ),
        LINKS_WORKSPACE,
    ),
)


def _queue_links(view: View, queue: TaskQueue) -> dict[str, str | None]:
    queues = f"{workspace_path(view)}/TaskQueues"
    return {
        "assignment_activity": activity_path(view, queue.assignment_activity),
        "reservation_activity": activity_path(view, queue.reservation_activity),
        "workspace": workspace_path(view),
        "statistics": f"{queues}/{queue.sid}/Statistics",
        "real_time_statistics": f"{queues}/{queue.sid}/RealTimeStatistics",
        "cumulative_statistics": f"{queues}/{queue.sid}/CumulativeStatistics",
        "list_statistics": f"{queues}/Statistics",
        "bulk_real_time_statistics": f"{queues}/RealTimeStatistics",
    }


def _has_worker(view: View, queue: TaskQueue, wanted: str) -> bool:
    worker = view.state.workers.get(number_of(wanted))
    return worker is not None and worker.sid == wanted and view.state.is_in_queue(worker, queue)


TASK_QUEUE = Resource(
    name="task_queue",
    key="task_queues",
    path="TaskQueues",
    kind=TaskQueue,
    doc="A line of tasks, and by an expression the workers who may take them.",
    extensions=(POINTSMAN,),
    filters=(
        by_friendly_name("task_queue"),
        Filter(
            "evaluate_worker_attributes",
            Object(),
            lambda v, e, wanted: compile_expression(e.target_workers, Context.QUEUE).matches(None, wanted, None, None),
            "Queues that a worker with these attributes would be in.",
            costly=True,
        ),
        Filter("worker_sid", SidOf("WK"), _has_worker, "Queues that this worker is in."),
    ),
    orders=(
        Order("date_created", "created_ms"),
        Order("date_updated", "updated_ms"),
    ),
    fields=(
        ACCOUNT_SID,
        Field(
            "assignment_activity_name",
            Text(),
            "That activity's name.",
            lambda v, e: activity_name(v, e.assignment_activity),
            null=True,
        ),
        Field(
            "assignment_activity_sid",
            SidOf("WA", clearable=True),
            "Single-tasking only: the worker's activity once it has accepted.",
            lambda v, e: activity_sid(v, e.assignment_activity),
            on=BOTH,
            null=True,
        ),
        DATE_CREATED,
        DATE_UPDATED,
        Field("friendly_name", NAME, "Unique here.", lambda v, e: e.friendly_name, on=BOTH, required="create"),
        Field(
            "max_reserved_workers",
            Int(1, limits.RESERVED_WORKERS_MAX),
            "How many workers are offered a task at once.",
            lambda v, e: e.max_reserved_workers,
            on=BOTH,
        ),
        Field("links", Links(), "What belongs to it.", _queue_links),
        Field(
            "reservation_activity_name",
            Text(),
            "That activity's name.",
            lambda v, e: activity_name(v, e.reservation_activity),
            null=True,
        ),
        Field(
            "reservation_activity_sid",
            SidOf("WA", clearable=True),
            "Single-tasking only: the worker's activity while it is reserved.",
            lambda v, e: activity_sid(v, e.reservation_activity),
            on=BOTH,
            null=True,
        ),
        sid("WQ"),
        Field(
            "target_workers",
            Text(),
            "Which workers are in it; sent but empty: nobody.",
            lambda v, e: e.target_workers,
            on=BOTH,
        ),
        Field("task_order", Choice("FIFO", "LIFO"), "Oldest or newest first.", lambda v, e: e.task_order, on=BOTH),
        url("TaskQueues"),
        WORKSPACE_SID,
    ),
)


def _workflow_links(view: View, workflow: Workflow) -> dict[str, str | None]:
    path = f"{workspace_path(view)}/Workflows/{workflow.sid}"
    names = {"statistics": "Statistics", "real_time_statistics": "RealTimeStatistics"}
    names["cumulative_statistics"] = "CumulativeStatistics"
    return {name: f"{path}/{segment}" for name, segment in names.items()}


WORKFLOW = Resource(
    name="workflow",
    key="workflows",
    path="Workflows",
    kind=Workflow,
    doc="The rules by which tasks find their queue, and whom to tell when a worker is reserved.",
    extensions=(POINTSMAN,),
    filters=(by_friendly_name("workflow"),),
    fields=(
        ACCOUNT_SID,
        Field(
            "assignment_callback_url",
            Url(),
            "Called when a worker is reserved.",
            lambda v, e: e.assignment_callback_url,
            on=BOTH,
            null=True,
        ),
        Field(
            "configuration",
            Json("configuration_bytes_max"),
            "The rules, as JSON.",
            lambda v, e: v.state.configurations[e.configuration].document,
            on=BOTH,
            required="create",
        ),
        DATE_CREATED,
        DATE_UPDATED,
        Field("document_content_type", Nothing(), "Always null.", lambda v, e: None, null=True),
        Field(
            "fallback_assignment_callback_url",
            Url(),
            "Called if the first URL fails.",
            lambda v, e: e.fallback_assignment_callback_url,
            on=BOTH,
            null=True,
        ),
        Field("friendly_name", NAME, "Unique here.", lambda v, e: e.friendly_name, on=BOTH, required="create"),
        sid("WW"),
        Field(
            "task_reservation_timeout",
            Int(1, limits.RESERVATION_TIMEOUT_S_MAX),
            "How long a worker has to answer, in seconds.",
            lambda v, e: e.task_reservation_timeout_s,
            on=BOTH,
        ),
        url("Workflows"),
        WORKSPACE_SID,
        Field("links", Links(), "What belongs to it.", _workflow_links),
        Field("re_evaluate_tasks", Bool(), "Whether waiting tasks start again by the new rules.", on="update"),
    ),
)
