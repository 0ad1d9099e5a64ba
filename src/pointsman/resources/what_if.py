"""What would be (ours): asked before something is changed. The members of objects are the fields of `core.what_if`."""

from __future__ import annotations

from pointsman.resources.configuration import ACCOUNT_SID, TASK_QUEUE, WORKFLOW, WORKSPACE_SID
from pointsman.resources.declare import Field, Operation, Parameter, Resource
from pointsman.resources.tasks import TASK
from pointsman.resources.types import Bool, Choice, Count, Link, Records, SidOf, Text

_WORKSPACE = "/v1/Workspaces/{WorkspaceSid}"
_URL = Field("url", Link(), "Where this is.")


def _parameter(resource: Resource, name: str, *, required: bool = False) -> Parameter:
    field = next(each for each in resource.fields if each.name == name)
    return field.parameter("")._replace(required=required)


ELIGIBLE_WORKERS = Operation(
    resource="eligible_workers",
    name="create",
    method="POST",
    path=f"{_WORKSPACE}/EligibleWorkers",
    status=200,
    doc="Say whom an expression of a task queue would match now; nothing is made of it.",
    form=(_parameter(TASK_QUEUE, "target_workers"),),
    reads=True,
    fields=(
        ACCOUNT_SID,
        WORKSPACE_SID,
        Field("workers_count", Count(), "How many workers there are."),
        Field("eligible_count", Count(), "How many of them it matches."),
        Field("available_count", Count(), "How many of those are in an available activity."),
        Field(
            "workers",
            Records(),
            "The first 20 of those it matches: worker_sid, worker_name, activity_name, available.",
        ),
        _URL,
    ),
    ours=True,
)
TRIAL = Operation(
    resource="trial",
    name="create",
    method="POST",
    path=f"{_WORKSPACE}/Trial",
    status=200,
    doc="Say which way a task would go by a configuration, if nobody took it; no task is made.",
    form=(
        _parameter(WORKFLOW, "configuration", required=True),
        *(_parameter(TASK, name) for name in ("attributes", "priority", "task_channel", "timeout")),
    ),
    reads=True,
    fields=(
        ACCOUNT_SID,
        WORKSPACE_SID,
        Field(
            "outcome",
            Choice("waits", "canceled", "refused", "unknown"),
            "What becomes of it: it waits until its time to live ends, is canceled once it has left the workflow, or "
            "is refused at once, since no filter takes it.",
        ),
        Field("text", Text(), "The same in a sentence."),
        Field(
            "filters",
            Records(),
            "Each filter in order, asked at the beginning, as in an explanation: here is the one that takes it.",
        ),
        Field(
            "legs",
            Records(),
            "Each target on its way: after_s, in seconds since its creation; target and workers, as in an explanation, "
            "but of workers as they are now; filter_name; priority, the task's there; offered, where it would be "
            "offered first; leaves (time, skip, stays) and leaves_after_s. At most 50.",
        ),
        _URL,
    ),
    ours=True,
)
RE_EVALUATION = Operation(
    resource="re_evaluation",
    name="create",
    method="POST",
    path=f"{_WORKSPACE}/Workflows/{{WorkflowSid}}/ReEvaluation",
    status=200,
    doc="Say where the workflow's waiting tasks would stand, if they started again by a configuration; none is moved.",
    form=(_parameter(WORKFLOW, "configuration", required=True),),
    reads=True,
    fields=(
        ACCOUNT_SID,
        WORKSPACE_SID,
        Field("workflow_sid", SidOf("WW"), "The workflow."),
        Field("waiting_count", Count(), "How many pending tasks follow its rules, as far as they were looked at."),
        Field("stay_count", Count(), "Of them, those that would stay in their queue."),
        Field("move_count", Count(), "Those that would go to another."),
        Field("cancel_count", Count(), "Those that would be canceled, since no filter would take them."),
        Field("reserved_count", Count(), "Reserved ones, which start again only if they come back."),
        Field("complete", Bool(), "Whether all were looked at: of more than 100,000 the oldest are."),
        Field(
            "moves",
            Records(),
            "From which queue to which, and how many, the most first: from_task_queue_sid and _name, "
            "to_task_queue_sid and _name (null: canceled), count. At most 100.",
        ),
        _URL,
    ),
    ours=True,
)
WHAT_IF_OPERATIONS = (ELIGIBLE_WORKERS, TRIAL, RE_EVALUATION)
