"""What is kept of the log reads as on its first day, whenever and however much of it was removed."""

from __future__ import annotations

import random
import sqlite3
from contextlib import suppress
from pathlib import Path

import pytest

from pointsman.core import commands as cmd
from pointsman.core.errors import Rejected
from pointsman.core.record import quotes
from pointsman.core.types import Millis, Task, Worker, WorkspaceSid
from pointsman.ports import EventAge, EventQuery, UnknownWorkspace
from pointsman.runtime import workspaces
from pointsman.runtime.log import Log
from pointsman.wire import events as wire
from tests.unit.runtime.test_workspaces import ACCOUNT, Server, on_server

STEPS = 120
DAY_MS = 86_400_000
BASE = "http://x"


class Past:
    """A log as it was told at first, and the clock of its server."""

    def __init__(self, server: Server, seed: int) -> None:
        self.server, self.random = server, random.Random(seed)
        self.now_ms = 1_700_000_000_000
        self.told: dict[int, bytes] = {}
        server.store.now_ms = self._now  # type: ignore[method-assign]
        self.home = WorkspaceSid("")
        self.tasks: list[Task] = []
        self.workers: list[Worker] = []
        self.queues: list[str] = []

    async def _now(self) -> Millis:
        return Millis(self.now_ms)

    async def begin(self) -> None:
        self.home = await self.server.workspace()
        self.queues.append(await self.server.line(self.home))

    async def kept(self) -> dict[int, bytes]:
        """As a fresh server would tell it: out of the store alone."""
        store = self.server.store
        rows = await store.events(self.home, EventQuery(), before=None, after=0, limit=100_000)
        logged = await Log(store).logged(self.home, ACCOUNT, rows)
        return {each.seq: wire.line(each, BASE) for each in logged}

    async def check(self) -> None:
        kept = await self.kept()
        assert [*kept] == [*range(min(kept, default=1), max(kept, default=0) + 1)]
        for seq, line in kept.items():
            assert self.told.setdefault(seq, line) == line

    async def retire(self, before_ms: int, limit: int = 1_000) -> None:
        age = EventAge(before_ms=Millis(before_ms), untold_ms=Millis(before_ms), listened=False)
        while await self.server.store.retire(self.home, age, limit):
            await self.check()

    async def something(self) -> None:
        """A change of anything that events quote, or of who is there."""
        pick, text = self.random, f"n{self.random.randrange(10**6)}"
        values = {"attributes": f'{{"a":"{text}"}}'}
        kind = pick.randrange(9)
        if kind == 0 or not self.workers:
            self.workers.append(await self.server.worker(self.home, text))
        elif kind <= 2 or not self.tasks:
            self.tasks.append(await self.server.task(self.home, pick.choice(self.queues)))
        elif kind == 3:
            await self.server.do(self.home, cmd.UpdateTask(task=pick.choice(self.tasks).sid, values=values))
        elif kind == 4:
            await self.server.do(self.home, cmd.UpdateWorker(worker=pick.choice(self.workers).sid, values=values))
        elif kind == 5:
            task = self.tasks.pop(pick.randrange(len(self.tasks)))
            ended = {"assignment_status": "canceled", "reason": text}
            await self.server.do(self.home, cmd.UpdateTask(task=task.sid, values=ended))
        elif kind == 6:
            await self.server.do(self.home, cmd.DeleteTask(task=self.tasks.pop().sid))
        elif kind == 7:
            await self.server.do(self.home, cmd.UpdateWorkspace(values={"friendly_name": text}))
        else:
            change = cmd.UpdateTaskQueue(queue=self.queues[0], values={"friendly_name": text})
            await self.server.do(self.home, change)


@pytest.mark.parametrize("seed", range(6))
def test_what_is_kept_reads_as_on_its_first_day(tmp_path: Path, seed: int) -> None:
    """After retention steps of any size at any moment, with days or milliseconds between changes."""

    async def test(server: Server) -> None:
        past = Past(server, seed)
        await past.begin()
        for _ in range(STEPS):
            with suppress(Rejected):
                await past.something()
            await past.check()
            if past.random.random() < 0.3:
                past.now_ms += past.random.choice([1, 500, 60_000, 3_700_000, 3 * DAY_MS])
            if past.random.random() < 0.2:
                await server.store.sweep(Millis(past.now_ms), past.random.choice([1, 3, 500]))
            if past.random.random() < 0.2:
                back_ms = past.random.choice([0, 1, 60_000, 3_700_000, DAY_MS, 8 * DAY_MS])
                await past.retire(past.now_ms - back_ms, past.random.choice([1, 2, 7, 500]))
                await past.check()

    on_server(tmp_path, test)


def test_words_of_what_went_long_ago_are_gone_too(tmp_path: Path) -> None:
    """In the end there are the words of what is there, and those that events quote: no others."""

    async def test(server: Server) -> None:
        past = Past(server, 7)
        await past.begin()
        for _ in range(STEPS):
            with suppress(Rejected):
                await past.something()
        before = snapshots(tmp_path)
        past.now_ms += 2 * DAY_MS
        await server.worker(past.home, "Late")  # and what has waited for too long ends
        past.now_ms += 2 * DAY_MS
        while await server.store.sweep(Millis(past.now_ms), 500):
            pass
        past.now_ms += 2 * DAY_MS
        await server.worker(past.home, "Later")
        await past.retire(past.now_ms - DAY_MS)
        rows = await server.store.events(past.home, EventQuery(), before=None, after=0, limit=100)
        assert 0 < len(rows) < 20
        state = await server.state(past.home)
        logged = await server.router.logged(past.home, rows)
        quoted = {quote for each in logged for quote in quotes(each.record)}
        entities = [*state.activities.values(), *state.queues.values(), *state.channels.values()]
        present = [*entities, *state.workers.values(), *state.tasks.values(), state.workspace]
        left = snapshots(tmp_path)
        assert left == quoted | {(each.no, each.text) for each in present}
        assert len(left) < len(before)

    on_server(tmp_path, test)


def snapshots(tmp_path: Path) -> set[tuple[int, int]]:
    (file,) = (tmp_path / "data").glob("*.db")
    connection = sqlite3.connect(file)
    try:
        return {(no, text) for no, text in connection.execute("SELECT no, text FROM snapshot")}
    finally:
        connection.close()


def test_a_server_removes_what_is_older_than_its_setting(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workspaces, "RETIRE_EVERY_S", 0.01)

    async def test(server: Server) -> None:
        past = Past(server, 1)
        await past.begin()
        await server.router.stop()
        router = workspaces.Workspaces(server.store, server.heard, event_retention_days=2)
        server.router = router
        await router.start()
        newest = (await server.store.event_span(past.home)).last
        past.now_ms += 2 * DAY_MS
        await server.worker(past.home, "Late")
        while (await server.store.event_span(past.home)).first <= newest:
            past.now_ms += 1
            await server.activity(past.home, "Available")
        assert (await server.store.event_span(past.home)).last > newest
        with pytest.raises(UnknownWorkspace):
            await server.store.event_span(WorkspaceSid("WS" + "0" * 32))

    on_server(tmp_path, test)
