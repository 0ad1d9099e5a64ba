"""Sockets in the server: they outlive the limits of HTTP connections, are counted while they last, can be cut, and one
whose client is gone is noticed. Real connections, short limits."""

from __future__ import annotations

import asyncio
import base64
import logging
import os
import socket
from collections.abc import Awaitable, Callable

import pytest
import uvicorn
from starlette.types import Receive, Scope, Send
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed

from pointsman.api import protocol
from pointsman.api.protocol import LimitedProtocol
from pointsman.bridge.protocol import SocketProtocol

KEEP_ALIVE_S = 1  # the shortest that uvicorn takes
PING_S = 0.2
Talk = Callable[[int, "App"], Awaitable[None]]


class App:
    """Echoes, and cuts whoever says so."""

    def __init__(self) -> None:
        self.ended = asyncio.Event()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await receive()
        await send({"type": "websocket.accept"})
        while (message := await receive())["type"] == "websocket.receive":
            if message["text"] == "cut":
                scope["pointsman.cut"]()
            else:
                await send({"type": "websocket.send", "text": message["text"]})
        self.ended.set()


def talking(talk: Talk) -> None:
    async def run() -> None:
        app = App()
        with socket.create_server(("127.0.0.1", 0)) as listener:
            config = uvicorn.Config(
                app,
                http=LimitedProtocol,
                ws=SocketProtocol,
                ws_ping_interval=PING_S,
                ws_ping_timeout=PING_S,
                ws_per_message_deflate=False,
                lifespan="off",
                log_config=None,
                timeout_graceful_shutdown=1,
                timeout_keep_alive=KEEP_ALIVE_S,
            )
            server = uvicorn.Server(config)
            serving = asyncio.create_task(server._serve([listener]))
            try:
                async with asyncio.timeout(20):
                    await talk(listener.getsockname()[1], app)
            finally:
                server.should_exit = True
                await serving

    asyncio.run(run())


def test_a_socket_stays_open_beyond_what_an_idle_connection_may(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(protocol, "HEAD_S_MAX", 0.5)

    async def talk(port: int, app: App) -> None:
        before = LimitedProtocol.open_now
        async with connect(f"ws://127.0.0.1:{port}/") as client:
            assert LimitedProtocol.open_now == before + 1
            with pytest.raises(TimeoutError):
                await asyncio.wait_for(client.recv(), KEEP_ALIVE_S * 1.5)
            await client.send("still here")
            assert await client.recv() == "still here"
        await app.ended.wait()
        while LimitedProtocol.open_now != before:  # noqa: ASYNC110
            await asyncio.sleep(0.005)

    talking(talk)


def test_a_socket_can_be_cut_in_the_middle() -> None:
    async def talk(port: int, app: App) -> None:
        async with connect(f"ws://127.0.0.1:{port}/") as client:
            await client.send("cut")
            with pytest.raises(ConnectionClosed):
                await client.recv()
        await app.ended.wait()

    talking(talk)


def test_a_client_that_is_gone_without_a_word_is_noticed() -> None:
    """It neither closes nor answers, as if its network were away."""

    async def talk(port: int, app: App) -> None:
        key = base64.b64encode(os.urandom(16)).decode()
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(
            f"GET / HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            f"Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n\r\n".encode()
        )
        assert b"101" in await reader.readline()
        await app.ended.wait()
        writer.close()

    talking(talk)


def test_nothing_of_a_socket_is_logged_at_any_level(caplog: pytest.LogCaptureFixture) -> None:
    """Its address has a token in it."""

    async def talk(port: int, app: App) -> None:
        async with connect(f"ws://127.0.0.1:{port}/?token=eyJsecret") as client:
            await client.send("hello")
            await client.recv()

    quiet = logging.getLogger("websockets.client")  # the client's own
    quiet.disabled = True
    try:
        with caplog.at_level(logging.DEBUG):
            talking(talk)
    finally:
        quiet.disabled = False
    assert "eyJ" not in caplog.text
