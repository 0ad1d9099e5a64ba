"""The listings: what there is, a row each."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated

import typer

from pointsman.cli.client import Client, talk
from pointsman.cli.names import checked, find_named, workspace_path
from pointsman.cli.options import AsJson, Data, InWorkspace, ListLimit, TaskSid, Url
from pointsman.cli.output import Column, print_rows
from pointsman.core.ids import is_sid
from pointsman.resources import (
    ACTIVITY,
    TASK,
    TASK_QUEUE,
    TASK_RESERVATION,
    WORKER,
    WORKFLOW,
    WORKSPACE,
    Filter,
    Resource,
)
from pointsman.wire.spelling import pascal

# The fields that are shown, of those that the resource declares; --json has them all.
SHOWN = {
    WORKSPACE.name: "sid friendly_name multi_task_enabled event_callback_url",
    ACTIVITY.name: "sid friendly_name available",
    TASK_QUEUE.name: "sid friendly_name target_workers reservation_activity_name assignment_activity_name",
    WORKFLOW.name: "sid friendly_name task_reservation_timeout assignment_callback_url",
    WORKER.name: "sid friendly_name activity_name available attributes",
    TASK.name: "sid assignment_status priority age task_queue_friendly_name attributes",
    TASK_RESERVATION.name: "sid reservation_status task_sid worker_sid worker_name date_created",
}


def register(app: typer.Typer) -> None:
    app.command("workspaces")(workspaces)
    app.command("activities")(activities)
    app.command("queues")(queues)
    app.command("workflows")(workflows)
    app.command("workers")(workers)
    app.command("tasks")(tasks)
    app.command("reservations")(reservations)


def columns(resource: Resource) -> list[Column]:
    return [Column(name) for name in SHOWN[resource.name].split()]


async def show(
    client: Client, resource: Resource, path: str, query: dict[str, str], limit: int | None, *, as_json: bool
) -> None:
    """List what is under `path`."""
    rows = await client.rows(f"{path}/{resource.path}", query, limit)
    print_rows(columns(resource), rows, as_json=as_json)


def show_in_workspace(
    resource: Resource,
    query: dict[str, str],
    limit: int | None,
    data: Data,
    url: Url,
    workspace: InWorkspace,
    *,
    as_json: bool,
) -> None:
    async def work(client: Client) -> None:
        path = await workspace_path(client, workspace)
        await show(client, resource, path, query, limit, as_json=as_json)

    talk(data, url, work)


def declared(resource: Resource, name: str) -> Filter:
    return next(each for each in resource.filters if each.name == name)


def workspaces(limit: ListLimit = None, as_json: AsJson = False, data: Data = None, url: Url = None) -> None:
    """List the workspaces, oldest first."""
    talk(data, url, lambda client: show(client, WORKSPACE, "", {}, limit, as_json=as_json))


def _plain(resource: Resource, doc: str) -> Callable[..., None]:
    """A listing of a workspace's resource that takes nothing but what all listings take."""

    def listing(
        limit: ListLimit = None,
        as_json: AsJson = False,
        workspace: InWorkspace = None,
        data: Data = None,
        url: Url = None,
    ) -> None:
        show_in_workspace(resource, {}, limit, data, url, workspace, as_json=as_json)

    listing.__doc__ = doc
    return listing


activities = _plain(ACTIVITY, "List the activities that workers can be in.")
queues = _plain(TASK_QUEUE, "List the task queues, and which workers are in them by which expression.")
workflows = _plain(WORKFLOW, "List the workflows. Their rules are in `--json`, as `configuration`.")
workers = _plain(WORKER, "List the workers and what they are doing.")


def tasks(
    status: Annotated[
        list[str] | None,
        typer.Option(help="In this state; may be repeated, or several with commas.", show_default="all"),
    ] = None,
    limit: ListLimit = None,
    as_json: AsJson = False,
    workspace: InWorkspace = None,
    data: Data = None,
    url: Url = None,
) -> None:
    """List the tasks, oldest first. Those that have ended are shown for a few minutes more."""
    kind = declared(TASK, "assignment_status").type
    words = [checked(kind, word.strip(), "--status") for text in status or () for word in text.split(",")]
    query = {pascal("assignment_status"): ",".join(words)} if words else {}
    show_in_workspace(TASK, query, limit, data, url, workspace, as_json=as_json)


def reservations(
    task: TaskSid = None,
    worker: Annotated[str | None, typer.Option(metavar="NAME|WK…", help="Of this worker.")] = None,
    status: Annotated[str | None, typer.Option(help="In this state.", show_default="all")] = None,
    limit: ListLimit = None,
    as_json: AsJson = False,
    workspace: InWorkspace = None,
    data: Data = None,
    url: Url = None,
) -> None:
    """List the reservations of a task or of a worker, oldest first."""
    if (task is None) == (worker is None):
        raise typer.BadParameter("say whose: either --task WT… or --worker NAME", param_hint="--task, --worker")
    if task is not None and not is_sid(task, "WT"):
        raise typer.BadParameter("expected a task's sid: WT and 32 hexadecimal digits", param_hint="--task")
    query = {}
    if status is not None:
        kind = declared(TASK_RESERVATION, "reservation_status").type
        query[pascal("reservation_status")] = checked(kind, status, "--status")

    async def work(client: Client) -> None:
        path = await workspace_path(client, workspace)
        if worker is not None:
            parent = f"{path}/Workers/{(await find_named(client, path, WORKER, worker))['sid']}"
        else:
            parent = f"{path}/Tasks/{task}"
        await show(client, TASK_RESERVATION, parent, query, limit, as_json=as_json)

    talk(data, url, work)
