"""The limits of routing, in one place; those of the expression language stand beside it. TaskRouter's cite their
source, ours say why."""

from __future__ import annotations

# TaskRouter's [docs: limits] [oai]
FRIENDLY_NAME_LENGTH_MAX = 64
ATTRIBUTES_LENGTH_MAX = 4_096
CONFIGURATION_BYTES_MAX = 1_048_576
ACTIVITIES_MAX = 100
QUEUES_MAX = 5_000
WORKERS_MAX = 15_000
PRIORITY_MAX = 2**31 - 1
TASK_TIMEOUT_S_DEFAULT = 86_400
TASK_TIMEOUT_S_MAX = 1_209_600
ASSIGNED_S_MAX = 86_400
RESERVATION_TIMEOUT_S_DEFAULT = 120
RESERVATION_TIMEOUT_S_MAX = 86_400
RESERVED_WORKERS_MAX = 50
ROUNDS_MAX = 1_000  # times a task goes from pending to reserved
ENDED_TASK_KEPT_S = 300  # then it is removed [docs: task state]
VIRTUAL_START_MIN_MS = -2_208_988_800_000  # 1900-01-01 [oai]

# Ours
CAPACITY_MAX = 1_000_000  # a worker channel's; keeps counts within reason
CALLBACK_PAUSE_S_FIRST = 1  # after a failed assignment callback; doubles ...
CALLBACK_PAUSE_S_MAX = 60  # ... up to this, so that a dead endpoint does not burn a thousand rounds
DIRECT_RESERVE_S = 5  # a direct task that ignores capacity is reserved within this or canceled [inferred]
STEP_ITEMS_MAX = 256  # deadlines, assignments or job items handled in one step
