"""The command line against a real server: quickstart, listings, workers, events and deliveries."""

from __future__ import annotations

import json
import re
import signal
import stat
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.parse
import urllib.request
from base64 import b64encode
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from pointsman.cli import dotenv
from tests.acceptance.conftest import POLL_S, Command, Pointsman, clean_environment

pytestmark = pytest.mark.acceptance
CALLBACK = "http://127.0.0.1:9/assignment_callback"
NOWHERE = "WT" + "0" * 32
SID = r"[A-Z]{2}[0-9a-f]{32}"
WAIT_S = 60.0


def done(result: Command) -> str:
    """It went well; what it printed."""
    assert result.returncode == 0, result
    assert "Traceback" not in result.stderr
    return result.stdout


def refused(result: Command, said: str) -> None:
    """One clear line, exit code 1."""
    assert result.returncode == 1, result
    assert result.stderr.startswith("pointsman: ")
    assert result.stderr.count("\n") == 1, result.stderr
    assert said in result.stderr, result.stderr


def rows(server: Pointsman, *arguments: str) -> list[dict[str, Any]]:
    found = json.loads(done(server.command(*arguments, "--json")))
    assert isinstance(found, list)
    return found


def env_of(server: Pointsman) -> dict[str, str]:
    return dotenv.read((server.folder / ".env").read_bytes())


def post(server: Pointsman, path: str, **form: str) -> dict[str, Any]:
    request = urllib.request.Request(f"{server.url}/v1{path}", urllib.parse.urlencode(form).encode())
    request.add_header("Authorization", f"Basic {b64encode(f'{server.account}:{server.token}'.encode()).decode()}")
    with urllib.request.urlopen(request, timeout=10) as response:
        answer: dict[str, Any] = json.load(response)
    return answer


def create_task(server: Pointsman, language: str = "es") -> str:
    env = env_of(server)
    task = post(
        server,
        f"/Workspaces/{env['TWILIO_WORKSPACE_SID']}/Tasks",
        WorkflowSid=env["TWILIO_WORKFLOW_SID"],
        Attributes=json.dumps({"selected_language": language}),
    )
    return str(task["sid"])


def until(found: Callable[[], Any]) -> Any:
    """What `found` gives, once it gives something."""
    deadline = time.monotonic() + WAIT_S
    while not (result := found()):
        assert time.monotonic() < deadline, "it did not come"
        time.sleep(POLL_S)
    return result


@contextmanager
def endpoint(reply: bytes) -> Iterator[str]:
    """An application that always gives this answer; its URL."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(reply)))
            self.end_headers()
            self.wfile.write(reply)

        def log_message(self, format: str, *args: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/assignment_callback"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


class Following:
    """A command with --follow, its lines read as they come."""

    def __init__(self, server: Pointsman, *arguments: str) -> None:
        self.process = server.spawn(*arguments)
        self.output: list[str] = []
        self.errors: list[str] = []
        assert self.process.stdout is not None
        assert self.process.stderr is not None
        self._readers = [
            threading.Thread(target=self.output.extend, args=(self.process.stdout,)),
            threading.Thread(target=self.errors.extend, args=(self.process.stderr,)),
        ]
        for reader in self._readers:
            reader.start()

    def end(self) -> int:
        self.process.send_signal(signal.SIGINT)
        code = self.process.wait(WAIT_S)
        for reader in self._readers:
            reader.join()
        for stream in (self.process.stdout, self.process.stderr):
            assert stream is not None
            stream.close()
        return code


# --- quickstart ---------------------------------------------------------------------------------------------------


def test_the_quickstart_makes_everything_and_a_second_run_finds_it(pointsman: Pointsman) -> None:
    """A line for each thing, and the names that the page's program reads."""
    first = done(pointsman.command("quickstart", "--assignment-callback", CALLBACK))
    made = re.findall(rf"^created (.+?)  ({SID})", first, re.MULTILINE)
    assert [name for name, _ in made] == [
        "workspace Quickstart",
        "activity WrapUp",
        "worker Alice",
        "worker Bob",
        "task queue Customer Care Requests - Spanish",
        "task queue Customer Care Requests - English",
        "workflow Incoming Customer Care Requests",
    ]
    sids = dict(made)
    assert stat.S_IMODE((pointsman.folder / ".env").stat().st_mode) == 0o600
    assert env_of(pointsman) == {
        "TWILIO_ACCOUNT_SID": pointsman.account,
        "TWILIO_AUTH_TOKEN": pointsman.token,
        "TWILIO_WORKSPACE_SID": sids["workspace Quickstart"],
        "TWILIO_WORKFLOW_SID": sids["workflow Incoming Customer Care Requests"],
        "TWILIO_WORKER_ALICE_SID": sids["worker Alice"],
        "TWILIO_WORKER_BOB_SID": sids["worker Bob"],
        "TWILIO_POST_WORKER_ACTIVITY": sids["activity WrapUp"],
    }
    assert pointsman.token not in first
    for hint in ("exec -- node server.js", "worker activity Alice Available", "deliveries --follow"):
        assert hint in first

    second = done(pointsman.command("quickstart"))
    assert re.findall(rf"^found   (.+?)  ({SID})", second, re.MULTILINE) == made
    assert "found   .env, with all that it needs" in second
    assert "created" not in second

    changed = done(pointsman.command("quickstart", "--assignment-callback", "http://127.0.0.1:9/other"))
    assert f"now calls http://127.0.0.1:9/other, before {CALLBACK}" in changed

    alice, bob = rows(pointsman, "workers")
    assert (alice["attributes"], alice["activity_name"]) == ('{"languages":["en","es"]}', "Offline")
    assert (bob["attributes"], bob["activity_name"]) == ('{"languages":["en"]}', "Offline")
    (workflow,) = rows(pointsman, "workflows")
    assert (workflow["task_reservation_timeout"], workflow["assignment_callback_url"]) == (
        1200,
        "http://127.0.0.1:9/other",
    )


