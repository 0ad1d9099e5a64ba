"""What a browser asks of the console, without what it shows: a page with all that it loads, and a page that stays open
and follows its stream as `live.js` does."""

from __future__ import annotations

import asyncio
import gzip
import html
import json
import re
import time
from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import asynccontextmanager
from typing import NamedTuple
from urllib.parse import urlencode, urljoin, urlsplit

from tests.benchmarks.failed import Failed

PREFIX = "/console"
LINE_MAX = 1 << 20
_ASSET = re.compile(r'(?:href|src)="([^"]*/static/[^"]+)"')
_IMPORT = re.compile(r'^(?:import|export)\b[^"\n]*"(\.[^"]+)"', re.MULTILINE)
_REGION = re.compile(r'<section id="[^"]*" class="region" data-live="([^"]*)" data-every="(\d+)" data-url="([^"]*)"')
_LATER = re.compile(r'data-url="([^"]*)" data-later')
_BODY = {name: re.compile(rf'<body[^>]* data-{name}="([^"]*)"') for name in ("stream", "mark")}


class Got(NamedTuple):
    """An answer: `first_ms` until its first byte came, `sent` bytes of a body as it was sent."""

    first_ms: float
    sent: int
    body: bytes
    cookie: str

    @property
    def text(self) -> str:
        return self.body.decode()


class Region(NamedTuple):
    topics: frozenset[str]
    every_s: int
    url: str


