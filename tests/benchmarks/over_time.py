"""Figures of intervals over a long log: how much of the database they take, how long a step of summing up holds the
writer, how long answers take for the last quarter of an hour and for thirty days, and what ten clients that ask once a
second cost a server under load. The log is made of rows that a server wrote, repeated over thirty days."""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import sqlite3
import statistics
import tempfile
import time
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path
from typing import Any

from pointsman.runtime.workspaces import ROLL_UP_EVENTS_MAX
from pointsman.store import DATABASE_FILE, open_store
from pointsman.store.rows import EVENT_COLUMNS
from tests.benchmarks.failed import Failed
from tests.benchmarks.lifecycles import rate, set_up, size
from tests.benchmarks.options import seconds, whole
from tests.benchmarks.server import Client, pointsman

DAYS = 30
DAY_MS = 86_400_000
MARGIN_MS = 600_000  # the oldest event is that much younger than thirty days, so that it stays within reach
BATCH = 50_000
POLLERS = 10
LOOKS_MAX = 2_000  # for the offer of a task
SAMPLES = 20  # lifecycles that a server carries out, to be repeated
Row = dict[str, Any]


def add_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--events", type=whole(10_000), default=5_000_000, help="in the log [5000000]")
    parser.add_argument("--workers", type=whole(), default=1_000, help="how many [1000]")
    parser.add_argument("--queues", type=whole(), default=50, help="how many [50]")
    parser.add_argument("--repeats", type=whole(), default=20, help="of each request; the median is told [20]")
    parser.add_argument("--connections", type=whole(), default=16, help="of the load [16]")
    parser.add_argument("--seconds", type=seconds, default=8, help="of load, for each of six runs [8]")


async def run(options: argparse.Namespace) -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder) / "data"
        async with pointsman(data) as client:
            place = await _Place.made(client, options)
        found = _fill(data / DATABASE_FILE, options) | await _sum_up(data, options.events)
        async with pointsman(data) as client:
            place.client = client
            return found | await _answers(place, options.repeats) | await _load(place, options)


class _Place:
    """A workspace, and what there is to ask in it."""

    def __init__(self, client: Client, workspace: str, workflow: str) -> None:
        self.client, self.workspace, self.workflow = client, workspace, workflow
        self.queue = self.worker = ""

    @classmethod
    async def made(cls, client: Client, options: argparse.Namespace) -> _Place:
        """With a few lifecycles, as a server writes them."""
        place = cls(client, *await set_up(client, options.workers))
        base = f"/{place.workspace}"
        for number in range(1, options.queues):
            await client.ask("POST", f"{base}/TaskQueues", FriendlyName=f"queue {number}", TargetWorkers="1==1")
        place.queue = (await client.ask("GET", f"{base}/TaskQueues?PageSize=1"))["task_queues"][0]["sid"]
        place.worker = (await client.ask("GET", f"{base}/Workers?PageSize=1"))["workers"][0]["sid"]
        activities = {
            each["available"]: each["sid"] for each in (await client.ask("GET", f"{base}/Activities"))["activities"]
        }
        for number in range(SAMPLES):
            await place.lifecycle(number)
        for available in (False, True):
            await client.ask("POST", f"{base}/Workers/{place.worker}", ActivitySid=activities[available])
        canceled = await place.task()
        await client.ask("POST", f"{base}/Tasks/{canceled}", AssignmentStatus="canceled", Reason="gone")
        return place

    async def task(self) -> str:
        form = {"WorkflowSid": self.workflow, "Attributes": '{"skill":"a"}'}
        return str((await self.client.ask("POST", f"/{self.workspace}/Tasks", **form))["sid"])

    async def lifecycle(self, _: int) -> None:
        path = f"/{self.workspace}/Tasks/{await self.task()}"
        for _ in range(LOOKS_MAX):
            if offers := (await self.client.ask("GET", f"{path}/Reservations"))["reservations"]:
                break
        else:
            raise Failed(f"nobody was offered a task, after {LOOKS_MAX} looks")
        await self.client.ask("POST", f"{path}/Reservations/{offers[0]['sid']}", ReservationStatus="accepted")
        await self.client.ask("POST", path, AssignmentStatus="completed", Reason="done")

    def requests(self, minutes: str = "") -> list[tuple[str, str]]:
        base, query = f"/{self.workspace}", minutes and f"?Minutes={minutes}"
        split = f"{'&' if query else '?'}SplitByWaitTime=5,60"
        return [
            ("workspace", f"{base}/CumulativeStatistics{query}"),
            ("workspace, split", f"{base}/CumulativeStatistics{query}{split}"),
            ("queue", f"{base}/TaskQueues/{self.queue}/CumulativeStatistics{query}"),
            ("workers", f"{base}/Workers/CumulativeStatistics{query}"),
            ("workers of a queue", f"{base}/Workers/Statistics{query}{'&' if query else '?'}TaskQueueSid={self.queue}"),
            ("worker", f"{base}/Workers/{self.worker}/Statistics{query}"),
        ]


