"""Transfers over REST, in the form of API v2, and their events, against a real server (routing 9.5)."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlencode

import pytest

from tests.acceptance.conftest import Pointsman
from tests.acceptance.raw import FORM, Answer, Raw

pytestmark = pytest.mark.acceptance
TRANSFER = {  # what the worker SDK requires [sdk]
    "sid",
    "task_sid",
    "transfer_type",
    "transfer_mode",
    "transfer_to",
    "transfer_status",
    "initiating_reservation_sid",
    "initiating_worker_sid",
    "initiating_queue_sid",
    "initiating_workflow_sid",
    "date_created",
    "date_updated",
    "account_sid",
    "workspace_sid",
    "transfer_failed_reason",
}


class Floor:
    """Ann has accepted a task; Ben is available too."""

    def __init__(self, server: Pointsman) -> None:
        self.raw = Raw(server)
        self.base = "/v1/Workspaces"
        self.base += f"/{self.post('', FriendlyName='Floor', Template='FIFO')['sid']}"
        (available,) = [each for each in self.get("/Activities")["activities"] if each["available"]]
        self.available = available["sid"]
        self.queue = self.get("/TaskQueues")["task_queues"][0]["sid"]
        self.ann = self.worker("ann")
        self.task = self.post("/Tasks", Attributes='{"a":1}')["sid"]
        self.anns = self.offer()["sid"]
        self.answer(self.anns, "accepted")
        self.ben = self.worker("ben")

    def ask(self, method: str, path: str, **form: str) -> Answer:
        body = urlencode(form).encode() if form else None
        return self.raw.ask(method, path if path.startswith("/v") else self.base + path, body, FORM if form else None)

    def post(self, path: str, **form: str) -> dict[str, Any]:
        answer = self.ask("POST", path, **form)
        assert answer.status in (200, 201), answer.body
        return dict(answer.json)

    def get(self, path: str) -> dict[str, Any]:
        answer = self.ask("GET", path)
        assert answer.status == 200, answer.body
        return dict(answer.json)

    def worker(self, name: str) -> str:
        return str(self.post("/Workers", FriendlyName=name, ActivitySid=self.available)["sid"])

    def offer(self) -> dict[str, Any]:
        found = self.get(f"/Tasks/{self.task}/Reservations?ReservationStatus=pending")["reservations"]
        assert len(found) == 1
        return dict(found[0])

    def answer(self, reservation: str, status: str) -> dict[str, Any]:
        return self.post(f"/Tasks/{self.task}/Reservations/{reservation}", ReservationStatus=status)

    def status(self) -> str:
        return str(self.get(f"/Tasks/{self.task}")["assignment_status"])

    def transfers(self, worker: str | None = None) -> str:
        return f"{self.base.replace('/v1/', '/v2/')}/Workers/{worker or self.ann}/Transfers"

    def transfer(self, to: str, **more: str) -> dict[str, Any]:
        return self.post(self.transfers(), ReservationSid=self.anns, TaskSid=self.task, To=to, **more)


@pytest.fixture
def floor(server: Pointsman) -> Floor:
    return Floor(server)


def test_a_warm_transfer_from_beginning_to_end(floor: Floor) -> None:
    made = floor.transfer(floor.ben)
    assert made.keys() == TRANSFER
    assert (made["transfer_status"], made["transfer_mode"], made["transfer_type"]) == ("initiated", "WARM", "WORKER")
    assert isinstance(made["date_created"], int)
    assert floor.status() == "reserved"
    bens = floor.offer()
    assert bens["worker_name"] == "ben"
    floor.answer(bens["sid"], "accepted")
    assert floor.get(f"{floor.transfers()}/{made['sid']}")["transfer_status"] == "complete"
    assert floor.get(floor.transfers())["transfers"][0]["sid"] == made["sid"]
    assert floor.get(floor.transfers(floor.ben))["transfers"] == []
    assert floor.status() == "assigned"
    floor.answer(floor.anns, "completed")
    assert floor.status() == "assigned"
    floor.answer(bens["sid"], "completed")
    assert floor.status() == "completed"
    assert floor.ask("GET", f"{floor.transfers()}/{made['sid']}").status == 404


def test_a_cold_transfer_to_the_queue_is_called_off(floor: Floor) -> None:
    made = floor.transfer(floor.queue, Mode="COLD", Attributes='{"a":2}', Priority="5")
    assert (made["transfer_status"], made["transfer_mode"], made["transfer_type"]) == ("initiated", "COLD", "QUEUE")
    task = floor.get(f"/Tasks/{floor.task}")
    assert (task["attributes"], task["priority"]) == ('{"a":2}', 5)
    path = f"{floor.transfers()}/{made['sid']}"
    assert floor.post(path, TaskSid=floor.task, TransferStatus="canceled")["transfer_status"] == "canceled"
    assert floor.status() == "assigned"
    again = floor.ask("POST", path, TransferStatus="canceled")
    assert again.status == 400
    assert again.json["message"] == f"Transfer {made['sid']} is already canceled . Cannot cancel transfer."


def test_events_of_a_transfer_tell_who_and_where(floor: Floor) -> None:
    """The fields of a transfer [code: schema]; its resource is the transfer [app code]."""
    made = floor.transfer(floor.ben)
    floor.answer(floor.offer()["sid"], "rejected")
    events = floor.get(f"/Events?TaskSid={floor.task}")["events"]
    (failed,) = [each for each in events if each["event_type"] == "task.transfer-failed"]
    assert (failed["resource_type"], failed["resource_sid"]) == ("transfer", made["sid"])
    assert failed["resource_url"].endswith(f"{floor.transfers()}/{made['sid']}")
    assert failed["description"] == f"Transfer {made['sid']} of Task {floor.task} failed"
    data = failed["event_data"]
    assert {name: value for name, value in data.items() if "transfer" in name} == {
        "task_transfer_sid": made["sid"],
        "transfer_type": "WORKER",
        "transfer_mode": "WARM",
        "transfer_status": "failed",
        "transfer_to": floor.ben,
        "transfer_started": str(made["date_created"]),
        "transfer_failed_reason": "Transfer failed because the reservation was rejected",
        "transfer_initiating_worker_sid": floor.ann,
        "transfer_initiating_reservation_sid": floor.anns,
    }
    assert data["task_assignment_status"] == "assigned"
    assert [each["event_type"] for each in events][:6] == [
        "task.updated",
        "task.transfer-failed",
        "reservation.rejected",
        "task.updated",
        "reservation.created",
        "task.transfer-initiated",
    ]


def test_a_restart_in_the_middle_loses_nothing(floor: Floor, server: Pointsman) -> None:
    made = floor.transfer(floor.ben)
    server.kill()
    server.start()
    assert floor.get(f"{floor.transfers()}/{made['sid']}") == made
    floor.answer(floor.offer()["sid"], "accepted")
    assert floor.get(f"{floor.transfers()}/{made['sid']}")["transfer_status"] == "complete"


def test_what_cannot_be_transferred_is_refused(floor: Floor) -> None:
    def refused(status: int, path: str | None = None, **form: str) -> str:
        answer = floor.ask("POST", path or floor.transfers(), **form)
        assert answer.status == status, answer.body
        return str(answer.json["message"])

    whole = {"ReservationSid": floor.anns, "TaskSid": floor.task, "To": floor.ben}
    assert refused(400, TaskSid=floor.task, To=floor.ben).startswith("Missing required parameter ReservationSid")
    assert "Mode" in refused(400, **whole | {"Mode": "HOT"})
    assert "WK" in refused(400, **whole | {"To": "WA" + "0" * 32})
    assert "does not exist" in refused(400, **whole | {"To": "WK" + "f" * 32})
    assert refused(404, path=floor.transfers("WK" + "f" * 32), **whole)
    floor.post(f"/Workers/{floor.ben}/Channels/default", Capacity="0")
    assert "with capacity left on channel default" in refused(400, **whole)
    assert json.dumps(floor.get(floor.transfers())["transfers"]) == "[]"
    assert floor.status() == "assigned"
