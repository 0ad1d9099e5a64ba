"""A server that is killed while it brings an older database up to date has lost nothing, and the next one ends it.

The short form kills a few times. `scripts/test --long crash` kills hundreds of times.
"""

from __future__ import annotations

import json
import random
import shutil
import sqlite3
import time
from collections.abc import Callable
from contextlib import closing
from itertools import islice
from pathlib import Path

import pytest

from pointsman.store import DATABASE_FILE
from pointsman.store.migrations import migrations
from tests.acceptance.conftest import Pointsman, faults, make_pointsman
from tests.acceptance.raw import Raw

__all__ = ["make_pointsman"]
pytestmark = pytest.mark.acceptance

WRITTEN = Path(__file__).parents[1] / "conformance" / "store" / "written" / "sqlite"
LATEST = len(migrations("sqlite"))
KILLS, KILLS_LONG = 2, 150
EVENTS = 5_000  # more than were written, so that the steps take their time
LINES = 100
LOOK_S = 0.000_5


@pytest.mark.parametrize("schema", [1, 4])  # from the first all steps follow; from the fourth only short ones
def test_a_server_that_is_killed_while_it_brings_a_database_up_to_date_has_lost_nothing(
    make_pointsman: Callable[..., Pointsman], schema: int, request: pytest.FixtureRequest
) -> None:
    long = request.config.getoption("--long")
    if schema > 1 and not long:
        pytest.skip("the first schema is enough for a short form: scripts/test --long crash")
    kills, chance = KILLS_LONG if long else KILLS, random.Random(schema)
    server = make_pointsman()
    older = server.folder / "older.db"
    seq = write(older, schema)
    fresh(server, older)
    server.launch()
    begun(server)
    began = time.monotonic()
    server.wait()
    took_s = time.monotonic() - began
    expected = log_of(server, seq)

    interrupted = 0
    for number in range(kills):
        if schema_of(server) == LATEST:
            server.close()
            fresh(server, older)
        server.launch()
        begun(server)
        time.sleep(chance.uniform(0, took_s) if number else 0)
        server.kill()
        if schema_of(server) == schema:
            interrupted += 1  # and the next goes on with what it left
            continue
        server.start()
        assert log_of(server, seq) == expected, f"kill {number}"
    print(f"{kills} kills, {interrupted} before the end of the upgrade from schema {schema}")
    assert interrupted or not long  # a busy machine may see the log too late, once or twice
    server.restart()
    assert log_of(server, seq) == expected
    server.stop()
    told = server.command("check", "--json")
    assert (told.returncode, json.loads(told.stdout)["problems"]) == (0, [])
    assert faults(server) == []


def write(path: Path, schema: int) -> int:
    """What a server with that schema wrote, and its last event many times more. The number of the last."""
    with closing(sqlite3.connect(path)) as file, file:
        file.executescript((WRITTEN / f"{schema}.sql").read_text())
        workspace, seq, *rest = file.execute("SELECT * FROM event ORDER BY seq DESC LIMIT 1").fetchone()
        marks = ", ".join("?" * (2 + len(rest)))
        more = ((workspace, seq + number, *rest) for number in range(1, EVENTS + 1))
        file.executemany(f"INSERT INTO event VALUES ({marks})", more)
        file.execute("UPDATE workspace SET seq = ?", (seq + EVENTS,))
    return int(seq) + EVENTS


def fresh(server: Pointsman, older: Path) -> None:
    """The folder as the older server left it."""
    shutil.rmtree(server.data, ignore_errors=True)
    server.data.mkdir()
    shutil.copy(older, server.data / DATABASE_FILE)


def begun(server: Pointsman) -> None:
    """Wait until it has opened the database: then it has a log."""
    while not (server.data / f"{DATABASE_FILE}-wal").exists():
        time.sleep(LOOK_S)


def schema_of(server: Pointsman) -> int:
    with closing(sqlite3.connect(server.data / DATABASE_FILE)) as file:
        found: int = file.execute("PRAGMA user_version").fetchone()[0]
    return found


def log_of(server: Pointsman, seq: int) -> tuple[list[bytes], int]:
    """How it reads from its beginning, and how many of its events up to this one are there."""
    raw = Raw(server)
    (home,) = raw.send("GET", "/v1/Workspaces").json["workspaces"]
    with closing(raw.connect()) as connection:
        path = f"/v1/Workspaces/{home['sid']}/EventStream?Follow=false&After=0"
        connection.request("GET", path, headers=raw.auth)
        lines = list(islice(connection.getresponse(), LINES))
    with closing(sqlite3.connect(server.data / DATABASE_FILE)) as file:
        (count,) = file.execute("SELECT count(*) FROM event WHERE seq <= ?", (seq,)).fetchone()
    return lines, count
