"""Which door a request or a socket is for, by the beginning of its path."""

from __future__ import annotations

from collections.abc import Awaitable, Collection, Mapping

from starlette.types import ASGIApp, Receive, Scope, Send

NO_SOCKET = b"There is no socket at this path"


def doors(rest: ASGIApp, by_prefix: Mapping[str, ASGIApp], sockets: Collection[str] = ()) -> ASGIApp:
    """A door takes the path that is its prefix, and all that lie below; `rest` takes the others. It sees the whole
    path. Sockets are for the doors of the prefixes in `sockets`, and refused elsewhere. When a door is found nothing is
    left to do here, so what it does is handed on and not waited for."""
    known = [(prefix, f"{prefix}/", door) for prefix, door in by_prefix.items()]

    def find(path: str) -> tuple[str | None, ASGIApp]:
        for prefix, below, door in known:
            if path.startswith(below) or path == prefix:
                return prefix, door
        return None, rest

    def app(scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
        prefix, door = find(scope["path"])
        if scope["type"] == "websocket" and prefix not in sockets:
            return _refuse(send)
        return door(scope, receive, send)

    return app


async def _refuse(send: Send) -> None:
    headers = [(b"content-type", b"text/plain; charset=utf-8"), (b"content-length", b"%d" % len(NO_SOCKET))]
    await send({"type": "websocket.http.response.start", "status": 404, "headers": headers})
    await send({"type": "websocket.http.response.body", "body": NO_SOCKET})
