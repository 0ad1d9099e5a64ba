"""From what people type to what the API wants: workspaces, workers and activities by name or sid."""

from __future__ import annotations

from pathlib import Path

import typer

from pointsman.cli import dotenv
from pointsman.cli.client import Client, Failed, NotThere, Row, one_line
from pointsman.core.ids import is_sid
from pointsman.resources import Resource
from pointsman.resources.types import FieldType

SHOWN_MAX = 20  # of the things that there are, in a message
ENV_FILE = Path(".env")
ENV_WORKSPACE = "TWILIO_WORKSPACE_SID"


async def workspace_path(client: Client, wanted: str | None) -> str:
    """The path of the workspace that was asked for, or that goes without saying. Raises: `Failed`."""
    return f"/Workspaces/{(await find_workspace(client, wanted))['sid']}"


async def find_workspace(client: Client, wanted: str | None) -> Row:
    """Raises: `Failed`."""
    if wanted and is_sid(wanted, "WS"):
        try:
            return await client.get(f"/Workspaces/{wanted}")
        except NotThere:
            there = await client.rows("/Workspaces", limit=SHOWN_MAX + 1)
            raise Failed(f"There is no workspace {wanted}; {_listed(there, sids=True)}") from None
    there = await client.rows("/Workspaces", {"FriendlyName": wanted} if wanted else None, limit=SHOWN_MAX + 1)
    if len(there) == 1:
        return there[0]
    if wanted and not there:
        there = await client.rows("/Workspaces", limit=SHOWN_MAX + 1)
        raise Failed(f"There is no workspace named {one_line(wanted)!r}; {_listed(there, sids=True)}")
    if not there:
        raise Failed("There is no workspace yet: make one with `pointsman quickstart`")
    if wanted:
        raise Failed(f"Several workspaces are named {one_line(wanted)!r}: say which by its sid; {_listed(there, True)}")
    return await _of_env(client, there)


async def _of_env(client: Client, there: list[Row]) -> Row:
    named = env_workspace(ENV_FILE)
    hint = ""
    if named:
        try:
            if is_sid(named, "WS"):
                return await client.get(f"/Workspaces/{named}")
        except NotThere:
            pass
        hint = f" ({ENV_FILE} names {one_line(named)}, which is not there)"
    raise Failed(f"There are several workspaces: say which with --workspace{hint}; {_listed(there, sids=True)}")


def env_workspace(path: Path) -> str | None:
    """The workspace that the file names, if there is such a file and it can be read."""
    try:
        return dotenv.read(path.read_bytes()).get(ENV_WORKSPACE)
    except (OSError, dotenv.Unreadable):
        return None


async def find_named(client: Client, workspace: str, resource: Resource, wanted: str) -> Row:
    """The worker (say) that `wanted` names: by sid, exactly, or else but for case, if that is one. Raises: `Failed`."""
    path, kind = f"{workspace}/{resource.path}", resource.name.replace("_", " ")
    if is_sid(wanted):
        try:
            return await client.get(f"{path}/{wanted}")
        except NotThere:
            pass
    elif wanted:
        found = await client.rows(path, {"FriendlyName": wanted}, limit=2)
        if len(found) == 1:
            return found[0]
    there = await client.rows(path, limit=SHOWN_MAX + 1)
    alike = [row for row in there if row["friendly_name"].casefold() == wanted.casefold()]
    if len(alike) == 1:
        return alike[0]
    raise Failed(f"There is no {kind} {one_line(wanted)!r}; {_listed(there)}")


def _listed(there: list[Row], sids: bool = False) -> str:
    if not there:
        return "there is none"
    names = [
        one_line(row["friendly_name"]) + (f" ({row['sid']})" if sids else "")
        for row in there[:SHOWN_MAX]
    ]  # fmt: skip
    more = " and more" if len(there) > SHOWN_MAX else ""
    return f"there {'are' if len(there) > 1 else 'is'} {', '.join(names)}{more}"


def checked(kind: FieldType, text: str, option: str) -> str:
    """An option's text, if the API would take it. A usage error, if not."""
    try:
        kind.read(text)
    except ValueError as problem:
        raise typer.BadParameter(f"{one_line(text)!r}: expected {problem}", param_hint=option) from None
    return text
