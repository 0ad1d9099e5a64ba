"""What a voice driver tells of a worker's leg, and what it means (voice 10.5, 10.6)."""

from __future__ import annotations

import pytest

from pointsman.core import commands as cmd
from pointsman.core import events as ev
from pointsman.core.types import Leg, Reservation, Task
from tests.world import World, types


def told(world: World, reservation: Reservation, leg: Leg, reason_code: int = 0) -> list[ev.Event]:
    return world.do(cmd.NoticeLeg(reservation=reservation.sid, leg=leg, reason_code=reason_code))


@pytest.fixture
def world() -> World:
    made = World(friendly_name="Voice")
    made.desk()
    made.worker("ann")
    return made


def offer(world: World) -> tuple[Task, Reservation]:
    task = world.task()
    return task, world.pending(task)[0]


def test_a_reservation_is_accepted_once_both_hear_each_other(world: World) -> None:
    """[docs: dequeue, conference]"""
    task, reservation = offer(world)
    for leg in (Leg.DIALLED, Leg.ANSWERED):
        assert told(world, reservation, leg) == []
    assert types(told(world, reservation, Leg.BRIDGED)) == ["reservation.accepted"]
    assert world.now(task).status == "assigned"
    assert told(world, reservation, Leg.BRIDGED) == []


def test_who_leaves_a_call_goes_into_after_work_where_there_is_multitasking(world: World) -> None:
    """[sdk-test: the end of a conference]"""
    task, reservation = offer(world)
    told(world, reservation, Leg.BRIDGED)
    assert types(told(world, reservation, Leg.LEFT)) == ["reservation.wrapup", "task.wrapup", "task.updated"]
    assert world.now(task).status == "wrapping"
    assert told(world, reservation, Leg.LEFT) == []


def test_without_multitasking_the_task_is_done_with_the_call() -> None:
    """[docs: task state]"""
    world = World(multi_task_enabled=False)
    world.desk()
    world.worker("ann", activity="Idle")
    _, reservation = offer(world)
    told(world, reservation, Leg.BRIDGED)
    assert types(told(world, reservation, Leg.LEFT)) == ["task.completed", "reservation.completed", "task.updated"]


def test_a_leg_that_fails_takes_the_reservation_back_with_its_reason_and_the_task_is_offered_again(
    world: World,
) -> None:
    """[observed: 45303, nobody took the conference leg]"""
    task, reservation = offer(world)
    told(world, reservation, Leg.ANSWERED)
    events = told(world, reservation, Leg.FAILED, 45303)
    canceled = world.made(events, ev.ReservationCanceled).reservation
    assert (canceled.sid, canceled.canceled_reason_code) == (reservation.sid, 45303)
    assert world.now(task).status == "reserved"
    assert told(world, world.pending(task)[0], Leg.DIALLED) == []


def test_what_comes_after_the_offer_was_answered_changes_nothing(world: World) -> None:
    _, reservation = offer(world)
    world.answer(reservation, "accepted")
    for leg in (Leg.DIALLED, Leg.BRIDGED, Leg.FAILED):
        assert told(world, reservation, leg) == []
