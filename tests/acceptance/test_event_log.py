"""The Events resource by the official Python library: every filter, alone and with others, and pages that stand still
while the log grows."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import combinations
from typing import Any

import pytest

from tests.acceptance.conftest import Pointsman
from tests.acceptance.scene import Body, Scene, Sink
from tests.acceptance.test_credentials import client

pytestmark = pytest.mark.acceptance

# Where in `event_data` an object stands that an event concerns. A worker who is only known to a target, or to whom a
# task is handed on, has events of its own as soon as it is asked.
CONCERNS = {
    "task_sid": ("task_sid",),
    "worker_sid": ("worker_sid", "transfer_initiating_worker_sid"),
    "reservation_sid": ("reservation_sid", "transfer_initiating_reservation_sid"),
    "task_queue_sid": ("task_queue_sid", "previous_task_queue_sid"),
    "workflow_sid": ("workflow_sid",),
    "task_channel": ("task_channel_sid",),
}


class Played:
    """A scene in which something has happened to everything that can be asked for."""

    def __init__(self, scene: Scene, library: Any) -> None:
        self.scene = scene
        self.events = library.taskrouter.v1.workspaces(scene.sid).events
        self.first, self.second = scene.queue("First"), scene.queue("Second")
        rules = {"expression": "a == 1", "targets": [{"queue": self.first}]}
        self.flow = scene.workflow(rules, default=self.second)
        scene.workflow(FriendlyName="Other", default=self.first)
        self.ann = scene.worker("ann")
        task = scene.task(WorkflowSid=self.flow, TaskChannel="chat", Attributes='{"a":2}')
        self.reservation = scene.accepted(task)["sid"]
        path = f"/v2/Workspaces/{scene.sid}/Workers/{self.ann}/Transfers"
        scene.post(path, TaskSid=task, ReservationSid=self.reservation, To=self.first)
        scene.post(f"/Workers/{self.ann}/Channels/sms", Available="false")  # so the next task waits
        self.task = scene.task(WorkflowSid=self.flow, TaskChannel="sms", Attributes='{"a":2}')
        scene.post(f"/Tasks/{self.task}", Attributes='{"a":1}')
        scene.post(f"/Workers/{self.ann}", Attributes='{"b":1}')
        gone = scene.post("/TaskChannels", FriendlyName="Fax", UniqueName="fax")["sid"]
        scene.delete(f"/TaskChannels/{gone}")
        self.gone_channel = str(gone)
        self.log: list[Body] = scene.log()
        self.channel = str(self.about(task)[0]["event_data"]["task_channel_sid"])

    def about(self, task: str) -> list[Body]:
        return [each for each in self.log if each["event_data"].get("task_sid") == task]

    def asked(self, **filters: Any) -> list[str]:
        return [each.sid for each in self.events.list(**filters)]

    def expected(self, **filters: str) -> list[str]:
        """By looking at every event, newest first."""

        def fits(event: Body, name: str, value: str) -> bool:
            if name in CONCERNS:
                return value in [event["event_data"].get(each) for each in CONCERNS[name]]
            return bool(event[name] == value)

        return [e["sid"] for e in reversed(self.log) if all(fits(e, *each) for each in filters.items())]


@pytest.fixture(scope="module")
def sink() -> Iterator[Sink]:
    with Sink().open() as sink:
        yield sink


@pytest.fixture(scope="module")
def played(server: Pointsman, sink: Sink) -> Played:
    return Played(Scene(server, sink, "log"), client(server))


def filters(played: Played) -> dict[str, str]:
    return {
        "event_type": "workflow.target-matched",
        "task_sid": played.task,
        "worker_sid": played.ann,
        "reservation_sid": played.reservation,
        "task_queue_sid": played.second,
        "workflow_sid": played.flow,
        "task_channel": played.channel,
    }


def test_each_filter_finds_what_concerns_its_object(played: Played) -> None:
    for name, value in filters(played).items():
        expected = played.expected(**{name: value})
        assert 0 < len(expected) < len(played.log), name
        assert played.asked(**{name: value}) == expected, name
    assert played.asked() == played.expected()


def test_two_and_three_filters_find_what_meets_them_all(played: Played) -> None:
    """All pairs and triples; many find nothing, and some must find something."""
    found = 0
    for count in (2, 3):
        for chosen in combinations(filters(played).items(), count):
            expected = played.expected(**dict(chosen))
            assert played.asked(**dict(chosen)) == expected, chosen
            found += bool(expected)
    assert found >= 15


def test_a_task_queue_has_the_events_of_tasks_that_leave_it(played: Played) -> None:
    left = [each for each in played.log if each["event_data"].get("previous_task_queue_sid") == played.second]
    assert [each["event_type"] for each in left] == [
        "task-queue.moved",  # by the transfer
        "workflow.target-matched",  # by new attributes
        "task-queue.moved",
    ]
    assert {each["sid"] for each in left} < set(played.asked(task_queue_sid=played.second))


def test_a_worker_and_a_reservation_have_the_events_of_a_transfer_that_they_began(played: Played) -> None:
    (initiated,) = played.asked(event_type="task.transfer-initiated")
    assert initiated in played.asked(worker_sid=played.ann)
    assert initiated in played.asked(reservation_sid=played.reservation)


def test_a_task_channel_is_named_by_sid_or_unique_name_also_when_it_is_gone(played: Played) -> None:
    assert played.asked(task_channel="chat") == played.asked(task_channel=played.channel) != []
    gone = played.asked(task_channel=played.gone_channel)
    assert gone == played.expected(task_channel=played.gone_channel)
    assert len(gone) == 2


def test_times_bound_what_is_found(played: Played) -> None:
    """On or after, on or before: whole seconds, and both ends count."""
    now = datetime.now(UTC)
    every = played.expected()
    assert played.asked(minutes=1) == played.asked(minutes=525_600) == every
    assert played.asked(start_date=now - timedelta(minutes=5)) == every
    assert played.asked(start_date=datetime(2015, 1, 1, tzinfo=UTC)) == every  # as far back as events are kept
    assert played.asked(start_date=now + timedelta(minutes=5)) == []
    assert played.asked(end_date=now - timedelta(minutes=5)) == []
    assert played.asked(end_date=now + timedelta(minutes=5)) == every
    assert played.asked(end_date=now + timedelta(minutes=10), minutes=5) == []
    moment = datetime.fromtimestamp(played.log[len(played.log) // 2]["event_date_ms"] // 1000, UTC)
    within = [e["sid"] for e in reversed(played.log) if e["event_date"] == moment.strftime("%Y-%m-%dT%H:%M:%SZ")]
    assert played.asked(start_date=moment, end_date=moment) == within != []


def test_one_event_is_found_by_its_sid_whenever_it_happened(played: Played) -> None:
    event = played.log[3]
    (found,) = played.events.list(sid=event["sid"])
    assert (found.sid, found.event_data) == (event["sid"], event["event_data"])
    assert played.asked(sid=event["sid"], task_sid=played.task) == []
    assert played.events(event["sid"]).fetch().description == event["description"]


@pytest.mark.parametrize("name", [name for name in CONCERNS if name != "task_channel"])
def test_a_sid_with_the_number_of_another_finds_nothing_and_has_no_next_page(played: Played, name: str) -> None:
    """Sids end in a number, and the rest counts too."""
    own = filters(played)[name]
    other = own[:2] + "0" * 20 + own[22:]
    page = played.events.page(page_size=1, **{name: other})
    assert list(page) == []
    assert page.next_page_url is None


def test_pages_neither_shift_nor_repeat_while_the_log_grows(server: Pointsman, sink: Sink) -> None:
    """Forwards new events are not seen, backwards they come at the end; every event comes once."""
    scene = Scene(server, sink, "paging")
    events = client(server).taskrouter.v1.workspaces(scene.sid).events
    before = [each["sid"] for each in reversed(scene.log())]

    def happen() -> None:
        scene.post("/Activities", FriendlyName=f"Activity {len(scene.log())}")

    page, forwards, pages = events.page(page_size=2), list[list[str]](), 0
    while page is not None:
        forwards.append([each.sid for each in page])
        happen()
        last, page, pages = page, page.next_page() if page.next_page_url else None, pages + 1
    assert [sid for sids in forwards for sid in sids] == before
    assert pages == (len(before) + 1) // 2
    backwards, page = forwards[-1][::-1], last
    while page.previous_page_url is not None:
        page = page.previous_page()
        rows = [each.sid for each in page]
        assert rows, "no page is empty"
        backwards += rows[::-1]
    now = [each["sid"] for each in scene.log()]
    assert backwards == now
    assert len(now) == len(before) + pages


WRONG = (  # (query, status, words of the message)
    ("StartDate=yesterday", 400, "StartDate"),
    ("StartDate=2026-13-45T99:00:00Z", 400, "StartDate"),
    ("EndDate=0000-00-00", 400, "EndDate"),
    ("StartDate=2026-01-02T00:00:00Z&EndDate=2026-01-01T00:00:00Z", 400, "not before StartDate"),
    ("Minutes=-1", 400, "Minutes"),
    ("Minutes=0", 400, "Minutes"),
    ("Minutes=1e9", 400, "Minutes"),
    ("Minutes=" + "9" * 400, 400, "Minutes"),
    ("TaskSid=WK" + "0" * 32, 400, "TaskSid"),
    ("WorkerSid=x", 400, "WorkerSid"),
    ("ReservationSid=" + "W" * 5_000, 400, "ReservationSid"),
    ("TaskQueueSid=WQ" + "g" * 32, 400, "TaskQueueSid"),
    ("WorkflowSid=%00", 400, "WorkflowSid"),
    ("Sid=WT" + "0" * 32, 400, "Sid"),
    ("TaskChannel=no+such", 400, "TaskChannel no such does not exist"),
    ("TaskChannel=%00", 400, "TaskChannel"),
    ("EventType=%00", 400, "EventType"),
    ("PageSize=0", 400, "PageSize"),
    ("PageSize=-5", 400, "PageSize"),
    ("PageToken=x", 400, "PageToken"),
    ("PageToken=PAWT" + "0" * 32, 400, "PageToken"),
    ("PageToken=PAEV" + "f" * 5_000, 400, "PageToken"),
    ("PageToken=%00", 400, "PageToken"),
    ("Page=3", 400, "next_page_url"),
    ("TaskSid=%ff%fe", 400, "UTF-8"),
)
STRANGE = (  # odd, but nothing is wrong with them
    "PageToken=PAEV" + "f" * 32,
    "PageToken=PBEV" + "f" * 32,
    "PageToken=PAEV" + "0" * 32,
    "PageToken=PBEV" + "0" * 32,
    "TaskSid=WT" + "f" * 32,
    "TaskChannel=TC" + "f" * 32,
    "Sid=EV" + "f" * 32,
    "EventType=" + "x" * 3_000,
    "StartDate=0001-01-01T00:00:00Z",
    "EndDate=9999-12-31T23:59:59Z",
    "PageSize=100000",
    "NoSuchFilter=1",
    "StartDate=&EndDate=&TaskSid=",
)


@pytest.mark.parametrize(("query", "status", "words"), WRONG, ids=[each[0][:40] for each in WRONG])
def test_what_makes_no_sense_is_refused_in_words(played: Played, query: str, status: int, words: str) -> None:
    answer = played.scene.ask("GET", f"/Events?{query}")
    assert answer.status == status, answer.body
    assert words in answer.json["message"]
    assert len(json.dumps(answer.json)) < 1_000


@pytest.mark.parametrize("sid", ["x", "EV", "WT" + "0" * 32, "EV" + "f" * 32, "EV" + "0" * 5_000, "%00", "%ff", "-1"])
def test_an_event_that_is_none_is_not_found(played: Played, sid: str) -> None:
    assert played.scene.ask("GET", f"/Events/{sid}").status == 404


@pytest.mark.parametrize("query", STRANGE, ids=[each[:40] for each in STRANGE])
def test_what_is_only_strange_is_answered(played: Played, query: str) -> None:
    assert played.scene.ask("GET", f"/Events?{query}").status == 200
