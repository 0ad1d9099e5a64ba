"""What can be configured, what a new workspace holds, and what can't be removed while it is used."""

from __future__ import annotations

import json

import pytest

from pointsman.core import commands as cmd
from pointsman.core import events as ev
from pointsman.core.engine.state import State
from pointsman.core.engine.step import step
from pointsman.core.errors import InUse, Invalid, NotFound, TooManyAvailable
from pointsman.core.ids import CountingIds
from pointsman.core.limits import Limits
from pointsman.core.types import AccountSid, Millis, WorkspaceSid
from tests.world import World, configuration, types


@pytest.fixture
def world() -> World:
    return World()


def place(world: World) -> str:
    return f"workspace {world.state.workspace.sid} for account {world.state.workspace.account_sid}"


# --- a new workspace ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("multi", "expected"),
    [
        (True, [("Offline", False), ("Available", True), ("Unavailable", False)]),
        (False, [("Offline", False), ("Idle", True), ("Busy", False), ("Reserved", False)]),
    ],
)
def test_a_new_workspace_has_activities_and_five_channels(multi: bool, expected: list[tuple[str, bool]]) -> None:
    """[routing 1.1, oai] [routing 1.1, inferred] [routing 1.2, docs: activity] [routing 1.2, inferred]
    [routing 1.4, docs: multitasking + sdk-test]"""
    state = World(multi_task_enabled=multi).state
    assert [(each.friendly_name, each.available) for each in state.activities.values()] == expected
    assert sorted(each.unique_name for each in state.channels.values()) == ["chat", "default", "sms", "video", "voice"]
    offline = next(iter(state.activities))
    assert state.workspace.default_activity == state.workspace.timeout_activity == offline
    assert state.workspace.prioritize_queue_order == "FIFO"
    assert World().state.workspace.multi_task_enabled
    assert not state.queues


def test_the_fifo_template_brings_a_queue_and_a_workflow() -> None:
    """[routing 1.1, oai] [routing 1.1, code: event payloads + sdk-test] [routing 1.2, sdk-test]; rest-api 2.3 [obs]"""
    world = World(template="FIFO")
    queue, flow = next(iter(world.state.queues.values())), next(iter(world.state.workflows.values()))
    assert (queue.friendly_name, queue.target_workers) == ("Sample Queue", "1==1")
    assert flow.friendly_name == "Default Fifo Workflow"
    assert len(world.state.activities) == 3
    world.worker("ann")
    assert world.offered_to(world.task()) == ["ann"]


def test_a_deleted_workspace_answers_nothing_any_more() -> None:
    """rest-api 2.4 [inferred]"""
    state, ids = State(), CountingIds()
    sid = WorkspaceSid("WS" + "1" * 32)
    values = {"friendly_name": "W"}
    step(state, cmd.CreateWorkspace(sid=sid, account_sid=AccountSid("AC"), values=values), Millis(1), ids)
    mark = state.mark()
    assert types(step(state, cmd.DeleteWorkspace(), Millis(2), ids).events) == ["workspace.deleted"]
    assert state.mark() == mark, "the store sees to what is in it"
    with pytest.raises(NotFound):
        step(state, cmd.Tick(), Millis(3), ids)


# --- names, limits, updates ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("command", "text"),
    [
        (cmd.CreateActivity(values={"friendly_name": "offline"}), "Activity named offline already exists for {}"),
        (cmd.CreateTaskQueue(values={"friendly_name": "Desk"}), "Queue named Desk already exists for {}"),
        (
            cmd.CreateWorkflow(values={"friendly_name": "flow", "configuration": '{"task_routing":{}}'}),
            "Workflow named flow already exists for {}",
        ),
        (
            cmd.CreateTaskChannel(values={"friendly_name": "x", "unique_name": "voice"}),
            "TaskChannel voice already exists for {}",
        ),
    ],
)
def test_names_are_given_once(world: World, command: cmd.Command, text: str) -> None:
    """For the queue's text; the others follow it. [wire 6, observed]"""
    world.workflow(default=world.queue("Desk"), name="Flow")
    assert str(world.refused(command)) == text.format(place(world))


def test_there_are_limits_to_how_many(world: World) -> None:
    """[routing 1.2, docs: activity + oai] [routing 1.3, docs: worker + docs: limits] [routing 1.6, docs: task-queue]"""
    world.state.limits = Limits(activities_max=3, task_queues_max=0, workers_max=0)
    values = {"friendly_name": "one more"}
    for command in (
        cmd.CreateActivity(values=values),
        cmd.CreateTaskQueue(values=values),
        cmd.CreateWorker(values=values),
    ):
        assert str(world.refused(command)).startswith("There are already ")


