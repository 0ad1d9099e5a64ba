"""What the program says of itself, and what it says to a misspelled command line."""

from __future__ import annotations

import pytest
from typer.testing import CliRunner

from pointsman.cli import app

COMMANDS = (
    "serve",
    "quickstart",
    "exec",
    "env",
    "hosts",
    "worker list",
    "worker activity",
    "workspaces",
    "activities",
    "queues",
    "workflows",
    "workers",
    "tasks",
    "reservations",
    "lint",
    "deliveries",
    "events",
    "events export",
    "explain",
    "keys create",
    "keys list",
    "keys revoke",
    "token rotate",
    "token promote",
    "token drop",
    "accounts create",
    "accounts list",
    "simulate",
)
TASK = "WT" + "0" * 32


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help(command: str) -> None:
    """And the program lists it."""
    result = CliRunner().invoke(app, [*command.split(), "--help"])
    assert result.exit_code == 0
    assert f"Usage: root {command}" in result.stdout or f"Usage: pointsman {command}" in result.stdout
    assert f" {command.split()[0]} " in CliRunner().invoke(app, ["--help"]).stdout


@pytest.mark.parametrize(
    "arguments",
    [
        "nosuch",
        "serve --nosuch",
        "serve --port 99999",
        "tasks --status odd",
        "reservations",
        f"reservations --task {TASK} --worker Alice",
        "reservations --task 7",
        f"reservations --task {TASK} --status odd",
        "deliveries --kind odd",
        "deliveries --task 7",
        "deliveries --limit 0",
        "events --task 7",
        "events --minutes 0",
        "events export --format xml",
        "events export --since yesterday",
        "events export --reservation 7",
        "events --follow export",
        "explain",
        "explain WT7",
        "lint",
        f"lint WW{TASK[2:]} --offline",
        "worker activity Alice",
        "keys revoke Billing",
        "accounts create",
        "quickstart --assignment-callback nowhere",
        "quickstart --workspace-name=",
    ],
)
def test_usage_errors_have_exit_code_2(arguments: str) -> None:
    """Before any server is looked for."""
    result = CliRunner().invoke(app, arguments.split())
    assert result.exit_code == 2
    assert "Error" in result.stderr
