"""The load generator: HTTP requests written beforehand, and no more read of an answer than is needed.

A client library would take longer than the server that is measured. What this one can do at most is measured too
(`ceiling`): against a server that answers without looking.
"""

from __future__ import annotations

import asyncio
import sys
from base64 import b64encode
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from typing import cast
from urllib.parse import urlencode, urlsplit

from tests.benchmarks.failed import Failed

CANNED = b'{"sid":"WT00000000000000000000000000000001"}'
CANNED_ANSWER = b"HTTP/1.1 200 OK\r\ncontent-length: %d\r\n\r\n%s" % (len(CANNED), CANNED)


class Refused(Failed):
    """The server's whole answer."""


class Connection(asyncio.Protocol):
    """One request at a time. It waits for an answer as long as the connection is open."""

    def __init__(self) -> None:
        self._got = b""
        self._answer: asyncio.Future[bytes] | None = None
        self._transport: asyncio.Transport | None = None
        self._closed = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)

    def connection_lost(self, exc: Exception | None) -> None:
        self._closed = True
        if (answer := self._taken()) is not None:
            answer.set_exception(ConnectionError("the server closed the connection"))

    def data_received(self, data: bytes) -> None:
        got = self._got + data if self._got else data
        end = got.find(b"\r\n\r\n")
        if end >= 0:
            at = got.lower().find(b"content-length: ", 0, end)
            length = int(got[at + 16 : got.find(b"\r\n", at)])
            if len(got) >= end + 4 + length:
                self._got = b""
                if (answer := self._taken()) is None:
                    return  # said unasked, before it closes
                if got[9:10] == b"2":
                    answer.set_result(got[end + 4 :])
                else:
                    answer.set_exception(Refused(got.decode()))
                return
        self._got = got

    async def ask(self, request: bytes) -> bytes:
        """The body of the answer. Raises: `Refused`; `ConnectionError`, also if the server has closed it before."""
        assert self._transport is not None
        if self._closed or self._transport.is_closing():
            raise ConnectionError("the server had closed the connection")
        self._answer = asyncio.get_running_loop().create_future()
        self._transport.write(request)
        return await self._answer

    @property
    def busy(self) -> bool:
        """Whether an answer is still to come, even if nobody waits for it."""
        return self._answer is not None

    def _taken(self) -> asyncio.Future[bytes] | None:
        answer, self._answer = self._answer, None
        return answer if answer is not None and not answer.done() else None

    def close(self) -> None:
        if self._transport is not None:
            self._transport.close()


class Target:
    """Where requests go."""

    def __init__(self, url: str, account: str = "", token: str = "") -> None:
        where = urlsplit(url)
        self.host, self.port = str(where.hostname), int(where.port or 80)
        login = b64encode(f"{account}:{token}".encode()).decode()
        self._head = f"Host: {self.host}\r\nAuthorization: Basic {login}\r\n"

    def post(self, path: str, **form: str) -> bytes:
        body = urlencode(form)
        kind = "Content-Type: application/x-www-form-urlencoded\r\n"
        return f"POST {path} HTTP/1.1\r\n{self._head}{kind}Content-Length: {len(body)}\r\n\r\n{body}".encode()

    def get(self, path: str) -> bytes:
        return f"GET {path} HTTP/1.1\r\n{self._head}\r\n".encode()

    @asynccontextmanager
    async def connections(self, count: int) -> AsyncIterator[list[Connection]]:
        loop = asyncio.get_running_loop()
        async with AsyncExitStack() as stack:
            made = []
            for _ in range(count):
                _, protocol = await loop.create_connection(Connection, self.host, self.port)
                stack.callback(protocol.close)
                made.append(protocol)
            yield made


class Answering(asyncio.Protocol):
    """Takes callbacks: `told` is given the body of each request, and says what to answer."""

    def __init__(self, told: Callable[[bytes], bytes]) -> None:
        self._told, self._got = told, b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        got = self._got + data
        while (end := got.find(b"\r\n\r\n")) >= 0:
            at = got.lower().find(b"content-length: ", 0, end)
            length = int(got[at + 16 : got.find(b"\r\n", at)])
            if len(got) < end + 4 + length:
                break
            body = self._told(got[end + 4 : end + 4 + length])
            kind = b"Content-Type: application/json\r\n"
            self._transport.write(b"HTTP/1.1 200 OK\r\n%sContent-Length: %d\r\n\r\n%s" % (kind, len(body), body))
            got = got[end + 4 + length :]
        self._got = got


@asynccontextmanager
async def answering(told: Callable[[bytes], bytes]) -> AsyncIterator[str]:
    """The URL of a server of one's own."""
    server = await asyncio.get_running_loop().create_server(lambda: Answering(told), "127.0.0.1", 0)
    async with server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"


Lifecycle = Callable[[int], Awaitable[None]]


class _Canned(asyncio.Protocol):
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        self._transport.write(CANNED_ANSWER)


async def _serve_canned(port: int) -> None:
    server = await asyncio.get_running_loop().create_server(_Canned, "127.0.0.1", port)
    await server.serve_forever()


if __name__ == "__main__":
    import uvloop

    uvloop.run(_serve_canned(int(sys.argv[1])))