class Browser:
    """One connection, which is kept, and one request at a time."""

    def __init__(self, base: str, cookie: str = "") -> None:
        where = urlsplit(base)
        self._host, self._port, self.cookie = str(where.hostname), int(where.port or 80), cookie
        self._turn = asyncio.Lock()
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def get(self, path: str, **headers: str) -> Got:
        """Raises: `Failed`."""
        return await self._ask("GET", path, b"", headers)

    async def sign_in(self, user: str, password: str) -> None:
        form = urlencode({"user": user, "password": password}).encode()
        kind = {"Content-Type": "application/x-www-form-urlencoded"}
        self.cookie = (await self._ask("POST", f"{PREFIX}/sign-in", form, kind)).cookie

    async def follow(self, path: str) -> AsyncIterator[str]:
        """The messages of a stream, as long as it goes on, on this connection and no other."""
        reader, writer = await self._open()
        writer.write(self._request("GET", path, b"", {"Accept": "text/event-stream"}))
        if b" 200 " not in (await reader.readuntil(b"\r\n\r\n")).partition(b"\r\n")[0]:
            raise Failed(f"there is no stream at {path}")
        while size := int(await reader.readline(), 16):
            for message in (await reader.readexactly(size + 2)).decode().strip().split("\n\n"):
                yield message

    def close(self) -> None:
        if self._streams is not None:
            self._streams[1].close()

    async def _open(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        if self._streams is None:
            self._streams = await asyncio.open_connection(self._host, self._port, limit=LINE_MAX)
        return self._streams

    def _request(self, method: str, path: str, body: bytes, headers: dict[str, str]) -> bytes:
        whole = {"Host": f"{self._host}:{self._port}", "Accept": "text/html", "Accept-Encoding": "gzip, deflate, br"}
        whole |= {"Cookie": self.cookie} if self.cookie else {}
        whole |= headers | ({"Content-Length": str(len(body))} if body else {})
        head = "".join(f"{name}: {value}\r\n" for name, value in whole.items())
        return f"{method} {path} HTTP/1.1\r\n{head}\r\n".encode() + body

    async def _ask(self, method: str, path: str, body: bytes, headers: dict[str, str]) -> Got:
        async with self._turn:
            reader, writer = await self._open()
            began = time.perf_counter()
            writer.write(self._request(method, path, body, headers))
            first = await reader.readexactly(1)
            first_ms = (time.perf_counter() - began) * 1_000
            head = (first + await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
            status, fields = int(head.split(" ", 2)[1]), _fields(head)
            got = await reader.readexactly(int(fields.get("content-length", "0")))
        if status >= 400 or (method == "GET" and status != 200):
            raise Failed(f"{method} {path}: {status}")
        text = gzip.decompress(got) if fields.get("content-encoding") == "gzip" else got
        return Got(first_ms, len(got), text, fields.get("set-cookie", "").partition(";")[0])


def _fields(head: str) -> dict[str, str]:
    lines = (line.partition(": ") for line in head.split("\r\n")[1:] if line)
    return {name.lower(): value for name, _, value in lines}


# --- what a page loads ------------------------------------------------------------------------------------------------


class Assets:
    """Static files, each asked for once."""

    def __init__(self, browser: Browser) -> None:
        self._browser = browser
        self._known: dict[str, tuple[Got, list[str]]] = {}

    async def of(self, page: str) -> list[Got]:
        """All that a first visit to the page loads besides it, with what its scripts import."""
        left, seen = [html.unescape(each) for each in _ASSET.findall(page)], set[str]()
        while left:
            address = left.pop()
            if address in seen:
                continue
            seen.add(address)
            if address not in self._known:
                got = await self._browser.get(address)
                imports = _IMPORT.findall(got.text) if address.endswith(".js") else []
                self._known[address] = got, [urljoin(address, each) for each in imports]
            left += self._known[address][1]
        return [self._known[address][0] for address in seen]


# --- a page that is open ----------------------------------------------------------------------------------------------


class OpenPage:
    """It follows its stream, and asks again for the regions that had news, or whose time has come."""

    def __init__(self, base: str, cookie: str, path: str) -> None:
        self._asking, self._listening, self._path = Browser(base, cookie), Browser(base, cookie), path
        self.asked = 0  # for regions

    @asynccontextmanager
    async def live(self) -> AsyncIterator[None]:
        """While it is open. Raises: `Failed`, if it came to its end before."""
        page = (await self._asking.get(self._path)).text
        regions = list(_regions(page))
        stream, mark = (_said(name, page) for name in ("stream", "mark"))
        for address in later(page):
            await self._asking.get(address)
        has_topics = any(region.topics for region in regions)  # a page without any opens no stream
        following = [asyncio.create_task(self._follow(stream, mark, regions))] if has_topics else []
        following += [asyncio.create_task(self._again(region)) for region in regions if region.every_s]
        try:
            yield
        finally:
            ended = [task for task in following if task.done()]
            for task in following:
                task.cancel()
            await asyncio.gather(*following, return_exceptions=True)
            self._asking.close()
            self._listening.close()
            if ended:
                raise Failed(f"the page {self._path} did not go on: {ended[0].exception()}")

    async def _follow(self, stream: str, mark: str, regions: Iterable[Region]) -> None:
        topics = ",".join(sorted({topic for region in regions for topic in region.topics}))
        async for message in self._listening.follow(f"{stream}?{urlencode({'topics': topics, 'mark': mark})}"):
            fields = dict(line.split(": ", 1) for line in message.split("\n"))
            news = set(json.loads(fields["data"]))
            for region in regions:
                if region.topics & news:
                    await self._ask(region, **{"X-Seen": fields["id"]})

    async def _again(self, region: Region) -> None:
        while True:
            await asyncio.sleep(region.every_s)
            await self._ask(region)

    async def _ask(self, region: Region, **headers: str) -> None:
        await self._asking.get(region.url, **{"HX-Request": "true"}, **headers)
        self.asked += 1


def _regions(page: str) -> Iterator[Region]:
    for topics, every_s, url in _REGION.findall(page):
        yield Region(frozenset(topics.split()), int(every_s), html.unescape(url))


def later(page: str) -> list[str]:
    """What the page was sent without, and asks for at once."""
    return [html.unescape(each) for each in _LATER.findall(page)]


def _said(name: str, page: str) -> str:
    found = _BODY[name].search(page)
    if found is None:
        raise Failed(f"the page's body says no data-{name}")
    return html.unescape(found[1])
