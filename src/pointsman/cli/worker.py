"""`pointsman worker`: what workers do, while there is no console to say it in."""

from __future__ import annotations

from typing import Annotated

import typer

from pointsman.cli.client import Client, one_line, talk
from pointsman.cli.lists import workers
from pointsman.cli.names import find_named, workspace_path
from pointsman.cli.options import Data, InWorkspace, Url
from pointsman.cli.output import print_json, print_line
from pointsman.cli.worker_token import token
from pointsman.resources import ACTIVITY, WORKER

app = typer.Typer(
    no_args_is_help=True, help="List workers, move one to another activity, make a token for a worker's page."
)
app.command("list")(workers)
app.command("token")(token)


@app.command("activity")
def activity(
    worker: Annotated[str, typer.Argument(metavar="NAME|WK…", help="The worker.", show_default=False)],
    activity: Annotated[str, typer.Argument(metavar="ACTIVITY|WA…", help="Its new activity.", show_default=False)],
    reject_pending: Annotated[
        bool, typer.Option("--reject-pending", help="Also reject the reservations that it has not answered.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the worker as the API says it.")] = False,
    workspace: InWorkspace = None,
    data: Data = None,
    url: Url = None,
) -> None:
    """Move a worker to an activity, both by name or by sid: `pointsman worker activity Alice Available`."""

    async def work(client: Client) -> None:
        path = await workspace_path(client, workspace)
        found = await find_named(client, path, WORKER, worker)
        form = {"ActivitySid": (await find_named(client, path, ACTIVITY, activity))["sid"]}
        if reject_pending:
            form["RejectPendingReservations"] = "true"
        after = await client.post(f"{path}/Workers/{found['sid']}", form)
        if as_json:
            print_json([after])
        else:
            same = found["activity_sid"] == after["activity_sid"]
            was = "as before" if same else f"was {one_line(found['activity_name'])}"
            print_line(f"{one_line(after['friendly_name'])} is {one_line(after['activity_name'])} ({was})")

    talk(data, url, work)
