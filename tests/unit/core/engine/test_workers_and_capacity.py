"""Who is free: activities, channels, capacity, and what a worker's changes do."""

from __future__ import annotations

from typing import Any

import pytest

from pointsman.core import commands as cmd
from pointsman.core import events as ev
from pointsman.core.engine.invariants import indexes
from pointsman.core.engine.step import step
from pointsman.core.errors import NotFound
from pointsman.core.types import Millis, WorkerChannel
from tests.world import World, loaded, types


@pytest.mark.parametrize(("activity", "offered"), [("Available", ["ann"]), ("Unavailable", []), ("Offline", [])])
def test_only_workers_in_an_available_activity_are_offered_tasks(activity: str, offered: list[str]) -> None:
    """[routing 6.3, docs: multitasking + docs: workflows-and-assignment]"""
    world = World()
    world.desk()
    world.worker("ann", activity=activity)
    assert world.offered_to(world.task()) == offered


def test_a_worker_who_becomes_available_gets_what_waits_at_once() -> None:
    """[routing 4.8, docs: multitasking + inferred] [routing 9.1, docs: event reference]"""
    world = World()
    world.desk()
    ann = world.worker("ann", activity="Offline")
    task = world.task()

    events = world.move(ann, "Available", at_ms=7_400)
    assert types(events) == ["worker.activity.update", "reservation.created"]
    update = world.made(events, ev.WorkerActivityUpdated)
    assert (update.previous_activity, update.previous_ms) == (world.activity("Offline").no, 7_400)
    assert world.offered_to(task) == ["ann"]


def test_a_new_worker_starts_in_the_default_activity() -> None:
    """[routing 1.3, oai]"""
    world = World()
    worker = world.made(world.do(cmd.CreateWorker(values={"friendly_name": "ann"})), ev.WorkerCreated).worker
    assert worker.activity == world.activity("Offline").no
    assert worker.attributes == "{}"
    assert worker.version == 1


def test_the_same_activity_again_is_nothing() -> None:
    """[routing 9.1, inferred]"""
    world = World()
    assert world.move(world.worker(), "Available") == []


def test_an_unavailable_worker_keeps_pending_offers_and_may_accept_them() -> None:
    """[routing 3.4, inferred]"""
    world = World()
    world.desk()
    ann = world.worker()
    task = world.task()
    world.move(ann, "Offline")
    assert len(world.pending(task)) == 1
    world.accepted(task)
    assert world.now(task).status == "assigned"


@pytest.mark.parametrize("ending", ["pending", "accepted", "wrapping"])
def test_pending_accepted_and_wrapping_reservations_take_capacity(ending: str) -> None:
    """Capacity 3 and four tasks gave three reservations at once. [routing 1.4, docs: multitasking]
    [routing 1.4, sdk-test]"""
    world = World()
    world.desk()
    ann = world.worker()
    world.channel(ann, capacity=3)
    tasks = [world.task() for _ in range(4)]
    for task in tasks[:3]:
        if ending != "pending":
            world.accepted(task)
        if ending == "wrapping":
            world.update_task(task, assignment_status="wrapping")
    assert [world.now(task).status != "pending" for task in tasks] == [True, True, True, False]

    own = world.state.worker_channel(ann, "default")
    assert world.state.held[own.no] == 3
    assert world.state.assigned[own.no] == (3 if ending == "accepted" else 0)
    assert world.state.capacity_percentage(own) == 0


@pytest.mark.parametrize(
    ("capacity", "held", "percentage"), [(3, 2, 33), (3, 1, 66), (1, 0, 100), (0, 0, 0), (1, 2, 0)]
)
def test_the_free_capacity_is_a_percentage_rounded_down(capacity: int, held: int, percentage: int) -> None:
    """None at all, or less than is used, is 0. [routing 1.4, docs: multitasking] [routing 1.4, conflict]
    [routing 1.4, inferred]"""
    world = World()
    world.desk()
    ann = world.worker()
    world.channel(ann, capacity=max(held, 1))
    for _ in range(held):
        world.task()
    world.channel(ann, capacity=capacity)
    assert world.state.capacity_percentage(world.state.worker_channel(ann, "default")) == percentage
    assert len(world.state.reservations) == held, "live reservations are never touched"


