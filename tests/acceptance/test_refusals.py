"""Requests with two things wrong at once: the one that is told is the one that stands first in `errors.ORDER`."""

from __future__ import annotations

import base64
import http.client
import json
import socket
import time
from collections.abc import Callable
from typing import Any, NamedTuple
from urllib.parse import urlencode, urlsplit

import pytest

from pointsman import __version__
from pointsman.resources import OPERATIONS
from pointsman.wire import errors, openapi
from tests.acceptance.conftest import Pointsman

pytestmark = pytest.mark.acceptance
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
NOWHERE = f"/v1/Workspaces/WS{'0' * 32}"


class Answer(NamedTuple):
    status: int
    body: Any

    @property
    def says(self) -> tuple[int, str]:
        return self.status, self.body["message"]


class Caller:
    """Somebody with an account on a server."""

    def __init__(self, server: Pointsman) -> None:
        self.where, self.account = urlsplit(server.url), server.account
        token = base64.b64encode(f"{server.account}:{server.token}".encode()).decode()
        self.auth = {"Authorization": f"Basic {token}"}

    def ask(self, method: str, path: str, body: str | None = None, headers: dict[str, str] | None = None) -> Answer:
        connection = http.client.HTTPConnection(str(self.where.hostname), self.where.port, timeout=20)
        try:
            connection.request(method, path, body, self.auth if headers is None else headers)
            reply = connection.getresponse()
            return Answer(reply.status, json.loads(reply.read() or b"null"))
        finally:
            connection.close()


class Asking(Caller):
    """With a workspace, a workflow and a task that waits."""

    def __init__(self, server: Pointsman) -> None:
        super().__init__(server)
        self.workspace = f"/v1/Workspaces/{self.make('/v1/Workspaces', FriendlyName='w')['sid']}"
        queue = self.make(f"{self.workspace}/TaskQueues", FriendlyName="q", TargetWorkers="1==2")["sid"]
        rules = json.dumps({"task_routing": {"default_filter": {"queue": queue}}})
        self.make(f"{self.workspace}/Workflows", FriendlyName="w", Configuration=rules)
        self.task = f"{self.workspace}/Tasks/{self.make(f'{self.workspace}/Tasks')['sid']}"
        self.no_task = f"{self.workspace}/Tasks/WT{'0' * 32}"

    def make(self, path: str, **form: str) -> Any:
        answer = self.ask("POST", path, urlencode(form), FORM | self.auth)
        assert answer.status == 201, answer
        return answer.body

    def post(self, path: str, body: str, **headers: str) -> Answer:
        return self.ask("POST", path, body, self.auth | FORM | {"If-Match": headers.get("if_match", "*")})


@pytest.fixture(scope="module")
def asking(server: Pointsman) -> Asking:
    return Asking(server)


def test_the_order_that_is_written_down_is_the_one_that_is_tested() -> None:
    """Each test below has two of these wrong at once; who changes the order in the code or on the page meets one."""
    said = [stage.looked_at for stage in errors.ORDER]
    starts = [
        "The head of the request",
        "The credentials",
        "The rate limits",
        "The path",
        "The method",
        "The workspace in the path",
        "Of an API key",
        "The body",
        "Of accounts, keys and tokens",
        "The parameters",
        "Everything else that the path names",
        "The version",
        "What is asked for",
    ]
    assert len(said) == len(starts)
    assert all(each.startswith(start) for each, start in zip(said, starts, strict=True))


def test_a_head_that_is_too_long_is_refused_before_anybody_asks_for_credentials(asking: Asking) -> None:
    with socket.create_connection((str(asking.where.hostname), asking.where.port or 0), timeout=20) as connection:
        connection.sendall(b"GET /v1/Workspaces HTTP/1.1\r\nHost: x\r\nX-Long: " + b"a" * 66_000)
        time.sleep(0.2)  # what follows comes in a piece of its own
        connection.sendall(b"a")
        assert connection.recv(64).startswith(b"HTTP/1.1 431 ")


@pytest.mark.parametrize(("method", "path"), [("GET", "/v1/Nowhere"), ("PUT", "/v1/Workspaces"), ("GET", NOWHERE)])
def test_without_credentials_nothing_else_is_told(asking: Asking, method: str, path: str) -> None:
    assert asking.ask(method, path, headers={}).status == 401


