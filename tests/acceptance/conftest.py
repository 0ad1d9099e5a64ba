"""A real server in a process of its own, and the command line to talk to it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from pointsman import runfile

START_S = 30.0
STOP_S = 20.0
COMMAND_S = 60.0
POLL_S = 0.02
FAULTS = ("request_failed", "command_failed", "answer_failed", "tick_failed", "commit_failed", "Traceback")
Command = subprocess.CompletedProcess[str]


def clean_environment() -> dict[str, str]:
    """Ours, without what would lead a command elsewhere."""
    return {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("POINTSMAN_", "TWILIO_")) and name.upper() not in ("HTTP_PROXY", "HTTPS_PROXY")
    }


class Pointsman:
    """`pointsman serve` on free loopback ports. A restart keeps the ports, as a server of one's own would."""

    def __init__(self, folder: Path, *arguments: str) -> None:
        self.folder = folder  # where commands run, and find their data folder
        self.data = folder / "pointsman-data"
        self.log = folder / "serve.log"  # what it writes to both of its outputs
        self._arguments = arguments
        self._ports = ("0", "0")
        self._process: subprocess.Popen[bytes] | None = None
        self._run: runfile.Run | None = None

    @property
    def run(self) -> runfile.Run:
        assert self._run is not None, "it was never started"
        return self._run

    @property
    def url(self) -> str:
        return self.run.url

    @property
    def tls_url(self) -> str:
        return self.run.tls_url

    @property
    def account(self) -> str:
        return self.run.account_sid

    @property
    def token(self) -> str:
        return self.run.auth_token

    def start(self, environment: dict[str, str] | None = None) -> None:
        """Start, and wait until it answers."""
        self.launch(environment)
        self.wait()

    def wait(self) -> None:
        """Until it answers, once it was launched."""
        assert self._process is not None, "it does not run"
        deadline = time.monotonic() + START_S
        while not self._answers():
            if self._process.poll() is not None:
                pytest.fail(f"the server ended with {self._process.returncode}:\n{self.log.read_text()}")
            if time.monotonic() > deadline:
                pytest.fail(f"the server did not start within {START_S:g} s:\n{self.log.read_text()}")
            time.sleep(POLL_S)
        self._ports = (str(urlsplit(self.url).port), str(urlsplit(self.tls_url).port))

    def launch(self, environment: dict[str, str] | None = None) -> None:
        """Start, and wait for nothing."""
        assert self._process is None, "it runs"
        command = [sys.executable, "-m", "pointsman", "serve", "--data", str(self.data)]
        command += ["--port", self._ports[0], "--tls-port", self._ports[1], *self._arguments]
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                command,
                cwd=self.folder,
                env=clean_environment() | (environment or {}),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )

    def _answers(self) -> bool:
        """Both listen once the run file is there; the file of one that was killed is not ours."""
        assert self._process is not None
        run = runfile.read_run(self.data)
        if run is None or run.pid != self._process.pid:
            return False
        self._run = run
        try:
            with urllib.request.urlopen(f"{run.url}/health", timeout=1) as response:
                return bool(response.status == 200)
        except OSError:
            return False

    def stop(self, number: signal.Signals = signal.SIGTERM) -> int:
        """Ask it to end; its exit code."""
        return self._end(number)

    def kill(self) -> None:
        """At once, in the middle of whatever it does."""
        self._end(signal.SIGKILL)

    def restart(self) -> None:
        """On the same ports; after `kill` just start again."""
        if self._process is not None:
            assert self.stop() == 0
        self.start()

    def _end(self, number: signal.Signals) -> int:
        assert self._process is not None, "it does not run"
        process, self._process = self._process, None
        process.send_signal(number)
        try:
            return process.wait(STOP_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            pytest.fail(f"the server did not end within {STOP_S:g} s:\n{self.log.read_text()}")

    def close(self) -> None:
        """End it, if it still runs."""
        if self._process is not None:
            self.kill()

    def worked_s(self) -> float:
        """Processor time that it has used: what else the machine does is not in it."""
        fields = Path(f"/proc/{self.run.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    # --- commands ---------------------------------------------------------------------------------------------

    def spawn(self, *arguments: str, env: dict[str, str] | None = None) -> subprocess.Popen[str]:
        """Start `pointsman ARGUMENTS` in the folder."""
        return subprocess.Popen(
            [sys.executable, "-m", "pointsman", *arguments],
            cwd=self.folder,
            env=clean_environment() | (env or {}),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            errors="replace",
        )

    def command(self, *arguments: str, env: dict[str, str] | None = None) -> Command:
        """Run `pointsman ARGUMENTS` to its end."""
        with self.spawn(*arguments, env=env) as process:
            try:
                output, errors = process.communicate(timeout=COMMAND_S)
            except BaseException:
                process.kill()
                raise
        return subprocess.CompletedProcess(arguments, process.returncode, output, errors)


def faults(server: Pointsman) -> list[str]:
    """What stands in the server's log that must not."""
    return [line for line in server.log.read_text().splitlines() if any(fault in line for fault in FAULTS)]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pointsman]:
    """A running server for all tests of a module; its log must be without faults in the end."""
    server = Pointsman(tmp_path_factory.mktemp("server"))
    server.start()
    yield server
    server.close()
    assert faults(server) == []


@pytest.fixture
def make_pointsman(tmp_path: Path) -> Iterator[Callable[..., Pointsman]]:
    """Makes servers, not started yet, each with a folder of its own; ends them with the test."""
    made: list[Pointsman] = []

    def make(*arguments: str, folder: str = ".") -> Pointsman:
        place = tmp_path / folder
        place.mkdir(parents=True, exist_ok=True)
        made.append(Pointsman(place, *arguments))
        return made[-1]

    yield make
    for each in made:
        each.close()


@pytest.fixture
def pointsman(make_pointsman: Callable[..., Pointsman]) -> Pointsman:
    """A running server."""
    server = make_pointsman()
    server.start()
    return server
