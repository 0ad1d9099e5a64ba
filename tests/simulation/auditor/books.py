"""What is true of a workspace now, as the events told it: plain tables, and questions that look at everything."""

from __future__ import annotations

import json
from functools import lru_cache
from hashlib import blake2b
from typing import Any, TypeVar, cast

from msgspec.structs import replace

from pointsman.core.events import Event
from pointsman.core.limits import ASSIGNED_S_MAX, ASSIGNMENTS_MAX, ENDED_TASK_KEPT_S
from pointsman.core.types import (
    RESERVATION_ENDED,
    RESERVATION_ENGAGED,
    TASK_ENDED,
    Activity,
    Configuration,
    Entity,
    Gone,
    Job,
    Millis,
    No,
    QueueOrder,
    Reservation,
    ReservationStatus,
    Task,
    TaskChannel,
    TaskQueue,
    TaskStatus,
    Transfer,
    Worker,
    WorkerChannel,
    Workflow,
    Workspace,
)
from tests.simulation.auditor import configuration, language
from tests.simulation.auditor.configuration import Configured, Target

E = TypeVar("E", bound=Entity)
KINDS: tuple[type[Entity], ...] = (
    Workspace,
    Activity,
    TaskChannel,
    Worker,
    WorkerChannel,
    TaskQueue,
    Configuration,
    Workflow,
    Task,
    Reservation,
    Transfer,
    Job,
)
WAITING_OR_RESERVED = (TaskStatus.PENDING, TaskStatus.RESERVED)


