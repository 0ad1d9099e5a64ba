"""A heap whose entries may lose their meaning: who takes one out of a table leaves its entry where it is.

An entry that holds no longer is dropped when it comes to the top. Those further down would pile up, so once they are
over half, every change carries a few entries over into a new heap, if they hold: never all in one step, since there
may be a million of them.
"""

from __future__ import annotations

import heapq
import sys
from collections.abc import Callable
from typing import Any, Generic, TypeVar

T = TypeVar("T", bound=Any)

_SHED_MIN = 64
_SHED_AT_ONCE = 4


class LazyHeap(Generic[T]):
    """Smallest first. Whether an entry holds is asked of its owner; entries that are equal count as one."""

    __slots__ = ("_carried", "_heap", "_next")

    def __init__(self) -> None:
        self._heap: list[T] = []
        self._next: list[T] = []
        self._carried: set[T] | None = None  # what is in the next heap, while entries are carried over

    def __len__(self) -> int:
        return len(self._heap) + len(self._next)

    def push(self, entry: T) -> None:
        if self._carried is None:
            heapq.heappush(self._heap, entry)
        else:
            self._carry(entry)

    def shed(self, holding: int, holds: Callable[[T], bool]) -> None:
        """To be called after each change: of all entries, `holding` hold now."""
        count = len(self._heap)
        if self._carried is None:
            if count <= _SHED_MIN or count <= 2 * holding:
                return
            self._carried = set()
        for _ in range(min(_SHED_AT_ONCE, count)):
            last = self._heap.pop()  # a heap without its last entry is a heap
            if holds(last):
                self._carry(last)
        if not self._heap:
            self._heap, self._next, self._carried = self._next, self._heap, None

    def _carry(self, entry: T) -> None:
        if self._carried is not None and entry not in self._carried:
            self._carried.add(entry)
            heapq.heappush(self._next, entry)

    def first(self, holds: Callable[[T], bool], drops_max: int = sys.maxsize) -> T | None:
        """The smallest entry that holds; or one before it that does not, if more than `drops_max` of these are."""
        heap = self._heap
        while heap and drops_max and not holds(heap[0]):
            heapq.heappop(heap)
            drops_max -= 1
        if self._carried is None:
            return heap[0] if heap else None
        ahead = self._next
        while ahead and drops_max and not holds(ahead[0]):
            self._carried.discard(heapq.heappop(ahead))
            drops_max -= 1
        if heap and ahead:
            return min(heap[0], ahead[0])
        return heap[0] if heap else ahead[0] if ahead else None
