"""The door of workers' pages: `/v1/wschannels`, once for sockets and once for requests [sdk]. What lies below that path
is another protocol's, unless the current SDK says that it is itself."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import parse_qs

import structlog
from starlette.types import ASGIApp, Receive, Scope, Send

from pointsman.bridge import requests, tokens
from pointsman.bridge.connection import Times
from pointsman.bridge.hub import Hub
from pointsman.bridge.network import Firsts, answer, read_body
from pointsman.bridge.presence import Leaving, Presence
from pointsman.bridge.requests import Answer, Requests
from pointsman.bridge.session import Session
from pointsman.bridge.sessions import Sessions
from pointsman.bridge.tokens import BadToken, Grant
from pointsman.core.engine.view import View
from pointsman.core.types import Millis, Sid, Worker
from pointsman.core.types import Role as KeyRole
from pointsman.front import BadHost, Front, place
from pointsman.operations import Operations, Refused, problem_of
from pointsman.operations.directory import Directory
from pointsman.ports import StoreUnavailable, UnknownWorkspace
from pointsman.wire import errors
from pointsman.wire.bodies import encode
from pointsman.wire.errors import UNAUTHENTICATED, Problem

log = structlog.get_logger()
PATH = "/v1/wschannels"
REVOKED = "the API key of its token was revoked"
NOT_STARTED = "what the client asked for as it started could not be answered"
CORS = (
    (b"access-control-allow-origin", b"*"),
    (b"access-control-allow-methods", b"POST, OPTIONS"),
    (b"access-control-allow-headers", b"apiversion, clientversion, if-match, content-type"),
    (b"access-control-max-age", b"600"),
)
Query = Mapping[str, str]


class Bridge:
    """An ASGI application. `below` takes the paths below `PATH`: the protocol of capability tokens."""

    def __init__(
        self,
        operations: Operations,
        directory: Directory,
        hub: Hub,
        presence: Presence,
        front: Front,
        times: Times,
        body_bytes_max: int,
        below: ASGIApp | None = None,
    ) -> None:
        self._operations, self._directory = operations, directory
        self._hub, self._presence, self._front, self._times = hub, presence, front, times
        self._body_bytes_max, self._below = body_bytes_max, below
        self._requests = Requests(operations)
        self._sessions = Sessions()
        self._firsts = Firsts()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        is_ours = scope["path"] == PATH or _speaks_current(scope)
        if self._below is not None and not is_ours:
            await self._below(scope, receive, send)
            return
        try:
            place(scope, self._front)
        except BadHost as problem:
            await _refuse(errors.INVALID.problem(str(problem)), scope, send)
            return
        if not is_ours:
            await _refuse(errors.not_found(scope["path"]), scope, send)
        elif scope["type"] == "websocket":
            await self._listen(scope, receive, send)
        elif scope["method"] == "OPTIONS":
            await answer(scope, send, 204, b"", CORS)
        elif scope["method"] == "POST":
            await self._ask(scope, receive, send)
        else:
            await _refuse(errors.method_not_allowed(scope["method"], PATH), scope, send)

    async def _grant(self, token: str) -> Grant:
        """Raises: `BadToken`, `StoreUnavailable`."""
        key = await self._directory.signer(tokens.signer_of(token))
        return tokens.read(token, key, await self._now_ms())

    async def _now_ms(self) -> Millis:
        return await self._operations.services.store.now_ms()

    # --- sockets --------------------------------------------------------------------------------------------------

    async def _listen(self, scope: Scope, receive: Receive, send: Send) -> None:
        query = {name: values[-1] for name, values in parse_qs(scope["query_string"].decode("latin-1")).items()}
        try:
            session = await self._open(query, scope, send)
        except Exception as failure:
            await _refuse(_problem(failure), scope, send)
            return
        worker = session.grant.worker or ""
        await send({"type": "websocket.accept"})
        self._sessions.add(session)
        try:
            if await self._directory.signer(session.grant.api_key) is None:  # since its token was read
                session.dismissed(REVOKED)
            else:
                await self._join(session, worker, alone=query.get("closeExistingSessions") == "true")
            while (await receive())["type"] != "websocket.disconnect":
                pass  # a client has nothing to say here
        except (StoreUnavailable, UnknownWorkspace) as problem:
            log.info("socket_closed", workspace=session.workspace, worker=worker, problem=str(problem))
        except OSError:  # the client has gone
            pass
        except Exception:
            log.exception("request_failed", path=PATH)
        finally:
            session.end()
            self._sessions.remove(session)
            if self._hub.leave(session):
                self._presence.left(session.workspace, worker, session.leaving)

    async def _join(self, session: Session, worker: Sid, *, alone: bool) -> None:
        """Raises: `StoreUnavailable`, `UnknownWorkspace`."""
        if alone:
            alone = self._firsts.is_first(session.grant.token, session.grant.expires_ms, await self._now_ms())
        await self._hub.join(session, alone=alone)
        await self._presence.came(session.workspace, worker, session.leaving)
        session.begin()

    async def _open(self, query: Query, scope: Scope, send: Send) -> Session:
        """Raises: `BadToken`, and whatever `problem_of` knows how to tell."""
        grant = await self._grant(query.get("token", ""))
        worker = grant.worker
        if worker is None:
            raise Refused(errors.forbidden("An access token without worker_sid can't open a socket"))
        await self._check_home(grant)
        await self._operations.services.router.read(grant.workspace, lambda view: _worker(view, worker))
        return Session(
            grant,
            worker,
            self._leaving(grant, _flag(query.get("setWorkerOfflineIfDisconnected"))),
            self._operations.services.router,
            send,
            scope.get("pointsman.cut", _nothing),
            grant.expires_ms - await self._now_ms(),
            self._times,
        )

    def _leaving(self, grant: Grant, wanted: bool | None) -> Leaving | None:
        """What becomes of the worker without sockets. Raises: `Refused` (403)."""
        if grant.key_role is not KeyRole.VIEWER:
            return self._presence.asked(wanted)
        if wanted:
            raise Refused(errors.forbidden("The API key of the access token may change nothing: its role is viewer"))
        return None

    async def _check_home(self, grant: Grant) -> None:
        """Raises: `UnknownWorkspace`; `Refused` (403), if it is another account's."""
        if self._operations.services.router.account_of(grant.workspace) != grant.account:
            raise Refused(errors.forbidden(f"Workspace {grant.workspace} is not of account {grant.account}"))

    def revoked(self, key: Sid) -> None:
        """An API key is gone, and what it has signed with it."""
        for session in self._sessions:
            if session.grant.api_key == key:
                session.dismissed(REVOKED)

    # --- requests -------------------------------------------------------------------------------------------------

    async def _ask(self, scope: Scope, receive: Receive, send: Send) -> None:
        waiting: list[tuple[Session, int]] = []  # those who are told what it causes after its answer
        asked: requests.Asked | None = None
        try:
            try:
                asked = await self._read(scope, receive)
                grant = await self._grant(asked.token)
                await self._check_home(grant)
                if asked.method == "POST":
                    waiting += [(each, each.asking()) for each in self._sessions.of_worker(grant)]
                starting = await self._starting(asked, grant)
                given = await self._perform(asked, grant, scope)
            except Exception as failure:
                problem = _problem(failure)
                await _refuse(problem, scope, send)
                if asked is not None and asked.method == "GET" and problem.status >= 500:
                    self._start_again(asked.token)
                return
            await answer(scope, send, 200, encode({"payload": given.payload}), CORS)
            self._note(given, grant, starting)
        finally:
            for each, asked_ms in waiting:
                each.answered(asked_ms)

    def _start_again(self, token: str) -> None:
        """A client that is not told how things are gives up its start and keeps its socket: it has to come again."""
        for each in list(self._sessions.of_token(tokens.name_of(token))):
            if each.connection.held_back:
                each.dismissed(NOT_STARTED)

    async def _read(self, scope: Scope, receive: Receive) -> requests.Asked:
        """Raises: whatever `problem_of` knows how to tell."""
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        return requests.read(await read_body(scope, receive, self._body_bytes_max), headers)

    async def _perform(self, asked: requests.Asked, grant: Grant, scope: Scope) -> Answer:
        """Raises: whatever `problem_of` knows how to tell."""
        account = await self._directory.account(grant.account)
        assert account is not None, "a workspace has an account"
        client = scope.get("client")
        return await self._requests.answer(
            asked, grant, account, scope["pointsman.base"], client[0] if client else None
        )

    async def _starting(self, asked: requests.Asked, grant: Grant) -> Session | None:
        """The session whose client lists its reservations as it starts."""
        if asked.method != "GET" or not asked.url.endswith(f"/{grant.worker}/Reservations"):
            return None
        session = self._sessions.starting(grant)
        if session is not None:
            standing = await session.standing()
            session.connection.listing(standing.pending, standing.version)
        return session

    def _note(self, answer: Answer, grant: Grant, starting: Session | None) -> None:
        """What a client has been shown, its connection has to know."""
        sharing = self._sessions.of_token(grant.token)
        resource = answer.operation.resource
        if resource == "worker_reservation" and answer.operation.name == "list":
            for each in [starting] if starting is not None else sharing:
                each.listed(answer.listed)
        elif resource in ("activity", "worker_channel"):
            for each in self._sessions.loading(grant):
                each.connection.loaded(answer.listed)
        elif answer.worker_version is not None and answer.operation.name == "fetch":
            for each in sharing:
                if len(sharing) == 1 or each.connection.starting:
                    each.connection.fetched(answer.worker_version)


def _speaks_current(scope: Scope) -> bool:
    """Whether what comes below the path is of the current SDK all the same: some applications have it go on with an
    account and a channel, as the first SDK's does [sdk-test]. It says its version, and needs a preflight."""
    if scope["type"] == "websocket":
        return b"clientVersion=" in scope["query_string"]
    return scope["method"] == "OPTIONS" or any(name == b"apiversion" for name, _ in scope["headers"])


def _worker(view: View, sid: str) -> None:
    view.state.find(Worker, sid)


def _flag(text: str | None) -> bool | None:
    return None if text is None else text.lower() == "true"


def _nothing() -> None:
    """Where a server can't cut a connection."""


# --- answers ------------------------------------------------------------------------------------------------------


def _problem(failure: Exception) -> Problem:
    if isinstance(failure, BadToken):
        return UNAUTHENTICATED.problem(str(failure))
    return problem_of(failure, PATH)[0]


async def _refuse(problem: Problem, scope: Scope, send: Send) -> None:
    """Always JSON with a message: of anything else a client makes an error of its own [sdk]."""
    await answer(scope, send, problem.status, encode(problem.body()), CORS)
