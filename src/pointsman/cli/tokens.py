"""`pointsman token`: another auth token without downtime, in two steps with both tokens valid in between."""

from __future__ import annotations

import os

import typer

from pointsman.cli.client import Client, Conflicting, Failed, NotThere, talk
from pointsman.cli.options import Data, Url
from pointsman.cli.output import note, print_line

app = typer.Typer(no_args_is_help=True, help="Rotate the account's auth token: rotate, move programs over, promote.")
SECONDARY = "/AuthTokens/Secondary"
PROMOTE = "/AuthTokens/Promote"
NO_SECOND = "There is no second auth token: make one with `pointsman token rotate`"
VARIABLE = "POINTSMAN_AUTH_TOKEN"


@app.command("rotate")
def rotate(data: Data = None, url: Url = None) -> None:
    """Make a second auth token, as good for requests as the first. Callbacks are still signed with the first."""

    async def work(client: Client) -> None:
        try:
            made = await client.post(SECONDARY, {})
        except Conflicting:
            raise Failed(
                "There is a second auth token already: go on with `pointsman token promote` or `pointsman token drop`"
            ) from None
        print_line(f"Second auth token: {made['secondary_auth_token']}  (shown this once)")
        print_line("Both tokens are valid now; callbacks are still signed with the first one.")
        print_line("Next: give the new one to your programs, and let those that check signatures accept either.")
        print_line("Then: `pointsman token promote`. If you change your mind: `pointsman token drop`.")

    talk(data, url, work)


@app.command("promote")
def promote(data: Data = None, url: Url = None) -> None:
    """Make the second auth token the only one. The first is invalid at once, and callbacks are signed with the new."""

    async def work(client: Client) -> None:
        try:
            promoted = await client.post(PROMOTE, {})
        except Conflicting:
            raise Failed(NO_SECOND) from None
        print_line(
            f"The second token is now the auth token of {promoted['account_sid']}; the old one is not valid any more."
        )
        print_line(
            "Callbacks are signed with the new one. The server's data folder has it already: commands go on working."
        )
        print_line(
            "Next: give it to whatever still has the old one (`.env` files too), and let your programs no longer"
        )
        print_line("accept signatures made with the old one.")
        if os.environ.get(VARIABLE):
            note(f"{VARIABLE} is set here: set it to the new token, for commands and for the next start of the server")

    talk(data, url, work)


@app.command("drop")
def drop(data: Data = None, url: Url = None) -> None:
    """Forget the second auth token. The first goes on as before."""

    async def work(client: Client) -> None:
        try:
            await client.delete(SECONDARY)
        except NotThere:
            raise Failed(NO_SECOND) from None
        print_line("The second auth token is not valid any more; the first one goes on as before.")

    talk(data, url, work)
