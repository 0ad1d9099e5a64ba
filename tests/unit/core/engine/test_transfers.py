"""Transfers: to a worker and to a queue, warm and cold, and each way in which they end (routing 9.5)."""

from __future__ import annotations

import pytest

from pointsman.core import commands as cmd
from pointsman.core import events as ev
from pointsman.core.errors import BadInstruction, Invalid, InvalidTransition, NotFound
from pointsman.core.types import Reservation, Task, Transfer, TransferStatus, Worker
from tests.world import World, types

HOUR_MS = 3_600_000


class Desk(World):
    """Ann has accepted a task of the queue "first"; Ben is available."""

    def __init__(self) -> None:
        super().__init__()
        self.first = self.queue("first")
        self.second = self.queue("second")
        self.workflow(default=self.first, name="all")
        self.ann: Worker = self.worker("ann")
        self.call: Task = self.task({"a": 1})
        self.anns: Reservation = self.accepted(self.call)
        self.ben: Worker = self.worker("ben")

    def status(self) -> tuple[str, int]:
        task = self.now(self.call)
        return task.status.value, task.version

    def only(self) -> Transfer:
        return next(iter(self.state.transfers.values()))

    def cancel(self, transfer: Transfer) -> cmd.Command:
        return cmd.UpdateTransfer(
            worker=transfer.worker_sid, transfer=transfer.sid, values={"transfer_status": "canceled"}
        )


@pytest.fixture
def desk() -> Desk:
    return Desk()


def test_a_warm_transfer_offers_the_task_to_that_worker_and_leaves_the_first_where_it_is(desk: Desk) -> None:
    """[routing 9.5, sdk-test]"""
    events = desk.transfer(desk.anns, desk.ben)
    assert types(events) == ["task.transfer-initiated", "reservation.created", "task.updated"]
    assert desk.status() == ("reserved", 3)
    assert desk.offered_to(desk.call) == ["ben"]
    assert desk.now(desk.anns).status == "accepted"
    transfer = desk.only()
    assert (transfer.status, transfer.mode, transfer.type) == ("initiated", "WARM", "WORKER")
    assert (transfer.queue_sid, transfer.worker_sid) == (desk.first.sid, desk.ann.sid)
    assert desk.pending(desk.call)[0].transfer == transfer.no


def test_acceptance_completes_it_and_both_have_the_task_until_each_has_left(desk: Desk) -> None:
    """[routing 9.5, sdk-test]: the last one to leave takes the task along."""
    desk.transfer(desk.anns, desk.ben)
    bens = desk.pending(desk.call)[0]
    events = desk.answer(bens, "accepted")
    assert types(events) == ["reservation.accepted", "task.transfer-completed", "task.updated"]
    assert desk.only().status is TransferStatus.COMPLETE
    assert desk.status() == ("assigned", 4)

    assert types(desk.answer(desk.anns, "wrapping")) == ["reservation.wrapup"]
    assert desk.status() == ("assigned", 4)
    assert types(desk.answer(bens, "wrapping")) == ["reservation.wrapup", "task.wrapup", "task.updated"]
    assert types(desk.answer(bens, "completed")) == ["reservation.completed"]
    assert desk.status() == ("wrapping", 5)
    done = desk.answer(desk.anns, "completed")
    assert types(done) == ["task.completed", "reservation.completed", "task.updated"]
    assert desk.made(done, ev.TaskCompleted).worker.friendly_name == "ann"
    assert not desk.state.transfers


def test_a_cold_transfer_sends_the_first_worker_into_after_work_and_lets_it_finish(desk: Desk) -> None:
    """[routing 9.5, sdk-test]: its reservation can be completed while the task lives on."""
    events = desk.transfer(desk.anns, desk.ben, mode="COLD")
    assert types(events) == ["task.transfer-initiated", "reservation.wrapup", "reservation.created", "task.updated"]
    assert types(desk.answer(desk.anns, "completed")) == ["reservation.completed"]
    assert desk.status() == ("reserved", 3)
    bens = desk.pending(desk.call)[0]
    desk.answer(bens, "accepted")
    assert types(desk.answer(bens, "completed")) == ["task.completed", "reservation.completed", "task.updated"]


