"""The commands that lead official clients here: `exec`, `env` and `hosts`."""

from __future__ import annotations

import os
import shlex
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer

from pointsman.cli.find import Unreachable, find_server
from pointsman.cli.interception.environment import Unusable
from pointsman.cli.interception.hosts import hosts_page
from pointsman.cli.interception.run import USAGE_ERROR, Refused, prepare, report, run
from pointsman.cli.interception.watch import ProxyFailed

FAILED = 1

# Everything from the command's name on belongs to the command, even what looks like an option of ours.
EXEC_SETTINGS: dict[str, Any] = {"allow_interspersed_args": False}

Data = Annotated[Path | None, typer.Option(help="The server's data folder.")]
Url = Annotated[str | None, typer.Option(help="The server's address, such as http://127.0.0.1:8080.")]
Hook = Annotated[bool, typer.Option("--hook/--no-hook", help="Preload our hook into Node processes.")]
Strict = Annotated[
    bool,
    typer.Option("--strict", help="Set a TWILIO_REGION that doesn't exist: requests that escape have nowhere to go."),
]
Force = Annotated[bool, typer.Option("--force", help="Run even with credentials that are not this server's.")]
Command = Annotated[list[str] | None, typer.Argument(metavar="COMMAND", help="What to run.", show_default=False)]


def register(app: typer.Typer) -> None:
    """Add the three commands to the program."""
    app.command("exec", context_settings=EXEC_SETTINGS)(exec_command)
    app.command("env")(env_command)
    app.command("hosts")(hosts_command)


def exec_command(
    command: Command = None,
    hook: Hook = True,
    strict: Strict = False,
    force: Force = False,
    data: Data = None,
    url: Url = None,
) -> None:
    """Run COMMAND with Twilio's names leading to the local server. Its exit status is the command's."""
    with _told_in_one_line():
        if not command:
            raise Refused("There is no command to run. Write it after --: pointsman exec -- node app.js")
        server = find_server(data, url)
        run(command, server, server.data, hook=hook, strict=strict, force=force)


def env_command(
    hook: Hook = True,
    strict: Strict = False,
    force: Force = False,
    data: Data = None,
    url: Url = None,
) -> None:
    """Print the variables as shell exports, for `eval "$(pointsman env)"`.

    No proxy runs then: Node and Python are led here by their hooks, other programs are not.
    """
    with _told_in_one_line():
        server = find_server(data, url)
        result = prepare(server, server.data, os.environ, proxy_port=None, hook=hook, strict=strict, force=force)
        report(result.warnings)
        for name, value in result.variables.items():
            typer.echo(f"export {name}={shlex.quote(value)}")


def hosts_command(data: Data = None, url: Url = None) -> None:
    """Print lines for the hosts file, for programs that heed neither hooks nor proxies."""
    from pointsman.tls import Authority

    with _told_in_one_line():
        server = find_server(data, url)
        authority = Authority.open(server.data / "tls")
        typer.echo(hosts_page(server.tls_url, authority.certificate_path.resolve()), nl=False)


@contextmanager
def _told_in_one_line() -> Iterator[None]:
    """Turn what the user can mend into one line and an exit status."""
    from pointsman.tls import AuthorityBroken  # cryptography: other commands start without it

    try:
        yield
    except Refused as refused:
        status, why = refused.exit_status, refused
        _leave(str(why), status)
    except Unusable as unusable:
        _leave(str(unusable), USAGE_ERROR)
    except (Unreachable, AuthorityBroken, ProxyFailed) as failure:
        _leave(str(failure), FAILED)


def _leave(why: str, status: int) -> None:
    typer.echo(f"pointsman: {why}", err=True)
    raise typer.Exit(status)
