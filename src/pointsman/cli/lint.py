"""`pointsman lint`: what is allowed in a configuration or a task queue, and yet unwise."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from pointsman.cli.client import Client, Failed, NoAnswer, Row, one_line, talk
from pointsman.cli.find import Unreachable
from pointsman.cli.names import find_named, workspace_path
from pointsman.cli.options import Data, InWorkspace, Url
from pointsman.cli.output import note, print_json, print_line
from pointsman.core.errors import Rejected
from pointsman.core.ids import is_sid
from pointsman.resources import TASK_QUEUE, WORKFLOW, Resource
from pointsman.resources.types import Json
from pointsman.wire.lint import rows
from pointsman.wire.spelling import pascal

WARNED, FAILED = 1, 2
STDIN = "-"
CONFIGURATION = Json("configuration_bytes_max")
SIDS = {"WW": WORKFLOW, "WQ": TASK_QUEUE}


def lint(
    what: Annotated[
        str,
        typer.Argument(
            metavar="FILE|WW…|WQ…",
            help="A file with a workflow's configuration (- for the standard input), a workflow or a task queue.",
            show_default=False,
        ),
    ],
    offline: Annotated[
        bool, typer.Option("--offline", help="Ask no server: check the structure of the file alone.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the warnings as a JSON array.")] = False,
    workspace: InWorkspace = None,
    data: Data = None,
    url: Url = None,
) -> None:
    """Warn of what is allowed and yet unwise, such as a filter that is never reached: a line for each warning.

    A file is compared with the workers, tasks and queues of the running server's workspace; if there is no server, its
    structure alone is checked. Exits 0 without warnings, 1 with some, 2 if it can't be checked.
    """
    resource = SIDS[what[:2]] if any(is_sid(what, prefix) for prefix in SIDS) else None
    if resource is not None and offline:
        raise typer.BadParameter("a sid is known to its server alone", param_hint="--offline")
    found: list[Row] = []
    document = "" if resource else _read(what)

    async def work(client: Client) -> None:
        path = await workspace_path(client, workspace)
        found.extend(await _ask(client, path, resource, what, document))

    if offline:
        found = _alone(document)
    else:
        try:
            talk(data, url, work, failed=FAILED, passing=() if resource else (Unreachable, NoAnswer))
        except (Unreachable, NoAnswer) as problem:
            note(f"{problem}; so the structure alone was checked, not against workers, tasks and queues")
            found = _alone(document)
    _show(found, as_json=as_json)


async def _ask(client: Client, path: str, resource: Resource | None, what: str, document: str) -> list[Row]:
    """Raises: `Failed`."""
    if resource is None:
        answer = await client.post(f"{path}/Warnings", {pascal("configuration"): document})
    else:
        there = await find_named(client, path, resource, what)
        answer = await client.get(f"{path}/{resource.path}/{there['sid']}/Warnings")
    try:
        return [row for row in answer["warnings"] if (row["rule"], row["where"], row["message"])]
    except (KeyError, TypeError):
        raise Failed(f"{client.server.url} does not know of warnings: is it an older one?") from None


def _alone(document: str) -> list[Row]:
    from pointsman.core.lint import lint_workflow, run  # the engine: other commands start without it
    from pointsman.core.workflow.rules import read_rules

    try:
        return rows(run(lint_workflow(read_rules(document), None)))
    except Rejected as problem:
        raise _failed(problem) from None


def _read(name: str) -> str:
    """The configuration in a file."""
    try:
        content = sys.stdin.buffer.read() if name == STDIN else Path(name).read_bytes()
        text = content.decode("utf-8-sig")
    except (OSError, ValueError) as problem:
        reason = getattr(problem, "strerror", None) or "it is not UTF-8"
        raise _failed(f"Can't read {one_line(name)}: {one_line(reason)}") from None
    try:
        return CONFIGURATION.read(text)
    except ValueError as problem:
        raise _failed(f"{one_line(name)} is no configuration: expected {problem}") from None


def _failed(problem: object) -> typer.Exit:
    note(one_line(problem))
    return typer.Exit(FAILED)


def _show(found: list[Row], *, as_json: bool) -> None:
    if as_json:
        print_json(found)
    else:
        for each in found:
            place = f"{one_line(each['where'])}: " if each["where"] else ""
            print_line(f"{place}{one_line(each['message'])} [{one_line(each['rule'])}]")
    raise typer.Exit(WARNED if found else 0)
