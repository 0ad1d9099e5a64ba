"""The five general endpoints: create, fetch, list, update and delete, for every resource that is declared."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import partial
from typing import Any, NamedTuple

from pointsman.api.call import Call, Reply
from pointsman.api.lists import ENDED_SLICE, Filters, Page, cut, find_live, keeps, merge, sids
from pointsman.core import commands as cmd
from pointsman.core import events as ev
from pointsman.core.engine.view import View
from pointsman.core.errors import NotFound
from pointsman.core.ids import number_of
from pointsman.core.types import Entity, No, Reservation, Task, Worker
from pointsman.ports import UnknownWorkspace
from pointsman.resources import (
    ACTIVITY,
    TASK,
    TASK_CHANNEL,
    TASK_QUEUE,
    TASK_RESERVATION,
    WORKER,
    WORKER_CHANNEL,
    WORKER_RESERVATION,
    WORKFLOW,
    WORKSPACE,
    Resource,
)
from pointsman.wire.bodies import Body, etag, render
from pointsman.wire.forms import if_match, read, read_filters
from pointsman.wire.pages import PageRequest, envelope, read_page

Handler = Callable[[Call], Awaitable[Reply]]
Values = dict[str, Any]


class Verbs(NamedTuple):
    """How a resource's operations become commands. `made` is the event that shows a new one, and under which name."""

    create: Callable[[Values], cmd.Command] | None
    made: tuple[type[ev.Event], str] | None
    update: Callable[[Call, Values], cmd.Command]
    delete: Callable[[Call], cmd.Command] | None


def _version(call: Call) -> int | None:
    return if_match(call.request.headers)


VERBS: dict[str, Verbs] = {
    WORKSPACE.name: Verbs(None, None, lambda c, v: cmd.UpdateWorkspace(values=v), lambda c: cmd.DeleteWorkspace()),
    ACTIVITY.name: Verbs(
        lambda v: cmd.CreateActivity(values=v),
        (ev.ActivityCreated, "activity"),
        lambda c, v: cmd.UpdateActivity(activity=c.sid("sid"), values=v),
        lambda c: cmd.DeleteActivity(activity=c.sid("sid")),
    ),
    TASK_CHANNEL.name: Verbs(
        lambda v: cmd.CreateTaskChannel(values=v),
        (ev.TaskChannelCreated, "channel"),
        lambda c, v: cmd.UpdateTaskChannel(channel=c.sid("sid"), values=v),
        lambda c: cmd.DeleteTaskChannel(channel=c.sid("sid")),
    ),
    WORKER.name: Verbs(
        lambda v: cmd.CreateWorker(values=v),
        (ev.WorkerCreated, "worker"),
        lambda c, v: cmd.UpdateWorker(worker=c.sid("sid"), values=v, if_version=_version(c)),
        lambda c: cmd.DeleteWorker(worker=c.sid("sid"), if_version=_version(c)),
    ),
    WORKER_CHANNEL.name: Verbs(
        None,
        None,
        lambda c, v: cmd.UpdateWorkerChannel(worker=c.sid("worker"), channel=c.sid("sid"), values=v),
        None,
    ),
    TASK_QUEUE.name: Verbs(
        lambda v: cmd.CreateTaskQueue(values=v),
        (ev.TaskQueueCreated, "queue"),
        lambda c, v: cmd.UpdateTaskQueue(queue=c.sid("sid"), values=v),
        lambda c: cmd.DeleteTaskQueue(queue=c.sid("sid")),
    ),
    WORKFLOW.name: Verbs(
        lambda v: cmd.CreateWorkflow(values=v),
        (ev.WorkflowCreated, "workflow"),
        lambda c, v: cmd.UpdateWorkflow(workflow=c.sid("sid"), values=v),
        lambda c: cmd.DeleteWorkflow(workflow=c.sid("sid")),
    ),
    TASK.name: Verbs(
        lambda v: cmd.CreateTask(values=v),
        (ev.TaskCreated, "task"),
        lambda c, v: cmd.UpdateTask(task=c.sid("sid"), values=v, if_version=_version(c)),
        lambda c: cmd.DeleteTask(task=c.sid("sid"), if_version=_version(c)),
    ),
    TASK_RESERVATION.name: Verbs(
        None,
        None,
        lambda c, v: cmd.UpdateReservation(
            reservation=c.sid("sid"), task=c.sid("task"), values=v, if_version=_version(c)
        ),
        None,
    ),
    WORKER_RESERVATION.name: Verbs(
        None,
        None,
        lambda c, v: cmd.UpdateReservation(
            reservation=c.sid("sid"), worker=c.sid("worker"), values=v, if_version=_version(c)
        ),
        None,
    ),
}


