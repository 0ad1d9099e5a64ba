"""How a task goes through its workflow: filters, targets, time, skip_if, known workers, starting again."""

from __future__ import annotations

import json
from typing import Any

import pytest

from pointsman.core import commands as cmd
from pointsman.core import events as ev
from pointsman.core.engine.decide import tick
from pointsman.core.engine.step import step
from pointsman.core.types import Task, TaskQueue
from tests.world import World, configuration, loaded, types
from tests.world import target as target_of


def queue_of(world: World, task: Task) -> str:
    no = world.now(task).queue
    assert no is not None
    return world.state.queues[no].friendly_name


def configure(world: World, *filters: Any, default: Any = None, re_evaluate: bool = False) -> list[ev.Event]:
    """Give the world's only workflow other rules."""
    other = configuration(*filters, default=default)
    flow = next(iter(world.state.workflows.values()))
    values = {"configuration": other, "re_evaluate_tasks": re_evaluate}
    return world.do(cmd.UpdateWorkflow(workflow=flow.sid, values=values))


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def one(world: World) -> TaskQueue:
    return world.queue("one")


@pytest.fixture
def two(world: World) -> TaskQueue:
    return world.queue("two")


# --- filters ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("lang", "expected"), [("en", "one"), ("es", "two"), ("fr", "three")])
def test_the_first_filter_that_matches_takes_the_task(
    world: World, one: TaskQueue, two: TaskQueue, lang: str, expected: str
) -> None:
    """[routing 4.2, docs: workflow-configuration]"""
    world.workflow(
        ("lang == 'en'", one), ("lang IN ['en', 'es']", two), ("lang == 'es'", one), default=world.queue("three")
    )
    assert queue_of(world, world.task({"lang": lang})) == expected


def test_a_task_with_nowhere_to_go_is_refused(world: World, one: TaskQueue) -> None:
    """[routing 4.2, inferred] [design 7, ours]; rest-api 8.3 [inferred]"""
    flow = world.workflow(("lang == 'en'", one))
    assert str(world.refused(cmd.CreateTask(values={}))) == (
        f"No filter of workflow {flow.sid} matches these attributes, and it has no default filter, "
        "so the task has nowhere to go"
    )


def test_a_target_names_the_filter_and_its_expressions(world: World, one: TaskQueue) -> None:
    """At the first match. [routing 4.2, docs: workflow-configuration + docs: event reference]
    [wire 3, observed]"""
    target = {"queue": one, "expression": "1==1", "known_worker_sid": "task.agent"}
    world.workflow({"filter_friendly_name": "all", "expression": "1 == 1", "targets": [target_of(target)]})
    events = world.do(cmd.CreateTask(values={"attributes": '{"agent":"WK1"}'}))
    match = world.made(events, ev.WorkflowTargetMatched)
    assert (match.filter_name, match.filter_expression, match.target_expression) == ("all", "1 == 1", "1==1")
    assert match.known_worker_sid == "WK1"
    assert match.previous_queue is None


# --- targets and time ---------------------------------------------------------------------------------------------


def test_target_timeouts_are_cumulative_and_the_last_leads_out(world: World, one: TaskQueue, two: TaskQueue) -> None:
    """Targets 10/10/10: the second ends at age 20, the third at 30; never to the default filter.
    [routing 2.2, inferred] [routing 4.2, docs: event reference]
    [routing 4.2, docs: workflow-configuration] [routing 4.3, docs: task-evaluation]"""
    targets = [{"queue": queue, "timeout": 10} for queue in (one, two, one)]
    world.workflow(("1==1", *targets), default=two)
    task = world.task(at_ms=0)

    assert world.tick(9_999) == []
    assert types(world.tick(10_000)) == [
        "task-queue.timeout",
        "workflow.target-matched",
        "task-queue.moved",
        "task-queue.entered",
    ]
    assert queue_of(world, task) == "two"
    world.tick(19_999)
    assert queue_of(world, task) == "two"
    world.tick(20_000)
    assert queue_of(world, task) == "one"
    events = world.tick(30_000)
    assert types(events) == ["task-queue.timeout", "workflow.timeout", "task.canceled", "task.updated"]
    assert world.made(events, ev.TaskCanceled).reason == "Workflow timed out"


