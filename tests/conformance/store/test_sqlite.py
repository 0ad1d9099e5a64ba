"""What only the file of one server must withstand: power cuts, second servers, bad disks and folders."""

from __future__ import annotations

import asyncio
import os
import resource
import signal
import sqlite3
import stat
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from pointsman.ports import EventQuery, StoreUnavailable, StoreUnusable
from pointsman.store import folder, open_store, sqlite, sqlite_file
from tests.conformance.store.conftest import Database
from tests.conformance.store.made import HOME, commit, create, event, head, live, numbers
from tests.writers import writers_of

WRITER = """
import asyncio, pathlib, sys
from pointsman.store import open_store
from tests.conformance.store.made import HOME, commit, create, event, live

async def write():
    store = open_store(None, pathlib.Path(sys.argv[1]))
    await store.open()
    await create(store)
    for version in range(2, 100_000):
        await commit(store, version, entities=[live(version)], events=[event(version)])
        print(version, flush=True)

asyncio.run(write())
"""


def child(folder: Path) -> subprocess.Popen[str]:
    """Another process, which commits and says so."""
    return subprocess.Popen(
        [sys.executable, "-c", WRITER, str(folder)],
        env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)},
        stdout=subprocess.PIPE,
        text=True,
    )


def refusal(runner: asyncio.Runner, folder: Path) -> str:
    """Why the folder can't be opened, in one line."""
    with pytest.raises(StoreUnusable) as caught:
        runner.run(open_store(None, folder).open())
    message = str(caught.value)
    assert "\n" not in message
    return message


@pytest.mark.parametrize("committed", [1, 40, 400])
def test_killed_at_any_moment_nothing_that_was_answered_is_lost(
    runner: asyncio.Runner, sqlite_database: Database, committed: int
) -> None:
    with child(sqlite_database.folder) as process:
        assert process.stdout is not None
        for _ in range(committed):
            answered = int(process.stdout.readline())
        process.send_signal(signal.SIGKILL)
        answered = max([answered, *(int(line) for line in process.stdout if line.endswith("\n"))])

    async def check() -> None:
        async with sqlite_database.opened() as store:
            found, entities = await store.load(HOME)
            assert found.version in (answered, answered + 1)  # the last may have been on its way to us
            assert found == head(found.version, seq=found.version)
            assert numbers(entities) == list(range(2, found.version + 1))
            newest = await store.events(HOME, EventQuery(), before=None, after=None, limit=1)
            assert newest == [event(found.version)]
            await commit(store, found.version + 1)

    runner.run(check())


def test_a_second_server_is_told_who_has_the_folder(runner: asyncio.Runner, sqlite_database: Database) -> None:
    with child(sqlite_database.folder) as process:
        assert process.stdout is not None
        process.stdout.readline()
        assert refusal(runner, sqlite_database.folder) == (
            f"{sqlite_database.folder} is in use by another Pointsman (process {process.pid})"
        )
        process.kill()


