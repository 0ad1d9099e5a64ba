"""Every type of event is brought about over HTTP and compared key by key with `event_forms`: its callback as a real
receiver gets it, and the same event as the Events resource tells it.

`python -m tests.acceptance.test_event_forms` prints which test brings about which event.
"""

from __future__ import annotations

import functools
import json
import re
import sqlite3
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from pointsman.core.events import EVENT_TYPES
from tests.acceptance.conftest import Pointsman
from tests.acceptance.event_forms import BASE8, FORMS, LATER, NEEDS_A_TELEPHONE, NOT_SENT, Form, form_of
from tests.acceptance.scene import Body, Scene, Sink
from tests.spec import ABSENT, SPEC, recorded

pytestmark = pytest.mark.acceptance
Callback = dict[str, str]
PRODUCERS: dict[str, list[str]] = {}  # the name of a form: the tests that bring it about
DAY_MS = 86_400_000


def produces(*names: str) -> Callable[[Callable[[Scene], None]], Callable[[Scene], None]]:
    """Mark a test that brings about these forms; after it everything that was told is checked."""

    def mark(test: Callable[[Scene], None]) -> Callable[[Scene], None]:
        for name in names:
            PRODUCERS.setdefault(name, []).append(test.__name__)

        @functools.wraps(test)
        def run(scene: Scene) -> None:
            test(scene)
            seen = check_all(scene)
            assert set(names) <= seen, f"not told: {sorted(set(names) - seen)}"

        return run

    return mark


# --- checking -----------------------------------------------------------------------------------------------------


def check_all(scene: Scene) -> set[str]:
    """Every callback against its form, and against the Events resource; the names of the forms that came."""
    deleted = scene.ask("GET", "").status == 404
    told = scene.callbacks(last="workspace.deleted" if deleted else None)
    seen = {check(body).name for body in told}
    moments = [int(body["TimestampMs"]) for body in told]
    assert moments == sorted(moments)
    if not deleted:
        for body, event in zip(told, scene.log(), strict=True):
            check_event(body, event, scene)
    return seen


def check(body: Callback) -> Form:
    kind, keys = body["EventType"], frozenset(body)
    form = form_of(kind, keys)
    if form is None:
        near = [f"{each.name}: {sorted(keys ^ each.keys)}" for each in FORMS if each.type == kind]
        pytest.fail(f"{kind} has no form with these parameters; the differences are {near}")
    assert (body["ResourceType"], body["ResourceSid"]) == (form.about, body[form.resource])
    assert body["EventDescription"] == form.description.format_map(body)
    assert "" not in body.values()
    check_values(body)
    check_order(list(body))
    return form


def check_values(body: Callback) -> None:
    """What follows from other parameters [observed]."""
    assert int(body["Timestamp"]) == int(body["TimestampMs"]) // 1000
    if "TaskAge" in body:
        assert int(body["TaskAge"]) == int(body["Timestamp"]) - int(body["TaskDateCreated"])
    if "WorkerTimeInPreviousActivity" in body:
        assert int(body["WorkerTimeInPreviousActivity"]) == int(body["WorkerTimeInPreviousActivityMs"]) // 1000
    if "TaskCanceledReason" in body:
        assert body["TaskCanceledReason"] == body["Reason"]
    for name, value in body.items():
        if name.endswith(("Version", "Ms", "Date", "DateCreated", "Priority", "Capacity", "Count", "Code", "Started")):
            assert value.isdecimal(), name
        elif name.endswith("Sid"):
            assert re.fullmatch(r"[A-Z]{2}[0-9a-f]{32}", value), name
        elif name.endswith(("Available", "OptimizedRouting")):
            assert value in ("true", "false"), name


def check_order(names: list[str]) -> None:
    """As a Java HashMap gives them out: 16 buckets for up to 12 names, 32 for up to 24, 64 for up to 48 [observed]."""
    size = 16 if len(names) <= 12 else 32 if len(names) <= 24 else 64
    buckets = []
    for name in names:
        h = 0
        for character in name:
            h = (h * 31 + ord(character)) % 2**32
        buckets.append((h ^ h >> 16) % size)
    assert buckets == sorted(buckets)


