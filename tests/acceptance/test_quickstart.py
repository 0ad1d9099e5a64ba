"""The first user's journey, with a real server, a real Express program and the official libraries, unmodified.

Steps 1 to 7 of the quickstart: serve, set up, create a task, be called back, accept; let the callback accept or reject;
time out; look at what happened; and lose nothing when the server is killed.
"""

from __future__ import annotations

import base64
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar

import pytest
from twilio.base.exceptions import TwilioRestException
from twilio.rest import Client

from tests.acceptance.conftest import Pointsman

pytestmark = pytest.mark.acceptance

NODE = Path(__file__).parent / "node"
T = TypeVar("T")
PATIENCE_S = 20.0
SPANISH = '{"selected_language":"es"}'

needs_node = pytest.mark.skipif(
    shutil.which("node") is None or not (NODE / "node_modules" / "twilio").is_dir(),
    reason="Node or its packages are not installed (scripts/test installs them where there is npm)",
)
needs_curl = pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")


def eventually(look: Callable[[], T | None]) -> T:
    """Ask until there is an answer."""
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline:
        found = look()
        if found:
            return found
        time.sleep(0.05)
    raise AssertionError(f"nothing within {PATIENCE_S} s")


def read_env(path: Path) -> dict[str, str]:
    lines = (line.partition("=") for line in path.read_text().splitlines() if line.startswith("TWILIO_"))
    return {name: value.strip("\"'") for name, _, value in lines}


class Desk:
    """The quickstart's workspace, by the REST API."""

    def __init__(self, server: Pointsman, *options: str) -> None:
        self.server = server
        self.cli("quickstart", *options)
        self.env = read_env(server.folder / ".env")
        self.workspace = self.env["TWILIO_WORKSPACE_SID"]
        self.wrapup = self.env["TWILIO_POST_WORKER_ACTIVITY"]

    def cli(self, *arguments: str) -> str:
        ended = self.server.command(*arguments)
        assert ended.returncode == 0, ended.stderr
        return ended.stdout

    def ask(self, path: str, **form: str) -> Any:
        request = urllib.request.Request(f"{self.server.url}/v1/Workspaces/{self.workspace}{path}")
        credentials = base64.b64encode(f"{self.server.account}:{self.server.token}".encode()).decode()
        request.add_header("Authorization", f"Basic {credentials}")
        body = urllib.parse.urlencode(form).encode() if form else None
        try:
            with urllib.request.urlopen(request, body, timeout=PATIENCE_S) as reply:
                return json.loads(reply.read())
        except urllib.error.HTTPError as problem:
            with problem:
                return json.loads(problem.read())

    def set_activity(self, name: str, worker: str = "Alice") -> None:
        self.cli("worker", "activity", worker, name)

    def create_task(self) -> str:
        return str(self.ask("/Tasks", WorkflowSid=self.env["TWILIO_WORKFLOW_SID"], Attributes=SPANISH)["sid"])

    def reservations(self, task: str) -> list[dict[str, Any]]:
        return list(self.ask(f"/Tasks/{task}/Reservations")["reservations"])

    def task(self, task: str) -> dict[str, Any]:
        return dict(self.ask(f"/Tasks/{task}"))

    def activity_of_alice(self) -> str:
        return str(self.ask(f"/Workers/{self.env['TWILIO_WORKER_ALICE_SID']}")["activity_name"])

    def delivery(self, task: str) -> dict[str, Any]:
        """The newest finished assignment callback of a task."""

        def look() -> dict[str, Any] | None:
            found = self.ask(f"/Deliveries?TaskSid={task}&Kind=assignment")["deliveries"]
            return found[0] if found and found[0]["verdict"] else None

        return eventually(look)

    def use_callback(self, url: str, **more: str) -> None:
        self.ask(f"/Workflows/{self.env['TWILIO_WORKFLOW_SID']}", AssignmentCallbackUrl=url, **more)


