"""Which filter took a task and why, the target in which it stands, and what comes next."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import msgspec

from pointsman.core.engine.route import presence
from pointsman.core.engine.seen import seen_of
from pointsman.core.engine.state import State
from pointsman.core.engine.traits import routed_worker
from pointsman.core.engine.transitions import expiry_ms, task_is_live
from pointsman.core.explain.values import Direct, FilterTold, Head, Next, Outcome, Routing, SkipIf, Target
from pointsman.core.expression import clock_values, lookup, why
from pointsman.core.ids import number_of
from pointsman.core.types import Millis, Sid, Task, TaskQueue, TaskStatus, TransferStatus, TransferType
from pointsman.core.workflow.path import DEFAULT_FILTER, Stop, Traveller, next_stop
from pointsman.core.workflow.rules import Filter, Rules, read_rules
from pointsman.core.workflow.rules import Target as Rule

FILTERS_MAX = 500  # told of one configuration
FILTERS_AFTER = 20  # of them, those behind the one in which the task stands


class Followed(NamedTuple):
    """The rules of a task, and where in them it stands."""

    rules: Rules
    filter: int  # its index
    target: int

    @property
    def rule(self) -> Rule | None:
        if self.filter == DEFAULT_FILTER:
            return self.rules.default
        return self.rules.filters[self.filter].targets[self.target]


def followed(state: State, task: Task) -> Followed | None:
    """None, if it follows no rules, or if they are not kept any longer: only those who wait need them."""
    place = task.place
    if place is None or routed_worker(task) is not None or place.configuration not in state.configurations:
        return None
    rules = read_rules(state.configurations[place.configuration].document)
    return Followed(rules, place.filter, place.target)


def head_of(state: State, task: Task, now_ms: Millis) -> Head:
    live = task_is_live(task)
    found = followed(state, task)
    direct = None
    if task.routing_target is not None:
        direct = Direct(
            routing_target=task.routing_target,
            ignore_capacity=task.ignore_capacity,
            reserve_by_ms=task.reserve_by_ms if live else None,
        )
    return Head(
        routing=_routing(state, task, found),
        target=target_told(state, task, found),
        next=_next(state, task, found, now_ms) if live else None,
        direct=direct,
        ttl_ends_ms=expiry_ms(task) if live else None,
        paused_until_ms=task.paused_until_ms if live else None,
        failures=task.failures,
    )


# --- the rules ----------------------------------------------------------------------------------------------------


def _routing(state: State, task: Task, found: Followed | None) -> Routing:
    workflow = state.workflows.get(task.workflow or 0)
    rules = state.configurations.get(task.place.configuration) if task.place else None
    return Routing(
        workflow_sid=workflow.sid if workflow else None,
        workflow_name=workflow.friendly_name if workflow else None,
        date_of_rules_ms=rules.created_ms if rules else None,
        rules_are_current=workflow.configuration == rules.no if workflow and rules else None,
        filter=found.filter + 1 if found else None,
        why=_why_here(state, task, found),
        filters_count=len(found.rules.filters) if found else 0,
    )


def _why_here(state: State, task: Task, found: Followed | None) -> str:
    """In one sentence, why the task stands in its filter, in the default filter or in none."""
    worker = routed_worker(task)
    if worker is not None:
        return f"It was sent to worker {_called(state, worker)}: it goes by no filters"
    transfer = state.transfer_of(task)
    if transfer is not None:
        giver, taker = _called(state, transfer.worker_sid), _called(state, transfer.to)
        return f"{giver} hands it on to {taker} ({transfer.mode}): it goes by no filters"
    if task.place is None and not task_is_live(task):
        return "It was sent straight to a queue, or handed on: which, is not kept of a task that has ended"
    if task.place is None:
        queue = state.queues.get(task.queue or 0)
        where = f"queue {queue.friendly_name!r}" if queue else "its queue"
        transfers = state.transfers_of(task)
        if transfers and transfers[-1].status is not TransferStatus.COMPLETE:
            return "It was to be handed on, and came back: its workflow is over"
        if transfers and transfers[-1].type is TransferType.WORKER:
            return "It was handed on to a worker: its workflow is over"
        how = "by a transfer" if transfers else "when it was created"
        return f"It was sent to {where} {how}: it goes by no filters"
    if found is None:
        return "The rules that it followed while it waited are not kept any longer"
    if found.filter == DEFAULT_FILTER:
        return "It is in the default filter: no filter took it, or skip_if led out of the last one that did"
    name = _named(found.rules.filters[found.filter], found.filter)
    if task.re_evaluate is not None:
        return f"{name} took it; it starts its workflow again once it is pending ({task.re_evaluate})"
    return f"{name} took it"


def _called(state: State, sid: Sid) -> str:
    """The name of a worker or task queue; the sid of one that is gone."""
    found = (state.workers if sid.startswith("WK") else state.queues).get(number_of(sid))
    return repr(found.friendly_name) if found is not None and found.sid == sid else sid


def _named(chosen: Filter, index: int) -> str:
    return f"Filter {index + 1}" + (f" ({chosen.name})" if chosen.name else "")


def filters_of(
    state: State, task: Task, now_ms: Millis, done: list[FilterTold], time_is_up: Callable[[], bool]
) -> bool:
    """Tell of the filters, in order, beyond those in `done`, to which they are added, until time is up. Return whether
    all are told: the first `FILTERS_MAX`, or as many around the one in which the task stands.

    A filter before it that matches now may have had its time, or `skip_if` led out of it, or it did not match when it
    was asked: the time and the attributes may have changed since.
    """
    found = followed(state, task)
    return found is None or tell_filters(state, task, found, now_ms, done, time_is_up)


def tell_filters(
    state: State, task: Task, found: Followed, now_ms: Millis, done: list[FilterTold], time_is_up: Callable[[], bool]
) -> bool:
    """As `filters_of`, where the rules are known."""
    count = len(found.rules.filters)
    here = count - 1 if found.filter == DEFAULT_FILTER else found.filter
    end = min(count, max(FILTERS_MAX, here + 1 + FILTERS_AFTER))
    start = max(0, end - FILTERS_MAX) + len(done)
    seen, clock = seen_of(task, state.channels.get(task.channel)), clock_values(now_ms)
    for index in range(start, end):
        done.append(_told(found, index, seen, clock))
        if index + 1 < end and time_is_up():
            return False
    return True


def _told(found: Followed, index: int, seen: dict[str, object], clock: dict[str, object]) -> FilterTold:
    chosen = found.rules.filters[index]
    verdict = why(chosen.condition, seen, None, clock, None)
    if index == found.filter:
        outcome = Outcome.HERE
    elif not verdict.matched:
        outcome = Outcome.NOT_MATCHED
    else:
        outcome = Outcome.LEFT if found.filter == DEFAULT_FILTER or index < found.filter else Outcome.LATER
    return FilterTold(
        position=index + 1,
        name=chosen.name,
        expression=chosen.expression,
        matched=verdict.matched,
        outcome=outcome,
        because=verdict.because,
        because_count=verdict.count,
    )


# --- the target ---------------------------------------------------------------------------------------------------


def target_told(state: State, task: Task, found: Followed | None) -> Target | None:
    queue = state.queues.get(task.queue or 0)
    if queue is None or not task_is_live(task):
        return None
    rule = found.rule if found else None
    in_filter = found is not None and found.filter != DEFAULT_FILTER
    return Target(
        filter=found.filter + 1 if found else None,
        position=found.target + 1 if found and in_filter else None,
        count=len(found.rules.filters[found.filter].targets) if found and in_filter else None,
        task_queue_sid=queue.sid,
        task_queue_name=queue.friendly_name,
        queue_expression=queue.target_workers,
        expression=rule.expression if rule else None,
        priority=rule.priority if rule else None,
        timeout_s=rule.timeout_s if rule else None,
        order_by=rule.order_by if rule else None,
        known_worker=known_worker(task, rule),
        skip_if=_skip_if(state, queue, rule),
        leaves_at_ms=task.target_deadline_ms if rule else None,
    )


def known_worker(task: Task, rule: Rule | None) -> str | None:
    """What the task's attributes say where the target asks for one worker; empty, if they say nothing of use."""
    if rule is None or rule.known is None:
        return None
    value = lookup(msgspec.json.decode(task.attributes), rule.known[1][1:])
    return value if isinstance(value, str) else ""


