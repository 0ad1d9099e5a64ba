"""Where the waiting tasks of a workflow would stand, if they started again by other rules."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

from msgspec import Struct

from pointsman.core.engine.decide.workflow import check_configuration
from pointsman.core.engine.state import State
from pointsman.core.engine.traits import routed_worker
from pointsman.core.engine.travel import first_by
from pointsman.core.ids import number_of
from pointsman.core.limits import WHAT_IF_TASKS_MAX
from pointsman.core.types import Millis, No, Sid, Task, TaskStatus, Workflow
from pointsman.core.workflow.rules import read_rules

LOOK_TASKS = 1_000  # numbers that one look takes from the roll at most
SHOWN_MAX = 100  # pairs of queues
SUPPOSED: No = 0  # the number of rules that are not there


class MoveTold(Struct, frozen=True, kw_only=True):
    """Tasks that would go from one queue to another; to none: they would be canceled."""

    from_task_queue_sid: Sid | None
    from_task_queue_name: str | None
    to_task_queue_sid: Sid | None
    to_task_queue_name: str | None
    count: int


class MovesTold(Struct, frozen=True, kw_only=True):
    """Of the pending tasks that follow the workflow's rules, how many would stay in their queue, move, or be canceled.
    Reserved ones start again only if they come back to pending."""

    waiting_count: int
    stay_count: int
    move_count: int
    cancel_count: int
    reserved_count: int
    complete: bool
    moves: tuple[MoveTold, ...]


class ReEvaluation:
    def __init__(self, workflow: Sid, document: str) -> None:
        """Raises: `InvalidWorkflow`."""
        self._workflow, self._document, self._rules = workflow, document, read_rules(document)
        self._begun = False
        self._cursor: No = 0
        self._waiting = self._reserved = 0
        self._ways: Counter[tuple[No | None, No | None]] = Counter()
        self._complete = False

    def look(self, state: State, now_ms: Millis, time_is_up: Callable[[], bool]) -> bool:
        """Ask about some more tasks; return whether that is enough. Raises: `NotFound`, if the workflow is not
        there; `Invalid`, if a queue is not there that the rules name."""
        workflow = state.find(Workflow, self._workflow)
        if not self._begun:
            check_configuration(state, self._document)
            self._begun = True
        ahead = state.task_roll.beyond(self._cursor, LOOK_TASKS)
        for no in ahead:
            self._cursor = no
            task = state.tasks[no]
            if task.workflow != workflow.no:
                continue
            self._ask(state, task, now_ms)
            if self._waiting >= WHAT_IF_TASKS_MAX:
                return True
            if time_is_up():
                return False
        self._complete = len(ahead) < LOOK_TASKS
        return self._complete

    def _ask(self, state: State, task: Task, now_ms: Millis) -> None:
        """As the re-evaluation itself goes through them: `decide.tick`."""
        if task.place is None or routed_worker(task) is not None:
            return
        if task.status is TaskStatus.RESERVED:
            self._reserved += 1
        if task.status is not TaskStatus.PENDING:
            return
        self._waiting += 1
        stop = first_by(state, task, self._rules, SUPPOSED, now_ms)
        self._ways[(task.queue, number_of(stop.target.queue) if stop else None)] += 1

    def result(self, state: State) -> MovesTold:
        ways = [(way, count) for way, count in self._ways.items() if way[0] != way[1]]
        ways.sort(key=lambda each: (-each[1], each[0][0] or 0, each[0][1] or 0))
        canceled = sum(count for (_, to), count in ways if to is None)
        moved = sum(count for _, count in ways) - canceled
        return MovesTold(
            waiting_count=self._waiting,
            stay_count=self._waiting - moved - canceled,
            move_count=moved,
            cancel_count=canceled,
            reserved_count=self._reserved,
            complete=self._complete,
            moves=tuple(_told(state, *way, count) for way, count in ways[:SHOWN_MAX]),
        )


def _told(state: State, from_no: No | None, to_no: No | None, count: int) -> MoveTold:
    here, there = state.queues.get(from_no or 0), state.queues.get(to_no or 0)
    return MoveTold(
        from_task_queue_sid=here.sid if here else None,
        from_task_queue_name=here.friendly_name if here else None,
        to_task_queue_sid=there.sid if there else None,
        to_task_queue_name=there.friendly_name if there else None,
        count=count,
    )
