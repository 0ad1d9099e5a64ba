"""A sender between the real store, the real router and an application that is a real web server."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import parse_qsl

from aiohttp import web

from pointsman.core import commands as cmd
from pointsman.core.record import SYSTEM
from pointsman.core.types import AccountSid, Millis, Reservation, Task, WorkspaceSid
from pointsman.ports import Account, Commit, Delivery, DeliveryQuery, EventQuery, EventRow, StoreUnavailable
from pointsman.runtime.workspaces import Workspaces
from pointsman.store.sqlite import SqliteStore
from pointsman.webhooks import Limits, Sender

T = TypeVar("T")
ACCOUNT = AccountSid("AC" + "a" * 32)
TOKEN = "0123456789abcdef0123456789abcdef"
SHORT: dict[str, Any] = {  # milliseconds instead of seconds, but for the time that an answer may take
    "event_retry_s_first": 0.01,
    "event_retry_s_max": 0.04,
    "claim_every_s": 0.02,
    "write_every_s": 0.005,
    "retry_s_first": 0.01,
    "retry_s_max": 0.02,
    "stop_s": 0.5,
}


def limits(**changes: Any) -> Limits:
    return Limits(**(SHORT | changes))


# --- the application ----------------------------------------------------------------------------------------------


@dataclass
class Got:
    """A request as it arrived."""

    path: str
    url: str  # as the receiver puts it together again
    headers: dict[str, str]
    form: dict[str, str]
    request: web.BaseRequest


Handler = Callable[[Got], Awaitable[web.StreamResponse]]


@dataclass
class Application:
    """Answers each path by its handler, and keeps what it got."""

    handlers: dict[str, Handler] = field(default_factory=dict)
    got: list[Got] = field(default_factory=list)
    in_flight: int = 0
    in_flight_max: int = 0
    base: str = ""
    down: bool = False

    def url(self, path: str) -> str:
        return self.base + path

    def at(self, path: str) -> list[Got]:
        return [each for each in self.got if each.path == path]

    def on(self, path: str, handler: Handler) -> str:
        self.handlers[path] = handler
        return self.url(path)

    def answers(self, path: str, body: Any = "", status: int = 200, content_type: str = "application/json") -> str:
        text = body if isinstance(body, str) else json.dumps(body)

        async def answer(got: Got) -> web.StreamResponse:
            return web.Response(status=status, text=text, content_type=content_type)

        return self.on(path, answer)

    def hangs(self, path: str, until: asyncio.Event | None = None) -> str:
        async def wait(got: Got) -> web.StreamResponse:
            await (until or asyncio.Event()).wait()
            return web.Response()

        return self.on(path, wait)

    async def serve(self, request: web.BaseRequest) -> web.StreamResponse:
        body = (await request.read()).decode()
        url = f"{request.scheme}://{request.headers['Host']}{request.raw_path}"
        got = Got(request.path, url, dict(request.headers), dict(parse_qsl(body, keep_blank_values=True)), request)
        self.got.append(got)
        self.in_flight += 1
        self.in_flight_max = max(self.in_flight_max, self.in_flight)
        try:
            return await self.handlers[request.path](got)
        finally:
            self.in_flight -= 1


@asynccontextmanager
async def application() -> AsyncIterator[Application]:
    app = Application()
    runner = web.ServerRunner(web.Server(app.serve), handler_cancellation=True, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    app.base = f"http://127.0.0.1:{site._server.sockets[0].getsockname()[1]}"  # type: ignore[union-attr]
    try:
        yield app
    finally:
        await runner.cleanup()


# --- the router's side --------------------------------------------------------------------------------------------


class FailingStore(SqliteStore):
    """The real store, which can be told to fail, and says what was asked of it."""

    def __init__(self, database: Path) -> None:
        super().__init__(database)
        self.finishes_to_fail = 0
        self.poisoned: set[int] = set()  # deliveries of these events can't be written, ever
        self.written: list[tuple[list[int], dict[WorkspaceSid, int]]] = []
        self.most_events = 0

    async def finish_deliveries(self, deliveries: Sequence[Delivery], cursors: dict[WorkspaceSid, int]) -> None:
        if self.finishes_to_fail:
            self.finishes_to_fail -= 1
            raise StoreUnavailable("the disk is full")
        if any(delivery.seq in self.poisoned for delivery in deliveries):
            raise ValueError("not even with a hammer")
        await super().finish_deliveries(deliveries, cursors)
        self.written.append(([delivery.seq for delivery in deliveries], dict(cursors)))

    async def events(
        self, workspace: WorkspaceSid, query: EventQuery, *, before: int | None, after: int | None, limit: int
    ) -> list[EventRow]:
        found = await super().events(workspace, query, before=before, after=after, limit=limit)
        self.most_events = max(self.most_events, len(found))
        return found


class Relay:
    """The publisher that the router is given before there is a sender."""

    def __init__(self) -> None:
        self.sender: Sender | None = None
        self.commits: list[Commit] = []

    def committed(self, commit: Commit) -> None:
        self.commits.append(commit)
        if self.sender is not None:
            self.sender.committed(commit)


class Stage:
    def __init__(self, folder: Path, settings: Limits) -> None:
        self.settings, self.store, self.relay = settings, FailingStore(folder / "pointsman.db"), Relay()
        self.router = Workspaces(self.store, self.relay)
        self.workspace = WorkspaceSid("")

    async def open(self) -> None:
        await self.store.open()
        await self.store.put_account(
            Account(sid=ACCOUNT, auth_token=TOKEN, friendly_name="Tests", created_ms=Millis(1))
        )
        await self.router.start()

    async def close(self) -> None:
        await self.stop_sender()
        await self.router.stop()
        await self.store.close()

    async def start_sender(self, *, alone: bool = True) -> Sender:
        self.relay.sender = Sender(self.store, self.router, self._token, self.settings)
        await self.relay.sender.start(alone=alone)
        return self.relay.sender

    async def stop_sender(self) -> None:
        sender, self.relay.sender = self.relay.sender, None
        if sender is not None:
            await sender.stop()

    async def _token(self, account: AccountSid) -> str:
        found = await self.store.account(account)
        assert found is not None
        return found.auth_token

    # --- commands -----------------------------------------------------------------------------------------------

    async def create_workspace(self, **values: Any) -> WorkspaceSid:
        values = {"friendly_name": "Home", **values}
        self.workspace = await self.router.create_workspace(
            ACCOUNT, values, lambda view, _: WorkspaceSid(view.state.workspace.sid), SYSTEM
        )
        return self.workspace

    async def do(self, command: cmd.Command, workspace: WorkspaceSid | None = None) -> None:
        await self.router.execute(workspace or self.workspace, command, lambda view, events: None, SYSTEM)

    async def create_workflow(self, url: str | None, fallback_url: str | None = None) -> None:
        """One queue of everyone and one workflow into it."""
        await self.do(cmd.CreateTaskQueue(values={"friendly_name": "Everyone"}))
        queue = await self.ask(lambda state: next(iter(state.queues.values())).sid)
        routing = {"task_routing": {"filters": [], "default_filter": {"queue": queue}}}
        values = {
            "friendly_name": "Support",
            "configuration": json.dumps(routing),
            "assignment_callback_url": url,
            "fallback_assignment_callback_url": fallback_url,
        }
        await self.do(cmd.CreateWorkflow(values=values))

    async def create_worker(self, name: str = "Alice", **values: Any) -> None:
        available = await self.activity("Available")
        await self.do(cmd.CreateWorker(values={"friendly_name": name, "activity_sid": available, **values}))

    async def create_task(self, **values: Any) -> None:
        await self.do(cmd.CreateTask(values=values))

    # --- questions ----------------------------------------------------------------------------------------------

    async def ask(self, question: Callable[[Any], Any], workspace: WorkspaceSid | None = None) -> Any:
        return await self.router.read(workspace or self.workspace, lambda view: question(view.state))

    async def activity(self, name: str) -> str:
        found = await self.ask(lambda s: next(a.sid for a in s.activities.values() if a.friendly_name == name))
        return str(found)

    async def reservations(self) -> list[Reservation]:
        return list(await self.ask(lambda state: list(state.reservations.values())))

    async def tasks(self) -> list[Task]:
        return list(await self.ask(lambda state: list(state.tasks.values())))

    async def deliveries(self, kind: str = "assignment", workspace: WorkspaceSid | None = None) -> list[Delivery]:
        """Oldest first."""
        query = DeliveryQuery(kind=kind)
        found = await self.store.deliveries(workspace or self.workspace, query, before=None, limit=1_000)
        return found[::-1]

    async def finished(self, count: int = 1, kind: str = "assignment") -> list[Delivery]:
        async def enough() -> list[Delivery]:
            return [each for each in await self.deliveries(kind) if each.verdict is not None]

        return await until(enough, lambda found: len(found) >= count)

    async def cursor_at_end(self, workspace: WorkspaceSid | None = None) -> int:
        """Wait until every event so far is finished; say which the last is."""
        where = workspace or self.workspace
        newest = await self.store.events(where, EventQuery(), before=None, after=None, limit=1)
        return await until(lambda: self.store.event_cursor(where), lambda seq: seq >= newest[0].seq)

    async def nothing_open(self, workspace: WorkspaceSid | None = None) -> None:
        """Wait until nothing is left to be sent, whatever came of it."""
        await self.cursor_at_end(workspace)
        query, where = DeliveryQuery(kind="event", unfinished=True), workspace or self.workspace
        await until(lambda: self.store.deliveries(where, query, before=None, limit=1), lambda found: not found)


async def until(ask: Callable[[], Awaitable[T]], good: Callable[[T], bool], limit_s: float = 15.0) -> T:
    """Ask until the answer is good. The limit only ends a test that would fail."""
    end = time.monotonic() + limit_s
    while not good(answer := await ask()):
        assert time.monotonic() < end, f"still {answer!r}"
        await asyncio.sleep(0.002)
    return answer


async def until_true(question: Callable[[], bool], limit_s: float = 15.0) -> None:
    async def ask() -> bool:
        return question()

    await until(ask, bool, limit_s)


@asynccontextmanager
async def stage(folder: Path, *, sender: bool = True, workspace: bool = True, **changes: Any) -> AsyncIterator[Stage]:
    """An open stage with a workspace; `changes` are of the limits."""
    found = Stage(folder, limits(**changes))
    await found.open()
    try:
        if workspace:
            await found.create_workspace()
        if sender:
            await found.start_sender()
        yield found
    finally:
        await found.close()
