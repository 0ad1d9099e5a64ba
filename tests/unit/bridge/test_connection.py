"""One socket, wired to a client that behaves as the SDK does: it hears nothing before it has subscribed, breaks on what
it can't know, and counts its worker's version itself."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pointsman.bridge.connection import (
    ANSWER_MS_MAX,
    DISPLACED,
    EXPIRED,
    HEARTBEAT,
    HEARTBEAT_MS,
    HOLD_MS_MAX,
    OUTDATED,
    TOKEN_LIFETIME_MS_MAX,
    WAITING_MAX,
    Close,
    Connection,
    Happening,
    Output,
    Refresh,
    Send,
    Times,
    Who,
)

WHO = Who("AC1", "WS1", "WK1")
HOUR_MS = 3_600_000
TIMES = Times(init_ms=100, delay_ms=20)


def connection(at_ms: int = 0, lifetime_ms: int = HOUR_MS) -> Connection:
    return Connection(WHO, at_ms, at_ms + lifetime_ms, TIMES)


def happening(kind: str, reservation: str | None = None, version: int | None = None) -> Happening:
    return Happening(kind, {"sid": reservation or "WK1", "version": version}, reservation, version)


def types(outputs: Sequence[Output]) -> list[str]:
    """What was sent: types of events, and blanks."""
    frames = [each.text for each in outputs if isinstance(each, Send)]
    return [HEARTBEAT if text == HEARTBEAT else json.loads(text)["event_type"] for text in frames]


def live(at_ms: int = 0) -> Connection:
    """One whose client has started: it knows reservation WR1."""
    made = connection(at_ms - 1_000)
    assert types(made.due(at_ms - 900)) == ["init"]
    made.fetched(1)
    made.listing([], 1)
    made.listed(["WR1"], at_ms - 800)
    assert made.due(at_ms - 600) == []
    return made


# --- the start and the end ----------------------------------------------------------------------------------------


def test_init_comes_a_little_after_the_connection_and_once() -> None:
    socket = connection()
    assert socket.next_ms() == 100
    assert socket.due(99) == []
    (sent,) = socket.due(100)
    assert isinstance(sent, Send)
    assert json.loads(sent.text) == {
        "event_type": "init",
        "payload": {
            "channel_id": "WK1",
            "account_sid": "AC1",
            "workspace_sid": "WS1",
            "token_lifetime": HOUR_MS - 100,
        },
    }
    assert types(socket.due(10_000)) == []


def test_a_long_lifetime_is_capped() -> None:
    (sent,) = connection(lifetime_ms=TOKEN_LIFETIME_MS_MAX * 40).due(100)
    assert isinstance(sent, Send)
    assert json.loads(sent.text)["payload"]["token_lifetime"] == TOKEN_LIFETIME_MS_MAX


def test_a_blank_frame_comes_whenever_nothing_else_has_for_fifteen_seconds() -> None:
    socket = live()
    socket.tell([happening("worker.activity.update", version=2)], 1_000)
    assert types(socket.due(1_020)) == ["worker.activity.update"]
    assert socket.next_ms() == 1_020 + HEARTBEAT_MS
    assert types(socket.due(1_020 + HEARTBEAT_MS)) == [HEARTBEAT]
    assert types(socket.due(1_020 + 2 * HEARTBEAT_MS)) == [HEARTBEAT]


def test_it_closes_when_its_token_expires_and_says_nothing_more() -> None:
    socket = connection(lifetime_ms=10_000)
    socket.due(100)
    assert socket.due(10_000) == [Close(1008, EXPIRED)]
    assert socket.tell([happening("worker.activity.update")], 10_001) == []
    assert socket.due(20_000) == []


def test_a_displaced_session_is_told_why_once() -> None:
    socket = live()
    assert socket.displace() == [Close(1000, DISPLACED)]
    assert socket.displace() == []


def test_a_client_that_is_told_too_much_at_once_is_cut_off() -> None:
    socket = live()
    (closing,) = socket.tell([happening("task.updated")] * (WAITING_MAX + 1), 1_000)
    assert isinstance(closing, Close)


def test_a_closed_socket_keeps_nothing_of_what_happens_until_its_client_has_gone() -> None:
    socket = live()
    socket.displace()
    before_ms = socket.next_ms()
    socket.tell([happening("task.updated")], 1_000)
    assert socket.next_ms() == before_ms


# --- what happens, and when ---------------------------------------------------------------------------------------


def test_what_happens_follows_after_a_moment_in_order() -> None:
    socket = live()
    socket.tell([happening("reservation.accepted", "WR1"), happening("task.updated")], 1_000)
    socket.tell([happening("task.completed")], 1_010)
    assert socket.due(1_019) == []
    assert types(socket.due(1_020)) == ["reservation.accepted", "task.updated"]
    assert types(socket.due(1_030)) == ["task.completed"]


def test_what_a_request_causes_follows_its_answer() -> None:
    socket = live()
    socket.asking(990)
    socket.tell([happening("reservation.accepted", "WR1")], 1_000)
    assert socket.due(1_500) == []
    socket.answered(990, 1_500)
    assert socket.due(1_519) == []
    assert types(socket.due(1_520)) == ["reservation.accepted"]


def test_what_was_caused_before_a_request_does_not_wait_for_its_answer() -> None:
    socket = live()
    socket.tell([happening("worker.activity.update", version=2)], 1_000)
    socket.asking(1_001)
    assert types(socket.due(1_020)) == ["worker.activity.update"]


def test_an_answer_that_does_not_come_holds_nothing_up_for_long() -> None:
    socket = live()
    socket.asking(1_000)
    socket.tell([happening("task.updated")], 1_000)
    assert socket.next_ms() == 1_000 + ANSWER_MS_MAX
    assert types(socket.due(1_000 + ANSWER_MS_MAX)) == ["task.updated"]


@pytest.mark.parametrize("kind", ["reservation.accepted", "reservation.wrapup"])
def test_of_a_reservation_that_a_client_can_not_know_nothing_is_told_that_breaks_it(kind: str) -> None:
    """[sdk: the handlers of these two look the reservation up]"""
    socket = live()
    socket.tell([happening(kind, "WR9"), happening("reservation.canceled", "WR9")], 1_000)
    assert types(socket.due(1_020)) == ["reservation.canceled"]
    socket.tell([happening("reservation.created", "WR9"), happening(kind, "WR9")], 2_000)
    assert types(socket.due(2_020)) == ["reservation.created", kind]


def test_a_client_that_has_not_loaded_a_new_activity_is_made_to_come_again() -> None:
    """It would break on it; it comes back, and loads all anew [sdk]."""
    socket = live()
    socket.loaded(["WA1", "WC1"])
    known = Happening("worker.activity.update", {}, version=2, needs="WA1")
    socket.tell([known, known._replace(needs="WA2"), happening("task.updated")], 1_000)
    outputs = socket.due(1_020)
    assert types(outputs) == ["worker.activity.update"]
    assert outputs[-1] == Close(1012, OUTDATED)


# --- while a client starts ----------------------------------------------------------------------------------------


def test_a_starting_client_is_told_afterwards_what_its_lists_do_not_say() -> None:
    socket = connection()
    socket.due(100)
    socket.tell([happening("worker.activity.update", version=2)], 110)
    socket.tell([happening("reservation.created", "WR1", 3), happening("reservation.created", "WR2", 4)], 120)
    socket.tell([happening("reservation.rescinded", "WR1"), happening("task.updated")], 130)
    socket.fetched(4)
    socket.listing(["WR2"], 4)
    socket.tell([happening("reservation.accepted", "WR2", 4)], 150)
    socket.listed(["WR2"], 160)
    assert socket.due(309) == []
    outputs = socket.due(310)
    assert types(outputs) == ["worker.activity.update", "reservation.created", "reservation.accepted"]
    assert isinstance(outputs[-1], Refresh)  # it counts WR2's creation once more


def test_a_client_that_asks_for_nothing_is_told_nonetheless() -> None:
    socket = connection()
    socket.due(100)
    socket.tell([happening("task.updated")], 200)
    assert socket.due(HOLD_MS_MAX - 1) == []
    assert types(socket.due(HOLD_MS_MAX)) == ["task.updated"]


def test_a_client_whose_count_is_right_is_not_shown_its_worker_again() -> None:
    socket = live()
    socket.tell([happening("reservation.created", "WR2", 2), happening("worker.capacity.update", version=3)], 1_000)
    outputs = socket.due(1_020)
    assert types(outputs) == ["reservation.created", "worker.capacity.update"]
    assert not any(isinstance(each, Refresh) for each in outputs)


# --- wired to a client --------------------------------------------------------------------------------------------


class Broken(Exception):
    """The SDK throws in its message handler: the socket is as good as dead."""


class Server:
    """A worker and its reservations, as they are; every change is told to the socket."""

    def __init__(self) -> None:
        self.version = 1
        self.reservations: dict[str, str] = {}
        self.made = 0

    def change(self, kind: str) -> list[Happening]:
        if kind == "created":
            self.made += 1
            self.version += 1
            self.reservations[f"WR{self.made}"] = "pending"
            return [happening("reservation.created", f"WR{self.made}", self.version)]
        if kind in ("worker.activity.update", "worker.capacity.update"):
            self.version += 1
            return [happening(kind, version=self.version)]
        before, after = {"accepted": ("pending", "accepted"), "completed": ("accepted", None)}.get(
            kind, ("pending", None)
        )
        chosen = next((sid for sid, status in self.reservations.items() if status == before), None)
        if chosen is None:
            return []
        if after is None:
            del self.reservations[chosen]
        else:
            self.reservations[chosen] = after
        told = [happening(f"reservation.{kind}", chosen, self.version)]
        return [*told, happening("task.updated")] if kind == "accepted" else told

    @property
    def pending(self) -> list[str]:
        return [sid for sid, status in self.reservations.items() if status == "pending"]


class Client:
    def __init__(self) -> None:
        self.inits = 0
        self.subscribed = False
        self.version = 0
        self.reservations: dict[str, str] = {}
        self.offered: list[str] = []

    def hear(self, text: str) -> None:
        if text == HEARTBEAT:
            return
        message = json.loads(text)
        kind, body = message["event_type"], message["payload"]
        if kind == "init":
            self.inits += 1
        elif self.subscribed:
            self._handle(kind, body)

    def _handle(self, kind: str, body: dict[str, Any]) -> None:
        sid = body["sid"]
        if kind == "reservation.created":
            self.reservations[sid] = "pending"
            self.offered.append(sid)
            self.version += 1
        elif kind in ("reservation.accepted", "reservation.wrapup"):
            if sid not in self.reservations:
                raise Broken(f"{kind} of {sid}")
            self.reservations[sid] = kind.removeprefix("reservation.")
        elif kind.startswith("reservation."):
            self.reservations.pop(sid, None)
        elif kind == "worker.capacity.update":
            self.version += 1
        elif kind.startswith("worker."):
            self.version = body["version"]


class Wire:
    """Both, and the time between them. What comes out is heard at once: the network keeps the order."""

    def __init__(self, steps: Iterator[tuple[int, str]]) -> None:
        self.socket, self.server, self.client = connection(), Server(), Client()
        self.steps, self.now_ms = steps, 0
        self.refreshes = 0

    def happen(self, kind: str) -> None:
        self.pass_on(self.socket.tell(self.server.change(kind), self.now_ms))

    def wait(self, until_ms: int) -> None:
        """Time passes, and things happen."""
        for delay_ms, kind in self.steps:
            at_ms = self.now_ms + delay_ms
            if at_ms > until_ms:
                break
            self.run(at_ms)
            self.happen(kind)
        self.run(until_ms)

    def run(self, until_ms: int) -> None:
        while self.socket.next_ms() <= until_ms:
            self.now_ms = max(self.now_ms, self.socket.next_ms())
            self.pass_on(self.socket.due(self.now_ms))
        self.now_ms = until_ms

    def pass_on(self, outputs: Sequence[Output]) -> None:
        for each in outputs:
            if isinstance(each, Send):
                self.client.hear(each.text)
            elif isinstance(each, Refresh):
                self.refreshes += 1
                version = self.server.version
                self.pass_on(self.socket.refreshed(version, {"sid": "WK1", "version": version}, self.now_ms))
            else:
                raise AssertionError(f"closed: {each}")


KINDS = (
    "created",
    "created",
    "accepted",
    "rescinded",
    "completed",
    "worker.activity.update",
    "worker.capacity.update",
)
STEPS = st.lists(st.tuples(st.integers(0, 60), st.sampled_from(KINDS)), max_size=40)


@settings(max_examples=300)
@given(steps=STEPS, before=st.integers(0, 150), asking=st.integers(1, 120), subscribing=st.integers(0, 149))
def test_a_client_that_starts_in_the_middle_of_everything_ends_with_the_server_s_state(
    steps: list[tuple[int, str]], before: int, asking: int, subscribing: int
) -> None:
    """Nothing breaks it, every open offer is known to it, and its count of the worker's version is right."""
    wire = Wire(iter(steps))
    wire.wait(before)
    wire.wait(max(before, 100) + 5)
    assert wire.client.inits == 1
    wire.socket.fetched(wire.server.version)
    wire.client.version = wire.server.version
    wire.wait(wire.now_ms + asking)
    wire.socket.listing(wire.server.pending, wire.server.version)
    wire.wait(wire.now_ms + asking // 2)  # from the question to its answer
    wire.client.reservations = dict(wire.server.reservations)
    wire.socket.listed(wire.server.reservations, wire.now_ms)
    wire.wait(wire.now_ms + subscribing)
    wire.client.subscribed = True
    wire.wait(wire.now_ms + 5_000)
    wire.run(wire.now_ms + 1_000)
    assert wire.client.inits == 1
    assert wire.client.reservations == wire.server.reservations
    assert wire.client.version == wire.server.version


@given(steps=STEPS)
def test_a_client_that_is_live_is_told_of_every_offer_once_and_needs_no_refresh(steps: list[tuple[int, str]]) -> None:
    wire = Wire(iter(steps))
    wire.run(100)
    wire.socket.fetched(1)
    wire.client.version = 1
    wire.socket.listing([], 1)
    wire.socket.listed([], 100)
    wire.run(300)
    wire.client.subscribed = True
    wire.wait(10_000)
    assert wire.client.offered == [f"WR{number + 1}" for number in range(wire.server.made)]
    assert (wire.client.version, wire.refreshes) == (wire.server.version, 0)
    assert wire.client.reservations == wire.server.reservations
