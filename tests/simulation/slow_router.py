"""The routing rules a second time, slow and obvious: no indexes, no classes of tasks, every worker for every task.

Written from the rules, not from the engine; it shares with it the entities and the expression language alone. It says
what the next decision must be, from the entities as they are.
"""

from __future__ import annotations

import json
from typing import Any, NamedTuple

from pointsman.core.engine.state import State
from pointsman.core.expression import Context, clock_values, compile_expression, parse_order_by
from pointsman.core.types import Reservation, Task, TaskQueue, Worker, WorkerChannel

LIVE = ("pending", "accepted", "wrapping")


class Offer(NamedTuple):
    """This task goes to these workers, in this order."""

    task: int
    workers: list[int]


class Skip(NamedTuple):
    """`skip_if` leads this task out of its target."""

    task: int


def next_decision(books: State, fresh: set[int]) -> Offer | Skip | None:
    """The first task of all that somebody free can take, or that `skip_if` leads on. `skip_if` is asked of fresh
    tasks alone, those that have just come to their place; `fresh` loses those that were asked."""
    for task in sorted((task for task in books.tasks.values() if waits(task)), key=lambda task: place(books, task)):
        workers = [worker for worker in books.workers.values() if can_take(books, worker, task)]
        if workers:
            queue = books.queues.get(task.queue or 0)
            count = 1 if queue is None or routed_to(task) else queue.max_reserved_workers
            return Offer(task.no, [worker.no for worker in best_first(books, workers, task)[:count]])
        if task.no in fresh:
            fresh.discard(task.no)
            if is_skipped(books, task):
                return Skip(task.no)
    return None


def waits(task: Task) -> bool:
    somewhere = task.queue is not None or task.routing_target is not None
    return task.status == "pending" and task.paused_until_ms is None and somewhere


def place(books: State, task: Task) -> tuple[Any, ...]:
    """PrioritizeQueueOrder says which kind of queue goes first; FIFO is by priority, then age, LIFO by youth."""
    queue = books.queues.get(task.queue or 0)
    kind = queue.task_order if queue else "FIFO"
    later = kind != books.workspace.prioritize_queue_order
    if kind == "LIFO":
        return later, -task.virtual_start_ms, -task.no
    return later, -task.priority, task.virtual_start_ms, task.no


def can_take(books: State, worker: Worker, task: Task) -> bool:
    direct = routed_to(task)
    if direct is not None:
        if worker.sid != direct:
            return False
        return may_hold_another(books, worker) if task.ignore_capacity else is_free(books, worker, task)
    assert task.queue is not None
    return (
        is_free(books, worker, task)
        and is_member(books, worker, books.queues[task.queue])
        and suits(books, worker, task)
    )


def routed_to(task: Task) -> str | None:
    return task.routing_target if (task.routing_target or "").startswith("WK") else None


def may_hold_another(books: State, worker: Worker) -> bool:
    return books.workspace.multi_task_enabled or not held(books, worker=worker.no)


def is_free(books: State, worker: Worker, task: Task) -> bool:
    own = channel_of(books, worker, task.channel)
    return (
        books.activities[worker.activity].available
        and own.available
        and len(held(books, channel=own.no)) < own.capacity
        and may_hold_another(books, worker)
    )


def channel_of(books: State, worker: Worker, channel: int) -> WorkerChannel:
    found = [each for each in books.worker_channels.values() if (each.worker, each.channel) == (worker.no, channel)]
    assert len(found) == 1
    return found[0]


def held(books: State, *, worker: int | None = None, channel: int | None = None) -> list[Reservation]:
    return [
        each
        for each in books.reservations.values()
        if each.status in LIVE and worker in (None, each.worker) and channel in (None, each.worker_channel)
    ]


def is_member(books: State, worker: Worker, queue: TaskQueue) -> bool:
    return compile_expression(queue.target_workers, Context.QUEUE).matches(None, view(books, worker), None, None)


def view(books: State, worker: Worker) -> dict[str, Any]:
    activity = books.activities[worker.activity]
    seen: dict[str, Any] = json.loads(worker.attributes)
    seen["sid"], seen["friendly_name"] = worker.sid, worker.friendly_name
    seen["activity_sid"], seen["activity_name"] = activity.sid, activity.friendly_name
    return seen


def suits(books: State, worker: Worker, task: Task) -> bool:
    """The target's known worker and expression."""
    target = target_of(books, task)
    attributes = json.loads(task.attributes)
    for key, own in (("known_worker_sid", worker.sid), ("known_worker_friendly_name", worker.friendly_name)):
        if target.get(key):
            wanted = attributes.get(target[key].removeprefix("task."))
            exact = own if key == "known_worker_sid" else own.casefold()
            if not isinstance(wanted, str) or (wanted if key == "known_worker_sid" else wanted.casefold()) != exact:
                return False
    if not target.get("expression"):
        return True
    seen = view(books, worker)
    if "worker.channel" in target["expression"]:
        seen["channel"] = {
            books.channels[own.channel].unique_name: channel_view(books, own)
            for own in books.worker_channels.values()
            if own.worker == worker.no
        }
    expression = compile_expression(target["expression"], Context.TARGET)
    return expression.matches(attributes, seen, clock_values(books.now_ms), None)


def channel_view(books: State, own: WorkerChannel) -> dict[str, Any]:
    taken = held(books, channel=own.no)
    return {
        "configured_capacity": own.capacity,
        "assigned_tasks": sum(each.status == "accepted" for each in taken),
        "available_capacity_percentage": max(0, (own.capacity - len(taken)) * 100 // own.capacity)
        if own.capacity
        else 0,
        "available": own.available,
    }


def target_of(books: State, task: Task) -> dict[str, Any]:
    if task.place is None:
        return {}
    routing = json.loads(books.configurations[task.place.configuration].document)["task_routing"]
    if task.place.filter < 0:
        return dict(routing["default_filter"])
    return dict(routing["filters"][task.place.filter]["targets"][task.place.target])


def best_first(books: State, workers: list[Worker], task: Task) -> list[Worker]:
    """By the target's `order_by`, unless a value in it is no integer; then whoever is longest without a task."""
    optimized = books.channels[task.channel].channel_optimized_routing

    def idleness(worker: Worker) -> tuple[int, int, int]:
        own = channel_of(books, worker, task.channel)
        return (own.last_reserved if optimized else worker.last_reserved, worker.status_changed_ms, worker.no)

    ordered = sorted(workers, key=idleness)
    order_by = None if routed_to(task) else target_of(books, task).get("order_by")
    if order_by:
        keys = {worker.no: parse_order_by(order_by).key(view(books, worker)) for worker in workers}
        if len(workers) > 1 and None not in keys.values():
            ordered.sort(key=lambda worker: keys[worker.no] or ())
    return ordered


def is_skipped(books: State, task: Task) -> bool:
    skip_if = None if routed_to(task) else target_of(books, task).get("skip_if")
    if not skip_if:
        return False
    assert task.queue is not None
    members = [worker for worker in books.workers.values() if is_member(books, worker, books.queues[task.queue])]
    counts = {activity.sid: 0 for activity in books.activities.values()} | {"available": 0, "unavailable": 0}
    for worker in members:
        activity = books.activities[worker.activity]
        counts[activity.sid] += 1
        counts["available" if activity.available else "unavailable"] += 1
    return compile_expression(skip_if, Context.SKIP_IF).matches(None, None, None, counts)
