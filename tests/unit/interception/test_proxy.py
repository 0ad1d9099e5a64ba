"""The forward proxy, over real loopback sockets: what it joins, what it passes on, what it refuses."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from pointsman.cli.interception import proxy as module
from pointsman.cli.interception.names import is_twilio
from pointsman.cli.interception.proxy import Address, Proxy, Routes, Upstream
from pointsman.cli.interception.watch import listen
from pointsman.tls import Authority

NOWHERE = Address("127.0.0.1", 1)
Handler = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


def run(test: Coroutine[Any, Any, None]) -> None:
    """No test waits for ever."""

    async def limited() -> None:
        async with asyncio.timeout(20):
            await test

    asyncio.run(limited())


@asynccontextmanager
async def serving(handler: Handler, tls: ssl.SSLContext | None = None) -> AsyncIterator[Address]:
    """Serve on a free loopback port; each connection ends with its handler."""

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await handler(reader, writer)
        finally:
            writer.close()

    server = await asyncio.start_server(handle, "127.0.0.1", 0, ssl=tls)
    async with server:
        yield Address("127.0.0.1", server.sockets[0].getsockname()[1])


@asynccontextmanager
async def proxying(routes: Routes) -> AsyncIterator[Address]:
    listening = listen()
    async with await Proxy(routes).start(listening):
        yield Address("127.0.0.1", listening.getsockname()[1])


async def exchange(address: Address, sent: bytes, *, ends: bool = False) -> bytes:
    """Send, perhaps end our half, and read until the other side ends its own."""
    reader, writer = await asyncio.open_connection(*address)
    writer.write(sent)
    if ends:
        writer.write_eof()
    received = await reader.read()
    writer.close()
    await writer.wait_closed()
    return received


async def echo_all(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Answer only when the other side has ended its half."""
    writer.write(b"you said " + await reader.read())
    await writer.drain()


