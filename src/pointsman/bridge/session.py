"""One socket of the current worker SDK on the network: it gives its `Connection` what happens and the time, and sends
what comes out. A client says nothing on its socket; what it asks for comes as requests, known by their token.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Sequence
from typing import NamedTuple

import structlog

from pointsman.bridge.audience import Notice
from pointsman.bridge.connection import Connection, Happening, Output, Refresh, Times, Who
from pointsman.bridge.outlet import Outlet, SendMessage
from pointsman.bridge.presence import Leaving
from pointsman.bridge.tokens import Grant
from pointsman.core.engine.view import View
from pointsman.core.errors import NotFound
from pointsman.core.ids import number_of
from pointsman.core.types import No, ReservationStatus, Worker, WorkspaceSid
from pointsman.ports import Router, StoreUnavailable, UnknownWorkspace
from pointsman.wire import sockets
from pointsman.wire.bodies import Body

log = structlog.get_logger()
GONE, AWAY = 1008, 1012  # close codes


class Standing(NamedTuple):
    """How a worker stands when its client lists its reservations."""

    pending: frozenset[str]
    version: int


class Session:
    """Implements `hub.Listener`."""

    def __init__(
        self,
        grant: Grant,
        worker: str,
        leaving: Leaving | None,
        router: Router,
        send: SendMessage,
        cut: Callable[[], None],
        valid_for_ms: int,
        times: Times,
    ) -> None:
        self.grant, self.leaving = grant, leaving
        self.workspace: WorkspaceSid = grant.workspace
        self.worker: No | None = number_of(worker)
        self._sid, self._router, self._outlet = worker, router, Outlet(send, cut)
        self._loop = asyncio.get_running_loop()
        self.connection = Connection(
            Who(grant.account, grant.workspace, worker), self._now(), self._now() + valid_for_ms, times
        )
        self._refreshing: asyncio.Task[None] | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._over = False

    def begin(self) -> None:
        self._pass_on([])

    def end(self) -> None:
        """The socket is gone."""
        self._over = True
        self.connection.end(GONE, "")
        self._outlet.stop()
        for each in (self._timer, self._refreshing):
            if each is not None:
                each.cancel()

    # --- hub.Listener ---------------------------------------------------------------------------------------------

    def told(self, notices: Sequence[Notice]) -> None:
        self._pass_on(self.connection.tell([_happening(each) for each in notices], self._now()))

    def displaced(self) -> None:
        self._pass_on(self.connection.displace())

    def dismissed(self, why: str) -> None:
        self._pass_on(self.connection.end(AWAY, why))

    # --- what its client asks for ---------------------------------------------------------------------------------

    def asking(self) -> int:
        """When, for `answered`."""
        now_ms = self._now()
        self.connection.asking(now_ms)
        return now_ms

    def answered(self, asked_ms: int) -> None:
        self.connection.answered(asked_ms, self._now())
        self._pass_on([])

    async def standing(self) -> Standing:
        """Raises: `NotFound`, `UnknownWorkspace`, `StoreUnavailable`."""
        return await self._router.read(self.workspace, self._look)

    def _look(self, view: View) -> Standing:
        worker = view.state.find(Worker, self._sid)
        live = view.state.live_of(worker)
        return Standing(
            frozenset(each.sid for each in live if each.status is ReservationStatus.PENDING), worker.version
        )

    def listed(self, reservations: Sequence[str]) -> None:
        self.connection.listed(reservations, self._now())
        self._pass_on([])

    # --- what comes out -------------------------------------------------------------------------------------------

    def _now(self) -> int:
        return int(self._loop.time() * 1000)

    def _on_time(self) -> None:
        self._timer = None
        self._pass_on(())

    def _pass_on(self, outputs: Sequence[Output]) -> None:
        """What came out, and what is due now; then wait for what comes next."""
        if self._over:
            return
        found = (*outputs, *self.connection.due(self._now()))
        if any(isinstance(each, Refresh) for each in found):
            self._refreshing = self._loop.create_task(self._refresh(), name="refresh a client")
        if not self._outlet.put(each for each in found if not isinstance(each, Refresh)):
            log.info("socket_cut", workspace=self.workspace, worker=self._sid)
            self.end()
            return
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if not self.connection.closed:
            after_s = max(self.connection.next_ms() - self._now(), 0) / 1000
            self._timer = self._loop.call_later(after_s, self._on_time)

    async def _refresh(self) -> None:
        def look(view: View) -> tuple[int, Body]:
            worker = view.state.find(Worker, self._sid)
            return worker.version, sockets.worker(view, worker)

        with contextlib.suppress(NotFound, UnknownWorkspace, StoreUnavailable):  # told, or tried again, elsewhere
            version, body = await self._router.read(self.workspace, look)
            self._pass_on(self.connection.refreshed(version, body, self._now()))


def _happening(notice: Notice) -> Happening:
    record, body = notice.event.record, sockets.payload(notice.type, notice.event)
    of_reservation = notice.type.startswith("reservation.") and record.reservation is not None
    needs = None
    if notice.type.startswith("worker."):
        needs = body["activity_sid"] if "activity_sid" in body else body["sid"]
    return Happening(
        notice.type,
        body,
        record.reservation.sid if record.reservation and of_reservation else None,
        record.worker.version if record.worker and not notice.type.startswith("task.") else None,
        needs,
    )
