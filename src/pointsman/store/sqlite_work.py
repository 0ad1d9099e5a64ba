"""What the SQLite store does with a connection, here or in the process that writes: one transaction a call."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from itertools import repeat
from typing import Any

import msgspec
from msgspec.structs import replace

from pointsman.core.types import AccountSid, Millis, WorkspaceSid
from pointsman.ports import (
    Batch,
    Conflict,
    Delivery,
    EventAge,
    EventQuery,
    Head,
    ReadRow,
    UnknownWorkspace,
    as_stored,
)
from pointsman.store import rows
from pointsman.store.sql import statements, with_conditions

SQL = statements("sqlite")

COMMIT_PAGES = 12  # that the smallest commit writes; further rows come about three to a page


@contextmanager
def transaction(connection: sqlite3.Connection, begin: str = "BEGIN IMMEDIATE") -> Iterator[None]:
    connection.execute(begin)
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        with suppress(sqlite3.Error):  # some errors have rolled back already
            connection.execute("ROLLBACK")
        raise


def fetch_all(connection: sqlite3.Connection, sql: str, values: Any = ()) -> list[Any]:
    return connection.execute(sql, values).fetchall()


def fetch_one(connection: sqlite3.Connection, sql: str, values: Any = ()) -> Any:
    return connection.execute(sql, values).fetchone()


def to_json(value: Any) -> str:
    return msgspec.json.encode(value).decode()


def rendered(conditions: Sequence[rows.Condition]) -> tuple[list[str], list[Any]]:
    """Conditions as SQL, and the values of their placeholders."""
    return rows.rendered(conditions, repeat("?"))


# What is large goes to the process that writes as bytes that are quickly made.
pack = msgspec.msgpack.Encoder().encode
_unpack_batch = msgspec.msgpack.Decoder(Batch).decode
_unpack_deliveries = msgspec.msgpack.Decoder(list[Delivery]).decode


# --- writing --------------------------------------------------------------------------------------------------------


def create(connection: sqlite3.Connection, sid: WorkspaceSid, account: AccountSid, packed: bytes) -> None:
    batch = _unpack_batch(packed)
    with transaction(connection):
        found = fetch_one(connection, SQL["create_workspace"], (sid, account, *_head_values(batch)))
        if found is None:
            raise Conflict(f"{sid} exists")
        fetch_all(connection, SQL["set_event_cursor"], (found[0], batch.event_cursor or 0))
        _put_batch(connection, found[0], batch)


def commit(connection: sqlite3.Connection, workspace: int, packed: bytes) -> int:
    """Write a batch; say how many pages that took, by estimate."""
    batch = _unpack_batch(packed)
    with transaction(connection):
        guard = (workspace, batch.head.version - 1)
        if connection.execute(SQL["advance"], (*_head_values(batch), *guard)).rowcount != 1:
            raise Conflict(f"the workspace is not at version {batch.head.version - 1}")
        if batch.event_cursor is not None:
            fetch_all(connection, SQL["set_event_cursor"], (workspace, batch.event_cursor))
        _put_batch(connection, workspace, batch)
    return COMMIT_PAGES + (len(batch.entities) + len(batch.events) + len(batch.snapshots)) // 3


def _head_values(batch: Batch) -> rows.Values:
    return (*msgspec.structs.astuple(batch.head), batch.head.now_ms if batch.deleted else None)


def _put_batch(connection: sqlite3.Connection, workspace: int, batch: Batch) -> None:
    version = batch.head.version
    connection.execute(SQL["log_commit"], (workspace, version, batch.head.token))
    if (oldest := rows.trim_before(version)) is not None:
        connection.execute(SQL["trim_commit_log"], (workspace, oldest))
    connection.executemany(SQL["put_entities"], [(workspace, version, *row) for row in rows.entity_values(batch)])
    connection.executemany(SQL["put_events"], [(workspace, *row) for row in rows.event_values(batch)])
    connection.executemany(SQL["put_snapshots"], [(workspace, *row) for row in rows.snapshot_values(batch)])
    if followed := rows.followed(batch):
        values = {"workspace": workspace, "fresh": to_json(followed), "until_ms": batch.head.now_ms}
        connection.execute(SQL["words_followed"], values)
    connection.executemany(SQL["put_deliveries"], [(workspace, *rows.delivery_values(d)) for d in batch.deliveries])


def claim(connection: sqlite3.Connection, now_ms: Millis, lease_ms: int, limit: int) -> list[Delivery]:
    with transaction(connection, "BEGIN"):  # it becomes a writing one only if something is due
        due = fetch_all(connection, SQL["due_deliveries"], (now_ms, limit))
        if due:
            lease = {"due_ms": now_ms + lease_ms, "rowids": to_json([row[-1] for row in due])}
            fetch_all(connection, SQL["lease_deliveries"], lease)
    return [replace(rows.delivery(row[:-1]), due_ms=Millis(now_ms + lease_ms)) for row in due]


def finish(connection: sqlite3.Connection, packed: bytes, cursors: dict[WorkspaceSid, int]) -> None:
    """Of deliveries; those of a workspace that has been swept away meanwhile are dropped."""
    deliveries = _unpack_deliveries(packed)
    with transaction(connection):
        ids: dict[WorkspaceSid, int] = {}
        for sid in {delivery.workspace: None for delivery in deliveries} | dict.fromkeys(cursors):
            if (found := fetch_one(connection, SQL["workspace_id"], (sid,))) is not None:
                ids[sid] = found[0]
        connection.executemany(
            SQL["put_deliveries"],
            [(ids[d.workspace], *rows.delivery_values(d)) for d in deliveries if d.workspace in ids],
        )
        for sid, seq in cursors.items():
            if sid in ids:
                fetch_all(connection, SQL["advance_event_cursor"], (seq, ids[sid], seq))


# --- reading --------------------------------------------------------------------------------------------------------


def load(connection: sqlite3.Connection, workspace: WorkspaceSid, read: ReadRow = as_stored) -> tuple[Head, list[Any]]:
    found = fetch_one(connection, SQL["head"], (workspace,))
    if found is None:
        raise UnknownWorkspace(workspace)
    return rows.head(found[1:]), [read(rows.entity(row)) for row in connection.execute(SQL["live"], (found[0],))]


def events(
    connection: sqlite3.Connection,
    workspace: WorkspaceSid,
    query: EventQuery,
    before: int | None,
    after: int | None,
    limit: int,
) -> list[Any]:
    home = fetch_one(connection, SQL["workspace_id"], (workspace,))
    if home is None:
        return []

    def seq_at(at_ms: int, bound: Callable[[tuple[int, int]], int]) -> int:
        return bound(fetch_one(connection, SQL["event_at"], {"workspace": home[0], "at_ms": at_ms}))

    first = seq_at(query.start_ms, lambda half: half[0]) if query.start_ms is not None else None
    end = seq_at(query.end_ms + 1, lambda half: half[1]) if query.end_ms is not None else None
    texts, values = rendered(rows.event_conditions(query, before, after, first, end))
    upwards = before is None and after is not None
    sql = with_conditions(SQL["events_up" if upwards else "events_down"], texts)
    return fetch_all(connection, sql, (home[0], *values, limit))


# --- sweeping -------------------------------------------------------------------------------------------------------


def sweep(connection: sqlite3.Connection, now_ms: Millis, limit: int) -> int:
    with transaction(connection, "BEGIN"):  # it becomes a writing one only if there is something to remove
        swept = _sweep_vanished(connection, now_ms, limit)
        if swept < limit:
            values = (now_ms - rows.DELIVERY_KEPT_MS, limit - swept)
            swept += connection.execute(SQL["sweep_deliveries"], values).rowcount
        if swept < limit:
            swept += _sweep_workspace(connection, now_ms, limit - swept)
    return swept


def _sweep_vanished(connection: sqlite3.Connection, now_ms: Millis, limit: int) -> int:
    vanished = fetch_all(connection, SQL["vanished"], (now_ms, limit))
    if not vanished:
        return 0
    tasks = {"tasks": to_json([row[1:] for row in vanished]), "limit": limit}
    swept = connection.execute(SQL["sweep_reservations"], tasks).rowcount
    room = limit - swept  # none, if reservations may be left; and one of `vanished` may be such a reservation
    if room:
        gone = {"gone": to_json([row[1:] for row in vanished[:room]]), "until_ms": rows.words_until_ms(now_ms)}
        connection.execute(SQL["words_until"], gone)
        ids = to_json([row[0] for row in vanished[:room]])
        swept += connection.execute(SQL["sweep_vanished"], (ids,)).rowcount
    return swept


def _sweep_workspace(connection: sqlite3.Connection, now_ms: Millis, limit: int) -> int:
    found = fetch_one(connection, SQL["swept_workspace"], (now_ms - rows.DELIVERY_KEPT_MS,))
    if found is None:
        return 0
    swept = 0
    for table in ("delivery", "snapshot", "event", "tally", "entity", "commit_log"):
        if swept < limit:
            swept += connection.execute(SQL[f"sweep_of_{table}"], (found[0], limit - swept)).rowcount
    if swept < limit:
        connection.execute(SQL["sweep_cursor"], (found[0],))
        connection.execute(SQL["sweep_roll_up"], (found[0],))
        swept += connection.execute(SQL["sweep_workspace"], (found[0],)).rowcount
    return swept


def retire(connection: sqlite3.Connection, workspace: WorkspaceSid, age: EventAge, limit: int) -> int:
    with transaction(connection, "BEGIN"):  # it becomes a writing one only if there is something to remove
        found = fetch_one(connection, SQL["head"], (workspace,))
        if found is None:
            return 0
        home, now_ms = found[0], rows.head(found[1:]).now_ms
        oldest = fetch_all(connection, SQL["old_events"], (home, limit + 1))
        removed = 0
        if oldest and oldest[0][1] < age.before_ms:
            (told,) = fetch_one(connection, SQL["told_up_to"], (home, age.listened))
            if last := rows.retired(oldest[:limit], told, age):
                removed = connection.execute(SQL["retire_events"], (home, last)).rowcount
        kept_ms = rows.kept_from_ms(oldest, removed, now_ms, age)
        return removed + connection.execute(SQL["retire_words"], (home, kept_ms, limit)).rowcount
