"""What a server does whose disk takes nothing more, or has half a page at its end."""

from __future__ import annotations

import asyncio
import json
import os
import resource
import shutil
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from tests.acceptance.conftest import POLL_S, Pointsman, faults, make_pointsman, pointsman
from tests.acceptance.raw import Raw
from tests.writers import writers_of

__all__ = ["make_pointsman", "pointsman"]
pytestmark = pytest.mark.acceptance

WAL = "pointsman.db-wal"
LOOKS_MAX = 500
WAITING = 600  # requests: several batches


def call(server: Pointsman, method: str, path: str, **form: str) -> tuple[int, dict[str, Any]]:
    answer = Raw(server).send(method, path, **form)
    return answer.status, answer.json


@contextmanager
def full(server: Pointsman) -> Iterator[None]:
    """No file that is written for this server grows: to SQLite it is as if the disk was full."""
    size = (server.data / WAL).stat().st_size
    (writer,) = writers_of(server.run.pid)
    before = resource.prlimit(writer, resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))
    try:
        yield
    finally:
        resource.prlimit(writer, resource.RLIMIT_FSIZE, before)


def workspace(server: Pointsman) -> str:
    status, made = call(server, "POST", "/v1/Workspaces", FriendlyName="kept")
    assert status == 201
    return f"/v1/Workspaces/{made['sid']}"


@pytest.fixture(scope="session")
def layer(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A library that makes disks fail, to be loaded before all others."""
    compiler = shutil.which("cc")
    if compiler is None or sys.platform != "linux":
        pytest.skip("there is no C compiler here to make the layer that fails")
    library = tmp_path_factory.mktemp("layer") / "faults.so"
    source = Path(__file__).with_name("faults.c")
    subprocess.run([compiler, "-shared", "-fPIC", "-o", str(library), str(source), "-ldl"], check=True)
    return library


@pytest.mark.parametrize("fault", ["fsync", "write"])
def test_a_disk_that_fails_refuses_writes_and_goes_on_when_it_works(
    make_pointsman: Callable[..., Pointsman], layer: Path, tmp_path: Path, fault: str
) -> None:
    """Syncs that fail, or a file that has become read-only: nothing is answered that is not on disk."""
    said = tmp_path / "fault"
    said.write_text("")
    server = make_pointsman()
    environment = {"LD_PRELOAD": str(layer), "POINTSMAN_TEST_FAULTS": str(said)}
    server.start(environment)
    home = workspace(server)
    status, made = call(server, "POST", f"{home}/Workers", FriendlyName="before")
    assert status == 201
    said.write_text(fault)
    status, refused = call(server, "POST", f"{home}/Workers", FriendlyName="meanwhile")
    assert status == 503, refused
    assert "The database can't be used now" in refused["message"]
    status, found = call(server, "GET", f"{home}/Workers/{made['sid']}")
    assert (status, found["friendly_name"]) == (200, "before")
    status, health = call(server, "GET", "/health")
    assert (status, health["status"]) == (503, "unavailable")
    said.write_text("")
    for _ in range(LOOKS_MAX):  # though nobody asks for a change
        if call(server, "GET", "/health")[0] == 200:
            break
        time.sleep(POLL_S)
    assert told_of(server) == ["store_unavailable", "store_available_again"]
    assert call(server, "POST", f"{home}/Workers", FriendlyName="after")[0] == 201
    assert told_of(server) == ["store_unavailable", "store_available_again"]
    server.kill()
    assert server.command("check").returncode == 0
    server.start()
    _, found = call(server, "GET", f"{home}/Workers")
    assert {each["friendly_name"] for each in found["workers"]} == {"before", "after"}
    assert faults(server) == []


def test_a_server_that_is_told_to_end_while_its_disk_fails_says_so_to_all_who_wait(
    make_pointsman: Callable[..., Pointsman], layer: Path, tmp_path: Path
) -> None:
    """503, in the usual form: to those whose commands are tried again and again, and to those behind them."""
    said = tmp_path / "fault"
    said.write_text("")
    server = make_pointsman()
    server.start({"LD_PRELOAD": str(layer), "POINTSMAN_TEST_FAULTS": str(said)})
    home = workspace(server)
    said.write_text("write")
    answers = asyncio.run(asked_and_ended(server, f"{home}/Workers"))
    assert Counter((status, retry) for status, retry, _ in answers) == {(503, "1"): WAITING}
    assert {message.partition(":")[0] for _, _, message in answers} == {"The database can't be used now"}
    said.write_text("")
    server.start()
    assert call(server, "GET", f"{home}/Workers")[1]["workers"] == []
    assert faults(server) == []


async def asked_and_ended(server: Pointsman, path: str) -> list[tuple[int, str | None, str]]:
    login = {"Authorization": aiohttp.encode_basic_auth(server.account, server.token)}
    connector = aiohttp.TCPConnector(limit=0)
    async with aiohttp.ClientSession(headers=login, connector=connector) as http:

        async def ask(number: int) -> tuple[int, str | None, str]:
            async with http.post(f"{server.url}{path}", data={"FriendlyName": f"{number}"}) as answer:
                return answer.status, answer.headers.get("Retry-After"), (await answer.json())["message"]

        asked = [asyncio.create_task(ask(number)) for number in range(WAITING)]
        for _ in range(LOOKS_MAX):
            if told_of(server):
                break
            await asyncio.sleep(POLL_S)
        assert await asyncio.to_thread(server.stop) == 0
        return list(await asyncio.gather(*asked))


def told_of(server: Pointsman) -> list[str]:
    """What its log says of the store."""
    lines = [json.loads(line) for line in server.log.read_text().splitlines() if line.startswith("{")]
    return [line["event"] for line in lines if line["event"] in ("store_unavailable", "store_available_again")]


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
