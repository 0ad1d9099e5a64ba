"""Where a task stands among those that wait in its queue."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable

from pointsman.core.engine.state import State
from pointsman.core.engine.waiting import OrderKey
from pointsman.core.explain.values import Place
from pointsman.core.types import No, QueueOrder, Task

CHECK_EVERY = 256  # tasks, between two looks at the time


class Line:
    """Counts the tasks that wait in the queue of one, and those before it, `look` by `look`."""

    def __init__(self) -> None:
        self._reached: No = 0
        self._waiting = 0
        self._ahead = 0
        self._complete = False

    def look(self, state: State, task: Task, time_is_up: Callable[[], bool]) -> bool:
        """Count some more tasks, until time is up. Return whether that were all."""
        waiting = state.waiting
        if task.no not in waiting:
            return True
        queue, key = waiting.class_of(task.no).trait.queue, waiting.key_of(task.no)
        numbers = state.task_roll.numbers
        for at in range(bisect_right(numbers, self._reached), len(numbers)):
            no = numbers[at]
            self._count(state, no, queue, key)
            self._reached = no
            if at % CHECK_EVERY == 0 and time_is_up():
                return False
        self._complete = True
        return True

    def _count(self, state: State, no: No, queue: No, key: OrderKey) -> None:
        if no in state.waiting:
            cls = state.waiting.class_of(no)
            if cls.trait.queue == queue:
                self._waiting += 1
                self._ahead += cls.members[no] < key

    def result(self, state: State, task: Task) -> Place | None:
        """None, if it waits nowhere."""
        if task.no not in state.waiting:
            return None
        return Place(
            position=self._ahead + 1 if self._complete else None,
            waiting=self._waiting,
            complete=self._complete,
            order=_order(state, task),
            priority=task.priority,
            virtual_start_time_ms=task.virtual_start_ms,
        )


def _order(state: State, task: Task) -> str:
    queue = state.queues.get(task.queue or 0)
    if queue is not None and queue.task_order is QueueOrder.LIFO:
        return "LIFO: the newest first, whatever its priority"
    return "FIFO: the highest priority first, then the oldest"
