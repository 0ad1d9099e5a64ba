"""A client that means harm: whatever it sends gets a clear 4xx, nothing is half-done, and the server stays up.

Every path that can be posted to meets every body of the tables below; afterwards all that the account has is as it
was, and the server's log has no fault.
"""

from __future__ import annotations

import contextlib
import gzip
import json
import re
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

import pytest

from pointsman.resources import OPERATIONS
from tests.acceptance.conftest import Pointsman, faults
from tests.acceptance.raw import FORM, Answer, Raw, read

pytestmark = pytest.mark.acceptance
ACCOUNT, STRANGER = "AC" + "1" * 32, "AC" + "2" * 32
TOKENS = {ACCOUNT: "a" * 32, STRANGER: "b" * 32}
DEEP = 100_000


class House:
    """A workspace with one of everything, and a task that is offered to a worker for a day."""

    def __init__(self, raw: Raw) -> None:
        self.raw = raw
        self.base = self._make("/v1/Workspaces", FriendlyName="house", EventCallbackUrl="http://127.0.0.1:9/events")
        queue = self._make(f"{self.base}/TaskQueues", FriendlyName="all", TargetWorkers="level > 0")
        self.queue_sid = queue.rpartition("/")[2]
        rules = {"task_routing": {"default_filter": {"queue": self.queue_sid}}}
        workflow = self._make(
            f"{self.base}/Workflows",
            FriendlyName="w",
            Configuration=json.dumps(rules),
            TaskReservationTimeout="86400",
        )
        activity = self._make(f"{self.base}/Activities", FriendlyName="Working", Available="true")
        channel = self._make(f"{self.base}/TaskChannels", FriendlyName="Fax", UniqueName="fax")
        worker = self._make(
            f"{self.base}/Workers",
            FriendlyName="Alice",
            Attributes='{"level":1}',
            ActivitySid=activity.rpartition("/")[2],
        )
        task = self._make(f"{self.base}/Tasks", Attributes='{"a":1}', WorkflowSid=workflow.rpartition("/")[2])
        (offer,) = raw.ask("GET", f"{task}/Reservations").json["reservations"]
        (own, *_) = raw.ask("GET", f"{worker}/Channels").json["channels"]
        handed_on = self._transfer()
        self.paths = {
            "workspaces": "/v1/Workspaces",
            "workspace": self.base,
            "activities": f"{self.base}/Activities",
            "activity": activity,
            "task channels": f"{self.base}/TaskChannels",
            "task channel": channel,
            "workers": f"{self.base}/Workers",
            "worker": worker,
            "worker channel": f"{worker}/Channels/{own['sid']}",
            "worker reservation": f"{worker}/Reservations/{offer['sid']}",
            "task queues": f"{self.base}/TaskQueues",
            "task queue": queue,
            "workflows": f"{self.base}/Workflows",
            "workflow": workflow,
            "tasks": f"{self.base}/Tasks",
            "task": task,
            "task reservation": f"{task}/Reservations/{offer['sid']}",
            "transfers": handed_on.rpartition("/")[0],
            "transfer": handed_on,
            "lint": f"{self.base}/Warnings",
            "endpoint": f"{self.base}/Deliveries/Endpoint",
            "eligibility": f"{self.base}/EligibleWorkers",
            "trial": f"{self.base}/Trial",
            "re-evaluation": f"{workflow}/ReEvaluation",
            "desk link": f"{worker}/DeskLinks",
        }
        keys = f"/2010-04-01/Accounts/{ACCOUNT}/Keys"
        made = raw.ask("POST", f"{keys}.json", b"FriendlyName=key", FORM)
        self.credentials = {
            "accounts": "/2010-04-01/Accounts.json",
            "account": f"/2010-04-01/Accounts/{ACCOUNT}.json",
            "keys": f"{keys}.json",
            "key": f"{keys}/{made.json['sid']}.json",
            "second token": "/v1/AuthTokens/Secondary",
            "promotion": "/v1/AuthTokens/Promote",
        }
        self.bulk = f"{self.base}/TaskQueues/RealTimeStatistics"
        self.lists = [path for name, path in self.paths.items() if name.endswith("s") and name != "workspaces"]
        self.lists += [f"{worker}/Channels", f"{worker}/Reservations", f"{task}/Reservations", f"{self.base}/Events"]

    def _transfer(self) -> str:
        """Of a task that somebody has accepted, to the queue: Alice is busy, so it waits."""
        worker = self._make(f"{self.base}/Workers", FriendlyName="Bob")
        sid = worker.rpartition("/")[2]
        task = self._make(f"{self.base}/Tasks", RoutingTarget=sid)
        (offer,) = self.raw.ask("GET", f"{task}/Reservations").json["reservations"]
        self.raw.ask("POST", f"{task}/Reservations/{offer['sid']}", b"ReservationStatus=accepted", FORM)
        path = worker.replace("/v1/", "/v2/") + "/Transfers"
        return self._make(path, TaskSid=offer["task_sid"], ReservationSid=offer["sid"], To=self.queue_sid)

    def _make(self, path: str, **form: str) -> str:
        answer = self.raw.ask("POST", path, urlencode(form).encode(), FORM)
        assert answer.status == 201, answer.body
        return f"{path}/{answer.json['sid']}"

    def dump(self) -> dict[str, Any]:
        """All that the account has; without what goes by the clock."""
        found: dict[str, Any] = {}
        for path in ["/v1/Workspaces", self.base, *self.lists, *list(self.credentials.values())[:4]]:
            answer = self.raw.ask("GET", f"{path}?PageSize=1000" if path in self.lists else path)
            assert answer.status == 200, path
            found[path] = _timeless(answer.json)
        return found


