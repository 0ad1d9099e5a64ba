"""From the moment a task is due to be created to its assignment callback: tasks come at a fixed rate, whether the
server keeps up or not (open loop), each is accepted by the callback's answer and completed. With event callbacks
too. Beside it the same against a bare application that asks the callback's URL itself, and how late the load
generator is with a task."""

from __future__ import annotations

import argparse
import asyncio
import json
import math
import re
import statistics
import tempfile
import time
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from itertools import count
from pathlib import Path
from typing import Any, NamedTuple

import aiohttp

from tests.benchmarks.lifecycles import set_up
from tests.benchmarks.load import Connection, Refused, Target, answering
from tests.benchmarks.options import add_database, listed, seconds, whole
from tests.benchmarks.server import free_port, pointsman, process, ready

ACCEPT, NOTHING = b'{"instruction":"accept"}', b""
CONNECTIONS = 64
WORKERS = 200
RUNS = 3
WARM_UP_S = 1.0
PATIENCE_S = 10.0  # after the last task of a run is due; what was not offered by then is lost
LOOK_S = 0.05
ACCEPTED_S = 0.05  # after the answer to the callback
COMPLETE_TRIES = 50
COMPLETED = {"AssignmentStatus": "completed", "Reason": "done"}
QUANTILES = {"p50_ms": 0.5, "p99_ms": 0.99, "p99.9_ms": 0.999}
KINDS = {"bare": " bare application", "plain": "", "events": " with event callbacks"}
_MARK = re.compile(rb"mark%22%3A(?:\+|%20)?(\d+)")
_TASK = re.compile(rb"TaskSid=(WT[0-9a-f]{32})")


def add_options(parser: argparse.ArgumentParser) -> None:
    add_database(parser)
    rates, text = "100,500,1000", "tasks a second, with commas [100,500,1000]"
    parser.add_argument("--rates", type=listed(whole()), default=rates, help=text)
    parser.add_argument("--seconds", type=seconds, default=5, help=f"of each of {RUNS} runs at each rate [5]")
    parser.add_argument("--no-events", action="store_true", help="without event callbacks only")


async def run(options: argparse.Namespace) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for kind in KINDS:
        if kind == "events" and options.no_events:
            continue
        for tasks_s in options.rates:
            name = f"{tasks_s}/s{KINDS[kind]}"
            found[name] = row = await _at_rate(kind, tasks_s, options)
            told = "  ".join(f"{key.removesuffix('_ms')} {_shown(row[key])}" for key in QUANTILES)
            print(f"{name:>28}: {told}  of {row['tasks']}, ", end="")
            print(
                f"load generator late (p99) {_shown(row['late_p99_ms'])}, lost {row['lost']}, refused {row['refused']}"
            )
            if row["left"]:
                print(f"{'':>30}{row['left']} could not be completed", flush=True)
    return found


def _shown(ms: float | None) -> str:
    return "  never   " if ms is None else f"{ms:7.1f} ms"


async def _at_rate(kind: str, tasks_s: int, options: argparse.Namespace) -> dict[str, Any]:
    """Quantiles, each the median of those of the runs; None for what never came."""
    open_loop = OpenLoop()
    async with (
        answering(open_loop.told) as sink,
        _place(kind, sink, options) as place,
        place.target.connections(CONNECTIONS) as connections,
    ):
        open_loop.begin(place, connections)
        await open_loop.run(tasks_s, WARM_UP_S)
        runs = [await open_loop.run(tasks_s, options.seconds) for _ in range(RUNS)]
    row: dict[str, Any] = {
        name: _median([_quantile(one.waits, part) for one in runs]) for name, part in QUANTILES.items()
    }
    row["late_p99_ms"] = _median([_quantile(one.late, 0.99) for one in runs])
    row["tasks"] = sum(len(one.waits) for one in runs)
    row["lost"] = sum(wait == math.inf for one in runs for wait in one.waits)
    return row | {"refused": open_loop.refused, "left": open_loop.left}


def _median(each: list[float]) -> float | None:
    found = statistics.median(each)
    return None if found == math.inf else found


def _since(due: dict[int, float], times: dict[int, float]) -> list[float]:
    """In milliseconds."""
    return [(times.get(mark, math.inf) - at) * 1_000 for mark, at in due.items()]


def _quantile(waits: list[float], part: float) -> float:
    return sorted(waits)[min(int(len(waits) * part), len(waits) - 1)]


