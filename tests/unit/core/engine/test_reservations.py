"""Offers and their answers: what each does to task, worker and the other offers."""

from __future__ import annotations

import pytest

from pointsman.core import commands as cmd
from pointsman.core import events as ev
from pointsman.core.engine.invariants import offer_violations
from pointsman.core.engine.step import step
from pointsman.core.errors import (
    BadInstruction,
    Invalid,
    InvalidTransition,
    NotFound,
    Rejected,
    Rescinded,
    VersionMismatch,
)
from pointsman.core.types import Reservation, Task
from tests.world import START_MS, World, types


@pytest.fixture
def world() -> World:
    return World()


def three_offers(world: World) -> tuple[Task, list[Reservation]]:
    world.desk(max_reserved_workers=3)
    for name in ("ann", "bob", "cid", "dan"):
        world.worker(name)
    task = world.task()
    return task, world.pending(task)


def answering(reservation: Reservation, status: str, **values: object) -> cmd.UpdateReservation:
    return cmd.UpdateReservation(reservation=reservation.sid, values={"reservation_status": status, **values})


# --- offering -----------------------------------------------------------------------------------------------------


def test_an_offer_raises_the_versions_of_task_and_worker_and_starts_at_zero(world: World) -> None:
    """TaskVersion +1 for pending to reserved, WorkerVersion +1 for each reservation.created. [wire 3, observed]"""
    world.desk()
    ann = world.worker()
    created = world.made(world.do(cmd.CreateTask(values={})), ev.ReservationCreated)
    assert (created.task.version, created.reservation.version, created.worker.version) == (1, 0, 2)
    assert list(offer_violations(world.state, created)) == []
    own = world.state.worker_channel(ann, "default")
    assert (own.last_reserved, own.last_reserved_ms) == (created.reservation.no, created.at_ms)


def test_max_reserved_workers_offers_are_one_round_with_one_version(world: World) -> None:
    """All created carry the same number. [routing 3.5, docs: task-queue] [routing 3.5, docs: limits]
    [wire 3, observed]"""
    world.desk(max_reserved_workers=3)
    for name in ("ann", "bob"):
        world.worker(name)
    events = world.do(cmd.CreateTask(values={}))
    offers = [event for event in events if isinstance(event, ev.ReservationCreated)]
    assert [event.task.version for event in offers] == [1, 1], "fewer, if fewer are free"
    assert world.now(offers[0].task).rounds == 1


def test_a_worker_freed_later_is_not_added_to_the_offers(world: World) -> None:
    """No top-up until the task is pending again. [routing 3.5, inferred]"""
    world.desk(max_reserved_workers=2)
    world.worker("ann")
    task = world.task()
    world.worker("bob")
    assert world.offered_to(task) == ["ann"]


# --- accepting ----------------------------------------------------------------------------------------------------


def test_first_accept_wins_and_the_rest_are_rescinded(world: World) -> None:
    """Rescinded come first, with the task as it was.
    [routing 3.1, docs: task-queue + docs: handle-assignment-callbacks] [routing 3.1, docs: task-queue]
    [routing 3.5, docs: task-queue] [wire 3, observed] [wire 4.2, observed] [wire 4.8, observed]"""
    task, (first, second, third) = three_offers(world)
    events = world.answer(second, "accepted")
    assert types(events) == ["reservation.rescinded", "reservation.rescinded", "reservation.accepted"]
    rescinded = [event for event in events if isinstance(event, ev.ReservationRescinded)]
    assert [event.reservation.no for event in rescinded] == [first.no, third.no]
    assert [(event.task.status, event.task.version) for event in rescinded] == [("reserved", 1)] * 2
    assert [event.reservation.version for event in rescinded] == [1, 1]
    accepted = world.made(events, ev.ReservationAccepted)
    assert (accepted.task.status, accepted.task.version, accepted.reservation.version) == ("assigned", 2, 1)
    assert (accepted.worker.version, accepted.previous_ms) == (2, 0)
    assert world.now(task).assigned_ms == world.state.now_ms


