"""A forward proxy on a loopback port: Twilio's names end in our TLS listener, all else passes untouched.

It sees no plain text of Twilio requests: it joins two sockets, and the listener of `pointsman serve` ends
the TLS. If the environment named a proxy before, what is not ours goes on through that one, together with
the credentials that the client sent; so nobody gets further through us than they got without us.
"""

from __future__ import annotations

import asyncio
import re
import socket
import ssl
from contextlib import suppress
from http import HTTPStatus
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

from pointsman.cli.interception.names import TLS_PORT, is_twilio

CONNECTIONS_MAX = 1_000
HEAD_BYTES_MAX = 65_536
HEAD_TIMEOUT_S = 30.0
CONNECT_TIMEOUT_S = 15.0
CLOSE_TIMEOUT_S = 5.0
LINGER_S = 2.0
TUNNEL_IDLE_S = 3_600.0  # nothing in either direction
CHUNK_BYTES = 65_536
HTTP_PORT = 80
LISTENER = "the TLS listener of pointsman serve"

_NOT_PASSED_ON = (b"proxy-connection", b"proxy-authorization", b"keep-alive", b"connection")


class Address(NamedTuple):
    """Where something listens."""

    host: str
    port: int


class Upstream(NamedTuple):
    """A proxy that the environment named before ours."""

    address: Address
    tls: bool


class Routes(NamedTuple):
    """Where the proxy sends what it gets."""

    listener: Address  # our TLS listener
    certificate: Path | None = None  # of the authority that the listener's certificates come from
    https_upstream: Upstream | None = None
    http_upstream: Upstream | None = None


class Head(NamedTuple):
    """The start of a request: its first line and its header lines, as they came."""

    method: str
    target: str
    version: str
    headers: list[bytes]

    @classmethod
    def parse(cls, raw: bytes) -> Head:
        """Raises: `Failure`, if this is no HTTP request."""
        first, *headers = raw.removesuffix(b"\r\n\r\n").split(b"\r\n")
        parts = first.decode("latin-1").split(" ")
        if len(parts) != 3 or not parts[2].startswith("HTTP/1."):
            raise Failure(400, "That was no HTTP/1 request.")
        method, target, version = parts
        return cls(method, target, version, headers)

    def value(self, name: bytes) -> bytes:
        """Give a header's value in lower case; empty if it is missing."""
        for line in self.headers:
            found, _, value = line.partition(b":")
            if found.strip().lower() == name:
                return value.strip().lower()
        return b""


class Failure(Exception):
    """The proxy can't serve this request; the client is told why in the body."""

    def __init__(self, status: int, why: str) -> None:
        super().__init__(why)
        self.status, self.why = status, why


Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]


class Proxy:
    """The connections of one proxy."""

    def __init__(self, routes: Routes) -> None:
        self._routes = routes
        self._open = 0
        self._tls: ssl.SSLContext | None = None

    async def start(self, listening: socket.socket) -> asyncio.Server:
        """Accept connections on a socket that is bound and listening."""
        return await asyncio.start_server(self._serve, sock=listening, limit=HEAD_BYTES_MAX)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._open += 1
        try:
            if self._open > CONNECTIONS_MAX:
                raise Failure(503, f"More than {CONNECTIONS_MAX} connections are open.")
            await self._answer((reader, writer))
        except Failure as failure:
            await _refuse((reader, writer), failure)
        except OSError:
            pass  # one side went away: the other learns it by its connection's end
        finally:
            self._open -= 1
            await _close(writer)

    async def _answer(self, client: Streams) -> None:
        head = await _read_head(client[0])
        if head is None:
            return
        if head.method == "CONNECT":
            await self._tunnel(head, client)
        elif head.target.lower().startswith(("http://", "https://")):
            await self._forward(head, client)
        else:
            raise Failure(400, "This is a forward proxy for CONNECT and for whole addresses, not a web server.")

    async def _tunnel(self, head: Head, client: Streams) -> None:
        wanted = _authority(head.target)
        if _is_ours(wanted):
            server = await _connect(self._routes.listener, LISTENER)
        elif self._routes.https_upstream:
            server = await _connect_upstream(self._routes.https_upstream)
            server[1].write(_render(head.method, head.target, head.version, head.headers))
            await _join(client, server)  # its answer, good or bad, is the client's answer
            return
        else:
            server = await _connect(wanted, head.target)
        client[1].write(b"HTTP/1.1 200 Connection established\r\n\r\n")
        await _join(client, server)

    async def _forward(self, head: Head, client: Streams) -> None:
        """Send a plain request on, and make it the connection's last: the next may be for another host."""
        headers = [line for line in head.headers if line.partition(b":")[0].strip().lower() not in _NOT_PASSED_ON]
        upgrades = b"upgrade" in head.value(b"connection")
        headers.append(b"Connection: Upgrade" if upgrades else b"Connection: close")
        secure, authority, target = _split(head.target)
        wanted = _authority(authority, TLS_PORT if secure else HTTP_PORT)
        upstream = self._routes.https_upstream if secure else self._routes.http_upstream
        if secure and _is_ours(wanted):
            server = await _connect(self._routes.listener, LISTENER, self._client_tls(), wanted.host)
        elif upstream:
            server = await _connect_upstream(upstream)
            headers += [line for line in head.headers if line.lower().startswith(b"proxy-authorization:")]
            target = head.target
        else:
            server = await _connect(wanted, authority, self._client_tls() if secure else None)
        server[1].write(_render(head.method, target, head.version, headers))
        await _join(client, server, None if upgrades else _body_bytes(head))

    def _client_tls(self) -> ssl.SSLContext:
        """Trust what this machine trusts, and the local authority.

        Needed for `GET https://...` in plain text, which leaves the TLS to the proxy: axios 0.21 does that.
        """
        if self._tls is None:
            self._tls = ssl.create_default_context()
            if self._routes.certificate:
                self._tls.load_verify_locations(self._routes.certificate)
        return self._tls


