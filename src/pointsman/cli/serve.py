"""`pointsman serve`"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pointsman.cli.find import data_folder, data_option, program
from pointsman.loading import loading
from pointsman.settings import SETTINGS, InvalidSetting, read_flags, read_settings

if TYPE_CHECKING:
    from pointsman.bootstrap import Started

DOC = {setting.name: setting.doc for setting in SETTINGS}


def serve(
    data: Annotated[
        Path | None,
        typer.Option(help="The data folder; made if missing.", show_default="POINTSMAN_DATA, else pointsman-data"),
    ] = None,
    host: Annotated[str | None, typer.Option(help=DOC["host"])] = None,
    port: Annotated[int | None, typer.Option(help=DOC["port"], min=0, max=65535)] = None,
    tls_port: Annotated[int | None, typer.Option(help=DOC["tls_port"], min=0, max=65535)] = None,
    database: Annotated[str | None, typer.Option(help=DOC["database"])] = None,
    public_url: Annotated[str | None, typer.Option(help=DOC["public_url"])] = None,
    trusted_proxies: Annotated[str | None, typer.Option(help=DOC["trusted_proxies"])] = None,
    log_level: Annotated[str | None, typer.Option(help=DOC["log_level"])] = None,
    others: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="NAME=VALUE", help="Any other setting; may be repeated.", show_default=False),
    ] = None,
) -> None:
    """Run the router: REST over HTTP and HTTPS, until Ctrl-C or SIGTERM.

    Every setting may also stand in POINTSMAN_* or in pointsman.toml in the data folder; docs/reference/settings.md
    lists them.
    """
    with loading():  # only here: it takes as long as everything that other commands need
        from pointsman.bootstrap import CannotServe, run

    folder = data_folder(data)
    flags = {
        "host": host,
        "port": port,
        "tls_port": tls_port,
        "database": database,
        "public_url": public_url,
        "trusted_proxies": trusted_proxies,
        "log_level": log_level,
    }
    try:
        flags |= read_flags(others or ())
        if (obstacle := _obstacle(folder)) is not None:
            raise CannotServe(
                f"Can't use {folder} as the data folder: {obstacle} is a file; choose another with --data"
            )
        run(read_settings(folder, flags, os.environ), folder, lambda started: _announce(started, folder))
    except (CannotServe, InvalidSetting) as problem:
        typer.echo(f"pointsman: {problem}", err=True)
        raise typer.Exit(1) from None


def _obstacle(folder: Path) -> Path | None:
    """A file where a folder must be: said before anything is looked for in there."""
    nearest = next((each for each in (folder, *folder.parents) if each.exists()), None)
    return None if nearest is None or nearest.is_dir() else nearest


def _announce(started: Started, data: Path) -> None:
    """What is where, and what to do next. The token is shown once, at the first start, and only to a person."""
    typer.echo(f"Pointsman is ready at {started.url} (HTTPS: {started.tls_url})")
    typer.echo(f"Console:     {started.url}/console")
    typer.echo(f"Account SID: {started.account.sid}")
    if started.token_file is None:
        typer.echo("Auth token:  the one that was set for this account")
    else:
        typer.echo(f"Auth token:  kept in {started.token_file}, which only you can read")
        if started.is_new and sys.stdout.isatty():
            typer.echo(f"             {started.account.auth_token}  (shown this once)")
    callback = "--assignment-callback http://127.0.0.1:3000/assignment_callback"
    typer.echo("Next, in another terminal:")
    typer.echo(f"  {program()} quickstart{data_option(data)} {callback}")
    typer.echo("Stop with Ctrl-C.")
    sys.stdout.flush()
