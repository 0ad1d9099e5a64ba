"""The workload: a workspace made up from a seed, and traffic, changes and mishaps in it.

Every choice comes from `random.Random(seed)` and from the auditor's books, never from the engine: so a seed gives the
same history, byte for byte, as long as the engine keeps the rules.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from random import Random
from typing import Any, TypeVar

from pointsman.core import commands as cmd
from pointsman.core.types import (
    AccountSid,
    Reservation,
    ReservationStatus,
    Task,
    TaskStatus,
    WorkspaceSid,
)
from tests.simulation.auditor.books import Books, in_order
from tests.simulation.history import Move, Names, Setting
from tests.world import START_MS

T = TypeVar("T")
Make = Callable[[], cmd.Command | None]

SKILLS = ("sales", "support", "billing", "fraud", "vip")
LANGUAGES = ("en", "es", "de", "fr")
TEAMS = ("red", "blue", "green")
QUEUE_EXPRESSIONS = (
    "1==1",
    'skills HAS "sales"',
    'skills HAS "support" AND level >= 2',
    'languages HAS "es" OR languages HAS "de"',
    "level > 1",
    'team IN ["red", "blue"]',
    'team == "green" AND NOT level < 2',
    "routing.rank != null",
    'worker.friendly_name CONTAINS "1"',
    'activity_name == "Available" OR activity_name = "Idle"',
    "level <= 2 OR vip != true",
    'activity_name NOT IN ["Lunch"]',
    "",
)
QUEUE_EXPRESSIONS_BAD = ("skills HAS", 'level == "1', "task.level == 1 2", "vip", 'skills HAS "a" & level > 1')
FILTER_EXPRESSIONS = (
    "1==1",
    'language == "en"',
    'language != "en"',
    'skill == "sales"',
    'task.skill IN ["support", "billing"]',
    "amount > 100",
    "amount >= 10 AND amount < 1000",
    "taskrouter.currentHour >= 22 OR taskrouter.currentHour < 6",
    "taskrouter.currentMin < 30",
    'taskrouter.dayOfWeek IN ["Tue", "Wed"]',
    "grab != null",
)
TARGET_EXPRESSIONS = (
    "task.skill IN worker.skills",
    "worker.languages HAS task.language",
    "worker.level > 1",
    "worker.level >= task.level OR task.level == null",
    "worker.team == task.team",
    "worker.channel.voice.assigned_tasks == 0",
    "worker.channel.chat.available_capacity_percentage > 40",
    "worker.channel.default.configured_capacity >= 2",
    'worker.activity_name == "Available" AND worker.sid != task.not_me',
    "taskrouter.currentTime >= 2230",
    "taskrouter.currentMin >= 14 AND worker.level > 1",
    "worker.routing.rank < 3",
)
ORDERS = (
    "worker.level DESC",
    "worker.level",
    "worker.routing.rank ASC, worker.level DESC",
    "worker.routing.rank DESC",
)
SKIPS = (
    "1==1",
    "workers.available == 0",
    "workers.available < 2",
    "workers.unavailable > 1 OR workers.available > 5",
)
CHANNELS = ("default", "voice", "chat", "chat", "voice", "sms")
PAUSES_MS = (0, 0, 0, 1, 5, 40, 300, 1_000, 1_000, 3_000, 10_000)
LONG_PAUSES_MS = (30_000, 60_000, 120_000, 299_999, 300_000, 900_000, 3_600_000)
JUMPS_MS = (1, 999, 5_000, 60_000, 600_000, 3_600_000, 86_399_999, 86_400_000, 200_000_000, 1_300_000_000)


class Workload:
    def __init__(self, seed: int, steps: int) -> None:
        self.rng = rng = Random(seed)
        self.steps = steps
        self.multi = rng.random() < 0.7
        self.workers = rng.choice((2, 4, 8, 8, 15, 15, 30))
        self.queues, self.workflows = rng.randint(1, 5), rng.randint(1, 3)
        self.mishaps = rng.choice((0.0, 0.03, 0.1))  # failed commits, restarts, open batches
        self.upheaval = rng.choice((0.05, 0.1, 0.1, 0.3))  # changes of the configuration among the traffic
        self.hurry = rng.choice((0.3, 1.0, 1.0, 3.0))  # how long pauses are
        self.demand = rng.choice((0.6, 1.0, 1.0, 2.0))  # tasks for each worker
        limited = rng.random() < 0.25
        self.setting = Setting(
            items_max=rng.choice((1, 1, 2, 3, 7)) if limited else None,
            tick_items_max=rng.choice((1, 2, 5)) if limited or rng.random() < 0.1 else 256,
            scan_max=rng.choice((0, 32)),
            looks_max=rng.choice((1, 3, 4_096)) if limited else 4_096,
            assignments_max=rng.choice((1, 2, 5)) if rng.random() < 0.15 else 1_000,
        )
        self.label = 0
        self.retry: list[Move] = []
        self.batch: list[Move] = []

    def moves(self, books: Books, names: Names) -> Iterator[Move]:
        """The history; `books` and `names` must follow each move before the next is asked for."""
        self.books, self.names = books, names
        for command in self._opening():
            yield self._move(command)
        for _ in range(self.steps):
            yield self._next()
            if books.deleted and self.rng.random() < 0.3:
                return

    # --- moves ----------------------------------------------------------------------------------------------------

    def _move(self, command: cmd.Command | None, **more: Any) -> Move:
        move = Move(label=self.label, command=command, **more)
        self.label += 1
        return move

    def _next(self) -> Move:
        rng = self.rng
        if self.retry:  # after a failed commit the same commands come again
            return self.retry.pop(0)
        command = self._command()
        ends = "commit"
        if rng.random() < self.mishaps:
            ends = rng.choice(("", "", "fail", "restart"))
        move = self._move(command, **self._timing(), ends=ends)
        self.batch.append(move)
        if ends == "fail" and rng.random() < 0.6:
            self.retry = [Move(label=each.label, command=each.command, ends="") for each in self.batch[:-1]]
            self.retry.append(Move(label=move.label, command=move.command))
        if ends:
            self.batch = []
        return move

    def _timing(self) -> dict[str, Any]:
        rng = self.rng
        if self.batch:  # a batch has one time
            return {"pause_ms": 0, "wakes": False}
        chance = rng.random()
        if chance < 0.9:
            return {"pause_ms": int(rng.choice(PAUSES_MS) * self.hurry)}
        if chance < 0.95:
            return {"pause_ms": int(rng.choice(LONG_PAUSES_MS))}
        if chance < 0.985:
            return {"pause_ms": self._until_due_ms(), "ticks": rng.random() < 0.5, "wakes": rng.random() < 0.7}
        return {"pause_ms": rng.choice(JUMPS_MS), "ticks": rng.random() < 0.5, "wakes": rng.random() < 0.8}

    def _until_due_ms(self) -> int:
        """To the next deadline, or just before or past it."""
        due = self.books.first_due()
        gap_ms = max(0, due[0] - self.books.now_ms) if due else 1_000
        return max(0, gap_ms + self.rng.choice((-1, 0, 0, 1)))

    # --- the workspace --------------------------------------------------------------------------------------------

    def _opening(self) -> Iterator[cmd.Command]:
        rng = self.rng
        yield cmd.CreateWorkspace(
            sid=WorkspaceSid("WS" + "0" * 32),
            account_sid=AccountSid("AC" + "0" * 32),
            values={
                "friendly_name": "Simulation",
                "multi_task_enabled": self.multi,
                "prioritize_queue_order": rng.choice(("FIFO", "LIFO")),
                "template": rng.choice(("FIFO", "NONE")),
            },
        )
        yield cmd.CreateActivity(values={"friendly_name": "Lunch"})
        if rng.random() < 0.5:
            yield cmd.CreateActivity(values={"friendly_name": "Ready", "available": True})
        if rng.random() < 0.3:
            yield self._create_channel()
        if rng.random() < 0.3:
            yield cmd.UpdateWorkspace(values={"timeout_activity_sid": self._activity(available=True)})
        for _ in range(self.queues):
            yield self._create_queue()
        for _ in range(self.workflows):
            yield self._create_workflow()
        for _ in range(self.workers):
            yield self._create_worker()
            if rng.random() < 0.25:
                yield self._update_worker_channel(recent=True)
        if rng.random() < 0.4:
            values = {"channel_optimized_routing": True}
            yield cmd.UpdateTaskChannel(channel=rng.choice(CHANNELS), values=values)

    def _command(self) -> cmd.Command:
        rng, books = self.rng, self.books
        if books.deleted or rng.random() < 0.001:
            return cmd.DeleteWorkspace()
        if rng.random() < self.upheaval:
            made = self._pick(UPHEAVAL)(self)
            return made if made is not None else cmd.Tick()
        waiting = sum(task.status is TaskStatus.PENDING for task in books.tasks.values())
        if len(books.tasks) < self.demand * max(3, len(books.workers)) and rng.random() < 0.6 / (1 + waiting / 8):
            return self._create_direct_task() if rng.random() < 0.12 else self._create_task()
        made = self._pick(TRAFFIC)(self)
        return made if made is not None else self._create_task()

    # --- choosing -------------------------------------------------------------------------------------------------

    def _pick(self, options: Sequence[T]) -> T:
        return options[self.rng.randrange(len(options))]

    def _some(self, **values: Callable[[], Any]) -> cmd.Values:
        """A part of the parameters; one at least."""
        names = list(values)
        chosen = [name for name in names if self.rng.random() < 0.3] or [self._pick(names)]
        return {name: values[name]() for name in chosen}

    def _one(self, table: dict[int, Any], prefix: str, ended: Sequence[Any] = ()) -> str:
        """The name of one that is there; now and then of one that has ended or never was."""
        chance = self.rng.random()
        if chance < 0.03 and ended:
            return self.names.of(self._pick(ended).sid)
        known = in_order(table)
        if not known or chance < 0.035:
            return f"{prefix}:9999"
        return self.names.of(self._pick(known).sid)

    def _activity(self, available: bool | None = None) -> str:
        fitting = {no: each for no, each in self.books.activities.items() if available in (None, each.available)}
        return self._one(fitting, "WA")

    def _worker(self) -> str:
        return self._one(self.books.workers, "WK")

    def _queue(self) -> str:
        return self._one(self.books.queues, "WQ")

    def _workflow(self) -> str:
        return self._one(self.books.workflows, "WW")

    def _task(self, *statuses: TaskStatus) -> str | None:
        table = {no: task for no, task in self.books.tasks.items() if not statuses or task.status in statuses}
        ended = [each for each in self.books.ended.values() if isinstance(each, Task)]
        return self._one(table, "WT", ended) if table or ended else None

    def _reservation(self, *statuses: ReservationStatus) -> str | None:
        table = {no: each for no, each in self.books.reservations.items() if each.status in statuses}
        ended = [each for each in self.books.ended.values() if isinstance(each, Reservation)]
        if not table:
            return None
        if len(table) > 3 and self.rng.random() < 0.5:  # people answer what came first
            table = dict(sorted(table.items())[:3])
        return self._one(table, "WR", ended)

    def _version(self, sid_name: str, table: dict[int, Any]) -> int | None:
        """An If-Match, right or wrong; mostly none."""
        if self.rng.random() < 0.9:
            return None
        current = [each.version for each in table.values() if self.names.of(each.sid) == sid_name]
        return current[0] if current and self.rng.random() < 0.6 else self.rng.randint(0, 5)

    def _name(self, prefix: str, fresh: bool = False) -> str:
        """Mostly a new one; now and then one that is taken, in other letters perhaps."""
        if fresh or self.rng.random() < 0.85:
            return f"{prefix} {self.label}"
        return self._pick((prefix, prefix.upper())) + f" {self.rng.randrange(20)}"

    def _channel(self) -> str:
        custom = [each.unique_name for each in self.books.channels.values()]
        return self._pick((*CHANNELS, *CHANNELS, self._pick(custom), "TC:9999"))

    # --- workers --------------------------------------------------------------------------------------------------

    def _worker_attributes(self) -> str:
        rng = self.rng
        attributes: dict[str, Any] = {
            "skills": sorted(rng.sample(SKILLS, rng.randint(1, 3))),
            "languages": sorted(rng.sample(LANGUAGES, rng.randint(1, 2))),
        }
        if rng.random() < 0.8:
            attributes["team"] = rng.choice(TEAMS)
        level = rng.choice((1, 2, 3, "2", 2.5, None))
        if level is not None:
            attributes["level"] = level
        if rng.random() < 0.6:
            attributes["routing"] = {"rank": rng.choice((1, 2, 3, 3))}
        if rng.random() < 0.1:
            attributes["vip"] = True
        return json.dumps(attributes)

    def _create_worker(self) -> cmd.Command:
        available = self.rng.random() < 0.75
        values = {"friendly_name": self._name("worker"), "attributes": self._worker_attributes()}
        if self.rng.random() < 0.95:
            values["activity_sid"] = self._activity(available)
        return cmd.CreateWorker(values=values)

    def _move_worker(self) -> cmd.Command:
        worker = self._worker()
        idle = [each for each in self.books.workers.values() if not self.books.activities[each.activity].available]
        if idle and self.rng.random() < 0.6:
            worker = self.names.of(self._pick(sorted(idle, key=lambda each: each.no)).sid)
        values: cmd.Values = {"activity_sid": self._activity(self.rng.random() < 0.75)}
        if self.rng.random() < 0.1:
            values["reject_pending_reservations"] = True
        return cmd.UpdateWorker(worker=worker, values=values)

    def _update_worker(self) -> cmd.Command:
        worker = self._worker()
        same = [each.attributes for each in self.books.workers.values() if self.names.of(each.sid) == worker]
        again = self.rng.random() < 0.2  # what is set already
        values = self._some(
            attributes=lambda: same[0] if same and again else self._worker_attributes(),
            activity_sid=self._activity,
            friendly_name=lambda: self._name("worker"),
            reject_pending_reservations=lambda: True,
        )
        return cmd.UpdateWorker(worker=worker, values=values, if_version=self._version(worker, self.books.workers))

    def _delete_worker(self) -> cmd.Command:
        worker = self._worker()
        return cmd.DeleteWorker(worker=worker, if_version=self._version(worker, self.books.workers))

    def _update_worker_channel(self, recent: bool = False) -> cmd.Command:
        workers = in_order(self.books.workers)
        worker = self.names.of(workers[-1].sid) if recent and workers else self._worker()
        values = self._some(capacity=lambda: self._pick((0, 1, 2, 2, 3, 5)), available=lambda: self.rng.random() < 0.7)
        return cmd.UpdateWorkerChannel(worker=worker, channel=self._channel(), values=values)

    # --- channels and activities ----------------------------------------------------------------------------------

    def _create_channel(self) -> cmd.Command:
        values = {"friendly_name": "Extra", "unique_name": self._pick(("extra", "Extra", "mail"))}
        return cmd.CreateTaskChannel(values=values | {"channel_optimized_routing": self.rng.random() < 0.3})

    def _update_channel(self) -> cmd.Command:
        values = {"channel_optimized_routing": self.rng.random() < 0.5}
        return cmd.UpdateTaskChannel(channel=self._channel(), values=values)

    def _delete_channel(self) -> cmd.Command:
        return cmd.DeleteTaskChannel(channel=self._pick(("extra", "mail", self._channel())))

    def _create_activity(self) -> cmd.Command:
        values = {"friendly_name": self._name("activity"), "available": self.rng.random() < 0.5}
        return cmd.CreateActivity(values=values)

    def _update_activity(self) -> cmd.Command:
        name = self._pick(("Available", "Ready", "Lunch", "Idle", self._name("activity")))
        return cmd.UpdateActivity(activity=self._activity(), values={"friendly_name": name})

    def _delete_activity(self) -> cmd.Command:
        return cmd.DeleteActivity(activity=self._activity())

    # --- queues ---------------------------------------------------------------------------------------------------

    def _queue_values(self) -> dict[str, Callable[[], Any]]:
        good = self.rng.random() < 0.97
        return {
            "target_workers": lambda: self._pick(QUEUE_EXPRESSIONS if good else QUEUE_EXPRESSIONS_BAD),
            "max_reserved_workers": lambda: self._pick((1, 1, 2, 3, 5)),
            "task_order": lambda: self._pick(("FIFO", "FIFO", "LIFO")),
            "reservation_activity_sid": lambda: self._pick(("", self._activity(False))),
            "assignment_activity_sid": lambda: self._pick(("", self._activity(False), self._activity())),
        }

    def _create_queue(self) -> cmd.Command:
        values = self._some(**self._queue_values())
        if not self.multi and self.rng.random() < 0.8:
            values["reservation_activity_sid"] = self._activity(False)
            values["assignment_activity_sid"] = self._activity(False)
        return cmd.CreateTaskQueue(values={"friendly_name": self._name("queue"), **values})

    def _update_queue(self) -> cmd.Command:
        values = self._some(**self._queue_values(), friendly_name=lambda: self._name("queue"))
        return cmd.UpdateTaskQueue(queue=self._queue(), values=values)

    def _delete_queue(self) -> cmd.Command:
        """Half the time one that only an older configuration names, if waiting tasks still follow it."""
        books = self.books
        current = {sid for each in books.workflows.values() for sid in books.rules(each.configuration).queues()}
        older = [sid for no in sorted(books.configurations) for sid in books.rules(no).queues() if sid not in current]
        if older and self.rng.random() < 0.5:
            return cmd.DeleteTaskQueue(queue=self.names.of(self._pick(older)))
        return cmd.DeleteTaskQueue(queue=self._queue())

    # --- workflows ------------------------------------------------------------------------------------------------

    def _target(self, first: bool) -> dict[str, Any]:
        rng = self.rng
        target: dict[str, Any] = {}
        if first or rng.random() < 0.5:
            target["queue"] = self._queue()
        for name, chance, options in (
            ("expression", 0.4, TARGET_EXPRESSIONS),
            ("timeout", 0.5, (1, 5, 10, 10, "30", 120)),
            ("priority", 0.3, (0, 1, 5, "10")),
            ("order_by", 0.25, ORDERS),
            ("skip_if", 0.25, SKIPS),
        ):
            if rng.random() < chance:
                target[name] = rng.choice(options)
        if rng.random() < 0.15:
            known = rng.choice((("known_worker_sid", "task.agent_sid"), ("known_worker_friendly_name", "task.agent")))
            target[known[0]] = known[1]
        return target

    def _configuration(self) -> str:
        rng = self.rng
        filters: list[dict[str, Any]] = []
        for _ in range(rng.choice((0, 1, 1, 2, 3))):
            targets = [self._target(place == 0) for place in range(rng.choice((1, 1, 2, 3)))]
            each: dict[str, Any] = {"expression": rng.choice(FILTER_EXPRESSIONS), "targets": targets}
            if rng.random() < 0.3:
                each["filter_friendly_name"] = f"filter {len(filters)}"
            filters.append(each)
        routing: dict[str, Any] = {"filters": filters}
        if rng.random() < 0.75 or not filters:
            default = self._target(True)
            default.pop("timeout", None)
            if rng.random() < 0.7:
                default = {"queue": default["queue"]}
            routing["default_filter"] = default
        if rng.random() < 0.02:
            routing = rng.choice(
                ({"filters": [{"expression": "1==1", "targets": []}]}, {"filters": [{"targets": [{}]}]}, {})
            )
            return json.dumps({"task_routing": routing} if routing else routing)
        return json.dumps({"task_routing": routing})

    def _create_workflow(self) -> cmd.Command:
        values: cmd.Values = {"friendly_name": self._name("workflow"), "configuration": self._configuration()}
        if self.rng.random() < 0.6:
            values["task_reservation_timeout"] = self._pick((1, 5, 20, 60))
        return cmd.CreateWorkflow(values=values)

    def _update_workflow(self) -> cmd.Command:
        values = self._some(
            configuration=self._configuration,
            re_evaluate_tasks=lambda: True,
            task_reservation_timeout=lambda: self._pick((1, 10, 60)),
            friendly_name=lambda: self._name("workflow"),
        )
        if "configuration" in values and self.rng.random() < 0.4:
            values["re_evaluate_tasks"] = True
        return cmd.UpdateWorkflow(workflow=self._workflow(), values=values)

    def _delete_workflow(self) -> cmd.Command:
        return cmd.DeleteWorkflow(workflow=self._workflow())

    def _update_workspace(self) -> cmd.Command:
        return cmd.UpdateWorkspace(
            values=self._some(
                prioritize_queue_order=lambda: self._pick(("LIFO", "FIFO")),
                timeout_activity_sid=self._activity,
                default_activity_sid=self._activity,
                multi_task_enabled=lambda: self.rng.random() < 0.8,
            )
        )

    # --- tasks ----------------------------------------------------------------------------------------------------

    def _attributes(self) -> str:
        rng = self.rng
        attributes: dict[str, Any] = {
            "skill": rng.choice(SKILLS),
            "language": rng.choice(LANGUAGES),
            "amount": rng.choice((1, 50, 500, "200")),
        }
        if rng.random() < 0.4:
            attributes["level"] = rng.choice((1, 2, 3, "2", None))
        if rng.random() < 0.3:
            attributes["team"] = rng.choice(TEAMS)
        if rng.random() < 0.2:
            attributes["agent_sid"] = self._worker()
        workers = in_order(self.books.workers)
        if rng.random() < 0.2 and workers:
            name = self._pick(workers).friendly_name
            attributes["agent"] = name.upper() if rng.random() < 0.3 else name
        if rng.random() < 0.1:
            attributes["grab"] = 1
        return json.dumps(attributes)

    def _virtual_start_ms(self) -> int:
        if self.rng.random() < 0.05:
            return self.books.now_ms + 10_000_000_000  # never in the past
        return max(0, max(self.books.now_ms, START_MS) - self.rng.randrange(60_000))

    def _create_task(self) -> cmd.Command:
        values: cmd.Values = {"attributes": self._attributes()}
        if self.rng.random() < 0.95:
            values["workflow_sid"] = self._workflow()
        if self.rng.random() < 0.5:
            values |= self._some(
                priority=lambda: self._pick((1, 2, 10)),
                task_channel=self._channel,
                timeout=lambda: self._pick((1, 30, 600, 7_200)),
                virtual_start_time=self._virtual_start_ms,
            )
        return cmd.CreateTask(values=values)

    def _create_direct_task(self) -> cmd.Command:
        target = self._pick((self._worker(), self._worker(), self._queue(), self._workflow(), "nobody"))
        values: cmd.Values = {"routing_target": target, "attributes": self._attributes()}
        if self.rng.random() < 0.6:
            values |= self._some(
                ignore_capacity=lambda: self.rng.random() < 0.4,
                task_channel=self._channel,
                workflow_sid=self._workflow,
                task_queue_sid=self._queue,
                timeout=lambda: self._pick((3, 600)),
            )
        return cmd.CreateTask(values=values)

    def _update_task(self) -> cmd.Command | None:
        task = self._task(TaskStatus.PENDING) if self.rng.random() < 0.6 else self._task()
        if task is None:
            return None
        values = self._some(
            attributes=self._attributes,
            priority=lambda: self._pick((0, 1, 5)),
            task_channel=self._channel,
            virtual_start_time=self._virtual_start_ms,
            reason=lambda: "because",
        )
        return cmd.UpdateTask(task=task, values=values, if_version=self._version(task, self.books.tasks))

    def _end_task(self) -> cmd.Command | None:
        at_work = self.rng.random() < 0.7
        fitting = (TaskStatus.ASSIGNED, TaskStatus.WRAPPING) if at_work else (TaskStatus.PENDING, TaskStatus.RESERVED)
        task = self._task(*fitting)
        if task is None:
            return None
        status = self._pick(("completed", "completed", "wrapping") if at_work else ("canceled",))
        if self.rng.random() < 0.05:
            status = self._pick(("canceled", "completed", "wrapping", "assigned"))
        values: cmd.Values = {"assignment_status": status}
        if self.rng.random() < 0.4:
            values |= self._some(reason=lambda: "done", attributes=self._attributes, priority=lambda: 3)
        return cmd.UpdateTask(task=task, values=values, if_version=self._version(task, self.books.tasks))

    def _delete_task(self) -> cmd.Command | None:
        task = self._task()
        return None if task is None else cmd.DeleteTask(task=task, if_version=self._version(task, self.books.tasks))

    # --- reservations ---------------------------------------------------------------------------------------------

    def _answer(self) -> cmd.Command | None:
        reservation = self._reservation(ReservationStatus.PENDING)
        if reservation is None:
            return None
        status = "accepted" if self.rng.random() < 0.75 else "rejected"
        return self._reply(reservation, status)

    def _late_answer(self) -> cmd.Command | None:
        """To an offer that has ended, or that somebody else took."""
        ended = [each for each in self.books.ended.values() if isinstance(each, Reservation)]
        if not ended:
            return None
        rescinded = [each for each in ended if each.status is ReservationStatus.RESCINDED]
        among = rescinded if rescinded and self.rng.random() < 0.5 else ended
        return self._reply(self.names.of(self._pick(among[-6:]).sid), "accepted")

    def _finish(self) -> cmd.Command | None:
        reservation = self._reservation(ReservationStatus.ACCEPTED, ReservationStatus.WRAPPING)
        return None if reservation is None else self._reply(reservation, self._pick(("completed", "wrapping")))

    def _reply(self, reservation: str, status: str) -> cmd.Command:
        rng = self.rng
        if rng.random() < 0.03:
            status = rng.choice(("accepted", "rejected", "wrapping", "completed", "timeout"))
        values: cmd.Values = {"reservation_status": status}
        if rng.random() < 0.15:
            values["worker_activity_sid"] = self._activity()
        if rng.random() < 0.05:
            values["instruction"] = rng.choice(("accept", "reject", "Reject", "juggle"))
        held = {no: each for no, each in self.books.reservations.items() if self.names.of(each.sid) == reservation}
        parent: dict[str, str] = {}
        if held and rng.random() < 0.3:
            one = next(iter(held.values()))
            if rng.random() < 0.5:
                parent["task"] = self.names.of(self.books.tasks[one.task].sid)
            else:
                parent["worker"] = self.names.of(self.books.workers[one.worker].sid)
            if rng.random() < 0.05:
                parent = {"worker": self._worker()}
        return cmd.UpdateReservation(
            reservation=reservation,
            values=values,
            if_version=self._version(reservation, self.books.reservations),
            **parent,
        )

    def _start_transfer(self) -> cmd.Command | None:
        """Mostly by the worker who has the task, of an accepted reservation."""
        rng, books = self.rng, self.books
        accepted = [each for each in in_order(books.reservations) if each.status is ReservationStatus.ACCEPTED]
        if not accepted:
            return None
        held = self._pick(accepted)
        values: cmd.Values = {
            "reservation_sid": self.names.of(held.sid),
            "task_sid": self.names.of(books.tasks[held.task].sid),
            "to": self._queue() if rng.random() < 0.4 else self._worker(),
        }
        free = [each for each in in_order(books.workers) if books.activities[each.activity].available]
        if free and values["to"].startswith("WK") and rng.random() < 0.7:
            values["to"] = self.names.of(self._pick(free).sid)
        if rng.random() < 0.05:
            values["task_sid"] = self._task() or values["task_sid"]
        if rng.random() < 0.5:
            values |= self._some(
                mode=lambda: self._pick(("COLD", "COLD", "WARM")),
                priority=lambda: self._pick((0, 1, 5)),
                attributes=self._attributes,
            )
        worker = self.names.of(books.workers[held.worker].sid) if rng.random() < 0.97 else self._worker()
        return cmd.StartTransfer(worker=worker, values=values)

    def _cancel_transfer(self) -> cmd.Command | None:
        table = self.books.transfers
        if not table:
            return None
        under_way = {no: each for no, each in table.items() if each.status == "initiated"}
        transfer = self._one(under_way if under_way and self.rng.random() < 0.8 else table, "TT")
        started_by = [each.worker_sid for each in table.values() if self.names.of(each.sid) == transfer]
        worker = self.names.of(started_by[0]) if started_by and self.rng.random() < 0.95 else self._worker()
        status = "canceled" if self.rng.random() < 0.95 else "complete"
        return cmd.UpdateTransfer(worker=worker, transfer=transfer, values={"transfer_status": status})

    def _fail_assignment(self) -> cmd.Command | None:
        reservation = self._reservation(ReservationStatus.PENDING)
        return None if reservation is None else cmd.FailAssignment(reservation=reservation)

    def _tick(self) -> cmd.Command:
        return cmd.Tick()


Kind = Callable[[Workload], cmd.Command | None]
TRAFFIC: Sequence[Kind] = (
    *[Workload._answer] * 14,
    *[Workload._finish] * 5,
    *[Workload._end_task] * 5,
    *[Workload._move_worker] * 5,
    *[Workload._update_task] * 3,
    *[Workload._start_transfer] * 3,
    Workload._cancel_transfer,
    Workload._late_answer,
    Workload._fail_assignment,
    Workload._tick,
    Workload._update_worker,
    Workload._delete_task,
)
UPHEAVAL: Sequence[Kind] = (
    *[Workload._update_worker_channel] * 4,
    *[Workload._update_worker] * 3,
    *[Workload._update_queue] * 3,
    *[Workload._update_workflow] * 4,
    *[Workload._create_worker] * 2,
    Workload._delete_worker,
    Workload._create_queue,
    Workload._delete_queue,
    Workload._create_workflow,
    Workload._delete_workflow,
    Workload._create_channel,
    Workload._update_channel,
    Workload._delete_channel,
    Workload._create_activity,
    Workload._update_activity,
    Workload._delete_activity,
    Workload._update_workspace,
)