def check_event(body: Callback, event: Body, scene: Scene) -> None:
    """The resource says what the callback said."""
    inside = {snake(name): value for name, value in body.items() if name not in BASE8.split()}
    moment = datetime.fromtimestamp(int(body["Timestamp"]), UTC)
    assert event["event_data"] == inside
    assert (event["sid"], event["event_type"]) == (body["Sid"], body["EventType"])
    assert (event["description"], event["account_sid"]) == (body["EventDescription"], body["AccountSid"])
    assert (event["resource_type"], event["resource_sid"]) == (body["ResourceType"], body["ResourceSid"])
    assert event["resource_url"].startswith(scene.server.url)
    assert event["resource_url"].endswith(f"/{body['ResourceSid']}")
    assert event["event_date_ms"] == int(body["TimestampMs"])
    assert event["event_date"] == moment.strftime("%Y-%m-%dT%H:%M:%SZ")
    assert event["workspace_sid"] == body["WorkspaceSid"] == scene.sid
    assert event["url"] == f"{scene.server.url}{scene.base}/Events/{event['sid']}"


def snake(name: str) -> str:
    return re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()


# --- the stage ----------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def sink() -> Iterator[Sink]:
    with Sink().open() as sink:
        yield sink


@pytest.fixture
def scene(server: Pointsman, sink: Sink, request: pytest.FixtureRequest) -> Scene:
    """An empty workspace with multitasking, whose URL for events was there from the start."""
    return Scene(server, sink, request.node.name.removeprefix("test_")[:64])


def floor(scene: Scene, workers: int = 1, **workflow: str) -> tuple[str, list[str]]:
    """A queue for everybody, a workflow that leads there, and so many available workers: (workflow, workers)."""
    flow = scene.workflow(default=scene.queue("Everybody"), **workflow)
    return flow, [scene.worker(f"worker {n}") for n in range(1, workers + 1)]


def versions(scene: Scene, task: str) -> list[tuple[str, str, str | None, str | None]]:
    """(type, TaskVersion, ReservationVersion, WorkerVersion) of the events about a task."""
    return [
        (body["EventType"], body["TaskVersion"], body.get("ReservationVersion"), body.get("WorkerVersion"))
        for body in scene.callbacks()
        if body.get("TaskSid") == task
    ]


# --- the configuration --------------------------------------------------------------------------------------------


@produces(
    "workspace.created", "workspace.updated", "workspace.deleted", "activity.created", "activity.updated",
    "activity.deleted", "task-channel.created", "task-channel.updated", "task-channel.deleted", "task-queue.created",
    "task-queue.updated", "task-queue.expression.updated", "task-queue.deleted", "workflow.created",
    "workflow.updated", "workflow.deleted",
)  # fmt: skip
def test_a_workspace_and_its_configuration_come_change_and_go(scene: Scene) -> None:
    activity = scene.post("/Activities", FriendlyName="Lunch", Available="false")["sid"]
    scene.post(f"/Activities/{activity}", FriendlyName="Dinner")
    scene.delete(f"/Activities/{activity}")
    channel = scene.post("/TaskChannels", FriendlyName="Fax", UniqueName="fax")["sid"]
    scene.post(f"/TaskChannels/{channel}", FriendlyName="Telefax", ChannelOptimizedRouting="true")
    scene.delete(f"/TaskChannels/{channel}")
    queue = scene.queue("Everybody")
    workflow = scene.workflow(default=queue)
    scene.post(f"/Workflows/{workflow}", FriendlyName="Stream")
    scene.delete(f"/Workflows/{workflow}")
    scene.post(f"/TaskQueues/{queue}", FriendlyName="All")
    scene.post(f"/TaskQueues/{queue}", TargetWorkers="1==1 AND name != 'x'")
    scene.delete(f"/TaskQueues/{queue}")
    scene.post("", FriendlyName="Renamed")
    assert scene.types() == [
        "workspace.created", *["activity.created"] * 3, *["task-channel.created"] * 5,
        "activity.created", "activity.updated", "activity.deleted",
        "task-channel.created", "task-channel.updated", "task-channel.deleted",
        "task-queue.created", "workflow.created", "workflow.updated", "workflow.deleted",
        "task-queue.updated", "task-queue.updated", "task-queue.expression.updated", "task-queue.deleted",
        "workspace.updated",
    ]  # fmt: skip
    check_all(scene)  # also as the Events resource has them, which goes with the workspace
    scene.delete("")
    told = scene.callbacks(last="workspace.deleted")
    names = [body["WorkspaceName"] for body in told]
    assert names == [scene.name] * (len(told) - 2) + ["Renamed"] * 2
    fax = [body for body in told if body.get("TaskChannelUniqueName") == "fax"]
    assert [body["TaskChannelName"] for body in fax] == ["Fax", "Telefax", "Telefax"]
    assert [body["TaskChannelOptimizedRouting"] for body in fax] == ["false", "true", "true"]
    own = [body for body in told if body.get("ActivitySid") == activity]
    assert [body["ActivityName"] for body in own] == ["Lunch", "Dinner", "Dinner"]


