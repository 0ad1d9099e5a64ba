"""Says after every event whether it was allowed, and after every step whether something that had to happen did not.

The rules say what must come next (`work`, `setup`, `routing`); what came is compared with it field by field, and is
then written into the books. So each event is judged by what was true just before it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

from pointsman.core import commands as cmd
from pointsman.core import events as ev
from pointsman.core.errors import NotFound, Rejected, Rescinded
from pointsman.core.limits import ASSIGNMENTS_MAX
from pointsman.core.types import Entity, Millis, No, Task
from tests.simulation.auditor import language, setup, work
from tests.simulation.auditor.books import Books, routed_to
from tests.simulation.auditor.expected import Due, Dues, MustRefuse
from tests.simulation.auditor.offers import offer
from tests.simulation.auditor.routing import Look, Offer, Skip, next_decision
from tests.simulation.auditor.travel import leave_target

RULES: dict[type[cmd.Command], Callable[[Books, Any], Dues]] = {
    cmd.CreateWorkspace: setup.create_workspace,
    cmd.UpdateWorkspace: setup.update_workspace,
    cmd.DeleteWorkspace: setup.delete_workspace,
    cmd.CreateActivity: setup.create_activity,
    cmd.UpdateActivity: setup.update_activity,
    cmd.DeleteActivity: setup.delete_activity,
    cmd.CreateTaskChannel: setup.create_channel,
    cmd.UpdateTaskChannel: setup.update_channel,
    cmd.DeleteTaskChannel: setup.delete_channel,
    cmd.CreateWorker: setup.create_worker,
    cmd.UpdateWorker: setup.update_worker,
    cmd.DeleteWorker: setup.delete_worker,
    cmd.UpdateWorkerChannel: setup.update_worker_channel,
    cmd.CreateTaskQueue: setup.create_queue,
    cmd.UpdateTaskQueue: setup.update_queue,
    cmd.DeleteTaskQueue: setup.delete_queue,
    cmd.CreateWorkflow: setup.create_workflow,
    cmd.UpdateWorkflow: setup.update_workflow,
    cmd.DeleteWorkflow: setup.delete_workflow,
    cmd.CreateTask: work.create_task,
    cmd.UpdateTask: work.update_task,
    cmd.DeleteTask: work.delete_task,
    cmd.UpdateReservation: work.update_reservation,
    cmd.StartTransfer: work.start_transfer,
    cmd.UpdateTransfer: work.update_transfer,
    cmd.FailAssignment: work.fail_assignment,
}

RULES_OF_FIELDS = {  # by the name of the entity or event, and of the field
    "Task.version": "wire-observations 3: a task's version grows with each update, round of offers, answer and end",
    "Reservation.version": "wire-observations 3: 0 created, and one more with each answer, wrap-up and end",
    "Worker.version": "wire-observations 3: one more with each update and each reservation.created, nothing else",
    "Task.target_deadline_ms": "routing.md 4.3: target times are counted together against the task's age",
    "Task.place": "routing.md 4.2 and 4.3: the target in which a task stands, and the base of its times",
    "Task.queue_entered_ms": "wire-observations 3: the date of entering stays where the queue stays",
    "Task.priority": "routing.md 4.5: a target's priority overwrites the task's and stays",
    "Task.reason": "routing.md 2.2: known reason texts",
    "Task.rounds": "routing.md 1.7: a batch of offers counts as one round",
    "Task.status": "routing.md 2.1: transitions of a task",
    "Task.virtual_start_ms": "routing.md 4.10: VirtualStartTime is the creation, if none is given",
    "Task.reserve_by_ms": "routing.md 4.9: a direct task that ignores capacity is reserved within 5 s",
    "Reservation.deadline_ms": "routing.md 3.3: TaskReservationTimeout seconds after creation",
    "Reservation.previous_activity": "routing.md 3.1: the worker's activity before the offer",
    "Reservation.status": "routing.md 3.1: transitions of a reservation",
    "Reservation.worker_channel": "routing.md 1.4: an offer takes capacity on the worker's channel of the task's",
    "WorkerActivityUpdated.previous_ms": "routing.md 9.1: with the time spent in the activity before",
    "ReservationAccepted.previous_ms": "wire-observations 3: 0 when the acceptance did not change the activity",
    "TaskCanceled.reason": "routing.md 2.2: known reason texts",
    "ReservationCanceled.reason": "routing.md 2.2: known reason texts",
}
FIELDS_SHOWN = 4


class Disallowed(Exception):
    """The verdict: what came, what the rules say, and which rule."""


class StepLimits(NamedTuple):
    """How much one step may do; None: so much that routing always comes to rest."""

    items_max: int | None
    tick_items_max: int


class Auditor:
    def __init__(self, assignments_max: int = ASSIGNMENTS_MAX) -> None:
        self.books = Books(assignments_max)
        self.judged = 0  # events
        self._fresh: set[No] = set()  # have come to their place, and must be asked for skip_if
        self._perhaps_asked: set[No] = set()  # the same, but a step that was cut short may have asked them
        self._ever_fresh: set[No] = set()  # in this step
        self._cut_short = False
        self._page: tuple[Any, ...] = self._kept()

    # --- batches --------------------------------------------------------------------------------------------------

    def _kept(self) -> tuple[Any, ...]:
        return self.books.page(), self._cut_short

    def committed(self) -> None:
        """What was done since the last commit stays."""
        self._page = self._kept()

    def commit_failed(self) -> None:
        """What was done since the last commit never was."""
        page, self._cut_short = self._page
        self.books.turn_back(page)
        self._forget_who_was_asked(self._cut_short)

    def restarted(self) -> None:
        """All was loaded again from rows. With work that was due then, nobody knows any longer who was asked."""
        due = self.books.first_due()
        overdue = due is not None and due[0] <= self.books.now_ms
        self._forget_who_was_asked(self._cut_short or bool(self.books.jobs) or overdue)

    def _forget_who_was_asked(self, under_way: bool) -> None:
        self._fresh = set()
        self._perhaps_asked = set(self.books.tasks) if under_way else set()

    # --- a step ---------------------------------------------------------------------------------------------------

    def step(
        self,
        command: cmd.Command,
        now_ms: int,
        outcome: Sequence[ev.Event] | Rejected,
        next_deadline_ms: int | None,
        limits: StepLimits,
    ) -> None:
        """Judge one step. Raises: `Disallowed`."""
        books, before_ms = self.books, self.books.now_ms
        books.now_ms = Millis(now_ms)
        self._ever_fresh = self._fresh | self._perhaps_asked
        came = _Came([] if isinstance(outcome, Rejected) else outcome)
        decided = self._decided(command, limits)
        try:
            first = next(decided, None)
        except MustRefuse as refusal:
            _check_refusal(refusal, outcome)
            books.now_ms = before_ms
            return
        if isinstance(outcome, Rejected):
            must = f"{_named(first.event)} had to come: {first.rule}" if first else "it had to be accepted"
            raise Disallowed(f"It was refused ({type(outcome).__name__}: {outcome}), but {must}")
        while first is not None:
            self._judge(first, came)
            first = next(decided, None)
        if not books.deleted:
            self._route(came, limits, next_deadline_ms)
        extra = came.peek()
        if extra is not None:
            raise Disallowed(f"{self._unwanted(extra)}: no rule allows it here")
        if not books.deleted:
            self._check_deadline(next_deadline_ms, limits)

    def _decided(self, command: cmd.Command, limits: StepLimits) -> Iterator[Due]:
        if self.books.deleted:
            raise MustRefuse(NotFound, "design 7: a workspace goes with all that is in it")
        if isinstance(command, cmd.Tick):
            yield from work.tick(self.books, command, limits.tick_items_max)
        else:
            yield from RULES[type(command)](self.books, command)

    def _route(self, came: _Came, limits: StepLimits, next_deadline_ms: int | None) -> None:
        """routing.md 6: as long as somebody free can take a task, or `skip_if` leads one on, that comes next."""
        books = self.books
        may_stop = limits.items_max is not None and next_deadline_ms is not None and next_deadline_ms <= books.now_ms
        while True:
            decision = next_decision(books, self._fresh, self._perhaps_asked, came.skips())
            if decision is None or (may_stop and came.peek() is None):
                break
            task = books.tasks[decision.task]
            if isinstance(decision, Offer):
                dues = offer(books, task, decision.workers)
            else:
                dues = leave_target(books, task, by_time=False)
            for due in dues:
                self._judge(due, came, decision)
        self._cut_short = may_stop
        self._perhaps_asked = self._ever_fresh if may_stop else set()
        self._fresh = set()

    def _judge(self, due: Due, came: _Came, decision: Offer | Skip | None = None) -> None:
        actual = came.take()
        if actual is None:
            why = self._why(decision) if decision else ""
            raise Disallowed(f"{_named(due.event)} had to come, and nothing did{why}: {due.rule}")
        if actual != due.event:
            raise Disallowed(self._difference(due, actual, decision))
        self.judged += 1
        self._note(actual)

    def _note(self, event: ev.Event) -> None:
        """Write an event into the books, and who is fresh in the line by it."""
        books = self.books
        for change in event.changed():
            if isinstance(change, Task):
                self._fresh.add(change.no)
        self._ever_fresh |= self._fresh
        books.apply(event)

    # --- time -----------------------------------------------------------------------------------------------------

    def _check_deadline(self, said_ms: int | None, limits: StepLimits) -> None:
        """design 2 and 5: nothing waits for ever. Work that is left over is due now; else the next deadline of an
        entity, or the next moment when what a waiting task's expression reads of the time changes."""
        books = self.books
        if books.jobs or self._cut_short:
            if said_ms is None or said_ms > books.now_ms:
                raise Disallowed("Long work is left, and no tick is wanted now: design 2, what is left is due now")
            return
        due = books.first_due()
        times = [] if due is None else [due[0]]
        clock_ms = self._next_clock_change_ms()
        times += [] if clock_ms is None else [clock_ms]
        must_ms = min(times, default=None)
        if said_ms == must_ms:
            return
        early = said_ms is not None and (must_ms is None or said_ms < must_ms)
        if early and clock_ms is not None and said_ms is not None and said_ms > books.now_ms:
            return  # it may still look at a moment that mattered to a task which has gone on
        rule = "design 2, routing.md 3.3 and 4.3: nothing waits for ever, nothing is too early"
        raise Disallowed(f"The next tick is wanted at {said_ms}, but the next deadline is {must_ms}: {rule}")

    def _next_clock_change_ms(self) -> int | None:
        books, times = self.books, list[int]()
        for task in books.tasks.values():
            target = books.target_of(task) if books.waits(task) and routed_to(task) is None else None
            if target is not None and target.expression:
                periods = language.read(target.expression, language.TARGET).clock_periods_ms()
                times += [(books.now_ms // period + 1) * period for period in periods]
        return min(times, default=None)

    # --- words ----------------------------------------------------------------------------------------------------

    def _unwanted(self, event: ev.Event) -> str:
        text = f"{_named(event)} came"
        if isinstance(event, ev.ReservationCreated):
            text += self._about_offer(event)
        return text

    def _about_offer(self, event: ev.ReservationCreated) -> str:
        task, worker = self.books.tasks.get(event.task.no), self.books.workers.get(event.worker.no)
        if task is None or worker is None:
            return ", for what does not exist"
        if not self.books.waits(task):
            return f", for a task that is {task.status} and does not wait"
        why = Look(self.books).obstacle(worker, task)
        return f", but {worker.sid} can't take it: {why}" if why else ""

    def _why(self, decision: Offer | Skip) -> str:
        if isinstance(decision, Skip):
            return " (its skip_if is true and nobody free can take it: routing.md 4.4)"
        workers = ", ".join(self.books.workers[no].sid for no in decision.workers)
        return f" (free and able to take it, best first: {workers})"

    def _difference(self, due: Due, actual: ev.Event, decision: Offer | Skip | None) -> str:
        expected = due.event
        if type(expected) is not type(actual):
            return f"{self._unwanted(actual)}, but {_named(expected)} had to come: {due.rule}"
        if isinstance(actual, ev.ReservationCreated) and isinstance(expected, ev.ReservationCreated):
            wrong = actual.worker.no != expected.worker.no or actual.task.no != expected.task.no
            if wrong:
                about = self._about_offer(actual)
                text = f"{_named(actual)} came{about}; {_named(expected)} had to come"
                return f"{text}{self._rank(expected, actual)}: {due.rule}"
        found = [(where, field, must, has) for where, field, must, has in _differing(expected, actual)]
        rule = next((RULES_OF_FIELDS[field] for _, field, _, _ in found if field in RULES_OF_FIELDS), due.rule)
        shown = "; ".join(f"{where} is {has!r} and must be {must!r}" for where, _, must, has in found[:FIELDS_SHOWN])
        return f"{_named(actual)} came with what it must not have: {shown}: {rule}"

    def _rank(self, expected: ev.ReservationCreated, actual: ev.ReservationCreated) -> str:
        books = self.books
        if expected.task.no != actual.task.no:
            return f" ({expected.task.sid} stands before {actual.task.sid}, 6.1 and 6.2)"
        look, task = Look(books), books.tasks[expected.task.no]
        mine, theirs = (
            look.idleness(books.workers[event.worker.no], task.channel) if event.worker.no in books.workers else ()
            for event in (expected, actual)
        )
        return f" (by order_by, then idleness {mine} before {theirs}, 6.3)"


class _Came:
    """The events of a step, one at a time."""

    def __init__(self, events: Sequence[ev.Event]) -> None:
        self._events, self._at = events, 0

    def peek(self) -> ev.Event | None:
        return self._events[self._at] if self._at < len(self._events) else None

    def take(self) -> ev.Event | None:
        event = self.peek()
        self._at += 1
        return event

    def skips(self) -> No | None:
        """The task that the next event leads out of its target."""
        event = self.peek()
        return event.task.no if isinstance(event, ev.WorkflowTargetMatched | ev.WorkflowSkipped) else None


def _check_refusal(refusal: MustRefuse, outcome: Sequence[ev.Event] | Rejected) -> None:
    wanted = refusal.kind.__name__
    if not isinstance(outcome, Rejected):
        raise Disallowed(f"It was carried out, but had to be refused ({wanted}): {refusal.rule}")
    fits = isinstance(outcome, refusal.kind) and isinstance(outcome, Rescinded) is (refusal.kind is Rescinded)
    if not fits:
        said = f"{type(outcome).__name__}: {outcome}"
        raise Disallowed(f"It was refused for another reason ({said}) than it had to be ({wanted}): {refusal.rule}")
    if refusal.words not in str(outcome):
        raise Disallowed(f"The refusal says {str(outcome)!r}, but must say {refusal.words!r}: {refusal.rule}")


def _named(event: ev.Event) -> str:
    """`reservation.created WR… of WT… for WK…`"""
    subjects = [
        value.sid
        for name in ("reservation", "transfer", "task", "worker", "queue", "workflow", "activity", "workspace")
        if isinstance(value := getattr(event, name, None), Entity)
    ]
    return " ".join([event.type or type(event).__name__, *subjects[:3]])


def _differing(expected: Any, actual: Any, where: str = "") -> Iterator[tuple[str, str, Any, Any]]:
    """The fields in which two values of a kind differ: where, the field's name for `RULES_OF_FIELDS`, and both."""
    for field in expected.__struct_fields__:
        must, has = getattr(expected, field), getattr(actual, field)
        path = f"{where}.{field}" if where else field
        if must == has:
            continue
        if isinstance(must, Entity) and type(must) is type(has):
            yield from _differing(must, has, path)
        elif isinstance(must, tuple) and isinstance(has, tuple) and len(must) == len(has):
            for place, (one, other) in enumerate(zip(must, has, strict=True)):
                if type(one) is type(other) and one != other:
                    yield from _differing(one, other, f"{path}[{place}]")
                elif one != other:
                    yield f"{path}[{place}]", f"{type(expected).__name__}.{field}", one, other
        else:
            yield path, f"{type(expected).__name__}.{field}", must, has
