"""Explanations by a real server: by REST, on the command line, and while what they explain changes."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

import pytest

from pointsman.resources.explanation import EXPLANATION_FIELDS
from tests.acceptance.conftest import Command, Pointsman
from tests.acceptance.raw import FORM, Raw

pytestmark = pytest.mark.acceptance
NOWHERE = "WT" + "0" * 32
Row = dict[str, Any]


class Desk:
    """A workspace with two filters, four workers and a task of each kind."""

    def __init__(self, server: Pointsman, name: str = "Shop") -> None:
        self.server, self.raw = server, Raw(server)
        self.base = "/v1/Workspaces"
        self.sid = self.post("", FriendlyName=name)["sid"]
        self.base += f"/{self.sid}"
        activities = {row["friendly_name"]: row["sid"] for row in self.get("/Activities")["activities"]}
        sales = self.post("/TaskQueues", FriendlyName="Sales", TargetWorkers='skills HAS "sales"')["sid"]
        rest = self.post("/TaskQueues", FriendlyName="Everybody", TargetWorkers="1==1")["sid"]
        target = {"queue": sales, "expression": "worker.level >= task.level", "timeout": 600}
        filters = [
            {"filter_friendly_name": "Billing", "expression": "topic == 'billing'", "targets": [{"queue": rest}]},
            {"filter_friendly_name": "Buyers", "expression": "topic == 'order'", "targets": [target, {"queue": rest}]},
        ]
        rules = {"task_routing": {"filters": filters, "default_filter": {"queue": rest}}}
        self.workflow = self.post("/Workflows", FriendlyName="Front desk", Configuration=json.dumps(rules))["sid"]
        for name, activity, skill, level in (
            ("Alice", "Available", "sales", 2),
            ("Bob", "Offline", "sales", 7),
            ("Carol", "Available", "support", 9),
            ("Dave", "Available", "sales", 8),
        ):
            attributes = json.dumps({"skills": [skill], "level": level})
            values = {"FriendlyName": name, "ActivitySid": activities[activity], "Attributes": attributes}
            self.post("/Workers", **values)
        self.offered = self.task(5)
        self.waiting = self.task(5)

    def task(self, level: int) -> str:
        attributes = json.dumps({"topic": "order", "level": level})
        return str(self.post("/Tasks", WorkflowSid=self.workflow, Attributes=attributes)["sid"])

    def post(self, path: str, **form: str) -> Row:
        answer = self.raw.ask("POST", self.base + path, urlencode(form).encode(), FORM)
        assert answer.status in (200, 201), answer.body
        found: Row = answer.json
        return found

    def get(self, path: str, **query: str) -> Row:
        answer = self.raw.ask("GET", f"{self.base}{path}?{urlencode(query)}")
        assert answer.status == 200, answer.body
        found: Row = answer.json
        return found

    def explain(self, task: str, **query: str) -> Row:
        return self.get(f"/Tasks/{task}/Explanation", **query)

    def status(self, path: str) -> int:
        return self.raw.ask("GET", self.base + path).status

    def command(self, *arguments: str) -> Command:
        return self.server.command("explain", *arguments, "--workspace", "Shop")


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    server = Pointsman(tmp_path_factory.mktemp("explain"))
    server.start()
    yield Desk(server)
    server.close()


def test_it_says_what_keeps_each_worker_from_a_task_that_waits(desk: Desk) -> None:
    found = desk.explain(desk.waiting)
    assert list(found) == [field.name for field in EXPLANATION_FIELDS]
    assert {each["reason"]: each["examples"][0]["because"]["text"] for each in found["workers"]["reasons"]} == {
        "not_in_queue": 'skills HAS "sales" is false (skills is ["support"])',
        "target_expression": "worker.level >= task.level is false (worker.level is 2, task.level is 5)",
        "activity": "is Offline, which is not available",
        "at_capacity": "has 1 of 1 on the channel default",
    }
    assert (found["place"]["position"], found["place"]["waiting"]) == (1, 1)
    assert [each["outcome"] for each in found["filters"]] == ["not_matched", "here"]
    assert found["target"]["leaves_at"] == found["next"]["at"]
    assert found["steady"] is True
    assert found["url"].endswith(f"{desk.base}/Tasks/{desk.waiting}/Explanation")


def test_an_offered_task_says_why_its_worker(desk: Desk) -> None:
    (reservation,) = desk.explain(desk.offered)["reservations"]
    assert (reservation["worker_name"], reservation["reservation_status"]) == ("Dave", "pending")
    assert reservation["why"] == "It had been idle longest of those who could take it then"


def test_an_ended_task_is_explained_with_its_reservations(desk: Desk) -> None:
    """For five minutes [docs: task state]; those of a live task that have ended are there too."""
    other = Desk(desk.server, "Other")
    task = other.offered
    offer = other.get(f"/Tasks/{task}/Reservations")["reservations"][0]["sid"]
    other.post(f"/Tasks/{task}/Reservations/{offer}", ReservationStatus="rejected")
    found = other.explain(task)
    assert [each["reservation_status"] for each in found["reservations"]] == ["rejected", "pending"]
    other.post(f"/Tasks/{task}", AssignmentStatus="canceled", Reason="no longer wanted")
    found = other.explain(task)
    assert found["summary"] == "The task has ended: canceled, because of: no longer wanted."
    assert [each["worker_name"] for each in found["reservations"]] == ["Dave", "Dave"]
    assert found["reservations_count"] == 2
    assert found["workers"] is found["place"] is found["next"] is None


def test_a_worker_is_told_in_which_queues_he_is_and_why_not_in_the_others(desk: Desk) -> None:
    """Whatever his activity; a page at a time."""
    shop = Desk(desk.server, "Memberships")
    bob, carol = (shop.get("/Workers", FriendlyName=name)["workers"][0]["sid"] for name in ("Bob", "Carol"))
    shop.post("/TaskQueues", FriendlyName="Nobody", TargetWorkers="")

    def told(worker: str, **query: str) -> list[tuple[str, bool, str]]:
        rows = shop.get(f"/Workers/{worker}/Memberships", **query)["memberships"]
        return [(each["task_queue_name"], each["matched"], each["text"]) for each in rows]

    assert told(bob) == [
        ("Sales", True, 'skills HAS "sales" is true (skills is ["sales"])'),
        ("Everybody", True, "1 == 1 is true"),
        ("Nobody", False, "the expression is empty and matches nobody"),
    ]
    assert told(carol, Matched="false", PageSize="1") == [
        ("Sales", False, 'skills HAS "sales" is false (skills is ["support"])')
    ]
    assert told(carol, Matched="true") == [("Everybody", True, "1 == 1 is true")]
    assert told(carol, FriendlyName="Sales", Matched="true") == []
    assert shop.status("/Workers/WK" + "0" * 32 + "/Memberships") == 404


def test_one_worker_can_be_asked_about(desk: Desk) -> None:
    carol = desk.get("/Workers", FriendlyName="Carol")["workers"][0]["sid"]
    assert desk.explain(desk.waiting, WorkerSid=carol)["workers"]["asked"]["because"]["reason"] == "not_in_queue"
    path = f"/Tasks/{desk.waiting}/Explanation?WorkerSid"
    assert [desk.status(f"{path}={sid}") for sid in ("WK" + "0" * 32, "Carol", "WK%00")] == [400, 400, 400]


def test_what_is_not_there_is_not_explained(desk: Desk) -> None:
    assert desk.status(f"/Tasks/{NOWHERE}/Explanation") == 404
    assert desk.status(f"/Tasks/{desk.waiting}x/Explanation") == 404
    assert desk.raw.ask("POST", f"{desk.base}/Tasks/{desk.waiting}/Explanation", b"", FORM).status == 405


def test_it_is_steady_or_says_so_while_the_task_changes(desk: Desk) -> None:
    task = desk.task(50)
    ended = threading.Event()

    def change() -> None:
        priority = 0
        while not ended.is_set():
            priority += 1
            desk.post(f"/Tasks/{task}", Priority=str(priority))

    thread = threading.Thread(target=change)
    thread.start()
    try:
        for _ in range(30):
            found = desk.explain(task)
            assert found["workers"]["count"] == 4
            if found["steady"]:  # version n has priority n
                assert found["place"]["priority"] == found["task_version"]
    finally:
        ended.set()
        thread.join()
    desk.post(f"/Tasks/{task}", AssignmentStatus="canceled")


def test_the_command_prints_what_a_person_understands(desk: Desk) -> None:
    result = desk.command(desk.waiting, "--worker", "Carol")
    assert result.returncode == 0, result
    for said in (
        "Nobody can take it now: of 4 workers",
        '1. no    Billing: topic == "billing" is false (topic is "order")',
        '2. HERE  Buyers: topic == "order" is true',
        "1 of 2 of filter 2: queue Sales",
        "It moves to target 2 of Filter 2 (Buyers), queue 'Everybody'",
        "Alice worker.level >= task.level is false (worker.level is 2, task.level is 5)",
        'Asked         Carol skills HAS "sales" is false',
    ):
        assert said in result.stdout, result.stdout


def test_the_command_prints_json_too(desk: Desk) -> None:
    found = json.loads(desk.command(desk.offered, "--json").stdout)
    assert found["task_sid"] == desk.offered


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((NOWHERE,), f"There is no task {NOWHERE} in workspace 'Shop'"),
        ((NOWHERE, "--worker", "Zoe"), "There is no worker 'Zoe'; there are Alice, Bob, Carol, Dave"),
    ],
)
def test_a_wrong_name_is_one_line_and_exit_code_1(desk: Desk, arguments: tuple[str, ...], said: str) -> None:
    result = desk.command(*arguments)
    assert (result.returncode, result.stdout) == (1, "")
    assert result.stderr.startswith("pointsman: ") and said in result.stderr and result.stderr.count("\n") == 1
