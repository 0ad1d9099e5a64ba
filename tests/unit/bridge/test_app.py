"""The door of workers' pages, where it fails or is overtaken: what a socket hears then."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, cast

import pytest
from starlette.types import Message

from pointsman.bridge import tokens
from pointsman.bridge.app import NOT_STARTED, PATH, REVOKED, Bridge
from pointsman.bridge.connection import Times
from pointsman.bridge.presence import Absence, Presence
from pointsman.core.limits import STANDARD
from pointsman.core.types import AccountSid, Millis
from pointsman.front import Front
from pointsman.operations import Operations, gate
from pointsman.operations.call import Services
from pointsman.operations.directory import Directory
from pointsman.ports import Account, ApiKey, EventSender, Store
from tests.unit.bridge.test_hub import ACCOUNT, Shop, until, with_shop


class Page:
    """One socket of Ann's, and her requests."""

    def __init__(self, bridge: Bridge, token: str, shop: Shop) -> None:
        self._bridge, self._token, self._shop = bridge, token, shop
        self._gone = asyncio.Event()
        self.heard: list[Message] = []

    async def listen(self, on_accept: Callable[[], Awaitable[None]] | None = None) -> None:
        async def send(message: Message) -> None:
            self.heard.append(message)
            if message["type"] == "websocket.accept" and on_accept is not None:
                await on_accept()

        async def receive() -> Message:
            await self._gone.wait()
            return {"type": "websocket.disconnect"}

        query = f"token={self._token}&clientVersion=2.1.1".encode()
        await self._bridge(_scope("websocket", "ws") | {"query_string": query}, receive, send)

    async def ask(self, method: str, url: str) -> int:
        """The status of the answer."""
        sent: list[Message] = []
        asked = {"url": f"Workspaces/{self._shop.workspace}/{url}", "method": method, "token": self._token}

        async def send(message: Message) -> None:
            sent.append(message)

        async def receive() -> Message:
            return {"type": "http.request", "body": json.dumps(asked).encode()}

        await self._bridge(_scope("http", "http") | {"method": "POST"}, receive, send)
        return int(sent[0]["status"])

    @property
    def goodbye(self) -> str | None:
        return next((each["reason"] for each in self.heard if each["type"] == "websocket.close"), None)

    def leave(self) -> None:
        self._gone.set()


def _scope(kind: str, scheme: str) -> dict[str, Any]:
    return {"type": kind, "path": PATH, "scheme": scheme, "headers": [(b"host", b"x")], "http_version": "1.1"}


async def nothing(account: AccountSid) -> bytes:
    return b""


class Door:
    def __init__(self, shop: Shop, store: Store) -> None:
        self._shop, self._store = shop, store
        self.directory = Directory(store)
        sender = cast(EventSender, None)  # of callbacks, which no page asks for
        services = Services(shop.router, store, "1", STANDARD, sender, asyncio.Semaphore(1), nothing)
        operations = Operations(services, self.directory)
        presence = Presence(store, shop.router, Absence())
        self.bridge = Bridge(operations, self.directory, shop.hub, presence, Front(), Times(0, 0), 10_000)
        self.directory.revoked = self.bridge.revoked

    async def page(self) -> tuple[Page, ApiKey]:
        await self._store.put_account(Account(sid=ACCOUNT, auth_token="a" * 32, friendly_name="", created_ms=Millis(0)))
        key, secret = await self.directory.create_key(ACCOUNT, "pages")
        claims = {"workspace_sid": self._shop.workspace, "worker_sid": self._shop.ann}
        token = tokens.make(key.sid, secret, ACCOUNT, claims, await self._store.now_ms())
        return Page(self.bridge, token, self._shop), key


def with_door(folder: Path, work: Callable[[Door, Shop], Awaitable[None]]) -> None:
    with_shop(folder, lambda shop: work(Door(shop, shop.store), shop))


def test_a_client_whose_start_is_not_answered_has_to_come_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def work(door: Door, shop: Shop) -> None:
        page, _ = await door.page()
        listening = asyncio.create_task(page.listen())
        await until(lambda: len(page.heard) == 2)  # accepted, init
        assert await page.ask("GET", f"Workers/{shop.ann}") == 200
        assert await page.ask("GET", "Nowhere") == 404
        assert page.goodbye is None
        monkeypatch.setattr(gate, "REQUESTS_MAX", 0)
        assert await page.ask("GET", f"Workers/{shop.ann}/Reservations") == 503
        await until(lambda: page.goodbye == NOT_STARTED)
        page.leave()
        await listening

    with_door(tmp_path, work)


def test_a_key_that_is_revoked_while_a_socket_opens_closes_it(tmp_path: Path) -> None:
    async def work(door: Door, shop: Shop) -> None:
        page, key = await door.page()

        async def revoke() -> None:
            await door.directory.revoke_key(ACCOUNT, key.sid)

        listening = asyncio.create_task(page.listen(on_accept=revoke))
        await until(lambda: page.goodbye == REVOKED)
        page.leave()
        await listening
        assert shop.hub.open == 0

    with_door(tmp_path, work)
