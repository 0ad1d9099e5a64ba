"""A server that is killed at any moment has lost nothing that it answered, and has done nothing by halves.

The short form kills a few times. `scripts/test --long crash` kills hundreds of times.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import random
import signal
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs

import aiohttp
import pytest

from tests.acceptance.conftest import POLL_S, Pointsman, faults, make_pointsman
from tests.writers import writers_of

__all__ = ["make_pointsman"]
pytestmark = pytest.mark.acceptance

KILLS, KILLS_LONG = 6, 300
WRITER_KILLS = 4
CLIENTS = 12
WORKERS = 6
LIFE_S = (0.2, 1.2)  # of a server under load
TIMEOUT_S = 1  # of tasks that nobody takes
PATIENCE_S = 45.0  # until timers have fired and callbacks have been sent
STEPS = {"pending": 0, "reserved": 0, "assigned": 1, "wrapping": 2, "completed": 2}


class Server(ThreadingHTTPServer):
    request_queue_size = 1_024  # or it would refuse callbacks
    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Whoever called was killed."""


class Sink:
    """Takes callbacks and remembers what they told of."""

    def __init__(self) -> None:
        self.offers: Counter[str] = Counter()  # reservations of assignment callbacks
        self.events: Counter[int] = Counter()  # numbers of events
        sink = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                form = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
                if self.path == "/events":
                    sink.events[int(self.headers["Pointsman-Sequence"])] += 1
                else:
                    sink.offers[form["ReservationSid"][0]] += 1
                self.send_response(200)  # an assignment is refused by any other
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, format: str, *arguments: object) -> None:
                pass

        self._server = Server(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever)
        self._thread.start()

    def close(self) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


@pytest.fixture
def sink() -> Iterator[Sink]:
    sink = Sink()
    yield sink
    sink.close()


