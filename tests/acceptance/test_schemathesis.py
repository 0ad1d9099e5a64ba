"""Requests that schemathesis makes up from the served description: valid ones, invalid ones, and thousands of them.

Whatever comes, the answer has a status, headers and a body that the description knows, and none of them is a 5xx.
"""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from twilio.rest import Client

from pointsman.resources import OPERATIONS
from pointsman.wire.openapi import path_names
from tests.acceptance.conftest import Pointsman, clean_environment

pytestmark = [
    pytest.mark.acceptance,
    pytest.mark.skipif(importlib.util.find_spec("schemathesis") is None, reason="schemathesis is not installed"),
]
ROOT = Path(__file__).parents[2]
SEED = 20_260_302
EXAMPLES, EXAMPLES_LONG = 25, 300  # of each operation, besides those that follow from the bounds alone
PHASES, PHASES_LONG = "examples,coverage,fuzzing", "examples,coverage,fuzzing,stateful"
RUN_S, RUN_LONG_S = 300, 3 * 3_600
CHECKS = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_headers_conformance",
    "response_schema_conformance",
    "unsupported_method",
    "allow_header_conformance",
    "use_after_free",
    "ignored_auth",
)
DELIVERED_S = 20.0
KEPT, SPARE = 4, 12  # things of each kind that are only read and changed, and further ones to be deleted
ACCOUNTS = "/2010-04-01/Accounts"
TOKENS = "/v1/AuthTokens/"
WORKSPACE = "/v1/Workspaces/{WorkspaceSid}"


class Sink(BaseHTTPRequestHandler):
    """Takes every callback, and has nothing to say to it."""

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.send_response(204)
        self.end_headers()

    do_GET = do_POST  # noqa: N815

    def log_message(self, format: str, *arguments: object) -> None:
        pass


