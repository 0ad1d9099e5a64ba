"""The event log as a stream: a real server, real connections."""

from __future__ import annotations

import json
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.client import HTTPResponse
from typing import Any
from urllib.parse import urlencode

import pytest

from pointsman.api.streams import ACCOUNT_STREAMS_MAX, KEPT_ROWS, LOOK_AGAIN_S
from tests.acceptance.conftest import Pointsman
from tests.acceptance.raw import FORM, Raw
from tests.acceptance.test_cli import until

pytestmark = pytest.mark.acceptance
SSE = {"Accept": "text/event-stream"}
Line = dict[str, Any]


class Place:
    """A workspace, a queue and a workflow in it."""

    def __init__(self, server: Pointsman, name: str = "Desk") -> None:
        self.server, self.raw = server, Raw(server)
        self.path = f"/v1/Workspaces/{self.make('/v1/Workspaces', FriendlyName=name)}"
        self.stream = f"{self.path}/EventStream"
        self.queue = self.make(f"{self.path}/TaskQueues", FriendlyName="all")
        rules = {"task_routing": {"default_filter": {"queue": self.queue}}}
        self.workflow = self.make(f"{self.path}/Workflows", FriendlyName="w", Configuration=json.dumps(rules))

    def make(self, path: str, **form: str) -> str:
        return str(self.raw.ask("POST", path, urlencode(form).encode(), FORM).json["sid"])

    def task(self, attributes: str = "{}") -> str:
        return self.make(f"{self.path}/Tasks", WorkflowSid=self.workflow, Attributes=attributes)

    def all(self, **query: object) -> list[Line]:
        """What a stream that does not follow has, without its mark at the end."""
        answer = self.raw.ask("GET", f"{self.stream}?{urlencode({'Follow': 'false', **query})}")
        assert answer.status == 200, answer
        lines = [json.loads(line) for line in answer.body.splitlines()]
        assert "end" in lines[-1]
        return lines[:-1]

    def newest(self) -> int:
        return int(self.all()[-1]["sequence"])

    def listed(self) -> list[Line]:
        rows: list[Line] = self.raw.ask("GET", f"{self.path}/Events?PageSize=1000").json["events"]
        return rows[::-1]

    @contextmanager
    def open(self, headers: dict[str, str] | None = None, **query: object) -> Iterator[HTTPResponse]:
        connection = self.raw.connect()
        connection.request("GET", f"{self.stream}?{urlencode(query)}", headers=self.raw.auth | (headers or {}))
        try:
            yield connection.getresponse()
        finally:
            connection.close()


@pytest.fixture
def place(server: Pointsman) -> Place:
    return Place(server)


@pytest.fixture
def own(pointsman: Pointsman) -> Place:
    """On a server of its own."""
    return Place(pointsman)


def line(answer: HTTPResponse) -> Line:
    found: Line = json.loads(answer.readline())
    return found


def refusal(place: Place, **query: object) -> tuple[int, str]:
    answer = place.raw.ask("GET", f"{place.stream}?{urlencode(query)}")
    return answer.status, answer.json["message"]


def test_a_stream_is_the_list_of_events_in_order_each_with_its_place(place: Place) -> None:
    place.task()
    rows = place.all(After=0)
    assert [row.pop("sequence") for row in rows] == [*range(1, len(rows) + 1)]
    assert rows == place.listed()


def test_a_stream_goes_on_behind_any_event(place: Place) -> None:
    place.task()
    rows = place.all()
    for after in range(len(rows) + 1):
        assert place.all(after=after) == rows[after:]  # people write it small
    assert place.all(After=2, Limit=3) == rows[2:5]


def test_new_events_come_as_they_happen_and_from_now_on_means_from_now_on(place: Place) -> None:
    place.task()
    newest = place.newest()
    with place.open() as answer:
        assert answer.headers["Content-Type"] == "application/x-ndjson"
        assert line(answer) == {"heartbeat": True, "sequence": newest}
        began = time.monotonic()
        task = place.task()
        assert line(answer)["resource_sid"] == task
        assert time.monotonic() - began < LOOK_AGAIN_S / 2, "it was looked for, not told"
        assert [line(answer)["sequence"] for _ in range(2)] == [newest + 2, newest + 3]


