"""The engine alone: a lifecycle in a small workspace and in a large one, and the longest step of each kind of command
in the large one. The state is built in this process by the engine's own commands; what a step takes includes the rows
and events that it makes for the store, as in a server, but no commit."""

from __future__ import annotations

import argparse
import gc
import json
import random
import resource
import statistics
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

from pointsman.core import commands as cmd
from pointsman.core import events as ev
from pointsman.core.engine.state import State
from pointsman.core.engine.step import step
from pointsman.core.ids import CountingIds
from pointsman.core.limits import Limits
from pointsman.core.record import SYSTEM
from pointsman.core.types import AccountSid, Millis, TaskQueue, Worker, Workflow, WorkspaceSid
from pointsman.ports import Head
from pointsman.runtime import garbage
from pointsman.runtime.writing import Writing
from tests.benchmarks.engine_floors import floors
from tests.benchmarks.failed import Failed
from tests.benchmarks.options import whole

START_MS = 1_700_000_000_000
SID = WorkspaceSid("WS" + "0" * 32)
QUEUES_A_WORKER = 20
CLASSES_A_QUEUE = 5
FILTERS_A_WORKFLOW = 20
PADDING = "x" * 220  # attributes of a task are 300 bytes with it
TASKS_A_QUEUE_MIN = 10  # so that whoever is freed finds another
LIFECYCLES, WARM_UP, RUNS = 5_000, 500, 3
REPEATS = 20


class Size(NamedTuple):
    workers: int
    queues: int
    tasks: int


SMALL, LARGE = Size(200, 60, 1_000), Size(15_000, 5_000, 500_000)


def add_options(parser: argparse.ArgumentParser) -> None:
    add_size(parser)
    parser.add_argument("--no-steps", action="store_true", help="only lifecycles and memory")


def add_size(parser: argparse.ArgumentParser) -> None:
    """Of the large workspace, which is at least the small one."""
    parser.add_argument("--workers", type=whole(SMALL.workers), default=LARGE.workers, help="how many [15000]")
    parser.add_argument("--queues", type=whole(SMALL.queues), default=LARGE.queues, help="how many [5000]")
    parser.add_argument("--tasks", type=whole(SMALL.tasks), default=LARGE.tasks, help="that wait [500000]")


def size_of(options: argparse.Namespace) -> Size:
    """Raises: `Failed`."""
    if options.tasks < TASKS_A_QUEUE_MIN * options.queues:
        raise Failed(f"{options.queues:,} queues need at least {TASKS_A_QUEUE_MIN * options.queues:,} waiting tasks")
    return Size(options.workers, options.queues, options.tasks)


