"""A cold start with a large workspace on disk: from the command to the first assignment, and the memory that it takes.
The database is written by the engine's state and the store's own commit."""

from __future__ import annotations

import argparse
import json
import resource
import tempfile
import time
from pathlib import Path
from typing import Any

from pointsman.core.types import AccountSid, Millis
from pointsman.ports import Account, Batch, Head
from pointsman.runtime.writing import entity_row
from pointsman.store import open_store
from tests.benchmarks.engine import LARGE, SID, House, Size
from tests.benchmarks.server import pointsman

ACCOUNT = AccountSid("AC" + "0" * 32)
START_S_MAX = 20  # from the command to the first assignment [design 6]


def add_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--workers", type=int, default=LARGE.workers, help="how many [15000]")
    parser.add_argument("--queues", type=int, default=LARGE.queues, help="how many [5000]")
    parser.add_argument("--tasks", type=int, default=LARGE.tasks, help="that wait [500000]")


async def run(options: argparse.Namespace) -> dict[str, Any]:
    house = House(Size(options.workers, options.queues, options.tasks), start_ms=int(time.time() * 1_000))
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder) / "data"
        data.mkdir()
        await _write(house, data)
        worker = house.workers[0]
        waiting = len(house.state.waiting)
        del house
        began = time.perf_counter()
        async with pointsman(data) as client:
            listening_s = time.perf_counter() - began
            path = f"/{SID}/Workers/{worker}/Reservations"
            (held,) = (await client.ask("GET", path))["reservations"]
            await client.ask("POST", f"{path}/{held['sid']}", ReservationStatus="completed")
            offers = (await client.ask("GET", f"{path}?ReservationStatus=pending"))["reservations"]
            took_s = time.perf_counter() - began
            assert offers, "the worker was freed, and tasks wait for it"
            memory = _memory(json.loads((data / "run.json").read_text())["pid"])
    print(f"listening after {listening_s:.1f} s, first assignment after {took_s:.1f} s (at most {START_S_MAX})")
    print(f"{memory / 1e6:,.0f} MB with {waiting} waiting tasks (at most 1,500)")
    return {"listening_s": listening_s, "first_assignment_s": took_s, "memory_bytes": memory, "waiting": waiting}


async def _write(house: House, data: Path) -> None:
    store = open_store(None, data)
    await store.open()
    state = house.state
    rows = [entity_row(each) for table in state._tables.values() for each in table.values()]
    head = Head(
        version=1,
        token="written",
        seq=0,
        next_no=state.next_no,
        now_ms=Millis(house.now_ms),
        deadline_ms=state.next_deadline_ms(),
    )
    await store.put_account(Account(sid=ACCOUNT, auth_token="t" * 32, friendly_name="bench", created_ms=head.now_ms))
    await store.create_workspace(SID, ACCOUNT, Batch(head=head, entities=rows))
    await store.close()


def _memory(pid: int) -> int:
    """Bytes that a process has in memory."""
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * resource.getpagesize()
