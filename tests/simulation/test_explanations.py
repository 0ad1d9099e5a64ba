"""Explanations of random worlds say what routing does, and change nothing."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given, note

from pointsman.core.engine.invariants import could_take
from pointsman.core.engine.route import best_workers
from pointsman.core.engine.state import State
from pointsman.core.engine.step import step
from pointsman.core.engine.transitions import task_waits
from pointsman.core.errors import Rejected
from pointsman.core.explain import Reason, Survey
from pointsman.core.explain.survey import judge, rule_of
from pointsman.core.types import Millis, Task
from tests.simulation.checked import IDS, opening, picture
from tests.simulation.histories import command, histories
from tests.simulation.test_random_commands import long, moment
from tests.unit.core.explain.asked import explain_all
from tests.world import START_MS


@pytest.mark.parametrize("multi", [True, False], ids=["multitasking", "single-tasking"])
def test_who_could_take_a_task_is_whom_routing_would_take(request: pytest.FixtureRequest, multi: bool) -> None:
    """With routing held back after every other command, so that workers are free beside tasks that wait."""

    @long(request, 60)
    @given(histories)
    def check(history: list[bytes]) -> None:
        state = State()
        for first in opening(multi):
            step(state, first, Millis(START_MS), IDS, items_max=0)
        for at, throw in enumerate(history):
            chosen = command(state, (), throw)
            now_ms = Millis(moment(state, chosen, throw))
            note(f"{now_ms - START_MS} {chosen}")
            with suppress(Rejected):
                step(state, chosen, now_ms, IDS, items_max=at % 2)
            state.forget()
            if state.exists and not state.deleted:
                before = picture(state)
                explain_all(state)
                assert picture(state) == before
                for task in state.tasks.values():
                    _agrees(state, task)

    check()


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
