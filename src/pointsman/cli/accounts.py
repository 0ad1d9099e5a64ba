"""`pointsman accounts`: several accounts in one server, each with workspaces and credentials of its own."""

from __future__ import annotations

from typing import Annotated

import typer

from pointsman.cli.client import Client, talk
from pointsman.cli.options import AsJson, Data, ListLimit, Url
from pointsman.cli.output import Column, print_json, print_line, print_rows
from pointsman.resources.accounts import API_2010

app = typer.Typer(no_args_is_help=True, help="Make and list accounts. None sees anything of another's.")
PATH = "/Accounts.json"
COLUMNS = [Column("sid"), Column("friendly_name"), Column("owner_account_sid"), Column("date_created")]


@app.command("create")
def create(
    name: Annotated[str, typer.Argument(help="A name for people.", show_default=False)],
    as_json: Annotated[bool, typer.Option("--json", help="Print the account as the API says it.")] = False,
    data: Data = None,
    url: Url = None,
) -> None:
    """Make an account, and print its sid and auth token."""

    async def work(client: Client) -> None:
        account = await client.post(PATH, {"FriendlyName": name}, api=API_2010)
        if as_json:
            print_json([account])
            return
        print_line(f"Account SID: {account['sid']}")
        print_line(f"Auth token:  {account['auth_token']}")
        print_line("To use it with these commands, set POINTSMAN_ACCOUNT_SID and POINTSMAN_AUTH_TOKEN to them.")

    talk(data, url, work)


@app.command("list")
def list_accounts(limit: ListLimit = None, as_json: AsJson = False, data: Data = None, url: Url = None) -> None:
    """List the account and those that it made, oldest first. With --json, their auth tokens too."""

    async def work(client: Client) -> None:
        rows = await client.rows(PATH, limit=limit, api=API_2010)
        print_rows(COLUMNS, rows, as_json=as_json)

    talk(data, url, work)
