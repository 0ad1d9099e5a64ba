"""`pointsman backup` and `pointsman restore`"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import Progress

from pointsman.cli.check import database_of
from pointsman.cli.find import data_folder
from pointsman.cli.options import Data
from pointsman.cli.output import is_terminal, print_line
from pointsman.ports import StoreUnavailable, StoreUnusable
from pointsman.settings import InvalidSetting

FAILED = 1
PROBLEMS_TOLD = 5


def backup(
    file: Annotated[Path, typer.Argument(help="Where to; a new file.")],
    force: Annotated[bool, typer.Option("--force", help="Replace FILE, if it is there.")] = False,
    data: Data = None,
) -> None:
    """Write the database to FILE, while the server runs or not: everything that was answered before the command began.

    FILE appears when it is complete, readable by you alone: the auth tokens are in it. Not in it are pointsman.toml and
    tls/ of the data folder. docs/how-to/backup.md says what to do with it.
    """
    from pointsman.store.sqlite_copy import back_up

    with _told_errors(file), _progress("pages") as told:
        if file.is_dir():
            raise StoreUnusable(f"{file} is a folder: say which file in it")
        if file.exists() and not force:
            raise StoreUnusable(f"{file} is there: choose another name, or replace it with --force")
        back_up(database_of(data_folder(data)), file, told)
    print_line(f"{file} has everything, {file.stat().st_size / 2**20:.1f} MB. Try it: pointsman check {file}")


def restore(
    file: Annotated[Path, typer.Argument(help="A backup.")],
    data: Data = None,
) -> None:
    """Make the database of a data folder from a backup, after it was checked.

    The folder must have no database, and no server may run on it.
    """
    from pointsman.runtime.checking import broken  # the engine: every other command starts without it
    from pointsman.store.sqlite_check import check
    from pointsman.store.sqlite_copy import restore as restore_file

    folder = data_folder(data)
    with _told_errors(folder):
        database = database_of(folder)
        with _progress("events") as told:
            found = check(file, broken, told)
        if found.problems:
            for problem in found.problems[:PROBLEMS_TOLD]:
                print_line(problem)
            raise StoreUnusable(f"{file} has {len(found.problems)} problems, and nothing was restored")
        with _progress("pages") as told:
            restore_file(file, database, told)
    print_line(f"{database} has {found.workspaces} workspaces and {found.events} events. Next: pointsman serve")


@contextmanager
def _progress(of: str) -> Iterator[Callable[[int, int], None]]:
    with Progress(console=Console(stderr=True), transient=True, disable=not is_terminal()) as progress:
        shown = progress.add_task(of, total=None)
        yield lambda done, total: progress.update(shown, completed=done, total=total)


@contextmanager
def _told_errors(path: Path) -> Iterator[None]:
    try:
        yield
    except (InvalidSetting, StoreUnavailable, StoreUnusable) as problem:
        typer.echo(f"pointsman: {problem}", err=True)
        raise typer.Exit(FAILED) from None
    except OSError as problem:
        typer.echo(f"pointsman: Can't write {problem.filename or path}: {problem.strerror or problem}", err=True)
        raise typer.Exit(FAILED) from None