class Express:
    """The quickstart's program, run as its reader runs it: `pointsman exec -- node server.js`."""

    def __init__(self, desk: Desk) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "pointsman", "exec", "--data", str(desk.server.data), "--", "node", "server.js"],
            cwd=NODE,
            env={**os.environ, **desk.env, "QUICKSTART_PORT": "0", "QUICKSTART_ACTIVITY": desk.wrapup},
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self.process.stdout is not None
        line = next((line for line in self.process.stdout if line.startswith("listening")), "")
        assert line, "the program did not start"
        self.url = f"http://127.0.0.1:{line.split()[1]}"

    def get(self, path: str) -> str:
        try:
            with urllib.request.urlopen(self.url + path, timeout=PATIENCE_S) as reply:
                return str(reply.read().decode())
        except urllib.error.HTTPError as problem:
            with problem:
                return problem.read().decode()

    def reply_with(self, kind: str) -> None:
        urllib.request.urlopen(f"{self.url}/reply", f"reply={kind}".encode(), timeout=PATIENCE_S).close()

    def received(self) -> list[dict[str, Any]]:
        return list(json.loads(self.get("/received")))

    def stop(self) -> None:
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(PATIENCE_S)
        assert self.process.stdout is not None
        self.process.stdout.close()


@pytest.fixture
def desk(pointsman: Pointsman) -> Desk:
    return Desk(pointsman)


@pytest.fixture
def express(desk: Desk) -> Iterator[Express]:
    yield from running(desk)


def running(desk: Desk) -> Iterator[Express]:
    """The program, until the test ends; the workflow calls it."""
    program = Express(desk)
    desk.use_callback(f"{program.url}/assignment_callback")
    try:
        yield program
    finally:
        program.stop()


# --- steps 1 to 3: create, be called back, accept -----------------------------------------------------------------


@needs_node
def test_the_pages_program_creates_a_task_is_called_back_and_accepts(desk: Desk, express: Express) -> None:
    task = express.get("/create_task").removeprefix("task ")
    assert re.fullmatch(r"WT[0-9a-f]{32}", task)
    assert desk.task(task)["assignment_status"] == "pending"

    desk.set_activity("Available")
    (callback,) = eventually(express.received)
    assert callback["signed"], "the official library accepts the signature"
    assert callback["order"] == [
        "TaskAttributes",
        "TaskPriority",
        "WorkerSid",
        "ReservationSid",
        "WorkspaceSid",
        "TaskQueueSid",
        "WorkflowSid",
        "TaskAge",
        "AccountSid",
        "TaskSid",
        "WorkerAttributes",
    ]
    assert callback["parameters"]["TaskSid"] == task
    reservation = callback["parameters"]["ReservationSid"]

    delivery = desk.delivery(task)
    assert delivery["reservation_sid"] == reservation
    assert "40005" in delivery["warning"], "the page's reply is no instruction: a warning and nothing more"
    assert not delivery["failed"]
    assert desk.task(task)["assignment_status"] == "reserved"

    answer = json.loads(express.get(f"/accept_reservation?task_sid={task}&reservation_sid={reservation}"))
    assert answer == {"reservation_status": "accepted", "reservation_worker": "Alice"}
    assert desk.task(task)["assignment_status"] == "assigned"
    assert desk.activity_of_alice() == "Available", "a multitasking workspace leaves the activity alone"

    again = json.loads(express.get(f"/accept_reservation?task_sid={task}&reservation_sid={reservation}"))
    assert again["code"] == 20001
    assert "already in state [accepted]" in again["message"]