def test_so_many_workers_may_be_available_at_once(world: World) -> None:
    """[dict 14240]; off unless the operator sets it"""
    world.state.limits = Limits(available_workers_max=1)
    available, away = world.activity("Available"), world.activity("Offline")
    ann = world.worker("ann")
    values = {"friendly_name": "bob", "activity_sid": available.sid}
    assert isinstance(world.refused(cmd.CreateWorker(values=values)), TooManyAvailable)
    bob = world.worker("bob", activity="Offline")
    to_available = cmd.UpdateWorker(worker=bob.sid, values={"activity_sid": available.sid})
    assert isinstance(world.refused(to_available), TooManyAvailable)
    assert world.do(cmd.UpdateWorker(worker=ann.sid, values={"activity_sid": available.sid})) == [], "it is one already"
    world.do(cmd.UpdateWorker(worker=ann.sid, values={"activity_sid": away.sid}))
    assert world.do(to_available)


def test_an_update_of_nothing_is_no_event(world: World) -> None:
    """[inferred]"""
    queue = world.desk()
    flow = next(iter(world.state.workflows.values()))
    commands: list[cmd.Command] = [
        cmd.UpdateWorkspace(values={}),
        cmd.UpdateActivity(activity=world.activity("Offline").sid, values={"friendly_name": "Offline"}),
        cmd.UpdateTaskQueue(queue=queue.sid, values={"target_workers": "1==1", "task_order": "FIFO"}),
        cmd.UpdateWorkflow(workflow=flow.sid, values={}),
        cmd.UpdateTaskChannel(channel="voice", values={}),
    ]
    for command in commands:
        assert world.do(command) == []


def test_words_that_events_quote_are_counted(world: World) -> None:
    """design 3: an event quotes a version of a text"""
    queue = world.queue("a")
    world.do(cmd.UpdateTaskQueue(queue=queue.sid, values={"max_reserved_workers": 5}))
    assert world.now(queue).text == 0
    world.do(cmd.UpdateTaskQueue(queue=queue.sid, values={"target_workers": "1==2"}))
    assert world.now(queue).text == 1


def test_a_queues_expression_must_parse(world: World) -> None:
    """[routing 5.5, inferred]"""
    values = {"friendly_name": "q", "target_workers": "vip"}
    text = str(world.refused(cmd.CreateTaskQueue(values=values)))
    assert text.startswith("TargetWorkers is not a valid expression: ")
    assert "a comparison is required" in text


@pytest.mark.parametrize("name", ["reservation_activity_sid", "assignment_activity_sid"])
def test_a_queues_activities_must_exist_and_may_be_taken_back(world: World, name: str) -> None:
    """rest-api 7.2 [oai][inferred]"""
    offline = world.activity("Offline")
    field = name.removesuffix("_sid")
    queue = world.queue(**{name: offline.sid})
    assert getattr(queue, field) == offline.no
    world.do(cmd.UpdateTaskQueue(queue=queue.sid, values={name: ""}))
    assert getattr(world.now(queue), field) is None
    refused = world.refused(cmd.UpdateTaskQueue(queue=queue.sid, values={name: "WA" + "f" * 32}))
    assert isinstance(refused, Invalid)


def test_a_configuration_may_only_name_queues_that_exist(world: World) -> None:
    """[routing 4.1, inferred]; rest-api 8.3 [docs: workflows]; an update that fails changes nothing"""
    flow = world.workflow(default=world.queue())
    document = json.dumps({"task_routing": {"default_filter": {"queue": "WQ" + "f" * 32}}})
    refused = world.refused(cmd.UpdateWorkflow(workflow=flow.sid, values={"configuration": document}))
    assert str(refused) == (
        f"Configuration: default_filter.queue names TaskQueue WQ{'f' * 32}, which does not exist in {place(world)}"
    )


# --- removing -----------------------------------------------------------------------------------------------------


def test_an_activity_in_use_cant_be_deleted(world: World) -> None:
    """[routing 1.2, inferred]; rest-api 3.3 [inferred]"""
    default = cmd.DeleteActivity(activity=world.activity("Offline").sid)
    assert "the workspace's default or timeout activity" in str(world.refused(default))
    ann = world.worker(activity="Unavailable")
    used = cmd.DeleteActivity(activity=world.activity("Unavailable").sid)
    assert "because workers or task queues use it" in str(world.refused(used))
    world.move(ann, "Available")
    queue = world.queue(assignment_activity_sid=used.activity)
    assert isinstance(world.refused(used), InUse)
    world.do(cmd.DeleteTaskQueue(queue=queue.sid))
    assert types(world.do(used)) == ["activity.deleted"]


