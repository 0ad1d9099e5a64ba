"""Who has waited longest: a lazy heap of workers for each queue and channel.

A worker's idle key only grows (its newest reservation, then its last change of activity), so an entry that is out of
date is never too late: it is pushed back when it is seen at the top. A worker who is not free leaves the heap when
seen and comes back when it is free again.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterator

from pointsman.core.engine.bits import Bits, Slots
from pointsman.core.types import No

IdleKey = tuple[int, int, int]


class IdleOrder:
    """The members of one queue by idleness on one channel; a superset of those who are free."""

    __slots__ = ("_heap", "_inside", "_key")

    def __init__(self, workers: Iterator[No], key: Callable[[No], IdleKey]) -> None:
        self._key = key
        self._heap = [(key(no), no) for no in workers]
        heapq.heapify(self._heap)
        self._inside = {no for _, no in self._heap}

    def add(self, no: No) -> None:
        if no not in self._inside:
            self._inside.add(no)
            heapq.heappush(self._heap, (self._key(no), no))

    def entries(self) -> dict[No, IdleKey]:
        return {no: key for key, no in self._heap}

    def first(self, candidates: Bits, slots: Slots, accepts: Callable[[No], bool], count: int) -> list[No]:
        """Up to `count` of `candidates` that `accepts` takes, longest idle first."""
        heap, seen = self._heap, []
        chosen: list[No] = []
        while heap and len(chosen) < count:
            key, no = heap[0]
            if not slots.bit(no) & candidates:
                heapq.heappop(heap)
                self._inside.discard(no)
            elif (current := self._key(no)) != key:
                heapq.heapreplace(heap, (current, no))
            else:
                seen.append(heapq.heappop(heap))
                if accepts(no):
                    chosen.append(no)
        for entry in seen:
            heapq.heappush(heap, entry)
        return chosen
