"""The store in PostgreSQL, for one server or many.

A workspace is locked by its row. READ COMMITTED is what makes that enough: the statements after the lock see all that
was committed before it was given.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from typing import TYPE_CHECKING, Any

import asyncpg
from msgspec.structs import astuple

from pointsman.core.types import AccountSid, Millis, No, Sid, WorkspaceSid
from pointsman.ports import (
    Account,
    ApiKey,
    Attendance,
    Batch,
    Conflict,
    Delivery,
    DeliveryQuery,
    EndedQuery,
    EntityRow,
    EventAge,
    EventQuery,
    EventRow,
    EventSpan,
    Head,
    Place,
    ReadRow,
    SnapshotRow,
    StoreUnavailable,
    Transaction,
    UnknownWorkspace,
    WorkspaceEntry,
    as_stored,
)
from pointsman.stats import Question, Tallied
from pointsman.store import postgres_statistics as statistics
from pointsman.store import rows
from pointsman.store.postgres_pool import ACQUIRE_S, SWEEP_LOCK, named_errors, open_pool, place, take_alone
from pointsman.store.sql import statements, with_conditions

if TYPE_CHECKING:
    from pointsman.store.postgres_pool import Connection, Pool

SQL = statements("postgres")
IN_BODY = {int: "(e.body::json->>'{}')::bigint", str: "e.body::json->>'{}'"}

LOAD_ROWS = 2_000  # fetched at a time, so that loading a large workspace leaves the event loop to others
SETTLE_PAUSES_S = (0.0, 0.2, 0.5, 1.0, 2.0, 4.0)  # before each attempt to learn what became of a commit


class PostgresTransaction:
    def __init__(self, store: PostgresStore, connection: Connection, workspace: WorkspaceSid) -> None:
        self._store = store
        self._connection = connection
        self._workspace = workspace
        self._id = 0
        self._head: Head | None = None
        self.committed = False

    async def lock(self) -> Head:
        if self._head is None:
            with named_errors(self._store.where):
                found = await self._connection.fetchrow(SQL["lock"], self._workspace)
            if found is None:
                raise UnknownWorkspace(self._workspace)
            self._id, self._head = found[0], rows.head(tuple(found)[1:])
        return self._head

    async def changes_since(self, version: int) -> list[EntityRow]:
        head = self._locked()
        if version >= head.version:
            return []
        recent = head.version - version <= rows.COMMIT_LOG_KEPT
        sql = SQL["changes_since" if recent else "changes_since_long_ago"]
        with named_errors(self._store.where):
            return [rows.entity(row) for row in await self._connection.fetch(sql, self._id, version)]

    async def knows(self, version: int, token: str) -> bool:
        head = self._locked()
        if (version, token) == (head.version, head.token):
            return True
        with named_errors(self._store.where):
            return await self._connection.fetchval(SQL["knows"], self._id, version, token) is not None

    async def commit(self, batch: Batch) -> None:
        self._locked()
        with named_errors(self._store.where):
            await put_batch(self._connection, self._id, batch)
        try:
            with named_errors(self._store.where):
                await self._connection.execute("COMMIT")
        except StoreUnavailable as error:
            drop(self._connection)  # so that the server lets go of the lock, if it has not committed
            if not await self._store.has_commit(self._workspace, batch.head):
                raise StoreUnavailable(f"{error}; the commit did not take place") from error
        self.committed = True

    def _locked(self) -> Head:
        assert self._head is not None, "lock the workspace first"
        assert not self.committed, "the transaction has ended"
        return self._head


class PostgresStore:
    """`ports.Store` at a URL. Reads and commits share one pool of connections."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._open_pool: Pool | None = None
        self._alone: Connection | None = None  # holds a lock as long as it is open
        self.where = place(url)

    async def open(self) -> None:
        assert self._open_pool is None, "the store is open"
        self._open_pool = await open_pool(self._url)

    async def take_alone(self) -> None:
        self._alone = await take_alone(self._url)

    async def close(self) -> None:
        alone, self._alone = self._alone, None
        if alone is not None:
            alone.terminate()
        pool, self._open_pool = self._open_pool, None
        if pool is not None:
            try:
                await asyncio.wait_for(pool.close(), ACQUIRE_S)
            except (TimeoutError, OSError):
                pool.terminate()

    @asynccontextmanager
    async def _connected(self) -> AsyncIterator[Connection]:
        pool = self._open_pool
        if pool is None:
            raise StoreUnavailable(f"{self.where} is closed")
        with named_errors(self.where):
            connection = await pool.acquire(timeout=ACQUIRE_S)
        try:
            yield connection
        finally:
            # Shielded: a connection that is not given back is lost to the pool.
            with named_errors(self.where):
                await asyncio.shield(pool.release(connection))

    @asynccontextmanager
    async def _writing(self) -> AsyncIterator[Connection]:
        """A transaction that commits at the end."""
        async with self._connected() as connection:
            with named_errors(self.where):
                async with connection.transaction():
                    yield connection

    async def _fetch(self, sql: str, *values: Any) -> list[Any]:
        async with self._connected() as connection:
            with named_errors(self.where):
                return await connection.fetch(sql, *values)

    async def _first(self, sql: str, *values: Any) -> Any:
        found = await self._fetch(sql, *values)
        return found[0] if found else None

    # --- accounts and workspaces ----------------------------------------------------------------------------------

    async def now_ms(self) -> Millis:
        return Millis((await self._first(SQL["now_ms"]))[0])

    async def account(self, sid: AccountSid) -> Account | None:
        found = await self._first(SQL["account"], sid)
        return rows.account(found) if found else None

    async def accounts(self) -> list[Account]:
        return [rows.account(row) for row in await self._fetch(SQL["accounts"])]

    async def put_account(self, account: Account) -> None:
        await self._fetch(SQL["put_account"], *astuple(account))

    async def api_keys(self) -> list[ApiKey]:
        return [rows.api_key(row) for row in await self._fetch(SQL["api_keys"])]

    async def put_api_key(self, key: ApiKey) -> None:
        await self._fetch(SQL["put_api_key"], *astuple(key))

    async def delete_api_key(self, sid: Sid) -> None:
        await self._fetch(SQL["delete_api_key"], sid)

    async def attendances(self) -> list[Attendance]:
        return [rows.attendance(row) for row in await self._fetch(SQL["attendances"])]

    async def put_attendance(self, attendance: Attendance) -> None:
        await self._fetch(SQL["put_attendance"], *astuple(attendance))

    async def delete_attendance(self, workspace: WorkspaceSid, worker: Sid) -> None:
        await self._fetch(SQL["delete_attendance"], workspace, worker)

    async def workspaces(self) -> list[WorkspaceEntry]:
        return [rows.workspace_entry(row) for row in await self._fetch(SQL["workspaces"])]

    async def create_workspace(self, sid: WorkspaceSid, account_sid: AccountSid, batch: Batch) -> None:
        try:
            async with self._writing() as connection:
                before = batch.head.version - 1
                found = await connection.fetchval(SQL["create_workspace"], sid, account_sid, before)
                if found is None:
                    raise Conflict(f"{sid} exists")
                await connection.execute(SQL["set_event_cursor"], found, 0)
                await put_batch(connection, found, batch)
        except StoreUnavailable:
            if not await self.has_commit(sid, batch.head):
                raise

    # --- the commit path ------------------------------------------------------------------------------------------

    @asynccontextmanager
    async def _begin(self, workspace: WorkspaceSid) -> AsyncIterator[Transaction]:
        async with self._connected() as connection:
            with named_errors(self.where):
                await connection.execute("BEGIN")
            transaction = PostgresTransaction(self, connection, workspace)
            try:
                yield transaction
            finally:
                if not transaction.committed:
                    try:
                        await connection.execute("ROLLBACK")
                    except Exception:  # then the server does it, when it sees that we are gone
                        drop(connection)

    def transaction(self, workspace: WorkspaceSid) -> AbstractAsyncContextManager[Transaction]:
        return self._begin(workspace)

    async def has_commit(self, workspace: WorkspaceSid, head: Head) -> bool:
        """After a lost acknowledgement: whether the commit took place. The lock waits for the lost session to end.

        Raises: `StoreUnavailable`, if the database does not come back in time.
        """
        for pause_s in SETTLE_PAUSES_S:
            await asyncio.sleep(pause_s)
            try:
                async with self._writing() as connection:
                    found = await connection.fetchval(SQL["lock_even_deleted"], workspace)
                    if found is None:
                        return False
                    return await connection.fetchval(SQL["knows"], found, head.version, head.token) is not None
            except StoreUnavailable:
                continue
        raise StoreUnavailable(f"{self.where} was lost during a commit; it is not known whether it took place")

    async def load(self, workspace: WorkspaceSid, read: ReadRow = as_stored) -> tuple[Head, list[Any]]:
        async with self._connected() as connection:
            with named_errors(self.where):
                async with connection.transaction(isolation="repeatable_read", readonly=True):
                    found = await connection.fetchrow(SQL["head"], workspace)
                    if found is None:
                        raise UnknownWorkspace(workspace)
                    entities: list[Any] = []
                    cursor = await connection.cursor(SQL["live"], found[0])
                    while slice_ := await cursor.fetch(LOAD_ROWS):
                        entities.extend(read(rows.entity(row)) for row in slice_)
                    return rows.head(tuple(found)[1:]), entities

    # --- reading --------------------------------------------------------------------------------------------------

    async def ended(self, workspace: WorkspaceSid, numbers: Sequence[No], now_ms: Millis) -> list[EntityRow]:
        return [rows.entity(row) for row in await self._fetch(SQL["ended"], workspace, list(numbers), now_ms)]

    async def ended_page(
        self,
        workspace: WorkspaceSid,
        query: EndedQuery,
        now_ms: Millis,
        *,
        beyond: Place | None = None,
        backwards: bool = False,
        limit: int,
    ) -> list[EntityRow]:
        conditions, order = rows.ended_page(query, beyond, backwards=backwards, in_body=IN_BODY)
        texts, values = rows.numbered(conditions, 4)
        sql = with_conditions(SQL["ended_page"], texts, order)
        return [rows.entity(row) for row in await self._fetch(sql, workspace, now_ms, limit, *values)]

    async def events(
        self, workspace: WorkspaceSid, query: EventQuery, *, before: int | None, after: int | None, limit: int
    ) -> list[EventRow]:
        async with self._connected() as connection:
            with named_errors(self.where):
                home = await connection.fetchval(SQL["workspace_id"], workspace)
                if home is None:
                    return []
                first = end = None
                if query.start_ms is not None:
                    first = await connection.fetchval(SQL["event_at"], home, query.start_ms)
                if query.end_ms is not None:
                    end = await connection.fetchval(SQL["event_at"], home, query.end_ms + 1, column=1)
                texts, values = rows.numbered(rows.event_conditions(query, before, after, first, end), 3)
                upwards = before is None and after is not None
                sql = with_conditions(SQL["events_up" if upwards else "events_down"], texts)
                return [rows.event(row) for row in await connection.fetch(sql, home, limit, *values)]

    async def event_span(self, workspace: WorkspaceSid) -> EventSpan:
        found = await self._first(SQL["event_span"], workspace)
        if found is None:
            raise UnknownWorkspace(workspace)
        return EventSpan(first=found[0], last=found[1])

    async def snapshots(self, workspace: WorkspaceSid, quotes: Sequence[tuple[No, int]]) -> list[SnapshotRow]:
        numbers, texts = _columns(sorted(set(quotes)), 2)
        return [rows.snapshot(row) for row in await self._fetch(SQL["snapshots"], workspace, numbers, texts)]

    # --- deliveries -----------------------------------------------------------------------------------------------

    async def claim_deliveries(self, now_ms: Millis, lease_ms: int, limit: int) -> list[Delivery]:
        found = await self._fetch(SQL["claim_deliveries"], now_ms, limit, now_ms + lease_ms)
        return [rows.delivery(row) for row in found]

    async def finish_deliveries(self, deliveries: Sequence[Delivery], cursors: dict[WorkspaceSid, int]) -> None:
        """What tells of a workspace that has been swept away meanwhile is dropped."""
        sids = sorted({delivery.workspace for delivery in deliveries} | set(cursors))
        async with self._writing() as connection:
            ids = {row["sid"]: row["id"] for row in await connection.fetch(SQL["hold_workspaces"], sids)}
            await _put_deliveries(connection, [(ids[d.workspace], d) for d in deliveries if d.workspace in ids])
            for sid in sids:
                if sid in cursors and sid in ids:
                    await connection.execute(SQL["advance_event_cursor"], cursors[sid], ids[sid], cursors[sid])

    async def deliveries(
        self,
        workspace: WorkspaceSid,
        query: DeliveryQuery,
        *,
        before: tuple[int, str] | None,
        limit: int,
    ) -> list[Delivery]:
        texts, values = rows.numbered(rows.delivery_conditions(query), 3)
        if query.failed:
            texts.append("d.failed")
        if query.unfinished:
            texts.append("d.verdict IS NULL")
        if before is not None:
            texts.append(f"(d.seq, d.kind) < (${len(values) + 3}, ${len(values) + 4})")
            values.extend(before)
        sql = with_conditions(SQL["deliveries"], texts)
        return [rows.delivery(row) for row in await self._fetch(sql, workspace, limit, *values)]

    async def delivery(self, workspace: WorkspaceSid, kind: str, seq: int) -> Delivery | None:
        found = await self._first(SQL["delivery"], workspace, seq, kind)
        return rows.delivery(found) if found else None

    async def event_cursor(self, workspace: WorkspaceSid) -> int:
        found = await self._first(SQL["event_cursor"], workspace)
        if found is None:
            raise UnknownWorkspace(workspace)
        return int(found[0])

    # --- statistics -----------------------------------------------------------------------------------------------

    async def roll_up(self, limit: int) -> int:
        done = 0
        for row in await self._fetch(SQL["unsummed"]):
            async with self._writing() as connection:
                done += await statistics.roll_up(connection, row["id"], limit)
        return done

    async def tallied(self, workspace: WorkspaceSid, question: Question) -> Tallied:
        async with self._connected() as connection:
            with named_errors(self.where):
                async with connection.transaction(isolation="repeatable_read", readonly=True):
                    found = await connection.fetchval(SQL["workspace_id"], workspace)
                    if found is None:
                        raise UnknownWorkspace(workspace)
                    return await statistics.Reading(connection, found, question).tallied()

    # --- sweeping -------------------------------------------------------------------------------------------------

    async def retire(self, workspace: WorkspaceSid, age: EventAge, limit: int) -> int:
        async with self._writing() as connection:
            # What a commit adds after one look must not be missing in the next, so there is none in between.
            found = await connection.fetchrow(SQL["lock"], workspace)
            if found is None:
                return 0
            home, now_ms = found[0], rows.head(tuple(found)[1:]).now_ms
            oldest = [tuple(row) for row in await connection.fetch(SQL["old_events"], home, limit + 1)]
            removed = 0
            if oldest and oldest[0][1] < age.before_ms:
                told = await connection.fetchval(SQL["told_up_to"], home, age.listened)
                if last := rows.retired(oldest[:limit], told, age):
                    removed = await _delete(connection, "retire_events", home, last)
            kept_ms = rows.kept_from_ms(oldest, removed, now_ms, age)
            return removed + await _delete(connection, "retire_words", home, kept_ms, limit)

    async def sweep(self, now_ms: Millis, limit: int) -> int:
        async with self._writing() as connection:
            if not await connection.fetchval(SQL["try_sweep_lock"], SWEEP_LOCK):
                return 0
            swept = await _sweep_vanished(connection, now_ms, limit)
            if swept < limit:
                before_ms = now_ms - rows.DELIVERY_KEPT_MS
                swept += await _delete(connection, "sweep_deliveries", before_ms, limit - swept)
            if swept < limit:
                swept += await _sweep_workspace(connection, now_ms, limit - swept)
            return swept


