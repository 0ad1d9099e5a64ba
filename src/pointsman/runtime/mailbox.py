"""One workspace in memory, and the loop through which everything that changes it goes:

lock → catch up → step each command of the batch → commit → answer, publish.

Nothing leaves before its commit: answers and refusals wait for it, and reads that arrive while a batch is being
committed are asked after it.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple, TypeVar, cast

import structlog

from pointsman.core import commands as cmd
from pointsman.core.engine.state import State
from pointsman.core.engine.step import step
from pointsman.core.engine.transitions import WAITING_OR_RESERVED
from pointsman.core.engine.view import View
from pointsman.core.errors import Rejected
from pointsman.core.events import Event
from pointsman.core.ids import Ids, number_of
from pointsman.core.limits import Limits
from pointsman.core.record import SYSTEM, Origin
from pointsman.core.types import Change, Millis, No, Reservation, Task, WorkspaceSid
from pointsman.meters import Meters, WorkspaceGauges
from pointsman.ports import (
    Commit,
    Conflict,
    Head,
    Overloaded,
    Publisher,
    Store,
    StoreUnavailable,
    Transaction,
    UnknownWorkspace,
)
from pointsman.runtime import garbage
from pointsman.runtime.clock import Clock
from pointsman.runtime.log import Log
from pointsman.runtime.writing import Writing, change_of, entity_of

T = TypeVar("T")
Answer = Callable[[View, Sequence[Event]], Any]
BATCH_COMMANDS_MAX = 32  # a commit costs little more for many, but what came of one is answered while the next is made
BATCH_STEPS_S = 0.02  # a batch takes no further command after so long: others have their turn
WAITING_MAX = 2_000  # commands, and reads: about a second of work; more are refused: see Overloaded
RETRY_S_MAX = 5.0  # how long a command waits for a store that can't be used
RETRY_PAUSE_S = 0.1
FAULT_PAUSE_S = 1.0  # after a tick that failed: it is still due, and must not spin
CLOCK_CHECK_S = 2.0  # a sleeping loop looks at the clock so often: it may have jumped ahead; and at a store that failed

log = structlog.get_logger()


class _Asked(NamedTuple):
    command: cmd.Command
    answer: Answer
    origin: Origin
    future: asyncio.Future[Any]
    asked_s: float  # when, by the clock of the event loop


class _Read(NamedTuple):
    question: Callable[[State], Any]
    future: asyncio.Future[Any]


class _Result(NamedTuple):
    value: Any = None
    problem: BaseException | None = None
    events: int = 0

    @property
    def outcome(self) -> str:
        if self.problem is None:
            return "done"
        return "refused" if isinstance(self.problem, Rejected) else "failed"


class Mailbox:
    def __init__(
        self,
        sid: WorkspaceSid,
        store: Store,
        words: Log,
        publisher: Publisher,
        ids: Ids,
        limits: Limits,
        on_deleted: Callable[[], None],
        meters: Meters,
    ) -> None:
        self.sid = sid
        self._meters = meters
        self._store, self._log, self._publisher, self._ids = store, words, publisher, ids
        self._limits = limits
        self._on_deleted = on_deleted
        self._state: State | None = None
        self._head: Head | None = None
        self._asked: deque[_Asked] = deque()
        self._reads: deque[_Read] = deque()
        self._stepping = False  # memory holds what is not committed yet
        self._work = asyncio.Event()
        self._tick_failed = False
        self.outage: str | None = None  # what keeps the store from being used, while that lasts
        self._hurried = False
        self._clock: Clock | None = None
        self._turn = asyncio.Lock()  # held while a batch is carried out
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        self._task = asyncio.create_task(self._run(), name=f"mailbox {self.sid}")

    def hurry(self) -> None:
        """From now on nobody waits for a store that can't be used."""
        self._hurried = True

    async def stop(self) -> None:
        """Finish what was asked, then end."""
        if self._task is None:
            return
        self.hurry()
        await asyncio.gather(*(asked.future for asked in self._asked), return_exceptions=True)
        async with self._turn:  # not in the middle of a commit
            self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)

    # --- asking ---------------------------------------------------------------------------------------------------

    async def execute(self, command: cmd.Command, answer: Answer, origin: Origin) -> Any:
        if len(self._asked) >= WAITING_MAX:
            raise Overloaded(f"{WAITING_MAX} commands are waiting for workspace {self.sid}")
        loop = asyncio.get_running_loop()
        future: asyncio.Future[Any] = loop.create_future()
        self._asked.append(_Asked(command, answer, origin, future, loop.time()))
        self._work.set()
        try:
            return await future
        finally:
            del future  # a refusal knows this frame: together they would be a ring (`garbage`)

    async def read(self, question: Callable[[State], T]) -> T:
        """Ask the committed state: now, or after the batch that is under way."""
        if self._state is not None and not self._stepping:
            return question(self._state)
        if len(self._reads) >= WAITING_MAX:
            raise Overloaded(f"{WAITING_MAX} reads are waiting for workspace {self.sid}", "reads")
        future: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        self._reads.append(_Read(question, future))
        self._work.set()
        try:
            return await future
        finally:
            del future  # as above

    def gauges(self) -> WorkspaceGauges:
        """How things stand now, in the middle of a commit too."""
        found = WorkspaceGauges(
            sid=self.sid,
            commands_waiting=len(self._asked),
            reads_waiting=len(self._reads),
            store_available=self.outage is None,
        )
        if self._state is not None and self._state.exists:
            _describe(self._state, found)
        return found

    # --- the loop -------------------------------------------------------------------------------------------------

    async def _run(self) -> None:
        while True:
            batch: list[_Asked] = []
            try:
                if self._state is None:
                    await self._load()
                self._ask_reads()
                await self._wait()
                await self._gather()
                batch = [self._asked.popleft() for _ in range(min(len(self._asked), BATCH_COMMANDS_MAX))]
                async with self._turn:
                    await self._carry_out(batch)
            except UnknownWorkspace as problem:
                self._fail(batch, problem)
                return self._end()
            except Exception as problem:
                if isinstance(problem, StoreUnavailable):
                    self._note_outage(str(problem))
                else:
                    log.exception("mailbox_failed", workspace=self.sid)
                    self._drop()
                self._fail(batch, problem)
                await asyncio.sleep(RETRY_PAUSE_S)
                continue
            if self._state is not None and self._state.deleted:
                return self._end()
            await asyncio.sleep(FAULT_PAUSE_S if self._tick_failed else 0)  # others have their turn

    def _ask_reads(self) -> None:
        while self._reads:
            question, future = self._reads.popleft()
            if future.done():
                continue
            try:
                future.set_result(question(cast(State, self._state)))
            except Exception as problem:
                future.set_exception(problem.with_traceback(None))  # which would know the future

    async def _wait(self) -> None:
        """Until there is a command or a deadline is due, or it is time to see whether an outage has ended; reads are
        asked meanwhile."""
        while not self._asked:
            self._work.clear()
            timeout_s = CLOCK_CHECK_S if self.outage is not None else None
            due_ms = cast(State, self._state).next_deadline_ms()
            if due_ms is not None:
                timeout_s = min((due_ms - await self._now_ms()) / 1000, CLOCK_CHECK_S)
                if timeout_s <= 0:
                    return
            if self._asked or self._reads:
                self._work.set()
            try:
                await asyncio.wait_for(self._work.wait(), timeout_s)
            except TimeoutError:
                if self.outage is not None:
                    return
            self._ask_reads()

    async def _gather(self) -> None:
        """What is on its way through the server at this moment comes along: a commit for many costs little more than
        one for a few."""
        known = 0
        while known < len(self._asked) < BATCH_COMMANDS_MAX:
            known = len(self._asked)
            await asyncio.sleep(0)  # a turn of the event loop

    async def _now_ms(self) -> Millis:
        return cast(Clock, self._clock).read(await self._store.now_ms())

    async def _carry_out(self, batch: list[_Asked]) -> None:
        """Commit a batch and answer it. Tried again while the store has passing trouble and somebody waits; if it won't
        take the batch for another reason, its commands run one by one, so that only the guilty one fails."""
        while True:
            try:
                if self._state is None:
                    await self._load()
                results = await self._attempt(batch)
                self._note_outage(None)
                break
            except UnknownWorkspace:
                raise
            except (StoreUnavailable, Conflict) as problem:
                if isinstance(problem, Conflict):
                    self._drop()
                else:
                    self._note_outage(str(problem))
                self._give_up(batch, str(problem))
                await asyncio.sleep(RETRY_PAUSE_S)
                if not batch:
                    return
            except Exception as problem:
                if len(batch) <= 1:
                    log.exception("commit_failed", workspace=self.sid)
                    results = [_Result(problem=problem) for _ in batch]
                    self._tick_failed = not batch
                    break
                for each in batch:
                    await self._carry_out([each])
                return
        self._answer(batch, results)

    def _give_up(self, batch: list[_Asked], reason: str) -> None:
        """Tell those who have waited too long, behind this batch too: an outage is waited for once, not by each batch
        anew. What is in memory can be read meanwhile."""
        patience_s = 0 if self._hurried else RETRY_S_MAX
        latest_s = asyncio.get_running_loop().time() - patience_s
        for waiting in (batch, self._asked):
            for asked in waiting:
                if asked.asked_s <= latest_s and not asked.future.done():
                    asked.future.set_exception(StoreUnavailable(reason))
            left = [asked for asked in waiting if not asked.future.done()]
            waiting.clear()
            waiting.extend(left)
        if self._state is not None:
            self._ask_reads()

    def _note_outage(self, reason: str | None) -> None:
        """Tell of its beginning and its end, not of every attempt."""
        if reason is not None and self.outage is None:
            log.error("store_unavailable", workspace=self.sid, reason=reason)
        elif reason is None and self.outage is not None:
            log.info("store_available_again", workspace=self.sid)
        self.outage = reason

    def _answer(self, batch: list[_Asked], results: list[_Result]) -> None:
        for asked, result in zip(batch, results, strict=True):
            if asked.future.done():
                continue
            if result.problem is not None:
                asked.future.set_exception(result.problem)
            else:
                asked.future.set_result(result.value)

    async def _attempt(self, batch: list[_Asked]) -> list[_Result]:
        """One transaction: what it wrote is durable when this returns; if it raises, nothing has changed."""
        committed = False
        try:
            async with self._store.transaction(self.sid) as tx:
                await self._catch_up(tx, await tx.lock())
                writing, results = await self._step_all(tx, batch)
                committed = True
        except StoreUnavailable:
            if not committed:
                raise
            # leaving the transaction failed, but what it wrote is there: not again
            log.warning("transaction_left_badly", workspace=self.sid)
        state = cast(State, self._state)
        garbage.replaced(state.renewed)
        state.forget()
        if writing.events:
            self._log.remember(self.sid, writing.words.items())
            self._publisher.committed(Commit(workspace=self.sid, events=writing.events, deliveries=writing.deliveries))
        return results

    async def _step_all(self, tx: Transaction, batch: list[_Asked]) -> tuple[Writing, list[_Result]]:
        """Step each command and commit; a commit that fails leaves memory as it was."""
        state, head = cast(State, self._state), cast(Head, self._head)
        now_ms = Millis(max(await self._now_ms(), state.now_ms))
        await self._lend(state, batch, now_ms)
        before, at_rest = (state.next_no, state.now_ms), state.at_rest
        writing = Writing(state, head, self.sid)
        self._stepping = True
        try:
            self._tick(state, now_ms, writing)
            results = self._steps(state, batch, now_ms, writing)
            if not writing.empty or self.outage is not None:  # which has ended once something was written
                written = writing.batch()
                began = time.perf_counter()
                await tx.commit(written)
                self._head = written.head
                commit_s = time.perf_counter() - began
                self._meters.batches.add(len(batch))
                self._meters.commits_s.add(commit_s)
                self._tell(batch, results, commit_s)
        except BaseException:
            state.undo(0)
            (state.next_no, state.now_ms), state.deleted = before, False
            state.ended.clear()
            if at_rest:
                state.settle()
            else:
                state.stir_all()
            raise
        finally:
            self._stepping = False
        return writing, results

    def _tell(self, batch: list[_Asked], results: list[_Result], commit_s: float) -> None:
        """One line a command; on the hot path, so for those who ask for it."""
        if not log.is_enabled_for(logging.DEBUG):
            return
        for asked, result in zip(batch, results, strict=True):
            log.debug(
                "command_refused" if isinstance(result.problem, Rejected) else "command_done",
                workspace=self.sid,
                command=type(asked.command).__name__,
                events=result.events,
                commit_ms=round(commit_s * 1000, 1),
                reason=str(result.problem) if result.problem else None,
            )

    def _tick(self, state: State, now_ms: Millis, writing: Writing) -> None:
        """What is due comes before any command: one on an entity past its deadline finds it lapsed."""
        self._tick_failed = False
        due_ms = state.next_deadline_ms()
        if due_ms is None or due_ms > now_ms:
            return
        mark, began = state.mark(), time.perf_counter()
        try:
            stepped = step(state, cmd.Tick(), now_ms, self._ids)
        except Exception:
            self._tick_failed = True
            log.exception("tick_failed", workspace=self.sid)
            return
        writing.add(stepped, SYSTEM, mark)
        self._meters.stepped("Tick", "done", time.perf_counter() - began)

    def _steps(self, state: State, batch: list[_Asked], now_ms: Millis, writing: Writing) -> list[_Result]:
        """What comes of each command; those that would take too long together are the next batch's."""
        results: list[_Result] = []
        began = before = time.perf_counter()
        for asked in batch:
            result = self._step(state, asked, now_ms, writing)
            results.append(result)
            after = time.perf_counter()
            self._meters.stepped(type(asked.command).__name__, result.outcome, after - before)
            if after - began > BATCH_STEPS_S:
                break
            before = after
        self._asked.extendleft(reversed(batch[len(results) :]))
        del batch[len(results) :]
        return results

    def _step(self, state: State, asked: _Asked, now_ms: Millis, writing: Writing) -> _Result:
        mark = state.mark()
        try:
            stepped = step(state, asked.command, now_ms, self._ids)
        except Rejected as refused:
            return _Result(problem=refused.with_traceback(None))  # which would know who asked
        except Exception as fault:
            log.exception("command_failed", workspace=self.sid, command=type(asked.command).__name__)
            return _Result(problem=fault)
        writing.add(stepped, asked.origin, mark)
        try:
            return _Result(asked.answer(View(state, now_ms), stepped.events), events=len(stepped.events))
        except Exception as fault:
            log.exception("answer_failed", workspace=self.sid, command=type(asked.command).__name__)
            return _Result(problem=fault)

    # --- what is in memory ----------------------------------------------------------------------------------------

    async def _load(self) -> None:
        with garbage.made_to_stay():
            head, changes = await self._store.load(self.sid, change_of)
            state, self._clock = State(self._limits), Clock(self.sid, head.now_ms)
            self._take(state, head, changes)
        before, self._state = self._state, state
        if before is not None:
            before.let_go()

    def _drop(self) -> None:
        if self._state is not None:
            self._state.let_go()
        self._state = self._head = None

    async def _catch_up(self, tx: Transaction, head: Head) -> None:
        """Make memory what the locked row says: read what others wrote since; if our pair of version and token is
        not in the log of commits, our history is another one and everything is read again."""
        mine = self._head
        if mine is not None and (mine.version, mine.token) == (head.version, head.token):
            return
        if mine is None or not await tx.knows(mine.version, mine.token):
            await self._load()
            return
        self._take(cast(State, self._state), head, map(change_of, await tx.changes_since(mine.version)))

    def _take(self, state: State, head: Head, changes: Iterable[Change]) -> None:
        """Bring a copy to what the rows say. Whether routing had come to rest shows in the deadline of the head."""
        state.now_ms, state.next_no = head.now_ms, head.next_no
        state.load(changes)
        if head.deadline_ms is None or head.deadline_ms > head.now_ms:
            state.settle()
        self._head = head

    async def _lend(self, state: State, batch: list[_Asked], now_ms: Millis) -> None:
        """Commands may name entities that have ended and left memory: they must be told so in the right words."""
        missing = sorted({no for asked in batch for no in _mentioned(asked.command) if not state.has(no)})
        if not missing:
            return
        for row in await self._store.ended(self.sid, missing, now_ms):
            state.lend(cast("Task | Reservation", entity_of(row)))

    # --- ending ---------------------------------------------------------------------------------------------------

    def _fail(self, batch: list[_Asked], problem: BaseException) -> None:
        """Nobody waits for ever: this batch, and all who wait behind it, are told."""
        waiting = [asked.future for asked in (*batch, *self._asked)] + [read.future for read in self._reads]
        for future in waiting:
            if not future.done():
                future.set_exception(problem)
        self._asked.clear()
        self._reads.clear()

    def _end(self) -> None:
        if self._state is not None:
            self._state.let_go()
        self._fail([], UnknownWorkspace(self.sid))
        self._on_deleted()


