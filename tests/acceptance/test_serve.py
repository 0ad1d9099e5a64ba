"""`pointsman serve` itself: starting, refusing to start in one line, and ending."""

from __future__ import annotations

import json
import os
import signal
import socket
import sqlite3
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from twilio.base.exceptions import TwilioRestException
from twilio.rest import Client

from pointsman import __version__
from tests.acceptance.conftest import Command, Pointsman, clean_environment

pytestmark = pytest.mark.acceptance
SERVE = ("serve", "--port", "0", "--tls-port", "0")


@pytest.fixture
def place(make_pointsman: Callable[..., Pointsman]) -> Pointsman:
    """A folder for a server that does not run."""
    return make_pointsman()


def refused(result: Command, said: str) -> None:
    """One clear line, exit code 1 and nothing else."""
    assert (result.returncode, result.stdout) == (1, ""), result
    assert result.stderr.startswith("pointsman: ")
    assert result.stderr.count("\n") == 1, result.stderr
    assert said in result.stderr


def test_it_says_where_it_is_and_keeps_the_token_to_itself(pointsman: Pointsman) -> None:
    """What is printed goes to a file here, so the token is not shown."""
    for name in ("run.json", "credentials.json", "pointsman.db"):
        assert stat.S_IMODE((pointsman.data / name).stat().st_mode) == 0o600
    assert pointsman.stop() == 0  # by then it has surely been said
    text = pointsman.log.read_text()
    assert f"Pointsman is ready at {pointsman.url} (HTTPS: {pointsman.tls_url})" in text
    assert f"Console:     {pointsman.url}/console" in text
    assert pointsman.account in text
    assert pointsman.token not in text
    assert "quickstart --data" in text


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_signals_end_it_cleanly(pointsman: Pointsman, number: signal.Signals) -> None:
    """Exit code 0, no traceback, and no run file left behind."""
    assert pointsman.stop(number) == 0
    assert "Traceback" not in pointsman.log.read_text()
    assert not (pointsman.data / "run.json").exists()


def test_a_killed_server_starts_again_with_its_account(pointsman: Pointsman) -> None:
    """On the same ports; meanwhile commands say that there is none."""
    before = (pointsman.url, pointsman.account, pointsman.token)
    pointsman.kill()
    refused(pointsman.command("workspaces"), "No server runs on the data folder pointsman-data (its last one ended")
    pointsman.restart()
    assert (pointsman.url, pointsman.account, pointsman.token) == before


def test_a_taken_port(place: Pointsman) -> None:
    """And what to do about it."""
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = str(other.getsockname()[1])
        refused(
            place.command("serve", "--port", port), f"port {port}: Address already in use; choose another with --port"
        )
        refused(
            place.command("serve", "--port", "0", "--tls-port", port),
            f"port {port}: Address already in use; choose another with --tls-port",
        )


def test_a_second_server_on_the_folder(pointsman: Pointsman) -> None:
    """The first goes on."""
    refused(pointsman.command(*SERVE), "pointsman-data is in use by another Pointsman (process ")
    assert pointsman.command("workspaces").returncode == 0


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_can_not_be_written(place: Pointsman) -> None:
    """Neither made nor used."""
    place.data.mkdir(mode=0o500)
    refused(place.command(*SERVE), "Can't write to the data folder pointsman-data")
    refused(place.command(*SERVE, "--data", "pointsman-data/x"), "Can't make the data folder pointsman-data/x")


def test_a_folder_that_is_none(place: Pointsman) -> None:
    """A file is in the way, or there is no such place."""
    (place.folder / "file").write_text("")
    refused(place.command(*SERVE, "--data", "file"), "Can't use file as the data folder: file is a file")
    refused(place.command(*SERVE, "--data", "file/x"), "Can't use file/x as the data folder: file is a file")
    refused(place.command(*SERVE, "--data", "/proc/none/x"), "Can't make the data folder /proc/none/x")


