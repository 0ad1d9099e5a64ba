"""Statistics: intervals, the body of the bulk request, and the bodies of answers."""

from __future__ import annotations

import json
from typing import Any

import pytest

from pointsman.core.engine.state import State
from pointsman.core.errors import Invalid, TooLongAgo
from pointsman.core.types import Activity, Millis, No, TaskStatus
from pointsman.resources.statistics import BULK, LIST, REPORTS, WAITS_MAX, Report
from pointsman.stats import NOBODY, Durations, Level, real_time
from pointsman.wire.errors import refusal
from pointsman.wire.forms import MissingParameter, read_query
from pointsman.wire.spelling import iso
from pointsman.wire.statistics import (
    JSON_BYTES_MAX,
    Asked,
    Interval,
    bulk_body,
    read_interval,
    read_queue_sids,
    report_body,
    row_body,
)
from tests.uneventful import uneventful

NOW_MS = Millis(1_772_442_000_000 + 999)  # 2026-03-02T09:00:00.999Z
REPORT = {report.operation.resource: report for report in REPORTS}
SIDS = {"account_sid": "AC" + "0" * 32, "workspace_sid": "WS" + "0" * 32}
OF_QUEUE = SIDS | {"task_queue_sid": "WQ" + "0" * 32}
OF_ANYTHING = OF_QUEUE | {"workflow_sid": "WW" + "0" * 32, "worker_sid": "WK" + "0" * 32}
HOUR = Interval(Millis(1_772_438_400_000), Millis(1_772_442_000_000))
BASE = "https://taskrouter.example"
EMPTY = dict(real_time(State(), Level.TASK_QUEUE, NOBODY, None, NOW_MS))
EMPTY |= real_time(State(), Level.WORKSPACE, None, None, NOW_MS)


def interval(query: dict[str, str], now_ms: Millis = NOW_MS) -> tuple[str | None, str | None]:
    found = read_interval(read_query(LIST.query, list(query.items())), now_ms)
    return iso(found.start_ms), iso(found.end_ms)


# --- intervals ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("query", "start", "end"),
    [
        ({}, "2026-03-02T08:45:00Z", "2026-03-02T09:00:00Z"),
        ({"Minutes": "240"}, "2026-03-02T05:00:00Z", "2026-03-02T09:00:00Z"),
        ({"Minutes": ""}, "2026-03-02T08:45:00Z", "2026-03-02T09:00:00Z"),
        ({"StartDate": "2026-03-01"}, "2026-03-01T00:00:00Z", "2026-03-02T09:00:00Z"),
        ({"StartDate": "2026-03-02T08:00:00.7Z"}, "2026-03-02T08:00:00Z", "2026-03-02T09:00:00Z"),
        ({"StartDate": "2026-03-02T09:00:00Z"}, "2026-03-02T09:00:00Z", "2026-03-02T09:00:00Z"),
        (
            {"StartDate": "2026-03-01T10:00:00+02:00", "EndDate": "2026-03-01T09:00:00Z"},
            "2026-03-01T08:00:00Z",
            "2026-03-01T09:00:00Z",
        ),
        ({"StartDate": "2026-03-01", "EndDate": "2026-03-01"}, "2026-03-01T00:00:00Z", "2026-03-01T00:00:00Z"),
        ({"EndDate": "2026-03-01T12:00:00Z"}, "2026-03-01T11:45:00Z", "2026-03-01T12:00:00Z"),
        ({"EndDate": "2026-03-01T12:00:00Z", "Minutes": "60"}, "2026-03-01T11:00:00Z", "2026-03-01T12:00:00Z"),
        ({"StartDate": "2026-03-01", "Minutes": "1"}, "2026-03-01T00:00:00Z", "2026-03-02T09:00:00Z"),
        ({"StartDate": "2026-03-02", "EndDate": "2026-03-03"}, "2026-03-02T00:00:00Z", "2026-03-03T00:00:00Z"),
        ({"EndDate": "2026-03-02T09:10:00Z"}, "2026-03-02T08:55:00Z", "2026-03-02T09:10:00Z"),
        ({"StartDate": "2026-01-31T09:00:00Z"}, "2026-01-31T09:00:00Z", "2026-03-02T09:00:00Z"),
        ({"Minutes": "43200"}, "2026-01-31T09:00:00Z", "2026-03-02T09:00:00Z"),
    ],
)
def test_an_interval_is_what_is_asked_to_the_second(query: dict[str, str], start: str, end: str) -> None:
    """[oai]; the default is exactly 900 s [obs]; what wins over what: [inferred]."""
    assert interval(query) == (start, end)


