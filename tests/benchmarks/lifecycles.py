"""Whole lifecycles a second over REST: a task is created and offered, its offer is looked up, accepted, and the task
completed; four requests, every commit fsynced, all events stored. Beside it the same four requests to a bare
application. The load generator is this process."""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import platform
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import aiohttp

Lifecycle = Callable[[int], Awaitable[None]]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def process(*command: str) -> Iterator[subprocess.Popen[bytes]]:
    started = subprocess.Popen([sys.executable, *command], stdout=subprocess.DEVNULL)
    try:
        yield started
    finally:
        started.terminate()
        started.wait()


async def ready(session: aiohttp.ClientSession, url: str) -> None:
    for _ in range(200):
        try:
            async with session.get(url):
                return
        except aiohttp.ClientError:
            await asyncio.sleep(0.05)
    raise SystemExit(f"nothing answers at {url}")


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


class Client:
    def __init__(self, session: aiohttp.ClientSession, base: str) -> None:
        self.session, self.base = session, base

    async def ask(self, method: str, path: str, **form: str) -> Any:
        async with self.session.request(method, self.base + path, data=form or None) as reply:
            body = await reply.read()
            if reply.status >= 400:
                raise SystemExit(f"{method} {path}: {reply.status} {body.decode()}")
            return json.loads(body) if body else None


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
    session: aiohttp.ClientSession, connections: list[int], seconds: float, database: str | None
) -> tuple[dict[str, float], float]:
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder) / "data"
        options = ["--database", database] if database else []
        with process("-m", "pointsman", "serve", "--data", str(data), "--port", "0", "--tls-port", "0", *options):
            while not (data / "run.json").exists():
                time.sleep(0.05)  # noqa: ASYNC251  # nothing else runs yet
            run = json.loads((data / "run.json").read_text())
            headers = {"Authorization": aiohttp.encode_basic_auth(run["account_sid"], run["auth_token"])}
            async with aiohttp.ClientSession(headers=headers, connector=aiohttp.TCPConnector(limit=0)) as session:
                client = Client(session, run["url"] + "/v1/Workspaces")
                await ready(session, run["url"] + "/health")
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


async def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--connections", default="1,8,64", help="how many at a time, with commas [1,8,64]")
    parser.add_argument("--seconds", type=float, default=6, help="for each figure [6]")
    parser.add_argument("--database", help="a postgresql:// URL in place of SQLite")
    parser.add_argument("--json", type=Path, help="write the figures to this file")
    options = parser.parse_args()
    connections = [int(number) for number in options.connections.split(",")]
    facts = {"cpus": os.cpu_count(), "machine": platform.platform(), "python": platform.python_version()}
    print("  ".join(f"{name}: {value}" for name, value in facts.items()))
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as session:
        floor = await against_floor(session, connections, options.seconds)
        ours, bytes_each = await against_pointsman(session, connections, options.seconds, options.database)
    for number in ours:
        print(f"{number:>3} connections: {ours[number] / floor[number]:.2f} of the bare application")
    print(f"database: {bytes_each / 1000:.1f} KB a lifecycle")
    if options.json:
        result = {"facts": facts, "bare": floor, "pointsman": ours, "database_bytes_a_lifecycle": bytes_each}
        options.json.write_text(json.dumps(result, indent=2) + "\n")


if __name__ == "__main__":
    asyncio.run(main())
