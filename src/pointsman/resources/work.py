"""Workers, their channels, tasks and reservations. Source: TaskRouter REST, sections of the same names [oai][sample];
the fields stand in the order of the samples."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from pointsman.core import limits
from pointsman.core.engine.seen import seen_of
from pointsman.core.engine.view import View
from pointsman.core.expression import Context, Expression, clock_values
from pointsman.core.ids import number_of
from pointsman.core.types import RESERVATION_ENDED, TASK_ENDED, Reservation, Task, TaskQueue, Worker, WorkerChannel
from pointsman.resources.configuration import (
    ACCOUNT_SID,
    BOTH,
    DATE_CREATED,
    DATE_UPDATED,
    NAME,
    WORKSPACE_SID,
    activity_name,
    activity_path,
    activity_sid,
    sid,
    url,
)
from pointsman.resources.declare import Field, Filter, Order, Resource, workspace_path
from pointsman.resources.instructions import INSTRUCTION_FIELDS, SUPERVISE_FIELDS
from pointsman.resources.types import (
    Bool,
    Choice,
    Condition,
    Count,
    Int,
    Json,
    Link,
    Links,
    SidOf,
    Text,
    Timestamp,
)

ATTRIBUTES = Json("attributes_length_max")
TASK_STATUSES = ("pending", "reserved", "assigned", "wrapping", "completed", "canceled")
FEW_MAX = 10_000  # numbers that are put in order for each look at a list
HELD_STATUSES = frozenset({"reserved", "assigned", "wrapping"})  # with these a task has live reservations
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


def _worker_named(view: View, wanted: str) -> tuple[int, ...]:
    no = view.state.named("worker", wanted)
    return () if no is None else (no,)


def _in_queue(view: View, worker: Worker, wanted: str) -> bool:
    queue = view.state.queues.get(number_of(wanted))
    return queue is not None and queue.sid == wanted and view.state.is_in_queue(worker, queue)


def _members(view: View, queue: int) -> Collection[int]:
    state = view.state
    return tuple(state.worker_slots.numbers(state.membership.members.get(queue, 0)))


def _in_queue_named(view: View, worker: Worker, wanted: str) -> bool:
    queue: TaskQueue | None = view.state.queues.get(view.state.named("task_queue", wanted) or 0)
    return queue is not None and queue.friendly_name == wanted and view.state.is_in_queue(worker, queue)


WORKER = Resource(
    name="worker",
    key="workers",
    path="Workers",
    kind=Worker,
    versioned=True,
    doc="Somebody, or some program, that does tasks.",
    filters=(
        Filter(
            "activity_name",
            Text(),
            lambda v, e, wanted: activity_name(v, e.activity) == wanted,
            "In the activity of exactly this name.",
        ),
        Filter(
            "activity_sid", SidOf("WA"), lambda v, e, wanted: activity_sid(v, e.activity) == wanted, "In this activity."
        ),
        Filter(
            "available",
            Bool(),
            lambda v, e, wanted: v.state.activities[e.activity].available is wanted,
            "In available activities, or in the others.",
        ),
        Filter(
            "friendly_name",
            Text(),
            lambda v, e, wanted: e.friendly_name.casefold() == wanted.casefold(),
            "This friendly name, compared without case.",
            among=_worker_named,
        ),
        Filter(
            "friendly_name_contains",
            Text(),
            lambda v, e, wanted: wanted.casefold() in e.friendly_name.casefold(),
            "With this in the friendly name, compared without case.",
        ),
        Filter(
            "target_workers_expression",
            Condition(Context.QUEUE),
            lambda v, e, wanted: wanted.matches(None, v.state.views[e.no], None, None),
            "Whom this expression matches, as it would for a task queue.",
            costly=True,
        ),
        Filter(
            "task_queue_name",
            Text(),
            _in_queue_named,
            "Whom the task queue of this name matches.",
            among=lambda v, wanted: _members(v, v.state.named("task_queue", wanted) or 0),
        ),
        Filter(
            "task_queue_sid",
            SidOf("WQ"),
            _in_queue,
            "Whom this task queue matches.",
            among=lambda v, wanted: _members(v, number_of(wanted)),
        ),
    ),
    orders=(
        Order("date_created", lambda e: e.created_ms),
        Order("date_status_changed", lambda e: e.status_changed_ms),
    ),
    fields=(
        sid("WK"),
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
        Field("activity_name", Text(), "That activity's name.", lambda v, e: activity_name(v, e.activity)),
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
        Field("links", Links(), "What belongs to it.", _worker_links),
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
        Field("assigned_tasks", Count(), "Accepted reservations.", lambda v, e: v.state.assigned[e.no]),
        Field("available", Bool(), "Whether it takes new tasks.", lambda v, e: e.available, on="update"),
        Field(
            "available_capacity_percentage",
            Count(),
            "What is left, pending and wrapping reservations counted.",
            lambda v, e: v.state.capacity_percentage(e),
        ),
        Field("configured_capacity", Count(), "The ceiling.", lambda v, e: e.capacity),
        DATE_CREATED,
        DATE_UPDATED,
        sid("WC"),
        Field("task_channel_sid", SidOf("TC"), "The channel.", lambda v, e: _channel_of(v, e).sid),
        Field("task_channel_unique_name", Text(), "Its unique name.", lambda v, e: _channel_of(v, e).unique_name),
        Field("url", Link(), "Where it is.", lambda v, e: f"{worker_path(v, _owner(v, e))}/Channels/{e.sid}"),
        Field("worker_sid", SidOf("WK"), "Whose it is.", lambda v, e: _owner(v, e).sid),
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


def _with_reservations(view: View, wanted: tuple[str, ...]) -> Collection[int] | None:
    """The tasks that somebody has or is offered are few, however many wait."""
    return view.state.live_of_task if HELD_STATUSES.issuperset(wanted) else None


def _few(parts: Sequence[Collection[int]]) -> Collection[int] | None:
    """All of them; None if they are so many that among all tasks the next of them is soon found."""
    return None if sum(map(len, parts)) > FEW_MAX else {no for part in parts for no in part}


def _matches(view: View, task: Task, wanted: Expression) -> bool:
    seen = seen_of(task, view.state.channels.get(task.channel))
    return wanted.matches(seen, None, clock_values(view.now_ms), None)


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
            among=_with_reservations,
            ended=lambda wanted: not TASK_ENDED.isdisjoint(wanted),
        ),
        Filter("priority", Int(0, limits.PRIORITY_MAX), lambda v, e, wanted: e.priority == wanted, "This priority."),
        Filter(
            "workflow_sid",
            SidOf("WW"),
            lambda v, e, wanted: _named(v.state.workflows, e.workflow, "sid") == wanted,
            "Under this workflow.",
            among=lambda v, wanted: _few(v.state.census.under_workflow(number_of(wanted))),
            holding=lambda v, wanted: ("workflow", number_of(wanted)),
        ),
        Filter(
            "workflow_name",
            Text(),
            lambda v, e, wanted: _named(v.state.workflows, e.workflow, "friendly_name") == wanted,
            "Under the workflow of exactly this name.",
            among=lambda v, wanted: _few(v.state.census.under_workflow(v.state.named("workflow", wanted) or 0)),
            holding=lambda v, wanted: ("workflow", v.state.named("workflow", wanted) or 0),
        ),
        Filter(
            "task_queue_sid",
            SidOf("WQ"),
            lambda v, e, wanted: _named(v.state.queues, e.queue, "sid") == wanted,
            "In this queue now.",
            among=lambda v, wanted: _few(v.state.census.in_queue(number_of(wanted))),
            holding=lambda v, wanted: ("queue", number_of(wanted)),
        ),
        Filter(
            "task_queue_name",
            Text(),
            lambda v, e, wanted: _named(v.state.queues, e.queue, "friendly_name") == wanted,
            "In the queue of exactly this name now.",
            among=lambda v, wanted: _few(v.state.census.in_queue(v.state.named("task_queue", wanted) or 0)),
            holding=lambda v, wanted: ("queue", v.state.named("task_queue", wanted) or 0),
        ),
        Filter(
            "evaluate_task_attributes",
            Condition(Context.FILTER),
            _matches,
            "Whose attributes this expression matches, as in a workflow's filter.",
            costly=True,
        ),
        Filter(
            "routing_target",
            SidOf("WK", "WQ", "WW"),
            lambda v, e, wanted: e.routing_target == wanted,
            "Routed straight to this worker, queue or workflow.",
        ),
        Filter("has_addons", Bool(), lambda v, e, wanted: not wanted, "true: none, since there are no add-ons here."),
    ),
    orders=(
        Order("date_created", lambda e: e.created_ms),
        Order("priority", lambda e: e.priority),
        Order("virtual_start_time", lambda e: e.virtual_start_ms),
    ),
    exclusive=frozenset({"date_created", "virtual_start_time"}),
    fields=(
        ACCOUNT_SID,
        Field("age", Count(), "Seconds since it was created.", lambda v, e: (v.now_ms - e.created_ms) // 1000),
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
        Field("task_queue_entered_date", Timestamp(), "When it came.", lambda v, e: e.queue_entered_ms, null=True),
        Field(
            "virtual_start_time",
            Timestamp(limits.VIRTUAL_START_MIN_MS),
            "Takes the place of date_created in the order of the line.",
            lambda v, e: e.virtual_start_ms,
            on=BOTH,
        ),
        Field("priority", Int(0, limits.PRIORITY_MAX), "Higher goes first.", lambda v, e: e.priority, on=BOTH),
        Field(
            "reason",
            Text(2_000),
            "Why it was canceled, wrapped or completed.",
            lambda v, e: e.reason,
            on="update",
            null=True,
        ),
        sid("WT"),
        Field(
            "task_queue_sid",
            SidOf("WQ"),
            "Its queue now; on creation: straight into this one.",
            lambda v, e: _named(v.state.queues, e.queue, "sid"),
            on="create",
            null=True,
        ),
        Field(
            "task_channel_sid",
            SidOf("TC"),
            "Its channel.",
            lambda v, e: _named(v.state.channels, e.channel, "sid"),
            null=True,
        ),
        Field(
            "task_channel_unique_name",
            Text(),
            "That channel's unique name.",
            lambda v, e: _named(v.state.channels, e.channel, "unique_name"),
            null=True,
        ),
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
            null=True,
        ),
        WORKSPACE_SID,
        Field(
            "workflow_friendly_name",
            Text(),
            "That workflow's name.",
            lambda v, e: _named(v.state.workflows, e.workflow, "friendly_name"),
            null=True,
        ),
        Field(
            "task_queue_friendly_name",
            Text(),
            "That queue's name.",
            lambda v, e: _named(v.state.queues, e.queue, "friendly_name"),
            null=True,
        ),
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
            null=True,
        ),
        Field("addons", Text(), "Always {}: there are no add-ons here.", lambda v, e: "{}"),
        Field("links", Links(), "What belongs to it.", _task_links),
        Field("task_channel", Text(64), "A task channel's sid or unique name.", on=BOTH),
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


def activity_sid_if_there(view: View, no: int) -> str | None:
    """An activity that ended reservations remember may be deleted."""
    return activity_sid(view, no) if no in view.state.activities else None


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
                ended=lambda wanted: wanted in RESERVATION_ENDED,
            ),
            Filter(
                "worker_previous_activity_sid",
                SidOf("WA"),
                lambda v, e, wanted: activity_sid_if_there(v, e.previous_activity) == wanted,
                "Whose worker was in this activity before the offer.",
            ),
            *filters,
        ),
        fields=(
            ACCOUNT_SID,
            DATE_CREATED,
            DATE_UPDATED,
            Field("links", Links(), "What belongs to it.", _reservation_links),
            Field(
                "reservation_status",
                Choice(*RESERVATION_STATUSES),
                "Where it stands; an update may set accepted, rejected, wrapping or completed.",
                lambda v, e: e.status,
                on="update",
            ),
            sid("WR"),
            Field("task_sid", SidOf("WT"), "The task on offer.", lambda v, e: v.task_of(e).sid),
            url_field,
            Field(
                "worker_name",
                Text(),
                "That worker's name.",
                lambda v, e: _named(v.state.workers, e.worker, "friendly_name"),
                null=True,
            ),
            Field(
                "worker_sid",
                SidOf("WK"),
                "To whom it is offered; null once that worker is deleted.",
                lambda v, e: _named(v.state.workers, e.worker, "sid"),
                null=True,
            ),
            WORKSPACE_SID,
            Field("worker_activity_sid", SidOf("WA"), "With an answer: the worker's new activity.", on="update"),
            Field("instruction", Text(64), "accept, reject, or one that needs a telephone service.", on="update"),
            *INSTRUCTION_FIELDS,
            *(SUPERVISE_FIELDS if parent == "task" else ()),
        ),
    )


TASK_RESERVATION = _reservation(
    "task",
    Field("url", Link(), "Where it is.", lambda v, e: f"{task_path(v, v.task_of(e))}/Reservations/{e.sid}"),
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
    Field("url", Link(), "Where it is.", lambda v, e: f"{_worker_path(v, e)}/Reservations/{e.sid}"),
    (
        Filter(
            "active",
            Bool(),
            lambda v, e, wanted: (e.status not in RESERVATION_ENDED) is wanted,
            "true: pending, accepted or wrapping; false: the others. The worker SDK asks so.",
            ended=lambda wanted: not wanted,
        ),
    ),
)
