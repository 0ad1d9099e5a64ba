"""Answers as gzip: for whom, and which."""

from __future__ import annotations

import asyncio
import gzip
from typing import Any

import pytest
from starlette.responses import Response, StreamingResponse
from starlette.types import ASGIApp, Message

from pointsman.front.compression import SIZE_INLINE_MAX, SIZE_MIN, accepts_gzip, compressing

LONG = b'{"a":1}' * SIZE_MIN


@pytest.mark.parametrize(
    "header",
    ["gzip", "GZIP", "gzip, deflate, br", "deflate,gzip;q=0.5", "*", "br;q=1.0, *;q=0.1", "gzip; q=1", "x-gzip"],
)
def test_who_takes_gzip(header: str) -> None:
    assert accepts_gzip(header)


@pytest.mark.parametrize(
    "header",
    [
        "",
        "identity",
        "br",
        "gzip;q=0",
        "gzip; q=0.000, deflate",
        "*;q=0",
        "gzip;q=0, *",
        "gzip;q=x",
        "gzip;q=nan",
        "gzipped",
        "a," * 300 + "gzip",
    ],
)
def test_who_does_not(header: str) -> None:
    assert not accepts_gzip(header)


def ask(app: ASGIApp, accept: str = "gzip") -> tuple[dict[bytes, bytes], list[bytes]]:
    """The headers and the pieces of the body that are sent."""
    sent: list[Message] = []

    async def send(message: Message) -> None:
        sent.append(message)

    async def receive() -> Message:
        return {"type": "http.disconnect"}

    scope: dict[str, Any] = {"type": "http", "method": "GET", "headers": [(b"accept-encoding", accept.encode())]}

    async def run() -> None:
        await compressing(app)(scope, receive, send)

    asyncio.run(run())
    return dict(sent[0]["headers"]), [message["body"] for message in sent[1:]]


@pytest.mark.parametrize("body", [LONG, b'{"b":22}' * SIZE_INLINE_MAX], ids=["inline", "in a thread"])
def test_a_long_answer_is_compressed_and_keeps_its_headers(body: bytes) -> None:
    headers, (sent,) = ask(Response(body, media_type="application/json", headers={"ETag": '"3"'}))
    assert gzip.decompress(sent) == body
    assert (headers[b"content-encoding"], headers[b"etag"]) == (b"gzip", b'"3"')
    assert int(headers[b"content-length"]) == len(sent) < len(body)


@pytest.mark.parametrize(
    ("app", "accept"),
    [
        (Response(b"x" * (SIZE_MIN - 1), media_type="application/json"), "gzip"),
        (Response(LONG, media_type="application/json"), "gzip;q=0"),
        (Response(LONG, media_type="image/png"), "gzip"),
        (Response(LONG, media_type="application/json", headers={"Content-Encoding": "br"}), "gzip"),
        (Response(b"", status_code=204, media_type="application/json"), "gzip"),
    ],
)
def test_others_stay_as_they_are(app: Response, accept: str) -> None:
    headers, (sent,) = ask(app, accept)
    assert sent == app.body
    assert headers.get(b"content-encoding") != b"gzip"


def test_a_stream_passes_piece_by_piece() -> None:
    async def pieces() -> Any:
        yield LONG
        yield LONG

    for kind in ("text/event-stream", "application/json"):
        headers, sent = ask(StreamingResponse(pieces(), media_type=kind))
        assert sent[:2] == [LONG, LONG]
        assert b"content-encoding" not in headers
