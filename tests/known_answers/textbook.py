"""The same systems without the engine: first come, first served, in the fewest lines that say so.

Nothing here is measured against the engine's code: two lists in order, of the waiting customers and of the servers.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Iterator

from tests.known_answers.systems import Customer, Idle, Served, System


def serve(system: System, customers: Iterable[Customer]) -> Iterator[Served]:
    """What becomes of the customers, in the order in which their services begin."""
    waiting: list[Customer] = []  # in the order in which they came
    order = list(range(len(system.servers)))  # the longest idle first; who works is in it too
    busy: set[int] = set()
    ends: list[tuple[int, int]] = []

    def begin(customer: Customer, server: int, now_ms: int) -> Served:
        if system.idle is Idle.SINCE_LAST_OFFER:
            order.remove(server)
            order.append(server)
        busy.add(server)
        heapq.heappush(ends, (now_ms + customer.service_ms(system.servers[server]), server))
        return Served(customer, server, now_ms - customer.came_ms)

    def end() -> Iterator[Served]:
        now_ms, server = heapq.heappop(ends)
        busy.remove(server)
        if system.idle is Idle.SINCE_LAST_CALL:
            order.remove(server)
            order.append(server)
        for place, customer in enumerate(waiting):
            if customer.type in system.servers[server].skills:
                yield begin(waiting.pop(place), server, now_ms)
                return

    for customer in customers:
        while ends and ends[0][0] <= customer.came_ms:
            yield from end()
        for server in order:
            if server not in busy and customer.type in system.servers[server].skills:
                yield begin(customer, server, customer.came_ms)
                break
        else:
            waiting.append(customer)
    while ends:
        yield from end()
