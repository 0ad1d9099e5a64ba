"""A proxy of TCP between clients and a server, on loopback, which can do to a connection what networks do."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Callable
from typing import Self
from urllib.parse import urlsplit

PIECE_BYTES = 65_536
STOP_S = 10.0


class _Wire:
    """A client's connection to the proxy, and the proxy's to the server."""

    def __init__(self, client: asyncio.StreamWriter, server: asyncio.StreamWriter) -> None:
        self.client, self.server = client, server
        self.half_open = False
        self.over = asyncio.Event()


class Proxy:
    """Passes everything on, until it is told otherwise. It lives on a thread of its own while it is entered."""

    def __init__(self, url: str) -> None:
        """`url`: the server's."""
        self._where = urlsplit(url)
        self.swallowed = b""  # what the server said to connections that were half open
        self._wires: set[_Wire] = set()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._passing = asyncio.Event()
        self._passing.set()

    def __enter__(self) -> Self:
        self._thread.start()
        listening = asyncio.start_server(self._serve, "127.0.0.1", 0)
        self._server = asyncio.run_coroutine_threadsafe(listening, self._loop).result(STOP_S)
        self.url = f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"
        return self

    def __exit__(self, *_: object) -> None:
        asyncio.run_coroutine_threadsafe(self._end(), self._loop).result(STOP_S)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(STOP_S)
        self._loop.close()

    # --- faults ---------------------------------------------------------------------------------------------------

    def swallow(self) -> None:
        """From now on nothing of what the server says arrives on the connections that there are; none is closed."""

        def lose() -> None:
            for each in self._wires:
                each.half_open = True

        self._do(lose)

    def cut(self) -> None:
        """Reset those connections for their clients. The server is not told."""

        def reset() -> None:
            for each in self._wires:
                if each.half_open:
                    each.client.transport.abort()

        self._do(reset)

    def bury(self) -> None:
        """Reset them for the server too."""

        def reset() -> None:
            for each in self._wires:
                if each.half_open:
                    each.server.transport.abort()

        self._do(reset)

    def hold(self, seconds: float) -> None:
        """What the server says arrives so much later, and in order."""
        self._do(self._passing.clear)
        self._do(lambda: self._loop.call_later(seconds, self._passing.set))

    def _do(self, deed: Callable[[], object]) -> None:
        async def done() -> None:
            deed()

        asyncio.run_coroutine_threadsafe(done(), self._loop).result(STOP_S)

    # --- passing on -----------------------------------------------------------------------------------------------

    async def _serve(self, from_client: asyncio.StreamReader, client: asyncio.StreamWriter) -> None:
        from_server, server = await asyncio.open_connection(self._where.hostname, self._where.port)
        wire = _Wire(client, server)
        self._wires.add(wire)
        await asyncio.gather(self._forth(from_client, wire), self._back(from_server, wire))
        self._wires.discard(wire)
        wire.over.set()

    async def _forth(self, from_client: asyncio.StreamReader, wire: _Wire) -> None:
        with contextlib.suppress(ConnectionError):
            while piece := await from_client.read(PIECE_BYTES):
                wire.server.write(piece)
        if not wire.half_open:
            wire.server.close()

    async def _back(self, from_server: asyncio.StreamReader, wire: _Wire) -> None:
        with contextlib.suppress(ConnectionError):
            while piece := await from_server.read(PIECE_BYTES):
                await self._passing.wait()
                if wire.half_open:
                    self.swallowed += piece
                else:
                    wire.client.write(piece)
        wire.client.close()

    async def _end(self) -> None:
        self._server.close()
        self._passing.set()
        for each in list(self._wires):
            each.client.transport.abort()
            each.server.transport.abort()
            await each.over.wait()
