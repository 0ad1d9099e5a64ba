"""Sums of events for statistics: whatever is summed up, and whenever, the answer is the same."""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import closing

import asyncpg
import pytest
from msgspec.structs import replace

from pointsman.core.types import No
from pointsman.ports import EventQuery, EventRow, Store
from pointsman.stats import Question
from pointsman.stats.windows import HOUR_S, SECONDS_KEPT_S
from tests.conformance.store.conftest import Database
from tests.conformance.store.made import ACCOUNT, HOME, batch, create, event, ms
from tests.simulation.written import written

WORKER = No(7)
DAY_S = 86_400


def offers(number: int, every_ms: int) -> list[EventRow]:
    return [event(seq, seq * every_ms, "reservation.created", worker=WORKER) for seq in range(1, number + 1)]


async def create_at(store: Store, now_s: int, events: list[EventRow]) -> None:
    made = batch(1, events=events)
    await store.create_workspace(HOME, ACCOUNT, replace(made, head=replace(made.head, now_ms=ms(now_s * 1000))))


async def counted(store: Store, start_s: int, end_s: int, worker: No | None = None) -> int:
    workers = None if worker is None else (worker,)
    found = (await store.tallied(HOME, Question(start_s, end_s, workers=workers))).sums.get("reservation.created")
    return found.number if found else 0


async def sums_of_seconds(database: Database) -> list[int]:
    """When they begin."""
    sql = "SELECT DISTINCT start_s FROM tally WHERE size_s = 1 ORDER BY start_s"
    if database.address is None:
        with closing(sqlite3.connect(database.folder / "pointsman.db")) as file:
            return [start_s for [start_s] in file.execute(sql)]
    connection = await asyncpg.connect(database.address)
    try:
        return [row["start_s"] for row in await connection.fetch(sql)]
    finally:
        await connection.close()


async def test_an_answer_sees_one_moment_while_events_are_summed_up(store: Store) -> None:
    """Sums and what is not summed up yet are read one after the other; what moves in between counts once."""
    await create(store, events=offers(300, every_ms=10_000))
    asking, wrong = True, []

    async def ask() -> None:
        while asking:
            found = await counted(store, 0, 10_000)
            if found != 300:
                wrong.append(found)

    askers = [asyncio.create_task(ask()) for _ in range(4)]
    while await store.roll_up(1):
        pass
    asking = False
    await asyncio.gather(*askers)
    assert wrong == []


async def test_sums_of_seconds_that_are_kept_no_longer_are_never_made(database: Database) -> None:
    """A long log that is summed up late, as after an upgrade, leaves those of the last hours alone."""
    async with database.opened() as store:
        await create_at(store, DAY_S, offers(864, every_ms=100_000))
        while await store.roll_up(100):
            pass
        kept = await sums_of_seconds(database)
        assert kept
        assert kept[0] >= DAY_S - SECONDS_KEPT_S
        assert await counted(store, 0, DAY_S + 1) == 864
        assert await counted(store, 100, 5_000) == 49


async def test_sums_of_seconds_are_forgotten_as_fast_as_they_come(database: Database) -> None:
    """Each event makes several sums of a second, so as many must go when their time is over."""
    early, late = offers(900, every_ms=1_000), 5 * HOUR_S
    async with database.opened() as store:
        await create_at(store, 900, early)
        while await store.roll_up(100):
            pass
        assert len(await sums_of_seconds(database)) == 900
        more = [event(900 + n, late * 1000 + n, "reservation.created", worker=WORKER) for n in range(1, 901)]
        async with store.transaction(HOME) as transaction:
            await transaction.lock()
            made = batch(2, events=more)
            await transaction.commit(replace(made, head=replace(made.head, now_ms=ms(late * 1000 + 900))))
        while await store.roll_up(100):
            pass
        assert await sums_of_seconds(database) == [late]
        assert await counted(store, 0, late + 1) == 1_800
        assert await counted(store, 100, 200, WORKER) == 100


async def test_a_task_that_had_ended_before_it_was_deleted_is_not_counted(store: Store) -> None:
    deleted = [event(1, 1_000, "task.deleted", task=5), event(2, 2_000, "task.deleted", task=6, uncounted=1)]
    await create(store, events=deleted)
    for _ in range(2):
        sums = (await store.tallied(HOME, Question(0, 10))).sums
        assert sums["task.deleted"].number == 1
        await store.roll_up(10)


MEASURED = ("age_s", "queue_age_s", "split_age_s", "previous", "spent_ms", "uncounted")


@pytest.mark.parametrize("seed", [3, 7])
async def test_rows_from_before_there_were_statistics_get_what_is_measured_now(database: Database, seed: int) -> None:
    """Transfers, deleted workers and moves among them."""
    first, *more = written(seed, 260).batches
    async with database.opened() as store:
        await store.create_workspace(HOME, ACCOUNT, first)
        for each in more:
            async with store.transaction(HOME) as transaction:
                await transaction.lock()
                await transaction.commit(each)
        wanted = await all_events(store)
    assert {row.type for row in wanted} >= {"task.transfer-completed", "task-queue.moved", "worker.deleted"}
    await take_statistics_away(database)
    async with database.opened() as store:
        assert await all_events(store) == wanted


async def all_events(store: Store) -> list[EventRow]:
    return await store.events(HOME, EventQuery(), before=None, after=0, limit=100_000)


async def take_statistics_away(database: Database) -> None:
    """Leave the database as it was before the third step and what followed."""
    columns = "".join(f"ALTER TABLE event DROP COLUMN {name};" for name in MEASURED)
    sql = f"DROP INDEX event_waits; DROP INDEX event_stays; {columns} DROP TABLE tally; DROP TABLE roll_up;"
    sql += "DROP INDEX snapshot_until; ALTER TABLE snapshot DROP COLUMN until_ms;"
    sql += "DROP TABLE attendance; ALTER TABLE api_key DROP COLUMN secret; ALTER TABLE api_key DROP COLUMN role;"
    if database.address is None:
        with closing(sqlite3.connect(database.folder / "pointsman.db")) as file, file:
            file.executescript(sql + "PRAGMA user_version = 2;")
        return
    connection = await asyncpg.connect(database.address)
    try:
        await connection.execute(sql + "DELETE FROM schema_version WHERE version >= 3;")
    finally:
        await connection.close()
