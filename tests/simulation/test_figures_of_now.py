"""After made-up histories, every figure of now at every level is what a plain look at all entities gives."""

from __future__ import annotations

from typing import Any

import pytest

from pointsman.core.engine.state import State
from pointsman.core.types import Millis, No, Task, Worker
from pointsman.stats import NOBODY, Level, Part, figures, real_time
from tests.simulation.checked import Bare
from tests.simulation.workload import Workload

HISTORIES, MOVES, LONG = 60, 40, 20
LATER_MS = 2_345


def test_figures_of_now_are_what_a_plain_look_gives(request: pytest.FixtureRequest) -> None:
    """[routing 11.2, oai]"""
    count = HISTORIES * (LONG if request.config.getoption("--long") else 1)
    compared = 0
    for seed in range(3_000, 3_000 + count):
        bare = Bare()
        for place, move in enumerate(Workload(seed, MOVES).moves(bare.books, bare.names)):
            bare.move(move, items_max=1_000)
            if bare.state.deleted:
                break
            if bare.state.exists and place % 8 == 0:
                compared += compare(bare.state, seed)
        if not bare.state.deleted:
            compared += compare(bare.state, seed)
    assert compared > 100 * count, "else this shows little"


def compare(state: State, seed: int) -> int:
    now_ms = Millis(state.now_ms + LATER_MS)
    compared = 0
    for level, subject in subjects(state):
        for channel in (None, *state.channels):
            ours = real_time(state, level, subject, channel, now_ms)
            plain = looked_up(state, level, subject, channel, now_ms)
            names = [figure.name for figure in figures(level, Part.REAL_TIME, combined=True)]
            assert dict(ours) == {name: plain[name] for name in names}, f"seed {seed}, {level}, {subject}, {channel}"
            compared += len(names)
    return compared


def subjects(state: State) -> list[tuple[Level, No | None]]:
    return [
        (Level.WORKSPACE, None),
        (Level.WORKERS, None),
        *((Level.WORKERS, no) for no in state.queues),
        *((Level.WORKFLOW, no) for no in state.workflows),
        *((Level.TASK_QUEUE, no) for no in state.queues),
        *((Level.TASK_QUEUE_IN_BULK, no) for no in (*state.queues, NOBODY)),
    ]


def looked_up(state: State, level: Level, subject: No | None, channel: No | None, now_ms: int) -> dict[str, Any]:
    """Every figure, the slow way: each task and each worker is looked at."""
    tasks = [task for task in state.tasks.values() if is_of(task, level, subject, channel)]
    workers = [worker for worker in state.workers.values() if is_in(state, worker, level, subject)]
    waiting = [task for task in tasks if task.status in ("pending", "reserved")]
    oldest = min(waiting, key=lambda task: (task.created_ms, task.no), default=None)
    here = min(
        (task for task in waiting if task.queue is not None),
        key=lambda task: (task.queue_entered_ms or 0, task.no),
        default=None,
    )
    activities = sorted(state.activities.values(), key=lambda activity: activity.friendly_name)
    return {
        "longest_task_waiting_age": now_ms // 1000 - oldest.created_ms // 1000 if oldest else 0,
        "longest_task_waiting_sid": oldest.sid if oldest else None,
        "longest_relative_task_age_in_queue": now_ms // 1000 - (here.queue_entered_ms or 0) // 1000 if here else 0,
        "longest_relative_task_sid_in_queue": here.sid if here else None,
        "total_workers": len(workers),
        "total_tasks": len(tasks),
        "total_eligible_workers": len(workers),
        "total_available_workers": sum(state.activities[worker.activity].available for worker in workers),
        "tasks_by_status": counts([task.status for task in tasks]),
        "tasks_by_priority": counts([task.priority for task in tasks]),
        "activity_statistics": [(each, sum(worker.activity == each.no for worker in workers)) for each in activities],
    }


def is_of(task: Task, level: Level, subject: No | None, channel: No | None) -> bool:
    if channel not in (None, task.channel):
        return False
    if level is Level.WORKSPACE:
        return True
    return subject == (task.workflow if level is Level.WORKFLOW else task.queue)


def is_in(state: State, worker: Worker, level: Level, subject: No | None) -> bool:
    if level is Level.WORKSPACE or subject is None:
        return True
    return subject in state.queues and state.is_in_queue(worker, state.queues[subject])


def counts(values: list[Any]) -> dict[Any, int]:
    return {value: values.count(value) for value in values}