@needs_curl
@pytest.mark.parametrize("over", ["http", "https"])
def test_the_pages_curl_accepts_over_http_and_https(desk: Desk, over: str) -> None:
    desk.set_activity("Available")
    task = desk.create_task()
    (offer,) = eventually(lambda: desk.reservations(task))
    server = desk.server
    base = server.url if over == "http" else server.tls_url
    trust = ["--cacert", str(server.data / "tls" / "ca.pem")] if over == "https" else []
    path = f"/v1/Workspaces/{desk.workspace}/Tasks/{task}/Reservations/{offer['sid']}"
    ended = subprocess.run(
        [
            "curl",
            "-sS",
            "-X",
            "POST",
            f"{base}{path}",
            *trust,
            "-d",
            "ReservationStatus=accepted",
            "-u",
            f"{server.account}:{server.token}",
        ],
        capture_output=True,
        text=True,
        timeout=60,
    )
    body = json.loads(ended.stdout)
    assert (body["worker_name"], body["reservation_status"]) == ("Alice", "accepted")
    assert body["url"].startswith(f"{base}/v1/"), "links lead to where the client asked"


PROGRAM = """
import asyncio, os, sys
from twilio.rest import Client
from twilio.http.async_http_client import AsyncTwilioHttpClient

async def main():
    http = AsyncTwilioHttpClient()
    client = Client(http_client=http)
    reservation = await (
        client.taskrouter.v1.workspaces(os.environ["WS"]).tasks(os.environ["WT"]).reservations(os.environ["WR"])
        .update_async(reservation_status="accepted")
    )
    print(reservation.worker_name, reservation.reservation_status)
    await http.close()

if sys.argv[1] == "async":
    asyncio.run(main())
else:
    client = Client()
    reservation = (
        client.taskrouter.v1.workspaces(os.environ["WS"]).tasks(os.environ["WT"]).reservations(os.environ["WR"])
        .update(reservation_status="accepted")
    )
    print(reservation.worker_name, reservation.reservation_status)
"""


