"""Accounts and API keys, and a database from before there were keys."""

from __future__ import annotations

import sqlite3
from contextlib import closing

import asyncpg
import pytest
from msgspec.structs import replace

from pointsman.core.types import AccountSid
from pointsman.ports import Account, ApiKey, Attendance, EventQuery, Store
from pointsman.store import postgres_pool, sqlite_file
from pointsman.store.migrations import Migration, migrations
from tests.conformance.store.conftest import Database
from tests.conformance.store.made import ACCOUNT, HOME, ms

OTHER = AccountSid("AC" + "b" * 32)


def key(digit: str, created_ms: int, account: AccountSid = ACCOUNT, name: str = "Ö 🚂") -> ApiKey:
    return ApiKey(
        sid="SK" + digit * 32,
        account=account,
        secret_hash=digit * 64,
        friendly_name=name,
        created_ms=ms(created_ms),
        updated_ms=ms(created_ms),
        secret=None if digit == "3" else digit,  # one that was made before secrets were kept
    )


async def test_an_account_keeps_its_owner_and_changes_its_tokens(store: Store) -> None:
    made = Account(sid=OTHER, auth_token="one", friendly_name="n", created_ms=ms(1), owner=ACCOUNT)
    await store.put_account(made)
    rotated = replace(made, secondary_token="two", updated_ms=ms(5))
    await store.put_account(rotated)
    assert await store.account(OTHER) == rotated
    await store.put_account(replace(rotated, auth_token="two", secondary_token=None, owner=None))
    assert await store.accounts() == [replace(made, auth_token="two", updated_ms=ms(5))]


async def test_keys_of_all_accounts_are_listed_oldest_first(store: Store) -> None:
    first, second, third = key("2", 1), key("1", 2, OTHER, ""), key("3", 2)
    for each in (third, second, first):
        await store.put_api_key(each)
    assert await store.api_keys() == [first, second, third]


async def test_of_a_key_only_its_name_changes(store: Store) -> None:
    made = key("1", 1)
    await store.put_api_key(made)
    renamed = replace(made, friendly_name="other", updated_ms=ms(9))
    await store.put_api_key(replace(renamed, account=OTHER, secret_hash="x", secret="x", created_ms=ms(7)))
    assert await store.api_keys() == [renamed]


async def test_a_deleted_key_is_gone_for_good(database: Database) -> None:
    async with database.opened() as store:
        await store.put_api_key(key("1", 1))
        await store.put_api_key(key("2", 2))
        await store.delete_api_key("SK" + "1" * 32)
        await store.delete_api_key("SK" + "9" * 32)  # never was
    async with database.opened() as store:
        assert await store.api_keys() == [key("2", 2)]


async def test_attendance_is_kept_until_it_is_forgotten(database: Database) -> None:
    first = Attendance(workspace=HOME, worker="WK" + "1" * 32)
    other = Attendance(workspace=HOME, worker="WK" + "2" * 32, activity="WA" + "1" * 32)
    async with database.opened() as store:
        for each in (other, first):
            await store.put_attendance(each)
        await store.put_attendance(replace(first, activity="WA" + "3" * 32))
    async with database.opened() as store:
        assert await store.attendances() == [replace(first, activity="WA" + "3" * 32), other]
        await store.delete_attendance(HOME, first.worker)
        await store.delete_attendance(HOME, first.worker)  # is gone
        assert await store.attendances() == [other]


async def test_a_database_of_the_first_schema_is_brought_up_to_date(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is in it stays; its accounts have no owner, one token, and no keys."""

    def first_only(dialect: str) -> list[Migration]:
        return migrations(dialect)[:1]

    with monkeypatch.context() as patch:
        for module in (sqlite_file, postgres_pool):
            patch.setattr(module, "migrations", first_only)
        async with database.opened():
            pass
    await add_rows_as_then(database)

    async with database.opened() as store:
        account = Account(sid=ACCOUNT, auth_token="t", friendly_name="n", created_ms=ms(7))
        assert await store.accounts() == [account]
        assert await store.api_keys() == []
        assert [entry.sid for entry in await store.workspaces()] == [HOME]
        events = await store.events(HOME, EventQuery(), before=None, after=0, limit=10)
        assert [(e.age_s, e.queue_age_s, e.split_age_s, e.previous, e.spent_ms) for e in events] == [
            (8, 5, 8, None, None),
            (9, None, 9, None, None),
            (None, None, None, 12, 3_400),
            (None, None, None, 13, None),
            (None, None, None, None, None),
        ]
        await store.put_account(replace(account, secondary_token="s"))
        await store.put_api_key(key("1", 1))


EVENTS_AS_THEN = (
    (1, "reservation.accepted", 10_100, '{"task":{"created_ms":2900,"entered_ms":5000}}'),
    (2, "task.canceled", 11_000, '{"task":{"created_ms":2900}}'),
    (3, "worker.activity.update", 11_500, '{"previous_activity":[12,1],"more":{"previous_ms":3400}}'),
    (4, "task-queue.moved", 12_000, '{"previous_queue":[13,0]}'),
    (5, "task.created", 12_000, '{"task":{"created_ms":12000}}'),
)


async def add_rows_as_then(database: Database) -> None:
    sql = f"""
        INSERT INTO account (sid, auth_token, friendly_name, created_ms) VALUES ('{ACCOUNT}', 't', 'n', 7);
        INSERT INTO workspace (sid, account, version, token, seq, next_no, now_ms)
        VALUES ('{HOME}', '{ACCOUNT}', 1, 't', 5, 20, 12000);
        INSERT INTO event (workspace, seq, type, at_ms, body)
        SELECT w.id, e.* FROM workspace w CROSS JOIN (VALUES {", ".join(map(str, EVENTS_AS_THEN))}) e;
    """
    if database.address is None:
        with closing(sqlite3.connect(database.folder / "pointsman.db")) as file, file:
            assert file.execute("PRAGMA user_version").fetchone() == (1,)
            file.executescript(sql)
    else:
        connection = await asyncpg.connect(database.address)
        assert await connection.fetchval("SELECT max(version) FROM schema_version") == 1
        await connection.execute(sql)
        await connection.close()
