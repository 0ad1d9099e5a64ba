"""What keeps each worker from a task: the first condition that fails, with the values compared."""

from __future__ import annotations

from itertools import cycle

import pytest

from pointsman.core.explain import Reason
from tests.unit.core.explain.asked import counts, explained, of_worker
from tests.world import World


def test_not_in_the_queue_says_which_comparison_of_the_queue_decides() -> None:
    """[routing 1.6, docs: workflows-and-assignment]"""
    world = World()
    world.desk('skills HAS "sales" AND level >= 5')
    alice = world.worker("Alice", {"skills": ["sales"], "level": 3}, activity="Offline")
    told = of_worker(world, world.task(), alice)
    assert (told.reason, told.text) == (Reason.NOT_IN_QUEUE, "level >= 5 is false (level is 3)")
    assert told.compared[0].left_value == 3


def test_not_the_known_worker_names_the_one_that_is_asked_for() -> None:
    world = World()
    queue = world.queue()
    world.workflow(("1==1", {"queue": queue, "known_worker_friendly_name": "task.agent"}))
    alice, bob = world.worker("Alice"), world.worker("Bob", activity="Offline")
    task = world.task({"agent": "Bob"})
    told = of_worker(world, task, alice)
    assert (told.reason, told.text) == (Reason.NOT_THE_KNOWN_WORKER, "the target asks for 'Bob' alone")
    assert of_worker(world, task, bob).reason is Reason.ACTIVITY
    nobody = of_worker(world, world.task(), alice)
    assert nobody.reason is Reason.NOT_THE_KNOWN_WORKER and "name none" in nobody.text


def test_the_target_s_expression_with_the_values_of_task_and_worker() -> None:
    world = World()
    queue = world.queue()
    world.workflow(("1==1", {"queue": queue, "expression": "worker.level >= task.level"}))
    alice = world.worker("Alice", {"level": 2}, activity="Offline")
    told = of_worker(world, world.task({"level": 5}), alice)
    assert told.reason is Reason.TARGET_EXPRESSION
    assert told.text == "worker.level >= task.level is false (worker.level is 2, task.level is 5)"


def test_a_target_s_expression_sees_the_worker_s_channels() -> None:
    world = World()
    queue = world.queue()
    expression = "worker.channel.default.assigned_tasks > 3"
    world.workflow(("1==1", {"queue": queue, "expression": expression}))
    told = of_worker(world, world.task(), world.worker())
    assert told.text == f"{expression} is false (worker.channel.default.assigned_tasks is 0)"


def test_an_activity_that_is_not_available() -> None:
    world = World()
    world.desk()
    alice = world.worker("Alice", activity="Offline")
    world.channel(alice, available=False)
    told = of_worker(world, world.task(), alice)
    assert (told.reason, told.activity_name) == (Reason.ACTIVITY, "Offline")


def test_a_channel_that_is_off() -> None:
    world = World()
    world.desk()
    alice = world.worker("Alice")
    world.channel(alice, available=False, capacity=0)
    told = of_worker(world, world.task(), alice)
    assert (told.reason, told.text) == (Reason.CHANNEL_OFF, "takes no tasks on the channel default")


def test_at_capacity_says_how_much_of_it_is_used() -> None:
    world = World()
    world.desk()
    alice = world.worker("Alice")
    world.channel(alice, capacity=2)
    for _ in range(2):
        world.accepted(world.task())
    told = of_worker(world, world.task(), alice)
    assert (told.reason, told.live, told.capacity) == (Reason.AT_CAPACITY, 2, 2)
    assert told.text == "has 2 of 2 on the channel default"


def test_without_multitasking_a_reservation_on_any_channel_holds_a_worker() -> None:
    world = World(multi_task_enabled=False)
    world.desk()
    alice = world.worker("Alice", activity="Idle")
    held = world.accepted(world.task(task_channel="voice"))
    told = of_worker(world, world.task(), alice)
    assert (told.reason, told.text) == (Reason.HAS_RESERVATION, f"has reservation {held.sid} already (accepted)")


