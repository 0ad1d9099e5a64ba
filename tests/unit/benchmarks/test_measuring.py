"""The load generator ends, whatever a server does, and counts what never came."""

from __future__ import annotations

import asyncio
import math
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from pathlib import Path
from typing import cast

import pytest

from pointsman.store import DATABASE_FILE
from tests.benchmarks import facts, latency, lifecycles
from tests.benchmarks.failed import Failed
from tests.benchmarks.load import CANNED, CANNED_ANSWER, Target

REFUSAL = b"HTTP/1.1 503 Service Unavailable\r\nContent-Length: 4\r\n\r\nfull"


class Answers(asyncio.Protocol):
    """Each request is answered like this, and then maybe the connection closed."""

    def __init__(self, answer: bytes, closes: bool) -> None:
        self._answer, self._closes = answer, closes

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        self._transport.write(self._answer)
        if self._closes:
            self._transport.close()


@asynccontextmanager
async def serving(answer: bytes, *, closes: bool = False) -> AsyncIterator[Target]:
    server = await asyncio.get_running_loop().create_server(lambda: Answers(answer, closes), "127.0.0.1", 0)
    async with server:
        yield Target(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}")
        await asyncio.sleep(0.01)  # in which connections come to their end


def test_a_connection_that_the_server_has_closed_is_not_waited_for() -> None:
    async def asked() -> None:
        async with serving(CANNED_ANSWER, closes=True) as target, target.connections(1) as (connection,):
            await connection.ask(target.get("/"))
            for _ in range(2):
                with pytest.raises(ConnectionError, match="closed the connection"):
                    await asyncio.wait_for(connection.ask(target.get("/")), 5)

    asyncio.run(asked())


def test_what_is_said_unasked_answers_nothing() -> None:
    async def asked() -> None:
        async with serving(CANNED_ANSWER) as target, target.connections(1) as (connection,):
            connection.data_received(REFUSAL)
            assert await connection.ask(target.get("/")) == CANNED

    asyncio.run(asked())


def test_lifecycles_that_stand_still_are_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """As they do when a callback never comes."""
    monkeypatch.setattr(lifecycles, "STANDSTILL_S", 0.05)

    async def one(worker: int) -> None:
        if worker == 0:
            await lifecycles.Offers().offer("WT1")

    with pytest.raises(Failed, match=r"2 of 3 lifecycles ended, and for 0\.05 s no other"):
        asyncio.run(lifecycles.rate(one, 2, 3))


def test_a_task_that_is_never_offered_is_lost_and_counts_as_infinitely_late(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(latency, "PATIENCE_S", 0.1)
    run, refused = asyncio.run(_in_open_loop(CANNED_ANSWER))
    assert run.waits == [math.inf] * 20
    assert all(late >= 0 for late in run.late) and math.inf not in run.late
    assert refused == 0
    assert latency._median([latency._quantile(run.waits, 0.5)]) is None, "which JSON can say"


def test_refusals_are_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(latency, "PATIENCE_S", 0.1)
    run, refused = asyncio.run(_in_open_loop(REFUSAL))
    assert (len(run.waits), refused) == (20, 20)


async def _in_open_loop(answer: bytes) -> tuple[latency.Run, int]:
    """Twenty tasks within a tenth of a second."""
    async with serving(answer) as target, target.connections(4) as connections:
        loop = latency.OpenLoop()
        loop.begin(latency.Place(target, "/Tasks", {}), connections)
        return await loop.run(200, 0.1), loop.refused


def test_the_size_of_a_database_counts_what_is_still_in_its_log(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / DATABASE_FILE, isolation_level=None)) as writer:
        writer.execute("PRAGMA journal_mode = WAL")
        writer.execute("PRAGMA wal_autocheckpoint = 0")
        writer.execute("CREATE TABLE kept (body BLOB)")
        before = lifecycles.size(tmp_path)
        writer.execute("INSERT INTO kept VALUES (zeroblob(100000))")
        assert 90_000 < lifecycles.size(tmp_path) - before < 110_000


def test_the_facts_of_the_machine_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(facts, "TRIED_S", 0.01)
    found = facts.found()
    assert found["cpus"] and found["syncs a second"] > 0 and found["SQLite"] == sqlite3.sqlite_version
