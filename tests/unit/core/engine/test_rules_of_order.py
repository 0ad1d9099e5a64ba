"""Which task first, and whose: what `test_order` leaves open."""

from __future__ import annotations

import pytest

from pointsman.core import commands as cmd
from pointsman.core.types import Task
from tests.world import START_MS, World


def served(world: World, *tasks: Task) -> list[int]:
    """Free one worker with room for everything; say in which order it got the tasks."""
    ann = world.worker("ann", activity="Offline")
    world.channel(ann, capacity=len(tasks))
    world.move(ann, "Available")
    offers = {each.task: each.no for each in world.state.reservations.values()}
    return sorted(range(len(tasks)), key=lambda place: offers[tasks[place].no])


@pytest.mark.parametrize(("order", "expected"), [("FIFO", [1, 0, 2]), ("LIFO", [2, 0, 1])])
def test_the_virtual_start_stands_for_the_creation_in_both_orders(order: str, expected: list[int]) -> None:
    """[routing 6.1, docs: task-queue + docs: LIFO page] and [routing 6.1, inferred]"""
    world = World()
    world.desk(task_order=order)
    first = world.task(at_ms=100_000)
    old = world.task(at_ms=100_001, virtual_start_time=START_MS)
    assert served(world, first, old, world.task(at_ms=100_002)) == expected


def test_a_high_priority_goes_before_any_age() -> None:
    """[routing 6.1, docs: task-queue + docs: LIFO page]"""
    world = World()
    world.desk()
    old = world.task(at_ms=0)
    assert served(world, old, world.task(priority=1, at_ms=86_000_000)) == [1, 0]


def test_across_lifo_queues_the_newest_goes_first() -> None:
    """[routing 6.2, inferred]"""
    world = World()
    one, two = world.queue(task_order="LIFO"), world.queue(task_order="LIFO")
    flow = world.workflow(("q == 1", one), default=two)
    tasks = [
        world.task({"q": q}, workflow_sid=flow.sid, priority=priority, at_ms=at)
        for q, priority, at in ((1, 0, 0), (2, 9, 10), (1, 0, 20), (2, 0, 30))
    ]
    assert served(world, *tasks) == [3, 2, 1, 0]


def test_one_queues_order_beats_priorities_in_the_other_kind() -> None:
    """[routing 6.2, docs: LIFO page]"""
    world = World(prioritize_queue_order="LIFO")
    fifo, lifo = world.queue(), world.queue(task_order="LIFO")
    flow = world.workflow(("kind == 'fifo'", fifo), default=lifo)
    urgent = world.task({"kind": "fifo"}, workflow_sid=flow.sid, priority=100)
    assert served(world, urgent, world.task({"kind": "lifo"}, workflow_sid=flow.sid)) == [1, 0]


@pytest.mark.parametrize("missing", ["queue", "expression", "activity", "channel", "capacity"])
def test_each_condition_alone_keeps_a_worker_from_a_task(missing: str) -> None:
    """[routing 6.3, docs: multitasking + docs: workflows-and-assignment]"""
    world = World()
    queue = world.queue(expression="team == 1")
    world.workflow(("1==1", {"queue": queue, "expression": "worker.level == 1"}))
    attributes = {"team": int(missing != "queue"), "level": int(missing != "expression")}
    ann = world.worker("ann", attributes, activity="Offline" if missing == "activity" else "Available")
    if missing == "channel":
        world.channel(ann, available=False)
    elif missing == "capacity":
        world.accepted(world.task())
    task = world.task()
    assert world.offered_to(task) == []
    world.worker("bob", {"team": 1, "level": 1})
    assert world.offered_to(task) == ["bob"]


@pytest.mark.parametrize("how", ["rejected", "lapsed", "canceled"])
def test_an_offer_that_came_to_nothing_still_sends_its_worker_to_the_back(how: str) -> None:
    """[routing 6.3, inferred]"""
    world = World()
    world.do(cmd.UpdateWorkspace(values={"timeout_activity_sid": world.activity("Available").sid}))
    world.desk()
    for name in ("ann", "bob", "cid"):
        world.worker(name, at_ms=0)
    task = world.task(at_ms=0)
    if how == "canceled":
        world.update_task(task, assignment_status="canceled")
        task = world.task()
    elif how == "rejected":
        world.answer(world.pending(task)[0], "rejected")
    else:
        world.tick(120_000)
    assert world.offered_to(task) == ["bob"]
    assert world.offered_to(world.task()) == ["cid"]
    assert world.offered_to(world.task()) == ["ann"]


def test_ties_of_order_by_go_to_the_longest_without_a_task() -> None:
    """[routing 5.4, docs: order-workers]"""
    world = World()
    queue = world.queue()
    world.workflow(("1==1", {"queue": queue, "order_by": "worker.level DESC"}))
    for name, level in (("ann", 5), ("bob", 5), ("cid", 1)):
        world.channel(world.worker(name, {"level": level}), capacity=2)
    assert [world.offered_to(world.task())[0] for _ in range(3)] == ["ann", "bob", "ann"]


@pytest.mark.parametrize("workers_first", [True, False])
def test_tasks_that_come_to_workers_and_workers_that_come_to_tasks_make_the_same_pairs(workers_first: bool) -> None:
    """[routing 6.4, inferred]: from the first task on, each takes its best worker"""
    world = World()
    queue = world.queue(expression="open == 1")
    world.workflow(("1==1", {"queue": queue, "expression": "task.skill IN worker.skills"}))
    ann = world.worker("ann", {"open": 1, "skills": ["a", "b"]})
    world.move(ann, "Offline", at_ms=1)
    bob = world.worker("bob", {"open": 1, "skills": ["b"]}, activity="Offline")
    opened = {"values": {"target_workers": "open == 1"}}
    closed = {"values": {"target_workers": "open == 2"}}
    if not workers_first:
        world.do(cmd.UpdateTaskQueue(queue=queue.sid, **closed))
    world.move(bob, "Available", at_ms=2)
    world.move(ann, "Available", at_ms=3)
    second, first = world.task({"skill": "a"}, at_ms=10), world.task({"skill": "b"}, priority=5, at_ms=10)
    world.do(cmd.UpdateTaskQueue(queue=queue.sid, **opened))
    assert (world.offered_to(first), world.offered_to(second)) == (["bob"], ["ann"])
