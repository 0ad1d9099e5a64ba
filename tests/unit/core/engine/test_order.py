"""Which task comes first, and which worker gets it."""

from __future__ import annotations

import gc
from typing import Any

import pytest

from pointsman.core import commands as cmd
from pointsman.core.engine import idle
from pointsman.core.engine import route as routing
from pointsman.core.engine.bits import Slots
from pointsman.core.engine.idle import IdleKey, IdleOrder, IdleOrders
from pointsman.core.engine.step import step
from pointsman.core.types import Millis, Task
from tests.world import START_MS, World


def served(world: World, *tasks: Task) -> list[int]:
    """Free one worker with room for everything; say in which order it got the tasks."""
    ann = world.worker("ann", activity="Offline")
    world.channel(ann, capacity=len(tasks))
    world.move(ann, "Available")
    offers = {each.task: each.no for each in world.state.reservations.values()}
    return sorted(range(len(tasks)), key=lambda place: offers[tasks[place].no])


# --- tasks --------------------------------------------------------------------------------------------------------


def test_higher_priority_goes_first_then_the_older_task() -> None:
    """[routing 6.1, docs: task-queue + docs: LIFO page]"""
    world = World()
    world.desk()
    tasks = [world.task(priority=priority, at_ms=at) for priority, at in ((0, 0), (5, 10), (0, 20), (5, 30))]
    assert served(world, *tasks) == [1, 3, 0, 2]


def test_equal_times_go_in_order_of_creation() -> None:
    """[routing 6.1, inferred]"""
    world = World()
    world.desk()
    assert served(world, *[world.task(at_ms=0) for _ in range(4)]) == [0, 1, 2, 3]


def test_a_lifo_queue_serves_the_newest_and_ignores_priority() -> None:
    """[routing 6.1, docs: LIFO page]"""
    world = World()
    world.desk(task_order="LIFO")
    tasks = [world.task(priority=priority, at_ms=at) for priority, at in ((9, 0), (0, 10), (0, 20))]
    assert served(world, *tasks) == [2, 1, 0]


@pytest.mark.parametrize(("order", "expected"), [("FIFO", [0, 1]), ("LIFO", [1, 0])])
def test_prioritize_queue_order_says_which_kind_of_queue_is_emptied_first(order: str, expected: list[int]) -> None:
    """[routing 6.2, docs: LIFO page]"""
    world = World(prioritize_queue_order=order)
    fifo, lifo = world.queue(), world.queue(task_order="LIFO")
    flow = world.workflow(("kind == 'fifo'", fifo), default=lifo)
    tasks = [world.task({"kind": kind}, workflow_sid=flow.sid) for kind in ("fifo", "lifo")]
    assert served(world, *tasks) == expected


def test_orders_may_change_while_tasks_wait() -> None:
    """rest-api 2.1, 7.1 [oai]"""
    world = World()
    queue = world.desk()
    tasks = [world.task(at_ms=at) for at in (0, 10, 20)]
    world.do(cmd.UpdateTaskQueue(queue=queue.sid, values={"task_order": "LIFO"}))
    world.do(cmd.UpdateWorkspace(values={"prioritize_queue_order": "LIFO"}))
    assert served(world, *tasks) == [2, 1, 0]


def test_across_queues_of_one_kind_priority_and_age_decide() -> None:
    """[routing 6.2, inferred]"""
    world = World()
    one, two = world.queue(), world.queue()
    flow = world.workflow(("q == 1", one), default=two)
    tasks = [
        world.task({"q": q}, workflow_sid=flow.sid, priority=priority, at_ms=at)
        for q, priority, at in ((1, 0, 0), (2, 0, 10), (2, 7, 20), (1, 7, 30))
    ]
    assert served(world, *tasks) == [2, 3, 0, 1]


def test_priority_and_virtual_start_time_reorder_a_waiting_task() -> None:
    """[routing 2.1, oai] [routing 4.8, oai]"""
    world = World()
    world.desk()
    tasks = [world.task(at_ms=at) for at in (100, 200, 300)]
    world.update_task(tasks[2], virtual_start_time=START_MS + 50)
    world.update_task(tasks[1], priority=1)
    assert served(world, *tasks) == [1, 2, 0]


