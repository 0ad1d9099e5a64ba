"""What a server does whose disk takes nothing more, or has half a page at its end."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from tests.acceptance.conftest import POLL_S, Pointsman, faults, make_pointsman, pointsman
from tests.acceptance.raw import Raw
from tests.crash.load import CLIENTS, Load, Sink, settled, sink

__all__ = ["make_pointsman", "pointsman", "sink"]
pytestmark = pytest.mark.acceptance

WAL = "pointsman.db-wal"
PAGE_BYTES = 4_096
WAL_HEAD_BYTES = 32
FRAME_BYTES = 24 + PAGE_BYTES  # of the log: a page, and whose it is
LOOKS_MAX = 1_000
OUTAGES = {  # and what is said of them
    "fsync": "can't be read or written",  # syncs that fail
    "full": "the disk is full",
    "write": "can't be read or written",  # a file that has become read-only
}
WAITING = 600  # requests: several batches


def call(server: Pointsman, method: str, path: str, **form: str) -> tuple[int, dict[str, Any]]:
    answer = Raw(server).send(method, path, **form)
    return answer.status, answer.json


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


def test_a_full_disk_refuses_writes_and_goes_on_when_there_is_room(
    make_pointsman: Callable[..., Pointsman], layer: Path, tmp_path: Path
) -> None:
    said = tmp_path / "fault"
    said.write_text("")
    server = make_pointsman()
    server.start({"LD_PRELOAD": str(layer), "POINTSMAN_TEST_FAULTS": str(said)})
    home = workspace(server)
    status, made = call(server, "POST", f"{home}/Workers", FriendlyName="before")
    assert status == 201
    said.write_text("full")
    status, refused = call(server, "POST", f"{home}/Workers", FriendlyName="meanwhile")
    assert status == 503, refused
    assert "The database can't be used now" in refused["message"]
    status, found = call(server, "GET", f"{home}/Workers/{made['sid']}")
    assert (status, found["friendly_name"]) == (200, "before")  # it still knows
    health = Raw(server).send("GET", "/health")
    assert (health.status, health.headers["retry-after"], health.json["status"]) == (503, "1", "unavailable")
    assert health.json["reason"].startswith("the database can't grow: the disk is full"), health.json
    assert str(server.folder) not in health.body.decode(), "where it lies is nobody's business"
    said.write_text("")
    for _ in range(LOOKS_MAX):  # though nobody asks for a change
        if call(server, "GET", "/health")[0] == 200:
            break
        time.sleep(POLL_S)
    assert events_of(server) == ["store_unavailable", "store_available_again"]
    assert call(server, "POST", f"{home}/Workers", FriendlyName="after")[0] == 201
    server.kill()
    assert server.command("check").returncode == 0
    server.start()
    _, found = call(server, "GET", f"{home}/Workers")
    assert {each["friendly_name"] for each in found["workers"]} == {"before", "after"}
    assert faults(server) == []


def test_outages_under_load_lose_nothing_and_invent_nothing(
    make_pointsman: Callable[..., Pointsman], layer: Path, tmp_path: Path, sink: Sink
) -> None:
    """Short ones, that clients don't notice, and one after which they were refused."""
    said = tmp_path / "fault"
    said.write_text("")
    server = make_pointsman()
    server.start({"LD_PRELOAD": str(layer), "POINTSMAN_TEST_FAULTS": str(said)})
    load = Load(server)
    asyncio.run(under_load(load, sink, said))
    assert load.refused > 0
    assert events_of(server) == ["store_unavailable", "store_available_again"] * len(OUTAGES)
    reasons = [line["reason"] for line in told_of(server) if "reason" in line]
    assert all(wanted in reason for wanted, reason in zip(OUTAGES.values(), reasons, strict=True)), reasons
    assert faults(server) == []


