"""Who could take a task, and what keeps the others from it: every worker by the first condition that fails.

The conditions are those of `route`; a test compares the two. A few workers are looked at in one go, and the state may
change in between: each is judged by what it is when it is looked at.
"""

from __future__ import annotations

from bisect import bisect_right, insort
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from pointsman.core.engine.bits import Bits
from pointsman.core.engine.idle import IdleKey
from pointsman.core.engine.state import State
from pointsman.core.engine.traits import routed_worker, trait_at, trait_of
from pointsman.core.engine.transitions import WAITING_OR_RESERVED
from pointsman.core.engine.waiting import TaskClass
from pointsman.core.explain.placing import followed, known_worker
from pointsman.core.explain.values import Because, Candidate, Example, Hindrance, Reason, Workers
from pointsman.core.expression import (
    Context,
    Expression,
    OrderBy,
    SortKey,
    Verdict,
    clock_values,
    compile_expression,
    lookup,
    why,
)
from pointsman.core.types import Millis, No, ReservationStatus, Sid, Task, Worker
from pointsman.core.workflow.rules import Target

EXAMPLES_MAX = 3  # of each reason
CANDIDATES_MAX = 5

TEXTS = {  # of one worker, and of several
    Reason.HAS_OFFER: ("holds an offer of this task", "hold offers of this task"),
    Reason.HAS_TASK: ("has this task", "have this task"),
    Reason.NOT_THE_ROUTING_TARGET: ("is not the worker that it was sent to", "are not the worker that it was sent to"),
    Reason.NOT_IN_QUEUE: ("is not in the queue", "are not in the queue"),
    Reason.NOT_THE_KNOWN_WORKER: ("is not the known worker of the target", "are not the known worker of the target"),
    Reason.TARGET_EXPRESSION: ("does not match the target's expression", "do not match the target's expression"),
    Reason.ACTIVITY: ("is in an activity that is not available", "are in activities that are not available"),
    Reason.CHANNEL_OFF: ("takes no tasks on its channel", "take no tasks on its channel"),
    Reason.AT_CAPACITY: ("is at capacity on its channel", "are at capacity on its channel"),
    Reason.HAS_RESERVATION: ("has another reservation", "have another reservation"),
    Reason.COULD_TAKE: ("could take it now", "could take it now"),
}


class _Rule(NamedTuple):
    """What a worker has to be for this task, at one moment."""

    state: State
    cls: TaskClass
    queue: Expression | None  # None: sent to a worker
    members: Bits
    direct: Sid | None
    known: No | None
    known_text: str | None
    clock: Mapping[str, Any]
    task: Task
    mine: Mapping[No, ReservationStatus]  # worker -> of its live reservation of this task


def rule_of(state: State, task: Task, now_ms: Millis) -> _Rule | None:
    """None, if there is nothing to be judged by: the task has ended, or its rules are not kept."""
    direct = routed_worker(task)
    if task.no not in state.tasks:
        return None
    if direct is None and (task.queue is None or (task.place is not None and followed(state, task) is None)):
        return None
    cls = state.waiting.class_of(task.no) if task.no in state.waiting else TaskClass(*trait_of(state, task))
    found = followed(state, task)
    return _rule(state, task, cls, found.rule if found else None, now_ms)


def supposed_rule(state: State, task: Task, target: Target, now_ms: Millis) -> _Rule:
    """As `rule_of`, for a task that is only supposed, at a target whose queue it is in."""
    return _rule(state, task, TaskClass(*trait_at(state, task, target)), target, now_ms)


def _rule(state: State, task: Task, cls: TaskClass, target: Target | None, now_ms: Millis) -> _Rule:
    direct = routed_worker(task)
    known = cls.trait.known if direct is None else None
    queue = state.queues[task.queue or 0] if direct is None else None
    return _Rule(
        state=state,
        cls=cls,
        queue=compile_expression(queue.target_workers, Context.QUEUE) if queue else None,
        members=state.membership.members[queue.no] if queue else 0,
        direct=direct,
        known=(state.known_worker(known) or 0) if known else None,
        known_text=known_worker(task, target),
        clock=clock_values(now_ms),
        task=task,
        mine={each.worker: each.status for each in state.live_of(task)},
    )


