"""What a task may do and what ends it; direct tasks; the virtual start."""

from __future__ import annotations

import json

import pytest

from pointsman.core import commands as cmd
from pointsman.core import events as ev
from pointsman.core.errors import Invalid, InvalidTransition
from pointsman.core.limits import Limits
from pointsman.core.types import Task
from tests.world import START_MS, World, types

ALLOWED = {
    ("pending", "canceled"),
    ("reserved", "canceled"),
    ("assigned", "wrapping"),
    ("assigned", "completed"),
    ("wrapping", "completed"),
}


@pytest.fixture
def world() -> World:
    world = World()
    world.desk()
    return world


def task_in(world: World, status: str) -> Task:
    """A new task, brought to a status."""
    if status != "pending":
        world.worker("ann")
    task = world.task()
    if status in ("assigned", "wrapping"):
        world.accepted(task)
    if status == "wrapping":
        world.update_task(task, assignment_status="wrapping")
    assert world.now(task).status == status
    return task


# --- moves --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("wanted", ["canceled", "wrapping", "completed"])
@pytest.mark.parametrize("status", ["pending", "reserved", "assigned", "wrapping"])
def test_a_task_may_make_these_moves_and_no_others(world: World, status: str, wanted: str) -> None:
    """[routing 2.1, docs: task state] and [routing 2.1, sdk-test]; what is assigned is never canceled:
    [routing 2.1, inferred]"""
    task = task_in(world, status)
    command = cmd.UpdateTask(task=task.sid, values={"assignment_status": wanted})
    if (status, wanted) not in ALLOWED:
        assert isinstance(world.refused(command), InvalidTransition)
        return
    events = world.do(command)
    last = next(event.task for event in reversed(events) if isinstance(event, ev.TaskUpdated))
    assert last.status == wanted


def test_a_task_goes_from_pending_to_reserved_and_back_and_to_assigned(world: World) -> None:
    """[routing 2.1, docs: task state]"""
    task = world.task()
    assert world.now(task).status == "pending"
    world.worker("ann")
    assert world.now(task).status == "reserved"
    world.answer(world.pending(task)[0], "rejected", worker_activity_sid=world.activity("Offline").sid)
    assert world.now(task).status == "pending"
    world.worker("bob")
    world.accepted(task)
    assert world.now(task).status == "assigned"


@pytest.mark.parametrize("wanted", ["canceled", "completed"])
def test_a_reason_is_never_required(world: World, wanted: str) -> None:
    """[routing 2.1, sdk-test + docs: js-sdk-v1]"""
    task = task_in(world, "pending" if wanted == "canceled" else "assigned")
    events = world.update_task(task, assignment_status=wanted)
    assert f"task.{wanted}" in types(events)
    assert next(event.task.reason for event in events if isinstance(event, ev.TaskUpdated)) is None


def test_a_priority_given_by_an_update_holds_until_a_target_with_its_own() -> None:
    """[routing 2.1, oai]"""
    world = World()
    queue = world.queue()
    world.workflow(("1==1", {"queue": queue, "timeout": 1}, {"timeout": 1}, {"priority": 5}))
    task = world.task(at_ms=0)
    world.update_task(task, priority=9)
    world.tick(1_000)
    assert world.now(task).priority == 9
    world.tick(2_000)
    assert world.now(task).priority == 5


@pytest.mark.parametrize("status", ["completed", "canceled"])
def test_an_ended_task_stays_ended_and_time_alone_makes_no_event_of_it(world: World, status: str) -> None:
    """[routing 2.1, docs: event reference]: its removal five minutes later is no `task.deleted`"""
    task = task_in(world, "pending" if status == "canceled" else "assigned")
    world.update_task(task, assignment_status=status)
    assert world.state.next_deadline_ms() is None
    assert world.run_until(10 * 86_400_000) == []


# --- time to live -------------------------------------------------------------------------------------------------


def test_the_time_to_live_runs_on_over_rejects_and_moves_and_ends_with_the_acceptance() -> None:
    """[routing 2.3, inferred]"""
    world = World()
    one, two = world.queue(), world.queue()
    world.workflow(("a == 1", one), default=two)
    world.worker("ann")
    first, second = world.task({"a": 1}, at_ms=0, timeout=100), world.task(at_ms=0, timeout=100)
    world.answer(world.pending(first)[0], "rejected", 50_000, worker_activity_sid=world.activity("Offline").sid)
    world.update_task(first, at_ms=60_000, attributes="{}")
    assert world.now(first).queue == two.no
    world.worker("bob")
    world.accepted(first, at_ms=70_000)
    events = world.tick(100_000)
    assert [event.task.no for event in events if isinstance(event, ev.TaskCanceled)] == [second.no]
    assert world.now(first).status == "assigned"


def test_an_offer_cant_be_accepted_past_its_tasks_time(world: World) -> None:
    """[routing 2.3, inferred]: not even before the tick that cancels it"""
    world.worker("ann")
    task = world.task(at_ms=0, timeout=100)
    values = {"reservation_status": "accepted"}
    late = cmd.UpdateReservation(reservation=world.pending(task)[0].sid, values=values)
    assert isinstance(world.refused(late, at_ms=100_000), InvalidTransition)
    assert "reservation.accepted" in types(world.do(late, 99_999))