def _timeless(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _timeless(each) for name, each in value.items() if name != "age"}
    return [_timeless(each) for each in value] if isinstance(value, list) else value


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pointsman]:
    """With two accounts."""
    folder: Path = tmp_path_factory.mktemp("hostile")
    server = Pointsman(folder)
    for account in (STRANGER, ACCOUNT):
        server.start(
            {
                "POINTSMAN_ACCOUNT_SID": account,
                "POINTSMAN_AUTH_TOKEN": TOKENS[account],
                "POINTSMAN_LOGIN_FAILURES_PER_MINUTE": "0",
            }
        )
        if account == STRANGER:
            server.stop()
    yield server
    server.close()


@pytest.fixture(scope="module")
def raw(server: Pointsman) -> Raw:
    return Raw(server, ACCOUNT, TOKENS[ACCOUNT])


@pytest.fixture(scope="module")
def house(raw: Raw) -> House:
    return House(raw)


@pytest.fixture(autouse=True)
def nothing_changes(server: Pointsman, house: House) -> Iterator[None]:
    """Around every test here: the same resources and events before and after it, and no fault in the log."""
    before = house.dump()
    yield
    assert house.dump() == before
    assert faults(server) == []


def refused(answer: Answer, *statuses: int) -> str:
    """The message of an answer that must be a refusal in the usual form."""
    assert answer.status in (statuses or (400,)), answer
    problem = answer.json
    assert answer.headers["content-type"] == "application/json; charset=utf-8"
    assert (problem["status"], bool(problem["message"])) == (answer.status, True)
    assert problem["more_info"].endswith(str(problem["code"]))
    assert len(answer.body) < 1_000, "it does not send back all that it got"
    return str(problem["message"])


# --- bodies, whatever they are for --------------------------------------------------------------------------------


def _part(head: bytes, text: bytes = b"x") -> bytes:
    return b"--b\r\n" + head + b"\r\n\r\n" + text + b"\r\n--b--\r\n"


