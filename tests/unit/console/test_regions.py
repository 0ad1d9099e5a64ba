"""Which pages that ask for a region get the same text."""

from __future__ import annotations

import asyncio
import gzip
from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any, cast

from starlette.responses import Response

from pointsman.console import app
from pointsman.console.live import Hub
from pointsman.console.routes import Route
from pointsman.console.visit import Region, Visit
from pointsman.core.types import WorkspaceSid
from pointsman.ports import Commit

HOME = WorkspaceSid("WS" + "1" * 32)


async def nothing(visit: Visit) -> Mapping[str, Any]:
    return {}


FOLLOWS = Region("follows", "x.html", ("task",), nothing)
SLOW = Region("slow", "x.html", ("task",), nothing, later=True)
POLLED = Region("polled", "x.html", (), nothing, every_s=10)
POLLED_LATER = Region("calm", "x.html", (), nothing, every_s=15, later=True)
ASKED_ONCE = Region("once", "x.html", (), nothing)


class Page:
    """As much of a visit as is asked for a region; texts say how many were made before."""

    made = 0

    def __init__(self, hub: Hub, seen: str = "", query: bytes = b"", *, may_change: bool = True) -> None:
        self.console, self.workspace, self.here = SimpleNamespace(hub=hub), HOME, "/here"
        headers = {"x-seen": seen, "accept-encoding": "gzip"}
        self.request = SimpleNamespace(headers=headers, scope={"query_string": query})
        self.may_change, self.may_manage, self.is_worker = may_change, False, False

    async def region(self, region: Region) -> str:
        Page.made += 1
        return f"{Page.made} was made. " * 500

    async def ask(self, region: Region, *, at_desk: bool = False) -> int:
        """Which text it gets."""
        answer: Response = await app._region(cast(Visit, self), Route("/here", for_worker=at_desk), region)
        assert answer.headers["content-encoding"] == "gzip"
        return int(gzip.decompress(bytes(answer.body)).split()[0])


def test_after_the_same_news_all_get_the_same() -> None:
    async def story() -> None:
        hub = Hub()
        feed = hub.feed(HOME)
        first = await Page(hub, feed.mark).ask(FOLLOWS)
        assert await Page(hub, feed.mark).ask(FOLLOWS) == first
        assert feed.spent_s > 0
        feed.spent_s = 0
        await Page(hub, feed.mark, b"region=slow").ask(SLOW)
        await Page(hub, feed.mark, b"region=now").ask(FOLLOWS, at_desk=True)
        assert feed.spent_s == 0, "they slow no page down"
        others = [Page(hub, feed.mark, b"Page=2"), Page(hub, feed.mark, may_change=False)]
        assert first not in [await page.ask(FOLLOWS) for page in others], "they show something else"
        hub.committed(Commit(workspace=HOME, events=(), deliveries=()))
        before = feed.mark
        while feed.mark == before:
            await feed.wait(1)
        assert await Page(hub, before).ask(FOLLOWS) == first
        assert await Page(hub, feed.mark).ask(FOLLOWS) != first

    asyncio.run(story())


def test_without_news_all_get_the_same_for_a_while() -> None:
    """Whatever moment the page has heard of: nothing tells of these regions. They slow no page down."""

    async def story() -> None:
        hub = Hub()
        feed = hub.feed(HOME)
        first = await Page(hub).ask(POLLED)
        assert await Page(hub).ask(POLLED) == await Page(hub, feed.mark).ask(POLLED) == first
        assert feed.spent_s == 0
        ((fragment, _),) = hub.fragments._made.values()
        fragment.made_s -= POLLED.every_s * app.FRESH_PART + 1
        assert await Page(hub).ask(POLLED) != first

    asyncio.run(story())


def test_whoever_opens_a_page_sees_younger_texts_of_what_takes_long() -> None:
    async def story() -> None:
        hub = Hub()
        feed = hub.feed(HOME)
        first = await Page(hub, feed.mark).ask(POLLED_LATER)
        ((fragment, _),) = hub.fragments._made.values()
        fragment.spent_s = 1
        fragment.made_s -= 1 / app.SHARE_OPENED + 1
        assert await Page(hub).ask(POLLED_LATER) == first, "a page that is open has time"
        assert await Page(hub, feed.mark).ask(POLLED_LATER) != first

    asyncio.run(story())


def test_what_is_asked_for_once_is_made_anew() -> None:
    async def story() -> None:
        hub = Hub()
        first = await Page(hub).ask(ASKED_ONCE)
        await asyncio.sleep(0.05)
        assert await Page(hub).ask(ASKED_ONCE) != first

    asyncio.run(story())
