"""What goes out over one socket, in order. A frame is written when the network takes it; what does not fit waits here,
up to a limit; then the socket is cut, and its client comes back and asks how things are. So who reads slowly costs
nobody else anything.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Iterable
from typing import Any

from pointsman.bridge.connection import Close, Send

UNSENT_MAX = 1_000  # frames, and ...
UNSENT_BYTES_MAX = 1_048_576
SendMessage = Callable[[dict[str, Any]], Awaitable[None]]


class Outlet:
    def __init__(self, send: SendMessage, cut: Callable[[], None]) -> None:
        self._send, self._cut = send, cut
        self._unsent: deque[Send | Close] = deque()
        self._unsent_bytes = 0
        self._sending: asyncio.Task[None] | None = None

    def put(self, outputs: Iterable[Send | Close]) -> bool:
        """Whether they were taken; else the socket was cut, and has lost what waited."""
        for each in outputs:
            self._unsent.append(each)
            self._unsent_bytes += len(each.text) if isinstance(each, Send) else 0
        if len(self._unsent) > UNSENT_MAX or self._unsent_bytes > UNSENT_BYTES_MAX:
            self._cut()
            self.stop()
            return False
        if self._unsent and self._sending is None:
            self._sending = asyncio.get_running_loop().create_task(self._send_all(), name="send to a socket")
        return True

    def stop(self) -> None:
        self._unsent.clear()
        if self._sending is not None:
            self._sending.cancel()

    async def _send_all(self) -> None:
        try:
            while self._unsent:
                each = self._unsent.popleft()
                if isinstance(each, Close):
                    await self._send({"type": "websocket.close", "code": each.code, "reason": each.reason})
                    return
                self._unsent_bytes -= len(each.text)
                await self._send({"type": "websocket.send", "text": each.text})
        except OSError:  # the client has gone; whoever receives from it learns of it
            self._unsent.clear()
        finally:
            self._sending = None