NAMED = b'Content-Disposition: form-data; name="FriendlyName"'
MULTIPART = {"Content-Type": "multipart/form-data; boundary=b"}
BODIES: dict[str, tuple[bytes, dict[str, str], int]] = {
    "no UTF-8, escaped": (b"FriendlyName=%ff%fe", FORM, 400),
    "no UTF-8": (b"FriendlyName=\xff\xfe", FORM, 400),
    "no UTF-8 in a name": (b"%ff=1&FriendlyName=x", FORM, 400),
    "overlong UTF-8": (b"FriendlyName=%c0%af", FORM, 400),
    "half of a surrogate pair": (b"FriendlyName=%ed%a0%80", FORM, 400),
    "UTF-16": ("FriendlyName=x".encode("utf-16"), FORM, 400),
    "declared Latin-1": (b"FriendlyName=x", {"Content-Type": f"{FORM['Content-Type']}; charset=iso-8859-1"}, 415),
    "declared UTF-16": (b"FriendlyName=x", {"Content-Type": f"{FORM['Content-Type']}; charset=utf-16"}, 415),
    "declared nonsense": (b"FriendlyName=x", {"Content-Type": f"{FORM['Content-Type']}; charset=\xff\xfe"}, 415),
    "10,000 parameters": (b"&".join(b"a=%d" % n for n in range(10_000)), FORM, 400),
    "10,000 times the same": (b"&".join([b"FriendlyName=x"] * 10_000), FORM, 400),
    "a million separators": (b"&" * 1_000_000, FORM, 400),
    "five megabytes": (b"FriendlyName=" + b"x" * 5_000_000, FORM, 413),
    "JSON": (b'{"FriendlyName": "x"}', {"Content-Type": "application/json"}, 415),
    "deep JSON": (b"[" * DEEP, {"Content-Type": "application/json"}, 415),
    "XML": (b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>', {"Content-Type": "text/xml"}, 415),
    "text": (b"FriendlyName=x", {"Content-Type": "text/plain;charset=UTF-8"}, 415),
    "an endless type": (b"FriendlyName=x", {"Content-Type": "x" * 40_000}, 415),
    "gzip": (gzip.compress(b"FriendlyName=x" * 100_000), FORM | {"Content-Encoding": "gzip"}, 415),
    "two encodings": (b"FriendlyName=x", FORM | {"Content-Encoding": "identity, br"}, 415),
    "parts without an end": (_part(NAMED)[:-8], MULTIPART, 400),
    "parts of another boundary": (_part(NAMED), {"Content-Type": "multipart/form-data; boundary=other"}, 400),
    "parts without a boundary": (_part(NAMED), {"Content-Type": "multipart/form-data"}, 400),
    "parts in bare lines": (_part(NAMED).replace(b"\r", b""), MULTIPART, 400),
    "parts that are no UTF-8": (_part(NAMED, b"\xff\xfe"), MULTIPART, 400),
    "parts in Latin-1": (_part(NAMED + b"\r\nContent-Type: text/plain; charset=latin-1"), MULTIPART, 400),
    "parts in base64": (_part(NAMED + b"\r\nContent-Transfer-Encoding: base64", b"eA=="), MULTIPART, 400),
    "parts without a name": (_part(b"Content-Disposition: form-data"), MULTIPART, 400),
    "parts with endless heads": (_part(NAMED + b"\r\nX: " + b"x" * 1_000_000), MULTIPART, 400),
    "10,000 parts": ((b"--b\r\n" + NAMED + b"\r\n\r\nx\r\n") * 10_000 + b"--b--\r\n", MULTIPART, 400),
    "a file": (_part(NAMED + b'; filename="../../x"'), MULTIPART, 400),
    "parts in parts": (_part(NAMED + b"\r\nContent-Type: multipart/mixed; boundary=c", b"--c--")[:-8], MULTIPART, 400),
}


@pytest.mark.parametrize("name", BODIES)
def test_a_hostile_body_is_refused_by_every_path(house: House, raw: Raw, name: str) -> None:
    body, headers, status = BODIES[name]
    for path in [*house.paths.values(), *house.credentials.values()]:
        refused(raw.ask("POST", path, body, headers), status)


def test_no_path_that_can_be_posted_to_is_left_out(house: House) -> None:
    """Who declares one adds it to the house."""
    met = [*house.paths.values(), *house.credentials.values(), house.bulk]
    for operation in OPERATIONS:
        if operation.method == "POST":
            form = re.sub(r"\\\{\w+\\\}", "[^/]+", re.escape(operation.path))
            assert any(re.fullmatch(form, path) for path in met), operation.path


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[" * DEEP,
        b'{"QueueSids":' * 2_000,
        b"{}",
        b"[]",
        b"null",
        b'{"QueueSids": null}',
        b'{"QueueSids": []}',
        b'{"QueueSids": {}}',
        b'{"QueueSids": [1]}',
        b'{"QueueSids": [null]}',
        b'{"QueueSids": [["WQ"]]}',
        b'{"QueueSids": ["WQ"]}',
        b'{"QueueSids": ["WQ\\u0000"]}',
        b'{"QueueSids": ["\\ud800"]}',
        b'{"QueueSids": NaN}',
        b'{"QueueSids": 1e999}',
        b'{"QueueSids": ["\xff"]}',
        b"\xef\xbb\xbf{}",
        json.dumps({"QueueSids": [f"WQ{n:032x}" for n in range(51)]}).encode(),
        json.dumps({"QueueSids": ["WQ" + "0" * 32] * 10_000}).encode(),
        b'{"QueueSids": "' + b"x" * 1_000_000 + b'"}',
    ],
    ids=lambda body: str(body[:40]),
)
def test_hostile_json_is_refused_where_json_is_expected(house: House, raw: Raw, body: bytes) -> None:
    refused(raw.ask("POST", house.bulk, body, {"Content-Type": "application/json"}))


def test_a_method_that_a_path_lacks_is_refused(house: House, raw: Raw) -> None:
    collections = [path for path in house.lists if not path.endswith("/Events")]
    for path in [*house.paths.values(), *house.lists, f"{house.base}/Deliveries"]:
        lacking = ["PUT", "PATCH", *(["DELETE"] if path in collections else [])]
        for method in lacking:
            answer = raw.ask(method, path, b"FriendlyName=x", FORM)
            assert refused(answer, 405) == f"Method {method} is not allowed on {path}"
            assert method not in answer.headers["allow"]
    explanation = f"{house.paths['task']}/Explanation"
    for path in (*(f"{house.base}/{name}" for name in ("Events", "Deliveries", "EventStream")), explanation):
        refused(raw.ask("POST", path, b"FriendlyName=x", FORM), 405)
    for method in ("TRACE", "PROPFIND", "BREW", "get"):
        assert raw.ask(method, house.base).status in (400, 405)


