"""Which waiting tasks go to which workers now.

The rule: the first task of all, by `PrioritizeQueueOrder` and its queue's order, that some free worker can take gets
its best worker (`order_by`, then longest idle), up to `MaxReservedWorkers`; and again, until nobody fits.

At rest, no free worker matches any waiting task. So a new match has a fresh task (new in its line) or a stirred
worker (freed, changed, new in a queue) in it, and only these are looked at: the first of the fresh tasks, and for
each stirred worker the first task that it can take. What comes into the line is fresh, so what a worker can take
otherwise only moves back, and the heap of these firsts may be lazy.

What one step may look at is limited. Nothing is offered while a stirred worker has not been looked at, since its task
may be the first of all, nor while an index is behind what has changed; the rest goes on with the next step. A worker
for whom very many classes wait is asked for those up to a place, and after it by the next step: what moves meanwhile
moves back, or is fresh.
"""

from __future__ import annotations

import heapq
from bisect import bisect_right
from collections.abc import Iterator
from operator import itemgetter

from pointsman.core import events as ev
from pointsman.core.engine.bits import Bits
from pointsman.core.engine.offers import offer
from pointsman.core.engine.state import State
from pointsman.core.engine.traits import target_of
from pointsman.core.engine.travel import skip
from pointsman.core.engine.waiting import DIRECT, Having, Head, Line, OrderKey, Place, TaskClass, task_of
from pointsman.core.ids import Ids
from pointsman.core.limits import STEP_LOOKS_MAX
from pointsman.core.types import Millis, No, QueueOrder, Task

SCAN_MAX = 32  # up to so many candidates are simply sorted; more are taken from the queue's order of idleness
ASKED_MAX = 256  # beyond the first so many of an order, simply asking everybody is less work


def route(state: State, now_ms: Millis, ids: Ids, items_max: int) -> Iterator[ev.Event]:
    """Offer what can be offered, at most `items_max` tasks; what is left makes `state.unsettled` true."""
    state.follow_clock()
    state.looks, firsts = 0, state.firsts
    kind = state.workspace.prioritize_queue_order
    if state.indexes_are_behind and not state.index_some():
        return
    for _ in range(items_max):
        while state.stirred and state.looks < STEP_LOOKS_MAX:
            worker, _ = state.stirred.popitem()
            place = _first_for(state, worker, kind)
            if place is not None:
                heapq.heappush(firsts, (place, worker))
        if state.looks >= STEP_LOOKS_MAX:
            return
        state.overtaking.clear()
        fresh = state.waiting.first_fresh(kind)
        if firsts and (fresh is None or firsts[0][0] <= fresh):
            (_, key), worker = heapq.heappop(firsts)
            if _can_still_take(state, worker, key):
                task = state.tasks[task_of(key)]
                workers = _takers(state, task)
                assert workers, "the line and the orders of idleness agree on who can take a task"
                yield from offer(state, task, workers, now_ms, ids)
            state.stirred[worker] = None  # it may take another, with what capacity is left
        elif fresh is not None:
            state.waiting.settle_fresh(fresh, kind)
            yield from _try(state, state.tasks[task_of(fresh[1])], now_ms, ids)
        else:
            return


def _first_for(state: State, worker: No, kind: QueueOrder) -> Place | None:
    """Where the first waiting task stands that this worker can take now, over all its queues."""
    state.looks += 1
    asked = state.asked.pop(worker, None)
    if worker not in state.workers or not len(state.waiting):
        return None
    if asked is not None and (place := _overtaking(state, worker, asked, kind)) is not None:
        return place
    lines = _lines_for(state, worker)
    if not lines:
        return None
    one = state.workers[worker]
    having = Having(one.sid, one.friendly_name, state.views[worker])
    for rank, heads in enumerate(state.waiting.heads_for(lines, having, kind)):
        if asked is not None and rank <= asked[0]:
            heads = [beyond for each in heads if (beyond := _beyond(each, asked[1]))] if rank == asked[0] else []
        for key, cls in _in_order(heads):
            if _is_free(state, cls, worker) and state.accepts(cls, worker):
                return rank, key
            if state.looks >= STEP_LOOKS_MAX:  # the next step goes on from here
                state.stirred[worker], state.asked[worker] = None, (rank, key)
                return None
    return None


def _in_order(heads: list[list[Head]]) -> Iterator[Head]:
    """Those of all lists. Most often the first of all is wanted, and no other."""
    if heads:
        yield min([each[0] for each in heads])
        rest = heapq.merge(*heads)
        next(rest)
        yield from rest


