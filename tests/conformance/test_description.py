"""Our operations beside the published description, field by field: whatever differs is listed, with its reason."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import pytest

from tests.conformance.description import FILE, Difference, Document, differences, published, served
from tests.conformance.description_differences import KNOWN, reason_of
from tests.spec import ABSENT

with_the_file = pytest.mark.skipif(not FILE.is_file(), reason=ABSENT)


@pytest.fixture(scope="module")
def found() -> list[Difference]:
    return differences(published(), served())


@with_the_file
def test_every_difference_from_the_published_description_has_a_reason(found: list[Difference]) -> None:
    """[oai]; a new parameter, bound or field of ours needs a row too."""
    assert [each for each in found if reason_of(each) is None] == []


@with_the_file
def test_every_reason_that_is_listed_is_the_reason_of_a_difference(found: list[Difference]) -> None:
    """What has been mended leaves the list, also where it shares a row with others."""
    reasons = [(each, reason_of(each)) for each in found]
    for known in KNOWN:
        own = [each for each, reason in reasons if reason is known]
        for place in known.places:
            assert any(known._replace(places=(place,)).fits(each) for each in own), (known.operations, place)


# --- what the comparison notices ----------------------------------------------------------------------------------

TASK = "/v1/Workspaces/{WorkspaceSid}/Tasks/{Sid}"
TASKS = "/v1/Workspaces/{WorkspaceSid}/Tasks"
Change = Callable[[Document], Any]


def query(whole: Document, path: str, name: str) -> dict[str, Any]:
    parameters: list[dict[str, Any]] = whole["paths"][path]["get"]["parameters"]
    return next(each for each in parameters if each["name"] == name)


def form(whole: Document, name: str) -> dict[str, Any]:
    schema: dict[str, Any] = whole["components"]["schemas"][name]
    return schema


CHANGES: dict[tuple[str, str, str], Change] = {
    ("DeleteTask", "operation", "absent"): lambda d: d["paths"][TASK].pop("delete"),
    ("FetchTask", "operation", "id"): lambda d: d["paths"][TASK]["get"].update(operationId="ReadTask"),
    ("ListTask", "query Priority", "absent"): lambda d: query(d, TASKS, "Priority").update(name="Prio"),
    ("ListTask", "query Prio", "beyond"): lambda d: query(d, TASKS, "Priority").update(name="Prio"),
    ("ListTask", "query Priority", "type"): lambda d: query(d, TASKS, "Priority")["schema"].update(type="string"),
    ("ListTask", "query Priority", "required"): lambda d: query(d, TASKS, "Priority").update(required=True),
    ("ListTask", "path WorkspaceSid", "pattern"): lambda d: query(d, TASKS, "WorkspaceSid")["schema"].pop("pattern"),
    ("UpdateTask", "header If-Match", "absent"): lambda d: d["paths"][TASK]["post"]["parameters"].pop(),
    ("UpdateTask", "body multipart/form-data", "absent"): lambda d: d["paths"][TASK]["post"]["requestBody"][
        "content"
    ].pop("multipart/form-data"),
    ("UpdateTask", "form Priority", "maximum"): lambda d: form(d, "UpdateTaskRequest")["properties"]["Priority"].update(
        maximum=9
    ),
    ("UpdateTask", "form AssignmentStatus", "enum"): lambda d: form(d, "UpdateTaskRequest")["properties"][
        "AssignmentStatus"
    ]["enum"].pop(),
    ("CreateWorker", "form FriendlyName", "required"): lambda d: form(d, "CreateWorkerRequest").pop("required"),
    ("UpdateTaskReservation", "form StatusCallbackEvent", "items enum"): lambda d: form(
        d, "UpdateTaskReservationRequest"
    )["properties"]["StatusCallbackEvent"]["items"]["enum"].pop(),
    ("CreateTask", "status", "type"): lambda d: d["paths"][TASKS]["post"]["responses"].update(
        {"202": d["paths"][TASKS]["post"]["responses"].pop("201")}
    ),
    ("FetchTask", "header etag", "absent"): lambda d: d["paths"][TASK]["get"]["responses"]["200"]["headers"].pop(
        "ETag"
    ),
    ("ListTask", "rows tasks", "absent"): lambda d: (
        (rows := d["paths"][TASKS]["get"]["responses"]["200"]["content"]["application/json"]["schema"]["properties"]),
        rows.update(items=rows.pop("tasks")),
    ),
    ("ListTask", "meta page", "type"): lambda d: form(d, "PageMeta")["properties"]["page"].update(type="string"),
    ("FetchTask", "answer age", "absent"): lambda d: form(d, "Task")["properties"].pop("age"),
    ("FetchTask", "answer age", "null"): lambda d: form(d, "Task")["properties"]["age"].update(
        type=["integer", "null"]
    ),
    ("FetchTask", "answer sid", "pattern"): lambda d: form(d, "Task")["properties"]["sid"].pop("pattern"),
}


@pytest.mark.parametrize(("expected", "change"), CHANGES.items(), ids=[" ".join(key) for key in CHANGES])
def test_a_difference_is_noticed(expected: tuple[str, str, str], change: Change) -> None:
    theirs = served()
    ours = copy.deepcopy(theirs)
    change(ours)
    assert expected in [(each.operation, each.place, each.aspect) for each in differences(theirs, ours)]


def test_an_answer_may_promise_more_than_described_but_a_request_may_not_ask_for_more() -> None:
    theirs = served()
    ours = copy.deepcopy(theirs)
    assert differences(theirs, ours) == []
    form(ours, "Task")["properties"]["age"]["minimum"] = 0
    assert differences(theirs, ours) == []
    form(ours, "CreateTaskRequest")["properties"]["Timeout"]["pattern"] = "x"
    assert [each.place for each in differences(theirs, ours)] == ["form Timeout"]
