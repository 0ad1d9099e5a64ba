"""A database of any released schema is brought up to date with all that is in it, and a released step never changes."""

from __future__ import annotations

import hashlib
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from pointsman.ports import Account, ApiKey, Attendance, EventQuery, Store
from pointsman.runtime.checking import broken
from pointsman.store import DATABASE_FILE, postgres_pool, sqlite_file
from pointsman.store.migrations import Migration, migrations
from pointsman.store.sqlite_check import check
from tests.conformance.store.conftest import Database
from tests.conformance.store.made import (
    ACCOUNT,
    ELSEWHERE,
    HOME,
    commit,
    create,
    delivery,
    event,
    live,
    ms,
    reservation,
    snapshot,
    task,
    tombstone,
)

# A step that has been released is in somebody's database: a change to it would never reach that.
RELEASED = {
    "postgres": (
        "88e34d97dbaf20c1",
        "c8bb58e9e2546115",
        "4e585ab7e0975641",
        "cbee304a91114f05",
        "098e5377f25e9aba",
        "129e8debcd49bc92",
    ),
    "sqlite": (
        "e67f9ce8f2cbc121",
        "3b1f5e7442f98009",
        "2e015fd91d20f998",
        "defe92dfdc24650e",
        "3820404f23fa7d37",
        "129e8debcd49bc92",
    ),
}
WRITTEN = Path(__file__).with_name("written")
LATEST = len(migrations("sqlite"))
CREDENTIALS = 2  # the step that brought API keys, second tokens and accounts with an owner
SOCKETS = 5  # the step that brought the secrets of keys, and attendance
Rows = dict[str, tuple[list[str], list[tuple[Any, ...]]]]  # by table: its columns, its rows


def written(dialect: str) -> list[int]:
    """The schemas of which a server's rows are kept. No server was ever released with the third step as its last."""
    return sorted(int(path.stem) for path in (WRITTEN / dialect).glob("*.sql"))


@pytest.mark.parametrize("dialect", sorted(RELEASED))
def test_a_released_step_never_changes(dialect: str) -> None:
    sums = tuple(hashlib.sha256(step.sql.encode()).hexdigest()[:16] for step in migrations(dialect))
    assert sums[: len(RELEASED[dialect])] == RELEASED[dialect]
    assert len(sums) == len(RELEASED[dialect]), "a new step is released with its sum"


