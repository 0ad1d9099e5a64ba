"""The REST API of a real server, by the official library where it can ask, and by plain HTTP where it can't."""

from __future__ import annotations

import base64
import json
import threading
from typing import Any

import pytest
from twilio.base.exceptions import TwilioRestException
from twilio.rest import Client

from tests.acceptance.conftest import Pointsman
from tests.acceptance.raw import FORM, Raw

pytestmark = pytest.mark.acceptance


@pytest.fixture(scope="module")
def library(server: Pointsman) -> Any:
    client = Client(server.account, server.token)
    client.taskrouter.base_url = server.url
    return client.taskrouter.v1


class Place:
    """A workspace with a queue for everybody and a workflow that leads to it."""

    def __init__(self, library: Any, name: str) -> None:
        self.sid = library.workspaces.create(friendly_name=name).sid
        self.api = library.workspaces(self.sid)
        self.activities = {each.friendly_name: each.sid for each in self.api.activities.list()}
        self.queue = self.api.task_queues.create(friendly_name="all")
        rules = {"task_routing": {"default_filter": {"queue": self.queue.sid}}}
        self.workflow = self.api.workflows.create(friendly_name="w", configuration=json.dumps(rules))

    def worker(self, name: str, capacity: int = 1) -> Any:
        worker = self.api.workers.create(friendly_name=name, activity_sid=self.activities["Available"])
        self.api.workers(worker.sid).worker_channels("default").update(capacity=capacity)
        return worker


@pytest.fixture
def place(library: Any, request: pytest.FixtureRequest) -> Place:
    return Place(library, request.node.name[:64])


@pytest.fixture(scope="module")
def raw(server: Pointsman) -> Raw:
    return Raw(server)


# --- every resource, through the typed objects of the library -----------------------------------------------------


def test_what_is_set_comes_back_typed(place: Place) -> None:
    """Create, fetch, update and list each resource; the library's objects come out whole."""
    activity = place.api.activities.create(friendly_name="Lunch", available=False)
    assert (activity.friendly_name, activity.available) == ("Lunch", False)
    assert place.api.activities(activity.sid).update(friendly_name="Break").friendly_name == "Break"

    channel = place.api.task_channels.create(friendly_name="Fax", unique_name="fax", channel_optimized_routing=True)
    assert place.api.task_channels("fax").fetch().sid == channel.sid
    assert channel.channel_optimized_routing is True

    queue = place.api.task_queues(place.queue.sid).update(max_reserved_workers=3, task_order="LIFO")
    assert (queue.max_reserved_workers, queue.task_order) == (3, "LIFO")

    worker = place.worker("Zoë", capacity=2)
    updated = place.api.workers(worker.sid).update(attributes='{"a": [1, 2]}')
    assert updated.attributes == '{"a":[1,2]}'
    (fax,) = (
        each for each in place.api.workers(worker.sid).worker_channels.list() if "fax" in each.task_channel_unique_name
    )
    assert (fax.configured_capacity, fax.available, fax.available_capacity_percentage) == (1, True, 100)

    workflow = place.api.workflows(place.workflow.sid).update(task_reservation_timeout=77, friendly_name="renamed")
    assert (workflow.task_reservation_timeout, workflow.friendly_name) == (77, "renamed")

    task = place.api.tasks.create(priority=5, timeout=600, task_channel="voice", attributes="{}")
    assert (task.priority, task.timeout, task.task_channel_unique_name, task.age) == (5, 600, "voice", 0)
    assert task.date_created is not None
    assert task.virtual_start_time == task.date_created
    assert task.assignment_status == "pending", "as it was made, though it is offered in the same step"
    assert place.api.tasks(task.sid).fetch().assignment_status == "reserved"
    (offer,) = place.api.tasks(task.sid).reservations.list()
    assert place.api.workers(worker.sid).reservations(offer.sid).fetch().worker_name == "Zoë"
    workspace = place.api.update(prioritize_queue_order="LIFO", timeout_activity_sid=activity.sid)
    assert (workspace.prioritize_queue_order, workspace.timeout_activity_name) == ("LIFO", "Break")


def test_deleting_follows_the_rules_of_use(place: Place) -> None:
    task = place.api.tasks.create()
    with pytest.raises(TwilioRestException, match="Cannot delete task queue"):
        place.api.task_queues(place.queue.sid).delete()
    with pytest.raises(TwilioRestException, match="Cannot delete workflow"):
        place.api.workflows(place.workflow.sid).delete()
    with pytest.raises(TwilioRestException, match="default or timeout"):
        place.api.activities(place.activities["Offline"]).delete()
    assert place.api.tasks(task.sid).delete() is True
    with pytest.raises(TwilioRestException) as gone:
        place.api.tasks(task.sid).fetch()
    assert gone.value.status == 404
    assert place.api.workflows(place.workflow.sid).delete() is True
    assert place.api.task_queues(place.queue.sid).delete() is True
    assert place.api.delete() is True