def test_offers_to_several_workers_count_as_one_round() -> None:
    """[routing 1.7, docs: limits]; the thousandth is the last, here the second"""
    world = World()
    world.state.limits = Limits(assignments_max=2)
    world.desk(max_reserved_workers=2)
    for name in ("ann", "bob"):
        world.worker(name)
    task = world.task()
    for _ in range(2):
        assert len(world.pending(task)) == 2
        for offer in world.pending(task):
            events = world.answer(offer, "rejected")
    assert "task.canceled" in types(events)


# --- attributes of a task at work ---------------------------------------------------------------------------------


def test_new_attributes_of_an_assigned_task_are_stored_and_no_more() -> None:
    """[routing 4.8, sdk]"""
    world = World()
    one, two = world.queue(), world.queue()
    world.workflow(("a == 1", one), default=two)
    world.worker("ann")
    task = world.task({"a": 1})
    world.accepted(task)
    assert types(world.update_task(task, attributes='{"a":2}')) == ["task.updated"]
    assert (world.now(task).queue, json.loads(world.now(task).attributes)) == (one.no, {"a": 2})


# --- direct tasks -------------------------------------------------------------------------------------------------


def test_a_direct_tasks_other_parameters_must_exist_too(world: World) -> None:
    """[routing 4.9, sdk-test]"""
    ann = world.worker("ann")
    for name, sid in (("workflow_sid", "WW" + "f" * 32), ("task_queue_sid", "WQ" + "f" * 32)):
        refused = world.refused(cmd.CreateTask(values={"routing_target": ann.sid, name: sid}))
        assert isinstance(refused, Invalid)
        assert sid in str(refused)
        assert world.state.workspace.sid in str(refused)
        assert world.state.workspace.account_sid in str(refused)


def test_a_task_is_not_sent_to_two_places_at_once(world: World) -> None:
    """[routing 4.9, oai + blog: changelog 2024-07-01]"""
    one, two = world.queue(), world.queue()
    first, second = world.workflow(default=one), world.workflow(default=two)
    for name, parameter, right, wrong in (
        ("task_queue_sid", "TaskQueueSid", one.sid, two.sid),
        ("workflow_sid", "WorkflowSid", first.sid, second.sid),
    ):
        created = world.do(cmd.CreateTask(values={"routing_target": right, name: right}))
        assert world.made(created, ev.TaskCreated).task.queue == one.no
        refused = world.refused(cmd.CreateTask(values={"routing_target": right, name: wrong}))
        assert str(refused).startswith(f"{parameter} {wrong} and RoutingTarget {right} are two places")


def test_ignoring_capacity_is_for_tasks_of_a_worker_and_what_they_do_unless_told_otherwise(world: World) -> None:
    """[routing 4.9, oai]"""
    ann = world.worker("ann")
    queue = next(iter(world.state.queues.values()))
    assert world.task(routing_target=ann.sid).ignore_capacity
    assert not world.task(routing_target=queue.sid).ignore_capacity
    refused = world.refused(cmd.CreateTask(values={"routing_target": queue.sid, "ignore_capacity": True}))
    assert str(refused) == "IgnoreCapacity is for tasks whose RoutingTarget is a worker"


@pytest.mark.parametrize(("flows", "timeout_s"), [(1, 7), (2, 120)])
def test_a_task_without_a_workflow_has_the_only_ones_reservation_timeout(flows: int, timeout_s: int) -> None:
    """[routing 4.9, inferred]"""
    world = World()
    queue = world.queue()
    for _ in range(flows):
        world.workflow(default=queue, task_reservation_timeout=7)
    ann = world.worker("ann")
    world.channel(ann, capacity=2)
    for target in (queue.sid, ann.sid):
        offer = world.pending(world.task(routing_target=target, at_ms=0))[0]
        assert offer.deadline_ms == START_MS + timeout_s * 1_000


# --- the virtual start --------------------------------------------------------------------------------------------


def test_a_virtual_start_moves_a_task_in_the_line_and_nothing_else() -> None:
    """[routing 4.10, oai + docs: LIFO page]; neither its time to live nor a target's timeout:
    [routing 4.10, inferred]"""
    world = World()
    queue = world.queue()
    world.workflow(("1==1", {"queue": queue, "timeout": 10}, {}))
    late = world.task(at_ms=0, timeout=100)
    early = world.task(at_ms=1_000, timeout=100, virtual_start_time=START_MS - 3_600_000)
    assert (late.virtual_start_ms, late.created_ms) == (START_MS, START_MS)
    assert early.created_ms == START_MS + 1_000
    assert world.now(early).target_deadline_ms == START_MS + 11_000
    world.worker("ann")
    assert (world.offered_to(early), world.offered_to(late)) == (["ann"], [])
    assert "task.canceled" in types(world.run_until(100_000))
    assert world.now(early).status in ("pending", "reserved"), "it has a second left"
    world.run_until(101_000)
    assert early.no not in world.state.tasks


def test_a_virtual_start_is_never_in_the_future_and_an_empty_one_is_the_creation(world: World) -> None:
    """[routing 4.10, oai + docs: LIFO page]"""
    task = world.task(at_ms=5_000)
    future = {"virtual_start_time": START_MS + 5_001}
    for command in (cmd.CreateTask(values=future), cmd.UpdateTask(task=task.sid, values=future)):
        assert str(world.refused(command, at_ms=5_000)) == "VirtualStartTime can't be in the future"
    world.update_task(task, virtual_start_time=START_MS)
    assert world.now(task).virtual_start_ms == START_MS
    world.update_task(task, virtual_start_time=None)
    assert world.now(task).virtual_start_ms == task.created_ms
