"""`pointsman check` finds what is wrong with a database, and nothing in one that is right."""

from __future__ import annotations

import json
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from twilio.rest import Client

from pointsman.cli.check import NOT_CHECKED, WRONG
from pointsman.runtime.checking import broken
from pointsman.store.sqlite_check import check
from tests.acceptance.conftest import Pointsman

pytestmark = pytest.mark.acceptance

FAULTS = {
    "DELETE FROM event WHERE seq = 7": "1 events are missing between 1 and {seq}; the first is 7",
    "UPDATE workspace SET seq = seq + 1": "the last event has number {seq}, the head says {more}",
    "UPDATE event SET at_ms = at_ms - 5000 WHERE seq = 7": "event 7 is older than the one before it, by ",
    "UPDATE event SET body = '{' WHERE seq = 7": "event 7 can't be read: ",
    "DELETE FROM snapshot WHERE no = (SELECT no FROM entity WHERE kind = 'worker')": "quotes words 0 of entity ",
    "UPDATE workspace SET version = version + 1": "the log of commits ends with version ",
    "UPDATE commit_log SET token = 'x'": "the log of commits ends with version ",
    "UPDATE workspace SET next_no = 3": "entity.no is ",
    "UPDATE entity SET version = 99999 WHERE kind = 'worker'": "entity.version is 99999, and the head says ",
    "UPDATE event SET at_ms = at_ms + 999999999 WHERE seq = {seq}": "event.at_ms is ",
    "UPDATE event_cursor SET seq = 99999": "event_cursor.seq is 99999, and the head says {seq} at most",
    "INSERT INTO event_cursor VALUES (77, 0)": "event_cursor has rows of workspace 77, which is not there",
    "UPDATE entity SET body = '{}' WHERE kind = 'worker'": "can't be read: ",
    "DELETE FROM entity WHERE kind = 'worker'": " has lost its task or worker",
    "DELETE FROM entity WHERE kind = 'activity'": "an entity names another that is not there: ",
    "UPDATE entity SET live = 0 WHERE kind = 'reservation'": " is reserved with 0 pending and 0 accepted reservations",
    "DELETE FROM account": "the account AC",
    "UPDATE workspace SET account = 'AC0'": "the account AC0 of workspace WS",
    "INSERT INTO api_key VALUES ('SK1', 'AC0', '', '', 1, 1, NULL, '')": "the account AC0 of API key SK1 is not there",
    "DELETE FROM entity WHERE kind = 'task_queue'": " sends tasks to WQ",
    "DELETE FROM entity WHERE kind = 'workflow'": " has lost its workflow",
    "DELETE FROM entity WHERE kind = 'configuration'": " has lost its rules",
    "UPDATE entity SET sid = 'WK1' WHERE kind = 'worker'": "worker WK1: its row says sid WK1, its body WK",
    "UPDATE entity SET kind = 'worker' WHERE kind = 'activity'": ": its row says kind worker, its body activity",
    "UPDATE entity SET task = 1 WHERE kind = 'reservation'": ": its row says task 1, its body ",
    "UPDATE entity SET task = 1 WHERE kind = 'reservation' AND live = 0": ": its row says task 1, its body ",
    "UPDATE entity SET worker = NULL WHERE kind = 'reservation'": ": its row says worker None, its body ",
    "UPDATE entity SET no = 99 WHERE kind = 'worker'": ": its row says no 99, its body ",
    "DELETE FROM commit_log WHERE version = 5": "1 commits are missing in the log before version ",
    "DELETE FROM event": "there are no events, the head says {seq}, and none is old enough to have been removed",
    "UPDATE event SET worker = 1 WHERE seq = 7": "event 7 is found by worker 1, whom it does not name",
    "UPDATE event SET queue = 99999 WHERE task IS NOT NULL": " is found by queue 99999, whom it does not name",
}


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The database of a server that has ended: a task is offered, another is completed."""
    server = Pointsman(tmp_path_factory.mktemp("written"))
    server.start()
    client = Client(server.account, server.token)
    client.taskrouter.base_url = server.url
    made = client.taskrouter.v1.workspaces.create(friendly_name="checked")
    api = client.taskrouter.v1.workspaces(made.sid)
    (available,) = (each.sid for each in api.activities.list() if each.friendly_name == "Available")
    worker = api.workers.create(friendly_name="Alice", activity_sid=available)
    api.workers(worker.sid).worker_channels("default").update(capacity=5)
    queue = api.task_queues.create(friendly_name="all", target_workers="1==1")
    rules = json.dumps({"task_routing": {"default_filter": {"queue": queue.sid}}})
    workflow = api.workflows.create(friendly_name="all", configuration=rules)
    for ends in (True, False):
        task = api.tasks.create(workflow_sid=workflow.sid, attributes='{"n": 1}')
        if ends:
            (offer,) = api.tasks(task.sid).reservations.list()
            offer.update(reservation_status="accepted")
            task.update(assignment_status="completed", reason="done")
    live = server.command("check")
    assert (live.returncode, live.stderr) == (0, ""), live.stdout
    assert live.stdout.startswith("OK: "), live.stdout
    server.stop()
    yield server.data / "pointsman.db"
    server.close()


def test_a_database_of_a_server_that_has_ended_is_right(written: Path) -> None:
    told: list[tuple[int, int]] = []
    found = check(written, broken, lambda read, total: told.append((read, total)))
    assert found.problems == []
    assert (found.workspaces, told) == (1, [(found.events, found.events)])
    assert found.entities > 10


@pytest.mark.parametrize("fault", FAULTS)
def test_a_planted_fault_is_found(written: Path, tmp_path: Path, fault: str) -> None:
    copy = tmp_path / "copy.db"
    shutil.copy(written, copy)
    with sqlite3.connect(copy) as connection:
        (seq,) = connection.execute("SELECT seq FROM workspace").fetchone()
        connection.execute(fault.replace("{seq}", str(seq)))
    connection.close()
    problems = check(copy, broken, lambda read, total: None).problems
    expected = FAULTS[fault].format(seq=seq, more=seq + 1)
    assert any(expected in problem for problem in problems), problems


def test_a_damaged_page_is_found(written: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy.db"
    content = bytearray(written.read_bytes())
    with sqlite3.connect(written) as connection:
        (page,) = connection.execute("SELECT rootpage FROM sqlite_schema WHERE name = 'event_by_task'").fetchone()
        (size,) = connection.execute("PRAGMA page_size").fetchone()
    connection.close()
    content[(page - 1) * size + 3 : (page - 1) * size + 5] = b"\0\0"  # an index that says it has no rows
    copy.write_bytes(content)
    problems = check(copy, broken, lambda read, total: None).problems
    assert any("event_by_task" in problem for problem in problems), problems


def test_what_is_wrong_is_printed_and_is_the_exit_code(written: Path, tmp_path: Path) -> None:
    shutil.copy(written, tmp_path / "copy.db")
    with sqlite3.connect(tmp_path / "copy.db") as connection:
        connection.execute("DELETE FROM event WHERE seq = 7")
    connection.close()
    server = Pointsman(tmp_path)
    told = server.command("check", "copy.db")
    assert told.returncode == WRONG
    assert "1 events are missing" in told.stdout
    assert "1 problems: copy.db has 1 workspaces" in told.stdout
    told = server.command("check", "copy.db", "--json")
    assert told.returncode == WRONG
    assert len(json.loads(told.stdout)["problems"]) == 1


def test_what_is_no_database_is_said_to_be_none(tmp_path: Path, make_pointsman: Callable[..., Pointsman]) -> None:
    server = make_pointsman()
    told = server.command("check", "nothing.db")
    assert (told.returncode, told.stdout) == (NOT_CHECKED, "")
    assert told.stderr == "pointsman: There is no database nothing.db\n"
    (server.folder / "text.db").write_text("no database, but a text that is longer than a header of one " * 9)
    told = server.command("check", "text.db")
    assert told.returncode == NOT_CHECKED
    assert "text.db is not an SQLite database, or is damaged" in told.stderr
    told = server.command("check", env={"POINTSMAN_DATABASE": "postgresql://localhost/x"})
    assert told.returncode == NOT_CHECKED
    assert "This is for SQLite files" in told.stderr
