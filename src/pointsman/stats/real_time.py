"""The figures of now, computed: of a workspace, a workflow, a task queue, or workers."""

from __future__ import annotations

from collections.abc import Mapping
from functools import reduce
from operator import or_
from typing import TYPE_CHECKING, Any

from pointsman.core.engine.bits import Bits
from pointsman.core.engine.census import NO_TASKS, Tally
from pointsman.core.types import Millis, No
from pointsman.stats.catalog import Level, Part, figures
from pointsman.stats.now import Scope

if TYPE_CHECKING:
    from pointsman.core.engine.state import State

NOBODY = No(0)  # stands for a queue that does not exist


def real_time(
    state: State,
    level: Level,
    subject: No | None,
    channel: No | None,
    now_ms: Millis,
    *,
    worker_name: str | None = None,
) -> Mapping[str, Any]:
    """Each figure of now by its name. The subject is the workflow or queue; of `Level.WORKERS`, the queue whose
    workers alone are counted. A channel restricts tasks, not workers [inferred]."""
    scope = Scope(
        state,
        now_ms,
        _tasks(state, level, subject, channel),
        workers_of(state, subject, worker_name),
    )
    told = figures(level, Part.REAL_TIME, combined=True)
    return {figure.name: figure.now.of(scope) for figure in told if figure.now is not None}


def _tasks(state: State, level: Level, subject: No | None, channel: No | None) -> Tally:
    if level is Level.WORKSPACE:
        return state.census.of_all(channel)
    if level is Level.WORKFLOW:
        return state.census.of_workflow(subject or NOBODY, channel)
    if level in (Level.TASK_QUEUE, Level.TASK_QUEUE_IN_BULK):
        return state.census.of_queue(subject or NOBODY, channel)
    return NO_TASKS


def workers_of(state: State, subject: No | None, name: str | None) -> Bits:
    """Everybody; or who is in a queue, or has exactly this name."""
    everybody = reduce(or_, state.in_activity.values(), 0)
    found = everybody if subject is None else state.membership.members.get(subject, 0)
    if name is not None:
        worker = state.workers.get(state.named("worker", name) or NOBODY)
        found &= state.worker_slots.bit(worker.no) if worker is not None and worker.friendly_name == name else 0
    return found
