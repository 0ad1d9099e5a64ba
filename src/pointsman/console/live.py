"""What happens in a workspace, told to the pages that are open.

A page's regions name topics: a kind of event (`task`, `task-queue`), or one entity by its number (`task:17`). A page
holds one stream open, which says which of its topics have had news; it then asks for those regions again. While nobody
looks, a commit costs nothing; else it is put aside, and what came within `TICK_S` is summed up once for all listeners.

Pages hear of news at beats: all of a workspace of the same ticks, so that each region is made once for all of them. The
next beat waits the longer, the more pages there are, and the more of the processor their regions took since the last:
the pages of all workspaces together ask about `REFRESHES_PER_S` times a second, and take no more than `SHARE` of the
loop's time. A desk does not wait for others: it hears of few things, and offers run out.

A mark names a moment: a feed, and how many of its ticks have passed. After a broken connection a page hands its last
mark in and hears what it has missed; where that is not known any more, all of its topics.
"""

from __future__ import annotations

import asyncio
import secrets
from collections import Counter, deque
from collections.abc import AsyncIterator, Collection, Iterator, Sequence
from contextlib import contextmanager
from operator import attrgetter
from typing import NamedTuple

from pointsman.console.fragments import Fragments
from pointsman.core.types import WorkspaceSid
from pointsman.ports import Commit, EventRow, Publisher

FIRST_S = 0.02  # after a quiet time, news comes this soon
TICK_S = 0.25
TICKS_KEPT = 240
NUMBERS_MAX = 250  # a tick that is about more tasks counts as about all tasks
PAUSE_S_MIN = 0.5
REFRESHES_PER_S = 50
SHARE = 0.02  # of the processor, for making regions
PAUSE_S_MAX = 30.0  # however long they take
LINGER_S = 60.0  # a feed waits this long for its page to open a stream, or to come back
HEARTBEAT_S = 15.0
PAGES_MAX = 1_000
DESKS_MAX = 15_000  # as many as a workspace's workers: pages leave them theirs
LISTENERS_OF_ONE_MAX = 16  # of a session, or a desk's link: nobody takes them all
SUBJECTS = {name: attrgetter(name) for name in ("task", "worker", "queue", "workflow")}
_type_of = attrgetter("type")


class News(NamedTuple):
    """What a listener is told: the moment, and which of its topics have had news until then."""

    mark: str
    topics: tuple[str, ...]


class _Tick(NamedTuple):
    """What some commits that came soon after one another were about."""

    kinds: frozenset[str]
    numbers: dict[str, frozenset[int]]  # without those that are too many
    unknown: bool  # a commit without events has changed something all the same: a worker's name, long work

    def has(self, topic: str) -> bool:
        subject, _, number = topic.partition(":")
        if self.unknown:
            return True
        if not number:
            return subject in self.kinds
        return subject not in self.numbers or int(number) in self.numbers[subject]


def _summed_up(commits: Sequence[Sequence[EventRow]]) -> _Tick:
    rows = [row for commit in commits for row in commit]
    numbers = {subject: frozenset(no for no in map(of, rows) if no is not None) for subject, of in SUBJECTS.items()}
    return _Tick(
        frozenset(type_.partition(".")[0] for type_ in set(map(_type_of, rows))),
        {subject: found for subject, found in numbers.items() if len(found) <= NUMBERS_MAX},
        not all(commits),
    )


class Crowd:
    """All pages that listen, and in how many workspaces."""

    pages = workspaces = 0


class Feed:
    """A workspace that somebody looks at."""

    def __init__(self, crowd: Crowd) -> None:
        self._crowd = crowd
        self.pages = self.desks = 0  # that listen
        self.used_s = 0.0  # when last, by the loop's clock
        self.number = 0  # of ticks so far
        self.told = 0  # of ticks up to the last beat
        self.spent_s = 0.0  # of the processor, on regions since the last beat
        self.name = secrets.token_hex(4)
        self._ticks: deque[_Tick] = deque(maxlen=TICKS_KEPT)
        self._aside: list[Sequence[EventRow]] = []
        self._closed_s = self._beaten_s = 0.0
        self._waits_for_beat = False
        self._next_tick = asyncio.Event()  # set, and replaced, when that is over
        self._next_beat = asyncio.Event()

    @property
    def mark(self) -> str:
        return self.mark_of(self.number)

    def mark_of(self, number: int) -> str:
        """The moment when so many ticks had passed."""
        return f"{self.name}.{number}"

    @property
    def pause_s(self) -> float:
        """From the last beat to the next."""
        spent_s = min(self.spent_s / SHARE * max(self._crowd.workspaces, 1), PAUSE_S_MAX)
        return max(PAUSE_S_MIN, self._crowd.pages / REFRESHES_PER_S, spent_s)

    @contextmanager
    def joined(self, *, is_desk: bool) -> Iterator[None]:
        """While somebody listens."""
        self._join(1, is_desk)
        try:
            yield
        finally:
            self._join(-1, is_desk)

    def _join(self, number: int, is_desk: bool) -> None:
        if is_desk:
            self.desks += number
            return
        had_pages = self.pages > 0
        self.pages += number
        self._crowd.pages += number
        self._crowd.workspaces += (self.pages > 0) - had_pages

    def spend(self, seconds: float) -> None:
        """A region of its pages took so much of the processor."""
        self.spent_s += seconds

    def committed(self, rows: Sequence[EventRow]) -> None:
        self._aside.append(rows)
        if len(self._aside) == 1:
            loop = asyncio.get_running_loop()
            loop.call_later(max(FIRST_S, self._closed_s + TICK_S - loop.time()), self._close)

    def _close(self) -> None:
        """The tick ends: sum it up, and wake whoever waits."""
        self._ticks.append(_summed_up(self._aside))
        self._aside = []
        self.number += 1
        self._closed_s = asyncio.get_running_loop().time()
        self._next_tick = _renewed(self._next_tick)
        if not self._waits_for_beat:
            self._beat_in_time()

    def _beat_in_time(self) -> None:
        """Beat now or, if the last beat was too short a while ago, as soon as may be."""
        loop = asyncio.get_running_loop()
        left_s = self._beaten_s + self.pause_s - loop.time()
        self._waits_for_beat = left_s > 0
        if self._waits_for_beat:
            loop.call_later(left_s, self._beat_in_time)
            return
        self.told, self.spent_s, self._beaten_s = self.number, 0.0, loop.time()
        self._next_beat = _renewed(self._next_beat)

    def wake(self) -> None:
        """Whoever waits."""
        self._next_tick, self._next_beat = _renewed(self._next_tick), _renewed(self._next_beat)

    def passed(self, mark: str) -> int | None:
        """How many ticks had passed at a mark; None, if it is not one of this feed's."""
        name, _, number = mark.partition(".")
        is_one = name == self.name and number.isascii() and number.isdigit() and len(number) < 19
        return int(number) if is_one else None

    def news(self, mark: str, topics: Collection[str], until: int | None = None) -> News:
        """Which of the topics have had news after a mark, as far as that is known; else all may have had. With `until`
        as of the moment when so many ticks had passed; there is no going back from the mark."""
        until, passed = self.number if until is None else until, self.passed(mark)
        if passed is None or passed > self.number or self.number - passed > len(self._ticks):
            return News(self.mark_of(until), tuple(topics))
        ticks = [self._ticks[number - self.number] for number in range(passed, until)]
        told = tuple(topic for topic in topics if any(tick.has(topic) for tick in ticks))
        return News(self.mark_of(max(passed, until)), told)

    async def wait(self, timeout_s: float, *, for_beat: bool = False) -> bool:
        """For the end of a tick, or for a beat, but no longer than that. Return whether it came."""
        try:
            async with asyncio.timeout(timeout_s):
                return await (self._next_beat if for_beat else self._next_tick).wait()
        except TimeoutError:
            return False


