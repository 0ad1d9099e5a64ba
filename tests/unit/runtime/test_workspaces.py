"""The loop: what was answered is in the store, what failed left nothing behind, memory is what was committed."""

from __future__ import annotations

import asyncio
import gc
import weakref
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from pointsman.core import commands as cmd
from pointsman.core import events as ev
from pointsman.core.engine.invariants import entities, indexes, violations
from pointsman.core.engine.state import State
from pointsman.core.engine.step import step
from pointsman.core.engine.view import View
from pointsman.core.errors import Invalid, NotFound
from pointsman.core.record import Origin
from pointsman.core.types import AccountSid, Task, Worker, WorkspaceSid
from pointsman.ports import (
    Account,
    Batch,
    Commit,
    Conflict,
    EndedQuery,
    EventQuery,
    ReadRow,
    Store,
    StoreUnavailable,
    Transaction,
    UnknownWorkspace,
    as_stored,
)
from pointsman.runtime import mailbox
from pointsman.runtime.workspaces import Workspaces
from pointsman.runtime.writing import entity_of
from pointsman.store import open_store

ACCOUNT = AccountSid("AC" + "1" * 32)
ORIGIN = Origin(kind="account")


class Heard:
    """A publisher that only listens."""

    def __init__(self) -> None:
        self.commits: list[Commit] = []
        self._more = asyncio.Event()

    def committed(self, commit: Commit) -> None:
        self.commits.append(commit)
        self._more.set()

    async def of(self, kind: str) -> None:
        """Until an event of this type was committed."""
        while not any(row.type == kind for commit in self.commits for row in commit.events):
            self._more.clear()
            await self._more.wait()


class Server:
    """A router on a real store, and what tests ask of it."""

    def __init__(self, store: Store) -> None:
        self.store, self.heard = store, Heard()
        self.router = Workspaces(store, self.heard)

    async def workspace(self) -> WorkspaceSid:
        return await self.router.create_workspace(
            ACCOUNT, {"friendly_name": "W"}, lambda view, events: WorkspaceSid(view.state.workspace.sid), ORIGIN
        )

    async def do(self, workspace: WorkspaceSid, command: cmd.Command) -> list[ev.Event]:
        return await self.router.execute(workspace, command, lambda view, events: list(events), ORIGIN)

    async def activity(self, workspace: WorkspaceSid, name: str) -> str:
        return await self.router.read(
            workspace,
            lambda view: next(each.sid for each in view.state.activities.values() if each.friendly_name == name),
        )

    async def worker(self, workspace: WorkspaceSid, name: str, activity: str = "Available") -> Worker:
        values = {"friendly_name": name, "activity_sid": await self.activity(workspace, activity)}
        (event, *_) = await self.do(workspace, cmd.CreateWorker(values=values))
        assert isinstance(event, ev.WorkerCreated)
        return event.worker

    async def line(self, workspace: WorkspaceSid) -> str:
        """A queue for everybody; returns its sid, which tasks may name as their target."""
        (event, *_) = await self.do(workspace, cmd.CreateTaskQueue(values={"friendly_name": "all"}))
        assert isinstance(event, ev.TaskQueueCreated)
        return event.queue.sid

    async def task(self, workspace: WorkspaceSid, queue: str) -> Task:
        (event, *_) = await self.do(workspace, cmd.CreateTask(values={"routing_target": queue}))
        assert isinstance(event, ev.TaskCreated)
        return event.task

    async def state(self, workspace: WorkspaceSid) -> State:
        return await self.router.read(workspace, lambda view: view.state)


def on_server(
    tmp_path: Path, test: Callable[[Server], Coroutine[Any, Any, None]], wrap: Callable[[Store], Store] = lambda s: s
) -> None:
    """Run a test against a router on a fresh SQLite store."""

    async def run() -> None:
        store = wrap(open_store(None, tmp_path / "data"))
        await store.open()
        await store.put_account(Account(sid=ACCOUNT, auth_token="t", friendly_name="", created_ms=await store.now_ms()))
        server = Server(store)
        await server.router.start()
        try:
            await test(server)
        finally:
            await server.router.stop()
            await store.close()

    asyncio.run(run())


async def committed_state(server: Server, workspace: WorkspaceSid) -> State:
    """What another process would load."""
    head, rows = await server.store.load(workspace)
    state = State()
    state.now_ms, state.next_no = head.now_ms, head.next_no
    state.load([entity_of(row) for row in rows])
    return state


def test_what_was_answered_is_in_the_store(tmp_path: Path) -> None:
    async def test(server: Server) -> None:
        workspace = await server.workspace()
        await server.worker(workspace, "Alice")
        task = await server.task(workspace, await server.line(workspace))
        loaded = await committed_state(server, workspace)
        live = await server.state(workspace)
        assert entities(loaded) == entities(live)
        assert indexes(loaded) == indexes(live)
        assert loaded.tasks[task.no].status == "reserved"
        assert list(violations(loaded)) == []

    on_server(tmp_path, test)


