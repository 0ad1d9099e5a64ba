"""A cold start with a large workspace on disk: from the command to the first assignment, and the memory that it takes.
Beside it the time to read the rows alone. The database is written by the engine's state and the store's own commit."""

from __future__ import annotations

import argparse
import json
import resource
import statistics
import tempfile
import time
from pathlib import Path
from typing import Any

import msgspec

from pointsman.core.record import words
from pointsman.core.types import AccountSid, Millis
from pointsman.ports import Account, Batch, Head, SnapshotRow
from pointsman.runtime.writing import entity_of, entity_row
from pointsman.store import open_store
from tests.benchmarks import lifecycles
from tests.benchmarks.engine import SID, House, add_size, size_of
from tests.benchmarks.failed import Failed
from tests.benchmarks.server import pointsman

ACCOUNT = AccountSid("AC" + "0" * 32)
RUNS = 3


def add_options(parser: argparse.ArgumentParser) -> None:
    add_size(parser)


async def run(options: argparse.Namespace) -> dict[str, Any]:
    house = House(size_of(options), start_ms=int(time.time() * 1_000))
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder) / "data"
        data.mkdir()
        await write(house, data)
        workers, size, waiting = house.workers[:RUNS], house.size._asdict(), len(house.state.waiting)
        del house
        rows_s, database_bytes = await _rows_s(data), lifecycles.size(data)
        runs = [await _started(data, worker) for worker in workers]
    found = {name: statistics.median(one[name] for one in runs) for name in runs[0]}
    print(f"listening after {found['listening_s']:.1f} s, ", end="")
    print(f"first assignment after {found['first_assignment_s']:.1f} s; to read the rows alone takes {rows_s:.1f} s")
    print(f"{found['memory_bytes'] / 1e6:,.0f} MB with {waiting} waiting tasks", flush=True)
    return {"size": size, "waiting": waiting, "rows_s": rows_s, "database_bytes": database_bytes, **found}


async def _started(data: Path, worker: str) -> dict[str, float]:
    """A server is started, and this worker freed, which holds one task."""
    began = time.perf_counter()
    async with pointsman(data) as client:
        listening_s = time.perf_counter() - began
        path = f"/{SID}/Workers/{worker}/Reservations"
        (held,) = (await client.ask("GET", path))["reservations"]
        await client.ask("POST", f"{path}/{held['sid']}", ReservationStatus="completed")
        offers = (await client.ask("GET", f"{path}?ReservationStatus=pending"))["reservations"]
        took_s = time.perf_counter() - began
        if not offers:
            raise Failed("a worker was freed, and no task was offered to it")
        memory = _memory(json.loads((data / "run.json").read_text())["pid"])
    return {"listening_s": listening_s, "first_assignment_s": took_s, "memory_bytes": memory}


async def _rows_s(data: Path) -> float:
    """What reading all rows, and making entities of them, takes without a server around it."""
    store = open_store(None, data)
    await store.open()
    began = time.perf_counter()
    await store.load(SID, entity_of)
    took_s = time.perf_counter() - began
    await store.close()
    return took_s


async def write(house: House, data: Path) -> None:
    """A database as a server keeps it, whose events are all too old to be kept."""
    store = open_store(None, data)
    await store.open()
    state = house.state
    entities = [each for table in state._tables.values() for each in table.values()]
    head = Head(
        version=1,
        token="written",
        seq=0,
        next_no=state.next_no,
        now_ms=Millis(house.now_ms),
        deadline_ms=state.next_deadline_ms(),
    )
    batch = Batch(
        head=head,
        entities=[entity_row(each) for each in entities],
        snapshots=[
            SnapshotRow(no=each.no, text=each.text, body=msgspec.json.encode(said).decode())
            for each in entities
            if (said := words(each)) is not None
        ],
    )
    await store.put_account(Account(sid=ACCOUNT, auth_token="t" * 32, friendly_name="bench", created_ms=head.now_ms))
    await store.create_workspace(SID, ACCOUNT, batch)
    await store.close()


def _memory(pid: int) -> int:
    """Bytes that a process has in memory."""
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * resource.getpagesize()