def test_who_holds_an_offer_of_it_or_has_it() -> None:
    world = World()
    world.desk()
    alice = world.worker("Alice")
    task = world.task()
    assert of_worker(world, task, alice).reason is Reason.HAS_OFFER
    world.accepted(task)
    assert of_worker(world, task, alice).reason is Reason.HAS_TASK


def test_a_direct_task_is_for_one_worker_whatever_the_queue() -> None:
    world = World()
    world.desk()
    alice, bob = world.worker("Alice", activity="Offline"), world.worker("Bob")
    task = world.task(routing_target=alice.sid, ignore_capacity=False)
    assert of_worker(world, task, alice).reason is Reason.ACTIVITY
    assert of_worker(world, task, bob).reason is Reason.NOT_THE_ROUTING_TARGET


def test_they_are_counted_with_a_few_examples_of_each() -> None:
    world = World()
    world.desk("team == 1")
    for number in range(10):
        world.worker(f"w{number}", {"team": number % 2}, activity="Offline")
    told = explained(world, world.task())
    assert counts(told) == {Reason.NOT_IN_QUEUE: 5, Reason.ACTIVITY: 5}
    assert told.workers is not None and (told.workers.count, told.workers.in_queue) == (10, 5)
    assert [[each.worker_name for each in reason.examples] for reason in told.workers.reasons] == [
        ["w0", "w2", "w4"],
        ["w1", "w3", "w5"],
    ]
    assert told.summary == (
        "The task waits in queue 'queue 0', at place 1 of 1. Nobody can take it now: of 10 workers, "
        "5 are in activities that are not available, 5 are not in the queue."
    )


def test_a_workspace_without_workers_says_so() -> None:
    world = World()
    world.desk()
    assert explained(world, world.task()).summary.endswith("Nobody can take it now: there are no workers.")


@pytest.mark.parametrize("every", [1, 2, 7])
def test_in_small_pieces_it_comes_to_the_same(every: int) -> None:
    world = World()
    queue = world.queue()
    world.workflow(*((f"a == {number}", queue) for number in range(9)), default=queue)
    for number in range(20):
        world.worker(f"w{number}", activity=("Offline", "Available")[number % 3 == 0])
    tasks = [world.task({"a": number}) for number in range(20)]
    turns = cycle([*([False] * (every - 1)), True])
    for task in tasks:
        assert explained(world, task, time_is_up=lambda: next(turns)) == explained(world, task)


def test_who_would_come_next_is_ranked_as_routing_would() -> None:
    """[routing 6.3, docs: order-workers + docs: workflows-and-assignment]: the task's holder is not among them."""
    world = World()
    queue = world.queue()
    world.workflow(("1==1", {"queue": queue, "order_by": "worker.level DESC"}))
    alice, bob, *_ = (
        world.worker(name, {"level": level}) for name, level in (("Alice", 1), ("Bob", 5), ("Carol", 5), ("Dave", 9))
    )
    for worker in (alice, bob):  # so Carol is idle longer than Bob
        world.move(worker, "Offline", at_ms=1)
        world.move(worker, "Available", at_ms=2)
    told = explained(world, world.task()).workers
    assert told is not None
    assert [(each.worker_name, each.order_by_values) for each in told.candidates] == [
        ("Carol", (5,)),
        ("Bob", (5,)),
        ("Alice", (1,)),
    ]
    assert told.ordered_by.startswith("order_by 'worker.level DESC', then longest idle first")


def test_an_order_with_a_value_that_is_no_integer_is_ignored_and_says_so() -> None:
    world = World()
    queue = world.queue()
    world.workflow(("1==1", {"queue": queue, "order_by": "worker.level DESC"}))
    for name, level in (("Alice", 1), ("Bob", "x"), ("Carol", 5)):
        world.worker(name, {"level": level})
    told = explained(world, world.task()).workers
    assert told is not None
    assert [each.worker_name for each in told.candidates] == ["Bob", "Carol"]
    assert "is ignored, since 'Bob' has a value that is no integer" in told.ordered_by
