"""Clients that are slow, or say too much, are cut off; real sockets, short limits."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Awaitable, Callable

import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from pointsman.api import call, protocol
from pointsman.api.app import guarded
from pointsman.api.call import read_body

Talk = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[bytes]]


async def _echo(request: Request) -> Response:
    async def ask() -> Response:
        return Response(str(len(await read_body(request))))

    return await guarded(request, ask)


def talking(talk: Talk) -> bytes:
    """What a client gets that talks like this to a server with our protocol and our reading of bodies."""

    async def run() -> bytes:
        with socket.create_server(("127.0.0.1", 0)) as listener:
            app = Starlette(routes=[Route("/", _echo, methods=["POST"])])
            config = uvicorn.Config(
                app, http=protocol.LimitedProtocol, lifespan="off", log_config=None, timeout_graceful_shutdown=1
            )
            server = uvicorn.Server(config)
            serving = asyncio.create_task(server._serve([listener]))
            reader, writer = await asyncio.open_connection(*listener.getsockname())
            try:
                return await asyncio.wait_for(talk(reader, writer), 10)
            finally:
                writer.close()
                server.should_exit = True
                await serving

    return asyncio.run(run())


def test_a_whole_request_is_answered() -> None:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bytes:
        writer.write(b"POST / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 3\r\n\r\nabc")
        return await reader.read()

    assert talking(talk).endswith(b"\r\n\r\n3")


def test_a_head_that_never_ends_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(protocol, "HEAD_S_MAX", 0.2)

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bytes:
        writer.write(b"POST / HTTP/1.1\r\nHost: x\r\n")
        return await reader.read()  # until it is closed

    assert talking(talk) == b""


def test_a_head_that_is_too_long_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(protocol, "HEAD_BYTES_MAX", 100)

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bytes:
        writer.write(b"POST / HTTP/1.1\r\nX-Long: " + b"a" * 200)
        await writer.drain()
        await asyncio.sleep(0.1)  # a chunk of its own
        writer.write(b"a")
        return await reader.read()

    assert talking(talk).startswith(b"HTTP/1.1 431 ")


def test_a_body_that_never_ends_is_a_408(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(call, "BODY_S_MAX", 0.2)

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bytes:
        writer.write(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 30\r\n\r\nabc")
        return await reader.read()

    assert talking(talk).startswith(b"HTTP/1.1 408 ")