def test_resources_of_another_account_are_not_there(server: Pointsman, house: House) -> None:
    stranger = Raw(server, STRANGER, TOKENS[STRANGER])
    assert stranger.ask("GET", "/v1/Workspaces").json["workspaces"] == []
    credentials = [path for path in house.credentials.values() if ACCOUNT in path]
    ours = [f"{house.base}/Deliveries", f"{house.base}/EventStream", f"{house.paths['task']}/Explanation"]
    for path in [*list(house.paths.values())[1:], *house.lists, *ours, *credentials, house.bulk]:
        for method in ("GET", "POST", "DELETE", "PUT", "HEAD"):
            answer = stranger.ask(method, path, b"FriendlyName=stolen" if method == "POST" else None, FORM)
            assert answer.status in (404, 405), (method, path)
            assert b"house" not in answer.body
    own = stranger.ask("POST", "/v1/Workspaces", b"FriendlyName=own", FORM).json["sid"]
    try:
        for name, path in list(house.paths.items())[1:]:  # its own workspace, our resource
            if name in (
                "endpoint",
                "re-evaluation",
            ):  # every workspace has one; what is missing in its form is told first
                continue
            moved = path.replace(house.base, f"/v1/Workspaces/{own}")
            if moved.count("/") < 5:
                continue  # not of one of ours
            for method in ("GET", "POST", "DELETE"):
                assert stranger.ask(method, moved).status in (404, 405), name
        form = {"FriendlyName": "q", "ReservationActivitySid": house.paths["activity"].rpartition("/")[2]}
        refused(stranger.ask("POST", f"/v1/Workspaces/{own}/TaskQueues", urlencode(form).encode(), FORM))
        configuration = json.dumps({"task_routing": {"default_filter": {"queue": house.queue_sid}}})
        form = {"FriendlyName": "w", "Configuration": configuration}
        refused(stranger.ask("POST", f"/v1/Workspaces/{own}/Workflows", urlencode(form).encode(), FORM))
    finally:
        assert stranger.ask("DELETE", f"/v1/Workspaces/{own}").status == 204


def test_who_is_not_known_learns_nothing(house: House, raw: Raw) -> None:
    """The same answer for what is there and what is not."""
    wrong = {"Authorization": raw.auth["Authorization"][:-4] + "AAA="}
    for path in [*house.paths.values(), *house.credentials.values(), "/v1/Nothing", f"{house.base}x"]:
        for method in ("GET", "POST", "DELETE"):
            assert refused(raw.ask(method, path, b"a=%ff" * 30, FORM | wrong), 401) == "Authenticate"


# --- values -------------------------------------------------------------------------------------------------------

