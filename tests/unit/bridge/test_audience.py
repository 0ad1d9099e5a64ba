"""Who is told of what, in which order: the sequences that clients of the worker SDK are used to [sdk][sdk-test]."""

from __future__ import annotations

from typing import Any

import pytest

from pointsman.bridge.audience import Audience
from pointsman.core import commands as cmd
from pointsman.core.record import Quote, Words
from pointsman.core.types import Reservation, Task, Worker
from tests.simulation.written import written
from tests.unit.bridge.heard import Client, Floor, logged


@pytest.fixture
def floor() -> Floor:
    """Two workers, Ann and Ben, of whom only Ann is available."""
    made = Floor(friendly_name="Floor")
    made.desk()
    made.worker("ann")
    made.worker("ben", activity="Offline")
    return made


def worker(floor: Floor, name: str) -> Worker:
    return next(each for each in floor.state.workers.values() if each.friendly_name == name)


def held(floor: Floor) -> tuple[Task, Reservation]:
    """A task that Ann has accepted."""
    task = floor.task()
    return task, floor.accepted(task)


def test_an_offer_and_its_acceptance(floor: Floor) -> None:
    task = floor.task({"a": 1})
    assert floor.heard == [("ann", "reservation.created")]
    offered = floor.body("reservation.created")
    assert (offered["reservation_status"], offered["reservation_timeout"]) == ("pending", 120)
    assert (offered["task"]["assignment_status"], offered["task"]["attributes"]) == ("reserved", '{"a": 1}')
    assert "task_transfer" not in offered
    assert "canceled_reason_code" not in offered
    floor.accepted(task)
    assert floor.heard == [("ann", "reservation.accepted"), ("ann", "task.updated")]
    assert floor.body("task.updated")["assignment_status"] == "assigned"


def test_an_offer_shows_the_activity_from_before_it_until_its_end() -> None:
    floor = Floor(multi_task_enabled=False)
    floor.queue("q", reservation_activity_sid=floor.activity("Reserved").sid)
    floor.workflow(default=next(iter(floor.state.queues.values())))
    floor.worker("ann", activity="Idle")
    task = floor.task()
    idle = floor.activity("Idle").sid
    assert floor.told("ann") == ["worker.activity.update", "reservation.created"]
    assert floor.body("reservation.created")["worker_previous_activity_sid"] == idle
    floor.answer(floor.pending(task)[0], "rejected")
    assert floor.body("reservation.rejected")["worker_previous_activity_sid"] == idle


def test_the_others_of_an_offer_are_told_that_it_is_gone_and_nothing_more(floor: Floor) -> None:
    floor.do(cmd.UpdateTaskQueue(queue=next(iter(floor.state.queues.values())).sid, values={"max_reserved_workers": 2}))
    floor.move(worker(floor, "ben"), "Available")
    task = floor.task()
    assert floor.told("ann") == floor.told("ben") == ["reservation.created"]
    ann = next(each for each in floor.pending(task) if each.worker == worker(floor, "ann").no)
    floor.answer(ann, "accepted")
    assert floor.told("ann") == ["reservation.accepted", "task.updated"]
    assert floor.told("ben") == ["reservation.rescinded"]


def test_a_rejection_with_an_activity(floor: Floor) -> None:
    task = floor.task()
    floor.answer(floor.pending(task)[0], "rejected", worker_activity_sid=floor.activity("Offline").sid)
    assert floor.told("ann") == ["reservation.rejected", "worker.activity.update"]
    assert floor.body("reservation.rejected")["task"]["assignment_status"] == "pending"


def test_all_pending_offers_are_rejected_before_the_activity_is_told(floor: Floor) -> None:
    """[sdk-test: three of them]"""
    floor.channel(worker(floor, "ann"), capacity=3)
    for _ in range(3):
        floor.task()
    floor.move(worker(floor, "ann"), "Offline", reject_pending_reservations=True)
    assert floor.told("ann") == [*["reservation.rejected"] * 3, "worker.activity.update"]


