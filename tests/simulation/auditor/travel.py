"""How a task goes through its workflow (routing.md 4.2 to 4.8)."""

from __future__ import annotations

from typing import Any

from msgspec.structs import replace

from pointsman.core import events as ev
from pointsman.core.types import Configuration, Task, TaskQueue
from tests.simulation.auditor import configuration, language
from tests.simulation.auditor.books import Books, attributes_of, routed_to, seen_of
from tests.simulation.auditor.configuration import Configured, Stand
from tests.simulation.auditor.endings import cancel
from tests.simulation.auditor.expected import Due, Dues

MATCHED = "routing.md 4.2 (1, 2): the first filter whose expression is true, its first target whose time is not up"
MOVED = "routing.md 4.2 (5): a task that comes to another queue is moved, then enters it"


def first_stand(books: Books, task: Task, rules: Configured, configuration_no: int) -> Stand | None:
    """From the first filter on; target times count from the creation of the task (4.3)."""
    return configuration.entry(rules, configuration_no, seen_of(books, task), books.now_ms, task.created_ms)


def standing(books: Books, task: Task, stand: Stand) -> Task:
    """The task as it is there: the date of entering stays where the queue stays (wire-observations 3); a target's
    priority overwrites, without one the task keeps its own (4.5)."""
    queue = books.find(TaskQueue, stand.target.queue)
    assert queue is not None, "a queue that a configuration in use names can't be deleted (1.6)"
    return replace(
        task,
        queue=queue.no,
        queue_entered_ms=task.queue_entered_ms if task.queue == queue.no else books.now_ms,
        place=stand.place,
        priority=task.priority if stand.target.priority is None else stand.target.priority,
        target_deadline_ms=stand.deadline_ms,
        updated_ms=books.now_ms,
    )


def matched(books: Books, task: Task, stand: Stand, **more: Any) -> ev.WorkflowTargetMatched:
    known = None
    if stand.target.known_by == "sid":
        value = language.look_up({"task": attributes_of(task.attributes)}, stand.target.known_at)
        known = value if isinstance(value, str) else None
    return ev.WorkflowTargetMatched(
        task=task,
        filter_name=stand.filter.name if stand.filter else None,
        filter_expression=stand.filter.expression if stand.filter else None,
        target_expression=stand.target.expression,
        known_worker_sid=known,
        at_ms=books.now_ms,
        **more,
    )


def come_to(
    books: Books, task: Task, stand: Stand, rule: str, changed: str | None = None, again: str | None = None
) -> Dues:
    before = books.queues.get(task.queue or 0)
    there = standing(books, task, stand)
    event = matched(
        books,
        there,
        stand,
        previous_queue=before,
        previous_priority=task.priority,
        target_changed_reason=changed,
        re_evaluated_reason=again,
    )
    yield Due(event, rule)
    if before is not None and before.no != there.queue:
        yield Due(ev.TaskQueueMoved(task=there, previous_queue=before, at_ms=books.now_ms), MOVED)
        yield Due(ev.TaskQueueEntered(task=there, at_ms=books.now_ms), MOVED)


def leave_target(books: Books, task: Task, *, by_time: bool) -> Dues:
    """A target's time is up, or `skip_if` leads out of it: on, or out of the workflow."""
    now_ms, place = books.now_ms, task.place
    assert place is not None
    if by_time:
        yield Due(
            ev.TaskQueueTimedOut(task=task, at_ms=now_ms),
            "routing.md 4.2 (5) and 4.3: a target ends when the sum of the timeouts so far is over",
        )
    stand = configuration.onward(books.rules(place.configuration), place, seen_of(books, task), now_ms, by_time=by_time)
    if stand is not None:
        rule = (
            "routing.md 4.2 (5, 6): after a timeout the next target, or the next later filter that matches"
            if by_time
            else "routing.md 4.2 (3, 7): skip_if leads to the next target, the next filter or the default filter"
        )
        yield from come_to(books, task, stand, rule)
    elif by_time:
        rule = "routing.md 4.2 (6): past the last target by timeout the workflow times out, never the default filter"
        yield Due(ev.WorkflowTimedOut(task=task, at_ms=now_ms), rule)
        yield from cancel(books, task, "Workflow timed out")
    else:
        rule = "routing.md 4.2 (7): past the last target by skip_if without a default filter the workflow is skipped"
        yield Due(ev.WorkflowSkipped(task=task, at_ms=now_ms), rule)
        yield from cancel(books, task, "Workflow skipped")


def start_again(books: Books, task: Task, rules: Configuration, changed: str) -> Dues:
    stand = first_stand(books, task, configuration.read(rules.document), rules.no)
    if stand is not None:
        rule = "routing.md 4.8: evaluated again from the first filter; its age is kept"
        yield from come_to(books, task, stand, rule, changed=changed)
    else:
        rule = "issue, workflows: what matches nothing by re-evaluation ends with workflow.timeout and is canceled"
        yield Due(ev.WorkflowTimedOut(task=task, at_ms=books.now_ms), rule)
        yield from cancel(books, task, "No filter of the workflow matches and it has no default filter")


def pending_again(books: Books, task: Task, why: str) -> Dues:
    """Where a task stands after its last offer came to nothing: by its age (4.3); or from the first filter, if
    something changed while it was reserved (4.8)."""
    if task.place is None or routed_to(task) is not None:
        return
    if task.re_evaluate is not None:
        number = task.place.configuration
        if task.re_evaluate == "workflow_updated" and task.workflow is not None:
            number = books.workflows[task.workflow].configuration
        yield from start_again(books, replace(task, re_evaluate=None), books.configurations[number], task.re_evaluate)
    elif task.target_deadline_ms is not None and task.target_deadline_ms <= books.now_ms:
        yield from leave_target(books, task, by_time=True)
    else:
        rules, place = books.rules(task.place.configuration), task.place
        target = rules.target(place)._replace(priority=None)  # it does not enter the target: it is there
        chosen = rules.filters[place.filter] if place.filter != configuration.DEFAULT else None
        stand = Stand(place, target, chosen, task.target_deadline_ms)
        rule = "routing.md 3.3 and wire-observations 4 (7): within its target's time it stays, and says why it is there"
        yield from come_to(books, task, stand, rule, again=why)
