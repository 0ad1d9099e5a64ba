"""The files that pages load: read once, compressed once, at addresses that change with what is in them."""

from __future__ import annotations

import gzip
import hashlib
from pathlib import Path
from typing import NamedTuple

from starlette.requests import Request
from starlette.responses import Response

FOLDER = Path(__file__).parent / "static"
TYPES = {".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".svg": "image/svg+xml"}
FOR_EVER = "public, max-age=31536000, immutable"
SAVED_MIN = 0.9  # gzip has to bring it below this part


class _File(NamedTuple):
    body: bytes
    zipped: bytes | None
    media_type: str


class Static:
    """All of them have one mark in their addresses, so that a module may import another by its relative path."""

    def __init__(self) -> None:
        self._files: dict[str, _File] = {}
        digest = hashlib.sha256()
        for path in sorted(FOLDER.rglob("*")):
            if path.suffix in TYPES:
                name, body = path.relative_to(FOLDER).as_posix(), path.read_bytes()
                digest.update(name.encode() + b"\0" + body)
                zipped = gzip.compress(body, 9, mtime=0)
                small = len(zipped) < SAVED_MIN * len(body)
                self._files[name] = _File(body, zipped if small else None, TYPES[path.suffix])
        self.mark = digest.hexdigest()[:12]

    def address(self, name: str) -> str:
        """Below the console's own path. A file that isn't there is our mistake."""
        assert name in self._files, f"there is no static file {name}"
        return f"/static/{self.mark}/{name}"

    def answer(self, request: Request, path: str) -> Response:
        """`path` is what follows `/static/`. With another mark (an older page) it is the present file, not kept."""
        mark, _, name = path.partition("/")
        file = self._files.get(name)
        if file is None:
            return Response("There is no such file.\n", 404, media_type="text/plain")
        headers = {"Cache-Control": FOR_EVER if mark == self.mark else "no-cache", "Vary": "Accept-Encoding"}
        body = file.body
        if file.zipped is not None and "gzip" in request.headers.get("accept-encoding", ""):
            body, headers["Content-Encoding"] = file.zipped, "gzip"
        return Response(body, headers=headers, media_type=file.media_type)