# --- the log ----------------------------------------------------------------------------------------------------------


def _fill(database: Path, options: argparse.Namespace) -> dict[str, Any]:
    """Put a log of thirty days in place of what was written so far; say how large that is."""
    began = time.perf_counter()
    connection = sqlite3.connect(database, isolation_level=None)
    connection.execute("PRAGMA synchronous = OFF")
    samples = _samples(connection)
    connection.execute("DELETE FROM event")
    connection.execute("DELETE FROM tally")
    connection.execute("DELETE FROM roll_up")
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    before = size(database.parent)
    [workspace] = connection.execute("SELECT id FROM workspace").fetchone()
    log = _Log(connection, samples, options.events)
    marks = ", ".join("?" * (len(EVENT_COLUMNS) + 1))
    insert = f"INSERT INTO event (workspace, {', '.join(EVENT_COLUMNS)}) VALUES ({marks})"
    batch: list[tuple[Any, ...]] = []
    connection.execute("BEGIN")
    for row in log.rows():
        batch.append((workspace, *(row[name] for name in EVENT_COLUMNS)))
        if len(batch) >= BATCH:
            connection.executemany(insert, batch)
            batch.clear()
    connection.executemany(insert, batch)
    log.settle()
    connection.execute("COMMIT")
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()
    taken = (size(database.parent) - before) / options.events * 1e6
    print(f"{options.events} events in {DAYS} days (made in {time.perf_counter() - began:.0f} s)", flush=True)
    print(f"  {taken / 1e6:.0f} MB a million events", flush=True)
    return {"events": options.events, "event_bytes_a_million": taken}


def _samples(connection: sqlite3.Connection) -> list[list[Row]]:
    """The rows of each task, and those of a worker's changes of activity."""
    columns = ", ".join(EVENT_COLUMNS)
    rows = [
        dict(zip(EVENT_COLUMNS, row, strict=True))
        for row in connection.execute(f"SELECT {columns} FROM event ORDER BY seq")
        if row[1].startswith(("task", "reservation", "workflow.entered", "worker.activity"))
    ]
    rows = [row for row in rows if row["task"] is not None or row["spent_ms"] is not None]
    rows.sort(key=lambda row: row["task"] or 0)
    return [list(group) for _, group in groupby(rows, key=lambda row: row["task"])]


class _Log:
    """Samples over and over, of other tasks, workers and queues."""

    def __init__(self, connection: sqlite3.Connection, samples: list[list[Row]], events: int) -> None:
        self._connection, self._samples, self._events = connection, samples, events
        self._rng = random.Random(1)
        self._workers = self._numbers("worker")
        self._queues = self._numbers("task_queue")
        self._end_ms = int(time.time() * 1000)
        self._start_ms = self._end_ms - DAYS * DAY_MS + MARGIN_MS
        self._since_ms = dict.fromkeys(self._workers, self._start_ms)

    def _numbers(self, kind: str) -> list[int]:
        return [no for [no] in self._connection.execute("SELECT no FROM entity WHERE kind = ? AND live = 1", (kind,))]

    def rows(self) -> Iterator[Row]:
        seq = 0
        while True:
            for sample in self._samples:
                worker, queue, age_s = self._rng.choice(self._workers), self._rng.choice(self._queues), self._age_s()
                for row in sample:
                    seq += 1
                    at_ms = self._start_ms + (self._end_ms - self._start_ms) * seq // self._events
                    yield self._changed(row, seq, at_ms, worker, queue, age_s)
                    if seq == self._events:
                        return

    def _age_s(self) -> int:
        return min(3_600, int(self._rng.expovariate(1 / 60)))

    def _changed(self, row: Row, seq: int, at_ms: int, worker: int, queue: int, age_s: int) -> Row:
        new = row | {"seq": seq, "at_ms": at_ms}
        if row["task"] is not None:
            new["task"] = 10_000_000 + seq // 8
        for name, value in (("worker", worker), ("queue", queue), ("age_s", age_s), ("queue_age_s", age_s)):
            if row[name] is not None:
                new[name] = value
        if row["split_age_s"] is not None:
            new["split_age_s"] = age_s
        if row["spent_ms"] is not None:
            new["spent_ms"] = at_ms - self._since_ms[worker]
            self._since_ms[worker] = at_ms
        return new

    def settle(self) -> None:
        """Workers are as old as the log, and where it leaves them; all is delivered."""
        for no, since_ms in self._since_ms.items():
            self._connection.execute(
                "UPDATE entity SET body = json_set(body, '$.created_ms', ?, '$.status_changed_ms', ?) WHERE no = ?",
                (self._start_ms - 1, since_ms, no),
            )
        self._connection.execute("UPDATE workspace SET seq = ?", (self._events,))
        self._connection.execute("UPDATE event_cursor SET seq = ?", (self._events,))