def handlers(resource: Resource) -> dict[str, Handler]:
    """The handler of each operation that the resource has."""
    makers = {"create": _create, "fetch": _fetch, "list": _list, "update": _update, "delete": _delete}
    return {operation: makers[operation](resource) for operation in resource.operations.split()}


def _reply(resource: Resource, status: int, body: Body, entity: Any) -> Reply:
    return Reply(status, body, etag(entity) if resource.versioned else None)


# --- one entity ---------------------------------------------------------------------------------------------------


def _create(resource: Resource) -> Handler:
    verbs = VERBS[resource.name]

    async def create(call: Call) -> Reply:
        values = read(resource, "create", call.form)
        if resource is WORKSPACE:
            return await _create_workspace(call, values)
        assert verbs.create is not None and verbs.made is not None
        kind, name = verbs.made

        def answer(view: View, events: Sequence[ev.Event]) -> Reply:
            """As its own event shows it, even if the same step went on to change it."""
            entity = getattr(next(event for event in events if isinstance(event, kind)), name)
            return _reply(resource, 201, render(resource, view, entity, call.base), entity)

        return await call.router.execute(call.workspace, verbs.create(values), answer, call.origin)

    return create


async def _create_workspace(call: Call, values: Values) -> Reply:
    def answer(view: View, events: Sequence[ev.Event]) -> Reply:
        return Reply(201, render(WORKSPACE, view, view.state.workspace, call.base))

    return await call.router.create_workspace(call.account.sid, values, answer, call.origin)


def _fetch(resource: Resource) -> Handler:
    async def fetch(call: Call) -> Reply:
        def ask(view: View) -> Reply:
            entity = find(view, resource, call)
            return _reply(resource, 200, render(resource, view, entity, call.base), entity)

        return await call.router.read(call.workspace, ask, endable(resource, call))

    return fetch


def _update(resource: Resource) -> Handler:
    verbs = VERBS[resource.name]

    async def update(call: Call) -> Reply:
        values = read(resource, "update", call.form)

        def answer(view: View, events: Sequence[ev.Event]) -> Reply:
            entity = find(view, resource, call)
            return _reply(resource, 200, render(resource, view, entity, call.base), entity)

        return await call.router.execute(call.workspace, verbs.update(call, values), answer, call.origin)

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
        return view.state.channel(call.sid("sid"))
    if resource is WORKER_CHANNEL:
        return view.state.worker_channel(view.state.find(Worker, call.sid("worker")), call.sid("sid"))
    entity = view.find(resource.kind, call.sid("sid"))
    if isinstance(entity, Reservation):
        parent = view.find(Task if resource is TASK_RESERVATION else Worker, call.sid(resource.parent or ""))
        if parent.no not in (entity.task, entity.worker):
            raise NotFound(entity.sid)
    return entity


def endable(resource: Resource, call: Call) -> list[str]:
    """The sids in the path whose entities may have ended and left memory."""
    if resource.kind not in (Task, Reservation):
        return []
    return [call.sid("sid"), *([call.sid("task")] if resource is TASK_RESERVATION else [])]


# --- lists --------------------------------------------------------------------------------------------------------


def _list(resource: Resource) -> Handler:
    look = _list_endable if resource.kind in (Task, Reservation) else _list_live

    async def show(call: Call) -> Reply:
        request = read_page(call.query)
        filters = read_filters(resource, call.query)
        if resource is WORKSPACE:
            return await _list_workspaces(call, request)
        page, rows = await look(resource, call, filters, request)
        first, last = sids(page)
        return Reply(200, envelope(resource.key, rows, request, call.base + call.path, first=first, last=last))

    return show


async def _list_live(resource: Resource, call: Call, filters: Filters, request: PageRequest) -> tuple[Page, list[Body]]:
    """Found and rendered in one look: nothing can change in between."""

    def look(view: View) -> tuple[Page, list[Body]]:
        page = cut(find_live(view, _table(view, resource, call), filters, request), request)
        return page, [render(resource, view, entity, call.base) for entity in page.rows]

    return await call.router.read(call.workspace, look)


