"""Tasks: creating them, changing them, ending them."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec.structs import replace

from pointsman.core import commands as cmd
from pointsman.core import events as ev
from pointsman.core.commands import Values
from pointsman.core.engine.decide.checks import check_version, pick, place, referred
from pointsman.core.engine.endings import cancel, complete, remove, wrap_up
from pointsman.core.engine.state import State
from pointsman.core.engine.traits import routed_worker
from pointsman.core.engine.transitions import TASK_MOVES, task_is_live
from pointsman.core.engine.travel import ATTRIBUTE_UPDATE, at_stop, matched, re_evaluate, stop_for_new
from pointsman.core.errors import Invalid, InvalidTransition, NotFound
from pointsman.core.ids import Ids
from pointsman.core.limits import DIRECT_RESERVE_S, TASK_TIMEOUT_S_DEFAULT
from pointsman.core.types import (
    Millis,
    Reservation,
    Sid,
    Task,
    TaskChannel,
    TaskQueue,
    TaskStatus,
    Worker,
    WorkerChannel,
    Workflow,
)
from pointsman.core.workflow.path import Stop


def create(state: State, command: cmd.CreateTask, now_ms: Millis, ids: Ids) -> Iterator[ev.Event]:
    """A new task enters its workflow at once: its `task.created` names the queue already [observed]."""
    values = command.values
    workflow = _workflow_for(state, values)
    queue = _queue_for(state, values)
    direct = _worker_for(state, values)
    ignore_capacity = values.get("ignore_capacity", direct is not None)
    if values.get("ignore_capacity") is not None and direct is None:
        raise Invalid("IgnoreCapacity is for tasks whose RoutingTarget is a worker")
    no = state.next_no
    task = Task(
        no=no,
        sid=ids.sid("WT", no),
        created_ms=now_ms,
        updated_ms=now_ms,
        attributes=values.get("attributes", "{}"),
        priority=values.get("priority", 0),
        channel=channel_named(state, values.get("task_channel") or "default").no,
        workflow=workflow.no if workflow else None,
        queue=queue.no if queue else None,
        queue_entered_ms=now_ms if queue else None,
        timeout_s=values.get("timeout", TASK_TIMEOUT_S_DEFAULT),
        virtual_start_ms=_virtual_start(values, now_ms, now_ms),
        routing_target=values.get("routing_target") or None,
        ignore_capacity=ignore_capacity,
        reserve_by_ms=Millis(now_ms + DIRECT_RESERVE_S * 1000) if direct and ignore_capacity else None,
    )
    stop: Stop | None = None
    if queue is None and direct is None:
        assert workflow is not None, "_workflow_for refuses a task that has nowhere to go"
        stop = stop_for_new(state, task, workflow, now_ms)
        task = at_stop(state, task, stop, now_ms)
    assert state.new_no() == no
    yield ev.TaskCreated(task=task, at_ms=now_ms)
    if workflow is not None:
        yield ev.WorkflowEntered(task=task, at_ms=now_ms)
    if stop is not None:
        yield matched(state, task, stop, now_ms)
    if task.queue is not None:
        yield ev.TaskQueueEntered(task=task, at_ms=now_ms)


def _workflow_for(state: State, values: Values) -> Workflow | None:
    """`WorkflowSid` may be left out where there is exactly one [oai]; a workflow as `RoutingTarget` is the same."""
    sid, target = values.get("workflow_sid"), values.get("routing_target") or ""
    _check_one(target, "WW", sid, "WorkflowSid")
    if sid:
        return referred(state, Workflow, sid, "WorkflowSid")
    if target.startswith("WW"):
        return referred(state, Workflow, target, "RoutingTarget")
    if target or values.get("task_queue_sid"):
        return None
    if len(state.workflows) == 1:
        return next(iter(state.workflows.values()))
    raise Invalid(
        f"WorkflowSid is required: {place(state)} has {len(state.workflows)} workflows, and only where there is "
        "exactly one may it be left out"
    )


def _queue_for(state: State, values: Values) -> TaskQueue | None:
    target = values.get("routing_target") or ""
    _check_one(target, "WQ", values.get("task_queue_sid"), "TaskQueueSid")
    if values.get("task_queue_sid"):
        return referred(state, TaskQueue, values["task_queue_sid"], "TaskQueueSid")
    return referred(state, TaskQueue, target, "RoutingTarget") if target.startswith("WQ") else None


def _check_one(target: str, prefix: str, sid: Sid | None, parameter: str) -> None:
    """Two parameters may say the same, but not send a task to two places."""
    if sid and target.startswith(prefix) and sid != target:
        raise Invalid(f"{parameter} {sid} and RoutingTarget {target} are two places: expected one, or the same twice")


def _worker_for(state: State, values: Values) -> Worker | None:
    target = values.get("routing_target") or ""
    if target and target[:2] not in ("WK", "WQ", "WW"):
        raise Invalid(f"RoutingTarget {target} is not the sid of a worker (WK), a task queue (WQ) or a workflow (WW)")
    return referred(state, Worker, target, "RoutingTarget") if target.startswith("WK") else None


def channel_named(state: State, name: str) -> TaskChannel:
    """By its sid or unique name. Raises: `Invalid`."""
    try:
        return state.channel(name)
    except NotFound:
        raise Invalid(f"TaskChannel {name} does not exist in {place(state)}") from None


def _virtual_start(values: Values, default: Millis, now_ms: Millis) -> Millis:
    start_ms: Millis | None = values.get("virtual_start_time")
    if start_ms is not None and start_ms > now_ms:
        raise Invalid("VirtualStartTime can't be in the future")
    return default if start_ms is None else start_ms


def update(state: State, command: cmd.UpdateTask, now_ms: Millis, ids: Ids) -> Iterator[ev.Event]:
    task, values = state.find(Task, command.task), command.values
    check_version(task, command.if_version)
    if not values:
        return
    status = _wanted_status(state, task, values)
    fields = _new_fields(state, task, values, now_ms)
    if fields and not task_is_live(task):
        raise InvalidTransition(f"Cannot update task {task.sid} in {place(state)} because it is {task.status}.")
    if fields:
        updated = replace(task, **fields, version=task.version + 1, updated_ms=now_ms)
        if "attributes" in fields and status is None and task.place is not None and routed_worker(task) is None:
            if task.status is TaskStatus.PENDING:
                rules = state.configurations[task.place.configuration]
                yield from re_evaluate(state, updated, now_ms, rules, changed_reason=ATTRIBUTE_UPDATE)
                updated = state.current(updated)
            elif task.status is TaskStatus.RESERVED and task.re_evaluate is None:
                updated = replace(updated, re_evaluate=ATTRIBUTE_UPDATE)
        if task_is_live(updated):
            yield ev.TaskUpdated(task=updated, also=_on_its_channel(state, updated), at_ms=now_ms)
    task = state.current(task)
    reason = values.get("reason") or None
    if status is TaskStatus.CANCELED:
        yield from cancel(state, task, reason, now_ms)
    elif status is TaskStatus.WRAPPING:
        yield from wrap_up(state, task, reason, now_ms)
    elif status is TaskStatus.COMPLETED:
        yield from complete(state, task, reason, now_ms)


def _new_fields(state: State, task: Task, values: Values, now_ms: Millis) -> Values:
    fields = pick(values, ("attributes", "priority"))
    if "reason" in values and not values.get("assignment_status"):  # else it is the reason of that move
        fields["reason"] = values["reason"] or None
    if "attributes" in fields:
        fields["text"] = task.text + (fields["attributes"] != task.attributes)
    if values.get("task_channel"):
        fields["channel"] = channel_named(state, values["task_channel"]).no
    if "virtual_start_time" in values:
        fields["virtual_start_ms"] = _virtual_start(values, task.created_ms, now_ms)
    return fields


def _on_its_channel(state: State, task: Task) -> tuple[Reservation | WorkerChannel, ...]:
    """The task's live reservations, where it has changed its channel: they take capacity of that one [inferred]."""
    live = [each for each in state.live_of(task) if state.worker_channels[each.worker_channel].channel != task.channel]
    own = {no: state.channel_to_change(no, task.channel) for no in dict.fromkeys(each.worker for each in live)}
    moved = (replace(each, worker_channel=own[each.worker].no) for each in live)  # a worker may have it twice
    return (*own.values(), *moved)


_REFUSALS = {  # punctuation as recorded
    TaskStatus.CANCELED: "Cannot cancel task {task} in {place} because it is not pending or reserved.",
    TaskStatus.WRAPPING: "Cannot wrap up a task {task} in {place} because it's not currently assigned",
    TaskStatus.COMPLETED: "Cannot complete task {task} in {place} because it is not currently assigned.",
}


def _wanted_status(state: State, task: Task, values: Values) -> TaskStatus | None:
    if not values.get("assignment_status"):
        return None
    wanted = TaskStatus(values["assignment_status"])
    if wanted not in TASK_MOVES:
        if wanted is task.status:
            return None
        raise InvalidTransition(
            f"Cannot set task {task.sid} in {place(state)} to {wanted}: an update may set "
            "canceled, wrapping or completed"
        )
    if task.status not in TASK_MOVES[wanted]:
        raise InvalidTransition(_REFUSALS[wanted].format(task=task.sid, place=place(state)))
    return wanted


def delete(state: State, command: cmd.DeleteTask, now_ms: Millis, ids: Ids) -> Iterator[ev.Event]:
    task = state.find(Task, command.task)
    check_version(task, command.if_version)
    yield from remove(state, task, now_ms, by_system=False)
