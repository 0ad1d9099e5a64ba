"""What time does by itself, and long work that goes on between other commands."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec.structs import replace

from pointsman.core import commands as cmd
from pointsman.core import events as ev
from pointsman.core.engine.decide.workflow import RE_EVALUATE
from pointsman.core.engine.endings import TTL_EXCEEDED, cancel, remove
from pointsman.core.engine.offers import time_out
from pointsman.core.engine.state import State
from pointsman.core.engine.traits import routed_worker
from pointsman.core.engine.transitions import expiry_ms
from pointsman.core.engine.travel import WORKFLOW_UPDATED, re_evaluate, time_is_up
from pointsman.core.ids import Ids
from pointsman.core.limits import STEP_ITEMS_MAX, STEP_LOOKS_MAX
from pointsman.core.types import Gone, Job, Millis, Task, TaskStatus, Workflow

UNRESERVED = "RoutingTarget SLA for Reservation creation was not met"  # [sdk-test fixture]


def tick(state: State, command: cmd.Tick, now_ms: Millis, ids: Ids) -> Iterator[ev.Event]:
    """Act on what is due, oldest first; then, if room is left, on one slice of the oldest job."""
    for _ in range(STEP_ITEMS_MAX):
        due = state.deadlines.first(now_ms)
        if due is None or due[0] > now_ms:
            break
        if (reservation := state.reservations.get(due[1])) is not None:
            yield from time_out(state, reservation, now_ms)
        else:
            yield from _task_is_due(state, state.tasks[due[1]], now_ms)
    else:
        return
    if state.jobs:
        yield from _go_on(state, state.jobs[min(state.jobs)], now_ms)


def _task_is_due(state: State, task: Task, now_ms: Millis) -> Iterator[ev.Event]:
    if expiry_ms(task) <= now_ms:
        if task.assigned_ms is not None:
            yield from remove(state, task, now_ms, by_system=True)
        elif routed_worker(task) is not None and task.status is TaskStatus.PENDING:
            yield from _could_not_be_reserved(state, task, now_ms)
        else:
            yield from cancel(state, task, TTL_EXCEEDED, now_ms)
    elif task.reserve_by_ms is not None and task.reserve_by_ms <= now_ms:
        yield from _could_not_be_reserved(state, task, now_ms)
    elif task.paused_until_ms is not None and task.paused_until_ms <= now_ms:
        yield ev.TaskPaused(task=replace(task, paused_until_ms=None), at_ms=now_ms)
    else:
        yield from time_is_up(state, task, now_ms)


def _could_not_be_reserved(state: State, task: Task, now_ms: Millis) -> Iterator[ev.Event]:
    """A direct task's worker could not be had in time: five seconds if it ignores capacity, else its whole life
    [sdk][inferred]."""
    yield ev.ReservationFailed(task=task, at_ms=now_ms)
    yield from cancel(state, task, UNRESERVED, now_ms)


def _go_on(state: State, job: Job, now_ms: Millis) -> Iterator[ev.Event]:
    """One slice of a re-evaluation. Tasks younger than the job have entered by the new rules."""
    assert job.work == RE_EVALUATE, f"unknown work {job.work}"
    workflow = state.workflows.get(job.subject)
    ahead = state.task_roll.beyond(job.cursor, STEP_LOOKS_MAX) if workflow else []
    cursor, done, last = job.no, 0, job.cursor
    for no in ahead:
        task = state.tasks[no]
        if no > job.no:
            break
        if workflow is None or task.workflow != workflow.no:
            continue
        if done == STEP_ITEMS_MAX:
            cursor = last
            break
        done, last = done + 1, no
        yield from _follow_new_rules(state, task, workflow, now_ms)
    else:
        if len(ahead) == STEP_LOOKS_MAX:
            cursor = ahead[-1]
    if cursor >= job.no:
        yield ev.JobMoved(also=(Gone(no=job.no, sid=job.sid),), at_ms=now_ms)
    else:
        yield ev.JobMoved(also=(replace(job, cursor=cursor, updated_ms=now_ms),), at_ms=now_ms)


def _follow_new_rules(state: State, task: Task, workflow: Workflow, now_ms: Millis) -> Iterator[ev.Event]:
    if task.place is None or routed_worker(task) is not None:
        return
    if task.status is TaskStatus.PENDING:
        current = state.configurations[workflow.configuration]
        yield from re_evaluate(state, task, now_ms, current, changed_reason=WORKFLOW_UPDATED)
    elif task.status is TaskStatus.RESERVED:
        yield ev.JobMoved(also=(replace(task, re_evaluate=WORKFLOW_UPDATED),), at_ms=now_ms)