def test_a_rate_limit_that_is_used_up_is_told_before_a_path_that_leads_nowhere(
    make_pointsman: Callable[..., Pointsman],
) -> None:
    """But not to those whose credentials are wrong."""
    server = make_pointsman("--set", "rate_limit_requests_per_second=1")
    server.start()
    hasty = Caller(server)
    statuses = [hasty.ask("GET", "/v1/Nowhere").status for _ in range(5)]
    assert statuses[0] == 404 and 429 in statuses
    assert hasty.ask("GET", "/v1/Nowhere", headers={}).status == 401


def test_a_path_that_leads_nowhere_has_no_methods(asking: Asking) -> None:
    assert asking.ask("PUT", "/v1/Nowhere").status == 404


def test_a_method_that_a_path_lacks_is_refused_before_the_workspace_is_looked_for(asking: Asking) -> None:
    assert asking.ask("PUT", f"{NOWHERE}/Tasks").status == 405


def test_a_workspace_that_is_not_there_is_told_before_the_body_is_read(asking: Asking) -> None:
    answer = asking.ask("POST", f"{NOWHERE}/Tasks", "{}", asking.auth | {"Content-Type": "application/json"})
    assert answer.status == 404


def test_a_viewer_is_refused_after_the_workspace_is_looked_for_but_before_the_body_is_read(asking: Asking) -> None:
    keys = f"/2010-04-01/Accounts/{asking.account}/Keys.json"
    key = asking.make(keys, FriendlyName="v", Role="viewer")
    token = base64.b64encode(f"{key['sid']}:{key['secret']}".encode()).decode()
    headers = {"Authorization": f"Basic {token}", "Content-Type": "application/json"}
    assert asking.ask("POST", f"{NOWHERE}/Tasks", "{}", headers).status == 404
    assert asking.ask("POST", asking.no_task, "{}", headers).status == 403


def test_a_body_that_cant_be_read_is_told_before_parameters_and_instances(asking: Asking) -> None:
    answer = asking.ask("POST", asking.no_task, "Priority=x", asking.auth | {"Content-Type": "application/json"})
    assert answer.status == 415
    assert "Content-Type" in answer.body["message"]


def test_of_two_parameters_the_one_that_is_declared_first_is_told(asking: Asking) -> None:
    for body in ("Priority=x&Attributes=x", "Attributes=x&Priority=x"):
        status, message = asking.post(asking.task, body).says
        assert (status, message.split()[1]) == (400, "Attributes")


def test_a_parameter_is_told_before_if_match_and_both_before_an_instance_that_is_not_there(asking: Asking) -> None:
    status, message = asking.post(asking.no_task, "Priority=x", if_match="x").says
    assert (status, message.split()[1]) == (400, "Priority")
    status, message = asking.post(asking.no_task, "Priority=1", if_match="x").says
    assert (status, message.split()[1]) == (400, "If-Match")


def test_who_may_not_manage_an_account_is_told_so_before_parameters_but_after_the_body(asking: Asking) -> None:
    keys, nowhere = (f"/2010-04-01/Accounts/{sid}/Keys.json" for sid in (asking.account, "AC" + "0" * 32))
    made = asking.make(keys, FriendlyName="key")
    basic = base64.b64encode(f"{made['sid']}:{made['secret']}".encode()).decode()
    by_key, form = {"Authorization": f"Basic {basic}"}, f"FriendlyName={'n' * 99}"
    unreadable = {"Content-Type": "application/json"}
    assert "Content-Type" in asking.ask("POST", nowhere, form, asking.auth | unreadable).body["message"]
    assert asking.ask("POST", nowhere, form, by_key | FORM).status == 404
    assert asking.ask("POST", keys, form, by_key | FORM).status == 403
    assert asking.ask("POST", keys, form, asking.auth | FORM).status == 400


def test_a_query_is_read_before_the_parent_is_looked_for(asking: Asking) -> None:
    assert asking.ask("GET", f"{asking.no_task}/Reservations?PageSize=0").status == 400
    assert asking.ask("GET", f"{asking.no_task}/Reservations").status == 404


def test_an_instance_that_is_not_there_has_no_version(asking: Asking) -> None:
    assert asking.post(asking.no_task, "Priority=1", if_match="7").status == 404


def test_a_stale_version_is_told_before_a_move_that_is_not_allowed(asking: Asking) -> None:
    assert asking.post(asking.task, "AssignmentStatus=completed", if_match="7").status == 412
    assert asking.post(asking.task, "AssignmentStatus=completed").status == 400


def test_the_description_is_served_to_everybody(asking: Asking) -> None:
    answer = asking.ask("GET", "/openapi.json", headers={})
    assert answer.status == 200
    assert answer.body == openapi.document(OPERATIONS, "/", __version__)
    assert asking.ask("PUT", "/openapi.json", headers={}).status == 405
