"""Where a workflow leads a task, and what makes it look again."""

from __future__ import annotations

import json
from typing import Any

import pytest

from pointsman.core import commands as cmd
from pointsman.core import events as ev
from pointsman.core.types import Task, TaskQueue
from tests.world import START_MS, World, configuration, types


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def one(world: World) -> TaskQueue:
    return world.queue("one")


@pytest.fixture
def two(world: World) -> TaskQueue:
    return world.queue("two")


def queue_of(world: World, task: Task) -> str:
    no = world.now(task).queue
    assert no is not None
    return world.state.queues[no].friendly_name


def matches(events: list[ev.Event]) -> list[ev.WorkflowTargetMatched]:
    return [event for event in events if isinstance(event, ev.WorkflowTargetMatched)]


# --- waiting in a target ------------------------------------------------------------------------------------------


def test_a_target_without_a_timeout_is_left_at_the_end_of_the_tasks_life_alone(world: World, one: TaskQueue) -> None:
    """[routing 4.2, docs] [routing 1.7, oai + docs: limits]"""
    world.workflow(("1==1", one, {"queue": one, "expression": "1==2"}), default=one)
    world.task(at_ms=0)
    events = world.run_until(86_399_999)
    assert types(events) == []
    assert world.made(world.tick(86_400_000), ev.TaskCanceled).reason == "Task TTL Exceeded"


def test_an_acceptance_ends_the_way_through_the_workflow(world: World, one: TaskQueue) -> None:
    """[routing 4.2, docs]"""
    world.workflow(("1==1", {"queue": one, "timeout": 10}))
    world.worker("ann")
    task = world.task(at_ms=0)
    world.accepted(task, at_ms=5_000)
    assert world.run_until(60_000) == []
    assert world.now(task).status == "assigned"


@pytest.mark.parametrize("more", [{"timeout": 5}, {"skip_if": "1==1"}, {"expression": "1==2"}])
def test_in_the_default_filter_a_task_waits_to_the_end_of_its_life(
    world: World, one: TaskQueue, more: dict[str, Any]
) -> None:
    """[routing 4.2, docs: workflows-and-assignment], [routing 4.1, docs: workflow-configuration] and
    [design 7, ours]"""
    world.workflow(("a == 1", one), default={"queue": one, **more})
    task = world.task(at_ms=0)
    assert world.run_until(86_399_999) == []
    assert (world.now(task).status, queue_of(world, task)) == ("pending", "one")
    assert world.made(world.tick(86_400_000), ev.TaskCanceled).reason == "Task TTL Exceeded"


def test_a_long_offer_that_ends_past_the_last_target_leads_out(world: World, one: TaskQueue) -> None:
    """[routing 4.3, inferred]"""
    world.workflow(("1==1", {"queue": one, "timeout": 10}, {"timeout": 10}), default=one)
    world.worker("ann")
    task = world.task(at_ms=0)
    assert world.tick(30_000) == []
    events = world.answer(world.pending(task)[0], "rejected", at_ms=30_000)
    assert types(events) == ["reservation.rejected", "task-queue.timeout", "workflow.timeout", "task.canceled",
                             "task.updated"]  # fmt: skip


def test_rings_widen_by_targets_of_one_queue(world: World) -> None:
    """[routing 4.7, docs: workflows-and-assignment]"""
    queue = world.queue()
    world.workflow(("1==1", {"queue": queue, "expression": "worker.sid IN task.preferred", "timeout": 15}, {}))
    ann = world.worker("ann", activity="Offline")
    world.worker("bob")
    task = world.task({"preferred": [ann.sid]}, at_ms=0)
    assert world.run_until(14_999) == []
    assert world.offered_to(task) == []
    world.tick(15_000)
    assert world.offered_to(task) == ["bob"]


# --- skip_if ------------------------------------------------------------------------------------------------------


def test_skip_if_counts_the_workers_of_the_targets_queue_alone(world: World, two: TaskQueue) -> None:
    """[routing 4.4, docs: worker-presence]: also of a queue that the target inherits"""
    team = world.queue("team", "team == 1")
    target = {"expression": "worker.x == 1", "skip_if": "workers.available > 0"}
    world.workflow(("1==1", {"queue": team, **target}, {**target}, {"queue": two, "expression": "1==2"}))
    world.worker("ann", {"team": 2})
    waiting = world.task()
    assert queue_of(world, waiting) == "team"
    world.worker("bob", {"team": 1})
    assert queue_of(world, waiting) == "team"
    assert queue_of(world, world.task()) == "two"


