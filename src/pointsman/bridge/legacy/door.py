"""The first SDK's part of the network: POST and websocket on `/v1/wschannels/{AccountSid}/{channel}`.

A page comes from another origin, and sends its JSON as text so that its browser asks nothing before [sdk1]: any type of
body is read, and every answer may be shown to any page.
"""

from __future__ import annotations

import re
from typing import NamedTuple
from urllib.parse import parse_qs

import structlog
from starlette.requests import HTTPConnection
from starlette.types import Receive, Scope, Send

from pointsman.bridge.hub import Hub
from pointsman.bridge.legacy import access
from pointsman.bridge.legacy.answers import Answer, Answers, refusal
from pointsman.bridge.legacy.requests import read_request
from pointsman.bridge.legacy.session import Session
from pointsman.bridge.legacy.tokens import Capability
from pointsman.bridge.network import Firsts, Headers, answer, read_body
from pointsman.bridge.presence import Leaving, Presence
from pointsman.bridge.tokens import name_of
from pointsman.core.engine.view import View
from pointsman.core.ids import is_sid
from pointsman.core.types import Sid, TaskQueue, Worker
from pointsman.front import BadHost, Front, place, say_reason
from pointsman.operations import Operations, Refused, problem_of
from pointsman.operations.directory import Directory
from pointsman.ports import Account, StoreUnavailable, UnknownWorkspace
from pointsman.wire import errors

log = structlog.get_logger()
PREFIX = "/v1/wschannels"
ROTATED = "the auth token that signed its token was replaced"
CORS: Headers = (
    (b"access-control-allow-origin", b"*"),
    (b"access-control-allow-methods", b"POST, OPTIONS"),
    (b"access-control-allow-headers", b"content-type"),
    (b"access-control-max-age", b"600"),
    (b"cache-control", b"no-store"),
)
_CHANNEL = re.compile(rf"{PREFIX}/(AC[0-9a-fA-F]{{32}})/(W[KQS][0-9a-fA-F]{{32}})", re.ASCII)


class Channel(NamedTuple):
    """Whose pages these are; what they ask, and their sockets, are of one path."""

    account: str
    sid: Sid


