"""What is committed is there, all of it, once, and in order."""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import closing

import asyncpg
import pytest
from msgspec.structs import replace

from pointsman.core.types import AccountSid
from pointsman.ports import (
    Account,
    Batch,
    Conflict,
    EntityRow,
    Store,
    StoreUnavailable,
    StoreUnusable,
    UnknownWorkspace,
)
from pointsman.store import open_store
from tests.conformance.store.conftest import Database
from tests.conformance.store.made import (
    ACCOUNT,
    ELSEWHERE,
    HOME,
    batch,
    commit,
    create,
    event,
    head,
    live,
    ms,
    numbers,
    reservation,
    snapshot,
    task,
    tombstone,
)


async def test_an_account_is_kept_and_only_its_name_and_token_change(store: Store) -> None:
    older = Account(sid=AccountSid("AC2"), auth_token="t2", friendly_name="Ö", created_ms=ms(1))
    newer = Account(sid=AccountSid("AC1"), auth_token="t1", friendly_name="B", created_ms=ms(2))
    await store.put_account(newer)
    await store.put_account(older)
    assert await store.accounts() == [older, newer]

    await store.put_account(replace(newer, auth_token="t3", friendly_name="C", created_ms=ms(9)))
    assert await store.account(newer.sid) == replace(newer, auth_token="t3", friendly_name="C")
    assert await store.account(AccountSid("AC3")) is None


async def test_the_clock_shows_the_present(store: Store) -> None:
    first = await store.now_ms()
    assert first > 1_600_000_000_000
    assert first <= await store.now_ms() < first + 60_000


async def test_workspaces_are_listed_oldest_first_with_account_and_deadline(store: Store) -> None:
    await create(store, ELSEWHERE)
    await store.create_workspace(HOME, ACCOUNT, Batch(head=head(1, deadline_ms=ms(7_000))))
    listed = await store.workspaces()
    assert [entry.sid for entry in listed] == [ELSEWHERE, HOME]
    assert (listed[1].account_sid, listed[1].deadline_ms) == (ACCOUNT, 7_000)


async def test_a_workspace_is_created_once(store: Store) -> None:
    await create(store, entities=[live(1)])
    with pytest.raises(Conflict):
        await create(store, entities=[live(1), live(2)])
    assert numbers((await store.load(HOME))[1]) == [1]


async def test_loading_gives_the_head_and_the_live_entities_by_number(store: Store) -> None:
    rows = [
        live(2, body='{"a":"\\u0000 é 🚂"}'),
        live(1, "workspace"),
        task(4, vanish_ms=9),
        reservation(3, 5, live=True),
    ]
    await create(store, entities=rows)
    await create(store, ELSEWHERE, entities=[live(1), live(9)])
    found_head, found = await store.load(HOME)
    assert found_head == head(1)
    assert found == [rows[1], rows[0], rows[3]]


async def test_loading_makes_of_each_row_what_it_is_asked_to(store: Store) -> None:
    """So that the rows of a large workspace are never all in memory."""
    await create(store, entities=[live(1), live(2), task(3, vanish_ms=9)])
    assert await store.load(HOME, lambda row: row.no) == (head(1), [1, 2])

    def refuse(row: EntityRow) -> None:
        raise ValueError(f"row {row.no} does not decode")

    with pytest.raises(ValueError, match="row 1 does not decode"):
        await store.load(HOME, refuse)
    assert await store.load(HOME) == (head(1), [live(1), live(2)])


async def test_a_later_commit_replaces_rows_and_the_head(store: Store) -> None:
    await create(store, entities=[live(1), live(2), task(3, live=True)])
    changed = live(2, body='{"changed":true}')
    async with store.transaction(HOME) as transaction:
        assert await transaction.lock() == head(1)
        await transaction.commit(Batch(head=head(2, deadline_ms=ms(5)), entities=[task(3, vanish_ms=9_000), changed]))
    found_head, found = await store.load(HOME)
    assert found_head == head(2, deadline_ms=ms(5))
    assert found == [live(1), changed]
    async with store.transaction(HOME) as transaction:
        assert await transaction.lock() == found_head