def judge(rule: _Rule, no: No) -> Reason:
    """The first thing that keeps a worker from the task."""
    state, task, trait = rule.state, rule.task, rule.cls.trait
    status = rule.mine.get(no)
    if status is ReservationStatus.PENDING:
        return Reason.HAS_OFFER
    if status is not None and task.status not in WAITING_OR_RESERVED:
        return Reason.HAS_TASK
    worker = state.workers[no]
    if rule.direct is not None:
        if worker.sid != rule.direct:
            return Reason.NOT_THE_ROUTING_TARGET
    elif not rule.members & state.worker_slots.bit(no):
        return Reason.NOT_IN_QUEUE
    elif rule.known is not None and no != rule.known:
        return Reason.NOT_THE_KNOWN_WORKER
    elif not state.accepts(rule.cls, no):
        return Reason.TARGET_EXPRESSION
    if not trait.ignore_capacity:
        own = state.capacity_of(no, trait.channel)
        if not state.activities[worker.activity].available:
            return Reason.ACTIVITY
        if not own.available:
            return Reason.CHANNEL_OFF
        if state.held[own.no] >= own.capacity:
            return Reason.AT_CAPACITY
    if not state.workspace.multi_task_enabled and no in state.live_of_worker:
        return Reason.HAS_RESERVATION
    return Reason.COULD_TAKE


def because(rule: _Rule, no: No, reason: Reason) -> Because:
    """The reason, with the values of this worker."""
    state = rule.state
    worker = state.workers[no]
    own = state.capacity_of(no, rule.cls.trait.channel)
    channel = state.channels[rule.cls.trait.channel].unique_name
    live = state.held[own.no]
    match reason:
        case Reason.NOT_IN_QUEUE:
            assert rule.queue is not None
            return _compared(reason, why(rule.queue, None, state.views[no], None, None))
        case Reason.TARGET_EXPRESSION:
            assert rule.cls.expression is not None
            view = {**state.views[no], "channel": state.channel_view(no)}
            return _compared(reason, why(rule.cls.expression, rule.cls.attributes, view, rule.clock, None))
        case Reason.NOT_THE_ROUTING_TARGET:
            return Because(reason=reason, text=f"the task is for {rule.direct} alone")
        case Reason.NOT_THE_KNOWN_WORKER:
            who = repr(rule.known_text) if rule.known_text else "the one that its attributes name, and they name none"
            return Because(reason=reason, text=f"the target asks for {who} alone")
        case Reason.ACTIVITY:
            name = state.activities[worker.activity].friendly_name
            return Because(reason=reason, text=f"is {name}, which is not available", activity_name=name)
        case Reason.CHANNEL_OFF:
            return Because(reason=reason, text=f"takes no tasks on the channel {channel}")
        case Reason.AT_CAPACITY:
            text = f"has {live} of {own.capacity} on the channel {channel}"
            return Because(reason=reason, text=text, live=live, capacity=own.capacity)
        case Reason.HAS_RESERVATION:
            held = state.live_of(worker)[0]
            return Because(reason=reason, text=f"has reservation {held.sid} already ({held.status})")
        case Reason.HAS_OFFER | Reason.HAS_TASK:
            return Because(reason=reason, text="holds an offer of it" if reason is Reason.HAS_OFFER else "has it")
    text = f"has {live} of {own.capacity} on the channel {channel}"
    return Because(reason=reason, text=text, live=live, capacity=own.capacity)


def _compared(reason: Reason, verdict: Verdict) -> Because:
    """In words, and as values."""
    if verdict.matched:  # an index was asked, and then the state changed: nothing else can be said
        return Because(reason=reason, text="matches by now")
    return Because(reason=reason, text=verdict.text, compared=verdict.because)


RuleOf = Callable[[State, Task, Millis], _Rule | None]


class _Ranked(NamedTuple):
    """A candidate's place. `order` is the same for all where `order_by` is ignored."""

    order: SortKey
    idle: IdleKey
    no: No


