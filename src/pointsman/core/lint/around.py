"""What there is in a workspace, as far as the rules compare with it: taken out of the state at once, and frozen."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from pointsman.core.engine.state import State
from pointsman.core.ids import number_of
from pointsman.core.limits import LINT_TASKS_MAX
from pointsman.core.types import Sid


class QueueThere(NamedTuple):
    name: str
    target_workers: str
    has_workers: bool


class Around(NamedTuple):
    workers: Sequence[Mapping[str, Any]] = ()  # what expressions see of each
    tasks: Sequence[str] = ()  # the attributes of the newest live ones
    tasks_are_all: bool = True  # whether there are no others
    channels: frozenset[str] = frozenset()  # unique names
    activities: Mapping[Sid, str] = {}
    queues: Mapping[Sid, QueueThere] = {}  # of those that were asked for


def look_around(state: State, queues: Iterable[Sid] = ()) -> Around:
    """Takes a fraction of a millisecond: nothing is copied, since of what is taken out only the name of an
    activity is ever changed in place."""
    tasks: list[str] = []
    for no in reversed(state.task_roll.numbers[-2 * LINT_TASKS_MAX :]):
        if len(tasks) == LINT_TASKS_MAX:
            break
        if no in state.tasks:
            tasks.append(state.tasks[no].attributes)
    return Around(
        workers=list(state.views.values()),
        tasks=tasks,
        tasks_are_all=len(tasks) == len(state.tasks),
        channels=frozenset(channel.unique_name for channel in state.channels.values()),
        activities={activity.sid: activity.friendly_name for activity in state.activities.values()},
        queues={sid: there for sid in queues if (there := _queue(state, sid))},
    )


def _queue(state: State, sid: Sid) -> QueueThere | None:
    queue = state.queues.get(number_of(sid))
    if queue is None or queue.sid != sid:
        return None
    return QueueThere(queue.friendly_name, queue.target_workers, bool(state.membership.members[queue.no]))
