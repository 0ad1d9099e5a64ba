"""The server's websocket protocol with what it lacks: a way to cut a connection at once, and no silence about one whose
client is gone. It says nothing of itself to any log: what it would say has the token in it."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.http11 import Request

MESSAGE_BYTES_MAX = 4_096  # a client has nothing to say
PING_S = 20.0  # and as long to answer: who does not is gone
_silent = logging.getLogger("pointsman.sockets")
_silent.disabled = True


class SocketProtocol(WebSocketsSansIOProtocol):
    """One socket. `gone` is called when its connection is."""

    gone: Callable[[], None] | None = None

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.logger = self.conn.logger = _silent

    def handle_connect(self, event: Request) -> None:
        super().handle_connect(event)
        if hasattr(self, "scope"):
            self.scope["pointsman.cut"] = self.transport.abort  # type: ignore[typeddict-unknown-key]

    def keepalive_timeout(self) -> None:
        """Nobody is there to read a closing frame."""
        super().keepalive_timeout()
        self.transport.abort()

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        if self.gone is not None:
            self.gone()