async def _sum_up(data: Path, events: int) -> dict[str, Any]:
    """All of it, as it is done in the background; the time of a step is how long others wait to write."""
    store = open_store(None, data)
    await store.open()
    before, steps = size(data), []
    try:
        while True:
            began = time.perf_counter()
            if not await store.roll_up(ROLL_UP_EVENTS_MAX):
                break
            steps.append((time.perf_counter() - began) * 1000)
    finally:
        await store.close()
    with sqlite3.connect(data / DATABASE_FILE) as connection:
        kept = dict(connection.execute("SELECT size_s, count(*) FROM tally GROUP BY size_s").fetchall())
    connection.close()
    steps.sort()
    step = {"p50": statistics.median(steps), "p99": steps[len(steps) * 99 // 100], "max": steps[-1]}
    grown = (size(data) - before) / events * 1e6
    print(f"summed up in {sum(steps) / 1000:.0f} s; a step of {ROLL_UP_EVENTS_MAX} events: {_shown(step)}", flush=True)
    print(f"  {grown / 1e6:.1f} MB of sums a million events; by second: {kept.get(1, 0)}, by hour: {kept.get(3600, 0)}")
    return {"step_ms": step, "sum_bytes_a_million": grown, "sums": {str(key): value for key, value in kept.items()}}


# --- answers ----------------------------------------------------------------------------------------------------------


async def _answers(place: _Place, repeats: int) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for title, minutes in (("15 minutes", ""), ("30 days", str(DAYS * 24 * 60))):
        print(f"{title}:")
        for name, path in place.requests(minutes):
            times = []
            for _ in range(repeats):
                began = time.perf_counter()
                await place.client.ask("GET", path)
                times.append((time.perf_counter() - began) * 1000)
            found[f"{title}, {name}"] = took = {"p50": statistics.median(times), "max": max(times)}
            print(f"  {name:<20} {_shown(took)}", flush=True)
    return {"answers_ms": found}


async def _load(place: _Place, options: argparse.Namespace) -> dict[str, Any]:
    """Lifecycles a second, in turns without and with clients that ask for statistics."""
    guess = await rate(place.lifecycle, options.connections, 20 * options.connections)  # also the warm-up
    count = max(options.connections, int(guess * options.seconds))
    found: dict[bool, list[float]] = {False: [], True: []}
    for _ in range(3):
        for asking in (False, True):
            pollers = [asyncio.create_task(_poll(place, number)) for number in range(POLLERS * asking)]
            found[asking].append(await rate(place.lifecycle, options.connections, count))
            for poller in pollers:
                poller.cancel()
            for outcome in await asyncio.gather(*pollers, return_exceptions=True):
                if not isinstance(outcome, asyncio.CancelledError):
                    raise Failed(f"a client that asks for statistics ended: {outcome}")
    alone, beside = (statistics.median(found[asking]) for asking in (False, True))
    print(f"{options.connections} connections: {alone:.0f} lifecycles/s alone, {beside:.0f} with {POLLERS} clients")
    print(f"  that ask for statistics once a second: {(1 - beside / alone) * 100:.1f} % less")
    print(f"  runs: alone {json.dumps([round(each) for each in found[False]])}, with {[round(e) for e in found[True]]}")
    return {"lifecycles_s": {"alone": found[False], "asked": found[True]}}


async def _poll(place: _Place, number: int) -> None:
    await asyncio.sleep(number / POLLERS)
    requests = place.requests()
    while True:
        _, path = requests[number % len(requests)]
        await place.client.ask("GET", path)
        await asyncio.sleep(1)


def _shown(times: dict[str, float]) -> str:
    return "  ".join(f"{name} {value:.1f}" for name, value in times.items()) + " ms"
