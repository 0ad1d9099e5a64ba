"""One request, read: who asks, for what, with which parameters; and the reply to it."""

from __future__ import annotations

import asyncio
from typing import Any, NamedTuple
from urllib.parse import parse_qsl

import msgspec
from starlette.datastructures import UploadFile
from starlette.formparsers import MultiPartException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from pointsman.core.errors import Invalid
from pointsman.core.limits import Limits
from pointsman.core.record import Origin
from pointsman.core.types import Sid, WorkspaceSid
from pointsman.ports import Account, Router, Store
from pointsman.wire.errors import TOO_LARGE, TOO_SLOW, Problem

BODY_BYTES_MAX = 4 * 1024 * 1024  # a configuration of 1 MiB, percent-encoded, fits
BODY_S_MAX = 30.0
PARAMETERS_MAX = 1_000
Pairs = list[tuple[str, str]]
JSON_TYPE = "application/json; charset=utf-8"
_encode = msgspec.json.Encoder().encode


class Services(NamedTuple):
    """What endpoints work with."""

    router: Router
    store: Store
    version: str
    limits: Limits
    scans: asyncio.Semaphore  # held by lists that have to look at more than a few rows


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
        return parse_qsl(text.decode("ascii"), keep_blank_values=True, errors="strict", max_num_fields=PARAMETERS_MAX)
    except UnicodeError:
        raise Invalid("The parameters are not valid UTF-8, percent-encoded") from None
    except ValueError:
        raise Invalid(f"Too many parameters: expected at most {PARAMETERS_MAX}") from None


async def read_form(request: Request) -> Pairs:
    """The parameters of a POST. Raises: `Invalid`, `Refused` (413)."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    body = await read_body(request)
    if not body:
        return []
    if kind == "multipart/form-data":
        return await _read_multipart(request, body)
    if kind not in ("application/x-www-form-urlencoded", ""):
        raise Invalid(
            f"Content-Type {kind} is not supported here: expected application/x-www-form-urlencoded "
            "or multipart/form-data"
        )
    try:
        return read_pairs(body)
    except UnicodeDecodeError:
        raise Invalid("The body is not a URL-encoded form") from None


async def read_body(request: Request) -> bytes:
    """Raises: `Refused` (413, 408), `Invalid`."""
    try:
        async with asyncio.timeout(BODY_S_MAX):
            return await _read_chunks(request)
    except TimeoutError:
        message = f"The request was not complete after {BODY_S_MAX:g} s"
        raise Refused(TOO_SLOW.problem(message), {"Connection": "close"}) from None
    except ClientDisconnect:
        raise Invalid("The client left before its request was complete") from None


async def _read_chunks(request: Request) -> bytes:
    chunks: list[bytes] = []
    size = 0
    async for chunk in request.stream():
        size += len(chunk)
        if size > BODY_BYTES_MAX:
            message = f"The request body is too large: expected at most {BODY_BYTES_MAX} bytes"
            raise Refused(TOO_LARGE.problem(message), {"Connection": "close"})
        chunks.append(chunk)
    return b"".join(chunks)


async def _read_multipart(request: Request, body: bytes) -> Pairs:
    """Old versions of the Node library send it."""

    async def replay() -> dict[str, Any]:
        return {"type": "http.request", "body": body, "more_body": False}

    again = Request(request.scope, replay)
    try:
        async with again.form(max_fields=PARAMETERS_MAX, max_part_size=BODY_BYTES_MAX) as form:
            pairs = form.multi_items()
    except (MultiPartException, UnicodeError, KeyError) as problem:
        raise Invalid(f"The multipart body can't be read: {problem}") from None
    except Exception as problem:  # Starlette tells of a bad boundary by an HTTPException of its own
        raise Invalid(f"The multipart body can't be read: {getattr(problem, 'detail', problem)}") from None
    if any(isinstance(value, UploadFile) for _, value in pairs):
        raise Invalid("Files are not accepted: expected form fields alone")
    return [(name, str(value)) for name, value in pairs]


def respond(reply: Reply) -> Response:
    headers = {"ETag": reply.etag} if reply.etag else {}
    if reply.body is None:
        return Response(status_code=reply.status, headers=headers, media_type=JSON_TYPE)
    return Response(_encode(reply.body), status_code=reply.status, headers=headers, media_type=JSON_TYPE)


def respond_problem(problem: Problem, headers: dict[str, str] | None = None) -> Response:
    return Response(_encode(problem.body()), status_code=problem.status, headers=headers, media_type=JSON_TYPE)
