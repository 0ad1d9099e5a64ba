"""What both protocols read and write in the same way: bodies of requests, and answers to requests and to handshakes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from starlette.requests import Request
from starlette.types import Receive, Scope, Send

from pointsman import front
from pointsman.core.types import Millis
from pointsman.front import BadBody
from pointsman.operations import Refused
from pointsman.wire.errors import bad_body

TOKENS_KEPT_MAX = 100_000
JSON = (b"content-type", b"application/json; charset=utf-8")
Headers = Sequence[tuple[bytes, bytes]]


class Firsts:
    """The tokens that have displaced other sessions, until they expire. A token does so only once: a client that was
    displaced comes back with the same query, and must not displace in turn [sdk-test]."""

    def __init__(self) -> None:
        self._until: dict[bytes, Millis] = {}

    def is_first(self, token: bytes, expires_ms: Millis, now_ms: Millis) -> bool:
        if token in self._until:
            return False
        if len(self._until) >= TOKENS_KEPT_MAX:
            self._until = {each: until for each, until in self._until.items() if until > now_ms}
        if len(self._until) >= TOKENS_KEPT_MAX:
            del self._until[next(iter(self._until))]  # the oldest
        self._until[token] = expires_ms
        return True


async def read_body(scope: Scope, receive: Receive, bytes_max: int) -> bytes:
    """Raises: `Refused` (400, 408, 413, 415)."""
    try:
        return await front.read_body(Request(scope, receive), bytes_max)
    except BadBody as bad:
        raise Refused(bad_body(bad.status, str(bad))) from None


async def answer(scope: Scope, send: Send, status: int, body: bytes, headers: Headers) -> None:
    """To a request; or to a handshake, which it refuses."""
    kind = "websocket.http.response" if scope["type"] == "websocket" else "http.response"
    told: list[tuple[bytes, bytes]] = [*headers, (b"content-length", b"%d" % len(body)), *((JSON,) if body else ())]
    start: dict[str, Any] = {"type": f"{kind}.start", "status": status, "headers": told}
    await send(start)
    await send({"type": f"{kind}.body", "body": body})
