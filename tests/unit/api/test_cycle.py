"""What an answer looks like on its connection."""

from __future__ import annotations

import asyncio
import gc
import logging
import weakref
from collections.abc import Callable
from typing import Any

import pytest
from starlette.types import Message
from uvicorn.protocols.http.flow_control import FlowControl

from pointsman.api.cycle import Cycle
from pointsman.front import WHOLE_BODY, say_reason


class Wire(asyncio.Transport):
    """Remembers what was written, piece by piece."""

    def __init__(self) -> None:
        super().__init__()
        self.written, self.closed = list[bytes](), False

    def write(self, data: Any) -> None:
        self.written.append(data)

    def close(self) -> None:
        self.closed = True


def answered(*messages: Message, method: str = "GET", keep_alive: bool = True) -> tuple[list[bytes], bool]:
    """What is on the wire then, and whether the connection was closed."""
    wire = Wire()

    async def run() -> None:
        cycle = cycle_on(wire, method, keep_alive)
        for message in messages:
            await cycle.send(message)

    asyncio.run(run())
    return wire.written, wire.closed


def cycle_on(wire: Wire, method: str = "GET", keep_alive: bool = True) -> Cycle:
    log = logging.getLogger("none")
    return Cycle(
        scope={"method": method},  # type: ignore[typeddict-item]
        transport=wire,
        flow=FlowControl(wire),
        logger=log,
        access_logger=log,
        access_log=False,
        default_headers=[(b"date", b"now")],
        message_event=asyncio.Event(),
        expect_100_continue=False,
        keep_alive=keep_alive,
        on_response=lambda: None,
    )


def start(*headers: tuple[bytes, bytes], status: int = 200) -> Message:
    return {"type": "http.response.start", "status": status, "headers": headers}


def piece(body: bytes, *, more: bool = False) -> Message:
    return {"type": "http.response.body", "body": body, "more_body": more}


def test_a_body_whose_length_was_said_goes_with_its_head() -> None:
    sent = answered(start((b"content-length", b"2")), piece(b"ok"))
    assert sent == ([b"HTTP/1.1 200 OK\r\ndate: now\r\ncontent-length: 2\r\n\r\nok"], False)


def test_one_whose_length_is_not_known_comes_in_chunks() -> None:
    sent, closed = answered(start(), piece(b"eleven", more=True), piece(b"", more=True), piece(b"x"))
    assert sent[0].endswith(b"transfer-encoding: chunked\r\n\r\n")  # at once: the first piece may be long in coming
    assert sent[1:] == [b"6\r\neleven\r\n", b"1\r\nx\r\n0\r\n\r\n"]
    assert not closed


@pytest.mark.parametrize(
    "said", [(), ((b"connection", b"close"),)], ids=["the client wants it", "the application says"]
)
def test_the_last_answer_says_once_that_it_is_the_last(said: tuple[tuple[bytes, bytes], ...]) -> None:
    sent, closed = answered(start((b"content-length", b"0"), *said), piece(b""), keep_alive=bool(said))
    assert b"".join(sent).count(b"connection: close\r\n") == 1
    assert closed


@pytest.mark.parametrize(("method", "status"), [("HEAD", 200), ("GET", 204)])
def test_some_answers_have_no_body(method: str, status: int) -> None:
    for headers in ((), ((b"content-length", b"0"),)):
        sent, _ = answered(start(*headers, status=status), piece(b""), method=method)
        assert b"".join(sent).endswith(b"\r\n\r\n")


@pytest.mark.parametrize("value", [b"a\r\nset-cookie: b", b"a\nb", b"a\rb", b"a\0b"])
def test_a_header_can_not_bring_others_with_it(value: bytes) -> None:
    with pytest.raises(RuntimeError, match="line break or NUL"):
        answered(start((b"etag", value)))


@pytest.mark.parametrize(("length", "what"), [(b"1", "longer"), (b"3", "shorter")])
def test_a_body_is_as_long_as_was_said(length: bytes, what: str) -> None:
    with pytest.raises(AssertionError, match=f"{what} than was said"):
        answered(start((b"content-length", length)), piece(b"ok"))


def test_a_request_that_is_over_is_freed_at_once() -> None:
    """The collector of garbage need not find it: what is under way when it sets things aside would stay for ever."""
    wire = Wire()

    async def app(scope: Any, receive: Any, send: Any) -> None:
        assert scope[WHOLE_BODY]() is None, "an application can ask for the body"
        say_reason(scope, "Well")
        await send(start((b"content-length", b"0")))
        await send(piece(b""))

    async def run() -> Callable[[], Cycle | None]:
        cycle = cycle_on(wire)
        await cycle.run_asgi(app)
        return weakref.ref(cycle)

    gc.disable()
    try:
        assert asyncio.run(run())() is None
    finally:
        gc.enable()
    assert wire.written[0].startswith(b"HTTP/1.1 200 Well\r\n")