def test_a_target_inherits_the_queue_but_neither_expression_nor_timeout(world: World, one: TaskQueue) -> None:
    """[routing 4.1, docs: workflow-configuration]"""
    world.workflow(("1==1", {"queue": one, "expression": "worker.level > 5", "timeout": 5}, {"priority": 3}))
    world.worker("ann", {"level": 1})
    task = world.task(at_ms=0)
    assert world.offered_to(task) == []
    events = world.tick(5_000)
    assert types(events)[:2] == ["task-queue.timeout", "workflow.target-matched"], "the queue is the same: no move"
    assert world.offered_to(task) == ["ann"]
    assert world.now(task).target_deadline_ms is None


def test_the_date_of_entering_stays_where_the_queue_stays(world: World, one: TaskQueue, two: TaskQueue) -> None:
    """`TaskQueueEnteredDate` stays when a re-match gives the same queue. [wire 3, observed]"""
    world.workflow(("1==1", {"queue": one, "timeout": 5}, {"timeout": 5}, {"queue": two}))
    task = world.task(at_ms=0)
    world.tick(5_000)
    assert world.now(task).queue_entered_ms == task.queue_entered_ms
    world.tick(10_000)
    assert world.now(task).queue_entered_ms == task.created_ms + 10_000


def test_a_targets_priority_overrides_and_stays(world: World, one: TaskQueue) -> None:
    """[routing 4.5, oai + docs: workflow-configuration]"""
    world.workflow(("1==1", {"queue": one, "timeout": 1}, {"priority": 8, "timeout": 1}, {}))
    task = world.task(at_ms=0, priority=2)
    seen = [world.now(task).priority]
    for at_ms in (1_000, 2_000):
        world.tick(at_ms)
        seen.append(world.now(task).priority)
    assert seen == [2, 8, 8]


def test_a_long_offer_uses_up_targets(world: World, one: TaskQueue, two: TaskQueue) -> None:
    """While reserved, target timers run on, but the task is not moved. [routing 4.3, inferred]"""
    three = world.queue("three")
    world.workflow(
        ("1==1", {"queue": one, "timeout": 10}, {"queue": two, "timeout": 10}, {"queue": three, "timeout": 10}),
        task_reservation_timeout=60,
    )
    world.worker("ann")
    task = world.task(at_ms=0)
    world.tick(25_000)
    assert queue_of(world, task) == "one"
    events = world.answer(world.pending(task)[0], "rejected", 25_000)
    assert types(events) == [
        "reservation.rejected",
        "task-queue.timeout",
        "workflow.target-matched",
        "task-queue.moved",
        "task-queue.entered",
        "reservation.created",
    ]
    assert queue_of(world, task) == "three"
    assert world.now(task).rounds == 2


def test_an_offer_that_ends_within_the_targets_time_stays_in_it(world: World, one: TaskQueue) -> None:
    """Target-matched with the reason. [routing 3.3, docs: workflows-and-assignment] [routing 4.3, conflict]
    [wire 4.7, observed]"""
    world.workflow(("1==1", {"queue": one, "timeout": 100, "priority": 5}, {"priority": 9}))
    world.worker("ann")
    task = world.task(at_ms=0)
    world.update_task(task, priority=1)
    events = world.answer(world.pending(task)[0], "rejected", 50_000)
    match = world.made(events, ev.WorkflowTargetMatched)
    assert match.re_evaluated_reason == "reservation_rejected"
    assert match.previous_queue is not None
    assert match.previous_queue.no == one.no
    assert world.now(task).priority == 1, "one set by the API holds until another target applies"


def test_past_the_last_target_by_time_the_next_filter_that_matches_takes_over(
    world: World, one: TaskQueue, two: TaskQueue
) -> None:
    """Its time starts then. [routing 4.2, docs: workflow-configuration] [routing 4.3, inferred]"""
    world.workflow(
        ("1==1", {"queue": one, "timeout": 5}),
        ("a == 2", one),
        ("a == 1", {"queue": two, "timeout": 5}),
        default=one,
    )
    task = world.task({"a": 1}, at_ms=0)
    world.tick(5_000)
    assert queue_of(world, task) == "two"
    assert world.tick(9_999) == []
    assert "workflow.timeout" in types(world.tick(10_000))


