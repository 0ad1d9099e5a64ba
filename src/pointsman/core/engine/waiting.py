"""The tasks that wait, in the order in which they are served, grouped into classes that are alike to every worker.

A class is asked once for all its tasks: they have the same channel, target expression, `order_by`, known worker, and
the same JSON bytes of the attributes that the expression reads. The heads of a queue's classes stand in sorted
lists, so that "the first task that this worker can take" looks at classes, in order, and never at tasks. Those that
want a certain value of their worker (`worker.region == task.region`) stand apart, in a list for each value.
"""

from __future__ import annotations

import heapq
from bisect import bisect_left, insort
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

from pointsman.core.engine.lazy_heap import LazyHeap
from pointsman.core.expression import (
    And,
    Comparison,
    Condition,
    Context,
    Expression,
    Operator,
    Path,
    Reference,
    compile_expression,
    equality_key,
    lookup,
    parse_order_by,
)
from pointsman.core.types import No, QueueOrder, Sid, Task, TaskQueue

OrderKey = tuple[int, int, int]  # in a queue; ends in the task's number, which a LIFO queue counts downwards
Place = tuple[int, OrderKey]  # among all tasks: 0 for queues of the kind that is emptied first, else 1
First = tuple[Place, No]  # that a worker can take: its place in the line, and the worker
Known = tuple[str, str]  # ("sid" | "name", value): the one worker who may take it
Key = str | int | float
Kind = str | Path  # of what a class wants of its worker: the kind of `Known`, or where in the worker it has to be
DIRECT: No = 0  # the line of tasks that are routed to a worker, whatever the queue
CONDITIONS_CACHED_MAX = 8_192
_KINDS = {  # of queues, in the order in which they are emptied
    QueueOrder.FIFO: (QueueOrder.FIFO, QueueOrder.LIFO),
    QueueOrder.LIFO: (QueueOrder.LIFO, QueueOrder.FIFO),
}


class Trait(NamedTuple):
    """What matters to workers about a task: equal traits, same class."""

    queue: No
    channel: No
    expression: str | None
    order_by: str | None
    known: Known | None
    ignore_capacity: bool
    values: bytes  # of the task attributes that `expression` reads, as JSON


def order_key(task: Task, order: QueueOrder) -> OrderKey:
    """Where a task stands in its queue: FIFO by priority, then age; LIFO newest first, priority ignored
    [docs: task-queue, LIFO page]. Equal times go by number [inferred]."""
    if order is QueueOrder.LIFO:
        return (0, -task.virtual_start_ms, -task.no)
    return (-task.priority, task.virtual_start_ms, task.no)


def task_of(key: OrderKey) -> No:
    return abs(key[2])


class _Condition(NamedTuple):
    """A target's expression, and what its classes have to know of it."""

    expression: Expression
    reads_clock: bool
    watches: tuple[str, ...]  # what it reads of the worker that changes without the worker
    compared: tuple[Path, Path] | None  # must be equal, or in a list: where in the worker, and where in the task


@lru_cache(maxsize=CONDITIONS_CACHED_MAX)
def _condition(text: str) -> _Condition:
    expression = compile_expression(text, Context.TARGET)
    read = {path[1] for path in expression.reads_of("worker")}
    return _Condition(
        expression,
        bool(expression.reads_of("taskrouter")),
        tuple(name for name in ("channel", "activity_name") if name in read),
        _compared(expression.tree),
    )


def _compared(tree: Condition) -> tuple[Path, Path] | None:
    for term in tree.terms if isinstance(tree, And) else (tree,):
        match term:
            case Comparison(Operator.EQUAL | Operator.HAS | Operator.IN, Reference(left), Reference(right)):
                worker, task = (left, right) if left[0] == "worker" else (right, left)
                listed = {Operator.EQUAL: worker, Operator.HAS: left, Operator.IN: right}[term.operator]
                if (worker[0], task[0], listed) == ("worker", "task", worker) and worker[1] != "channel":
                    return worker, task
    return None


