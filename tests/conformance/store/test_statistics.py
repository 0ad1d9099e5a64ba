"""Sums of events for statistics: whatever is summed up, and whenever, the answer is the same."""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import closing

import asyncpg
from msgspec.structs import replace

from pointsman.core.types import No
from pointsman.ports import EventRow, Store
from pointsman.stats import Question
from pointsman.stats.windows import HOUR_S, SECONDS_KEPT_S
from tests.conformance.store.conftest import Database
from tests.conformance.store.made import ACCOUNT, HOME, batch, create, event, ms

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
