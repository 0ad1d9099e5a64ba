"""The operations of statistics. Their figures come from the catalogue (`stats`); paths, parameters and names are those
of the published description [oai]."""

from __future__ import annotations

from enum import Enum, auto
from typing import NamedTuple

from pointsman.resources.configuration import ACCOUNT_SID, TASK_QUEUE, WORKSPACE_SID, by_friendly_name
from pointsman.resources.declare import Field, Operation, Parameter
from pointsman.resources.paging import NUMBER_MAX, PAGING
from pointsman.resources.types import Count, FieldType, Int, Link, Numbers, Record, Records, SidOf, Text, Timestamp
from pointsman.stats import Kind, Level, Part, figures

MINUTES_DEFAULT = 15  # [oai]
REACH_DAYS = 30  # how far statistics go back [docs: statistics]
WAITS_MAX = 20  # by which one request may split
BULK_QUEUES_MAX = 50  # [oai]


class Shape(Enum):
    """How an answer is laid out: figures of one part among the sids, or an object for each part."""

    CUMULATIVE = auto()
    REAL_TIME = auto()
    COMBINED = auto()


class Report(NamedTuple):
    """An operation, and what it tells."""

    operation: Operation
    level: Level
    shape: Shape


START_DATE = Parameter("start_date", Timestamp(), f"From this time on, at most {REACH_DAYS} days ago.")
END_DATE = Parameter("end_date", Timestamp(), "Up to this time; now, if left out.")
MINUTES = Parameter(
    "minutes",
    Int(1, NUMBER_MAX),
    f"Of these minutes up to the end; {MINUTES_DEFAULT} if left out. StartDate wins over it.",
)
TASK_CHANNEL = Parameter("task_channel", Text(), "Of this task channel, by sid or unique name.")
SPLIT_BY_WAIT_TIME = Parameter(
    "split_by_wait_time", Numbers(1, NUMBER_MAX, WAITS_MAX), "Seconds of waiting, above and below which to count."
)
WHICH_WORKERS = (
    Parameter("task_queue_sid", SidOf("WQ"), "Workers of this queue alone."),
    Parameter("task_queue_name", Text(), "Workers of the queue of exactly this name alone."),
    Parameter("friendly_name", Text(), "Workers of this name alone."),
)
QUEUE_SIDS = Parameter(
    "queue_sids", SidOf("WQ"), f"1 to {BULK_QUEUES_MAX} queues. May be spelled queueSids.", required=True, many=True
)

# The list of the queues' figures is the list of queues, with fewer filters and shown otherwise.
TASK_QUEUES = TASK_QUEUE._replace(key="task_queues_statistics", filters=(by_friendly_name("task_queue"),), orders=())

_TYPES: dict[Kind, FieldType] = {
    Kind.COUNT: Count(),
    Kind.SECONDS: Count(),
    Kind.TASK_SID: SidOf("WT"),
    Kind.DURATIONS: Record(),
    Kind.COUNTS_BY_STATUS: Record(),
    Kind.COUNTS_BY_PRIORITY: Record(),
    Kind.COUNTS_BY_ACTIVITY: Records(),
    Kind.DURATIONS_BY_ACTIVITY: Records(),
    Kind.SPLIT_BY_WAIT_TIME: Record(),
}
_URL = Field("url", Link(), "Where it is.")
_INTERVAL = (
    Field("start_time", Timestamp(), "When the interval begins."),
    Field("end_time", Timestamp(), "When the interval ends."),
)
_PARTS = {
    Part.CUMULATIVE: Field("cumulative", Record(), "The figures of an interval."),
    Part.REAL_TIME: Field("realtime", Record(), "The figures of now."),
}
_DOCS = {Part.CUMULATIVE: "of an interval", Part.REAL_TIME: "of now"}
_PATHS = {
    Level.WORKSPACE: "",
    Level.WORKFLOW: "/Workflows/{WorkflowSid}",
    Level.TASK_QUEUE: "/TaskQueues/{TaskQueueSid}",
    Level.WORKERS: "/Workers",
    Level.WORKER: "/Workers/{WorkerSid}",
}
SUBJECTS = {  # what figures are of, where that is not the whole workspace or all of its workers
    Level.WORKFLOW: Field("workflow_sid", SidOf("WW"), "The workflow."),
    Level.TASK_QUEUE: Field("task_queue_sid", SidOf("WQ"), "The task queue."),
    Level.WORKER: Field("worker_sid", SidOf("WK"), "The worker."),
}
_SEGMENTS = {
    Shape.CUMULATIVE: "CumulativeStatistics",
    Shape.REAL_TIME: "RealTimeStatistics",
    Shape.COMBINED: "Statistics",
}
_WORKSPACE = "/v1/Workspaces/{WorkspaceSid}"


