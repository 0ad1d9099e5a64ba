"""The limits, in one place, each declared with what it bounds and who says so; those of the expression language and
of the ways in and out stand beside what they bound. An operator may move those in `Limits`."""

from __future__ import annotations

from typing import NamedTuple

import msgspec


class Limit(NamedTuple):
    name: str
    value: int
    doc: str
    source: str = "ours"


LIMITS: list[Limit] = []


def _limit(name: str, value: int, doc: str, source: str = "ours") -> int:
    LIMITS.append(Limit(name, value, doc, source))
    return value


FRIENDLY_NAME_LENGTH_MAX = _limit("friendly_name_length_max", 64, "characters of a friendly name", "[oai]")
ATTRIBUTES_LENGTH_MAX = _limit(
    "attributes_length_max", 4_096, "characters of the attributes of a worker or task, blanks too", "[docs: limits]"
)
CONFIGURATION_BYTES_MAX = _limit(
    "configuration_bytes_max", 1_048_576, "bytes of a workflow's configuration", "[docs: limits], which says 1,038,576"
)
ACTIVITIES_MAX = _limit("activities_max", 100, "activities in a workspace", "[docs: limits]")
TASK_QUEUES_MAX = _limit("task_queues_max", 5_000, "task queues in a workspace", "[docs: limits]")
WORKERS_MAX = _limit("workers_max", 15_000, "workers in a workspace", "[docs: worker]")
AVAILABLE_WORKERS_MAX = _limit(
    "available_workers_max", 0, "workers in available activities at once, of a workspace; 0: any number", "[dict 14240]"
)
PRIORITY_MAX = _limit("priority_max", 2**31 - 1, "the highest priority", "[oai]")
TASK_TIMEOUT_S_DEFAULT = 86_400
TASK_TIMEOUT_S_MAX = _limit("task_timeout_s_max", 1_209_600, "seconds that a task may wait for its worker", "[oai]")
ASSIGNED_S_MAX = _limit("assigned_s_max", 86_400, "seconds that a task may be assigned or wrapping", "[docs: limits]")
RESERVATION_TIMEOUT_S_DEFAULT = 120
RESERVATION_TIMEOUT_S_MAX = _limit("reservation_timeout_s_max", 86_400, "seconds that an offer may stand", "[oai]")
RESERVED_WORKERS_MAX = _limit("reserved_workers_max", 50, "workers who are offered one task at once", "[oai]")
ASSIGNMENTS_MAX = _limit(
    "assignments_max", 1_000, "times that a task goes from pending to reserved", "[docs: limits, reservations]"
)
ENDED_TASK_KEPT_S = _limit(
    "ended_task_kept_s", 300, "seconds that a completed or canceled task can still be read", "[docs: task state]"
)
INSTRUCTION_TIMEOUT_S_MAX = _limit(
    "instruction_timeout_s_max", 999, "seconds that a telephone instruction may ring", "[docs: reservations]"
)
CONFERENCE_PARTICIPANTS_MAX = _limit("conference_participants_max", 250, "participants of a conference", "[oai]")
VIRTUAL_START_MIN_MS = -2_208_988_800_000  # 1900-01-01 [oai]

CAPACITY_MAX = _limit("capacity_max", 1_000_000, "the capacity of a worker channel: it keeps counts within reason")
CALLBACK_PAUSE_S_FIRST = 1  # after a failed assignment callback; doubles ...
CALLBACK_PAUSE_S_MAX = _limit(
    "callback_pause_s_max", 60, "seconds to which the pause after failed assignment callbacks doubles from 1"
)
DIRECT_RESERVE_S = _limit(
    "direct_reserve_s", 5, "seconds in which a direct task that ignores capacity is reserved or canceled", "[inferred]"
)
LINT_TASKS_MAX = _limit("lint_tasks_max", 1_000, "tasks, the newest, whose attributes a configuration is compared with")
LINT_STEPS_MAX = _limit(
    "lint_steps_max", 100_000, "looks at a worker, a task or a pair of filters, to warn of what is unwise"
)
WHAT_IF_TASKS_MAX = _limit(
    "what_if_tasks_max", 100_000, "waiting tasks of a workflow that are asked where they would go by other rules"
)
LINT_WARNINGS_MAX = _limit("lint_warnings_max", 100, "warnings about one task queue or workflow")
STEP_ITEMS_MAX = 64  # deadlines, assignments or job items handled in one step
STEP_LOOKS_MAX = 4_096  # tasks that a job looks at in one step to find its items; and, in routing, workers looked at
# and classes of tasks that they are compared with
STEP_MOVES_MAX = 512  # tasks that one step brings to their places in a new order, and workers to their queues


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """The limits that an operator may move; as they stand here, they are TaskRouter's."""

    attributes_length_max: int = ATTRIBUTES_LENGTH_MAX
    configuration_bytes_max: int = CONFIGURATION_BYTES_MAX
    activities_max: int = ACTIVITIES_MAX
    task_queues_max: int = TASK_QUEUES_MAX
    workers_max: int = WORKERS_MAX
    available_workers_max: int = AVAILABLE_WORKERS_MAX
    assignments_max: int = ASSIGNMENTS_MAX


STANDARD = Limits()