def _skip_if(state: State, queue: TaskQueue, rule: Rule | None) -> SkipIf | None:
    if rule is None or rule.skip_if is None:
        return None
    verdict = why(rule.skip_if, None, None, None, presence(state, queue.no))
    return SkipIf(expression=rule.skip_if.text, matched=verdict.matched, because=verdict.because)


# --- what comes next ----------------------------------------------------------------------------------------------


def _next(state: State, task: Task, found: Followed | None, now_ms: Millis) -> Next:
    """The first thing that time alone brings: an offer lapses, a pause ends, the next target, or the end."""
    comes = _comes_in_the_workflow(state, task, found, now_ms)
    offers = state.pending_of(task)
    if offers:
        first = min(offers, key=lambda offer: (offer.deadline_ms, offer.no))
        worker = state.workers[first.worker].friendly_name
        text = f"The offer to {worker!r} lapses, unless it is answered by then"
        return min(Next(at_ms=first.deadline_ms, what="lapsed", text=text), comes, key=lambda each: each.at_ms)
    if task.paused_until_ms is not None:
        text = "The pause after failed callbacks ends, and it may be offered again"
        return min(Next(at_ms=task.paused_until_ms, what="offered", text=text), comes, key=lambda each: each.at_ms)
    return comes


def _comes_in_the_workflow(state: State, task: Task, found: Followed | None, now_ms: Millis) -> Next:
    ends_ms = expiry_ms(task)
    if task.assigned_ms is not None:
        return Next(
            at_ms=ends_ms, what="removed", text="It is removed: nobody may have a task for longer than 24 hours"
        )
    if task.reserve_by_ms is not None and task.reserve_by_ms <= ends_ms:
        text = "It is canceled, unless its worker has been reserved by then"
        return Next(at_ms=task.reserve_by_ms, what="canceled", text=text)
    deadline_ms = task.target_deadline_ms
    if found is None or task.place is None or deadline_ms is None or deadline_ms >= ends_ms:
        return Next(at_ms=ends_ms, what="canceled", text="Its time to live ends, and it is canceled")
    at_ms = Millis(max(deadline_ms, now_ms))
    traveller = Traveller(seen_of(task, state.channels.get(task.channel)), clock_values(at_ms), at_ms)
    return _arrival(state, task, next_stop(found.rules, task.place, traveller, timed_out=True), at_ms)


def _arrival(state: State, task: Task, stop: Stop | None, at_ms: Millis) -> Next:
    it = "Once it is pending again, it" if task.status is TaskStatus.RESERVED else "It"
    if stop is None:
        text = f"{it} leaves the workflow and is canceled: no later target or filter takes it"
        return Next(at_ms=at_ms, what="canceled", text=text)
    queue = state.queues.get(number_of(stop.target.queue))
    name = queue.friendly_name if queue else stop.target.queue
    where = _named(stop.filter, stop.place.filter) if stop.filter else "the default filter"
    return Next(
        at_ms=at_ms,
        what="target",
        filter=stop.place.filter + 1,
        target=stop.place.target + 1,
        task_queue_name=name,
        text=f"{it} moves to target {stop.place.target + 1} of {where}, queue {name!r}",
    )