def test_an_existing_env_is_only_added_to_unless_forced(pointsman: Pointsman) -> None:
    """What is there stays, and is reported."""
    path = pointsman.folder / ".env"
    path.write_bytes(b"# mine\r\nPORT=3000\r\nexport TWILIO_AUTH_TOKEN='old' # real?\r\n")
    result = pointsman.command("quickstart")
    assert "added   to .env: TWILIO_ACCOUNT_SID, TWILIO_WORKSPACE_SID" in done(result)
    assert ".env has other values for TWILIO_AUTH_TOKEN" in result.stderr
    assert "--force replaces them" in result.stderr
    assert path.read_bytes().startswith(b"# mine\r\nPORT=3000\r\nexport TWILIO_AUTH_TOKEN='old' # real?\r\nTWILIO_ACC")

    assert "changed in .env: TWILIO_AUTH_TOKEN" in done(pointsman.command("quickstart", "--force"))
    assert path.read_bytes().splitlines()[2] == f"export TWILIO_AUTH_TOKEN='{pointsman.token}' # real?".encode()

    done(pointsman.command("quickstart", "--env", "other.env"))
    assert dotenv.read((pointsman.folder / "other.env").read_bytes())["TWILIO_AUTH_TOKEN"] == pointsman.token
    refused(pointsman.command("quickstart", "--env", "no/.env"), "Can't write no/.env: there is no folder no")


def test_single_tasking_moves_alice_to_reserved_and_busy(pointsman: Pointsman) -> None:
    """And the one kind of workspace is not taken for the other."""
    with endpoint(b"{}") as url:
        done(pointsman.command("quickstart", "--single-tasking", "--assignment-callback", url))
        done(pointsman.command("quickstart", "--single-tasking"))
        refused(pointsman.command("quickstart"), "but it is single-tasking (--single-tasking was not given)")
        done(pointsman.command("worker", "activity", "Alice", "Idle"))
        task = create_task(pointsman)
        assert rows(pointsman, "workers")[0]["activity_name"] == "Reserved"
        (reservation,) = rows(pointsman, "reservations", "--task", task)
        workspace = env_of(pointsman)["TWILIO_WORKSPACE_SID"]
        path = f"/Workspaces/{workspace}/Tasks/{task}/Reservations/{reservation['sid']}"
        post(pointsman, path, ReservationStatus="accepted")
        assert rows(pointsman, "worker", "list")[0]["activity_name"] == "Busy"

    done(pointsman.command("quickstart", "--workspace-name", "Another", "--env", "another.env"))
    result = pointsman.command("quickstart", "--workspace-name", "Another", "--single-tasking")
    refused(result, "The workspace 'Another' is there, but it is multitasking, and that can't be turned off again")