def test_events_are_a_sequence_without_gaps_and_published_in_order(tmp_path: Path) -> None:
    async def test(server: Server) -> None:
        workspace = await server.workspace()
        queue = await server.line(workspace)
        await asyncio.gather(*(server.task(workspace, queue) for _ in range(200)))
        published = [row.seq for commit in server.heard.commits for row in commit.events]
        stored = await server.store.events(workspace, EventQuery(), before=None, after=0, limit=10_000)
        assert published == list(range(1, len(published) + 1))
        assert [row.seq for row in stored] == published

    on_server(tmp_path, test)


def test_commands_asked_together_share_commits(tmp_path: Path) -> None:
    """Group commit: a batch is one transaction."""

    async def test(server: Server) -> None:
        workspace = await server.workspace()
        queue = await server.line(workspace)
        before = len(server.heard.commits)
        await asyncio.gather(*(server.task(workspace, queue) for _ in range(100)))
        assert len(server.heard.commits) - before < 10

    on_server(tmp_path, test)


def test_a_refusal_leaves_its_batch_alone(tmp_path: Path) -> None:
    async def test(server: Server) -> None:
        workspace = await server.workspace()
        queue = await server.line(workspace)
        good, bad, unknown = (
            server.task(workspace, queue),
            server.do(workspace, cmd.CreateTask(values={"routing_target": "WQ" + "0" * 32})),
            server.do(workspace, cmd.DeleteTask(task="WT" + "0" * 32)),
        )
        made, refused, missing = await asyncio.gather(good, bad, unknown, return_exceptions=True)
        assert isinstance(made, Task)
        assert isinstance(refused, Invalid)
        assert isinstance(missing, NotFound)
        assert list((await committed_state(server, workspace)).tasks) == [made.no]

    on_server(tmp_path, test)


def test_an_ended_task_leaves_memory_and_is_still_answered_for(tmp_path: Path) -> None:
    """Complete twice: the second is refused in the right words, though the task is no longer in memory.
    [routing 2.1, docs: task state + support: Stuck Voice Tasks]"""

    async def test(server: Server) -> None:
        workspace = await server.workspace()
        task = await server.task(workspace, await server.line(workspace))
        cancel = cmd.UpdateTask(task=task.sid, values={"assignment_status": "canceled", "reason": "enough"})
        await server.do(workspace, cancel)
        assert (await server.state(workspace)).tasks == {}
        with pytest.raises(Exception, match="because it is not pending or reserved"):
            await server.do(workspace, cancel)

        def ask(view: View) -> str | None:
            return view.find(Task, task.sid).reason

        assert await server.router.read(workspace, ask, [task.sid]) == "enough"
        ended = await server.router.ended_page(workspace, EndedQuery(kind="task"), limit=9)
        assert [each.sid for each in ended] == [task.sid]
        await server.do(workspace, cmd.DeleteTask(task=task.sid))
        with pytest.raises(NotFound):
            await server.router.read(workspace, ask, [task.sid])

    on_server(tmp_path, test)


def test_deadlines_fire_by_themselves_and_survive_a_restart(tmp_path: Path) -> None:
    """A task of one second is canceled by a router that was started after it was made."""

    async def test(server: Server) -> None:
        workspace = await server.workspace()
        queue = await server.line(workspace)
        values = {"routing_target": queue, "timeout": 1}
        (created, *_) = await server.do(workspace, cmd.CreateTask(values=values))
        assert isinstance(created, ev.TaskCreated)
        await server.router.stop()
        server.router = Workspaces(server.store, server.heard)
        await server.router.start()
        async with asyncio.timeout(10):
            await server.heard.of("task.canceled")

    on_server(tmp_path, test)


def test_a_deleted_workspace_is_unknown_from_then_on(tmp_path: Path) -> None:
    async def test(server: Server) -> None:
        workspace = await server.workspace()
        await server.do(workspace, cmd.DeleteWorkspace())
        with pytest.raises(UnknownWorkspace):
            await server.do(workspace, cmd.DeleteWorkspace())
        with pytest.raises(UnknownWorkspace):
            await server.state(workspace)
        assert server.router.workspaces(ACCOUNT) == []
        assert server.heard.commits[-1].events[-1].type == "workspace.deleted"
        rows = server.heard.commits[-1].events
        assert (await server.router.logged(workspace, rows))[0].type == "workspace.deleted"

    on_server(tmp_path, test)