async def test_many_rows_fit_one_commit(store: Store) -> None:
    """More than a statement holds, and not a round number."""
    rows = [live(no) for no in range(1, 2_500)]
    await create(store, entities=rows, events=[event(seq) for seq in range(1, 1_778)])
    assert (await store.load(HOME))[1] == rows


async def test_leaving_without_a_commit_changes_nothing(store: Store) -> None:
    await create(store, entities=[live(1)])
    async with store.transaction(HOME) as transaction:
        await transaction.lock()
    with pytest.raises(ZeroDivisionError):
        async with store.transaction(HOME) as transaction:
            await transaction.lock()
            raise ZeroDivisionError
    assert (await store.load(HOME))[0] == head(1)
    await commit(store, 2)  # and the workspace is free again


async def test_a_commit_from_another_version_conflicts_and_writes_nothing(store: Store) -> None:
    await create(store, entities=[live(1)])
    for version in (1, 3):
        async with store.transaction(HOME) as transaction:
            await transaction.lock()
            with pytest.raises(Conflict):
                await transaction.commit(batch(version, entities=[live(1, body='{"no":1}'), live(2)]))
    assert await store.load(HOME) == (head(1), [live(1)])
    await commit(store, 2, entities=[live(2)])
    assert numbers((await store.load(HOME))[1]) == [1, 2]


async def test_a_row_that_the_database_refuses_undoes_its_commit_and_no_other(store: Store) -> None:
    await create(store, events=[event(1)])
    async with store.transaction(HOME) as transaction:
        await transaction.lock()
        with pytest.raises(Exception, match=r"(?i)unique") as caught:
            await transaction.commit(batch(2, entities=[live(8)], events=[event(1)]))
    assert type(caught.value).__module__ != "pointsman.ports"  # our mistake, not the world's
    await commit(store, 2, entities=[live(9)])
    assert numbers((await store.load(HOME))[1]) == [9]


async def test_a_workspace_is_locked_until_the_transaction_ends(store: Store) -> None:
    await create(store)
    order: list[str] = []

    async def second() -> None:
        async with store.transaction(HOME) as transaction:
            found = await transaction.lock()
            order.append(f"second at {found.version}")

    async with store.transaction(HOME) as transaction:
        await transaction.lock()
        waiting = asyncio.create_task(second())
        await asyncio.sleep(0.05)
        order.append("first")
        await transaction.commit(batch(2))
    await waiting
    assert order == ["first", "second at 2"]


async def test_workspaces_do_not_wait_for_one_another(store: Store) -> None:
    await create(store)
    await create(store, ELSEWHERE)
    async with store.transaction(HOME) as transaction:
        await transaction.lock()
        await commit(store, 2, ELSEWHERE)
        await transaction.commit(batch(2))


async def test_commits_that_race_all_take_place(store: Store) -> None:
    await create(store)

    async def add(no: int) -> None:
        async with store.transaction(HOME) as transaction:
            found = await transaction.lock()
            await transaction.commit(batch(found.version + 1, entities=[live(no)]))

    await asyncio.gather(*(add(no) for no in range(1, 31)))
    found, entities = await store.load(HOME)
    assert found.version == 31
    assert numbers(entities) == list(range(1, 31))


async def test_a_commit_that_is_given_up_leaves_the_workspace_usable(store: Store) -> None:
    """Whether it took place is open; the next lock tells."""
    await create(store)

    async def write() -> None:
        async with store.transaction(HOME) as transaction:
            await transaction.lock()
            await transaction.commit(batch(2, entities=[live(no) for no in range(1, 2_000)]))

    given_up = asyncio.create_task(write())
    await asyncio.sleep(0.01)
    given_up.cancel()
    await asyncio.gather(given_up, return_exceptions=True)
    async with store.transaction(HOME) as transaction:
        found = await transaction.lock()
        await transaction.commit(batch(found.version + 1))
    assert (await store.load(HOME))[0].version == found.version + 1


async def test_unknown_workspaces_are_unknown(store: Store) -> None:
    with pytest.raises(UnknownWorkspace):
        await store.load(HOME)
    with pytest.raises(UnknownWorkspace):
        async with store.transaction(HOME) as transaction:
            await transaction.lock()
    with pytest.raises(UnknownWorkspace):
        await store.event_cursor(HOME)
    await create(store)  # asking first does no harm
    await commit(store, 2)


# --- catching up ----------------------------------------------------------------------------------------------------