def test_channels_are_independent() -> None:
    """Full on one channel, a worker still gets tasks of another. [routing 1.4, docs: multitasking]"""
    world = World()
    world.desk()
    world.worker("ann")
    voice, more, chat = (world.task(task_channel=name) for name in ("voice", "voice", "chat"))
    assert [world.offered_to(task) for task in (voice, more, chat)] == [["ann"], [], ["ann"]]


@pytest.mark.parametrize("values", [{"capacity": 0}, {"available": False}])
def test_a_channel_without_capacity_or_not_available_gets_nothing_until_it_has(values: dict[str, Any]) -> None:
    """[routing 1.4, oai]"""
    world = World()
    world.desk()
    ann = world.worker("ann")
    world.channel(ann, **values)
    task = world.task()
    assert world.offered_to(task) == []
    world.channel(ann, capacity=1, available=True)
    assert world.offered_to(task) == ["ann"]


def test_capacity_and_availability_have_an_event_each_and_raise_the_version_each() -> None:
    """[routing 1.3, sdk + sdk-test]; rest-api 6.2 [docs: events]"""
    world = World()
    ann = world.worker()
    events = world.channel(ann, capacity=4, available=False)
    assert types(events) == ["worker.capacity.update", "worker.channel.availability.update"]
    assert world.now(ann).version == 3
    change = world.made(events, ev.WorkerCapacityUpdated)
    assert (change.previous_capacity, change.worker_channel.capacity, change.task_count) == (1, 4, 0)
    assert world.channel(ann, capacity=4) == []


def test_a_worker_has_a_channel_for_each_task_channel_whichever_came_first() -> None:
    """[routing 1.4, sdk-test]; rest-api 4.3 [docs: worker-channels]"""
    world = World()
    ann = world.worker()
    made = world.do(cmd.CreateTaskChannel(values={"friendly_name": "Fax", "unique_name": "fax"}))
    bob = world.worker()
    assert world.made(made, ev.TaskChannelCreated).also == ()
    for worker in (ann, bob):
        own = world.state.worker_channel(worker, "fax")
        assert (own.capacity, own.available) == (1, True)
        assert own.created_ms == world.state.channel("fax").created_ms
    assert not world.state.worker_channels, "they follow from both"


@pytest.mark.parametrize("change", ["capacity", "offer", "task_channel"])
def test_a_worker_channel_is_stored_from_its_first_change_on_and_stays_the_same(change: str) -> None:
    world = World()
    world.desk()
    ann = world.worker("ann")
    before = world.state.worker_channel(ann, "chat")
    if change == "capacity":
        world.channel(ann, "chat", capacity=2)
    elif change == "offer":
        world.task(task_channel="chat")
    else:
        world.update_task(world.task(), task_channel="chat")
    after = world.state.worker_channel(ann, before.sid)
    assert after in world.state.stored_channels(ann.no)
    assert (after.sid, after.created_ms) == (before.sid, before.created_ms)
    assert loaded(world).worker_channel(ann, "chat") == after


def test_a_worker_channel_that_was_stored_from_the_beginning_goes_on_as_it_was() -> None:
    """Of an older database: its sid ends in its own number."""
    world = World()
    world.desk()
    ann = world.worker("ann")
    no, chat = world.state.new_no(), world.state.channel("chat").no
    old = WorkerChannel(
        no=no, sid=f"WC{no:032x}", created_ms=Millis(5), updated_ms=Millis(5), worker=ann.no, channel=chat, capacity=2
    )
    world.state.load([old])
    for name in ("chat", old.sid):
        assert world.state.worker_channel(ann, name) == old
    assert [world.offered_to(world.task(task_channel="chat")) for _ in "123"] == [["ann"], ["ann"], []]
    assert world.state.worker_channel(ann, "chat").sid == old.sid
    refused = world.refused(cmd.UpdateWorkerChannel(worker=world.worker("bob").sid, channel=old.sid, values={}))
    assert isinstance(refused, NotFound)


