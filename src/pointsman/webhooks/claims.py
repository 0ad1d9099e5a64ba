"""Deliveries that were left: by a node that died, or because too many were waiting."""

from __future__ import annotations

from pointsman.core.types import Millis, WorkspaceSid
from pointsman.ports import Delivery, Store
from pointsman.webhooks.assignments import Assignments
from pointsman.webhooks.crew import Crew
from pointsman.webhooks.limits import Limits

FAR_AHEAD_MS = 7 * 86_400_000  # later than any delivery can be due


class Claims:
    def __init__(self, store: Store, assignments: Assignments, crew: Crew, limits: Limits) -> None:
        self._store, self._assignments, self._crew, self._limits = store, assignments, crew, limits

    async def run(self, alone: bool) -> None:
        if alone:
            await self._take_all()
        while True:
            await self._take_due()
            await self._crew.pause(self._limits.claim_every_s)

    async def _take_due(self) -> None:
        """Each is leased once in this round at most, so the round ends."""
        now_ms = await self._crew.patiently(self._store.now_ms)
        while True:
            claimed = await self._claim(now_ms, self._limits.lease_ms)
            self._assignments.claimed(claimed)
            if len(claimed) < self._limits.claim_rows:
                return

    async def _take_all(self) -> None:
        """Nobody else is there: what is unfinished was left by the process before this one, due or not.

        The lease counts from the time that is asked for, so that it ends as far from now as any other. It also puts
        them last in order, so the first that was seen before means that all were.
        """
        now_ms = await self._crew.patiently(self._store.now_ms)
        seen: set[tuple[WorkspaceSid, int]] = set()  # asked for members only
        while True:
            claimed = await self._claim(Millis(now_ms + FAR_AHEAD_MS), self._limits.lease_ms - FAR_AHEAD_MS)
            fresh = [each for each in claimed if (each.workspace, each.seq) not in seen]
            seen.update((each.workspace, each.seq) for each in fresh)
            self._assignments.claimed(fresh)
            if len(claimed) < self._limits.claim_rows or len(fresh) < len(claimed):
                return

    async def _claim(self, now_ms: Millis, lease_ms: int) -> list[Delivery]:
        return await self._crew.patiently(
            lambda: self._store.claim_deliveries(now_ms, lease_ms, self._limits.claim_rows)
        )