def test_when_only_after_work_is_left_the_task_is_in_after_work(desk: Desk) -> None:
    """[routing 9.5, sdk-test]: one has completed, the other still wraps up."""
    desk.transfer(desk.anns, desk.ben, mode="COLD")
    bens = desk.pending(desk.call)[0]
    desk.answer(bens, "accepted")
    events = desk.answer(bens, "completed")
    assert types(events) == ["reservation.completed", "task.wrapup", "task.updated"]
    assert desk.made(events, ev.TaskWrapup).worker.friendly_name == "ben"


@pytest.mark.parametrize("mode", ["WARM", "COLD"])
@pytest.mark.parametrize("answer", ["rejected", "timeout", "canceled"])
def test_to_a_worker_it_fails_with_the_one_offer_and_the_task_is_back(desk: Desk, answer: str, mode: str) -> None:
    """[routing 9.5, sdk-test]: whoever still has it, has it assigned."""
    desk.transfer(desk.anns, desk.ben, mode=mode)
    bens = desk.pending(desk.call)[0]
    if answer == "rejected":
        events = desk.answer(bens, "rejected")
    elif answer == "timeout":
        events = desk.run_until(121_000)
    else:
        events = desk.do(cmd.FailAssignment(reservation=bens.sid))
    told = [each for each in types(events) if not each.startswith("worker.")]
    assert told == [f"reservation.{answer}", "task.transfer-failed", "task.updated"]
    assert desk.only().status is TransferStatus.FAILED
    assert desk.only().failed_reason in (
        "Transfer failed because the reservation was rejected",
        "Transfer failed because the reservation timed out",
        "Transfer failed because the reservation was canceled",
    )
    assert desk.status() == ("assigned", 4)
    assert desk.now(desk.anns).status == ("accepted" if mode == "WARM" else "wrapping")


def test_to_a_queue_others_are_asked_until_one_accepts(desk: Desk) -> None:
    """[routing 9.5, sdk-test]: an attempt that fails leaves the transfer under way."""
    cy = desk.worker("cy")
    events = desk.transfer(desk.anns, desk.second)
    assert types(events)[:3] == ["task.transfer-initiated", "task-queue.moved", "task-queue.entered"]
    assert desk.offered_to(desk.call) == ["ben"]
    events = desk.answer(desk.pending(desk.call)[0], "rejected")
    assert types(events) == ["reservation.rejected", "task.transfer-attempt-failed", "reservation.created"]
    failed = desk.made(events, ev.TaskTransferAttemptFailed)
    assert failed.transfer.status is TransferStatus.INITIATED
    assert (
        failed.attempt_failed_reason == "Transfer attempt failed: the reservation was rejected, and no other is pending"
    )
    assert desk.offered_to(desk.call) == ["cy"]
    desk.accepted(desk.call)
    assert desk.only().status is TransferStatus.COMPLETE
    assert desk.now(desk.call).queue == desk.second.no
    assert desk.state.live_of(cy)


def test_a_queue_may_offer_it_back_to_the_one_who_handed_it_on(desk: Desk) -> None:
    """[routing 9.5, sdk-test]: the only worker with capacity."""
    desk.move(desk.ben, "Offline")
    desk.channel(desk.ann, capacity=2)
    desk.transfer(desk.anns, desk.second, mode="COLD")
    assert desk.offered_to(desk.call) == ["ann"]


def test_canceled_it_leaves_the_task_with_the_first_worker_and_in_its_queue(desk: Desk) -> None:
    """[routing 9.5, sdk-test]: and another one may begin."""
    desk.transfer(desk.anns, desk.second)
    events = desk.do(desk.cancel(desk.only()))
    assert types(events) == [
        "reservation.canceled",
        "task.transfer-canceled",
        "task-queue.moved",
        "task-queue.entered",
        "task.updated",
    ]
    assert desk.made(events, ev.ReservationCanceled).task.status == "assigned"
    assert desk.now(desk.call).queue == desk.first.no
    refused = desk.refused(desk.cancel(desk.only()))
    assert str(refused) == f"Transfer {desk.only().sid} is already canceled . Cannot cancel transfer."
    desk.transfer(desk.anns, desk.ben)
    assert desk.offered_to(desk.call) == ["ben"]


def test_a_transfer_begins_without_the_pauses_of_the_one_before(desk: Desk) -> None:
    """[routing 9.5, inferred]: failed callbacks of one are nothing to the next."""
    desk.transfer(desk.anns, desk.second)
    desk.do(cmd.FailAssignment(reservation=desk.pending(desk.call)[0].sid))
    assert desk.now(desk.call).paused_until_ms is not None
    desk.do(desk.cancel(desk.only()))
    desk.transfer(desk.anns, desk.second)
    assert desk.offered_to(desk.call) == ["ben"]