async def repeat_request(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Answer with the request as it arrived, and with what follows its head."""
    head = await reader.readuntil(b"\r\n\r\n")
    body = await reader.readexactly(3) if b"Content-Length: 3" in head else b""
    writer.write(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n" + head + body)
    await writer.drain()


ESTABLISHED = b"HTTP/1.1 200 Connection established\r\n\r\n"


@pytest.mark.parametrize("name", ["twilio.com", "taskrouter.twilio.com", "a.b.c.TWILIO.com", "api.twilio.com."])
def test_twilio_ends_in_our_listener(name: str) -> None:
    """Bytes pass as they are, and a half that ends leaves the other open for the answer."""

    async def scene() -> None:
        async with serving(echo_all) as listener, proxying(Routes(listener)) as proxy:
            answer = await exchange(proxy, f"CONNECT {name}:443 HTTP/1.1\r\n\r\n\x16\x03".encode(), ends=True)
            assert answer == ESTABLISHED + b"you said \x16\x03"

    run(scene())


@pytest.mark.parametrize("name", ["nottwilio.com", "twilio.com.example.com", "twilio.org", "example.com", ""])
def test_names_that_only_look_like_it_are_not_ours(name: str) -> None:
    """A suffix of letters is not a suffix of labels."""
    assert not is_twilio(name)


def test_another_connection_passes_through() -> None:
    """Only port 443 of Twilio's names is ours; this is neither."""

    async def scene() -> None:
        async with serving(echo_all) as other, proxying(Routes(NOWHERE)) as proxy:
            sent = f"CONNECT localhost:{other.port} HTTP/1.1\r\nHost: x\r\n\r\nhello".encode()
            assert await exchange(proxy, sent, ends=True) == ESTABLISHED + b"you said hello"

    run(scene())


def test_a_lot_goes_both_ways() -> None:
    """More than all buffers hold."""
    size = 8_000_000

    async def scene() -> None:
        async with serving(echo_all) as listener, proxying(Routes(listener)) as proxy:
            answer = await exchange(proxy, b"CONNECT x.twilio.com:443 HTTP/1.1\r\n\r\n" + b"x" * size, ends=True)
            assert len(answer) == len(ESTABLISHED) + len(b"you said ") + size

    run(scene())


def test_a_plain_request_is_sent_on_as_its_server_expects_it() -> None:
    """The path without the host, and without what was said to the proxy alone."""

    async def scene() -> None:
        async with serving(repeat_request) as other, proxying(Routes(NOWHERE)) as proxy:
            host = f"127.0.0.1:{other.port}"
            sent = (
                f"POST http://{host}/a/b?c=/d HTTP/1.1\r\nHost: {host}\r\nContent-Length: 3\r\n"
                "Proxy-Connection: keep-alive\r\nProxy-Authorization: Basic secret\r\n\r\nabc"
            )
            answer = await exchange(proxy, sent.encode())
        request = answer.partition(b"\r\n\r\n")[2].decode()
        assert request == (
            f"POST /a/b?c=/d HTTP/1.1\r\nHost: {host}\r\nContent-Length: 3\r\nConnection: close\r\n\r\nabc"
        )

    run(scene())


@pytest.mark.parametrize(("target", "path"), [("", "/"), ("?q=1", "/?q=1"), ("/", "/")])
def test_a_plain_request_may_have_no_path(target: str, path: str) -> None:
    """Its server gets one all the same."""

    async def scene() -> None:
        async with serving(repeat_request) as other, proxying(Routes(NOWHERE)) as proxy:
            sent = f"GET http://127.0.0.1:{other.port}{target} HTTP/1.1\r\n\r\n"
            assert f"\r\n\r\nGET {path} HTTP/1.1\r\n".encode() in await exchange(proxy, sent.encode())

    run(scene())


def test_a_second_request_on_a_connection_does_not_reach_the_first_ones_server() -> None:
    """It may be meant for another host. The client was told that the connection ends."""

    async def scene() -> None:
        reached: list[bytes] = []

        async def greedy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            reached.append(await reader.read())

        async with serving(greedy) as other, proxying(Routes(NOWHERE)) as proxy:
            first = f"GET http://127.0.0.1:{other.port}/1 HTTP/1.1\r\n\r\n".encode()
            await exchange(proxy, first + b"GET http://elsewhere/2 HTTP/1.1\r\n\r\n", ends=True)
        assert b"/1 HTTP" in reached[0]
        assert b"/2 HTTP" not in reached[0]

    run(scene())


def test_a_client_may_leave_the_tls_to_us(tmp_path: Path) -> None:
    """An old axios sends https:// addresses to a proxy in plain text."""

    async def scene() -> None:
        authority = Authority.open(tmp_path)
        tls = authority.server_context()
        async with (
            serving(repeat_request, tls) as listener,
            proxying(Routes(listener, authority.certificate_path)) as proxy,
        ):
            ours = await exchange(
                proxy, b"GET https://taskrouter.twilio.com/x HTTP/1.1\r\nContent-Length: 3\r\n\r\nabc"
            )
            assert b"\r\n\r\nGET /x HTTP/1.1\r\n" in ours
            assert ours.endswith(b"\r\n\r\nabc")
            other = await exchange(proxy, f"GET https://localhost:{listener.port}/y HTTP/1.1\r\n\r\n".encode())
            assert b"\r\n\r\nGET /y HTTP/1.1\r\n" in other
        async with serving(repeat_request, tls) as listener, proxying(Routes(listener)) as proxy:
            distrusted = await exchange(proxy, b"GET https://taskrouter.twilio.com/x HTTP/1.1\r\n\r\n")
            assert distrusted.startswith(b"HTTP/1.1 502 ")
            assert b"certificate verify failed" in distrusted

    run(scene())


def test_what_is_not_ours_goes_on_through_the_proxy_that_was_there() -> None:
    """As it came, with the credentials that the client sent."""

    async def scene() -> None:
        async with serving(repeat_request) as other:
            upstream = Upstream(other, tls=False)
            async with proxying(Routes(NOWHERE, None, upstream, upstream)) as proxy:
                credentials = b"Proxy-Authorization: Basic secret\r\n\r\n"
                connect = b"CONNECT example.com:443 HTTP/1.1\r\n" + credentials
                assert (await exchange(proxy, connect, ends=True)).endswith(b"\r\n\r\n" + connect)
                plain = b"GET http://example.com/x HTTP/1.1\r\n"
                answer = await exchange(proxy, plain + credentials)
                assert answer.endswith(b"\r\n\r\n" + plain + b"Connection: close\r\n" + credentials)

    run(scene())


@pytest.mark.parametrize(
    ("sent", "status", "why"),
    [
        (b"CONNECT api.twilio.com:443 HTTP/1.1\r\n\r\n", 502, b"the TLS listener of pointsman serve"),
        (b"CONNECT 127.0.0.1:1 HTTP/1.1\r\n\r\n", 502, b"Can't connect to 127.0.0.1:1: "),
        (b"GET http://127.0.0.1:1/ HTTP/1.1\r\n\r\n", 502, b"Can't connect to 127.0.0.1:1: "),
        (b"CONNECT nowhere HTTP/1.1\r\n\r\n", 400, b"'nowhere' isn't a host and a port"),
        (b"CONNECT x:99999 HTTP/1.1\r\n\r\n", 400, b"isn't a host and a port"),
        (b"CONNECT " + b"x" * 70 + b"..y:443 HTTP/1.1\r\n\r\n", 502, b"Can't connect to "),
        (b"GET / HTTP/1.1\r\n\r\n", 400, b"forward proxy"),
        (b"hello\r\n\r\n", 400, b"no HTTP/1 request"),
        (b"GET http://x/ HTTP/1.1\r\nX: " + b"x" * 70_000 + b"\r\n\r\n", 431, b"longer than 65536 bytes"),
        (b"", None, b""),
    ],
)
def test_what_can_not_be_served_is_refused_with_a_reason(sent: bytes, status: int | None, why: bytes) -> None:
    """The program's error message will quote the status, and perhaps the body."""

    async def scene() -> None:
        async with proxying(Routes(NOWHERE)) as proxy:
            answer = await exchange(proxy, sent, ends=True)
        assert answer.startswith(f"HTTP/1.1 {status} ".encode() if status else b"")
        assert why in answer

    run(scene())


def test_a_client_that_says_nothing_is_let_go(monkeypatch: pytest.MonkeyPatch) -> None:
    """And so is a tunnel in which nothing moves."""
    monkeypatch.setattr(module, "HEAD_TIMEOUT_S", 0.05)
    monkeypatch.setattr(module, "TUNNEL_IDLE_S", 0.05)

    async def scene() -> None:
        async with serving(echo_all) as listener, proxying(Routes(listener)) as proxy:
            assert b" 408 " in await exchange(proxy, b"CONN")
            assert await exchange(proxy, b"CONNECT x.twilio.com:443 HTTP/1.1\r\n\r\n") == ESTABLISHED

    run(scene())


def test_there_is_a_limit_to_connections(monkeypatch: pytest.MonkeyPatch) -> None:
    """A program that leaks them is told so, and those that are open go on."""
    monkeypatch.setattr(module, "CONNECTIONS_MAX", 1)

    async def scene() -> None:
        async with serving(echo_all) as listener, proxying(Routes(listener)) as proxy:
            reader, writer = await asyncio.open_connection(*proxy)
            writer.write(b"CONNECT x.twilio.com:443 HTTP/1.1\r\n\r\nhello")
            assert await reader.readexactly(len(ESTABLISHED)) == ESTABLISHED
            assert b" 503 " in await exchange(proxy, b"")
            writer.write_eof()
            assert await reader.read() == b"you said hello"
            writer.close()

    run(scene())
