"""The console's door: static files, sign-in, the pages, and what every answer of it has in common."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import NamedTuple

import structlog
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from pointsman.console import entry, signin
from pointsman.console.fragments import ignore
from pointsman.console.live import SHARE, Hub
from pointsman.console.pages import SECTIONS
from pointsman.console.routes import Route
from pointsman.console.sessions import Session, Sessions, is_own_form, is_own_origin
from pointsman.console.static import Static
from pointsman.console.templating import make_renderer
from pointsman.console.visit import PREFIX, Region, Trouble, Visit
from pointsman.core.errors import Invalid
from pointsman.core.types import Role, WorkspaceSid
from pointsman.front import BadBody, BadHost, Front, accepts_gzip, base_of, compressing, place, read_body
from pointsman.operations import Logins, Operations, Paths, problem_of
from pointsman.ports import Overloaded, StoreUnavailable, UnknownWorkspace
from pointsman.wire.errors import INTERNAL, INVALID, METHOD_NOT_ALLOWED, Problem, forbidden, not_found
from pointsman.wire.forms import read_pairs

log = structlog.get_logger()
POLICY = (
    "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; object-src 'none'; "
    "script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'"
)
HEADERS = (
    (b"content-security-policy", POLICY.encode()),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"permissions-policy", b"camera=(), geolocation=(), microphone=()"),
    (b"referrer-policy", b"same-origin"),
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
)
NOT_KEPT = (b"cache-control", b"no-store")
CSRF_FIELD, CSRF_HEADER = "csrf", "x-csrf-token"
SEEN_HEADER = "x-seen"  # the moment that a region has to be newer than
FRESH_PART = 0.3  # of the time after which a page asks again
SHARE_OPENED = 0.2  # of the processor, for what takes long: whoever opens a page wants to see what was just done


class Console(NamedTuple):
    """What pages work with."""

    operations: Operations
    logins: Logins
    sessions: Sessions
    hub: Hub
    static: Static
    render: Callable[..., str]
    paths: Paths[Route]
    body_bytes_max: int


def build(
    operations: Operations, logins: Logins, hub: Hub, *, front: Front, body_bytes_max: int, session_hours: int
) -> ASGIApp:
    """The console as an ASGI application, for the paths below `/console`."""
    static, paths = Static(), Paths[Route]()
    for section in SECTIONS:
        for route in section.routes:
            paths.add(PREFIX + route.path, route)
    sessions = Sessions(logins.directory, session_hours * 3_600)
    render = make_renderer(static, SECTIONS)
    console = Console(operations, logins, sessions, hub, static, render, paths, body_bytes_max)
    return _with_headers(compressing(partial(_answer, console)), front)


def _with_headers(app: ASGIApp, front: Front) -> ASGIApp:
    async def wrapped(scope: Scope, receive: Receive, send: Send) -> None:
        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                has_its_own = any(name == NOT_KEPT[0] for name, _ in message["headers"])
                message["headers"] = [*message["headers"], *HEADERS, *(() if has_its_own else (NOT_KEPT,))]
            await send(message)

        if scope["type"] != "http":
            return  # a socket that nobody accepts is refused
        try:
            place(scope, front)
        except BadHost as problem:
            await PlainTextResponse(f"{problem}\n", 400)(scope, receive, send_with_headers)
            return
        await app(scope, receive, send_with_headers)

    return wrapped


async def _answer(console: Console, scope: Scope, receive: Receive, send: Send) -> None:
    request = Request(scope, receive, send)
    path = scope["path"].removeprefix(PREFIX) or "/"
    try:
        if path.startswith("/static/"):
            response = console.static.answer(request, path.removeprefix("/static/"))
        elif path == signin.PATH:
            response = await signin.answer(console, request)
        elif entry.is_link(request, path):
            response = await entry.answer(console, request, path)
        else:
            response = await _signed_in(console, request)
    except Exception:
        log.exception("request_failed", method=request.method, path=scope["path"])
        text = console.render("fault.html", request=request, problem=INTERNAL)
        response = HTMLResponse(text, INTERNAL.status)
    await response(scope, receive, send)


async def _signed_in(console: Console, request: Request) -> Response:
    """A page, for whoever has a session; others are led to the sign-in, and from there back to where they were."""
    path = request.scope["path"]
    found = console.paths.find(path) or console.paths.find(path.rstrip("/")) or console.paths.find(f"{path}/")
    route, names = found or (None, {})
    session, cookie = await _session(console, request, route, names)
    if session is None or _is_of_another(session, request):
        was_worker = route is not None and route.for_worker and entry.cookie_name(request) in request.cookies
        return entry.over(console, request) if was_worker else signin.redirect(request)
    visit = Visit(console, request, session, cookie, names)
    try:
        if route is None:
            raise Trouble(not_found(path))
        _check_workspace(visit)
        with console.operations.gate:  # with its form and its rendering; not the sign-in, which is anybody's
            response = await _routed(visit, route)
    except Trouble as trouble:
        response = await _refusal(visit, trouble.problem)
        response.headers.update(trouble.headers)
    except (Overloaded, StoreUnavailable, UnknownWorkspace) as failure:  # where a page looks for itself
        problem, headers = problem_of(failure, path)
        response = await _refusal(visit, problem)
        response.headers.update(headers)
    if _is_use(request):
        await _renew(visit, response)
    return response


def _is_of_another(session: Session, request: Request) -> bool:
    """Whether the page that asks for a part of it was made in another session: it hears that its own has ended, and
    keeps what was typed in it."""
    sent = request.headers.get(CSRF_HEADER)
    return request.headers.get("hx-request") == "true" and sent is not None and not is_own_form(session, sent)


def _is_use(request: Request) -> bool:
    """Whether somebody did this, and not a page that was left open, which asks for its stream, regions and figures."""
    is_page = "region" not in request.query_params and "text/html" in request.headers.get("accept", "")
    return is_page or request.method == "POST"


async def _session(
    console: Console, request: Request, route: Route | None, names: Mapping[str, str]
) -> tuple[Session | None, str]:
    """The session of a request, and its cookie. Who came to a worker's desk by its link is that worker there, unless
    signed in as somebody who may do more in the workspace: opening a link takes nothing away."""
    cookie = request.cookies.get(signin.cookie_name(request), "")
    session = await console.sessions.find(cookie)
    if route is None or not route.for_worker:
        return session, cookie
    router, key = console.operations.services.router, request.cookies.get(entry.cookie_name(request), "")
    workspace, worker = WorkspaceSid(names["workspace"]), names["worker"]
    by_link = await console.sessions.find_worker(router, key, workspace, worker)
    if by_link is None or (session is not None and _may_do_more(session, by_link)):
        return session, cookie
    return by_link, key


def _may_do_more(session: Session, by_link: Session) -> bool:
    caller = session.caller
    return caller.account.sid == by_link.caller.account.sid and caller.role is not Role.VIEWER


def _check_workspace(visit: Visit) -> None:
    """A workspace of another account is as good as none. Raises: `Trouble`."""
    if visit.workspace is None:
        return
    try:
        owner = visit.console.operations.services.router.account_of(visit.workspace)
    except UnknownWorkspace:
        owner = None
    if owner != visit.session.caller.account.sid:
        raise Trouble(not_found(visit.here))


async def _routed(visit: Visit, route: Route) -> Response:
    """Raises: `Trouble`."""
    request = visit.request
    if request.method == "POST" and route.post is not None:
        await _read_form(visit)
        return await route.post(visit)
    if request.method not in ("GET", "HEAD") or route.get is None:
        raise Trouble(METHOD_NOT_ALLOWED.problem(f"This page does not take {request.method}"))
    name = request.query_params.get("region")
    if name is None:
        return await route.get(visit)
    for region in route.regions:
        if region.name == name:
            return await _region(visit, route, region)
    raise Trouble(not_found(f"{visit.here}?region={name}"))


async def _region(visit: Visit, route: Route, region: Region) -> Response:
    """A region again. One that was made after the news that its page has heard of is good enough; and if there was no
    news, but time has passed, one that is a good deal younger than what the page has."""
    if visit.workspace is None:
        return HTMLResponse(await visit.region(region))
    feed, fragments = visit.console.hub.feed(visit.workspace), visit.console.hub.fragments
    query = visit.request.scope["query_string"].decode("latin-1")
    key = (feed.name, visit.here, query, str(visit.may_change), str(visit.may_manage), str(visit.is_worker))
    seen = feed.passed(visit.request.headers.get(SEEN_HEADER, ""))
    wanted = seen if region.topics else None
    tick, make = feed.number, partial(visit.region, region)
    if wanted is None:
        share = SHARE_OPENED if region.later and seen is not None else SHARE
        found = fragments.find_fresh(key, region.every_s * FRESH_PART, share)
        fragment = found or await fragments.make(key, tick, make)
    else:
        slows_pages = not region.later and not route.for_worker  # what takes long has little news; desks are many
        spend = feed.spend if slows_pages else ignore
        fragment = fragments.find(key, wanted) or await fragments.make(key, tick, make, spend)
    takes_gzip = accepts_gzip(visit.request.headers.get("accept-encoding", ""))
    if takes_gzip and fragment.zipped is not None:
        return Response(fragment.zipped, headers={"Content-Encoding": "gzip"}, media_type=HTMLResponse.media_type)
    return HTMLResponse(fragment.body)


async def _read_form(visit: Visit) -> None:
    """What was posted, if it comes from a page of this very session. Raises: `Trouble`."""
    request = visit.request
    if not is_own_origin(request.headers, base_of(request)):
        raise Trouble(forbidden("This was sent from a page of another site"))
    try:
        pairs = read_pairs(await read_body(request, visit.console.body_bytes_max))
    except BadBody as bad:
        raise Trouble(Problem(bad.status, None, str(bad))) from None
    except Invalid as problem:
        raise Trouble(INVALID.problem(str(problem))) from None
    sent = request.headers.get(CSRF_HEADER) or dict(pairs).get(CSRF_FIELD, "")
    if not is_own_form(visit.session, sent):
        raise Trouble(forbidden("This form is not of your present session: load the page again, then send it"))
    visit.form = [(name, value) for name, value in pairs if name != CSRF_FIELD]


async def _refusal(visit: Visit, problem: Problem) -> Response:
    """A word on the page that is open, or a page."""
    if visit.is_partial:
        of = "regions" if visit.is_shared else ""  # of them the last word alone is told
        return await visit.part("toast.html", status=problem.status, text=problem.message, state="bad", of=of)
    visit.names = {}  # there may be no such workspace
    return await visit.page("problem.html", problem.message, status=problem.status, problem=problem)


async def _renew(visit: Visit, response: Response) -> None:
    """A session that is in use goes on; one that was just ended or replaced is left alone."""
    if visit.is_worker:
        return
    name = signin.cookie_name(visit.request)
    if any(value.startswith(f"{name}=") for value in response.headers.getlist("set-cookie")):
        return
    renewed = await visit.console.sessions.renew(visit.session, visit.cookie)
    if renewed is not None:
        signin.set_cookie(visit.request, response, renewed)
