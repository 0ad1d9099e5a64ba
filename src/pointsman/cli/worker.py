"""`pointsman worker`: who works, moving one to another activity, and a link to its desk."""

from __future__ import annotations

from typing import Annotated

import typer

from pointsman.cli.client import Client, one_line, talk
from pointsman.cli.lists import workers
from pointsman.cli.names import find_named, workspace_path
from pointsman.cli.options import Data, InWorkspace, Url
from pointsman.cli.output import note, print_json, print_line
from pointsman.cli.worker_token import token
from pointsman.resources import ACTIVITY, WORKER
from pointsman.resources.desk import LINK_HOURS_DEFAULT, LINK_HOURS_MAX

app = typer.Typer(
    no_args_is_help=True,
    help="List workers, move one to another activity, make a link to its desk, or a token for a worker's page.",
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


@app.command("desk")
def desk(
    worker: Annotated[str, typer.Argument(metavar="NAME|WK…", help="The worker.", show_default=False)],
    hours: Annotated[
        int, typer.Option(min=1, max=LINK_HOURS_MAX, help="How long the link is good for.")
    ] = LINK_HOURS_DEFAULT,
    as_json: Annotated[bool, typer.Option("--json", help="Print the link as the API says it.")] = False,
    workspace: InWorkspace = None,
    data: Data = None,
    url: Url = None,
) -> None:
    """Make a link to a worker's desk in the console, for that worker: `pointsman worker desk Alice`.

    Whoever has the link can move this worker between activities, answer its offers and do its tasks, and nothing else.
    It ends after some hours, or with the auth token that it was made with.
    """

    async def work(client: Client) -> None:
        path = await workspace_path(client, workspace)
        found = await find_named(client, path, WORKER, worker)
        link = await client.post(f"{path}/Workers/{found['sid']}/DeskLinks", {"Hours": str(hours)})
        if as_json:
            print_json([link])
        else:
            print_line(link["url"])
            note(f"for {one_line(found['friendly_name'])} alone, until {link['date_expires']}")

    talk(data, url, work)
