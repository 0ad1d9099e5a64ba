"""Which door a request or a socket is for, by the beginning of its path."""

from __future__ import annotations

from collections.abc import Mapping

from starlette.types import ASGIApp, Receive, Scope, Send


def doors(rest: ASGIApp, by_prefix: Mapping[str, ASGIApp]) -> ASGIApp:
    """A door takes the path that is its prefix, and all that lie below; `rest` takes the others. It sees the whole
    path."""
    known = [(prefix, f"{prefix}/", door) for prefix, door in by_prefix.items()]

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        path = scope["path"]
        for prefix, below, door in known:
            if path.startswith(below) or path == prefix:
                await door(scope, receive, send)
                return
        await rest(scope, receive, send)

    return app