# --- skip_if ------------------------------------------------------------------------------------------------------


def test_a_target_is_skipped_only_if_nobody_could_be_reserved(world: World, one: TaskQueue, two: TaskQueue) -> None:
    """`1==1` means skip unless matched right now. [routing 4.2, docs: worker-presence]
    [routing 4.4, docs: worker-presence]"""
    world.workflow(("1==1", {"queue": one, "skip_if": "1==1"}, {"queue": two}))
    ann = world.worker("ann")
    first, second = world.task(), world.task()
    assert [queue_of(world, first), queue_of(world, second)] == ["one", "two"]
    world.move(ann, "Offline")
    world.answer(world.pending(first)[0], "rejected")
    assert queue_of(world, first) == "two", "asked again when it is pending again"


@pytest.mark.parametrize(
    ("skip_if", "skipped"),
    [
        ("workers.available == 0", False),  # the excluded worker counts as well: this traps people
        ("workers.available == 1", True),
        ("workers.unavailable == 2", True),
        ("workers.WA00000000000000000000000000000002 == 2 AND workers.WAx == null", True),
        ("workers.available + 1", None),
    ],
)
def test_skip_if_counts_the_queues_workers_whatever_their_capacity(
    world: World, one: TaskQueue, two: TaskQueue, skip_if: str, skipped: bool | None
) -> None:
    """[routing 4.4, docs: worker-presence]"""
    if skipped is None:
        document = configuration(("1==1", {"queue": one, "skip_if": skip_if}))
        values = {"friendly_name": "w", "configuration": document}
        assert "filters[0].targets[0].skip_if" in str(world.refused(cmd.CreateWorkflow(values=values)))
        return
    world.workflow(("1==1", {"queue": one, "skip_if": skip_if, "expression": "worker.level > 5"}, {"queue": two}))
    world.worker("ann", {"level": 1})
    world.worker("bob", {"level": 9}, activity="Offline")
    world.worker("cid", {"level": 9}, activity="Offline")
    assert queue_of(world, world.task()) == ("two" if skipped else "one")


def test_past_the_last_target_by_skipping_the_default_filter_takes_over(
    world: World, one: TaskQueue, two: TaskQueue
) -> None:
    """[routing 4.2, docs: worker-presence]"""
    world.workflow(("1==1", {"queue": one, "skip_if": "1==1"}), ("a == 1", one), default=two)
    assert queue_of(world, world.task()) == "two"
    assert queue_of(world, world.task({"a": 1})) == "one"


def test_skipped_without_a_default_filter_a_task_is_canceled(world: World, one: TaskQueue) -> None:
    """[routing 2.2, inferred] [routing 4.2, docs: event reference]"""
    world.workflow(("1==1", {"queue": one, "skip_if": "1==1"}))
    events = world.do(cmd.CreateTask(values={}))
    assert types(events)[-3:] == ["workflow.skipped", "task.canceled", "task.updated"]
    assert world.made(events, ev.TaskCanceled).reason == "Workflow skipped"


def test_the_last_exit_decides_between_timing_out_and_skipping(world: World, one: TaskQueue, two: TaskQueue) -> None:
    """Some skipped, the last timed out: as by time. [routing 4.2, inferred] [routing 4.3, inferred]"""
    world.workflow(
        ("1==1", {"queue": one, "skip_if": "1==1"}, {"queue": one, "timeout": 5}),
        default=two,
    )
    world.task(at_ms=0)
    assert "workflow.timeout" in types(world.tick(5_000)), "a skipped target adds nothing to the sum [inferred]"


# --- known workers ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("key", "attribute"), [("known_worker_sid", "sid"), ("known_worker_friendly_name", "name")])
def test_only_the_known_worker_is_considered(world: World, one: TaskQueue, key: str, attribute: str) -> None:
    """[routing 4.6, docs: known-agent-routing]"""
    world.workflow(("1==1", {"queue": one, key: f"task.{attribute}"}))
    world.worker("ann")
    bob = world.worker("Bob")
    busy = world.task({"sid": bob.sid, "name": "bob"})
    wrong = world.task({"sid": "WK1", "name": "nobody"})
    null = world.task({"sid": None, "name": None})
    assert [world.offered_to(task) for task in (busy, wrong, null)] == [["Bob"], [], []]
    assert world.now(null).status == "pending", "a null does not skip"


