"""Why a task is where it is (ours). What asks every worker and every waiting task is done in short looks, and others
have their turn between them: routing never waits for an explanation."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from pointsman.core.engine.decide.checks import place
from pointsman.core.engine.view import View
from pointsman.core.errors import Invalid, NotFound
from pointsman.core.explain import (
    Explanation,
    FilterTold,
    Line,
    Survey,
    filters_of,
    head_of,
    summarise,
    told_reservations,
)
from pointsman.core.ids import number_of
from pointsman.core.types import Millis, Reservation, Sid, Task, Worker
from pointsman.operations.call import Call, Reply
from pointsman.operations.lists import ENDED_ROWS
from pointsman.operations.looking import look_through, soon
from pointsman.ports import EndedQuery
from pointsman.resources.explanation import EXPLANATION, EXPLANATION_PARAMETERS
from pointsman.wire.explanations import body
from pointsman.wire.forms import read_query

STARTS_MAX = 3  # a task that changes while it is looked at is looked at afresh, at most so often
ENDED_PAGES_MAX = 4  # of reservations that have ended


async def explain(call: Call) -> Reply:
    wanted: Sid | None = read_query(EXPLANATION_PARAMETERS, call.query).get("worker_sid")
    asked = _Asked(call, wanted)
    sids = [call.sid("TaskSid")]
    while True:
        await look_through(call, asked.look, sids)
        ended = await _ended_reservations(call)
        reply = await call.router.read(call.workspace, partial(asked.answer, ended), sids)
        if reply is not None:
            return reply


async def _ended_reservations(call: Call) -> list[Reservation]:
    """After the live ones were seen: what ends in between is found twice, never missed."""
    found: list[Reservation] = []
    query = EndedQuery(kind="reservation", task=number_of(call.sid("TaskSid")))
    beyond = None
    for _ in range(ENDED_PAGES_MAX):
        rows = await call.router.ended_page(call.workspace, query, beyond=beyond, limit=ENDED_ROWS)
        found += [row for row in rows if isinstance(row, Reservation)]
        if len(rows) < ENDED_ROWS:
            break
        beyond = (rows[-1].no,)
    return found


class _Asked:
    """One request: what has been found so far."""

    def __init__(self, call: Call, worker: Sid | None) -> None:
        self._call, self._worker = call, worker
        self._starts = 0
        self._steady = True
        self._task: Task | None = None
        self._begin(Millis(0))

    def _begin(self, now_ms: Millis) -> None:
        self._filters: list[FilterTold] = []
        self._survey, self._line = Survey(self._worker), Line()
        self._done = 0  # of the parts
        self._began_ms = now_ms

    def look(self, view: View) -> bool:
        """Go on for a moment; return whether all has been looked at. Raises: `NotFound`, `Invalid`."""
        self._follow(view)
        task, time_is_up = self._task, soon()
        assert task is not None
        parts: tuple[Callable[[], bool], ...] = (
            lambda: filters_of(view.state, task, view.now_ms, self._filters, time_is_up),
            lambda: self._survey.look(view.state, task, view.now_ms, time_is_up),
            lambda: self._line.look(view.state, task, time_is_up),
        )
        while self._done < len(parts):
            if not parts[self._done]():
                return False
            self._done += 1
        return True

    def _follow(self, view: View) -> None:
        """See whether the task is as it was."""
        task = view.find(Task, self._call.sid("TaskSid"))
        if self._worker is not None and self._task is None:
            _check_worker(view, self._worker)
        if task != self._task:
            if self._starts < STARTS_MAX:
                self._begin(view.now_ms)
                self._starts += 1
            else:
                self._steady = False
        self._task = task

    def answer(self, ended: list[Reservation], view: View) -> Reply | None:
        """The whole, as of now; None, if the task has changed meanwhile, and may be looked at afresh.
        Raises: `NotFound`."""
        state, now_ms = view.state, view.now_ms
        task = view.find(Task, self._call.sid("TaskSid"))
        if task != self._task and self._starts < STARTS_MAX:
            return None
        head = head_of(state, task, now_ms)
        standing, workers = self._line.result(state, task), self._survey.result(state, task, now_ms)
        reservations, count = told_reservations(state, task, ended, workers)
        told = Explanation(
            task_sid=task.sid,
            task_version=task.version,
            assignment_status=task.status,
            reason=task.reason,
            summary=summarise(task, head, standing, workers, reservations, now_ms),
            head=head,
            filters=tuple(self._filters),
            place=standing,
            workers=workers,
            reservations=reservations,
            reservations_count=count,
            looked_from_ms=self._began_ms,
            looked_until_ms=now_ms,
            steady=self._steady and task == self._task,
        )
        return Reply(200, body(told, state.workspace, self._call.base))


def _check_worker(view: View, sid: Sid) -> None:
    try:
        view.state.find(Worker, sid)
    except NotFound:
        raise Invalid(f"WorkerSid {sid} does not exist in {place(view.state)}") from None


HANDLERS = {(EXPLANATION.resource, EXPLANATION.name): explain}