@pytest.mark.parametrize("schema", range(1, LATEST + 1))
async def test_everything_is_there_after_all_steps_that_follow(
    database: Database, schema: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with database.opened() as store:
        await furnish(store, credentials=schema >= CREDENTIALS, sockets=schema >= SOCKETS)
        before = await everything(store)
    rows = await taken_out(database)

    def until_then(dialect: str) -> list[Migration]:
        return migrations(dialect)[:schema]

    with monkeypatch.context() as patch:
        for module in (sqlite_file, postgres_pool):
            patch.setattr(module, "migrations", until_then)
        async with database.opened():
            pass
    await put_in(database, rows)
    async with database.opened() as store:
        assert await everything(store) == before
        await commit(store, 4, events=[event(4)], entities=[live(9)])  # and it goes on
        assert (await store.load(HOME))[0].version == 4
    async with database.opened() as store:  # nothing is left to do
        assert (await store.load(HOME))[0].version == 4


@pytest.mark.parametrize("schema", written("sqlite"))
async def test_what_a_server_with_that_schema_wrote_itself_is_right_after_all_steps(
    database: Database, schema: int
) -> None:
    """A worker, a completed task, one that is offered, a callback that failed: as a server left them, dumped as SQL
    (by `iterdump` and `pg_dump --inserts`)."""
    assert await read_in(database, (WRITTEN / database.kind / f"{schema}.sql").read_text()) == schema
    async with database.opened() as store:
        (workspace,) = await store.workspaces()
        head, rows = await store.load(workspace.sid)
        assert list(broken(head, rows)) == []
        events = await store.events(workspace.sid, EventQuery(), before=None, after=0, limit=99)
        assert [event.seq for event in events] == list(range(1, head.seq + 1))
        accepted = next(event for event in events if event.type == "reservation.accepted")
        assert accepted.age_s is not None
        (account,) = await store.accounts()
        keys = await store.api_keys()
        assert all((key.account, key.role) == (account.sid, "full") for key in keys)
        assert len(keys) == (schema >= SOCKETS)
    if database.kind == "sqlite":
        assert check(database.folder / DATABASE_FILE, broken, lambda read, total: None).problems == []


def test_what_a_server_with_the_latest_schema_wrote_is_kept_for_the_step_that_follows() -> None:
    assert (written("sqlite")[-1], written("postgres")) == (LATEST, written("sqlite"))


async def furnish(store: Store, *, credentials: bool, sockets: bool) -> None:
    """Something in every table, and in most columns."""
    account = Account(sid=ACCOUNT, auth_token="t", friendly_name="n", created_ms=ms(7))
    await store.put_account(account)
    if credentials:
        key = ApiKey(
            sid="SK" + "1" * 32,
            account=ACCOUNT,
            secret_hash="h",
            friendly_name="k",
            created_ms=ms(8),
            updated_ms=ms(9),
            secret="s" if sockets else None,
        )
        await store.put_api_key(key)
    if sockets:
        await store.put_attendance(Attendance(workspace=HOME, worker="WK" + "1" * 32))
    await create(store, entities=[live(2), task(5), task(6, live=True)], events=[event(1, task=5, worker=2)])
    await create(store, ELSEWHERE, events=[event(1)])
    await commit(
        store,
        2,
        entities=[reservation(7, 6, live=True), reservation(8, 5)],
        events=[event(2, task=6, reservation=7, queue=3, workflow=4, channel=1)],
        snapshots=[snapshot(2, 0), snapshot(2, 1)],
        deliveries=[delivery(2, task=6)],
    )
    await commit(store, 3, entities=[tombstone(live(2), 10**12)], events=[event(3)])


async def everything(store: Store) -> dict[str, Any]:
    return {
        "accounts": await store.accounts(),
        "keys": await store.api_keys(),
        "attendances": await store.attendances(),
        "workspaces": await store.workspaces(),
        "home": await store.load(HOME),
        "elsewhere": await store.load(ELSEWHERE),
        "ended": await store.ended(HOME, [5, 8], ms(0)),
        "events": await store.events(HOME, EventQuery(), before=None, after=0, limit=99),
        "words": await store.snapshots(HOME, [(2, 0), (2, 1)]),
        "delivery": await store.delivery(HOME, "assignment", 2),
        "cursor": await store.event_cursor(HOME),
    }


async def read_in(database: Database, dump: str) -> int:
    """The schema of the database that a dump makes."""
    found: int
    if database.address is None:
        database.folder.mkdir()
        with closing(sqlite3.connect(database.folder / DATABASE_FILE)) as file:
            file.executescript(dump)
            (found,) = file.execute("PRAGMA user_version").fetchone()
        return found
    connection = await asyncpg.connect(database.address)
    try:
        await connection.execute(dump)
        found = await connection.fetchval("SELECT max(version) FROM public.schema_version")
    finally:
        await connection.close()
    return found


# --- rows of a database, as they are ------------------------------------------------------------------------------


async def taken_out(database: Database) -> Rows:
    """All rows; the database is empty then, without tables."""
    if database.address is None:
        path = database.folder / DATABASE_FILE
        with closing(sqlite3.connect(path)) as file:
            tables = [name for (name,) in file.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")]
            rows = {}
            for table in tables:
                if not table.startswith("sqlite_"):
                    found = file.execute(f"SELECT * FROM {table}")
                    rows[table] = ([column[0] for column in found.description], found.fetchall())
        for left in database.folder.glob(f"{DATABASE_FILE}*"):
            left.unlink()
        return rows
    connection = await asyncpg.connect(database.address)
    try:
        tables = await connection.fetch("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        rows = {}
        for (table,) in tables:
            if table != "schema_version":
                records = await connection.fetch(f"SELECT * FROM {table}")
                rows[table] = (list(records[0].keys()) if records else [], [tuple(row.values()) for row in records])
        await connection.execute("DROP SCHEMA public CASCADE; CREATE SCHEMA public")
        return rows
    finally:
        await connection.close()


async def put_in(database: Database, rows: Rows) -> None:
    """As far as the database has tables and columns for them."""
    if database.address is None:
        with closing(sqlite3.connect(database.folder / DATABASE_FILE)) as file, file:
            for table, (columns, values) in rows.items():
                there = {name for _, name, *_ in file.execute(f"PRAGMA table_info({table})")}
                kept = [at for at, column in enumerate(columns) if column in there]
                if kept:
                    names, marks = ", ".join(columns[at] for at in kept), ", ".join("?" * len(kept))
                    file.executemany(
                        f"INSERT INTO {table} ({names}) VALUES ({marks})",
                        [tuple(row[at] for at in kept) for row in values],
                    )
        return
    connection = await asyncpg.connect(database.address)
    try:
        for table, (columns, values) in rows.items():
            found = await connection.fetch(
                "SELECT column_name FROM information_schema.columns WHERE table_name = $1 AND table_schema = 'public'",
                table,
            )
            there = {name for (name,) in found}
            kept = [at for at, column in enumerate(columns) if column in there]
            if kept:
                names, marks = ", ".join(columns[at] for at in kept), ", ".join(f"${n + 1}" for n in range(len(kept)))
                await connection.executemany(
                    f"INSERT INTO {table} ({names}) OVERRIDING SYSTEM VALUE VALUES ({marks})",
                    [tuple(row[at] for at in kept) for row in values],
                )
    finally:
        await connection.close()
