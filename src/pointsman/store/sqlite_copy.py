"""Copies of a database file, whole or not at all: as a backup while a server runs on it, and back into a folder."""

from __future__ import annotations

import os
import secrets
import sqlite3
import tempfile
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from pointsman.ports import StoreUnusable
from pointsman.store import sqlite_work as work
from pointsman.store.folder import LOCK_FILE, FolderLock
from pointsman.store.sqlite_file import connect, named_errors

PAGES_A_STEP = 1_000
PARTS = ("", "-wal", "-shm", "-journal")  # the names of the files of a database end so
Told = Callable[[int, int], None]  # pages done, and of how many


def back_up(database: Path, target: Path, told: Told) -> None:
    """Write one committed view of `database` to the new file `target`, readable by its owner alone.

    Raises: `OSError`, `StoreUnavailable`, `StoreUnusable`.
    """
    if not database.is_file():
        raise StoreUnusable(f"There is no database {database}")
    if not target.parent.is_dir():
        raise StoreUnusable(f"There is no folder {target.parent}: make it first, or choose another")
    if _is_in_use(target, database):
        raise StoreUnusable(f"{target} is where a server keeps its data: choose another name")
    _copy(database, target, told, lambda copy: None)


def _is_in_use(target: Path, database: Path) -> bool:
    """Whether a server on this database, or on another one, has a file of that name or may make one."""
    if target.exists() and target.samefile(database):
        return True
    folder, source = target.parent.resolve(), database.resolve()
    names = {source.name + part for part in PARTS} if folder == source.parent else set()
    if (folder / LOCK_FILE).exists():
        names |= {LOCK_FILE, *(database.name + part for part in PARTS)}
    return target.name in names


def restore(backup: Path, database: Path, told: Told) -> None:
    """Make `database`, which must not be there, from a backup. Its folder must not be in use.

    Raises: `OSError`, `StoreUnavailable`, `StoreUnusable`.
    """
    folder = database.parent
    is_new = not folder.exists()
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    lock = FolderLock(folder / LOCK_FILE)
    try:
        if database.exists():
            raise StoreUnusable(f"{database} is there: move it away first, or restore into another folder with --data")
        _copy(backup, database, told, _begin_another_history)
    except BaseException:
        if is_new:  # as if nothing had been tried
            (folder / LOCK_FILE).unlink()
            folder.rmdir()
        raise
    finally:
        lock.release()


def _copy(source: Path, target: Path, told: Told, change: Callable[[sqlite3.Connection], None]) -> None:
    number, name = tempfile.mkstemp(prefix=f".{target.name}.", suffix=".part", dir=target.parent)
    os.close(number)
    part = Path(name)
    try:
        with (
            named_errors(source),
            closing(connect(source, read_only=True)) as original,
            work.transaction(original, "BEGIN"),  # or every commit of a server would have the copy begin again
        ):
            work.fetch_one(original, "SELECT count(*) FROM sqlite_schema")  # from here on it sees this moment
            with named_errors(part), closing(sqlite3.connect(part, isolation_level=None)) as copy:
                original.backup(copy, pages=PAGES_A_STEP, progress=lambda _, left, all_: told(all_ - left, all_))
                copy.execute("PRAGMA journal_mode = DELETE")  # one file, that can be read where nobody may write
                change(copy)
        with part.open("rb") as file:
            os.fsync(file.fileno())
        part.replace(target)
        folder = os.open(target.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
    finally:
        part.unlink(missing_ok=True)


def _begin_another_history(copy: sqlite3.Connection) -> None:
    """The same versions will mean other commits from here on: no copy in a memory may take them for its own."""
    with work.transaction(copy):
        for sid, version in work.fetch_all(copy, "SELECT id, version FROM workspace"):
            token = secrets.token_hex(8)
            work.fetch_all(copy, "UPDATE workspace SET token = ? WHERE id = ?", (token, sid))
            work.fetch_all(copy, "DELETE FROM commit_log WHERE workspace = ?", (sid,))
            work.fetch_all(copy, "INSERT INTO commit_log VALUES (?, ?, ?)", (sid, version, token))
