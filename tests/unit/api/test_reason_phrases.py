"""The reason phrase of an answer, over a real socket."""

from __future__ import annotations

import asyncio
import socket
from urllib.parse import unquote

import pytest
import uvicorn
from starlette.types import Receive, Scope, Send

from pointsman.api.cycle import REASON_LENGTH_MAX, phrase
from pointsman.api.protocol import LimitedProtocol
from pointsman.front import say_reason


async def _app(scope: Scope, receive: Receive, send: Send) -> None:
    """Answers 400 with its query as the reason, if it has one."""
    if scope["query_string"]:
        say_reason(scope, unquote(scope["query_string"].decode()))
    await send({"type": "http.response.start", "status": 400, "headers": [(b"content-length", b"2")]})
    await send({"type": "http.response.body", "body": b"ok"})


def answers(*targets: str) -> list[tuple[bytes, bytes]]:
    """Status line and the rest of each answer, asked for in one packet on one connection."""

    async def run() -> bytes:
        with socket.create_server(("127.0.0.1", 0)) as listener:
            server = uvicorn.Server(uvicorn.Config(_app, http=LimitedProtocol, lifespan="off", log_config=None))
            serving = asyncio.create_task(server._serve([listener]))
            reader, writer = await asyncio.open_connection(*listener.getsockname())
            last = len(targets) - 1
            for number, target in enumerate(targets):
                close = "Connection: close\r\n" if number == last else ""
                writer.write(f"GET {target} HTTP/1.1\r\nHost: x\r\n{close}\r\n".encode())
            got = await asyncio.wait_for(reader.read(), 10)
            writer.close()
            server.should_exit = True
            await serving
            return got

    lines = [each.partition(b"\r\n") for each in asyncio.run(run()).split(b"HTTP/1.1 ")[1:]]
    return [(line, rest) for line, _, rest in lines]


def test_an_application_may_say_its_reason_in_the_status_line() -> None:
    (line, rest) = answers("/?Reservation%20WR1%20is%20not%20pending.")[0]
    assert line == b"400 Reservation WR1 is not pending."
    assert b"\r\ncontent-length: 2\r\n" in rest
    assert rest.endswith(b"\r\n\r\nok")


def test_every_answer_on_a_connection_has_its_own() -> None:
    assert [line for line, _ in answers("/?one", "/", "/?two")] == [b"400 one", b"400 Bad Request", b"400 two"]


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("", b""),
        ("a\r\nSet-Cookie: x", b"a  Set-Cookie: x"),
        ("a\x00\tb\x7f\x85\u2028c", b"a  b   c"),
        ("Señor", "Señor".encode("latin-1")),
        ("Ана", b"???"),
        ("x" * 9_999, b"x" * REASON_LENGTH_MAX),
    ],
)
def test_nothing_breaks_out_of_the_line(text: str, line: bytes) -> None:
    assert phrase(text) == line


def test_a_line_break_in_a_message_makes_no_header() -> None:
    line, rest = answers("/?a%0d%0aX-Evil:%201")[0]
    assert line == b"400 a  X-Evil: 1"
    assert b"X-Evil" not in rest