@produces(
    "worker.created", "worker.attributes.update", "worker.activity.update", "worker.capacity.update",
    "worker.channel.availability.update", "worker.deleted",
)  # fmt: skip
def test_a_worker_comes_changes_and_goes(scene: Scene) -> None:
    ann = scene.worker("ann", Attributes='{"place":"a/b"}')
    scene.post(f"/Workers/{ann}", Attributes='{"place":"c"}')
    scene.post(f"/Workers/{ann}", ActivitySid=scene.unavailable)
    scene.post(f"/Workers/{ann}/Channels/chat", Capacity="3", Available="false")
    scene.delete(f"/Workers/{ann}")
    mine = [body for body in scene.callbacks() if body.get("WorkerSid") == ann]
    assert [(body["EventType"], body["WorkerVersion"]) for body in mine] == [
        ("worker.created", "1"),
        ("worker.attributes.update", "2"),
        ("worker.activity.update", "3"),
        ("worker.capacity.update", "4"),
        ("worker.channel.availability.update", "5"),
        ("worker.deleted", "5"),
    ]
    assert (mine[2]["WorkerPreviousActivitySid"], mine[2]["WorkerActivitySid"]) == (scene.available, scene.unavailable)
    assert [body["TaskChannelUniqueName"] for body in mine[3:5]] == ["chat", "chat"]
    assert [body["WorkerChannelPreviousCapacity"] for body in mine[3:5]] == ["1", "1"]
    assert [body["WorkerChannelAvailableCapacity"] for body in mine[3:5]] == ["3", "3"]
    assert [body["WorkerChannelTaskCount"] for body in mine[3:5]] == ["0", "0"]
    assert mine[4]["WorkerChannelAvailable"] == "false"


# --- the life of a task ---------------------------------------------------------------------------------------------


@produces(
    "task.created", "workflow.entered", "workflow.target-matched: default filter", "task-queue.entered",
    "reservation.created", "reservation.accepted", "reservation.wrapup: with a reason", "task.wrapup: with a reason",
    "task.updated: wrapping with a reason", "task.completed", "reservation.completed", "task.updated",
)  # fmt: skip
def test_a_task_from_its_creation_to_its_end(scene: Scene) -> None:
    """Order and versions as observed."""
    floor(scene)
    task = scene.task(Attributes='{"place":"America/Los_Angeles"}', Priority="7")
    scene.accepted(task)
    scene.post(f"/Tasks/{task}", AssignmentStatus="wrapping", Reason="hung up")
    scene.post(f"/Tasks/{task}", AssignmentStatus="completed")
    assert versions(scene, task) == [
        ("task.created", "0", None, None),
        ("workflow.entered", "0", None, None),
        ("workflow.target-matched", "0", None, None),
        ("task-queue.entered", "0", None, None),
        ("reservation.created", "1", "0", "2"),
        ("reservation.accepted", "2", "1", "2"),
        ("reservation.wrapup", "3", "2", "2"),
        ("task.wrapup", "3", None, "2"),
        ("task.updated", "3", None, None),
        ("task.completed", "4", None, "2"),
        ("reservation.completed", "4", "3", "2"),
        ("task.updated", "4", None, None),
    ]
    told = [body for body in scene.callbacks() if body.get("TaskSid") == task]
    statuses = [body["TaskAssignmentStatus"] for body in told]
    assert statuses == ["pending"] * 4 + ["reserved", "assigned"] + ["wrapping"] * 3 + ["completed"] * 3
    assert {body["TaskPriority"] for body in told} == {"7"}
    accepted = told[5]
    assert accepted["WorkerTimeInPreviousActivityMs"] == accepted["WorkerTimeInPreviousActivity"] == "0"
    assert {body["Reason"] for body in told if "Reason" in body} == {"hung up"}


