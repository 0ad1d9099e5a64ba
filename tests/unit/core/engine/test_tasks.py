"""Tasks from their creation to each of their ends; direct tasks; the order of events."""

from __future__ import annotations

import pytest

from pointsman.core import commands as cmd
from pointsman.core import events as ev
from pointsman.core.errors import Invalid, InvalidTransition, VersionMismatch
from pointsman.core.limits import Limits
from pointsman.core.types import Task
from tests.world import START_MS, World, types

DAY_MS = 86_400_000


@pytest.fixture
def world() -> World:
    world = World()
    world.desk()
    return world


def place(world: World) -> str:
    return f"workspace {world.state.workspace.sid} for account {world.state.workspace.account_sid}"


def ending(task: Task, status: str, **values: object) -> cmd.UpdateTask:
    return cmd.UpdateTask(task=task.sid, values={"assignment_status": status, **values})


# --- creating -----------------------------------------------------------------------------------------------------


def test_a_new_task_names_its_queue_from_the_start(world: World) -> None:
    """As `task.created` holds it, even if the same step went on to reserve a worker. [routing 1.7, oai + docs: limits]
    [routing 1.7, oai] [routing 2.1, docs: task state + code: payload]
    [routing 4.2, docs: workflow-configuration + docs: event reference] [wire 4.1, observed] [design 7, ours]"""
    world.worker()
    events = world.do(cmd.CreateTask(values={}))
    assert types(events) == [
        "task.created",
        "workflow.entered",
        "workflow.target-matched",
        "task-queue.entered",
        "reservation.created",
    ]
    task = world.made(events, ev.TaskCreated).task
    assert (task.status, task.version, task.priority, task.timeout_s) == ("pending", 0, 0, 86_400)
    assert task.queue is not None
    assert task.queue_entered_ms == task.created_ms == task.virtual_start_ms


def test_the_workflow_may_be_left_out_only_if_there_is_one(world: World) -> None:
    """[routing 4.9, oai]"""
    queue = next(iter(world.state.queues.values()))
    world.workflow(default=queue)
    assert str(world.refused(cmd.CreateTask(values={}))) == (
        f"WorkflowSid is required: {place(world)} has 2 workflows, and only where there is exactly one may it be "
        "left out"
    )


@pytest.mark.parametrize(
    ("values", "text"),
    [
        ({"workflow_sid": "WW" + "f" * 32}, "WorkflowSid WWf"),
        ({"task_queue_sid": "WQ" + "f" * 32}, "TaskQueueSid WQf"),
        ({"routing_target": "WK" + "f" * 32}, "RoutingTarget WKf"),
        ({"routing_target": "WT" + "f" * 32}, "RoutingTarget WTf"),
        ({"task_channel": "fax"}, "TaskChannel fax does not exist"),
        ({"virtual_start_time": START_MS + 1}, "VirtualStartTime can't be in the future"),
        ({"ignore_capacity": True}, "IgnoreCapacity is for tasks whose RoutingTarget is a worker"),
    ],
)
def test_parameters_that_name_nothing_are_refused(world: World, values: dict[str, object], text: str) -> None:
    """[routing 4.9, sdk-test]; rest-api 9.2 [oai][inferred]"""
    refused = world.refused(cmd.CreateTask(values=values))
    assert isinstance(refused, Invalid)
    assert str(refused).startswith(text)


# --- the ends -----------------------------------------------------------------------------------------------------


def test_time_to_live_runs_from_creation_while_pending_or_reserved(world: World) -> None:
    """[routing 2.2, oai] [routing 2.3, inferred]; rest-api 9.5: the reason [oai]"""
    world.worker("ann")
    reserved, pending = (world.task(at_ms=0, timeout=100) for _ in range(2))
    world.tick(99_999)
    events = world.tick(100_000)
    assert types(events) == [
        "reservation.canceled",
        "task.canceled",
        "task.updated",
        "task.canceled",
        "task.updated",
    ]
    reasons = [event.reason for event in events if isinstance(event, ev.TaskCanceled)]
    assert reasons == ["Task TTL Exceeded"] * 2
    assert not world.state.tasks
    del reserved, pending


