"""The outermost layer: what every request is told of its surroundings, and what every answer has in common."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from random import getrandbits
from typing import Any, NamedTuple

import structlog
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from pointsman.api.rates import Limit, RateLimits, Rates, Verdict, read_rate_limits
from pointsman.api.request import respond_problem
from pointsman.front import BODY_BYTES_MAX, FRONT_DEFAULT, BadHost, Front, compressing, place, read_front
from pointsman.operations import Refused
from pointsman.resources import OPERATIONS
from pointsman.wire import errors
from pointsman.wire.forms import read_pairs
from pointsman.wire.spelling import pascal

log = structlog.get_logger()
PREFLIGHT_KEPT_S = 86_400
HEADERS = (  # [observed, 2019], but for the last
    (b"access-control-allow-credentials", b"true"),
    (b"access-control-allow-origin", b"*"),
    (
        b"access-control-allow-headers",
        b"Accept, Authorization, Content-Type, If-Match, If-Modified-Since, If-None-Match, If-Unmodified-Since",
    ),
    (b"access-control-allow-methods", b"GET, POST, DELETE, OPTIONS"),
    (b"access-control-expose-headers", b"ETag"),
    (b"vary", b"Accept-Encoding"),
)
_ENDING = errors.unavailable("The server is ending")
EXPRESSION_FILTERS = frozenset(pascal(name) for operation in OPERATIONS for name in operation.costly)
BULK_STATISTICS = "/TaskQueues/RealTimeStatistics"


class Edge(NamedTuple):
    """The settings of the edge."""

    front: Front = FRONT_DEFAULT
    body_bytes_max: int = BODY_BYTES_MAX
    limits: RateLimits = RateLimits()


EDGE_DEFAULT = Edge()


def read_edge(settings: Mapping[str, Any]) -> Edge:
    """Raises: `ValueError`, with a sentence that names the setting."""
    if settings["body_bytes_max"] < 1:
        raise ValueError(f"body_bytes_max {settings['body_bytes_max']}: expected a number of bytes from 1")
    return Edge(
        read_front(settings),
        settings["body_bytes_max"],
        read_rate_limits(settings),
    )


def admit(account: str, request: Request) -> None:
    """One more request of an account. Raises: `Refused` (429)."""
    door: Door = request.scope["pointsman.door"]
    door.admit(account, request)


class Door:
    """Counts the requests of each account."""

    def __init__(self, limits: RateLimits, rates: Rates | None = None) -> None:
        self._limits, self._rates = limits, rates or Rates()
        self._is_open = not any(limit.per_second for limit in limits)

    def admit(self, account: str, request: Request) -> None:
        """Raises: `Refused` (429). Else the answer, whatever it is, will say what is left of the limit."""
        if self._is_open:
            return
        verdict = self._rates.ask(account, self._limits_for(request))
        if verdict is None:
            return
        if verdict.wait_s:
            raise Refused(errors.TOO_MANY, verdict.headers)
        request.scope["pointsman.headers"] = _encoded(verdict)

    def _limits_for(self, request: Request) -> tuple[Limit, ...]:
        limits = self._limits
        if request.method == "POST":
            if limits.bulk_statistics.per_second and request.url.path.endswith(BULK_STATISTICS):
                return limits.requests, limits.bulk_statistics
        elif limits.expression_filters.per_second:
            sent = read_pairs(request.scope["query_string"])
            if any(text and name in EXPRESSION_FILTERS for name, text in sent):
                return limits.requests, limits.expression_filters
        return (limits.requests,)


def _encoded(verdict: Verdict) -> list[tuple[bytes, bytes]]:
    return [(name.lower().encode(), value.encode()) for name, value in verdict.headers.items()]


def with_headers(app: ASGIApp, edge: Edge) -> ASGIApp:
    """The headers that every answer has; and to every request: its client's address, and the base of its URLs."""
    compressed, door = compressing(app), Door(edge.limits)

    async def wrapped(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await app(scope, receive, send)
            return
        began, started = time.perf_counter(), False

        async def send_with_headers(message: Message) -> None:
            nonlocal started
            if message["type"] == "http.response.start":
                started = True
                message["headers"] = [
                    *message["headers"],
                    *HEADERS,
                    *scope.get("pointsman.headers", ()),
                    (b"twilio-request-id", b"RQ%032x" % getrandbits(128)),  # names a request, guards nothing
                    (b"twilio-request-duration", f"{time.perf_counter() - began:.3f}".encode()),
                ]
                if scope["method"] == "OPTIONS":
                    message["headers"].append((b"access-control-max-age", b"%d" % PREFLIGHT_KEPT_S))
            await send(message)

        try:
            place(scope, edge.front)
        except BadHost as problem:
            answer = respond_problem(errors.INVALID.problem(str(problem)))
            await answer(scope, receive, send_with_headers)
            return
        scope["pointsman.door"] = door
        scope["pointsman.body_bytes_max"] = edge.body_bytes_max
        try:
            await compressed(scope, receive, send_with_headers)
        except asyncio.CancelledError:  # the server ends, and has waited for this one as long as it does
            if started:
                raise
            await respond_problem(_ENDING, errors.RETRY_AFTER)(scope, receive, send_with_headers)
        except Exception:
            log.exception("request_failed", method=scope["method"], path=scope["path"])
            if not started:
                await respond_problem(errors.INTERNAL)(scope, receive, send_with_headers)

    return wrapped
