"""Hours of traffic through the router, the store and the sender of callbacks leave nothing behind in memory.

The short form plays two hours. `--long` plays two days, and looks at the process too.
"""

from __future__ import annotations

import gc
import json
import resource
import sys
from functools import _lru_cache_wrapper
from pathlib import Path

import pytest

from pointsman.core import commands as cmd
from pointsman.core.types import Millis
from pointsman.runtime import log
from tests.unit.webhooks.stage import Application, Stage, application, stage, until

WORKERS = 4
ROUND_MS = 60_000
WARM_UP, ROUNDS, ROUNDS_LONG = 70, 130, 3_000  # longer than anything is kept for a while
TIMEOUT_S = 5
GROWTH_MAX, RESIDENT_GROWTH_MAX = 1.02, 1.1


async def test_hours_of_traffic_leave_nothing_behind(
    tmp_path: Path, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(log, "WORDS_CACHED_MAX", 100)
    long = request.config.getoption("--long")
    async with application() as app, stage(tmp_path, workspace=False) as here:
        traffic = Traffic(here, app)
        await traffic.begin()
        for _ in range(WARM_UP):
            await traffic.go_on()
        blocks, resident = allocated(), resident_bytes()
        for _ in range(WARM_UP, ROUNDS_LONG if long else ROUNDS):
            await traffic.go_on()
        assert traffic.told_of == traffic.made * 2, "every task's creation, and its acceptance or cancellation"
        grown = allocated() / blocks
        assert grown < GROWTH_MAX, f"{grown:.3f} times what it was after {WARM_UP} minutes"
        if long:
            grown = resident_bytes() / resident
            assert grown < RESIDENT_GROWTH_MAX, f"{grown:.3f} times the memory of {WARM_UP} minutes"


class Traffic:
    """An application that accepts what it is offered, and a clock that a minute passes on at a time."""

    def __init__(self, here: Stage, app: Application) -> None:
        self._here, self._app = here, app
        self._now_ms = 1_700_000_000_000
        self.made = 0  # tasks
        self.told_of = 0  # events
        here.store.now_ms = self._now  # type: ignore[method-assign]

    async def _now(self) -> Millis:
        return Millis(self._now_ms)

    async def begin(self) -> None:
        events = "task.created,task.canceled,reservation.accepted"
        url = self._app.answers("/events")
        await self._here.create_workspace(event_callback_url=url, events_filter=events)
        await self._here.create_workflow(self._app.answers("/offers", {"instruction": "accept"}))
        for number in range(WORKERS):
            await self._here.create_worker(f"w{number}")

    async def go_on(self) -> None:
        """Every worker gets a task, changes, and completes it; one task more waits in vain."""
        here = self._here
        for _ in range(WORKERS):
            await here.create_task(attributes=json.dumps({"number": self.made}))
            self.made += 1
        await until(self._assigned, lambda found: len(found) == WORKERS)
        await here.create_task(timeout=TIMEOUT_S)
        self.made += 1
        for worker in await here.ask(lambda state: [each.sid for each in state.workers.values()]):
            await here.do(cmd.UpdateWorker(worker=worker, values={"attributes": json.dumps({"n": self.made})}))
        self._now_ms += ROUND_MS
        for task in await self._assigned():
            await here.do(cmd.UpdateTask(task=task, values={"assignment_status": "completed"}))
        await here.nothing_open()
        assert await here.tasks() == []
        self.told_of += len(self._app.at("/events"))
        for kept in (self._app.got, here.relay.commits, here.store.written):  # by the stage, for other tests
            kept.clear()

    async def _assigned(self) -> list[str]:
        return [each.sid for each in await self._here.tasks() if each.status == "assigned"]


def allocated() -> int:
    """Without what is kept by choice, so much at most."""
    for each in gc.get_objects():
        if isinstance(each, _lru_cache_wrapper):
            each.cache_clear()
    gc.collect()
    return sys.getallocatedblocks()


def resident_bytes() -> int:
    return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize()
