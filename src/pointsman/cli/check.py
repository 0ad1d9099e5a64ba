"""`pointsman check`: whether everything in a database file is as it has to be."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import msgspec
import typer
from rich.console import Console
from rich.progress import Progress

from pointsman.cli.find import data_folder
from pointsman.cli.options import Data
from pointsman.cli.output import is_terminal, print_line
from pointsman.ports import StoreUnavailable, StoreUnusable
from pointsman.settings import InvalidSetting, read_settings
from pointsman.store import DATABASE_FILE

if TYPE_CHECKING:
    from pointsman.store.sqlite_check import Found

WRONG, NOT_CHECKED = 1, 2


def check_database(
    file: Annotated[
        Path | None, typer.Argument(help="A database file, such as a backup.", show_default="the data folder's")
    ] = None,
    data: Data = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the result as a JSON object.")] = False,
) -> None:
    """Read a database through and say what is wrong with it: pages, indexes, sequences of events, and every rule
    that holds of a workspace.

    A server may run on it meanwhile. Exits 0 if all is well, 1 if something is wrong, 2 if it could not be checked.
    """
    from pointsman.runtime.checking import broken  # the engine: every other command starts without it
    from pointsman.store.sqlite_check import check

    try:
        database = file or database_of(data_folder(data))
        with Progress(console=Console(stderr=True), transient=True, disable=not is_terminal()) as progress:
            shown = progress.add_task("events", total=None)
            found = check(database, broken, lambda read, of: progress.update(shown, completed=read, total=of))
    except (InvalidSetting, StoreUnavailable, StoreUnusable) as problem:
        typer.echo(f"pointsman: {problem}", err=True)
        raise typer.Exit(NOT_CHECKED) from None
    _print(found, database, as_json)
    if found.problems:
        raise typer.Exit(WRONG)


def database_of(folder: Path) -> Path:
    """The SQLite file of a data folder. Raises: `InvalidSetting`, `StoreUnusable`."""
    if read_settings(folder, {}, os.environ)["database"] is not None:
        raise StoreUnusable(
            "This is for SQLite files, and this data folder's database is another one: use its own tools"
        )
    return folder / DATABASE_FILE


def _print(found: Found, database: Path, as_json: bool) -> None:
    if as_json:
        print_line(msgspec.json.encode(found._asdict()).decode())
        return
    for problem in found.problems:
        print_line(problem)
    counted = f"{found.workspaces} workspaces, {found.entities} live entities, {found.events} events"
    verdict = f"{len(found.problems)} problems" if found.problems else "OK"
    print_line(f"{verdict}: {database} has {counted}")