@pytest.mark.parametrize(
    ("query", "says"),
    [
        ({"Minutes": "0"}, "Invalid Minutes '0'"),
        ({"Minutes": "-5"}, "Invalid Minutes '-5'"),
        ({"Minutes": "1.5"}, "Invalid Minutes '1.5'"),
        ({"Minutes": "0", "StartDate": "2026-03-01"}, "Invalid Minutes '0'"),
        ({"StartDate": "yesterday"}, "Invalid StartDate 'yesterday': expected a time"),
        ({"EndDate": "2026-02-30"}, "Invalid EndDate '2026-02-30': expected a time"),
        ({"StartDate": "2026-03-02", "EndDate": "2026-03-01"}, "Invalid EndDate: .* not before StartDate"),
        ({"StartDate": "2026-03-02T09:00:01Z"}, "Invalid StartDate: .* does not begin in the future"),
        ({"StartDate": "2026-03-03", "EndDate": "2026-03-04"}, "Invalid StartDate: .* does not begin in the future"),
        ({"EndDate": "2026-03-02T09:15:01Z"}, "Invalid EndDate: .* does not begin in the future"),
    ],
)
def test_an_interval_that_makes_no_sense_is_refused(query: dict[str, str], says: str) -> None:
    with pytest.raises(Invalid, match=says):
        interval(query)


@pytest.mark.parametrize(
    ("query", "blamed"),
    [
        ({"StartDate": "2026-01-31T08:59:59Z"}, "StartDate"),
        ({"StartDate": "2008-01-02T00:00:00Z", "EndDate": "2008-01-02T00:00:00Z", "Minutes": "1"}, "StartDate"),
        ({"StartDate": "0001-01-01"}, "StartDate"),
        ({"EndDate": "2026-01-31T09:14:59Z"}, "EndDate"),
        ({"Minutes": "43201"}, "Minutes"),
        ({"Minutes": "999999999"}, "Minutes"),
    ],
)
def test_statistics_go_back_thirty_days_and_say_so_with_a_code_of_their_own(query: dict[str, str], blamed: str) -> None:
    """[docs: statistics][dict 14241]"""
    with pytest.raises(TooLongAgo, match=f"Invalid {blamed}: .* within the last 30 days") as refused:
        interval(query)
    problem = refusal(refused.value, "/v1/Workspaces")
    assert (problem.status, problem.code) == (400, 14241)


def test_statistics_go_back_no_further_than_events_are_kept() -> None:
    query = read_query(LIST.query, [("Minutes", "2881")])
    assert read_interval(query, NOW_MS, 3).start_ms < NOW_MS
    with pytest.raises(TooLongAgo, match="within the last 2 days"):
        read_interval(query, NOW_MS, 2)


# --- the bulk request ---------------------------------------------------------------------------------------------

QUEUE, OTHER = "WQ" + "a" * 32, "WQ" + "B" * 32


@pytest.mark.parametrize(
    ("body", "queues"),
    [
        ({"QueueSids": [QUEUE]}, (QUEUE,)),
        ({"queueSids": [OTHER, QUEUE]}, (OTHER, QUEUE)),
        ({"QueueSids": [QUEUE, OTHER, QUEUE], "unknown": 1}, (QUEUE, OTHER)),
        ({"queueSids": [f"WQ{n:032x}" for n in range(50)]}, tuple(f"WQ{n:032x}" for n in range(50))),
    ],
)
def test_a_bulk_request_names_queues_in_either_spelling(body: Any, queues: tuple[str, ...]) -> None:
    """[docs: taskqueue-statistics]; each is told once."""
    sent = json.dumps(body).encode()
    assert read_queue_sids(sent) == queues


