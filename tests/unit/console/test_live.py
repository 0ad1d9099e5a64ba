"""What a page is told of what happens, and what it costs."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import ExitStack

import pytest

from pointsman.console import live
from pointsman.console.live import Feed, Hub, News, TooManyListeners
from pointsman.core.types import Millis, WorkspaceSid
from pointsman.ports import Commit, EventRow

ME = "a session"
HOME = WorkspaceSid("WS" + "1" * 32)
TOPICS = ("task", "worker", "task:17", "activity")


def row(seq: int, type_: str, task: int | None = None, worker: int | None = None) -> EventRow:
    return EventRow(seq=seq, type=type_, at_ms=Millis(0), body="{}", task=task, worker=worker)


def commit(*rows: EventRow) -> Commit:
    return Commit(workspace=HOME, events=rows, deliveries=())


def run(talk: Callable[[Hub, Feed], Awaitable[None]]) -> None:
    async def begin() -> None:
        hub = Hub()
        await talk(hub, hub.feed(HOME))

    asyncio.run(begin())


async def until(there: Callable[[], bool]) -> None:
    for _ in range(1_000):
        if there():
            return
        await asyncio.sleep(0.005)
    pytest.fail("it did not come to pass")


async def until_told(feed: Feed, mark: str) -> None:
    while feed.mark == mark:
        await feed.wait(1)


def test_only_topics_with_news_are_named() -> None:
    async def talk(hub: Hub, feed: Feed) -> None:
        start = feed.mark
        hub.committed(commit(row(1, "task.created", task=18), row(2, "task-queue.entered", task=18)))
        assert feed.news(start, TOPICS).topics == (), "the tick is not over"
        await until_told(feed, start)
        assert feed.news(start, TOPICS).topics == ("task",)
        second = feed.mark
        hub.committed(commit(row(3, "reservation.created", task=17, worker=3)))
        await until_told(feed, second)
        assert feed.news(second, TOPICS).topics == ("task:17",)
        assert feed.news(start, TOPICS).topics == ("task", "task:17")
        assert feed.news(feed.mark, TOPICS).topics == ()

    run(talk)


def test_where_it_is_not_known_what_was_missed_all_topics_are_named() -> None:
    """After a restart, after too long, and after a change that has no event."""

    async def talk(hub: Hub, feed: Feed) -> None:
        for strange in ("", "x", "00000000.0", f"{feed.name}.5", f"{feed.name}.-1"):
            assert feed.news(strange, TOPICS).topics == TOPICS
        start = feed.mark
        hub.committed(commit())
        await until_told(feed, start)
        assert feed.news(start, TOPICS).topics == TOPICS

    run(talk)


def test_of_many_tasks_at_once_each_may_be_the_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live, "NUMBERS_MAX", 2)

    async def talk(hub: Hub, feed: Feed) -> None:
        start = feed.mark
        hub.committed(commit(*(row(seq, "task.created", task=seq) for seq in (1, 2, 3))))
        await until_told(feed, start)
        assert feed.news(start, TOPICS).topics == ("task", "task:17")

    run(talk)


def test_a_burst_of_commits_is_told_once() -> None:
    async def talk(hub: Hub, feed: Feed) -> None:
        with hub.listening(HOME, ME) as listening:
            news = hub.follow(listening, TOPICS, feed.mark)
            assert (await anext(news)).topics == (), "it is connected"
            for seq in range(1, 200):
                hub.committed(commit(row(seq, "task.created", task=seq)))
            told = await anext(news)
            assert told == News(feed.mark, ("task", "task:17"))
            assert feed.number == 1

    run(talk)


def test_more_listeners_pause_for_longer() -> None:
    feed = Feed()
    feed.listeners = 100
    assert feed.pause_s() == 100 / live.REFRESHES_PER_S
    feed.listeners = 1
    assert feed.pause_s() == live.PAUSE_S_MIN


def test_a_desk_waits_for_nobody_and_nobody_waits_for_desks() -> None:
    async def talk(hub: Hub, feed: Feed) -> None:
        with ExitStack() as streams:
            for number in range(100):
                streams.enter_context(hub.listening(HOME, f"a link {number}", is_desk=True))
            assert feed.pause_s() == live.PAUSE_S_MIN
            for number in range(100):
                streams.enter_context(hub.listening(HOME, f"a session {number}"))
            assert feed.pause_s() == 100 / live.REFRESHES_PER_S
            assert feed.pause_s(is_desk=True) == live.PAUSE_S_MIN
        assert (feed.listeners, feed.desks) == (0, 0)

    run(talk)


def test_there_is_a_limit_to_streams(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live, "LISTENERS_MAX", 1)

    async def talk(hub: Hub, feed: Feed) -> None:
        with hub.listening(HOME, ME), pytest.raises(TooManyListeners), hub.listening(HOME, ME):
            pass
        with hub.listening(HOME, ME):
            assert hub.listeners == 1

    run(talk)


def test_nobody_takes_all_streams() -> None:
    async def talk(hub: Hub, feed: Feed) -> None:
        with ExitStack() as streams:
            for _ in range(live.LISTENERS_OF_ONE_MAX):
                streams.enter_context(hub.listening(HOME, ME))
            with pytest.raises(TooManyListeners), hub.listening(HOME, ME):
                pass
            with hub.listening(HOME, "another session"):
                pass
        with hub.listening(HOME, ME):
            assert hub.listeners == 1

    run(talk)


def test_nobody_looks_and_nothing_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live, "LINGER_S", 0.01)

    async def talk(hub: Hub, feed: Feed) -> None:
        hub.committed(commit(row(1, "task.created", task=1)))
        await until(lambda: hub.feed_of(HOME) is None)
        hub.committed(commit(row(2, "task.created", task=1)))
        assert hub.feed_of(HOME) is None

    run(talk)


def test_a_text_serves_all_who_wait_for_no_later_news() -> None:
    made = live.Fragments()
    made.keep(("a",), 3, "as of three")
    assert made.find(("a",), 2) == made.find(("a",), 3) == "as of three"
    assert made.find(("a",), 4) is None
    assert made.find(("b",), 0) is None


def test_what_is_kept_takes_only_so_much_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live, "FRAGMENTS_BYTES_MAX", 5_000)
    monkeypatch.setattr(live, "FRAGMENT_BYTES_MAX", 2_000)
    made = live.Fragments()
    for name in "abcde":
        made.keep((name,), 1, name * 1_500)
        assert made.bytes <= 5_000
    assert made.find(("a",), 1) is None, "it made room"
    assert made.find(("e",), 1)
    made.keep(("e",), 2, "e" * 2_000)
    assert made.find(("e",), 1) is None, "it is too large, and the old one is too old"
    for name in "abcd":
        made.keep((name,), 2, "")
    assert made.bytes < 1_000