class TaskClass:
    __slots__ = (
        "_heap",
        "attributes",
        "expression",
        "members",
        "order_by",
        "reads_channel",
        "reads_clock",
        "trait",
        "wanted",
        "watches",
    )

    def __init__(self, trait: Trait, attributes: Mapping[str, Any]) -> None:
        self.trait = trait
        condition = _condition(trait.expression) if trait.expression else None
        self.expression = condition.expression if condition else None
        self.reads_clock = condition is not None and condition.reads_clock
        self.watches: tuple[str, ...] = condition.watches if condition else ()
        self.reads_channel = "channel" in self.watches
        self.order_by = parse_order_by(trait.order_by) if trait.order_by else None
        self.attributes = attributes  # of one of its tasks: what the expression reads is the same in all
        self.wanted = self._wanted(condition.compared if condition else None)
        self._heap: LazyHeap[OrderKey] = LazyHeap()
        self.members: dict[No, OrderKey] = {}

    def _wanted(self, compared: tuple[Path, Path] | None) -> tuple[Kind, Key] | tuple[None, None]:
        """What only workers have who may take it; no other worker need be asked."""
        if self.trait.known is not None:
            return self.trait.known
        if compared is not None:
            key = equality_key(lookup(self.attributes, compared[1][1:]))
            if key is not None:
                return compared[0], key
        return None, None

    def push(self, no: No, key: OrderKey) -> None:
        self.members[no] = key
        self._heap.push(key)
        self._heap.shed(len(self.members), self._holds)

    def drop(self, no: No) -> None:
        del self.members[no]
        self._heap.shed(len(self.members), self._holds)

    def head(self) -> OrderKey | None:
        return self._heap.first(self._holds)

    def first(self) -> OrderKey:
        """The key of the head. Only while the class has members."""
        head = self.head()
        assert head is not None, "a class without tasks is no longer in its line"
        return head

    def _holds(self, key: OrderKey) -> bool:
        return self.members.get(task_of(key)) == key


Head = tuple[OrderKey, TaskClass]  # keys are unique, so classes are never compared


class Having(dict[Kind | None, Sequence[Key | None]]):
    """What a worker has of what classes may want."""

    def __init__(self, sid: Sid, name: str, view: Mapping[str, Any]) -> None:
        super().__init__({None: (None,), "sid": (sid,), "name": (name.casefold(),)})
        self._view = view

    def __missing__(self, kind: Kind) -> Sequence[Key]:
        value = lookup(self._view, tuple(kind[1:]))
        keys = [equality_key(each) for each in (value if value.__class__ is list else (value,))]
        self[kind] = found = tuple(dict.fromkeys(key for key in keys if key is not None))
        return found


class Line:
    """The classes of one queue and channel, and their heads by what they want of their worker."""

    __slots__ = ("channel", "classes", "heads", "order", "queue")

    def __init__(self, queue: No, channel: No, order: QueueOrder) -> None:
        self.queue, self.channel, self.order = queue, channel, order
        self.classes: dict[Trait, TaskClass] = {}
        self.heads: dict[Kind | None, dict[Key | None, list[Head]]] = {}

    def move_head(self, cls: TaskClass, old: OrderKey | None, new: OrderKey | None) -> None:
        if old == new:
            return
        kind, wanted = cls.wanted
        of_kind = self.heads.setdefault(kind, {})
        heads = of_kind.setdefault(wanted, [])
        if old is not None:
            del heads[bisect_left(heads, (old,))]
        if new is not None:
            insort(heads, (new, cls))
        elif not heads:
            del of_kind[wanted]
            if not of_kind:
                del self.heads[kind]