def test_a_form_in_place_of_json_is_understood() -> None:
    """[clients]: what the asynchronous client of the Python library sends"""
    assert read_queue_sids(f"queueSids={QUEUE}&queueSids={OTHER}".encode()) == (QUEUE, OTHER)


@pytest.mark.parametrize(
    ("body", "says"),
    [
        (b"Queues=" + QUEUE.encode(), "not JSON"),
        (b"QueueSids=WQ1", "Invalid QueueSids 'WQ1'"),
        (b'{"QueueSids": [', "not JSON"),
        (b'{"QueueSids": ["\xff"]}', "not JSON"),
        (b"[" * 60_000, "not JSON"),
        (b"[]", "not a JSON object"),
        (b"null", "not a JSON object"),
        (b'{"QueueSids": []}', "a list of 1 to 50 sids"),
        (b'{"QueueSids": "%s"}' % QUEUE.encode(), "a list of 1 to 50 sids"),
        (json.dumps({"QueueSids": [QUEUE] * 51}).encode(), "a list of 1 to 50 sids"),
        (b'{"QueueSids": ["WQ1"]}', "Invalid QueueSids 'WQ1': expected a sid: WQ and 32 hexadecimal digits"),
        (b'{"QueueSids": [""]}', "Invalid QueueSids ''"),
        (json.dumps({"QueueSids": ["WW" + "a" * 32]}).encode(), "Invalid QueueSids 'WWa+'"),
        (b'{"QueueSids": [17, null]}', "Invalid QueueSids: expected every one to be a sid"),
        (b'{"QueueSids": ' + b"[" * 500 + b"]" * 500 + b"}", "Invalid QueueSids: expected every one to be a sid"),
        (b"{" + b" " * JSON_BYTES_MAX + b"}", "too large: expected at most 65536 bytes"),
    ],
)
def test_a_bulk_request_that_names_no_queues_is_refused(body: bytes, says: str) -> None:
    with pytest.raises(Invalid, match=says):
        read_queue_sids(body)


@pytest.mark.parametrize("body", [b"", b"{}", b'{"QueueSids": null}', b'{"queuesids": []}'])
def test_a_bulk_request_without_queues_lacks_a_parameter(body: bytes) -> None:
    with pytest.raises(MissingParameter, match="QueueSids"):
        read_queue_sids(body)


# --- answers ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("report", REPORTS, ids=lambda report: report.operation.resource)
def test_an_answer_has_the_fields_that_its_operation_declares(report: Report) -> None:
    names = [field.name for field in report.operation.fields]
    sids = {name: sid for name, sid in OF_ANYTHING.items() if name in names}
    body = report_body(report, Asked(sids, HOUR, now=EMPTY, during=uneventful()), BASE)
    assert list(body) == names
    assert body["url"].startswith(f"{BASE}/v1/Workspaces/{sids['workspace_sid']}/")
    assert body["url"].endswith(report.operation.path.rpartition("/")[2])
    assert all(body[field.name] is None for field in report.operation.fields if field.null)


def test_a_row_and_a_bulk_answer_have_the_fields_that_their_operations_declare() -> None:
    assert list(row_body(Asked(OF_QUEUE, HOUR, now=EMPTY, during=uneventful()))) == [
        field.name for field in LIST.fields
    ]
    body = bulk_body(Asked(SIDS), {QUEUE: EMPTY, OTHER: EMPTY}, BASE)
    assert list(body) == [field.name for field in BULK.fields]
    assert [each["task_queue_sid"] for each in body["task_queue_data"]] == [QUEUE, OTHER]
    assert body["task_queue_response_count"] == 2
    assert body["url"] == f"{BASE}/v1/Workspaces/{SIDS['workspace_sid']}/TaskQueues/RealTimeStatistics"


def test_a_combined_answer_names_its_sids_again_beside_what_is_now() -> None:
    """[obs]"""
    body = report_body(REPORT["task_queue_statistics"], Asked(OF_QUEUE, HOUR, now=EMPTY, during=uneventful()), BASE)
    assert {name: body["realtime"][name] for name in OF_QUEUE} == OF_QUEUE
    assert (body["cumulative"]["start_time"], body["cumulative"]["end_time"]) == (
        "2026-03-02T08:00:00Z",
        "2026-03-02T09:00:00Z",
    )