async def under_load(load: Load, sink: Sink, said: Path) -> None:
    server, ended = load.server, asyncio.Event()
    async with load.session() as http:
        await load.furnish(http, sink)
        clients = [asyncio.create_task(load.go_on_patiently(http, ended)) for _ in range(CLIENTS)]
        for number, fault in enumerate(OUTAGES):
            await load.answering()
            await asyncio.to_thread(said.write_text, fault)
            await until(told(server, 2 * number + 1))
            if number == len(OUTAGES) - 1:
                await until(lambda: load.refused > 0)
            await asyncio.to_thread(said.write_text, "")
            await until(told(server, 2 * number + 2))
        ended.set()
        await asyncio.gather(*clients)
        await asyncio.to_thread(server.kill)
    checked = await asyncio.to_thread(server.command, "check")
    assert checked.returncode == 0, checked.stdout
    await asyncio.to_thread(server.start)
    async with load.session() as http:
        events = await load.events(http)
        assert [each["sequence"] for each in events] == list(range(1, len(events) + 1))
        created = [each["event_data"]["task_attributes"] for each in events if each["event_type"] == "task.created"]
        assert sorted(json.loads(text)["mark"] for text in created) == sorted(json.loads(m)["mark"] for m in load.made)
        await load.compare(http)
        await settled(load, sink, http, [])


def told(server: Pointsman, times: int) -> Callable[[], bool]:
    """Whether its log has spoken of the store so often."""
    return lambda: len(told_of(server)) == times


async def until(condition: Callable[[], bool]) -> None:
    for _ in range(LOOKS_MAX):
        if condition():
            return
        await asyncio.sleep(POLL_S)
    pytest.fail("it has not come to that")


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
    assert "checkpoint_failed" in server.log.read_text()
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
        await until(told(server, 1))
        assert await asyncio.to_thread(server.stop) == 0
        return list(await asyncio.gather(*asked))


def told_of(server: Pointsman) -> list[dict[str, Any]]:
    """What its log says of the store."""
    lines = [json.loads(line) for line in server.log.read_text().splitlines() if line.startswith("{")]
    return [line for line in lines if line["event"] in ("store_unavailable", "store_available_again")]


def events_of(server: Pointsman) -> list[str]:
    return [line["event"] for line in told_of(server)]


@pytest.mark.parametrize("torn", ["zeros", "noise", "cut"])
def test_a_torn_last_commit_of_the_log_is_not_read(pointsman: Pointsman, torn: str) -> None:
    """A commit that was not answered yet may leave a part of itself."""
    home = workspace(pointsman)
    assert call(pointsman, "POST", f"{home}/Workers", FriendlyName="before")[0] == 201
    log: Path = pointsman.data / WAL
    if torn == "cut":
        size = log.stat().st_size
        assert call(pointsman, "POST", f"{home}/Workers", FriendlyName="torn")[0] == 201
        pointsman.kill()
        assert log.stat().st_size > size
        os.truncate(log, size + FRAME_BYTES + FRAME_BYTES // 2)
    else:
        pointsman.kill()
        with log.open("ab") as file:
            file.write(b"\0" * 2_000 if torn == "zeros" else os.urandom(5_000))
    assert pointsman.command("check").returncode == 0
    pointsman.start()
    _, found = call(pointsman, "GET", f"{home}/Workers")
    assert [each["friendly_name"] for each in found["workers"]] == ["before"]
    assert call(pointsman, "POST", f"{home}/Workers", FriendlyName="after")[0] == 201
    assert pointsman.command("check").returncode == 0


def test_a_page_that_is_torn_while_the_log_is_moved_into_the_file_is_mended_by_the_log(pointsman: Pointsman) -> None:
    """Half of each page that the log has, too: whoever moves it may be killed, or lose its power, in the middle."""
    home = workspace(pointsman)
    for number in range(20):
        assert call(pointsman, "POST", f"{home}/Workers", FriendlyName=f"{number}")[0] == 201
    pointsman.kill()
    log, file = pointsman.data / WAL, pointsman.data / "pointsman.db"
    frames = log.read_bytes()[WAL_HEAD_BYTES:]
    pages = {int.from_bytes(frames[at : at + 4], "big") for at in range(0, len(frames) - FRAME_BYTES + 1, FRAME_BYTES)}
    assert len(pages) > 10
    with file.open("r+b") as database:
        for page in pages:
            database.seek((page - 1) * PAGE_BYTES + PAGE_BYTES // 2)
            database.write(os.urandom(PAGE_BYTES // 2))
    assert pointsman.command("check").returncode == 0
    pointsman.start()
    _, found = call(pointsman, "GET", f"{home}/Workers")
    assert {each["friendly_name"] for each in found["workers"]} == {f"{number}" for number in range(20)}
    assert pointsman.stop() == 0  # and now it is moved as a whole
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
