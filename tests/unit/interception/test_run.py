"""`exec` becomes the command: what its parent sees is the command and nothing else."""

from __future__ import annotations

import json
import os
import signal
import socket
import sys
import time
from pathlib import Path

import pytest

from tests.unit.interception.stand_in import StandIn, serve

GONE_WITHIN_S = 30.0


def test_the_exit_status_is_the_commands(server: StandIn) -> None:
    """And so is its output; we add nothing to either."""
    done = server.run("sh", "-c", "echo out; echo err >&2; exit 42")
    assert (done.returncode, done.stdout, done.stderr) == (42, "out\n", "err\n")


def test_a_signal_reaches_the_command_and_its_death_is_seen(server: StandIn) -> None:
    """The process that was started is the command itself."""
    process = server.start("sh", "-c", "trap 'echo caught; exit 7' TERM; echo $$; while :; do sleep 0.01; done")
    with process:
        assert process.stdout is not None
        assert int(process.stdout.readline()) == process.pid
        process.send_signal(signal.SIGTERM)
        assert process.stdout.read() == "caught\n"
    assert process.returncode == 7

    assert server.run("sh", "-c", "kill -9 $$").returncode == -signal.SIGKILL


@pytest.mark.skipif(sys.platform != "linux", reason="asks Linux what is ignored")
def test_python_s_own_settings_of_signals_are_not_handed_on(server: StandIn) -> None:
    """With SIGPIPE ignored, `yes | head` would complain instead of ending."""
    ignored = int(server.run("sh", "-c", "grep SigIgn /proc/self/status").stdout.split()[1], base=16)
    assert not ignored & (1 << (signal.SIGPIPE - 1) | 1 << (signal.SIGXFSZ - 1))


def test_the_command_has_no_children_that_it_did_not_make(server: StandIn) -> None:
    """A program that waits for all its children would wait for a proxy for ever."""
    script = "import os\ntry:\n    os.wait()\nexcept ChildProcessError:\n    print('none')"
    assert server.run(sys.executable, "-c", script).stdout == "none\n"


def test_the_command_holds_no_descriptors_of_ours(server: StandIn) -> None:
    """Standard streams, and the one that lists them."""
    script = "import os; print(len(os.listdir('/dev/fd')))"
    assert server.run(sys.executable, "-c", script).stdout == "4\n"


def test_the_proxy_lives_as_long_as_the_command(server: StandIn) -> None:
    """Not shorter, however the terminal's keys are pressed, and not longer, however the command ends."""
    script = """
import os, signal, time
signal.signal(signal.SIGINT, lambda *_: os.write(1, b"interrupted\\n"))
print(os.environ["HTTPS_PROXY"], flush=True)
time.sleep(60)
"""
    with server.start(sys.executable, "-c", script) as process:
        assert process.stdout is not None
        port = int(process.stdout.readline().strip().rpartition(":")[2])
        os.killpg(process.pid, signal.SIGINT)
        assert process.stdout.readline() == "interrupted\n"
        assert _listens(port)
        process.kill()
    deadline = time.monotonic() + GONE_WITHIN_S
    while _listens(port):
        assert time.monotonic() < deadline, "the proxy is still there"
        time.sleep(0.02)


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


@pytest.mark.parametrize(
    ("name", "status", "why"),
    [
        ("no-such-command", 127, "no-such-command was not found."),
        ("/no/such/file", 127, "/no/such/file was not found."),
        ("/etc/passwd", 126, "/etc/passwd can't be executed."),
        ("/etc", 126, "/etc can't be executed."),
    ],
)
def test_a_command_that_can_not_run_gets_a_shells_status(server: StandIn, name: str, status: int, why: str) -> None:
    """One line, and nothing has been started."""
    done = server.run(name)
    assert (done.returncode, done.stdout, done.stderr) == (status, "", f"{why}\n")


def test_a_script_without_its_first_line_is_not_executable(server: StandIn, tmp_path: Path) -> None:
    """The system finds out only when we try to become it."""
    script = tmp_path / "script"
    script.write_text("echo hello\n")
    script.chmod(0o755)
    done = server.run(str(script))
    assert done.returncode == 126
    assert done.stderr == f"{script} can't be executed: it has no #! line, or is for another machine.\n"


def test_without_a_command_it_is_a_usage_error(server: StandIn) -> None:
    """As env(1) would not do, but as everybody expects."""
    done = server.run()
    assert done.returncode == 2
    assert "There is no command to run" in done.stderr


@pytest.mark.parametrize("name", ["TWILIO_AUTH_TOKEN", "TWILIO_ACCOUNT_SID"])
def test_credentials_that_are_not_ours_stop_it(server: StandIn, name: str) -> None:
    """They may be real, and a request that escaped would carry them to the real service."""
    done = server.run("true", variables={name: "somebody's"})
    assert done.returncode == 2
    assert done.stderr.startswith(f"{name} is set to something that is not this server's.")
    assert "somebody" not in done.stderr

    assert server.run("sh", "-c", f"echo ${name}", variables={name: "x"}, force=True).stdout == "x\n"


def test_our_credentials_are_given_or_kept(server: StandIn) -> None:
    """An empty variable counts as none."""
    script = "echo $TWILIO_ACCOUNT_SID $TWILIO_AUTH_TOKEN"
    expected = f"{server.account_sid} {server.auth_token}\n"
    ours = {"TWILIO_ACCOUNT_SID": server.account_sid, "TWILIO_AUTH_TOKEN": ""}
    assert server.run("sh", "-c", script).stdout == expected
    assert server.run("sh", "-c", script, variables=ours).stdout == expected


def test_a_server_without_tls_is_refused(server: StandIn) -> None:
    """It says which flag is missing."""
    done = server._replace(tls_url=None).run("true")
    assert done.returncode == 2
    assert "no TLS listener. Start it with --tls-port" in done.stderr


def test_a_listener_that_is_not_there_is_refused(server: StandIn) -> None:
    """Before the command starts, not in each of its requests."""
    with serve() as (port, _):
        pass
    done = server._replace(tls_url=f"https://127.0.0.1:{port}").run("true")
    assert done.returncode == 2
    assert done.stderr == f"The TLS listener at 127.0.0.1:{port} doesn't answer: Connection refused.\n"


def test_a_listener_with_another_folders_authority_is_refused(server: StandIn, tmp_path: Path) -> None:
    """All clients would fail with errors about certificates; the data folder is the cause."""
    done = server._replace(data=tmp_path).run("true")
    assert done.returncode == 2
    assert f"doesn't use the authority in {tmp_path / 'tls'}" in done.stderr
    assert done.stderr.count("\n") == 1


def test_a_command_within_a_command_is_no_different(server: StandIn) -> None:
    """The inner one finds our variables set, and adds nothing twice."""
    show = "import json, os; print(json.dumps(dict(os.environ)))"
    outer = json.loads(server.run(sys.executable, "-c", show).stdout)
    inner = json.loads(server.run(sys.executable, "-c", show, variables=outer).stdout)

    changed = {name for name in outer if outer[name] != inner[name]}
    assert changed <= {"HTTPS_PROXY", "https_proxy", "NODE_EXTRA_CA_CERTS", "TWILIO_CA_BUNDLE"}
    assert os.path.getsize(inner["SSL_CERT_FILE"]) == os.path.getsize(outer["SSL_CERT_FILE"])  # noqa: PTH202
