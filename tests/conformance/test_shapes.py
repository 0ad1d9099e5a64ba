"""The comparison itself: what it sees, and what it lets pass."""

from __future__ import annotations

from typing import Any

import pytest

from tests.conformance.shapes import compare, compare_errors

A, B = "a" * 32, "0123456789abcdef" * 2
HERE, THERE = "http://127.0.0.1:1234", "https://taskrouter.twilio.com"


@pytest.mark.parametrize(
    ("theirs", "ours"),
    [
        ({"age": 1, "name": "x"}, {"name": "", "age": 7}),
        ({"sid": f"WS{A}"}, {"sid": f"WS{B}"}),
        ({"at": "2014-05-14T10:50:02Z"}, {"at": "2026-03-02T09:00:00Z"}),
        ({"url": f"{THERE}/v1/Workspaces/WS{A}"}, {"url": f"{HERE}/v1/Workspaces/WS{B}"}),
        ({"url": f"{THERE}/v1/Workspaces?FriendlyName=a&PageSize=50&Page=0"},) * 2,
        ({"rows": [{"a": 1}]}, {"rows": [{"a": 2}, {"a": 3}]}),
        ({"tasks_by_priority": {"0": 4}}, {"tasks_by_priority": {"5": 1, "7": 2}}),
        (None, None),
    ],
)
def test_values_do_not_count(theirs: Any, ours: Any) -> None:
    assert list(compare(theirs, ours)) == []


@pytest.mark.parametrize(
    ("theirs", "ours", "finding"),
    [
        ({"a": 1}, {}, "a: integer there, absent here"),
        ({}, {"a": None}, "a: absent there, null here"),
        ({"a": {"b": "x"}}, {"a": {"b": None}}, "a.b: text there, null here"),
        ({"a": 1}, {"a": "1"}, "a: integer there, text here"),
        ({"a": True}, {"a": 1}, "a: boolean there, integer here"),
        ({"a": 0.0}, {"a": 0}, "a: number there, integer here"),
        ({"a": f"WK{A}"}, {"a": f"WT{A}"}, "a: sid WK there, sid WT here"),
        ({"a": "2014-05-14T10:50:02Z"}, {"a": "2014-05-14T10:50:02.1Z"}, "a: time there, text here"),
        ({"a": '{"b": 1}'}, {"a": '{"b":1}'}, "a: JSON with blanks there, JSON here"),
        ({"a": '{"b":1}'}, {"a": {"b": 1}}, "a: JSON there, object here"),
        ({"rows": [{"a": 1}]}, {"rows": [{"a": 2}, {"a": None}]}, "rows.a: integer there, null here"),
        ({"rows": []}, {"rows": [1]}, "rows: no rows there, rows here"),
        ({"rows": [1]}, {"rows": []}, "rows: rows there, no rows here"),
        (None, {"a": 1}, ": null there, object here"),
        (
            {"url": f"{THERE}/v1/Workspaces/WS{A}/Tasks"},
            {"url": f"{HERE}/v1/Workspaces/WS{A}/Workers"},
            "url: URL /v1/Workspaces/WS…/Tasks there, URL /v1/Workspaces/WS…/Workers here",
        ),
        (
            {"url": f"{THERE}/v1/Workspaces?A=1&B=2&PageSize=1&Page=1&PageToken=PAWS{A}"},
            {"url": f"{HERE}/v1/Workspaces?B=1&A=2&PageSize=1&Page=2&PageToken=PBWS{B}"},
            "url: URL /v1/Workspaces?A&B&PageSize=1&Page=1&PageToken=PAWS… there, "
            "URL /v1/Workspaces?B&A&PageSize=1&Page=2&PageToken=PBWS… here",
        ),
    ],
)
def test_forms_do(theirs: Any, ours: Any, finding: str) -> None:
    assert [str(each) for each in compare(theirs, ours)] == [finding]


def test_rows_of_events_stand_beside_those_of_their_type() -> None:
    theirs = [{"event_type": "task.created", "a": 1}, {"event_type": "worker.activity", "b": 1}]
    ours = [{"event_type": "worker.activity.update", "b": 2}, {"event_type": "task.deleted", "c": 3}]
    assert list(compare(theirs, ours)) == []


@pytest.mark.parametrize(
    ("changed", "finding"),
    [
        ({"code": 20002}, "code: 20001 there, 20002 here"),
        ({"message": f"No WT{B}!"}, "message: No WT… there, No WT…! here"),
        ({"message": f"No WT{B}"}, None),
    ],
)
def test_of_errors_the_code_and_the_text_count(changed: dict[str, Any], finding: str | None) -> None:
    theirs = {"code": 20001, "message": f"No WT{A}", "status": 400}
    found = [str(each) for each in compare_errors(theirs, theirs | changed)]
    assert found == ([finding] if finding else [])


def test_of_errors_the_order_of_keys_counts() -> None:
    (found,) = compare_errors({"message": "x", "status": 500}, {"status": 500, "message": "x"})
    assert found.at == "order of keys"