def test_the_end_of_a_task_comes_after_that_of_its_reservation(floor: Floor) -> None:
    task, reservation = held(floor)
    floor.answer(reservation, "wrapping")
    assert floor.told("ann") == ["reservation.wrapup", "task.wrapup"]
    assert floor.body("reservation.wrapup")["reservation_status"] == "wrapping"
    floor.update_task(task, assignment_status="completed", reason="done")
    assert floor.told("ann") == ["reservation.completed", "task.completed"]
    assert floor.body("reservation.completed")["task"]["reason"] == "done"
    assert floor.body("task.completed")["assignment_status"] == "completed"


def test_a_task_that_is_canceled_with_a_reason(floor: Floor) -> None:
    task = floor.task()
    floor.update_task(task, assignment_status="canceled", reason="no need")
    assert floor.told("ann") == ["reservation.canceled", "task.canceled"]
    canceled = floor.body("reservation.canceled")
    assert (canceled["reservation_status"], canceled["task"]["assignment_status"]) == ("canceled", "canceled")
    assert "canceled_reason_code" not in canceled
    assert floor.body("task.canceled")["reason"] == "no need"


def test_new_attributes_are_told_to_whoever_has_the_task(floor: Floor) -> None:
    task, _ = held(floor)
    floor.update_task(task, attributes='{"b":2}')
    assert floor.heard == [("ann", "task.updated")]
    assert floor.body("task.updated")["attributes"] == '{"b":2}'


def test_a_task_that_is_deleted_ends_its_reservation(floor: Floor) -> None:
    """[sdk-test]"""
    task, _ = held(floor)
    floor.do(cmd.DeleteTask(task=task.sid))
    assert floor.told("ann") == ["reservation.completed"]
    other = floor.task()
    floor.do(cmd.DeleteTask(task=other.sid))
    assert floor.told("ann") == ["reservation.canceled"]


def test_a_task_for_a_worker_who_can_not_have_it_is_told_as_failed_and_canceled() -> None:
    floor = Floor(multi_task_enabled=False)
    floor.desk()
    ann = floor.worker("ann", activity="Idle")
    floor.task()
    floor.task(routing_target=ann.sid, at_ms=0)
    floor.tick(5_000)
    assert floor.told("ann") == ["reservation.failed"]
    failed = floor.body("reservation.failed")
    assert (failed["assignment_status"], failed["routing_target"]) == ("canceled", ann.sid)


def test_a_channel_is_shown_whole(floor: Floor) -> None:
    floor.channel(worker(floor, "ann"), "chat", capacity=4, available=False)
    assert floor.told("ann") == ["worker.capacity.update", "worker.channel.availability.update"]
    channel = floor.body("worker.capacity.update")
    assert (channel["configured_capacity"], channel["available"], channel["assigned_tasks"]) == (4, 0, 0)
    assert channel["available_capacity_percentage"] == 100


# --- transfers ----------------------------------------------------------------------------------------------------


@pytest.fixture
def both(floor: Floor) -> Floor:
    held(floor)
    floor.move(worker(floor, "ben"), "Available")
    return floor


def hand_on(floor: Floor, **values: Any) -> Reservation:
    """Ann hands her task to Ben; his offer."""
    anns = next(iter(floor.state.reservations.values()))
    floor.transfer(anns, worker(floor, "ben"), **values)
    return floor.pending(floor.state.tasks[anns.task])[0]


def test_a_transfer_is_told_to_who_began_it_and_offered_to_the_other(both: Floor) -> None:
    bens = hand_on(both)
    assert both.heard == [
        ("ann", "task.transfer-initiated"),
        ("ben", "reservation.created"),
        ("ann", "task.updated"),
        ("ben", "task.updated"),
    ]
    assert both.body("reservation.created")["task_transfer"]["transfer_status"] == "initiated"
    assert both.body("task.updated")["assignment_status"] == "reserved"
    both.answer(bens, "accepted")
    assert both.told("ben") == ["reservation.accepted", "task.updated"]
    assert both.told("ann") == ["task.transfer-completed", "task.updated"]
    assert both.body("task.transfer-completed")["transfer_status"] == "complete"


