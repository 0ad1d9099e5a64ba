"""What must be true of the rows of a database file, whatever happened to the server that wrote it."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import msgspec

from pointsman.core.ids import number_of
from pointsman.core.record import Record, quotes
from pointsman.core.types import No
from pointsman.ports import EntityRow, Head, StoreUnusable
from pointsman.store import rows
from pointsman.store import sqlite_work as work
from pointsman.store.migrations import migrations
from pointsman.store.sqlite_file import connect, named_errors

RETIRED_MS_MIN = 86_400_000  # the age of the youngest event that may have been removed: a day, the shortest retention
CONCERNED = ("task", "worker", "reservation", "queue", "workflow", "channel")  # columns by which an event is found
ACCOUNTS_LOST = """
    SELECT 'workspace', sid, account FROM workspace
    WHERE deleted_ms IS NULL AND account NOT IN (SELECT sid FROM account)
    UNION ALL
    SELECT 'API key', sid, account FROM api_key WHERE account NOT IN (SELECT sid FROM account)"""
ENTITIES = f"""
    SELECT {", ".join(rows.ENTITY_COLUMNS)} FROM entity WHERE workspace = ? AND (live OR body <> '') ORDER BY no"""  # noqa: S608
NEWEST = """
    SELECT coalesce(max(json_extract(body, '$.created_ms')), 0) FROM entity WHERE workspace = ? AND json_valid(body)"""
EVENTS = f"SELECT seq, at_ms, body, {', '.join(CONCERNED)} FROM event WHERE workspace = ? ORDER BY seq"  # noqa: S608
DAMAGES_MAX = 20  # that SQLite is asked to name
TOLD_EVERY = 1_000  # events
TABLES = ("commit_log", "entity", "event", "snapshot", "delivery", "tally", "event_cursor", "roll_up")
OfState = Callable[[Head, Sequence[EntityRow]], Iterator[str]]
Told = Callable[[int, int], None]

_record = msgspec.json.Decoder(Record)


class Found(NamedTuple):
    workspaces: int
    entities: int  # live ones
    events: int
    problems: list[str]  # a line each, that begins with the workspace it is about, if it is about one


def check(database: Path, of_state: OfState, told: Told) -> Found:
    """Look at one committed view of the file, while a server runs on it or not.

    `of_state` says what is wrong with the rows of a workspace's entities, live and ended; `told` hears how many events
    of how many were read. Raises: `StoreUnavailable`, `StoreUnusable`.
    """
    if not database.is_file():
        raise StoreUnusable(f"There is no database {database}")
    with named_errors(database):
        connection = connect(database, read_only=True)
        try:
            with work.transaction(connection, "BEGIN"):
                return _check(connection, database, of_state, told)
        finally:
            connection.close()


def _check(connection: sqlite3.Connection, database: Path, of_state: OfState, told: Told) -> Found:
    version, known = connection.execute("PRAGMA user_version").fetchone()[0], len(migrations("sqlite"))
    if version != known:
        raise StoreUnusable(f"{database} has schema {version}, and this Pointsman checks schema {known}")
    problems = [text for (text,) in connection.execute(f"PRAGMA integrity_check({DAMAGES_MAX})") if text != "ok"]
    for table in TABLES:
        sql = f"SELECT DISTINCT workspace FROM {table} WHERE workspace NOT IN (SELECT id FROM workspace)"  # noqa: S608
        problems += [f"{table} has rows of workspace {home}, which is not there" for (home,) in connection.execute(sql)]
    for kind, sid, account in connection.execute(ACCOUNTS_LOST):
        problems.append(f"the account {account} of {kind} {sid} is not there")
    total = connection.execute("SELECT count(*) FROM event").fetchone()[0]
    read = live = 0
    homes = connection.execute("SELECT id, sid FROM workspace WHERE deleted_ms IS NULL ORDER BY id").fetchall()
    for home, sid in homes:
        head = rows.head(work.fetch_one(connection, work.SQL["head"], (sid,))[1:])
        entities = [rows.entity(row) for row in connection.execute(ENTITIES, (home,))]
        live += sum(row.live for row in entities)
        found = [*_of_head(connection, home, head), *_of_sequence(connection, home, head), *of_state(head, entities)]
        for problem in _of_events(connection, home):
            if problem is None:
                read += 1
                if read % TOLD_EVERY == 0:
                    told(read, total)
            else:
                found.append(problem)
        problems += [f"{sid}: {text}" for text in found]
    told(total, total)
    return Found(len(homes), live, total, problems)


def _of_head(connection: sqlite3.Connection, home: int, head: Head) -> Iterator[str]:
    """Nothing is ahead of the head, and the last commit is the one that it names."""
    last = work.fetch_one(
        connection, "SELECT version, token FROM commit_log WHERE workspace = ? ORDER BY version DESC LIMIT 1", (home,)
    )
    if last != (head.version, head.token):
        yield f"the log of commits ends with version {last and last[0]}, the head is at {head.version}"
    count, first = work.fetch_one(
        connection, "SELECT count(*), min(version) FROM commit_log WHERE workspace = ?", (home,)
    )
    if last and count != last[0] - first + 1:
        yield f"{last[0] - first + 1 - count} commits are missing in the log before version {last[0]}"
    for table, column, bound in (
        ("entity", "version", head.version),
        ("entity", "no", head.next_no - 1),
        ("event", "at_ms", head.now_ms),
        ("delivery", "seq", head.seq),
        ("event_cursor", "seq", head.seq),
        ("roll_up", "seq", head.seq),
    ):
        sql = f"SELECT max({column}) FROM {table} WHERE workspace = ?"  # noqa: S608
        (greatest,) = work.fetch_one(connection, sql, (home,))
        if greatest is not None and greatest > bound:
            yield f"{table}.{column} is {greatest}, and the head says {bound} at most"


def _of_sequence(connection: sqlite3.Connection, home: int, head: Head) -> Iterator[str]:
    count, first, last = work.fetch_one(
        connection, "SELECT count(*), min(seq), max(seq) FROM event WHERE workspace = ?", (home,)
    )
    if not count:  # all of them were old
        (newest_ms,) = work.fetch_one(connection, NEWEST, (home,))
        if head.seq and newest_ms > time.time() * 1_000 - RETIRED_MS_MIN:
            yield f"there are no events, the head says {head.seq}, and none is old enough to have been removed"
        return
    if last != head.seq:
        yield f"the last event has number {last}, the head says {head.seq}"
    if count != last - first + 1:
        (missing,) = work.fetch_one(
            connection,
            "SELECT min(e.seq) + 1 FROM event e WHERE e.workspace = ?1"
            " AND NOT EXISTS (SELECT 1 FROM event n WHERE n.workspace = ?1 AND n.seq = e.seq + 1)",
            (home,),
        )
        yield f"{last - first + 1 - count} events are missing between {first} and {last}; the first is {missing}"


def _of_events(connection: sqlite3.Connection, home: int) -> Iterator[str | None]:
    """None for each event that was read, and what is wrong with it before that."""
    words = {*connection.execute("SELECT no, text FROM snapshot WHERE workspace = ?", (home,))}
    before_ms = 0
    for seq, at_ms, body, *concerned in connection.execute(EVENTS, (home,)):
        if at_ms < before_ms:
            yield f"event {seq} is older than the one before it, by {before_ms - at_ms} ms"
        before_ms = at_ms
        try:
            record = _record.decode(body)
        except msgspec.DecodeError as problem:
            yield f"event {seq} can't be read: {problem}"
        else:
            for no, text in quotes(record):
                if (no, text) not in words:
                    yield f"event {seq} quotes words {text} of entity {no}, which are not there"
            named = _named(record)
            for column, no in zip(CONCERNED, concerned, strict=True):
                if no is not None and no not in named:
                    yield f"event {seq} is found by {column} {no}, whom it does not name"
        yield None


def _named(record: Record) -> set[No]:
    """Everybody whom an event may be about."""
    facts = (record.task, record.worker, record.reservation)
    quoted = (record.queue, record.previous_queue, record.workflow, record.channel)
    moved = (record.transfer.worker_sid, record.transfer.reservation_sid) if record.transfer else ()
    return {
        *(each.no for each in facts if each is not None),
        *(quote[0] for quote in quoted if quote is not None),
        *(number_of(sid) for sid in moved),
    }
