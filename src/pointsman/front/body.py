"""The body of a request, read within limits, whichever door it is for."""

from __future__ import annotations

import asyncio

from starlette.requests import ClientDisconnect, Request

BODY_BYTES_MAX = 4 * 1024 * 1024  # the setting's default: a configuration of 1 MiB, percent-encoded, fits
BODY_S_MAX = 30.0
WHOLE_BODY = "pointsman.whole_body"  # in a scope: what gives the body, if it has arrived as a whole; else None
SHOWN_MAX = 64  # characters of a header, in a message


class BadBody(Exception):
    """It can't be read; the message says why. `status` is that of HTTP."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


def header(request: Request, name: bytes) -> str | None:
    """The first of that name, in lower case."""
    for each, value in request.scope["headers"]:
        if each == name:
            return str(value.decode("latin-1"))
    return None


async def read_body(request: Request, bytes_max: int = BODY_BYTES_MAX) -> bytes:
    """Raises: `BadBody` (400, 408, 413, 415)."""
    encoding = (header(request, b"content-encoding") or "").strip().lower()
    if encoding not in ("", "identity"):
        raise BadBody(415, f"Content-Encoding {encoding[:SHOWN_MAX]} is not supported: expected the body as it is")
    whole_body = request.scope.get(WHOLE_BODY)
    body: bytes | None = whole_body() if whole_body is not None else None
    if body is not None and len(body) <= bytes_max:
        return body
    try:
        async with asyncio.timeout(BODY_S_MAX):
            return await _read_chunks(request, bytes_max)
    except TimeoutError:
        raise BadBody(408, f"The request was not complete after {BODY_S_MAX:g} s") from None
    except ClientDisconnect:
        raise BadBody(400, "The client left before its request was complete") from None


async def _read_chunks(request: Request, bytes_max: int) -> bytes:
    """What is too large is refused as soon as that is known; the protocol throws the rest away."""
    too_large = BadBody(413, f"The request body is too large: expected at most {bytes_max} bytes")
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
