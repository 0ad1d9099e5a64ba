"""What a server does whose disk takes nothing more, or has half a page at its end."""

from __future__ import annotations

import json
import os
import resource
import urllib.error
import urllib.parse
import urllib.request
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.acceptance.conftest import Pointsman, faults, make_pointsman, pointsman

__all__ = ["make_pointsman", "pointsman"]
pytestmark = pytest.mark.acceptance

WAL = "pointsman.db-wal"
ANSWER_S = 20.0  # far above the time for which the server tries again before it refuses


def call(server: Pointsman, method: str, path: str, **form: str) -> tuple[int, dict[str, Any]]:
    login = b64encode(f"{server.account}:{server.token}".encode()).decode()
    request = urllib.request.Request(
        f"{server.url}{path}",
        data=urllib.parse.urlencode(form).encode() if method == "POST" else None,
        headers={"Authorization": f"Basic {login}"},
        method=method,
    )
    try:
        with urllib.request.urlopen(request, timeout=ANSWER_S) as response:
            return response.status, json.loads(response.read())
    except urllib.error.HTTPError as problem:
        return problem.code, json.loads(problem.read())


@contextmanager
def full(server: Pointsman) -> Iterator[None]:
    """No file of this process grows: to SQLite it is as if the disk was full."""
    size = (server.data / WAL).stat().st_size
    before = resource.prlimit(server.run.pid, resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))
    try:
        yield
    finally:
        resource.prlimit(server.run.pid, resource.RLIMIT_FSIZE, before)


def workspace(server: Pointsman) -> str:
    status, made = call(server, "POST", "/v1/Workspaces", FriendlyName="kept")
    assert status == 201
    return f"/v1/Workspaces/{made['sid']}"


def test_a_full_disk_refuses_writes_and_goes_on_when_there_is_room(pointsman: Pointsman) -> None:
    home = workspace(pointsman)
    status, made = call(pointsman, "POST", f"{home}/Workers", FriendlyName="before")
    assert status == 201
    with full(pointsman):
        status, said = call(pointsman, "POST", f"{home}/Workers", FriendlyName="meanwhile")
        assert status == 503, said
        assert "The database can't be used now" in said["message"]
        status, found = call(pointsman, "GET", f"{home}/Workers/{made['sid']}")
        assert (status, found["friendly_name"]) == (200, "before")  # it still knows
    assert call(pointsman, "POST", f"{home}/Workers", FriendlyName="after")[0] == 201
    lines = [json.loads(line) for line in pointsman.log.read_text().splitlines() if line.startswith("{")]
    told = [line for line in lines if line["event"] in ("store_unavailable", "store_available_again")]
    assert [line["event"] for line in told] == ["store_unavailable", "store_available_again"]
    assert "pointsman.db can't" in told[0]["reason"]
    pointsman.kill()
    assert pointsman.command("check").returncode == 0
    pointsman.start()
    _, found = call(pointsman, "GET", f"{home}/Workers")
    assert {each["friendly_name"] for each in found["workers"]} == {"before", "after"}
    assert faults(pointsman) == []


@pytest.mark.parametrize("torn", [b"\0" * 2_000, os.urandom(5_000)], ids=["zeros", "noise"])
def test_a_torn_last_page_of_the_log_is_not_read(pointsman: Pointsman, torn: bytes) -> None:
    """A commit that was not answered yet may leave a part of itself."""
    home = workspace(pointsman)
    assert call(pointsman, "POST", f"{home}/Workers", FriendlyName="before")[0] == 201
    pointsman.kill()
    log: Path = pointsman.data / WAL
    with log.open("ab") as file:
        file.write(torn)
    assert pointsman.command("check").returncode == 0
    pointsman.start()
    _, found = call(pointsman, "GET", f"{home}/Workers")
    assert [each["friendly_name"] for each in found["workers"]] == ["before"]
    assert call(pointsman, "POST", f"{home}/Workers", FriendlyName="after")[0] == 201
    assert pointsman.command("check").returncode == 0


def test_a_damaged_database_is_named_and_left_alone(pointsman: Pointsman) -> None:
    workspace(pointsman)
    pointsman.stop()
    file = pointsman.data / "pointsman.db"
    content = file.read_bytes()
    file.write_bytes(content[:100] + b"\xff" * 4_000 + content[4_100:])
    told = pointsman.command("serve", "--port", "0", "--tls-port", "0")
    assert told.returncode == 1
    assert "pointsman.db is damaged" in told.stderr
    assert "Traceback" not in told.stderr
