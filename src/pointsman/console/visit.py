"""One request of somebody who is signed in: what he may ask of the server, and how he is answered."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import parse_qsl, quote, unquote, urlencode, urlsplit

from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from pointsman.console.sessions import Session
from pointsman.core.ids import number_of
from pointsman.core.record import Origin
from pointsman.core.types import Role, WorkspaceSid
from pointsman.front import base_of
from pointsman.operations import Call, problem_of
from pointsman.resources.paging import PAGE_SIZE_MAX
from pointsman.wire.errors import Problem
from pointsman.wire.forms import Pairs

if TYPE_CHECKING:
    from pointsman.console.app import Console

PREFIX = "/console"
TOLD_COOKIE = "pointsman_told"  # what the next page says: "… was created"
TOLD_S = 60
THEME_COOKIE = "pointsman_theme"
THEMES = ("light", "dark")
WHOLE = "whole"  # in an address: also with what else comes later, for who has no scripts that ask for it
PAGES_MAX = 5  # of a list that is read for one answer
FORM_REFUSED = 422  # the status of a form that comes back with its problems


class Trouble(Exception):
    """What was asked for was refused, in the API's words; `headers` say when to ask again."""

    def __init__(self, problem: Problem, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(problem.message)
        self.problem, self.headers = problem, headers or {}


class Region(NamedTuple):
    """A part of a page that follows what happens. `data` makes what its template shows; `topics` are those of `live`,
    where `task:{name}` is the task whose sid the page's path has by that name; `every_s` asks again after a while also
    without news, for what changes with time. What it shows may have further topics: `data` names them as `topics`. One
    that takes long comes `later`: its page is sent without it, and asks for it at once."""

    name: str
    template: str
    topics: tuple[str, ...]
    data: Callable[[Visit], Awaitable[Mapping[str, Any]]]
    every_s: int = 0
    later: bool = False


class Visit:
    def __init__(
        self, console: Console, request: Request, session: Session, cookie: str, names: Mapping[str, str]
    ) -> None:
        self.console, self.request, self.session, self.cookie, self.names = console, request, session, cookie, names
        self.form: Pairs = ()
        self._workspace_body: Mapping[str, Any] | None = None
        self._came_to = names  # also where it is refused, and shown a page of no workspace

    # --- who, where -----------------------------------------------------------------------------------------------

    @property
    def workspace(self) -> WorkspaceSid | None:
        sid = self.names.get("workspace")
        return WorkspaceSid(sid) if sid else None

    @property
    def may_change(self) -> bool:
        return self.session.caller.role is not Role.VIEWER

    @property
    def may_manage(self) -> bool:
        """Accounts, keys and tokens: only with the account's own token."""
        return self.session.caller.api_key is None and not self.is_worker

    @property
    def is_worker(self) -> bool:
        """Whether it is a worker, who came by a link and may use its desk alone."""
        return self.session.caller.worker is not None

    @property
    def session_address(self) -> str:
        """Where a page asks whether there is a session again. A worker's cookie is sent to its desk alone."""
        if not self.is_worker:
            return self.url("/session")
        return self.url("/workspaces/{workspace}/desk/{worker}/session".format_map(self._came_to))

    @property
    def frame(self) -> str:
        """The template that pages stand in."""
        return "desk_frame.html" if self.is_worker else "page.html"

    async def goes_on(self) -> bool:
        """Whether the session has not ended meanwhile."""
        sessions, worker = self.console.sessions, self.session.caller.worker
        if worker is None or self.workspace is None:
            return await sessions.find(self.cookie) is not None
        router = self.console.operations.services.router
        return await sessions.find_worker(router, self.cookie, self.workspace, worker) is not None

    @property
    def api(self) -> str:
        """The workspace's path in the API."""
        return f"/v1/Workspaces/{self.workspace}"

    def api_url(self, path: str) -> str:
        """An address of the API."""
        return base_of(self.request) + path

    def url(self, path: str = "/") -> str:
        """The address of a page of the console."""
        return url(self.request, path)

    def at(self, *segments: str) -> str:
        """The address of a page of the workspace."""
        return self.url("/".join(("/workspaces", str(self.workspace), *(quote(each, safe="") for each in segments))))

    @property
    def here(self) -> str:
        return url(self.request, str(self.request.scope["path"]).removeprefix(PREFIX) or "/")

    def is_in(self, nav_path: str, address: str) -> bool:
        """Whether this page is one of those that an entry of the navigation leads to."""
        return self.here == address or (nav_path not in ("", "/") and self.here.startswith(f"{address}/"))

    @property
    def is_partial(self) -> bool:
        """Whether a part of a page is asked for, by a page that is open."""
        return self.request.headers.get("hx-request") == "true"

    @property
    def is_shared(self) -> bool:
        """Whether what is made now may be shown in other sessions too, as a region is: it must hold nothing of this."""
        return "region" in self.request.query_params

    # --- asking ---------------------------------------------------------------------------------------------------

    async def get(self, path: str, query: Mapping[str, str] | Sequence[tuple[str, str]] = ()) -> Any:
        """Ask as the API would be asked; the body of the reply. Raises: `Trouble`."""
        return await self._ask("GET", path, query_string=urlencode(query).encode())

    async def rows(self, path: str, query: Sequence[tuple[str, str]] = ()) -> list[Mapping[str, Any]]:
        """The rows of a list, from so many of its pages as are good for one answer. Raises: `Trouble`."""
        found: list[Mapping[str, Any]] = []
        asked: Sequence[tuple[str, str]] = [*query, ("PageSize", str(PAGE_SIZE_MAX))]
        for _ in range(PAGES_MAX):
            body = await self.get(path, asked)
            found += body[body["meta"]["key"]]
            after = body["meta"]["next_page_url"]
            if after is None:
                break
            asked = parse_qsl(urlsplit(after).query)
        return found

    async def post(self, path: str, form: Pairs = (), *, if_match: str | None = None) -> Any:
        """Raises: `Trouble`."""
        return await self._ask("POST", path, form=tuple(form), if_match=if_match)

    async def post_json(self, path: str, value: Any) -> Any:
        """Raises: `Trouble`."""
        return await self._ask("POST", path, body=json.dumps(value).encode())

    async def delete(self, path: str, *, if_match: str | None = None) -> Any:
        """Raises: `Trouble`."""
        return await self._ask("DELETE", path, if_match=if_match)

    async def _ask(self, method: str, path: str, **more: Any) -> Any:
        operations, caller = self.console.operations, self.session.caller
        client = self.request.client
        origin = Origin(
            actor=caller.worker or caller.api_key,
            kind="worker" if caller.worker else "api_key" if caller.api_key else "account",
            unusual_source="console",
            address=client.host if client else None,
        )
        try:
            operation, names = operations.find(method, path)
            call = Call(operations.services, caller, origin, base_of(self.request), path, names, **more)
            operations.check(operation, caller, names)
            return (await operations.answer(operation, call)).body  # the page is let in, with all that it asks
        except Exception as failure:
            raise Trouble(*problem_of(failure, path)) from failure

    async def workspace_body(self) -> Mapping[str, Any]:
        """The workspace that the page is in. Raises: `Trouble`."""
        if self._workspace_body is None:
            self._workspace_body = await self.get(self.api)
        assert self._workspace_body is not None
        return self._workspace_body

    # --- answering ------------------------------------------------------------------------------------------------

    async def page(
        self, template: str, title: str, *, regions: Sequence[Region] = (), status: int = 200, **context: Any
    ) -> Response:
        """A whole page. In the template, `regions.NAME` is each region's text."""
        mark = self.console.hub.feed(self.workspace).mark if self.workspace else ""  # before anything is read
        workspace = await self.workspace_body() if self.workspace and not self.is_worker else None
        waits = WHOLE not in self.request.query_params  # for no region that comes later
        made = {
            each.name: self._place_of(each) if each.later and waits else await self.region(each) for each in regions
        }
        told = told_of(self.request)
        text = self._render(
            template, title=title, regions=made, mark_seen=mark, workspace=workspace, told=told, **context
        )
        response = HTMLResponse(text, status)
        if told:
            response.delete_cookie(TOLD_COOKIE, path=url(self.request, ""))
        return response

    async def region(self, region: Region) -> Markup:
        """A region, in the element that keeps it up to date."""
        data = await region.data(self)
        return self._framed(region, self._render(region.template, **data), data.get("topics", ()))

    def _place_of(self, region: Region) -> Markup:
        """Where a region comes later."""
        inside = self._render("region_later.html", whole=self._address_with(WHOLE, "1"))
        return self._framed(region, inside, (), is_made=False)

    def _address_with(self, name: str, value: str) -> str:
        """What else may be asked for here, with what the page's own address says."""
        asked = self.request.query_params.multi_items()
        kept = [(key, each) for key, each in asked if key not in ("region", WHOLE)]
        return f"{self.here}?{urlencode([*kept, (name, value)])}"

    def _framed(self, region: Region, inside: str, topics: Sequence[str], *, is_made: bool = True) -> Markup:
        numbers = {name: number_of(sid) for name, sid in self.names.items()}
        topics = [*(topic.format_map(numbers) for topic in region.topics), *topics]
        told = {
            "region": region,
            "topics": topics,
            "address": self._address_with("region", region.name),
            "is_made": is_made,
        }
        made = self._render("region.html", **told, inside=Markup(inside))  # noqa: S704  # escaped
        return Markup(made)  # noqa: S704  # by the templates

    async def part(self, template: str, *, status: int = 200, **context: Any) -> Response:
        """What is to be put into a page that is open: the template alone."""
        return HTMLResponse(self._render(template, **context), status)

    async def dialog(self, template: str, title: str, *, status: int = 200, **context: Any) -> Response:
        """A form or a question: in a dialog of the page that asked, or else on a page of its own."""
        if self.is_partial:
            return await self.part(template, title=title, alone=False, status=status, **context)
        return await self.page("alone.html", title, status=status, inside=template, alone=True, **context)

    def go(self, address: str, told: str | None = None) -> Response:
        """On to another page, which says what was done."""
        response: Response
        if self.is_partial:
            response = Response(status_code=204, headers={"HX-Redirect": address})
        else:
            response = RedirectResponse(address, 303)
        if told:
            response.set_cookie(
                TOLD_COOKIE,
                quote(told),
                max_age=TOLD_S,
                path=url(self.request, ""),
                secure=base_of(self.request).startswith("https:"),
                httponly=True,
                samesite="lax",
            )
        return response

    async def stay(self, address: str, told: str) -> Response:
        """The page that asked stays as it is, and says what was done; what lies over it closes. One that has no
        scripts goes to the address."""
        if not self.is_partial:
            return self.go(address, told)
        response = await self.part("toast.html", text=told, state="good")
        response.headers["HX-Trigger"] = "done"
        return response

    def _render(self, template: str, **context: Any) -> str:
        return self.console.render(template, visit=self, **context)


def url(request: Request, path: str) -> str:
    """The address of a page; behind a proxy the console may lie below a path of its own."""
    return urlsplit(base_of(request)).path + PREFIX + path


def told_of(request: Request) -> str | None:
    """What the page before wanted this one to say."""
    told = request.cookies.get(TOLD_COOKIE)
    return unquote(told) if told else None


def theme_of(request: Request) -> str | None:
    """What the person chose; None: as the system has it."""
    theme = request.cookies.get(THEME_COOKIE)
    return theme if theme in THEMES else None