def test_a_known_worker_must_be_in_the_queue_suit_the_expression_and_be_free(world: World) -> None:
    """[routing 4.6, docs: known-agent-routing]"""
    queue = world.queue(expression="team == 'x'")
    target = {"queue": queue, "expression": "worker.level > task.level", "known_worker_sid": "task.agent"}
    world.workflow(("1==1", target))
    ann = world.worker("ann", {"team": "x", "level": 5})
    bob = world.worker("bob", {"team": "y", "level": 5})
    assert world.offered_to(world.task({"agent": bob.sid, "level": 1})) == []
    assert world.offered_to(world.task({"agent": ann.sid, "level": 7})) == []
    assert world.offered_to(world.task({"agent": ann.sid, "level": 1})) == ["ann"]
    assert world.offered_to(world.task({"agent": ann.sid, "level": 1})) == []


def test_a_worker_who_takes_the_known_name_gets_the_task(world: World, one: TaskQueue) -> None:
    """[routing 4.6, docs: known-agent-routing]"""
    world.workflow(("1==1", {"queue": one, "known_worker_friendly_name": "task.agent"}))
    ann = world.worker("ann")
    task = world.task({"agent": "boss"})
    world.update_worker(ann, friendly_name="Boss")
    assert world.offered_to(task) == ["Boss"]


# --- what else expressions read -----------------------------------------------------------------------------------


def test_a_target_may_read_a_workers_channels_and_follows_them(world: World, one: TaskQueue) -> None:
    """[routing 5.3, docs: multitasking]"""
    world.workflow(("1==1", {"queue": one, "expression": "worker.channel.chat.assigned_tasks == 0"}))
    ann = world.worker("ann")
    chat = world.task(task_channel="chat")
    world.accepted(chat)
    task = world.task()
    assert world.offered_to(task) == []
    world.update_task(chat, assignment_status="wrapping")
    assert world.offered_to(task) == ["ann"]
    del ann


def test_a_change_of_capacity_counts_although_the_worker_was_free_before(world: World, one: TaskQueue) -> None:
    """[routing 5.3, docs: multitasking]"""
    world.workflow(("1==1", {"queue": one, "expression": "worker.channel.chat.configured_capacity > 1"}))
    ann = world.worker("ann")
    task = world.task()
    world.channel(ann, "chat", capacity=2)
    assert world.offered_to(task) == ["ann"]


def test_a_target_that_reads_the_time_is_looked_at_again_when_it_changes(world: World, one: TaskQueue) -> None:
    """The world starts at 22:13:20. [routing 5.3, inferred]"""
    world.workflow(("1==1", {"queue": one, "expression": "taskrouter.currentMin >= 15"}))
    world.worker("ann")
    task = world.task(at_ms=0)
    assert world.state.next_deadline_ms() == task.created_ms + 40_000
    world.run_until(99_999)
    assert world.offered_to(task) == []
    world.run_until(100_000)
    assert world.offered_to(task) == ["ann"]
    assert world.state.clocked == {}


# --- starting again -----------------------------------------------------------------------------------------------


def test_new_attributes_lead_a_pending_task_through_its_workflow_again(
    world: World, one: TaskQueue, two: TaskQueue
) -> None:
    """With attribute_update, and the same new version in both events. [routing 4.8, docs: multitasking]
    [routing 4.8, conflict] [wire 3, observed]"""
    world.workflow(("a == 1", one), default=two)
    task = world.task({"a": 1})
    events = world.update_task(task, attributes='{"a":2}')
    assert types(events) == [
        "workflow.target-matched",
        "task-queue.moved",
        "task-queue.entered",
        "task.updated",
    ]
    match = world.made(events, ev.WorkflowTargetMatched)
    assert match.target_changed_reason == "attribute_update"
    assert match.previous_queue is not None
    assert match.previous_queue.no == one.no
    assert (match.task.version, world.made(events, ev.TaskUpdated).task.version) == (1, 1)


