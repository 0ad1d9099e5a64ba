"""What a page is told of what happens, and what it costs."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import ExitStack

import pytest

from pointsman.console import live
from pointsman.console.live import Crowd, Feed, Hub, News, TooManyListeners
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
        for strange in ("", "x", "00000000.0", f"{feed.name}.5", f"{feed.name}.-1", feed.name + "." + "9" * 5_000):
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


def test_the_more_pages_there_are_and_the_more_their_regions_take_the_longer_they_wait() -> None:
    crowd = Crowd()
    feed = Feed(crowd)
    crowd.pages, crowd.workspaces = 100, 2
    assert feed.pause_s == 100 / live.REFRESHES_PER_S
    crowd.pages, crowd.workspaces = 1, 1
    assert feed.pause_s == live.PAUSE_S_MIN
    feed.spend(2 * live.SHARE)
    feed.spend(3 * live.SHARE)
    assert feed.pause_s == pytest.approx(5)
    crowd.workspaces = 2
    assert feed.pause_s == pytest.approx(10), "they share"
    feed.spend(1_000)
    assert feed.pause_s == live.PAUSE_S_MAX


def test_all_pages_are_told_of_the_same_moment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever happens between two beats, so that a region is made once for all of them; a desk hears of it before."""
    monkeypatch.setattr(live, "TICK_S", 0.02)

    async def talk(hub: Hub, feed: Feed) -> None:
        with hub.listening(HOME, ME), hub.listening(HOME, "another"), hub.listening(HOME, "a link", is_desk=True):
            pages = [hub.follow(feed, TOPICS, feed.mark) for _ in range(2)]
            desk = hub.follow(feed, TOPICS, feed.mark, is_desk=True)
            for each in (*pages, desk):
                assert (await anext(each)).topics == (), "it is connected"
            told = [asyncio.ensure_future(anext(each)) for each in pages]
            hub.committed(commit(row(1, "task.created", task=1)))
            first = await asyncio.gather(*told)
            assert first[0] == first[1] == News(feed.mark_of(1), ("task",))
            told = [asyncio.ensure_future(anext(each)) for each in pages]
            for number in (2, 3):
                hub.committed(commit(row(number, "task.created", task=number)))
                await until(lambda number=number: feed.number == number)  # type: ignore[misc]
            assert (feed.told, (await anext(desk)).topics) == (1, ("task",))
            assert not any(each.done() for each in told)
            second = await asyncio.gather(*told)
            assert second[0] == second[1] == News(feed.mark_of(3), ("task",))

    run(talk)


def test_a_page_that_has_seen_more_than_the_last_beat_is_not_led_back() -> None:
    async def talk(hub: Hub, feed: Feed) -> None:
        start = feed.mark
        hub.committed(commit(row(1, "task.created", task=17)))
        await until_told(feed, start)
        assert feed.news(feed.mark, TOPICS, 0) == News(feed.mark, ())
        assert feed.news(start, TOPICS, 0) == News(start, ())
        assert feed.news("strange", TOPICS, 0) == News(start, TOPICS)

    run(talk)


def test_a_desk_waits_for_nobody_and_nobody_waits_for_desks() -> None:
    async def talk(hub: Hub, feed: Feed) -> None:
        with ExitStack() as streams:
            for number in range(100):
                streams.enter_context(hub.listening(HOME, f"a link {number}", is_desk=True))
            assert feed.pause_s == live.PAUSE_S_MIN
            for number in range(100):
                streams.enter_context(hub.listening(HOME, f"a session {number}"))
            assert feed.pause_s == 100 / live.REFRESHES_PER_S
        assert (feed.pages, feed.desks) == (0, 0)

    run(talk)


def test_pages_of_all_workspaces_wait_for_one_another() -> None:
    async def talk(hub: Hub, feed: Feed) -> None:
        elsewhere = WorkspaceSid("WS" + "2" * 32)
        with ExitStack() as streams:
            streams.enter_context(hub.listening(HOME, ME))
            for number in range(99):
                streams.enter_context(hub.listening(elsewhere, f"a session {number}"))
            assert feed.pause_s == hub.feed(elsewhere).pause_s == 100 / live.REFRESHES_PER_S
            feed.spend(live.SHARE * 5)
            assert feed.pause_s == pytest.approx(10)
        assert feed.pause_s == pytest.approx(5), "nobody else is left"

    run(talk)


def test_there_is_a_limit_to_streams(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live, "PAGES_MAX", 1)
    monkeypatch.setattr(live, "DESKS_MAX", 2)

    async def talk(hub: Hub, feed: Feed) -> None:
        with hub.listening(HOME, ME), pytest.raises(TooManyListeners), hub.listening(HOME, ME):
            pass
        with ExitStack() as streams:
            for number in range(2):  # pages take none of the desks' streams, nor they any of theirs
                streams.enter_context(hub.listening(HOME, f"a link {number}", is_desk=True))
            streams.enter_context(hub.listening(HOME, ME))
            with pytest.raises(TooManyListeners), hub.listening(HOME, "a link 3", is_desk=True):
                pass
            assert (hub.pages, hub.desks) == (1, 2)
        assert (hub.pages, hub.desks) == (0, 0)

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
            assert hub.pages == 1

    run(talk)


def test_nobody_looks_and_nothing_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live, "LINGER_S", 0.01)

    async def talk(hub: Hub, feed: Feed) -> None:
        hub.committed(commit(row(1, "task.created", task=1)))
        await until(lambda: hub.feed_of(HOME) is None)
        hub.committed(commit(row(2, "task.created", task=1)))
        assert hub.feed_of(HOME) is None

    run(talk)
