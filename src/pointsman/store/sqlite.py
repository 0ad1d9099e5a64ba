"""The store in one SQLite file, for one server.

A process of its own writes (`sqlite_process`), threads read, and the event loop does neither: a thread that writes
takes the interpreter from the event loop, and waits for it at each statement. A commit is one message of bytes to that
process.
"""

from __future__ import annotations

import asyncio
import sqlite3
import sys
import time
from collections.abc import AsyncIterator, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any, TypeVar

import structlog
from msgspec.structs import astuple

from pointsman.core.types import AccountSid, Millis, No, Sid, WorkspaceSid
from pointsman.ports import (
    Account,
    ApiKey,
    Attendance,
    Batch,
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
    StoreUnusable,
    Transaction,
    UnknownWorkspace,
    WorkspaceEntry,
    as_stored,
)
from pointsman.stats import Question, Tallied
from pointsman.store import rows
from pointsman.store import sqlite_statistics as statistics
from pointsman.store import sqlite_work as work
from pointsman.store.folder import FolderLock
from pointsman.store.sql import with_conditions
from pointsman.store.sqlite_file import checkpoint, connect, named_errors, prepare, take_folder
from pointsman.store.sqlite_process import Writer, WriterLost

T = TypeVar("T")

SQL = work.SQL
IN_BODY = dict.fromkeys((int, str), "json_extract(e.body, '$.{}')")

READERS = 2  # so that loading a large workspace does not hold up every other read
# How long the event loop may keep the interpreter from a reading thread. A loop that gives it up for moments only
# (every system call is one) takes it back before the thread has woken; only a thread that waited this long gets it for
# certain, and it needs it for each row.
SWITCH_S = 0.000_05
CHECKPOINT_PAGES = 4_000  # of the write-ahead log: 16 MB

log = structlog.get_logger(__name__)


class _Known:
    """What this process knows of a workspace: it is the only one that writes, so its head needs no reading."""

    def __init__(self) -> None:
        self.lock = asyncio.Lock()
        self.id = 0
        self.head: Head | None = None  # None: to be read


class SqliteTransaction:
    """A workspace, held by an asyncio lock: nobody else writes this file."""

    def __init__(self, store: SqliteStore, workspace: WorkspaceSid) -> None:
        self._store = store
        self._workspace = workspace
        self._held: _Known | None = None

    async def lock(self) -> Head:
        if self._held is None:
            known = self._store.known(self._workspace)
            await known.lock.acquire()
            self._held = known
        if self._held.head is None:
            await self._store.read_head(self._workspace, self._held)
        assert self._held.head is not None
        return self._held.head

    async def changes_since(self, version: int) -> list[EntityRow]:
        known = self._locked()
        if known.head is not None and known.head.version == version:
            return []
        found = await self._store.on_writer(work.fetch_all, SQL["changes_since"], (known.id, version))
        return [rows.entity(row) for row in found]

    async def knows(self, version: int, token: str) -> bool:
        known = self._locked()
        if known.head is not None and (known.head.version, known.head.token) == (version, token):
            return True
        values = (known.id, version, token)
        return await self._store.on_writer(work.fetch_one, SQL["knows"], values) is not None

    async def commit(self, batch: Batch) -> None:
        await self._store.commit(self._workspace, self._locked(), batch)

    def release(self) -> None:
        if self._held is not None:
            self._held.lock.release()
            self._held = None

    def _locked(self) -> _Known:
        assert self._held is not None, "lock the workspace first"
        return self._held


