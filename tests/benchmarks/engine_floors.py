"""What the engine's figures are printed beside: the least that could be done, or what would be done without care."""

from __future__ import annotations

import gc
import heapq
import time
from collections.abc import Sequence
from typing import Any

import msgspec

from pointsman.core import commands as cmd
from pointsman.core.engine.state import State
from pointsman.core.types import AnyEntity
from pointsman.runtime import garbage
from pointsman.runtime.writing import entity_row

EVENTS = ("task.created", "reservation.created", "reservation.accepted", "reservation.completed", "task.completed")


def floors(state: State, tasks: list[cmd.CreateTask]) -> dict[str, float]:
    found = {
        "heap_us": _heap_us([task.values["attributes"] for task in tasks]),
        "task_row_bytes": _row_bytes(list(state.tasks.values())[-1_000:]),
        "worker_row_bytes": _row_bytes(list(state.workers.values())[-1_000:]),
        "look_ms": _look_ms(state),
        "full_collection_ms": _full_collection_ms(),
    }
    print("beside them:", ", ".join(f"{name} {value:,.1f}" for name, value in found.items()), flush=True)
    return found


def _heap_us(texts: list[str]) -> float:
    """A lifecycle without rules: attributes are read, the task waits in a heap, and what happens is noted."""
    heap: list[tuple[int, int, Any]] = []
    happened: list[dict[str, Any]] = []
    began = time.process_time()
    for no, text in enumerate(texts):
        heapq.heappush(heap, (0, no, msgspec.json.decode(text)))
        attributes = heapq.heappop(heap)[2]
        for name in EVENTS:
            happened.append({"name": name, "task": no, "attributes": attributes})
    return (time.process_time() - began) / len(texts) * 1e6


def _row_bytes(entities: Sequence[AnyEntity]) -> float:
    """One of them as it stands in the database."""
    return sum(len(entity_row(each).body) for each in entities) / max(len(entities), 1)


def _look_ms(state: State) -> float:
    """A single look at each task, as a step would take that is not cut."""
    began = time.process_time()
    for task in state.tasks.values():
        task.priority  # noqa: B018  # no more than to look
    return (time.process_time() - began) * 1_000


def _full_collection_ms() -> float:
    """A collection that looks at all that is in memory, as there would be if nothing were set aside."""
    longest_s = garbage.pauses.longest_s
    gc.unfreeze()
    began = time.perf_counter()
    gc.collect()
    took_s = time.perf_counter() - began
    garbage.pauses.longest_s = longest_s
    return took_s * 1_000
