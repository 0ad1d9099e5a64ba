"""Which workers are in which queues: derived from attributes and expressions, kept as they change, never per task.

Queues whose expressions read the same attributes have one `_Shape`; in it, workers with equal values of those
attributes form a group, and an expression is evaluated once for a group, not for each worker. Most expressions ask
for a constant (`skills HAS "sales" AND …`): a new group is compared only with those whose constant it has.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from pointsman.core.engine.bits import Bits, Slots
from pointsman.core.expression import Asking, Context, Expression, Path, compile_expression, lookup
from pointsman.core.types import No, TaskQueue

_encode = msgspec.json.Encoder().encode
Reads = tuple[Path, ...]


class _Group(msgspec.Struct, gc=False):
    """Workers that are alike to every queue of a shape, and the queues that they are in. There may be one for each
    worker: so it holds nothing that the collector of garbage would have to look at."""

    key: bytes
    view: Mapping[str, Any]
    size: int = 0
    queues: Bits = 0


class _Shape:
    def __init__(self, reads: Reads) -> None:
        self.reads = reads
        names = [str(path[1]) for path in reads if len(path) == 2]
        self._names = names if len(names) == len(reads) else None  # there are most often no longer paths
        self.groups: dict[bytes, _Group] = {}
        self.group_of: dict[No, _Group] = {}
        self.queues: dict[No, Expression] = {}
        self._asking = Asking("worker")

    def add(self, queue: No, expression: Expression) -> None:
        self.queues[queue] = expression
        self._asking.add(queue, expression.tree)

    def remove(self, queue: No) -> None:
        self._asking.remove(queue, self.queues.pop(queue).tree)

    def matching(self, view: Mapping[str, Any]) -> Iterator[No]:
        """The queues that such a worker is in; one may come twice."""
        for queue in self._asking.candidates(view):
            if self.queues[queue].matches(None, view, None, None):
                yield queue

    def key(self, view: Mapping[str, Any]) -> bytes:
        if self._names is not None:
            return _encode([view.get(name) for name in self._names])
        return _encode([lookup(view, path[1:]) for path in self.reads])

    def leave(self, no: No) -> None:
        group = self.group_of.pop(no)
        group.size -= 1
        if not group.size:
            del self.groups[group.key]

    def join(self, no: No, key: bytes, view: Mapping[str, Any]) -> _Group:
        """The group of this key, with one more worker in it; a new group's queues are still to be found."""
        group = self.groups.get(key)
        if group is None:
            group = self.groups[key] = _Group(key, view)
        group.size += 1
        self.group_of[no] = group
        return group


class Membership:
    def __init__(self, workers: Slots, queues: Slots) -> None:
        self._workers, self._queues = workers, queues
        self._views: dict[No, Mapping[str, Any]] = {}
        self._shapes: dict[Reads, _Shape] = {}
        self._shape_of: dict[No, _Shape] = {}
        self.members: dict[No, Bits] = {}  # queue -> its workers
        self.queues_of: dict[No, Bits] = {}  # worker -> its queues

    def reads(self, name: str) -> bool:
        """Whether a queue's expression reads this of the worker."""
        return any(path[1] == name for shape in self._shapes.values() for path in shape.reads)

    def put_worker(self, no: No, view: Mapping[str, Any] | None) -> Bits:
        """Place a worker by what expressions see of it (None: it is gone); return the queues that it joined."""
        before = self.queues_of.get(no, 0)
        after = 0
        bit = self._workers.bit(no)
        if view is None:
            self._views.pop(no, None)
        else:
            self._views[no] = view
        for shape in self._shapes.values():
            group = self._regroup(shape, no, view)
            if group is not None:
                after |= group.queues
        for queue in self._queues.numbers(before ^ after):
            self.members[queue] ^= bit
        if view is None:
            self.queues_of.pop(no, None)
        else:
            self.queues_of[no] = after
        return after & ~before

    def _regroup(self, shape: _Shape, no: No, view: Mapping[str, Any] | None) -> _Group | None:
        old = shape.group_of.get(no)
        key = shape.key(view) if view is not None else None
        if old is not None and old.key == key:
            return old
        if old is not None:
            shape.leave(no)
        if key is None or view is None:
            return None
        is_new = key not in shape.groups
        group = shape.join(no, key, view)
        if is_new:
            group.queues = self._queues.bits(shape.matching(view))
        return group

    def put_queue(self, before: TaskQueue | None, after: TaskQueue | None) -> Bits:
        """Follow a queue's expression; return the workers that joined it."""
        if before and after and before.target_workers == after.target_workers:
            return 0
        no = (after or before).no  # type: ignore[union-attr]  # one of the two is there
        bit = self._queues.bit(no)
        old_members = self.members.pop(no, 0)
        if before:
            self._leave_shape(no, bit, old_members)
        members = self._join_shape(no, bit, after.target_workers) if after else 0
        if after:
            self.members[no] = members
        for worker in self._workers.numbers(old_members ^ members):
            self.queues_of[worker] ^= bit
        return members & ~old_members

    def _leave_shape(self, no: No, bit: Bits, members: Bits) -> None:
        shape = self._shape_of.pop(no)
        shape.remove(no)
        for worker in self._workers.numbers(members):
            shape.group_of[worker].queues &= ~bit
        if not shape.queues:
            del self._shapes[shape.reads]

    def _join_shape(self, no: No, bit: Bits, text: str) -> Bits:
        expression = compile_expression(text, Context.QUEUE)
        reads = expression.reads_of("worker")
        shape = self._shapes.get(reads)
        if shape is None:
            shape = self._shapes[reads] = _Shape(reads)
            for worker, view in self._views.items():
                shape.join(worker, shape.key(view), view)
        shape.add(no, expression)
        self._shape_of[no] = shape
        for group in shape.groups.values():
            if expression.matches(None, group.view, None, None):
                group.queues |= bit
        return self._workers.bits(worker for worker, group in shape.group_of.items() if group.queues & bit)
