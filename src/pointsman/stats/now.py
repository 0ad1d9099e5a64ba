"""What a figure of now is read from: indexes that the engine keeps anyway, so that no reading looks at each task."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from typing import TYPE_CHECKING, Any, NamedTuple

from pointsman.core.engine.bits import Bits
from pointsman.core.engine.census import Tally
from pointsman.core.types import Activity, Millis, No

if TYPE_CHECKING:
    from pointsman.core.engine.state import State


class Index(StrEnum):
    """Where a figure comes from, in words."""

    CENSUS = "live tasks, counted by workflow, task queue and channel"
    ACTIVITIES = "workers by activity"
    MEMBERS = "workers of each task queue"


class Scope(NamedTuple):
    """What the figures of one answer are of."""

    state: State
    now_ms: Millis
    tasks: Tally
    workers: Bits


class Now(NamedTuple):
    """How a figure of now is come by."""

    reads: Index
    of: Callable[[Scope], Any]


def age_s(scope: Scope) -> int:
    """Of the task that has waited longest: whole seconds since it was created; 0 if none waits [oai]."""
    no = scope.tasks.oldest
    return 0 if no is None else _seconds_since(scope, scope.state.tasks[no].created_ms)


def age_in_queue_s(scope: Scope) -> int:
    """Of the task that has waited longest in its queue: whole seconds since it entered; 0 if none waits [oai]."""
    no = scope.tasks.longest_here
    entered_ms = None if no is None else scope.state.tasks[no].queue_entered_ms
    return 0 if entered_ms is None else _seconds_since(scope, entered_ms)


def _seconds_since(scope: Scope, ms: Millis) -> int:
    """Times are told to the second, so it is the difference of what is told. A clock may have been put back."""
    return max(0, scope.now_ms // 1000 - ms // 1000)


def sid_of(scope: Scope, no: No | None) -> str | None:
    return None if no is None else scope.state.tasks[no].sid


def available(scope: Scope) -> int:
    """Workers in available activities, whether or not they have capacity left [oai]."""
    return sum(workers for activity, workers in by_activity(scope) if activity.available)


def by_activity(scope: Scope) -> list[tuple[Activity, int]]:
    """Each activity, in the order of names [obs], and how many of the workers are in it."""
    state = scope.state
    ordered = sorted(state.activities.values(), key=lambda activity: (activity.friendly_name, activity.no))
    return [(each, (state.in_activity.get(each.no, 0) & scope.workers).bit_count()) for each in ordered]
