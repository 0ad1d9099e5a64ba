"""The general endpoints of every resource that is declared: create, fetch, update and delete; lists are `lists`."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, NamedTuple

from pointsman.core import commands as cmd
from pointsman.core import events as ev
from pointsman.core.engine.decide.checks import place
from pointsman.core.engine.decide.task_queue import check_target_workers
from pointsman.core.engine.view import View
from pointsman.core.errors import Invalid, NotFound
from pointsman.core.types import Entity, Reservation, Task, TaskChannel, Transfer, Worker
from pointsman.core.workflow.rules import read_rules
from pointsman.operations.call import Call, Reply
from pointsman.operations.lint import with_warnings
from pointsman.operations.lists import lister
from pointsman.resources import (
    ACTIVITY,
    TASK,
    TASK_CHANNEL,
    TASK_QUEUE,
    TASK_RESERVATION,
    TRANSFER,
    WORKER,
    WORKER_CHANNEL,
    WORKER_RESERVATION,
    WORKFLOW,
    WORKSPACE,
    Resource,
)
from pointsman.wire.bodies import Body, etag, render
from pointsman.wire.forms import if_match, read

TEXT_QUICK_MAX = 1_024  # characters of a value that are read at once
Handler = Callable[[Call], Awaitable[Reply]]
Values = dict[str, Any]


class Verbs(NamedTuple):
    """How a resource's operations become commands. `made` is the event that shows a new one, and under which name."""

    create: Callable[[Call, Values], cmd.Command] | None
    made: tuple[type[ev.Event], str] | None
    update: Callable[[Call, Values], cmd.Command]
    delete: Callable[[Call], cmd.Command] | None


def _version(call: Call) -> int | None:
    return if_match(call.if_match)


VERBS: dict[str, Verbs] = {
    WORKSPACE.name: Verbs(None, None, lambda c, v: cmd.UpdateWorkspace(values=v), lambda c: cmd.DeleteWorkspace()),
    ACTIVITY.name: Verbs(
        lambda c, v: cmd.CreateActivity(values=v),
        (ev.ActivityCreated, "activity"),
        lambda c, v: cmd.UpdateActivity(activity=c.sid("Sid"), values=v),
        lambda c: cmd.DeleteActivity(activity=c.sid("Sid")),
    ),
    TASK_CHANNEL.name: Verbs(
        lambda c, v: cmd.CreateTaskChannel(values=v),
        (ev.TaskChannelCreated, "channel"),
        lambda c, v: cmd.UpdateTaskChannel(channel=c.sid("Sid"), values=v),
        lambda c: cmd.DeleteTaskChannel(channel=c.sid("Sid")),
    ),
    WORKER.name: Verbs(
        lambda c, v: cmd.CreateWorker(values=v),
        (ev.WorkerCreated, "worker"),
        lambda c, v: cmd.UpdateWorker(worker=c.sid("Sid"), values=v, if_version=_version(c)),
        lambda c: cmd.DeleteWorker(worker=c.sid("Sid"), if_version=_version(c)),
    ),
    WORKER_CHANNEL.name: Verbs(
        None,
        None,
        lambda c, v: cmd.UpdateWorkerChannel(worker=c.sid("WorkerSid"), channel=c.sid("Sid"), values=v),
        None,
    ),
    TASK_QUEUE.name: Verbs(
        lambda c, v: cmd.CreateTaskQueue(values=v),
        (ev.TaskQueueCreated, "queue"),
        lambda c, v: cmd.UpdateTaskQueue(queue=c.sid("Sid"), values=v),
        lambda c: cmd.DeleteTaskQueue(queue=c.sid("Sid")),
    ),
    WORKFLOW.name: Verbs(
        lambda c, v: cmd.CreateWorkflow(values=v),
        (ev.WorkflowCreated, "workflow"),
        lambda c, v: cmd.UpdateWorkflow(workflow=c.sid("Sid"), values=v),
        lambda c: cmd.DeleteWorkflow(workflow=c.sid("Sid")),
    ),
    TASK.name: Verbs(
        lambda c, v: cmd.CreateTask(values=v),
        (ev.TaskCreated, "task"),
        lambda c, v: cmd.UpdateTask(task=c.sid("Sid"), values=v, if_version=_version(c)),
        lambda c: cmd.DeleteTask(task=c.sid("Sid"), if_version=_version(c)),
    ),
    TASK_RESERVATION.name: Verbs(
        None,
        None,
        lambda c, v: cmd.UpdateReservation(
            reservation=c.sid("Sid"), task=c.sid("TaskSid"), values=v, if_version=_version(c)
        ),
        None,
    ),
    WORKER_RESERVATION.name: Verbs(
        None,
        None,
        lambda c, v: cmd.UpdateReservation(
            reservation=c.sid("Sid"), worker=c.sid("WorkerSid"), values=v, if_version=_version(c)
        ),
        None,
    ),
    TRANSFER.name: Verbs(
        lambda c, v: cmd.StartTransfer(worker=c.sid("WorkerSid"), values=v),
        (ev.TaskTransferInitiated, "transfer"),
        lambda c, v: cmd.UpdateTransfer(worker=c.sid("WorkerSid"), transfer=c.sid("Sid"), values=v),
        None,
    ),
}


