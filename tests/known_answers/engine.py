"""A system as a workspace of the real engine, moved by a virtual clock.

A type is a task queue that asks for a skill; a server is a worker of capacity 1 who accepts every offer at once; a
service lasts from then to the completion of the task. The engine's own idleness is the time since a worker's last
reservation. For the time since the end of the last service, the workers carry it as an attribute and the workflow
says `order_by`: nothing but public rules.
"""

from __future__ import annotations

import heapq
import json
from collections.abc import Iterable, Iterator
from typing import Any

from pointsman.core import commands as cmd
from pointsman.core import events as ev
from pointsman.core.engine.step import step
from pointsman.core.types import Millis, No, Sid
from tests.known_answers.systems import Customer, Idle, Served, System
from tests.world import START_MS, World


class Engine(World):
    """The workspace of a system. Unlike other worlds it keeps no log and checks no invariants: there is much to do."""

    def __init__(self, system: System) -> None:
        super().__init__()
        self.system = system
        self.freed = 0  # how often a worker has become free: the time of `idle_since`
        self.by_idle_since = system.idle is Idle.SINCE_LAST_CALL
        self._desk()
        self.staff = [self.worker(server.name, self._attributes(n)) for n, server in enumerate(system.servers)]
        self.server_of: dict[No, int] = {worker.no: n for n, worker in enumerate(self.staff)}
        self.waiting: dict[No, Customer] = {}  # by the number of the task
        self.ends: list[tuple[int, int, Sid]] = []  # a heap of services: when they end, the server, the task

    def do(self, command: cmd.Command, at_ms: int | None = None, items_max: int = 256) -> list[ev.Event]:
        now = self.state.now_ms if at_ms is None else Millis(START_MS + at_ms)
        events = step(self.state, command, max(now, Millis(START_MS)), self.ids, items_max).events
        self.state.forget()
        return events

    def serve(self, customers: Iterable[Customer]) -> Iterator[Served]:
        """What becomes of the customers, in the order in which their services begin."""
        for customer in customers:
            yield from self._run_until(customer.came_ms)
            values = {"attributes": f'{{"type":{customer.type}}}'}
            events = self.do(cmd.CreateTask(values=values), customer.came_ms)
            self.waiting[self.made(events, ev.TaskCreated).task.no] = customer
            yield from self._accept(events, customer.came_ms)
        while self.ends:
            yield from self._run_until(self.ends[0][0])

    def _run_until(self, at_ms: int) -> Iterator[Served]:
        """End what ends up to then; what ends now ends before anybody comes."""
        while self.ends and self.ends[0][0] <= at_ms:
            end_ms, server, task = heapq.heappop(self.ends)
            self._tick(end_ms)
            if self.by_idle_since:  # while still at work, so that it is known when the worker is free
                self.freed += 1
                values = {"attributes": json.dumps(self._attributes(server))}
                self.do(cmd.UpdateWorker(worker=self.staff[server].sid, values=values), end_ms)
            done = cmd.UpdateTask(task=task, values={"assignment_status": "completed"})
            yield from self._accept(self.do(done, end_ms), end_ms)
        self._tick(at_ms)

    def _accept(self, events: list[ev.Event], now_ms: int) -> Iterator[Served]:
        for event in events:
            if not isinstance(event, ev.ReservationCreated):
                continue
            values = {"reservation_status": "accepted"}
            self.do(cmd.UpdateReservation(reservation=event.reservation.sid, values=values), now_ms)
            customer, server = self.waiting.pop(event.task.no), self.server_of[event.reservation.worker]
            end_ms = now_ms + customer.service_ms(self.system.servers[server])
            heapq.heappush(self.ends, (end_ms, server, event.task.sid))
            yield Served(customer, server, now_ms - customer.came_ms)

    def _tick(self, at_ms: int) -> None:
        while (due := self.state.next_deadline_ms()) is not None and due <= START_MS + at_ms:
            self.do(cmd.Tick(), max(due, self.state.now_ms) - START_MS)

    def _attributes(self, server: int) -> dict[str, Any]:
        return {"skills": sorted(self.system.servers[server].skills), "idle_since": self.freed}

    def _desk(self) -> None:
        """A queue for each type, and the workflow that leads to them."""
        order = {"order_by": "worker.idle_since ASC"} if self.by_idle_since else {}
        filters = []
        for kind in range(len(self.system.rates)):
            queue = self.queue(expression=f"skills HAS {kind}")
            filters.append((f"type == {kind}", {"queue": queue, **order}))
        self.workflow(*filters)
