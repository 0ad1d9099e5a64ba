"""One request, read: who asks, for what, with which parameters; and the reply to it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, NamedTuple
from urllib.parse import parse_qsl

import msgspec
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from pointsman.api.multipart import ENCODINGS, charset_of, read_multipart
from pointsman.core.errors import Invalid
from pointsman.core.limits import Limits
from pointsman.core.record import Origin
from pointsman.core.types import AccountSid, Sid, WorkspaceSid
from pointsman.ports import Account, EventSender, Router, Store
from pointsman.resources.statistics import REACH_DAYS
from pointsman.wire.errors import TOO_LARGE, TOO_SLOW, UNSUPPORTED, Problem

BODY_BYTES_MAX = 4 * 1024 * 1024  # the setting's default: a configuration of 1 MiB, percent-encoded, fits
BODY_S_MAX = 30.0
BODY_INLINE_MAX = 64 * 1024  # takes milliseconds to read; more is done in a thread
PARAMETERS_MAX = 1_000
SHOWN_MAX = 64  # characters of a header, in a message
URLENCODED, MULTIPART = "application/x-www-form-urlencoded", "multipart/form-data"
Pairs = list[tuple[str, str]]
JSON_TYPE = "application/json; charset=utf-8"
_encode = msgspec.json.Encoder().encode


class Services(NamedTuple):
    """What endpoints work with."""

    router: Router
    store: Store
    version: str
    limits: Limits
    sender: EventSender
    scans: asyncio.Semaphore  # held by lists that have to look at more than a few rows
    metrics: Callable[[AccountSid], Awaitable[bytes]]  # what `/metrics` shows to an account
    statistics_days: int = REACH_DAYS  # how far they go back: no further than events are kept


class Reply(NamedTuple):
    status: int
    body: Any = None
    etag: str | None = None


class Caller(NamedTuple):
    """Who asks: an account, by its auth token or by one of its API keys."""

    account: Account
    api_key: Sid | None


class Call(NamedTuple):
    request: Request
    services: Services
    caller: Caller
    base: str  # scheme, host and port that the client used
    form: Pairs

    @property
    def account(self) -> Account:
        return self.caller.account

    @property
    def router(self) -> Router:
        return self.services.router

    @property
    def workspace(self) -> WorkspaceSid:
        return workspace_of(self.request)

    def sid(self, name: str) -> str:
        """A segment of the path."""
        return str(self.request.path_params[name])

    @property
    def query(self) -> Pairs:
        return read_pairs(self.request.scope["query_string"])

    @property
    def origin(self) -> Origin:
        client = self.request.client
        return Origin(
            actor=self.caller.api_key or self.account.sid,
            kind="api_key" if self.caller.api_key else "account",
            source="api",
            address=client.host if client else None,
        )

    @property
    def path(self) -> str:
        return raw_path(self.request)


def workspace_of(request: Request) -> WorkspaceSid:
    """The workspace that the path names. Only of paths that name one."""
    return WorkspaceSid(request.path_params.get("WorkspaceSid") or request.path_params["Sid"])


class Refused(Exception):
    """An answer that ends the request at once."""

    def __init__(self, problem: Problem, headers: dict[str, str] | None = None) -> None:
        super().__init__(problem.message)
        self.problem, self.headers = problem, headers or {}


def raw_path(request: Request) -> str:
    """The path as it was received."""
    return str(request.scope.get("raw_path", b"").decode("latin-1").partition("?")[0] or request.url.path)


def read_pairs(text: bytes) -> Pairs:
    """Raises: `Invalid`, for text that is not UTF-8 and for too many parameters."""
    try:
        return parse_qsl(text.decode(), keep_blank_values=True, errors="strict", max_num_fields=PARAMETERS_MAX)
    except UnicodeError:
        raise Invalid("The parameters are not valid UTF-8") from None
    except ValueError:
        raise Invalid(f"Too many parameters: expected at most {PARAMETERS_MAX}") from None


async def read_form(request: Request) -> Pairs:
    """The parameters of a POST. Raises: `Invalid`, `Refused` (408, 413, 415)."""
    body = await read_body(request)
    if not body:
        return []  # of no type
    content_type = request.headers.get("content-type", "")
    kind = type_of(request) or URLENCODED
    if kind not in (URLENCODED, MULTIPART):
        raise unsupported(
            f"Content-Type {kind[:SHOWN_MAX]} is not supported here: expected {URLENCODED} or {MULTIPART}"
        )
    charset = charset_of(content_type)
    if charset not in ENCODINGS:
        raise unsupported(f"The charset {charset[:SHOWN_MAX]} is not supported: expected UTF-8")
    if len(body) > BODY_INLINE_MAX:
        return await asyncio.to_thread(_parse, kind, content_type, body)
    return _parse(kind, content_type, body)


def _parse(kind: str, content_type: str, body: bytes) -> Pairs:
    return read_multipart(content_type, body, PARAMETERS_MAX) if kind == MULTIPART else read_pairs(body)


def type_of(request: Request) -> str:
    """The type of the body, without its parameters; empty, if nothing says."""
    return request.headers.get("content-type", "").partition(";")[0].strip().lower()


def unsupported(message: str) -> Refused:
    """415."""
    return Refused(UNSUPPORTED.problem(message))


async def read_body(request: Request) -> bytes:
    """Raises: `Refused` (408, 413, 415), `Invalid`."""
    encoding = request.headers.get("content-encoding", "identity").strip().lower()
    if encoding not in ("", "identity"):
        raise unsupported(f"Content-Encoding {encoding[:SHOWN_MAX]} is not supported: expected the body as it is")
    try:
        async with asyncio.timeout(BODY_S_MAX):
            return await _read_chunks(request, request.scope.get("pointsman.body_bytes_max", BODY_BYTES_MAX))
    except TimeoutError:
        message = f"The request was not complete after {BODY_S_MAX:g} s"
        raise Refused(TOO_SLOW.problem(message), {"Connection": "close"}) from None
    except ClientDisconnect:
        raise Invalid("The client left before its request was complete") from None


async def _read_chunks(request: Request, bytes_max: int) -> bytes:
    """What is too large is refused as soon as that is known; the protocol throws the rest away."""
    too_large = Refused(TOO_LARGE.problem(f"The request body is too large: expected at most {bytes_max} bytes"))
    if int(request.headers.get("content-length", 0)) > bytes_max:
        raise too_large
    chunks: list[bytes] = []
    size = 0
    async for chunk in request.stream():
        size += len(chunk)
        if size > bytes_max:
            raise too_large
        chunks.append(chunk)
    return b"".join(chunks)


def respond(reply: Reply) -> Response:
    headers = {"ETag": reply.etag} if reply.etag else {}
    if reply.body is None:
        headers["Content-Length"] = "0"  # also of a 204 [observed]
        return Response(status_code=reply.status, headers=headers, media_type=JSON_TYPE)
    return Response(_encode(reply.body), status_code=reply.status, headers=headers, media_type=JSON_TYPE)


def respond_problem(problem: Problem, headers: dict[str, str] | None = None) -> Response:
    return Response(_encode(problem.body()), status_code=problem.status, headers=headers, media_type=JSON_TYPE)