NAMES = ["nul\x00", "x" * 65, "\x00", " "]
JSONS = [
    "[" * DEEP,
    '{"a":' * 2_000,
    '{"a":' * 600 + "1" + "}" * 600,
    '{"a": NaN}',
    '{"a": Infinity}',
    '{"a": -Infinity}',
    '{"a": 1e999}',
    '{"a": "\\ud800"}',
    '{"\\udfff": 1}',
    '{"a": "\\x00"}',
    '{"a": "\x00"}',
    '{"a": "\n"}',
    "{'a': 1}",
    '{"a": 1,}',
    '{"a": 1} {"b": 2}',
    '{"a": 01}',
    "\ufeff{}",
    "[]",
    "null",
    '"{}"',
    "1",
    "{" + " " * 2**21 + "}",
]
INTEGERS = [
    "-1",
    "1e3",
    "1.0",
    "0x10",
    "1_000",
    "١",
    "１",
    "²",
    "NaN",
    "inf",
    "9" * 5_000,
    "2147483648000",
    "--1",
    "1\x00",
]
SIDS = ["WA" + "0" * 32, "WQ" + "0" * 32, "WA", "../" * 11, "WA" + "g" * 32, "WA" + "٣" * 32, "WA\x00", "%00"]
URLS = [
    "http://x/\r\nX-Injected: 1",
    "http://x/\nX-Injected: 1",
    "http://x/\tx",
    "http://x/ x",
    "http://x\x00/",
    "http://",
    "http:///x",
    "http://:80",
    "http://user:password@",
    "http://x:0/",
    "http://x:99999/",
    "http://x:-1/",
    "http://x:port/",
    "http://[::1/",
    "http://x\\@y/",
    "http://a..b/",
    "//x/y",
    "x",
    "ftp://x/",
    "file:///etc/passwd",
    "javascript:alert(1)",
    "gopher://x/",
    "http://" + "x" * 3_000,
]
EXPRESSIONS = [
    "(" * 60_000,
    "(" * 65 + "a == 1" + ")" * 65,
    "[" * 60_000,
    "a IN " + "[" * 65 + "1" + "]" * 65,
    "NOT " * 16_000,
    "a == " + "1" * 60_000,
    'a == "' + "\\" * 60_000,
    "'" * 60_001,
    "a == 1 OR " * 8_000,
    "x" * 200_000,
    "a ==",
    "a == 1; DROP TABLE workers",
    "__import__('os').system('true')",
    "a.__class__ == 1 AND",
    "a == 1\x00",
    "\x00",
]
TIMES = [
    "2999-01-01T00:00:00Z",
    "1899-12-31T23:59:59Z",
    "0000-00-00",
    "-1",
    "٢٠٢٤-٠١-٠١",
    "2024-01-01T24:61:00Z",
    "1e9",
]
TIMES += ["9999-12-31T23:59:59-23:59", "0001-01-01T00:00:00+23:59", "2024-01-01T00:00:00+99:99", "9" * 5_000]
CONFIGURATIONS = [
    *JSONS,
    "{}",
    '{"task_routing": ' * 300 + "1" + "}" * 300,
    '{"task_routing": {"default_filter": {"queue": "WQ' + "0" * 32 + '"}}}',
    '{"task_routing": {"filters": "no"}}',
    '{"task_routing": {"filters": [1, null]}}',
    '{"task_routing": {"filters": [{"expression": ' + json.dumps("(" * 60_000) + ', "targets": []}]}}',
]
VALUES: list[tuple[str, dict[str, str], str, list[str]]] = [  # path, what else it needs, parameter, values
    ("workspaces", {}, "FriendlyName", NAMES),
    ("workspaces", {"FriendlyName": "x"}, "EventCallbackUrl", URLS),
    ("workspaces", {"FriendlyName": "x"}, "Template", ["x", "\x00"]),
    ("workspace", {}, "FriendlyName", NAMES),
    ("workspace", {}, "EventCallbackUrl", URLS),
    ("workspace", {}, "EventsFilter", ["\x00", "x" * 20_000]),
    ("workspace", {}, "DefaultActivitySid", SIDS),
    ("workspace", {}, "TimeoutActivitySid", SIDS),
    ("workspace", {}, "PrioritizeQueueOrder", ["SIRO", "\x00"]),
    ("activities", {}, "FriendlyName", [*NAMES, "Working", "working"]),
    ("activity", {}, "FriendlyName", [*NAMES, "Offline"]),
    ("task channels", {"UniqueName": "n"}, "FriendlyName", NAMES),
    ("task channels", {"FriendlyName": "x"}, "UniqueName", ["fax", "a b", "\x00", "x" * 65, "1", "é", "a\n"]),
    ("task channel", {}, "FriendlyName", NAMES),
    ("workers", {}, "FriendlyName", [*NAMES, "Alice"]),
    ("workers", {"FriendlyName": "x"}, "Attributes", JSONS),
    ("workers", {"FriendlyName": "x"}, "ActivitySid", SIDS),
    ("worker", {}, "FriendlyName", NAMES),
    ("worker", {}, "Attributes", JSONS),
    ("worker", {}, "ActivitySid", SIDS),
    ("worker channel", {}, "Capacity", INTEGERS),
    ("worker reservation", {}, "ReservationStatus", ["x", "\x00", "wrapping", "completed", "accepted " * 1_000]),
    ("worker reservation", {}, "Instruction", ["x", "\x00", "y" * 100]),
    ("task reservation", {"ReservationStatus": "rejected"}, "WorkerActivitySid", SIDS),
    ("task queues", {}, "FriendlyName", [*NAMES, "all"]),
    ("task queues", {"FriendlyName": "x"}, "TargetWorkers", EXPRESSIONS),
    ("task queues", {"FriendlyName": "x"}, "MaxReservedWorkers", [*INTEGERS, "0", "51"]),
    ("task queues", {"FriendlyName": "x"}, "AssignmentActivitySid", SIDS),
    ("task queue", {}, "TargetWorkers", EXPRESSIONS),
    ("task queue", {}, "TaskOrder", ["SIRO", "\x00"]),
    ("workflows", {"FriendlyName": "x"}, "Configuration", CONFIGURATIONS),
    ("workflow", {}, "Configuration", CONFIGURATIONS),
    ("lint", {}, "TargetWorkers", EXPRESSIONS),
    ("lint", {}, "Configuration", [each for each in CONFIGURATIONS if "WQ" not in each]),
    ("workflow", {}, "TaskReservationTimeout", [*INTEGERS, "0"]),
    ("workflow", {}, "AssignmentCallbackUrl", URLS),
    ("workflow", {}, "FallbackAssignmentCallbackUrl", URLS),
    ("tasks", {}, "Attributes", JSONS),
    ("tasks", {}, "Priority", INTEGERS),
    ("tasks", {}, "Timeout", [*INTEGERS, "0"]),
    ("tasks", {}, "WorkflowSid", SIDS),
    ("tasks", {}, "TaskChannel", ["none", "\x00", "TC" + "0" * 32, "x" * 100_000]),
    ("tasks", {}, "VirtualStartTime", TIMES),
    ("tasks", {}, "RoutingTarget", SIDS),
    ("task", {}, "Attributes", JSONS),
    ("task", {}, "Priority", INTEGERS),
    ("task", {}, "AssignmentStatus", ["x", "\x00", "completed", "wrapping"]),
    ("task", {}, "VirtualStartTime", TIMES),
    ("accounts", {}, "FriendlyName", ["nul\x00", "x" * 65]),
    ("account", {}, "FriendlyName", ["nul\x00", "x" * 65]),
    ("account", {}, "Status", ["closed\x00", "x"]),
    ("keys", {}, "FriendlyName", ["nul\x00", "x" * 65]),
    ("key", {}, "FriendlyName", ["nul\x00", "x" * 65]),
]


