"""How a task moves through its workflow: entering, waiting, leaving a target by time or by `skip_if`, running out.

These functions yield events; each is applied before the next is asked for, so what they read of `state` is current.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec
from msgspec.structs import replace

from pointsman.core import events as ev
from pointsman.core.engine.endings import cancel
from pointsman.core.engine.seen import seen_of
from pointsman.core.engine.state import State
from pointsman.core.engine.traits import routed_worker
from pointsman.core.errors import Invalid
from pointsman.core.expression import clock_values, lookup
from pointsman.core.types import Configuration, Millis, No, Task, TaskQueue, Workflow
from pointsman.core.workflow.path import DEFAULT_FILTER, Stop, Traveller, first_stop, next_stop
from pointsman.core.workflow.rules import Rules, read_rules

TIMED_OUT = "Workflow timed out"  # wording ours [inferred]
SKIPPED = "Workflow skipped"
ATTRIBUTE_UPDATE, WORKFLOW_UPDATED = "attribute_update", "workflow_updated"  # the first observed, the second ours
NO_MATCH = "No filter of the workflow matches and it has no default filter"


def stop_for_new(state: State, task: Task, workflow: Workflow, now_ms: Millis) -> Stop:
    """Where a new task starts. Raises: `Invalid`, if no filter takes it and there is no default filter."""
    stop = _first(state, task, state.configurations[workflow.configuration], now_ms)
    if stop is None:
        raise Invalid(
            f"No filter of workflow {workflow.sid} matches these attributes, and it has no default filter, "
            "so the task has nowhere to go"
        )
    return stop


def arrive(
    state: State,
    task: Task,
    stop: Stop,
    now_ms: Millis,
    *,
    changed_reason: str | None = None,
    re_evaluated_reason: str | None = None,
) -> Iterator[ev.Event]:
    """Put a task that was already in its workflow at `stop`, and say why."""
    previous = state.queues.get(task.queue or 0)
    placed = at_stop(state, task, stop, now_ms)
    yield matched(
        state,
        placed,
        stop,
        now_ms,
        previous_queue=previous,
        previous_priority=task.priority,
        target_changed_reason=changed_reason,
        re_evaluated_reason=re_evaluated_reason,
    )
    if previous is not None and previous.no != placed.queue:
        yield ev.TaskQueueMoved(task=placed, previous_queue=previous, at_ms=now_ms)
        yield ev.TaskQueueEntered(task=placed, at_ms=now_ms)


def at_stop(state: State, task: Task, stop: Stop, now_ms: Millis) -> Task:
    """The task as it is at `stop`. The date of entering stays where the queue stays; a target without a priority
    keeps the task's [docs: workflow-configuration]."""
    queue = state.find(TaskQueue, stop.target.queue)
    return replace(
        task,
        queue=queue.no,
        queue_entered_ms=task.queue_entered_ms if task.queue == queue.no else now_ms,
        place=stop.place,
        priority=task.priority if stop.target.priority is None else stop.target.priority,
        target_deadline_ms=stop.deadline_ms,
        updated_ms=now_ms,
    )


def matched(state: State, task: Task, stop: Stop, now_ms: Millis, **more: Any) -> ev.WorkflowTargetMatched:
    known = None
    if stop.target.known and stop.target.known[0] == "sid":
        value = lookup(msgspec.json.decode(task.attributes), stop.target.known[1][1:])
        known = value if isinstance(value, str) else None
    return ev.WorkflowTargetMatched(
        task=task,
        filter_name=stop.filter.name if stop.filter else None,
        filter_expression=stop.filter.expression if stop.filter else None,
        target_expression=stop.target.expression,
        known_worker_sid=known,
        at_ms=now_ms,
        **more,
    )


def time_is_up(state: State, task: Task, now_ms: Millis) -> Iterator[ev.Event]:
    """A waiting task's target timed out: on to the next stop, or out of the workflow."""
    yield ev.TaskQueueTimedOut(task=task, at_ms=now_ms)
    assert task.place is not None, "only a target has a timeout"
    stop = next_stop(_rules(state, task), task.place, traveller_of(state, task, now_ms), timed_out=True)
    if stop is not None:
        yield from arrive(state, task, stop, now_ms)
    else:
        yield ev.WorkflowTimedOut(task=task, at_ms=now_ms)
        yield from cancel(state, task, TIMED_OUT, now_ms)


def skip(state: State, task: Task, now_ms: Millis) -> Iterator[ev.Event]:
    """`skip_if` leads a task out of its target; without a default filter it may lead out of the workflow."""
    assert task.place is not None, "only a target has skip_if"
    stop = next_stop(_rules(state, task), task.place, traveller_of(state, task, now_ms), timed_out=False)
    if stop is not None:
        yield from arrive(state, task, stop, now_ms)
    else:
        yield ev.WorkflowSkipped(task=task, at_ms=now_ms)
        yield from cancel(state, task, SKIPPED, now_ms)


def re_evaluate(
    state: State, task: Task, now_ms: Millis, configuration: Configuration, *, changed_reason: str
) -> Iterator[ev.Event]:
    """Send a pending task through its workflow again, from the first filter; its age is kept [docs: task]."""
    stop = _first(state, task, configuration, now_ms)
    if stop is not None:
        yield from arrive(state, task, stop, now_ms, changed_reason=changed_reason)
    else:
        yield ev.WorkflowTimedOut(task=task, at_ms=now_ms)
        yield from cancel(state, task, NO_MATCH, now_ms)


def resume(state: State, task: Task, now_ms: Millis, *, reason: str) -> Iterator[ev.Event]:
    """A task is pending again, after its last offer ended: its position follows from its age, so a long offer may
    have used up targets [inferred]. A direct task goes by no rules."""
    if task.place is None or routed_worker(task) is not None:
        return
    if task.re_evaluate is not None:
        rules = task.place.configuration
        if task.re_evaluate == WORKFLOW_UPDATED and task.workflow is not None:
            rules = state.workflows[task.workflow].configuration
        yield from re_evaluate(
            state,
            replace(task, re_evaluate=None),
            now_ms,
            state.configurations[rules],
            changed_reason=task.re_evaluate,
        )
    elif task.target_deadline_ms is not None and task.target_deadline_ms <= now_ms:
        yield from time_is_up(state, task, now_ms)
    else:
        yield from arrive(state, task, _present(state, task), now_ms, re_evaluated_reason=reason)


def _present(state: State, task: Task) -> Stop:
    place, rules = task.place, _rules(state, task)
    assert place is not None
    chosen = rules.filters[place.filter] if place.filter != DEFAULT_FILTER else None
    target = chosen.targets[place.target] if chosen else rules.default
    assert target is not None, "a task stands at a target of its configuration"
    return Stop(place, target._replace(priority=None), chosen, task.target_deadline_ms)


def first_by(state: State, task: Task, rules: Rules, configuration: No, now_ms: Millis) -> Stop | None:
    """Where a task would start by these rules, being as old as it is."""
    return first_stop(rules, configuration, traveller_of(state, task, now_ms), task.created_ms)


def _first(state: State, task: Task, configuration: Configuration, now_ms: Millis) -> Stop | None:
    return first_by(state, task, read_rules(configuration.document), configuration.no, now_ms)


def _rules(state: State, task: Task) -> Rules:
    assert task.place is not None
    return read_rules(state.configurations[task.place.configuration].document)


def traveller_of(state: State, task: Task, now_ms: Millis) -> Traveller:
    """What the rules ask about a task."""
    return Traveller(seen_of(task, state.channels[task.channel]), clock_values(now_ms), now_ms)