def test_even_equal_attributes_match_again(world: World, one: TaskQueue) -> None:
    """Any attribute update on a pending task, even when nothing changed. [wire 8.9, observed]"""
    world.workflow(default=one)
    task = world.task({"a": 1})
    assert types(world.update_task(task, attributes='{"a": 1}')) == ["workflow.target-matched", "task.updated"]
    assert world.now(task).version == 1
    assert world.now(task).text == 0


def test_a_reserved_task_stays_and_starts_again_once_it_is_pending(
    world: World, one: TaskQueue, two: TaskQueue
) -> None:
    """The new attributes are used when it becomes pending. [routing 4.8, sdk-test] [wire 8.9, observed]"""
    world.workflow(("a == 1", one), default=two)
    world.worker("ann")
    task = world.task({"a": 1})
    assert types(world.update_task(task, attributes='{"a":2}')) == ["task.updated"]
    assert queue_of(world, task) == "one"
    events = world.answer(world.pending(task)[0], "rejected")
    assert world.made(events, ev.WorkflowTargetMatched).target_changed_reason == "attribute_update"
    assert queue_of(world, task) == "two"
    assert world.now(task).re_evaluate is None


def test_new_attributes_that_fit_nowhere_cancel_the_task(world: World, one: TaskQueue) -> None:
    """By re-evaluation, `workflow.timeout` and canceled. [design 7, ours]"""
    world.workflow(("a == 1", one))
    task = world.task({"a": 1})
    events = world.update_task(task, attributes="{}")
    assert types(events) == ["workflow.timeout", "task.canceled", "task.updated"]
    reason = "No filter of the workflow matches and it has no default filter"
    assert world.made(events, ev.TaskCanceled).reason == reason


def test_starting_again_keeps_the_age(world: World, one: TaskQueue, two: TaskQueue) -> None:
    """The age base does not restart; so its position follows from its age. [routing 4.8, inferred]"""
    world.workflow(("1==1", {"queue": one, "timeout": 10}), ("1==1", {"queue": two, "timeout": 10}, {"timeout": 10}))
    task = world.task(at_ms=0)
    world.run_until(22_000)
    assert queue_of(world, task) == "two"
    deadline_ms = world.now(task).target_deadline_ms
    world.update_task(task, at_ms=23_000, attributes='{"a":1}')
    assert queue_of(world, task) == "two"
    assert world.now(task).target_deadline_ms == deadline_ms == task.created_ms + 30_000


def test_waiting_tasks_keep_the_rules_that_they_entered_with(world: World, one: TaskQueue, two: TaskQueue) -> None:
    """[routing 4.8, support: Managing TaskRouter Workflows + oai]"""
    world.workflow(("1==1", {"queue": one, "timeout": 10}, {"queue": two}))
    old = world.task(at_ms=0)
    assert types(configure(world, default=one)) == ["workflow.updated"]
    new = world.task(at_ms=1)
    world.tick(10_000)
    assert [queue_of(world, old), queue_of(world, new)] == ["two", "one"]
    assert len(world.state.configurations) == 2
    world.update_task(old, assignment_status="canceled")
    configure(world, default=two)
    assert len(world.state.configurations) == 2, "the one that new follows, and the newest"


def test_re_evaluating_moves_pending_tasks_and_reserved_ones_later(
    world: World, one: TaskQueue, two: TaskQueue
) -> None:
    """[routing 4.8, support] [routing 4.8, inferred]"""
    world.workflow(default=one)
    world.worker("ann")
    reserved, pending = world.task(), world.task()
    events = configure(world, default=two, re_evaluate=True)
    assert types(events) == ["workflow.updated"]
    assert world.state.next_deadline_ms() == world.state.now_ms, "the work goes on at once"
    after = world.task()

    events = world.do(cmd.Tick())
    assert types(events) == ["workflow.target-matched", "task-queue.moved", "task-queue.entered"]
    assert world.made(events, ev.WorkflowTargetMatched).target_changed_reason == "workflow_updated"
    assert [queue_of(world, task) for task in (reserved, pending, after)] == ["one", "two", "two"]
    assert world.state.jobs == {}

    world.answer(world.pending(reserved)[0], "rejected")
    assert queue_of(world, reserved) == "two"


