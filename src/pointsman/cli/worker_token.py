"""`pointsman worker token`: an access token to try a worker's page with. Applications make their own."""

from __future__ import annotations

import time
from enum import StrEnum
from typing import Annotated

import typer

from pointsman.cli.client import Client, NotThere, one_line, talk
from pointsman.cli.names import find_named, workspace_path
from pointsman.cli.options import Data, InWorkspace, Url
from pointsman.cli.output import note, print_line
from pointsman.core.types import Millis
from pointsman.resources import WORKER
from pointsman.resources.accounts import API_2010
from pointsman.runfile import SigningKey, read_signing_key, write_private

KEY_FILE = "signing-key.json"
KEY_NAME = "pointsman worker token"
TTL_S_MAX = 86_400  # as the helper libraries have it


class Role(StrEnum):
    WORKER = "worker"
    SUPERVISOR = "supervisor"
    ADMIN = "admin"


def token(
    worker: Annotated[str, typer.Argument(metavar="NAME|WK…", help="The worker.", show_default=False)],
    role: Annotated[Role, typer.Option(help="What it may do.")] = Role.WORKER,
    ttl: Annotated[int, typer.Option(min=15, max=TTL_S_MAX, help="How long it is valid, in seconds.")] = 3_600,
    workspace: InWorkspace = None,
    data: Data = None,
    url: Url = None,
) -> None:
    """Print an access token for a worker's page, to try it out: `pointsman worker token Alice`.

    It is signed with an API key that is made for this once, and kept in the data folder. A real application signs
    tokens with a key of its own, for whoever has logged in there.
    """
    from pointsman.bridge import tokens  # cryptography: other commands start without it

    async def work(client: Client) -> None:
        path = await workspace_path(client, workspace)
        found = await find_named(client, path, WORKER, worker)
        key = await _key(client)
        grant = {"workspace_sid": found["workspace_sid"], "worker_sid": found["sid"], "role": role.value}
        now_ms = Millis(time.time_ns() // 1_000_000)
        name = one_line(found["friendly_name"])
        print_line(tokens.make(key.sid, key.secret, key.account_sid, grant, now_ms, lifetime_s=ttl, identity=name))
        note(f"for {name}, as {role}, valid for {ttl} s")

    talk(data, url, work)


async def _key(client: Client) -> SigningKey:
    """The folder's own, if the server still has it; else a new one. Raises: `Failed`."""
    server = client.server
    file, keys = server.data / KEY_FILE, f"/Accounts/{server.account_sid}/Keys"
    kept = read_signing_key(file)
    if kept is not None and kept.account_sid == server.account_sid:
        try:
            await client.get(f"{keys}/{kept.sid}.json", api=API_2010)
            return kept
        except NotThere:
            note(f"API key {kept.sid} is gone: another one is made")
    made = await client.post(f"{keys}.json", {"FriendlyName": KEY_NAME}, api=API_2010)
    key = SigningKey(sid=made["sid"], secret=made["secret"], account_sid=server.account_sid)
    write_private(file, key)
    return key