# --- lists --------------------------------------------------------------------------------------------------------


def test_pages_go_forth_and_back_over_live_and_ended_tasks(place: Place) -> None:
    """Ended tasks are listed until they vanish, in their place [docs: lifecycle]."""
    made = [place.api.tasks.create(attributes=json.dumps({"n": n})).sid for n in range(9)]
    for n in (1, 4, 5):
        place.api.tasks(made[n]).update(assignment_status="canceled", reason="odd")
    assert [task.sid for task in place.api.tasks.list(page_size=2)] == made
    last: Any = None
    page, forth = place.api.tasks.page(page_size=2), []
    while page is not None:
        forth.append([task.sid for task in page])
        last, page = page, page.next_page()
    assert [sid for each in forth for sid in each] == made
    back = []
    while (last := last.previous_page()) is not None:
        back.append([task.sid for task in last])
    assert back[::-1] == forth[:-1]
    assert [t.sid for t in place.api.tasks.list(assignment_status=["canceled"])] == [made[1], made[4], made[5]]
    pending = [task.sid for task in place.api.tasks.list(assignment_status=["pending", "reserved"], page_size=4)]
    assert pending == [sid for sid in made if sid not in (made[1], made[4], made[5])]


def test_a_page_survives_what_goes_and_comes_meanwhile(place: Place) -> None:
    made = [place.api.workers.create(friendly_name=f"w{n}").sid for n in range(6)]
    first = place.api.workers.page(page_size=2)
    assert [worker.sid for worker in first] == made[:2]
    place.api.workers(made[1]).delete()
    place.api.workers(made[2]).delete()
    place.api.workers.create(friendly_name="w6")
    second = first.next_page()
    assert [worker.sid for worker in second] == made[3:5]


def test_filters_of_reservations_and_names(place: Place) -> None:
    alice, bob = place.worker("Alice", capacity=5), place.worker("Bob", capacity=5)
    place.api.task_queues(place.queue.sid).update(max_reserved_workers=2)
    task = place.api.tasks.create()
    offers = place.api.tasks(task.sid).reservations
    assert len(offers.list()) == 2
    (of_bob,) = offers.list(worker_sid=bob.sid)
    place.api.tasks(task.sid).reservations(of_bob.sid).update(reservation_status="accepted")
    (rescinded,) = offers.list(reservation_status="rescinded")
    assert rescinded.worker_sid == alice.sid
    with pytest.raises(TwilioRestException) as late:
        place.api.tasks(task.sid).reservations(rescinded.sid).update(reservation_status="accepted")
    assert late.value.status == 410
    (ended,) = place.api.workers(alice.sid).reservations.list(reservation_status="rescinded")
    assert ended.task_sid == task.sid
    assert [worker.sid for worker in place.api.workers.list(friendly_name="aLICE")] == [alice.sid]


def test_events_are_paged_newest_first_and_filtered(place: Place) -> None:
    tasks = [place.api.tasks.create() for _ in range(3)]
    every = [event.sid for event in place.api.events.list(page_size=1000)]
    assert [event.sid for event in place.api.events.list(page_size=5)] == every
    page = place.api.events.page(page_size=5)
    second = page.next_page()
    assert [event.sid for event in second.previous_page()] == every[:5]
    about = place.api.events.list(task_sid=tasks[1].sid)
    assert [event.event_type for event in about] == [
        "task-queue.entered",
        "workflow.target-matched",
        "workflow.entered",
        "task.created",
    ]
    assert all(event.resource_sid == tasks[1].sid for event in about)
    one = place.api.events(about[0].sid).fetch()
    assert one.event_data["task_sid"] == tasks[1].sid
    assert all(isinstance(value, str) for value in one.event_data.values())


# --- versions, headers, methods -----------------------------------------------------------------------------------


def test_if_match_guards_a_task(place: Place, raw: Raw) -> None:
    task = place.api.tasks.create()
    path = f"/v1/Workspaces/{place.sid}/Tasks/{task.sid}"
    status, headers, _ = raw.ask("GET", path)
    assert (status, headers["etag"]) == (200, '"0"')
    assert json.loads(headers["etag"]) == "0", "clients parse it as JSON"
    status, headers, _ = raw.ask("POST", path, b"Priority=1", FORM | {"If-Match": "0"})
    assert (status, headers["etag"]) == (200, '"1"')
    status, _, body = raw.ask("POST", path, b"Priority=2", FORM | {"If-Match": '"0"'})
    assert (status, json.loads(body)["code"]) == (412, 20412)
    assert raw.ask("DELETE", path, headers={"If-Match": '"0"'})[0] == 412
    assert raw.ask("DELETE", path, headers={"If-Match": '"1"'})[0] == 204