@produces("reservation.wrapup", "task.wrapup", "task.completed: with a reason", "reservation.completed")
def test_a_task_is_wrapped_without_a_reason_and_completed_with_one(scene: Scene) -> None:
    floor(scene)
    task = scene.task()
    reservation = scene.accepted(task)
    scene.answer(reservation, "wrapping")
    scene.post(f"/Tasks/{task}", AssignmentStatus="completed", Reason="solved")
    (completed,) = [body for body in scene.callbacks() if body["EventType"] == "task.completed"]
    assert completed["TaskCompletedReason"] == "solved"


@produces("reservation.accepted", "worker.activity.update")
def test_accepting_with_an_activity_tells_the_time_in_the_one_before(scene: Scene) -> None:
    floor(scene)
    (offer,) = scene.offers(scene.task())
    scene.answer(offer, "accepted", WorkerActivitySid=scene.unavailable)
    told = {body["EventType"]: body for body in scene.callbacks()}
    accepted, moved = told["reservation.accepted"], told["worker.activity.update"]
    assert accepted["WorkerActivitySid"] == moved["WorkerActivitySid"] == scene.unavailable
    assert accepted["WorkerPreviousActivitySid"] == moved["WorkerPreviousActivitySid"] == scene.available
    assert accepted["WorkerTimeInPreviousActivityMs"] == moved["WorkerTimeInPreviousActivityMs"]
    assert int(accepted["WorkerTimeInPreviousActivityMs"]) > 0


@produces("reservation.canceled: task canceled", "task.canceled", "task.updated: canceled")
def test_a_task_that_is_offered_is_canceled(scene: Scene) -> None:
    """Order as observed: the offer, the task, the update."""
    floor(scene)
    task = scene.task()
    scene.offers(task)
    scene.post(f"/Tasks/{task}", AssignmentStatus="canceled", Reason="no longer needed")
    told = scene.callbacks()
    assert [body["EventType"] for body in told][-3:] == ["reservation.canceled", "task.canceled", "task.updated"]
    assert [body["Reason"] for body in told[-3:]] == ["no longer needed"] * 3
    assert (told[-3]["CanceledReasonCode"], told[-3]["ReservationVersion"]) == ("0", "1")
    assert [body["TaskVersion"] for body in told[-3:]] == ["2"] * 3


@produces("task.canceled: without a reason", "task.updated", "task.deleted", "reservation.canceled: offer withdrawn")
def test_tasks_are_canceled_and_deleted_without_a_reason(scene: Scene) -> None:
    flow, _ = floor(scene, workers=0)
    task = scene.task()
    scene.post(f"/Tasks/{task}", AssignmentStatus="canceled")
    ann = scene.worker("ann")
    offered = scene.task(WorkflowSid=flow)
    scene.offers(offered)
    scene.delete(f"/Tasks/{offered}")
    scene.offers(scene.task())
    scene.delete(f"/Workers/{ann}")
    told = [body["EventType"] for body in scene.callbacks()]
    assert told[-3:] == ["reservation.canceled", "workflow.target-matched", "worker.deleted"]
    assert told[told.index("task.deleted") - 1] == "reservation.canceled"