@pytest.mark.parametrize("multitasking", [True, False])
def test_whoever_is_free_is_free_on_a_new_task_channel(multitasking: bool) -> None:
    world = World(multi_task_enabled=multitasking)
    world.desk()
    present = "Available" if multitasking else "Idle"
    busy = world.worker("busy", activity=present)
    world.task()
    idle, away = world.worker("idle", activity=present), world.worker("away", activity="Offline")
    world.do(cmd.CreateTaskChannel(values={"friendly_name": "Fax", "unique_name": "fax"}))
    fax = world.state.channel("fax").no
    assert world.state.is_free(busy.no, fax) is multitasking
    assert world.state.is_free(idle.no, fax)
    assert not world.state.is_free(away.no, fax)


def test_another_copy_that_catches_up_has_the_same_worker_channel() -> None:
    world = World()
    world.desk()
    ann = world.worker("ann")
    copy = loaded(world)
    before = copy.worker_channel(ann, "chat")
    seen = len(world.log)
    world.task(task_channel="chat")
    copy.next_no = world.state.next_no
    copy.load([each for event in world.log[seen:] for each in event.changed()])
    copy.settle()
    assert copy.worker_channel(ann, "chat") == world.state.worker_channel(ann, before.sid)
    assert indexes(copy) == indexes(world.state)


def test_a_task_channel_that_is_made_again_has_other_worker_channels() -> None:
    world = World()
    ann = world.worker("ann")
    fax = cmd.CreateTaskChannel(values={"friendly_name": "Fax", "unique_name": "fax"})
    world.do(fax)
    first = world.state.worker_channel(ann, "fax").sid
    world.channel(ann, "fax", capacity=7)
    world.do(cmd.DeleteTaskChannel(channel="fax"))
    world.do(fax)
    second = world.state.worker_channel(ann, "fax")
    assert (second.sid != first, second.capacity) == (True, 1)
    with pytest.raises(NotFound):
        world.state.worker_channel(ann, first)


def test_a_worker_channel_goes_with_its_worker_and_its_task_channel_and_undoing_brings_it_back() -> None:
    world = World()
    world.desk()
    world.do(cmd.CreateTaskChannel(values={"friendly_name": "Fax", "unique_name": "fax"}))
    ann, _ = world.worker("ann"), world.worker("bob")
    world.channel(ann, "fax", capacity=0)
    as_before = indexes(world.state)
    for command in (cmd.DeleteTaskChannel(channel="fax"), cmd.DeleteWorker(worker=ann.sid)):
        step(world.state, command, world.state.now_ms, world.ids)
        assert not world.state.worker_channels
        world.state.undo(0)
        assert indexes(world.state) == as_before


def test_names_of_workers_are_unique_without_case() -> None:
    """[routing 1.3, oai]"""
    world = World()
    world.worker("Ann")
    bob = world.worker("bob")
    text = f"Worker named ANN already exists for workspace {world.state.workspace.sid} for account AC{'0' * 32}"
    assert str(world.refused(cmd.CreateWorker(values={"friendly_name": "ANN"}))) == text
    assert str(world.refused(cmd.UpdateWorker(worker=bob.sid, values={"friendly_name": "ANN"}))) == text


def test_a_worker_may_take_another_case_of_its_own_name_and_free_its_old_one() -> None:
    """[routing 1.3, oai]"""
    world = World()
    ann = world.worker("ann")
    world.update_worker(ann, friendly_name="ANN")
    world.update_worker(ann, friendly_name="anna")
    world.worker("ann")
    assert world.now(ann).version == 3
    assert world.now(ann).text == 2