@pytest.mark.parametrize(("name", "rest", "parameter", "values"), VALUES, ids=[f"{v[0]}-{v[2]}" for v in VALUES])
def test_a_hostile_value_is_refused(
    house: House, raw: Raw, name: str, rest: dict[str, str], parameter: str, values: list[str]
) -> None:
    paths = house.paths | house.credentials
    with contextlib.closing(raw.connect()) as connection:
        for value in values:
            connection.request("POST", paths[name], urlencode(rest | {parameter: value}), raw.auth | FORM)
            message = refused(read(connection))
            assert "\r" not in message, value
            assert "\x00" not in message, value


@pytest.mark.parametrize("header", ["zero", "-1", "1e3", "٣", '"', "9" * 5_000, "0, 1", 'W/"a"', "\xff"])
def test_a_hostile_version_is_refused(house: House, raw: Raw, header: str) -> None:
    encoded = header.encode().decode("latin-1")
    for name in ("task", "worker", "task reservation", "worker reservation"):
        refused(raw.ask("POST", house.paths[name], b"Unknown=1", FORM | {"If-Match": encoded}))
    for name in ("task", "worker"):
        refused(raw.ask("DELETE", house.paths[name], headers={"If-Match": encoded}))


def test_a_refused_part_of_a_form_refuses_all_of_it(house: House, raw: Raw) -> None:
    """What would be good alone comes first, and last."""
    for name, good, bad in (
        ("worker", {"FriendlyName": "Mallory"}, {"Attributes": "{"}),
        ("task", {"Priority": "7"}, {"Attributes": "{"}),
        ("workflow", {"FriendlyName": "other"}, {"Configuration": "{}"}),
        ("task queue", {"FriendlyName": "other"}, {"TargetWorkers": "a =="}),
        ("workspace", {"FriendlyName": "other"}, {"TimeoutActivitySid": "WA" + "0" * 32}),
    ):
        refused(raw.ask("POST", house.paths[name], urlencode(good | bad).encode(), FORM))
        refused(raw.ask("POST", house.paths[name], urlencode(bad | good).encode(), FORM))


# --- paths and queries --------------------------------------------------------------------------------------------

PATHS = [
    "/Tasks/WT%00",
    "/Tasks/%ff%fe",
    "/Tasks/..%2f..%2f..",
    "/Tasks/../Workers",
    "/Tasks/%2e%2e",
    "//Tasks",
    "/Tasks/",
    "/tasks",
    "/Tasks;a=1",
    "/Workers/" + "W" * 8_000,
    "/Workers/WK" + "٣".encode().hex().replace("d9", "%d9").replace("a3", "%a3") * 32,
    "/Workers/" + "/".join(["x"] * 5_000),
    "/Tasks/'%20OR%20'1'='1",
    "/Tasks/WT" + "0" * 32 + "/Reservations/WR%00",
    "/Tasks/WT" + "0" * 32 + "/Explanation",
    "/Tasks/WT%00/Explanation",
    "/Deliveries/DA" + "f" * 32,
    "/Events/EV" + "f" * 32,
    "/TaskChannels/%00",
    "/TaskChannels/" + "x" * 5_000,
    "/Workers/%F0%9F%92%A9",
]


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path[:40])
@pytest.mark.parametrize("method", ["GET", "POST", "DELETE"])
def test_a_hostile_path_is_not_found(house: House, raw: Raw, method: str, path: str) -> None:
    answer = raw.ask(method, house.base + path, b"FriendlyName=x" if method == "POST" else None, FORM)
    assert (answer.status, answer.json["status"]) in ((404, 404), (405, 405))