def test_an_older_task_that_nobody_free_can_take_holds_up_no_other() -> None:
    """[routing 6.1, inferred]"""
    world = World()
    queue = world.queue()
    world.workflow(("1==1", {"queue": queue, "expression": "task.skill IN worker.skills"}))
    world.worker("ann", {"skills": ["b"]})
    first, second = world.task({"skill": "a"}), world.task({"skill": "b"})
    assert [world.offered_to(first), world.offered_to(second)] == [[], ["ann"]]


def test_a_task_that_comes_back_keeps_its_place() -> None:
    """[routing 6.1, inferred]"""
    world = World()
    world.desk()
    ann = world.worker("ann")
    first = world.task(at_ms=0)
    second = world.task(at_ms=10)
    world.answer(world.pending(first)[0], "rejected", 20, worker_activity_sid=world.activity("Offline").sid)
    world.move(ann, "Available")
    assert [world.offered_to(first), world.offered_to(second)] == [["ann"], []]


# --- workers ------------------------------------------------------------------------------------------------------


@pytest.fixture(params=[32, 0], ids=["sorted", "from the order of idleness"])
def _both_ways(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(routing, "SCAN_MAX", request.param)


@pytest.mark.usefixtures("_both_ways")
def test_the_worker_who_has_waited_longest_since_an_offer_goes_first() -> None:
    """Those who never had an offer go before all others.
    [routing 6.3, docs: order-workers + docs: workflows-and-assignment] [routing 6.3, inferred]"""
    world = World()
    world.desk()
    for name in ("ann", "bob", "cid"):
        world.channel(world.worker(name), capacity=3)
    assert [world.offered_to(world.task()) for _ in range(4)] == [["ann"], ["bob"], ["cid"], ["ann"]]


@pytest.mark.usefixtures("_both_ways")
def test_among_equals_the_longest_in_their_activity_goes_first() -> None:
    """Tie: older date_status_changed, then number. [routing 6.3, inferred]"""
    world = World()
    world.desk()
    ann, _ = world.worker("ann", at_ms=0), world.worker("bob", at_ms=0)
    world.move(ann, "Offline", at_ms=5)
    world.move(ann, "Available", at_ms=6)
    assert world.offered_to(world.task()) == ["bob"]


@pytest.mark.usefixtures("_both_ways")
def test_a_rejecter_stands_last_and_is_asked_again_if_alone() -> None:
    """[routing 3.2, docs: handle-assignment-callbacks] [routing 3.2, inferred] [design 7, ours]"""
    world = World()
    world.desk()
    world.worker("ann")
    world.worker("bob")
    task = world.task()
    seen = []
    for _ in range(3):
        seen += world.offered_to(task)
        world.answer(world.pending(task)[0], "rejected")
    assert seen == ["ann", "bob", "ann"]


@pytest.mark.parametrize(("optimized", "expected"), [(False, "bob"), (True, "ann")])
@pytest.mark.usefixtures("_both_ways")
def test_channel_optimized_routing_looks_at_idleness_on_that_channel_alone(optimized: bool, expected: str) -> None:
    """[routing 6.3, oai]"""
    world = World()
    world.desk()
    world.worker("ann")
    world.do(cmd.UpdateTaskChannel(channel="chat", values={"channel_optimized_routing": optimized}))
    world.task(task_channel="voice")
    world.worker("bob", at_ms=10)
    assert world.offered_to(world.task(task_channel="chat")) == [expected]


@pytest.mark.parametrize(
    ("order_by", "expected"),
    [
        ("worker.level DESC", ["cid", "ann", "bob", "dan"]),
        ("worker.level ASC", ["bob", "ann", "cid", "dan"]),  # who lacks it comes last either way
        ("worker.level", ["bob", "ann", "cid", "dan"]),
        ("worker.site, worker.level DESC", ["ann", "bob", "cid", "dan"]),
        ("worker.name DESC", ["ann", "bob", "cid", "dan"]),  # no integer: the whole order is ignored
    ],
)
def test_order_by_comes_before_idleness(order_by: str, expected: list[str]) -> None:
    """[routing 5.4, docs: order-workers] [routing 5.4, inferred] [routing 6.3, docs: order-workers]"""
    world = World()
    queue = world.queue(max_reserved_workers=4)
    world.workflow(("1==1", {"queue": queue, "order_by": order_by}))
    people: list[tuple[str, Any]] = [
        ("ann", {"level": 5, "site": 1, "name": "x"}),
        ("bob", {"level": 3, "site": 1, "name": "y"}),
        ("cid", {"level": 9, "site": 2}),
        ("dan", {}),
    ]
    for name, attributes in people:
        world.worker(name, attributes)
    assert world.offered_to(world.task()) == expected


def test_an_order_of_idleness_that_nobody_asks_is_dropped_and_made_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(routing, "SCAN_MAX", 0)
    monkeypatch.setattr(idle, "UNASKED_MAX", 3)
    world = World()
    queue = world.desk()
    ann, bob = world.worker("ann"), world.worker("bob")
    world.offered_to(world.task())  # to ann
    channel = world.state.channel("default").no
    assert world.state.idle.find(queue.no, channel) is not None
    for _ in range(6):
        world.move(bob, "Offline")
        world.move(bob, "Available")
    assert world.state.idle.find(queue.no, channel) is None
    world.channel(ann, capacity=2)
    assert [world.offered_to(world.task()) for _ in range(2)] == [["bob"], ["ann"]]


def test_orders_of_idleness_that_are_dropped_together_give_their_memory_back_little_by_little() -> None:
    slots = Slots()
    for no in (1, 2, 3):
        slots.add(no)
    orders = IdleOrders(slots)
    workers = 1_000
    seen = [IdleOrder(iter(range(workers)), lambda no: IdleKey(0, Millis(0), no)) for _ in (1, 2, 3)]
    for queue, order in zip((1, 2, 3), seen, strict=True):
        orders.keep(queue, 7, order)
    orders.clear()
    assert orders.find(1, 7) is None
    left = 3 * workers
    while left:
        orders.add(1, 7, slots.bit(1))
        now = sum(len(each.entries()) for each in seen)
        assert left - 64 <= now < left
        left = now


def test_the_collector_of_garbage_does_not_look_at_what_orders_of_idleness_hold() -> None:
    order = IdleOrder(iter(range(3)), lambda no: IdleKey(0, Millis(0), no))
    assert [gc.is_tracked(each) for each in order.entries().values()] == [False] * 3


@pytest.mark.parametrize("asked_max", [1, 2, 9])
def test_whom_the_order_of_idleness_finds_late_is_found_by_asking_everybody(
    monkeypatch: pytest.MonkeyPatch, asked_max: int
) -> None:
    monkeypatch.setattr(routing, "SCAN_MAX", 0)
    monkeypatch.setattr(routing, "ASKED_MAX", asked_max)
    world = World()
    world.workflow(default={"queue": world.queue(max_reserved_workers=2), "expression": "worker.level > task.least"})
    for number in range(6):
        world.worker(f"w{number}", {"level": number})
    assert world.offered_to(world.task({"least": 3})) == ["w4", "w5"]
    assert world.offered_to(world.task({"least": 9})) == []
    assert world.offered_to(world.task({"least": -1})) == ["w0", "w1"]


@pytest.mark.usefixtures("_both_ways")
def test_undoing_makes_idle_workers_as_idle_as_they_were() -> None:
    """The orders of idleness trust that idle keys only grow; an undone offer makes one shrink."""
    world = World()
    world.desk()
    ann, bob = world.worker("ann", activity="Offline"), world.worker("bob", activity="Offline")
    for worker in (ann, bob):
        world.channel(worker, capacity=9)
    world.task()
    world.move(ann, "Available")  # ann has the newest offer, bob none
    world.move(bob, "Available")
    world.task()
    state = world.state
    mark, next_no = state.mark(), state.next_no
    for _ in range(3):  # ann, bob, ann
        step(state, cmd.CreateTask(values={}), state.now_ms, world.ids)
    state.undo(mark)
    state.next_no = next_no
    state.settle()
    assert world.offered_to(world.task()) == ["ann"]
