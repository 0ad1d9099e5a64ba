"""What would be, compared with what is once it has been done."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable

import pytest

from pointsman.core import commands as cmd
from pointsman.core.errors import Invalid
from pointsman.core.types import Workflow
from pointsman.core.what_if import Eligible, Leg, MovesTold, ReEvaluation, Trial, TrialTold
from pointsman.core.what_if import trial as trials
from pointsman.core.what_if.trial import supposed_task
from tests.world import World, configuration

SID = f"WT{0:032x}"


def never() -> bool:
    return False


def always() -> bool:
    return True


def tried(
    world: World, document: str, attributes: object = None, time_is_up: Callable[[], bool] = never, timeout_s: int = 900
) -> TrialTold:
    state = world.state
    channel = state.channel("default").no
    trial = Trial(document, supposed_task(SID, channel, json.dumps(attributes or {}), 7, timeout_s, state.now_ms))
    while not trial.look(state, time_is_up):
        pass
    return trial.result()


def queues(legs: tuple[Leg, ...]) -> list[str]:
    return [leg.target.task_queue_name for leg in legs]


def moves(world: World, workflow: Workflow, document: str, time_is_up: Callable[[], bool] = never) -> MovesTold:
    asked = ReEvaluation(workflow.sid, document)
    while not asked.look(world.state, world.state.now_ms, time_is_up):
        pass
    return asked.result(world.state)


# --- whom an expression matches -----------------------------------------------------------------------------------


@pytest.mark.parametrize("time_is_up", [never, always])
def test_an_expression_matches_whom_a_queue_with_it_would_have(time_is_up: Callable[[], bool]) -> None:
    world = World()
    world.worker("Alice", {"languages": ["es", "en"]})
    world.worker("Bob", {"languages": ["en"]})
    world.worker("Carla", {"languages": ["es"]}, activity="Offline")
    asked = Eligible('languages HAS "es"')
    while not asked.look(world.state, time_is_up):
        pass
    told = asked.result()
    assert (told.workers_count, told.eligible_count, told.available_count) == (3, 2, 1)
    assert [(each.worker_name, each.activity_name) for each in told.workers] == [
        ("Alice", "Available"),
        ("Carla", "Offline"),
    ]
    queue = world.queue(expression='languages HAS "es"')
    assert world.state.membership.members[queue.no].bit_count() == told.eligible_count


# --- which way a task would go ------------------------------------------------------------------------------------


@pytest.mark.parametrize("time_is_up", [never, always])
def test_the_way_goes_target_by_target_with_who_could_take_it(time_is_up: Callable[[], bool]) -> None:
    """By time, by skip_if, on to a later filter, and out."""
    world = World()
    spanish = world.queue("Spanish", 'languages HAS "es"')
    level, all_ = world.queue("Level 2", "level > 1"), world.queue("All")
    world.worker("Alice", {"languages": ["es"]}, activity="Offline")
    world.worker("Bob", {"level": 2})
    document = configuration(
        ("language == 'es'", {"queue": spanish, "timeout": 30, "priority": 5}, {"queue": level, "timeout": 60}),
        ("language == 'fr'", all_),
        ("1==1", {"queue": spanish, "skip_if": "1==1"}, {"queue": all_, "timeout": 100}),
        default=all_,
    )
    told = tried(world, document, {"language": "es"}, time_is_up)
    assert [each.outcome for each in told.filters] == ["here", "not_matched", "later"]
    assert queues(told.legs) == ["Spanish", "Level 2", "Spanish", "All"]
    assert [(leg.after_s, leg.leaves, leg.leaves_after_s) for leg in told.legs] == [
        (0, "time", 30),
        (30, "time", 90),
        (90, "skip", 90),
        (90, "time", 190),
    ]
    assert [leg.priority for leg in told.legs] == [5, 5, 5, 5]
    assert [leg.workers.could_take for leg in told.legs] == [0, 1, 0, 1]
    assert [leg.offered for leg in told.legs] == [False, True, False, False]
    assert told.outcome == "canceled"


def test_a_task_that_is_created_stands_where_it_was_tried(monkeypatch: pytest.MonkeyPatch) -> None:
    world = World()
    first, second = world.queue("First", "1==2"), world.queue("Second", "1==2")
    filters = (("kind == 1", {"queue": first, "timeout": 10}, second), ("kind == 2", {"queue": second, "timeout": 5}))
    world.workflow(*filters)
    document = configuration(*filters)
    for kind in (1, 2):
        told = tried(world, document, {"kind": kind})
        task = world.task({"kind": kind})
        assert world.state.queues[task.queue or 0].friendly_name == told.legs[0].target.task_queue_name
    assert tried(world, document, {"kind": 3}).outcome == "refused"
    assert tried(world, document, {"kind": 1}).outcome == "waits"
    assert tried(world, document, {"kind": 1}, timeout_s=5).legs[0].leaves == "stays"  # its life ends before
    monkeypatch.setattr(trials, "LEGS_MAX", 1)
    assert tried(world, document, {"kind": 1}).outcome == "unknown"


def test_rules_that_name_no_queue_of_this_workspace_are_refused() -> None:
    world = World()
    document = configuration(default={"queue": f"WQ{1:032x}"})
    with pytest.raises(Invalid, match=r"default_filter\.queue names TaskQueue"):
        tried(world, document)
    workflow = world.workflow(default=world.queue())
    with pytest.raises(Invalid, match=r"default_filter\.queue names TaskQueue"):
        moves(world, workflow, document)


# --- where waiting tasks would stand ------------------------------------------------------------------------------


@pytest.mark.parametrize("time_is_up", [never, always])
def test_waiting_tasks_would_move_where_they_move_once_it_is_done(time_is_up: Callable[[], bool]) -> None:
    world = World()
    all_, spanish = world.queue("All", "1==2"), world.queue("Spanish", "1==2")
    workflow = world.workflow(default=all_)
    other = world.workflow(default=all_, name="other")
    tasks = [world.task({"kind": kind}, workflow_sid=workflow.sid) for kind in (1, 1, 2, 3, 3, 3)]
    world.task({"kind": 1}, workflow_sid=other.sid)
    document = configuration(("kind == 1", spanish), ("kind == 2", all_))
    told = moves(world, workflow, document, time_is_up)
    assert told.complete and told.reserved_count == 0
    assert (told.waiting_count, told.stay_count, told.move_count, told.cancel_count) == (6, 1, 2, 3)
    assert [(each.from_task_queue_name, each.to_task_queue_name, each.count) for each in told.moves] == [
        ("All", None, 3),
        ("All", "Spanish", 2),
    ]
    values = {"configuration": document, "re_evaluate_tasks": True}
    world.do(cmd.UpdateWorkflow(workflow=workflow.sid, values=values))
    world.tick(0)
    there = Counter(world.state.tasks[each.no].queue if each.no in world.state.tasks else None for each in tasks)
    assert there == {spanish.no: told.move_count, all_.no: told.stay_count, None: told.cancel_count}


def test_reserved_tasks_start_again_only_if_they_come_back() -> None:
    world = World()
    queue = world.queue()
    workflow = world.workflow(default=queue)
    world.worker()
    task = world.task()
    assert world.offered_to(task)
    told = moves(world, workflow, configuration(default=queue))
    assert (told.waiting_count, told.reserved_count) == (0, 1)


def test_no_more_tasks_are_asked_than_the_limit_says(monkeypatch: pytest.MonkeyPatch) -> None:
    world = World()
    queue = world.queue(expression="1==2")
    workflow = world.workflow(default=queue)
    for _ in range(3):
        world.task()
    monkeypatch.setattr("pointsman.core.what_if.moves.WHAT_IF_TASKS_MAX", 2)
    told = moves(world, workflow, configuration(default=queue))
    assert (told.waiting_count, told.complete) == (2, False)