def test_a_late_accept_of_a_rescinded_reservation_says_so(world: World) -> None:
    """Answered with 410. [routing 3.5, docs: task-queue] [design 7, ours]"""
    _, (first, second, _) = three_offers(world)
    late = answering(first, "accepted")
    for each in world.answer(second, "accepted"):
        if isinstance(each, ev.ReservationRescinded):
            world.state.lend(each.reservation)
    refused = world.refused(late)
    assert isinstance(refused, Rescinded)
    assert str(refused).startswith(
        f"Reservation {first.sid} not in expected state [pending] and cannot be updated to [accepted]"
    )


@pytest.mark.parametrize(
    ("before", "wanted", "text"),
    [
        ("accepted", "accepted", "is already in state [accepted] and cannot be updated to [accepted]"),
        ("accepted", "rejected", "not in expected state [pending] and cannot be updated to [rejected]"),
        ("pending", "wrapping", "not in expected state [accepted] and cannot be updated to [wrapping]"),
        ("pending", "completed", "not in expected state [accepted or wrapping] and cannot be updated to [completed]"),
        ("wrapping", "wrapping", "is already in state [wrapping] and cannot be updated to [wrapping]"),
    ],
)
def test_a_move_that_the_state_does_not_allow_is_refused_in_the_recorded_words(
    world: World, before: str, wanted: str, text: str
) -> None:
    """[routing 3.6, docs: errors] [wire 6, observed]"""
    world.desk()
    world.worker()
    offer = world.pending(world.task())[0]
    if before != "pending":
        world.answer(offer, "accepted")
    if before == "wrapping":
        world.answer(offer, "wrapping")
    refused = world.refused(answering(offer, wanted))
    assert isinstance(refused, InvalidTransition)
    assert str(refused) == f"Reservation {offer.sid} {text}"


@pytest.mark.parametrize("status", ["timeout", "canceled", "rescinded", "pending"])
def test_only_four_statuses_can_be_set(world: World, status: str) -> None:
    """rest-api 10.3 [inferred]"""
    world.desk()
    world.worker()
    offer = world.pending(world.task())[0]
    text = f"ReservationStatus {status} can't be set: an update may set accepted, rejected, wrapping or completed"
    assert str(world.refused(answering(offer, status))) == text


@pytest.mark.parametrize(
    ("values", "kind", "text"),
    [
        ({"instruction": "dequeue"}, BadInstruction, "Dequeue instruction: DequeueFrom is required"),
        (
            {"instruction": "dequeue", "dequeue_from": "+1"},
            BadInstruction,
            "Dequeue instruction: DequeueTo is required",
        ),
        (
            {"instruction": "Dequeue", "dequeue_from": "+1", "dequeue_to": "+2"},
            Invalid,
            "Unable to execute Dequeue instruction. It needs a telephone service",
        ),
        ({"instruction": "call", "call_from": "+1"}, BadInstruction, "Call instruction: CallUrl is required"),
        ({"instruction": "redirect"}, BadInstruction, "Redirect instruction: RedirectCallSid is required"),
        ({"instruction": "conference"}, BadInstruction, "Conference instruction: To is required, since worker"),
        ({"instruction": "conference", "to": "+2"}, BadInstruction, "The conference instruction can only be issued"),
        ({"instruction": "supervise"}, BadInstruction, "Unable to execute Supervise instruction. Reservation WR"),
        ({"instruction": "reject", "worker_activity_sid": "WA" + "f" * 32}, BadInstruction, "WorkerActivitySid WAf"),
        ({"instruction": "fly"}, Invalid, "Unknown instruction fly: expected one of accept, reject, dequeue"),
        ({"reservation_status": "rejected", "worker_activity_sid": "WA" + "f" * 32}, Invalid, "WorkerActivitySid WAf"),
    ],
)
def test_instructions_and_activities_that_make_no_sense_leave_the_offer_pending(
    world: World, values: dict[str, str], kind: type[Rejected], text: str
) -> None:
    """An activity that is present but unknown: the reservation is left pending. [routing 3.1, conflict]"""
    world.desk()
    world.worker()
    offer = world.pending(world.task())[0]
    refused = world.refused(cmd.UpdateReservation(reservation=offer.sid, values=values))
    assert isinstance(refused, kind)
    assert str(refused).startswith(text)


