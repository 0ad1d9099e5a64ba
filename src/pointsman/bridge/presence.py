"""Workers who go away: once the last socket of a worker has been closed for a while, it moves to an activity, if the
page asked for it or a setting says so [sdk][docs: js-sdk-v1].

Who will move stands in the database while it has a socket, so a server that ends, however it ends, goes on where it
was: whoever does not come back within the grace after the start is moved then. Its pending reservations are kept.
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any, NamedTuple
from weakref import WeakValueDictionary

import structlog

from pointsman.core import commands as cmd
from pointsman.core.engine.view import View
from pointsman.core.errors import Rejected
from pointsman.core.record import Origin
from pointsman.core.types import Sid, Worker, WorkspaceSid
from pointsman.ports import Attendance, Overloaded, Router, Store, StoreUnavailable, UnknownWorkspace

log = structlog.get_logger()
RETRY_S = 5.0
GONE = Origin(unusual_source="sdk")


class Absence(NamedTuple):
    """Settings: whether workers go offline whose pages say nothing about it, and after how long."""

    by_default: bool = False
    grace_s: float = 10.0


class Leaving(NamedTuple):
    """What becomes of a worker without sockets: it moves to an activity; None: to the workspace's timeout activity."""

    activity: Sid | None = None


Key = tuple[WorkspaceSid, Sid]


class Presence:
    def __init__(self, store: Store, router: Router, absence: Absence) -> None:
        self._store, self._router, self.absence = store, router, absence
        self._known: dict[Key, Leaving | None] = {}  # what the database says; None: it may still say something
        self._going: dict[Key, asyncio.Task[None]] = {}
        self._writes: WeakValueDictionary[Key, asyncio.Lock] = WeakValueDictionary()  # while somebody writes
        self._stopping = False

    async def start(self) -> None:
        """Those who were there when the server ended have the grace to come back."""
        for each in await self._store.attendances():
            key = (each.workspace, each.worker)
            self._known[key] = leaving = Leaving(each.activity)
            self._go(key, self._move(key, leaving))

    def stopping(self) -> None:
        """The server ends: sockets close, and nobody has gone away by that."""
        self._stopping = True

    async def stop(self) -> None:
        """Who is about to be moved will be, after the next start."""
        going = list(self._going.values())
        for task in going:
            task.cancel()
        await asyncio.gather(*going, return_exceptions=True)

    def asked(self, wanted: bool | None) -> Leaving | None:
        """What a page's wish means."""
        return Leaving() if (self.absence.by_default if wanted is None else wanted) else None

    async def came(self, workspace: WorkspaceSid, worker: Sid, leaving: Leaving | None) -> None:
        """A socket of the worker has opened. What the newest one asks for counts."""
        key = (workspace, worker)
        if (task := self._going.pop(key, None)) is not None:
            task.cancel()
        async with self._lock(key):
            if leaving is None:
                await self._drop(key)
            elif leaving != self._known.get(key):
                self._known[key] = None
                await self._store.put_attendance(
                    Attendance(workspace=workspace, worker=worker, activity=leaving.activity)
                )
                self._known[key] = leaving

    def left(self, workspace: WorkspaceSid, worker: Sid, leaving: Leaving | None) -> None:
        """Its last socket has closed, and this is what that one asked for."""
        key = (workspace, worker)
        if self._stopping:
            return
        if leaving is not None:
            self._go(key, self._move(key, leaving))
        elif key in self._known:  # another socket had asked for it, and has closed before
            self._go(key, self._stay(key))

    # --- moving ---------------------------------------------------------------------------------------------------

    def _lock(self, key: Key) -> asyncio.Lock:
        return self._writes.setdefault(key, asyncio.Lock())

    async def _drop(self, key: Key) -> None:
        """What the database says of it. Raises: `StoreUnavailable`."""
        if key in self._known:
            self._known[key] = None
            await self._store.delete_attendance(*key)
            del self._known[key]

    def _go(self, key: Key, work: Coroutine[Any, Any, None]) -> None:
        self._going[key] = asyncio.create_task(work, name="worker gone")

    async def _stay(self, key: Key) -> None:
        """Nothing becomes of it, also after another start of the server."""
        while True:
            try:
                async with self._lock(key):
                    await self._drop(key)
                break
            except StoreUnavailable as problem:
                log.warning("attendance_not_deleted", workspace=key[0], worker=key[1], problem=str(problem))
                await asyncio.sleep(RETRY_S)
        self._going.pop(key, None)

    async def _move(self, key: Key, leaving: Leaving) -> None:
        workspace, worker = key
        await asyncio.sleep(self.absence.grace_s)
        while True:
            try:
                async with self._lock(key):
                    await self._move_to(workspace, worker, leaving.activity)
                    await self._drop(key)
                break
            except (StoreUnavailable, Overloaded) as problem:
                log.warning("worker_not_moved", workspace=workspace, worker=worker, problem=str(problem))
                await asyncio.sleep(RETRY_S)
        self._going.pop(key, None)

    async def _move_to(self, workspace: WorkspaceSid, worker: Sid, activity: Sid | None) -> None:
        """What is gone needs no moving."""

        def offline(view: View) -> Sid:
            view.state.find(Worker, worker)
            return view.state.activities[view.state.workspace.timeout_activity].sid

        try:
            to = activity or await self._router.read(workspace, offline)
            command = cmd.UpdateWorker(worker=worker, values={"activity_sid": to})
            await self._router.execute(workspace, command, lambda view, events: None, GONE)
            log.info("worker_left", workspace=workspace, worker=worker)
        except (Rejected, UnknownWorkspace) as problem:
            log.info("worker_not_moved", workspace=workspace, worker=worker, problem=str(problem))
