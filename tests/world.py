"""A workspace for tests, built by commands alone and moved by a clock that is an argument."""

from __future__ import annotations

import json
from typing import Any, TypeVar

import pytest

from pointsman.core import commands as cmd
from pointsman.core import events as ev
from pointsman.core.engine.invariants import entities, indexes, violations
from pointsman.core.engine.state import State
from pointsman.core.engine.step import step
from pointsman.core.errors import Rejected
from pointsman.core.ids import CountingIds
from pointsman.core.types import (
    AccountSid,
    Activity,
    Entity,
    Millis,
    Reservation,
    Task,
    TaskQueue,
    Worker,
    Workflow,
    WorkspaceSid,
)

E = TypeVar("E", bound=ev.Event)
E2 = TypeVar("E2", bound=Entity)
START_MS = 1_700_000_000_000  # a Tuesday, 22:13:20 UTC


class World:
    """One workspace. Times are milliseconds since its creation."""

    def __init__(self, **values: Any) -> None:
        self.state, self.ids = State(), CountingIds()
        self.log: list[ev.Event] = []
        self.do(
            cmd.CreateWorkspace(
                sid=WorkspaceSid("WS" + "0" * 32),
                account_sid=AccountSid("AC" + "0" * 32),
                values={"friendly_name": "World", **values},
            )
        )

    def do(self, command: cmd.Command, at_ms: int | None = None, items_max: int = 256) -> list[ev.Event]:
        """Step a command, check the invariants, return its events."""
        now = self.state.now_ms if at_ms is None else Millis(START_MS + at_ms)
        now = max(now, self.state.now_ms, Millis(START_MS))
        events = step(self.state, command, now, self.ids, items_max).events
        self.log += events
        assert list(violations(self.state)) == []
        self.state.forget()
        return events

    def refused(self, command: cmd.Command, at_ms: int | None = None) -> Rejected:
        """The refusal of a command; it must have changed nothing."""
        before = (entities(self.state), indexes(self.state), self.state.next_no, self.state.now_ms)
        with pytest.raises(Rejected) as caught:
            self.do(command, at_ms)
        assert (entities(self.state), indexes(self.state), self.state.next_no, self.state.now_ms) == before
        return caught.value

    def made(self, events: list[ev.Event], kind: type[E]) -> E:
        return next(event for event in events if isinstance(event, kind))

    def activity(self, name: str) -> Activity:
        return next(each for each in self.state.activities.values() if each.friendly_name == name)

    def worker(
        self, name: str = "", attributes: Any = None, activity: str = "Available", at_ms: int | None = None
    ) -> Worker:
        values = {
            "friendly_name": name or f"worker {len(self.state.workers)}",
            "attributes": json.dumps(attributes or {}),
            "activity_sid": self.activity(activity).sid,
        }
        return self.made(self.do(cmd.CreateWorker(values=values), at_ms), ev.WorkerCreated).worker

    def move(self, worker: Worker, activity: str, at_ms: int | None = None, **values: Any) -> list[ev.Event]:
        values["activity_sid"] = self.activity(activity).sid
        return self.do(cmd.UpdateWorker(worker=worker.sid, values=values), at_ms)

    def update_worker(self, worker: Worker, at_ms: int | None = None, **values: Any) -> list[ev.Event]:
        return self.do(cmd.UpdateWorker(worker=worker.sid, values=values), at_ms)

    def channel(self, worker: Worker, name: str = "default", **values: Any) -> list[ev.Event]:
        """Change the capacity or availability of one of a worker's channels."""
        return self.do(cmd.UpdateWorkerChannel(worker=worker.sid, channel=name, values=values))

    def desk(self, expression: str = "1==1", **values: Any) -> TaskQueue:
        """A queue, and a workflow that sends everything to it."""
        queue = self.queue(expression=expression, **values)
        self.workflow(default=queue)
        return queue

    def queue(self, name: str = "", expression: str = "1==1", **values: Any) -> TaskQueue:
        values |= {"friendly_name": name or f"queue {len(self.state.queues)}", "target_workers": expression}
        return self.made(self.do(cmd.CreateTaskQueue(values=values)), ev.TaskQueueCreated).queue

    def workflow(self, *filters: Any, default: Any = None, name: str = "", **values: Any) -> Workflow:
        values |= {
            "friendly_name": name or f"workflow {len(self.state.workflows)}",
            "configuration": configuration(*filters, default=default),
        }
        return self.made(self.do(cmd.CreateWorkflow(values=values)), ev.WorkflowCreated).workflow

    def task(self, attributes: Any = None, at_ms: int | None = None, **values: Any) -> Task:
        values["attributes"] = json.dumps(attributes or {})
        return self.made(self.do(cmd.CreateTask(values=values), at_ms), ev.TaskCreated).task

    def update_task(self, task: Task, at_ms: int | None = None, **values: Any) -> list[ev.Event]:
        return self.do(cmd.UpdateTask(task=task.sid, values=values), at_ms)

    def pending(self, task: Task) -> list[Reservation]:
        return self.state.pending_of(task)

    def offered_to(self, task: Task) -> list[str]:
        """The names of the workers who hold a pending offer of it, in order of the offers."""
        return [self.state.workers[each.worker].friendly_name for each in self.pending(task)]

    def answer(self, reservation: Reservation, status: str, at_ms: int | None = None, **values: Any) -> list[ev.Event]:
        values["reservation_status"] = status
        return self.do(cmd.UpdateReservation(reservation=reservation.sid, values=values), at_ms)

    def accepted(self, task: Task, at_ms: int | None = None) -> Reservation:
        """Accept the task's first offer; return the reservation as it is then."""
        events = self.answer(self.pending(task)[0], "accepted", at_ms)
        return self.made(events, ev.ReservationAccepted).reservation

    def transfer(
        self, reservation: Reservation, to: Worker | TaskQueue, at_ms: int | None = None, **values: Any
    ) -> list[ev.Event]:
        """Hand the task of an accepted reservation on."""
        worker, task = self.state.workers[reservation.worker], self.state.tasks[reservation.task]
        values |= {"reservation_sid": reservation.sid, "task_sid": task.sid, "to": to.sid}
        return self.do(cmd.StartTransfer(worker=worker.sid, values=values), at_ms)

    def tick(self, at_ms: int) -> list[ev.Event]:
        return self.do(cmd.Tick(), at_ms)

    def run_until(self, at_ms: int) -> list[ev.Event]:
        """Tick at every deadline up to then, as the runtime would."""
        events: list[ev.Event] = []
        while (due := self.state.next_deadline_ms()) is not None and due <= START_MS + at_ms:
            events += self.do(cmd.Tick(), max(due - START_MS, self.state.now_ms - START_MS))
        return events + self.tick(at_ms)

    def now(self, entity: E2) -> E2:
        """The entity as it is now; it must be live."""
        return self.state.current(entity)


def types(events: list[ev.Event]) -> list[str]:
    return [event.type for event in events if event.type]


def loaded(world: World) -> State:
    """A copy of a world at rest, made from rows alone."""
    state = State()
    state.now_ms, state.next_no = world.state.now_ms, world.state.next_no
    state.load(entities(world.state))
    state.settle()
    return state


def configuration(*filters: Any, default: Any = None) -> str:
    """Filters are (expression, target, …) tuples or whole dicts; a target is a queue or a dict with one."""
    routing: dict[str, Any] = {"filters": [_filter(each) for each in filters]}
    if default is not None:
        routing["default_filter"] = target(default)
    return json.dumps({"task_routing": routing})


def _filter(entry: Any) -> Any:
    if isinstance(entry, dict):
        return entry
    expression, *targets = entry
    return {"expression": expression, "targets": [target(each) for each in targets]}


def target(entry: Any) -> Any:
    if isinstance(entry, TaskQueue):
        return {"queue": entry.sid}
    return {key: value.sid if isinstance(value, TaskQueue) else value for key, value in entry.items()}