def test_a_queue_in_use_cant_be_deleted(world: World) -> None:
    """[routing 1.6, docs: task-queue + support: Managing TaskRouter Workflows]"""
    queue, other = world.queue(), world.queue()
    flow = world.workflow(("a == 1", {"queue": other, "timeout": 5}, {"queue": queue}), default=other)
    delete = cmd.DeleteTaskQueue(queue=queue.sid)
    assert str(world.refused(delete)) == (
        f"Cannot delete task queue {queue.sid} because workflow {flow.sid} sends tasks to it"
    )
    task = world.task({"a": 1})
    world.do(cmd.UpdateWorkflow(workflow=flow.sid, values={"configuration": configuration(default=other)}))
    assert "an older version of a workflow that waiting tasks follow" in str(world.refused(delete))
    world.update_task(task, assignment_status="canceled")
    assert types(world.do(delete)) == ["task-queue.deleted"]


def test_a_queue_with_tasks_cant_be_deleted(world: World) -> None:
    """Whether they wait or are worked on. [routing 1.6, docs: task-queue + support: Managing TaskRouter Workflows]"""
    queue = world.queue()
    world.worker("ann")
    task = world.task(routing_target=queue.sid)
    world.accepted(task)
    delete = cmd.DeleteTaskQueue(queue=queue.sid)
    assert "because tasks are waiting or being worked on in it" in str(world.refused(delete))
    world.update_task(task, assignment_status="completed")
    assert types(world.do(delete)) == ["task-queue.deleted"]


def test_a_workflow_with_waiting_tasks_cant_be_deleted(world: World) -> None:
    """rest-api 8.3 [docs: workflows]"""
    queue = world.desk()
    flow = next(iter(world.state.workflows.values()))
    world.worker("ann")
    task = world.task()
    delete = cmd.DeleteWorkflow(workflow=flow.sid)
    assert "because pending or reserved tasks are controlled by it" in str(world.refused(delete))
    world.accepted(task)
    assert types(world.do(delete)) == ["workflow.deleted"]
    assert world.state.configurations == {}
    events = world.update_task(task, assignment_status="completed")
    assert "task.completed" in types(events), "what was assigned goes on to its end"
    del queue


def test_built_in_and_used_channels_cant_be_deleted(world: World) -> None:
    """rest-api 4.3 [inferred]"""
    assert "it is one of the built-in five" in str(world.refused(cmd.DeleteTaskChannel(channel="voice")))
    world.desk()
    world.worker("ann")
    world.do(cmd.CreateTaskChannel(values={"friendly_name": "Fax", "unique_name": "fax"}))
    task = world.task(task_channel="fax")
    delete = cmd.DeleteTaskChannel(channel="fax")
    assert "because tasks that have not ended use it" in str(world.refused(delete))
    world.update_task(task, task_channel="chat")  # its offer goes with it
    events = world.do(delete)
    assert len(world.made(events, ev.TaskChannelDeleted).also) == 1


@pytest.mark.parametrize(
    "command",
    [
        cmd.UpdateActivity(activity="WA" + "f" * 32, values={}),
        cmd.DeleteWorker(worker="WT" + "0" * 31 + "1"),
        cmd.UpdateTaskQueue(queue="", values={}),
        cmd.DeleteTaskChannel(channel="fax"),
        cmd.UpdateTask(task="WT" + "f" * 32, values={}),
        cmd.FailAssignment(reservation="WR" + "f" * 32),
    ],
)
def test_what_does_not_exist_is_not_found(world: World, command: cmd.Command) -> None:
    """rest-api 1.12 [oai]"""
    assert isinstance(world.refused(command), NotFound)


def test_a_worker_channel_is_found_by_three_names_but_only_under_its_worker(world: World) -> None:
    """rest-api 6 [oai]"""
    ann, bob = world.worker("ann"), world.worker("bob")
    world.do(cmd.CreateTaskChannel(values={"friendly_name": "x", "unique_name": "WC_x"}))
    own = world.state.worker_channel(ann, "chat")
    for name in (own.sid, world.state.channel("chat").sid, "chat"):
        assert world.state.worker_channel(ann, name) == own
    assert world.state.worker_channel(ann, "WC_x").worker == ann.no
    refused = world.refused(cmd.UpdateWorkerChannel(worker=bob.sid, channel=own.sid, values={"capacity": 2}))
    assert isinstance(refused, NotFound)


@pytest.mark.parametrize("upper", [True, False])
def test_a_task_channel_cant_take_the_sid_of_another_for_its_name(world: World, upper: bool) -> None:
    """A sid always means what it is the sid of."""
    sid = world.state.channel("voice").sid
    name = sid.upper() if upper else sid.lower()
    values = {"friendly_name": "thief", "unique_name": name}
    assert "has the form of a task channel's sid" in str(world.refused(cmd.CreateTaskChannel(values=values)))
    assert world.state.channel(sid).unique_name == "voice"
