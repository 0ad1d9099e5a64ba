"""Whole lifecycles a second over REST: a task is created and offered, the offer is accepted, the task completed. Three
requests, every commit fsynced, all events stored. Which reservation to accept, the assignment callback says, or where
there is none, the database's file, which costs the server nothing. Beside it the same three requests to a bare
application, and what the load generator can do: its ceiling."""

from __future__ import annotations

import argparse
import asyncio
import json
import re
import sqlite3
import statistics
import tempfile
import time
from contextlib import closing
from pathlib import Path
from typing import Any

import aiohttp

from pointsman.core.ids import number_of
from pointsman.store import DATABASE_FILE
from tests.benchmarks.failed import Failed
from tests.benchmarks.load import Lifecycle, Target, answering
from tests.benchmarks.options import listed, one_of, seconds, whole
from tests.benchmarks.server import Client, free_port, pointsman, process, ready

RUNS = 3
STANDSTILL_S = 20.0  # without the end of a lifecycle, and nobody waits any longer
KINDS = ("plain", "assignments", "events")


def add_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--connections", type=listed(whole()), default="1,8,64", help="at a time, with commas [1,8,64]")
    parser.add_argument("--seconds", type=seconds, default=6, help=f"for each figure, in {RUNS} runs [6]")
    kinds, text = ",".join(KINDS), "without and with callbacks, with commas [plain,assignments,events]"
    parser.add_argument("--kinds", type=listed(one_of(KINDS)), default=kinds, help=text)


async def run(options: argparse.Namespace) -> dict[str, Any]:
    found: dict[str, Any] = {}
    found["ceiling"] = await _against("-m", "tests.benchmarks.load", name="ceiling", options=options)
    found["bare"] = await _against("-m", "tests.benchmarks.floor", name="bare", options=options)
    for kind in options.kinds:
        found[kind], found[f"{kind}_bytes"] = await _against_pointsman(kind, options)
        for number in options.connections:
            ours, floor = found[kind][str(number)], found["bare"][str(number)]
            print(f"{kind:>12}  {number:>3} connections: {ours / floor:.2f} of the bare application")
        print(f"{kind:>12}  {found[f'{kind}_bytes'] / 1000:.1f} KB of database a lifecycle", flush=True)
    return found


async def rate(lifecycle: Lifecycle, connections: int, count: int) -> float:
    """Lifecycles a second with so many at a time. Raises: `Failed`, if none of them ends any more."""
    left, done = iter(range(count)), 0

    async def work(worker: int) -> None:
        nonlocal done
        for _ in left:
            await lifecycle(worker)
            done += 1

    began = time.perf_counter()
    working = asyncio.gather(*(work(worker) for worker in range(connections)))
    while not working.done():
        before = done
        await asyncio.wait([working], timeout=STANDSTILL_S)
        if not working.done() and done == before:
            working.cancel()
            raise Failed(f"{done} of {count} lifecycles ended, and for {STANDSTILL_S:g} s no other")
    await working
    return count / (time.perf_counter() - began)


async def measure(name: str, lifecycle: Lifecycle, connections: int, seconds: float) -> float:
    guess = await rate(lifecycle, connections, 20 * connections)  # also the warm-up
    count = max(10 * connections, int(guess * seconds / RUNS))
    found = statistics.median([await rate(lifecycle, connections, count) for _ in range(RUNS)])
    print(f"{name:>12}  {connections:>3} connections  {found:>8.0f} lifecycles/s", flush=True)
    return found


async def _against(*command: str, name: str, options: argparse.Namespace) -> dict[str, float]:
    """The same requests to something that stores nothing."""
    port, found = free_port(), {}
    url = f"http://127.0.0.1:{port}"
    with process(*command, str(port)):
        async with aiohttp.ClientSession() as http:
            await ready(http, url)
        target = Target(url, "AC", "token")
        requests = [
            target.post("/v1/Workspaces/WS/Tasks", WorkflowSid="WW", Attributes='{"skill":"a"}'),
            target.post("/v1/Workspaces/WS/Tasks/WT/Reservations/WR", ReservationStatus="accepted"),
            target.post("/v1/Workspaces/WS/Tasks/WT", AssignmentStatus="completed", Reason="done"),
        ]
        for number in options.connections:
            async with target.connections(number) as connections:

                async def lifecycle(worker: int, connections: Any = connections) -> None:
                    for request in requests:
                        await connections[worker].ask(request)

                found[str(number)] = await measure(name, lifecycle, number, options.seconds)
    return found