def test_an_assigned_task_lives_for_24_hours_from_its_acceptance(world: World) -> None:
    """[routing 1.7, docs: limits + docs: task state] [routing 2.1, docs: limits] [routing 2.1, conflict]"""
    world.worker("ann")
    task = world.task(at_ms=0, timeout=10)
    world.accepted(task, at_ms=9_000)
    world.run_until(9_000 + DAY_MS - 1)
    assert world.now(task).status == "assigned"
    events = world.tick(9_000 + DAY_MS)
    assert types(events) == ["reservation.completed", "task.system-deleted"]


def test_wrapping_by_the_task_keeps_capacity_and_tells_the_reason(world: World) -> None:
    """[routing 1.4, docs: multitasking] [routing 2.1, sdk-test + docs: js-sdk-v1] [routing 2.3, sdk] [wire 3, observed]
    [wire 4.4, observed]"""
    ann = world.worker("ann")
    task = world.task()
    world.accepted(task)
    events = world.update_task(task, assignment_status="wrapping", reason="hangup")
    assert types(events) == ["reservation.wrapup", "task.wrapup", "task.updated"]
    assert [getattr(event, "reason", None) for event in events] == ["hangup"] * 3
    wrapped = world.made(events, ev.ReservationWrapup)
    assert (wrapped.task.version, wrapped.reservation.version, wrapped.worker.version) == (3, 2, 2)
    assert not world.state.is_free(ann.no, task.channel)


def test_completing_ends_the_reservation_too_and_frees_the_worker(world: World) -> None:
    """Versions 4 and 3. [routing 2.3, sdk-test + docs: event reference] [wire 3, observed] [wire 4.5, observed]"""
    world.worker("ann")
    task = world.task()
    world.accepted(task)
    world.update_task(task, assignment_status="wrapping")
    waiting = world.task()
    events = world.update_task(task, assignment_status="completed", reason="done")
    assert types(events) == ["task.completed", "reservation.completed", "task.updated", "reservation.created"]
    completed = world.made(events, ev.ReservationCompleted)
    assert (completed.task.version, completed.reservation.version) == (4, 3)
    assert completed.task.reason == "done"
    assert world.offered_to(waiting) == ["ann"]


@pytest.mark.parametrize("status", ["wrapping", "completed"])
def test_a_reservations_end_is_its_tasks(world: World, status: str) -> None:
    """When it is the last live one. [routing 2.3, sdk-test] [routing 3.1, docs: reservations]"""
    world.worker("ann")
    events = world.answer(world.accepted(world.task()), status)
    names = {"wrapping": "task.wrapup", "completed": "task.completed"}
    assert names[status] in types(events)


def test_canceling_a_reserved_task_cancels_its_offer_first(world: World) -> None:
    """The task in the payload is canceled already, the code is 0. [routing 2.3, sdk-test] [routing 2.3, inferred]
    [routing 3.1, sdk-test] [wire 3, observed] [wire 4.6, observed]"""
    world.worker("ann")
    task = world.task()
    events = world.update_task(task, assignment_status="canceled", reason="gone")
    assert types(events) == ["reservation.canceled", "task.canceled", "task.updated"]
    canceled = world.made(events, ev.ReservationCanceled)
    assert (canceled.task.status, canceled.task.version, canceled.reservation.version) == ("canceled", 2, 1)
    assert (canceled.reservation.canceled_reason_code, canceled.reason) == (0, "gone")


@pytest.mark.parametrize(
    ("state", "wanted", "text"),
    [
        ("pending", "completed", "Cannot complete task {task} in {place} because it is not currently assigned."),
        ("pending", "wrapping", "Cannot wrap up a task {task} in {place} because it's not currently assigned"),
        ("assigned", "canceled", "Cannot cancel task {task} in {place} because it is not pending or reserved."),
        ("wrapping", "wrapping", "Cannot wrap up a task {task} in {place} because it's not currently assigned"),
        ("pending", "assigned", "Cannot set task {task} in {place} to assigned: an update may set canceled, "
         "wrapping or completed"),
    ],
)  # fmt: skip
def test_moves_that_the_state_does_not_allow_are_refused_in_the_recorded_words(
    world: World, state: str, wanted: str, text: str
) -> None:
    """[routing 2.1, inferred] [wire 6, observed]; rest-api 9.3"""
    if state != "pending":
        world.worker("ann")
    task = world.task()
    if state != "pending":
        world.accepted(task)
    if state == "wrapping":
        world.update_task(task, assignment_status="wrapping")
    refused = world.refused(ending(task, wanted))
    assert isinstance(refused, InvalidTransition)
    assert str(refused) == text.format(task=task.sid, place=place(world))