def _body_bytes(head: Head) -> int | None:
    """Say how many bytes belong to a request after its head; None if only its end tells."""
    if head.value(b"transfer-encoding"):
        return None
    length = head.value(b"content-length") or b"0"
    if not length.isdigit():
        raise Failure(400, "Content-Length isn't a number.")
    return int(length)


async def _read_head(reader: asyncio.StreamReader) -> Head | None:
    try:
        async with asyncio.timeout(HEAD_TIMEOUT_S):
            return Head.parse(await reader.readuntil(b"\r\n\r\n"))
    except TimeoutError:
        raise Failure(408, f"No request came within {HEAD_TIMEOUT_S:g} s.") from None
    except asyncio.LimitOverrunError:
        raise Failure(431, f"The request's head is longer than {HEAD_BYTES_MAX} bytes.") from None
    except asyncio.IncompleteReadError:
        return None  # the client left before it had asked for anything


def _is_ours(wanted: Address) -> bool:
    return wanted.port == TLS_PORT and is_twilio(wanted.host)


def _split(target: str) -> tuple[bool, str, str]:
    """Split `https://host:port/path?query`: is it TLS, what names the server, what does that want to see?"""
    scheme, _, rest = target.partition("://")
    authority = re.split(r"[/?]", rest, maxsplit=1)[0]
    path = rest[len(authority) :]
    return scheme.lower() == "https", authority, path if path.startswith("/") else f"/{path}"


def _authority(text: str, default_port: int | None = None) -> Address:
    """Read `host:port`; the host may be an IPv6 address in brackets."""
    try:
        parts = urlsplit(f"//{text}")
        host, port = parts.hostname, parts.port or default_port
    except ValueError:
        host, port = None, None
    if not host or not port:
        raise Failure(400, f"{text!r} isn't a host and a port.")
    return Address(host, port)


async def _connect(
    address: Address, what: str, tls: ssl.SSLContext | None = None, server_name: str | None = None
) -> Streams:
    try:
        async with asyncio.timeout(CONNECT_TIMEOUT_S):
            return await asyncio.open_connection(*address, ssl=tls, server_hostname=server_name)
    except TimeoutError:
        raise Failure(504, f"{what} didn't answer within {CONNECT_TIMEOUT_S:g} s.") from None
    except (OSError, UnicodeError) as error:  # UnicodeError: a host name that no resolver takes
        raise Failure(502, f"Can't connect to {what}: {error}") from error


async def _connect_upstream(upstream: Upstream) -> Streams:
    host, port = upstream.address
    tls = ssl.create_default_context() if upstream.tls else None
    return await _connect(upstream.address, f"the proxy {host}:{port} of the environment", tls)


def _render(method: str, target: str, version: str, headers: list[bytes]) -> bytes:
    return b"\r\n".join([f"{method} {target} {version}".encode("latin-1"), *headers, b"", b""])


class _Activity:
    """When a byte last went through a tunnel, in either direction."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._last_s = self._loop.time()

    def seen(self) -> None:
        self._last_s = self._loop.time()

    def idle_s(self) -> float:
        return self._loop.time() - self._last_s


async def _join(client: Streams, server: Streams, request_bytes: int | None = None) -> None:
    """Carry bytes both ways until both sides have ended theirs, or one breaks, or all is idle too long."""
    activity = _Activity()
    try:
        async with asyncio.TaskGroup() as both:
            both.create_task(_carry(client[0], server[1], activity, request_bytes))
            both.create_task(_carry(server[0], client[1], activity))
    except* (OSError, TimeoutError):
        pass  # half a tunnel is no use: the connections' ends tell both sides
    finally:
        await _close(server[1])


async def _carry(
    source: asyncio.StreamReader,
    target: asyncio.StreamWriter,
    activity: _Activity,
    bytes_max: int | None = None,
) -> None:
    """Copy until the source ends, then end the target's half. What is beyond `bytes_max` is dropped."""
    while chunk := await _read_chunk(source, activity):
        activity.seen()
        if bytes_max is not None:
            chunk = chunk[:bytes_max]
            bytes_max -= len(chunk)
        target.write(chunk)
        await target.drain()
    if target.can_write_eof():  # TLS can't be half closed: there, the other direction ends it all
        target.write_eof()


async def _read_chunk(source: asyncio.StreamReader, activity: _Activity) -> bytes:
    while True:
        try:
            async with asyncio.timeout(TUNNEL_IDLE_S):
                return await source.read(CHUNK_BYTES)
        except TimeoutError:
            if activity.idle_s() >= TUNNEL_IDLE_S:
                raise


async def _refuse(client: Streams, failure: Failure) -> None:
    reader, writer = client
    body = f"pointsman proxy: {failure.why}\n".encode()
    head = (
        f"HTTP/1.1 {failure.status} {HTTPStatus(failure.status).phrase}\r\n"
        "Content-Type: text/plain; charset=utf-8\r\n"
        f"Content-Length: {len(body)}\r\nConnection: close\r\n\r\n"
    )
    with suppress(OSError, TimeoutError):
        writer.write(head.encode() + body)
        writer.write_eof()
        async with asyncio.timeout(LINGER_S):  # to close on unread bytes would take the answer back
            while await reader.read(CHUNK_BYTES):
                pass


async def _close(writer: asyncio.StreamWriter) -> None:
    writer.close()
    with suppress(OSError, TimeoutError):
        async with asyncio.timeout(CLOSE_TIMEOUT_S):
            await writer.wait_closed()
