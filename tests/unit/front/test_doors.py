"""Which door a path leads to."""

from __future__ import annotations

import asyncio

import pytest
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from pointsman.front import doors

came: list[tuple[str, str]] = []


def door(name: str) -> ASGIApp:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        came.append((name, scope["path"]))

    return app


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("/console", "console"),
        ("/console/", "console"),
        ("/console/desk/WK1", "console"),
        ("/consoles", "rest"),
        ("/v1/wschannels/AC1/WK1", "sockets"),
        ("/v1/Workspaces", "rest"),
        ("*", "rest"),
        ("", "rest"),
    ],
)
def test_the_door_is_found_by_the_beginning_of_the_path(path: str, name: str) -> None:
    async def receive() -> Message:
        raise AssertionError

    async def send(message: Message) -> None:
        raise AssertionError

    async def enter() -> None:
        app = doors(door("rest"), {"/console": door("console"), "/v1/wschannels": door("sockets")})
        await app({"type": "http", "path": path}, receive, send)

    came.clear()
    asyncio.run(enter())
    assert came == [(name, path)]


@pytest.mark.parametrize(
    ("path", "name"), [("/v1/wschannels/AC1/WK1", "sockets"), ("/console", None), ("/v1/Workspaces", None), ("", None)]
)
def test_a_socket_is_refused_where_no_door_takes_one(path: str, name: str | None) -> None:
    sent: list[Message] = []

    async def receive() -> Message:
        raise AssertionError

    async def send(message: Message) -> None:
        sent.append(message)

    async def enter() -> None:
        by_prefix = {"/console": door("console"), "/v1/wschannels": door("sockets")}
        app = doors(door("rest"), by_prefix, sockets=["/v1/wschannels"])
        await app({"type": "websocket", "path": path}, receive, send)

    came.clear()
    asyncio.run(enter())
    assert came == ([(name, path)] if name else [])
    assert [each.get("status") for each in sent] == ([] if name else [404, None])
