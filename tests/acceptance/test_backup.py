"""Backups of a server under load, and what can be done with them."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable

import pytest
from twilio.rest import Client

from tests.acceptance.conftest import Pointsman, clean_environment

pytestmark = pytest.mark.acceptance

BACKUPS = 3


def library(server: Pointsman) -> Client:
    client = Client(server.account, server.token)
    client.taskrouter.base_url = server.url
    return client


def workspace(server: Pointsman) -> str:
    return str(library(server).taskrouter.v1.workspaces.create(friendly_name="kept").sid)


def test_a_backup_under_load_has_all_that_was_answered_before(
    pointsman: Pointsman, make_pointsman: Callable[..., Pointsman]
) -> None:
    sid = workspace(pointsman)
    workers = library(pointsman).taskrouter.v1.workspaces(sid).workers
    answered: list[str] = []
    stop = threading.Event()

    def load() -> None:
        while not stop.is_set():
            answered.append(workers.create(friendly_name=f"w{len(answered)}").sid)

    thread = threading.Thread(target=load)
    thread.start()
    before: list[int] = []
    try:
        for number in range(BACKUPS):
            before.append(len(answered))
            told = pointsman.command("backup", f"{number}.db")
            assert (told.returncode, told.stderr) == (0, "")
            assert told.stdout.startswith(f"{number}.db has everything")
    finally:
        stop.set()
        thread.join()
    assert before == sorted(set(before))  # it went on meanwhile
    for number, least in enumerate(before):
        file = pointsman.folder / f"{number}.db"
        assert file.stat().st_mode & 0o777 == 0o600
        told = pointsman.command("check", file.name)
        assert told.returncode == 0, told.stdout
        connection = sqlite3.connect(file)
        found = {row[0] for row in connection.execute("SELECT sid FROM entity WHERE kind = 'worker'")}
        connection.close()
        assert {*answered[:least]} <= found <= {*answered}
    other = make_pointsman(folder="other")
    told = other.command("restore", str(pointsman.folder / "2.db"))
    assert (told.returncode, told.stderr) == (0, "")
    other.start()
    assert (other.account, other.token) == (pointsman.account, pointsman.token)
    kept = {each.sid for each in library(other).taskrouter.v1.workspaces(sid).workers.list()}
    assert {*answered[: before[2]]} <= kept <= {*answered}
    library(other).taskrouter.v1.workspaces(sid).workers.create(friendly_name="one more")
    assert other.command("check").returncode == 0


def test_nothing_is_replaced_that_is_there(pointsman: Pointsman) -> None:
    workspace(pointsman)
    (pointsman.folder / "here.db").write_text("precious")
    told = pointsman.command("backup", "here.db")
    assert (told.returncode, told.stdout) == (1, "")
    assert told.stderr == "pointsman: here.db is there: choose another name, or replace it with --force\n"
    assert (pointsman.folder / "here.db").read_text() == "precious"
    assert pointsman.command("backup", "here.db", "--force").returncode == 0
    told = pointsman.command("restore", "here.db")
    assert told.returncode == 1
    assert "is in use by another Pointsman" in told.stderr
    pointsman.stop()
    told = pointsman.command("restore", "here.db")
    assert told.returncode == 1
    assert "is there: move it away first" in told.stderr
    pointsman.start()
    assert len(library(pointsman).taskrouter.v1.workspaces.list()) == 1


def test_a_backup_never_replaces_what_a_server_uses(
    pointsman: Pointsman, make_pointsman: Callable[..., Pointsman]
) -> None:
    """Not even with --force: not its own database, nor that of another server, by whatever name."""
    sid = workspace(pointsman)
    other = make_pointsman(folder="other")
    other.start()
    (pointsman.folder / "link").symlink_to(pointsman.data)
    (pointsman.folder / "same.db").symlink_to(pointsman.data / "pointsman.db")
    before = (pointsman.data / "pointsman.db").stat().st_ino
    for target in (
        *(f"pointsman-data/pointsman.{end}" for end in ("db", "db-wal", "db-shm", "db-journal", "lock")),
        "link/pointsman.db",
        "same.db",
        str(other.data / "pointsman.db"),
        str(other.data / "pointsman.db-wal"),
    ):
        told = pointsman.command("backup", target, "--data", "pointsman-data", "--force")
        assert (told.returncode, told.stdout) == (1, ""), target
        assert told.stderr == f"pointsman: {target} is where a server keeps its data: choose another name\n"
    assert (pointsman.data / "pointsman.db").stat().st_ino == before
    library(pointsman).taskrouter.v1.workspaces(sid).workers.create(friendly_name="one more")
    assert pointsman.command("check").returncode == 0
    told = pointsman.command("backup", "pointsman-data/monday.db")
    assert (told.returncode, told.stderr) == (0, "")


def test_what_can_not_be_backed_up_or_restored_is_said(make_pointsman: Callable[..., Pointsman]) -> None:
    server = make_pointsman()
    server.start()
    workspace(server)
    assert server.command("backup", "good.db").returncode == 0
    for arguments, expected in (
        (("backup", "."), ". is a folder"),
        (("backup", "nowhere/x.db"), "There is no folder nowhere: make it first, or choose another"),
        (("backup", "x.db", "--data", "good.db"), "good.db is a file: expected a data folder"),
        (("backup", "x.db", "--data", "empty"), "There is no database empty/pointsman.db"),
        (("restore", "missing.db", "--data", "new"), "There is no database missing.db"),
    ):
        told = server.command(*arguments)
        assert (told.returncode, told.stdout) == (1, ""), arguments
        assert expected in told.stderr
        assert "Traceback" not in told.stderr
        assert told.stderr.count("\n") == 1
    file = server.folder / "good.db"
    connection = sqlite3.connect(file)
    connection.execute("DELETE FROM event WHERE seq = 3")
    connection.commit()
    connection.close()
    told = server.command("restore", "good.db", "--data", "new")
    assert told.returncode == 1
    assert "1 events are missing" in told.stdout
    assert "good.db has 1 problems, and nothing was restored" in told.stderr
    assert not (server.folder / "new" / "pointsman.db").exists()
    assert [*server.folder.glob(".*part*")] == []


def test_a_backup_that_does_not_fit_on_the_disk_leaves_nothing_behind(pointsman: Pointsman) -> None:
    """Files may not grow beyond some size: to the command it is as if the disk was full."""
    workspace(pointsman)
    assert pointsman.command("backup", "good.db").returncode == 0
    limited = ["sh", "-c", 'ulimit -f 16; exec "$@"', "sh", sys.executable, "-m", "pointsman"]
    for arguments in (("restore", "good.db", "--data", "new"), ("backup", "again.db")):
        told = subprocess.run(
            [*limited, *arguments],
            cwd=pointsman.folder,
            env=clean_environment(),
            capture_output=True,
            text=True,
            timeout=60,
        )
        assert (told.returncode, told.stdout) == (1, ""), told.stderr
        assert "Traceback" not in told.stderr
        assert told.stderr.count("\n") == 1, told.stderr
    assert [*pointsman.folder.rglob("*.part")] == []
    assert not (pointsman.folder / "new").exists()