def test_equal_attributes_change_nothing() -> None:
    """[routing 1.3, sdk + sdk-test] [design 7, ours]"""
    world = World()
    ann = world.worker(attributes={"a": 1})
    assert world.update_worker(ann, attributes='{"a": 1}') == []
    assert world.now(ann).version == 1


def test_an_update_of_everything_is_three_events_and_three_versions() -> None:
    """One more for an activity update and for an attribute update. [wire 3, observed]"""
    world = World()
    ann = world.worker("ann")
    events = world.move(ann, "Offline", friendly_name="anna", attributes='{"a":1}')
    assert [type(event) for event in events] == [
        ev.WorkerRenamed,
        ev.WorkerAttributesUpdated,
        ev.WorkerActivityUpdated,
    ]
    assert world.now(ann).version == 4


def test_reject_pending_reservations_needs_an_unavailable_activity() -> None:
    """[routing 3.4, oai + sdk-test]"""
    world = World()
    ann = world.worker()
    values = {"activity_sid": world.activity("Available").sid, "reject_pending_reservations": True}
    refused = world.refused(cmd.UpdateWorker(worker=ann.sid, values=values))
    assert str(refused) == "Unable to reject pending reservations when updating to an Available activity state."


def test_reject_pending_reservations_rejects_them_all_and_others_are_asked() -> None:
    """[routing 3.4, oai + sdk-test]"""
    world = World()
    world.desk()
    ann = world.worker("ann")
    world.channel(ann, capacity=2)
    tasks = [world.task(), world.task()]
    world.worker("bob")

    events = world.move(ann, "Offline", reject_pending_reservations=True)
    assert types(events) == [
        "worker.activity.update",
        *["reservation.rejected", "workflow.target-matched"] * 2,
        "reservation.created",
    ]
    assert [world.offered_to(task) for task in tasks] == [["bob"], []]
    assert world.now(ann).activity == world.activity("Offline").no


def test_a_worker_at_work_cant_be_deleted() -> None:
    """[routing 1.3, inferred]; rest-api 5.4 [inferred]"""
    world = World()
    world.desk()
    ann = world.worker()
    world.accepted(world.task())
    refused = world.refused(cmd.DeleteWorker(worker=ann.sid))
    assert str(refused) == f"Cannot delete worker {ann.sid} because it has 1 accepted or wrapping reservations"


def test_a_deleted_workers_offers_are_canceled_and_go_to_others() -> None:
    """[routing 1.3, inferred]; rest-api 5.4 [inferred]"""
    world = World()
    world.desk()
    ann = world.worker("ann")
    task = world.task()
    world.worker("bob")
    events = world.do(cmd.DeleteWorker(worker=ann.sid))
    assert types(events) == [
        "reservation.canceled",
        "workflow.target-matched",
        "worker.deleted",
        "reservation.created",
    ]
    assert world.offered_to(task) == ["bob"]
    assert world.offered_to(world.task()) == []
    world.worker("ann")  # the name is free again


def test_a_worker_who_takes_the_place_of_another_has_nothing_of_it() -> None:
    """The bit of a deleted worker is used again: membership and capacity must not be."""
    world = World()
    world.desk('skills HAS "x"')
    ann = world.worker("ann", {"skills": ["x"]})
    world.do(cmd.DeleteWorker(worker=ann.sid))
    world.worker("bob", {"skills": []})
    assert world.offered_to(world.task()) == []


@pytest.mark.parametrize("kind", [cmd.UpdateWorker, cmd.DeleteWorker])
def test_another_version_than_the_callers_is_refused(kind: type[cmd.UpdateWorker | cmd.DeleteWorker]) -> None:
    """[routing 2.1, docs: task + oai]; rest-api 1.8 [oai]"""
    world = World()
    ann = world.worker()
    command = (
        cmd.UpdateWorker(worker=ann.sid, values={}, if_version=2)
        if kind is cmd.UpdateWorker
        else cmd.DeleteWorker(worker=ann.sid, if_version=2)
    )
    assert str(world.refused(command)) == f"{ann.sid} is at version 1, not 2"
