"""A workspace in memory: its entities (`tables`), the indexes that follow them (`indexes`), and what both are asked."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from msgspec.structs import replace

from pointsman.core.engine.bits import Bits
from pointsman.core.engine.idle import IdleKey, IdleOrder, IdleOrders
from pointsman.core.engine.indexes import Indexes
from pointsman.core.engine.waiting import DIRECT, Known, TaskClass, Trait
from pointsman.core.errors import NotFound
from pointsman.core.events import Event
from pointsman.core.expression import clock_values, next_clock_change_ms
from pointsman.core.ids import is_sid, number_of, worker_channel_sid
from pointsman.core.limits import STANDARD, Limits
from pointsman.core.types import (
    RESERVATION_ENGAGED,
    Millis,
    No,
    QueueOrder,
    Reservation,
    ReservationStatus,
    Task,
    TaskChannel,
    TaskQueue,
    Transfer,
    Worker,
    WorkerChannel,
)


class State(Indexes):
    def __init__(self, limits: Limits = STANDARD) -> None:
        super().__init__()
        self.limits = limits
        self.deleted = False
        self.looks = 0  # at workers, in this step's routing

    # --- reading ------------------------------------------------------------------------------------------------

    def named(self, kind: str, name: str) -> No | None:
        return self.names.get((kind, name.casefold()))

    def channel(self, name: str) -> TaskChannel:
        """A task channel by sid or unique name. Raises: `NotFound`."""
        if is_sid(name, "TC"):
            return self.find(TaskChannel, name)
        no = self.named("task_channel", name)
        if no is None:
            raise NotFound(name)
        return self.channels[no]

    def worker_channel(self, worker: Worker, name: str) -> WorkerChannel:
        """A worker's channel by its own sid, or the task channel's sid or unique name. Raises: `NotFound`."""
        if is_sid(name, "WC"):
            number = number_of(name)
            stored = self.worker_channels.get(number)
            channel = stored.channel if stored else number
            if channel in self.channels and (found := self.own_channel(worker.no, channel)).sid == name:
                return found
            raise NotFound(name)
        return self.own_channel(worker.no, self.channel(name).no)

    def own_channel(self, worker: No, channel: No) -> WorkerChannel:
        """A worker's channel: as it is stored, or as it came to be with worker and task channel."""
        stored = self.capacity_of(worker, channel)
        if stored.no:
            return stored
        owner, kind = self.workers[worker], self.channels[channel]
        since_ms = max(owner.created_ms, kind.created_ms)
        sid = worker_channel_sid(owner.sid, channel, kind.sid)
        return replace(
            stored, no=channel, sid=sid, created_ms=since_ms, updated_ms=since_ms, worker=worker, channel=channel
        )

    def channel_to_change(self, worker: No, channel: No) -> WorkerChannel:
        """The same for one who changes it, and so has to put it: with a number of its own."""
        own = self.own_channel(worker, channel)
        return own if own.no in self.worker_channels else replace(own, no=self.new_no())

    def stored_channels(self, worker: No) -> list[WorkerChannel]:
        """Those of a worker that something has changed, in the order in which it did."""
        numbers = [of_channel[worker] for of_channel in self.own_channels.values() if worker in of_channel]
        return [self.worker_channels[no] for no in sorted(numbers)]

    def is_in_queue(self, worker: Worker, queue: TaskQueue) -> bool:
        """Whether the queue's expression matches the worker, whatever its activity."""
        return bool(self.membership.queues_of.get(worker.no, 0) & self.queue_slots.bit(queue.no))

    def waiting_queues_of(self, worker: No, channel: No) -> Iterable[No]:
        """The queues of a worker in which tasks of a channel wait."""
        waiting = self._waiting_queues.get(channel, 0)
        return self.queue_slots.numbers(self.membership.queues_of.get(worker, 0) & waiting) if waiting else ()

    def pending_of(self, task: Task) -> list[Reservation]:
        """The task's pending reservations, oldest first."""
        return [each for each in self.live_of(task) if each.status is ReservationStatus.PENDING]

    def engaged_of(self, task: Task) -> list[Reservation]:
        """The task's accepted or wrapping reservations, oldest first."""
        return [each for each in self.live_of(task) if each.status in RESERVATION_ENGAGED]

    def live_of(self, owner: Task | Worker) -> list[Reservation]:
        """The live reservations of a task or worker, oldest first: undoing may have left the index in another order."""
        table = self.live_of_task if isinstance(owner, Task) else self.live_of_worker
        return [self.reservations[no] for no in sorted(table.get(owner.no, ()))]

    def transfer_of(self, task: Task) -> Transfer | None:
        """The transfer that is under way."""
        return self.transfers[task.transfer] if task.transfer is not None else None

    def transfers_of(self, task: Task) -> list[Transfer]:
        """All that there were and are, oldest first."""
        return [self.transfers[no] for no in sorted(self.transfers_of_task.get(task.no, ()))]

    def next_deadline_ms(self) -> Millis | None:
        """When a tick is wanted: now, if routing or long work was left unfinished."""
        if self.unsettled:
            return self.now_ms
        due = self.deadlines.first(self.now_ms)
        times = [due[0] if due else None, self._clock_due_ms if self.clocked else None]
        return min((each for each in times if each is not None), default=None)

    @property
    def at_rest(self) -> bool:
        """Whether routing has nothing left to look at."""
        return not (
            self.stirred
            or self.firsts
            or self.waiting.first_fresh(QueueOrder.FIFO) is not None
            or (self.clocked and self._clock_is_due)
            or self.indexes_are_behind
        )

    @property
    def unsettled(self) -> bool:
        return not self.at_rest or bool(self.jobs)

    # --- changing -----------------------------------------------------------------------------------------------

    def apply(self, event: Event) -> None:
        for name in event.changes:
            self.put(getattr(event, name))
        for change in event.also:
            self.put(change)

    def undo(self, mark: int) -> None:
        if self.mark() > mark:
            self.idle.clear()  # they trust that idle keys only grow, and now some shrink
        super().undo(mark)

    def settle(self) -> None:
        """Nobody has to be looked at again: what was loaded, or what undoing has put back, had come to rest."""
        self.stirred.clear()
        self.asked.clear()
        self.firsts.clear()
        self.waiting.settle()
        self._note_clock()

    def stir_all(self) -> None:
        """Look at everybody who is free again."""
        for worker in self.workers:
            self._stir(worker)

    # --- the time, where a target's expression reads it --------------------------------------------------------------

    @property
    def _clock_is_due(self) -> bool:
        return bool(self.clocked) and self._clock_due_ms is not None and self._clock_due_ms <= self.now_ms

    def follow_clock(self) -> None:
        """When what waiting classes read of the time has changed, their free workers may match: not an event, since
        nothing in the workspace has changed."""
        if not self._clock_is_due:
            return
        self._note_clock()
        for trait in self.clocked:
            for worker in self.worker_slots.numbers(self.candidates(trait)):
                self._stir(worker)

    def _note_clock(self) -> None:
        changes = [next_clock_change_ms(expression, self.now_ms) for expression in self.clocked.values()]
        self._clock_due_ms = min((Millis(each) for each in changes if each is not None), default=None)

    # --- workers for a task -------------------------------------------------------------------------------------

    def candidates(self, trait: Trait) -> Bits:
        """The workers who are in the queue and free on the channel; for a direct task, the one that it names."""
        bits = self.free[trait.channel]
        if trait.known is not None:
            only = self.known_worker(trait.known) or 0
            bits = self.worker_slots.bit(only) if self.is_free_for(only, trait) else 0
        return bits if trait.queue == DIRECT else bits & self.membership.members[trait.queue]

    def is_free_for(self, worker: No, trait: Trait) -> bool:
        """`IgnoreCapacity` asks neither for an available worker nor for capacity [oai]; but without multitasking
        nobody has two live reservations."""
        if trait.ignore_capacity:
            return self.workspace.multi_task_enabled or worker not in self.live_of_worker
        return bool(self.free[trait.channel] & self.worker_slots.bit(worker))

    def known_worker(self, known: Known) -> No | None:
        kind, value = known
        if kind == "name":
            return self.named("worker", value)
        no = number_of(value)
        worker = self.workers.get(no)
        return no if worker is not None and worker.sid == value else None

    def accepts(self, cls: TaskClass, worker: No) -> bool:
        """Whether the target expression lets this worker take tasks of the class."""
        if cls.expression is None:
            return True
        self.looks += 1
        view = self.views[worker]
        if cls.reads_channel:
            view = {**view, "channel": self.channel_view(worker)}
        return cls.expression.matches(
            cls.attributes, view, clock_values(self.now_ms) if cls.reads_clock else None, None
        )

    def channel_view(self, worker: No) -> dict[str, Any]:
        """`worker.channel.<unique name>.…` [docs: multitasking]"""
        view = {}
        for channel in self.channels.values():
            own = self.capacity_of(worker, channel.no)
            view[channel.unique_name] = {
                "configured_capacity": own.capacity,
                "assigned_tasks": self.assigned[own.no],
                "available_capacity_percentage": self.capacity_percentage(own),
                "available": own.available,
            }
        return view

    def capacity_percentage(self, own: WorkerChannel) -> int:
        """What is left of a channel's capacity, pending and wrapping reservations counted; 0 if there is none
        [docs: multitasking]."""
        return max(0, 100 * (own.capacity - self.held[own.no]) // own.capacity) if own.capacity else 0

    def let_go(self) -> None:
        """Nobody changes it any more, though some may still be reading. Without what leads back to it, it is freed with
        the last of these; a ring would stay for ever (`pointsman.runtime.garbage`)."""
        self.followers = {}
        self.idle = IdleOrders(self.queue_slots)

    def idle_order(self, queue: No, channel: No) -> IdleOrder:
        order = self.idle.find(queue, channel)
        if order is None:
            members = self.membership.members[queue] & self.free.get(channel, 0)
            order = IdleOrder(self.worker_slots.numbers(members), lambda no: self.idle_key(no, channel))
            self.idle.keep(queue, channel, order)
        return order

    def idle_key(self, worker: No, channel: No) -> IdleKey:
        """Longest idle first: by the newest reservation (of this channel alone, if it has ChannelOptimizedRouting),
        then by the last change of activity [docs: order-workers][inferred]."""
        one = self.workers[worker]
        last = one.last_reserved
        if self.channels[channel].channel_optimized_routing:
            last = self.capacity_of(worker, channel).last_reserved
        return IdleKey(last, one.status_changed_ms, worker)
