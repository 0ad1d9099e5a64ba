"""An explanation of a task in a world of a test, asked in one go or in small pieces."""

from __future__ import annotations

from collections.abc import Callable

from pointsman.core.engine.state import State
from pointsman.core.explain import (
    Because,
    Explanation,
    FilterTold,
    Line,
    Reason,
    Survey,
    filters_of,
    head_of,
    summarise,
    told_reservations,
)
from pointsman.core.types import Reservation, Sid, Task, Worker
from tests.world import World


def never() -> bool:
    return False


def explained(
    world: World,
    task: Task,
    ended: tuple[Reservation, ...] = (),
    asked: Sid | None = None,
    time_is_up: Callable[[], bool] = never,
) -> Explanation:
    """What the API puts together, of a task as it is now."""
    return explain(world.state, world.state.tasks.get(task.no, task), ended, asked, time_is_up)


def explain_all(state: State) -> None:
    """Every task of a state."""
    for task in state.tasks.values():
        explain(state, task, (), next((each.sid for each in state.workers.values()), None), never)


def explain(
    state: State,
    task: Task,
    ended: tuple[Reservation, ...],
    asked: Sid | None,
    time_is_up: Callable[[], bool],
) -> Explanation:
    now_ms = state.now_ms
    filters: list[FilterTold] = []
    survey, line = Survey(asked), Line()
    while not filters_of(state, task, now_ms, filters, time_is_up):
        pass
    while not survey.look(state, task, now_ms, time_is_up):
        pass
    while not line.look(state, task, time_is_up):
        pass
    head = head_of(state, task, now_ms)
    place, workers = line.result(state, task), survey.result(state, task, now_ms)
    reservations, count = told_reservations(state, task, ended, workers)
    return Explanation(
        task_sid=task.sid,
        task_version=task.version,
        assignment_status=task.status,
        reason=task.reason,
        summary=summarise(task, head, place, workers, reservations, now_ms),
        head=head,
        filters=tuple(filters),
        place=place,
        workers=workers,
        reservations=reservations,
        reservations_count=count,
        looked_from_ms=now_ms,
        looked_until_ms=now_ms,
        steady=True,
    )


def of_worker(world: World, task: Task, worker: Worker) -> Because:
    """What keeps one worker from a task."""
    told = explained(world, task, asked=worker.sid).workers
    assert told is not None and told.asked is not None
    return told.asked.because


def counts(told: Explanation) -> dict[Reason, int]:
    assert told.workers is not None
    return {each.reason: each.count for each in told.workers.reasons}
