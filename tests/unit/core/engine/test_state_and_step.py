"""The state as a value: undoing, loading, catching up, slices of work."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, cast

import pytest

from pointsman.core import commands as cmd
from pointsman.core import events as ev
from pointsman.core.engine import route
from pointsman.core.engine.bits import Slots
from pointsman.core.engine.deadlines import Deadlines
from pointsman.core.engine.decide import task
from pointsman.core.engine.invariants import entities, indexes
from pointsman.core.engine.state import State
from pointsman.core.engine.step import DECIDE, step
from pointsman.core.types import Gone, Millis
from tests.world import World, configuration, loaded

NOW = Millis(0)


@pytest.fixture
def world() -> World:
    world = World()
    world.desk()
    return world


def test_what_waits_is_offered_in_slices_and_the_rest_at_once(world: World) -> None:
    """design 2: a named limit; what is left makes the next deadline now"""
    ann = world.worker("ann", activity="Offline")
    world.channel(ann, capacity=9)
    tasks = [world.task() for _ in range(5)]
    values = {"activity_sid": world.activity("Available").sid}
    world.do(cmd.UpdateWorker(worker=ann.sid, values=values), items_max=2)
    assert world.state.next_deadline_ms() == world.state.now_ms
    for _ in range(10):
        world.do(cmd.Tick(), items_max=2)
    assert world.state.at_rest
    offers = sorted(world.state.reservations.values(), key=lambda each: each.no)
    assert [each.task for each in offers] == [task.no for task in tasks]


def test_a_fault_undoes_the_whole_command(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """design 2: a bug undoes its command"""
    world.worker("ann")
    before = entities(world.state), indexes(world.state), world.state.next_no

    def failing(*arguments: Any) -> Iterator[ev.Event]:
        yield from task.create(*arguments)
        raise ZeroDivisionError

    monkeypatch.setitem(cast("dict[Any, Any]", DECIDE), cmd.CreateTask, failing)
    with pytest.raises(ZeroDivisionError):
        step(world.state, cmd.CreateTask(values={}), world.state.now_ms, world.ids)
    assert (entities(world.state), indexes(world.state), world.state.next_no) == before
    assert world.state.at_rest


def test_time_never_goes_backwards(world: World) -> None:
    """design 3"""
    world.tick(10)
    with pytest.raises(AssertionError):
        step(world.state, cmd.Tick(), Millis(world.state.now_ms - 1), world.ids)


def test_undoing_keeps_offers_in_order_of_age(world: World) -> None:
    """The index of a task's offers is left in another order; what follows from it must not be."""
    world = World()
    world.desk(max_reserved_workers=3)
    for name in ("ann", "bob", "cid"):
        world.worker(name)
    reserved = world.task()
    first, second, third = world.pending(reserved)
    state, mark = world.state, world.state.mark()
    reject = cmd.UpdateReservation(reservation=first.sid, values={"reservation_status": "rejected"})
    step(state, reject, state.now_ms, world.ids)
    state.undo(mark)
    assert world.pending(reserved) == [first, second, third]
    events = world.answer(second, "accepted")
    rescinded = [event.reservation.no for event in events if isinstance(event, ev.ReservationRescinded)]
    assert rescinded == [first.no, third.no]


def test_rows_may_come_in_any_order(world: World) -> None:
    """design 2: an index gives the same choices whether grown or loaded"""
    world.worker("ann")
    world.task()
    world.task()
    for rows in (entities(world.state), list(reversed(entities(world.state)))):
        copy = State()
        copy.now_ms, copy.next_no = world.state.now_ms, world.state.next_no
        copy.load(rows)
        assert indexes(copy) == indexes(world.state)


def test_catching_up_removes_last_what_others_referred_to(world: World) -> None:
    """Another node moved everybody out of a queue and an activity, and deleted both."""
    world = World()
    old = world.desk()
    lunch = world.made(world.do(cmd.CreateActivity(values={"friendly_name": "Lunch"})), ev.ActivityCreated).activity
    ann = world.worker("ann", activity="Lunch")
    waiting = world.task()
    copy = loaded(world)

    flow = next(iter(world.state.workflows.values()))
    before = {each.no: each for each in entities(world.state)}
    new = world.queue("new")
    values = {"configuration": configuration(default=new), "re_evaluate_tasks": True}
    world.do(cmd.UpdateWorkflow(workflow=flow.sid, values=values))
    world.do(cmd.Tick())
    world.move(ann, "Available")
    world.do(cmd.DeleteTaskQueue(queue=old.sid))
    world.do(cmd.DeleteActivity(activity=lunch.sid))
    after = {each.no: each for each in entities(world.state)}

    gone = [Gone(no=each.no, sid=each.sid) for each in before.values() if each.no not in after]
    assert len(gone) == 2
    copy.now_ms, copy.next_no = world.state.now_ms, world.state.next_no
    copy.load([*gone, *[each for each in after.values() if each is not before.get(each.no)]])
    copy.settle()
    assert indexes(copy) == indexes(world.state)
    assert copy.pending_of(copy.tasks[waiting.no])


