"""Event callbacks: each workspace's events, in the order of its log, to its `event_callback_url`.

What can come of one (`Delivery.verdict`): `delivered` (any 2xx), or `failed` after the last attempt.

A follower has a window on the log: events are read while there is room in it, events of one task (or, without one, of
one worker; or of neither) are sent one after the other, and the cursor is the end of the finished part of the window.
What is not yet in the window waits in the store.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import structlog

from pointsman.core.engine.view import View
from pointsman.core.record import Logged
from pointsman.core.types import WorkspaceSid
from pointsman.ports import (
    Attempt,
    Commit,
    Delivery,
    EventQuery,
    EventRow,
    Router,
    Store,
    UnknownWorkspace,
)
from pointsman.webhooks.assignments import Token
from pointsman.webhooks.crew import Crew, Stopping
from pointsman.webhooks.gate import Gate
from pointsman.webhooks.ledger import Ledger
from pointsman.webhooks.limits import Limits
from pointsman.webhooks.post import Poster, host_of, now_ms
from pointsman.wire import events as wire

ALL = EventQuery()
DELETED = "workspace.deleted"

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Endpoint:
    url: str
    types: frozenset[str] | None  # asked for members only; None: all


@dataclass(slots=True)
class Entry:
    """An event in the window. `event` is None if it is not wanted."""

    seq: int
    event: Logged | None
    done: bool


def endpoint_of(view: View) -> Endpoint | None:
    workspace = view.state.workspace
    if not workspace.event_callback_url:
        return None
    # Blanks are tolerated; a name that is unknown matches nothing [oai]. A filter of nothing but commas is none.
    named = frozenset(name.strip() for name in (workspace.events_filter or "").split(",") if name.strip())
    return Endpoint(workspace.event_callback_url, named or None)


class EventCallbacks:
    """The followers of all workspaces."""

    def __init__(
        self, store: Store, router: Router, token: Token, poster: Poster, ledger: Ledger, crew: Crew, limits: Limits
    ) -> None:
        self.store, self.router, self.token = store, router, token
        self.poster, self.ledger, self.crew, self.limits = poster, ledger, crew, limits
        self.gate = Gate(limits.events_in_flight_per_workspace, limits.events_in_flight)
        self._followers: dict[WorkspaceSid, Follower] = {}

    def close(self) -> None:
        self.gate.close()

    def committed(self, commit: Commit) -> None:
        if commit.events:
            self._follower(commit.workspace).committed(commit.events)

    async def begin(self) -> None:
        """Take up every workspace where its cursor stands."""
        for entry in await self.crew.patiently(self.store.workspaces):
            self._follower(entry.sid).wake()

    def _follower(self, workspace: WorkspaceSid) -> Follower:
        found = self._followers.get(workspace)
        if found is None:
            found = self._followers[workspace] = Follower(workspace, self, lambda: self._forget(workspace))
        return found

    def _forget(self, workspace: WorkspaceSid) -> None:
        self._followers.pop(workspace, None)


class Follower:
    """One workspace. Its reader runs only while there is something to read and room for it."""

    def __init__(self, workspace: WorkspaceSid, shared: EventCallbacks, forget: Callable[[], None]) -> None:
        self._workspace, self._shared, self._forget = workspace, shared, forget
        self._endpoint: Endpoint | None = None
        self._stale = True  # the endpoint is to be read again
        self._quiet = False  # the endpoint was read, and there is none
        self._gone = False  # the workspace: its last events go to the endpoint that it had
        self._more = False  # there may be events after `_position`
        self._reading = False
        self._position = 0  # the newest event in the window
        self._skip_to = 0  # events up to here are not sent, even if they are in the window: the URL is a later one
        self._window: deque[Entry] = deque()  # oldest first; the first is not done
        self._lines: dict[tuple[str, int], deque[Entry]] = {}  # what is sent one after the other
        self._farewell: tuple[Entry, EventRow] | None = None  # workspace.deleted: sent when all else is finished

    def committed(self, rows: Sequence[EventRow]) -> None:
        if rows[-1].type == DELETED:
            self._gone, self._stale, self._quiet = True, False, False  # the router knows it no more: the endpoint stays
        elif any(row.type.startswith("workspace.") for row in rows):
            self._stale, self._quiet = True, False
        elif self._quiet:
            self._position = rows[-1].seq  # nobody listens: nothing is read, nothing written
            return
        self.wake()

    def wake(self) -> None:
        self._more = True
        if not self._reading and self._has_room() and not self._shared.crew.stopping:
            self._reading = True
            self._shared.crew.start("event reader", self._read)

    # --- the window -----------------------------------------------------------------------------------------------

    def _has_room(self) -> bool:
        """Half a window at least: few reads of many rows."""
        return len(self._window) <= self._shared.limits.event_window // 2

    async def _read(self) -> None:
        try:
            while self._more and self._has_room():
                self._more = False
                if self._stale:
                    await self._read_endpoint()
                if self._endpoint is None:
                    await self._pass_over()
                else:
                    await self._shared.ledger.room()
                    await self._read_rows(self._endpoint)
        finally:
            self._reading = False
            self._end_if_gone()

    async def _read_endpoint(self) -> None:
        self._stale = False
        shared = self._shared
        try:
            self._endpoint = await shared.crew.patiently(lambda: shared.router.read(self._workspace, endpoint_of))
            if self._endpoint is not None:
                cursor = await shared.crew.patiently(lambda: shared.store.event_cursor(self._workspace))
                # A new URL moves the cursor in its own commit: it hears of nothing older.
                self._skip_to, self._position = cursor, max(self._position, cursor)
            self._quiet = self._endpoint is None and not self._stale and not self._gone
        except UnknownWorkspace:
            self._gone = True

    async def _read_rows(self, endpoint: Endpoint) -> None:
        shared = self._shared
        room = shared.limits.event_window - len(self._window)
        after = self._position
        rows = await shared.crew.patiently(
            lambda: shared.store.events(self._workspace, ALL, before=None, after=after, limit=room)
        )
        self._more = self._more or len(rows) == room
        wanted = [row for row in rows if endpoint.types is None or row.type in endpoint.types]
        events = {event.seq: event for event in await self._logged(wanted)}
        for row in rows:
            event = events.get(row.seq)
            entry = Entry(row.seq, event, done=event is None)
            self._window.append(entry)
            if event is not None and row.type == DELETED:
                self._farewell = (entry, row)
            elif event is not None:
                self._line_up(entry, row)
        self._position = rows[-1].seq if rows else after
        self._settle()

    async def _logged(self, rows: list[EventRow]) -> list[Logged]:
        if not rows:
            return []
        try:
            return await self._shared.crew.patiently(lambda: self._shared.router.logged(self._workspace, rows))
        except UnknownWorkspace:  # deleted, and before the last start: nobody knows the account any more
            self._gone, self._endpoint = True, None
            return []

    def _settle(self) -> None:
        """Move the cursor over what is finished; that makes room."""
        cursor = None
        while self._window and self._window[0].done:
            cursor = self._window.popleft().seq
        if cursor is not None:
            self._shared.ledger.advance(self._workspace, cursor)
        if self._farewell is not None and self._window[0] is self._farewell[0]:
            self._line_up(*self._farewell)
            self._farewell = None
        if self._more:
            self.wake()
        self._end_if_gone()

    async def _pass_over(self) -> None:
        """Nobody listens. Only of a deleted workspace the cursor is written: then nothing holds its rows any more."""
        if self._gone:
            shared = self._shared
            newest = await shared.crew.patiently(
                lambda: shared.store.events(self._workspace, ALL, before=None, after=None, limit=1)
            )
            for row in newest:
                shared.ledger.advance(self._workspace, row.seq)

    def _end_if_gone(self) -> None:
        if self._gone and not self._window and not self._reading and not self._more:
            self._forget()

    # --- sending --------------------------------------------------------------------------------------------------

    def _line_up(self, entry: Entry, row: EventRow) -> None:
        key = ("task", row.task) if row.task is not None else ("worker", row.worker or 0)
        line = self._lines.get(key)
        if line is not None:
            line.append(entry)
            return
        self._lines[key] = deque([entry])
        self._shared.crew.start("event callbacks", self._send_line, key)

    async def _send_line(self, key: tuple[str, int]) -> None:
        line = self._lines[key]
        while line:
            await self._send(line[0])
            line.popleft().done = True
            if not line:
                del self._lines[key]
            self._settle()

    async def _send(self, entry: Entry) -> None:
        try:
            await self._deliver(entry)
        except Stopping:  # what is left stays behind the cursor
            raise
        except Exception:
            log.exception("event_callback_fault", workspace=self._workspace, seq=entry.seq)

    async def _deliver(self, entry: Entry) -> None:
        """A first attempt, and a few more after pauses; then the next event has its turn."""
        event, shared = entry.event, self._shared
        assert event is not None
        parameters = wire.callback(event)
        attempts, url = list[Attempt](), ""
        for pause_s in (0.0, *shared.limits.event_pauses_s):
            if pause_s:
                await shared.crew.pause(pause_s)
            endpoint = self._endpoint
            if endpoint is None or entry.seq <= self._skip_to:
                return  # the URL was changed or removed meanwhile
            url = endpoint.url
            token = await shared.crew.patiently(lambda: shared.token(event.account))
            async with shared.gate.slot(self._workspace):
                if shared.crew.stopping:
                    raise Stopping
                answer = await shared.poster.post(url, parameters, token, shared.limits.event_s)
            problem = answer.problem
            if problem is None and answer.status is not None and not 200 <= answer.status < 300:
                problem = f"status {answer.status}, expected 2xx"
            attempts.append(answer.attempt(url, problem))
            if problem is None:
                break
        self._finish(event, url, attempts)

    def _finish(self, event: Logged, url: str, attempts: list[Attempt]) -> None:
        record, last = event.record, attempts[-1]
        failed = last.problem is not None
        delivery = Delivery(
            workspace=self._workspace,
            kind="event",
            seq=event.seq,
            url=url,
            task=record.task.no if record.task else None,
            reservation=record.reservation.no if record.reservation else None,
            created_ms=event.at_ms,
            due_ms=event.at_ms,
            verdict="failed" if failed else "delivered",
            failed=failed,
            warning=f"given up after {len(attempts)} attempts: {last.problem}" if failed else None,
            attempts=tuple(attempts),
            finished_ms=now_ms(),
        )
        if len(attempts) > 1 or failed or self._shared.limits.keep_all_event_deliveries:
            self._shared.ledger.add(delivery)
        tell = log.warning if failed else log.info
        tell(
            "event_callback",
            workspace=self._workspace,
            event_sid=event.sid,
            type=event.type,
            host=host_of(url),
            took_ms=sum(attempt.took_ms for attempt in attempts),
            attempts=len(attempts),
            verdict=delivery.verdict,
            problem=last.problem,
        )
