"""The indexes of a workspace: each follows the entities as they are put, and nothing else moves them.

What an index holds follows from the entities alone: grown, caught up or loaded, it gives the same choices.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any, cast

import msgspec

from pointsman.core.engine.bits import Bits, Slots
from pointsman.core.engine.census import Census
from pointsman.core.engine.deadlines import Deadlines
from pointsman.core.engine.idle import IdleOrders
from pointsman.core.engine.membership import Membership
from pointsman.core.engine.roll import Roll
from pointsman.core.engine.tables import Tables
from pointsman.core.engine.traits import trait_of
from pointsman.core.engine.transitions import (
    WAITING_OR_RESERVED,
    reservation_deadline_ms,
    task_deadline_ms,
    task_waits,
)
from pointsman.core.engine.waiting import DIRECT, First, Place, TaskClass, Trait, Waiting
from pointsman.core.expression import Expression, next_clock_change_ms
from pointsman.core.limits import STEP_MOVES_MAX
from pointsman.core.types import (
    Activity,
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
    Workflow,
    Workspace,
)

_UNCHANGED = WorkerChannel(no=0, sid="", created_ms=Millis(0), updated_ms=Millis(0), worker=0, channel=0)
_decode = msgspec.json.Decoder().decode


class Indexes(Tables):
    """Beside them, what routing has still to look at: it follows from the same changes."""

    def __init__(self) -> None:
        super().__init__()
        self.now_ms: Millis = Millis(0)
        self.followers = {
            Workspace: self._on_workspace,
            Activity: self._on_activity,
            TaskChannel: self._on_channel,
            Worker: self._on_worker,
            WorkerChannel: self._on_worker_channel,
            TaskQueue: self._on_queue,
            Workflow: self._on_workflow,
            Task: self._on_task,
            Reservation: self._on_reservation,
            Transfer: self._on_transfer,
        }
        self.worker_slots, self.queue_slots = Slots(), Slots()
        self.membership = Membership(self.worker_slots, self.queue_slots)
        self.waiting = Waiting()
        self.task_roll = Roll(self.tasks)
        self.census = Census(self.tasks)
        self.deadlines = Deadlines()
        self.names: dict[tuple[str, str], No] = {}  # (kind, name without case) -> who has it
        self.counts: Counter[tuple[str, No]] = Counter()  # of those that refer to an activity or configuration
        self.views: dict[No, dict[str, Any]] = {}  # worker -> what expressions see of it
        self.own_channels: dict[No, dict[No, No]] = {}  # channel -> worker -> worker channel, of those that are stored
        self.live_of_worker: dict[No, dict[No, None]] = {}  # worker -> its live reservations, oldest first
        self.live_of_task: dict[No, dict[No, None]] = {}
        self.transfers_of_task: dict[No, dict[No, None]] = {}
        self.held: Counter[No] = Counter()  # worker channel -> live reservations
        self.assigned: Counter[No] = Counter()  # worker channel -> accepted reservations
        self.in_activity: dict[No, Bits] = {}  # activity -> its workers
        self.watched: dict[str, int] = {}  # `channel` and `activity_name`, where waiting tasks' expressions read them
        self.free: dict[No, Bits] = {}  # channel -> workers who may be offered a task on it
        self.idle = IdleOrders(self.queue_slots)
        self._waiting_queues: dict[No, Bits] = {}  # by channel
        self._misplaced: dict[No, None] = {}  # workers whose indexes are still to follow what has changed for them
        self._placed = 0  # of these, since the last commit
        self.stirred: dict[No, None] = {}  # workers who may match a task that they did not before
        self.asked: dict[No, Place] = {}  # of the stirred: up to where in the line, if a step could not ask for more
        self.overtaking: dict[TaskClass, None] = {}  # what has come into the line meanwhile
        self.firsts: list[First] = []  # what they were found to match
        self.clocked: dict[Trait, Expression] = {}  # of waiting classes: expressions that read the time
        self._clock_due_ms: Millis | None = None  # when what one of them reads changes

    # --- followers ----------------------------------------------------------------------------------------------

    def _recount(self, kind: str, before: No | None, after: No | None) -> None:
        """An entity refers to `after` of a kind now, and did to `before`."""
        if before != after:
            _move(
                self.counts,
                (kind, before) if before is not None else None,
                (kind, after) if after is not None else None,
            )

    def _rename(self, kind: str, before: Any, after: Any, field: str = "friendly_name") -> None:
        old = (kind, getattr(before, field).casefold()) if before else None
        new = (kind, getattr(after, field).casefold()) if after else None
        if old != new:
            if old and self.names.get(old) == before.no:
                del self.names[old]
            if new:
                self.names[new] = after.no

    def _on_workspace(self, before: Workspace | None, after: Workspace | None) -> None:
        if before and after and before.prioritize_queue_order is not after.prioritize_queue_order:
            self._look_anew()
        if before and after and before.multi_task_enabled is not after.multi_task_enabled:
            self._misplace(self.workers)

    def _on_activity(self, before: Activity | None, after: Activity | None) -> None:
        self._rename("activity", before, after)
        if after is None and before is not None:
            self.in_activity.pop(before.no, None)
        if before and after and before.friendly_name != after.friendly_name:
            workers = self.worker_slots.numbers(self.in_activity.get(after.no, 0))
            if self.membership.reads("activity_name") or "activity_name" in self.watched:
                self._misplace(workers)
            else:
                for no in workers:
                    self.views[no]["activity_name"] = after.friendly_name

    def _on_channel(self, before: TaskChannel | None, after: TaskChannel | None) -> None:
        self._rename("task_channel", before, after, "unique_name")
        one = cast(TaskChannel, after or before)
        if before is None:
            self.free[one.no] = self._free_but_for_capacity()
            for worker in self.own_channels.get(one.no, ()):  # if its deletion is undone
                self._refresh_channel(worker, one.no)
        elif after is None:
            self.free.pop(one.no, None)
        if (before is None or after is None) and "channel" in self.watched:
            for worker in self.workers:
                self._stir(worker)
        if not (before and after and before.channel_optimized_routing is after.channel_optimized_routing):
            self.idle.forget_channel(one.no)

    def _on_workflow(self, before: Workflow | None, after: Workflow | None) -> None:
        self._rename("workflow", before, after)

    def _on_queue(self, before: TaskQueue | None, after: TaskQueue | None) -> None:
        self._rename("task_queue", before, after)
        one = cast(TaskQueue, after or before)
        if before is None:
            self.queue_slots.add(one.no)
        for use in ("reservation_activity", "assignment_activity"):
            self._recount("activity", getattr(before, use, None), getattr(after, use, None))
        self._have_joined(self.membership.put_queue(before, after), one.no)
        if before and after and before.task_order is not after.task_order:
            self.waiting.reorder(one.no)
            self._look_anew()
            self.index_some()
        if after is None:
            self.idle.forget_queue(one.no)
            self.queue_slots.remove(one.no)

    def _on_worker(self, before: Worker | None, after: Worker | None) -> None:
        if before and after and _seen(before) == _seen(after):
            return
        self._rename("worker", before, after)
        one = cast(Worker, after or before)
        if before is None:
            self.worker_slots.add(one.no)
        self._recount("activity", before.activity if before else None, after.activity if after else None)
        bit = self.worker_slots.bit(one.no)
        if before is not None:
            self.in_activity[before.activity] ^= bit
        if after is not None:
            self.in_activity[after.activity] = self.in_activity.get(after.activity, 0) | bit
        if after is None:
            for channel in self.free:
                self.free[channel] &= ~bit
            self.membership.put_worker(one.no, None)
            self.views.pop(one.no, None)
            self.stirred.pop(one.no, None)
            self._misplaced.pop(one.no, None)
            self.worker_slots.remove(one.no)
            return
        alike = before is not None and before.attributes == after.attributes
        self._place_worker(after, self.views[one.no] if alike else _decode(after.attributes))
        if before is None or before.activity != after.activity:
            self._refresh_free(after.no)

    def _place_worker(self, worker: Worker, attributes: Mapping[str, Any]) -> None:
        """What expressions see of a worker has changed: its queues follow. If its attributes have not, they may be what
        was seen before."""
        self._misplaced.pop(worker.no, None)
        activity = self.activities[worker.activity]
        self.views[worker.no] = {
            **attributes,
            "sid": worker.sid,  # the built-in names win over attributes [inferred]
            "friendly_name": worker.friendly_name,
            "activity_sid": activity.sid,
            "activity_name": activity.friendly_name,
        }
        joined = self.membership.put_worker(worker.no, self.views[worker.no])
        if joined:
            bit = self.worker_slots.bit(worker.no)
            for channel, free in self.free.items():
                if free & bit:
                    self.idle.add(worker.no, channel, joined)
        self._stir(worker.no)

    def _have_joined(self, workers: Bits, queue: No) -> None:
        """All of these are new in a queue, and nothing else about them has changed: who is free may take its tasks."""
        somewhere: Bits = 0
        for channel, free in self.free.items():
            somewhere |= free
            if (order := self.idle.find(queue, channel)) is not None:
                for worker in self.worker_slots.numbers(workers & free):
                    order.add(worker)
        for worker in self.worker_slots.numbers(workers & somewhere):
            self._stir(worker)

    def _stir(self, worker: No) -> None:
        self.stirred[worker] = None
        if self.asked:
            self.asked.pop(worker, None)

    def _look_anew(self) -> None:
        """What was found, or asked so far, was so in another order."""
        for _, worker in self.firsts:
            self.stirred[worker] = None
        self.firsts.clear()
        self.asked.clear()

    def _misplace(self, workers: Iterable[No]) -> None:
        """Something has changed for all of these: in which queues they are, or whether they are free."""
        self._misplaced.update(dict.fromkeys(workers))
        self.index_some()

    @property
    def indexes_are_behind(self) -> bool:
        """Whether some of what a change has brought about is left for later steps, since it may be very much. Nobody is
        offered anything before: so what is chosen does not depend on how it is cut up."""
        return bool(self._misplaced) or not self.waiting.sorted

    def index_some(self) -> bool:
        """Go on with it; return whether that was all."""
        self.waiting.sort_some(self.tasks, self.queues, STEP_MOVES_MAX)
        for _ in range(min(STEP_MOVES_MAX, len(self._misplaced))):
            worker, _ = self._misplaced.popitem()
            self._place_worker(self.workers[worker], self.views[worker])
            self._refresh_free(worker)
            self._placed += 1
        return not self.indexes_are_behind

    @property
    def renewed(self) -> int:
        """How many values have come in the place of others since the last commit: entities, and what expressions see of
        workers who are placed anew."""
        return self.mark() + self._placed

    def forget(self) -> None:
        super().forget()
        self._placed = 0

    def _on_worker_channel(self, before: WorkerChannel | None, after: WorkerChannel | None) -> None:
        if before and after and (before.available, before.capacity) == (after.available, after.capacity):
            return
        one = cast(WorkerChannel, after or before)
        of_channel = self.own_channels.setdefault(one.channel, {})
        if after is not None:
            of_channel[one.worker] = one.no
        else:
            del of_channel[one.worker]
            if not of_channel:
                del self.own_channels[one.channel]
        if one.worker in self.workers and one.channel in self.channels:
            self._refresh_channel(one.worker, one.channel)
            if "channel" in self.watched:
                self._stir(one.worker)

    def _refresh_free(self, worker: No) -> None:
        for channel in self.channels:
            self._refresh_channel(worker, channel)

    def _free_but_for_capacity(self) -> Bits:
        """Those who may be offered a task on a channel of which nobody has any yet."""
        available: Bits = 0
        for activity in self.activities.values():
            if activity.available:
                available |= self.in_activity.get(activity.no, 0)
        if available and not self.workspace.multi_task_enabled:
            available &= ~self.worker_slots.bits(self.live_of_worker)
        return available

    def _refresh_channel(self, worker: No, channel: No) -> None:
        """Whether a worker may be offered a task on a channel: available, there too, with capacity left
        [docs: multitasking]; without multitasking, also with no live reservation at all."""
        bit = self.worker_slots.bit(worker)
        was_free = self.free.get(channel, 0) & bit
        if not self.is_free(worker, channel):
            if was_free:
                self.free[channel] ^= bit
            return
        if not was_free:
            self.free[channel] = self.free.get(channel, 0) | bit
            self.idle.add(worker, channel, self.membership.queues_of.get(worker, 0))
            self._stir(worker)

    def is_free(self, worker: No, channel: No) -> bool:
        own = self.capacity_of(worker, channel)
        return (
            own.available
            and self.held.get(own.no, 0) < own.capacity
            and self.activities[self.workers[worker].activity].available
            and (self.workspace.multi_task_enabled or worker not in self.live_of_worker)
        )

    def capacity_of(self, worker: No, channel: No) -> WorkerChannel:
        """A worker's channel, for those who ask only what it can take and when it was last given something."""
        no = self.own_channels.get(channel, {}).get(worker)
        return _UNCHANGED if no is None else self.worker_channels[no]

    def _on_reservation(self, before: Reservation | None, after: Reservation | None) -> None:
        one = after or before
        assert one is not None
        self.deadlines.set(one.no, reservation_deadline_ms(after) if after else None)
        if before is None or after is None:
            _hold(self.live_of_worker, one.worker, one.no, after is not None)
            _hold(self.live_of_task, one.task, one.no, after is not None)
        _move(self.assigned, _accepted_on(before), _accepted_on(after))
        held_before, held_after = before and before.worker_channel, after and after.worker_channel
        if held_before != held_after:
            _move(self.held, held_before, held_after)
            if one.worker in self.workers:
                self._follow_capacity(before, one)
        if "channel" in self.watched and one.worker in self.workers:
            self._stir(one.worker)

    def _follow_capacity(self, before: Reservation | None, one: Reservation) -> None:
        """A reservation takes, or gives back, capacity of a worker."""
        if before is not None and before.worker_channel != one.worker_channel:  # its task has changed channels
            left = self.worker_channels.get(before.worker_channel)
            if left:
                self._refresh_channel(left.worker, left.channel)
        own = self.worker_channels.get(one.worker_channel)
        if not self.workspace.multi_task_enabled:
            self._refresh_free(one.worker)
            self._stir(one.worker)  # a direct task may ask for nothing but that it holds no other
        elif own:
            self._refresh_channel(one.worker, own.channel)

    def _on_transfer(self, before: Transfer | None, after: Transfer | None) -> None:
        if (before is None) is not (after is None):
            one = cast(Transfer, after or before)
            _hold(self.transfers_of_task, one.task, one.no, after is not None)

    def _on_task(self, before: Task | None, after: Task | None) -> None:
        one = after or before
        assert one is not None
        if before is None:
            self.task_roll.add(one.no)
        elif after is None:
            self.task_roll.shrink()
        self.census.put(before, after)
        self.deadlines.set(one.no, task_deadline_ms(after) if after else None)
        self._recount("configuration", _followed(before), _followed(after))
        if before is not None and one.no in self.waiting:
            self._leave_line(one.no)
        if after is not None and task_waits(after):
            self._enter_line(after)

    # --- the line -----------------------------------------------------------------------------------------------

    def _enter_line(self, task: Task) -> None:
        trait, attributes = trait_of(self, task)
        order = QueueOrder.FIFO if trait.queue == DIRECT else self.queues[trait.queue].task_order
        cls = self.waiting.enter(task, order, trait, attributes)
        if self.asked:
            self.overtaking[cls] = None
        if trait.queue != DIRECT:
            queues = self._waiting_queues.get(trait.channel, 0)
            self._waiting_queues[trait.channel] = queues | self.queue_slots.bit(trait.queue)
        for name in cls.watches:
            _tally(self.watched, name, 1)
        if cls.expression is not None and cls.reads_clock:
            change_ms = next_clock_change_ms(cls.expression, self.now_ms)
            assert change_ms is not None, "it reads the clock"
            earlier = self._clock_due_ms if self.clocked else None
            self._clock_due_ms = Millis(change_ms if earlier is None else min(change_ms, earlier))
            self.clocked[trait] = cls.expression

    def _leave_line(self, no: No) -> None:
        cls = self.waiting.leave(no)
        trait = cls.trait
        for name in cls.watches:
            _tally(self.watched, name, -1)
        if trait in self.clocked and not self.waiting.has_class(trait):
            del self.clocked[trait]
        if trait.queue != DIRECT and not self.waiting.has_line(trait.queue, trait.channel):
            self._waiting_queues[trait.channel] &= ~self.queue_slots.bit(trait.queue)