def test_a_stream_has_what_its_filters_say_and_marks_tell_how_far_it_is(place: Place) -> None:
    first, second = place.task(), place.task()
    rows = place.all()
    about: dict[str, Callable[[Line], bool]] = {
        "EventType=task.created": lambda row: row["event_type"] == "task.created",
        "EventType=task.created,workflow.created&EventType=workspace.created": lambda row: (
            row["event_type"] in ("task.created", "workflow.created", "workspace.created")
        ),
        f"TaskSid={second}": lambda row: row["event_data"].get("task_sid") == second,
        f"WorkflowSid={place.workflow}": lambda row: row["event_data"].get("workflow_sid") == place.workflow,
        f"TaskQueueSid={place.queue}": lambda row: row["event_data"].get("task_queue_sid") == place.queue,
        "TaskChannel=default": lambda row: row["event_data"].get("task_channel_unique_name") == "default",
        f"TaskSid=WT{'0' * 20}{first[-12:]}": lambda row: False,  # another sid with that number
    }
    for query, wanted in about.items():
        answer = place.raw.ask("GET", f"{place.stream}?Follow=false&{query}")
        *found, mark = (json.loads(text) for text in answer.body.splitlines())
        assert found == [row for row in rows if wanted(row)], query
        assert mark == {"heartbeat": True, "sequence": len(rows), "end": "newest"}
    with place.open(EventType="no.such", Heartbeat=1) as follower:
        assert line(follower)["sequence"] == len(rows)
        place.task()
        assert line(follower)["sequence"] > len(rows)  # a program with a filter gets on, too


def test_a_queue_that_tasks_leave_is_told_of_it_from_memory_and_from_the_store(place: Place) -> None:
    other = place.make(f"{place.path}/TaskQueues", FriendlyName="other")
    rules = {
        "filters": [{"expression": "a == 1", "targets": [{"queue": other}]}],
        "default_filter": {"queue": place.queue},
    }
    place.make(f"{place.path}/Workflows/{place.workflow}", Configuration=json.dumps({"task_routing": rules}))
    task = place.task()
    with place.open(TaskQueueSid=place.queue) as follower:
        sequence = line(follower)["sequence"]
        place.make(f"{place.path}/Tasks/{task}", Attributes='{"a":1}')
        live = [line(follower), line(follower)]
    assert [each["event_type"] for each in live] == ["workflow.target-matched", "task-queue.moved"]
    assert place.all(TaskQueueSid=place.queue, After=sequence) == live


def test_a_channel_that_is_gone_is_streamed_by_its_sid(place: Place) -> None:
    gone = place.make(f"{place.path}/TaskChannels", FriendlyName="Fax", UniqueName="fax")
    place.raw.ask("DELETE", f"{place.path}/TaskChannels/{gone}")
    found = place.all(TaskChannel=gone)
    assert [each["event_type"] for each in found] == ["task-channel.created", "task-channel.deleted"]
    assert place.all(TaskChannel=f"TC{'0' * 20}{gone[-12:]}") == []


def test_dates_bound_what_is_exported(place: Place) -> None:
    rows = place.all()
    assert place.all(StartDate="2020-01-01", EndDate="2020-01-02") == []
    assert place.all(StartDate="2020-01-01", EndDate="2100-01-01") == rows
    assert place.all(StartDate=rows[0]["event_date"]) == rows
    assert place.all(StartDate="2100-01-01") == []


def test_browsers_get_server_sent_events_and_come_back_where_they_were(place: Place) -> None:
    place.task()
    rows = place.all()
    answer = place.raw.ask("GET", f"{place.stream}?Follow=false", headers=SSE | {"Last-Event-ID": "3"})
    assert answer.headers["content-type"].startswith("text/event-stream")
    retry, *events, end = answer.body.decode().strip().split("\n\n")
    assert retry.startswith("retry: ")
    assert [each.split("\n") for each in events] == [
        [f"id: {row['sequence']}", f"event: {row['event_type']}", f"data: {json.dumps(row, separators=(',', ':'))}"]
        for row in rows[3:]
    ]
    assert end.startswith(f"id: {len(rows)}\nevent: end\n")
    with place.open(SSE, After=0, Heartbeat=1, EventType="no.such") as follower:
        assert follower.readline().startswith(b"retry: ")
        while not (sent := follower.readline()).startswith(b"id: "):
            pass
        assert sent == b"id: 0\n"  # a mark, which is no event


