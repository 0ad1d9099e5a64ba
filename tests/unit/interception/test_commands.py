"""The command line around it: options, messages, and what `env` and `hosts` print."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

from pointsman.cli.find import Server, Unreachable
from pointsman.cli.interception import commands
from pointsman.cli.interception.commands import register
from pointsman.cli.interception.hosts import hosts_page
from pointsman.cli.interception.run import Refused
from tests.unit.interception.stand_in import StandIn

APP = typer.Typer()
register(APP)


@pytest.fixture(autouse=True)
def found(server: StandIn, monkeypatch: pytest.MonkeyPatch) -> Server:
    """The stand-in is the server that is found."""
    found = Server(server.url, server.tls_url, server.data, server.account_sid, server.auth_token)
    monkeypatch.setattr(commands, "find_server", lambda _data, _url: found)
    for name in ("TWILIO_ACCOUNT_SID", "TWILIO_AUTH_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    return found


@pytest.mark.parametrize(
    ("arguments", "command", "changed"),
    [
        (["--", "node", "app.js"], ["node", "app.js"], {}),
        (["node", "--strict", "app.js"], ["node", "--strict", "app.js"], {}),
        (["--strict", "--", "node", "--", "-x"], ["node", "--", "-x"], {"strict": True}),
        (["--no-hook", "--force", "node"], ["node"], {"hook": False, "force": True}),
    ],
)
def test_options_before_the_command_are_ours_the_rest_is_its_own(
    found: Server,
    monkeypatch: pytest.MonkeyPatch,
    arguments: list[str],
    command: list[str],
    changed: dict[str, bool],
) -> None:
    """With or without the two dashes."""
    ran: list[Any] = []
    monkeypatch.setattr(commands, "run", lambda command, server, data, **flags: ran.append((command, data, flags)))

    assert CliRunner().invoke(APP, ["exec", *arguments]).exit_code == 0
    assert ran == [(command, found.data, {"hook": True, "strict": False, "force": False} | changed)]


def test_without_a_command_it_is_a_usage_error() -> None:
    """Before anybody looks for a server."""
    result = CliRunner().invoke(APP, ["exec"])
    assert result.exit_code == 2
    assert result.stderr == "pointsman: There is no command to run. Write it after --: pointsman exec -- node app.js\n"


@pytest.mark.parametrize(
    ("error", "status"), [(Unreachable("No server runs here."), 1), (Refused("No server runs here.", 126), 126)]
)
@pytest.mark.parametrize("arguments", [["exec", "--", "true"], ["env"], ["hosts"]])
def test_what_the_user_can_mend_is_one_line(
    monkeypatch: pytest.MonkeyPatch, arguments: list[str], error: Exception, status: int
) -> None:
    """No traceback."""

    def fail(_data: Path | None, _url: str | None) -> Server:
        raise error

    monkeypatch.setattr(commands, "find_server", fail)
    result = CliRunner().invoke(APP, arguments)
    assert (result.exit_code, result.stdout, result.stderr) == (status, "", "pointsman: No server runs here.\n")


def test_a_shell_understands_what_env_prints(server: StandIn, monkeypatch: pytest.MonkeyPatch) -> None:
    """Blanks in paths and all; and the warnings go elsewhere."""
    monkeypatch.setenv("HTTP_PROXY", "http://corporate:3128")
    result = CliRunner().invoke(APP, ["env", "--strict"])
    assert result.exit_code == 0
    assert result.stderr.startswith("pointsman: warning: HTTP_PROXY is set")

    show = 'printf "%s|%s|%s" "$POINTSMAN_INTERCEPT_CA" "$TWILIO_REGION" "$HTTPS_PROXY"'
    shell = subprocess.run(["sh", "-c", result.stdout + show], env={}, capture_output=True, text=True)
    assert shell.stdout == f"{server.data / 'tls' / 'ca.pem'}|pointsman-local|"


def test_env_refuses_credentials_that_are_not_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    """The shell would keep them."""
    monkeypatch.setenv("TWILIO_AUTH_TOKEN", "somebody's")
    assert CliRunner().invoke(APP, ["env"]).exit_code == 2
    assert CliRunner().invoke(APP, ["env", "--force"]).exit_code == 0


def test_hosts_prints_lines_that_a_hosts_file_takes(server: StandIn) -> None:
    """Everything else is a comment."""
    result = CliRunner().invoke(APP, ["hosts"])
    lines = [line for line in result.stdout.splitlines() if not line.startswith("#")]
    assert lines == [f"127.0.0.1 {name}.twilio.com" for name in ("taskrouter", "event-bridge", "api", "accounts")]
    assert str(server.data / "tls" / "ca.pem") in result.stdout


@pytest.mark.parametrize(
    ("tls_url", "said"),
    [
        ("https://127.0.0.1:443", "listens on port 443 already"),
        ("https://127.0.0.1", "listens on port 443 already"),
        ("https://127.0.0.1:8443", "it listens on 8443 now"),
        (None, "it has no TLS listener now"),
    ],
)
def test_hosts_explains_the_port(tls_url: str | None, said: str) -> None:
    """The programs expect 443, which the server rarely has."""
    assert said in hosts_page(tls_url, Path("/ca.pem"))


def test_hosts_uses_the_listeners_address_if_it_is_one() -> None:
    """A name can't stand there."""
    assert "\n::1 api.twilio.com" in hosts_page("https://[::1]:8443", Path("/ca.pem"))
    assert "\n127.0.0.1 api.twilio.com" in hosts_page("https://localhost:8443", Path("/ca.pem"))