def test_instructions_look_at_the_task_the_worker_and_the_state(world: World) -> None:
    """[routing 1.3, docs: worker] [wire 6, observed]; rest-api 10.4 [docs][dict]"""
    world.desk()
    world.worker("ann", {"contact_uri": "client:ann"})
    offer = world.pending(world.task({"call_sid": "CA1"}))[0]
    no_telephone = "It needs a telephone service, and none is connected to this server."

    def refusal(**values: str) -> str:
        return str(world.refused(cmd.UpdateReservation(reservation=offer.sid, values=values)))

    assert (
        refusal(instruction="conference")
        == "Conference instruction: From is required, since the task has none in its attributes"
    )
    assert refusal(instruction="dequeue").endswith(no_telephone), "the number that was called is known"
    deprecated = refusal(instruction="dequeue", dequeue_from="+1", dequeue_post_work_activity_sid="WA" + "1" * 32)
    assert deprecated == "Dequeue instruction: DequeuePostWorkActivitySid is not for workspaces with multitasking"
    world.answer(offer, "accepted")
    state = f"Unable to execute Conference instruction. Reservation {offer.sid} is not currently in a Pending state."
    assert refusal(instruction="conference") == state
    assert refusal(instruction="supervise") == "Supervise instruction: Supervisor is required"


@pytest.mark.parametrize(("instruction", "event"), [("accept", "accepted"), ("Reject", "rejected")])
def test_an_instruction_decides_over_a_status(world: World, instruction: str, event: str) -> None:
    """[routing 3.1, docs: task-queue + docs: handle-assignment-callbacks]; rest-api 10.3 [inferred]"""
    world.desk()
    world.worker(activity="Available")
    offer = world.pending(world.task())[0]
    values = {"instruction": instruction, "reservation_status": "completed"}
    events = world.do(cmd.UpdateReservation(reservation=offer.sid, values=values))
    assert types(events)[0] == f"reservation.{event}"


def test_neither_status_nor_instruction_is_nothing(world: World) -> None:
    """rest-api 10.3 [inferred]"""
    world.desk()
    world.worker()
    offer = world.pending(world.task())[0]
    assert world.do(cmd.UpdateReservation(reservation=offer.sid, values={})) == []


def test_a_reservation_is_found_only_under_its_own_task_and_worker(world: World) -> None:
    """[routing 3.6, oai]; rest-api 10 [oai]"""
    task, (first, second, _) = three_offers(world)
    other = world.state.workers[second.worker]
    wrong = cmd.UpdateReservation(reservation=first.sid, worker=other.sid, values={"reservation_status": "accepted"})
    assert isinstance(world.refused(wrong), NotFound)
    right = cmd.UpdateReservation(reservation=first.sid, task=task.sid, values={"reservation_status": "accepted"})
    assert "reservation.accepted" in types(world.do(right))


def test_the_reservations_of_a_deleted_task_are_gone_in_the_same_batch(world: World) -> None:
    """After the task is gone its reservations are gone; no commit is needed. [routing 3.6, docs: quickstart]"""
    world.desk()
    world.worker()
    reservation = world.accepted(world.task())
    task = world.state.tasks[reservation.task]
    step(world.state, cmd.DeleteTask(task=task.sid), world.state.now_ms, world.ids)
    with pytest.raises(NotFound, match=reservation.sid):
        step(world.state, answering(reservation, "wrapping"), world.state.now_ms, world.ids)
    with pytest.raises(NotFound, match=reservation.sid):
        step(world.state, cmd.FailAssignment(reservation=reservation.sid), world.state.now_ms, world.ids)


