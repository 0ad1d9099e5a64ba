"""Copies of browser SDKs, served from a folder of the operator's: for pages that loaded them from the vendor's hosts.

We ship none. A name is one segment of a small alphabet, so none leads out of the folder.
"""

from __future__ import annotations

import asyncio
import hashlib
import re
from pathlib import Path

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.types import Receive, Scope, Send

PREFIX = "/sdk"
TYPES = {".js": "text/javascript", ".mjs": "text/javascript", ".map": "application/json"}
KEPT_S = 3_600  # by a browser, before it asks whether there is another
BYTES_MAX = 8 * 1024 * 1024  # read whole
_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}", re.ASCII)
_HEADERS = {
    "Access-Control-Allow-Origin": "*",
    "Cache-Control": f"public, max-age={KEPT_S}",
    "X-Content-Type-Options": "nosniff",
}


class Scripts:
    """An ASGI application: `/sdk/taskrouter.min.js` is the folder's file of that name."""

    def __init__(self, folder: Path) -> None:
        """Raises: `ValueError`, if there is no such folder."""
        if not folder.is_dir():
            raise ValueError(f"worker_scripts {str(folder)!r}: expected a folder")
        self._folder = folder

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        response = await self._answer(Request(scope, receive))
        await response(scope, receive, send)

    async def _answer(self, request: Request) -> Response:
        if request.method not in ("GET", "HEAD"):
            return PlainTextResponse("Only GET and HEAD are served here", 405, {"Allow": "GET, HEAD"})
        name = request.scope["path"].removeprefix(f"{PREFIX}/")
        kind = TYPES.get(Path(name).suffix) if _NAME.fullmatch(name) else None
        content = await asyncio.to_thread(self._read, name) if kind else None
        if content is None:
            return PlainTextResponse(f"There is no such script: expected a file in worker_scripts, {_kinds()}", 404)
        etag = f'"{hashlib.sha256(content).hexdigest()[:32]}"'
        headers = _HEADERS | {"ETag": etag}
        if etag in request.headers.get("if-none-match", "").replace("W/", "").split(", "):
            return Response(status_code=304, headers=headers)
        return Response(content, headers=headers, media_type=kind)

    def _read(self, name: str) -> bytes | None:
        path = self._folder / name
        try:
            return path.read_bytes() if path.is_file() and path.stat().st_size <= BYTES_MAX else None
        except OSError:
            return None


def _kinds() -> str:
    return " or ".join(TYPES)