def test_a_damaged_a_newer_and_a_strange_database(place: Pointsman) -> None:
    """None of them is touched."""
    place.data.mkdir()
    path = place.data / "pointsman.db"
    path.write_bytes(b"no database at all, but long enough to be one" * 100)
    refused(place.command(*SERVE), "pointsman.db is not an SQLite database, or is damaged")
    path.unlink()
    database = sqlite3.connect(path)
    database.execute("PRAGMA user_version = 9999")
    database.close()
    refused(place.command(*SERVE), "pointsman.db was written by a newer Pointsman (schema 9999")
    path.unlink()
    database = sqlite3.connect(path)
    database.execute("CREATE TABLE theirs (x)")
    database.close()
    refused(place.command(*SERVE), "pointsman.db belongs to another program")


def test_a_database_that_was_damaged_in_use(pointsman: Pointsman) -> None:
    """Half of its pages are gone."""
    assert pointsman.stop() == 0
    path = pointsman.data / "pointsman.db"
    content = path.read_bytes()
    path.write_bytes(content[: len(content) // 2])
    refused(pointsman.command(*SERVE), "pointsman.db is damaged")


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("mysql://u:secret@h/x", "must begin with postgresql://"),
        ("postgresql://[", "The database's URL can't be read"),
        ("postgresql://u:secret@127.0.0.1:1/x", "PostgreSQL at 127.0.0.1:1 can't be reached"),
    ],
)
def test_a_bad_database_url(place: Pointsman, url: str, said: str) -> None:
    """By flag and by environment, and never with the password."""
    by_flag = place.command(*SERVE, "--database", url)
    refused(by_flag, said)
    by_environment = place.command(*SERVE, env={"POINTSMAN_DATABASE": url})
    refused(by_environment, said)
    assert "secret" not in by_flag.stderr + by_environment.stderr


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("prot = 1", "pointsman.toml: unknown setting 'prot'; there are account_sid"),
        ('port = "many"', "pointsman.toml, port: 'many' is not valid: expected a whole number"),
        ("port = 99999", "Can't listen on port 99999"),
        ("port = -1", "Can't listen on port -1"),
        ("port = ", "pointsman.toml: Invalid value"),
        ('log_level = "loud"', "log_level 'loud' is none of debug"),
        ('host = "no.such.host.invalid"', "Can't listen on no.such.host.invalid"),
    ],
)
def test_bad_settings(place: Pointsman, text: str, said: str) -> None:
    """Which one, and where it stands."""
    place.data.mkdir()
    (place.data / "pointsman.toml").write_text(text)
    refused(place.command("serve"), said)


def test_a_bad_account_sid(place: Pointsman) -> None:
    """Nobody could log in with it."""
    result = place.command(*SERVE, env={"POINTSMAN_ACCOUNT_SID": "AC1"})
    refused(result, "The account sid 'AC1' is not AC and 32 hexadecimal digits")


@pytest.mark.parametrize("name", ["run.json", "credentials.json", "pointsman.db"])
def test_something_in_the_place_of_a_file_of_ours(place: Pointsman, name: str) -> None:
    """A folder, of all things."""
    (place.data / name).mkdir(parents=True)
    refused(place.command(*SERVE), name)


def test_a_broken_authority(place: Pointsman) -> None:
    """With the way out."""
    (place.data / "tls").mkdir(parents=True)
    (place.data / "tls" / "ca-key.pem").write_text("x")
    refused(place.command(*SERVE), "Remove pointsman-data/tls to make a new authority")


def test_the_version(place: Pointsman) -> None:
    """And no more."""
    result = place.command("--version")
    assert (result.returncode, result.stdout, result.stderr) == (0, f"pointsman {__version__}\n", "")


