"""Offers: their timers, their ends, and what a worker's changes do to them."""

from __future__ import annotations

import pytest

from pointsman.core import commands as cmd
from pointsman.core import events as ev
from pointsman.core.errors import InvalidTransition, Rescinded
from pointsman.core.types import Reservation, Task, Worker
from tests.world import START_MS, World, types


@pytest.fixture
def world() -> World:
    return World()


def two_offers(world: World) -> tuple[Task, list[Reservation]]:
    world.desk(max_reserved_workers=2)
    for name in ("ann", "bob"):
        world.worker(name)
    task = world.task(at_ms=0)
    return task, world.pending(task)


@pytest.mark.parametrize("how", ["rejected", "timeout", "canceled", "rescinded", "completed"])
def test_five_statuses_end_a_reservation(world: World, how: str) -> None:
    """[routing 3, sdk]: it is live no longer, and holds no capacity"""
    task, (first, second) = two_offers(world)
    if how == "rejected":
        world.answer(first, "rejected")
    elif how == "timeout":
        world.tick(120_000)
    elif how == "canceled":
        world.update_task(task, assignment_status="canceled")
    elif how == "rescinded":
        world.answer(second, "accepted")
    else:
        world.answer(first, "accepted")
        world.answer(first, "completed")
    ended = [event for event in world.log if isinstance(event, ev.ReservationEvent) and event.reservation.ended_ms]
    assert how in [event.reservation.status for event in ended if event.reservation.no == first.no]
    assert first.no not in world.state.reservations
    assert not world.state.held[first.worker_channel]


def test_every_reservation_remembers_the_activity_from_before_it() -> None:
    """[routing 3.1, sdk-test fixture + docs: reservations]"""
    world = World(multi_task_enabled=False)
    world.desk(reservation_activity_sid=world.activity("Reserved").sid)
    ann = world.worker("ann", activity="Idle")
    offer = world.pending(world.task())[0]
    assert offer.previous_activity == world.activity("Idle").no
    assert world.now(ann).activity == world.activity("Reserved").no


def test_after_a_reject_the_task_is_offered_again_in_the_same_step(world: World) -> None:
    """[routing 3.2, inferred] and [routing 3.1, docs: reservations]"""
    world.desk()
    world.worker("ann")
    task = world.task(at_ms=0)
    events = world.answer(world.pending(task)[0], "rejected", at_ms=1_000)
    assert types(events)[-1] == "reservation.created"
    assert events[-1].at_ms == START_MS + 1_000


def test_every_reservation_has_its_whole_time(world: World) -> None:
    """[routing 3.3, docs: task-evaluation]"""
    world.desk()
    world.worker("ann")
    task = world.task(at_ms=0)
    world.answer(world.pending(task)[0], "rejected", at_ms=100_000)
    assert world.pending(task)[0].deadline_ms == START_MS + 220_000
    assert "reservation.timeout" not in types(world.run_until(219_999))
    assert "reservation.timeout" in types(world.tick(220_000))


def test_who_let_an_offer_lapse_is_asked_again_only_once_available(world: World) -> None:
    """[routing 3.3, docs: task-evaluation]"""
    world.desk()
    ann = world.worker("ann")
    task = world.task(at_ms=0)
    world.tick(120_000)
    assert world.offered_to(task) == []
    world.move(ann, "Available")
    assert world.offered_to(task) == ["ann"]


# --- a worker changes while it has an offer -----------------------------------------------------------------------


def test_an_offer_stays_with_a_worker_who_moves_to_another_available_activity(world: World) -> None:
    """[routing 3.4, docs: workflows-and-assignment]"""
    world.do(cmd.CreateActivity(values={"friendly_name": "Back office", "available": True}))
    world.desk()
    ann = world.worker("ann")
    task = world.task()
    assert types(world.move(ann, "Back office")) == ["worker.activity.update"]
    assert world.offered_to(task) == ["ann"]


def test_an_unavailable_worker_gets_nothing_new_and_finishes_what_it_has(world: World) -> None:
    """[routing 3.4, docs: multitasking]"""
    world.desk()
    ann = world.worker("ann")
    world.channel(ann, capacity=2)
    task = world.task()
    world.accepted(task)
    world.move(ann, "Offline")
    assert world.offered_to(world.task()) == []
    world.update_task(task, assignment_status="wrapping")
    assert "task.completed" in types(world.update_task(task, assignment_status="completed"))


@pytest.mark.parametrize("change", ["attributes", "capacity", "queue", "availability"])
def test_live_reservations_are_untouched_by_changes_of_worker_and_queue(world: World, change: str) -> None:
    """[routing 4.8, docs: task-queue + inferred] and [routing 1.4, inferred]"""
    queue = world.desk("level == 1")
    ann = world.worker("ann", {"level": 1})
    world.channel(ann, capacity=2)
    accepted, offered = world.task(), world.task()
    world.accepted(accepted)
    if change == "attributes":
        world.update_worker(ann, attributes='{"level":2}')
    elif change == "capacity":
        world.channel(ann, capacity=0)
    elif change == "availability":
        world.channel(ann, available=False)
    else:
        world.do(cmd.UpdateTaskQueue(queue=queue.sid, values={"target_workers": "level == 2"}))
    assert [world.now(task).status for task in (accepted, offered)] == ["assigned", "reserved"]
    world.accepted(offered)
    assert world.offered_to(world.task()) == []


def test_rejecting_pending_offers_leaves_accepted_ones(world: World) -> None:
    """[routing 3.4, oai + sdk-test]"""
    world.desk()
    ann = world.worker("ann")
    world.channel(ann, capacity=2)
    accepted, offered = world.task(), world.task()
    world.accepted(accepted)
    world.move(ann, "Unavailable", reject_pending_reservations=True)
    assert [world.now(task).status for task in (accepted, offered)] == ["assigned", "pending"]


# --- several at once ----------------------------------------------------------------------------------------------


def test_each_of_several_offers_has_its_own_event_and_as_many_as_are_free(world: World) -> None:
    """[routing 3.5, docs: task-queue]"""
    world.desk(max_reserved_workers=3)
    workers: list[Worker] = [world.worker(name) for name in ("ann", "bob", "cid", "dan")]
    events = world.do(cmd.CreateTask(values={}))
    offers = [event for event in events if isinstance(event, ev.ReservationCreated)]
    assert [event.worker.no for event in offers] == [worker.no for worker in workers[:3]]
    again = [event for event in world.do(cmd.CreateTask(values={})) if isinstance(event, ev.ReservationCreated)]
    assert [event.worker.no for event in again] == [workers[3].no], "fewer, if fewer are free"


@pytest.mark.parametrize(("wanted", "kind"), [("accepted", Rescinded), ("rejected", InvalidTransition)])
def test_only_a_late_accept_of_a_rescinded_offer_is_gone(
    world: World, wanted: str, kind: type[InvalidTransition]
) -> None:
    """[routing 3.6, docs: errors] and [design 7, ours]"""
    _, (first, second) = two_offers(world)
    for event in world.answer(second, "accepted"):
        if isinstance(event, ev.ReservationRescinded):
            world.state.lend(event.reservation)
    late = cmd.UpdateReservation(reservation=first.sid, values={"reservation_status": wanted})
    assert type(world.refused(late)) is kind
