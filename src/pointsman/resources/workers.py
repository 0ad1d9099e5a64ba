"""Workers and their channels. Source: TaskRouter REST, sections of the same names [oai][sample]; the
fields stand in the order of the samples."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING, Any

from pointsman.core import limits
from pointsman.core.expression import Context
from pointsman.core.ids import number_of
from pointsman.core.types import TaskQueue, Worker, WorkerChannel
from pointsman.resources.configuration import (
    ACCOUNT_SID,
    ATTRIBUTES,
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
from pointsman.resources.types import (
    Bool,
    Condition,
    Count,
    Int,
    Link,
    Links,
    SidOf,
    Text,
    Timestamp,
)

if TYPE_CHECKING:
    from pointsman.core.engine.view import View


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
        Order("date_created", "created_ms"),
        Order("date_status_changed", "status_changed_ms"),
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