def test_what_a_killed_server_leaves_behind_keeps_the_folder_until_it_has_ended(
    runner: asyncio.Runner, sqlite_database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its last commit may still be on its way to the disk."""
    monkeypatch.setattr(folder, "LINGER_S", 0.2)
    with child(sqlite_database.folder) as process:
        assert process.stdout is not None
        process.stdout.readline()
        (writer,) = writers_of(process.pid)
        os.kill(writer, signal.SIGSTOP)
        process.kill()
    try:
        assert f"in use by another Pointsman (process {process.pid})" in refusal(runner, sqlite_database.folder)
    finally:
        os.kill(writer, signal.SIGCONT)

    async def use() -> None:
        async with sqlite_database.opened() as store:
            await store.load(HOME)

    runner.run(use())


async def test_a_writing_process_that_is_killed_is_replaced_and_nothing_is_lost(sqlite_database: Database) -> None:
    """A commit that it was asked for is there if it succeeded, and is not if it failed."""
    async with sqlite_database.opened() as store:
        await create(store)
        version, lost = 1, 0
        for _ in range(20):
            (writer,) = writers_of(os.getpid())
            asked = asyncio.create_task(commit(store, version + 1, entities=[live(version + 1)]))
            await asyncio.sleep(0)
            os.kill(writer, signal.SIGKILL)
            try:
                await asked
                version += 1
            except StoreUnavailable:
                lost += 1
            found, entities = await store.load(HOME)
            assert (found.version, numbers(entities)) == (version, list(range(2, version + 1)))
            await commit(store, version + 1, entities=[live(version + 1)])
            version += 1
        assert version > lost


async def test_within_one_process_too_and_only_until_it_closes(sqlite_database: Database) -> None:
    async with sqlite_database.opened():
        with pytest.raises(StoreUnusable, match=rf"in use by another Pointsman \(process {os.getpid()}\)"):
            await sqlite_database.store().open()
    async with sqlite_database.opened():
        pass


async def test_only_its_owner_can_read_the_database(sqlite_database: Database) -> None:
    async with sqlite_database.opened() as store:
        await create(store)
        assert stat.S_IMODE(sqlite_database.folder.stat().st_mode) == 0o700
        modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in sqlite_database.folder.iterdir()}
    assert modes == dict.fromkeys(("pointsman.db", "pointsman.db-wal", "pointsman.db-shm", "pointsman.lock"), 0o600)


async def test_closing_leaves_one_file_that_holds_everything(sqlite_database: Database) -> None:
    async with sqlite_database.opened() as store:
        await create(store)
    assert {path.name for path in sqlite_database.folder.iterdir()} == {"pointsman.db", "pointsman.lock"}


# --- folders and files that can't be used -----------------------------------------------------------------------------


def test_a_file_in_place_of_the_folder_is_refused(runner: asyncio.Runner, tmp_path: Path) -> None:
    (tmp_path / "data").write_text("")
    assert "there is a file in its place" in refusal(runner, tmp_path / "data")
    assert "there is a file in its place" in refusal(runner, tmp_path / "data" / "below")


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="there is no /proc")
def test_a_folder_that_can_not_be_written_is_refused(runner: asyncio.Runner) -> None:
    """Not by root either: nobody writes to /proc."""
    assert refusal(runner, Path("/proc/pointsman")).startswith("/proc/pointsman can't be used as the data folder")
    assert refusal(runner, Path("/proc/self")).startswith("/proc/self can't be used as the data folder")


def test_a_folder_in_place_of_the_database_is_refused(runner: asyncio.Runner, tmp_path: Path) -> None:
    (tmp_path / "pointsman.db").mkdir()
    assert "can't be opened for writing" in refusal(runner, tmp_path)


def test_what_is_not_a_database_is_refused(runner: asyncio.Runner, tmp_path: Path) -> None:
    (tmp_path / "pointsman.db").write_text("Dear diary, " * 1_000)
    assert "is not an SQLite database, or is damaged" in refusal(runner, tmp_path)


def test_another_programs_database_is_refused(runner: asyncio.Runner, tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "pointsman.db")) as file:
        file.execute("CREATE TABLE songs (name TEXT)")
    assert "belongs to another program" in refusal(runner, tmp_path)


@pytest.mark.parametrize("damage", ["cut off", "overwritten"])
def test_a_damaged_database_is_refused(runner: asyncio.Runner, sqlite_database: Database, damage: str) -> None:
    async def fill() -> None:
        async with sqlite_database.opened() as store:
            await create(store, entities=[live(no) for no in range(1, 2_000)])

    runner.run(fill())
    path = sqlite_database.folder / "pointsman.db"
    size = path.stat().st_size
    with path.open("r+b") as file:
        if damage == "cut off":
            file.truncate(size // 2)
        else:
            file.seek(4_096)
            file.write(b"\xa5" * (size - 2 * 4_096))
    assert "is damaged" in refusal(runner, sqlite_database.folder)


def test_a_refused_folder_can_be_opened_once_it_is_mended(runner: asyncio.Runner, sqlite_database: Database) -> None:
    """A refusal lets go of the lock and of every file."""
    sqlite_database.folder.mkdir()
    path = sqlite_database.folder / "pointsman.db"
    path.write_text("Dear diary, " * 1_000)
    refusal(runner, sqlite_database.folder)
    path.unlink()

    async def use() -> None:
        async with sqlite_database.opened() as store:
            await create(store)

    runner.run(use())


# --- trouble while it is open -----------------------------------------------------------------------------------------


@contextmanager
def files_no_larger_than(size: int) -> Iterator[None]:
    """A disk that is full, as far as a file of ours is concerned."""
    (writer,) = writers_of(os.getpid())
    before = resource.prlimit(writer, resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))
    try:
        yield
    finally:
        resource.prlimit(writer, resource.RLIMIT_FSIZE, before)


async def test_a_commit_that_the_disk_refuses_is_undone_and_the_next_succeeds(sqlite_database: Database) -> None:
    async with sqlite_database.opened() as store:
        await create(store, entities=[live(1)])
        with files_no_larger_than(512 * 1024), pytest.raises(StoreUnavailable, match=r"pointsman\.db can't"):
            await commit(store, 2, entities=[live(no, body="x" * 4_000) for no in range(2, 1_000)])
        assert await store.load(HOME) == (head(1), [live(1)])
        await commit(store, 2, entities=[live(2)])
        assert numbers((await store.load(HOME))[1]) == [1, 2]


async def test_somebody_elses_lock_makes_the_store_unavailable(
    sqlite_database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sqlite_file, "BUSY_S", 0.05)
    async with sqlite_database.opened() as store:
        await create(store)
        with closing(sqlite3.connect(sqlite_database.folder / "pointsman.db", isolation_level=None)) as prompt:
            prompt.execute("BEGIN IMMEDIATE")
            with pytest.raises(StoreUnavailable, match="is locked by another program"):
                await commit(store, 2)
            prompt.execute("ROLLBACK")
        await commit(store, 2)


async def test_the_write_ahead_log_does_not_grow_without_end(
    sqlite_database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sqlite, "CHECKPOINT_PAGES", 200)
    wal = sqlite_database.folder / "pointsman.db-wal"
    async with sqlite_database.opened() as store:
        await create(store)
        written = 0
        for version in range(2, 1_002):
            await commit(store, version, entities=[live(no, body="x" * 2_000) for no in range(2, 12)])
            written += 10 * 2_000
    assert written > 4_000 * 4_096  # as much as the log would hold

    async with sqlite_database.opened() as store:
        for version in range(1_002, 2_002):
            await commit(store, version, entities=[live(no, body="x" * 2_000) for no in range(2, 12)])
        assert wal.stat().st_size < 1_600 * 4_096


async def test_reads_go_on_while_a_commit_is_written(sqlite_database: Database) -> None:
    async with sqlite_database.opened() as store:
        await create(store, entities=[live(1)])
        with closing(sqlite3.connect(sqlite_database.folder / "pointsman.db", isolation_level=None)) as prompt:
            prompt.execute("BEGIN IMMEDIATE")
            waiting = asyncio.create_task(commit(store, 2, entities=[live(2)]))
            await asyncio.sleep(0.05)
            assert numbers((await store.load(HOME))[1]) == [1]
            prompt.execute("ROLLBACK")
        await waiting
        assert numbers((await store.load(HOME))[1]) == [1, 2]
