"""What happens in a workspace, told to the pages that are open.

A page's regions name topics: a kind of event (`task`, `task-queue`), or one entity by its number (`task:17`). A page
holds one stream open, which says which of its topics have had news; it then asks for those regions again. While nobody
looks, a commit costs nothing; else it is put aside, and what came within `TICK_S` is summed up once for all listeners.
The more of those there are, the longer each pauses between two messages, so that all together ask for no more than
about `REFRESHES_PER_S` times a second. A desk does not wait for others: it hears of few things, and offers run out.

A mark names a moment: a feed, and how many of its ticks have passed. After a broken connection a page hands its last
mark in and hears what it has missed; where that is not known any more, all of its topics.
"""

from __future__ import annotations

import asyncio
import secrets
import sys
from collections import Counter, deque
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from operator import attrgetter
from typing import NamedTuple

from pointsman.console.under_way import UnderWay
from pointsman.core.types import WorkspaceSid
from pointsman.ports import Commit, EventRow, Publisher

FIRST_S = 0.02  # after a quiet time, news comes this soon
TICK_S = 0.25
TICKS_KEPT = 240
NUMBERS_MAX = 250  # a tick that is about more tasks counts as about all tasks
PAUSE_S_MIN = 0.5
REFRESHES_PER_S = 50
LINGER_S = 60.0  # a feed waits this long for its page to open a stream, or to come back
HEARTBEAT_S = 15.0
LISTENERS_MAX = 1_000
LISTENERS_OF_ONE_MAX = 16  # of a session, or a desk's link: nobody takes them all
FRAGMENTS_MAX = 500
FRAGMENTS_BYTES_MAX = 16 << 20
FRAGMENT_BYTES_MAX = 256 << 10  # a larger one is made for each who asks
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


class Feed:
    """A workspace that somebody looks at."""

    def __init__(self) -> None:
        self.listeners = 0
        self.desks = 0  # of the listeners
        self.used_s = 0.0  # when last, by the loop's clock
        self.number = 0  # of ticks so far
        self.name = secrets.token_hex(4)
        self._ticks: deque[_Tick] = deque(maxlen=TICKS_KEPT)
        self._aside: list[Sequence[EventRow]] = []
        self._closed_s = 0.0
        self._next = asyncio.Event()  # set, and replaced, at the end of a tick

    @property
    def mark(self) -> str:
        return f"{self.name}.{self.number}"

    def pause_s(self, *, is_desk: bool = False) -> float:
        """Between two messages to a listener."""
        return PAUSE_S_MIN if is_desk else max(PAUSE_S_MIN, (self.listeners - self.desks) / REFRESHES_PER_S)

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
        self.wake()

    def wake(self) -> None:
        self._next.set()
        self._next = asyncio.Event()

    def passed(self, mark: str) -> int | None:
        """How many ticks had passed at a mark; None, if it is not one of this feed's."""
        name, _, number = mark.partition(".")
        return int(number) if name == self.name and number.isascii() and number.isdigit() else None

    def news(self, mark: str, topics: Collection[str]) -> News:
        """Which of the topics have had news after a mark, as far as that is known; else all may have had."""
        passed = self.passed(mark)
        missed = self.number - passed if passed is not None else -1
        if not 0 <= missed <= len(self._ticks):
            return News(self.mark, tuple(topics))
        ticks = [self._ticks[-each] for each in range(1, missed + 1)]
        return News(self.mark, tuple(topic for topic in topics if any(tick.has(topic) for tick in ticks)))

    async def wait(self, timeout_s: float) -> None:
        """For the end of a tick, but no longer than that."""
        try:
            async with asyncio.timeout(timeout_s):
                await self._next.wait()
        except TimeoutError:
            pass


class TooManyListeners(Exception):
    """There are as many streams as there may be."""


