"""Our statistics beside the published samples, recordings and description."""

from __future__ import annotations

import json
from functools import cache
from typing import Any

import pytest

from pointsman.core.engine.state import State
from pointsman.core.types import Millis
from pointsman.resources.declare import Operation
from pointsman.resources.statistics import BULK, LIST, REPORTS, STATISTICS_OPERATIONS, Report
from pointsman.stats import NOBODY, Level, real_time
from pointsman.wire.forms import read_query
from pointsman.wire.spelling import pascal
from pointsman.wire.statistics import Asked, Interval, bulk_body, report_body, row_body
from tests.spec import ABSENT, SPEC
from tests.uneventful import uneventful
from tests.world import World

pytestmark = pytest.mark.skipif(not SPEC.is_dir(), reason=ABSENT)
BASE = "https://taskrouter.twilio.com"
SIDS = {"account_sid": "AC" + "a" * 32, "workspace_sid": "WS" + "a" * 32}
SUBJECTS = {
    Level.WORKFLOW: {"workflow_sid": "WW" + "a" * 32},
    Level.TASK_QUEUE: {"task_queue_sid": "WQ" + "a" * 32},
    Level.WORKER: {"worker_sid": "WK" + "a" * 32},
}
QUARTER = Interval(Millis(0), Millis(900_000))
NOW = dict(real_time(State(), Level.TASK_QUEUE, NOBODY, None, Millis(0)))
NOW |= real_time(State(), Level.WORKSPACE, None, None, Millis(0))
FILES = {"worker_statistics": "workers_statistics"}  # the samples' name for it
BY_FILE = {FILES.get(each.operation.resource, each.operation.resource): each for each in REPORTS}


def answer(report: Report, waits_s: tuple[int, ...] = ()) -> dict[str, Any]:
    asked = Asked(SIDS | SUBJECTS.get(report.level, {}), QUARTER, waits_s, NOW, uneventful(waits_s))
    return report_body(report, asked, BASE)


def sample(name: str) -> Any:
    return json.loads((SPEC / "samples" / f"{name}.json").read_text())


@cache
def description() -> Any:
    return json.loads((SPEC / "twilio_taskrouter_v1.json").read_text())


@pytest.mark.parametrize("name", BY_FILE)
def test_an_answer_has_the_keys_of_what_was_observed(name: str) -> None:
    """Of both parts too; those were observed without SplitByWaitTime."""
    expected, body = sample(f"observed/{name}.fetch"), answer(BY_FILE[name])
    assert set(body) == set(expected)
    for part in ("cumulative", "realtime"):
        assert set(body.get(part, ())) == set(expected.get(part, ()))


@pytest.mark.parametrize("name", BY_FILE)
def test_an_answer_has_the_keys_and_the_url_of_the_sample(name: str) -> None:
    """The samples of combined answers are older and thinner."""
    expected, body = sample(f"{name}.fetch"), answer(BY_FILE[name], (5, 10))
    assert set(body) == set(expected)
    assert body["url"] == expected["url"]
    for part in ("cumulative", "realtime"):
        assert set(expected.get(part, ())) <= set(body.get(part, ()))
    if "split_by_wait_time" in expected:
        assert shape(body["split_by_wait_time"]) == shape(expected["split_by_wait_time"])


def shape(value: Any) -> Any:
    return {name: shape(member) for name, member in value.items()} if isinstance(value, dict) else None


@pytest.mark.parametrize("name", ["workers_cumulative_statistics", "workers_real_time_statistics"])
def test_keys_stand_in_the_order_of_the_samples_that_have_one(name: str) -> None:
    assert list(answer(BY_FILE[name])) == list(sample(f"{name}.fetch"))


def test_statuses_and_activities_are_told_as_they_were_observed() -> None:
    """Keys in their order, and activities in the order of their names."""
    expected = sample("observed/task_queue_real_time_statistics.fetch")
    body = answer(BY_FILE["task_queue_real_time_statistics"])
    assert list(body["tasks_by_status"]) == list(expected["tasks_by_status"])
    names = [each["friendly_name"] for each in expected["activity_statistics"]]
    world = World()
    told = real_time(world.state, Level.WORKSPACE, None, None, world.state.now_ms)
    assert [activity.friendly_name for activity, _ in told["activity_statistics"]] == names


