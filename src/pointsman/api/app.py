"""The application: paths from the declarations, one door for authentication, errors and headers."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import NamedTuple

import structlog
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from pointsman.api import accounts as credentials
from pointsman.api import explanations, lint, logs, statistics, streams
from pointsman.api.auth import Accounts
from pointsman.api.call import (
    JSON_TYPE,
    Call,
    Refused,
    Reply,
    Services,
    raw_path,
    read_form,
    respond,
    respond_problem,
    workspace_of,
)
from pointsman.api.edge import EDGE_DEFAULT, Edge, admit, base_of, with_headers
from pointsman.api.general import handlers
from pointsman.api.paths import Endpoint, Paths
from pointsman.core.errors import Rejected
from pointsman.ports import Overloaded, StoreUnavailable, UnknownWorkspace
from pointsman.resources import OPERATIONS, RESOURCES, Operation
from pointsman.wire import errors, openapi
from pointsman.wire.bodies import encode

log = structlog.get_logger()
AnyHandler = Callable[[Call], Awaitable[Reply | Response]]
EVERY_METHOD = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
HANDLERS: dict[tuple[str, str], AnyHandler] = {
    **{(resource.name, name): handler for resource in RESOURCES for name, handler in handlers(resource).items()},
    **lint.HANDLERS,
    **logs.HANDLERS,
    **statistics.HANDLERS,
    **explanations.HANDLERS,
}
KNOWN_METHODS = "DELETE, GET, HEAD, OPTIONS, POST"
OVERLOADED_RETRY_S = "1"


def build(
    services: Services, accounts: Accounts, edge: Edge = EDGE_DEFAULT, following: streams.Streams | None = None
) -> ASGIApp:
    """The whole HTTP interface as an ASGI application: a route for each path of the operations that are declared."""
    paths: dict[str, dict[str, Served]] = {}
    known = HANDLERS | credentials.handlers(accounts.directory)
    known |= streams.handlers(following or streams.Streams(), accounts)
    for operation in OPERATIONS:
        handler = known[operation.resource, operation.name]
        paths.setdefault(operation.path, {})[operation.method] = Served(operation, handler)
    served = Paths()
    for path, methods in paths.items():
        served.add(path, _endpoint(path, methods, services, accounts))
    served.add(openapi.HEALTH.path, _only_shown(_health(services)))
    served.add(openapi.DESCRIPTION.path, _only_shown(_description(services)))
    served.add(openapi.METRICS.path, _metrics(services, accounts))
    return with_headers(_dispatching(served, _nothing(accounts)), edge)


def _dispatching(paths: Paths, nothing: Endpoint) -> ASGIApp:
    """What goes wrong outside an endpoint is seen to at the edge."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive, send)
        if request.method not in EVERY_METHOD or not scope["path"].startswith("/"):
            response = await _unrouted(request)
        else:
            endpoint, scope["path_params"] = paths.find(scope["path"]) or (nothing, {})
            response = await endpoint(request)
        await response(scope, receive, send)

    return app


class Served(NamedTuple):
    operation: Operation
    handler: AnyHandler


def _endpoint(path: str, methods: dict[str, Served], services: Services, accounts: Accounts) -> Endpoint:
    of_workspace = "/Workspaces/{" in path
    allowed = ", ".join(sorted({*methods, "OPTIONS"} | ({"HEAD"} if "GET" in methods else set())))

    async def answer(request: Request) -> Response:
        if request.method == "OPTIONS":
            return _options(allowed)
        served = methods.get("GET" if request.method == "HEAD" else request.method)

        async def ask() -> Response:
            caller = await accounts.authenticate(request)
            admit(caller.account.sid, request)
            if served is None:
                raise Refused(errors.method_not_allowed(request.method, raw_path(request)), {"Allow": allowed})
            if of_workspace and services.router.account_of(workspace_of(request)) != caller.account.sid:
                raise UnknownWorkspace(workspace_of(request))
            form = await read_form(request) if request.method == "POST" and not served.operation.json else []
            answer = await served.handler(Call(request, services, caller, base_of(request), form))
            return answer if isinstance(answer, Response) else respond(answer)

        return await guarded(request, ask)

    return answer


def _options(allowed: str) -> Response:
    """To anybody: a browser asks without credentials."""
    response = respond(Reply(204))
    response.headers["Allow"] = allowed
    return response


async def guarded(request: Request, ask: Callable[[], Awaitable[Response]]) -> Response:
    """Every way in which a request can fail, told in TaskRouter's form."""
    path = raw_path(request)
    try:
        return await ask()
    except Refused as refused:
        return respond_problem(refused.problem, refused.headers)
    except Rejected as problem:
        return respond_problem(errors.refusal(problem, path))
    except UnknownWorkspace:
        return respond_problem(errors.not_found(path))
    except Overloaded as problem:
        return respond_problem(errors.unavailable(str(problem)), {"Retry-After": OVERLOADED_RETRY_S})
    except StoreUnavailable as problem:
        return respond_problem(errors.unavailable(f"The database can't be used now: {problem}"))
    except Exception:
        log.exception("request_failed", method=request.method, path=path)
        return respond_problem(errors.INTERNAL)


def _nothing(accounts: Accounts) -> Endpoint:
    async def answer(request: Request) -> Response:
        if request.method == "OPTIONS":  # only after this a browser shows the error of its real request
            return _options(KNOWN_METHODS)

        async def ask() -> Response:
            admit((await accounts.authenticate(request)).account.sid, request)
            raise Refused(errors.not_found(raw_path(request)))

        return await guarded(request, ask)

    return answer


async def _unrouted(request: Request) -> Response:
    """What can't be anywhere, such as the path `*`; or a method that nobody knows."""
    if request.method == "OPTIONS":
        return _options(KNOWN_METHODS)
    if request.method not in EVERY_METHOD:
        return respond_problem(errors.method_not_allowed(request.method, raw_path(request)), {"Allow": KNOWN_METHODS})
    return respond_problem(errors.not_found(raw_path(request)))


def _only_shown(show: Endpoint) -> Endpoint:
    """What can't be changed."""

    async def answer(request: Request) -> Response:
        if request.method in ("GET", "HEAD"):
            return await show(request)
        allowed = {"Allow": "GET, HEAD, OPTIONS"}
        if request.method == "OPTIONS":
            return Response(status_code=204, headers=allowed)
        return respond_problem(errors.method_not_allowed(request.method, raw_path(request)), allowed)

    return answer


def _health(services: Services) -> Endpoint:
    async def answer(request: Request) -> Response:
        try:
            await services.store.now_ms()
        except StoreUnavailable as problem:
            return respond(Reply(503, {"status": "unavailable", "reason": str(problem), "version": services.version}))
        return respond(Reply(200, {"status": "ok", "version": services.version}))

    return answer


def _metrics(services: Services, accounts: Accounts) -> Endpoint:
    """For who has an account: what is waiting where is nobody else's business."""

    async def answer(request: Request) -> Response:
        async def ask() -> Response:
            account = (await accounts.authenticate(request)).account.sid
            admit(account, request)
            return Response(await services.metrics(account), media_type=openapi.PLAIN_TEXT)

        return await guarded(request, ask)

    return _only_shown(answer)


def _description(services: Services) -> Endpoint:
    written = encode(openapi.document(OPERATIONS, "/", services.version, services.limits))

    async def answer(request: Request) -> Response:
        return Response(written, media_type=JSON_TYPE)

    return answer
