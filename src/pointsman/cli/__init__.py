"""The command line."""

from __future__ import annotations

import sys
from io import TextIOWrapper
from typing import Annotated

import typer

from pointsman import __version__
from pointsman.cli import (
    accounts,
    backup,
    check,
    deliveries,
    events,
    explain,
    keys,
    lint,
    lists,
    quickstart,
    serve,
    simulate,
    tokens,
    worker,
)
from pointsman.cli.interception import commands as interception

app = typer.Typer(
    name="pointsman",
    help="Pointsman: a self-hosted, skills-based router of work that speaks the TaskRouter API.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"pointsman {__version__}")
        raise typer.Exit


@app.callback()
def root(
    version: Annotated[
        bool, typer.Option("--version", help="Print the version and exit.", callback=_version, is_eager=True)
    ] = False,
) -> None:
    pass


app.command("serve")(serve.serve)
app.command("quickstart")(quickstart.quickstart)
interception.register(app)
app.add_typer(worker.app, name="worker")
lists.register(app)
app.command("lint")(lint.lint)
app.add_typer(deliveries.app, name="deliveries")
app.add_typer(events.app, name="events")
app.command("explain")(explain.explain)
app.add_typer(keys.app, name="keys")
app.add_typer(tokens.app, name="token")
app.add_typer(accounts.app, name="accounts")
app.command("backup")(backup.backup)
app.command("restore")(backup.restore)
app.command("check")(check.check_database)
app.command("simulate")(simulate.simulate)


def main() -> None:
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):  # names are in any script, whatever the terminal's is
            stream.reconfigure(errors="backslashreplace")
    app()
