"""Who has waited longest: a lazy heap of workers for each queue and channel.

A worker's idle key only grows (its newest reservation, then its last change of activity), so an entry that is out of
date is never too late: it is pushed back when it is seen at the top. A worker who is not free leaves the heap when
seen and comes back when it is free again.

While everybody is busy, the few who are free are simply compared, and no order is asked. One that workers have come
back to more often than it has workers, and that was not asked meanwhile, is dropped, and made anew when it is asked.
Memory is given back a few entries at a time: many orders of many workers may be dropped at once.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterator

import msgspec

from pointsman.core.engine.bits import Bits, Slots
from pointsman.core.types import Millis, No

_SHRINK_BY = 64  # entries
UNASKED_MAX = 64  # times that workers come back to an order with few workers


class IdleKey(msgspec.Struct, frozen=True, order=True, gc=False):
    """Where a worker stands, longest idle first. One step may make very many anew: so the collector of garbage need not
    look at them, as it would at tuples."""

    last_reserved: No
    status_changed_ms: Millis
    worker: No


class IdleOrder:
    """The members of one queue by idleness on one channel; a superset of those who are free."""

    __slots__ = ("_heap", "_inside", "_key", "_unasked")

    def __init__(self, workers: Iterator[No], key: Callable[[No], IdleKey]) -> None:
        self._key = key
        self._heap = [key(no) for no in workers]
        heapq.heapify(self._heap)
        self._inside = {each.worker for each in self._heap}
        self._unasked = 0

    @property
    def is_kept_in_vain(self) -> bool:
        return self._unasked > len(self._heap) + UNASKED_MAX

    def add(self, no: No) -> None:
        self._unasked += 1
        if no not in self._inside:
            self._inside.add(no)
            heapq.heappush(self._heap, self._key(no))

    def shrink(self) -> bool:
        """Of one that is dropped: let some entries go; return whether that was all."""
        del self._heap[-_SHRINK_BY:]
        return not self._heap

    def entries(self) -> dict[No, IdleKey]:
        return {each.worker: each for each in self._heap}

    def first(
        self, candidates: Bits, slots: Slots, accepts: Callable[[No], bool], count: int, asked_max: int
    ) -> list[No] | None:
        """Up to `count` of `candidates` that `accepts` takes, longest idle first. None, if that would take asking more
        than `asked_max` of them."""
        heap, self._unasked = self._heap, 0
        seen: list[IdleKey] = []
        chosen: list[No] = []
        while heap and len(chosen) < count and len(seen) < asked_max:
            no = heap[0].worker
            if not slots.bit(no) & candidates:
                heapq.heappop(heap)
                self._inside.discard(no)
            elif (current := self._key(no)) != heap[0]:
                heapq.heapreplace(heap, current)
            else:
                seen.append(heapq.heappop(heap))
                if accepts(no):
                    chosen.append(no)
        is_complete = not heap or len(chosen) == count
        for key in seen:
            heapq.heappush(heap, key)
        return chosen if is_complete else None


class IdleOrders:
    """Those of all queues and channels that were asked for."""

    def __init__(self, queues: Slots) -> None:
        self._queues = queues
        self._orders: dict[No, dict[No, IdleOrder]] = {}  # by channel, then by queue
        self._kept: dict[No, Bits] = {}  # channel -> queues
        self._dropped: list[IdleOrder] = []  # that still have memory to give back

    def find(self, queue: No, channel: No) -> IdleOrder | None:
        return self._orders.get(channel, {}).get(queue)

    def keep(self, queue: No, channel: No, order: IdleOrder) -> None:
        self._orders.setdefault(channel, {})[queue] = order
        self._kept[channel] = self._kept.get(channel, 0) | self._queues.bit(queue)

    def add(self, worker: No, channel: No, queues: Bits) -> None:
        """A worker is free on a channel, and in these queues."""
        if self._dropped and self._dropped[-1].shrink():
            self._dropped.pop()
        kept = self._kept.get(channel, 0) & queues
        if kept:
            orders = self._orders[channel]
            for queue in self._queues.numbers(kept):
                orders[queue].add(worker)
                if orders[queue].is_kept_in_vain:
                    self._drop(queue, channel)

    def forget_channel(self, channel: No) -> None:
        self._dropped.extend(self._orders.pop(channel, {}).values())
        self._kept.pop(channel, None)

    def forget_queue(self, queue: No) -> None:
        """Before its slot goes to another."""
        for channel, orders in self._orders.items():
            if queue in orders:
                self._drop(queue, channel)

    def clear(self) -> None:
        for orders in self._orders.values():
            self._dropped.extend(orders.values())
        self._orders.clear()
        self._kept.clear()

    def entries(self) -> Iterator[tuple[No, No, dict[No, IdleKey]]]:
        """Queue, channel, and the workers in an order with the key that each was seen with."""
        for channel, orders in self._orders.items():
            for queue, order in orders.items():
                yield queue, channel, order.entries()

    def _drop(self, queue: No, channel: No) -> None:
        self._dropped.append(self._orders[channel].pop(queue))
        self._kept[channel] ^= self._queues.bit(queue)
