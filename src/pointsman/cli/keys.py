"""`pointsman keys`: API keys, which programs use in place of the auth token and which can be revoked one by one."""

from __future__ import annotations

from typing import Annotated

import typer

from pointsman.cli.client import Client, Failed, NotThere, talk
from pointsman.cli.options import AsJson, Data, ListLimit, Url
from pointsman.cli.output import Column, print_json, print_line, print_rows
from pointsman.core.ids import is_sid
from pointsman.core.types import Role
from pointsman.resources.accounts import API_2010

app = typer.Typer(no_args_is_help=True, help="Make, list and revoke the API keys of the account.")
COLUMNS = [Column("sid"), Column("friendly_name"), Column("date_created"), Column("role")]


def _path(client: Client) -> str:
    return f"/Accounts/{client.server.account_sid}/Keys"


@app.command("create")
def create(
    name: Annotated[str, typer.Argument(help="A name for people.")] = "",
    role: Annotated[
        Role, typer.Option(help="full: all that the account may. viewer: look, and change nothing.")
    ] = Role.FULL,
    as_json: Annotated[bool, typer.Option("--json", help="Print the key as the API says it.")] = False,
    data: Data = None,
    url: Url = None,
) -> None:
    """Make an API key, and print its secret: it is shown this once.

    A program logs in with the key's sid and secret in place of the account's sid and auth token. It may do all that
    the account may, except manage keys, tokens and accounts; with the role viewer it may look, and change nothing.
    """

    async def work(client: Client) -> None:
        key = await client.post(f"{_path(client)}.json", {"FriendlyName": name, "Role": role}, api=API_2010)
        if as_json:
            print_json([key])
            return
        print_line(f"API key: {key['sid']}")
        print_line(f"Secret:  {key['secret']}  (shown this once)")
        print_line("Use them as user and password, or with a library:")
        print_line(f'  Client("{key["sid"]}", secret, account_sid="{client.server.account_sid}")')

    talk(data, url, work)


@app.command("list")
def list_keys(limit: ListLimit = None, as_json: AsJson = False, data: Data = None, url: Url = None) -> None:
    """List the account's API keys, oldest first. Their secrets can't be shown again."""

    async def work(client: Client) -> None:
        rows = await client.rows(f"{_path(client)}.json", limit=limit, api=API_2010)
        if not as_json:
            rows = [row | {"role": row.get("pointsman", {}).get("role", Role.FULL)} for row in rows]
        print_rows(COLUMNS, rows, as_json=as_json)

    talk(data, url, work)


@app.command("revoke")
def revoke(
    key: Annotated[str, typer.Argument(metavar="SK…", help="The key's sid.", show_default=False)],
    data: Data = None,
    url: Url = None,
) -> None:
    """Revoke an API key for good: whoever uses it gets 401 from now on."""
    if not is_sid(key, "SK"):
        raise typer.BadParameter("expected an API key's sid: SK and 32 hexadecimal digits", param_hint="SK…")

    async def work(client: Client) -> None:
        try:
            await client.delete(f"{_path(client)}/{key}.json", api=API_2010)
        except NotThere:
            raise Failed(f"There is no API key {key}: see `pointsman keys list`") from None
        print_line(f"revoked {key}: it is not valid any more")

    talk(data, url, work)