def test_what_does_not_fit_is_refused_before_anything_changes(pointsman: Pointsman) -> None:
    """But what people have added since is their own business."""
    done(pointsman.command("quickstart"))
    env = env_of(pointsman)
    alice = f"/Workspaces/{env['TWILIO_WORKSPACE_SID']}/Workers/{env['TWILIO_WORKER_ALICE_SID']}"
    post(pointsman, alice, Attributes='{"languages":["en","es"],"contact_uri":"+1555"}')
    done(pointsman.command("quickstart"))
    post(pointsman, alice, Attributes='{"languages":["fr"]}')
    refused(
        pointsman.command("quickstart", "--assignment-callback", CALLBACK),
        "The workspace 'Quickstart' is there, but its worker Alice has other languages. Choose another name",
    )
    assert rows(pointsman, "workflows")[0]["assignment_callback_url"] != CALLBACK


# --- workers and listings -----------------------------------------------------------------------------------------


def test_workers_are_moved_by_name_or_sid(pointsman: Pointsman) -> None:
    """And whatever is misspelled is answered with what there is."""
    done(pointsman.command("quickstart"))
    move = ("worker", "activity")
    assert done(pointsman.command(*move, "Alice", "Available")) == "Alice is Available (was Offline)\n"
    assert done(pointsman.command(*move, "alice", "available")) == "Alice is Available (as before)\n"
    env = env_of(pointsman)
    by_sid = [env["TWILIO_WORKER_ALICE_SID"], env["TWILIO_POST_WORKER_ACTIVITY"]]
    (after,) = rows(pointsman, *move, *by_sid)
    assert (after["activity_name"], after["available"]) == ("WrapUp", False)
    refused(pointsman.command(*move, "Alicia", "Available"), "There is no worker 'Alicia'; there are Alice, Bob")
    refused(
        pointsman.command(*move, "Alice", "Lunch"),
        "There is no activity 'Lunch'; there are Offline, Available, Unavailable, WrapUp",
    )
    refused(pointsman.command(*move, by_sid[0][:-1] + "f", "Available"), "there are Alice, Bob")


def test_listings_for_people_and_programs(pointsman: Pointsman) -> None:
    """Piped: tabs and a heading; with --json: the API's rows."""
    done(pointsman.command("quickstart"))
    task = create_task(pointsman)
    for name, count in {
        "workspaces": 1,
        "activities": 4,
        "queues": 2,
        "workflows": 1,
        "workers": 2,
        "tasks": 1,
    }.items():
        assert len(rows(pointsman, name)) == count
        lines = done(pointsman.command(name)).splitlines()
        assert len(lines) == count + 1
        assert lines[0].startswith("sid\t")
        assert all(re.match(rf"{SID}\t", line) for line in lines[1:])
    assert len(rows(pointsman, "activities", "--limit", "3")) == 3
    assert [row["sid"] for row in rows(pointsman, "tasks", "--status", "pending,reserved")] == [task]
    assert rows(pointsman, "tasks", "--status", "assigned", "--status", "wrapping") == []
    assert rows(pointsman, "reservations", "--task", task) == []
    assert rows(pointsman, "reservations", "--worker", "Alice") == []
    result = pointsman.command("reservations", "--task", NOWHERE)
    refused(result, f"{NOWHERE}/Reservations was not found (HTTP 404, code 20404)")


def test_which_workspace(pointsman: Pointsman) -> None:
    """The one that was named, the only one, the one of .env, or none."""
    refused(pointsman.command("tasks"), "There is no workspace yet: make one with `pointsman quickstart`")
    done(pointsman.command("quickstart", "--workspace-name", "One"))
    one = env_of(pointsman)["TWILIO_WORKSPACE_SID"]
    (pointsman.folder / ".env").unlink()
    assert len(rows(pointsman, "workers")) == 2
    two = post(pointsman, "/Workspaces", FriendlyName="Two")["sid"]
    both = f"there are One ({one}), Two ({two})"
    refused(pointsman.command("workers"), f"There are several workspaces: say which with --workspace; {both}")
    assert rows(pointsman, "workers", "--workspace", "Two") == []
    assert len(rows(pointsman, "workers", "--workspace", one)) == 2
    refused(pointsman.command("workers", "--workspace", "Three"), f"There is no workspace named 'Three'; {both}")
    gone = "WS" + "0" * 32
    refused(pointsman.command("workers", "--workspace", gone), f"There is no workspace {gone}; {both}")
    (pointsman.folder / ".env").write_text(f"TWILIO_WORKSPACE_SID='{one}'\n")
    assert len(rows(pointsman, "workers")) == 2
    (pointsman.folder / ".env").write_text(f"TWILIO_WORKSPACE_SID={gone}\n")
    refused(pointsman.command("workers"), f".env names {gone}, which is not there")