def test_every_answer_has_the_headers_that_clients_see(raw: Raw) -> None:
    for status, headers, body in (raw.ask("GET", "/v1/Workspaces"), raw.ask("GET", "/v1/Nothing")):
        assert headers["content-type"] == "application/json; charset=utf-8"
        assert headers["access-control-allow-origin"] == "*"
        assert headers["access-control-expose-headers"] == "ETag"
        assert headers["twilio-request-id"].startswith("RQ")
        assert json.loads(body).get("status", 200) == status


def test_links_carry_the_host_that_the_client_used(place: Place, raw: Raw) -> None:
    _, _, body = raw.ask("GET", f"/v1/Workspaces/{place.sid}", headers={"Host": "taskrouter.example:81"})
    assert json.loads(body)["url"] == f"http://taskrouter.example:81/v1/Workspaces/{place.sid}"


def test_methods_that_a_path_lacks(place: Place, raw: Raw) -> None:
    path = f"/v1/Workspaces/{place.sid}/Tasks"
    status, headers, body = raw.ask("PUT", path)
    assert (status, json.loads(body)["code"], headers["allow"]) == (405, 20004, "GET, HEAD, OPTIONS, POST")
    assert raw.ask("OPTIONS", path)[0] == 204
    status, headers, body = raw.ask("HEAD", path)
    assert (status, body) == (200, b"")


def test_another_accounts_workspace_is_not_found(place: Place, server: Pointsman, library: Any) -> None:
    """One store, two accounts: the other is set for the next start [design]."""
    stranger = Pointsman(server.folder)
    stranger.data = server.data
    server.stop()
    other = "AC" + "7" * 32
    try:
        stranger.start(environment={"POINTSMAN_ACCOUNT_SID": other, "POINTSMAN_AUTH_TOKEN": "t" * 32})
        assert stranger.account == other
        theirs = Client(other, "t" * 32)
        theirs.taskrouter.base_url = stranger.url
        assert theirs.taskrouter.v1.workspaces.list() == []
        with pytest.raises(TwilioRestException) as hidden:
            theirs.taskrouter.v1.workspaces(place.sid).fetch()
        assert hidden.value.status == 404
        ours = Client(server.account, server.token)
        ours.taskrouter.base_url = stranger.url
        assert ours.taskrouter.v1.workspaces(place.sid).fetch().sid == place.sid, "the first account is still good"
    finally:
        stranger.stop()
        server.start()


# --- lists that change ---------------------------------------------------------------------------------------------


def test_lists_hold_while_what_they_list_ends(place: Place, raw: Raw) -> None:
    """An integration polls the reservations of tasks and workers while they are completed, and workers that go."""
    worker = place.worker("Busy", capacity=50)
    base = f"/v1/Workspaces/{place.sid}"
    done = threading.Event()

    def churn() -> None:
        try:
            for _ in range(60):
                task = place.api.tasks.create()
                (offer,) = place.api.tasks(task.sid).reservations.list()
                place.api.tasks(task.sid).reservations(offer.sid).update(reservation_status="accepted")
                extra = place.api.workers.create(friendly_name="Brief")
                gone.append(extra.sid)
                place.api.tasks(task.sid).update(assignment_status="completed")
                place.api.workers(extra.sid).delete()
                ended.append(task.sid)
        finally:
            done.set()

    ended: list[str] = []
    gone: list[str] = [worker.sid]
    churning = threading.Thread(target=churn)
    churning.start()
    asked: dict[int, int] = {}
    while not done.is_set():
        for path in (
            f"/Workers/{worker.sid}/Reservations",
            f"/Workers/{gone[-1]}/Channels",
            f"/Workers/{gone[-1]}/Reservations",
            "/Tasks?AssignmentStatus=completed",
            *(f"/Tasks/{sid}/Reservations" for sid in ended[-1:]),
        ):
            status, _, body = raw.ask("GET", base + path)
            asked[status] = asked.get(status, 0) + 1
            assert status in (200, 404), (path, body)
    churning.join()
    assert len(ended) == 60
    assert asked[200] > 50


# --- who asks -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "header", ["", "Basic", "Basic !!!", "Basic \xff\xff", "Bearer abc", "Basic " + base64.b64encode(b"a").decode()]
)
def test_bad_credentials_are_401_with_a_challenge(raw: Raw, header: str) -> None:
    status, headers, body = raw.ask("GET", "/v1/Workspaces", headers={"Authorization": header})
    assert (status, json.loads(body)["code"]) == (401, 20003)
    assert headers["www-authenticate"] == 'Basic realm="Twilio API"'


def test_no_request_of_this_module_made_a_fault(server: Pointsman) -> None:
    """The last test here: a fault of ours would stand in the log."""
    log = server.log.read_text()
    for fault in ("request_failed", "command_failed", "answer_failed", "tick_failed", "commit_failed"):
        assert fault not in log