def test_refusals_leave_no_ring_behind(tmp_path: Path) -> None:
    """A ring in use when the collector sets aside what it has seen (`runtime.garbage`) would stay for ever."""

    async def refused(asking: Coroutine[Any, Any, Any]) -> weakref.ref[BaseException]:
        try:
            await asking
        except NotFound as problem:
            return weakref.ref(problem)
        raise AssertionError("it was not refused")

    async def test(server: Server) -> None:
        workspace = await server.workspace()
        queue = await server.line(workspace)
        nobody = "WT" + "0" * 32
        gc.disable()  # what is freed now is freed without it
        try:
            of_command, _, of_read = await asyncio.gather(
                refused(server.do(workspace, cmd.DeleteTask(task=nobody))),
                server.task(workspace, queue),
                refused(server.router.read(workspace, lambda view: view.find(Task, nobody))),  # while that is committed
            )
            await asyncio.sleep(0)
            assert (of_command(), of_read()) == (None, None)
        finally:
            gc.enable()

    on_server(tmp_path, test)


# --- trouble ------------------------------------------------------------------------------------------------------


class Trouble:
    """A store whose commits can be made to fail: `plan` says what the next ones do."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self.plan: list[Callable[[Batch], Exception | None]] = []
        self.loads: list[Exception] = []  # what the next ones raise
        self.leaves: list[Exception] = []  # what the ends of the next transactions raise

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)

    @asynccontextmanager
    async def transaction(self, workspace: WorkspaceSid) -> AsyncIterator[Transaction]:
        async with self._store.transaction(workspace) as tx:
            yield Faulty(tx, self.plan)
        if self.leaves:
            raise self.leaves.pop(0)

    async def load(self, workspace: WorkspaceSid, read: ReadRow = as_stored) -> Any:
        if self.loads:
            raise self.loads.pop(0)
        return await self._store.load(workspace, read)


class Faulty:
    def __init__(self, tx: Transaction, plan: list[Callable[[Batch], Exception | None]]) -> None:
        self._tx, self._plan = tx, plan

    def __getattr__(self, name: str) -> Any:
        return getattr(self._tx, name)

    async def commit(self, batch: Batch) -> None:
        problem = self._plan.pop(0)(batch) if self._plan else None
        try:
            if problem is not None:
                raise problem
        finally:
            del problem  # else this frame and it would be a ring
        await self._tx.commit(batch)


async def assert_memory_is_what_was_committed(server: Server, workspace: WorkspaceSid) -> None:
    live, loaded = await server.state(workspace), await committed_state(server, workspace)
    assert entities(live) == entities(loaded)
    assert indexes(live) == indexes(loaded)


def test_a_commit_that_fails_for_a_moment_is_tried_again(tmp_path: Path) -> None:
    async def test(server: Server) -> None:
        assert isinstance(server.store, Trouble)
        workspace = await server.workspace()
        server.store.plan = [lambda batch: StoreUnavailable("a moment")] * 2
        await server.worker(workspace, "Alice")
        await assert_memory_is_what_was_committed(server, workspace)

    on_server(tmp_path, test, Trouble)


def test_what_was_in_memory_is_freed_when_it_is_read_again(tmp_path: Path) -> None:
    """Without the collector of garbage, which set it aside long ago."""

    async def test(server: Server) -> None:
        assert isinstance(server.store, Trouble)
        workspace = await server.workspace()
        alice = await server.worker(workspace, "Alice")
        task = await server.task(workspace, await server.line(workspace))
        before = weakref.ref(await server.state(workspace))
        server.store.plan = [lambda batch: Conflict("somebody else was there")]
        gc.disable()
        try:
            await server.worker(workspace, "Bob")
            assert before() is None
        finally:
            gc.enable()
        state = await server.state(workspace)
        assert [state.workers[each.worker].sid for each in state.live_of(task)] == [alice.sid]
        await assert_memory_is_what_was_committed(server, workspace)

    on_server(tmp_path, test, Trouble)


def test_of_a_batch_that_the_store_refuses_only_the_guilty_command_fails(tmp_path: Path) -> None:
    def refuse(batch: Batch) -> Exception | None:
        guilty = any("guilty" in row.body for row in batch.entities)
        return ValueError("a data error") if guilty else None

    async def test(server: Server) -> None:
        assert isinstance(server.store, Trouble)
        workspace = await server.workspace()
        await server.activity(workspace, "Offline")
        server.store.plan = [refuse] * 10
        names = ["one", "guilty", "two"]
        commands = [cmd.CreateActivity(values={"friendly_name": name}) for name in names]
        results: Sequence[Any] = await asyncio.gather(
            *(server.do(workspace, command) for command in commands), return_exceptions=True
        )
        assert [isinstance(result, ValueError) for result in results] == [False, True, False]
        await assert_memory_is_what_was_committed(server, workspace)
        loaded = await committed_state(server, workspace)
        assert {each.friendly_name for each in loaded.activities.values()} >= {"one", "two"}

    on_server(tmp_path, test, Trouble)


def test_a_copy_in_memory_catches_up_with_what_another_router_committed(tmp_path: Path) -> None:
    """Two routers on one store: each sees the other's changes with its own next command."""

    async def test(server: Server) -> None:
        workspace = await server.workspace()
        queue = await server.line(workspace)
        other = Server(server.store)
        await other.router.start()
        try:
            first = await other.task(workspace, queue)
            alice = await server.worker(workspace, "Alice")
            second = await other.task(workspace, queue)
            state = await other.state(workspace)
            assert (state.tasks[first.no].status, state.tasks[second.no].status) == ("reserved", "pending")
            assert alice.no in state.workers
            assert list(violations(state)) == []
        finally:
            await other.router.stop()

    on_server(tmp_path, test)