class SqliteStore:
    """`ports.Store` on the file `database`."""

    def __init__(self, database: Path) -> None:
        self._database, self.where = database, str(database)
        self._folder: FolderLock | None = None
        self._writer: Writer | None = None
        self._checkpointer: sqlite3.Connection | None = None
        self._readers: list[sqlite3.Connection] = []  # those that no thread is using
        self._threads: ThreadPoolExecutor | None = None  # that read
        self._is_open = False
        self._switch_s_before = sys.getswitchinterval()
        self._known: dict[WorkspaceSid, _Known] = {}
        self._pages_written = 0  # since the last checkpoint began, by estimate
        self._checkpointing: asyncio.Task[None] | None = None

    # --- opening and closing ------------------------------------------------------------------------------------

    async def open(self) -> None:
        assert not self._is_open, "the store is open"
        await asyncio.to_thread(self._open)
        self._is_open = True
        self._switch_s_before = sys.getswitchinterval()
        sys.setswitchinterval(min(SWITCH_S, self._switch_s_before))

    def _open(self) -> None:
        self._folder = take_folder(self._database)
        try:
            self._writer = Writer(self._database, self._folder)
            self._writer.start()  # so that it is there when the file is
            with named_errors(self._database):
                prepare(self._database)
                self._checkpointer = connect(self._database)
                self._readers = [connect(self._database, read_only=True) for _ in range(READERS)]
        except BaseException as error:
            if self._writer is not None:
                self._writer.end()
            self._close()
            if isinstance(error, StoreUnavailable):
                raise StoreUnusable(str(error)) from error
            raise
        self._threads = ThreadPoolExecutor(READERS, thread_name_prefix="pointsman-read")

    async def close(self) -> None:
        """Finish what has begun, empty the write-ahead log, and let go of the folder."""
        if not self._is_open:
            return
        self._is_open = False
        sys.setswitchinterval(self._switch_s_before)
        if self._checkpointing is not None:
            await self._checkpointing
        assert self._writer is not None
        try:
            await self._writer.ask(checkpoint, "TRUNCATE")
        except (sqlite3.Error, StoreUnavailable) as error:  # the log is as good as the file: the next start reads it
            self._tell_of_checkpoint(error)
        await self._writer.stop()
        await asyncio.to_thread(self._close)

    def _close(self) -> None:
        if self._threads is not None:
            self._threads.shutdown()  # each finishes what it was asked
        for connection in [*self._readers, self._checkpointer]:
            if connection is not None:
                connection.close()
        self._threads, self._readers, self._writer, self._checkpointer = None, [], None, None
        self._known.clear()
        if self._folder is not None:
            self._folder.release()
            self._folder = None

    async def take_alone(self) -> None:
        """The folder's lock has seen to it."""

    # --- who does it ----------------------------------------------------------------------------------------------

    async def on_writer(self, job: Callable[..., T], *arguments: Any) -> T:
        """Have `job` done with the writing connection, after all that was asked before."""
        if self._writer is None or not self._is_open:
            raise StoreUnavailable(f"{self._database} is closed")
        return await self._writer.ask(job, *arguments)

    async def _on_reader(self, job: Callable[..., T], *arguments: Any) -> T:
        """Run `job` on one consistent, committed view of the database."""
        if not self._is_open:
            raise StoreUnavailable(f"{self._database} is closed")

        def run() -> T:
            connection = self._readers.pop()  # there are as many as threads
            try:
                with named_errors(self._database), work.transaction(connection, "BEGIN"):
                    return job(connection, *arguments)
            finally:
                self._readers.append(connection)

        return await asyncio.get_running_loop().run_in_executor(self._threads, run)

    def _note_pages(self, pages: int) -> None:
        """After a commit: move the log into the file now and then, in the background."""
        self._pages_written += pages
        if self._pages_written >= CHECKPOINT_PAGES and self._checkpointing is None:
            self._pages_written = 0
            self._checkpointing = asyncio.create_task(self._checkpoint(), name="checkpoint")

    async def _checkpoint(self) -> None:
        """Most of the log is moved beside the commits. Only a log that is moved entirely starts over, and under load
        it never is, so the writing process moves what came meanwhile: little, and between two commits."""
        assert self._checkpointer is not None
        assert self._writer is not None
        try:
            if await asyncio.to_thread(checkpoint, self._checkpointer, "PASSIVE") >= CHECKPOINT_PAGES:
                await self._writer.ask(checkpoint, "PASSIVE")
        except (sqlite3.Error, StoreUnavailable) as error:
            self._tell_of_checkpoint(error)
        finally:
            self._checkpointing = None

    def _tell_of_checkpoint(self, error: Exception) -> None:
        log.warning("checkpoint_failed", database=str(self._database), reason=str(error))

    # --- accounts and workspaces ----------------------------------------------------------------------------------

    async def now_ms(self) -> Millis:
        return Millis(time.time_ns() // 1_000_000)

    async def account(self, sid: AccountSid) -> Account | None:
        found = await self._on_reader(work.fetch_one, SQL["account"], (sid,))
        return rows.account(found) if found else None

    async def accounts(self) -> list[Account]:
        return [rows.account(row) for row in await self._on_reader(work.fetch_all, SQL["accounts"])]

    async def put_account(self, account: Account) -> None:
        await self.on_writer(work.fetch_all, SQL["put_account"], astuple(account))

    async def api_keys(self) -> list[ApiKey]:
        return [rows.api_key(row) for row in await self._on_reader(work.fetch_all, SQL["api_keys"])]

    async def put_api_key(self, key: ApiKey) -> None:
        await self.on_writer(work.fetch_all, SQL["put_api_key"], astuple(key))

    async def delete_api_key(self, sid: Sid) -> None:
        await self.on_writer(work.fetch_all, SQL["delete_api_key"], (sid,))

    async def attendances(self) -> list[Attendance]:
        return [rows.attendance(row) for row in await self._on_reader(work.fetch_all, SQL["attendances"])]

    async def put_attendance(self, attendance: Attendance) -> None:
        await self.on_writer(work.fetch_all, SQL["put_attendance"], astuple(attendance))

    async def delete_attendance(self, workspace: WorkspaceSid, worker: Sid) -> None:
        await self.on_writer(work.fetch_all, SQL["delete_attendance"], (workspace, worker))

    async def workspaces(self) -> list[WorkspaceEntry]:
        return [rows.workspace_entry(row) for row in await self._on_reader(work.fetch_all, SQL["workspaces"])]

    async def create_workspace(self, sid: WorkspaceSid, account_sid: AccountSid, batch: Batch) -> None:
        try:
            await self.on_writer(work.create, sid, account_sid, work.pack(batch))
        except WriterLost:
            found = await self.on_writer(work.fetch_one, SQL["head"], (sid,))
            if found is None or rows.head(found[1:]) != batch.head:
                raise

    # --- the commit path ------------------------------------------------------------------------------------------

    @asynccontextmanager
    async def _begin(self, workspace: WorkspaceSid) -> AsyncIterator[Transaction]:
        transaction = SqliteTransaction(self, workspace)
        try:
            yield transaction
        finally:
            transaction.release()

    def transaction(self, workspace: WorkspaceSid) -> AbstractAsyncContextManager[Transaction]:
        return self._begin(workspace)

    def known(self, workspace: WorkspaceSid) -> _Known:
        return self._known.setdefault(workspace, _Known())

    async def read_head(self, workspace: WorkspaceSid, known: _Known) -> None:
        """By the process that writes: a commit of ours that was given up, but is still being written, comes first."""
        found = await self.on_writer(work.fetch_one, SQL["head"], (workspace,))
        if found is None:
            self._known.pop(workspace, None)
            raise UnknownWorkspace(workspace)
        known.id, known.head = found[0], rows.head(found[1:])

    async def commit(self, workspace: WorkspaceSid, known: _Known, batch: Batch) -> None:
        known.head = None  # to be read again, unless this succeeds
        try:
            self._note_pages(await self.on_writer(work.commit, known.id, work.pack(batch)))
        except WriterLost:
            written = (known.id, batch.head.version, batch.head.token)
            if await self.on_writer(work.fetch_one, SQL["knows"], written) is None:
                raise
        if batch.deleted:
            self._known.pop(workspace, None)
        else:
            known.head = batch.head

    async def load(self, workspace: WorkspaceSid, read: ReadRow = as_stored) -> tuple[Head, list[Any]]:
        return await self._on_reader(work.load, workspace, read)

    # --- reading --------------------------------------------------------------------------------------------------

    async def ended(self, workspace: WorkspaceSid, numbers: Sequence[No], now_ms: Millis) -> list[EntityRow]:
        question = {"workspace": workspace, "numbers": work.to_json(list(numbers)), "now_ms": now_ms}
        return [rows.entity(row) for row in await self._on_reader(work.fetch_all, SQL["ended"], question)]

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
        texts, values = work.rendered(conditions)
        sql = with_conditions(SQL["ended_page"], texts, order)
        question = (workspace, now_ms, now_ms, *values, limit)
        return [rows.entity(row) for row in await self._on_reader(work.fetch_all, sql, question)]

    async def events(
        self, workspace: WorkspaceSid, query: EventQuery, *, before: int | None, after: int | None, limit: int
    ) -> list[EventRow]:
        found = await self._on_reader(work.events, workspace, query, before, after, limit)
        return [rows.event(row) for row in found]

    async def event_span(self, workspace: WorkspaceSid) -> EventSpan:
        found = await self._on_reader(work.fetch_one, SQL["event_span"], (workspace,))
        if found is None:
            raise UnknownWorkspace(workspace)
        return EventSpan(first=found[0], last=found[1])

    async def snapshots(self, workspace: WorkspaceSid, quotes: Sequence[tuple[No, int]]) -> list[SnapshotRow]:
        question = {"workspace": workspace, "quotes": work.to_json(sorted(set(quotes)))}
        return [rows.snapshot(row) for row in await self._on_reader(work.fetch_all, SQL["snapshots"], question)]

    # --- deliveries -----------------------------------------------------------------------------------------------

    async def claim_deliveries(self, now_ms: Millis, lease_ms: int, limit: int) -> list[Delivery]:
        return await self.on_writer(work.claim, now_ms, lease_ms, limit)

    async def finish_deliveries(self, deliveries: Sequence[Delivery], cursors: dict[WorkspaceSid, int]) -> None:
        await self.on_writer(work.finish, work.pack(deliveries), cursors)
        self._note_pages(len(deliveries))

    async def deliveries(
        self,
        workspace: WorkspaceSid,
        query: DeliveryQuery,
        *,
        before: tuple[int, str] | None,
        limit: int,
    ) -> list[Delivery]:
        texts, values = work.rendered(rows.delivery_conditions(query))
        if query.failed:
            texts.append("d.failed = 1")
        if query.unfinished:
            texts.append("d.verdict IS NULL")
        if before is not None:
            texts.append("(d.seq, d.kind) < (?, ?)")
            values.extend(before)
        sql = with_conditions(SQL["deliveries"], texts)
        found = await self._on_reader(work.fetch_all, sql, (workspace, *values, limit))
        return [rows.delivery(row) for row in found]

    async def delivery(self, workspace: WorkspaceSid, kind: str, seq: int) -> Delivery | None:
        found = await self._on_reader(work.fetch_one, SQL["delivery"], (workspace, seq, kind))
        return rows.delivery(found) if found else None

    async def event_cursor(self, workspace: WorkspaceSid) -> int:
        found = await self._on_reader(work.fetch_one, SQL["event_cursor"], (workspace,))
        if found is None:
            raise UnknownWorkspace(workspace)
        return int(found[0])

    async def roll_up(self, limit: int) -> int:
        done = await self.on_writer(statistics.roll_up, limit)
        self._note_pages(done)  # at most: an event changes a few sums, and most share a page
        return done

    async def tallied(self, workspace: WorkspaceSid, question: Question) -> Tallied:
        return await self._on_reader(statistics.tallied, workspace, question)

    async def retire(self, workspace: WorkspaceSid, age: EventAge, limit: int) -> int:
        removed = await self.on_writer(work.retire, workspace, age, limit)
        self._note_pages(removed)
        return removed

    async def sweep(self, now_ms: Millis, limit: int) -> int:
        return await self.on_writer(work.sweep, now_ms, limit)