class Load:
    """Clients that create, accept and complete tasks, and write down what they were answered."""

    def __init__(self, server: Pointsman) -> None:
        self.server = server
        self.base = ""
        self.workflow = self.nobodys = ""
        self.answered: dict[str, tuple[str, int]] = {}  # by task: its mark, and the last step that was answered
        self.timed: set[str] = set()  # tasks that nobody takes
        self.asked = 0  # marks given

    async def call(self, http: aiohttp.ClientSession, method: str, path: str, **form: str) -> dict[str, Any]:
        """Raises: `aiohttp.ClientError`, if there was no answer."""
        async with http.request(method, f"{self.base or self.server.url}{path}", data=form) as response:
            found: dict[str, Any] = json.loads(await response.text())
            assert response.status < 300, (response.status, found)
            return found

    async def furnish(self, http: aiohttp.ClientSession, sink: Sink) -> None:
        made = await self.call(
            http, "POST", "/v1/Workspaces", FriendlyName="killed", EventCallbackUrl=f"{sink.url}/events"
        )
        self.base = f"{self.server.url}/v1/Workspaces/{made['sid']}"
        activities = (await self.call(http, "GET", "/Activities"))["activities"]
        (available,) = (each["sid"] for each in activities if each["friendly_name"] == "Available")
        for number in range(WORKERS):
            worker = await self.call(http, "POST", "/Workers", FriendlyName=f"w{number}", ActivitySid=available)
            await self.call(http, "POST", f"/Workers/{worker['sid']}/Channels/default", Capacity="50")
        queue = await self.call(http, "POST", "/TaskQueues", FriendlyName="all", TargetWorkers="1==1")
        empty = await self.call(http, "POST", "/TaskQueues", FriendlyName="none", TargetWorkers="1==2")
        self.workflow = await self._workflow(http, queue["sid"], f"{sink.url}/offers")
        self.nobodys = await self._workflow(http, empty["sid"], f"{sink.url}/offers")

    async def _workflow(self, http: aiohttp.ClientSession, queue: str, url: str) -> str:
        rules = json.dumps({"task_routing": {"default_filter": {"queue": queue}}})
        made = await self.call(
            http, "POST", "/Workflows", FriendlyName=queue, Configuration=rules, AssignmentCallbackUrl=url
        )
        return str(made["sid"])

    async def go_on(self, http: aiohttp.ClientSession) -> None:
        """Until the server has gone."""
        with contextlib.suppress(aiohttp.ClientError, ConnectionError, asyncio.TimeoutError):
            while True:
                await self._life(http)

    async def _life(self, http: aiohttp.ClientSession) -> None:
        self.asked += 1
        mark = json.dumps({"mark": self.asked})
        if self.asked % 10 == 0:
            made = await self.call(
                http, "POST", "/Tasks", WorkflowSid=self.nobodys, Attributes=mark, Timeout=str(TIMEOUT_S)
            )
            self.timed.add(made["sid"])
            return
        made = await self.call(http, "POST", "/Tasks", WorkflowSid=self.workflow, Attributes=mark)
        task = made["sid"]
        self.answered[task] = (mark, 0)
        offers = (await self.call(http, "GET", f"/Tasks/{task}/Reservations"))["reservations"]
        if not offers:
            return  # all are busy: it waits
        await self.call(http, "POST", f"/Tasks/{task}/Reservations/{offers[0]['sid']}", ReservationStatus="accepted")
        self.answered[task] = (mark, 1)
        await self.call(http, "POST", f"/Tasks/{task}", AssignmentStatus="completed", Reason="done")
        self.answered[task] = (mark, 2)

    async def compare(self, http: aiohttp.ClientSession) -> None:
        """Everything that was answered is there, and at most one step further. What is over is then forgotten."""
        for task, (mark, step) in self.answered.items():
            found = await self.call(http, "GET", f"/Tasks/{task}")
            assert json.loads(found["attributes"]) == json.loads(mark), (task, mark, found)
            assert step <= STEPS[found["assignment_status"]] <= step + 1, (task, step, found)
        for task in self.answered:  # so that workers are free again
            found = await self.call(http, "GET", f"/Tasks/{task}")
            if found["assignment_status"] != "completed":
                await self._end(http, task, found)
        self.answered.clear()

    async def _end(self, http: aiohttp.ClientSession, task: str, found: dict[str, Any]) -> None:
        status = "completed" if found["assignment_status"] in ("assigned", "wrapping") else "canceled"
        await self.call(http, "POST", f"/Tasks/{task}", AssignmentStatus=status, Reason="the end")

    async def events(self, http: aiohttp.ClientSession, after: int = 0) -> list[dict[str, Any]]:
        url = f"{self.base}/EventStream?Follow=false&After={after}"
        found = []
        async with http.get(url, timeout=aiohttp.ClientTimeout(total=None)) as response:
            async for text in response.content:
                line = json.loads(text)
                if "sequence" in line and "sid" in line:
                    found.append({name: line.get(name) for name in ("sequence", "sid", "event_type", "event_data")})
        return found


def replaced(server: Pointsman, times: int) -> None:
    """Wait until it has noticed that its writing process died."""
    while server.log.read_text().count("writer_died") < times:
        time.sleep(POLL_S)


async def writers_killed(load: Load, sink: Sink, kills: int, seed: int) -> None:
    """The server lives: its clients notice nothing."""
    server, chance = load.server, random.Random(seed)
    login = {"Authorization": aiohttp.encode_basic_auth(server.account, server.token)}
    async with aiohttp.ClientSession(headers=login, timeout=aiohttp.ClientTimeout(20)) as http:
        await load.furnish(http, sink)
        clients = [asyncio.create_task(load.go_on(http)) for _ in range(CLIENTS)]
        for number in range(kills):
            await asyncio.sleep(chance.uniform(*LIFE_S))
            (writer,) = writers_of(server.run.pid)
            os.kill(writer, signal.SIGKILL)
            await asyncio.to_thread(replaced, server, number + 1)
        await asyncio.to_thread(server.kill)
        await asyncio.gather(*clients)
    await asyncio.to_thread(server.start)
    async with aiohttp.ClientSession(headers=login) as http:
        await load.compare(http)
        await settled(load, sink, http, [])


