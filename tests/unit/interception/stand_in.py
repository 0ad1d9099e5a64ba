"""A server for clients to find: TLS with the local authority, and answers that the twilio package takes."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, NamedTuple

import pointsman
from pointsman.tls import Authority

SOURCES = Path(pointsman.__file__).parents[1]
COMMAND_TIMEOUT_S = 60

# What `pointsman exec` does once it has found the server, without the command line around it.
LAUNCHER = """
import json, sys
from pathlib import Path
from types import SimpleNamespace
sys.path.insert(0, sys.argv[1])
from pointsman.cli.interception.run import Refused, run
facts = json.loads(sys.argv[2])
try:
    run(sys.argv[3:], SimpleNamespace(**facts["server"]), Path(facts["data"]), **facts["flags"])
except Refused as refused:
    print(refused, file=sys.stderr)
    sys.exit(refused.exit_status)
"""

WORKSPACES = {
    "workspaces": [{"sid": "WS1", "account_sid": "AC1", "friendly_name": "ours"}],
    "meta": {"key": "workspaces", "page": 0, "page_size": 50, "next_page_url": None},
}


class StandIn(NamedTuple):
    """A running server, as `pointsman.cli.find` would describe it."""

    url: str
    tls_url: str | None
    data: Path
    account_sid: str
    auth_token: str
    seen: list[str]  # each request: method, host and path

    def start(
        self,
        *command: str,
        variables: dict[str, str] | None = None,
        folder: Path | None = None,
        **flags: bool,
    ) -> subprocess.Popen[str]:
        """Start `command` as `pointsman exec` does, in an environment with nothing but what is given."""
        facts = {
            "server": {
                "url": self.url,
                "tls_url": self.tls_url,
                "account_sid": self.account_sid,
                "auth_token": self.auth_token,
            },
            "data": str(self.data),
            "flags": flags,
        }
        environment = {"PATH": f"{Path(sys.executable).parent}:/usr/local/bin:/usr/bin:/bin"}
        node = shutil.which("node")
        if node:
            environment["PATH"] += f":{Path(node).parent}"
        return subprocess.Popen(
            [sys.executable, "-c", LAUNCHER, str(SOURCES), json.dumps(facts), *command],
            env=environment | (variables or {}),
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            process_group=0,  # as a shell's job: what its terminal sends reaches it alone
        )

    def run(self, *command: str, **how: Any) -> subprocess.CompletedProcess[str]:
        """Run `command` to its end, which comes only when nobody holds its output open any more."""
        with self.start(*command, **how) as process:
            try:
                output, errors = process.communicate(timeout=COMMAND_TIMEOUT_S)
            finally:
                process.kill()
        return subprocess.CompletedProcess(command, process.returncode, output, errors)


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing: a client that hangs up at once is a probe, and some tests break handshakes."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    seen: list[str]

    def _answer(self) -> None:
        self.seen.append(f"{self.command} {self.headers['Host']}{self.path.partition('?')[0]}")
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        body = json.dumps(WORKSPACES if self.command == "GET" else {"sid": "WT1"}).encode()
        self.send_response(200 if self.command == "GET" else 201)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_GET = do_POST = _answer  # noqa: N815 (the names that the base class calls)

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing: the tests look at `seen`."""


@contextmanager
def serve(*, data: Path | None = None) -> Iterator[tuple[int, list[str]]]:
    """Serve on a free loopback port, with TLS if there is a data folder; give the port and the requests."""
    seen: list[str] = []
    handler = type("Handler", (_Handler,), {"seen": seen})
    server = _Server(("127.0.0.1", 0), handler)
    if data is not None:
        context = Authority.open(data / "tls").server_context()
        server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield server.server_port, seen
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
