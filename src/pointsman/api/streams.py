"""The log as a stream (ours): every event in its order, from any place in it, and then the new ones as they come.

A stream reads the store by its own cursor, a page at a time, and only when the last page has been taken by the network:
a slow reader costs nothing but its own time. What was committed just now is kept for a moment, with the line that
was made of it, so that the streams of a workspace that keep up share both. Commits are only a hint to look again.

A stream never skips an event. Where it can't go on (its events were removed, the database is away, the server stops
before all that was asked for has been sent) it breaks off without the end of an HTTP answer, and whoever reads it sees
that there should be more; the sequence number of the last line is where to go on.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import aclosing, contextmanager, suppress
from typing import Any, NamedTuple

import structlog
from msgspec.structs import replace
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.types import Send

from pointsman.api.auth import authenticate
from pointsman.core.errors import Invalid
from pointsman.core.types import AccountSid, WorkspaceSid
from pointsman.operations import Call, Logins, Refused
from pointsman.operations.logs import ABOUT, concerns, query_about, until_its_end
from pointsman.ports import Commit, EventQuery, EventRow, Publisher, StoreUnavailable, UnknownWorkspace
from pointsman.resources.log import HEARTBEAT_S_DEFAULT, SEQUENCE_MAX, STREAM_PARAMETERS
from pointsman.resources.types import Int
from pointsman.wire import errors
from pointsman.wire import events as wire
from pointsman.wire.forms import read_query, typed
from pointsman.wire.openapi import JSON_LINES, SERVER_SENT

ACCOUNT_STREAMS_MAX = 64
STREAMS_MAX = 256
RETRY_S = "10"
KEPT_ROWS = 1_000  # of a workspace, in memory, while somebody streams it
PAGE_ROWS = 200  # read from the store in one go
SHOWN_ROWS = 25  # rendered in one go
ROUND_S = 0.02  # what comes within this time of the last round is sent together
LOOK_AGAIN_S = 15.0  # without any hint
RECONNECT_MS = 2_000  # a browser's pause before it asks again
DELETED = "workspace.deleted"
NEWEST, LIMIT, STOPPING, LOCKED_OUT = "newest", "limit", "stopping", "unauthenticated"  # why a stream ends

log = structlog.get_logger(__name__)


class _Kept(NamedTuple):
    row: EventRow
    lines: dict[str, bytes]  # by the base of its URLs


class Feed:
    """The newest events of a workspace that somebody streams."""

    def __init__(self) -> None:
        self.waiting: dict[asyncio.Event, None] = {}
        self.deleted = False  # the workspace: `last` is its last event
        self.last = 0
        self._first = 1
        self._kept: dict[int, _Kept] = {}

    def committed(self, rows: Sequence[EventRow]) -> None:
        if rows[0].seq != self.last + 1:
            self._kept.clear()
            self._first = rows[0].seq
        for row in rows:
            self._kept[row.seq] = _Kept(row, {})
        self.last = rows[-1].seq
        while len(self._kept) > KEPT_ROWS:
            del self._kept[self._first]
            self._first += 1
        self.deleted = rows[-1].type == DELETED
        self.wake()

    def wake(self) -> None:
        for each in self.waiting:
            each.set()

    def after(self, sequence: int, limit: int) -> list[_Kept] | None:
        """The events after this one, as far as they are known; None, if the store has to be asked."""
        if not self._kept or not self._first <= sequence + 1 <= self.last + 1:
            return None
        return [self._kept[each] for each in range(sequence + 1, min(sequence + limit, self.last) + 1)]


class Streams(Publisher):
    """All that are open."""

    def __init__(self) -> None:
        self.stopping = False
        self._feeds: dict[WorkspaceSid, Feed] = {}
        self._open: Counter[AccountSid] = Counter()

    def committed(self, commit: Commit) -> None:
        feed = self._feeds.get(commit.workspace)
        if feed is not None and commit.events:
            feed.committed(commit.events)

    @property
    def open(self) -> int:
        return self._open.total()

    def stop(self) -> None:
        """Have them all end, so that the server can."""
        self.stopping = True
        for feed in self._feeds.values():
            feed.wake()

    def check_room(self, account: AccountSid) -> None:
        """Raises: `Refused` (429)."""
        if self._open[account] >= ACCOUNT_STREAMS_MAX:
            why = f"this account has {ACCOUNT_STREAMS_MAX} streams open: close one first"
        elif self._open.total() >= STREAMS_MAX:
            why = f"this server has {STREAMS_MAX} streams open, and no room for more"
        else:
            return
        raise Refused(errors.too_many_streams(why), {"Retry-After": RETRY_S})

    @contextmanager
    def joined(self, account: AccountSid, workspace: WorkspaceSid, woken: asyncio.Event) -> Iterator[Feed]:
        """Take part in a workspace's feed."""
        feed = self._feeds.setdefault(workspace, Feed())
        feed.waiting[woken] = None
        self._open[account] += 1
        try:
            yield feed
        finally:
            self._open[account] -= 1
            del feed.waiting[woken]
            if not feed.waiting:
                del self._feeds[workspace]


