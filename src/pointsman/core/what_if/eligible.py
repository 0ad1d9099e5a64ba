"""Whom an expression of a task queue would match."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable

from msgspec import Struct

from pointsman.core.engine.state import State
from pointsman.core.expression import Context, compile_expression
from pointsman.core.types import No, Sid

SHOWN_MAX = 20


class WorkerTold(Struct, frozen=True, kw_only=True):
    worker_sid: Sid
    worker_name: str
    activity_name: str
    available: bool


class EligibleTold(Struct, frozen=True, kw_only=True):
    """`workers` are the first of those that match, in order of their creation."""

    workers_count: int
    eligible_count: int
    available_count: int
    workers: tuple[WorkerTold, ...]


class Eligible:
    def __init__(self, target_workers: str) -> None:
        """Raises: `ExpressionError`."""
        self._expression = compile_expression(target_workers, Context.QUEUE)
        self._reached: No = 0
        self._seen = self._matching = self._available = 0
        self._first: list[WorkerTold] = []

    def look(self, state: State, time_is_up: Callable[[], bool]) -> bool:
        """Ask some more workers; return whether those were all."""
        numbers = sorted(state.workers)
        for no in numbers[bisect_right(numbers, self._reached) :]:
            self._reached = no
            self._ask(state, no)
            if time_is_up():
                return False
        return True

    def _ask(self, state: State, no: No) -> None:
        self._seen += 1
        if not self._expression.matches(None, state.views[no], None, None):
            return
        worker = state.workers[no]
        activity = state.activities[worker.activity]
        self._matching += 1
        self._available += activity.available
        if len(self._first) < SHOWN_MAX:
            self._first.append(
                WorkerTold(
                    worker_sid=worker.sid,
                    worker_name=worker.friendly_name,
                    activity_name=activity.friendly_name,
                    available=activity.available,
                )
            )

    def result(self) -> EligibleTold:
        return EligibleTold(
            workers_count=self._seen,
            eligible_count=self._matching,
            available_count=self._available,
            workers=tuple(self._first),
        )