async def changes(store: Store, version: int) -> list[EntityRow]:
    async with store.transaction(HOME) as transaction:
        await transaction.lock()
        return await transaction.changes_since(version)


async def test_changes_since_a_version_are_the_rows_written_after_it(store: Store) -> None:
    await create(store, entities=[live(1), live(2), live(3)])
    await commit(store, 2, entities=[live(4), task(5, live=True), live(2, body='{"v":2}')])
    ended = task(5, vanish_ms=9_000)
    gone = tombstone(live(3), 9_000)
    await commit(store, 3, entities=[ended, gone])
    assert await changes(store, 3) == []
    assert await changes(store, 2) == [gone, ended]
    assert await changes(store, 1) == [live(2, body='{"v":2}'), gone, live(4), ended]
    assert numbers(await changes(store, 0)) == [1, 2, 3, 4, 5]


async def test_each_commit_is_known_by_version_and_token(store: Store) -> None:
    await create(store)
    await commit(store, 2)
    async with store.transaction(HOME) as transaction:
        await transaction.lock()
        assert await transaction.knows(1, "token-1")
        assert await transaction.knows(2, "token-2")
        assert not await transaction.knows(1, "token-2")
        assert not await transaction.knows(3, "token-3")


async def test_the_log_of_commits_is_short_and_changes_reach_further(store: Store) -> None:
    await create(store, entities=[live(1)])
    await commit(store, 2, entities=[live(2)])
    for version in range(3, 1_203):
        await commit(store, version)
    async with store.transaction(HOME) as transaction:
        await transaction.lock()
        assert not await transaction.knows(2, "token-2")
        assert await transaction.knows(203, "token-203")
        assert numbers(await transaction.changes_since(1)) == [2]
        assert await transaction.changes_since(203) == []


# --- snapshots ------------------------------------------------------------------------------------------------------


async def test_snapshots_are_found_by_number_and_text(store: Store) -> None:
    await create(store, snapshots=[snapshot(5, 0), snapshot(5, 1), snapshot(6, 0)])
    await create(store, ELSEWHERE, snapshots=[snapshot(5, 2)])
    await commit(store, 2, snapshots=[snapshot(5, 1), snapshot(7, 0)])  # one stands already
    assert await store.snapshots(HOME, [(7, 0), (5, 1), (5, 2), (5, 1)]) == [snapshot(5, 1), snapshot(7, 0)]
    assert await store.snapshots(HOME, []) == []


# --- again later ----------------------------------------------------------------------------------------------------


async def test_everything_is_there_after_opening_again(database: Database) -> None:
    account = Account(sid=ACCOUNT, auth_token="t", friendly_name="n", created_ms=ms(1))
    async with database.opened() as store:
        await store.put_account(account)
        await create(store, entities=[live(1)], events=[event(1)], snapshots=[snapshot(1, 0)])
        await commit(store, 2, entities=[live(2)])
        before = await store.load(HOME)

    async with database.opened() as store:
        assert await store.load(HOME) == before
        assert await store.account(ACCOUNT) == account
        assert await store.snapshots(HOME, [(1, 0)]) == [snapshot(1, 0)]
        await commit(store, 3)


async def test_a_closed_store_is_unavailable_and_closing_twice_does_no_harm(database: Database) -> None:
    async with database.opened() as store:
        await create(store)
    await store.close()
    with pytest.raises(StoreUnavailable, match="closed"):
        await store.workspaces()
    with pytest.raises(StoreUnavailable, match="closed"):
        await commit(store, 2)


async def test_a_database_written_by_a_newer_program_is_refused(database: Database) -> None:
    async with database.opened():
        pass
    if database.address is None:
        with closing(sqlite3.connect(database.folder / "pointsman.db")) as file:
            file.execute("PRAGMA user_version = 999")
    else:
        connection = await asyncpg.connect(database.address)
        await connection.execute("INSERT INTO schema_version VALUES (999, 'later', now())")
        await connection.close()
    with pytest.raises(StoreUnusable, match="newer Pointsman"):
        await database.store().open()


async def test_an_address_of_no_known_kind_is_refused(database: Database) -> None:
    with pytest.raises(StoreUnusable, match="postgresql://"):
        open_store("mysql://root:secret@db/x", database.folder)
