"""How an endpoint does. One that answers nothing any more is parked: then a single request at a time finds out, at
growing pauses, whether it is back; everything else waits."""

from __future__ import annotations

import asyncio
import random
from collections import deque

from pointsman.core.types import Millis
from pointsman.webhooks.crew import Crew, Stopping
from pointsman.webhooks.limits import Limits
from pointsman.webhooks.post import now_ms


def pause_s(limits: Limits, failures: int) -> float:
    """Before the next attempt: twice as long each time, up to a limit; and between half and all of that, so that many
    don't come at once."""
    longest: float = min(limits.event_retry_s_max, limits.event_retry_s_first * 2 ** min(failures - 1, 40))
    return longest * random.uniform(0.5, 1.0)  # noqa: S311  # nobody gains by guessing it


class Health:
    def __init__(self, crew: Crew, limits: Limits) -> None:
        self._crew, self._limits = crew, limits
        self.failures = 0  # in a row
        self.failing_since_ms: Millis | None = None
        self.parked_since_ms: Millis | None = None
        self.next_ms: Millis | None = None  # when the next one is let through, while parked
        self.problem: str | None = None
        self._waiting: deque[asyncio.Future[bool]] = deque()
        self._hurry = asyncio.Event()

    @property
    def parked(self) -> bool:
        return self.parked_since_ms is not None

    def succeeded(self) -> bool:
        """Say whether it was parked: now all go on."""
        was_parked = self.parked
        self.failures, self.failing_since_ms, self.parked_since_ms = 0, None, None
        self.next_ms = self.problem = None
        while self._waiting:
            self._let_through(self._waiting.popleft())
        self._hurry.set()
        return was_parked

    reset = succeeded  # another endpoint has taken its place

    def failed(self, problem: str) -> bool:
        """Say whether that parks it."""
        self.failures += 1
        self.problem = problem
        self.failing_since_ms = self.failing_since_ms or now_ms()
        if self.parked or self.failures < self._limits.event_failures_before_parked:
            return False
        self.parked_since_ms = now_ms()
        self._hurry.clear()
        self._crew.start("probe", self._probe)
        return True

    def hurry(self) -> None:
        """Let the next one through at once."""
        self._hurry.set()

    def close(self) -> None:
        """Nobody is let through any more; those who wait are told so."""
        for turn in self._waiting:
            if not turn.done():
                turn.set_exception(Stopping())
        self._waiting.clear()

    async def admitted(self, wait_s: float) -> bool:
        """Wait while it is parked, but for this turn's; False, if that took too long. Raises: `Stopping`."""
        if not self.parked:
            return True
        if self._crew.stopping:
            raise Stopping
        turn: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self._waiting.append(turn)
        try:
            return await asyncio.wait_for(turn, max(0.0, wait_s))
        except TimeoutError:
            return False

    async def _probe(self) -> None:
        """Let one through at a time: each the next in the row, since it may be one event that nobody takes."""
        tries = 0
        while self.parked:
            tries += 1
            wait_s = pause_s(self._limits, tries)
            self.next_ms = Millis(now_ms() + round(wait_s * 1000))
            if await self._crew.pause_unless(self._hurry, wait_s):
                tries = 0
            self._hurry.clear()
            while self.parked and self._waiting:
                turn = self._waiting.popleft()
                if self._let_through(turn):
                    break

    @staticmethod
    def _let_through(turn: asyncio.Future[bool]) -> bool:
        if turn.done():  # it has given up
            return False
        turn.set_result(True)
        return True