async def _against_pointsman(kind: str, options: argparse.Namespace) -> tuple[dict[str, float], float]:
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder) / "data"
        offers = Offers()
        async with pointsman(data) as client, answering(offers.told) as sink:
            place = await Place.made(client, kind, sink, workers=max(options.connections))
            place.offers = offers if kind == "assignments" else Written(data)
            before, found = size(data), {}
            for number in options.connections:
                async with place.target.connections(number) as place.connections:
                    found[str(number)] = await measure(kind, place.lifecycle, number, options.seconds)
            return found, (size(data) - before) / place.done


class Offers:
    """Reservations by their tasks, as assignment callbacks tell of them."""

    def __init__(self) -> None:
        self._known: dict[str, asyncio.Future[str]] = {}

    def told(self, body: bytes) -> bytes:
        found = re.search(rb"ReservationSid=(WR[0-9a-f]{32})", body), re.search(rb"TaskSid=(WT[0-9a-f]{32})", body)
        if found[0] is not None and found[1] is not None:
            future = self._of(found[1][1].decode())
            if not future.done():
                future.set_result(found[0][1].decode())
        return b"{}"

    def _of(self, task: str) -> asyncio.Future[str]:
        if task not in self._known:
            self._known[task] = asyncio.get_running_loop().create_future()
        return self._known[task]

    async def offer(self, task: str) -> str:
        found = await self._of(task)
        del self._known[task]
        return found


class Written(Offers):
    """They stand in the database before the task's creation is answered, under the next number or, if that went to the
    worker's channel, the one after it."""

    def __init__(self, data: Path) -> None:
        super().__init__()
        self._file = sqlite3.connect(f"file:{data / DATABASE_FILE}?mode=ro", uri=True, isolation_level=None)

    async def offer(self, task: str) -> str:
        no = number_of(task)
        asked = "SELECT sid FROM entity WHERE workspace = 1 AND no IN (?, ?) AND kind = 'reservation' AND task = ?"
        return str(self._file.execute(asked, (no + 1, no + 2, no)).fetchone()[0])


class Place:
    """A workspace with a worker for each connection, and the offers that are made in it."""

    def __init__(self, client: Client, workspace: str, workflow: str) -> None:
        self.target = Target(client.base, *client.login)
        self.path = f"/v1/Workspaces/{workspace}"
        self.create = self.target.post(f"{self.path}/Tasks", WorkflowSid=workflow, Attributes='{"skill":"a"}')
        self.offers = Offers()
        self.connections: list[Any] = []
        self.done = 0

    @classmethod
    async def made(cls, client: Client, kind: str, sink: str, workers: int) -> Place:
        more = {"AssignmentCallbackUrl": f"{sink}/assignments"} if kind == "assignments" else {}
        workspace, workflow = await set_up(client, workers, **more)
        if kind == "events":
            await client.ask("POST", f"/{workspace}", EventCallbackUrl=f"{sink}/events")
        return cls(client, workspace, workflow)

    async def lifecycle(self, worker: int) -> None:
        ask = self.connections[worker].ask
        task = json.loads(await ask(self.create))["sid"]
        path = f"{self.path}/Tasks/{task}"
        offer = await self.offers.offer(task)
        await ask(self.target.post(f"{path}/Reservations/{offer}", ReservationStatus="accepted"))
        await ask(self.target.post(path, AssignmentStatus="completed", Reason="done"))
        self.done += 1


def size(data: Path) -> int:
    """Bytes of a database as a reader sees it: with the pages that are still in its log."""
    with closing(sqlite3.connect(f"file:{data / DATABASE_FILE}?mode=ro", uri=True)) as reader:
        return int(
            reader.execute("SELECT page_count * page_size FROM pragma_page_count, pragma_page_size").fetchone()[0]
        )


async def set_up(client: Client, workers: int, **workflow: str) -> tuple[str, str]:
    """A workspace, and a workflow that leads to so many workers."""
    workspace = (await client.ask("POST", "", FriendlyName="Bench"))["sid"]
    activities = (await client.ask("GET", f"/{workspace}/Activities"))["activities"]
    available = next(each["sid"] for each in activities if each["available"])
    for number in range(workers):
        await client.ask(
            "POST",
            f"/{workspace}/Workers",
            FriendlyName=f"worker {number}",
            Attributes='{"skills":["a","b"]}',
            ActivitySid=available,
        )
    queue = await client.ask("POST", f"/{workspace}/TaskQueues", FriendlyName="a", TargetWorkers="skills HAS 'a'")
    rules = {"task_routing": {"filters": [{"expression": "skill == 'a'", "targets": [{"queue": queue["sid"]}]}]}}
    made = await client.ask(
        "POST", f"/{workspace}/Workflows", FriendlyName="w", Configuration=json.dumps(rules), **workflow
    )
    return workspace, made["sid"]