def _describe(state: State, found: WorkspaceGauges) -> None:
    every = state.census.of_all()
    found.tasks = {str(status): count for status, count in every.by_status.items()}
    if every.oldest is not None:
        found.oldest_wait_s = (state.now_ms - state.tasks[every.oldest].created_ms) / 1_000
    for (_, queue, _), tally in state.census.cells():
        waiting = sum(tally.by_status.get(status, 0) for status in WAITING_OR_RESERVED)
        if waiting and queue is not None:
            sid = state.queues[queue].sid
            found.waiting[sid] = found.waiting.get(sid, 0) + waiting
    found.workers = {each.sid: state.in_activity.get(each.no, 0).bit_count() for each in state.activities.values()}


_MENTIONS: Mapping[type[cmd.Command], tuple[str, ...]] = {
    cmd.UpdateTask: ("task",),
    cmd.DeleteTask: ("task",),
    cmd.UpdateReservation: ("reservation", "task"),
    cmd.FailAssignment: ("reservation",),
    cmd.NoticeLeg: ("reservation",),
}


def _mentioned(command: cmd.Command) -> list[No]:
    """The tasks and reservations that a command names."""
    sids = [getattr(command, name) for name in _MENTIONS.get(type(command), ())]
    return [no for sid in sids if sid is not None and (no := number_of(sid))]