def _beyond(heads: list[Head], key: OrderKey) -> list[Head]:
    return heads[bisect_right(heads, key, key=itemgetter(0)) :]


def _overtaking(state: State, worker: No, asked: Place, kind: QueueOrder) -> Place | None:
    """The first task that a worker can take of those classes whose head has come forward, maybe to before the place up
    to which the worker was asked. (Their heads are fresh; but if those go to others, what is behind them is not.)"""
    bit = state.worker_slots.bit(worker)
    places = [
        place
        for cls in state.overtaking
        if cls.members and (place := state.waiting.place_of(cls, kind)) <= asked
        if state.candidates(cls.trait) & bit and state.accepts(cls, worker)
    ]
    return min(places, default=None)


def _is_free(state: State, cls: TaskClass, worker: No) -> bool:
    """Whether a worker in whose line a class stands is free for it; a direct task may ask for less than others."""
    return cls.trait.queue != DIRECT or state.is_free_for(worker, cls.trait)


def _lines_for(state: State, worker: No) -> list[Line]:
    """Where a task for this worker may stand. A direct task may ask for less than a free worker."""
    bit = state.worker_slots.bit(worker)
    lines: list[Line] = []
    for channel in state.waiting.channels():
        queues = state.waiting_queues_of(worker, channel) if state.free[channel] & bit else ()
        lines += state.waiting.lines_of(channel, queues)
    return lines


def _can_still_take(state: State, worker: No, key: OrderKey) -> bool:
    """Whether what was the first task for a worker still is: nothing before it can have come that is not fresh."""
    task = task_of(key)
    if worker not in state.workers or task not in state.waiting or state.waiting.key_of(task) != key:
        return False
    cls = state.waiting.class_of(task)
    return bool(state.candidates(cls.trait) & state.worker_slots.bit(worker)) and state.accepts(cls, worker)


def _try(state: State, task: Task, now_ms: Millis, ids: Ids) -> Iterator[ev.Event]:
    """Offer a task to its best workers; if there are none, `skip_if` may lead it on at once [docs: worker-presence]."""
    workers = _takers(state, task)
    if workers:
        yield from offer(state, task, workers, now_ms, ids)
        return
    target = target_of(state, task)
    if target is None or target.skip_if is None or task.queue is None:
        return
    if target.skip_if.matches(None, None, None, presence(state, task.queue)):
        yield from skip(state, task, now_ms)


def _takers(state: State, task: Task) -> list[No]:
    """Whom a waiting task would be offered to now: up to MaxReservedWorkers of its queue, one for a direct task."""
    cls = state.waiting.class_of(task.no)
    queue = state.queues.get(cls.trait.queue)
    return best_workers(state, cls, queue.max_reserved_workers if queue else 1)


def best_workers(state: State, cls: TaskClass, count: int) -> list[No]:
    """The first `count` workers for a class, in order; empty if nobody can take it now."""
    candidates = state.candidates(cls.trait)
    if not candidates:
        return []
    trait = cls.trait
    if trait.known is None and cls.order_by is None and candidates.bit_count() > SCAN_MAX:
        order = state.idle_order(trait.queue, trait.channel)
        chosen = order.first(candidates, state.worker_slots, lambda no: state.accepts(cls, no), count, ASKED_MAX)
        if chosen is not None:
            return chosen
    accepted = [no for no in state.worker_slots.numbers(candidates) if state.accepts(cls, no)]
    return _first_of(state, cls, accepted, count)


def _first_of(state: State, cls: TaskClass, workers: list[No], count: int) -> list[No]:
    """By `order_by`, if every value in it is an integer; ties, and all else, by idleness [docs: order-workers]."""
    if len(workers) <= 1:
        return workers
    channel = cls.trait.channel
    if cls.order_by is not None:
        state.looks += len(workers)
        keys = {no: cls.order_by.key(state.views[no]) for no in workers}
        if None not in keys.values():
            return heapq.nsmallest(count, workers, key=lambda no: (keys[no], state.idle_key(no, channel)))
    return heapq.nsmallest(count, workers, key=lambda no: state.idle_key(no, channel))


def presence(state: State, queue: No) -> dict[str, int]:
    """`workers.available`, `workers.unavailable` and `workers.WA…` of a queue; capacity and the target's expression
    do not matter [docs: worker-presence]."""
    members: Bits = state.membership.members[queue]
    counts = {"available": 0, "unavailable": 0}
    for activity in state.activities.values():
        count = (members & state.in_activity.get(activity.no, 0)).bit_count()
        counts[activity.sid] = count
        counts["available" if activity.available else "unavailable"] += count
    return counts
