"""How many requests may be in flight: for each key (a host, a workspace) and in all."""

from __future__ import annotations

import asyncio
from collections import Counter, deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from pointsman.webhooks.crew import Stopping


class Gate:
    """First come, first served within a key.

    A key's only request is let through however many there are in all: else keys that hang could, together, keep out
    one that does not.
    """

    def __init__(self, each_max: int, total_max: int) -> None:
        self._each_max, self._total_max = each_max, total_max
        self._inside: Counter[str] = Counter()
        self._total = 0
        self._waiting: dict[str, deque[asyncio.Future[None]]] = {}
        self._closed = False

    def close(self) -> None:
        """Nobody gets in any more; those who wait are told so."""
        self._closed = True
        for queue in self._waiting.values():
            for turn in queue:
                if not turn.done():
                    turn.set_exception(Stopping())
        self._waiting.clear()

    @asynccontextmanager
    async def slot(self, key: str) -> AsyncIterator[bool]:
        """Wait for a slot; say whether it took waiting. Raises: `Stopping`, once the gate is closed."""
        if self._closed:
            raise Stopping
        waited = key in self._waiting or not self._free(key)
        if waited:
            await self._wait(key)
        else:
            self._enter(key)
        try:
            yield waited
        finally:
            self._leave(key)

    def _free(self, key: str) -> bool:
        inside = self._inside[key]
        return inside < self._each_max and (inside == 0 or self._total < self._total_max)

    def _enter(self, key: str) -> None:
        self._inside[key] += 1
        self._total += 1

    async def _wait(self, key: str) -> None:
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.setdefault(key, deque()).append(turn)
        try:
            await turn
        except asyncio.CancelledError:
            if turn.cancelled():
                self._forget(key, turn)
            elif turn.exception() is None:
                self._leave(key)  # the turn had come already
            raise

    def _forget(self, key: str, turn: asyncio.Future[None]) -> None:
        queue = self._waiting.get(key)
        if queue and turn in queue:
            queue.remove(turn)
            if not queue:
                del self._waiting[key]

    def _leave(self, key: str) -> None:
        was_full = self._total >= self._total_max
        self._total -= 1
        self._inside[key] -= 1
        if not self._inside[key]:
            del self._inside[key]
        if not was_full or key not in self._inside:
            self._admit(key)
        if was_full:  # the freed slot may be another key's
            for other in [*self._waiting]:
                if self._total >= self._total_max:
                    break
                self._admit(other)

    def _admit(self, key: str) -> None:
        """Let the key's next in. The key then stands behind the others."""
        if key not in self._waiting or not self._free(key):
            return
        queue = self._waiting.pop(key)
        while queue and queue[0].cancelled():  # their tasks have not run yet to take them out
            queue.popleft()
        turn = queue.popleft() if queue else None
        if queue:
            self._waiting[key] = queue
        if turn is not None:
            self._enter(key)  # on its behalf: nobody slips in before it wakes
            turn.set_result(None)