# --- with a connection --------------------------------------------------------------------------------------


def drop(connection: Connection) -> None:
    """Close a connection that is not to be trusted any more, unless it is closed."""
    with suppress(asyncpg.InterfaceError):
        connection.terminate()


async def put_batch(connection: Connection, workspace: int, batch: Batch) -> None:
    """Write a batch. Raises: `Conflict`, if the workspace is not at the version before it."""
    version, *head = astuple(batch.head)
    found = await connection.fetchval(
        SQL["commit"],
        workspace,
        version,
        *head,
        batch.head.now_ms if batch.deleted else None,
        *_columns(rows.entity_values(batch), len(rows.ENTITY_COLUMNS)),
        *_columns(rows.event_values(batch), len(rows.EVENT_COLUMNS)),
        *_columns(rows.snapshot_values(batch), 3),
    )
    if found is None:
        raise Conflict(f"the workspace is not at version {version - 1}")
    if (oldest := rows.trim_before(version)) is not None:
        await connection.execute(SQL["trim_commit_log"], workspace, oldest)
    if followed := rows.followed(batch):
        await connection.execute(SQL["words_followed"], workspace, *_columns(followed, 2), batch.head.now_ms)
    if batch.deliveries:
        await _put_deliveries(connection, [(workspace, delivery) for delivery in batch.deliveries])
    if batch.event_cursor is not None:
        await connection.execute(SQL["set_event_cursor"], workspace, batch.event_cursor)