def test_who_has_a_task_can_not_be_handed_it_again(desk: Desk) -> None:
    """[routing 9.5, inferred]: also who has it by a warm transfer."""
    desk.channel(desk.ben, capacity=3)
    desk.transfer(desk.anns, desk.ben)
    desk.accepted(desk.call)
    values = {"reservation_sid": desk.anns.sid, "task_sid": desk.call.sid, "to": desk.ben.sid}
    assert "is a worker who has task" in str(desk.refused(cmd.StartTransfer(worker=desk.ann.sid, values=values)))


def test_with_nobody_left_a_failed_transfer_puts_the_task_back_into_its_queue(desk: Desk) -> None:
    """[routing 9.5, inferred]: nothing is lost, and the 24 hours of its first assignment still end it."""
    desk.transfer(desk.anns, desk.second, mode="COLD", at_ms=1_000)
    desk.answer(desk.anns, "completed")
    desk.move(desk.ann, "Offline")
    desk.move(desk.ben, "Offline", reject_pending_reservations=True)
    assert desk.status()[0] == "pending"
    desk.do(desk.cancel(desk.only()))
    assert desk.status()[0] == "pending"
    assert desk.now(desk.call).queue == desk.first.no
    assert types(desk.run_until(24 * HOUR_MS)) == ["task.system-deleted"]


def test_a_direct_task_that_nobody_has_any_longer_is_canceled() -> None:
    """[routing 9.5, inferred]: it has no queue to wait in."""
    world = World()
    ann, ben = world.worker("ann"), world.worker("ben")
    task = world.task(routing_target=ann.sid)
    anns = world.accepted(task)
    world.transfer(anns, ben, mode="COLD")
    world.answer(anns, "completed")
    events = world.answer(world.pending(task)[0], "rejected")
    assert types(events)[-2:] == ["task.canceled", "task.updated"]
    assert world.made(events, ev.TaskCanceled).reason == "Transfer failed, and nobody has the task any longer"


def test_a_direct_task_goes_where_it_is_transferred() -> None:
    """[routing 9.5, inferred]: what it was routed to at first does not hold it."""
    world = World()
    desk = world.desk()
    ann, ben = world.worker("ann"), world.worker("ben")
    task = world.task(routing_target=ann.sid)
    world.transfer(world.accepted(task), desk)
    assert world.offered_to(task) == ["ben"]
    assert world.state.live_of(ben)


def test_while_it_is_transferred_a_task_can_be_neither_wrapped_nor_completed(desk: Desk) -> None:
    """[routing 9.5, sdk-test]"""
    desk.transfer(desk.anns, desk.ben)
    for status in ("wrapping", "completed"):
        command = cmd.UpdateTask(task=desk.call.sid, values={"assignment_status": status})
        assert isinstance(desk.refused(command), InvalidTransition)


def test_canceling_the_task_ends_everybodys_part_and_the_transfer(desk: Desk) -> None:
    """[routing 9.5, sdk-test]; that the transfer ends too is ours, upstream it is a known defect."""
    desk.transfer(desk.anns, desk.ben)
    events = desk.update_task(desk.call, assignment_status="canceled")
    assert types(events) == [
        "reservation.canceled",
        "reservation.completed",
        "task.transfer-canceled",
        "task.canceled",
        "task.updated",
    ]
    assert not desk.state.transfers
    assert not desk.state.reservations
    canceled = desk.made(events, ev.TaskCanceled).task
    desk.state.lend(canceled)  # a command of the same batch still finds it
    values = {"reservation_sid": desk.anns.sid, "task_sid": canceled.sid, "to": desk.ben.sid}
    assert isinstance(desk.refused(cmd.StartTransfer(worker=desk.ann.sid, values=values)), Invalid)


def test_deleting_the_task_ends_everybodys_part_and_the_transfer(desk: Desk) -> None:
    """[routing 2.3, sdk-test]"""
    desk.transfer(desk.anns, desk.ben)
    events = desk.do(cmd.DeleteTask(task=desk.call.sid))
    assert types(events)[-2:] == ["task.transfer-canceled", "task.deleted"]
    assert not desk.state.transfers