def test_re_evaluation_goes_on_in_slices(
    world: World, one: TaskQueue, two: TaskQueue, monkeypatch: pytest.MonkeyPatch
) -> None:
    """design 2: long work is an entity"""
    monkeypatch.setattr(tick, "STEP_ITEMS_MAX", 2)
    world.workflow(default=one)
    tasks = [world.task() for _ in range(5)]
    configure(world, default=two, re_evaluate=True)
    moved = []
    while world.state.jobs:
        world.do(cmd.Tick())
        moved.append(sum(queue_of(world, task) == "two" for task in tasks))
    assert moved == [2, 4, 5]


def test_a_slice_looks_at_no_more_tasks_than_it_may(
    world: World, one: TaskQueue, two: TaskQueue, monkeypatch: pytest.MonkeyPatch
) -> None:
    """design 2: what remains follows from how far the job is, also past tasks that are none of its own"""
    monkeypatch.setattr(tick, "STEP_LOOKS_MAX", 3)
    flow = world.workflow(default=one)
    other = world.workflow(default=one, name="other")
    tasks = [world.task(workflow_sid=(flow if n % 4 == 0 else other).sid) for n in range(9)]
    values = {"configuration": configuration(default=two), "re_evaluate_tasks": True}
    world.do(cmd.UpdateWorkflow(workflow=flow.sid, values=values))
    moved = []
    while world.state.jobs:
        world.do(cmd.Tick())
        moved.append([n for n, task in enumerate(tasks) if queue_of(world, task) == "two"])
    assert moved == [[0], [0, 4], [0, 4, 8], [0, 4, 8]]


def test_slices_depend_on_live_tasks_alone(world: World, one: TaskQueue, monkeypatch: pytest.MonkeyPatch) -> None:
    """design 2: a copy that was loaded, and has never seen a task that is gone, comes to the same"""
    monkeypatch.setattr("pointsman.core.engine.decide.tick.STEP_ITEMS_MAX", 1)
    workflow = world.workflow(default=one)
    tasks = [world.task() for _ in range(4)]
    for gone in (tasks[1], tasks[3]):
        world.do(cmd.DeleteTask(task=gone.sid))
    world.do(cmd.UpdateWorkflow(workflow=workflow.sid, values={"re_evaluate_tasks": True}))
    slices = [world.made(world.tick(0), ev.JobMoved).also[0] for _ in range(2)]
    assert [getattr(each, "cursor", "over") for each in slices] == [tasks[0].no, "over"]


def test_a_job_whose_workflow_has_gone_ends(world: World, one: TaskQueue) -> None:
    """Deleting is refused while tasks wait, but the last may leave while the work goes on."""
    flow = world.workflow(default=one)
    task = world.task()
    configure(world, default=one, re_evaluate=True)
    world.update_task(task, assignment_status="canceled")
    world.do(cmd.DeleteWorkflow(workflow=flow.sid))
    world.do(cmd.Tick())
    assert world.state.jobs == {}
    assert world.state.configurations == {}


def test_skip_if_is_not_asked_again_by_loading_a_workspace_at_rest(
    world: World, one: TaskQueue, two: TaskQueue
) -> None:
    """When the task enters, not on a timer; so loading must not ask either. [routing 4.4, inferred]"""
    world.workflow(("1==1", {"queue": one, "skip_if": "workers.available == 0"}, {"queue": two}))
    ann = world.worker("ann")
    world.task()
    task = world.task()
    world.move(ann, "Offline")
    assert queue_of(world, task) == "one"
    copy = loaded(world)
    step(copy, cmd.Tick(), world.state.now_ms, world.ids)
    assert copy.tasks[task.no].queue == one.no


def test_attributes_with_nested_keys_and_json_numbers_are_told_apart(world: World, one: TaskQueue) -> None:
    """Tasks are grouped by the JSON of what their target reads: to Python 1, 1.0 and true are one key."""
    world.workflow(("1==1", {"queue": one, "expression": "worker.vip == task.customer.vip"}))
    ann = world.worker("ann", {"vip": True})
    world.channel(ann, capacity=9)
    tasks = [world.task({"customer": {"vip": value}}) for value in (1, True, 1.0, "true", None)]
    assert [bool(world.pending(task)) for task in tasks] == [False, True, False, False, False]
    assert json.loads(world.now(tasks[1]).attributes) == {"customer": {"vip": True}}