async def killed(load: Load, sink: Sink, kills: int, seed: int) -> None:
    server, chance = load.server, random.Random(seed)
    login = {"Authorization": aiohttp.encode_basic_auth(server.account, server.token)}
    known: list[tuple[int, str]] = []  # events that were read before a kill
    async with aiohttp.ClientSession(headers=login) as http:
        await load.furnish(http, sink)
    for number in range(kills):
        async with aiohttp.ClientSession(headers=login, timeout=aiohttp.ClientTimeout(20)) as http:
            clients = [asyncio.create_task(load.go_on(http)) for _ in range(CLIENTS)]
            await asyncio.sleep(chance.uniform(*LIFE_S))
            await asyncio.to_thread(server.kill)
            await asyncio.gather(*clients)
            told = await asyncio.to_thread(server.command, "check")
            assert told.returncode == 0, f"kill {number} of seed {seed}: {told.stdout}{told.stderr}"
            await asyncio.to_thread(server.start)
            await load.compare(http)
            fresh = await load.events(http, known[-1][0] if known else 0)
            known += [(each["sequence"], each["sid"]) for each in fresh]
            assert [seq for seq, _ in known] == list(range(1, len(known) + 1))
    async with aiohttp.ClientSession(headers=login) as http:
        await settled(load, sink, http, known)


async def settled(load: Load, sink: Sink, http: aiohttp.ClientSession, known: list[tuple[int, str]]) -> None:
    """In the end every timer has fired, every callback was sent at least once, and no event has become another."""
    events = await load.events(http)
    for _ in range(int(PATIENCE_S)):
        offers = {e["event_data"]["reservation_sid"] for e in events if e["event_type"] == "reservation.created"}
        canceled = {e["event_data"]["task_sid"] for e in events if e["event_type"] == "task.canceled"}
        missing = {
            "timers": load.timed - canceled,
            "offers": offers - sink.offers.keys(),
            "events": {e["sequence"] for e in events} - sink.events.keys(),
        }
        if not any(missing.values()):
            break
        await asyncio.sleep(1)
        events += await load.events(http, events[-1]["sequence"])
    assert not any(missing.values()), {name: (len(left), sorted(left)[:5]) for name, left in missing.items()}
    assert [(each["sequence"], each["sid"]) for each in events][: len(known)] == known
    assert load.timed
    assert offers


def test_a_writing_process_that_is_killed_under_load_is_replaced_and_nobody_notices(
    make_pointsman: Callable[..., Pointsman], sink: Sink
) -> None:
    server = make_pointsman()
    server.start()
    load = Load(server)
    asyncio.run(writers_killed(load, sink, WRITER_KILLS, seed=20_261_130))
    assert server.log.read_text().count("writer_died") == WRITER_KILLS
    assert faults(server) == []
    told = server.command("check", "--json")
    assert (told.returncode, json.loads(told.stdout)["problems"]) == (0, [])


def test_a_server_that_is_killed_under_load_has_lost_nothing(
    make_pointsman: Callable[..., Pointsman], sink: Sink, request: pytest.FixtureRequest
) -> None:
    server = make_pointsman()
    server.start()
    kills = KILLS_LONG if request.config.getoption("--long") else KILLS
    load = Load(server)
    asyncio.run(killed(load, sink, kills, seed=20_261_124))
    print(f"{kills} kills, {load.asked} tasks, {len(sink.events)} events, {sum(sink.events.values())} event callbacks")
    assert faults(server) == []
    told = server.command("check", "--json")
    assert (told.returncode, json.loads(told.stdout)["problems"]) == (0, [])
