"""The application: paths from the declarations, one door for authentication, errors and headers."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from pointsman.api.auth import authenticate
from pointsman.api.edge import EDGE_DEFAULT, Edge, admit, with_headers
from pointsman.api.request import (
    JSON_TYPE,
    address_of,
    raw_path,
    read_form,
    read_json,
    respond,
    respond_problem,
)
from pointsman.api.streams import Streams, stream
from pointsman.core.record import Origin
from pointsman.front import base_of, header
from pointsman.operations import Call, Caller, Logins, Operations, Paths, Refused, Reply, Services, problem_of
from pointsman.ports import StoreUnavailable
from pointsman.resources import OPERATIONS, Operation
from pointsman.wire import errors, openapi
from pointsman.wire.bodies import encode

Endpoint = Callable[[Request], Awaitable[Response]]
EVERY_METHOD = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
KNOWN_METHODS = "DELETE, GET, HEAD, OPTIONS, POST"


def build(
    operations: Operations, logins: Logins, edge: Edge = EDGE_DEFAULT, following: Streams | None = None
) -> ASGIApp:
    """The whole HTTP interface as an ASGI application: a route for each path of the operations that are declared."""
    paths: dict[str, dict[str, Operation]] = {}
    for operation in OPERATIONS:
        paths.setdefault(operation.path, {})[operation.method] = operation
    served: Paths[Endpoint] = Paths()
    streams = following or Streams()
    for path, methods in paths.items():
        served.add(path, _endpoint(methods, operations, logins, streams))
    services = operations.services
    served.add(openapi.HEALTH.path, _only_shown(_health(services)))
    served.add(openapi.DESCRIPTION.path, _only_shown(_description(services)))
    served.add(openapi.METRICS.path, _metrics(services, logins))
    return with_headers(_dispatching(served, _nothing(logins)), edge)


def _dispatching(paths: Paths[Endpoint], nothing: Endpoint) -> ASGIApp:
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


def _endpoint(methods: dict[str, Operation], operations: Operations, logins: Logins, streams: Streams) -> Endpoint:
    allowed = ", ".join(sorted({*methods, "OPTIONS"} | ({"HEAD"} if "GET" in methods else set())))

    async def ask(request: Request, method: str) -> Response:
        with operations.gate:
            caller = await authenticate(logins, request)
            admit(caller.account.sid, request)
            operation = methods.get("GET" if method == "HEAD" else method)
            if operation is None:
                raise Refused(errors.method_not_allowed(method, raw_path(request)), {"Allow": allowed})
            operations.check(operation, caller, request.path_params)
            call = await _read(request, operation, operations.services, caller)
            if operation.stream:
                return await stream(call, request, streams, logins)
            return respond(await operations.answer(operation, call))

    async def answer(request: Request) -> Response:
        method = request.method
        return _options(allowed) if method == "OPTIONS" else await guarded(request, ask(request, method))

    return answer


async def _read(request: Request, operation: Operation, services: Services, caller: Caller) -> Call:
    """Raises: `Invalid`, `Refused` (408, 413, 415)."""
    has_body = request.method == "POST"
    return Call(
        services,
        caller,
        origin_of(request, caller),
        base_of(request),
        raw_path(request),
        request.path_params,
        request.scope["query_string"],
        await read_form(request) if has_body and not operation.json else (),
        await read_json(request) if has_body and operation.json else b"",
        header(request, b"if-match"),
    )


def origin_of(request: Request, caller: Caller) -> Origin:
    return Origin(
        actor=caller.api_key,
        kind="api_key" if caller.api_key else "account",
        address=address_of(request),
    )


def _options(allowed: str) -> Response:
    """To anybody: a browser asks without credentials."""
    response = respond(Reply(204))
    response.headers["Allow"] = allowed
    return response


async def guarded(request: Request, asked: Awaitable[Response]) -> Response:
    """Every way in which a request can fail, told in TaskRouter's form."""
    try:
        return await asked
    except Exception as failure:
        return respond_problem(*problem_of(failure, raw_path(request)))


def _nothing(logins: Logins) -> Endpoint:
    async def answer(request: Request) -> Response:
        if request.method == "OPTIONS":  # only after this a browser shows the error of its real request
            return _options(KNOWN_METHODS)

        async def ask() -> Response:
            admit((await authenticate(logins, request)).account.sid, request)
            raise Refused(errors.not_found(raw_path(request)))

        return await guarded(request, ask())

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
        reason = services.router.outage()
        try:
            await services.store.now_ms()
        except StoreUnavailable as problem:
            reason = str(problem)
        if reason is not None:
            reason = reason.replace(services.store.where, "the database")  # anybody may ask; the log says where it lies
            told = respond(Reply(503, {"status": "unavailable", "reason": reason, "version": services.version}))
            told.headers.update(errors.RETRY_AFTER)
            return told
        return respond(Reply(200, {"status": "ok", "version": services.version}))

    return answer


def _metrics(services: Services, logins: Logins) -> Endpoint:
    """For who has an account: what is waiting where is nobody else's business."""

    async def answer(request: Request) -> Response:
        async def ask() -> Response:
            account = (await authenticate(logins, request)).account.sid
            admit(account, request)
            return Response(await services.metrics(account), media_type=openapi.PLAIN_TEXT)

        return await guarded(request, ask())

    return _only_shown(answer)


def _description(services: Services) -> Endpoint:
    written = encode(openapi.document(OPERATIONS, "/", services.version, services.limits))

    async def answer(request: Request) -> Response:
        return Response(written, media_type=JSON_TYPE)

    return answer