def test_loading_looks_at_nobody_again_once_settled(world: World) -> None:
    """A restart must not decide anything that would not have been decided without it."""
    world.task()
    world.worker("ann", activity="Offline")
    copy = loaded(world)
    assert copy.at_rest
    assert step(copy, cmd.Tick(), world.state.now_ms, world.ids).events == []


def test_slots_are_used_again_and_numbers_come_back() -> None:
    slots = Slots()
    for no in (5, 7, 9):
        slots.add(no)
    everybody = slots.bit(5) | slots.bit(7) | slots.bit(9)
    assert sorted(slots.numbers(everybody)) == [5, 7, 9]
    freed = slots.bit(7)
    slots.remove(7)
    assert slots.bit(7) == 0
    slots.add(11)
    assert slots.bit(11) == freed
    assert sorted(slots.numbers(everybody)) == [5, 9, 11]


def test_deadlines_forget_what_no_longer_holds() -> None:
    deadlines = Deadlines()
    for round_ in range(2_000):  # far more entries than entities
        deadlines.set(1, Millis(10_000 - round_))
    deadlines.set(2, Millis(5))
    assert deadlines.first(NOW) == (5, 2)
    deadlines.set(2, None)
    deadlines.set(1, Millis(77))
    assert deadlines.first(NOW) == (77, 1)
    assert deadlines.as_dict() == {1: 77}
    deadlines.set(1, None)
    assert deadlines.first(NOW) is None


def test_no_look_at_deadlines_goes_through_very_many_that_have_lapsed() -> None:
    """Nobody acts on what is still to come, so it may be one of them; when its time has come it is not."""
    deadlines = Deadlines()
    lapsed, left = 10_000, 10_001
    for no in range(1, 3 * lapsed):
        deadlines.set(no, Millis(no))
    for no in range(1, left):
        deadlines.set(no, None)  # fewer than half, so all of them are still there
    assert deadlines.first(NOW) == (257, 257), "256 of them are dropped"
    assert deadlines.first(NOW) == (513, 513)
    assert deadlines.first(Millis(lapsed)) == (left, left)


def test_everybody_is_looked_at_before_anything_is_offered(monkeypatch: pytest.MonkeyPatch) -> None:
    """design 2: what one step looks at is limited, and the choice is the same as without a limit"""
    monkeypatch.setattr(route, "STEP_LOOKS_MAX", 2)
    world = World()
    nobody = world.desk("1==2")
    workers = [world.worker(f"w{number}") for number in range(5)]
    tasks = [world.task() for _ in range(3)]
    world.do(cmd.UpdateTaskQueue(queue=nobody.sid, values={"target_workers": "1==1"}))
    offered_after = []
    for _ in range(20):
        offered_after.append(len(world.state.reservations))
        world.do(cmd.Tick())
    assert offered_after[:3] == [0, 0, 1]  # five workers, two in each step
    assert world.state.at_rest
    offers = sorted(world.state.reservations.values(), key=lambda each: each.no)
    assert [(each.task, each.worker) for each in offers] == [
        (task.no, worker.no) for task, worker in zip(tasks, workers, strict=False)
    ]


def test_what_was_found_for_a_worker_is_looked_at_again_after_a_change(monkeypatch: pytest.MonkeyPatch) -> None:
    """Between two steps of routing, the task that was found is canceled."""
    monkeypatch.setattr(route, "STEP_LOOKS_MAX", 1)
    world = World()
    nobody = world.desk("1==2")
    for number in range(3):
        world.worker(f"w{number}")
    first, second = world.task(), world.task()
    world.do(cmd.UpdateTaskQueue(queue=nobody.sid, values={"target_workers": "1==1"}))
    world.do(cmd.Tick())
    assert world.state.firsts
    world.do(cmd.UpdateTask(task=first.sid, values={"assignment_status": "canceled"}))
    for _ in range(20):
        world.do(cmd.Tick())
    assert world.state.at_rest
    assert [each.task for each in world.state.reservations.values()] == [second.no]