def test_the_offer_of_a_deleted_worker_fails_the_transfer(desk: Desk) -> None:
    """[routing 1.3, inferred]"""
    desk.transfer(desk.anns, desk.ben)
    desk.do(cmd.DeleteWorker(worker=desk.ben.sid))
    assert desk.only().failed_reason == "Transfer failed because the reservation was canceled"


def test_attributes_and_priority_may_be_sent_along(desk: Desk) -> None:
    """[routing 9.5, sdk]"""
    desk.transfer(desk.anns, desk.ben, attributes='{"a":2}', priority=7)
    task = desk.now(desk.call)
    assert (task.attributes, task.priority, task.text) == ('{"a":2}', 7, desk.call.text + 1)


def test_what_cannot_be_transferred_is_refused_and_nothing_starts(desk: Desk) -> None:
    """[routing 9.5, sdk-test]: a worker who is not available; inferred: what is not accepted, and oneself."""

    def why(worker: Worker, **values: str) -> str:
        values = {"reservation_sid": desk.anns.sid, "task_sid": desk.call.sid, "to": desk.ben.sid} | values
        refused = desk.refused(cmd.StartTransfer(worker=worker.sid, values=values))
        assert isinstance(refused, (Invalid, InvalidTransition))
        return str(refused)

    assert "is a worker who has task" in why(desk.ann, to=desk.ann.sid)
    assert "is not one of worker" in why(desk.ben, to=desk.ann.sid)
    assert "To WQ" in why(desk.ann, to="WQ" + "f" * 32)
    assert "TaskSid WT" in why(desk.ann, task_sid="WT" + "f" * 32)
    desk.move(desk.ben, "Offline")
    assert "worker ben is in activity Offline" in why(desk.ann)
    desk.move(desk.ben, "Available")
    desk.transfer(desk.anns, desk.ben)
    assert f"transfer {desk.only().sid} is under way" in why(desk.ann)
    desk.answer(desk.pending(desk.call)[0], "rejected")
    desk.answer(desk.anns, "wrapping")
    assert "expected assigned and accepted" in why(desk.ann)


def test_only_who_began_a_transfer_can_cancel_it(desk: Desk) -> None:
    """[routing 9.5, inferred]: it stands under its worker."""
    desk.transfer(desk.anns, desk.ben)
    command = cmd.UpdateTransfer(worker=desk.ben.sid, transfer=desk.only().sid, values={"transfer_status": "canceled"})
    assert isinstance(desk.refused(command), NotFound)


def test_a_transferred_task_takes_few_instructions(desk: Desk) -> None:
    """[routing 3.6, docs: error 40151]"""
    desk.transfer(desk.anns, desk.ben)
    bens = desk.pending(desk.call)[0]
    command = cmd.UpdateReservation(reservation=bens.sid, values={"instruction": "dequeue"})
    refused = desk.refused(command)
    assert isinstance(refused, BadInstruction)
    assert (refused.instruction, refused.parameter) == ("dequeue", "transfer")


def test_a_task_that_changes_its_channel_takes_its_reservations_along(desk: Desk) -> None:
    """[routing 2.1, oai]: the capacity that they take is that of the task's channel."""
    chat, default = desk.state.channel("chat").no, desk.state.channel("default").no
    desk.update_task(desk.call, task_channel="chat")
    own = {each.channel: each.no for each in desk.state.stored_channels(desk.ann.no)}
    assert desk.state.held[own[chat]] == desk.state.assigned[own[chat]] == 1
    assert desk.state.held[own[default]] == 0
    assert desk.state.is_free(desk.ann.no, default)
    assert not desk.state.is_free(desk.ann.no, chat)


def test_a_worker_who_has_a_task_twice_has_one_channel_for_it(desk: Desk) -> None:
    """Handed on to a queue that she is in herself, it may be offered to her again."""
    desk.move(desk.ben, "Offline")
    desk.channel(desk.ann, capacity=3)
    desk.transfer(desk.anns, desk.second)
    assert desk.offered_to(desk.call) == ["ann"]
    desk.update_task(desk.call, task_channel="chat")
    assert len({desk.now(each).worker_channel for each in (desk.anns, *desk.pending(desk.call))}) == 1
    assert [each.channel for each in desk.state.stored_channels(desk.ann.no)] == [
        desk.state.channel(name).no for name in ("default", "chat")
    ]