def test_another_version_than_the_callers_is_refused(world: World) -> None:
    """[routing 2.1, docs: task + oai]; rest-api 1.8 [oai]"""
    world.desk()
    world.worker()
    offer = world.pending(world.task())[0]
    command = cmd.UpdateReservation(reservation=offer.sid, values={"reservation_status": "accepted"}, if_version=1)
    assert isinstance(world.refused(command), VersionMismatch)


# --- rejecting and letting lapse ----------------------------------------------------------------------------------


def test_a_reject_may_move_the_worker_and_the_task_is_pending_again(world: World) -> None:
    """[routing 3.1, docs: reservations]"""
    world.desk()
    world.worker("ann")
    task = world.task()
    events = world.answer(world.pending(task)[0], "rejected", worker_activity_sid=world.activity("Unavailable").sid)
    assert types(events) == ["reservation.rejected", "worker.activity.update", "workflow.target-matched"]
    rejected = world.made(events, ev.ReservationRejected)
    assert (rejected.task.status, rejected.task.version, rejected.reservation.version) == ("pending", 2, 1)
    assert world.offered_to(task) == []


def test_without_an_activity_a_rejecter_keeps_its_own(world: World) -> None:
    """In multitasking "the same" and "the previous" are one. [routing 3.1, conflict]"""
    world.desk()
    ann = world.worker("ann")
    offer = world.pending(world.task())[0]
    world.move(ann, "Unavailable")
    world.answer(offer, "rejected")
    assert world.now(ann).activity == world.activity("Unavailable").no


def test_the_task_is_pending_again_only_when_the_last_offer_has_ended(world: World) -> None:
    """[routing 3.5, docs: task state] [wire 3, observed]"""
    task, offers = three_offers(world)
    world.answer(offers[0], "rejected")
    world.answer(offers[1], "rejected")
    assert (world.now(task).status, world.now(task).version, world.now(task).rounds) == ("reserved", 1, 1)
    world.answer(offers[2], "rejected")
    assert (world.now(task).version, world.now(task).rounds) == (3, 2)
    assert world.offered_to(task) == ["dan", "ann", "bob"]


@pytest.mark.parametrize("timeout_s", [1, 120])
def test_an_offer_lapses_and_moves_the_worker_to_the_timeout_activity(world: World, timeout_s: int) -> None:
    """[routing 1.7, oai] [routing 3.1, docs: activity + oai] [wire 4.7, observed]"""
    queue = world.queue()
    world.workflow(default=queue, task_reservation_timeout=timeout_s)
    ann = world.worker("ann")
    world.worker("bob")
    task = world.task(at_ms=0)
    assert world.state.next_deadline_ms() == START_MS + timeout_s * 1000
    assert world.tick(timeout_s * 1000 - 1) == []
    events = world.tick(timeout_s * 1000)
    assert types(events) == [
        "reservation.timeout",
        "worker.activity.update",
        "workflow.target-matched",
        "reservation.created",
    ]
    assert world.made(events, ev.WorkflowTargetMatched).re_evaluated_reason == "reservation_timeout"
    assert world.now(ann).activity == world.activity("Offline").no
    assert world.offered_to(task) == ["bob"]


def test_an_available_timeout_activity_leaves_the_worker_eligible(world: World) -> None:
    """[routing 3.3, inferred]"""
    world.desk()
    world.worker("ann")
    world.do(cmd.UpdateWorkspace(values={"timeout_activity_sid": world.activity("Available").sid}))
    task = world.task(at_ms=0)
    world.tick(120_000)
    assert world.offered_to(task) == ["ann"]


def test_a_changed_reservation_timeout_counts_for_later_offers(world: World) -> None:
    """[routing 3.3, sdk-test]"""
    queue = world.queue()
    flow = world.workflow(default=queue)
    world.worker()
    first = world.pending(world.task(at_ms=0))[0]
    world.do(cmd.UpdateWorkflow(workflow=flow.sid, values={"task_reservation_timeout": 7}))
    assert world.now(first).deadline_ms == START_MS + 120_000
    world.answer(first, "rejected")
    assert next(iter(world.state.reservations.values())).deadline_ms == START_MS + 7_000


