"""What is due when: a heap over the deadlines that entities hold in their fields."""

from __future__ import annotations

from pointsman.core.engine.lazy_heap import LazyHeap
from pointsman.core.types import Millis, No

Due = tuple[Millis, No]


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

    def first(self) -> Due | None:
        """The next one, by time and then number."""
        return self._heap.first(self._holds)

    def _holds(self, due: Due) -> bool:
        return self._due.get(due[1]) == due[0]

    def as_dict(self) -> dict[No, Millis]:
        return dict(self._due)
