"""A request over HTTP, read: its path, its form or body; and replies, spelled as responses."""

from __future__ import annotations

import asyncio

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from pointsman import front
from pointsman.api.multipart import ENCODINGS, charset_of, read_multipart
from pointsman.front import BODY_BYTES_MAX, BadBody, header
from pointsman.operations import Refused, Reply
from pointsman.wire.errors import TOO_SLOW, UNSUPPORTED, Problem, bad_body
from pointsman.wire.forms import PARAMETERS_MAX, Pairs, read_pairs

BODY_INLINE_MAX = 64 * 1024  # takes milliseconds to read; more is done in a thread
SHOWN_MAX = 64  # characters of a header, in a message
URLENCODED, MULTIPART, JSON = "application/x-www-form-urlencoded", "multipart/form-data", "application/json"
JSON_TYPE = "application/json; charset=utf-8"
_encode = msgspec.json.Encoder().encode


class Answer(Response):
    """A body that is JSON already, and headers that are encoded already."""

    def __init__(self, status: int, body: bytes, *headers: tuple[bytes, bytes]) -> None:
        self.status_code, self.body, self.background = status, body, None
        self.raw_headers = [(b"content-length", b"%d" % len(body)), (b"content-type", JSON_TYPE.encode()), *headers]


def raw_path(request: Request) -> str:
    """The path as it was received."""
    return str(request.scope.get("raw_path", b"").decode("latin-1").partition("?")[0] or request.url.path)


def address_of(request: Request) -> str | None:
    """Of its client, as far as it is known."""
    client = request.scope.get("client")
    return client[0] if client else None


async def read_form(request: Request) -> Pairs:
    """The parameters of a POST. Raises: `Invalid`, `Refused` (408, 413, 415)."""
    body = await read_body(request)
    if not body:
        return []  # of no type
    content_type = header(request, b"content-type") or ""
    if content_type == URLENCODED and len(body) <= BODY_INLINE_MAX:  # as most are
        return read_pairs(body)
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


async def read_json(request: Request) -> bytes:
    """The body of a POST that takes JSON, as it is. Raises: `Refused` (408, 413, 415)."""
    kind = type_of(request)
    if kind not in (JSON, URLENCODED, ""):
        raise unsupported(f"Content-Type {kind[:SHOWN_MAX]} is not supported here: expected {JSON}")
    return await read_body(request)


def _parse(kind: str, content_type: str, body: bytes) -> Pairs:
    return read_multipart(content_type, body, PARAMETERS_MAX) if kind == MULTIPART else read_pairs(body)


def type_of(request: Request) -> str:
    """The type of the body, without its parameters; empty, if nothing says."""
    return (header(request, b"content-type") or "").partition(";")[0].strip().lower()


def unsupported(message: str) -> Refused:
    """415."""
    return Refused(UNSUPPORTED.problem(message))


async def read_body(request: Request) -> bytes:
    """Raises: `Refused` (400, 408, 413, 415)."""
    try:
        return await front.read_body(request, request.scope.get("pointsman.body_bytes_max", BODY_BYTES_MAX))
    except BadBody as bad:
        headers = {"Connection": "close"} if bad.status == TOO_SLOW.status else None
        raise Refused(bad_body(bad.status, str(bad)), headers) from None


def respond(reply: Reply) -> Response:
    headers = [(b"etag", reply.etag.encode())] if reply.etag else []
    return Answer(reply.status, b"" if reply.body is None else _encode(reply.body), *headers)  # also a 204 [observed]


def respond_problem(problem: Problem, headers: dict[str, str] | None = None) -> Response:
    pairs = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in (headers or {}).items()]
    return Answer(problem.status, _encode(problem.body()), *pairs)
