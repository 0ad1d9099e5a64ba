"""Who caused an event, by which way, and from where, for everything that causes events."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, NamedTuple

import pytest

from tests.acceptance.conftest import Pointsman, faults
from tests.acceptance.raw import Raw
from tests.acceptance.scene import Body, Scene, Sink
from tests.acceptance.test_credentials import client

pytestmark = pytest.mark.acceptance
ADDRESS = "203.0.113.9"  # the client's, behind a proxy


class Cause(NamedTuple):
    type: str
    sid: str
    source: str
    address: str | None


def cause(event: Body) -> Cause:
    return Cause(event["actor_type"], event["actor_sid"], event["source"], event["source_ip_address"])


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pointsman]:
    """Behind a proxy, which is ourselves."""
    server = Pointsman(tmp_path_factory.mktemp("actors"), "--trusted-proxies", "127.0.0.1")
    server.start()
    yield server
    server.close()
    assert faults(server) == []


@pytest.fixture(scope="module")
def sink() -> Iterator[Sink]:
    with Sink().open() as sink:
        yield sink


class Play(Scene):
    """Its requests come by a proxy, from an address that is not the proxy's."""

    def __init__(self, server: Pointsman, sink: Sink, name: str) -> None:
        raw = Raw(server)
        raw.auth |= {"X-Forwarded-For": ADDRESS}
        super().__init__(server, sink, name, raw)

    @property
    def owner(self) -> Cause:
        return Cause("account", self.server.account, "api", ADDRESS)

    @property
    def router(self) -> Cause:
        return Cause("workspace", self.sid, "twilio", None)

    def causes(self, about: str = "") -> list[tuple[str, Cause]]:
        return [(str(event["event_type"]), cause(event)) for event in self.log(about)]

    def floor(self, **workflow: str) -> str:
        return self.workflow(default=self.queue("Everybody"), **workflow)


@pytest.fixture
def play(server: Pointsman, sink: Sink, request: pytest.FixtureRequest) -> Play:
    return Play(server, sink, request.node.name.removeprefix("test_")[:64])


def test_a_request_is_its_accounts_and_what_the_router_offers_its_own(play: Play) -> None:
    play.floor()
    ann = play.worker("ann")
    task = play.task()
    play.accepted(task)
    play.post(f"/Tasks/{task}", AssignmentStatus="completed")
    causes = play.causes()
    assert [kind for kind, by in causes if by == play.router] == ["reservation.created"]
    assert {by for kind, by in causes if kind != "reservation.created"} == {play.owner}
    made = play.log(f"&WorkerSid={ann}")[0]
    assert made["actor_url"] == f"{play.server.url}/2010-04-01/Accounts/{play.server.account}.json"
    offered = play.log("&EventType=reservation.created")[0]
    assert offered["actor_url"] == f"{play.server.url}{play.base}"


def test_a_key_is_named_and_a_second_token_is_the_accounts(play: Play) -> None:
    owner = client(play.server)
    key = owner.new_keys.create(friendly_name="Billing")
    second = owner.accounts.v1.secondary_auth_token().create().secondary_auth_token
    for user, password in ((key.sid, key.secret), (play.server.account, second)):
        Raw(play.server, user, password).ask("POST", f"{play.base}/Activities", f"FriendlyName={user}".encode(), form())
    owner.accounts.v1.secondary_auth_token().delete()
    by_key, by_second = play.log("&EventType=activity.created")[-2:]
    assert cause(by_key) == Cause("api_key", key.sid, "api", "127.0.0.1")
    keys = f"{play.server.url}/2010-04-01/Accounts/{play.server.account}/Keys"
    assert by_key["actor_url"] == f"{keys}/{key.sid}.json"
    assert cause(by_second) == Cause("account", play.server.account, "api", "127.0.0.1")


def form() -> dict[str, str]:
    return {"Content-Type": "application/x-www-form-urlencoded"}


@pytest.mark.parametrize(
    ("instruction", "told"),
    [
        ({"instruction": "accept"}, ["reservation.accepted"]),
        ({"instruction": "reject", "activity_sid": "…"}, ["reservation.rejected", "worker.activity.update"]),
    ],
    ids=["accept", "reject"],
)
def test_an_answer_to_an_assignment_callback_is_its_workflows(
    play: Play, instruction: dict[str, str], told: list[str]
) -> None:
    if "activity_sid" in instruction:
        instruction = instruction | {"activity_sid": play.unavailable}
    play.sink.replies[play.assign_path] = (200, instruction)
    flow = play.floor(AssignmentCallbackUrl=play.sink.url + play.assign_path)
    play.worker("ann")
    play.task()
    play.wait_for(told[-1])
    causes = dict(play.causes())
    for kind in told:
        assert causes[kind] == Cause("workflow", flow, "callback", None)
    (event,) = play.log(f"&EventType={told[0]}")
    assert event["actor_url"] == f"{play.server.url}{play.base}/Workflows/{flow}"
    assert causes["reservation.created"] == play.router