def test_the_list_of_queues_is_the_sample_s() -> None:
    expected = sample("task_queues_statistics.list")
    assert expected["meta"]["key"] == LIST.key
    body = row_body(Asked(SIDS | SUBJECTS[Level.TASK_QUEUE], QUARTER, now=NOW, during=uneventful()))
    (row,) = expected["task_queues_statistics"]
    assert set(body) == set(row)
    for part in ("cumulative", "realtime"):
        assert set(row[part]) <= set(body[part])


def test_the_bulk_answer_is_the_sample_s() -> None:
    expected = sample("task_queues_bulk_real_time_statistics.create")
    body = bulk_body(Asked(SIDS), {"WQ" + "a" * 32: NOW}, BASE)
    assert list(body) == list(expected)
    assert list(body["task_queue_data"][0]) == list(expected["task_queue_data"][0])
    assert body["url"] == expected["url"]


@pytest.mark.parametrize(
    ("name", "resource"),
    [
        ("api-snippets-statistics-taskqueue", "task_queue_statistics"),
        ("api-snippets-statistics-taskqueue-cumulative", "task_queue_cumulative_statistics"),
        ("api-snippets-statistics-taskqueue-realtime", "task_queue_real_time_statistics"),
        ("api-snippets-statistics-workspace", "workspace_statistics"),
        ("api-snippets-statistics-workspace-cumulative", "workspace_cumulative_statistics"),
        ("api-snippets-statistics-workspace-realtime", "workspace_real_time_statistics"),
        ("workspace-statistics-realtime-2023", "workspace_statistics"),
    ],
)
def test_an_answer_has_the_keys_that_were_recorded(name: str, resource: str) -> None:
    """Waits were split there; some of the recordings were cut."""
    exchange = json.loads((SPEC / "recorded" / "statistics" / f"{name}.json").read_text())
    expected, body = exchange["response"]["body"], answer(BY_FILE[resource], (5, 30))
    assert set(expected) <= set(body)
    for part in ("cumulative", "realtime"):
        assert set(expected.get(part, ())) <= set(body.get(part, ()))
    cumulative = expected.get("cumulative", expected)
    if "split_by_wait_time" in cumulative:
        assert shape(body.get("cumulative", body)["split_by_wait_time"]) == shape(cumulative["split_by_wait_time"])


# --- the description ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("operation", STATISTICS_OPERATIONS, ids=lambda operation: operation.resource)
def test_an_operation_is_the_one_described(operation: Operation) -> None:
    """[oai]: path, method, status, query parameters, and the fields of its schema."""
    described = description()["paths"][operation.path][operation.method.lower()]
    query = {each["name"] for each in described["parameters"] if each["in"] == "query"}
    assert {pascal(each.name) for each in operation.query} == query
    schema = described["responses"][str(operation.status)]["content"]["application/json"]["schema"]
    if operation.key:
        schema = schema["properties"][operation.key]["items"]
    name = schema["$ref"].rpartition("/")[2]
    assert name.rpartition(".")[2] == operation.resource
    assert {field.name for field in operation.fields} == set(description()["components"]["schemas"][name]["properties"])


def test_every_described_operation_is_there() -> None:
    paths = {path for path in description()["paths"] if "tatistics" in path}
    assert {operation.path for operation in STATISTICS_OPERATIONS} == paths
    assert len(STATISTICS_OPERATIONS) == len(paths) == 15
    assert BULK.json


@pytest.mark.parametrize("operation", STATISTICS_OPERATIONS, ids=lambda operation: operation.resource)
def test_the_parameters_of_the_sample_requests_are_read(operation: Operation) -> None:
    name = FILES.get(operation.resource, operation.resource)
    for file in (SPEC / "samples" / "requests").glob(f"{name}.*.query.json"):
        sent = {key: str(value) for key, value in json.loads(file.read_text()).items()}
        assert {pascal(key) for key in read_query(operation.query, list(sent.items()))} == set(sent)