DEEP_OBJECT = '{"a":' * 4_000
QUERIES: list[tuple[str, str, int]] = [
    *(("/Tasks", f"PageSize={quote(size)}", 400) for size in ("0", "-1", "1e3", "٥", "9" * 5_000, "NaN", "\x00")),
    *(("/Tasks", f"Page={quote(page)}", 400) for page in ("1", "-1", "٥", "9" * 5_000, "\x00")),
    *(("/Workers", f"PageToken={token}", 400) for token in ("x", "PA", "PAWK", "P" * 50_000, "%00", "PAWK" + "g" * 32)),
    ("/Workers", "PageToken=PAWK" + "f" * 32, 200),
    ("/Tasks", "PageToken=PBWT" + "0" * 32, 200),
    ("/Tasks", "PageSize=%ff", 400),
    ("/Tasks", "%ff=1", 400),
    ("/Tasks", "&".join(["a=1"] * 10_000), 400),
    ("/Tasks", "EvaluateTaskAttributes=" + "(" * 50_000, 400),
    ("/Tasks", "EvaluateTaskAttributes=" + quote("a =="), 400),
    ("/Tasks", "EvaluateTaskAttributes=%00", 400),
    ("/Tasks", "AssignmentStatus=" + "x," * 20_000, 400),
    ("/Tasks", "AssignmentStatus=pending%00", 400),
    ("/Tasks", "TaskQueueSid=WQ%00", 400),
    ("/Tasks", "Ordering=" + "x," * 20_000, 400),
    ("/Workers", "TargetWorkersExpression=" + "(" * 50_000, 400),
    ("/Workers", "TargetWorkersExpression=" + quote("__import__('os')"), 400),
    ("/Workers", "ActivitySid=WA", 400),
    ("/Workers", "FriendlyName=" + "%F0%9F%92%A9" * 4_000, 200),
    ("/TaskQueues", "EvaluateWorkerAttributes=" + "[" * 50_000, 400),
    ("/TaskQueues", "EvaluateWorkerAttributes=" + quote(DEEP_OBJECT), 400),
    ("/TaskQueues", "EvaluateWorkerAttributes=NaN", 400),
    ("/Events", "Sid=EV" + "f" * 32, 200),
    ("/Events", "Sid=EV%00", 400),
    ("/Events", "Minutes=" + "9" * 400, 400),
    *(("/Events", f"StartDate={quote(text)}", 400) for text in ("2026-13-01", "\x00", "9" * 5_000, "٢٠٢٤-٠١-٠١")),
]


@pytest.mark.parametrize(("path", "query", "status"), QUERIES, ids=lambda part: str(part)[:40])
def test_a_hostile_query_has_a_clear_answer(house: House, raw: Raw, path: str, query: str, status: int) -> None:
    answer = raw.ask("GET", f"{house.base}{path}?{query}")
    if status == 200:
        assert answer.status == 200
    else:
        refused(answer, status)


# --- what is no proper HTTP ---------------------------------------------------------------------------------------


