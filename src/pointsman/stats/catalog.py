"""The figures of statistics, each declared once: its name, what it measures, and where it is told.

Source: TaskRouter REST, statistics [oai]; which figures combined answers alone have: [obs]. They stand in the order of
those published samples that have one.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum, StrEnum, auto
from typing import NamedTuple

from pointsman.stats.during import During, Measure
from pointsman.stats.now import Index, Now, age_in_queue_s, age_s, available, by_activity, sid_of


class Level(Enum):
    """What figures are of."""

    WORKSPACE = auto()
    WORKFLOW = auto()
    TASK_QUEUE = auto()
    TASK_QUEUE_IN_BULK = auto()  # one of several that a single request names
    WORKERS = auto()
    WORKER = auto()


class Part(StrEnum):
    """What happened in an interval, or what is now; a combined answer has a member of this name for each."""

    CUMULATIVE = "cumulative"
    REAL_TIME = "realtime"


class Kind(Enum):
    """What a figure looks like. Times are whole seconds."""

    COUNT = auto()
    SECONDS = auto()
    TASK_SID = auto()
    DURATIONS = auto()  # avg, min, max and total
    COUNTS_BY_STATUS = auto()  # for each status that a task can have
    COUNTS_BY_PRIORITY = auto()  # for each priority that occurs
    COUNTS_BY_ACTIVITY = auto()  # a list: each activity's friendly_name and sid, and how many workers
    DURATIONS_BY_ACTIVITY = auto()  # a list: each activity's friendly_name and sid, and avg, min, max and total
    SPLIT_BY_WAIT_TIME = auto()  # for each wait asked for: tasks_canceled and reservations_accepted, above and below


class Figure(NamedTuple):
    name: str
    kind: Kind
    levels: frozenset[Level]
    doc: str
    combined_only: bool = False  # flat answers don't have it
    during: During | None = None  # what a figure of an interval counts or sums
    now: Now | None = None  # each figure of now has one


def figures(level: Level, part: Part, *, combined: bool) -> tuple[Figure, ...]:
    """The figures of an answer about `level`, flat or combined."""
    return tuple(each for each in FIGURES[part] if level in each.levels and (combined or not each.combined_only))


_RESERVED = frozenset({Level.WORKSPACE, Level.WORKFLOW, Level.TASK_QUEUE, Level.WORKERS, Level.WORKER})
_STAFF = frozenset({Level.WORKERS, Level.WORKER})
_WORK = frozenset({Level.WORKSPACE, Level.WORKFLOW, Level.TASK_QUEUE})
_ROUTED = frozenset({Level.WORKSPACE, Level.WORKFLOW})
_WORKSPACE = frozenset({Level.WORKSPACE})
_QUEUE = frozenset({Level.TASK_QUEUE})
_BULK = frozenset({Level.TASK_QUEUE_IN_BULK})


def _counted(name: str, levels: frozenset[Level], doc: str, *types: str, combined_only: bool = False) -> Figure:
    """A number of events."""
    return Figure(name, Kind.COUNT, levels, doc, combined_only=combined_only, during=During(types))


FIGURES: Mapping[Part, tuple[Figure, ...]] = {
    Part.CUMULATIVE: (
        _counted("reservations_created", _RESERVED, "Reservations that were made.", "reservation.created"),
        _counted("reservations_accepted", _RESERVED, "Reservations that were accepted.", "reservation.accepted"),
        _counted("reservations_rejected", _RESERVED, "Reservations that were rejected.", "reservation.rejected"),
        _counted(
            "reservations_timed_out", _RESERVED, "Reservations that nobody answered in time.", "reservation.timeout"
        ),
        _counted("reservations_canceled", _RESERVED, "Reservations that were canceled.", "reservation.canceled"),
        _counted(
            "reservations_rescinded",
            _RESERVED,
            "Reservations that another worker's acceptance ended.",
            "reservation.rescinded",
        ),
        _counted(
            "reservations_wrapup",
            _RESERVED,
            "Reservations that went to wrapping.",
            "reservation.wrapup",
            combined_only=True,
        ),
        _counted(
            "reservations_completed",
            _RESERVED,
            "Reservations that were completed.",
            "reservation.completed",
            combined_only=True,
        ),
        Figure("activity_durations", Kind.DURATIONS_BY_ACTIVITY, _STAFF, "The time spent in each activity."),
        _counted("tasks_created", _WORKSPACE, "Tasks that were created.", "task.created"),
        _counted(
            "tasks_entered",
            frozenset({Level.WORKFLOW}),
            "Entries of tasks into the workflow; one that enters again counts again.",
            "workflow.entered",
        ),
        _counted(
            "tasks_entered",
            _QUEUE,
            "Entries of tasks into the queue; one that enters again counts again.",
            "task-queue.entered",
        ),
        _counted(
            "tasks_assigned",
            _RESERVED,
            "Assignments of tasks to workers: one for each acceptance.",
            "reservation.accepted",
            combined_only=True,
        ),
        _counted("tasks_canceled", _WORK, "Tasks that were canceled.", "task.canceled"),
        _counted("tasks_completed", _WORK, "Tasks that were completed.", "task.completed"),
        _counted(
            "tasks_deleted",
            _WORK,
            "Tasks that were deleted before they had ended.",
            "task.deleted",
            "task.system-deleted",
        ),
        _counted(
            "tasks_moved", _WORK, "Moves of tasks to another queue; of a queue, those out of it.", "task-queue.moved"
        ),
        _counted(
            "tasks_timed_out_in_workflow", _ROUTED, "Tasks that ran out of targets to wait for.", "workflow.timeout"
        ),
        Figure(
            "avg_task_acceptance_time",
            Kind.SECONDS,
            _WORK,
            "From a task's creation to its acceptance, on average.",
            during=During(("reservation.accepted",), Measure.AGE),
        ),
        Figure(
            "wait_duration_until_accepted",
            Kind.DURATIONS,
            _WORK,
            "From a task's creation to its acceptance.",
            during=During(("reservation.accepted",), Measure.AGE),
        ),
        Figure(
            "wait_duration_until_canceled",
            Kind.DURATIONS,
            _WORK,
            "From a task's creation to its cancellation.",
            during=During(("task.canceled",), Measure.AGE),
        ),
        Figure(
            "wait_duration_in_queue_until_accepted",
            Kind.DURATIONS,
            _QUEUE,
            "From a task's entry into this queue to its acceptance.",
            during=During(("reservation.accepted",), Measure.AGE_IN_QUEUE),
        ),
        Figure(
            "split_by_wait_time",
            Kind.SPLIT_BY_WAIT_TIME,
            _WORK,
            "Cancellations and acceptances, by how long the task had waited; null unless SplitByWaitTime is sent.",
        ),
    ),
    Part.REAL_TIME: (
        Figure(
            "longest_task_waiting_age",
            Kind.SECONDS,
            _WORK | _BULK,
            "Age of the task that has waited longest; 0 if none waits.",
            now=Now(Index.CENSUS, age_s),
        ),
        Figure(
            "longest_task_waiting_sid",
            Kind.TASK_SID,
            _WORK | _BULK,
            "The task that has waited longest.",
            now=Now(Index.CENSUS, lambda scope: sid_of(scope, scope.tasks.oldest)),
        ),
        Figure(
            "longest_relative_task_age_in_queue",
            Kind.SECONDS,
            _QUEUE,
            "Time since the task that has waited longest in this queue entered it; 0 if none waits.",
            now=Now(Index.CENSUS, age_in_queue_s),
        ),
        Figure(
            "longest_relative_task_sid_in_queue",
            Kind.TASK_SID,
            _QUEUE,
            "The task that has waited longest in this queue.",
            now=Now(Index.CENSUS, lambda scope: sid_of(scope, scope.tasks.longest_here)),
        ),
        Figure(
            "total_workers",
            Kind.COUNT,
            _WORKSPACE | {Level.WORKERS},
            "Workers.",
            now=Now(Index.ACTIVITIES, lambda scope: scope.workers.bit_count()),
        ),
        Figure(
            "total_tasks",
            Kind.COUNT,
            _WORK | _BULK,
            "Tasks that have not ended.",
            now=Now(Index.CENSUS, lambda scope: scope.tasks.total),
        ),
        Figure(
            "total_eligible_workers",
            Kind.COUNT,
            _QUEUE | _BULK,
            "Workers of the queue, in any activity.",
            now=Now(Index.MEMBERS, lambda scope: scope.workers.bit_count()),
        ),
        Figure(
            "total_available_workers",
            Kind.COUNT,
            _QUEUE | _BULK,
            "Workers of the queue in available activities, busy or not.",
            now=Now(Index.MEMBERS, available),
        ),
        Figure(
            "tasks_by_status",
            Kind.COUNTS_BY_STATUS,
            _WORK | _BULK,
            "Tasks by status; those that have ended are not counted.",
            now=Now(Index.CENSUS, lambda scope: scope.tasks.by_status),
        ),
        Figure(
            "tasks_by_priority",
            Kind.COUNTS_BY_PRIORITY,
            _WORK | _BULK,
            "Tasks by priority.",
            now=Now(Index.CENSUS, lambda scope: scope.tasks.by_priority),
        ),
        Figure(
            "activity_statistics",
            Kind.COUNTS_BY_ACTIVITY,
            _WORKSPACE | _QUEUE | _BULK | {Level.WORKERS},
            "Workers by activity; of a queue, those who are in the queue.",
            now=Now(Index.ACTIVITIES, by_activity),
        ),
    ),
}

# The events that some figure of an interval counts: those that are summed up in the background.
COUNTED = tuple(
    sorted({type_ for figure in FIGURES[Part.CUMULATIVE] if figure.during for type_ in figure.during.types})
)