@pytest.fixture
def sink() -> Iterator[str]:
    """The URL of a server for callbacks."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Sink)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()
    thread.join()
    server.server_close()


def library(server: Pointsman, account: str, token: str) -> Client:
    client = Client(account, token)
    for domain in (client.taskrouter, client.api, client.accounts):
        domain.base_url = server.url
    return client


class Place:
    """A workspace in which everything is there that a path or a parameter may name."""

    def __init__(self, server: Pointsman, sink: str) -> None:
        self.url = server.url
        self.client = client = library(server, server.account, server.token)
        workspaces = client.taskrouter.v1.workspaces
        self.paths: dict[str, list[dict[str, str]]] = {}
        self.values: dict[str, list[Any]] = {}
        self.workspace: str = workspaces.create(friendly_name="kept", multi_task_enabled=True).sid
        self.api = workspaces(self.workspace)
        spare = [workspaces.create(friendly_name=f"spare {number}").sid for number in range(SPARE)]
        self._lead("", "/v1/Workspaces", [self.workspace], spare, {})
        self._configure()
        self._fill()
        self._tell(client, workspaces, sink)
        self._admit(client, server.account)
        self._lead_the_rest()

    def _configure(self) -> None:
        activities = {each.friendly_name: each.sid for each in self.api.activities.list()}
        self._many("Activities", lambda name: self.api.activities.create(friendly_name=name).sid)
        self._many("TaskChannels", lambda name: self.api.task_channels.create(friendly_name=name, unique_name=name).sid)
        self._many(
            "TaskQueues", lambda name: self.api.task_queues.create(friendly_name=name, max_reserved_workers=2).sid
        )
        (queue, *_) = (each["Sid"] for each in self.paths[f"GET {WORKSPACE}/TaskQueues/{{Sid}}"])
        rules = json.dumps({"task_routing": {"default_filter": {"queue": queue}}})
        self._many("Workflows", lambda name: self.api.workflows.create(friendly_name=name, configuration=rules).sid)
        self.values |= {
            "ActivitySid": [activities["Available"], activities["Offline"]],
            "DefaultActivitySid": list(activities.values()),
            "TimeoutActivitySid": list(activities.values()),
            "ReservationActivitySid": list(activities.values()),
            "AssignmentActivitySid": list(activities.values()),
            "WorkerActivitySid": [activities["Available"]],
            "WorkflowSid": self._sids("Workflows"),
            "TaskQueueSid": self._sids("TaskQueues"),
            "Configuration": [rules],
        }

    def _fill(self) -> None:
        available = self.values["ActivitySid"][0]
        self._many("Workers", lambda name: self.api.workers.create(friendly_name=name, activity_sid=available).sid)
        workers = self._sids("Workers")
        for worker in workers:
            self.api.workers(worker).worker_channels("default").update(capacity=50)
            channels = [each.sid for each in self.api.workers(worker).worker_channels.list()]
            self._lead(
                f"{WORKSPACE}/Workers/{{WorkerSid}}/", "Channels", [*channels, "default"], [], {"WorkerSid": worker}
            )
        workflow = self.values["WorkflowSid"][0]
        self._many("Tasks", lambda name: self.api.tasks.create(workflow_sid=workflow).sid)
        for number in range(8 * SPARE):
            task = self.api.tasks.create(workflow_sid=workflow, attributes=json.dumps({"number": number})).sid
            for offer in self.api.tasks(task).reservations.list():
                for parent, sid in (("Task", task), ("Worker", offer.worker_sid)):
                    above = f"{WORKSPACE}/{parent}s/{{{parent}Sid}}/"
                    self._lead(above, "Reservations", [offer.sid], [], {f"{parent}Sid": sid})
        self._transfer(workflow)
        events = [each.sid for each in self.api.events.list(limit=20)]
        self._lead(f"{WORKSPACE}/", "Events", events, [], {})
        self.values |= {
            "WorkerSid": workers,
            "TaskSid": self._sids("Tasks"),
            "Sid": events,
            "RoutingTarget": [*workers[:1], *self.values["TaskQueueSid"][:1], *self.values["WorkflowSid"][:1]],
            "TaskChannel": ["default", "voice"],
            "Attributes": ['{"languages": ["es", "en"], "level": 3}', "{}"],
            "EvaluateWorkerAttributes": ['{"languages": ["es"]}'],
            "TargetWorkers": ['languages HAS "es"', "1==1"],
            "TargetWorkersExpression": ['languages HAS "es" AND level > 2'],
            "EvaluateTaskAttributes": ["number IN [1, 2, 3]"],
            "Ordering": ["DateCreated:desc"],
            "AssignmentStatus": ["completed", "canceled", "pending"],
            "ReservationStatus": ["accepted", "completed", "wrapping", "rejected"],
            "TransferStatus": ["canceled"],
            "To": [*workers, *self.values["TaskQueueSid"]],
            "Instruction": ["accept", "reject", ""],
            "VirtualStartTime": ["2020-01-01T00:00:00Z"],
            "StartDate": [iso(time.time() - 600)],
            "EndDate": [iso(time.time())],
            "SplitByWaitTime": ["5,30"],
            "QueueSids": [self.values["TaskQueueSid"]],
            "PageToken": [""],
            "Page": ["0"],
        }

    def _transfer(self, workflow: str) -> None:
        """Tasks that a worker has accepted: some it hands on to a queue, some it may."""
        above = WORKSPACE.replace("/v1/", "/v2/") + "/Workers/{WorkerSid}/"
        for number in range(4 * SPARE):
            worker = self._sids("Workers")[number % KEPT]
            task = self.api.tasks.create(workflow_sid=workflow, routing_target=worker).sid
            (offer,) = self.api.tasks(task).reservations.list()
            offer.update(reservation_status="accepted")
            sent = {"TaskSid": task, "ReservationSid": offer.sid, "To": self.values["TaskQueueSid"][0]}
            names = {"WorkspaceSid": self.workspace, "WorkerSid": offer.worker_sid}
            if number % 2:
                self.paths.setdefault(f"POST {above}Transfers", []).append(names | sent)
                continue
            url = f"{self.url}/v2/Workspaces/{self.workspace}/Workers/{offer.worker_sid}/Transfers"
            made = json.loads(self.client.request("POST", url, data=sent).text)["sid"]
            for method in ("GET", "POST"):
                self.paths.setdefault(f"{method} {above}Transfers/{{Sid}}", []).append(names | {"Sid": made})

    def _tell(self, client: Client, workspaces: Any, sink: str) -> None:
        """Have a callback sent in a workspace of its own."""
        told = workspaces.create(friendly_name="told", event_callback_url=sink).sid
        workspaces(told).activities.create(friendly_name="Lunch")
        url = f"{client.taskrouter.base_url}/v1/Workspaces/{told}/Deliveries"
        deadline = time.monotonic() + DELIVERED_S
        while not (found := json.loads(client.request("GET", url).text)["deliveries"]):
            assert time.monotonic() < deadline, f"no delivery within {DELIVERED_S:g} s"
            time.sleep(0.05)
        self.paths[f"GET {WORKSPACE}/Deliveries"] = [{"WorkspaceSid": told}]
        self.paths[f"GET {WORKSPACE}/Deliveries/{{Sid}}"] = [
            {"WorkspaceSid": told, "Sid": each["sid"]} for each in found
        ]

    def _admit(self, client: Client, account: str) -> None:
        """Accounts and keys. The tokens are left alone here: their promotion would lock out whoever asks."""
        others = [client.api.v2010.accounts.create().sid for _ in range(KEPT)]
        keys = [client.new_keys.create().sid for _ in range(KEPT + SPARE)]
        for method in ("GET", "POST"):
            self.paths[f"{method} {ACCOUNTS}/{{Sid}}.json"] = [{"Sid": sid} for sid in (account, *others)]
            self.paths[f"{method} {ACCOUNTS}/{{AccountSid}}/Keys.json"] = [{"AccountSid": account}]
        for method, own in (("GET", keys[:KEPT]), ("POST", keys[:KEPT]), ("DELETE", keys[KEPT:])):
            self.paths[f"{method} {ACCOUNTS}/{{AccountSid}}/Keys/{{Sid}}.json"] = [
                {"AccountSid": account, "Sid": sid} for sid in own
            ]

    def _lead_the_rest(self) -> None:
        """Operations on a path that no resource of its own has, such as statistics."""
        known = self.values | {"WorkspaceSid": [self.workspace]}
        for operation in OPERATIONS:
            names = path_names(operation.path)
            if names and set(names) <= known.keys():
                ways = [{name: known[name][number % len(known[name])] for name in names} for number in range(KEPT)]
                self.paths.setdefault(f"{operation.method} {operation.path}", ways)

    def _many(self, collection: str, create: Callable[[str], str]) -> None:
        made = [create(f"{collection}_{number}") for number in range(KEPT + SPARE)]
        self._lead(f"{WORKSPACE}/", collection, made[:KEPT], made[KEPT:], {})

    def _sids(self, collection: str) -> list[str]:
        return [each["Sid"] for each in self.paths[f"GET {WORKSPACE}/{collection}/{{Sid}}"]]

    def _lead(self, parent: str, collection: str, kept: list[str], spare: list[str], names: dict[str, str]) -> None:
        """Requests to a collection and to what is in it: deletions only to what is spare."""
        names = {"WorkspaceSid": self.workspace} | names if parent else names
        for method in ("GET", "POST"):
            if names:
                self.paths.setdefault(f"{method} {parent}{collection}", []).append(names)
            self.paths.setdefault(f"{method} {parent}{collection}/{{Sid}}", []).extend(
                names | {"Sid": sid} for sid in kept
            )
        self.paths.setdefault(f"DELETE {parent}{collection}/{{Sid}}", []).extend(names | {"Sid": sid} for sid in spare)


def iso(seconds: float) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(seconds))


class Fuzzed(NamedTuple):
    said: str
    code: int
    answers: dict[str, dict[str, int]]  # by operation and status


def fuzz(url: str, credentials: str, folder: Path, facts: dict[str, Any], *options: str, seconds: int) -> Fuzzed:
    """Let schemathesis loose on a server."""
    known, answers = folder / "facts.json", folder / "answers.json"
    known.write_text(json.dumps(facts | {"answers": str(answers)}))
    environment = clean_environment() | {
        "SCHEMATHESIS_HOOKS": str(Path(__file__).with_name("schemathesis_hooks.py")),
        "POINTSMAN_FUZZED": str(known),
        "PYTHONHASHSEED": "0",
    }
    command = [sys.executable, "-m", "schemathesis.cli", "--no-color", "run", f"{url}/openapi.json"]
    command += ["--auth", credentials, "--checks", ",".join(CHECKS), "--warnings", "off"]
    command += ["--seed", str(SEED), "--generation-database", "none", "--suppress-health-check", "all"]
    command += ["--continue-on-failure", "--request-timeout", "20", *options]
    with (folder / "out.txt").open("w+") as out:
        code = subprocess.run(command, cwd=folder, env=environment, stdout=out, stderr=out, timeout=seconds).returncode
        out.seek(0)
        said = out.read()
    found = Fuzzed(said, code, json.loads(answers.read_text()) if answers.is_file() else {})
    print(said[-2_000:], json.dumps(found.answers, indent=1), sep="\n")  # shown with a failure
    return found


@pytest.fixture
def server(make_pointsman: Callable[..., Pointsman]) -> Pointsman:
    """One that does not mind failed logins: there will be many."""
    server = make_pointsman("--set", "login_failures_per_minute=0")
    server.start()
    return server


def test_every_answer_is_one_that_the_description_knows(
    server: Pointsman, sink: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    """And every operation succeeds at least once, so it is not all refusals that were looked at."""
    long = bool(request.config.getoption("--long"))
    phases, examples, seconds = (PHASES_LONG, EXAMPLES_LONG, RUN_LONG_S) if long else (PHASES, EXAMPLES, RUN_S)
    options = ("--phases", phases, "--max-examples", str(examples), "--exclude-path-regex", TOKENS)
    place = Place(server, sink)
    facts = {"paths": place.paths, "values": place.values, "sink": sink}
    found = fuzz(server.url, f"{server.account}:{server.token}", tmp_path, facts, *options, seconds=seconds)
    assert found.code == 0, found.said
    labels = {f"{each.method} {each.path}" for each in OPERATIONS if not each.path.startswith(TOKENS)}
    assert labels <= found.answers.keys()
    assert {label for label in labels if not any(int(status) < 300 for status in found.answers[label])} == set()


@pytest.mark.parametrize(
    ("operation", "statuses"), [("Create", {201, 409}), ("Delete", {204, 404}), ("Promotion", {200})]
)
def test_every_answer_about_an_accounts_tokens_is_one_that_the_description_knows(
    server: Pointsman, sink: str, tmp_path: Path, operation: str, statuses: set[int]
) -> None:
    """Each with an account of its own: from the promotion on, its credentials are not good any longer."""
    made = library(server, server.account, server.token).api.v2010.accounts.create()
    if operation != "Create":
        library(server, made.sid, made.auth_token).accounts.v1.secondary_auth_token().create()
    options = ("--include-operation-id-regex", f"{operation}.*AuthToken|AuthToken{operation}", "--max-examples", "5")
    facts = {"paths": {}, "values": {}, "sink": sink}
    found = fuzz(server.url, f"{made.sid}:{made.auth_token}", tmp_path, facts, *options, seconds=RUN_S)
    assert found.code == 0, found.said
    ((_, answers),) = found.answers.items()
    assert statuses <= {int(status) for status in answers}