def handlers(resource: Resource) -> dict[str, Handler]:
    """The handler of each operation that the resource has."""
    makers = {"create": _create, "fetch": _fetch, "list": lister, "update": _update, "delete": _delete}
    return {operation: makers[operation](resource) for operation in resource.operations.split()}


def _reply(resource: Resource, status: int, body: Body, entity: Any) -> Reply:
    return Reply(status, body, etag(entity) if resource.versioned else None)


# --- one entity ---------------------------------------------------------------------------------------------------


def _expressions(resource: Resource, values: Values) -> None:
    """Read the expressions among the values: whoever needs them next finds them read. Raises: `Invalid`."""
    if resource is TASK_QUEUE:
        check_target_workers(values)
    elif resource is WORKFLOW and "configuration" in values:
        read_rules(values["configuration"])


async def _read(resource: Resource, operation: str, call: Call) -> Values:
    """The parameters of a request. Long texts are read in a thread: a configuration of a megabyte may take seconds."""

    def work() -> Values:
        values = read(resource, operation, call.form, call.services.limits)
        _expressions(resource, values)
        return values

    quick = all(len(text) <= TEXT_QUICK_MAX for _, text in call.form)
    return work() if quick else await asyncio.to_thread(work)


def _create(resource: Resource) -> Handler:
    verbs = VERBS[resource.name]

    async def create(call: Call) -> Reply:
        values = await _read(resource, "create", call)
        if resource is WORKSPACE:
            return await _create_workspace(call, values)
        assert verbs.create is not None and verbs.made is not None
        kind, name = verbs.made

        def answer(view: View, events: Sequence[ev.Event]) -> Reply:
            """As its own event shows it, even if the same step went on to change it."""
            entity = getattr(next(event for event in events if isinstance(event, kind)), name)
            return _reply(resource, 201, call.show(resource, view, entity, call.base), entity)

        reply = await call.router.execute(call.workspace, verbs.create(call, values), answer, call.origin)
        return await with_warnings(resource, call, reply) if resource.extensions else reply

    return create


async def _create_workspace(call: Call, values: Values) -> Reply:
    def answer(view: View, events: Sequence[ev.Event]) -> Reply:
        return Reply(201, render(WORKSPACE, view, view.state.workspace, call.base))

    return await call.router.create_workspace(call.account.sid, values, answer, call.origin)


def _fetch(resource: Resource) -> Handler:
    async def fetch(call: Call) -> Reply:
        def ask(view: View) -> Reply:
            entity = find(view, resource, call)
            return _reply(resource, 200, call.show(resource, view, entity, call.base), entity)

        return await call.router.read(call.workspace, ask, endable(resource, call))

    return fetch


def _update(resource: Resource) -> Handler:
    verbs = VERBS[resource.name]

    async def update(call: Call) -> Reply:
        values = await _read(resource, "update", call)

        def answer(view: View, events: Sequence[ev.Event]) -> Reply:
            entity = find(view, resource, call)
            return _reply(resource, 200, call.show(resource, view, entity, call.base), entity)

        reply = await call.router.execute(call.workspace, verbs.update(call, values), answer, call.origin)
        return await with_warnings(resource, call, reply) if resource.extensions else reply

    return update


def _delete(resource: Resource) -> Handler:
    verbs = VERBS[resource.name]

    async def delete(call: Call) -> Reply:
        assert verbs.delete is not None
        return await call.router.execute(
            call.workspace, verbs.delete(call), lambda view, events: Reply(204), call.origin
        )

    return delete


def find(view: View, resource: Resource, call: Call) -> Entity:
    """The entity that the path names. Raises: `NotFound`."""
    if resource is WORKSPACE:
        return view.state.workspace
    if resource is TASK_CHANNEL:
        return view.state.channel(call.sid("Sid"))
    if resource is WORKER_CHANNEL:
        return view.state.worker_channel(view.state.find(Worker, call.sid("WorkerSid")), call.sid("Sid"))
    entity = view.find(resource.kind, call.sid("Sid"))
    if type(entity) is Reservation:
        parent: Task | Worker
        if resource is TASK_RESERVATION:
            parent = view.find(Task, call.sid("TaskSid"))
        else:
            parent = view.find(Worker, call.sid("WorkerSid"))
        if parent.no not in (entity.task, entity.worker):
            raise NotFound(entity.sid)
    if type(entity) is Transfer and entity.worker_sid != view.find(Worker, call.sid("WorkerSid")).sid:
        raise NotFound(entity.sid)
    return entity


def channel_named(view: View, name: str) -> TaskChannel:
    """The task channel that a parameter names, by sid or unique name. Raises: `Invalid`."""
    try:
        return view.state.channel(name)
    except NotFound:
        raise Invalid(f"TaskChannel {name} does not exist in {place(view.state)}") from None


def endable(resource: Resource, call: Call) -> list[str]:
    """The sids in the path whose entities may have ended and left memory."""
    if resource.kind not in (Task, Reservation):
        return []
    return [call.sid("Sid"), *([call.sid("TaskSid")] if resource is TASK_RESERVATION else [])]
