"""Who gets which task next (routing.md 6): every worker is asked for every waiting task, in order."""

from __future__ import annotations

from collections import Counter
from typing import NamedTuple

from pointsman.core.types import No, Task, Worker, WorkerChannel
from tests.simulation.auditor import language
from tests.simulation.auditor.books import Books, in_order, routed_to, seen_of

Obstacle = str | None  # why a worker can't take a task; None: it can


class Offer(NamedTuple):
    """This task goes to these workers, in this order."""

    task: No
    workers: list[No]


class Skip(NamedTuple):
    """`skip_if` leads this task out of its target."""

    task: No


class Look:
    """One look at everything, as it is now."""

    def __init__(self, books: Books) -> None:
        self.books = books
        self.live_of_worker = Counter(each.worker for each in books.reservations.values())
        self.live_on_channel = Counter(each.worker_channel for each in books.reservations.values())
        self._own: dict[tuple[No, No], WorkerChannel] = {
            (each.worker, each.channel): each for each in books.worker_channels.values()
        }
        self.clock = language.clock(books.now_ms)
        self._free: dict[No, list[Worker]] = {}

    def _channel_of(self, worker: No, channel: No) -> WorkerChannel:
        return self._own.get((worker, channel)) or self.books.channel_of(worker, channel)

    # --- whom ---------------------------------------------------------------------------------------------------

    def takers(self, task: Task) -> list[Worker]:
        """Everybody who could be offered the task now."""
        direct = routed_to(task)
        asked = in_order(self.books.workers) if direct is not None else self.free(task.channel)
        return [worker for worker in asked if self.obstacle(worker, task) is None]

    def free(self, channel: No) -> list[Worker]:
        if channel not in self._free:
            everybody = in_order(self.books.workers)
            self._free[channel] = [worker for worker in everybody if self.not_free(worker, channel) is None]
        return self._free[channel]

    def obstacle(self, worker: Worker, task: Task) -> Obstacle:
        """The first condition of 6.3 that fails; of direct tasks, 4.9."""
        books, direct = self.books, routed_to(task)
        if direct is not None:
            if worker.sid != direct:
                return f"the task is routed to {direct}"
            return self.holds_another(worker) if task.ignore_capacity else self.not_free(worker, task.channel)
        assert task.queue is not None
        why = self.not_free(worker, task.channel)
        if why is None and not books.is_member(worker, books.queues[task.queue]):
            why = f"it is not in queue {books.queues[task.queue].friendly_name}"
        return why or self._unsuited(worker, task)

    def holds_another(self, worker: Worker) -> Obstacle:
        """Without multitasking nobody has two live reservations (design 7)."""
        if not self.books.workspace.multi_task_enabled and self.live_of_worker[worker.no]:
            return "it has a live reservation, and the workspace is single-tasking"
        return None

    def not_free(self, worker: Worker, channel: No) -> Obstacle:
        activity, own = self.books.activities[worker.activity], self._channel_of(worker.no, channel)
        if not activity.available:
            return f"its activity {activity.friendly_name} is not available"
        if not own.available:
            return "its channel is switched off"
        if self.live_on_channel[own.no] >= own.capacity:
            return f"it is at capacity, {self.live_on_channel[own.no]} of {own.capacity}"
        return self.holds_another(worker)

    def _unsuited(self, worker: Worker, task: Task) -> Obstacle:
        target = self.books.target_of(task)
        if target is None:
            return None
        if target.known_by:
            value = language.look_up({"task": seen_of(self.books, task)}, target.known_at)
            if not isinstance(value, str):
                return "the target has a known worker, and the task names nobody"
            mine = worker.sid if target.known_by == "sid" else worker.friendly_name.casefold()
            if (value if target.known_by == "sid" else value.casefold()) != mine:
                return f"the target's known worker is {value}"
        if not target.expression:
            return None
        condition = language.read(target.expression, language.TARGET)
        roots = {
            "task": seen_of(self.books, task),
            "worker": self.books.view(worker, with_channels=condition.reads_channels()),
            "taskrouter": self.clock,
        }
        return None if condition.holds(roots) else f"the target's expression {target.expression} is not true of it"

    # --- in which order -------------------------------------------------------------------------------------------

    def best_first(self, workers: list[Worker], task: Task) -> list[Worker]:
        """By `order_by`, unless a value in it is no integer (5.4); then whoever is longest without a task."""
        ordered = sorted(workers, key=lambda worker: self.idleness(worker, task.channel))
        target = None if routed_to(task) else self.books.target_of(task)
        if target is None or not target.order_by or len(workers) < 2:
            return ordered
        keys: dict[No, list[float]] = {worker.no: [] for worker in workers}
        for path, descending in language.read_order(target.order_by):
            for worker in workers:
                value = language.look_up({"worker": self.books.view(worker, with_channels=False)}, path)
                if value is None:
                    keys[worker.no] += [1, 0]  # those without the attribute come last, ascending and descending alike
                elif language.kind(value) == "number" and value == int(value):
                    keys[worker.no] += [0, -value if descending else value]
                else:
                    return ordered
        return sorted(ordered, key=lambda worker: keys[worker.no])

    def idleness(self, worker: Worker, channel: No) -> tuple[int, int, int]:
        """6.3: by the newest reservation (of this channel alone, with ChannelOptimizedRouting), then by the last
        change of activity, then by number."""
        optimized = self.books.channels[channel].channel_optimized_routing
        last = self._channel_of(worker.no, channel).last_reserved if optimized else worker.last_reserved
        return last, worker.status_changed_ms, worker.no

    # --- skipping -------------------------------------------------------------------------------------------------

    def is_skipped(self, task: Task) -> bool:
        """4.4: asked of the queue's workers, whatever their capacity and the target's expression."""
        target = None if routed_to(task) else self.books.target_of(task)
        if target is None or target.skip_if is None or task.queue is None:
            return False
        books = self.books
        counts = dict.fromkeys((each.sid for each in books.activities.values()), 0) | {"available": 0, "unavailable": 0}
        for worker in books.members(books.queues[task.queue]):
            activity = books.activities[worker.activity]
            counts[activity.sid] += 1
            counts["available" if activity.available else "unavailable"] += 1
        return language.read(target.skip_if, language.SKIP_IF).holds({"workers": counts})


def next_decision(books: Books, fresh: set[No], perhaps_asked: set[No], skipped: No | None) -> Offer | Skip | None:
    """The first task of all that somebody free can take, or that `skip_if` leads on. `skip_if` is asked only of fresh
    tasks, those that have just come to their place (4.4); `fresh` loses those that were asked. A step that its limit
    cut short may or may not have asked those in `perhaps_asked`: whether one is led on shows in `skipped`, the task
    that the router did lead on now."""
    look = Look(books)
    for task in sorted((task for task in books.tasks.values() if books.waits(task)), key=books.place_in_line):
        workers = look.takers(task)
        if workers:
            queue = books.queues.get(task.queue or 0)
            count = 1 if queue is None or routed_to(task) else queue.max_reserved_workers
            return Offer(task.no, [worker.no for worker in look.best_first(workers, task)[:count]])
        if task.no in fresh or (task.no in perhaps_asked and task.no == skipped):
            fresh.discard(task.no)
            perhaps_asked.discard(task.no)
            if look.is_skipped(task):
                return Skip(task.no)
    return None
