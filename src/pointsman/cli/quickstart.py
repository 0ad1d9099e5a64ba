"""`pointsman quickstart`: what part 1 of the quickstart has, made through the API, and the `.env` for its program."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.text import Text

from pointsman.cli import dotenv
from pointsman.cli.client import Client, Failed, one_line, talk
from pointsman.cli.find import data_option, program
from pointsman.cli.names import checked
from pointsman.cli.options import Data, Url
from pointsman.cli.output import console, note, print_line
from pointsman.cli.quickstart_parts import ALICE, BOB, WRAP_UP, Made, Wish, set_up
from pointsman.resources import WORKFLOW, WORKSPACE

NAME_DEFAULT = "Quickstart"
STYLES = {"created": "green", "updated": "yellow", "found": "dim"}
_CALLBACK = next(field for field in WORKFLOW.fields if field.name == "assignment_callback_url").type
_NAME = next(field for field in WORKSPACE.fields if field.name == "friendly_name").type


def quickstart(
    assignment_callback: Annotated[
        str | None, typer.Option(metavar="URL", help="Where the program is told that a worker was reserved.")
    ] = None,
    single_tasking: Annotated[
        bool,
        typer.Option("--single-tasking", help="A workspace in which Alice goes Reserved, and then Busy."),
    ] = False,
    env: Annotated[Path, typer.Option(help="The file for the program's settings.", metavar="PATH")] = Path(".env"),
    force: Annotated[bool, typer.Option("--force", help="Replace values of ours that the file has already.")] = False,
    workspace_name: Annotated[str, typer.Option(metavar="NAME", help="The workspace's name.")] = NAME_DEFAULT,
    data: Data = None,
    url: Url = None,
) -> None:
    """Make the workspace of the quickstart, with Alice and Bob in it, and write its sids into .env.

    What is there already is found by its name and left as it is. Of .env, only lines of our own are added, or
    replaced with --force.
    """
    if assignment_callback is not None:
        checked(_CALLBACK, assignment_callback, "--assignment-callback")
    checked(_NAME, workspace_name, "--workspace-name")
    wish = Wish(workspace_name, assignment_callback, single_tasking)

    async def work(client: Client) -> None:
        try:
            before = dotenv.read_file(env)
            made = await set_up(client, wish, _tell)
            _write(env, before, _variables(client, made), force=force)
        except dotenv.Unreadable as problem:
            raise Failed(str(problem)) from None
        _say_what_next(client, wish, made)

    talk(data, url, work)


def _tell(what: str, kind: str, name: str, more: str) -> None:
    line = Text(f"{what:<8}", style=STYLES[what])
    line.append(f"{kind} {one_line(name)}", style="default")
    line.append(f"  {one_line(more)}", style="dim")
    console().print(line)


def _variables(client: Client, made: Made) -> dict[str, str]:
    """By the names under which the quickstart's program reads them."""
    return {
        "TWILIO_ACCOUNT_SID": client.server.account_sid,
        "TWILIO_AUTH_TOKEN": client.server.auth_token,
        "TWILIO_WORKSPACE_SID": made.workspace,
        "TWILIO_WORKFLOW_SID": made.workflow,
        "TWILIO_WORKER_ALICE_SID": made.workers[ALICE],
        "TWILIO_WORKER_BOB_SID": made.workers[BOB],
        "TWILIO_POST_WORKER_ACTIVITY": made.activities[WRAP_UP],
    }


def _write(path: Path, before: bytes | None, wanted: dict[str, str], *, force: bool) -> None:
    try:
        edit = dotenv.edit(before or b"", wanted, force=force)
    except dotenv.Unreadable as problem:
        raise dotenv.Unreadable(f"Can't edit {path}: {problem}") from None
    if edit.content != before:
        dotenv.write_file(path, edit.content)
    if before is None:
        print_line(f"wrote   {path}, which only you can read: it holds the token")
    elif edit.added or edit.replaced:
        if edit.added:
            print_line(f"added   to {path}: {', '.join(edit.added)}")
        if edit.replaced:
            print_line(f"changed in {path}: {', '.join(edit.replaced)}")
    elif not edit.kept:
        print_line(f"found   {path}, with all that it needs")
    if edit.kept:
        note(
            f"warning: {path} has other values for {', '.join(edit.kept)}, and the program will read those; "
            "--force replaces them"
        )


def _say_what_next(client: Client, wish: Wish, made: Made) -> None:
    us, option = program(), data_option(client.server.data)
    if wish.workspace_name != NAME_DEFAULT:
        option += f" --workspace {made.workspace}"
    # the one activity of a new workspace in which workers get tasks
    ready = "Idle" if wish.single_tasking else "Available"
    print_line("Next:")
    print_line(f"  {us} exec{data_option(client.server.data)} -- node server.js")
    print_line("    runs your program; its GET /create_task makes a task")
    print_line(f"  {us} worker activity{option} Alice {ready}")
    print_line("    makes her take it")
    print_line(f"  {us} deliveries{option} --follow")
    print_line("    shows what your program was sent, and what it answered")
    if not made.callback_url:
        note("the workflow has no assignment callback URL yet: run this again with --assignment-callback URL")