def test_the_only_workflow_answers_for_a_task_without_one(play: Play) -> None:
    play.sink.replies[play.assign_path] = (200, {"instruction": "accept"})
    flow = play.floor(AssignmentCallbackUrl=play.sink.url + play.assign_path)
    play.task(RoutingTarget=play.worker("ann"))
    (event,) = play.wait_for("reservation.accepted")
    assert cause(event) == Cause("workflow", flow, "callback", None)


def test_if_no_callback_is_answered_the_router_withdraws_the_offer(play: Play) -> None:
    play.sink.replies[play.assign_path] = (500, {})
    play.floor(AssignmentCallbackUrl=play.sink.url + play.assign_path)
    play.worker("ann")
    task = play.task()
    play.wait_for("reservation.canceled")
    by = dict(play.causes(f"&TaskSid={task}"))
    assert by["reservation.canceled"] == Cause("workspace", play.sid, "callback", None)


def test_what_time_does_is_the_routers_own(play: Play) -> None:
    """An offer lapses, a target and a workflow time out, a task's life ends; each says why."""
    queue = play.queue("Everybody")
    targets = [{"queue": queue, "timeout": 1}]
    play.workflow({"expression": "a == 1", "targets": targets}, default=queue, TaskReservationTimeout="1")
    waiting, short = play.task(), play.task(Attributes='{"a":2}', Timeout="1")
    play.wait_for("task.canceled", 1)
    play.worker("ann")
    offered = play.task(Attributes='{"a":2}')
    play.wait_for("reservation.timeout")
    causes = play.causes()
    for kind in ("task-queue.timeout", "task.canceled", "reservation.timeout", "worker.activity.update"):
        assert {by for each, by in causes if each == kind} == {play.router}, kind
    assert [by for kind, by in causes if kind == "task.created"] == [play.owner] * 3
    canceled = {each["event_data"]["task_sid"]: each for each in play.log("&EventType=task.canceled")}
    assert canceled[short]["event_data"]["reason"] == "Task TTL Exceeded"
    again = play.log(f"&TaskSid={offered}&EventType=workflow.target-matched")[-1]
    assert cause(again) == play.router
    assert again["event_data"]["task_re_evaluated_reason"] == "reservation_timeout"
    assert cause(play.log(f"&TaskSid={waiting}&EventType=task-queue.timeout")[0]) == play.router


def test_a_new_workflow_is_the_requests_and_its_application_to_waiting_tasks_the_routers(play: Play) -> None:
    first, second = play.queue("First"), play.queue("Second")
    flow = play.workflow(default=first)
    task = play.task()
    rules = {"task_routing": {"filters": [], "default_filter": {"queue": second}}}
    play.post(f"/Workflows/{flow}", Configuration=json.dumps(rules), ReEvaluateTasks="true")
    (moved,) = play.wait_for("task-queue.moved")
    assert cause(moved) == play.router
    matched = play.log(f"&TaskSid={task}&EventType=workflow.target-matched")[-1]
    assert (cause(matched), matched["event_data"]["target_changed_reason"]) == (play.router, "workflow_updated")
    assert cause(play.log("&EventType=workflow.updated")[0]) == play.owner


def test_what_goes_with_something_is_whose_request_it_was(play: Play) -> None:
    """The offers of a worker who is deleted, the offers of a task that is deleted, a workspace's first activities."""
    play.floor()
    ann = play.worker("ann")
    task = play.task()
    play.offers(task)
    play.delete(f"/Workers/{ann}")
    play.worker("ben")
    play.offers(task)
    play.delete(f"/Tasks/{task}")
    causes = play.causes()
    for kind in ("reservation.canceled", "worker.deleted", "task.deleted", "activity.created", "task-channel.created"):
        assert {by for each, by in causes if each == kind} == {play.owner}, kind
    assert [by for kind, by in causes if kind == "reservation.created"] == [play.router] * 2


def test_a_transfer_is_the_requests_and_its_offer_too(play: Play) -> None:
    """To a worker it is offered in the same step; to a queue the router looks for somebody."""
    play.floor()
    ann, task = play.worker("ann"), play.task()
    reservation, second = play.accepted(task)["sid"], play.queue("Second")
    ben = play.worker("ben")
    path = f"/v2/Workspaces/{play.sid}/Workers/{ann}/Transfers"

    def hand_to(target: str) -> Any:
        return play.post(path, TaskSid=task, ReservationSid=reservation, To=target)

    made = hand_to(ben)
    play.post(f"{path}/{made['sid']}", TransferStatus="canceled")
    hand_to(second)
    causes = play.causes()
    offers = [by for kind, by in causes if kind == "reservation.created"]
    assert offers == [play.router, play.owner, play.router]
    assert {by for kind, by in causes if kind.startswith("task.transfer-")} == {play.owner}