def test_a_transfer_that_is_rejected_leaves_the_task_with_who_began_it(both: Floor) -> None:
    bens = hand_on(both)
    both.answer(bens, "rejected")
    assert both.told("ben") == ["reservation.rejected"]
    assert both.body("reservation.rejected")["task_transfer"]["transfer_status"] == "failed"
    assert both.told("ann") == ["task.transfer-failed", "task.updated"]
    assert both.body("task.transfer-failed")["transfer_failed_reason"]
    assert both.body("task.updated")["assignment_status"] == "assigned"


def test_a_transfer_that_is_canceled(both: Floor) -> None:
    hand_on(both)
    transfer = next(iter(both.state.transfers.values()))
    both.do(
        cmd.UpdateTransfer(worker=transfer.worker_sid, transfer=transfer.sid, values={"transfer_status": "canceled"})
    )
    assert both.told("ben") == ["reservation.canceled"]
    assert both.body("reservation.canceled")["task_transfer"]["transfer_status"] == "canceled"
    assert both.told("ann") == ["task.transfer-canceled", "task.updated"]


def test_who_hands_a_task_on_cold_is_shown_the_transfer_in_its_own_reservation(both: Floor) -> None:
    hand_on(both, mode="COLD")
    wrapping = both.body("reservation.wrapup")
    assert wrapping["active_outgoing_task_transfer"]["transfer_mode"] == "COLD"
    assert "task_transfer" not in wrapping


def test_an_attempt_of_a_transfer_to_a_queue_that_failed_is_told_with_the_transfer_under_way(both: Floor) -> None:
    queue = both.queue("other", expression="1==1")
    anns = next(iter(both.state.reservations.values()))
    both.transfer(anns, queue)
    task = both.state.tasks[anns.task]
    both.answer(both.pending(task)[0], "rejected")
    assert both.told("ann") == ["task.transfer-attempt-failed", "task.updated", "task.updated"]
    assert both.body("task.transfer-attempt-failed")["transfer_status"] == "initiated"
    states = [body["assignment_status"] for kind, body in both.bodies if kind == "task.updated"]
    assert states[:2] == ["pending", "reserved"]  # it is offered again in the same moment


# --- everything ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(8))
def test_after_any_history_every_client_has_its_reservations_and_tasks_as_they_are(seed: int) -> None:
    """Workers of whom each listens from its first moment: no frame breaks a client, and none is missing."""
    played = written(seed, 300)
    audience = Audience()
    clients: dict[int, Client] = {}
    words: dict[Quote, Words] = {}
    for batch in played.batches:
        events = logged(batch, words)
        for event in events:
            if event.type == "worker.created" and event.record.worker is not None:
                clients[event.record.worker.no] = Client()
                audience.seat(event.record.worker.no, ())
        rows = {row.seq for row in audience.relevant(batch.events)}
        for told in audience.address([event for event in events if event.seq in rows]):
            clients[told.worker].hear(told)
    state = played.state
    assert state.exists
    for reservation in state.reservations.values():
        client, task = clients[reservation.worker], state.tasks[reservation.task]
        shown = client.reservations.get(reservation.sid)
        assert shown is not None, f"{reservation.sid} was never told"
        assert (shown["reservation_status"], shown["version"]) == (reservation.status, reservation.version)
        assert (shown["task"]["assignment_status"], shown["task"]["version"]) == (task.status, task.version)
        assert shown["task"]["attributes"] == task.attributes
    live = {reservation.sid for reservation in state.reservations.values()}
    for client in clients.values():
        assert client.reservations.keys() <= live
