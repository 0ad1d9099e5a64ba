"""While the store can't be used: nobody waits longer than is said, and its end is noticed by itself."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest

from pointsman.core import commands as cmd
from pointsman.core.types import WorkspaceSid
from pointsman.ports import Batch, StoreUnavailable
from pointsman.runtime import mailbox
from tests.unit.runtime.test_workspaces import ACCOUNT, Server, Trouble, assert_memory_is_what_was_committed, on_server

PATIENCE_S = 0.2
LOOKS_MAX = 2_000
MANY = 100  # commands, in batches of one


def away(batch: Batch) -> Exception:
    return StoreUnavailable("away")


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mailbox, "RETRY_S_MAX", PATIENCE_S)
    monkeypatch.setattr(mailbox, "RETRY_PAUSE_S", 0.01)
    monkeypatch.setattr(mailbox, "CLOCK_CHECK_S", 0.05)
    monkeypatch.setattr(mailbox, "BATCH_COMMANDS_MAX", 1)


async def until(condition: Callable[[], bool]) -> None:
    for _ in range(LOOKS_MAX):
        if condition():
            return
        await asyncio.sleep(0.01)
    pytest.fail("it has not come to that")


async def ask_many(server: Server, workspace: WorkspaceSid) -> list[object]:
    commands = [cmd.CreateActivity(values={"friendly_name": f"{number}"}) for number in range(MANY)]
    return [*await asyncio.gather(*(server.do(workspace, each) for each in commands), return_exceptions=True)]


def test_an_outage_is_waited_for_once_and_not_once_a_batch(tmp_path: Path) -> None:
    async def test(server: Server) -> None:
        assert isinstance(server.store, Trouble)
        workspace = await server.workspace()
        server.store.plan = [away] * 100_000
        began = asyncio.get_running_loop().time()
        results = await ask_many(server, workspace)
        took_s = asyncio.get_running_loop().time() - began
        assert [str(result) for result in results] == ["away"] * MANY
        assert took_s < PATIENCE_S * MANY / 4, "each waited for those before it"
        server.store.plan = []
        await assert_memory_is_what_was_committed(server, workspace)

    on_server(tmp_path, test, Trouble)


def test_reads_do_not_wait_for_the_end_of_an_outage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mailbox, "RETRY_S_MAX", 3_600.0)

    async def test(server: Server) -> None:
        assert isinstance(server.store, Trouble)
        workspace = await server.workspace()
        server.store.plan = [away] * 100_000
        waiting = asyncio.create_task(server.worker(workspace, "Alice"))
        for _ in range(50):
            assert await server.activity(workspace, "Offline")
            await asyncio.sleep(0)
        assert not waiting.done()
        server.store.plan = []
        await waiting

    on_server(tmp_path, test, Trouble)


def test_the_end_of_an_outage_is_noticed_though_nobody_asks_for_anything(tmp_path: Path) -> None:
    """By writing: that the database can be read says nothing."""

    async def test(server: Server) -> None:
        assert isinstance(server.store, Trouble)
        workspace = await server.workspace()
        assert server.router.outage() is None
        server.store.plan = [away] * 100_000
        with pytest.raises(StoreUnavailable):
            await server.worker(workspace, "Alice")
        while len(server.store.plan) > 99_990:
            assert server.router.outage() == "away"
            (gauges,) = server.router.gauges(ACCOUNT)
            assert not gauges.store_available
            await asyncio.sleep(0.01)
        server.store.plan = []
        await until(lambda: server.router.outage() is None)
        await assert_memory_is_what_was_committed(server, workspace)
        assert await server.worker(workspace, "Bob")

    on_server(tmp_path, test, Trouble)


def test_a_server_that_ends_waits_for_no_store_that_can_not_be_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mailbox, "RETRY_S_MAX", 3_600.0)

    async def test(server: Server) -> None:
        assert isinstance(server.store, Trouble)
        workspace = await server.workspace()
        server.store.plan = [away] * 100_000
        asked = asyncio.create_task(ask_many(server, workspace))
        await until(lambda: server.router.outage() is not None)
        assert not asked.done()
        server.router.hurry()
        assert [str(result) for result in await asked] == ["away"] * MANY

    on_server(tmp_path, test, Trouble)
