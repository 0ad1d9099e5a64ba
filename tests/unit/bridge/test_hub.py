"""Who listens to a running workspace, and one socket that can't keep up."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from pointsman.bridge import outlet
from pointsman.bridge.audience import Notice
from pointsman.bridge.connection import Times
from pointsman.bridge.hub import Hub
from pointsman.bridge.session import Session
from pointsman.bridge.tokens import Grant, Role
from pointsman.core import commands as cmd
from pointsman.core.ids import number_of
from pointsman.core.record import SYSTEM
from pointsman.core.types import AccountSid, Millis, No, WorkspaceSid
from pointsman.core.types import Role as KeyRole
from pointsman.ports import Commit, Publisher, Store
from pointsman.runtime.workspaces import Workspaces
from pointsman.store import open_store

ACCOUNT = AccountSid("AC" + "1" * 32)
HOUR_MS = 3_600_000
FEW = 50


class Ear:
    """A listener that writes down what it is told."""

    def __init__(self, workspace: WorkspaceSid, worker: str | None = None) -> None:
        self.workspace = workspace
        self.worker: No | None = number_of(worker) if worker else None
        self.heard: list[str] = []
        self.goodbye: str | None = None

    def told(self, notices: Sequence[Notice]) -> None:
        self.heard += [each.type for each in notices]

    def displaced(self) -> None:
        self.goodbye = "displaced"

    def dismissed(self, why: str) -> None:
        self.goodbye = why


class Passed(Publisher):
    """On to the hub, which is made after the router."""

    hub: Hub

    def committed(self, commit: Commit) -> None:
        self.hub.committed(commit)


class Shop:
    """A running workspace with two workers."""

    def __init__(self, router: Workspaces, hub: Hub, store: Store) -> None:
        self.router, self.hub, self.store = router, hub, store
        self.workspace = WorkspaceSid("")
        self.ann = self.ben = ""

    async def open(self) -> None:
        values = {"friendly_name": "Shop", "template": "FIFO"}
        self.workspace = await self.router.create_workspace(
            ACCOUNT, values, lambda view, events: WorkspaceSid(view.state.workspace.sid), SYSTEM
        )
        self.ann, self.ben = [await self.worker(name) for name in ("ann", "ben")]

    async def do(self, command: cmd.Command) -> Any:
        return await self.router.execute(self.workspace, command, lambda view, events: list(events), SYSTEM)

    async def worker(self, name: str) -> str:
        events = await self.do(cmd.CreateWorker(values={"friendly_name": name}))
        return str(events[0].worker.sid)

    async def name(self, worker: str, attributes: str) -> None:
        await self.do(cmd.UpdateWorker(worker=worker, values={"attributes": attributes}))

    async def settle(self) -> None:
        """Until what was committed has been told: the tellers are tasks of this loop."""
        while tellers := [each for each in asyncio.all_tasks() if each.get_name().startswith("tell ")]:
            await asyncio.gather(*tellers)


def with_shop(folder: Path, work: Callable[[Shop], Awaitable[None]]) -> None:
    async def run() -> None:
        store, passed = open_store(None, folder), Passed()
        await store.open()
        router = Workspaces(store, passed)
        passed.hub = Hub(router)
        await router.start()
        try:
            shop = Shop(router, passed.hub, store)
            await shop.open()
            await work(shop)
        finally:
            await router.stop()
            await store.close()

    asyncio.run(run())


def test_a_worker_hears_of_itself_and_a_workspace_of_everything(tmp_path: Path) -> None:
    async def work(shop: Shop) -> None:
        ann, everything = Ear(shop.workspace, shop.ann), Ear(shop.workspace)
        for each in (ann, everything):
            await shop.hub.join(each)
        await shop.name(shop.ben, '{"a":1}')
        await shop.name(shop.ann, '{"a":1}')
        await shop.worker("cid")
        await shop.settle()
        assert ann.heard == ["worker.attributes.update"]
        assert everything.heard == ["worker.attributes.update", "worker.attributes.update", "worker.created"]
        assert shop.hub.open == 2

    with_shop(tmp_path, work)


def test_nobody_is_told_what_was_committed_before_he_came(tmp_path: Path) -> None:
    """Even if the telling itself comes after: it might be of what a client has never heard of [sdk]."""

    async def work(shop: Shop) -> None:
        first, late = Ear(shop.workspace, shop.ann), Ear(shop.workspace, shop.ann)
        await shop.hub.join(first)
        await shop.name(shop.ann, '{"a":1}')
        await shop.hub.join(late)
        await shop.settle()
        assert (first.heard, late.heard) == (["worker.attributes.update"], [])
        await shop.name(shop.ann, '{"a":2}')
        await shop.settle()
        assert late.heard == ["worker.attributes.update"]

    with_shop(tmp_path, work)


def test_one_who_wants_to_be_alone_sends_the_worker_s_others_away(tmp_path: Path) -> None:
    async def work(shop: Shop) -> None:
        ears = [Ear(shop.workspace, sid) for sid in (shop.ann, shop.ben, shop.ann)]
        await shop.hub.join(ears[0])
        await shop.hub.join(ears[1])
        await shop.hub.join(ears[2], alone=True)
        assert [each.goodbye for each in ears] == ["displaced", None, None]
        assert [shop.hub.leave(each) for each in ears] == [False, True, True]
        assert not shop.hub.leave(ears[0])  # is gone

    with_shop(tmp_path, work)


def test_whose_worker_or_workspace_is_deleted_is_told_why(tmp_path: Path) -> None:
    async def work(shop: Shop) -> None:
        ann, ben = Ear(shop.workspace, shop.ann), Ear(shop.workspace, shop.ben)
        for each in (ann, ben):
            await shop.hub.join(each)
        await shop.do(cmd.DeleteWorker(worker=shop.ann))
        await shop.settle()
        assert (ann.goodbye, ben.goodbye) == ("the worker was deleted", None)
        await shop.do(cmd.DeleteWorkspace())
        await shop.settle()
        assert ben.goodbye == "the workspace was deleted"

    with_shop(tmp_path, work)


def test_a_socket_that_takes_nothing_is_cut_and_another_is_told_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outlet, "UNSENT_MAX", FEW)

    async def work(shop: Shop) -> None:
        cut: list[str] = []
        stuck = session(shop, _never, lambda: cut.append("cut"))
        sent: list[str] = []

        async def take(message: dict[str, Any]) -> None:
            sent.append(message["type"])

        good = session(shop, take, lambda: cut.append("wrong one"))
        for each in (stuck, good):
            await shop.hub.join(each)
            each.begin()
            each.connection.listing((), 1)
            each.listed(())
        await until(lambda: len(sent) == 1)  # init
        await asyncio.sleep(0.2)  # both are live
        for count in range(FEW + 20):
            await shop.name(shop.ann, f'{{"a":{count}}}')
        await until(lambda: len(sent) == FEW + 21)
        assert cut == ["cut"]
        for each in (stuck, good):
            each.end()

    with_shop(tmp_path, work)


def session(shop: Shop, send: Callable[[dict[str, Any]], Awaitable[None]], cut: Callable[[], None]) -> Session:
    grant = Grant(ACCOUNT, shop.workspace, shop.ann, Role.WORKER, "SK1", KeyRole.FULL, Millis(0), b"")
    return Session(grant, shop.ann, None, shop.router, send, cut, HOUR_MS, Times(0, 0))


async def _never(message: dict[str, Any]) -> None:
    """A network that takes nothing any more."""
    await asyncio.Event().wait()


async def until(true: Callable[[], bool]) -> None:
    async with asyncio.timeout(30):
        while not true():  # noqa: ASYNC110
            await asyncio.sleep(0.005)
