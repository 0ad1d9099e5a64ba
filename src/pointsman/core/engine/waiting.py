"""The tasks that wait, in the order in which they are served, grouped into classes that are alike to every worker.

A class is asked once for all its tasks: they have the same channel, target expression, `order_by`, known worker, and
the same JSON bytes of the attributes that the expression reads. The heads of a queue's classes stand in a sorted
list, so that "the first task that this worker can take" looks at classes, in order, and never at tasks.
"""

from __future__ import annotations

import heapq
from bisect import bisect_left, insort
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from pointsman.core.engine.lazy_heap import LazyHeap
from pointsman.core.expression import Context, compile_expression, parse_order_by
from pointsman.core.types import No, QueueOrder, Task, TaskQueue

OrderKey = tuple[int, int, int, int]
Entry = tuple[OrderKey, No]
First = tuple[OrderKey, No, No]  # of a worker: its place in the line, the worker, the task
Known = tuple[str, str]  # ("sid" | "name", value): the one worker who may take it
DIRECT: No = 0  # the line of tasks that are routed to a worker, whatever the queue


class Trait(NamedTuple):
    """What matters to workers about a task: equal traits, same class."""

    queue: No
    channel: No
    expression: str | None
    order_by: str | None
    known: Known | None
    ignore_capacity: bool
    values: bytes  # of the task attributes that `expression` reads, as JSON


def order_key(task: Task, queue: TaskQueue | None, first: QueueOrder) -> OrderKey:
    """Where a task stands among all that wait: FIFO by priority, then age; LIFO newest first, priority ignored
    [docs: task-queue, LIFO page]. Queues of the kind `first` (PrioritizeQueueOrder) are emptied before the others.
    Equal times go by number [inferred]."""
    if queue is not None and queue.task_order is QueueOrder.LIFO:
        return (int(first is not QueueOrder.LIFO), -task.virtual_start_ms, -task.no, 0)
    return (int(first is not QueueOrder.FIFO), -task.priority, task.virtual_start_ms, task.no)


class TaskClass:
    __slots__ = ("_heap", "attributes", "expression", "members", "order_by", "reads_channel", "reads_clock", "trait")

    def __init__(self, trait: Trait, attributes: Mapping[str, Any]) -> None:
        self.trait = trait
        self.expression = compile_expression(trait.expression, Context.TARGET) if trait.expression else None
        self.reads_clock = self.expression is not None and bool(self.expression.reads_of("taskrouter"))
        self.reads_channel = self.reads_of_worker("channel")
        self.order_by = parse_order_by(trait.order_by) if trait.order_by else None
        self.attributes = attributes  # of one of its tasks: what the expression reads is the same in all
        self._heap: LazyHeap[Entry] = LazyHeap()
        self.members: dict[No, OrderKey] = {}

    def reads_of_worker(self, name: str) -> bool:
        """Whether the expression reads this of the worker."""
        reads = self.expression.reads_of("worker") if self.expression is not None else ()
        return any(path[1:2] == (name,) for path in reads)

    def push(self, no: No, key: OrderKey) -> None:
        self.members[no] = key
        self._heap.push((key, no))
        self._heap.shed(len(self.members), self._holds)

    def drop(self, no: No) -> None:
        del self.members[no]
        self._heap.shed(len(self.members), self._holds)

    def head(self) -> OrderKey | None:
        entry = self._heap.first(self._holds)
        return entry[0] if entry is not None else None

    def first(self) -> No:
        """The number of the head's task. Only while it has members."""
        entry = self._heap.first(self._holds)
        assert entry is not None, "a class without tasks is no longer in its line"
        return entry[1]

    def _holds(self, entry: Entry) -> bool:
        return self.members.get(entry[1]) == entry[0]


Head = tuple[OrderKey, TaskClass]  # keys are unique, so classes are never compared


class _Line:
    """The classes of one queue and channel; the heads of those that only a known worker may take stand apart, by that
    worker."""

    __slots__ = ("classes", "heads")

    def __init__(self) -> None:
        self.classes: dict[Trait, TaskClass] = {}
        self.heads: dict[Known | None, list[Head]] = {}

    def move_head(self, cls: TaskClass, old: OrderKey | None, new: OrderKey | None) -> None:
        if old == new:
            return
        heads = self.heads.setdefault(cls.trait.known, [])
        if old is not None:
            del heads[bisect_left(heads, old, key=_key_of)]
        if new is not None:
            insort(heads, (new, cls), key=_key_of)
        elif not heads:
            del self.heads[cls.trait.known]


def _key_of(head: Head) -> OrderKey:
    return head[0]


class Waiting:
    def __init__(self) -> None:
        self._lines: dict[tuple[No, No], _Line] = {}  # (queue, channel)
        self._class_of: dict[No, TaskClass] = {}
        self._fresh: list[Entry] = []

    def __contains__(self, task: No) -> bool:
        return task in self._class_of

    def __len__(self) -> int:
        return len(self._class_of)

    def class_of(self, task: No) -> TaskClass:
        return self._class_of[task]

    def key_of(self, task: No) -> OrderKey:
        return self._class_of[task].members[task]

    def enter(self, no: No, key: OrderKey, trait: Trait, attributes: Mapping[str, Any]) -> None:
        line = self._lines.get(trait[:2])
        if line is None:
            line = self._lines[trait[:2]] = _Line()
        cls = line.classes.get(trait)
        if cls is None:
            cls = line.classes[trait] = TaskClass(trait, attributes)
        old = cls.head()
        cls.push(no, key)
        line.move_head(cls, old, cls.head())
        self._class_of[no] = cls
        heapq.heappush(self._fresh, (key, no))

    def leave(self, no: No) -> None:
        cls = self._class_of.pop(no)
        line = self._lines[cls.trait[:2]]
        old = cls.head()
        cls.drop(no)
        line.move_head(cls, old, cls.head())
        if not cls.members:
            del line.classes[cls.trait]
            if not line.classes:
                del self._lines[cls.trait[:2]]

    def heads_for(self, queue: No, channel: No, known: Iterable[Known]) -> list[list[Head]]:
        """The heads of a line's classes, in order: those for anybody, and those for a worker who is known so."""
        line = self._lines.get((queue, channel))
        if line is None:
            return []
        found = [line.heads[None]] if None in line.heads else []
        if len(line.heads) > len(found):
            found += [line.heads[each] for each in known if each in line.heads]
        return found

    def has_line(self, queue: No, channel: No) -> bool:
        return (queue, channel) in self._lines

    def has_class(self, trait: Trait) -> bool:
        line = self._lines.get(trait[:2])
        return line is not None and trait in line.classes

    def classes(self) -> Iterator[TaskClass]:
        for line in self._lines.values():
            yield from line.classes.values()

    # A fresh task is one that no free worker has been looked for since it entered the line.

    def first_fresh(self) -> Entry | None:
        while self._fresh:
            key, no = self._fresh[0]
            cls = self._class_of.get(no)
            if cls is not None and cls.members[no] == key:
                return self._fresh[0]
            heapq.heappop(self._fresh)
        return None

    def settle_first_fresh(self) -> None:
        heapq.heappop(self._fresh)

    def settle(self) -> None:
        self._fresh.clear()
