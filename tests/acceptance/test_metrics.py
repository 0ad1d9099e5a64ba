"""`/metrics` of a real server, read as Prometheus reads it."""

from __future__ import annotations

import json
from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families

from tests.acceptance.conftest import Pointsman
from tests.acceptance.raw import Raw

pytestmark = pytest.mark.acceptance

Samples = dict[tuple[str, tuple[tuple[str, str], ...]], float]


def made(raw: Raw, path: str, **form: str) -> dict[str, Any]:
    answer = raw.send("POST", path, **form)
    assert answer.status == 201, answer.body
    found: dict[str, Any] = answer.json
    return found


def metrics(raw: Raw) -> Samples:
    answer = raw.send("GET", "/metrics")
    assert (answer.status, answer.headers["content-type"]) == (200, "text/plain; version=0.0.4; charset=utf-8")
    return {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(answer.body.decode())
        for sample in family.samples
    }


def test_it_shows_what_the_server_has_done_and_what_waits(pointsman: Pointsman) -> None:
    raw = Raw(pointsman)
    home = f"/v1/Workspaces/{made(raw, '/v1/Workspaces', FriendlyName='watched')['sid']}"
    queue = made(raw, f"{home}/TaskQueues", FriendlyName="none", TargetWorkers="1==2")["sid"]
    rules = json.dumps({"task_routing": {"default_filter": {"queue": queue}}})
    workflow = made(raw, f"{home}/Workflows", FriendlyName="all", Configuration=rules)["sid"]
    for _ in range(3):
        made(raw, f"{home}/Tasks", WorkflowSid=workflow)
    assert raw.send("POST", f"{home}/Tasks", WorkflowSid="WW" + "0" * 32).status == 400
    found = metrics(raw)
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
    raw = Raw(pointsman)
    assert raw.ask("GET", "/metrics", headers={"Authorization": ""}).status == 401
    assert raw.send("POST", "/metrics").status == 405
    workspace = made(raw, "/v1/Workspaces", FriendlyName="mine")["sid"]
    (other,) = json.loads(pointsman.command("accounts", "create", "other", "--json").stdout)
    text = Raw(pointsman, other["sid"], other["auth_token"]).send("GET", "/metrics").body.decode()
    assert workspace not in text
    assert "pointsman_info" in text
    assert workspace in raw.send("GET", "/metrics").body.decode()