def test_an_accepted_reservation_lapses_no_more(world: World) -> None:
    """24 hours from then on. [routing 1.7, docs: limits + docs: task state]"""
    world.desk()
    world.worker()
    world.accepted(world.task(at_ms=0), at_ms=1_000)
    assert world.state.next_deadline_ms() == START_MS + 1_000 + 86_400_000


# --- failed assignment callbacks ----------------------------------------------------------------------------------


def test_failed_callbacks_pause_the_task_for_a_time_that_doubles(world: World) -> None:
    """From 1 s to 60 s (ours); an acceptance ends it. [wire 3, observed] [design 7, ours]"""
    world.desk()
    world.worker("ann")
    task = world.task(at_ms=0)
    pauses, now_ms = [], 0
    for _ in range(8):
        events = world.do(cmd.FailAssignment(reservation=world.pending(task)[0].sid))
        assert types(events) == ["reservation.canceled", "workflow.target-matched"]
        assert world.made(events, ev.WorkflowTargetMatched).re_evaluated_reason == "reservation_canceled"
        due_ms = world.state.next_deadline_ms()
        assert due_ms is not None
        pauses.append(due_ms - START_MS - now_ms)
        now_ms = due_ms - START_MS
        assert types(world.tick(now_ms)) == ["reservation.created"]
    assert pauses == [1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000]
    world.accepted(task)
    assert world.now(task).failures == 0


def test_a_paused_task_is_offered_to_nobody_but_its_targets_time_goes_on(world: World) -> None:
    """[routing 4.3, inferred] [design 7, ours]"""
    queue = world.queue()
    world.workflow(("1==1", {"queue": queue, "timeout": 1}))
    world.worker("ann")
    task = world.task(at_ms=0)
    world.do(cmd.FailAssignment(reservation=world.pending(task)[0].sid), 500)
    world.worker("bob")
    assert world.offered_to(task) == []
    assert "workflow.timeout" in types(world.tick(1_000))


def test_a_failed_callback_of_one_of_several_offers_leaves_the_others(world: World) -> None:
    """[routing 3.5, docs: task state]"""
    task, offers = three_offers(world)
    assert types(world.do(cmd.FailAssignment(reservation=offers[0].sid))) == ["reservation.canceled"]
    assert world.now(task).status == "reserved"
    assert world.now(task).paused_until_ms is None


def test_a_failed_callback_of_an_answered_offer_is_nothing(world: World) -> None:
    """design 3: its reply changes nothing any more"""
    world.desk()
    world.worker()
    reservation = world.accepted(world.task())
    assert world.do(cmd.FailAssignment(reservation=reservation.sid)) == []


# --- without multitasking -----------------------------------------------------------------------------------------


@pytest.fixture
def single() -> World:
    world = World(multi_task_enabled=False)
    world.desk(
        reservation_activity_sid=world.activity("Reserved").sid,
        assignment_activity_sid=world.activity("Busy").sid,
    )
    return world


def activity_of(world: World, task: Task | Reservation) -> str:
    worker = next(iter(world.state.workers.values()))
    del task
    return world.state.activities[worker.activity].friendly_name


def test_single_tasking_moves_workers_to_reserved_and_busy_and_leaves_them_there(single: World) -> None:
    """[routing 1.5, docs: task-queue + docs: activity] [routing 3.1, sdk-test]"""
    single.worker("ann", activity="Idle")
    events = single.do(cmd.CreateTask(values={}))
    assert types(events)[-2:] == ["worker.activity.update", "reservation.created"]
    offer = single.made(events, ev.ReservationCreated)
    assert (activity_of(single, offer.task), offer.worker.version) == ("Reserved", 3)
    events = single.answer(offer.reservation, "accepted", at_ms=2_500)
    assert types(events) == ["worker.activity.update", "reservation.accepted"]
    accepted = single.made(events, ev.ReservationAccepted)
    assert accepted.previous_activity == single.activity("Reserved").no
    assert accepted.previous_ms == 2_500
    single.update_task(offer.task, assignment_status="completed")
    assert activity_of(single, offer.task) == "Busy"