class _Asked(NamedTuple):
    """One request."""

    values: dict[str, Any]
    query: EventQuery
    types: frozenset[str] | None  # None: all
    after: int
    until: int | None  # None: for ever
    limit: int | None
    heartbeat_s: int
    server_sent: bool

    @property
    def about(self) -> bool:
        """Whether a sid is asked for: a number finds the row, and the rest of the sid must be the same too."""
        return any(name in self.values for name in (*ABOUT, "task_channel"))

    def wants(self, row: EventRow) -> bool:
        """The store would say the same."""
        query = self.query
        return (
            (self.types is None or row.type in self.types)
            and query.task in (None, row.task)
            and query.worker in (None, row.worker)
            and query.reservation in (None, row.reservation)
            and query.queue in (None, row.queue, row.previous)
            and query.workflow in (None, row.workflow)
            and query.channel in (None, row.channel)
            and (query.start_ms is None or row.at_ms >= query.start_ms)
            and (query.end_ms is None or row.at_ms <= query.end_ms)
        )


async def _read(call: Call, request: Request) -> _Asked:
    """Raises: `Invalid`, `Refused` (410), `NotFound`."""
    # `after` and `After` alike: this is ours, and people type it.
    values = read_query(STREAM_PARAMETERS, [(name[:1].upper() + name[1:], text) for name, text in call.query])
    if (resumed := request.headers.get("last-event-id")) is not None:  # of a browser that comes back
        values["after"] = typed("Last-Event-ID", Int(0, SEQUENCE_MAX), resumed)
    follow, types = values.get("follow", True), values.get("event_type")
    start_ms, end_ms = values.get("start_date"), values.get("end_date")
    if end_ms is not None and follow:
        raise Invalid("Invalid EndDate: expected none with a stream that follows the log; send Follow=false with it")
    if start_ms is not None and end_ms is not None and end_ms < start_ms:
        raise Invalid("Invalid EndDate: expected one that is not before StartDate")
    about = await query_about(call, values)
    span = await call.services.store.event_span(call.workspace)
    oldest = span.first - 1
    after = values.get("after", span.last if follow and start_ms is None else oldest)
    if after > span.last:
        raise Invalid(f"Invalid After {after}: expected at most {span.last}, the newest event's sequence number")
    if 0 < after < oldest:
        raise Refused(
            errors.not_kept(
                f"The events after {after} are not all kept any more: the oldest that is has the sequence number "
                f"{span.first}; After={oldest} or After=0 begins there"
            )
        )
    only = types[0] if types and len(set(types)) == 1 else None
    return _Asked(
        values=values,
        query=replace(about, type=only, start_ms=start_ms, end_ms=until_its_end(end_ms)),
        types=frozenset(types) if types else None,
        after=max(after, oldest),
        until=None if follow else span.last,
        limit=values.get("limit"),
        heartbeat_s=values.get("heartbeat", HEARTBEAT_S_DEFAULT),
        server_sent=SERVER_SENT in request.headers.get("accept", ""),
    )