def test_figures_of_now_are_spelled_as_they_were_observed() -> None:
    """All statuses, in that order; priorities as keys, with numbers; workers by activity [obs]."""
    activity = Activity(no=No(3), sid="WA" + "3" * 32, created_ms=NOW_MS, updated_ms=NOW_MS, friendly_name="Here")
    now = EMPTY | {
        "tasks_by_status": {TaskStatus.PENDING: 2, TaskStatus.ASSIGNED: 1},
        "tasks_by_priority": {10: 1, 2: 2},
        "activity_statistics": [(activity, 4)],
    }
    body = report_body(REPORT["task_queue_real_time_statistics"], Asked(OF_QUEUE, now=now), BASE)
    assert json.dumps(body["tasks_by_status"]) == (
        '{"reserved": 0, "completed": 0, "wrapping": 0, "assigned": 1, "canceled": 0, "pending": 2}'
    )
    assert json.dumps(body["tasks_by_priority"]) == '{"2": 2, "10": 1}'
    assert body["activity_statistics"] == [{"friendly_name": "Here", "workers": 4, "sid": activity.sid}]
    assert body["longest_task_waiting_sid"] is None
    assert body["longest_task_waiting_age"] == 0


def test_a_worker_has_no_figures_of_now() -> None:
    body = report_body(
        REPORT["worker_instance_statistics"],
        Asked(SIDS | {"worker_sid": "WK" + "0" * 32}, HOUR, during=uneventful()),
        BASE,
    )
    assert list(body) == ["account_sid", "workspace_sid", "worker_sid", "url", "cumulative"]


def test_waits_are_split_only_if_that_is_asked() -> None:
    """Flat answers say null, combined ones nothing [obs][inferred]."""
    unasked, asked = (
        Asked(OF_QUEUE, HOUR, now=EMPTY, during=uneventful()),
        Asked(OF_QUEUE, HOUR, (5, 10), EMPTY, uneventful((5, 10))),
    )
    flat, combined = REPORT["task_queue_cumulative_statistics"], REPORT["task_queue_statistics"]
    nothing = {"tasks_canceled": 0, "reservations_accepted": 0}
    split = {wait: {"above": nothing, "below": nothing} for wait in ("5", "10")}
    assert report_body(flat, unasked, BASE)["split_by_wait_time"] is None
    assert report_body(flat, asked, BASE)["split_by_wait_time"] == split
    assert "split_by_wait_time" not in report_body(combined, unasked, BASE)["cumulative"]
    assert report_body(combined, asked, BASE)["cumulative"]["split_by_wait_time"] == split


def test_durations_are_spelled_as_they_were_observed() -> None:
    """[obs]"""
    activity = Activity(no=No(3), sid="WA" + "3" * 32, created_ms=NOW_MS, updated_ms=NOW_MS, friendly_name="Here")
    during = uneventful() | {
        "wait_duration_until_accepted": Durations(avg=2, min=1, max=4, total=7),
        "activity_durations": [(activity, Durations(avg=900, min=900, max=900, total=900))],
    }
    waits = report_body(REPORT["task_queue_statistics"], Asked(OF_QUEUE, HOUR, now=EMPTY, during=during), BASE)
    assert waits["cumulative"]["wait_duration_until_accepted"] == {"avg": 2, "min": 1, "max": 4, "total": 7}
    stays = report_body(REPORT["workers_cumulative_statistics"], Asked(SIDS, HOUR, now=EMPTY, during=during), BASE)
    assert stays["activity_durations"] == [
        {"avg": 900, "min": 900, "max": 900, "friendly_name": "Here", "sid": activity.sid, "total": 900}
    ]


@pytest.mark.parametrize("text", ["five", "0", "5,-1", ",", ",".join(map(str, range(1, WAITS_MAX + 2)))])
def test_waits_to_split_by_are_a_few_positive_seconds(text: str) -> None:
    with pytest.raises(Invalid, match=r"Invalid SplitByWaitTime .* up to 20 of them with commas"):
        read_query(LIST.query, [("SplitByWaitTime", text)])
