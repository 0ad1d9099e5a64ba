"""Tasks. Source: TaskRouter REST, the section of the same name [oai][sample]; the fields stand in the order of the
samples."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING, Any

from pointsman.core import limits
from pointsman.core.engine.seen import seen_of
from pointsman.core.expression import Context, Expression, clock_values
from pointsman.core.ids import number_of
from pointsman.core.types import TASK_ENDED, Task
from pointsman.resources.configuration import (
    ACCOUNT_SID,
    ATTRIBUTES,
    BOTH,
    DATE_CREATED,
    DATE_UPDATED,
    WORKSPACE_SID,
    field_of,
    sid,
    url,
)
from pointsman.resources.declare import Field, Filter, Order, Resource, workspace_path
from pointsman.resources.types import (
    Bool,
    Choice,
    Condition,
    Count,
    Int,
    Links,
    SidOf,
    Text,
    Timestamp,
)

if TYPE_CHECKING:
    from pointsman.core.engine.view import View

TASK_STATUSES = ("pending", "reserved", "assigned", "wrapping", "completed", "canceled")
FEW_MAX = 10_000  # numbers that are put in order for each look at a list
HELD_STATUSES = frozenset({"reserved", "assigned", "wrapping"})  # with these a task has live reservations


def task_path(view: View, task: Task) -> str:
    return f"{workspace_path(view)}/Tasks/{task.sid}"


def _task_links(view: View, task: Task) -> dict[str, str | None]:
    base = workspace_path(view)
    queue = field_of(view.state.queues, task.queue, "sid")
    workflow = field_of(view.state.workflows, task.workflow, "sid")
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


def _one_end(view: View, wanted: tuple[str, ...]) -> tuple[str, str] | None:
    """Both ends are all that have ended."""
    ends = TASK_ENDED.intersection(wanted)
    return ("status", min(ends)) if len(ends) == 1 else None


def _number_in(table: dict[int, Any], wanted: str) -> int:
    """0, which no task points at, if there is none of this sid."""
    number = number_of(wanted)
    return number if field_of(table, number, "sid") == wanted else 0


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
            holding=_one_end,
        ),
        Filter("priority", Int(0, limits.PRIORITY_MAX), lambda v, e, wanted: e.priority == wanted, "This priority."),
        Filter(
            "workflow_sid",
            SidOf("WW"),
            lambda v, e, wanted: field_of(v.state.workflows, e.workflow, "sid") == wanted,
            "Under this workflow.",
            among=lambda v, wanted: _few(v.state.census.under_workflow(number_of(wanted))),
            holding=lambda v, wanted: ("workflow", _number_in(v.state.workflows, wanted)),
        ),
        Filter(
            "workflow_name",
            Text(),
            lambda v, e, wanted: field_of(v.state.workflows, e.workflow, "friendly_name") == wanted,
            "Under the workflow of exactly this name.",
            among=lambda v, wanted: _few(v.state.census.under_workflow(v.state.named("workflow", wanted) or 0)),
            holding=lambda v, wanted: ("workflow", v.state.named("workflow", wanted) or 0),
        ),
        Filter(
            "task_queue_sid",
            SidOf("WQ"),
            lambda v, e, wanted: field_of(v.state.queues, e.queue, "sid") == wanted,
            "In this queue now.",
            among=lambda v, wanted: _few(v.state.census.in_queue(number_of(wanted))),
            holding=lambda v, wanted: ("queue", _number_in(v.state.queues, wanted)),
        ),
        Filter(
            "task_queue_name",
            Text(),
            lambda v, e, wanted: field_of(v.state.queues, e.queue, "friendly_name") == wanted,
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
        Order("date_created", "created_ms"),
        Order("priority", "priority"),
        Order("virtual_start_time", "virtual_start_ms"),
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
            lambda v, e: field_of(v.state.queues, e.queue, "sid"),
            on="create",
            null=True,
        ),
        Field(
            "task_channel_sid",
            SidOf("TC"),
            "Its channel.",
            lambda v, e: field_of(v.state.channels, e.channel, "sid"),
            null=True,
        ),
        Field(
            "task_channel_unique_name",
            Text(),
            "That channel's unique name.",
            lambda v, e: field_of(v.state.channels, e.channel, "unique_name"),
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
            lambda v, e: field_of(v.state.workflows, e.workflow, "sid"),
            on="create",
            null=True,
        ),
        WORKSPACE_SID,
        Field(
            "workflow_friendly_name",
            Text(),
            "That workflow's name.",
            lambda v, e: field_of(v.state.workflows, e.workflow, "friendly_name"),
            null=True,
        ),
        Field(
            "task_queue_friendly_name",
            Text(),
            "That queue's name.",
            lambda v, e: field_of(v.state.queues, e.queue, "friendly_name"),
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