class _BrokenOff(Exception):
    """There should be more, and can't be; the message says why."""


class _Stream:
    """One that is open."""

    def __init__(self, call: Call, asked: _Asked, streams: Streams, known: Callable[[], Awaitable[bool]]) -> None:
        self._call, self._asked, self._streams, self._known = call, asked, streams, known
        self._position = asked.after
        self._left = asked.limit
        self._behind = True  # there is more to read at once
        self._woken = asyncio.Event()
        self._loop = asyncio.get_running_loop()
        self._spoke_s = self._loop.time()

    async def pieces(self) -> AsyncGenerator[bytes, None]:
        """What is sent, until there is nothing more to send. Raises: `_BrokenOff`, `StoreUnavailable`,
        `UnknownWorkspace`."""
        asked = self._asked
        if asked.server_sent:
            yield b"retry: %d\n\n" % RECONNECT_MS
        with self._streams.joined(self._call.account.sid, self._call.workspace, self._woken) as feed:
            if asked.until is None:
                yield self._mark()
            end = None
            while end is None:
                self._woken.clear()
                round_s = self._loop.time()
                async for piece in self._page(feed):
                    self._spoke_s = self._loop.time()
                    yield piece
                end = self._end(feed)
                if end is None and self._is_silent():
                    if not await self._known():
                        end = LOCKED_OUT
                    self._spoke_s = self._loop.time()
                    yield self._mark(end)
                elif end is not None:
                    yield self._mark(end)
                elif not self._behind:
                    await self._wait(round_s)

    def _end(self, feed: Feed) -> str | None:
        """Why it ends here, if it does."""
        if self._left == 0:
            return LIMIT
        if self._asked.until is not None and self._position >= self._asked.until:
            return NEWEST
        if feed.deleted and self._position >= feed.last:
            return "deleted"
        if self._streams.stopping:
            if self._asked.until is not None:
                raise _BrokenOff("the server stops")
            return STOPPING
        return None

    def _is_silent(self) -> bool:
        return 0 < self._asked.heartbeat_s <= self._loop.time() - self._spoke_s

    async def _wait(self, round_s: float) -> None:
        """Until there is something to look at, and others had their turn since the last look."""
        pause_s = LOOK_AGAIN_S
        if self._asked.heartbeat_s:
            pause_s = min(pause_s, self._spoke_s + self._asked.heartbeat_s - self._loop.time())
        with suppress(TimeoutError):
            async with asyncio.timeout(max(pause_s, 0)):
                await self._woken.wait()
        if not self._woken.is_set():
            self._behind = True  # no hint came: the store knows
        rest_s = round_s + ROUND_S - self._loop.time()
        if rest_s > 0 and not self._streams.stopping:
            await asyncio.sleep(rest_s)

    # --- reading --------------------------------------------------------------------------------------------------

    async def _page(self, feed: Feed) -> AsyncIterator[bytes]:
        """What is new, and move on behind it. Raises: as `pieces`."""
        kept = feed.after(self._position, PAGE_ROWS)
        if kept is None or (not kept and self._behind):
            kept, reached = await self._stored()
        else:
            self._behind = bool(kept) and kept[-1].row.seq < feed.last
            reached = kept[-1].row.seq if kept else self._position
        wanted = [each for each in kept if self._asked.wants(each.row)]
        for start in range(0, len(wanted), SHOWN_ROWS):
            if start:
                await asyncio.sleep(0)  # others have their turn
            piece = await self._rendered(wanted[start : start + SHOWN_ROWS])
            if piece:
                yield piece
            if self._left == 0:
                return
        self._position = reached

    async def _stored(self) -> tuple[list[_Kept], int]:
        """A page of the store, and how far that leads."""
        store, workspace = self._call.services.store, self._call.workspace
        until = self._asked.until
        if until is None:
            until = (await store.event_span(workspace)).last
        rows = await store.events(workspace, self._asked.query, before=None, after=self._position, limit=PAGE_ROWS)
        span = await store.event_span(workspace)  # after it: what is there now was there then
        if span.first > self._position + 1:
            raise _BrokenOff(f"the events after {self._position} were removed: they are too old")
        full = len(rows) == PAGE_ROWS
        reached = rows[-1].seq if rows and (full or rows[-1].seq > until) else until
        if self._asked.until is not None:
            rows = [row for row in rows if row.seq <= until]
        self._behind = full
        return [_Kept(row, {}) for row in rows], max(reached, self._position)

    async def _rendered(self, kept: Sequence[_Kept]) -> bytes:
        base, asked = self._call.base, self._asked
        fresh = [each.row for each in kept if asked.about or base not in each.lines]
        logged = {each.seq: each for each in await self._call.router.logged(self._call.workspace, fresh)}
        pieces = []
        for each in kept:
            event = logged.get(each.row.seq)
            if event is not None and asked.about and not concerns(event, asked.values):
                continue
            if base not in each.lines:
                assert event is not None
                each.lines[base] = wire.line(event, base)
            pieces.append(self._framed(each))
            self._position = each.row.seq
            if self._left is not None:
                self._left -= 1
                if self._left == 0:
                    break
        return b"".join(pieces)

    # --- spelling -------------------------------------------------------------------------------------------------

    def _framed(self, kept: _Kept) -> bytes:
        line = kept.lines[self._call.base]
        if not self._asked.server_sent:
            return line + b"\n"
        return b"id: %d\nevent: %s\ndata: %s\n\n" % (kept.row.seq, kept.row.type.encode(), line)

    def _mark(self, end: str | None = None) -> bytes:
        """How far it has got. In a browser an id alone is no event, but is remembered."""
        if not self._asked.heartbeat_s:
            return b""
        line = wire.mark(self._position, end)
        if not self._asked.server_sent:
            return line + b"\n"
        if end is None:
            return b"id: %d\n\n" % self._position
        return b"id: %d\nevent: end\ndata: %s\n\n" % (self._position, line)


