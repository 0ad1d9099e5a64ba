"""A socket of the first SDK, by a clock that the test turns."""

from __future__ import annotations

import itertools
import json

import pytest

from pointsman.bridge.connection import ANSWER_MS_MAX, HEARTBEAT_MS, WAITING_MAX, Close, Send
from pointsman.bridge.legacy.connection import Connection, Output

DELAY_MS, LIFE_MS = 20, 3_600_000
SILENCE_MS = 60_000  # what a page takes for a lost connection [sdk1]


def opened(expires_ms: int = LIFE_MS) -> Connection:
    return Connection(0, expires_ms, DELAY_MS)


def run(connection: Connection, until_ms: int) -> list[tuple[int, Output]]:
    """Everything that comes out up to a time, and when: called only when it says so."""
    found: list[tuple[int, Output]] = []
    while not connection.closed and (at_ms := connection.next_ms()) <= until_ms:
        outputs = connection.due(at_ms)
        assert outputs, "it was called for nothing"
        found += [(at_ms, each) for each in outputs]
    return found


def test_a_page_hears_a_blank_frame_long_before_it_takes_the_silence_for_the_end() -> None:
    """Nothing is said before: the page asks [sdk1]."""
    heard = run(opened(), 5 * SILENCE_MS)
    times = [0, *(at_ms for at_ms, _ in heard)]
    assert all(isinstance(each, Send) and not each.text.strip() for _, each in heard)
    assert max(later - earlier for earlier, later in itertools.pairwise(times)) == HEARTBEAT_MS


def test_frames_come_in_order_a_moment_after_what_they_tell_of() -> None:
    connection = opened()
    assert connection.tell(["one", "two"], 100) == []
    assert connection.tell(["three"], 110) == []
    expected = [(120, Send("one")), (120, Send("two")), (130, Send("three"))]
    assert run(connection, 1_000) == expected


def test_a_frame_is_a_beat() -> None:
    connection = opened()
    connection.tell(["one"], 10_000)
    assert [at_ms for at_ms, _ in run(connection, 30_000)] == [10_000 + DELAY_MS, 10_000 + DELAY_MS + HEARTBEAT_MS]


def test_what_a_request_causes_follows_its_answer() -> None:
    connection = opened()
    connection.asking(40)
    connection.tell(["caused"], 50)
    assert connection.due(500) == []
    connection.answered(40, 500)
    assert run(connection, 1_000) == [(500 + DELAY_MS, Send("caused"))]


def test_a_request_that_gets_no_answer_holds_nothing_up_for_long() -> None:
    connection = opened()
    connection.asking(40)
    connection.tell(["caused"], 50)
    assert run(connection, 10_000) == [(50 + ANSWER_MS_MAX, Send("caused"))]


def test_what_was_caused_before_a_request_does_not_wait_for_its_answer() -> None:
    connection = opened()
    connection.tell(["earlier"], 50)
    connection.asking(60)
    assert run(connection, 1_000) == [(50 + DELAY_MS, Send("earlier"))]


@pytest.mark.parametrize("pause_ms", [0, 5])
def test_a_steady_stream_of_requests_of_other_pages_with_its_channel_holds_nothing_up(pause_ms: int) -> None:
    """One begins, and is answered, ever before what came of the last is out."""
    connection = opened()
    connection.tell(["told"], 0)
    heard: list[tuple[int, Output]] = []
    asked_ms = 1
    while asked_ms < ANSWER_MS_MAX:
        connection.asking(asked_ms)
        heard += run(connection, asked_ms + 10)
        connection.answered(asked_ms, asked_ms + 10)
        asked_ms += 10 + pause_ms
        heard += run(connection, asked_ms)
    assert heard == [(DELAY_MS, Send("told"))]


def test_it_ends_with_its_token() -> None:
    connection = opened(expires_ms=1_000)
    assert run(connection, 5_000) == [(1_000, Close(1008, "token expired"))]
    assert connection.due(9_000) == []


def test_it_goes_on_if_its_channel_has_a_newer_token() -> None:
    """`updateToken` says nothing by itself; later requests carry the new one [sdk1]."""
    connection = opened(expires_ms=1_000)
    connection.renewed(2_000)
    connection.renewed(500)
    assert run(connection, 5_000) == [(2_000, Close(1008, "token expired"))]


def test_who_reads_too_slowly_is_dropped() -> None:
    connection = opened()
    assert connection.tell(["x"] * WAITING_MAX, 0) == []
    (end,) = connection.tell(["x"], 0)
    assert isinstance(end, Close)
    assert connection.due(1_000) == []


@pytest.mark.parametrize("times", [1, 2])
def test_it_is_closed_once(times: int) -> None:
    connection = opened()
    outputs = [output for _ in range(times) for output in connection.displace()]
    assert [type(each) for each in outputs] == [Close]
    assert connection.closed


def test_a_closed_socket_keeps_nothing_of_what_happens_until_its_page_has_gone() -> None:
    connection = opened()
    connection.displace()
    connection.tell(["x"], 0)
    assert connection.next_ms() == HEARTBEAT_MS


def test_what_is_sent_is_what_was_told() -> None:
    connection = opened()
    connection.tell([json.dumps({"event_type": "x"})], 0)
    ((_, sent),) = run(connection, 100)
    assert isinstance(sent, Send)
    assert json.loads(sent.text) == {"event_type": "x"}