def _parts(level: Level, shape: Shape) -> tuple[Part, ...]:
    """The parts that the answer has."""
    if shape is not Shape.COMBINED:
        return (Part.CUMULATIVE if shape is Shape.CUMULATIVE else Part.REAL_TIME,)
    return tuple(part for part in Part if figures(level, part, combined=True))


def _query(level: Level, shape: Shape) -> tuple[Parameter, ...]:
    if shape is Shape.REAL_TIME:
        return (TASK_CHANNEL,)
    cumulative = figures(level, Part.CUMULATIVE, combined=True)
    splits = any(figure.kind is Kind.SPLIT_BY_WAIT_TIME for figure in cumulative)
    return (START_DATE, END_DATE, MINUTES, TASK_CHANNEL, *((SPLIT_BY_WAIT_TIME,) if splits else ()))


def _fields(level: Level, shape: Shape) -> tuple[Field, ...]:
    own = (ACCOUNT_SID, WORKSPACE_SID, *((SUBJECTS[level],) if level in SUBJECTS else ()), _URL)
    parts = _parts(level, shape)
    if shape is Shape.COMBINED:
        return (*own, *(_PARTS[part] for part in parts))
    told = (
        Field(each.name, _TYPES[each.kind], each.doc, null=each.kind in (Kind.TASK_SID, Kind.SPLIT_BY_WAIT_TIME))
        for each in figures(level, *parts, combined=False)
    )
    return (*own, *told, *(_INTERVAL if Part.CUMULATIVE in parts else ()))


def _report(name: str, level: Level, shape: Shape, more: tuple[Parameter, ...] = ()) -> Report:
    operation = Operation(
        resource=name,
        name="fetch",
        method="GET",
        path=f"{_WORKSPACE}{_PATHS[level]}/{_SEGMENTS[shape]}",
        status=200,
        doc=f"Read the figures {' and '.join(_DOCS[part] for part in _parts(level, shape))}.",
        query=(*_query(level, shape), *more),
        fields=_fields(level, shape),
    )
    return Report(operation, level, shape)


REPORTS = (
    _report("workspace_statistics", Level.WORKSPACE, Shape.COMBINED),
    _report("workspace_cumulative_statistics", Level.WORKSPACE, Shape.CUMULATIVE),
    _report("workspace_real_time_statistics", Level.WORKSPACE, Shape.REAL_TIME),
    _report("workflow_statistics", Level.WORKFLOW, Shape.COMBINED),
    _report("workflow_cumulative_statistics", Level.WORKFLOW, Shape.CUMULATIVE),
    _report("workflow_real_time_statistics", Level.WORKFLOW, Shape.REAL_TIME),
    _report("task_queue_statistics", Level.TASK_QUEUE, Shape.COMBINED),
    _report("task_queue_cumulative_statistics", Level.TASK_QUEUE, Shape.CUMULATIVE),
    _report("task_queue_real_time_statistics", Level.TASK_QUEUE, Shape.REAL_TIME),
    _report("worker_statistics", Level.WORKERS, Shape.COMBINED, WHICH_WORKERS),
    _report("workers_cumulative_statistics", Level.WORKERS, Shape.CUMULATIVE),
    _report("workers_real_time_statistics", Level.WORKERS, Shape.REAL_TIME),
    _report("worker_instance_statistics", Level.WORKER, Shape.COMBINED),
)
LIST = Operation(
    resource="task_queues_statistics",
    name="list",
    method="GET",
    path=f"{_WORKSPACE}/TaskQueues/Statistics",
    status=200,
    doc="Read the figures of an interval and of now, of a page of task queues.",
    query=(
        *_query(Level.TASK_QUEUE, Shape.COMBINED),
        *(each.parameter() for each in TASK_QUEUES.filters),
        *PAGING,
    ),
    fields=tuple(field for field in _fields(Level.TASK_QUEUE, Shape.COMBINED) if field is not _URL),
    key=TASK_QUEUES.key,
)
BULK = Operation(
    resource="task_queue_bulk_real_time_statistics",
    name="create",
    method="POST",
    path=f"{_WORKSPACE}/TaskQueues/RealTimeStatistics",
    status=200,
    doc="Read the figures of now, of several task queues.",
    json=(QUEUE_SIDS,),
    reads=True,
    fields=(
        ACCOUNT_SID,
        WORKSPACE_SID,
        _URL,
        Field("task_queue_data", Records(), "For each queue that was named, its figures."),
        Field("task_queue_response_count", Count(), "How many those are."),
    ),
)
STATISTICS_OPERATIONS = (*(report.operation for report in REPORTS), LIST, BULK)