class Waiting:
    def __init__(self) -> None:
        self._lines: dict[No, dict[No, Line]] = {}  # by channel, then by queue
        self._class_of: dict[No, TaskClass] = {}
        self._fresh: dict[QueueOrder, list[OrderKey]] = {QueueOrder.FIFO: [], QueueOrder.LIFO: []}
        self._outdated: list[Line] = []  # in an order that is no longer their queue's; their heads mean nothing
        self._fresh_outdated: set[No] = set()

    def __contains__(self, task: No) -> bool:
        return task in self._class_of

    def __len__(self) -> int:
        return len(self._class_of)

    def class_of(self, task: No) -> TaskClass:
        return self._class_of[task]

    def key_of(self, task: No) -> OrderKey:
        return self._class_of[task].members[task]

    def place_of(self, cls: TaskClass, first: QueueOrder) -> Place:
        """Where a class's head stands, if queues of the kind `first` are emptied first. Only while it has members."""
        line = self._lines[cls.trait.channel][cls.trait.queue]
        return int(line.order is not first), cls.first()

    def enter(self, task: Task, order: QueueOrder, trait: Trait, attributes: Mapping[str, Any]) -> TaskClass:
        """A fresh task stands in the line of its queue, whose order this is."""
        key = order_key(task, order)
        heapq.heappush(self._fresh[order], key)
        return self._stand(task.no, key, order, trait, attributes)

    def _stand(
        self, no: No, key: OrderKey, order: QueueOrder, trait: Trait, attributes: Mapping[str, Any]
    ) -> TaskClass:
        lines = self._lines.setdefault(trait.channel, {})
        line = lines.get(trait.queue)
        if line is None:
            line = lines[trait.queue] = Line(trait.queue, trait.channel, order)
        cls = line.classes.get(trait)
        if cls is None:
            cls = line.classes[trait] = TaskClass(trait, attributes)
        old = cls.head()
        cls.push(no, key)
        if old is None or key < old:
            line.move_head(cls, old, key)
        self._class_of[no] = cls
        return cls

    def leave(self, no: No) -> TaskClass:
        cls = self._class_of.pop(no)
        lines = self._lines.get(cls.trait.channel, {})
        line = lines.get(cls.trait.queue)
        if line is None or line.classes.get(cls.trait) is not cls:
            del cls.members[no]  # in an outdated line
            return cls
        old = cls.head()
        cls.drop(no)
        line.move_head(cls, old, cls.head())
        if not cls.members:
            del line.classes[cls.trait]
            if not line.classes:
                del lines[cls.trait.queue]
                if not lines:
                    del self._lines[cls.trait.channel]
        return cls

    def channels(self) -> Iterable[No]:
        """Those on which tasks wait."""
        return self._lines

    def lines_of(self, channel: No, queues: Iterable[No]) -> list[Line]:
        """Of the direct tasks of a channel, and of these queues, where tasks wait; not those that are being sorted."""
        lines = self._lines[channel]
        found = [lines[queue] for queue in queues if queue in lines]
        if DIRECT in lines:
            found.append(lines[DIRECT])
        return found

    @staticmethod
    def heads_for(
        lines: Iterable[Line], having: Having, first: QueueOrder
    ) -> tuple[list[list[Head]], list[list[Head]]]:
        """The heads of classes, in order, in these lines; but not of classes that want what a worker has not. Those of
        queues of the kind `first` stand apart, before those of the other kind."""
        found: tuple[list[list[Head]], list[list[Head]]] = ([], [])
        for line in lines:
            mine = found[line.order is not first]
            for kind, by_key in line.heads.items():
                for key in having[kind]:
                    if key in by_key:
                        mine.append(by_key[key])
        return found

    def heads(self) -> Iterator[tuple[Line, Kind | None, Key | None, list[Head]]]:
        """Those of each line, by what they want of their worker."""
        for line in self._all_lines():
            for kind, by_key in line.heads.items():
                for key, heads in by_key.items():
                    yield line, kind, key, heads

    def has_line(self, queue: No, channel: No) -> bool:
        return queue in self._lines.get(channel, ()) or any(
            (line.queue, line.channel) == (queue, channel) and line.classes for line in self._outdated
        )

    def has_class(self, trait: Trait) -> bool:
        line = self._lines.get(trait.channel, {}).get(trait.queue)
        if line is not None and trait in line.classes:
            return True
        return any(trait in line.classes and line.classes[trait].members for line in self._outdated)

    def classes(self) -> Iterator[TaskClass]:
        for line in (*self._all_lines(), *self._outdated):
            yield from line.classes.values()

    def _all_lines(self) -> Iterator[Line]:
        for lines in self._lines.values():
            yield from lines.values()

    # A queue's new order: its tasks come to their new places slice by slice, since there may be very many of them.

    def reorder(self, queue: No) -> None:
        """The tasks of a queue stand in an order that is no longer its own: `sort_some` goes on until none do."""
        fresh = [task_of(key) for heap in self._fresh.values() for key in heap if self._is_fresh(key)]
        self._fresh_outdated |= {no for no in fresh if self._class_of[no].trait.queue == queue}
        for lines in self._lines.values():
            line = lines.pop(queue, None)
            if line is not None:
                self._outdated.append(line)
        self._lines = {channel: lines for channel, lines in self._lines.items() if lines}

    def sort_some(self, tasks: Mapping[No, Task], queues: Mapping[No, TaskQueue], count: int) -> None:
        """Bring up to `count` tasks to their places in the new order."""
        while self._outdated:
            line = self._outdated[-1]
            order = queues[line.queue].task_order
            while line.classes:
                trait, cls = line.classes.popitem()
                while cls.members and count:
                    count -= 1
                    no, _ = cls.members.popitem()
                    key = order_key(tasks[no], order)
                    if no in self._fresh_outdated:
                        heapq.heappush(self._fresh[order], key)
                    self._stand(no, key, order, trait, cls.attributes)
                if cls.members:
                    line.classes[trait] = cls
                    return
            self._outdated.pop()
        self._fresh_outdated.clear()

    @property
    def sorted(self) -> bool:
        """Whether every task stands in the order of its queue."""
        return not self._outdated

    # A fresh task is one that no free worker has been looked for since it entered the line.

    def first_fresh(self, first: QueueOrder) -> Place | None:
        """The place of the first of them, if queues of the kind `first` (PrioritizeQueueOrder) are emptied first."""
        for rank, order in enumerate(_KINDS[first]):
            heap = self._fresh[order]
            while heap and not self._is_fresh(heap[0]):
                heapq.heappop(heap)
            if heap:
                return rank, heap[0]
        return None

    def settle_fresh(self, place: Place, first: QueueOrder) -> None:
        """The first of them is not fresh any longer."""
        heapq.heappop(self._fresh[_KINDS[first][place[0]]])

    def settle(self) -> None:
        for heap in self._fresh.values():
            heap.clear()
        self._fresh_outdated.clear()

    def _is_fresh(self, key: OrderKey) -> bool:
        no = task_of(key)
        cls = self._class_of.get(no)
        return cls is not None and cls.members[no] == key
