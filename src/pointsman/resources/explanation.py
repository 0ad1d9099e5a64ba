"""Ours: why a task is where it is, and why a worker is in a queue or not. The members of the objects in them are the
fields of `core.explain.values` and of `core.expression.Compared`."""

from __future__ import annotations

from pointsman.resources.configuration import ACCOUNT_SID, TASK_QUEUE, WORKSPACE_SID, by_friendly_name
from pointsman.resources.declare import Field, Operation, Parameter
from pointsman.resources.paging import PAGING
from pointsman.resources.types import Bool, Choice, Count, Link, Record, Records, SidOf, Text, Timestamp

EXPLANATION_PARAMETERS = (
    Parameter("worker_sid", SidOf("WK"), "Say of this worker too what keeps it from the task, as `workers.asked`."),
)
_COMPARED = "`because` has the comparisons that decide: operator, operands as written, values, and whether it held."
EXPLANATION_FIELDS = (
    ACCOUNT_SID,
    WORKSPACE_SID,
    Field("task_sid", SidOf("WT"), "The task."),
    Field("task_version", Count(), "The version of the task that is explained."),
    Field(
        "assignment_status",
        Choice("pending", "reserved", "assigned", "wrapping", "completed", "canceled"),
        "Its status.",
    ),
    Field("reason", Text(), "Why it was canceled or completed.", null=True),
    Field("summary", Text(), "The answer in a few sentences."),
    Field(
        "routing",
        Record(),
        "The rules that it follows: workflow_sid and workflow_name; date_of_rules, when that version of the "
        "configuration was made, and rules_are_current; filter, in which it stands (1 is the first, 0 the default "
        "filter), why it stands there, and filters_count.",
    ),
    Field(
        "filters",
        Records(),
        "Each filter in order, asked now: position, name, expression, matched, outcome (not_matched, here, left: it "
        "matches, but the task has been through it or was taken elsewhere; later: it comes after the present one). "
        f"{_COMPARED} because_count says how many there are. At most 500, around the present one.",
    ),
    Field(
        "target",
        Record(),
        "Where it stands: filter, position in it and count of its targets; task_queue_sid, task_queue_name and "
        "queue_expression; expression, priority, timeout_s, order_by, known_worker and skip_if of the target; "
        "leaves_at, when its time there is up (null: not by time).",
        null=True,
    ),
    Field(
        "next",
        Record(),
        "What comes if nothing but time changes: at, what (target, canceled, removed), filter, target, "
        "task_queue_name, text.",
        null=True,
    ),
    Field(
        "direct",
        Record(),
        "The rules of a task that was sent somewhere: routing_target, ignore_capacity, and reserve_by, when a worker "
        "must have been reserved.",
        null=True,
    ),
    Field("ttl_ends", Timestamp(), "When its life ends at the latest.", null=True),
    Field("paused_until", Timestamp(), "Not offered before, since its assignment callbacks failed.", null=True),
    Field("failures", Count(), "How many assignment callbacks have failed in a row."),
    Field(
        "place",
        Record(),
        "Its place among those that wait in its queue: position (1 is next; null: too many to count), waiting, "
        "complete, order, and the priority and virtual_start_time that it is ordered by. Null, if it does not wait.",
        null=True,
    ),
    Field(
        "workers",
        Record(),
        "Every worker of the workspace by the first thing that keeps it from the task: count, in_queue, could_take, "
        "complete; reasons, each with a text, a count and a few examples with what was compared; ordered_by, and "
        "candidates, who could take it now, in the order in which they would get it; asked, the worker that the "
        "request names. Null, if the task has ended or its rules are not kept.",
        null=True,
    ),
    Field(
        "reservations",
        Records(),
        "Its newest reservations, oldest first, with why each worker was chosen. Who else could have had it then is "
        "not kept: came_next has those of `workers.candidates` who have had no reservation and no change of activity "
        "since, so that they stood behind it, unless their attributes or capacity have changed.",
    ),
    Field("reservations_count", Count(), "How many there are."),
    Field("looked_from", Timestamp(), "Workers and waiting tasks were looked at from then ..."),
    Field("looked_until", Timestamp(), "... until then."),
    Field("steady", Bool(), "Whether the task stayed as it was all the while. If not, the parts may not fit together."),
    Field("url", Link(), "Where it is."),
)
EXPLANATION = Operation(
    resource="explanation",
    name="fetch",
    method="GET",
    path="/v1/Workspaces/{WorkspaceSid}/Tasks/{TaskSid}/Explanation",
    status=200,
    doc="Say why a task is where it is: which filter took it, who can't take it and why, who comes next.",
    query=EXPLANATION_PARAMETERS,
    fields=EXPLANATION_FIELDS,
    ours=True,
)

MATCHED = Parameter("matched", Bool(), "Those that it is in, or the others.")
# The list of a worker's memberships is the list of queues, with fewer filters and shown otherwise.
MEMBERSHIPS = TASK_QUEUE._replace(key="memberships", filters=(by_friendly_name("task_queue"),), orders=())
MEMBERSHIP_LIST = Operation(
    resource="membership",
    name="list",
    method="GET",
    path="/v1/Workspaces/{WorkspaceSid}/Workers/{WorkerSid}/Memberships",
    status=200,
    doc="Read a page of the task queues, each with what its expression says of the worker, and why.",
    query=(MATCHED, *(each.parameter() for each in MEMBERSHIPS.filters), *PAGING),
    fields=(
        ACCOUNT_SID,
        WORKSPACE_SID,
        Field("worker_sid", SidOf("WK"), "The worker."),
        Field("task_queue_sid", SidOf("WQ"), "The task queue."),
        Field("task_queue_name", Text(), "That queue's name."),
        Field("target_workers", Text(), "Its expression."),
        Field("matched", Bool(), "Whether the worker is in it, whatever its activity."),
        Field("text", Text(), "Why, in words."),
        Field("because", Records(), f"{_COMPARED} At most 5."),
        Field("because_count", Count(), "How many comparisons decide."),
        Field("task_queue_url", Link(), "Where the task queue is."),
    ),
    key=MEMBERSHIPS.key,
    ours=True,
)
EXPLANATION_OPERATIONS = (EXPLANATION, MEMBERSHIP_LIST)
