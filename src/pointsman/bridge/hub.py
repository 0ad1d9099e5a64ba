"""Who listens, and what is handed to them: every open socket of every protocol, by workspace.

The hub follows commits in their order, reads the events that somebody may hear of (`ports.Router.logged`), and hands to
each listener what concerns it. It knows no frames: a protocol brings its own `Listener`.

To plug in another protocol: make a `Listener` for each of its sockets, `join` it once it may hear, `leave` when it is
gone. With a `worker` it hears what the worker does, in the order of the worker SDK; without one it hears every event of
its workspace as the log has it, and chooses itself. Both are told what happened after they joined, and only that.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Sequence
from typing import NamedTuple, Protocol

import structlog

from pointsman.bridge.audience import Audience, Notice
from pointsman.core.engine.view import View
from pointsman.core.record import Logged
from pointsman.core.types import No, WorkspaceSid
from pointsman.ports import Commit, EventRow, Publisher, Router, StoreUnavailable, UnknownWorkspace

log = structlog.get_logger()
NOT_TOLD = "something could not be told"
WORKER_DELETED, WORKSPACE_DELETED = "worker.deleted", "workspace.deleted"


class Listener(Protocol):
    """One open socket. None of its methods waits."""

    @property
    def workspace(self) -> WorkspaceSid: ...

    @property
    def worker(self) -> No | None:
        """Whose it is; None: it hears all that happens in the workspace."""

    def told(self, notices: Sequence[Notice]) -> None:
        """What one commit means to it, in order."""

    def displaced(self) -> None:
        """Another session of its worker has asked to be the only one."""

    def dismissed(self, why: str) -> None:
        """What it listens to is gone, or it may have missed something: it has to come again."""


class _Commit(NamedTuple):
    number: int
    rows: Sequence[EventRow]


class _Room:
    """The listeners of a workspace, each with the commit after which it joined; and what they are still to be told."""

    def __init__(self) -> None:
        self.listeners: dict[Listener, int] = {}
        self.by_worker: dict[No | None, dict[Listener, None]] = {}
        self.audience = Audience()
        self.commits = 0
        self.waiting: deque[_Commit] = deque()
        self.teller: asyncio.Task[None] | None = None

    def enter(self, listener: Listener) -> None:
        self.listeners[listener] = self.commits
        self.by_worker.setdefault(listener.worker, {})[listener] = None

    def leave(self, listener: Listener) -> bool:
        """Whether it was here."""
        if self.listeners.pop(listener, None) is None:
            return False
        del self.by_worker[listener.worker][listener]
        if not self.by_worker[listener.worker]:
            del self.by_worker[listener.worker]
        return True

    def of_worker(self, worker: No | None) -> list[Listener]:
        return list(self.by_worker.get(worker, ()))


class Hub(Publisher):
    def __init__(self, router: Router) -> None:
        self._router = router
        self._rooms: dict[WorkspaceSid, _Room] = {}

    # --- coming and going -----------------------------------------------------------------------------------------

    async def join(self, listener: Listener, *, alone: bool = False) -> None:
        """It hears of what is committed from now on. `alone` closes the other sessions of its worker."""
        room = self._rooms.setdefault(listener.workspace, _Room())
        worker = listener.worker
        if worker is not None:
            if alone:
                for other in room.of_worker(worker):
                    other.displaced()
            room.audience.seat(worker, ())
        room.enter(listener)
        if worker is None:
            return

        def tasks(view: View) -> list[No]:
            return [view.state.reservations[no].task for no in view.state.live_of_worker.get(worker, ())]

        try:
            found = await self._router.read(listener.workspace, tasks)
        except BaseException:
            self.leave(listener)
            raise
        if listener in room.listeners:
            room.audience.seat(worker, found)

    def leave(self, listener: Listener) -> bool:
        """Whether it was there, and its worker has no other session now."""
        room = self._rooms.get(listener.workspace)
        if room is None or not room.leave(listener):
            return False
        worker = listener.worker
        last = worker is not None and not room.of_worker(worker)
        if worker is not None and last:
            room.audience.leave(worker)
        if not room.listeners:
            del self._rooms[listener.workspace]
        return last

    def sessions(self, workspace: WorkspaceSid, worker: No) -> int:
        room = self._rooms.get(workspace)
        return len(room.of_worker(worker)) if room else 0

    @property
    def open(self) -> int:
        return sum(len(room.listeners) for room in self._rooms.values())

    def stop(self, why: str) -> None:
        """The server ends."""
        for room in list(self._rooms.values()):
            for listener in list(room.listeners):
                listener.dismissed(why)

    # --- telling --------------------------------------------------------------------------------------------------

    def committed(self, commit: Commit) -> None:
        room = self._rooms.get(commit.workspace)
        if room is None or not commit.events:
            return
        room.commits += 1
        room.waiting.append(_Commit(room.commits, commit.events))
        if room.teller is None:
            room.teller = asyncio.create_task(self._tell(commit.workspace, room), name=f"tell {commit.workspace}")

    async def _tell(self, workspace: WorkspaceSid, room: _Room) -> None:
        try:
            while room.waiting and room.listeners:
                commit = room.waiting.popleft()
                try:
                    await self._tell_of(workspace, room, commit)
                except (StoreUnavailable, UnknownWorkspace) as problem:
                    # Words could not be read. Who has missed something comes again and asks how things are.
                    log.warning("sockets_not_told", workspace=workspace, problem=str(problem))
                    self._dismiss(list(room.listeners), NOT_TOLD)
                except Exception:
                    log.exception("sockets_not_told", workspace=workspace)
                    self._dismiss(list(room.listeners), NOT_TOLD)
        finally:
            room.teller = None
            if not room.listeners:
                room.waiting.clear()

    async def _tell_of(self, workspace: WorkspaceSid, room: _Room, commit: _Commit) -> None:
        rows = commit.rows if room.of_worker(None) else room.audience.relevant(commit.rows)
        if rows:
            self._hand_out(room, commit.number, await self._router.logged(workspace, rows))
        for row in commit.rows:
            if row.type == WORKSPACE_DELETED:
                self._dismiss(list(room.listeners), "the workspace was deleted")
            elif row.type == WORKER_DELETED and row.worker is not None:
                self._dismiss(room.of_worker(row.worker), "the worker was deleted")

    def _hand_out(self, room: _Room, number: int, events: Sequence[Logged]) -> None:
        notices: dict[No | None, list[Notice]] = {None: [Notice(event.type, event) for event in events]}
        for told in room.audience.address(events):
            notices.setdefault(told.worker, []).append(told.notice)
        for worker, meant in notices.items():
            for listener in room.of_worker(worker):
                if room.listeners[listener] < number:
                    self._hand(listener, meant)

    def _hand(self, listener: Listener, notices: Sequence[Notice]) -> None:
        """A fault that one of them finds is nobody else's."""
        try:
            listener.told(notices)
        except Exception:
            log.exception("sockets_not_told", workspace=listener.workspace)
            listener.dismissed(NOT_TOLD)

    def _dismiss(self, listeners: Sequence[Listener], why: str) -> None:
        for each in listeners:
            each.dismissed(why)
