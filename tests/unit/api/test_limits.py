"""Clients that are slow, or say too much, or no HTTP at all, by our protocol: real sockets, short limits."""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import Awaitable, Callable

import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from pointsman.api import protocol
from pointsman.api.app import guarded
from pointsman.api.request import read_body
from pointsman.front import body

Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]
Talk = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[bytes]]
GET = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"
HUGE = b"a" * 8 * 2**20
done: list[str] = []


async def _echo(request: Request) -> Response:
    async def ask() -> Response:
        return Response(str(len(await read_body(request))))

    return await guarded(request, ask())


async def _unread(request: Request) -> Response:
    """Answers without its body, after a little while."""
    await asyncio.sleep(0.05)
    done.append(request.method)
    return Response("early")


async def _late(request: Request) -> Response:
    await asyncio.sleep(0.5)
    return Response("late")


async def _huge(request: Request) -> Response:
    return Response(HUGE)


ROUTES = [
    Route("/", _echo, methods=["GET", "POST"]),
    Route("/unread", _unread, methods=["GET", "POST", "DELETE"]),
    Route("/late", _late),
    Route("/huge", _huge),
]


def talking(talk: Talk) -> bytes:
    """What a client gets that talks like this to a server with our protocol and our reading of bodies."""

    async def run() -> bytes:
        done.clear()
        with socket.create_server(("127.0.0.1", 0)) as listener:
            config = uvicorn.Config(
                Starlette(routes=ROUTES),
                http=protocol.LimitedProtocol,
                lifespan="off",
                log_config=None,
                timeout_graceful_shutdown=1,
                timeout_keep_alive=protocol.KEEP_ALIVE_S,
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


def saying(*pieces: bytes) -> Talk:
    """Sends these, each in a packet of its own, and reads until the server closes."""

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bytes:
        for piece in pieces:
            writer.write(piece)
            await writer.drain()
            await asyncio.sleep(0.02)
        return await reader.read()

    return talk


def refusal(answer: bytes) -> int:
    """The status of the one answer there is, once it is sure that it has our form and ends the connection."""
    head, _, body = answer.partition(b"\r\n\r\n")
    problem = json.loads(body)
    assert head.startswith(b"HTTP/1.1 %d " % problem["status"])
    assert b"content-type: application/json; charset=utf-8" in head
    assert b"connection: close" in head
    assert b"content-length: %d" % len(body) in head
    assert problem["message"]
    return int(problem["status"])


def statuses(answer: bytes) -> list[int]:
    """Of every answer on a connection."""
    return [int(each[:3]) for each in answer.split(b"HTTP/1.1 ")[1:]]


# --- heads --------------------------------------------------------------------------------------------------------


def test_a_whole_request_is_answered() -> None:
    talk = saying(b"POST / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 3\r\n\r\nabc")
    assert talking(talk).endswith(b"\r\n\r\n3")


def test_a_head_that_never_ends_is_a_408(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(protocol, "HEAD_S_MAX", 0.2)
    assert refusal(talking(saying(b"POST / HTTP/1.1\r\nHost: x\r\n"))) == 408


def test_who_says_nothing_is_told_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(protocol, "HEAD_S_MAX", 0.2)
    assert talking(saying()) == b""
    assert talking(saying(b"\r\n", b"\r\n")) == b""


def test_a_head_that_is_too_long_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(protocol, "HEAD_BYTES_MAX", 100)
    assert refusal(talking(saying(b"POST / HTTP/1.1\r\nX-Long: " + b"a" * 200, b"a"))) == 431
    assert refusal(talking(saying(b"POST / HTTP/1.1\r\nX-Long: " + b"a" * 200 + b"\r\n\r\n"))) == 431
    assert refusal(talking(saying(b"GET /" + b"a" * 200 + b" HTTP/1.1\r\n\r\n"))) == 431


def test_too_many_headers_are_refused() -> None:
    def asking(count: int) -> bytes:
        headers = b"".join(b"X-%d: a\r\n" % n for n in range(count - 2))
        return talking(saying(b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n" + headers + b"\r\n"))

    assert statuses(asking(protocol.HEADERS_MAX)) == [200]
    assert refusal(asking(protocol.HEADERS_MAX + 1)) == 431


def test_a_refusal_arrives_though_the_client_still_sends() -> None:
    """Closing at once would make the system throw the answer away."""
    assert refusal(talking(saying(b"GET / HTTP/1.1\r\nX: " + b"a" * 100_000, *[b"a" * 50_000] * 10))) == 431


@pytest.mark.parametrize(
    "garbage", [b"\x16\x03\x01\x02\x00", b"GET / HTTP/1.1\nHost: x\n\n", b"BREW / HTTP/1.1\r\n\r\n"]
)
def test_what_is_no_http_is_a_400(garbage: bytes) -> None:
    assert refusal(talking(saying(garbage))) == 400


def test_one_connection_too_many_is_a_503(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(protocol.LimitedProtocol, "connections_max", 0)
    answer = talking(saying())
    assert refusal(answer) == 503
    assert b"\r\nretry-after: 1\r\n" in answer


# --- bodies -------------------------------------------------------------------------------------------------------


def test_a_body_that_never_ends_is_a_408(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(body, "BODY_S_MAX", 0.2)
    assert refusal(talking(saying(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 30\r\n\r\nabc"))) == 408


def test_after_a_body_that_was_not_read_the_connection_goes_on() -> None:
    """The rest is thrown away, so that the client sees its answer, and not a reset."""
    first = b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5000000\r\n\r\n"
    last = GET.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n")
    assert statuses(talking(saying(first, *[b"a" * 1_000_000] * 5, last))) == [413, 200]


def test_the_rest_of_such_a_body_has_a_time_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(protocol, "DISCARD_S_MAX", 0.2)
    first = b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5000000\r\n\r\n"
    assert statuses(talking(saying(first, b"a", b"a", b"a"))) == [413]


def test_a_chunked_body_is_counted_as_it_comes() -> None:
    head = b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
    pieces = [b"100000\r\n" + b"a" * 0x100000 + b"\r\n"] * 5
    last = GET.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n")
    assert statuses(talking(saying(head, *pieces, b"0\r\nX-Trailer: a\r\n\r\n" + last))) == [413, 200]


def test_a_broken_body_is_refused_where_it_was_waited_for() -> None:
    head = b"%s HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
    assert refusal(talking(saying(head % b"POST /", b"3\r\nabc\r\n", b"zz\r\n"))) == 400
    assert statuses(talking(saying((head % b"DELETE /unread") + b"3\r\nabc\r\nzz\r\n"))) == [200]
    assert done == ["DELETE"], "it has happened, and its own answer says so"


def test_the_body_is_asked_for_when_the_client_waits_to_be() -> None:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bytes:
        writer.write(
            b"POST / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n"
        )
        assert await reader.readuntil(b"\r\n\r\n") == b"HTTP/1.1 100 Continue\r\n\r\n"
        writer.write(b"abc")
        return await reader.read()

    assert talking(talk).endswith(b"\r\n\r\n3")


# --- several requests ---------------------------------------------------------------------------------------------


def test_requests_that_follow_each_other_closely_are_answered_in_order() -> None:
    late = b"GET /unread HTTP/1.1\r\nHost: x\r\n\r\n"
    post = b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc"
    last = b"GET /nothing HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
    answer = talking(saying(late + post + GET + last))
    assert statuses(answer) == [200, 200, 200, 404]
    bodies = [each.partition(b"\r\n\r\n")[2] for each in answer.split(b"HTTP/1.1 ")[1:4]]
    assert bodies == [b"early", b"3", b"0"]


@pytest.mark.parametrize(
    "garbage",
    [
        b"garbage\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"GET / HTTP/1.1\r\nHost : x\r\n\r\n",
    ],
)
def test_what_was_asked_before_garbage_is_answered_before_the_refusal(garbage: bytes) -> None:
    answer = talking(saying(b"GET /unread HTTP/1.1\r\nHost: x\r\n\r\n" + garbage + GET))
    assert statuses(answer) == [200, 400]
    assert refusal(answer[answer.index(b"HTTP/1.1 400") :]) == 400


def test_an_idle_connection_is_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(protocol, "KEEP_ALIVE_S", 0.2)
    assert statuses(talking(saying(GET, GET))) == [200, 200]
    assert statuses(talking(saying(GET, b"\r\n"))) == [200], "an empty line is no request"


def test_a_connection_that_is_used_is_kept_longer_than_an_idle_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(protocol, "KEEP_ALIVE_S", 0.5)
    assert statuses(talking(saying(*[GET] * 40))) == [200] * 40, "0.8 s"


def test_a_request_that_is_answered_late_is_no_idle_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(protocol, "KEEP_ALIVE_S", 0.4)
    late = b"GET /late HTTP/1.1\r\nHost: x\r\n\r\n"
    assert statuses(talking(saying(GET, late))) == [200, 200]


def test_what_would_become_another_protocol_ends_with_its_answer() -> None:
    upgrade = b"GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n"
    assert statuses(talking(saying(upgrade + GET))) == [200]


# --- answers ------------------------------------------------------------------------------------------------------


def test_who_does_not_read_is_dropped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(protocol, "ANSWER_S_MAX", 0.2)

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bytes:
        writer.write(b"GET /huge HTTP/1.1\r\nHost: x\r\n\r\n")
        await asyncio.sleep(1)  # until we are given up
        try:
            return await reader.read()
        except ConnectionResetError:
            return b""

    assert len(talking(talk)) < len(HUGE)


def test_who_reads_slowly_gets_it_all() -> None:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bytes:
        writer.write(b"GET /huge HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        pieces = []
        while piece := await reader.read(2**20):
            pieces.append(piece)
            await asyncio.sleep(0.01)
        return b"".join(pieces)

    assert talking(talk).endswith(HUGE)