def test_the_present_status_again_is_nothing(world: World) -> None:
    """rest-api 9.3 [inferred]"""
    assert world.update_task(world.task(), assignment_status="pending") == []


def test_an_ended_task_can_be_deleted_but_not_changed(world: World) -> None:
    """rest-api 9.4, 9.6 [inferred][obs]"""
    task = world.task()
    ended = world.made(world.update_task(task, assignment_status="canceled"), ev.TaskCanceled).task
    world.state.lend(ended)
    refused = world.refused(cmd.UpdateTask(task=task.sid, values={"priority": 1}))
    assert str(refused) == f"Cannot update task {task.sid} in {place(world)} because it is canceled."
    world.state.lend(ended)
    assert types(world.do(cmd.DeleteTask(task=task.sid))) == ["task.deleted"]


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        ("pending", ["task.deleted"]),
        ("reserved", ["reservation.canceled", "task.deleted"]),
        ("assigned", ["reservation.completed", "task.deleted"]),
        ("wrapping", ["reservation.completed", "task.deleted"]),
    ],
)
def test_a_task_may_be_deleted_in_any_state(world: World, state: str, expected: list[str]) -> None:
    """[routing 2.1, docs: event reference] [routing 2.3, sdk-test] [routing 2.3, inferred]; rest-api 9.6 [obs]"""
    if state != "pending":
        world.worker("ann")
    task = world.task()
    if state in ("assigned", "wrapping"):
        world.accepted(task)
    if state == "wrapping":
        world.update_task(task, assignment_status="wrapping")
    assert types(world.do(cmd.DeleteTask(task=task.sid))) == expected
    assert not world.state.tasks
    assert not world.state.reservations
    assert not world.state.held


def test_status_and_attributes_may_come_together(world: World) -> None:
    """[routing 2.1, inferred]; rest-api 9.3: a clone may apply both [inferred]"""
    world.worker("ann")
    task = world.task()
    world.accepted(task)
    events = world.update_task(task, assignment_status="completed", attributes='{"a":1}')
    assert types(events)[0] == "task.updated"
    assert world.made(events, ev.TaskCompleted).task.attributes == '{"a":1}'


def test_another_version_than_the_callers_is_refused(world: World) -> None:
    """[routing 2.1, docs: task + oai]; rest-api 1.8 [oai]"""
    task = world.task()
    assert isinstance(world.refused(cmd.UpdateTask(task=task.sid, values={}, if_version=3)), VersionMismatch)
    assert isinstance(world.refused(cmd.DeleteTask(task=task.sid, if_version=3)), VersionMismatch)
    assert world.do(cmd.UpdateTask(task=task.sid, values={"priority": 4}, if_version=0))


def test_an_update_always_raises_the_version(world: World) -> None:
    """[design 7, ours]"""
    task = world.task()
    world.update_task(task, priority=0)
    assert world.now(task).version == 1


def test_a_changed_channel_checks_capacity_there(world: World) -> None:
    """[routing 2.1, oai]; rest-api 9.2 [inferred]"""
    world.worker("ann")
    world.accepted(world.task())
    waiting = world.task()
    assert world.offered_to(waiting) == []
    world.update_task(waiting, task_channel="chat")
    assert world.offered_to(waiting) == ["ann"]


def test_after_so_many_rounds_a_task_is_canceled(world: World) -> None:
    """1,000, here 3. [routing 1.7, docs: limits] [routing 2.2, code]
    [routing 3.2, docs: reservations + docs: limits]"""
    world.state.limits = Limits(assignments_max=3)
    world.worker("ann")
    task = world.task()
    for _ in range(2):
        world.answer(world.pending(task)[0], "rejected")
    events = world.answer(world.pending(task)[0], "rejected")
    assert types(events) == ["reservation.rejected", "task.canceled", "task.updated"]
    reason = "Task TTL Exceeded or Max assignment count exceeded"
    assert world.made(events, ev.TaskCanceled).reason == reason


# --- direct tasks -------------------------------------------------------------------------------------------------


