"""Old events are removed, and then the words that no event quotes any more."""

from __future__ import annotations

import sqlite3

import pytest

from pointsman.core.types import No
from pointsman.ports import Conflict, EventAge, EventQuery, EventSpan, Store, UnknownWorkspace
from pointsman.store import DATABASE_FILE, rows
from pointsman.store.migrations import migrations
from tests.conformance.store.conftest import Database
from tests.conformance.store.made import (
    ELSEWHERE,
    HOME,
    batch,
    commit,
    create,
    delivery,
    event,
    live,
    ms,
    seqs,
    snapshot,
    task,
)

LOG = [event(seq, 1_000 * seq) for seq in range(1, 11)]  # at 1 s to 10 s
HOUR_MS = rows.WORDS_KEPT_MS
RETENTION = next(step.number for step in migrations("sqlite") if step.name == "retention")


def age(before_ms: int, untold_ms: int = 0, *, listened: bool = False) -> EventAge:
    return EventAge(before_ms=ms(before_ms), untold_ms=ms(untold_ms), listened=listened)


async def kept(store: Store) -> list[int]:
    return seqs(await store.events(HOME, EventQuery(), before=None, after=0, limit=99))


async def words(store: Store, *quotes: tuple[No, int]) -> list[tuple[No, int]]:
    return [(row.no, row.text) for row in await store.snapshots(HOME, quotes)]


async def retire(store: Store, which: EventAge, limit: int = 100) -> int:
    """Until nothing is left to be removed."""
    total = 0
    while removed := await store.retire(HOME, which, limit):
        assert removed <= 2 * limit
        total += removed
    return total


async def test_events_go_when_they_are_too_old_and_those_after_them_stay(store: Store) -> None:
    await create(store, events=LOG)
    await create(store, ELSEWHERE, events=LOG)
    assert await store.event_span(HOME) == EventSpan(first=1, last=10)
    assert await retire(store, age(1_000)) == 0
    assert await retire(store, age(4_000)) == 3
    assert await kept(store) == [4, 5, 6, 7, 8, 9, 10]
    assert await store.event_span(HOME) == EventSpan(first=4, last=10)
    assert await store.event_span(ELSEWHERE) == EventSpan(first=1, last=10)
    late = await store.events(HOME, EventQuery(start_ms=ms(1), end_ms=ms(6_000)), before=None, after=0, limit=99)
    assert seqs(late) == [4, 5, 6]
    assert await retire(store, age(99_000)) == 7
    assert await store.event_span(HOME) == EventSpan(first=11, last=10)
    await commit(store, 2, events=[event(11, 99_000)])
    assert await store.event_span(HOME) == EventSpan(first=11, last=11)


async def test_the_span_of_what_is_not_there_is_unknown(store: Store) -> None:
    with pytest.raises(UnknownWorkspace):
        await store.event_span(HOME)
    assert await store.retire(HOME, age(1), 10) == 0


async def test_retention_goes_in_steps_from_the_oldest_on(store: Store) -> None:
    await create(store, events=LOG)
    for step in range(3):
        assert await store.retire(HOME, age(7_000), 2) == 2
        assert await kept(store) == [*range(3 + 2 * step, 11)]
    assert await store.retire(HOME, age(7_000), 2) == 0


async def test_what_callbacks_still_have_to_tell_of_stays_longer(store: Store) -> None:
    await create(store, events=LOG)
    await store.finish_deliveries([], {HOME: 4})
    assert await retire(store, age(9_000, 2_000, listened=True)) == 4
    assert await kept(store) == [5, 6, 7, 8, 9, 10]
    assert await retire(store, age(9_000, 6_000, listened=True)) == 1  # but not for ever
    assert await retire(store, age(9_000, listened=True)) == 0
    assert await retire(store, age(9_000)) == 3  # nobody listens: the cursor stands still for ever


async def test_an_assignment_that_is_under_way_keeps_its_event(store: Store) -> None:
    await create(store, events=LOG, deliveries=[delivery(6)])
    assert await retire(store, age(99_000)) == 5
    assert await kept(store) == [6, 7, 8, 9, 10]
    assert await retire(store, age(99_000, 8_000)) == 2