class Survey:
    """Counts the workers by what keeps them from a task, `look` by `look`, in order of their numbers."""

    def __init__(self, asked: Sid | None = None, rule_of: RuleOf = rule_of) -> None:
        self._asked, self._rule_of = asked, rule_of
        self._reached: No = 0
        self._seen = 0
        self._in_queue = 0
        self._complete = False
        self._counts: dict[Reason, int] = {}
        self._examples: dict[Reason, list[Example]] = {}
        self._asked_example: Example | None = None
        self._by_order: list[_Ranked] = []
        self._by_idleness: list[_Ranked] = []
        self._order_by: str | None = None
        self._ignored_for: str | None = None  # a worker whose value makes `order_by` ignored

    def look(self, state: State, task: Task, now_ms: Millis, time_is_up: Callable[[], bool]) -> bool:
        """Judge some more workers, until time is up. Return whether that were all."""
        rule = self._rule_of(state, task, now_ms)
        if rule is None:
            return True
        numbers = sorted(state.workers)
        order = rule.cls.order_by
        self._order_by = order.text if order is not None and order.clauses else None
        for no in numbers[bisect_right(numbers, self._reached) :]:
            self._judge(rule, no)
            self._reached = no
            if time_is_up():
                return False
        self._complete = True
        return True

    def _judge(self, rule: _Rule, no: No) -> None:
        reason = judge(rule, no)
        self._seen += 1
        self._in_queue += bool(rule.members & rule.state.worker_slots.bit(no))
        self._counts[reason] = self._counts.get(reason, 0) + 1
        examples = self._examples.setdefault(reason, [])
        worker = rule.state.workers[no]
        if len(examples) < EXAMPLES_MAX:
            examples.append(_example(rule, worker, reason))
        if worker.sid == self._asked:
            self._asked_example = _example(rule, worker, reason)
        if reason is Reason.COULD_TAKE:
            self._rank(rule, worker)

    def _rank(self, rule: _Rule, worker: Worker) -> None:
        order: OrderBy | None = rule.cls.order_by
        idle = rule.state.idle_key(worker.no, rule.cls.trait.channel)
        _keep(self._by_idleness, _Ranked((), idle, worker.no))
        if order is not None and self._ignored_for is None:
            key = order.key(rule.state.views[worker.no])
            if key is None:
                self._ignored_for = worker.friendly_name
            else:
                _keep(self._by_order, _Ranked(key, idle, worker.no))

    def result(self, state: State, task: Task, now_ms: Millis) -> Workers | None:
        """What was found; None, if nobody was judged since there is nothing to judge by."""
        rule = self._rule_of(state, task, now_ms)
        if rule is None:
            return None
        by_order = self._order_by is not None and self._ignored_for is None
        ranked = self._by_order if by_order else self._by_idleness
        reasons = tuple(
            _hindrance(each, self._counts[each], self._examples[each]) for each in Reason if each in self._counts
        )
        return Workers(
            count=self._seen,
            in_queue=self._in_queue,
            could_take=self._counts.get(Reason.COULD_TAKE, 0),
            complete=self._complete,
            reasons=reasons,
            ordered_by=self._ordered_by(),
            candidates=tuple(_candidate(rule, each, by_order) for each in ranked if each.no in state.workers),
            asked=self._asked_example,
        )

    def _ordered_by(self) -> str:
        if self._order_by is None:
            return IDLENESS
        if self._ignored_for is not None:
            name = self._ignored_for
            return f"{IDLENESS}; order_by {self._order_by!r} is ignored, since {name!r} has a value that is no integer"
        return f"order_by {self._order_by!r}, then {IDLENESS}"


IDLENESS = "longest idle first: by the newest reservation, then by the last change of activity"


def _hindrance(reason: Reason, count: int, examples: list[Example]) -> Hindrance:
    one, several = TEXTS[reason]
    return Hindrance(reason=reason, text=one if count == 1 else several, count=count, examples=tuple(examples))


def _keep(ranked: list[_Ranked], each: _Ranked) -> None:
    """Keep the first few."""
    if len(ranked) < CANDIDATES_MAX or each < ranked[-1]:
        insort(ranked, each)
        del ranked[CANDIDATES_MAX:]


def _example(rule: _Rule, worker: Worker, reason: Reason) -> Example:
    return Example(worker_sid=worker.sid, worker_name=worker.friendly_name, because=because(rule, worker.no, reason))


def _candidate(rule: _Rule, ranked: _Ranked, by_order: bool) -> Candidate:
    state, order = rule.state, rule.cls.order_by
    worker = state.workers[ranked.no]
    view = state.views[ranked.no]
    reservation = state.reservations.get(ranked.idle.last_reserved)
    values = tuple(lookup(view, path[1:]) for path, _ in order.clauses) if order is not None and by_order else None
    return Candidate(
        worker_sid=worker.sid,
        worker_name=worker.friendly_name,
        order_by_values=values,
        last_reservation_sid=reservation.sid if reservation else None,
        last_reservation=ranked.idle.last_reserved,
        idle_since_ms=ranked.idle.status_changed_ms,
    )
