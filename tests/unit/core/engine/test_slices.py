"""What one step may look at and move is limited; what is left goes on with the next step, and comes to the same."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from pointsman.core import commands as cmd
from pointsman.core.engine import indexes, route
from pointsman.core.engine.invariants import entities, violations
from pointsman.core.engine.state import State
from pointsman.core.engine.step import step
from pointsman.core.types import Task, TaskQueue, Worker
from tests.world import World

TICKS_MAX = 200


@pytest.fixture(autouse=True)
def _small_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(route, "STEP_LOOKS_MAX", 2)
    monkeypatch.setattr(indexes, "STEP_MOVES_MAX", 2)


def rest(world: World) -> int:
    """Tick until nothing is left; return how many ticks that took."""
    for ticks in range(TICKS_MAX):
        if world.state.at_rest:
            return ticks
        world.tick(0)
    raise AssertionError("it does not come to rest")


def rest_of(state: State, world: World) -> State:
    """The same of a copy."""
    for _ in range(TICKS_MAX):
        if state.at_rest:
            break
        step(state, cmd.Tick(), state.now_ms, world.ids)
    assert list(violations(state)) == []
    return state


def served(world: World) -> list[int]:
    """The tasks that were offered, in order."""
    return [each.task for each in sorted(world.state.reservations.values(), key=lambda each: each.no)]


# --- a queue's new order ------------------------------------------------------------------------------------------


def line(count: int) -> tuple[World, TaskQueue, Worker, list[Task]]:
    world = World()
    queue = world.desk()
    tasks = [world.task(at_ms=at, priority=at % 2) for at in range(count)]
    ann = world.worker("ann", activity="Offline")
    world.channel(ann, capacity=100)
    return world, queue, ann, tasks


def newest_first(queue: TaskQueue) -> cmd.UpdateTaskQueue:
    return cmd.UpdateTaskQueue(queue=queue.sid, values={"task_order": "LIFO"})


def test_a_long_queue_comes_to_its_new_order_over_several_steps() -> None:
    world, queue, ann, tasks = line(11)
    world.do(newest_first(queue))
    assert not world.state.at_rest
    world.move(ann, "Available")
    assert served(world) == []  # nobody is offered anything before all stand where they should
    assert rest(world) > 2
    assert served(world) == [each.no for each in reversed(tasks)]


def test_tasks_may_come_and_go_and_change_while_their_queue_is_put_in_order() -> None:
    world, queue, ann, tasks = line(11)
    world.do(newest_first(queue))
    world.update_task(tasks[2], assignment_status="canceled")
    world.update_task(tasks[3], virtual_start_time=world.state.now_ms)
    new = world.task(at_ms=20)
    world.update_task(tasks[10], assignment_status="canceled")
    world.move(ann, "Available")
    rest(world)
    expected = [new, tasks[3], *(tasks[at] for at in (9, 8, 7, 6, 5, 4, 1, 0))]
    assert served(world) == [each.no for each in expected]


def test_an_order_that_is_taken_back_on_the_way_leaves_no_trace() -> None:
    world, queue, ann, tasks = line(11)
    world.do(newest_first(queue))
    world.tick(11)
    world.do(cmd.UpdateTaskQueue(queue=queue.sid, values={"task_order": "FIFO"}))
    world.move(ann, "Available")
    rest(world)
    assert served(world) == [each.no for each in [*tasks[1::2], *tasks[::2]]]


def test_undone_on_the_way_a_new_order_is_as_if_it_never_was() -> None:
    world, queue, _, _ = line(11)
    state, before = world.state, entities(world.state)
    mark, next_no, now_ms = state.mark(), state.next_no, state.now_ms
    step(state, newest_first(queue), now_ms, world.ids)
    step(state, cmd.Tick(), now_ms, world.ids)
    state.undo(mark)
    state.next_no = next_no
    state.settle()
    rest(world)
    assert entities(state) == before
    assert list(violations(state)) == []


@pytest.mark.parametrize("ticks", range(6))
def test_a_copy_that_is_loaded_on_the_way_makes_the_same_choices(ticks: int) -> None:
    world, queue, ann, _ = line(11)
    world.do(newest_first(queue))
    world.move(ann, "Available")
    for _ in range(ticks):
        world.tick(11)
    copy = State()
    copy.now_ms, copy.next_no = world.state.now_ms, world.state.next_no
    copy.load(entities(world.state))
    rest(world)
    assert entities(rest_of(copy, world)) == entities(world.state)


def test_tasks_that_nobody_was_looked_for_yet_are_not_forgotten_in_the_new_order() -> None:
    world = World()
    queue = world.desk()
    world.channel(world.worker("ann"), capacity=9)
    for _ in range(6):
        world.do(cmd.CreateTask(values={}), items_max=0)
    world.do(newest_first(queue), items_max=0)
    rest(world)
    assert served(world) == sorted(world.state.tasks, reverse=True)


def test_skip_if_is_not_asked_again_for_a_new_order() -> None:
    """Ours: a task comes to its target once, and a new order is no new target."""
    world = World()
    queue, other = world.queue(), world.queue()
    world.workflow(("1==1", {"queue": queue, "skip_if": "workers.available == 0"}, {"queue": other}))
    ann = world.worker("ann")
    world.channel(ann, capacity=0)
    task = world.task()
    world.move(ann, "Offline")
    world.do(newest_first(queue))
    world.do(cmd.UpdateWorkspace(values={"prioritize_queue_order": "LIFO"}))
    rest(world)
    assert world.now(task).queue == queue.no


# --- which kind of queue is emptied first -------------------------------------------------------------------------


def test_prioritize_queue_order_moves_no_task_and_holds_for_what_is_under_way(monkeypatch: pytest.MonkeyPatch) -> None:
    """Some workers were already looked at for the other order."""
    world = World(prioritize_queue_order="LIFO")
    fifo = world.queue(expression="activity_name == 'Here'")
    lifo = world.queue(expression="activity_name == 'Here'", task_order="LIFO")
    flow = world.workflow(("kind == 'fifo'", fifo), default=lifo)
    tasks = {kind: world.task({"kind": kind}, workflow_sid=flow.sid) for kind in ("fifo", "lifo")}
    for number in range(5):
        world.worker(f"w{number}")
    with monkeypatch.context() as patched:
        patched.setattr(indexes, "STEP_MOVES_MAX", 100)
        world.do(cmd.UpdateActivity(activity=world.activity("Available").sid, values={"friendly_name": "Here"}))
    assert world.state.firsts
    assert not served(world)
    monkeypatch.setattr(indexes, "STEP_MOVES_MAX", 0)
    world.do(cmd.UpdateWorkspace(values={"prioritize_queue_order": "FIFO"}))
    rest(world)
    assert served(world) == [tasks["fifo"].no, tasks["lifo"].no]


def test_workers_who_are_placed_anew_count_as_renewed() -> None:
    """No entities are put then, but many new values made (`pointsman.runtime.garbage`)."""
    world = World()
    world.queue(expression="activity_name == 'Here'")
    for name in ("ann", "bob", "cyd"):
        world.worker(name)
    rename = cmd.UpdateActivity(activity=world.activity("Available").sid, values={"friendly_name": "Here"})
    step(world.state, rename, world.state.now_ms, world.ids)
    assert world.state.renewed == 1 + 3  # the activity, and the workers
    assert {view["activity_name"] for view in world.state.views.values()} == {"Here"}
    world.state.forget()
    assert world.state.renewed == 0


def test_a_direct_task_stands_in_no_queue_s_line() -> None:
    """Ours: whichever order its queue has, direct tasks go by priority and age."""
    world = World()
    queue = world.queue(task_order="LIFO")
    ann = world.worker("ann", activity="Offline")
    world.channel(ann, capacity=9)
    more = {"routing_target": ann.sid, "task_queue_sid": queue.sid, "ignore_capacity": False}
    tasks = [world.task(at_ms=at, **more) for at in (0, 10)]
    world.move(ann, "Available")
    rest(world)
    assert served(world) == [each.no for each in tasks]


# --- a worker for whom very many kinds of tasks wait ---------------------------------------------------------------


def kinds(count: int, order: str = "FIFO") -> tuple[World, Worker, Callable[[int], Task]]:
    """Tasks of so many kinds, of which the worker can take those of level 5 and less."""
    world = World()
    queue = world.queue(task_order=order)
    world.workflow(default={"queue": queue, "expression": "worker.level >= task.level"})
    ann = world.worker("ann", {"level": 5}, activity="Offline")
    for level in range(100, 100 + count):
        world.task({"level": level}, at_ms=level)
    return world, ann, lambda level: world.task({"level": level})


def test_a_worker_is_compared_with_few_kinds_of_tasks_in_one_step() -> None:
    world, ann, task = kinds(20)
    wanted = task(5)
    before = world.state.looks
    world.move(ann, "Available")
    assert world.state.looks - before <= 2 + 1
    assert rest(world) >= 7
    assert served(world) == [wanted.no]


def test_a_worker_who_changes_on_the_way_is_compared_from_the_beginning() -> None:
    world, ann, _ = kinds(9)
    world.move(ann, "Available")
    world.tick(0)
    world.update_worker(ann, attributes='{"level": 1000}')
    rest(world)
    assert served(world) == [min(world.state.tasks)]


def test_what_stands_behind_a_newcomer_that_goes_to_another_is_not_missed() -> None:
    """A kind has come forward, to where a worker was asked before; the newcomer goes to somebody better, and the task
    behind it is still that worker's."""
    world = World()
    queue = world.queue(task_order="LIFO")
    world.workflow(
        ("best == 1", {"queue": queue, "expression": "worker.level >= task.level", "order_by": "worker.rank DESC"}),
        default={"queue": queue, "expression": "worker.level >= task.level AND 1==1"},
    )
    ann = world.worker("ann", {"level": 5, "rank": 1}, activity="Offline")
    bob = world.worker("bob", {"level": 5, "rank": 2}, activity="Offline")
    old = world.task({"level": 5, "best": 1}, at_ms=1)
    for level in range(100, 109):
        world.task({"level": level}, at_ms=level)
    world.move(bob, "Available", at_ms=200)
    while not world.state.asked:
        world.tick(200)
    world.move(ann, "Available", at_ms=200)
    newcomer = world.task({"level": 5, "best": 1}, at_ms=201)
    rest(world)
    assert (world.offered_to(newcomer), world.offered_to(old)) == (["bob"], ["ann"])