@pytest.mark.parametrize("way", ["sync", "async"])
def test_the_python_library_accepts_unmodified(desk: Desk, way: str) -> None:
    desk.set_activity("Available")
    task = desk.create_task()
    (offer,) = eventually(lambda: desk.reservations(task))
    names = {"WS": desk.workspace, "WT": task, "WR": offer["sid"]}
    ended = subprocess.run(
        [
            sys.executable,
            "-m",
            "pointsman",
            "exec",
            "--data",
            str(desk.server.data),
            "--",
            sys.executable,
            "-c",
            PROGRAM,
            way,
        ],
        env={**os.environ, **names},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert ended.stdout.strip() == "Alice accepted", ended.stderr


def test_single_tasking_alice_goes_reserved_and_then_busy(pointsman: Pointsman) -> None:
    """The classic workspace of the page [docs: quickstart]."""
    desk = Desk(pointsman, "--single-tasking")
    desk.set_activity("Idle")
    task = desk.create_task()
    (offer,) = eventually(lambda: desk.reservations(task))
    assert desk.activity_of_alice() == "Reserved"
    desk.ask(f"/Tasks/{task}/Reservations/{offer['sid']}", ReservationStatus="accepted")
    assert desk.activity_of_alice() == "Busy"


# --- step 4: instructions -----------------------------------------------------------------------------------------


@needs_node
def test_the_callback_accepts_and_the_task_is_assigned_at_once(desk: Desk, express: Express) -> None:
    """[routing 3.1, docs: task-queue + docs: handle-assignment-callbacks]"""
    express.reply_with("accept")
    desk.set_activity("Available")
    task = desk.create_task()
    eventually(lambda: desk.task(task)["assignment_status"] == "assigned")
    assert desk.delivery(task)["verdict"] == "accepted"


@needs_node
def test_the_callback_rejects_and_moves_the_worker(desk: Desk, express: Express) -> None:
    express.reply_with("reject")
    desk.set_activity("Available")
    task = desk.create_task()
    eventually(lambda: desk.activity_of_alice() == "WrapUp")
    assert desk.task(task)["assignment_status"] == "pending"
    assert [each["reservation_status"] for each in desk.reservations(task)] == ["rejected"]
    assert desk.delivery(task)["verdict"] == "rejected"


@needs_node
def test_an_unknown_instruction_leaves_the_reservation_untouched(desk: Desk, express: Express) -> None:
    express.reply_with("unknown")
    desk.set_activity("Available")
    task = desk.create_task()
    assert "55555" in desk.delivery(task)["warning"]
    assert desk.task(task)["assignment_status"] == "reserved"


@needs_node
@pytest.mark.parametrize("reply", ["broken", "text", "slow"])
def test_what_is_no_answer_sends_the_same_request_to_the_fallback(desk: Desk, express: Express, reply: str) -> None:
    desk.use_callback(
        f"{express.url}/assignment_callback?reply={reply}",
        FallbackAssignmentCallbackUrl=f"{express.url}/assignment_callback?reply=accept",
    )
    desk.set_activity("Available")
    task = desk.create_task()
    eventually(lambda: desk.task(task)["assignment_status"] == "assigned")
    delivery = desk.delivery(task)
    assert delivery["verdict"] == "accepted"
    assert [attempt["problem"] is None for attempt in delivery["attempts"]] == [False, True]
    first, second = express.received()
    assert first["parameters"] == second["parameters"]
    assert second["signed"]


@needs_node
def test_if_the_fallback_fails_too_the_task_is_offered_again_after_a_pause(desk: Desk, express: Express) -> None:
    """[design 7, ours]"""
    desk.use_callback(
        f"{express.url}/assignment_callback?reply=broken",
        FallbackAssignmentCallbackUrl=f"{express.url}/assignment_callback?reply=text",
    )
    desk.set_activity("Available")
    task = desk.create_task()
    eventually(lambda: len(desk.reservations(task)) >= 2)
    statuses = [each["reservation_status"] for each in desk.reservations(task)]
    assert statuses[0] == "canceled"
    assert desk.delivery(task)["failed"]
    assert task in desk.cli("deliveries", "--failed", "--json"), "every reason is visible"


# --- step 5: nobody answers ---------------------------------------------------------------------------------------


def test_an_offer_that_nobody_answers_times_out_and_goes_to_the_next_worker(desk: Desk) -> None:
    desk.ask(f"/Workflows/{desk.env['TWILIO_WORKFLOW_SID']}", TaskReservationTimeout="1")
    desk.set_activity("Available", "Alice")
    desk.set_activity("Available", "Bob")
    english = {"WorkflowSid": desk.env["TWILIO_WORKFLOW_SID"], "Attributes": '{"selected_language":"en"}'}
    task = str(desk.ask("/Tasks", **english)["sid"])
    eventually(lambda: len(desk.reservations(task)) == 2)
    first, second = desk.reservations(task)
    assert first["reservation_status"] == "timeout"
    assert {first["worker_name"], second["worker_name"]} == {"Alice", "Bob"}
    moved = desk.ask(f"/Workers/{first['worker_sid']}")
    assert moved["activity_name"] == "Offline", "to the workspace's timeout activity"


# --- step 6: what happened ----------------------------------------------------------------------------------------


@needs_node
def test_deliveries_and_events_show_what_happened(desk: Desk, express: Express) -> None:
    express.reply_with("accept")
    desk.set_activity("Available")
    task = desk.create_task()
    (offer,) = eventually(lambda: desk.reservations(task))
    desk.delivery(task)
    listing = desk.cli("deliveries", "--task", task)
    assert task in listing
    assert offer["sid"] in listing, "SIDs can be copied"
    types = [event["event_type"] for event in json.loads(desk.cli("events", "--json"))]
    for kind in (
        "task.created",
        "workflow.entered",
        "workflow.target-matched",
        "task-queue.entered",
        "reservation.created",
        "reservation.accepted",
        "worker.activity.update",
    ):
        assert kind in types


# --- step 7: nothing is lost --------------------------------------------------------------------------------------


@pytest.fixture(params=["sqlite", "postgres"])
def desk_on_either(request: pytest.FixtureRequest, make_pointsman: Callable[..., Pointsman]) -> Desk:
    options = ["--database", request.getfixturevalue("fresh_postgres")] if request.param == "postgres" else []
    server = make_pointsman(*options)
    server.start()
    return Desk(server)


def test_killed_in_mid_journey_everything_is_there_again(desk_on_either: Desk) -> None:
    """A reservation, its timer, and a waiting task's place."""
    desk = desk_on_either
    desk.ask(f"/Workflows/{desk.env['TWILIO_WORKFLOW_SID']}", TaskReservationTimeout="8")
    desk.set_activity("Available")
    first, second = desk.create_task(), desk.create_task()
    (offer,) = eventually(lambda: desk.reservations(first))

    desk.server.kill()
    desk.server.restart()
    assert desk.reservations(first) == [offer], "the reservation is there"
    assert desk.task(second)["assignment_status"] == "pending"
    eventually(lambda: desk.reservations(first)[0]["reservation_status"] == "timeout")
    assert desk.activity_of_alice() == "Offline", "its timer went on"

    desk.server.kill()
    desk.server.restart()
    desk.set_activity("Available")
    assert [each["reservation_status"] for each in desk.reservations(first)] == ["timeout", "pending"]
    assert desk.task(second)["assignment_status"] == "pending", "the older task is still first in line"


@pytest.fixture
def express_on_either(desk_on_either: Desk) -> Iterator[Express]:
    yield from running(desk_on_either)


@needs_node
def test_a_callback_that_was_under_way_at_the_kill_is_sent_again_after_it(
    desk_on_either: Desk, express_on_either: Express
) -> None:
    desk, express = desk_on_either, express_on_either
    express.reply_with("slow")  # it is under way when the server dies
    desk.set_activity("Available")
    task = desk.create_task()
    eventually(express.received)
    desk.server.kill()
    express.reply_with("accept")
    desk.server.restart()
    eventually(lambda: desk.task(task)["assignment_status"] == "assigned")
    assert len(express.received()) == 2


# --- wrong input --------------------------------------------------------------------------------------------------


def test_wrong_input_is_told_by_the_official_library_in_words(desk: Desk) -> None:
    client = Client(desk.server.account, desk.server.token)
    client.taskrouter.base_url = desk.server.url
    workspace = client.taskrouter.v1.workspaces(desk.workspace)
    workflow = desk.env["TWILIO_WORKFLOW_SID"]
    task = workspace.tasks.create(workflow_sid=workflow, attributes=SPANISH)
    rules = json.dumps({"task_routing": {"default_filter": {"queue": "WQ" + "a" * 32}}})
    cases: list[tuple[Callable[[], Any], int, str]] = [
        (lambda: workspace.tasks.create(workflow_sid=workflow, attributes='{"a":'), 400, "Invalid Attributes"),
        (lambda: workspace.tasks.create(workflow_sid=workflow, attributes="{}"), 400, "No filter of workflow"),
        (
            lambda: workspace.task_queues.create(friendly_name="q", target_workers='languages HAS "es'),
            400,
            "column 15",
        ),
        (lambda: workspace.tasks("WT" + "0" * 32).fetch(), 404, "was not found"),
        (lambda: workspace.workflows.create(friendly_name="w", configuration=rules), 400, "WQ" + "a" * 32),
        (lambda: task.update(assignment_status="completed"), 400, "because it is not currently assigned."),
    ]
    for call, status, words in cases:
        with pytest.raises(TwilioRestException) as refused:
            call()
        assert refused.value.status == status
        assert words in str(refused.value)
    stranger = Client(desk.server.account, "wrong")
    stranger.taskrouter.base_url = desk.server.url
    with pytest.raises(TwilioRestException) as refused:
        stranger.taskrouter.v1.workspaces(desk.workspace).fetch()
    assert (refused.value.status, refused.value.code) == (401, 20003)
