"""Signing in and out: with an account's SID and auth token, or an API key's SID and secret."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlencode, urlsplit

from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response

from pointsman.console.sessions import is_own_origin
from pointsman.console.visit import Visit, url
from pointsman.core.errors import Invalid
from pointsman.front import BadBody, base_of, read_body
from pointsman.operations import Refused
from pointsman.wire.forms import read_pairs

if TYPE_CHECKING:
    from pointsman.console.app import Console

PATH = "/sign-in"
FORM_BYTES_MAX = 8_192
NEXT_LENGTH_MAX = 2_048
WRONG = "These are not the SID and token of an account, nor the SID and secret of an API key."


def cookie_name(request: Request) -> str:
    """Cookies know no ports: two servers on one machine must not take each other's."""
    parts = urlsplit(base_of(request))
    return f"pointsman_session_{parts.port or parts.scheme}"


def set_cookie(request: Request, response: Response, value: str) -> None:
    response.set_cookie(
        cookie_name(request),
        value,
        path=url(request, ""),
        secure=base_of(request).startswith("https:"),
        httponly=True,
        samesite="lax",
    )


async def answer(console: Console, request: Request) -> Response:
    """The page, and what it sends."""
    if request.method == "POST":
        return await _sign_in(console, request)
    if await console.sessions.find(request.cookies.get(cookie_name(request), "")):
        return RedirectResponse(_next(request, request.query_params.get("next", "")), 303)
    return _page(console, request)


async def _sign_in(console: Console, request: Request) -> Response:
    if not is_own_origin(request.headers, base_of(request)):
        return _page(console, request, 403, problem="This was sent from a page of another site.")
    try:
        sent = dict(read_pairs(await read_body(request, FORM_BYTES_MAX)))
    except (BadBody, Invalid) as bad:
        return _page(console, request, 400, problem=str(bad))
    user, password, wanted = (sent.get(name, "").strip() for name in ("user", "password", "next"))
    try:
        await console.logins.login(user, password, request.client.host if request.client else "")
    except Refused as refused:
        wait_s = refused.headers.get("Retry-After")
        problem = f"Too many failed attempts from your address. Try again in {wait_s} s." if wait_s else WRONG
        return _page(console, request, refused.problem.status, wanted=wanted, user=user, problem=problem)
    response = RedirectResponse(_next(request, wanted), 303)
    set_cookie(request, response, console.sessions.begin(user, password))
    return response


async def session(visit: Visit) -> Response:
    """For a page whose own session has ended: that there is one again, whose, and what forms have to send in it."""
    return JSONResponse({"csrf": visit.session.csrf, "whose": visit.session.whose})


async def sign_out(visit: Visit) -> Response:
    visit.console.sessions.end(visit.session)
    response = visit.go(visit.url(PATH))
    response.delete_cookie(cookie_name(visit.request), path=visit.url(""))
    return response


def redirect(request: Request) -> Response:
    """To the sign-in, and back afterwards to the page that was open."""
    headers = request.headers
    if headers.get("hx-request") == "true" or "text/html" not in headers.get("accept", ""):
        return Response(status_code=401)  # session.js says what becomes of the page that asks
    if request.method not in ("GET", "HEAD"):
        return RedirectResponse(url(request, PATH), 303)
    path = urlsplit(base_of(request)).path + request.scope["path"]
    return RedirectResponse(_address(request, path, request.scope["query_string"].decode("latin-1")), 303)


def _address(request: Request, path: str, query: str) -> str:
    wanted = path + (f"?{query}" if query else "")
    is_home = wanted in (url(request, "/"), url(request, ""))
    return url(request, PATH) + (f"?{urlencode({'next': wanted})}" if _is_own(request, wanted) and not is_home else "")


def _next(request: Request, wanted: str) -> str:
    """Where to go on: only to a page of the console."""
    return wanted if _is_own(request, wanted) else url(request, "/")


def _is_own(request: Request, wanted: str) -> bool:
    plain = wanted.isascii() and wanted.isprintable() and not any(odd in wanted for odd in ("\\", "//", ".."))
    return plain and wanted.startswith(url(request, "/")) and len(wanted) <= NEXT_LENGTH_MAX


def _page(
    console: Console, request: Request, status: int = 200, *, wanted: str = "", user: str = "", problem: str = ""
) -> Response:
    wanted = _next(request, wanted or request.query_params.get("next", ""))
    text = console.render("sign_in.html", request=request, user=user, next=wanted, problem=problem)
    return HTMLResponse(text, status)