@pytest.mark.parametrize("how", ["reject", "cancel", "delete", "fail"])
def test_single_tasking_gives_the_activity_back_if_the_offer_comes_to_nothing(single: World, how: str) -> None:
    """[routing 3.1, docs: reservations] [routing 3.1, inferred]"""
    single.do(cmd.UpdateWorkspace(values={"timeout_activity_sid": single.activity("Idle").sid}))
    ann = single.worker("ann", activity="Idle")
    task = single.task()
    offer = single.pending(task)[0]
    commands: dict[str, cmd.Command] = {
        "reject": answering(offer, "rejected"),
        "cancel": cmd.UpdateTask(task=task.sid, values={"assignment_status": "canceled"}),
        "delete": cmd.DeleteTask(task=task.sid),
        "fail": cmd.FailAssignment(reservation=offer.sid),
    }
    events = single.do(commands[how])
    moves = [event.worker.activity for event in events if isinstance(event, ev.WorkerActivityUpdated)]
    assert moves[0] == single.activity("Idle").no
    assert single.now(ann).activity == single.activity("Reserved" if how == "reject" else "Idle").no, (
        "after a reject the only worker is asked again"
    )


def test_single_tasking_keeps_an_activity_that_was_changed_meanwhile(single: World) -> None:
    """[routing 3.1, inferred]"""
    ann = single.worker("ann", activity="Idle")
    task = single.task()
    single.move(ann, "Offline")
    single.answer(single.pending(task)[0], "rejected")
    assert single.now(ann).activity == single.activity("Offline").no


def test_single_tasking_rescinds_give_the_activity_back_too() -> None:
    """[routing 3.1, inferred]"""
    world = World(multi_task_enabled=False)
    world.desk(max_reserved_workers=2, reservation_activity_sid=world.activity("Reserved").sid)
    ann, bob = world.worker("ann", activity="Idle"), world.worker("bob", activity="Idle")
    world.accepted(world.task())
    assert world.now(ann).activity == world.activity("Reserved").no
    assert world.now(bob).activity == world.activity("Idle").no


def test_single_tasking_never_gives_a_worker_two_live_reservations(single: World) -> None:
    """Not even in an activity that is available, nor on another channel, nor by a direct task.
    [routing 1.5, conflict + inferred] [design 7, ours]"""
    queue = next(iter(single.state.queues.values()))
    idle = single.activity("Idle").sid
    values = {"reservation_activity_sid": idle, "assignment_activity_sid": idle}
    single.do(cmd.UpdateTaskQueue(queue=queue.sid, values=values))
    ann = single.worker("ann", activity="Idle")
    first = single.task()
    other, direct = single.task(task_channel="chat"), single.task(routing_target=ann.sid)
    single.accepted(first)
    assert [single.offered_to(task) for task in (other, direct)] == [[], []]
    single.update_task(first, assignment_status="completed")
    assert [single.offered_to(task) for task in (other, direct)] == [["ann"], []]


def test_multitasking_ignores_reservation_and_assignment_activities(world: World) -> None:
    """[routing 1.5, docs: activity + docs: multitasking]"""
    offline = world.activity("Offline").sid
    world.desk(reservation_activity_sid=offline, assignment_activity_sid=offline)
    ann = world.worker()
    world.accepted(world.task())
    assert world.now(ann).activity == world.activity("Available").no


def test_turning_multitasking_on_frees_workers_for_more() -> None:
    """[routing 1.1, oai]"""
    world = World(multi_task_enabled=False)
    world.desk()
    ann = world.worker("ann", activity="Idle")
    world.task()
    waiting, direct = world.task(task_channel="chat"), world.task(routing_target=ann.sid)
    world.do(cmd.UpdateWorkspace(values={"multi_task_enabled": True}))
    assert [world.offered_to(task) for task in (waiting, direct)] == [["ann"], ["ann"]]
    refused = world.refused(cmd.UpdateWorkspace(values={"multi_task_enabled": False}))
    assert str(refused) == "MultiTaskEnabled can't be turned off again in a workspace that has multitasking"
