"""Whole lifecycles a second over REST: a task is created and offered, its offer is looked up, accepted, and the task
completed; four requests, every commit fsynced, all events stored. Beside it the same four requests to a bare
application. The load generator is this process."""

from __future__ import annotations

import argparse
import asyncio
import json
import statistics
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import aiohttp

from tests.benchmarks.server import Client, free_port, pointsman, process, ready

Lifecycle = Callable[[int], Awaitable[None]]


async def rate(lifecycle: Lifecycle, connections: int, count: int) -> float:
    """Lifecycles a second with so many at a time."""
    left = iter(range(count))

    async def work(worker: int) -> None:
        for _ in left:
            await lifecycle(worker)

    began = time.perf_counter()
    await asyncio.gather(*(work(worker) for worker in range(connections)))
    return count / (time.perf_counter() - began)


async def measure(name: str, lifecycle: Lifecycle, connections: list[int], seconds: float) -> dict[str, float]:
    figures: dict[str, float] = {}
    for number in connections:
        guess = await rate(lifecycle, number, 20 * number)  # also the warm-up
        count = max(10 * number, int(guess * seconds / 3))
        runs = [await rate(lifecycle, number, count) for _ in range(3)]
        figures[str(number)] = statistics.median(runs)
        print(f"{name:>12}  {number:>3} connections  {figures[str(number)]:>8.0f} lifecycles/s", flush=True)
    return figures


async def against_floor(session: aiohttp.ClientSession, connections: list[int], seconds: float) -> dict[str, float]:
    port = free_port()
    with process("-m", "tests.benchmarks.floor", str(port)):
        client = Client(session, f"http://127.0.0.1:{port}")
        await ready(session, client.base)

        async def lifecycle(worker: int) -> None:
            await client.ask("POST", "/Tasks", WorkflowSid="WW", Attributes='{"skill":"a"}')
            await client.ask("GET", "/Tasks/WT/Reservations")
            await client.ask("POST", "/Tasks/WT/Reservations/WR", ReservationStatus="accepted")
            await client.ask("POST", "/Tasks/WT", AssignmentStatus="completed", Reason="done")

        return await measure("bare", lifecycle, connections, seconds)


async def against_pointsman(
    connections: list[int], seconds: float, database: str | None
) -> tuple[dict[str, float], float]:
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder) / "data"
        options = ["--database", database] if database else []
        async with pointsman(data, *options) as client:
            workspace, workflow = await set_up(client, workers=max(connections))
            done = 0

            async def lifecycle(worker: int) -> None:
                nonlocal done
                tasks = f"/{workspace}/Tasks"
                task = await client.ask("POST", tasks, WorkflowSid=workflow, Attributes='{"skill":"a"}')
                path = f"{tasks}/{task['sid']}"
                while not (offers := (await client.ask("GET", f"{path}/Reservations"))["reservations"]):
                    pass
                await client.ask("POST", f"{path}/Reservations/{offers[0]['sid']}", ReservationStatus="accepted")
                await client.ask("POST", path, AssignmentStatus="completed", Reason="done")
                done += 1

            before = size(data)
            figures = await measure("pointsman", lifecycle, connections, seconds)
            return figures, (size(data) - before) / done


def size(data: Path) -> int:
    return sum(file.stat().st_size for file in data.rglob("*.db"))


async def set_up(client: Client, workers: int) -> tuple[str, str]:
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
    workflow = await client.ask("POST", f"/{workspace}/Workflows", FriendlyName="w", Configuration=json.dumps(rules))
    return workspace, workflow["sid"]


def add_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--connections", default="1,8,64", help="how many at a time, with commas [1,8,64]")
    parser.add_argument("--seconds", type=float, default=6, help="for each figure [6]")


async def run(options: argparse.Namespace) -> dict[str, Any]:
    connections = [int(number) for number in options.connections.split(",")]
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as session:
        floor = await against_floor(session, connections, options.seconds)
    ours, bytes_each = await against_pointsman(connections, options.seconds, options.database)
    for number in ours:
        print(f"{number:>3} connections: {ours[number] / floor[number]:.2f} of the bare application")
    print(f"database: {bytes_each / 1000:.1f} KB a lifecycle")
    return {"bare": floor, "pointsman": ours, "database_bytes_a_lifecycle": bytes_each}
