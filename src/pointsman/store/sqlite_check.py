"""What must be true of the rows of a database file, whatever happened to the server that wrote it."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import msgspec

from pointsman.core.record import Record, quotes
from pointsman.ports import EntityRow, Head, StoreUnusable
from pointsman.store import sqlite_work as work
from pointsman.store.migrations import migrations
from pointsman.store.sqlite_file import connect, named_errors

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

    `of_state` says what is wrong with a state that is loaded from its rows; `told` hears how many events of how many
    were read. Raises: `StoreUnavailable`, `StoreUnusable`.
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
    total = connection.execute("SELECT count(*) FROM event").fetchone()[0]
    read = live = 0
    homes = connection.execute("SELECT id, sid FROM workspace WHERE deleted_ms IS NULL ORDER BY id").fetchall()
    for home, sid in homes:
        head, entities = work.load(connection, sid)
        live += len(entities)
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
    for seq, at_ms, body in connection.execute(
        "SELECT seq, at_ms, body FROM event WHERE workspace = ? ORDER BY seq", (home,)
    ):
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
        yield None