# --- a worker's value that a task names ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("worker.x == task.y", "a"),
        ("task.y == worker.x", 7),
        ("worker.n == task.y", "7"),  # a numeric string equals the number
        ("worker.list HAS task.y", "b"),
        ("task.y IN worker.list AND worker.x == 'a'", "c"),
        ("worker.nothing == task.y", None),  # null equals null
    ],
)
def test_of_very_many_values_a_worker_is_compared_with_its_own_alone(expression: str, value: object) -> None:
    world = World()
    world.workflow(default={"queue": world.queue(), "expression": expression})
    for number in range(30):
        world.task({"y": f"other {number}"})
    wanted = world.task({"y": value})
    x: object = 7 if value == 7 else "a"
    ann = world.worker("ann", {"x": x, "n": 7, "list": ["b", "c", "b", 8]}, activity="Offline")
    world.move(ann, "Available")
    assert rest(world) <= 2  # not one for every second kind
    assert served(world) == [wanted.no]


# --- an activity's new name ---------------------------------------------------------------------------------------


def test_many_workers_follow_the_new_name_of_their_activity_over_several_steps() -> None:
    world = World()
    world.desk("activity_name == 'Here'")
    workers = [world.worker(f"w{number}") for number in range(7)]
    tasks = [world.task(at_ms=at) for at in range(9)]
    world.do(cmd.UpdateActivity(activity=world.activity("Available").sid, values={"friendly_name": "Here"}))
    assert served(world) == []
    world.do(cmd.DeleteWorker(worker=workers[0].sid))
    world.update_worker(workers[1], attributes='{"new": 1}')
    rest(world)
    assert served(world) == [each.no for each in tasks[:6]]
    offered = [each.worker for each in sorted(world.state.reservations.values(), key=lambda each: each.no)]
    assert offered == [each.no for each in workers[1:]]
