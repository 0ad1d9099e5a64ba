"""What became of deliveries, on its way into the store: in bulk, and again until it is written."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence

import structlog

from pointsman.core.types import WorkspaceSid
from pointsman.ports import Delivery, Overloaded, Store, StoreUnavailable
from pointsman.webhooks.crew import Crew
from pointsman.webhooks.limits import Limits

log = structlog.get_logger(__name__)

Written = Callable[[], None]


class Ledger:
    def __init__(self, store: Store, crew: Crew, limits: Limits) -> None:
        self._store, self._crew, self._limits = store, crew, limits
        self._finished: list[tuple[Delivery, Written | None]] = []
        self._cursors: dict[WorkspaceSid, int] = {}
        self._work = asyncio.Event()
        self._writing = 0

    def add(self, delivery: Delivery, written: Written | None = None) -> None:
        """`written` is called once it is in the store."""
        self._finished.append((delivery, written))
        self._work.set()

    def advance(self, workspace: WorkspaceSid, seq: int) -> None:
        """Every event up to `seq` is finished, and its delivery was added before."""
        self._cursors[workspace] = seq
        self._work.set()

    async def room(self) -> None:
        """Wait while too much is unwritten: after a crash it would be sent again. Raises: `Stopping`."""
        while len(self._finished) + self._writing >= self._limits.unwritten_max:
            await self._crew.pause(self._limits.write_every_s)

    async def run(self) -> None:
        while True:
            await self._work.wait()
            self._work.clear()
            await self._crew.patiently(self._write)
            await self._crew.pause(self._limits.write_every_s)

    async def flush(self) -> None:
        """Once, at the end: what can't be written now is sent again after the restart."""
        try:
            await asyncio.wait_for(self._write(), self._limits.stop_s)
        except (StoreUnavailable, Overloaded, TimeoutError) as problem:
            log.warning("deliveries_not_written", deliveries=len(self._finished), problem=str(problem))

    async def _write(self) -> None:
        """Cursors go with the deliveries that they have passed, in one commit."""
        rows, cursors = self._finished, self._cursors
        if not rows and not cursors:
            return
        self._finished, self._cursors, self._writing = [], {}, len(rows)
        try:
            await self._commit([delivery for delivery, _ in rows], cursors)
        except BaseException:
            self._finished, self._cursors = rows + self._finished, cursors | self._cursors
            raise
        finally:
            self._writing = 0
        for _, written in rows:
            if written is not None:
                written()

    async def _commit(self, deliveries: Sequence[Delivery], cursors: dict[WorkspaceSid, int]) -> None:
        try:
            await self._store.finish_deliveries(deliveries, cursors)
        except (StoreUnavailable, Overloaded):
            raise
        except Exception:
            log.exception("deliveries_refused", deliveries=len(deliveries))
            await self._commit_one_by_one(deliveries, cursors)

    async def _commit_one_by_one(self, deliveries: Sequence[Delivery], cursors: dict[WorkspaceSid, int]) -> None:
        """The store won't take something, ever: only the guilty one is given up, not those beside it."""
        for delivery in deliveries:
            try:
                await self._store.finish_deliveries([delivery], {})
            except (StoreUnavailable, Overloaded):
                raise
            except Exception:
                log.exception("delivery_given_up", workspace=delivery.workspace, kind=delivery.kind, seq=delivery.seq)
        await self._store.finish_deliveries([], cursors)