def test_a_stream_that_cannot_begin_says_why(place: Place) -> None:
    newest = place.newest()
    status, said = refusal(place, After=newest + 1)
    assert (status, said) == (
        400,
        f"Invalid After {newest + 1}: expected at most {newest}, the newest event's sequence number",
    )
    for query in ({"After": "x"}, {"After": -1}, {"Limit": 0}, {"TaskSid": "x"}, {"EndDate": "2020-01-01"}):
        assert refusal(place, **query)[0] == 400, query
    assert place.raw.ask("GET", f"{place.stream}?TaskChannel=nope").status == 400
    assert place.raw.ask("GET", place.stream.replace("WS", "WX", 1)).status == 404
    assert place.raw.ask("GET", place.stream, headers={"Authorization": "Basic eDp5"}).status == 401
    assert place.raw.ask("HEAD", place.stream).body == b""


def test_a_stream_that_would_begin_before_the_oldest_event_names_it(own: Place) -> None:
    """Here somebody removes events by hand: none is thirty days old."""
    own.task()
    rows = own.all()
    assert own.server.stop() == 0
    with sqlite3.connect(own.server.data / "pointsman.db") as database:
        database.execute("DELETE FROM event WHERE seq <= 5")
    database.close()
    own.server.start()
    assert own.all(After=0) == own.all(After=5) == own.all() == rows[5:]
    assert own.listed() == [{name: value for name, value in row.items() if name != "sequence"} for row in rows[5:]]
    status, said = refusal(own, After=4)
    assert (status, said) == (
        410,
        "The events after 4 are not all kept any more: the oldest that is has the sequence number 6; After=5 or "
        "After=0 begins there",
    )
    with own.open(After=0) as answer:
        assert line(answer) == {"heartbeat": True, "sequence": 5}
        assert line(answer) == rows[5]


def test_too_many_streams_are_refused_and_those_that_end_make_room(server: Pointsman) -> None:
    place = Place(server)
    openers = [place.open() for _ in range(ACCOUNT_STREAMS_MAX)]
    answers = [opener.__enter__() for opener in openers]
    assert {answer.status for answer in answers} == {200}
    status, said = refusal(place)
    assert (status, said) == (
        429,
        f"Too Many Requests: this account has {ACCOUNT_STREAMS_MAX} streams open: close one first",
    )
    for opener in openers:
        opener.__exit__(None, None, None)
    until(lambda: place.raw.ask("GET", f"{place.stream}?Follow=false").status == 200)


def test_a_revoked_key_reads_nothing_more(place: Place) -> None:
    keys = f"/2010-04-01/Accounts/{place.server.account}/Keys"
    key = place.raw.ask("POST", f"{keys}.json", b"FriendlyName=k", FORM).json
    with place.open(Raw(place.server, key["sid"], key["secret"]).auth, Heartbeat=1) as answer:
        assert "end" not in line(answer)
        assert place.raw.ask("DELETE", f"{keys}/{key['sid']}.json").status == 204
        assert line(answer)["end"] == "unauthenticated"
        assert answer.read() == b""


def test_the_last_event_of_a_workspace_ends_its_streams(server: Pointsman) -> None:
    place = Place(server, "short-lived")
    with place.open() as all_of_it, place.open(EventType="task.created") as few:
        assert place.raw.ask("DELETE", place.path).status == 204
        lines = [json.loads(text) for text in all_of_it.read().splitlines()]
        assert lines[-2]["event_type"] == "workspace.deleted"
        assert lines[-1]["end"] == "deleted"
        assert [json.loads(text) for text in few.read().splitlines()][-1] == lines[-1]
    assert place.raw.ask("GET", place.stream).status == 404


def test_a_server_with_open_streams_stops_at_once(own: Place) -> None:
    with own.open() as follower, own.open(SSE) as browser:
        line(follower)
        assert own.server.stop() == 0
        assert line(follower)["end"] == "stopping"  # nobody waits until it is cut off
        assert b"event: end\n" in browser.read()


def test_a_reader_that_reads_nothing_holds_nobody_up(own: Place) -> None:
    """And when it reads again, nothing is missing: many megabytes later, of which the server kept a part."""
    with own.open(After=0) as slow:
        for _ in range(450):
            own.task(json.dumps({"long": "x" * 4_000}))
        newest = own.newest()
        assert newest > KEPT_ROWS + 300
        sequences: list[int] = []
        while not sequences or sequences[-1] < newest:
            row = line(slow)
            if "heartbeat" not in row:
                sequences.append(row["sequence"])
        assert sequences == [*range(1, newest + 1)]