async def run(options: argparse.Namespace) -> dict[str, Any]:
    size = size_of(options)
    garbage.tame()
    small = House(SMALL)
    small_us = small.lifecycle_us()
    print(f"{'small':>8}  {SMALL}  {small_us:8.1f} us a lifecycle", flush=True)
    large = House(size)
    large_us = large.lifecycle_us()
    garbage.pauses.longest_s = 0.0  # from now on: while tasks come and go, and everything is changed
    again_us = small.lifecycle_us()  # in the same process and at the same age
    times = large_us / again_us
    print(f"{'large':>8}  {large.size}  {large_us:8.1f} us a lifecycle, {times:.2f} times the small one's")
    print(f"memory: {large.task_bytes:,.0f} bytes a waiting task, ", end="")
    print(f"{large.worker_bytes:,.0f} bytes a worker", flush=True)
    found: dict[str, Any] = {
        "size": size._asdict(),
        "small_us": small_us,
        "large_us": large_us,
        "large_times_small": times,
        "bytes_a_waiting_task": large.task_bytes,
        "bytes_a_worker": large.worker_bytes,
    }
    if not options.no_steps:
        found["steps"] = {
            **dict(_steps(large)),
            **dict(best_of_all(options.workers)),
            **dict(long_line(options.tasks // 5)),
        }
        longest = max(each["longest_ms"] for each in found["steps"].values())
        print(f"longest step {longest:.1f} ms, ", end="")
    pause_ms = garbage.pauses.longest_s * 1_000
    print(f"longest garbage collection {pause_ms:.1f} ms")
    found["longest_garbage_collection_ms"] = pause_ms
    return found | {"floors": floors(large.state, [large.task() for _ in range(LIFECYCLES)])}


class House:
    """A workspace in which every worker has a task, and so many others wait, at rest."""

    def __init__(self, size: Size, *, busy: bool = True, multitasking: bool = True, start_ms: int = START_MS) -> None:
        self.size, self.random = size, random.Random(1)
        # There is room for those that are made while measuring.
        limits = Limits(task_queues_max=2 * LARGE.queues, workers_max=2 * LARGE.workers)
        self.state, self.ids, self.now_ms = State(limits), CountingIds(), start_ms
        self.head = Head(version=1, token="", seq=0, next_no=1, now_ms=Millis(start_ms), deadline_ms=None)
        values = {"friendly_name": "House", "multi_task_enabled": multitasking}
        self.do(cmd.CreateWorkspace(sid=SID, account_sid=AccountSid("AC" + "0" * 32), values=values))
        self.available = next(each.sid for each in self.state.activities.values() if each.available)
        self.queues = [self.make_queue(number) for number in range(size.queues)]
        self.workflows = [self.make_workflow(first) for first in range(0, size.queues, FILTERS_A_WORKFLOW)]
        before = _memory()
        self.workers = [self.make_worker(number) for number in range(size.workers)]
        self.worker_bytes = (_memory() - before) / size.workers
        self.task_bytes = 0.0
        if busy:
            self.occupy()

    def occupy(self) -> None:
        size = self.size
        for number in range(size.workers):  # a task for each, of the first of its skills
            self.make_task(self.skills_of(number)[0], number % CLASSES_A_QUEUE)
        while len(self.state.reservations) < size.workers:
            worker = next(self.state.workers[no] for no in self.state.workers if no not in self.state.live_of_worker)
            number = self.workers.index(worker.sid)
            self.make_task(self.skills_of(number)[1], number % CLASSES_A_QUEUE)
        for reservation in list(self.state.reservations.values()):
            self.do(_accept(reservation.sid))
        before, waiting = _memory(), len(self.state.waiting)
        while len(self.state.waiting) < size.tasks:
            self.make_task()
        self.task_bytes = (_memory() - before) / max(size.tasks - waiting, 1)

    def skills_of(self, number: int) -> list[int]:
        """The queues of a worker, by number: its own share of them, spread evenly."""
        one = random.Random(number)
        return [
            number % self.size.queues,
            *one.sample(range(self.size.queues), min(QUEUES_A_WORKER, self.size.queues) - 1),
        ]

    def do(self, command: cmd.Command) -> list[ev.Event]:
        return self.timed(command)[0]

    def timed(self, command: cmd.Command) -> tuple[list[ev.Event], float]:
        """Step it, and make the rows for it, as a mailbox does; with the milliseconds that it took of the processor: a
        step waits for nothing."""
        began = time.process_time()
        writing = Writing(self.state, self.head, SID)
        mark = self.state.mark()
        stepped = step(self.state, command, Millis(self.now_ms), self.ids)
        writing.add(stepped, SYSTEM, mark)
        if not writing.empty:
            self.head = writing.batch().head
        self._forget()
        return stepped.events, (time.process_time() - began) * 1_000

    def settle(self) -> Iterator[float]:
        """What each tick took, until nothing is left to do now."""
        while (due_ms := self.state.next_deadline_ms()) is not None and due_ms <= self.now_ms:
            yield self.timed(cmd.Tick())[1]

    def make_queue(self, number: int) -> str:
        wanted = f'skills HAS "s{number}" AND level >= 1'
        self.do(cmd.CreateTaskQueue(values={"friendly_name": f"queue {number}", "target_workers": wanted}))
        return self.last(TaskQueue)

    def make_workflow(self, first: int) -> str:
        filters = [
            {
                "expression": f'queue == {number} AND kind == "call"',
                "targets": [{"queue": self.queues[number], "expression": "worker.region == task.region"}],
            }
            for number in range(first, min(first + FILTERS_A_WORKFLOW, len(self.queues)))
        ]
        rules = json.dumps({"task_routing": {"filters": filters}})
        self.do(cmd.CreateWorkflow(values={"friendly_name": f"workflow {first}", "configuration": rules}))
        return self.last(Workflow)

    def attributes_of(self, number: int) -> dict[str, Any]:
        skills = [f"s{skill}" for skill in self.skills_of(number)]
        return {"skills": skills, "level": 1 + number % 9, "region": number % CLASSES_A_QUEUE}

    def make_worker(self, number: int) -> str:
        attributes = json.dumps(self.attributes_of(number))
        values = {"friendly_name": f"worker {number}", "attributes": attributes, "activity_sid": self.available}
        self.do(cmd.CreateWorker(values=values))
        return self.last(Worker)

    def last(self, kind: Any) -> str:
        return str(next(reversed(self.state.table(kind).values())).sid)  # type: ignore[call-overload]

    def make_task(self, queue: int | None = None, region: int | None = None, **more: Any) -> list[ev.Event]:
        return self.do(self.task(queue, region, **more))

    def task(self, queue: int | None = None, region: int | None = None, **more: Any) -> cmd.CreateTask:
        queue = self.random.randrange(self.size.queues) if queue is None else queue
        region = self.random.randrange(CLASSES_A_QUEUE) if region is None else region
        attributes = {"queue": queue, "kind": "call", "region": region, "note": PADDING, **more}
        workflow = self.workflows[queue // FILTERS_A_WORKFLOW]
        return cmd.CreateTask(values={"attributes": json.dumps(attributes), "workflow_sid": workflow})

    def complete(self, worker: str) -> cmd.UpdateReservation:
        """The command by which a worker completes the task that it has."""
        one = self.state.find(Worker, worker)
        (reservation,) = self.state.live_of(one)
        return cmd.UpdateReservation(reservation=reservation.sid, values={"reservation_status": "completed"})

    def lifecycle_us(self) -> float:
        """A task is created and waits; a worker completes another and is offered the next, which it accepts. After a
        warm-up, the median of some runs."""
        while self.state.unsettled:
            self.do(cmd.Tick())
        self._lifecycles(WARM_UP)
        return statistics.median(self._lifecycles(LIFECYCLES) / LIFECYCLES for _ in range(RUNS))

    def _lifecycles(self, count: int) -> float:
        """The microseconds of the processor that so many take."""
        turns = [self.workers[self.random.randrange(len(self.workers))] for _ in range(count)]
        tasks = [self.task() for _ in range(count)]
        began = time.process_time()
        for worker, task in zip(turns, tasks, strict=True):
            self.now_ms += 1
            self.bare(task)
            offered = [each for each in self.bare(self.complete(worker)) if isinstance(each, ev.ReservationCreated)]
            for offer in offered:
                self.bare(_accept(offer.reservation.sid))
        return (time.process_time() - began) * 1e6

    def bare(self, command: cmd.Command) -> list[ev.Event]:
        """Step it, and nothing else."""
        events = step(self.state, command, Millis(self.now_ms), self.ids).events
        self._forget()
        return events

    def _forget(self) -> None:
        """As after a commit."""
        garbage.replaced(self.state.renewed)
        self.state.forget()


# --- steps --------------------------------------------------------------------------------------------------------


def _steps(house: House) -> Iterator[tuple[str, dict[str, float]]]:
    for name, commands in _kinds(house):
        times: list[float] = []
        asked = 0
        for command in commands:
            house.now_ms += 1
            times.append(house.timed(command)[1])
            asked += 1
            times += house.settle()
        yield name, _told(name, asked, times)


def _kinds(house: House) -> Iterator[tuple[str, Iterator[cmd.Command]]]:
    state, some = house.state, house.random
    offline = next(each.sid for each in state.activities.values() if not each.available)

    def workers(count: int, values: Callable[[int], dict[str, Any]]) -> Iterator[cmd.Command]:
        for _ in range(count):
            number = some.randrange(house.size.workers)
            yield cmd.UpdateWorker(worker=house.workers[number], values=values(number))

    def skills(number: int) -> dict[str, Any]:
        attributes = {**house.attributes_of(number), "skills": [f"s{some.randrange(house.size.queues)}" for _ in "12"]}
        return {"attributes": json.dumps(attributes)}

    def queue(count: int, **values: Any) -> Iterator[cmd.Command]:
        for _ in range(count):
            yield cmd.UpdateTaskQueue(queue=some.choice(house.queues), values=values)

    yield "a task is created", (house.task() for _ in range(200))
    yield "a worker is freed", (house.complete(each) for each in some.sample(house.workers, REPEATS))
    yield "a worker's attributes change", workers(REPEATS, skills)
    yield "a worker goes offline", workers(REPEATS, lambda _: {"activity_sid": offline})
    yield "a worker is available", workers(REPEATS, lambda _: {"activity_sid": house.available})
    yield (
        "a queue takes other skills",
        (
            cmd.UpdateTaskQueue(queue=house.queues[number], values={"target_workers": f'skills HAS "s{number + 7}"'})
            for number in range(REPEATS)
        ),
    )
    yield "a queue takes everybody", queue(REPEATS, target_workers="1 == 1")
    yield (
        "a queue takes everybody of a new attribute",
        (
            cmd.UpdateTaskQueue(
                queue=house.queues[number], values={"target_workers": f"new{number} == null OR level > 0"}
            )
            for number in range(3)
        ),
    )
    yield (
        "a queue is created",
        (cmd.CreateTaskQueue(values={"friendly_name": f"new {n}", "target_workers": "level > 3"}) for n in range(3)),
    )
    yield "a queue's order changes", queue(3, task_order="LIFO")
    yield (
        "a workflow is evaluated again",
        (
            cmd.UpdateWorkflow(workflow=some.choice(house.workflows), values={"re_evaluate_tasks": True})
            for _ in range(3)
        ),
    )
    everything = {
        "task_routing": {
            "filters": [{"expression": 'kind == "call"', "targets": [{"queue": house.queues[0]}]}],
        }
    }
    yield (
        "a workflow's tasks go elsewhere",
        (
            cmd.UpdateWorkflow(
                workflow=workflow, values={"configuration": json.dumps(everything), "re_evaluate_tasks": True}
            )
            for workflow in house.workflows[:3]
        ),
    )
    yield (
        "a task gets another priority",
        (cmd.UpdateTask(task=state.tasks[no].sid, values={"priority": 7}) for no in state.task_roll.beyond(0, 50)),
    )
    yield "a worker is deleted", iter(_delete_idle(house))
    yield (
        "all workers who have nothing go offline",
        (cmd.UpdateWorker(worker=each.sid, values={"activity_sid": offline}) for each in list(state.workers.values())),
    )
    yield "everybody is free", iter(_free_all(house))
    yield (
        "everybody is available, one by one",
        (
            cmd.UpdateWorker(worker=each.sid, values={"activity_sid": house.available})
            for each in list(state.workers.values())
        ),
    )
    yield "every offer lapses at once", iter(_lapse(house))
    yield "the workspace serves newest first", iter([cmd.UpdateWorkspace(values={"prioritize_queue_order": "LIFO"})])


def _delete_idle(house: House) -> Iterator[cmd.Command]:
    offline = next(each.sid for each in house.state.activities.values() if not each.available)
    for number in range(3):
        house.do(
            cmd.CreateWorker(
                values={
                    "friendly_name": f"extra {number}",
                    "attributes": json.dumps(house.attributes_of(number)),
                    "activity_sid": offline,
                }
            )
        )
        yield cmd.DeleteWorker(worker=house.last(Worker))


def _free_all(house: House) -> Iterator[cmd.Command]:
    """Everybody completes what they have; offline, they are offered nothing."""
    for reservation in [each for each in house.state.reservations.values() if each.status == "accepted"]:
        yield cmd.UpdateReservation(reservation=reservation.sid, values={"reservation_status": "completed"})


def best_of_all(workers: int) -> Iterator[tuple[str, dict[str, float]]]:
    """Tasks for whoever is best of all, or for one whom only a comparison finds, while everybody is free."""
    house = House(Size(workers, QUEUES_A_WORKER, 0), busy=False)
    house.do(cmd.CreateTaskQueue(values={"friendly_name": "everybody", "target_workers": "1 == 1"}))
    everybody = house.last(TaskQueue)
    for name, target in (
        ("a task for the best of all", {"order_by": "worker.level DESC"}),
        ("a task for all, compared with each", {"expression": "worker.region == task.region"}),
        ("a task for nobody, compared with each", {"expression": "worker.region == task.nothing"}),
    ):
        rules = {"task_routing": {"default_filter": {"queue": everybody, **target}}}
        values = {"friendly_name": name, "configuration": json.dumps(rules)}
        house.do(cmd.CreateWorkflow(values=values))
        times = []
        for number in range(REPEATS):
            house.now_ms += 1
            attributes = json.dumps({"region": number % CLASSES_A_QUEUE, "nothing": f"none {number}"})
            values = {"attributes": attributes, "workflow_sid": house.last(Workflow)}
            times += [house.timed(cmd.CreateTask(values=values))[1], *house.settle()]
        yield name, _told(name, REPEATS, times)

    yield from _changes_for_all(house)
    single = House(house.size, busy=False, multitasking=False)
    multitasking = cmd.UpdateWorkspace(values={"multi_task_enabled": True})
    yield from _asked(single, "multitasking is switched on", [multitasking])


def _changes_for_all(house: House) -> Iterator[tuple[str, dict[str, float]]]:
    """What concerns everybody, where all are different to what a queue reads of them."""
    wanted = 'activity_name != "Gone" AND skills HAS "s1"'
    house.do(cmd.CreateTaskQueue(values={"friendly_name": "by activity", "target_workers": wanted}))
    present = next(each.sid for each in house.state.activities.values() if each.available)
    yield from _asked(
        house,
        "an activity is renamed that queues read",
        [cmd.UpdateActivity(activity=present, values={"friendly_name": name}) for name in ("Here", "There")],
    )
    channels = [{"friendly_name": name, "unique_name": name} for name in ("fax", "telex")]
    yield from _asked(house, "a task channel is created", [cmd.CreateTaskChannel(values=each) for each in channels])


def long_line(tasks: int) -> Iterator[tuple[str, dict[str, float]]]:
    """One queue, in which so many tasks wait, each of another kind."""
    house = House(Size(1, 1, 0), busy=False)
    target = {"queue": house.queues[0], "expression": "worker.level > task.least"}
    rules = json.dumps({"task_routing": {"default_filter": target}})
    house.do(cmd.CreateWorkflow(values={"friendly_name": "each another", "configuration": rules}))
    offline = next(each.sid for each in house.state.activities.values() if not each.available)
    worker, workflow = house.workers[0], house.last(Workflow)
    house.do(cmd.UpdateWorker(worker=worker, values={"activity_sid": offline}))
    for number in range(tasks):
        attributes = json.dumps({"least": tasks - number})  # the last of them is the first that the worker can take
        house.do(cmd.CreateTask(values={"attributes": attributes, "workflow_sid": workflow}))
    available = cmd.UpdateWorker(worker=worker, values={"activity_sid": house.available})
    newest = cmd.UpdateTaskQueue(queue=house.queues[0], values={"task_order": "LIFO"})
    yield from _asked(house, f"a worker is compared with {tasks:,} kinds of tasks", [available])
    yield from _asked(house, f"a queue with {tasks:,} tasks serves newest first", [newest])


def _asked(house: House, name: str, commands: list[cmd.Command]) -> Iterator[tuple[str, dict[str, float]]]:
    times: list[float] = []
    for command in commands:
        house.now_ms += 1
        times += [house.timed(command)[1], *house.settle()]
    yield name, _told(name, len(commands), times)


def _told(name: str, asked: int, times: list[float]) -> dict[str, float]:
    longest = max(times)
    print(f"  {name:<52} {asked:>5} asked {len(times):>6} steps, longest {longest:8.1f} ms", flush=True)
    return {"asked": asked, "steps": len(times), "longest_ms": longest}


def _lapse(house: House) -> Iterator[cmd.Command]:
    house.now_ms += 120_000
    yield cmd.Tick()


def _memory() -> int:
    """Bytes that this process has in memory. A server never collects everything, so that is no pause of its own."""
    longest_s = garbage.pauses.longest_s
    gc.collect()
    garbage.pauses.longest_s = longest_s
    return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize()


def _accept(reservation: str) -> cmd.UpdateReservation:
    return cmd.UpdateReservation(reservation=reservation, values={"reservation_status": "accepted"})