class LegacyBridge:
    """An ASGI application."""

    def __init__(
        self,
        operations: Operations,
        directory: Directory,
        hub: Hub,
        presence: Presence,
        front: Front,
        delay_ms: int,
        body_bytes_max: int,
    ) -> None:
        self._operations, self._hub, self._presence = operations, hub, presence
        self._front, self._delay_ms, self._body_bytes_max = front, delay_ms, body_bytes_max
        self._answers = Answers(operations, directory)
        self._sessions: dict[Channel, list[Session]] = {}  # oldest first
        self._firsts = Firsts()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            place(scope, self._front)
        except BadHost as problem:
            await _tell(refusal(errors.INVALID.problem(str(problem))), scope, send)
            return
        found = _CHANNEL.fullmatch(scope["path"])
        if found is None:
            await _tell(refusal(errors.not_found(scope["path"])), scope, send)
        elif scope["type"] == "websocket":
            await self._listen(Channel(found[1], found[2]), scope, receive, send)
        elif scope["method"] == "OPTIONS":
            await _tell(Answer(204, b""), scope, send)
        elif scope["method"] == "POST":
            await self._ask(Channel(found[1], found[2]), scope, receive, send)
        else:
            await _tell(refusal(errors.method_not_allowed(scope["method"], scope["path"])), scope, send)

    # --- requests -------------------------------------------------------------------------------------------------

    async def _ask(self, channel: Channel, scope: Scope, receive: Receive, send: Send) -> None:
        """What it causes is told to the channel's sockets after its answer."""
        request = HTTPConnection(scope)
        path, waiting = scope["path"], list[tuple[Session, int]]()
        try:
            try:
                asked = read_request(await read_body(scope, receive, self._body_bytes_max))
                path = asked.path
                owner, capability = await self._answers.admit(asked.token, *channel)
                sharing = self._sessions.get(channel, ())
                for each in sharing:
                    each.renewed(capability)
                waiting = [(each, each.asking()) for each in sharing if asked.method != "GET"]
                given = await self._answers.answer(asked, owner, capability, _address(request))
            except Exception as failure:
                given = refusal(*problem_of(failure, path))
            await _tell(given, scope, send)
        finally:
            for each, asked_ms in waiting:
                each.answered(asked_ms)

    # --- sockets --------------------------------------------------------------------------------------------------

    async def _listen(self, channel: Channel, scope: Scope, receive: Receive, send: Send) -> None:
        query = {name: values[-1] for name, values in parse_qs(scope["query_string"].decode("latin-1")).items()}
        try:
            session = await self._open(channel, query, scope, send)
        except Exception as failure:
            await _tell(refusal(*problem_of(failure, scope["path"])), scope, send)
            return
        await send({"type": "websocket.accept"})
        sharing = self._sessions.setdefault(channel, [])
        if session.alone and session.worker is None:  # workers' sessions are the hub's to displace
            for other in list(sharing):
                other.displaced()
        sharing.append(session)
        try:
            await self._hub.join(session, alone=session.alone)
            if session.worker is not None:
                await self._presence.came(session.workspace, channel.sid, session.leaving)
            session.begin()
            while (await receive())["type"] != "websocket.disconnect":
                pass  # a page has nothing to say here
        except (StoreUnavailable, UnknownWorkspace) as problem:
            log.info("socket_closed", workspace=session.workspace, channel=channel.sid, problem=str(problem))
        except OSError:  # the page has gone
            pass
        except Exception:
            log.exception("request_failed", path=PREFIX)
        finally:
            session.end()
            self._forget(channel, session)
            if self._hub.leave(session):
                self._presence.left(session.workspace, channel.sid, session.leaving)

    async def _open(self, channel: Channel, query: dict[str, str], scope: Scope, send: Send) -> Session:
        """Raises: whatever `problem_of` knows how to tell."""
        _, capability = await self._answers.admit(query.get("token", ""), *channel)
        access.check_channel(capability, "GET")
        services = self._operations.services
        if services.router.account_of(capability.workspace) != capability.account:
            raise Refused(errors.not_found(scope["path"]))
        await services.router.read(capability.workspace, lambda view: _find(view, channel.sid))
        now_ms = await services.store.now_ms()
        alone = query.get("closeExistingSessions") == "true"
        return Session(
            capability,
            alone and self._firsts.is_first(name_of(query["token"]), capability.expires_ms, now_ms),
            _leaving(capability, query.get("disconnectActivitySid", "")),
            send,
            scope.get("pointsman.cut", _nothing),
            now_ms,
            self._delay_ms,
        )

    def rotated(self, account: Account) -> None:
        """One of its auth tokens is good no more, and neither is a socket that was opened with it: a page that has a
        newer token comes back."""
        good = {name_of(each) for each in (account.auth_token, account.secondary_token) if each}
        for session in [each for sharing in self._sessions.values() for each in sharing]:
            if session.capability.account == account.sid and session.capability.signer not in good:
                session.dismissed(ROTATED)

    def _forget(self, channel: Channel, session: Session) -> None:
        sharing = self._sessions[channel]
        sharing.remove(session)
        if not sharing:
            del self._sessions[channel]


def _leaving(capability: Capability, activity: str) -> Leaving | None:
    """What becomes of the worker when the connection goes [sdk1][docs]: only what the page itself could do."""
    if not is_sid(activity, "WA") or not access.may_leave(capability, activity):
        return None
    return Leaving(activity)


def _find(view: View, channel: Sid) -> None:
    """Raises: `NotFound`."""
    if channel.startswith("WK"):
        view.state.find(Worker, channel)
    elif channel.startswith("WQ"):
        view.state.find(TaskQueue, channel)


def _address(request: HTTPConnection) -> str | None:
    return request.client.host if request.client else None


def _nothing() -> None:
    """Where a server can't cut a connection."""


async def _tell(given: Answer, scope: Scope, send: Send) -> None:
    if given.reason is not None:
        say_reason(scope, given.reason)
    more = [(name.lower().encode(), text.encode("latin-1", "replace")) for name, text in given.headers.items()]
    await answer(scope, send, given.status, given.body, [*CORS, *more])