class Books:
    def __init__(self, assignments_max: int = ASSIGNMENTS_MAX) -> None:
        self.assignments_max = assignments_max  # an operator may move it
        self.now_ms: Millis = Millis(0)
        self.next_no: No = 1
        self.deleted = False
        self.tables: dict[type[Entity], dict[No, Any]] = {kind: {} for kind in KINDS}
        self.ended: dict[No, Task | Reservation] = {}
        self._open_tables()

    def _open_tables(self) -> None:
        self.activities: dict[No, Activity] = self.tables[Activity]
        self.channels: dict[No, TaskChannel] = self.tables[TaskChannel]
        self.workers: dict[No, Worker] = self.tables[Worker]
        self.worker_channels: dict[No, WorkerChannel] = self.tables[WorkerChannel]
        self.queues: dict[No, TaskQueue] = self.tables[TaskQueue]
        self.configurations: dict[No, Configuration] = self.tables[Configuration]
        self.workflows: dict[No, Workflow] = self.tables[Workflow]
        self.tasks: dict[No, Task] = self.tables[Task]
        self.reservations: dict[No, Reservation] = self.tables[Reservation]
        self.transfers: dict[No, Transfer] = self.tables[Transfer]
        self.jobs: dict[No, Job] = self.tables[Job]

    # --- keeping ------------------------------------------------------------------------------------------------

    def apply(self, event: Event) -> None:
        for change in event.changed():
            self.put(change)

    def put(self, change: Any) -> None:
        if isinstance(change, Gone):
            for table in self.tables.values():
                table.pop(change.no, None)
            self.ended.pop(change.no, None)
            return
        over = (
            change.status in (TASK_ENDED if isinstance(change, Task) else RESERVATION_ENDED)
            if isinstance(change, Task | Reservation)
            else False
        )
        if over:
            self.tables[type(change)].pop(change.no, None)
            self.ended[change.no] = change
        else:
            self.tables[type(change)][change.no] = change
        self.next_no = max(self.next_no, change.no + 1)

    def page(self) -> tuple[Any, ...]:
        """All that is needed to turn back to this moment."""
        tables = {kind: dict(table) for kind, table in self.tables.items()}
        return self.now_ms, self.next_no, self.deleted, tables, dict(self.ended)

    def turn_back(self, page: tuple[Any, ...]) -> None:
        self.now_ms, self.next_no, self.deleted, tables, ended = page
        self.tables = {kind: dict(table) for kind, table in tables.items()}
        self.ended = dict(ended)
        self._open_tables()

    # --- finding ------------------------------------------------------------------------------------------------

    @property
    def exists(self) -> bool:
        return bool(self.tables[Workspace])

    @property
    def workspace(self) -> Workspace:
        return cast(Workspace, self.tables[Workspace][1])

    def find(self, kind: type[E], sid: str) -> E | None:
        """By sid; of tasks and reservations those that have ended too, for five minutes (routing.md 2.1)."""
        no = number_in(sid)
        found = self.tables[kind].get(no) or self.ended.get(no)
        if found is None or found.sid != sid or not isinstance(found, kind):
            return None
        if isinstance(found, Task | Reservation) and self.is_removed(found):
            return None
        return found

    def is_removed(self, one: Task | Reservation) -> bool:
        """A completed or canceled task is removed after five minutes, and its reservations with it."""
        if isinstance(one, Reservation):
            task = self.tasks.get(one.task) or self.ended.get(one.task)
            return not isinstance(task, Task) or self.is_removed(task)
        return one.ended_ms is not None and one.ended_ms + ENDED_TASK_KEPT_S * 1_000 <= self.now_ms

    def named(self, kind: type[E], name: str, field: str = "friendly_name") -> E | None:
        """Names are compared without case."""
        for each in in_order(self.tables[kind]):
            if getattr(each, field).casefold() == name.casefold():
                return cast(E, each)
        return None

    def channel(self, name: str) -> TaskChannel | None:
        """By sid or unique name."""
        if looks_like_sid(name, "TC"):
            return self.find(TaskChannel, name)
        return self.named(TaskChannel, name, "unique_name")

    def channel_of(self, worker: No, channel: No) -> WorkerChannel:
        """One that nothing has changed yet is what it was when worker and task channel came to be, and no row."""
        found = [each for each in self.worker_channels.values() if each.worker == worker and each.channel == channel]
        assert len(found) <= 1, "a worker has one worker channel for each task channel (1.4)"
        return found[0] if found else self._unchanged(self.workers[worker], self.channels[channel])

    @staticmethod
    def _unchanged(worker: Worker, channel: TaskChannel) -> WorkerChannel:
        since_ms = max(worker.created_ms, channel.created_ms)
        sid = f"WC{blake2b(f'{worker.sid} {channel.sid}'.encode(), digest_size=10).hexdigest()}{channel.no:012x}"
        return WorkerChannel(
            no=channel.no, sid=sid, created_ms=since_ms, updated_ms=since_ms, worker=worker.no, channel=channel.no
        )

    def numbered(self, own: WorkerChannel, ahead: int = 0) -> WorkerChannel:
        """As a row, which it becomes when something changes it; `ahead` others become rows before it."""
        return own if own.no in self.worker_channels else replace(own, no=self.next_no + ahead)

    # --- reservations -------------------------------------------------------------------------------------------

    def held_by(self, worker: No) -> list[Reservation]:
        """A worker's live reservations, oldest first."""
        return [each for each in in_order(self.reservations) if each.worker == worker]

    def held_on(self, worker_channel: No) -> list[Reservation]:
        return [each for each in self.reservations.values() if each.worker_channel == worker_channel]

    def offers_of(self, task: No) -> list[Reservation]:
        """A task's pending reservations, oldest first."""
        pending = ReservationStatus.PENDING
        return [each for each in in_order(self.reservations) if each.task == task and each.status is pending]

    def at_work_on(self, task: No) -> list[Reservation]:
        """A task's accepted and wrapping reservations, oldest first."""
        return [
            each for each in in_order(self.reservations) if each.task == task and each.status in RESERVATION_ENGAGED
        ]

    # --- transfers ------------------------------------------------------------------------------------------------

    def transfer_of(self, task: Task) -> Transfer | None:
        """The one that is under way."""
        return None if task.transfer is None else self.transfers[task.transfer]

    def transfers_of(self, task: No) -> list[Transfer]:
        """All that there were and are, oldest first."""
        return [each for each in in_order(self.transfers) if each.task == task]

    # --- workflows ----------------------------------------------------------------------------------------------

    def rules(self, configuration_no: No) -> Configured:
        return configuration.read(self.configurations[configuration_no].document)

    def target_of(self, task: Task) -> Target | None:
        return self.rules(task.place.configuration).target(task.place) if task.place else None

    def members(self, queue: TaskQueue) -> list[Worker]:
        return [worker for worker in self.workers.values() if self.is_member(worker, queue)]

    def is_member(self, worker: Worker, queue: TaskQueue) -> bool:
        """routing.md 1.6: whose attributes satisfy TargetWorkers, whatever the activity."""
        return _is_member(queue.target_workers, *self._visible(worker))

    def view(self, worker: Worker, *, with_channels: bool) -> dict[str, Any]:
        """routing.md 5.3: what expressions see of a worker; the built-in names win over attributes."""
        seen = dict(_view(*self._visible(worker)))
        if with_channels:
            seen["channel"] = {
                channel.unique_name: self._channel_view(self.channel_of(worker.no, channel.no))
                for channel in self.channels.values()
            }
        return seen

    def _visible(self, worker: Worker) -> tuple[str, str, str, str, str]:
        activity = self.activities[worker.activity]
        return worker.attributes, worker.sid, worker.friendly_name, activity.sid, activity.friendly_name

    def _channel_view(self, own: WorkerChannel) -> dict[str, Any]:
        """routing.md 1.4: pending, accepted and wrapping ones use capacity; only accepted ones are assigned."""
        held = self.held_on(own.no)
        left = own.capacity - len(held)
        return {
            "configured_capacity": own.capacity,
            "assigned_tasks": sum(each.status is ReservationStatus.ACCEPTED for each in held),
            "available_capacity_percentage": max(0, 100 * left // own.capacity) if own.capacity else 0,
            "available": own.available,
        }

    # --- the line -----------------------------------------------------------------------------------------------

    def waits(self, task: Task) -> bool:
        """Pending, not in a pause after failed callbacks, and somewhere to wait."""
        somewhere = task.queue is not None or task.routing_target is not None
        return task.status is TaskStatus.PENDING and task.paused_until_ms is None and somewhere

    def place_in_line(self, task: Task) -> tuple[int, ...]:
        """routing.md 6.1 and 6.2: PrioritizeQueueOrder says which kind of queue is emptied first; FIFO goes by
        priority, then virtual start; LIFO by the newest virtual start alone; equal times by number. A direct task
        stands in no queue's line: FIFO."""
        queue = self.queues.get(task.queue or 0) if routed_to(task) is None else None
        kind = queue.task_order if queue else QueueOrder.FIFO
        later = int(kind is not self.workspace.prioritize_queue_order)
        if kind is QueueOrder.LIFO:
            return later, -task.virtual_start_ms, -task.no
        return later, -task.priority, task.virtual_start_ms, task.no

    # --- time ---------------------------------------------------------------------------------------------------

    def expires_ms(self, task: Task) -> int:
        """routing.md 1.7: the time to live runs from creation until the task is assigned; from then it has 24 hours,
        also while it is transferred."""
        if task.assigned_ms is not None:
            return task.assigned_ms + ASSIGNED_S_MAX * 1_000
        return task.created_ms + task.timeout_s * 1_000

    def due_ms(self, task: Task) -> int:
        """When time alone will change a live task. Target timers move it only while it is pending (4.3)."""
        times = [self.expires_ms(task)]
        if task.status is TaskStatus.PENDING:
            times += [
                each for each in (task.target_deadline_ms, task.paused_until_ms, task.reserve_by_ms) if each is not None
            ]
        return min(times)

    def first_due(self) -> tuple[int, No] | None:
        """The next deadline of all, and whose."""
        due = [(self.due_ms(task), task.no) for task in self.tasks.values()]
        due += [
            (each.deadline_ms, each.no)
            for each in self.reservations.values()
            if each.status is ReservationStatus.PENDING
        ]
        return min(due, default=None)


def in_order(table: dict[No, E]) -> list[E]:
    return [table[no] for no in sorted(table)]


def number_in(sid: str) -> No:
    return int(sid[-12:], 16) if looks_like_sid(sid) else 0


def looks_like_sid(text: str, prefix: str = "") -> bool:
    digits = text[2:]
    shape = len(text) == 34 and text[:2].isalpha() and text[:2].isupper()
    return shape and text.startswith(prefix) and all(digit in "0123456789abcdefABCDEF" for digit in digits)


def sid_of(prefix: str, no: No) -> str:
    """In simulations a sid follows from the number alone."""
    return f"{prefix}{no:032x}"


def routed_to(task: Task) -> str | None:
    """The worker that a direct task is for, until somebody has had it: then it goes wherever it is transferred."""
    if task.assigned_ms is not None or not (task.routing_target or "").startswith("WK"):
        return None
    return task.routing_target


def seen_of(books: Books, task: Task) -> dict[str, Any]:
    """routing.md 5.3: what expressions see of a task; its attributes win over the built-in names."""
    return {
        "sid": task.sid,
        "priority": task.priority,
        "task_channel_unique_name": books.channels[task.channel].unique_name,
        **attributes_of(task.attributes),
    }


@lru_cache(maxsize=4_096)
def attributes_of(text: str) -> dict[str, Any]:
    return dict(json.loads(text))


@lru_cache(maxsize=4_096)
def _view(attributes: str, sid: str, name: str, activity_sid: str, activity_name: str) -> dict[str, Any]:
    return {
        **json.loads(attributes),
        "sid": sid,
        "friendly_name": name,
        "activity_sid": activity_sid,
        "activity_name": activity_name,
    }


@lru_cache(maxsize=65_536)
def _is_member(expression: str, *visible: str) -> bool:
    return language.read(expression, language.QUEUE).holds({"worker": _view(*visible)})