async def test_words_that_were_followed_by_others_go_with_their_last_event(store: Store) -> None:
    """The commits are at 1,001 ms, 1,002 ms and so on."""
    await create(store, events=[event(1, 1_001)], entities=[live(5)], snapshots=[snapshot(5, 0), snapshot(6, 0)])
    await commit(store, 2, events=[event(2, 1_002)], snapshots=[snapshot(5, 1)])
    await commit(store, 3, events=[event(3, 1_003)], snapshots=[snapshot(5, 2), snapshot(5, 3)])
    await commit(store, 4, events=[event(4, 1_004)])
    every = [(5, 0), (5, 1), (5, 2), (5, 3), (6, 0)]
    await retire(store, age(1_002))
    assert await words(store, *every) == every  # the event of 1,002 ms may quote what it replaced
    await retire(store, age(1_003))
    assert await words(store, *every) == [(5, 1), (5, 2), (5, 3), (6, 0)]
    await retire(store, age(1_004))
    assert await words(store, *every) == [(5, 3), (6, 0)]
    await retire(store, age(10**12))
    assert await words(store, *every) == [(5, 3), (6, 0)]  # of entities that are there, the next event may quote them


async def test_words_of_what_has_gone_go_when_no_event_can_quote_them(store: Store) -> None:
    """However long after its entity: what was swept away may still be quoted by a command under way, for a while."""
    row = task(5, vanish_ms=5_000)
    await create(store, events=[event(1, 1_001)], entities=[row], snapshots=[snapshot(5, 0)])
    await commit(store, 2, events=[event(2, 6_000)])
    assert await store.sweep(ms(5_000), 10) == 1
    await commit(store, 3, events=[event(3, 5_000 + HOUR_MS)])
    await retire(store, age(5_000 + HOUR_MS))
    assert await words(store, (5, 0)) == [(5, 0)]
    await commit(store, 4, events=[event(4, 5_001 + HOUR_MS)])
    await retire(store, age(5_001 + HOUR_MS))
    assert await words(store, (5, 0)) == []


async def test_words_of_a_log_that_is_empty_go_too(store: Store) -> None:
    await create(store, events=[event(1, 1_001)], entities=[task(5, vanish_ms=5_000)], snapshots=[snapshot(5, 0)])
    await store.sweep(ms(5_000), 10)
    await retire(store, age(5_000 + HOUR_MS))
    assert (await kept(store), await words(store, (5, 0))) == ([], [(5, 0)])
    await retire(store, age(5_001 + HOUR_MS))
    assert await words(store, (5, 0)) == []


async def test_a_commit_that_conflicts_leaves_the_words_as_they_were(store: Store) -> None:
    await create(store, events=[event(1, 1_001)], entities=[live(5)], snapshots=[snapshot(5, 0)])
    with pytest.raises(Conflict):
        async with store.transaction(HOME) as transaction:
            await transaction.lock()
            await transaction.commit(batch(7, snapshots=[snapshot(5, 1)]))
    await retire(store, age(10**12))
    assert await words(store, (5, 0)) == [(5, 0)]


async def test_words_of_an_older_database_are_known_by_what_is_there(sqlite_database: Database) -> None:
    """Which it had no note of: those that others followed, and those of what had gone."""
    every = [(5, 0), (5, 1), (6, 0), (7, 0)]
    sqlite_database.folder.mkdir()
    older = [step for step in migrations("sqlite") if step.number < RETENTION]
    with sqlite3.connect(sqlite_database.folder / DATABASE_FILE) as connection:
        for step in older:
            connection.executescript(step.sql)
        connection.execute(
            "INSERT INTO workspace (id, sid, account, version, token, seq, next_no, now_ms)"
            " VALUES (1, ?, 'AC', 1, 't', 1, 9, 5000)",
            (HOME,),
        )
        connection.execute("INSERT INTO event_cursor (workspace, seq) VALUES (1, 1)")
        for no in (5, 6):
            connection.execute(
                "INSERT INTO entity (workspace, no, kind, sid, live, body, version)"
                " VALUES (1, ?, 'worker', ?, 1, '{}', 1)",
                (no, f"WK{no}"),
            )
        connection.executemany("INSERT INTO snapshot (workspace, no, text, body) VALUES (1, ?, ?, '{}')", every)
        connection.execute(f"PRAGMA user_version = {len(older)}")
    connection.close()
    async with sqlite_database.opened() as store:
        await retire(store, age(5_000 + HOUR_MS))
        assert await words(store, *every) == every
        await retire(store, age(5_001 + HOUR_MS))
        assert await words(store, *every) == [(5, 1), (6, 0)]
