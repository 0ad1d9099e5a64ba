"""Pages are let in as the API's requests are."""

from __future__ import annotations

import asyncio
from typing import Any, NoReturn, cast

import pytest
from starlette.responses import Response
from starlette.types import Message

from pointsman.console import app, templating
from pointsman.console.live import Hub
from pointsman.console.routes import Route, Section
from pointsman.console.sessions import Session
from pointsman.console.visit import Visit
from pointsman.core.limits import STANDARD
from pointsman.core.types import AccountSid, Millis, WorkspaceSid
from pointsman.front import FRONT_DEFAULT
from pointsman.operations import Caller, Logins, Operations, Services, gate
from pointsman.operations.directory import Directory
from pointsman.ports import Account, EventSender, Router, Store, StoreUnavailable, UnknownWorkspace

NOW_S = 1_700_000_000
OWNER = Account(sid=AccountSid("AC" + "1" * 32), auth_token="t", friendly_name="Owner", created_ms=Millis(1))
SIGNED_IN = Session(Caller(OWNER, None), OWNER.sid, "nonce", NOW_S, NOW_S, "csrf")
PAGE = "/console/settings/keys/new"


class Away:
    """A router whose workspaces can't be read now."""

    def workspaces(self, account: AccountSid) -> list[WorkspaceSid]:
        return [WorkspaceSid("WS" + "1" * 32)]

    def account_of(self, workspace: WorkspaceSid) -> AccountSid:
        return OWNER.sid

    async def read(self, *_: object) -> NoReturn:
        raise StoreUnavailable("the disk is full")


async def nothing(account: AccountSid) -> bytes:
    return b""


@pytest.fixture
def operations(monkeypatch: pytest.MonkeyPatch) -> Operations:
    async def session(*_: object) -> tuple[Session, str]:
        return SIGNED_IN, "cookie"

    async def renew(*_: object) -> None:
        """It is young enough."""

    monkeypatch.setattr(app, "_session", session)
    monkeypatch.setattr(app, "_renew", renew)
    store, sender = cast(Store, None), cast(EventSender, None)
    services = Services(cast(Router, Away()), store, "1", STANDARD, sender, asyncio.Semaphore(1), nothing)
    return Operations(services, Directory(store))


def answer(operations: Operations, path: str = PAGE) -> tuple[int, dict[bytes, bytes], str]:
    console = app.build(
        operations,
        Logins(cast(Store, None)),
        Hub(),
        front=FRONT_DEFAULT,
        body_bytes_max=1_000,
        session_hours=12,
    )
    sent: list[Message] = []

    async def receive() -> Message:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Message) -> None:
        sent.append(message)

    scope: dict[str, Any] = {
        "type": "http",
        "method": "GET",
        "path": path,
        "raw_path": path.encode(),
        "query_string": b"",
        "scheme": "http",
        "http_version": "1.1",
        "server": ("127.0.0.1", 80),
        "client": ("127.0.0.1", 9),
        "headers": [(b"host", b"router"), (b"accept", b"text/html")],
    }
    asyncio.run(cast(Any, console)(scope, receive, send))
    body = b"".join(message.get("body", b"") for message in sent[1:])
    return sent[0]["status"], dict(sent[0]["headers"]), body.decode()


def test_a_page_counts_as_a_request_until_it_is_made(operations: Operations, monkeypatch: pytest.MonkeyPatch) -> None:
    inside: list[int] = []
    make_renderer = templating.make_renderer

    def counting(*arguments: Any) -> Any:
        render = make_renderer(*arguments)

        def rendered(*arguments: Any, **context: Any) -> str:
            inside.append(operations.gate.inside)
            return render(*arguments, **context)

        return rendered

    monkeypatch.setattr(app, "make_renderer", counting)
    assert answer(operations)[0] == 200
    assert inside == [1]
    assert operations.gate.inside == 0


def test_a_page_is_refused_while_too_many_requests_are_under_way(
    operations: Operations, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gate, "REQUESTS_MAX", 1)
    with operations.gate:
        status, headers, text = answer(operations)
    assert status == 503
    assert headers[b"retry-after"].isdigit()
    assert "1 requests are under way" in text
    assert answer(operations)[0] == 200


@pytest.mark.parametrize(
    ("failure", "status", "words"),
    [
        (StoreUnavailable("the disk is full"), 503, "used now: the disk is full"),
        (UnknownWorkspace(), 404, "There is nothing here"),
    ],
)
def test_a_page_that_looks_for_itself_is_refused_as_the_api_would_be(
    operations: Operations, monkeypatch: pytest.MonkeyPatch, failure: Exception, status: int, words: str
) -> None:
    async def look(visit: Visit) -> Response:
        raise failure

    monkeypatch.setattr(app, "SECTIONS", (Section((Route(PAGE.removeprefix("/console"), get=look),)),))
    answered, headers, text = answer(operations)
    assert answered == status
    assert words in text
    assert (b"retry-after" in headers) == (status == 503)


def test_a_worker_that_is_looked_for_while_nothing_can_be_read_is_not_said_to_be_missing(
    operations: Operations,
) -> None:
    """By an address of its desk without the workspace: the browser is told to ask again."""
    status, headers, text = answer(operations, f"/console/desk/WK{'1' * 32}")
    assert status == 503
    assert headers[b"retry-after"].isdigit()
    assert "used now: the disk is full" in text
