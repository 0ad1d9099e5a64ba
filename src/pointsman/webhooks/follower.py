"""One workspace's event callbacks.

A follower has a window on the log: events are read while there is room in it, events of one task (or, without one, of
one worker; or of neither) are a line, sent one after the other, and the cursor is the end of the finished part of the
window. What is not yet in the window waits in the store.

An event that is refused again and again gives up its place in the window: it is held, with those behind it in its line,
each as a row of the store that is not finished, and the cursor goes on. If nothing is taken at all, the endpoint is
parked (`health`): then the window stays as it is.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import structlog
from msgspec.structs import replace

from pointsman.core.engine.view import View
from pointsman.core.record import Logged
from pointsman.core.types import Millis, WorkspaceSid
from pointsman.ports import (
    Attempt,
    Delivery,
    DeliveryQuery,
    EndpointState,
    EventQuery,
    EventRow,
    UnknownWorkspace,
)
from pointsman.webhooks.crew import Stopping
from pointsman.webhooks.health import Health, pause_s
from pointsman.webhooks.post import host_of, now_ms
from pointsman.wire import events as wire

if TYPE_CHECKING:
    from pointsman.webhooks.events import EventCallbacks

ALL = EventQuery()
DELETED = "workspace.deleted"

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Endpoint:
    url: str
    types: frozenset[str] | None  # asked for members only; None: all


@dataclass(slots=True)
class Entry:
    """An event to be sent. `event` is None if it is not wanted, or to be read when its turn comes."""

    seq: int
    event: Logged | None
    done: bool  # the cursor may pass it: it is finished, not wanted, or held by a row
    attempts: list[Attempt] = field(default_factory=list)
    tried: int = 0


@dataclass(slots=True)
class Line:
    """Events that are sent one after the other."""

    entries: deque[Entry] = field(default_factory=deque)
    held: bool = False


def endpoint_of(view: View) -> Endpoint | None:
    workspace = view.state.workspace
    if not workspace.event_callback_url:
        return None
    # Blanks are tolerated; a name that is unknown matches nothing [oai]. A filter of nothing but commas is none.
    named = frozenset(name.strip() for name in (workspace.events_filter or "").split(",") if name.strip())
    return Endpoint(workspace.event_callback_url, named or None)


def line_key(row: EventRow) -> tuple[str, int]:
    """Events of the same key are sent one after the other."""
    return ("task", row.task) if row.task is not None else ("worker", row.worker or 0)


def _given_up(row: Delivery, warning: str) -> Delivery:
    return replace(row, verdict="failed", failed=True, warning=warning, finished_ms=now_ms())


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
        self._fresh: deque[EventRow] = deque()  # as they were committed, without gaps; none that is in the window
        self._lines: dict[tuple[str, int], Line] = {}  # by task or worker
        self._held = 0  # events of held lines
        self._newest = 0  # of the log, as far as it was told
        self._cursor = 0
        self._loaded = False  # what an earlier run held
        self.health = Health(shared.crew, shared.limits)
        self._farewell: tuple[Entry, EventRow] | None = None  # workspace.deleted: sent when all else is finished

    def state(self) -> EndpointState:
        health = self.health
        if self._endpoint is None:
            return EndpointState(state="none")
        return EndpointState(
            state="parked" if health.parked else "failing" if health.failures else "open",
            url=self._endpoint.url,
            since_ms=health.parked_since_ms or health.failing_since_ms,
            next_ms=health.next_ms,
            problem=health.problem,
            waiting=max(0, self._newest - max(self._cursor, self._skip_to)) + self._held,
        )

    def committed(self, rows: Sequence[EventRow]) -> None:
        self._newest = rows[-1].seq
        if rows[-1].type == DELETED:
            self._gone, self._stale, self._quiet = True, False, False  # the router knows it no more: the endpoint stays
        elif any(row.type.startswith("workspace.") for row in rows):
            self._stale, self._quiet = True, False
        elif self._quiet:
            self._position = rows[-1].seq  # nobody listens: nothing is read, nothing written
            return
        self._keep_fresh(rows)
        self.wake()

    def _keep_fresh(self, rows: Sequence[EventRow]) -> None:
        """As many as there may be in the window: they need not be read. If they are more, the store has them."""
        if len(self._fresh) + len(rows) > self._shared.limits.event_window:
            self._fresh.clear()
        self._fresh.extend(rows)

    def wake(self) -> None:
        self._more = True
        if not self._reading and (self._stale or self._has_room()) and not self._shared.crew.stopping:
            self._reading = True
            self._shared.crew.start("event reader", self._read)

    # --- the window -----------------------------------------------------------------------------------------------

    def _has_room(self) -> bool:
        """Half a window at least: few reads of many rows."""
        return len(self._window) <= self._shared.limits.event_window // 2

    async def _read(self) -> None:
        try:
            while self._more and (self._stale or self._has_room()):
                self._more = False
                if self._stale:
                    await self._read_endpoint()
                if self._endpoint is None:
                    await self._pass_over()
                elif not self._has_room():
                    self._more = True
                    return
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
            found = await shared.crew.patiently(lambda: shared.router.read(self._workspace, endpoint_of))
            cursor = await shared.crew.patiently(lambda: shared.store.event_cursor(self._workspace))
        except UnknownWorkspace:
            self._gone = True
            return
        self._take_endpoint(found, cursor)
        if found is not None and not self._loaded:
            self._loaded = True
            await self._take_up_held(found, cursor)

    def _take_endpoint(self, found: Endpoint | None, cursor: int) -> None:
        before, self._endpoint = self._endpoint, found
        self._quiet = found is None and not self._stale and not self._gone
        if found is None or before is None or found.url != before.url:
            if self._loaded:
                self._skip_to = cursor  # a new URL moves the cursor in its own commit: it hears of nothing older
            self.health.reset()
        if found is not None:
            self._position, self._cursor = max(self._position, cursor), max(self._cursor, cursor)

    async def _read_rows(self, endpoint: Endpoint) -> None:
        shared = self._shared
        room = shared.limits.event_window - len(self._window)
        after = self._position
        rows = self._take_fresh(after, room) or await shared.crew.patiently(
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
        self._newest = max(self._newest, self._position)
        self._settle()

    def _take_fresh(self, after: int, room: int) -> list[EventRow]:
        """The next ones, if they are known; those before them are in the window already."""
        while self._fresh and self._fresh[0].seq <= after:
            self._fresh.popleft()
        if not self._fresh or self._fresh[0].seq != after + 1:
            return []
        return [self._fresh.popleft() for _ in range(min(room, len(self._fresh)))]

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
            self._cursor = cursor
            self._shared.ledger.advance(self._workspace, cursor)
        if self._farewell is not None and self._window[0] is self._farewell[0] and not self._held:
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
        if self._gone and not self._window and not self._lines and not self._reading and not self._more:
            self._forget()

    # --- lines ----------------------------------------------------------------------------------------------------

    def _line_up(self, entry: Entry, row: EventRow) -> None:
        key = line_key(row)
        line = self._lines.get(key)
        if line is None:
            line = self._line(key)
        line.entries.append(entry)
        if line.held and self._held < self._shared.limits.events_held_max:
            self._hold(entry)

    def _line(self, key: tuple[str, int]) -> Line:
        line = self._lines[key] = Line()
        self._shared.crew.start("event callbacks", self._send_line, key, line)
        return line

    async def _send_line(self, key: tuple[str, int], line: Line) -> None:
        while line.entries:
            entry = line.entries[0]
            await self._send(line, entry)
            line.entries.popleft()
            if line.held:
                self._held -= entry.done
            entry.done = True
            if not line.entries:
                del self._lines[key]
            self._settle()

    def _hold_line(self, line: Line) -> None:
        """Let the cursor go on: from now on rows say what this line has to send."""
        line.held = True
        for entry in line.entries:
            self._hold(entry)
        self._settle()

    def _hold(self, entry: Entry) -> None:
        assert entry.event is not None
        self._held += 1
        entry.done = True
        self._shared.ledger.add(self._row(entry, entry.event))
        if entry.tried == 0:
            entry.event = None  # its words are read again when its turn comes

    async def _take_up_held(self, endpoint: Endpoint, cursor: int) -> None:
        """What an earlier run held. What is after the cursor is read from the log again."""
        shared, query = self._shared, DeliveryQuery(kind="event", unfinished=True, seq_max=cursor)
        rows = await shared.crew.patiently(
            lambda: shared.store.deliveries(
                self._workspace, query, before=None, limit=2 * shared.limits.events_held_max
            )
        )
        for row in reversed(rows):
            if row.url != endpoint.url:
                shared.ledger.add(_given_up(row, "the callback URL was changed or removed"))
                continue
            entry = Entry(row.seq, None, done=True, attempts=list(row.attempts), tried=len(row.attempts))
            found = await self._rows_of(row.seq)
            if not found:
                shared.ledger.add(_given_up(row, "the event is no longer kept"))
                continue
            key = line_key(found[0])
            line = self._lines.get(key) or self._line(key)
            line.held = True
            line.entries.append(entry)
            self._held += 1

    async def _rows_of(self, seq: int) -> list[EventRow]:
        shared, query = self._shared, EventQuery(seq=seq)
        return await shared.crew.patiently(
            lambda: shared.store.events(self._workspace, query, before=None, after=None, limit=1)
        )

    # --- sending --------------------------------------------------------------------------------------------------

    async def _send(self, line: Line, entry: Entry) -> None:
        try:
            if entry.event is None:
                logged = await self._logged(await self._rows_of(entry.seq))
                if not logged:
                    return  # it is no longer kept
                entry.event = logged[0]
            await self._deliver(line, entry, entry.event)
        except Stopping:  # what is left stays behind the cursor, or has a row
            raise
        except Exception:
            log.exception("event_callback_fault", workspace=self._workspace, seq=entry.seq)

    async def _deliver(self, line: Line, entry: Entry, event: Logged) -> None:
        """Attempt after attempt, until it is taken or its time is over; then the next of its line has its turn."""
        shared, limits = self._shared, self._shared.limits
        until_ms = event.at_ms + limits.event_retry_for_s * 1000
        while True:
            on_time = await self.health.admitted((until_ms - now_ms()) / 1000)
            endpoint = self._endpoint
            if endpoint is None or entry.seq <= self._skip_to:
                self._drop(line, entry, event)
                return
            if not on_time:
                self._finish(entry, event, "failed", "the endpoint was parked, and its time is over")
                return
            problem = await self._attempt(endpoint.url, entry, event)
            if problem is None:
                self._succeeded(endpoint)
                self._finish(entry, event, "delivered", None)
                return
            self._failed(endpoint, problem)
            if now_ms() >= until_ms:
                self._finish(entry, event, "failed", f"given up after {entry.tried} attempts: {problem}")
                return
            self._give_way(line, entry, event)
            if not self.health.parked:  # else its turn comes in the row
                await shared.crew.pause(pause_s(limits, entry.tried))

    async def _attempt(self, url: str, entry: Entry, event: Logged) -> str | None:
        """What is wrong; None if it was taken."""
        shared = self._shared
        token = await shared.crew.patiently(lambda: shared.token(event.account))
        async with shared.gate.slot(self._workspace):
            await shared.pace.turn()
            if shared.crew.stopping:
                raise Stopping
            entry.tried += 1
            headers = wire.headers(event, entry.tried)
            answer = await shared.poster.post(url, wire.callback(event), token, shared.limits.event_s, headers)
        problem = answer.refusal
        entry.attempts.append(answer.attempt(url, problem))
        if len(entry.attempts) > shared.limits.attempts_kept:
            del entry.attempts[1]
        return problem

    def _give_way(self, line: Line, entry: Entry, event: Logged) -> None:
        """It is alone with its problem, or all have it: what is alone is held."""
        limits = self._shared.limits
        if line.held:
            self._shared.ledger.add(self._row(entry, event))
        elif (
            entry.tried >= limits.event_attempts_before_held
            and not self.health.parked
            and self._held + len(line.entries) <= limits.events_held_max
        ):
            log.warning("event_callback_held", workspace=self._workspace, event_sid=event.sid, attempts=entry.tried)
            self._hold_line(line)

    def _succeeded(self, endpoint: Endpoint) -> None:
        if self.health.succeeded():
            log.warning("event_callbacks_resumed", workspace=self._workspace, host=host_of(endpoint.url))

    def _failed(self, endpoint: Endpoint, problem: str) -> None:
        if self.health.failed(problem):
            state = self.state()
            log.warning(
                "event_callbacks_parked",
                workspace=self._workspace,
                host=host_of(endpoint.url),
                problem=problem,
                waiting=state.waiting,
                hint="pointsman deliveries resume asks it again at once",
            )

    def _drop(self, line: Line, entry: Entry, event: Logged) -> None:
        """The URL was changed or removed meanwhile: a new one hears of nothing older."""
        if line.held:
            self._finish(entry, event, "failed", "the callback URL was changed or removed")

    def _row(self, entry: Entry, event: Logged) -> Delivery:
        """As it stands now: not finished."""
        record = event.record
        wait_s = pause_s(self._shared.limits, entry.tried) if entry.tried else 0.0
        return Delivery(
            workspace=self._workspace,
            kind="event",
            seq=entry.seq,
            url=self._endpoint.url if self._endpoint else "",
            task=record.task.no if record.task else None,
            reservation=record.reservation.no if record.reservation else None,
            created_ms=event.at_ms,
            due_ms=Millis(now_ms() + round(wait_s * 1000)),
            attempts=tuple(entry.attempts),
        )

    def _finish(self, entry: Entry, event: Logged, verdict: str, warning: str | None) -> None:
        failed = verdict == "failed"
        row = replace(self._row(entry, event), verdict=verdict, failed=failed, warning=warning, finished_ms=now_ms())
        if entry.tried != 1 or failed or self._shared.limits.keep_all_event_deliveries:
            self._shared.ledger.add(row)
        # Of those that went well there are thousands a second, each with a row that says so.
        tell = log.warning if failed else log.info if entry.tried > 1 else log.debug
        tell(
            "event_callback",
            workspace=self._workspace,
            event_sid=event.sid,
            type=event.type,
            host=host_of(row.url),
            took_ms=sum(attempt.took_ms for attempt in entry.attempts),
            attempts=entry.tried,
            verdict=verdict,
            problem=warning,
        )
