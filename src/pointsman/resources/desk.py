"""Ours: what one worker has before it, whom it can hand a task to, and a link that lets it do its work in a browser."""

from __future__ import annotations

from pointsman.resources.configuration import ACCOUNT_SID, TASK_QUEUE, WORKSPACE_SID
from pointsman.resources.declare import Field, Filter, Operation, Parameter
from pointsman.resources.paging import PAGING
from pointsman.resources.types import Bool, Choice, Count, Int, Link, Records, SidOf, Text, Timestamp
from pointsman.resources.workers import WORKER

LINK_HOURS_DEFAULT, LINK_HOURS_MAX = 12, 30 * 24
RESERVATIONS_MAX = 50  # shown, oldest first
_WORKER = "/v1/Workspaces/{WorkspaceSid}/Workers/{WorkerSid}"
_WORKER_SID = Field("worker_sid", SidOf("WK"), "The worker.")

DESK = Operation(
    resource="desk",
    name="fetch",
    method="GET",
    path=f"{_WORKER}/Desk",
    status=200,
    doc="Read all that a worker needs to work: its activity, its offers with their deadlines, and its tasks.",
    fields=(
        ACCOUNT_SID,
        WORKSPACE_SID,
        Field("workspace_name", Text(), "That workspace's name."),
        _WORKER_SID,
        Field("worker_name", Text(), "The worker's name."),
        Field("activity_sid", SidOf("WA"), "What it is doing."),
        Field("activity_name", Text(), "That activity's name."),
        Field("available", Bool(), "Whether it can be offered tasks in that activity."),
        Field("date_status_changed", Timestamp(), "Its last change of activity."),
        Field(
            "activities",
            Records(),
            "The activities that there are, available ones first: sid, friendly_name, available.",
        ),
        Field(
            "reservations",
            Records(),
            "Its reservations that have not ended, oldest first: sid, reservation_status, date_updated, created_ms and "
            "deadline_ms (when it lapses, if it is pending); others, how many other workers have the task too; "
            "transfer, the one that is under way (sid, transfer_mode, transfer_to, to_name, worker_sid, worker_name), "
            "or null; and task: sid, assignment_status, attributes, priority, age, reason, task_queue_name, "
            f"workflow_name, task_channel_unique_name. At most {RESERVATIONS_MAX}.",
        ),
        Field("reservations_count", Count(), "How many there are."),
        Field("now_ms", Count(), "The server's time, which deadlines are compared with."),
        Field("url", Link(), "Where it is."),
    ),
    ours=True,
)

KIND = Parameter("kind", Choice("worker", "queue"), "Workers, or task queues.", required=True)
_CONTAINS = Filter(
    "friendly_name_contains",
    Text(),
    lambda view, entity, wanted: wanted.casefold() in entity.friendly_name.casefold(),
    "With this in the friendly name, compared without case.",
)
_AVAILABLE = next(each for each in WORKER.filters if each.name == "available")
# Lists of workers and of queues, with fewer filters and shown otherwise: names are all that a colleague may see.
TARGETS = {
    "worker": WORKER._replace(key="transfer_targets", filters=(_CONTAINS, _AVAILABLE), orders=(), versioned=False),
    "queue": TASK_QUEUE._replace(key="transfer_targets", filters=(_CONTAINS,), orders=()),
}
TARGET_LIST = Operation(
    resource="transfer_target",
    name="list",
    method="GET",
    path=f"{_WORKER}/TransferTargets",
    status=200,
    doc="Read a page of those to whom the worker could hand a task on, by name.",
    query=(KIND, *(each.parameter() for each in TARGETS["worker"].filters), *PAGING),
    fields=(
        Field("sid", SidOf("WK", "WQ"), "Of the worker or task queue."),
        Field("friendly_name", Text(), "Its name."),
    ),
    key="transfer_targets",
    ours=True,
)

LINK_PARAMETERS = (
    Parameter(
        "hours", Int(1, LINK_HOURS_MAX), f"How long the link is good for, in hours; {LINK_HOURS_DEFAULT} if not sent."
    ),
)
DESK_LINK = Operation(
    resource="desk_link",
    name="create",
    method="POST",
    path=f"{_WORKER}/DeskLinks",
    status=201,
    doc="Make a link to the worker's desk in the console. Whoever has it may do that worker's work alone.",
    form=LINK_PARAMETERS,
    fields=(
        ACCOUNT_SID,
        WORKSPACE_SID,
        _WORKER_SID,
        Field("url", Link(), "The link. Nothing of it is kept: it can't be shown again."),
        Field("date_expires", Timestamp(), "When it, and what was opened with it, ends."),
    ),
    ours=True,
)
DESK_OPERATIONS = (DESK, TARGET_LIST, DESK_LINK)
