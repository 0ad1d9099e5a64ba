"""What is due when: a heap over the deadlines that entities hold in their fields."""

from __future__ import annotations

import heapq

from pointsman.core.types import Millis, No

_REBUILD_MIN = 1_024


class Deadlines:
    """At most one deadline an entity. Entries that no longer hold are dropped when seen, or when they are over half."""

    def __init__(self) -> None:
        self._due: dict[No, Millis] = {}
        self._heap: list[tuple[Millis, No]] = []

    def set(self, no: No, due_ms: Millis | None) -> None:
        if due_ms is None:
            self._due.pop(no, None)
        elif self._due.get(no) != due_ms:
            self._due[no] = due_ms
            heapq.heappush(self._heap, (due_ms, no))
        if len(self._heap) > _REBUILD_MIN and len(self._heap) > 2 * len(self._due):
            self._heap = [(due, number) for number, due in self._due.items()]
            heapq.heapify(self._heap)

    def first(self) -> tuple[Millis, No] | None:
        """The next one, by time and then number."""
        heap = self._heap
        while heap:
            due_ms, no = heap[0]
            if self._due.get(no) == due_ms:
                return heap[0]
            heapq.heappop(heap)
        return None

    def as_dict(self) -> dict[No, Millis]:
        return dict(self._due)
