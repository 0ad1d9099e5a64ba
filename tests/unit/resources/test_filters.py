"""Filters that know, without looking at each entity, among which few all are that they keep."""

from __future__ import annotations

from itertools import combinations

from pointsman.core.engine.view import View
from pointsman.resources import TASK
from pointsman.resources.tasks import HELD_STATUSES, TASK_STATUSES
from tests.world import World

STATUS = next(each for each in TASK.filters if each.name == "assignment_status")


def a_world_with_all_live_statuses() -> World:
    world = World()
    world.desk()
    for name in ("a", "b", "c"):
        world.worker(name)
    assigned, wrapping = world.accepted(world.task()), world.accepted(world.task())
    assert assigned.worker != wrapping.worker
    world.answer(wrapping, "wrapping")
    for _ in range(5):
        world.task()
    assert {each.status for each in world.state.tasks.values()} == {"pending", *HELD_STATUSES}
    return world


def test_tasks_of_held_statuses_are_found_among_those_with_reservations() -> None:
    world = a_world_with_all_live_statuses()
    view = View(world.state, world.state.now_ms)
    assert STATUS.among is not None
    for count in range(1, len(TASK_STATUSES) + 1):
        for wanted in combinations(TASK_STATUSES, count):
            kept = {task.no for task in world.state.tasks.values() if STATUS.keeps(view, task, wanted)}
            few = STATUS.among(view, wanted)
            assert (few is not None) is HELD_STATUSES.issuperset(wanted)
            assert few is None or kept <= set(few)
            assert few is None or len(few) < len(world.state.tasks)
