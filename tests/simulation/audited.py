"""A server in small, audited: the engine, rows that outlive it, batches that commit or fail, a clock that is told."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import msgspec

from pointsman.core import commands as cmd
from pointsman.core import events as ev
from pointsman.core.engine import indexes, route
from pointsman.core.engine.decide import tick
from pointsman.core.engine.state import State
from pointsman.core.engine.step import step
from pointsman.core.errors import Rejected
from pointsman.core.ids import CountingIds, number_of
from pointsman.core.limits import ENDED_TASK_KEPT_S, Limits
from pointsman.core.types import AnyEntity, Millis, Reservation, Task
from tests.simulation.auditor.auditor import Auditor, Disallowed, StepLimits
from tests.simulation.history import Move, Names, Setting
from tests.world import START_MS

IDS = CountingIds()
ITEMS_MAX = 100_000  # of routing in one step: it always comes to rest
TICKS_MAX = 25  # on the way to a move; then the clock jumps
SETTLING_TICKS_MAX = 2_000
_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(AnyEntity).decode


class Failed(Exception):
    """A move came out wrong; the message is the verdict."""


class Audited:
    """Runs moves and raises `Failed` at the first thing that the auditor disallows."""

    def __init__(self, setting: Setting) -> None:
        self.setting = setting
        self._limits = Limits(assignments_max=setting.assignments_max)
        self.state, self.auditor, self.names = State(self._limits), Auditor(setting.assignments_max), Names()
        self.steps = 0
        self._rows: dict[int, bytes] = {}
        self._ended: dict[int, Task | Reservation] = {}
        self._before: tuple[Any, ...] | None = None  # the batch that is open

    @property
    def books(self) -> Any:
        return self.auditor.books

    def run(self, moves: Iterable[Move]) -> None:
        with small_steps(self.setting):
            for move in moves:
                self.move(move)
            self.settle()

    def move(self, move: Move) -> None:
        """Raises: `Failed`."""
        until_ms = max(self.state.now_ms, START_MS) + move.pause_ms
        if move.ticks and self._before is None:
            self._tick_on_the_way(until_ms)
        self._open()
        command = None if move.command is None else self.names.sids_of(move.command)
        self._lend(command, until_ms)
        if move.wakes and self.is_due(until_ms):
            self._do(cmd.Tick(), until_ms, move.label)
        if command is not None:
            self._do(command, until_ms, move.label)
        if move.ends == "fail":
            self._fail()
        elif move.ends:
            self._commit()
        if move.ends == "restart":
            self._restart()

    def settle(self) -> None:
        """What is left over is done by ticks alone, and comes to an end."""
        if self._before is not None:
            self._commit()
        for _ in range(SETTLING_TICKS_MAX):
            if self.state.deleted or not self.is_due(self.state.now_ms):
                return
            self._open()
            self._do(cmd.Tick(), self.state.now_ms, -1)
            self._commit()
        raise Failed(f"After {SETTLING_TICKS_MAX} ticks there is still work that is due: design 2, it comes to rest")

    def is_due(self, now_ms: int) -> bool:
        if not self.state.exists or self.state.deleted:
            return False
        due_ms = self.state.next_deadline_ms()
        return due_ms is not None and due_ms <= now_ms

    def _tick_on_the_way(self, until_ms: int) -> None:
        for _ in range(TICKS_MAX):
            if not self.is_due(until_ms - 1):
                return
            self._open()
            due_ms = self.state.next_deadline_ms()
            self._do(cmd.Tick(), max(due_ms or 0, self.state.now_ms), -1)
            self._commit()

    def _do(self, command: cmd.Command, now_ms: int, label: int) -> None:
        state, now = self.state, Millis(now_ms)
        self.steps += 1
        outcome: list[ev.Event] | Rejected
        items_max = ITEMS_MAX if self.setting.items_max is None else self.setting.items_max
        try:
            outcome = step(state, command, now, IDS, items_max).events
        except Rejected as refused:
            outcome = refused
        due_ms = state.next_deadline_ms() if state.exists and not state.deleted else None
        try:
            limits = StepLimits(self.setting.items_max, self.setting.tick_items_max)
            self.auditor.step(command, now_ms, outcome, due_ms, limits)
        except Disallowed as verdict:
            shown = (
                ""
                if isinstance(outcome, Rejected)
                else ", ".join(event.type or type(event).__name__ for event in outcome)
            )
            raise Failed(f"{command} at {now_ms - START_MS} ms: {verdict}\n  events: {shown}") from None
        if not isinstance(outcome, Rejected):
            self.names.note(label, outcome)

    # --- batches, rows --------------------------------------------------------------------------------------------

    def _open(self) -> None:
        if self._before is None:
            state = self.state
            self._before = (state.next_no, state.now_ms, state.deleted, state.at_rest, self.names.page())

    def _commit(self) -> None:
        state = self.state
        for before, after in state.changes_since(0):
            one: Any = after or before
            ended = getattr(after, "ended_ms", None) is not None
            if after is None or ended:
                self._rows.pop(one.no, None)
            else:
                self._rows[one.no] = _encode(after)
            if isinstance(after, Task | Reservation) and ended:
                self._ended[one.no] = after
            elif after is None:
                self._ended.pop(one.no, None)
        state.forget()
        self.auditor.committed()
        self._before = None

    def _fail(self) -> None:
        """As the runtime does after a commit that failed."""
        assert self._before is not None
        state = self.state
        next_no, now_ms, deleted, at_rest, names = self._before
        state.undo(0)
        state.next_no, state.now_ms, state.deleted = next_no, now_ms, deleted
        state.ended.clear()
        if at_rest:
            state.settle()
        else:
            state.stir_all()
        self.names.turn_back(names)
        self.auditor.commit_failed()
        self._before = None

    def _restart(self) -> None:
        """Another process: it has rows, and whether a tick is wanted now."""
        if self.state.deleted or not self.state.exists:
            return
        former = self.state
        due_ms = former.next_deadline_ms()
        self.state = State(self._limits)
        self.state.now_ms, self.state.next_no = former.now_ms, former.next_no
        self.state.load(_decode(row) for row in self._rows.values())
        if due_ms is None or due_ms > former.now_ms:
            self.state.settle()
        self.auditor.restarted()

    def _lend(self, command: cmd.Command | None, now_ms: int) -> None:
        """What has ended is read from the store until it vanishes, five minutes after its task's end; a reservation
        comes with its task."""
        for name in ("task", "reservation"):
            found = self._ended.get(number_of(getattr(command, name, None) or ""))
            if found is None or self.state.has(found.no):
                continue
            task = self._ended.get(found.task) if isinstance(found, Reservation) else found
            if isinstance(task, Task) and task.ended_ms is not None:
                if task.ended_ms + 1_000 * ENDED_TASK_KEPT_S > now_ms:
                    self.state.lend(task)
                    self.state.lend(found)
            elif isinstance(found, Reservation) and self.state.knows(found.task):
                self.state.lend(found)


@contextmanager
def small_steps(setting: Setting) -> Iterator[None]:
    """The engine's constants, as small as a history wants them."""
    wanted = (
        (tick, "STEP_ITEMS_MAX", setting.tick_items_max),
        (route, "SCAN_MAX", setting.scan_max),
        (route, "STEP_LOOKS_MAX", setting.looks_max),
        (indexes, "STEP_MOVES_MAX", setting.looks_max),
    )
    before = [(vars(module), name, vars(module)[name]) for module, name, _ in wanted]
    for module, name, value in wanted:
        vars(module)[name] = value
    try:
        yield
    finally:
        for constants, name, value in before:
            constants[name] = value