def test_no_request_is_smuggled(house: House, raw: Raw) -> None:
    """Each holds a second request that would delete the workspace, for a reader who sees its length otherwise."""
    auth = f"Host: x\r\nAuthorization: {raw.auth['Authorization']}\r\n"
    hidden = f"DELETE {house.base} HTTP/1.1\r\n{auth}Connection: close\r\n\r\n"
    size = len(hidden)
    for way in (
        f"Content-Length: 0\r\nContent-Length: {size}\r\n\r\n",
        f"Content-Length: {size}\r\nContent-Length: 0\r\n\r\n",
        f"Content-Length: {size}, 0\r\n\r\n",
        f"Content-Length: {size}\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n0\r\n\r\n",
        "Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
        "Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n",
        "Transfer-Encoding:\x0bchunked\r\n\r\n0\r\n\r\n",
        "Content-Length: +0\r\n\r\n",
        "Content-Length: -1\r\n\r\n",
        "Content-Length: 0x0\r\n\r\n",
        "Content-Length: 99999999999999999999999999\r\n\r\n",
        "Content-Length: ٠\r\n\r\n",
        "X: a\r\n Content-Length: 0\r\n\r\n",
        "X: a\n\n",
        "X: a\r\r\n\r\n",
        "X\x00: a\r\n\r\n",
        "Transfer-Encoding: chunked\r\n\r\n0\n\n",
        "Transfer-Encoding: chunked\r\n\r\n0;a\nb\r\n\r\n",
    ):
        received = raw.say(f"POST {house.base}/Nothing HTTP/1.1\r\n{auth}{way}{hidden}".encode())
        head, _, body = received.partition(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 400 "), way
        assert json.loads(body)["status"] == 400, "and this is all that is answered"
    assert raw.ask("GET", house.base).status == 200


@pytest.mark.parametrize(
    ("line", "status"),
    [
        (b"GET http://other.example:99/v1/Workspaces HTTP/1.1", 200),
        (b"GET http://user@other.example/v1/Workspaces HTTP/1.1", 400),
        (b'GET http://a"b/v1/Workspaces HTTP/1.1', 400),
        (b"GET http://other.example HTTP/1.1", 400),
        (b"GET * HTTP/1.1", 404),
        (b"CONNECT other.example:443 HTTP/1.1", 400),
        (b"GET v1/Workspaces HTTP/1.1", 400),
        (b"GET //other.example/v1/Workspaces HTTP/1.1", 404),
        (b"GET /v1/\x00 HTTP/1.1", 400),
        (b"GET /v1/\xff HTTP/1.1", 400),
        (b"GET /v1/Workspaces?a=\xff HTTP/1.1", 400),
        (b"GET /v1/Work spaces HTTP/1.1", 400),
        (b"GET /v1/Workspaces HTTP/3.0", 400),
        (b"GET /v1/Workspaces HTTP/1.1 HTTP/1.1", 400),
        (b"GET /" + b"a" * 70_000 + b" HTTP/1.1", 431),
        (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 400),
    ],
    ids=lambda part: str(part)[:50],
)
def test_a_hostile_request_line(house: House, raw: Raw, line: bytes, status: int) -> None:
    auth = f"Host: x\r\nConnection: close\r\nAuthorization: {raw.auth['Authorization']}\r\n\r\n"
    received = raw.say(line + b"\r\n" + auth.encode())
    assert received.startswith(b"HTTP/1.1 %d " % status), received
    body = json.loads(received.partition(b"\r\n\r\n")[2])
    if status == 200:
        assert body["meta"]["url"].startswith("http://other.example:99/v1/"), "the target outranks the header"
    else:
        assert body["status"] == status


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        (b"Host: x\r\nHost: y\r\n", 400),
        (b"", 400),
        (b"Host: x\r\nX: a\x00b\r\n", 400),
        (b"Host: x\r\nX: a\rb\r\n", 400),
        (b"Host: x\r\n: a\r\n", 400),
        (b"Host: x\r\nX a: b\r\n", 400),
        (b"Host: x\r\n" + b"X: a\r\n" * 1_000, 431),
        (b"Host: x\r\nX: " + b"a" * 70_000 + b"\r\n", 431),
        (b"Host: x\r\n" + b"a" * 70_000 + b": x\r\n", 431),
    ],
    ids=lambda part: str(part)[:40],
)
def test_hostile_headers(raw: Raw, headers: bytes, status: int) -> None:
    auth = f"Authorization: {raw.auth['Authorization']}\r\nConnection: close\r\n\r\n".encode()
    received = raw.say(b"GET /v1/Workspaces HTTP/1.1\r\n" + headers + auth)
    assert received.startswith(b"HTTP/1.1 %d " % status), received
    assert json.loads(received.partition(b"\r\n\r\n")[2])["status"] == status


def test_a_head_that_never_ends_is_cut_off(raw: Raw) -> None:
    with raw.open() as connection:
        connection.sendall(b"GET /health HTTP/1.1\r\nHost: x\r\nX-Long: ")
        sent, cut = 0, False
        try:
            while sent < 64 * 2**20:
                connection.sendall(b"a" * 16_384)
                sent += 16_384
                time.sleep(0.001)
        except (BrokenPipeError, ConnectionResetError):
            cut = True
    assert cut, "64 MB of one header were taken"


# --- others meanwhile ---------------------------------------------------------------------------------------------


def test_nobody_waits_long_for_what_is_hostile(server: Pointsman, house: House, raw: Raw) -> None:
    """The worst of the tables, one after another, while somebody else asks for a little: how much the server does
    before it answers, in processor time."""
    costly: list[tuple[str, bytes]] = [
        ("workspace", b"FriendlyName=" + b"%41" * 1_300_000),
        ("workspace", b"FriendlyName=" + b"%C3%A9" * 690_000),
        *(("task queue", urlencode({"TargetWorkers": each}).encode()) for each in EXPRESSIONS),
        *(("workflow", urlencode({"Configuration": each}).encode()) for each in CONFIGURATIONS),
    ]
    done = threading.Event()
    waited: list[float] = []

    def ask_little() -> None:
        with contextlib.closing(raw.connect()) as connection:
            while not done.is_set():
                before_s = server.worked_s()
                connection.request("GET", "/health")
                assert read(connection).status == 200
                waited.append(server.worked_s() - before_s)
                time.sleep(0.001)

    beside = threading.Thread(target=ask_little)
    beside.start()
    try:
        for name, body in costly:
            refused(raw.ask("POST", house.paths[name], body, FORM))
    finally:
        done.set()
        beside.join()
    assert max(waited) < sum(waited) / 2, f"{max(waited):.2f} s of {sum(waited):.2f} s"