def test_a_row_that_cannot_be_read_fails_the_asker_and_not_for_ever(tmp_path: Path) -> None:
    """Nobody waits for ever: the loop goes on after a fault of ours."""

    async def test(server: Server) -> None:
        assert isinstance(server.store, Trouble)
        workspace = await server.workspace()
        await server.router.stop()
        server.router = Workspaces(server.store, server.heard)
        server.store.loads = [ValueError("a row that does not decode")]
        await server.router.start()
        async with asyncio.timeout(10):
            with pytest.raises(ValueError, match="does not decode"):
                await server.line(workspace)
            await server.line(workspace)

    on_server(tmp_path, test, Trouble)


def test_a_conflict_and_then_a_store_that_is_away_still_answers(tmp_path: Path) -> None:
    async def test(server: Server) -> None:
        assert isinstance(server.store, Trouble)
        workspace = await server.workspace()
        await server.line(workspace)
        server.store.plan = [lambda batch: Conflict("somebody else")]
        server.store.loads = [StoreUnavailable("away")]
        async with asyncio.timeout(10):
            await server.worker(workspace, "Alice")
        await assert_memory_is_what_was_committed(server, workspace)

    on_server(tmp_path, test, Trouble)


def test_commands_behind_one_that_deletes_the_workspace_are_told(tmp_path: Path) -> None:
    """Even where a data error made the batch run one by one."""

    def refuse(batch: Batch) -> Exception | None:
        return ValueError("a data error") if any("guilty" in row.body for row in batch.entities) else None

    async def test(server: Server) -> None:
        assert isinstance(server.store, Trouble)
        workspace = await server.workspace()
        await server.activity(workspace, "Offline")
        server.store.plan = [refuse] * 9
        commands: list[cmd.Command] = [
            cmd.CreateActivity(values={"friendly_name": "one"}),
            cmd.CreateActivity(values={"friendly_name": "guilty"}),
            cmd.DeleteWorkspace(),
            cmd.CreateActivity(values={"friendly_name": "late"}),
        ]
        async with asyncio.timeout(10):
            results: Sequence[Any] = await asyncio.gather(
                *(server.do(workspace, command) for command in commands), return_exceptions=True
            )
        kinds = [type(result) if isinstance(result, Exception) else None for result in results]
        assert kinds == [None, ValueError, None, UnknownWorkspace]

    on_server(tmp_path, test, Trouble)


def test_a_transaction_that_ends_badly_after_its_commit_is_not_run_again(tmp_path: Path) -> None:
    async def test(server: Server) -> None:
        assert isinstance(server.store, Trouble)
        workspace = await server.workspace()
        queue = await server.line(workspace)
        server.store.leaves = [StoreUnavailable("the connection could not be given back")]
        await server.task(workspace, queue)
        assert len((await committed_state(server, workspace)).tasks) == 1
        await assert_memory_is_what_was_committed(server, workspace)

    on_server(tmp_path, test, Trouble)


def test_a_tick_that_fails_does_not_hold_up_anything_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ticks = 0

    def faulty(state: State, command: cmd.Command, *rest: Any) -> Any:
        nonlocal ticks
        if isinstance(command, cmd.Tick):
            ticks += 1
            raise AssertionError("a fault of ours")
        return step(state, command, *rest)

    async def test(server: Server) -> None:
        workspace, other = await server.workspace(), await server.workspace()
        queue = await server.line(workspace)
        monkeypatch.setattr(mailbox, "step", faulty)
        await server.do(workspace, cmd.CreateTask(values={"routing_target": queue, "timeout": 1}))
        await asyncio.sleep(1.5)  # past its deadline
        async with asyncio.timeout(5):
            await server.line(other)
            await server.task(workspace, queue)
        assert 0 < ticks < 10, "it does not spin"

    on_server(tmp_path, test)
