"""The live tasks, counted as they change: how many of each status and priority there are, and which has waited longest.

They are counted in cells: one for each workflow, queue and channel that tasks have together. What is asked about a
queue or a workflow reads its cells, never its tasks; of all there are sums, and heaps of what stands first in a cell,
since there may be thousands of these.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from pointsman.core.engine.lazy_heap import LazyHeap
from pointsman.core.engine.transitions import WAITING_OR_RESERVED
from pointsman.core.types import Millis, No, Task, TaskStatus

_SWEEP_MIN = 64
_LIVE = (TaskStatus.PENDING, TaskStatus.RESERVED, TaskStatus.ASSIGNED, TaskStatus.WRAPPING)

Key = tuple[No | None, No | None, No]  # workflow, queue, channel
Entered = tuple[Millis, No]  # when a task entered its queue


class Tally(NamedTuple):
    """The live tasks of some cells."""

    by_status: Mapping[TaskStatus, int]  # those that occur
    by_priority: Mapping[int, int]
    oldest: No | None  # of those that wait or are reserved, the one created first
    longest_here: No | None  # and the one that entered its queue first

    @property
    def total(self) -> int:
        return sum(self.by_status.values())

    @property
    def waiting(self) -> int:
        """Of those that wait or are reserved."""
        return sum(count for status, count in self.by_status.items() if status in WAITING_OR_RESERVED)


NO_TASKS = Tally({}, {}, None, None)


class Census:
    def __init__(self, tasks: Mapping[No, Task]) -> None:
        self._tasks = tasks
        self._cells: dict[Key, _Cell] = {}
        self._of_workflow: dict[No | None, list[_Cell]] = {}
        self._of_queue: dict[No | None, list[_Cell]] = {}
        self._sweep_at = _SWEEP_MIN
        self._statuses = dict.fromkeys(_LIVE, 0)
        self._priorities: dict[int, int] = {}
        self._oldest: LazyHeap[No] = LazyHeap()
        self._longest: LazyHeap[Entered] = LazyHeap()

    def put(self, before: Task | None, after: Task | None) -> None:
        """A task is `after` now, and was `before`; None: not live."""
        if before is None or after is None:
            if after is not None:
                self._enter(after)
            elif before is not None:
                self._leave(before)
        elif (
            before.queue != after.queue
            or before.queue_entered_ms != after.queue_entered_ms
            or before.priority != after.priority
            or before.workflow != after.workflow
            or before.channel != after.channel
        ):
            self._leave(before)
            self._enter(after)
        elif before.status is not after.status:
            cell = self._cells[after.workflow, after.queue, after.channel]
            self._count(cell, before.status, -1)
            self._count(cell, after.status, 1)
            waits = after.status in WAITING_OR_RESERVED
            if waits is not (before.status in WAITING_OR_RESERVED):
                if waits:
                    cell.push(after)
                else:
                    cell.drop()
                self._follow(cell, after)

    def of_all(self, channel: No | None = None) -> Tally:
        """All tasks, or those of one channel."""
        if channel is not None:
            return self._tally(self._cells.values(), channel)
        oldest, longest = self._oldest.first(self._is_oldest), self._longest.first(self._is_longest)
        statuses = {status: count for status, count in self._statuses.items() if count}
        return Tally(statuses, dict(self._priorities), oldest, longest[1] if longest else None)

    def of_workflow(self, workflow: No, channel: No | None = None) -> Tally:
        return self._tally(self._of_workflow.get(workflow, ()), channel)

    def of_queue(self, queue: No, channel: No | None = None) -> Tally:
        return self._tally(self._of_queue.get(queue, ()), channel)

    def pending_by_queue(self) -> dict[No | None, int]:
        """How many tasks wait in each queue in which any does."""
        found: dict[No | None, int] = {}
        for (_, queue, _), cell in self._cells.items():
            if count := cell.statuses[TaskStatus.PENDING]:
                found[queue] = found.get(queue, 0) + count
        return found

    def in_queue(self, queue: No) -> list[set[No]]:
        """The live tasks in a queue, by their numbers."""
        return [cell.numbers for cell in self._of_queue.get(queue, ())]

    def under_workflow(self, workflow: No) -> list[set[No]]:
        return [cell.numbers for cell in self._of_workflow.get(workflow, ())]

    def cells(self) -> Iterator[tuple[Key, Tally]]:
        """Each cell that has tasks."""
        for key, cell in self._cells.items():
            tally = self._tally([cell], None)
            if tally.total:
                yield key, tally

    def _enter(self, task: Task) -> None:
        cell = self._cells.get((task.workflow, task.queue, task.channel))
        if cell is None:
            cell = self._new_cell(task)
        cell.numbers.add(task.no)
        self._count(cell, task.status, 1)
        for priorities in (cell.priorities, self._priorities):
            priorities[task.priority] = priorities.get(task.priority, 0) + 1
        if task.status in WAITING_OR_RESERVED:
            cell.push(task)
            self._follow(cell, task)

    def _leave(self, task: Task) -> None:
        cell = self._cells[task.workflow, task.queue, task.channel]
        cell.numbers.discard(task.no)
        self._count(cell, task.status, -1)
        for priorities in (cell.priorities, self._priorities):
            left = priorities[task.priority] - 1
            if left:
                priorities[task.priority] = left
            else:
                del priorities[task.priority]
        if task.status in WAITING_OR_RESERVED:
            cell.drop()
            self._follow(cell, task)

    def _count(self, cell: _Cell, status: TaskStatus, number: int) -> None:
        cell.statuses[status] += number
        self._statuses[status] += number

    def _follow(self, cell: _Cell, task: Task) -> None:
        """After a task has begun or stopped waiting in a cell: what stands first in it now may stand first of all. That
        is the same as before if the task came or went behind it."""
        if cell.is_behind_firsts(task):
            return
        oldest, longest = cell.first_created(), cell.first_entered()
        if oldest != cell.oldest:
            cell.oldest = oldest
            if oldest is not None:
                self._oldest.push(oldest)
            self._oldest.shed(len(self._cells), self._is_oldest)
        if longest != cell.longest:
            cell.longest = longest
            if longest is not None:
                self._longest.push(longest)
            self._longest.shed(len(self._cells), self._is_longest)

    def _is_oldest(self, no: No) -> bool:
        """Whether the task is the oldest of those that wait in its cell."""
        cell = self._cell_of(no)
        return cell is not None and cell.oldest == no

    def _is_longest(self, entry: Entered) -> bool:
        cell = self._cell_of(entry[1])
        return cell is not None and cell.longest == entry

    def _cell_of(self, no: No) -> _Cell | None:
        task = self._tasks.get(no)
        return self._cells.get((task.workflow, task.queue, task.channel)) if task is not None else None

    def _new_cell(self, task: Task) -> _Cell:
        """Cells stay when they are empty, since most are wanted again soon; until they may be the greater part."""
        if len(self._cells) >= self._sweep_at:
            full = [cell for cell in self._cells.values() if cell.priorities]
            self._cells, self._of_workflow, self._of_queue = {}, {}, {}
            for cell in full:
                self._place(cell)
            self._sweep_at = max(_SWEEP_MIN, 2 * len(full))
        cell = _Cell((task.workflow, task.queue, task.channel), self._tasks)
        self._place(cell)
        return cell

    def _place(self, cell: _Cell) -> None:
        workflow, queue, _ = cell.key
        self._cells[cell.key] = cell
        self._of_workflow.setdefault(workflow, []).append(cell)
        self._of_queue.setdefault(queue, []).append(cell)

    def _tally(self, cells: Iterable[_Cell], channel: No | None) -> Tally:
        statuses: dict[TaskStatus, int] = {}
        priorities: dict[int, int] = {}
        oldest: list[No] = []
        longest: list[Entered] = []
        for cell in cells:
            if not cell.priorities or (channel is not None and cell.key[2] != channel):
                continue
            for status, count in cell.statuses.items():
                if count:
                    statuses[status] = statuses.get(status, 0) + count
            for priority, count in cell.priorities.items():
                priorities[priority] = priorities.get(priority, 0) + count
            if (created := cell.first_created()) is not None:
                oldest.append(created)
            if (entered := cell.first_entered()) is not None:
                longest.append(entered)
        return Tally(statuses, priorities, min(oldest, default=None), min(longest)[1] if longest else None)


class _Cell:
    """The tasks of one workflow, queue and channel.

    Its heaps hold those that wait or are reserved, and some that don't any longer. What holds is asked of the tasks
    themselves, so that heaps cost little memory. Tasks are created in the order of their numbers.
    """

    __slots__ = ("_tasks", "created", "entered", "key", "longest", "numbers", "oldest", "priorities", "statuses")

    def __init__(self, key: Key, tasks: Mapping[No, Task]) -> None:
        self.key = key
        self._tasks = tasks
        self.numbers: set[No] = set()
        self.statuses = dict.fromkeys(_LIVE, 0)
        self.oldest: No | None = None  # as of the last change of those that wait
        self.longest: Entered | None = None
        self.priorities: dict[int, int] = {}
        self.created: LazyHeap[No] = LazyHeap()
        self.entered: LazyHeap[Entered] = LazyHeap()

    def waiting(self) -> int:
        return self.statuses[TaskStatus.PENDING] + self.statuses[TaskStatus.RESERVED]

    def push(self, task: Task) -> None:
        """A task of this cell waits."""
        self.created.push(task.no)
        if task.queue_entered_ms is not None:
            self.entered.push((task.queue_entered_ms, task.no))
        self._shed()

    def drop(self) -> None:
        """A task has stopped waiting here."""
        self._shed()

    def is_behind_firsts(self, task: Task) -> bool:
        """Whether others, who stand first, came before a task: by their numbers, and by when they entered the queue."""
        if self.oldest is None or self.oldest >= task.no:
            return False
        entered_ms = task.queue_entered_ms
        return entered_ms is None or (self.longest is not None and self.longest < (entered_ms, task.no))

    def _shed(self) -> None:
        self.created.shed(self.waiting(), self._waits)
        self.entered.shed(self.waiting(), self._entered)

    def first_created(self) -> No | None:
        return self.created.first(self._waits)

    def first_entered(self) -> Entered | None:
        return self.entered.first(self._entered)

    def _waits(self, no: No) -> bool:
        """Whether the task waits in this cell."""
        task = self._tasks.get(no)
        return (
            task is not None
            and task.status in WAITING_OR_RESERVED
            and (task.workflow, task.queue, task.channel) == self.key
        )

    def _entered(self, entry: Entered) -> bool:
        """Whether it does, and has since then."""
        return self._waits(entry[1]) and self._tasks[entry[1]].queue_entered_ms == entry[0]