def test_errors_are_one_line(pointsman: Pointsman) -> None:
    """And say where the server was looked for."""
    port = pointsman.url.rpartition(":")[2]
    wrong = {"POINTSMAN_AUTH_TOKEN": "wrong"}
    refused(pointsman.command("workspaces", env=wrong), "Authenticate (HTTP 401, code 20003)")
    refused(pointsman.command("workspaces", "--data", "nowhere"), "No server runs on the data folder nowhere")
    refused(
        pointsman.command("workspaces", "--url", "http://127.0.0.1:9"),
        "No server answers at http://127.0.0.1:9 (from --url): Connection refused",
    )
    refused(
        pointsman.command("workspaces", env={"POINTSMAN_URL": "http://127.0.0.1:9"}), "(from POINTSMAN_URL): Connection"
    )
    for bad in (f"127.0.0.1:{port}", "nonsense", "ftp://127.0.0.1"):
        refused(pointsman.command("workspaces", "--url", bad), f"{bad} (from --url)")
    refused(pointsman.command("workspaces", "--url", f"https://127.0.0.1:{port}"), "(from --url): ")
    assert rows(pointsman, "workspaces", "--url", pointsman.tls_url) == []
    with endpoint(b"<html>") as url:
        refused(pointsman.command("workspaces", "--url", url), "but not as a Pointsman server does")


# --- events and deliveries ----------------------------------------------------------------------------------------


def test_events_newest_last(pointsman: Pointsman) -> None:
    """Filtered, cut, and with every sid whole."""
    done(pointsman.command("quickstart"))
    task = create_task(pointsman)
    of_task = rows(pointsman, "events", "--task", task)
    assert [row["event_type"] for row in of_task][:2] == ["task.created", "workflow.entered"]
    assert rows(pointsman, "events", "--type", "task.created") == of_task[:1]
    assert {row["event_data"]["worker_name"] for row in rows(pointsman, "events", "--worker", "Bob")} == {"Bob"}
    cut = pointsman.command("events", "--limit", "2")
    assert "there are older ones" in cut.stderr
    lines = done(cut).splitlines()
    assert lines[0].split("\t")[:2] == ["date", "event_type"]
    assert len(lines) == 3
    assert lines[-1].split("\t")[2] == task
    assert [row["sid"] for row in rows(pointsman, "events", "--limit", "2")] == [
        line.split("\t")[-1] for line in lines[1:]
    ]
    empty = pointsman.command("events", "--type", "no.such")
    assert done(empty).count("\n") == 1
    assert "no such events in the last 15 minutes" in empty.stderr


