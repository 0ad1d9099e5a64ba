"""Task queues: an expression says who is in; membership follows at once."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec.structs import replace

from pointsman.core import commands as cmd
from pointsman.core import events as ev
from pointsman.core.commands import Values
from pointsman.core.engine.decide.checks import activity_no, check_name_free, check_room, in_order, pick, place
from pointsman.core.engine.state import State
from pointsman.core.errors import InUse, Invalid
from pointsman.core.expression import Context, ExpressionError, compile_expression
from pointsman.core.ids import Ids
from pointsman.core.types import Gone, Millis, QueueOrder, TaskQueue
from pointsman.core.workflow.rules import read_rules


def create(state: State, command: cmd.CreateTaskQueue, now_ms: Millis, ids: Ids) -> Iterator[ev.Event]:
    values = command.values
    _check(state, values, None)
    check_room(len(state.queues), state.limits.task_queues_max, "task queues")
    no = state.new_no()
    queue = TaskQueue(
        no=no,
        sid=ids.sid("WQ", no),
        created_ms=now_ms,
        updated_ms=now_ms,
        **_fields(state, values, TaskQueue(no=no, sid="", created_ms=now_ms, updated_ms=now_ms, friendly_name="")),
    )
    yield ev.TaskQueueCreated(queue=queue, at_ms=now_ms)


def update(state: State, command: cmd.UpdateTaskQueue, now_ms: Millis, ids: Ids) -> Iterator[ev.Event]:
    before = state.find(TaskQueue, command.queue)
    _check(state, command.values, before)
    after = replace(before, **_fields(state, command.values, before))
    if after == before:
        return
    reworded = (after.friendly_name, after.target_workers) != (before.friendly_name, before.target_workers)
    after = replace(after, text=before.text + reworded, updated_ms=now_ms)
    yield ev.TaskQueueUpdated(queue=after, at_ms=now_ms)
    if after.target_workers != before.target_workers:
        yield ev.TaskQueueExpressionUpdated(queue=after, at_ms=now_ms)


def delete(state: State, command: cmd.DeleteTaskQueue, now_ms: Millis, ids: Ids) -> Iterator[ev.Event]:
    """Refused while tasks are in it, or while a workflow, or the older version of one that waiting tasks still
    follow, may send tasks to it [docs: task-queue][support: Managing TaskRouter Workflows]."""
    queue = state.find(TaskQueue, command.queue)
    if state.census.of_queue(queue.no).total:
        raise InUse(f"Cannot delete task queue {queue.sid} because tasks are waiting or being worked on in it")
    current = {workflow.configuration: workflow for workflow in state.workflows.values()}
    for configuration in in_order(state.configurations):
        if configuration.no not in current and not state.counts[("configuration", configuration.no)]:
            continue  # a superseded version that no waiting task follows
        if any(named == queue.sid for _, named in read_rules(configuration.document).queues()):
            workflow = current.get(configuration.no)
            by = f"workflow {workflow.sid}" if workflow else "an older version of a workflow that waiting tasks follow"
            raise InUse(f"Cannot delete task queue {queue.sid} because {by} sends tasks to it")
    yield ev.TaskQueueDeleted(queue=queue, gone=Gone(no=queue.no, sid=queue.sid), at_ms=now_ms)


def _fields(state: State, values: Values, before: TaskQueue) -> Values:
    fields = pick(values, ("friendly_name", "target_workers", "max_reserved_workers"))
    if "task_order" in values:
        fields["task_order"] = QueueOrder(values["task_order"])
    for name, parameter in (
        ("reservation_activity", "ReservationActivitySid"),
        ("assignment_activity", "AssignmentActivitySid"),
    ):
        fields[name] = activity_no(state, values, f"{name}_sid", parameter, getattr(before, name))
    return fields


def _check(state: State, values: Values, own: TaskQueue | None) -> None:
    name = values.get("friendly_name")
    if name is not None:
        message = f"Queue named {name} already exists for {place(state)}"  # [observed]
        check_name_free(state, "task_queue", name, own, message)
    check_target_workers(values)


def check_target_workers(values: Values) -> None:
    """Reading an expression takes a while if it is long; what was read once is remembered. Raises: `Invalid`."""
    if "target_workers" in values:
        try:
            compile_expression(values["target_workers"], Context.QUEUE)
        except ExpressionError as problem:
            raise Invalid(f"TargetWorkers is not a valid expression: {problem}") from None
