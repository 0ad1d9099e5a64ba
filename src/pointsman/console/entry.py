"""How a worker comes in: by a link to its desk, whose key becomes a cookie that the browser sends there alone."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from pointsman.console.visit import Visit, url
from pointsman.front import base_of
from pointsman.operations.desks import enter

if TYPE_CHECKING:
    from pointsman.console.app import Console

PATH, KEY = "/desk/", "key"


def cookie_name(request: Request) -> str:
    """Cookies know no ports: two servers on one machine must not take each other's."""
    parts = urlsplit(base_of(request))
    return f"pointsman_desk_{parts.port or parts.scheme}"


def desk_path(workspace: str, worker: str) -> str:
    """The desk's page, below the console."""
    return f"/workspaces/{workspace}/desk/{worker}"


def is_link(request: Request, path: str) -> bool:
    return path.startswith(PATH) and KEY in request.query_params


async def answer(console: Console, request: Request, path: str) -> Response:
    """To the desk, without the key in the address."""
    directory, router = console.logins.directory, console.operations.services.router
    key, worker = request.query_params[KEY], path.removeprefix(PATH)
    entry = await enter(directory, router, key, worker)
    if entry is None:
        return over(console, request)
    page = url(request, desk_path(entry.link.workspace, worker))
    response = RedirectResponse(page, 303)
    response.set_cookie(
        cookie_name(request),
        key,
        expires=_moment(entry.link.ends_s),
        path=page,
        secure=base_of(request).startswith("https:"),
        httponly=True,
        samesite="lax",
    )
    return response


def _moment(second: int) -> datetime:
    return datetime.fromtimestamp(second, UTC)


def over(console: Console, request: Request) -> Response:
    """What a worker is told whose link has ended."""
    if request.headers.get("hx-request") == "true" or "text/html" not in request.headers.get("accept", ""):
        return Response(status_code=401)  # session.js says what becomes of the page that asks
    return HTMLResponse(console.render("desk_over.html", request=request, left=False), 401)


async def leave(visit: Visit) -> Response:
    """Out of this browser: the link goes on."""
    response = HTMLResponse(visit.console.render("desk_over.html", request=visit.request, left=True))
    response.delete_cookie(cookie_name(visit.request), path=visit.here.removesuffix("/leave"))
    return response
