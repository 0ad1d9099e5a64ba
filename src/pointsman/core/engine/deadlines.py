"""What is due when: a heap over the deadlines that entities hold in their fields."""

from __future__ import annotations

from pointsman.core.engine.lazy_heap import LazyHeap
from pointsman.core.types import Millis, No

Due = tuple[Millis, No]
_DROPS_MAX = 256  # of what has lapsed, at a look


class Deadlines:
    """At most one deadline an entity."""

    def __init__(self) -> None:
        self._due: dict[No, Millis] = {}
        self._heap: LazyHeap[Due] = LazyHeap()

    def set(self, no: No, due_ms: Millis | None) -> None:
        if self._due.get(no) == due_ms:
            return
        if due_ms is None:
            del self._due[no]
        else:
            self._due[no] = due_ms
            self._heap.push((due_ms, no))
        self._heap.shed(len(self._due), self._holds)

    def first(self, now_ms: Millis) -> Due | None:
        """The next one, by time and then number. Where it is still to come and very many that have lapsed stand before
        it, it is one of these: nobody acts on it yet, and when its time has come it is gone."""
        due = self._heap.first(self._holds, _DROPS_MAX)
        while due is not None and due[0] <= now_ms and not self._holds(due):
            due = self._heap.first(self._holds, _DROPS_MAX)
        return due

    def _holds(self, due: Due) -> bool:
        return self._due.get(due[1]) == due[0]

    def as_dict(self) -> dict[No, Millis]:
        return dict(self._due)