def _seen(worker: Worker) -> tuple[str, str, No]:
    """What expressions read of a worker, apart from its channels."""
    return (worker.attributes, worker.friendly_name, worker.activity)


def _followed(task: Task | None) -> No | None:
    """The configuration by whose rules a task goes, until somebody has it."""
    if task is None or task.place is None or task.status not in WAITING_OR_RESERVED:
        return None
    return task.place.configuration


def _accepted_on(reservation: Reservation | None) -> No | None:
    """The worker channel on which it is accepted."""
    if reservation is None or reservation.status is not ReservationStatus.ACCEPTED:
        return None
    return reservation.worker_channel


def _move(counter: dict[Any, int], before: Any, after: Any) -> None:
    """Count one less of `before`, and one more of `after`; None is not counted."""
    if before != after:
        if before is not None:
            _tally(counter, before, -1)
        if after is not None:
            _tally(counter, after, 1)


def _tally(counter: dict[Any, int], key: Any, change: int) -> None:
    """Count one more or less; a zero is not kept."""
    count = counter.get(key, 0) + change
    if count:
        counter[key] = count
    else:
        del counter[key]


def _hold(table: dict[No, dict[No, None]], owner: No, member: No, there: bool) -> None:
    if there:
        table.setdefault(owner, {})[member] = None
    else:
        members = table[owner]
        del members[member]
        if not members:
            del table[owner]