@produces("reservation.rescinded", "reservation.accepted")
def test_the_first_of_three_accepts(scene: Scene) -> None:
    """Order as observed: the others are rescinded first, while the task is still reserved, all in the same version."""
    queue = scene.queue("Everybody", MaxReservedWorkers="3")
    scene.workflow(default=queue)
    for name in ("ann", "ben", "cid"):
        scene.worker(name)
    task = scene.task()
    offers = scene.offers(task, 3)
    scene.answer(offers[1], "accepted")
    assert versions(scene, task)[4:] == [
        *[("reservation.created", "1", "0", "2")] * 3,
        *[("reservation.rescinded", "1", "1", "2")] * 2,
        ("reservation.accepted", "2", "1", "2"),
    ]
    rescinded = [body for body in scene.callbacks() if body["EventType"] == "reservation.rescinded"]
    assert {body["TaskAssignmentStatus"] for body in rescinded} == {"reserved"}


@produces("reservation.rejected", "workflow.target-matched: offer came to nothing")
def test_an_offer_is_rejected_and_made_again(scene: Scene) -> None:
    floor(scene)
    task = scene.task()
    (offer,) = scene.offers(task)
    scene.answer(offer, "rejected")
    scene.wait_for("reservation.created", 2)
    assert versions(scene, task)[4:] == [
        ("reservation.created", "1", "0", "2"),
        ("reservation.rejected", "2", "1", "2"),
        ("workflow.target-matched", "2", None, None),
        ("reservation.created", "3", "0", "3"),
    ]
    (again,) = [body for body in scene.callbacks() if "TaskReEvaluatedReason" in body]
    assert again["TaskReEvaluatedReason"] == "reservation_rejected"  # [app code]
    assert (again["PreviousTaskQueueSid"], again["PreviousTaskPriority"]) == (again["TaskQueueSid"], "0")


@produces(
    "workflow.target-matched: attributes changed, filter and target",
    "workflow.target-matched: offer came to nothing, filter and target",
)
def test_what_a_filter_and_its_target_are_called_is_told_again(scene: Scene) -> None:
    target = {"queue": scene.queue("First"), "expression": "worker.x == 1"}
    scene.workflow({"filter_friendly_name": "ones", "expression": "a == 1", "targets": [target]})
    task = scene.task()
    scene.post(f"/Tasks/{task}", Attributes='{"a":1,"b":2}')
    scene.worker("ann", Attributes='{"x":1}')
    (offer,) = scene.offers(task)
    scene.answer(offer, "rejected")


@produces("reservation.timeout", "worker.activity.update", "workflow.target-matched: offer came to nothing")
def test_an_offer_lapses(scene: Scene) -> None:
    floor(scene, TaskReservationTimeout="1")
    task = scene.task()
    scene.wait_for("reservation.timeout")
    told = [body for body in scene.callbacks() if body["EventType"] not in ("worker.created", "workflow.created")]
    assert [body["EventType"] for body in told][-3:] == [
        "reservation.timeout",
        "worker.activity.update",
        "workflow.target-matched",
    ]
    assert told[-1]["TaskReEvaluatedReason"] == "reservation_timeout"
    assert (told[-3]["TaskSid"], told[-3]["ReservationVersion"], told[-3]["TaskVersion"]) == (task, "1", "2")


# --- on its way -----------------------------------------------------------------------------------------------------


@produces(
    "workflow.target-matched: filter without a name", "task-queue.timeout", "task-queue.moved", "task-queue.entered",
    "workflow.target-matched: next target", "workflow.timeout", "task.canceled", "task.updated: canceled",
)  # fmt: skip
def test_a_task_times_out_of_one_queue_and_then_of_its_workflow(scene: Scene) -> None:
    first, second = scene.queue("First"), scene.queue("Second")
    targets = [{"queue": first, "timeout": 1}, {"queue": second, "timeout": 1, "priority": 5}]
    scene.workflow({"expression": "a == 1", "targets": targets})
    task = scene.task()
    scene.wait_for("workflow.timeout")
    told = [body for body in scene.callbacks() if body.get("TaskSid") == task]
    assert [(body["EventType"], body["TaskQueueSid"]) for body in told] == [
        ("task.created", first),
        ("workflow.entered", first),
        ("workflow.target-matched", first),
        ("task-queue.entered", first),
        ("task-queue.timeout", first),
        ("workflow.target-matched", second),
        ("task-queue.moved", second),
        ("task-queue.entered", second),
        ("task-queue.timeout", second),
        ("workflow.timeout", second),
        ("task.canceled", second),
        ("task.updated", second),
    ]
    assert (told[2]["WorkflowFilterExpression"], told[5]["WorkflowFilterExpression"]) == ("a == 1", "a == 1")
    assert [told[n]["PreviousTaskQueueSid"] for n in (5, 6)] == [first, first]
    assert [told[n]["PreviousTaskQueueName"] for n in (5, 6)] == ["First", "First"]
    assert (told[5]["PreviousTaskPriority"], told[5]["TaskPriority"]) == ("0", "5")
    assert told[4]["TaskQueueEnteredDate"] == told[0]["TaskQueueEnteredDate"] < told[6]["TaskQueueEnteredDate"]