class Hub(Publisher):
    """The workspaces that somebody looks at, and what was made for their pages."""

    def __init__(self) -> None:
        self._feeds: dict[WorkspaceSid, Feed] = {}
        self._held: Counter[str] = Counter()  # streams by holder
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
            feed = self._feeds[workspace] = Feed()
            loop.call_later(LINGER_S, self._end_if_left, workspace, feed)
        feed.used_s = loop.time()
        return feed

    def _end_if_left(self, workspace: WorkspaceSid, feed: Feed) -> None:
        loop = asyncio.get_running_loop()
        left_s = feed.used_s + LINGER_S - loop.time()
        if feed.listeners or left_s > 0:
            loop.call_later(max(left_s, LINGER_S / 2), self._end_if_left, workspace, feed)
        else:
            del self._feeds[workspace]

    def stop(self) -> None:
        """End all streams."""
        self.stopping = True
        for feed in self._feeds.values():
            feed.wake()

    @property
    def listeners(self) -> int:
        return sum(feed.listeners for feed in self._feeds.values())

    @contextmanager
    def listening(self, workspace: WorkspaceSid, holder: str, *, is_desk: bool = False) -> Iterator[Feed]:
        """The holder is a session, or a desk's link. Raises: `TooManyListeners`."""
        if self.listeners >= LISTENERS_MAX or self._held[holder] >= LISTENERS_OF_ONE_MAX:
            raise TooManyListeners
        feed = self.feed(workspace)
        feed.listeners += 1
        feed.desks += is_desk
        self._held[holder] += 1
        try:
            yield feed
        finally:
            feed.listeners -= 1
            feed.desks -= is_desk
            self._held -= Counter((holder,))  # without those that hold none any more
            feed.used_s = asyncio.get_running_loop().time()

    async def follow(
        self, feed: Feed, topics: Collection[str], mark: str, *, is_desk: bool = False
    ) -> AsyncIterator[News]:
        """News of the topics after a mark; now and then some of none, to show that the stream is alive."""
        told_s = -HEARTBEAT_S
        while not self.stopping:
            news = feed.news(mark, topics)
            mark = news.mark
            now_s = asyncio.get_running_loop().time()
            if news.topics or now_s - told_s >= HEARTBEAT_S:
                told_s = now_s
                yield news
                await asyncio.sleep(feed.pause_s(is_desk=is_desk) if news.topics else 0)
            else:
                await feed.wait(told_s + HEARTBEAT_S - now_s)


class _Fragment(NamedTuple):
    tick: int
    text: str
    size: int  # in bytes, with its key


class Fragments:
    """Regions as they were made last. Whoever asks names the tick that he wants to see in it: all consoles that were
    told of the same one get the same text, made once. Those that were made longest ago make room."""

    def __init__(self) -> None:
        self._made: dict[tuple[str, ...], _Fragment] = {}
        self._under_way = UnderWay[tuple[tuple[str, ...], int], str]()
        self.bytes = 0

    def find(self, key: tuple[str, ...], tick: int) -> str | None:
        made = self._made.get(key)
        return made.text if made is not None and made.tick >= tick else None

    async def make(self, key: tuple[str, ...], tick: int, make: Callable[[], Awaitable[str]]) -> str:
        """Make and keep it, once for all who ask at the same tick."""

        async def made() -> str:
            text = await make()
            self.keep(key, tick, text)
            return text

        return await self._under_way.join((key, tick), made)

    def keep(self, key: tuple[str, ...], tick: int, text: str) -> None:
        """`tick` had passed before the text was made. The key names the feed too: ticks of another mean nothing."""
        self._drop(key)
        size = sum(map(sys.getsizeof, (text, *key)))
        if size > FRAGMENT_BYTES_MAX:
            return
        self._made[key] = _Fragment(tick, text, size)
        self.bytes += size
        while len(self._made) > FRAGMENTS_MAX or self.bytes > FRAGMENTS_BYTES_MAX:
            self._drop(next(iter(self._made)))

    def _drop(self, key: tuple[str, ...]) -> None:
        made = self._made.pop(key, None)
        if made is not None:
            self.bytes -= made.size
