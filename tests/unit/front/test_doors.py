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