@produces("workflow.skipped", "workflow.target-matched: filter and target")
def test_a_task_skips_out_of_its_workflow(scene: Scene) -> None:
    target = {"queue": scene.queue("First"), "expression": "worker.x == 1", "skip_if": "1 == 1"}
    scene.workflow({"filter_friendly_name": "ones", "expression": "a == 1", "targets": [target]})
    scene.task()
    told = scene.callbacks()
    assert [body["EventType"] for body in told][-3:] == ["workflow.skipped", "task.canceled", "task.updated"]
    (matched,) = [body for body in told if body["EventType"] == "workflow.target-matched"]
    assert (matched["WorkflowFilterName"], matched["WorkflowFilterTargetExpression"]) == ("ones", "worker.x == 1")


@produces("workflow.target-matched: known worker")
def test_a_target_names_a_known_worker(scene: Scene) -> None:
    queue, ann = scene.queue("First"), scene.worker("ann", scene.unavailable)
    target = {"queue": queue, "known_worker_sid": "task.who"}
    scene.workflow({"expression": "1 == 1", "targets": [target]})
    scene.task(Attributes=json.dumps({"who": ann}))
    (matched,) = [body for body in scene.callbacks() if body["EventType"] == "workflow.target-matched"]
    assert matched["KnownWorkerSid"] == ann


@produces(
    "workflow.target-matched: attributes changed, filter", "task-queue.moved", "task-queue.entered", "task.updated",
    "workflow.target-matched: attributes or rules changed",
)  # fmt: skip
def test_attributes_of_a_waiting_task_change_and_then_the_rules(scene: Scene) -> None:
    """Each raises the version once; the match and the update carry the same number [observed]."""
    ones, others = scene.queue("Ones"), scene.queue("Others")
    flow = scene.workflow({"expression": "a == 1", "targets": [{"queue": ones}]}, default=others)
    task = scene.task(Attributes='{"a":2}')
    scene.post(f"/Tasks/{task}", Attributes='{"a":1}')
    scene.post(f"/Tasks/{task}", Attributes='{"a":1}')  # nothing changes, and yet it is told [observed]
    rules = {"task_routing": {"filters": [], "default_filter": {"queue": others}}}
    scene.post(f"/Workflows/{flow}", Configuration=json.dumps(rules), ReEvaluateTasks="true")
    scene.wait_for("task-queue.moved", 2)
    told = [body for body in scene.callbacks() if body.get("TaskSid") == task][4:]
    moved = ["task-queue.moved", "task-queue.entered"]
    assert [body["EventType"] for body in told] == [
        "workflow.target-matched", *moved, "task.updated",
        "workflow.target-matched", "task.updated",
        "workflow.target-matched", *moved,
    ]  # fmt: skip
    assert [body["TaskVersion"] for body in told] == ["1"] * 4 + ["2"] * 5
    reasons = [body["TargetChangedReason"] for body in told if "TargetChangedReason" in body]
    assert reasons == ["attribute_update", "attribute_update", "workflow_updated"]
    assert told[4]["TaskQueueEnteredDate"] == told[3]["TaskQueueEnteredDate"]


# --- straight to a worker -------------------------------------------------------------------------------------------


