"""The fifteen operations of statistics on a real server: by the official library, and by plain HTTP for what it can't
ask."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

import pytest
from twilio.base.exceptions import TwilioRestException
from twilio.rest import Client

from pointsman.wire.statistics import JSON_BYTES_MAX
from tests.acceptance.conftest import Pointsman
from tests.acceptance.raw import FORM, Raw
from tests.acceptance.test_rest import Place

pytestmark = pytest.mark.acceptance
JSON = {"Content-Type": "application/json"}
MALFORMED, UNKNOWN = "WQ1", "WQ" + "f" * 32


@pytest.fixture(scope="module")
def place(server: Pointsman) -> Place:
    client = Client(server.account, server.token)
    client.taskrouter.base_url = server.url
    place = Place(client.taskrouter.v1, "Counted")
    place.worker("Alice")
    place.api.task_queues.create(friendly_name="English")
    place.api.task_queues.create(friendly_name="Spanish")
    return place


@pytest.fixture(scope="module")
def worker(place: Place) -> Any:
    (worker,) = place.api.workers.list()
    return worker


@pytest.fixture(scope="module")
def raw(server: Pointsman) -> Raw:
    return Raw(server)


class Body:
    """What the library wants for a JSON body."""

    def __init__(self, **members: Any) -> None:
        self.members = members

    def to_dict(self) -> dict[str, Any]:
        return self.members


def get(raw: Raw, place: Place, path: str, **query: str) -> tuple[int, Any]:
    status, _, body = raw.ask("GET", f"/v1/Workspaces/{place.sid}{path}?{urlencode(query)}")
    return status, json.loads(body)


def seconds(figures: dict[str, Any]) -> float:
    """How long the interval of a cumulative answer is."""
    return (datetime.fromisoformat(figures["end_time"]) - datetime.fromisoformat(figures["start_time"])).total_seconds()


# --- each operation, by the library -------------------------------------------------------------------------------


def test_figures_of_an_interval(place: Place) -> None:
    asked = {"minutes": 60, "task_channel": "voice"}
    workspace = place.api.cumulative_statistics().fetch(**asked, split_by_wait_time="5,10")
    workflow = place.api.workflows(place.workflow.sid).cumulative_statistics().fetch(**asked)
    queue = place.api.task_queues(place.queue.sid).cumulative_statistics().fetch(**asked)
    workers = place.api.workers.cumulative_statistics().fetch(**asked)
    for each in (workspace, workflow, queue, workers):
        assert each.workspace_sid == place.sid
        assert each.end_time - each.start_time == timedelta(hours=1)
        assert each.url.endswith("/CumulativeStatistics")
        assert each.reservations_created == 0
    assert workflow.workflow_sid == place.workflow.sid
    assert queue.task_queue_sid == place.queue.sid
    assert sorted(workspace.split_by_wait_time) == ["10", "5"]
    assert queue.split_by_wait_time is None


def test_figures_of_now(place: Place) -> None:
    channel = next(each.sid for each in place.api.task_channels.list() if each.unique_name == "voice")
    workspace = place.api.real_time_statistics().fetch(task_channel=channel)
    workflow = place.api.workflows(place.workflow.sid).real_time_statistics().fetch()
    queue = place.api.task_queues(place.queue.sid).real_time_statistics().fetch()
    workers = place.api.workers.real_time_statistics().fetch()
    for each in (workspace, workflow, queue, workers):
        assert each.workspace_sid == place.sid
        assert each.url.endswith("/RealTimeStatistics")
    assert (workspace.total_tasks, workflow.total_tasks, queue.total_eligible_workers, workers.total_workers) == (
        0,
        0,
        1,
        1,
    )
    assert (workflow.workflow_sid, queue.task_queue_sid) == (place.workflow.sid, place.queue.sid)


def test_both_together(place: Place, worker: Any) -> None:
    workspace = place.api.statistics().fetch()
    workflow = place.api.workflows(place.workflow.sid).statistics().fetch()
    queue = place.api.task_queues(place.queue.sid).statistics().fetch(split_by_wait_time="30")
    workers = place.api.workers.statistics().fetch(task_queue_sid=place.queue.sid, friendly_name="Alice")
    alone = place.api.workers(worker.sid).statistics().fetch()
    for each in (workspace, workflow, queue, workers, alone):
        assert seconds(each.cumulative) == 900
        assert each.url.endswith("/Statistics")
    assert workflow.realtime["workflow_sid"] == place.workflow.sid
    assert queue.realtime["task_queue_sid"] == place.queue.sid
    assert list(queue.cumulative["split_by_wait_time"]) == ["30"]
    assert workspace.realtime["workspace_sid"] == workers.realtime["workspace_sid"] == place.sid
    assert alone.worker_sid == worker.sid


def test_where_an_answer_says_that_it_is_it_is(place: Place, raw: Raw, worker: Any, server: Pointsman) -> None:
    for owner in ("", f"/Workflows/{place.workflow.sid}", f"/TaskQueues/{place.queue.sid}", "/Workers"):
        for segment in ("Statistics", "CumulativeStatistics", "RealTimeStatistics"):
            status, body = get(raw, place, f"{owner}/{segment}", TaskChannel="default")
            assert (status, body["account_sid"]) == (200, server.account)
            assert body["url"] == f"{server.url}/v1/Workspaces/{place.sid}{owner}/{segment}"
    assert get(raw, place, f"/Workers/{worker.sid}/Statistics")[0] == 200


def test_the_queues_with_their_figures_are_paged_and_filtered(place: Place) -> None:
    every = [queue.sid for queue in place.api.task_queues.list()]
    listed = place.api.task_queues.statistics
    assert [row.task_queue_sid for row in listed.list()] == every
    page = listed.page(page_size=2, minutes=30)
    assert [row.task_queue_sid for row in page] == every[:2]
    second = page.next_page()
    assert [(row.task_queue_sid, seconds(row.cumulative)) for row in second] == [(every[2], 1800)]
    assert [row.task_queue_sid for row in second.previous_page()] == every[:2]
    (spanish,) = listed.list(friendly_name="Spanish", split_by_wait_time="5")
    assert spanish.realtime["task_queue_sid"] == spanish.task_queue_sid == every[2]
    assert list(spanish.cumulative["split_by_wait_time"]) == ["5"]
    assert listed.list(friendly_name="spanish") == []


def test_a_page_of_queues_repeats_what_was_asked(place: Place, raw: Raw) -> None:
    """Only the filters that this list has: others are ignored."""
    status, body = get(raw, place, "/TaskQueues/Statistics", FriendlyName="all", Minutes="1", WorkerSid="none")
    assert (status, body["meta"]["key"], len(body["task_queues_statistics"])) == (200, "task_queues_statistics", 1)
    assert body["meta"]["url"].endswith(
        "/TaskQueues/Statistics?FriendlyName=all&Minutes=1&WorkerSid=none&PageSize=50&Page=0"
    )
    assert "url" not in body["task_queues_statistics"][0]


def test_several_queues_at_once(place: Place) -> None:
    """One that does not exist has an entry too [docs: taskqueue-statistics]."""
    bulk = place.api.task_queues.bulk_real_time_statistics
    for spelling in ("QueueSids", "queueSids"):
        answer = bulk.create(body=Body(**{spelling: [UNKNOWN, place.queue.sid]}))
        assert [each["task_queue_sid"] for each in answer.task_queue_data] == [UNKNOWN, place.queue.sid]
        assert answer.task_queue_response_count == 2
        assert (answer.workspace_sid, answer.task_queue_data[1]["total_eligible_workers"]) == (place.sid, 1)
        nothing = answer.task_queue_data[0]
        assert (nothing["total_tasks"], nothing["total_eligible_workers"], nothing["tasks_by_priority"]) == (0, 0, {})
        assert [each["workers"] for each in nothing["activity_statistics"]] == [0, 0, 0]


def test_figures_of_now_count_a_small_scene(server: Pointsman, raw: Raw) -> None:
    """Ann has accepted one task and holds an offer of another on chat; Ben is offline; a third task waits."""
    client = Client(server.account, server.token)
    client.taskrouter.base_url = server.url
    scene = Place(client.taskrouter.v1, "Scene")
    ann = scene.worker("Ann")
    ben = scene.api.workers.create(friendly_name="Ben", attributes='{"late": true}')
    late = scene.api.task_queues.create(friendly_name="late", target_workers="late == true")
    accepted = scene.api.tasks.create(attributes="{}", priority=7)
    (offer,) = scene.api.tasks(accepted.sid).reservations.list()
    scene.api.tasks(accepted.sid).reservations(offer.sid).update(reservation_status="accepted")
    offered = scene.api.tasks.create(attributes="{}", task_channel="chat")
    waits = scene.api.tasks.create(attributes="{}")
    statuses = {"reserved": 1, "completed": 0, "wrapping": 0, "assigned": 1, "canceled": 0, "pending": 1}
    here = {"Available": 1, "Offline": 1, "Unavailable": 0}

    def people(told: Any) -> dict[str, int]:
        assert all(each["sid"] == scene.activities[each["friendly_name"]] for each in told)
        return {each["friendly_name"]: each["workers"] for each in told}

    workspace = scene.api.real_time_statistics().fetch()
    workflow = scene.api.workflows(scene.workflow.sid).real_time_statistics().fetch()
    queue = scene.api.task_queues(scene.queue.sid).real_time_statistics().fetch()
    for each in (workspace, workflow, queue):
        assert (each.total_tasks, each.tasks_by_priority) == (3, {"0": 2, "7": 1})
        assert list(each.tasks_by_status.items()) == list(statuses.items())
        assert each.longest_task_waiting_sid == offered.sid
        assert 0 <= each.longest_task_waiting_age < 60
    assert (workspace.total_workers, people(workspace.activity_statistics)) == (2, here)
    assert (queue.total_eligible_workers, queue.total_available_workers) == (2, 1)
    assert people(queue.activity_statistics) == here
    assert queue.longest_relative_task_sid_in_queue == offered.sid
    assert 0 <= queue.longest_relative_task_age_in_queue < 60

    alone = scene.api.real_time_statistics().fetch(task_channel="default")
    assert (alone.total_tasks, alone.longest_task_waiting_sid, alone.total_workers) == (2, waits.sid, 2)
    other = scene.api.task_queues(late.sid).real_time_statistics().fetch()
    assert (other.total_tasks, other.longest_task_waiting_sid, other.longest_relative_task_sid_in_queue) == (
        0,
        None,
        None,
    )
    assert (other.total_eligible_workers, other.total_available_workers) == (1, 0)

    workers = scene.api.workers.real_time_statistics().fetch()
    assert (workers.total_workers, people(workers.activity_statistics)) == (2, here)
    for query, expected in (
        ({"task_queue_sid": late.sid}, [ben]),
        ({"task_queue_name": "late", "friendly_name": "Ann"}, []),
        ({"friendly_name": "Ann"}, [ann]),
    ):
        told = scene.api.workers.statistics().fetch(**query).realtime
        assert told["total_workers"] == sum(people(told["activity_statistics"]).values()) == len(expected)

    rows = {row.task_queue_sid: row.realtime for row in scene.api.task_queues.statistics.list(task_channel="default")}
    assert (rows[scene.queue.sid]["total_tasks"], rows[late.sid]["total_tasks"]) == (2, 0)
    combined = scene.api.task_queues(scene.queue.sid).statistics().fetch().realtime
    bulk = scene.api.task_queues.bulk_real_time_statistics.create(body=Body(queueSids=[scene.queue.sid, late.sid]))
    in_bulk = bulk.task_queue_data[0]
    ages = {"longest_task_waiting_age", "longest_relative_task_age_in_queue"}
    assert {**combined, **dict.fromkeys(ages)} == {**combined, **in_bulk, **dict.fromkeys(ages)}
    assert bulk.task_queue_data[1]["total_eligible_workers"] == 1


def test_figures_of_an_interval_count_a_small_scene(server: Pointsman) -> None:
    """Ann completes one task, rejects the offer of a second and then takes it; a third is canceled, a fourth deleted.
    Those that had ended are deleted afterwards: that is not counted [12.3, inferred]."""
    client = Client(server.account, server.token)
    client.taskrouter.base_url = server.url
    scene = Place(client.taskrouter.v1, "Interval")
    ann = scene.worker("Ann")

    def answer(task: str, status: str) -> None:
        offers = scene.api.tasks(task).reservations.list(reservation_status="pending")
        scene.api.tasks(task).reservations(offers[0].sid).update(reservation_status=status)

    completed = scene.api.tasks.create(attributes="{}").sid
    answer(completed, "accepted")
    scene.api.tasks(completed).update(assignment_status="completed", reason="done")
    assigned = scene.api.tasks.create(attributes="{}").sid
    answer(assigned, "rejected")
    answer(assigned, "accepted")
    canceled, deleted = (scene.api.tasks.create(attributes="{}").sid for _ in range(2))
    scene.api.tasks(canceled).update(assignment_status="canceled", reason="gone")
    for each in (deleted, canceled, completed):
        assert scene.api.tasks(each).delete()

    work = {
        "reservations_created": 3,
        "reservations_accepted": 2,
        "reservations_rejected": 1,
        "reservations_timed_out": 0,
        "tasks_canceled": 1,
        "tasks_completed": 1,
        "tasks_deleted": 1,
        "tasks_moved": 0,
    }
    queue = scene.api.task_queues(scene.queue.sid)
    workflow = scene.api.workflows(scene.workflow.sid)
    for cumulative in (scene.api, workflow, queue):
        told = cumulative.cumulative_statistics().fetch(split_by_wait_time="3600")
        assert {name: getattr(told, name) for name in work} == work
        sides = {"above": (0, 0), "below": (1, 2)}
        for side, (cancellations, acceptances) in sides.items():
            found = told.split_by_wait_time["3600"][side]
            assert found == {"tasks_canceled": cancellations, "reservations_accepted": acceptances}
        combined = cumulative.statistics().fetch().cumulative
        assert (combined["tasks_assigned"], combined["reservations_completed"]) == (2, 1)
    assert scene.api.cumulative_statistics().fetch().tasks_created == 4
    assert workflow.cumulative_statistics().fetch().tasks_entered == 4
    assert queue.cumulative_statistics().fetch().tasks_entered == 4
    assert scene.api.cumulative_statistics().fetch(task_channel="voice").tasks_created == 0

    alone = scene.api.workers(ann.sid).statistics().fetch().cumulative
    assert (alone["reservations_created"], alone["reservations_accepted"], alone["reservations_rejected"]) == (3, 2, 1)
    assert {each["friendly_name"] for each in alone["activity_durations"]} == {"Available", "Offline", "Unavailable"}
    assert scene.api.workers.statistics().fetch(friendly_name="nobody").cumulative["reservations_created"] == 0
    ended = datetime.now(UTC) - timedelta(minutes=5)
    earlier = scene.api.cumulative_statistics().fetch(end_date=ended)
    assert (earlier.tasks_created, earlier.reservations_created) == (0, 0)


# --- what is refused ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/Statistics", "/TaskQueues/Statistics", "/Workers/CumulativeStatistics"])
@pytest.mark.parametrize(
    ("query", "code"),
    [
        ({"Minutes": "0"}, 20001),
        ({"Minutes": "ten"}, 20001),
        ({"StartDate": "soon"}, 20001),
        ({"EndDate": "9999-12-31T23:59:59-12:00"}, 20001),
        ({"StartDate": "2008-01-02T00:00:00Z"}, 14241),
        ({"Minutes": "43201"}, 14241),
        ({"TaskChannel": "telepathy"}, 20001),
    ],
)
def test_a_wrong_interval_or_channel(place: Place, raw: Raw, path: str, query: dict[str, str], code: int) -> None:
    status, body = get(raw, place, path, **query)
    assert (status, body["code"]) == (400, code), body


def test_an_interval_must_begin_in_the_past_and_before_it_ends(place: Place, raw: Raw) -> None:
    now = datetime.now(UTC)
    start, end = (now + timedelta(hours=1)).isoformat(), (now - timedelta(hours=2)).isoformat()
    status, body = get(raw, place, "/Statistics", StartDate=start)
    assert (status, body["code"]) == (400, 20001)
    assert "future" in body["message"]
    status, body = get(raw, place, "/Statistics", StartDate=(now - timedelta(hours=1)).isoformat(), EndDate=end)
    assert (status, "not before StartDate" in body["message"]) == (400, True)
    with pytest.raises(TwilioRestException) as refused:
        place.api.statistics().fetch(start_date=now - timedelta(days=31))
    assert refused.value.code == 14241


@pytest.mark.parametrize("path", ["/RealTimeStatistics", "/TaskQueues/{queue}/RealTimeStatistics"])
def test_figures_of_now_have_a_channel_and_no_interval(place: Place, raw: Raw, path: str) -> None:
    path = path.format(queue=place.queue.sid)
    assert get(raw, place, path, TaskChannel="telepathy")[0] == 400
    assert get(raw, place, path, Minutes="0")[0] == 200, "what an operation does not declare is ignored"


@pytest.mark.parametrize("waits", ["x", "0", "5,,10", ",".join(map(str, range(1, 22)))])
def test_wrong_waits(place: Place, raw: Raw, waits: str) -> None:
    for path in ("/CumulativeStatistics", f"/TaskQueues/{place.queue.sid}/Statistics", "/TaskQueues/Statistics"):
        status, body = get(raw, place, path, SplitByWaitTime=waits)
        assert (status, body["code"]) == (400, 20001)
    assert get(raw, place, "/Workers/Statistics", SplitByWaitTime=waits)[0] == 200, "workers have no such split"


def test_which_workers(place: Place, raw: Raw) -> None:
    def status(**query: str) -> int:
        return get(raw, place, "/Workers/Statistics", **query)[0]

    assert status(TaskQueueSid=MALFORMED) == 400
    assert status(TaskQueueSid=UNKNOWN) == 400
    assert status(TaskQueueSid=place.queue.sid) == 200
    assert status(TaskQueueName="English") == 200
    assert status(TaskQueueName="english") == 400
    assert status(TaskQueueName="Klingon") == 400
    assert status(TaskQueueSid=place.queue.sid, TaskQueueName="all") == 200
    assert status(TaskQueueSid=place.queue.sid, TaskQueueName="English") == 400
    assert status(FriendlyName="nobody") == 200, "nobody is of that name: that is no mistake"


@pytest.mark.parametrize(
    "path",
    [
        "/Workflows/WW" + "f" * 32 + "/Statistics",
        "/Workflows/none/RealTimeStatistics",
        "/TaskQueues/WQ" + "f" * 32 + "/CumulativeStatistics",
        "/Workers/WK" + "f" * 32 + "/Statistics",
        "/Workers/WK" + "f" * 32 + "/RealTimeStatistics",
        "/Tasks/Statistics",
    ],
)
def test_figures_of_what_is_not_there(place: Place, raw: Raw, path: str) -> None:
    status, body = get(raw, place, path, Minutes="1")
    assert (status, body["code"]) == (404, 20404)


def test_a_sid_of_another_kind_is_not_found(place: Place, raw: Raw) -> None:
    assert get(raw, place, f"/TaskQueues/{place.workflow.sid}/Statistics")[0] == 404
    assert raw.ask("GET", f"/v1/Workspaces/WS{'f' * 32}/Statistics")[0] == 404


@pytest.mark.parametrize(
    ("body", "headers"),
    [
        (b"", JSON),
        (b"{}", JSON),
        (b"[]", JSON),
        (b"{", JSON),
        (b'{"QueueSids": []}', JSON),
        (b'{"QueueSids": "WQ"}', JSON),
        (json.dumps({"queueSids": [UNKNOWN] * 51}).encode(), JSON),
        (json.dumps({"queueSids": [UNKNOWN, MALFORMED]}).encode(), JSON),
        (json.dumps({"queueSids": [UNKNOWN], "x": "x" * JSON_BYTES_MAX}).encode(), JSON),
        (urlencode({"QueueSids": MALFORMED}).encode(), FORM),
    ],
)
def test_a_wrong_bulk_request(place: Place, raw: Raw, body: bytes, headers: dict[str, str]) -> None:
    status, _, answer = raw.ask("POST", f"/v1/Workspaces/{place.sid}/TaskQueues/RealTimeStatistics", body, headers)
    assert (status, json.loads(answer)["code"]) == (400, 20001), answer


def test_a_bulk_request_in_another_form(place: Place, raw: Raw) -> None:
    """A form is understood, as one of the libraries sends it; other types are refused like everywhere."""
    path = f"/v1/Workspaces/{place.sid}/TaskQueues/RealTimeStatistics"
    status, _, answer = raw.ask("POST", path, urlencode({"queueSids": UNKNOWN}).encode(), FORM)
    assert (status, json.loads(answer)["task_queue_response_count"]) == (200, 1)
    status, _, answer = raw.ask("POST", path, b'{"queueSids": []}', {"Content-Type": "text/plain"})
    assert (status, json.loads(answer)["code"]) == (415, 20001)


def test_other_posts_still_take_no_json(place: Place, raw: Raw) -> None:
    assert raw.ask("POST", f"/v1/Workspaces/{place.sid}/TaskQueues", b'{"FriendlyName": "x"}', JSON)[0] == 415


# --- paths --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("GET", "/TaskQueues/RealTimeStatistics", "OPTIONS, POST"),
        ("DELETE", "/TaskQueues/RealTimeStatistics", "OPTIONS, POST"),
        ("POST", "/TaskQueues/Statistics", "GET, HEAD, OPTIONS"),
        ("DELETE", "/Workers/Statistics", "GET, HEAD, OPTIONS"),
        ("POST", "/Workers/RealTimeStatistics", "GET, HEAD, OPTIONS"),
    ],
)
def test_words_in_a_path_win_over_sids(place: Place, raw: Raw, method: str, path: str, allowed: str) -> None:
    """`Workers/Statistics` is no worker of that name, so it can't be changed or deleted."""
    status, headers, body = raw.ask(method, f"/v1/Workspaces/{place.sid}{path}", b"" if method == "POST" else None)
    assert (status, json.loads(body)["code"], headers["allow"]) == (405, 20004, allowed)


def test_statistics_have_a_head(place: Place, raw: Raw) -> None:
    status, headers, body = raw.ask("HEAD", f"/v1/Workspaces/{place.sid}/Workers/Statistics")
    assert (status, body, "etag" in headers) == (200, b"", False)