async def _list_endable(
    resource: Resource, call: Call, filters: Filters, request: PageRequest
) -> tuple[Page, list[Body]]:
    """Live rows first, then those that have ended, from the store: what ends in between is seen twice, never missed.
    Rows are shown as they were when they were found, with the task that they had then."""
    parent = await _parent(resource, call)

    def look(view: View) -> tuple[list[Any], dict[No, Task | Reservation]]:
        found = find_live(view, _table(view, resource, call), filters, request)
        tasks = {each.task: view.state.tasks[each.task] for each in found if isinstance(each, Reservation)}
        return found, {**tasks}

    live, beside = await call.router.read(call.workspace, look, endable_parent(resource, call))
    ended = await _find_ended(resource, call, parent, filters, request)
    page = cut(merge(live, ended, request), request)
    ended_sids = [each.sid for each in page.rows if isinstance(each, Reservation) and each.ended_ms is not None]

    def show(view: View) -> list[Body]:
        if resource.parent == "worker":
            view.find(Worker, call.sid("worker"))
        known = View(view.state, view.now_ms, {**view.ended, **beside})
        rows = [each for each in page.rows if isinstance(each, Task) or known.knows_task_of(each)]
        return [render(resource, known, each, call.base) for each in rows]

    return page, await call.router.read(call.workspace, show, ended_sids)


def _table(view: View, resource: Resource, call: Call) -> Mapping[No, Any]:
    """The live rows that the list is about. Raises: `NotFound`, if what it stands under is gone."""
    state = view.state
    if resource.parent == "task":
        task = view.find(Task, call.sid("task"))
        return {no: state.reservations[no] for no in state.live_of_task.get(task.no, ())}
    if resource.parent == "worker":
        worker = view.find(Worker, call.sid("worker"))
        if resource is WORKER_CHANNEL:
            return {no: state.worker_channels[no] for no in state.channels_of[worker.no].values()}
        return {no: state.reservations[no] for no in state.live_of_worker.get(worker.no, ())}
    return state.table(resource.kind)


def endable_parent(resource: Resource, call: Call) -> list[str]:
    return [call.sid("task")] if resource.parent == "task" else []


async def _parent(resource: Resource, call: Call) -> No:
    """The number of the task or worker under which the list stands, 0 if under neither. Raises: `NotFound`."""

    def look(view: View) -> No:
        if resource.parent == "task":
            return view.find(Task, call.sid("task")).no
        return view.find(Worker, call.sid("worker")).no if resource.parent == "worker" else 0

    return await call.router.read(call.workspace, look, endable_parent(resource, call))


async def _find_ended(resource: Resource, call: Call, parent: No, filters: Filters, request: PageRequest) -> list[Any]:
    """Rows that have ended and are still shown, as `find_live` finds the others. Going back reads from the start:
    what has ended is shown for minutes only."""
    found: list[Any] = []
    after = 0 if request.before is not None else request.cursor
    while True:
        rows = await call.router.ended_page(
            call.workspace,
            Task if resource.kind is Task else Reservation,
            after=after,
            limit=ENDED_SLICE,
            task=parent if resource.parent == "task" else None,
            worker=parent if resource.parent == "worker" else None,
        )
        found += await call.router.read(call.workspace, partial(_kept, filters, rows))
        if request.before is not None:
            found = [each for each in found if each.no < request.cursor]
        elif len(found) > request.size:
            return found
        if len(rows) < ENDED_SLICE or (request.before is not None and rows[-1].no >= request.cursor):
            return found[-(request.size + 1) :] if request.before is not None else found
        after = rows[-1].no


def _kept(filters: Filters, rows: list[Any], view: View) -> list[Any]:
    return [each for each in rows if keeps(view, filters, each)]


async def _list_workspaces(call: Call, request: PageRequest) -> Reply:
    """A workspace's sid ends in the time of its creation: that is its place, also when it is deleted."""
    wanted = read_filters(WORKSPACE, call.query)
    mine = call.router.workspaces(call.account.sid)
    cursor = (request.cursor, request.after or request.before or "")
    if request.before is not None:
        ahead = [sid for sid in mine if (number_of(sid), sid) < cursor][::-1]
    else:
        ahead = [sid for sid in mine if (number_of(sid), sid) > cursor]
    found: list[tuple[str, Body]] = []
    for sid in ahead:

        def ask(view: View) -> Body | None:
            workspace = view.state.workspace
            return render(WORKSPACE, view, workspace, call.base) if keeps(view, wanted, workspace) else None

        try:
            body = await call.router.read(sid, ask)
        except UnknownWorkspace:
            continue  # deleted since
        if body is not None:
            found.append((sid, body))
            if len(found) > request.size:
                break
    page = cut(found[::-1] if request.before is not None else found, request)
    first = page.rows[0][0] if page.before and page.rows else None
    last = page.rows[-1][0] if page.after and page.rows else None
    rows = [body for _, body in page.rows]
    return Reply(200, envelope(WORKSPACE.key, rows, request, call.base + call.path, first=first, last=last))