@produces(
    "task.created: routed to a worker", "reservation.failed", "task.canceled: routed to a worker",
    "task.updated: routed to a worker, canceled",
)  # fmt: skip
def test_a_task_for_one_worker_is_never_reserved(scene: Scene) -> None:
    ann = scene.worker("ann", scene.unavailable)
    scene.task(RoutingTarget=ann, Timeout="1", IgnoreCapacity="false")
    scene.wait_for("reservation.failed")
    told = [body["EventType"] for body in scene.callbacks() if "TaskSid" in body]
    assert told == ["task.created", "reservation.failed", "task.canceled", "task.updated"]


# --- handing on -----------------------------------------------------------------------------------------------------


def handed_on(scene: Scene, to: str | None = None, **more: str) -> tuple[str, Body, str]:
    """Ann has accepted a task and hands it to ben, or to a queue: (task, transfer, its path)."""
    _, (ann,) = floor(scene)
    task = scene.task()
    reservation = scene.accepted(task)
    ben = scene.worker("ben")
    path = f"/v2/Workspaces/{scene.sid}/Workers/{ann}/Transfers"
    made = scene.post(path, TaskSid=task, ReservationSid=reservation["sid"], To=to or ben, **more)
    assert (made["initiating_worker_sid"], made["initiating_reservation_sid"]) == (ann, reservation["sid"])
    return task, made, f"{path}/{made['sid']}"


@produces("task.transfer-initiated", "task.transfer-completed", "task.updated")
def test_a_task_is_handed_to_a_worker_who_accepts(scene: Scene) -> None:
    task, made, _ = handed_on(scene)
    scene.accepted(task)
    told = [body for body in scene.callbacks() if body.get("TaskSid") == task][6:]
    assert [body["EventType"] for body in told] == [
        "task.transfer-initiated", "reservation.created", "task.updated",
        "reservation.accepted", "task.transfer-completed", "task.updated",
    ]  # fmt: skip
    initiated = told[0]
    assert (initiated["TransferStatus"], initiated["TransferMode"], initiated["TransferType"]) == (
        "initiated",
        "WARM",
        "WORKER",
    )
    assert (initiated["TransferTo"], initiated["TaskTransferSid"]) == (made["transfer_to"], made["sid"])
    assert told[4]["TransferStatus"] == "complete"


@produces("task.transfer-initiated", "task.transfer-failed", "reservation.rejected")
def test_a_task_is_handed_to_a_worker_who_rejects(scene: Scene) -> None:
    task, _, _ = handed_on(scene)
    (offer,) = scene.offers(task)
    scene.answer(offer, "rejected")
    told = [body for body in scene.callbacks() if body.get("TaskSid") == task][9:]
    assert [body["EventType"] for body in told] == ["reservation.rejected", "task.transfer-failed", "task.updated"]
    assert (told[1]["TransferStatus"], told[1]["TaskAssignmentStatus"]) == ("failed", "assigned")


@produces("task.transfer-initiated", "task.transfer-attempt-failed", "task.transfer-canceled")
def test_a_task_is_handed_to_a_queue_where_one_rejects_and_then_called_off(scene: Scene) -> None:
    queue = scene.queue("Second level")
    task, _, path = handed_on(scene, queue)
    (offer,) = scene.offers(task)
    scene.answer(offer, "rejected")
    scene.offers(task)
    scene.post(path, TransferStatus="canceled")
    told = [body for body in scene.callbacks() if body.get("TaskSid") == task][6:]
    assert [body["EventType"] for body in told] == [
        "task.transfer-initiated", "task-queue.moved", "task-queue.entered", "task.updated", "reservation.created",
        "reservation.rejected", "task.transfer-attempt-failed", "reservation.created",
        "reservation.canceled", "task.transfer-canceled", "task-queue.moved", "task-queue.entered", "task.updated",
    ]  # fmt: skip
    assert (told[6]["TransferStatus"], told[9]["TransferStatus"]) == ("initiated", "canceled")


# --- a day later ----------------------------------------------------------------------------------------------------