@pytest.mark.parametrize("outcome", ["rejected", "lapsed"])
def test_skip_if_is_asked_on_entering_and_after_an_offer_and_not_when_workers_go(
    world: World, one: TaskQueue, two: TaskQueue, outcome: str
) -> None:
    """[routing 4.4, inferred]"""
    world.workflow(("1==1", {"queue": one, "expression": "worker.x == 1", "skip_if": "workers.available == 0"}, {}))
    bob = world.worker("bob")
    task = world.task(at_ms=0)
    place = world.now(task).place
    world.move(bob, "Offline")
    world.run_until(3_600_000)
    assert world.now(task).place == place, "nobody is left, but nothing asks"
    world.worker("ann", {"x": 1})
    if outcome == "rejected":
        away = world.activity("Offline").sid
        world.answer(world.pending(task)[0], "rejected", worker_activity_sid=away)
    else:
        world.run_until(3_600_000 + 120_000)
    assert world.now(task).place != place
    del two


# --- known workers ------------------------------------------------------------------------------------------------


def test_a_known_worker_may_be_of_an_inherited_queue_and_others_wait_for_the_next_target(
    world: World, two: TaskQueue
) -> None:
    """[routing 4.6, docs: known-agent-routing]"""
    team = world.queue("team", "team == 1")
    known = {"known_worker_sid": "task.agent", "timeout": 10}
    world.workflow(("1==1", {"queue": team, "expression": "1==2", "timeout": 1}, known, {"queue": two}))
    ann, bob = world.worker("ann", {"team": 1}), world.worker("bob", {"team": 2})
    mine, strange = world.task({"agent": ann.sid}, at_ms=0), world.task({"agent": bob.sid}, at_ms=0)
    world.tick(1_000)
    assert (world.offered_to(mine), world.offered_to(strange)) == (["ann"], [])
    world.run_until(10_999)
    assert queue_of(world, strange) == "team"
    world.tick(11_000)
    assert world.offered_to(strange) == ["bob"]


@pytest.mark.parametrize("value", [None, 5, ["WK1"], "", "nobody"])
def test_a_wrong_or_missing_known_worker_does_not_skip_the_target(world: World, one: TaskQueue, value: Any) -> None:
    """[routing 4.6, docs: known-agent-routing]"""
    world.workflow(("1==1", {"queue": one, "known_worker_sid": "task.agent", "timeout": 10}, {}))
    world.worker("ann")
    task = world.task({"agent": value}, at_ms=0)
    assert world.run_until(9_999) == []
    world.tick(10_000)
    assert world.offered_to(task) == ["ann"]


def test_events_carry_the_known_workers_sid(world: World, one: TaskQueue) -> None:
    """[routing 4.6, docs: known-agent-routing]"""
    world.workflow(("1==1", {"queue": one, "known_worker_sid": "task.agent"}))
    ann = world.worker("ann")
    events = world.do(cmd.CreateTask(values={"attributes": json.dumps({"agent": ann.sid})}))
    assert matches(events)[0].known_worker_sid == ann.sid


# --- what expressions see of the task -----------------------------------------------------------------------------


def test_filters_and_targets_see_a_tasks_sid_priority_and_channel(world: World, one: TaskQueue) -> None:
    """[routing 5.3, inferred]"""
    urgent = world.queue("urgent")
    chosen = {"queue": urgent, "expression": "task.sid != null AND worker.level >= task.priority"}
    world.workflow(("priority > 5 AND task_channel_unique_name == 'chat'", chosen), default=one)
    world.worker("ann", {"level": 7})
    assert queue_of(world, world.task(priority=9)) == "one"
    high, low = (world.task(priority=priority, task_channel="chat") for priority in (9, 6))
    assert [queue_of(world, task) for task in (high, low)] == ["urgent", "urgent"]
    assert [world.offered_to(task) for task in (high, low)] == [[], ["ann"]]
    world.update_task(low, assignment_status="canceled")
    world.update_task(high, priority=7)
    assert world.offered_to(high) == ["ann"], "its class follows its priority"


@pytest.mark.parametrize("value", ["mine", None])
def test_a_tasks_own_attribute_wins_over_what_is_built_in(world: World, one: TaskQueue, value: str | None) -> None:
    """[routing 5.3, inferred]"""
    text = "null" if value is None else f"'{value}'"
    world.workflow((f"sid == {text}", {"queue": one, "expression": f"task.sid == {text}"}))
    world.worker("ann")
    assert world.offered_to(world.task({"sid": value})) == ["ann"]
    world.refused(cmd.CreateTask(values={"attributes": "{}"}))


