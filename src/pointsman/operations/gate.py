"""How much may be under way at once. What is beyond that is refused, so that what was let in is answered soon."""

from __future__ import annotations

import asyncio
from typing import Literal

from pointsman.meters import Meters
from pointsman.ports import Overloaded

REQUESTS_MAX = 1_000  # that are read, carried out or waiting, through all doors: about a second of work
SCANS_AT_ONCE = 2
SCANS_WAITING_MAX = 100  # each has some ten milliseconds of work to do


class Gate:
    """Counts requests: each is inside while it is under way (`with gate`). What goes on for long once it was answered,
    such as a stream or a socket, is not one."""

    def __init__(self, meters: Meters) -> None:
        self._meters = meters
        self.inside = 0

    def __enter__(self) -> None:
        """Raises: `Overloaded`."""
        if self.inside >= REQUESTS_MAX:
            self._meters.refused["requests"] += 1
            raise Overloaded(f"{REQUESTS_MAX} requests are under way")
        self.inside += 1

    def __exit__(self, *_: object) -> None:
        self.inside -= 1


class Turns(asyncio.Semaphore):
    """For what takes long and can wait: few at once, in order, and not too many behind them."""

    def __init__(self) -> None:
        super().__init__(SCANS_AT_ONCE)
        self._waiting = 0

    async def acquire(self) -> Literal[True]:
        """Raises: `Overloaded`."""
        if self._waiting >= SCANS_WAITING_MAX:
            raise Overloaded(f"{SCANS_WAITING_MAX} long lists are waiting", "lists")
        self._waiting += 1
        try:
            return await super().acquire()
        finally:
            self._waiting -= 1
