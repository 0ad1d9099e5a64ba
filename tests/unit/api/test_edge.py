"""The outermost layer: faults of our own in TaskRouter's form, and which limits a request meets."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from structlog.testing import CapturingLogger

from pointsman.api import edge
from pointsman.api.app import Endpoint, _dispatching
from pointsman.api.edge import EXPRESSION_FILTERS, Door, Edge, admit, read_edge, with_headers
from pointsman.api.rates import Limit, RateLimits, Rates
from pointsman.front import base_of
from pointsman.operations import Paths, Refused
from pointsman.settings import SETTINGS

LIMITS = RateLimits(Limit("requests", 9), Limit("expression_filters", 3), Limit("bulk_statistics", 5))
DEFAULTS = {setting.name: setting.default for setting in SETTINGS}


def asked(
    app: ASGIApp, method: str = "GET", settings: Edge | None = None, **parts: Any
) -> tuple[int, dict[str, str], bytes]:
    """The one answer to a request."""
    sent: list[Message] = []

    async def send(message: Message) -> None:
        sent.append(message)

    async def receive() -> Message:
        return {"type": "http.request", "body": b"", "more_body": False}

    scope = {
        "type": "http",
        "method": method,
        "path": "/",
        "raw_path": b"/",
        "query_string": b"",
        "scheme": "http",
        "http_version": "1.1",
        "client": ("203.0.113.9", 5),
        "server": ("127.0.0.1", 1),
        "headers": [(b"host", b"x")],
    }

    async def run() -> None:
        await with_headers(app, settings or Edge())(scope | parts, receive, send)

    asyncio.run(run())
    (start,) = (message for message in sent if message["type"] == "http.response.start")
    headers = {name.decode().lower(): value.decode() for name, value in start["headers"]}
    return start["status"], headers, b"".join(each.get("body", b"") for each in sent)


async def _failing(request: Request) -> Response:
    raise ZeroDivisionError


async def _raising(scope: Scope, receive: Receive, send: Send) -> None:
    raise ZeroDivisionError


def _serving(endpoint: Endpoint) -> ASGIApp:
    paths: Paths[Endpoint] = Paths()
    paths.add("/", endpoint)
    return _dispatching(paths, endpoint)


@pytest.mark.parametrize("app", [_serving(_failing), _raising])
def test_a_fault_that_nobody_foresaw_is_told_in_the_usual_form_and_logged(
    app: ASGIApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = CapturingLogger()
    monkeypatch.setattr(edge, "log", log)
    status, headers, body = asked(app)
    assert (status, json.loads(body)) == (500, {"message": "An error occurred", "status": 500})
    assert headers["access-control-allow-origin"] == "*"
    assert [(call.method_name, call.args) for call in log.calls] == [("exception", ("request_failed",))]


def test_a_request_that_a_server_can_not_wait_for_as_it_ends_is_told_so() -> None:
    async def cut_off(scope: Scope, receive: Receive, send: Send) -> None:
        raise asyncio.CancelledError

    status, headers, body = asked(cut_off)
    assert (status, json.loads(body)) == (503, {"message": "The server is ending", "status": 503})
    assert headers["retry-after"] == "1"


def test_the_request_is_told_where_it_came_from() -> None:
    async def tell(scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope)
        assert request.client is not None
        await Response(f"{base_of(request)} {request.client.host} {request.url.scheme}")(scope, receive, send)

    headers = [(b"host", b"a"), (b"x-forwarded-proto", b"https"), (b"x-forwarded-for", b"1.2.3.4")]
    assert asked(tell, headers=headers)[2] == b"http://a 203.0.113.9 http"
    trusting = read_edge(DEFAULTS | {"trusted_proxies": "203.0.113.0/24"})
    assert asked(tell, headers=headers, settings=trusting)[2] == b"https://a 1.2.3.4 https"


def test_settings_have_their_say() -> None:
    assert read_edge(DEFAULTS) == Edge()
    with pytest.raises(ValueError, match="body_bytes_max 0"):
        read_edge(DEFAULTS | {"body_bytes_max": 0})


@pytest.mark.parametrize(
    ("method", "path", "query", "limit"),
    [
        ("GET", "/v1/Workspaces/WS1/Workers", b"", "requests"),
        ("GET", "/v1/Workspaces/WS1/Workers", b"TargetWorkersExpression=a", "expression_filters"),
        ("HEAD", "/v1/Workspaces/WS1/Tasks", b"PageSize=1&Evaluate%54askAttributes=a", "expression_filters"),
        ("GET", "/v1/Workspaces/WS1/TaskQueues", b"EvaluateWorkerAttributes=%7B%7D", "expression_filters"),
        ("GET", "/v1/Workspaces/WS1/Tasks", b"EvaluateTaskAttributes=", "requests"),
        ("POST", "/v1/Workspaces/WS1/TaskQueues/RealTimeStatistics", b"", "bulk_statistics"),
        ("GET", "/v1/Workspaces/WS1/TaskQueues/RealTimeStatistics", b"", "requests"),
        ("POST", "/v1/Workspaces/WS1/TaskQueues", b"EvaluateTaskAttributes=a", "requests"),
    ],
)
def test_which_limit_a_request_meets(method: str, path: str, query: bytes, limit: str) -> None:
    door = Door(LIMITS, Rates(lambda: 0.0))
    scope: dict[str, Any] = {"type": "http", "method": method, "path": path, "query_string": query, "headers": []}
    scope |= {"server": ("x", 1), "scheme": "http", "pointsman.door": door}
    per_second = getattr(LIMITS, limit).per_second
    for _ in range(per_second):
        admit("AC1", Request(scope))
    told = {name.decode(): value.decode() for name, value in scope["pointsman.headers"]}
    assert told["x-rate-limit-config"] == f"{limit};q={per_second};w=1"
    with pytest.raises(Refused) as refused:
        admit("AC1", Request(scope))
    assert (refused.value.problem.status, refused.value.problem.code) == (429, 20429)
    admit("AC2", Request(scope))


def test_the_expression_filters_are_those_that_are_declared_costly() -> None:
    assert {"EvaluateTaskAttributes", "EvaluateWorkerAttributes", "TargetWorkersExpression"} == EXPRESSION_FILTERS
