"""Answers as gzip, for those who take it."""

from __future__ import annotations

import asyncio
import zlib
from collections.abc import Awaitable
from functools import lru_cache

from starlette.types import ASGIApp, Message, Receive, Scope, Send

SIZE_MIN = 4_096  # less fits into a few packets anyway; to most answers, of one resource, gzip only added time
SIZE_SMALL = 8 * 1024  # needs no large window, which takes ten times as long to set up
SIZE_INLINE_MAX = 64 * 1024  # takes less than a millisecond; more is done in a thread
LEVEL = 1  # of a page of a thousand workers, level 6 saves another 7 % and takes twice as long
ACCEPT_LENGTH_MAX = 512


def accepts_gzip(header: str) -> bool:
    """Whether `Accept-Encoding` allows gzip [RFC 9110, 12.5.3]."""
    return len(header) <= ACCEPT_LENGTH_MAX and _accepts(header.lower())


@lru_cache(maxsize=256)
def _accepts(header: str) -> bool:
    weights: dict[str, float] = {}
    for word in header.split(","):
        coding, _, parameter = word.partition(";")
        name, _, weight = parameter.partition("=")
        try:
            weights[coding.strip()] = float(weight) if name.strip() == "q" else 1.0
        except ValueError:
            weights[coding.strip()] = 0.0
    return max(weights.get("gzip", weights.get("*", 0.0)), weights.get("x-gzip", 0.0)) > 0


def compressing(app: ASGIApp) -> ASGIApp:
    """Bodies that come in one piece are compressed; streams pass as they are."""

    def wrapped(scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
        accepted = [value for name, value in scope["headers"] if name == b"accept-encoding"]
        if not accepted or not accepts_gzip(b", ".join(accepted).decode("latin-1")):
            return app(scope, receive, send)
        start: Message | None = None

        async def send_compressed(message: Message) -> None:
            nonlocal start
            if message["type"] == "http.response.start" and _is_compressible(message):
                start = message
                return
            if start is not None:
                head, start = start, None
                if message["type"] == "http.response.body" and not message.get("more_body"):
                    message = await _compress(head, message)
                await send(head)
            await send(message)

        return app(scope, receive, send_compressed)

    return wrapped


def _is_compressible(start: Message) -> bool:
    headers = dict(start["headers"])
    kind = headers.get(b"content-type", b"")
    is_text = kind.startswith((b"application/json", b"text/")) and not kind.startswith(b"text/event-stream")
    return is_text and b"content-encoding" not in headers


async def _compress(start: Message, message: Message) -> Message:
    body = message.get("body", b"")
    if len(body) < SIZE_MIN:
        return message
    body = compress(body) if len(body) <= SIZE_INLINE_MAX else await asyncio.to_thread(compress, body)
    kept = [pair for pair in start["headers"] if pair[0] != b"content-length"]
    start["headers"] = [*kept, (b"content-length", b"%d" % len(body)), (b"content-encoding", b"gzip")]
    return {**message, "body": body}


def compress(body: bytes) -> bytes:
    """As a gzip stream."""
    bits, memory = (13, 6) if len(body) < SIZE_SMALL else (15, 8)
    compressor = zlib.compressobj(LEVEL, zlib.DEFLATED, bits + 16, memory)
    return compressor.compress(body) + compressor.flush()
