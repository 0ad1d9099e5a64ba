"""From the moment a task is due to be created to its assignment callback: tasks come at a fixed rate, whether the
server keeps up or not (open loop), each is accepted by the callback's answer and completed. With event callbacks
too."""

from __future__ import annotations

import argparse
import asyncio
import json
import re
import tempfile
import time
from collections import deque
from pathlib import Path
from typing import Any

from tests.benchmarks.lifecycles import set_up
from tests.benchmarks.load import Connection, Refused, Target, answering
from tests.benchmarks.server import Client, pointsman

ACCEPT, NOTHING = b'{"instruction":"accept"}', b""
CONNECTIONS = 64
WORKERS = 200
WARM_UP_S = 1.0
ACCEPTED_S = 0.05  # after the answer to the callback
COMPLETED = {"AssignmentStatus": "completed", "Reason": "done"}
P99_MS_MAX, AT_RATE = 10, 500
_MARK = re.compile(rb"mark%22%3A(?:\+|%20)?(\d+)")
_TASK = re.compile(rb"TaskSid=(WT[0-9a-f]{32})")


def add_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--rates", default="100,500,1000", help="tasks a second, with commas [100,500,1000]")
    parser.add_argument("--seconds", type=float, default=10, help="at each rate [10]")
    parser.add_argument("--no-events", action="store_true", help="without event callbacks only")


async def run(options: argparse.Namespace) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for events in (False,) if options.no_events else (False, True):
        for tasks_s in (int(each) for each in options.rates.split(",")):
            name = f"{tasks_s}/s{' with event callbacks' if events else ''}"
            waits = sorted(await _waits(tasks_s, events, options))
            found[name] = {each: _quantile(waits, each) for each in (0.5, 0.99, 0.999)}
            told = "  ".join(f"p{each * 100:g} {ms:7.1f} ms" for each, ms in found[name].items())
            print(f"{name:>28}: {told}  of {len(waits)}", flush=True)
    print(f"wanted: p99 of at most {P99_MS_MAX} ms at {AT_RATE}/s")
    return {name: {f"p{each * 100:g}_ms": ms for each, ms in row.items()} for name, row in found.items()}


def _quantile(waits: list[float], part: float) -> float:
    return waits[min(int(len(waits) * part), len(waits) - 1)] if waits else float("nan")


async def _waits(tasks_s: int, events: bool, options: argparse.Namespace) -> list[float]:
    """In milliseconds, of every task that was due after the warm-up."""
    offered: dict[int, float] = {}
    accepted: asyncio.Queue[str] = asyncio.Queue()

    def told(body: bytes) -> bytes:
        mark, task = _MARK.search(body), _TASK.search(body)
        if b"EventType=" in body or mark is None or task is None:
            return NOTHING  # of an event
        offered[int(mark[1])] = time.perf_counter()
        accepted.put_nowait(task[1].decode())
        return ACCEPT

    with tempfile.TemporaryDirectory() as folder:
        more = ["--database", options.database] if options.database else []
        async with pointsman(Path(folder) / "data", *more) as client, answering(told) as sink:
            target, path, create = await _place(client, sink, events)
            async with target.connections(CONNECTIONS) as connections:
                free = deque(connections)
                due = await _tasks(tasks_s, options.seconds, free, target, path, create, accepted)
    return [(offered[mark] - at) * 1_000 for mark, at in due.items() if mark in offered and mark > tasks_s * WARM_UP_S]


async def _place(client: Client, sink: str, events: bool) -> tuple[Target, str, dict[str, str]]:
    workspace, workflow = await set_up(client, WORKERS, AssignmentCallbackUrl=f"{sink}/assignments")
    for worker in (await client.ask("GET", f"/{workspace}/Workers?PageSize=1000"))["workers"]:
        await client.ask("POST", f"/{workspace}/Workers/{worker['sid']}/Channels/default", Capacity="50")
    if events:
        await client.ask("POST", f"/{workspace}", EventCallbackUrl=f"{sink}/events")
    target = Target(client.base, *client.login)
    return target, f"/v1/Workspaces/{workspace}/Tasks", {"WorkflowSid": workflow}


async def _tasks(
    tasks_s: int,
    seconds: float,
    free: deque[Connection],
    target: Target,
    path: str,
    create: dict[str, str],
    accepted: asyncio.Queue[str],
) -> dict[int, float]:
    """When each task was due, by its mark. One that finds no connection free waits for one, and that counts."""
    loop, due, running = asyncio.get_running_loop(), {}, set()
    turn, over = asyncio.Condition(), asyncio.Event()

    async def ask(request: bytes, again: int = 0) -> None:
        async with turn:
            await turn.wait_for(lambda: bool(free))
            connection = free.popleft()
        try:
            await connection.ask(request)
        except Refused:
            if again == 0:
                raise
            await asyncio.sleep(ACCEPTED_S)  # its acceptance was not committed yet
            follow(request, again - 1)
        finally:
            free.append(connection)
            async with turn:
                turn.notify()

    async def complete() -> None:
        while True:
            task = await accepted.get()
            loop.call_later(ACCEPTED_S, follow, target.post(f"{path}/{task}", **COMPLETED), 50)

    def follow(request: bytes, again: int = 0) -> None:
        if over.is_set():
            return
        one = loop.create_task(ask(request, again))
        running.add(one)
        one.add_done_callback(running.discard)

    completing = loop.create_task(complete())
    began = time.perf_counter()
    for mark in range(int(tasks_s * (seconds + WARM_UP_S))):
        at = began + mark / tasks_s
        if (pause := at - time.perf_counter()) > 0:
            await asyncio.sleep(pause)
        due[mark] = at
        follow(target.post(path, Attributes=json.dumps({"skill": "a", "mark": mark}), **create))
    await asyncio.sleep(1.0)
    over.set()
    completing.cancel()
    await asyncio.gather(completing, *running, return_exceptions=True)
    return due
