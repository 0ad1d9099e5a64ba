"""The file of an SQLite database: taking it for this process, opening, checking and migrating it, and its errors."""

from __future__ import annotations

import errno
import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

from pointsman.ports import StoreUnavailable, StoreUnusable
from pointsman.store.folder import LOCK_FILE, FolderLock
from pointsman.store.migrations import migrations

SQLITE_MIN = (3, 37, 0)  # STRICT tables
CHECKED_BYTES_MAX = 64 * 2**20  # a larger file is not read through at each start
BUSY_S = 5.0  # how long somebody's SQL prompt may hold us up
CACHE_KIB = 64 * 1024
STATEMENTS_KEPT = 256  # prepared; lists have one for each combination of conditions

# What the world did to us, as SQLite's primary result codes; anything else is a mistake in the data or in our SQL.
_WORLD = {
    sqlite3.SQLITE_BUSY: "is locked by another program",
    sqlite3.SQLITE_LOCKED: "is locked",
    sqlite3.SQLITE_CANTOPEN: "can't be opened",
    sqlite3.SQLITE_CORRUPT: "is damaged",
    sqlite3.SQLITE_NOTADB: "is not an SQLite database, or is damaged",
    sqlite3.SQLITE_FULL: "can't grow: the disk is full",
    sqlite3.SQLITE_IOERR: "can't be read or written",
    sqlite3.SQLITE_NOMEM: "can't be used: out of memory",
    sqlite3.SQLITE_PERM: "may not be used",
    sqlite3.SQLITE_READONLY: "is read-only",
}
_NOT_DATABASE = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB})


def problem(path: Path, error: sqlite3.Error) -> str | None:
    """In one line, what is wrong with the database; None if nothing is and the mistake is ours."""
    code = getattr(error, "sqlite_errorcode", None)  # absent on errors of the Python module itself
    if code is None or code & 0xFF not in _WORLD:
        return None
    return f"{path} {_WORLD[code & 0xFF]} ({error.sqlite_errorname}: {error})"


# Python's module takes only numbers and texts as they are, and asks any other value how it wants to be adapted, which
# fails at length: for None, of which the row of an event has nine, that was a fifth of all that is done in statements.
sqlite3.register_adapter(type(None), lambda nothing: nothing)
sqlite3.register_adapter(bool, int)


@contextmanager
def named_errors(path: Path) -> Iterator[None]:
    """Turn what the world did into `StoreUnavailable`; a data error stays what it is."""
    try:
        yield
    except sqlite3.Error as error:
        text = problem(path, error)
        if text is None:
            raise
        raise StoreUnavailable(text) from error


def take_folder(database: Path) -> FolderLock:
    """Make the folder if it is missing, and hold it. Raises: `StoreUnusable`."""
    folder = database.parent
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        lock = FolderLock(folder / LOCK_FILE)
    except OSError as error:
        raise StoreUnusable(f"{folder} can't be used as the data folder: {_reason(error)}") from error
    try:
        # Made here, so that only its owner can read it; SQLite gives its other files the same mode.
        os.close(os.open(database, os.O_RDWR | os.O_CREAT, 0o600))
    except OSError as error:
        lock.release()
        raise StoreUnusable(f"{database} can't be opened for writing: {_reason(error)}") from error
    return lock


def _reason(error: OSError) -> str:
    if error.errno == errno.ENOTDIR or isinstance(error, FileExistsError):
        return "there is a file in its place"
    return error.strerror or str(error)


def prepare(database: Path) -> None:
    """Check the file, and bring its schema up to date. Raises: `StoreUnusable`, `sqlite3.Error`."""
    if sqlite3.sqlite_version_info < SQLITE_MIN:
        wanted = ".".join(map(str, SQLITE_MIN))
        raise StoreUnusable(f"SQLite {sqlite3.sqlite_version} is too old: Pointsman needs {wanted} or later")
    with closing(connect_writer(database)) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        _check(connection, database)
        _migrate(connection, database)


def connect_writer(database: Path, busy_s: float | None = None) -> sqlite3.Connection:
    """The connection that writes."""
    connection = connect(database, busy_s=busy_s)
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA wal_autocheckpoint = 0")  # ours runs beside the commits
    return connection


def connect(database: Path, *, read_only: bool = False, busy_s: float | None = None) -> sqlite3.Connection:
    """A connection that any one thread may use at a time; transactions are begun and ended by statements alone."""
    uri = f"{database.absolute().as_uri()}?mode={'ro' if read_only else 'rw'}"
    connection = sqlite3.connect(
        uri,
        uri=True,
        timeout=BUSY_S if busy_s is None else busy_s,
        isolation_level=None,
        check_same_thread=False,
        cached_statements=STATEMENTS_KEPT,
    )
    try:
        connection.execute(f"PRAGMA cache_size = -{CACHE_KIB}")
    except BaseException:
        connection.close()
        raise
    return connection


def _check(connection: sqlite3.Connection, database: Path) -> None:
    if database.stat().st_size <= CHECKED_BYTES_MAX:
        verdict: str = connection.execute("PRAGMA quick_check(1)").fetchone()[0]
        if verdict != "ok":
            raise StoreUnusable(f"{database} is damaged: {' '.join(verdict.split())}")


def _migrate(connection: sqlite3.Connection, database: Path) -> None:
    steps = migrations("sqlite")
    version: int = connection.execute("PRAGMA user_version").fetchone()[0]
    if version > len(steps):
        raise StoreUnusable(
            f"{database} was written by a newer Pointsman (schema {version}; this one knows {len(steps)})"
        )
    if version == 0 and connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()[0]:
        raise StoreUnusable(f"{database} belongs to another program: it has tables that are not Pointsman's")
    if version == len(steps):
        return
    connection.execute("BEGIN IMMEDIATE")
    try:
        for step in steps[version:]:
            for statement in _statements(step.sql):
                connection.execute(statement)
        connection.execute(f"PRAGMA user_version = {len(steps)}")
        connection.execute("COMMIT")
    except BaseException:
        with suppress(sqlite3.Error):
            connection.execute("ROLLBACK")
        raise


def _statements(script: str) -> Iterator[str]:
    """Split a script: `executescript` would end our transaction."""
    statement = ""
    for line in script.splitlines(keepends=True):
        statement += line
        if sqlite3.complete_statement(statement):
            yield statement
            statement = ""
    assert not statement.strip(), "a migration ends with a semicolon"


def checkpoint(connection: sqlite3.Connection, mode: str) -> int:
    """Move the write-ahead log into the database file; say how many of its pages are still needed or in it."""
    _busy, pages, _moved = connection.execute(f"PRAGMA wal_checkpoint({mode})").fetchone()
    return int(pages)