@pytest.mark.parametrize("arguments", ["events", "events --json", "events --follow", "workers", "deliveries --follow"])
def test_a_reader_that_leaves_is_no_mistake(pointsman: Pointsman, arguments: str) -> None:
    """As `head` does."""
    done(pointsman.command("quickstart"))
    done(pointsman.command("worker", "activity", "Alice", "Available"))
    process = subprocess.Popen(
        [sys.executable, "-m", "pointsman", *arguments.split()],
        cwd=pointsman.folder,
        env=clean_environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdout.close()
    create_task(pointsman)
    if "--follow" in arguments:
        time.sleep(0.1)
        create_task(pointsman)
    errors = process.stderr.read()
    process.stderr.close()
    assert process.wait(WAIT_S) == 0
    assert errors == b""


def test_events_follow_through_a_restart(pointsman: Pointsman) -> None:
    """Each once, in order; the restart is mentioned; Ctrl-C ends it cleanly."""
    done(pointsman.command("quickstart"))
    following = Following(pointsman, "events", "--follow", "--json", "--type", "task.created")
    tasks = [create_task(pointsman)]
    until(lambda: len(following.output) == 1)
    pointsman.kill()
    until(lambda: following.errors)
    pointsman.restart()
    tasks += [create_task(pointsman), create_task(pointsman)]
    until(lambda: len(following.output) == 3)
    assert following.end() == 0
    assert [json.loads(line)["resource_sid"] for line in following.output] == tasks
    assert len(following.errors) == 2
    assert "waiting for it to come back" in following.errors[0]
    assert f"the server is back, at {pointsman.url}" in following.errors[1]


def test_deliveries_show_what_was_sent_and_what_came_of_it(pointsman: Pointsman) -> None:
    """The page's own callback: no instruction, and a warning."""
    with endpoint(b'{"message":"success"}') as url:
        done(pointsman.command("quickstart", "--assignment-callback", url))
        assert rows(pointsman, "deliveries") == []
        done(pointsman.command("worker", "activity", "Alice", "Available"))
        task = create_task(pointsman)
        (row,) = until(lambda: [each for each in rows(pointsman, "deliveries") if each["verdict"]])
    assert (row["task_sid"], row["verdict"], row["failed"]) == (task, "no instruction", False)
    heading, line = (text.split("\t") for text in done(pointsman.command("deliveries")).splitlines())
    told = dict(zip(heading, line, strict=True))
    assert told["took_ms"].isdigit()
    expected = {
        "kind": "assignment",
        "event_type": "reservation.created",
        "verdict": "no instruction",
        "status": "200",
        "url": url,
        "task_sid": task,
        "worker_sid": env_of(pointsman)["TWILIO_WORKER_ALICE_SID"],
    }
    assert {name: told[name] for name in expected} == expected
    assert told["reservation_sid"] == row["reservation_sid"]
    assert told["warning"].startswith("40005")
    verbose = done(pointsman.command("deliveries", "--verbose"))
    assert all(f"    {name}={value}\n" in verbose for name, value in row["parameters"].items())
    assert len(row["parameters"]) == 11
    assert '    {"message":"success"}\n' in verbose
    assert rows(pointsman, "deliveries", "--failed") == rows(pointsman, "deliveries", "--task", NOWHERE) == []
    assert rows(pointsman, "deliveries", "--kind", "assignment", "--task", task) == [row]
    assert rows(pointsman, "deliveries", "--kind", "event") == []


def test_deliveries_that_are_under_way_are_shown_alone(pointsman: Pointsman) -> None:
    """Event callbacks to where nobody listens are tried again and again."""
    done(pointsman.command("quickstart"))
    workspace = env_of(pointsman)["TWILIO_WORKSPACE_SID"]
    post(pointsman, f"/Workspaces/{workspace}", EventCallbackUrl="http://127.0.0.1:1/events")
    task = create_task(pointsman)
    found = until(lambda: rows(pointsman, "deliveries", "--unfinished", "--task", task))
    assert {(each["kind"], each["verdict"]) for each in found} == {("event", None)}
    both = pointsman.command("deliveries", "--unfinished", "--follow")
    assert both.returncode == 2 and "--follow prints what is finished" in both.stderr


def test_deliveries_follow_prints_each_once(pointsman: Pointsman) -> None:
    """When it is finished; those from before first."""
    with endpoint(b'{"instruction":"accept"}') as url:
        done(pointsman.command("quickstart", "--assignment-callback", url))
        done(pointsman.command("worker", "activity", "Alice", "Available"))
        first = create_task(pointsman)
        workspace = env_of(pointsman)["TWILIO_WORKSPACE_SID"]
        following = Following(pointsman, "deliveries", "--follow", "--json")
        until(lambda: len(following.output) == 1)
        post(pointsman, f"/Workspaces/{workspace}/Tasks/{first}", AssignmentStatus="completed")
        second = create_task(pointsman)
        until(lambda: len(following.output) == 2)
        pointsman.restart()
        post(pointsman, f"/Workspaces/{workspace}/Tasks/{second}", AssignmentStatus="completed")
        third = create_task(pointsman)
        until(lambda: len(following.output) == 3)
        assert following.end() == 0
    found = [json.loads(line) for line in following.output]
    assert [row["task_sid"] for row in found] == [first, second, third]
    assert {row["verdict"] for row in found} == {"accepted"}
