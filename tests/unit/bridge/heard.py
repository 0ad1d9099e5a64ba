"""What the workers of a made-up history hear, and clients that make of it what the SDK would."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from pointsman.bridge.audience import Audience, Told
from pointsman.core import commands as cmd
from pointsman.core import events as ev
from pointsman.core.engine.step import step
from pointsman.core.record import SYSTEM, Logged, Quote, Record, Words
from pointsman.core.types import AccountSid, Millis, WorkspaceSid
from pointsman.ports import Batch, Head
from pointsman.runtime.writing import Writing
from pointsman.wire import sockets
from tests.world import START_MS, World

HOME, ACCOUNT = WorkspaceSid("WS" + "0" * 32), AccountSid("AC" + "0" * 32)
_record = msgspec.json.Decoder(Record).decode
_words = msgspec.json.Decoder(Words).decode

FLAT = {
    "account_sid",
    "workspace_sid",
    "sid",
    "worker_sid",
    "reservation_status",
    "reservation_timeout",
    "date_created",
    "date_updated",
    "version",
}
REQUIRED = {  # keys that the SDK throws without [sdk]
    "worker": {
        "account_sid",
        "workspace_sid",
        "sid",
        "friendly_name",
        "attributes",
        "activity_sid",
        "activity_name",
        "available",
        "date_created",
        "date_updated",
        "date_status_changed",
        "version",
    },
    "channel": {
        "account_sid",
        "workspace_sid",
        "sid",
        "worker_sid",
        "task_channel_sid",
        "task_channel_unique_name",
        "configured_capacity",
        "available",
        "assigned_tasks",
        "available_capacity_percentage",
        "date_created",
        "date_updated",
        "last_reserved_time",
    },
    "task": {
        "sid",
        "attributes",
        "addons",
        "assignment_status",
        "priority",
        "age",
        "timeout",
        "reason",
        "workflow_sid",
        "workflow_name",
        "queue_sid",
        "queue_name",
        "task_channel_sid",
        "task_channel_unique_name",
        "routing_target",
        "date_created",
        "date_updated",
        "virtual_start_time",
        "version",
    },
    "reservation": FLAT | {"task"},
    "transfer": {
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
    },
}


def check(shape: str, body: dict[str, Any]) -> None:
    missing = REQUIRED[shape] - body.keys()
    assert not missing, f"{shape} without {missing}"
    for name, value in body.items():
        if name.startswith("date_"):
            assert isinstance(value, int) and 0 < value < 2**33, f"{shape}.{name} is {value!r}: seconds are expected"
    if "attributes" in body:
        assert isinstance(msgspec.json.decode(body["attributes"]), dict)
    for name, within in (
        ("task", "task"),
        ("task_transfer", "transfer"),
        ("active_outgoing_task_transfer", "transfer"),
    ):
        if name in body:
            check(within, body[name])


def shape_of(kind: str) -> str:
    if kind.startswith("task.transfer"):
        return "transfer"
    if kind.startswith("task.") or kind == "reservation.failed":
        return "task"
    if kind.startswith("reservation."):
        return "reservation"
    return "channel" if "capacity" in kind or "channel" in kind else "worker"


class Client:
    """What a worker's page makes of its frames; it fails where the SDK would throw."""

    def __init__(self) -> None:
        self.reservations: dict[str, dict[str, Any]] = {}
        self.transferred: dict[str, bool] = {}  # reservations, by whether their first frame had a transfer
        self.worker_version: int | None = None

    def hear(self, told: Told) -> tuple[str, dict[str, Any]]:
        kind = told.notice.type
        body = sockets.payload(kind, told.notice.event)
        check(shape_of(kind), body)
        if shape_of(kind) == "reservation":
            self._reservation(kind, body)
        elif shape_of(kind) == "task":
            for each in self.reservations.values():
                if each["task"]["sid"] == body["sid"]:
                    each["task"] = body
        elif shape_of(kind) == "worker":
            self.worker_version = body["version"]
        return kind, body

    def _reservation(self, kind: str, body: dict[str, Any]) -> None:
        sid, known = body["sid"], body["sid"] in self.reservations
        if kind == "reservation.created":
            self.transferred[sid] = "task_transfer" in body
        else:
            assert known or kind not in ("reservation.accepted", "reservation.wrapup"), f"{kind} of {sid} is unknown"
            if sid in self.transferred:
                assert self.transferred[sid] == ("task_transfer" in body), f"{kind}: the transfer came or went"
        if kind in ("reservation.created", "reservation.accepted", "reservation.wrapup"):
            self.reservations[sid] = body
        else:
            self.reservations.pop(sid, None)


def logged(batch: Batch, words: dict[Quote, Words]) -> list[Logged]:
    """The entries of the log that a commit has written."""
    for row in batch.snapshots:
        words[(row.no, row.text)] = _words(row.body)
    return [Logged(HOME, ACCOUNT, row.seq, row.type, row.at_ms, _record(row.body), dict(words)) for row in batch.events]


class Floor(World):
    """A workspace whose workers all listen. Each command is a commit."""

    def __init__(self, **values: Any) -> None:
        self.audience = Audience()
        self.clients: dict[int, Client] = {}
        self.heard: list[tuple[str, str]] = []  # (worker's name, event), of the last command
        self.bodies: list[tuple[str, dict[str, Any]]] = []
        self._words: dict[Quote, Words] = {}
        self._head = Head(version=0, token="", seq=0, next_no=1, now_ms=Millis(0), deadline_ms=None)
        super().__init__(**values)

    def do(self, command: cmd.Command, at_ms: int | None = None, items_max: int = 256) -> list[ev.Event]:
        now = max(self.state.now_ms if at_ms is None else START_MS + at_ms, self.state.now_ms, START_MS)
        writing, mark = Writing(self.state, self._head, HOME), self.state.mark()
        stepped = step(self.state, command, Millis(now), self.ids, items_max)
        writing.add(stepped, SYSTEM, mark)
        batch = writing.batch()
        self._head = batch.head
        self.state.forget()
        for no in self.state.workers:
            if no not in self.clients:
                self.clients[no] = Client()
                self.audience.seat(no, ())
        self._tell(batch)
        return stepped.events

    def _tell(self, batch: Batch) -> None:
        rows = {row.seq for row in self.audience.relevant(batch.events)}
        events: Sequence[Logged] = [event for event in logged(batch, self._words) if event.seq in rows]
        self.heard, self.bodies = [], []
        for told in self.audience.address(events):
            kind, body = self.clients[told.worker].hear(told)
            self.heard.append((self.state.workers[told.worker].friendly_name, kind))
            self.bodies.append((kind, body))

    def told(self, name: str) -> list[str]:
        """What a worker heard of the last command, in order."""
        return [kind for who, kind in self.heard if who == name]

    def body(self, kind: str) -> dict[str, Any]:
        """The first payload of that name."""
        return next(body for name, body in self.bodies if name == kind)
