"""`/metrics` of a real server, read as Prometheus reads it."""

from __future__ import annotations

import json
import urllib.error
import urllib.parse
import urllib.request
from base64 import b64encode
from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families

from tests.acceptance.conftest import Pointsman

pytestmark = pytest.mark.acceptance

Samples = dict[tuple[str, tuple[tuple[str, str], ...]], float]


def ask(server: Pointsman, method: str, path: str, **form: str) -> tuple[int, str, str]:
    known = b64encode(f"{server.account}:{server.token}".encode()).decode()
    headers = {"Authorization": f"Basic {known}"}
    data = urllib.parse.urlencode(form).encode() if method == "POST" else None
    request = urllib.request.Request(f"{server.url}{path}", data=data, headers=headers, method=method)
    try:
        with urllib.request.urlopen(request, timeout=10) as response:
            return response.status, response.headers["Content-Type"], response.read().decode()
    except urllib.error.HTTPError as problem:
        return problem.code, problem.headers["Content-Type"], problem.read().decode()


def made(server: Pointsman, path: str, **form: str) -> dict[str, Any]:
    status, _, body = ask(server, "POST", path, **form)
    assert status == 201, body
    found: dict[str, Any] = json.loads(body)
    return found


def metrics(server: Pointsman) -> Samples:
    status, kind, text = ask(server, "GET", "/metrics")
    assert (status, kind) == (200, "text/plain; version=0.0.4; charset=utf-8")
    return {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def test_it_shows_what_the_server_has_done_and_what_waits(pointsman: Pointsman) -> None:
    home = f"/v1/Workspaces/{made(pointsman, '/v1/Workspaces', FriendlyName='watched')['sid']}"
    queue = made(pointsman, f"{home}/TaskQueues", FriendlyName="none", TargetWorkers="1==2")["sid"]
    rules = json.dumps({"task_routing": {"default_filter": {"queue": queue}}})
    workflow = made(pointsman, f"{home}/Workflows", FriendlyName="all", Configuration=rules)["sid"]
    for _ in range(3):
        made(pointsman, f"{home}/Tasks", WorkflowSid=workflow)
    assert ask(pointsman, "POST", f"{home}/Tasks", WorkflowSid="WW" + "0" * 32)[0] == 400
    found = metrics(pointsman)
    mine = ("workspace", home.rpartition("/")[2])
    assert found["pointsman_tasks", (("status", "pending"), mine)] == 3
    assert found["pointsman_task_queue_waiting", (("task_queue", queue), mine)] == 3
    assert found["pointsman_commands_total", (("command", "CreateTask"), ("outcome", "done"))] == 3
    assert found["pointsman_commands_total", (("command", "CreateTask"), ("outcome", "refused"))] == 1
    assert found["pointsman_commit_seconds_count", ()] >= 5
    assert found["pointsman_store_available", (mine,)] == 1
    assert found["pointsman_connections", (("port", "plain"),)] >= 1
    assert found["process_open_fds", ()] > 0


def test_it_is_for_those_who_log_in_and_shows_them_their_own(pointsman: Pointsman) -> None:
    with pytest.raises(urllib.error.HTTPError, match="401"):
        urllib.request.urlopen(f"{pointsman.url}/metrics", timeout=10)
    assert ask(pointsman, "POST", "/metrics")[0] == 405
    workspace = made(pointsman, "/v1/Workspaces", FriendlyName="mine")["sid"]
    (other,) = json.loads(pointsman.command("accounts", "create", "other", "--json").stdout)
    login = b64encode(f"{other['sid']}:{other['auth_token']}".encode()).decode()
    request = urllib.request.Request(f"{pointsman.url}/metrics", headers={"Authorization": f"Basic {login}"})
    with urllib.request.urlopen(request, timeout=10) as response:
        text = response.read().decode()
    assert workspace not in text
    assert "pointsman_info" in text