async def _put_deliveries(connection: Connection, deliveries: Iterable[tuple[int, Delivery]]) -> None:
    """The last word on each counts: one statement may not write a row twice."""
    latest = {(workspace, d.seq, d.kind): d for workspace, d in deliveries}
    values = [(key[0], *rows.delivery_values(latest[key])) for key in sorted(latest)]
    if values:
        await connection.execute(SQL["put_deliveries"], *_columns(values, len(rows.DELIVERY_COLUMNS) + 1))


def _columns(values: Sequence[rows.Values], width: int) -> list[list[Any]]:
    """Rows turned into columns, which `unnest` turns into rows again."""
    return [list(column) for column in zip(*values, strict=True)] if values else [[] for _ in range(width)]


# --- sweeping -------------------------------------------------------------------------------------------------------


async def _sweep_vanished(connection: Connection, now_ms: Millis, limit: int) -> int:
    vanished = [tuple(row) for row in await connection.fetch(SQL["vanished"], now_ms, limit)]
    if not vanished:
        return 0
    swept = await _delete(connection, "sweep_reservations", *_columns(vanished, 2), limit)
    if swept < limit:  # no reservations are left; and one of `vanished` may have been one
        gone = _columns(vanished[: limit - swept], 2)
        await connection.execute(SQL["words_until"], *gone, rows.words_until_ms(now_ms))
        swept += await _delete(connection, "sweep_vanished", *gone, now_ms)
    return swept


async def _sweep_workspace(connection: Connection, now_ms: Millis, limit: int) -> int:
    workspace = await connection.fetchval(SQL["swept_workspace"], now_ms - rows.DELIVERY_KEPT_MS)
    if workspace is None:
        return 0
    swept = 0
    for table in ("delivery", "snapshot", "event", "tally", "entity", "commit_log"):
        if swept < limit:
            swept += await _delete(connection, f"sweep_of_{table}", workspace, limit - swept)
    if swept < limit:
        await connection.execute(SQL["sweep_cursor"], workspace)
        await connection.execute(SQL["sweep_roll_up"], workspace)
        swept += await _delete(connection, "sweep_workspace", workspace)
    return swept


async def _delete(connection: Connection, statement: str, *values: Any) -> int:
    status = await connection.execute(SQL[statement], *values)  # "DELETE 12"
    return int(status.rpartition(" ")[2])