class Place(NamedTuple):
    """Where tasks are created, and with which parameters."""

    target: Target
    path: str
    create: dict[str, str]


@asynccontextmanager
async def _place(kind: str, sink: str, options: argparse.Namespace) -> AsyncIterator[Place]:
    callback = f"{sink}/assignments"
    if kind == "bare":
        port = free_port()
        with process("-m", "tests.benchmarks.floor", str(port), callback):
            async with aiohttp.ClientSession() as http:
                await ready(http, f"http://127.0.0.1:{port}")
            yield Place(Target(f"http://127.0.0.1:{port}", "AC", "token"), "/v1/Workspaces/WS/Tasks", {})
        return
    with tempfile.TemporaryDirectory() as folder:
        more = ["--database", options.database] if options.database else []
        async with pointsman(Path(folder) / "data", *more) as client:
            workspace, workflow = await set_up(client, WORKERS, AssignmentCallbackUrl=callback)
            for worker in (await client.ask("GET", f"/{workspace}/Workers?PageSize=1000"))["workers"]:
                await client.ask("POST", f"/{workspace}/Workers/{worker['sid']}/Channels/default", Capacity="50")
            if kind == "events":
                await client.ask("POST", f"/{workspace}", EventCallbackUrl=f"{sink}/events")
            target = Target(client.base, *client.login)
            yield Place(target, f"/v1/Workspaces/{workspace}/Tasks", {"WorkflowSid": workflow})


class Run(NamedTuple):
    """In milliseconds from when each task was due: until it was offered (infinite: it never was); until the load
    generator came to it, which is its own doing, as waiting for a free connection is not."""

    waits: list[float]
    late: list[float]


class OpenLoop:
    """Creates tasks when they are due, and completes what is offered."""

    def __init__(self) -> None:
        self.refused = self.left = 0  # tasks whose creation was refused; that could not be completed
        self._marks = count()
        self._come_to: dict[int, float] = {}
        self._offered: dict[int, float] = {}
        self._free: asyncio.Queue[Connection] = asyncio.Queue()
        self._running: set[asyncio.Task[None]] = set()

    def begin(self, place: Place, connections: list[Connection]) -> None:
        self._place = place
        for connection in connections:
            self._free.put_nowait(connection)

    def told(self, body: bytes) -> bytes:
        """Answer a callback."""
        mark, task = _MARK.search(body), _TASK.search(body)
        if b"EventType=" in body or mark is None or task is None:
            return NOTHING  # of an event
        self._offered[int(mark[1])] = time.perf_counter()
        self._start(self._complete(task[1].decode()))
        return ACCEPT

    async def run(self, tasks_s: int, for_s: float) -> Run:
        """Returns when all are offered and done with, or will hardly ever be."""
        due: dict[int, float] = {}
        began = time.perf_counter()
        for number in range(max(1, int(tasks_s * for_s))):
            at = began + number / tasks_s
            if (pause := at - time.perf_counter()) > 0:
                await asyncio.sleep(pause)
            mark = next(self._marks)
            due[mark] = at
            self._start(self._create(mark))
        for _ in range(int(PATIENCE_S / LOOK_S)):
            if not self._running and due.keys() <= self._offered.keys():
                break
            await asyncio.sleep(LOOK_S)
        for one in self._running:
            one.cancel()
        return Run(_since(due, self._offered), _since(due, self._come_to))

    def _start(self, what: Coroutine[Any, Any, None]) -> None:
        one = asyncio.get_running_loop().create_task(what)
        self._running.add(one)
        one.add_done_callback(self._running.discard)

    async def _create(self, mark: int) -> None:
        self._come_to[mark] = time.perf_counter()
        attributes = json.dumps({"skill": "a", "mark": mark})
        try:
            await self._ask(self._place.target.post(self._place.path, Attributes=attributes, **self._place.create))
        except (Refused, ConnectionError):
            self.refused += 1

    async def _complete(self, task: str) -> None:
        request = self._place.target.post(f"{self._place.path}/{task}", **COMPLETED)
        for _ in range(COMPLETE_TRIES):
            await asyncio.sleep(ACCEPTED_S)
            try:
                await self._ask(request)
                return
            except Refused:
                continue  # its acceptance was not committed yet
            except ConnectionError:
                break
        self.left += 1

    async def _ask(self, request: bytes) -> None:
        """A request that finds no connection free waits for one, and that counts."""
        connection = await self._free.get()
        try:
            await connection.ask(request)
        finally:
            if not connection.busy:
                self._free.put_nowait(connection)
