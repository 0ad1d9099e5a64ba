"""What both protocols read and write in the same way: bodies of requests, and answers to requests and to handshakes."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

from starlette.types import Receive, Scope, Send

from pointsman.core.errors import Invalid
from pointsman.core.types import Millis
from pointsman.operations import Refused
from pointsman.wire.errors import TOO_LARGE, TOO_SLOW

BODY_S_MAX = 30.0
TOKENS_KEPT_MAX = 100_000
JSON = (b"content-type", b"application/json; charset=utf-8")
Headers = Sequence[tuple[bytes, bytes]]


class Firsts:
    """The tokens that have connected, until they expire. A token displaces other sessions only the first time: a client
    that was displaced comes back with the same query, and must not displace in turn [sdk-test]."""

    def __init__(self) -> None:
        self._until: dict[bytes, Millis] = {}

    def is_first(self, token: bytes, expires_ms: Millis, now_ms: Millis) -> bool:
        if token in self._until:
            return False
        if len(self._until) >= TOKENS_KEPT_MAX:
            self._until = {each: until for each, until in self._until.items() if until > now_ms}
        self._until[token] = expires_ms
        return True


async def read_body(headers: Mapping[str, str], receive: Receive, bytes_max: int) -> bytes:
    """Raises: `Refused` (408, 413), `Invalid`."""
    chunks: list[bytes] = []
    size = int(headers.get("content-length", "0"))
    try:
        async with asyncio.timeout(BODY_S_MAX):
            while size <= bytes_max:
                message = await receive()
                if message["type"] == "http.disconnect":
                    raise Invalid("The client left before its request was complete")
                chunks.append(message.get("body", b""))
                if not message.get("more_body", False):
                    return b"".join(chunks)
                size = max(size, sum(map(len, chunks)))
    except TimeoutError:
        raise Refused(TOO_SLOW.problem(f"The request was not complete after {BODY_S_MAX:g} s")) from None
    raise Refused(TOO_LARGE.problem(f"The request body is too large: expected at most {bytes_max} bytes"))


async def answer(scope: Scope, send: Send, status: int, body: bytes, headers: Headers) -> None:
    """To a request; or to a handshake, which it refuses."""
    kind = "websocket.http.response" if scope["type"] == "websocket" else "http.response"
    told: list[tuple[bytes, bytes]] = [*headers, (b"content-length", b"%d" % len(body)), *((JSON,) if body else ())]
    start: dict[str, Any] = {"type": f"{kind}.start", "status": status, "headers": told}
    await send(start)
    await send({"type": f"{kind}.body", "body": body})