def test_a_token_is_shown_once_and_only_to_a_person(place: Pointsman) -> None:
    """On a terminal, at the first start."""
    shown = [_on_terminal(place), _on_terminal(place)]
    token = next(line for line in shown[0].splitlines() if "shown this once" in line).split()[0]
    assert len(token) == 32
    assert "shown this once" not in shown[1]
    assert token not in shown[1]


def _on_terminal(place: Pointsman) -> str:
    ours, its = os.openpty()
    with Path(os.devnull).open() as nothing:
        process = subprocess.Popen(
            [sys.executable, "-m", "pointsman", *SERVE],
            cwd=place.folder,
            env=clean_environment(),
            stdin=nothing,
            stdout=its,
            stderr=subprocess.DEVNULL,
        )
    os.close(its)
    text = b""
    try:
        while b"Stop with Ctrl-C" not in text:
            text += os.read(ours, 4096)
    finally:
        process.send_signal(signal.SIGINT)
        assert process.wait(20) == 0
        os.close(ours)
    return text.decode()


def test_a_second_server_on_a_postgresql_database_is_refused(
    make_pointsman: Callable[..., Pointsman], fresh_postgres: str
) -> None:
    """One node for now; and the first one's run file stays."""
    first = make_pointsman("--database", fresh_postgres, folder="first")
    first.start()
    common = ("serve", "--port", "0", "--tls-port", "0", "--database", fresh_postgres)
    same_folder = first.command(*common, "--data", str(first.data))
    elsewhere = first.command(*common, "--data", str(first.folder / "other"))
    for refused in (same_folder, elsewhere):
        assert refused.returncode == 1
        assert "in use by another Pointsman" in refused.stderr
        assert len(refused.stderr.strip().splitlines()) == 1
    assert first.command("workspaces", "--json").returncode == 0


def test_a_token_that_nobody_knows_yet_is_kept_where_the_server_says(make_pointsman: Callable[..., Pointsman]) -> None:
    """A further account that is only named gets a token of its own, in a file of its own."""
    server = make_pointsman()
    server.start()
    own = server.account
    server.stop()
    other = "AC" + "5" * 32
    server.start(environment={"POINTSMAN_ACCOUNT_SID": other})
    assert server.account == other
    kept = json.loads((server.data / f"credentials-{other}.json").read_text())
    assert kept == {"account_sid": other, "auth_token": server.token}
    assert json.loads((server.data / "credentials.json").read_text())["account_sid"] == own
    token = server.token
    server.stop()  # it says so once it answers
    assert f"credentials-{other}.json" in server.log.read_text()
    server.start(environment={"POINTSMAN_ACCOUNT_SID": other})
    assert server.token == token


def test_an_operator_may_move_the_limits(make_pointsman: Callable[..., Pointsman]) -> None:
    """By flag, variable and file; another start may have others, and what is there stays."""
    server = make_pointsman("--set", "workers_max=1", "--set", "attributes_length_max=20")
    server.start()
    client = Client(server.account, server.token)
    client.taskrouter.base_url = server.url
    workspace = client.taskrouter.v1.workspaces(client.taskrouter.v1.workspaces.create(friendly_name="small").sid)
    with pytest.raises(TwilioRestException, match="a JSON object of at most 20 characters; it has 21"):
        workspace.workers.create(friendly_name="ann", attributes=json.dumps({"skills": ["sales"]}))
    workspace.workers.create(friendly_name="ann")
    with pytest.raises(TwilioRestException, match="There are already 1 workers; a workspace may have at most 1"):
        workspace.workers.create(friendly_name="bob")
    server.stop()
    server.start(environment={"POINTSMAN_AVAILABLE_WORKERS_MAX": "0"})
    assert len(workspace.workers.list()) == 1
    server.stop()
    refused(server.command(*SERVE, "--set", "workers_max=-1"), "workers_max is -1: expected a whole number from 1")
    refused(server.command(*SERVE, "--set", "workers=1"), "expected NAME=VALUE with one of account_sid, activities_max")