def test_filters_see_the_time_at_which_they_are_asked_and_are_not_asked_by_it(world: World, one: TaskQueue) -> None:
    """[routing 5.3, inferred]; the world starts at 22:13:20 on a Tuesday"""
    night = world.queue("night")
    world.workflow(("taskrouter.currentHour >= 23", night), default=one)
    early = world.task(at_ms=0)
    late = world.task(at_ms=3_600_000)
    world.run_until(5_000_000)
    assert [queue_of(world, early), queue_of(world, late)] == ["one", "night"]
    world.update_task(early, attributes="{}")
    assert queue_of(world, early) == "night"


# --- looking again ------------------------------------------------------------------------------------------------


def test_changed_rules_reach_waiting_tasks_only_when_asked_to(world: World, one: TaskQueue, two: TaskQueue) -> None:
    """[routing 4.8, support: Managing TaskRouter Workflows + oai]; by `ReEvaluateTasks`: [routing 4.8, support]"""
    flow = world.workflow(default=one)
    old = world.task()

    def configure(queue: TaskQueue, **more: Any) -> None:
        values = {"configuration": configuration(default=queue), **more}
        world.do(cmd.UpdateWorkflow(workflow=flow.sid, values=values))
        world.run_until(world.state.now_ms - START_MS + 1)

    configure(two)
    assert [queue_of(world, task) for task in (old, world.task())] == ["one", "two"]
    world.update_task(old, attributes='{"a":1}')
    assert queue_of(world, old) == "one", "started again by the rules that it entered with"
    configure(two, re_evaluate_tasks=True)
    assert queue_of(world, old) == "two"


@pytest.mark.parametrize("how", ["activity", "channel", "capacity", "finished", "created", "attributes", "expression"])
def test_whatever_frees_a_worker_finds_what_waits(world: World, how: str) -> None:
    """[routing 4.8, docs: multitasking + inferred] and [routing 9.1, docs: event reference]"""
    queue = world.desk("level == 1")
    ann = world.worker("ann", {"level": 1})
    busy = world.task()
    world.accepted(busy)
    if how == "channel":
        world.channel(ann, capacity=2, available=False)
    elif how == "activity":
        world.move(ann, "Offline")
        world.channel(ann, capacity=2)
    elif how in ("attributes", "expression"):
        world.channel(ann, capacity=2)
        world.update_worker(ann, attributes='{"level":2}')
    task = world.task()
    assert world.offered_to(task) == []
    commands: dict[str, cmd.Command] = {
        "activity": cmd.UpdateWorker(worker=ann.sid, values={"activity_sid": world.activity("Available").sid}),
        "channel": cmd.UpdateWorkerChannel(worker=ann.sid, channel="default", values={"available": True}),
        "capacity": cmd.UpdateWorkerChannel(worker=ann.sid, channel="default", values={"capacity": 2}),
        "finished": cmd.UpdateTask(task=busy.sid, values={"assignment_status": "completed"}),
        "attributes": cmd.UpdateWorker(worker=ann.sid, values={"attributes": '{"level":1}'}),
        "expression": cmd.UpdateTaskQueue(queue=queue.sid, values={"target_workers": "level == 2"}),
        "created": cmd.CreateWorker(
            values={
                "friendly_name": "bob",
                "attributes": '{"level":1}',
                "activity_sid": world.activity("Available").sid,
            }
        ),
    }
    world.do(commands[how])
    assert world.offered_to(task) == (["bob"] if how == "created" else ["ann"])


@pytest.mark.parametrize(
    ("how", "reason"),
    [("rejected", "reservation_rejected"), ("lapsed", "reservation_timeout"), ("failed", "reservation_canceled")],
)
def test_a_match_after_an_offer_says_why(world: World, one: TaskQueue, how: str, reason: str) -> None:
    """[routing 4.8, code] and [wire 3, observed]"""
    world.workflow(default=one)
    world.worker("ann")
    task = world.task(at_ms=0)
    offer = world.pending(task)[0]
    if how == "rejected":
        events = world.answer(offer, "rejected")
    elif how == "lapsed":
        events = world.tick(120_000)
    else:
        events = world.do(cmd.FailAssignment(reservation=offer.sid))
    (match,) = matches(events)
    assert (match.re_evaluated_reason, match.target_changed_reason) == (reason, None)
    assert match.previous_queue is not None
    assert match.previous_queue.no == one.no


def test_a_move_between_queues_names_the_one_before_and_the_priority_then(
    world: World, one: TaskQueue, two: TaskQueue
) -> None:
    """[routing 4.8, code] and [wire 3, observed]"""
    world.workflow(("a == 1", {"queue": two, "priority": 8}), default=one)
    task = world.task(priority=3)
    events = world.update_task(task, attributes='{"a":1}')
    moved = world.made(events, ev.TaskQueueMoved)
    assert (moved.previous_queue.no, moved.task.queue) == (one.no, two.no)
    assert (matches(events)[0].previous_priority, matches(events)[0].task.priority) == (3, 8)
