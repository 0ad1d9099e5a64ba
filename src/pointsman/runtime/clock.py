"""A workspace's time: the store's clock, but never backwards."""

from __future__ import annotations

import time

import structlog

from pointsman.core.types import Millis, WorkspaceSid

BEHIND_MS_TOLD = 1_000

log = structlog.get_logger()


class Clock:
    """While the store's clock is behind what the workspace has seen (it was set back, or had been ahead), time goes on
    by elapsed time, so that deadlines and long work do not stand still until it has caught up."""

    def __init__(self, workspace: WorkspaceSid, seen_ms: Millis) -> None:
        self._workspace = workspace
        self._seen_ms, self._seen_at = seen_ms, time.monotonic()
        self._told = False

    def read(self, store_ms: Millis) -> Millis:
        """What it is now, by the store's clock and the time that has passed since it was last read."""
        at = time.monotonic()
        if store_ms >= self._seen_ms:
            self._seen_ms, self._seen_at, self._told = store_ms, at, False
            return store_ms
        if not self._told and self._seen_ms - store_ms > BEHIND_MS_TOLD:
            log.warning("clock_behind", workspace=self._workspace, behind_ms=self._seen_ms - store_ms)
            self._told = True
        passed_ms = int((at - self._seen_at) * 1000)
        self._seen_ms = Millis(self._seen_ms + passed_ms)
        self._seen_at += passed_ms / 1000  # what is less than a millisecond is not lost
        return self._seen_ms