class _Answer(StreamingResponse):
    def __init__(self, call: Call, pieces: AsyncGenerator[bytes, None], *, server_sent: bool, only_head: bool) -> None:
        super().__init__(pieces, media_type=SERVER_SENT if server_sent else JSON_LINES)
        self.headers["Cache-Control"] = "no-store"
        self.headers["X-Accel-Buffering"] = "no"  # to a proxy: pass each piece on at once
        self._call, self._pieces, self._only_head = call, pieces, only_head

    async def stream_response(self, send: Send) -> None:
        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
        try:
            if not self._only_head:
                async with aclosing(self._pieces) as pieces:  # at once when its reader leaves
                    async for piece in pieces:
                        if piece:
                            await send({"type": "http.response.body", "body": piece, "more_body": True})
        except (_BrokenOff, StoreUnavailable, UnknownWorkspace) as problem:
            log.warning("event_stream_broken_off", workspace=self._call.workspace, reason=str(problem))
            return  # without the last piece
        await send({"type": "http.response.body", "body": b"", "more_body": False})


async def stream(call: Call, request: Request, streams: Streams, logins: Logins) -> Response:
    """The answer to `event_stream` `fetch`. Raises: `Invalid`, `NotFound`, `Refused` (410, 429)."""

    async def known() -> bool:
        """A token or key that was revoked reads nothing more."""
        try:
            await authenticate(logins, request)
        except Refused:
            return False
        return True

    asked = await _read(call, request)
    streams.check_room(call.account.sid)
    pieces = _Stream(call, asked, streams, known).pieces()
    return _Answer(call, pieces, server_sent=asked.server_sent, only_head=request.method == "HEAD")
