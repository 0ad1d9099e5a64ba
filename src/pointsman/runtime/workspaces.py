"""The router that runs: every workspace behind its mailbox."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from typing import Any, TypeVar, cast

import structlog

from pointsman.core import commands as cmd
from pointsman.core.engine.state import State
from pointsman.core.engine.step import step
from pointsman.core.engine.view import View
from pointsman.core.errors import NotFound
from pointsman.core.events import Event
from pointsman.core.ids import Ids, number_of
from pointsman.core.limits import STANDARD, Limits
from pointsman.core.record import Logged, Origin
from pointsman.core.types import AccountSid, Millis, No, Reservation, Sid, Task, WorkspaceSid
from pointsman.meters import Meters, WorkspaceGauges
from pointsman.ports import (
    Commit,
    EndedQuery,
    EventAge,
    EventRow,
    Head,
    Place,
    Publisher,
    Store,
    StoreUnavailable,
    UnknownWorkspace,
)
from pointsman.runtime.ids import RandomIds, new_workspace_sid
from pointsman.runtime.log import Log
from pointsman.runtime.mailbox import Mailbox
from pointsman.runtime.writing import Writing, entity_of

T = TypeVar("T")
log = structlog.get_logger()
SWEEP_EVERY_S = 5.0
SWEEP_PAUSE_S = 0.05
SWEEP_ROWS_MAX = 500
# Statistics add up what is not summed up yet event by event: a second's worth costs them little.
ROLL_UP_EVERY_S = 1.0
ROLL_UP_PAUSE_S = 0.02
ROLL_UP_EVENTS_MAX = 500  # a step: the writing thread is held for less than ten milliseconds
RETIRE_EVERY_S = 60.0
RETIRE_ROWS_MAX = 200
RETIRE_PAUSE = 4  # times as long as the step took
DAY_MS = 86_400_000
UNTOLD_KEPT_MS = 7 * DAY_MS  # longer, of events that a callback still has to tell of


class Workspaces:
    """Implements `ports.Router`."""

    def __init__(
        self,
        store: Store,
        publisher: Publisher,
        ids: Ids | None = None,
        limits: Limits = STANDARD,
        event_retention_days: int = 0,
        meters: Meters | None = None,
    ) -> None:
        self._meters = meters or Meters()
        self._store, self._publisher, self._limits = store, publisher, limits
        self._event_days = event_retention_days  # 0: for ever
        self._ids = ids or RandomIds()
        self._log = Log(store)
        self._accounts: dict[WorkspaceSid, AccountSid] = {}
        self._mailboxes: dict[WorkspaceSid, Mailbox] = {}
        self._deleted: dict[WorkspaceSid, AccountSid] = {}  # since the start: their last events are still delivered
        self._janitors: list[asyncio.Task[None]] = []

    async def start(self) -> None:
        for entry in await self._store.workspaces():
            self._admit(entry.sid, entry.account_sid)
        self._janitors = [
            asyncio.create_task(self._sweep(), name="sweep"),
            asyncio.create_task(self._roll_up(), name="roll up"),
            asyncio.create_task(self._retire(), name="retention"),
        ]

    def hurry(self) -> None:
        """The server ends: from now on nobody waits for a store that can't be used."""
        for mailbox in self._mailboxes.values():
            mailbox.hurry()

    async def stop(self) -> None:
        """Carry out what was asked, then stop."""
        for janitor in self._janitors:
            janitor.cancel()
        await asyncio.gather(*self._janitors, return_exceptions=True)
        await asyncio.gather(*(mailbox.stop() for mailbox in self._mailboxes.values()))

    def _admit(self, sid: WorkspaceSid, account: AccountSid) -> None:
        self._accounts[sid] = account
        mailbox = Mailbox(
            sid,
            self._store,
            self._log,
            self._publisher,
            self._ids,
            self._limits,
            on_deleted=lambda: self._dismiss(sid),
            meters=self._meters,
        )
        self._mailboxes[sid] = mailbox
        mailbox.start()

    def _dismiss(self, sid: WorkspaceSid) -> None:
        self._mailboxes.pop(sid, None)
        self._deleted[sid] = self._accounts.pop(sid)

    async def _retire(self) -> None:
        """Remove what is too old from the log, in small steps, in the background: after it was summed up."""
        while self._event_days:
            await self._sum_up()
            for workspace in list(self._accounts):
                try:
                    await self._retire_of(workspace)
                except UnknownWorkspace:
                    pass
                except StoreUnavailable as problem:
                    log.warning("retention_failed", workspace=workspace, problem=str(problem))
                except Exception:  # of this one: the others have their turn
                    log.exception("retention_failed", workspace=workspace)
            await asyncio.sleep(RETIRE_EVERY_S)

    async def _retire_of(self, workspace: WorkspaceSid) -> None:
        listened = await self.read(workspace, lambda view: bool(view.state.workspace.event_callback_url))
        before_ms = await self._store.now_ms() - self._event_days * DAY_MS
        age = EventAge(before_ms=Millis(before_ms), untold_ms=Millis(before_ms - UNTOLD_KEPT_MS), listened=listened)
        while True:
            began = time.perf_counter()
            removed = await self._store.retire(workspace, age, RETIRE_ROWS_MAX)
            # Others use the database meanwhile, most of the time.
            await asyncio.sleep((time.perf_counter() - began) * RETIRE_PAUSE)
            if not removed:
                return

    async def _sweep(self) -> None:
        """Remove what has vanished, in small steps, in the background."""
        while True:
            try:
                removed = await self._store.sweep(await self._store.now_ms(), SWEEP_ROWS_MAX)
            except StoreUnavailable as problem:
                log.warning("sweep_failed", problem=str(problem))
                removed = 0
            await asyncio.sleep(SWEEP_PAUSE_S if removed else SWEEP_EVERY_S)

    async def _roll_up(self) -> None:
        """Sum up events for statistics, in the background."""
        while True:
            await self._sum_up()
            await asyncio.sleep(ROLL_UP_EVERY_S)

    async def _sum_up(self) -> None:
        """All that has happened, in small steps."""
        try:
            done = ROLL_UP_EVENTS_MAX
            while done >= ROLL_UP_EVENTS_MAX:
                done = await self._store.roll_up(ROLL_UP_EVENTS_MAX)
                await asyncio.sleep(ROLL_UP_PAUSE_S)
        except StoreUnavailable as problem:
            log.warning("roll_up_failed", problem=str(problem))

    # --- ports.Router ---------------------------------------------------------------------------------------------

    def workspaces(self, account: AccountSid) -> list[WorkspaceSid]:
        mine = [sid for sid, owner in self._accounts.items() if owner == account]
        return sorted(mine, key=lambda sid: (number_of(sid), sid))

    def gauges(self, account: AccountSid) -> list[WorkspaceGauges]:
        """How the account's workspaces stand now."""
        return [self._mailboxes[sid].gauges() for sid in self.workspaces(account)]

    def outage(self) -> str | None:
        return next((each.outage for each in self._mailboxes.values() if each.outage is not None), None)

    def account_of(self, workspace: WorkspaceSid) -> AccountSid:
        account = self._accounts.get(workspace)
        if account is None:
            raise UnknownWorkspace(workspace)
        return account

    async def execute(
        self,
        workspace: WorkspaceSid,
        command: cmd.Command,
        answer: Callable[[View, Sequence[Event]], T],
        origin: Origin,
    ) -> T:
        return cast(T, await self._mailbox(workspace).execute(command, answer, origin))

    async def create_workspace(
        self,
        account: AccountSid,
        values: cmd.Values,
        answer: Callable[[View, Sequence[Event]], T],
        origin: Origin,
    ) -> T:
        now_ms = await self._store.now_ms()
        sid, state = new_workspace_sid(now_ms), State(self._limits)
        nothing = Head(version=0, token="", seq=0, next_no=1, now_ms=now_ms, deadline_ms=None)
        writing = Writing(state, nothing, sid)
        command = cmd.CreateWorkspace(sid=sid, account_sid=account, values=values)
        stepped = step(state, command, now_ms, self._ids)
        writing.add(stepped, origin, 0)
        result = answer(View(state, now_ms), stepped.events)
        await self._store.create_workspace(sid, account, writing.batch())
        self._admit(sid, account)
        self._publisher.committed(Commit(workspace=sid, events=writing.events, deliveries=()))
        return result

    async def read(self, workspace: WorkspaceSid, question: Callable[[View], T], sids: Sequence[Sid] = ()) -> T:
        mailbox = self._mailbox(workspace)
        now_ms = await self._store.now_ms()
        numbers = [no for sid in sids if (no := number_of(sid))]
        ended: dict[No, Task | Reservation] = {}

        def ask(state: State) -> T:
            return question(View(state, Millis(max(now_ms, state.now_ms)), ended))

        missing = await mailbox.read(lambda state: [no for no in numbers if not state.has(no)]) if numbers else []
        if missing:
            ended |= await self._ended(workspace, missing, now_ms)
        try:
            return await mailbox.read(ask)
        except NotFound:
            if not numbers or missing:
                raise
            ended |= await self._ended(workspace, numbers, now_ms)  # it ended between the two looks
            return await mailbox.read(ask)

    async def _ended(
        self, workspace: WorkspaceSid, numbers: Sequence[No], now_ms: Millis
    ) -> dict[No, Task | Reservation]:
        rows = await self._store.ended(workspace, numbers, now_ms)
        return {row.no: cast("Task | Reservation", entity_of(row)) for row in rows}

    async def ended_page(
        self,
        workspace: WorkspaceSid,
        query: EndedQuery,
        *,
        beyond: Place | None = None,
        backwards: bool = False,
        limit: int,
    ) -> list[Task | Reservation]:
        self.account_of(workspace)
        now_ms = await self._store.now_ms()
        rows = await self._store.ended_page(workspace, query, now_ms, beyond=beyond, backwards=backwards, limit=limit)
        return [cast("Task | Reservation", entity_of(row)) for row in rows]

    async def logged(self, workspace: WorkspaceSid, rows: Sequence[EventRow]) -> list[Logged]:
        account: Any = self._accounts.get(workspace) or self._deleted.get(workspace)
        if account is None:
            raise UnknownWorkspace(workspace)
        return await self._log.logged(workspace, account, rows)

    def _mailbox(self, workspace: WorkspaceSid) -> Mailbox:
        mailbox = self._mailboxes.get(workspace)
        if mailbox is None:
            raise UnknownWorkspace(workspace)
        return mailbox
