"""Events are sent beside everything else that the server does, never before it."""

from __future__ import annotations

import asyncio
from collections import deque

EACH_TURN = 2  # to send one takes a tenth of a millisecond


class Pace:
    """Lets a few begin at each turn of the event loop, first come, first served. So a turn is short, however many
    events wait, and what routing needs several turns for is done in a few milliseconds."""

    def __init__(self, each_turn: int = EACH_TURN) -> None:
        self._each_turn = each_turn
        self._waiting: deque[asyncio.Future[None]] = deque()

    async def turn(self) -> None:
        """Wait for one's turn."""
        loop = asyncio.get_running_loop()
        turn = loop.create_future()
        self._waiting.append(turn)
        if len(self._waiting) == 1:
            loop.call_soon(self._admit)
        await turn

    def _admit(self) -> None:
        for _ in range(min(self._each_turn, len(self._waiting))):
            turn = self._waiting.popleft()
            if not turn.done():
                turn.set_result(None)
        if self._waiting:
            asyncio.get_running_loop().call_soon(self._admit)
