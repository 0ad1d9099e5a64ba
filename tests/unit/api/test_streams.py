"""What is kept of a workspace's newest events while somebody streams it."""

from __future__ import annotations

import asyncio

import pytest

from pointsman.api.streams import ACCOUNT_STREAMS_MAX, KEPT_ROWS, STREAMS_MAX, Feed, Streams
from pointsman.core.types import AccountSid, Millis, WorkspaceSid
from pointsman.operations import Refused
from pointsman.ports import Commit, EventRow

HERE, THERE = WorkspaceSid("WS1"), WorkspaceSid("WS2")


def rows(first: int, last: int, type: str = "task.created") -> list[EventRow]:
    return [EventRow(seq=seq, type=type, at_ms=Millis(seq), body="{}") for seq in range(first, last + 1)]


def after(feed: Feed, sequence: int, limit: int = 100) -> list[int] | None:
    found = feed.after(sequence, limit)
    return None if found is None else [each.row.seq for each in found]


def test_what_is_not_known_has_to_be_asked_for() -> None:
    feed = Feed()
    assert after(feed, 0) is None
    feed.committed(rows(5, 7))
    assert after(feed, 3) is None
    assert after(feed, 4) == [5, 6, 7]
    assert after(feed, 5, limit=1) == [6]
    assert after(feed, 7) == []
    assert after(feed, 8) is None  # the store knows more


def test_commits_that_somebody_else_made_leave_no_gap() -> None:
    feed = Feed()
    feed.committed(rows(1, 3))
    feed.committed(rows(4, 4))
    assert after(feed, 2) == [3, 4]
    feed.committed(rows(9, 9))
    assert after(feed, 2) is None
    assert after(feed, 8) == [9]


def test_only_so_much_is_kept() -> None:
    feed = Feed()
    for first in range(1, 2 * KEPT_ROWS, 7):
        feed.committed(rows(first, first + 6))
    assert after(feed, feed.last - KEPT_ROWS, KEPT_ROWS) == [*range(feed.last - KEPT_ROWS + 1, feed.last + 1)]
    assert after(feed, feed.last - KEPT_ROWS - 1) is None


def test_commits_wake_those_who_wait_and_cost_nothing_where_nobody_does() -> None:
    streams, woken = Streams(), asyncio.Event()
    commit = Commit(workspace=HERE, events=rows(1, 2, "workspace.deleted"), deliveries=())
    streams.committed(commit)
    with streams.joined(AccountSid("AC1"), HERE, woken) as feed:
        streams.committed(Commit(workspace=THERE, events=rows(1, 2), deliveries=()))
        assert (woken.is_set(), feed.last) == (False, 0)
        streams.committed(commit)
        assert (woken.is_set(), feed.last, feed.deleted) == (True, 2, True)
    with streams.joined(AccountSid("AC1"), HERE, asyncio.Event()) as again:
        assert again.last == 0  # it was forgotten with its last stream


def test_there_is_room_for_so_many_of_an_account_and_of_all() -> None:
    streams, open_ones = Streams(), []
    for number in range(STREAMS_MAX):
        account = AccountSid(f"AC{number // ACCOUNT_STREAMS_MAX}")
        streams.check_room(account)
        open_ones.append(streams.joined(account, HERE, asyncio.Event()))
        open_ones[-1].__enter__()
    with pytest.raises(Refused, match="this account has 64 streams open"):
        streams.check_room(AccountSid("AC0"))
    with pytest.raises(Refused, match="this server has 256 streams open"):
        streams.check_room(AccountSid("AC9"))
    for each in open_ones:
        each.__exit__(None, None, None)
    streams.check_room(AccountSid("AC0"))