def _renewed(event: asyncio.Event) -> asyncio.Event:
    """Set it, and give another in its place."""
    event.set()
    return asyncio.Event()


class TooManyListeners(Exception):
    """There are as many streams as there may be, of pages or of desks."""


class Hub(Publisher):
    """The workspaces that somebody looks at, and what was made for their pages."""

    def __init__(self) -> None:
        self._feeds: dict[WorkspaceSid, Feed] = {}
        self._held: Counter[str] = Counter()  # streams by holder
        self._crowd = Crowd()
        self.stopping = False
        self.fragments = Fragments()

    def committed(self, commit: Commit) -> None:
        feed = self.feed_of(commit.workspace)
        if feed is not None:
            feed.committed(commit.events)

    def feed_of(self, workspace: WorkspaceSid) -> Feed | None:
        """The feed that there is."""
        return self._feeds.get(workspace)

    def feed(self, workspace: WorkspaceSid) -> Feed:
        """The workspace's feed, which begins now if there is none. It ends some time after its last use."""
        feed = self._feeds.get(workspace)
        loop = asyncio.get_running_loop()
        if feed is None:
            feed = self._feeds[workspace] = Feed(self._crowd)
            loop.call_later(LINGER_S, self._end_if_left, workspace, feed)
        feed.used_s = loop.time()
        return feed

    def _end_if_left(self, workspace: WorkspaceSid, feed: Feed) -> None:
        loop = asyncio.get_running_loop()
        left_s = feed.used_s + LINGER_S - loop.time()
        if feed.pages or feed.desks or left_s > 0:
            loop.call_later(max(left_s, LINGER_S / 2), self._end_if_left, workspace, feed)
        else:
            del self._feeds[workspace]

    def stop(self) -> None:
        """End all streams."""
        self.stopping = True
        for feed in self._feeds.values():
            feed.wake()

    @property
    def pages(self) -> int:
        return self._crowd.pages

    @property
    def desks(self) -> int:
        return sum(feed.desks for feed in self._feeds.values())

    @contextmanager
    def listening(self, workspace: WorkspaceSid, holder: str, *, is_desk: bool = False) -> Iterator[Feed]:
        """The holder is a session, or a desk's link. Raises: `TooManyListeners`."""
        is_full = self.desks >= DESKS_MAX if is_desk else self.pages >= PAGES_MAX
        if is_full or self._held[holder] >= LISTENERS_OF_ONE_MAX:
            raise TooManyListeners
        feed = self.feed(workspace)
        self._held[holder] += 1
        try:
            with feed.joined(is_desk=is_desk):
                yield feed
        finally:
            self._held -= Counter((holder,))  # without those that hold none any more
            feed.used_s = asyncio.get_running_loop().time()

    async def follow(
        self, feed: Feed, topics: Collection[str], mark: str, *, is_desk: bool = False
    ) -> AsyncIterator[News]:
        """News of the topics after a mark; now and then some of none, to show that the stream is alive."""
        told_s = -HEARTBEAT_S
        place = feed.pages  # among those that listen: pages ask one after another, not all at a beat
        while not self.stopping:
            news = feed.news(mark, topics, None if is_desk else feed.told)
            mark = news.mark
            now_s = asyncio.get_running_loop().time()
            if news.topics or now_s - told_s >= HEARTBEAT_S:
                told_s = now_s
                yield news
                await asyncio.sleep(PAUSE_S_MIN if is_desk and news.topics else 0)
            elif await feed.wait(told_s + HEARTBEAT_S - now_s, for_beat=not is_desk) and not is_desk:
                await asyncio.sleep(place % feed.pages / REFRESHES_PER_S / 2)
