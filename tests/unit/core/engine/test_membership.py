"""Which workers are in a queue: whoever its expression matches, kept up to date."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pointsman.core import commands as cmd
from pointsman.core.engine.bits import Slots
from pointsman.core.engine.membership import Membership
from pointsman.core.expression import Context, compile_expression
from pointsman.core.types import Millis, No, TaskQueue
from tests.world import World, types


def members(world: World, queue: TaskQueue) -> list[str]:
    bits = world.state.membership.members[queue.no]
    return sorted(world.state.workers[no].friendly_name for no in world.state.worker_slots.numbers(bits))


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("1==1", ["ann", "bob", "cid"]),
        ("", []),  # an empty expression matches nobody [oai]
        ('skills HAS "spanish"', ["ann"]),
        ('worker.level > 5 OR skills HAS "spanish"', ["ann", "bob"]),
        ('friendly_name IN ["ann", "cid"]', ["ann", "cid"]),
        ('activity_name == "Offline"', ["cid"]),
        ("preferred != null", ["cid"]),  # an array is not null [docs: workflows-and-assignment]
    ],
)
def test_a_queue_has_the_workers_that_its_expression_matches_in_any_activity(
    expression: str, expected: list[str]
) -> None:
    """[routing 1.6, oai] [routing 1.6, docs: workflows-and-assignment]"""
    world = World()
    before = world.queue(expression=expression)
    world.worker("ann", {"skills": ["spanish"]})
    world.worker("bob", {"level": "6"})
    world.worker("cid", {"preferred": ["x"]}, activity="Offline")
    after = world.queue(expression=expression)
    assert members(world, before) == expected
    assert members(world, after) == expected


def test_built_in_names_win_over_attributes_of_the_same_name() -> None:
    """[routing 5.3, docs: multitasking + inferred]"""
    world = World()
    ann = world.worker("ann", {"sid": "mine", "friendly_name": "boss"})
    assert members(world, world.queue(expression=f'sid == "{ann.sid}"')) == ["ann"]
    assert members(world, world.queue(expression='friendly_name == "boss"')) == []


@pytest.mark.parametrize(
    ("attributes", "expected"), [({"team": "a"}, True), ({"team": ["a"]}, False), ({"team": None}, False), ({}, False)]
)
def test_membership_follows_a_workers_attributes(attributes: Any, expected: bool) -> None:
    """[routing 4.8, docs: task-queue + inferred]"""
    world = World()
    world.desk('team == "a"')
    ann = world.worker("ann", {"team": "b"})
    task = world.task()
    assert world.offered_to(task) == []
    world.do(cmd.UpdateWorker(worker=ann.sid, values={"attributes": json.dumps(attributes)}))
    assert (world.offered_to(task) == ["ann"]) is expected


def test_membership_follows_a_queues_expression_and_live_reservations_stay() -> None:
    """[routing 4.8, docs: event reference]"""
    world = World()
    queue = world.desk("level > 1")
    world.worker("ann", {"level": 1})
    world.worker("bob", {"level": 2})
    first, second = world.task(), world.task()
    events = world.do(cmd.UpdateTaskQueue(queue=queue.sid, values={"target_workers": "level < 2"}))
    assert types(events) == ["task-queue.updated", "task-queue.expression.updated", "reservation.created"]
    assert [world.offered_to(first), world.offered_to(second)] == [["bob"], ["ann"]]


def test_membership_follows_a_worker_into_an_activity_and_the_activitys_new_name() -> None:
    """[routing 5.3, oai]"""
    world = World()
    queue = world.desk('activity_name == "Ready"')
    world.worker("ann")
    task = world.task()
    assert members(world, queue) == []
    available = world.activity("Available")
    world.do(cmd.UpdateActivity(activity=available.sid, values={"friendly_name": "Ready"}))
    assert members(world, queue) == ["ann"]
    assert world.offered_to(task) == ["ann"]


def test_membership_follows_a_workers_name() -> None:
    """[routing 5.3, oai]"""
    world = World()
    queue = world.desk('friendly_name == "anna"')
    ann = world.worker("ann")
    task = world.task()
    world.update_worker(ann, friendly_name="anna")
    assert members(world, queue) == ["anna"]
    assert world.offered_to(task) == ["anna"]


def test_to_membership_true_one_and_a_decimal_one_are_three_values() -> None:
    """Workers are grouped by the JSON of what a queue reads: to Python the three are one key.
    [routing 5.2, docs: task-queue + docs: time-of-day-routing + inferred]"""
    world = World()
    queue = world.queue(expression="vip == true")
    for name, value in (("bool", True), ("int", 1), ("float", 1.0), ("text", "1")):
        world.worker(name, {"vip": value})
    assert members(world, queue) == ["bool"]
    assert members(world, world.queue(expression="vip == 1")) == ["float", "int", "text"]


def test_a_deleted_queue_leaves_nothing_in_the_place_that_another_takes() -> None:
    """The bit of a deleted queue is used again."""
    world = World()
    gone = world.queue(expression="1==1")
    world.worker("ann")
    world.do(cmd.DeleteTaskQueue(queue=gone.sid))
    assert members(world, world.queue(expression="1==2")) == []


VALUES = st.sampled_from([None, True, False, 0, 1, 5, 5.0, "5", "05", "5.0", "a", "A", "", "true", 2**70, {"k": 1}])
ATTRIBUTES = st.fixed_dictionaries({}, optional={"x": VALUES | st.lists(VALUES, max_size=3), "y": VALUES})
EXPRESSIONS = (
    *(
        f"x {operator} {constant}"
        for operator in ("==", "HAS")
        for constant in ("5", '"5"', '"05"', '"a"', "true", "1")
    ),
    *(f"{constant} {operator} x" for operator in ("==", "IN") for constant in ("5", '"5"', '"a"', '""')),
    "x == null",
    'x HAS "a" AND y == 5',
    'y != 5 AND x HAS "a"',
    'x HAS "a" OR y == 5',
    'NOT (x HAS "a")',
    "(y == 1 AND x HAS 5) AND y < 3",
    "1 == 1",
)


@given(first=st.lists(ATTRIBUTES, max_size=4), then=st.lists(ATTRIBUTES, max_size=4))
def test_members_are_those_whom_the_expression_matches_whoever_came_first(
    first: list[dict[str, Any]], then: list[dict[str, Any]]
) -> None:
    """Some workers are there before the queues, others come later, and one changes: an index must not lose any."""
    workers, queues = Slots(), Slots()
    membership, views = Membership(workers, queues), {}

    def put(number: int, view: dict[str, Any]) -> None:
        if number not in views:
            workers.add(No(number))
        views[number] = view
        membership.put_worker(No(number), view)

    for number, view in enumerate(first):
        put(number, view)
    made = {}
    for number, text in enumerate(EXPRESSIONS):
        queues.add(No(number))
        then_ms, sid = Millis(0), f"WQ{number}"
        made[number] = TaskQueue(
            no=No(number), sid=sid, created_ms=then_ms, updated_ms=then_ms, friendly_name=text, target_workers=text
        )
        membership.put_queue(None, made[number])
    for number, view in enumerate(then):
        put(len(first) // 2 + number, view)
    for number, queue in made.items():
        matches = compile_expression(queue.target_workers, Context.QUEUE).matches
        expected = {worker for worker, view in views.items() if matches(None, view, None, None)}
        assert set(workers.numbers(membership.members[No(number)])) == expected, queue.target_workers
        if number % 2:
            membership.put_queue(queue, None)
    for worker in views:
        assert set(queues.numbers(membership.queues_of[No(worker)])) <= {number for number in made if not number % 2}
