"""Explanations of random worlds say what routing does, and change nothing."""

from __future__ import annotations

import pytest

from pointsman.core.engine.invariants import could_take
from pointsman.core.engine.route import best_workers
from pointsman.core.engine.state import State
from pointsman.core.engine.transitions import task_waits
from pointsman.core.explain import Reason, Survey
from pointsman.core.explain.survey import judge, rule_of
from pointsman.core.types import Task
from tests.simulation.checked import Bare, picture
from tests.simulation.test_random_commands import MOVES, seeds
from tests.simulation.workload import Workload
from tests.unit.core.explain.asked import explain_all


def test_who_could_take_a_task_is_whom_routing_would_take(request: pytest.FixtureRequest) -> None:
    """With routing held back after every other command, so that workers are free beside tasks that wait."""
    for seed in seeds(request, first=3_000):
        try:
            explained(seed)
        except Exception as problem:
            raise AssertionError(f"seed {seed}") from problem


def explained(seed: int) -> None:
    bare = Bare()
    state = bare.state
    for at, move in enumerate(Workload(seed, MOVES).moves(bare.books, bare.names)):
        bare.move(move, items_max=at % 2)
        if state.deleted:
            return
        before = picture(state)
        explain_all(state)
        assert picture(state) == before
        for task in state.tasks.values():
            _agrees(state, task)


def _agrees(state: State, task: Task) -> None:
    rule = rule_of(state, task, state.now_ms)
    if not task_waits(task):
        return
    assert rule is not None
    takers = {no for no in state.workers if judge(rule, no) is Reason.COULD_TAKE}
    assert takers == {no for no in state.workers if could_take(state, no, task)}
    survey = Survey()
    assert survey.look(state, task, state.now_ms, lambda: False)
    told = survey.result(state, task, state.now_ms)
    assert told is not None
    best = best_workers(state, state.waiting.class_of(task.no), len(told.candidates))
    assert [each.worker_sid for each in told.candidates] == [state.workers[no].sid for no in best]