def test_a_direct_task_ignores_capacity_and_availability(world: World) -> None:
    """Offline, and capacity 0. [routing 4.9, oai + blog: changelog 2024-07-01] [routing 4.9, oai + sdk-test]"""
    ann = world.worker("ann", activity="Offline")
    world.channel(ann, capacity=0)
    task = world.task(routing_target=ann.sid)
    assert world.offered_to(task) == ["ann"]
    assert (task.queue, task.workflow, task.ignore_capacity) == (None, None, True)


def test_a_direct_task_may_respect_both(world: World) -> None:
    """[routing 4.9, oai + sdk-test]"""
    ann = world.worker("ann", activity="Offline")
    world.worker("bob")
    task = world.task(routing_target=ann.sid, ignore_capacity=False)
    assert world.offered_to(task) == []
    world.move(ann, "Available")
    assert world.offered_to(task) == ["ann"]
    assert world.now(task).reserve_by_ms is None


@pytest.mark.parametrize("how", ["rejected", "lapsed", "failed"])
def test_a_direct_task_is_not_offered_again(world: World, how: str) -> None:
    """[routing 2.2, sdk-test] [routing 4.9, sdk-test + inferred]"""
    ann = world.worker("ann")
    task = world.task(routing_target=ann.sid, at_ms=0)
    offer = world.pending(task)[0]
    if how == "rejected":
        events = world.answer(offer, "rejected")
    elif how == "lapsed":
        events = world.tick(120_000)
    else:
        events = world.do(cmd.FailAssignment(reservation=offer.sid))
    reason = f"RoutingTarget not available for Reservation acceptance: {ann.sid}"
    assert world.made(events, ev.TaskCanceled).reason == reason


def test_a_direct_task_that_cant_be_reserved_in_time_fails(world: World) -> None:
    """[routing 2.2, sdk-test fixture]
    [routing 3.1, sdk + docs: event reference] [routing 4.9, sdk + inferred]"""
    world = World(multi_task_enabled=False)
    world.desk()
    ann = world.worker("ann", activity="Idle")
    world.task()
    task = world.task(routing_target=ann.sid, at_ms=0)
    assert world.offered_to(task) == [], "she has a live reservation"
    events = world.tick(5_000)
    assert types(events) == ["reservation.failed", "task.canceled", "task.updated"]
    reason = "RoutingTarget SLA for Reservation creation was not met"
    assert world.made(events, ev.TaskCanceled).reason == reason


def test_a_task_for_a_queue_goes_straight_there(world: World) -> None:
    """[routing 4.9, oai + blog: changelog 2024-07-01]"""
    queue = world.queue("direct", "level > 5")
    world.worker("ann", {"level": 6})
    task = world.task(routing_target=queue.sid)
    assert (task.queue, task.workflow, task.place) == (queue.no, None, None)
    assert world.offered_to(task) == ["ann"]
    assert world.pending(task)[0].deadline_ms == task.created_ms + 120_000
    events = world.update_task(task, attributes='{"a":1}')
    assert types(events) == ["task.updated"], "it goes by no rules"


def test_a_task_for_a_workflow_is_as_with_its_sid(world: World) -> None:
    """[routing 4.9, oai + blog: changelog 2024-07-01]"""
    queue = world.queue("second")
    flow = world.workflow(default=queue)
    task = world.task(routing_target=flow.sid)
    assert (task.workflow, task.queue) == (flow.no, queue.no)


def test_an_outbound_task_has_workflow_queue_and_worker(world: World) -> None:
    """The worker SDK's createTask. [routing 4.9, sdk + sdk-test]"""
    queue = next(iter(world.state.queues.values()))
    flow = next(iter(world.state.workflows.values()))
    ann = world.worker("ann", activity="Offline")
    world.worker("bob")
    task = world.task(workflow_sid=flow.sid, task_queue_sid=queue.sid, routing_target=ann.sid)
    assert world.offered_to(task) == ["ann"]
    offer = world.pending(task)[0]
    assert (offer.queue, offer.workflow) == (queue.no, flow.no)


def test_a_reason_may_be_given_without_a_move(world: World) -> None:
    """[routing 2.1, sdk-test + docs: js-sdk-v1]; rest-api 9.2: stored in `reason`"""
    task = world.task()
    events = world.update_task(task, reason="customer called back")
    assert types(events) == ["task.updated"]
    assert world.state.tasks[task.no].reason == "customer called back"
