"""Lists over a large workspace, and what they cost others: one client asks for a list again and again, another for a
single task. Each list's own time, and the other request's, beside what that takes when nobody asks for lists. The
explanation of a task looks at all workers and all tasks too: it is the last of them."""

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
from urllib.parse import urlencode

from tests.benchmarks.options import add_database, seconds, whole
from tests.benchmarks.server import Client, pointsman

AT_ONCE = 64
Query = dict[str, str]


def add_options(parser: argparse.ArgumentParser) -> None:
    add_database(parser)
    parser.add_argument("--workers", type=whole(), default=15_000, help="how many [15000]")
    parser.add_argument("--tasks", type=whole(), default=20_000, help="how many that wait [20000]")
    parser.add_argument("--queues", type=whole(8), default=500, help="how many [500]")
    parser.add_argument("--seconds", type=seconds, default=3, help="for each list [3]")


async def run(options: argparse.Namespace) -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as folder:
        arguments = ["--database", options.database] if options.database else []
        async with pointsman(Path(folder) / "data", *arguments) as client:
            workspace, task = await _fill(client, options)
            alone = await _others(client, f"/{workspace}/Tasks/{task}", None, options.seconds)
            print(f"{'nobody asks for a list':<74}  another request: {_shown(alone)}", flush=True)
            found: dict[str, Any] = {"alone_ms": alone}
            for path, query in _lists(options, task):
                target = f"/{workspace}/{path}?{urlencode(query)}"
                took, rows = await _own(client, target)
                beside = await _others(client, f"/{workspace}/Tasks/{task}", target, options.seconds)
                name = f"{path} {' '.join(f'{key}={value}' for key, value in query.items())}"
                print(f"{name:<58.58} {rows:>4} rows {took:>5.0f} ms  another request: {_shown(beside)}", flush=True)
                found[name] = {"own_ms": took, "rows": rows, "another_ms": beside}
            return found


def _lists(options: argparse.Namespace, task: str) -> list[tuple[str, Query]]:
    return [
        ("Workers", {"PageSize": "50"}),
        ("Workers", {"PageSize": "1000"}),
        ("Workers", {"FriendlyName": f"worker {options.workers // 2}"}),
        ("Workers", {"TargetWorkersExpression": "level > 100 AND region == 'nowhere'"}),
        ("Workers", {"TargetWorkersExpression": "skills HAS 'skill 7'", "PageSize": "1000"}),
        ("Workers", {"TargetWorkersExpression": " OR ".join(f"region == 'r{n}'" for n in range(1_000))}),
        ("Workers", {"TaskQueueName": "queue 7", "PageSize": "1000"}),
        ("Workers", {"ActivityName": "Unavailable"}),
        ("Workers", {"Ordering": "DateStatusChanged:desc"}),
        ("TaskQueues", {"EvaluateWorkerAttributes": '{"skills":["skill 7"]}', "PageSize": "1000"}),
        ("Tasks", {"EvaluateTaskAttributes": "language == 'none'"}),
        ("Tasks", {"Ordering": "Priority:desc,VirtualStartTime:asc"}),
        ("Tasks", {"Priority": "77"}),
        (f"Tasks/{task}/Explanation", {}),
    ]


async def _fill(client: Client, options: argparse.Namespace) -> tuple[str, str]:
    """A workspace with nobody available, so that all tasks wait; the sids of it and of a task."""
    workspace = (await client.ask("POST", "", FriendlyName="Large"))["sid"]
    base = f"/{workspace}"

    async def many(count: int, what: str, make: Callable[[int], Awaitable[Any]]) -> None:
        left = iter(range(count))

        async def work() -> None:
            for number in left:
                await make(number)
                if number and number % 5_000 == 0:
                    print(f"  {number} of {count} {what}", flush=True)

        await asyncio.gather(*(work() for _ in range(AT_ONCE)))

    async def worker(number: int) -> None:
        attributes = {"skills": [f"skill {number % 50}", f"skill {number % 7}"], "level": number % 10, "region": "here"}
        await client.ask("POST", f"{base}/Workers", FriendlyName=f"worker {number}", Attributes=json.dumps(attributes))

    async def queue(number: int) -> None:
        expression = f"skills HAS 'skill {number % 50}' AND level >= {number % 10}"
        await client.ask("POST", f"{base}/TaskQueues", FriendlyName=f"queue {number}", TargetWorkers=expression)

    await many(options.queues, "task queues", queue)
    await many(options.workers, "workers", worker)
    first = (await client.ask("GET", f"{base}/TaskQueues?PageSize=1"))["task_queues"][0]["sid"]

    async def task(number: int) -> None:
        attributes = json.dumps({"language": ["en", "de", "fr"][number % 3], "customer": number, "notes": "x" * 200})
        await client.ask("POST", f"{base}/Tasks", TaskQueueSid=first, Attributes=attributes, Priority=str(number % 9))

    await many(options.tasks, "tasks", task)
    return workspace, (await client.ask("GET", f"{base}/Tasks?PageSize=1"))["tasks"][0]["sid"]


async def _own(client: Client, target: str) -> tuple[float, int]:
    """How long the list takes, in milliseconds, and how many rows it has."""
    times: list[float] = []
    rows = 0
    for _ in range(5):
        began = time.perf_counter()
        page = await client.ask("GET", target)
        times.append((time.perf_counter() - began) * 1000)
        rows = len(page[page["meta"]["key"]]) if "meta" in page else 1
    return statistics.median(times), rows


async def _others(client: Client, target: str, beside: str | None, seconds: float) -> dict[str, float]:
    """Latencies of a request, in milliseconds, while another client asks for `beside` without a pause."""
    until = time.perf_counter() + seconds

    async def disturb() -> None:
        while beside is not None and time.perf_counter() < until:
            await client.ask("GET", beside)

    disturbing = asyncio.create_task(disturb())
    times: list[float] = []
    while time.perf_counter() < until:
        began = time.perf_counter()
        await client.ask("GET", target)
        times.append((time.perf_counter() - began) * 1000)
        await asyncio.sleep(0.002)
    await disturbing
    times.sort()
    return {"p50": times[len(times) // 2], "p99": times[len(times) * 99 // 100], "max": times[-1]}


def _shown(latencies: dict[str, float]) -> str:
    return "  ".join(f"{name} {value:5.1f}" for name, value in latencies.items()) + " ms"