@produces("task.system-deleted", "reservation.completed")
def test_a_task_that_is_assigned_for_a_day_is_deleted_by_the_system(scene: Scene) -> None:
    """A day can't pass in a test: while the server is down, the stored acceptance is put back by one."""
    floor(scene)
    task = scene.task()
    scene.accepted(task)
    scene.callbacks()
    assert scene.server.stop() == 0
    (database,) = [path for path in scene.server.data.iterdir() if path.suffix == ".db"]
    put_back(database, task)
    scene.server.start()
    scene.wait_for("task.system-deleted")
    assert scene.types()[-2:] == ["reservation.completed", "task.system-deleted"]
    assert scene.ask("GET", f"/Tasks/{task}").status == 404


def put_back(database: Path, task: str) -> None:
    with sqlite3.connect(database) as connection:
        (body,) = connection.execute("SELECT body FROM entity WHERE sid = ?", (task,)).fetchone()
        stored = json.loads(body)
        stored["assigned_ms"] -= DAY_MS
        connection.execute("UPDATE entity SET body = ? WHERE sid = ?", (json.dumps(stored), task))
    connection.close()


# --- completeness ---------------------------------------------------------------------------------------------------


def test_every_form_is_brought_about_by_a_test() -> None:
    assert PRODUCERS.keys() == {form.name for form in FORMS}


def test_the_forms_are_of_the_types_that_the_log_can_hold() -> None:
    assert {form.type for form in FORMS} == set(EVENT_TYPES)


def test_no_two_forms_of_a_type_have_the_same_parameters() -> None:
    told_apart = {(form.type, form.keys) for form in FORMS}
    assert len(told_apart) == len(FORMS)


def documented() -> set[str]:
    """The types of the event reference: `| worker.created / .deleted | … |`."""
    page = SPEC / "callbacks-and-events.md"
    if not page.exists():
        pytest.skip(ABSENT)
    section = page.read_text().split("### 8.3", 1)[1].split("###", 1)[0]
    found: set[str] = set()
    for row in re.findall(r"^\| ([a-z-]+\.[^|]*) \|", section, re.MULTILINE):
        first, *others = row.split(" / ")
        found.add(first)
        for other in others:  # ".deleted", or "-failed" after "task.transfer-initiated"
            start = first.rsplit("-", 1)[0] if other.startswith("-") else first.split(".", 1)[0]
            found.add(start + other)
    return found


def test_the_types_are_those_of_the_event_reference_and_one_that_was_recorded() -> None:
    assert {form.type for form in FORMS} == documented() | {"task-queue.updated"}


@pytest.mark.parametrize("body", recorded("webhooks/*2023-v1*.json", "webhook-sequences/*.json"))
def test_recorded_callbacks_have_the_parameters_of_a_form(body: Callback) -> None:
    keys = frozenset(body) - NOT_SENT
    if body["EventType"] == "reservation.canceled" and keys == NEEDS_A_TELEPHONE:
        return
    assert form_of(body["EventType"], keys) is not None, sorted(keys)


@pytest.mark.parametrize("body", recorded("webhooks/*2023-v1*.json", "webhook-sequences/*.json"))
def test_recorded_callbacks_are_described_as_the_forms_say(body: Callback) -> None:
    """The text and the resource; where no form of ours has the set, the texts of a type are all alike."""
    form = next(form for form in FORMS if form.type == body["EventType"])
    assert body["EventDescription"] == form.description.format_map(body)
    assert (body["ResourceType"], body["ResourceSid"]) == (form.about, body[form.resource])


@pytest.mark.parametrize(
    ("of", "form"), [("worker.activity.update", "worker.activity.update"), ("reservation.*", "reservation.created")]
)
def test_what_an_application_of_2024_requires_is_sent_but_for_what_is_named(of: str, form: str) -> None:
    """It checks the parameters of its callbacks by these lists."""
    file = SPEC / "recorded/webhooks/field-set-worker-and-reservation-events--2025-types-only.json"
    if not file.exists():
        pytest.skip(ABSENT)
    required = frozenset(json.loads(file.read_text())["parameters"][of])
    (ours,) = [each.keys for each in FORMS if each.name == form]
    assert required - NOT_SENT - LATER == ours


def listing() -> str:
    """Which test brings about which event, a line a form."""
    return "\n".join(f"{form.name} -> {', '.join(PRODUCERS.get(form.name, ['nothing']))}" for form in FORMS)


if __name__ == "__main__":
    print(listing())
