"""`pointsman exec`: check that it is safe, start the proxy, and become the command."""

from __future__ import annotations

import errno
import os
import shutil
import signal
import ssl
import sys
from collections.abc import Mapping
from pathlib import Path
from socket import create_connection
from typing import TYPE_CHECKING, NoReturn, Protocol
from urllib.parse import urlsplit

from pointsman.cli.interception import watch
from pointsman.cli.interception.bundles import Bundles
from pointsman.cli.interception.environment import (
    Result,
    Target,
    foreign_credentials,
    upstreams,
    variables_for,
)
from pointsman.cli.interception.proxy import Address, Routes

if TYPE_CHECKING:
    from pointsman.tls import Authority

LISTENER_TIMEOUT_S = 5.0
PROBE_NAME = "taskrouter.twilio.com"

USAGE_ERROR = 2  # the exit statuses of env(1) and of shells
NOT_EXECUTABLE = 126
NOT_FOUND = 127


class Server(Protocol):
    """What must be known of the running server; `pointsman.cli.find` finds it."""

    @property
    def url(self) -> str: ...
    @property
    def tls_url(self) -> str | None: ...
    @property
    def account_sid(self) -> str: ...
    @property
    def auth_token(self) -> str: ...


class Refused(Exception):
    """The command was not run; the message is for the user, in one line."""

    def __init__(self, why: str, exit_status: int = USAGE_ERROR) -> None:
        super().__init__(why)
        self.exit_status = exit_status


def run(
    command: list[str],
    server: Server,
    data: Path,
    *,
    hook: bool = True,
    strict: bool = False,
    force: bool = False,
) -> NoReturn:
    """Become `command`, with an environment and a proxy that lead Twilio's names to `server`.

    The process stays the same one, so its id, signals, terminal and exit status are the command's.
    Raises: `Refused`, `Unusable`, `AuthorityBroken` or `ProxyFailed`, if it can't.
    """
    if sys.platform == "win32":
        raise Refused("pointsman exec needs a POSIX system. On Windows, use it inside WSL.")
    existing = dict(os.environ)
    program = find_program(command, existing)
    https_upstream, http_upstream = upstreams(existing)
    with watch.listen() as listening:
        port = listening.getsockname()[1]
        result = prepare(server, data, existing, proxy_port=port, hook=hook, strict=strict, force=force)
        report(result.warnings)
        if sys.stderr.isatty():
            how = "Node hook, Python look-ups, proxy" if hook else "Python look-ups, proxy"
            print(f"pointsman: Twilio's names lead to {server.url} ({how} on port {port})", file=sys.stderr)
        certificate = Path(result.variables["POINTSMAN_INTERCEPT_CA"])
        watch.start_proxy(listening, Routes(listener_of(server), certificate, https_upstream, http_upstream))
    _become(program, command, existing | result.variables)


def prepare(
    server: Server,
    data: Path,
    existing: Mapping[str, str],
    *,
    proxy_port: int | None,
    hook: bool,
    strict: bool,
    force: bool = False,
) -> Result:
    """Check that it is safe; compute the variables that lead to `server`; write the files that they name."""
    from pointsman.tls import Authority

    if not force:
        _refuse_foreign_credentials(existing, server)
    authority = Authority.open(data / "tls")
    listener = listener_of(server)
    probe(listener, authority)
    bundles = Bundles(authority.certificate_path.parent.resolve(), authority.certificate_pem)
    target = Target(
        listener=listener,
        certificate=authority.certificate_path.resolve(),  # the command may change its folder
        account_sid=server.account_sid,
        auth_token=server.auth_token,
        proxy_port=proxy_port,
        hook=hook,
        strict=strict,
    )
    result = variables_for(target, existing, bundles.combine)
    return Result(result.variables, result.warnings + bundles.warnings)


def report(warnings: list[str]) -> None:
    """Tell the user what may go wrong, where the command's output isn't disturbed."""
    for line in warnings:
        print(f"pointsman: warning: {line}", file=sys.stderr)


def _refuse_foreign_credentials(existing: Mapping[str, str], server: Server) -> None:
    """Stop before a request that escaped could carry real credentials to the real service."""
    names = foreign_credentials(existing, server.account_sid, server.auth_token)
    if names:
        are = "are" if len(names) > 1 else "is"
        raise Refused(
            f"{' and '.join(names)} {are} set to something that is not this server's. "
            "Unset it, so that real credentials can't escape, or give --force."
        )


def listener_of(server: Server) -> Address:
    """Say where the server's TLS listener is. Raises: `Refused`, if it has none."""
    if not server.tls_url:
        raise Refused(f"The server at {server.url} has no TLS listener. Start it with --tls-port 8443.")
    parts = urlsplit(server.tls_url)
    assert parts.hostname, server.tls_url
    return Address(parts.hostname, parts.port or 443)


def probe(listener: Address, authority: Authority) -> None:
    """Shake hands once as a client would: another folder's authority there would baffle them all."""
    context = ssl.create_default_context(cafile=str(authority.certificate_path))
    where = f"The TLS listener at {listener.host}:{listener.port}"
    try:
        with (
            create_connection(listener, timeout=LISTENER_TIMEOUT_S) as connection,
            context.wrap_socket(connection, server_hostname=PROBE_NAME),
        ):
            pass
    except ssl.SSLCertVerificationError as error:
        folder = authority.certificate_path.parent
        raise Refused(
            f"{where} doesn't use the authority in {folder}: {error.verify_message}. Is this its data folder?"
        ) from error
    except OSError as error:
        raise Refused(f"{where} doesn't answer: {error.strerror or error}.") from error


def find_program(command: list[str], environment: Mapping[str, str]) -> str:
    """Find the file to execute, as a shell would. Raises: `Refused`, with a shell's exit status."""
    if not command:
        raise Refused("There is no command to run. Write it after --, as in: pointsman exec -- node app.js")
    name = command[0]
    found = shutil.which(name, path=environment.get("PATH"))
    if found:
        return found
    if os.sep in name and Path(name).exists():
        raise Refused(f"{name} can't be executed.", NOT_EXECUTABLE)
    raise Refused(f"{name} was not found.", NOT_FOUND)


def _become(program: str, command: list[str], environment: dict[str, str]) -> NoReturn:
    sys.stdout.flush()
    sys.stderr.flush()
    # Python ignores these two for itself, and what is ignored stays so in the command.
    for number in (signal.SIGPIPE, signal.SIGXFSZ):
        signal.signal(number, signal.SIG_DFL)
    try:
        os.execve(program, command, environment)  # noqa: S606 (running the user's command is what we are for)
    except OSError as error:
        why = "it has no #! line, or is for another machine" if error.errno == errno.ENOEXEC else error.strerror
        status = NOT_FOUND if error.errno == errno.ENOENT else NOT_EXECUTABLE
        raise Refused(f"{program} can't be executed: {why}.", status) from error
