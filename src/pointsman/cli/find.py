"""Finding the server: by flag, then by environment, then by the run file in the data folder."""

from __future__ import annotations

import os
import shlex
import shutil
import sys
from pathlib import Path
from typing import NamedTuple

from pointsman.runfile import CREDENTIALS, NAME, Credentials, Run, read_credentials, read_run
from pointsman.settings import DATA_DEFAULT


class Server(NamedTuple):
    url: str
    tls_url: str | None
    data: Path
    account_sid: str
    auth_token: str
    source: str = ""  # what named it, for messages: "--url", say


class Unreachable(Exception):
    """There is no server to talk to; the message says where it was looked for, in one line."""


def data_folder(data: Path | None) -> Path:
    return data or Path(os.environ.get("POINTSMAN_DATA") or DATA_DEFAULT)


def find_server(data: Path | None, url: str | None) -> Server:
    """Raises: `Unreachable`."""
    folder = data_folder(data)
    try:
        run, own = read_run(folder), read_credentials(folder)
    except (OSError, ValueError) as problem:  # somebody else's folder, or something that is no folder or no such file
        raise Unreachable(f"Can't read the data folder {folder}: {getattr(problem, 'strerror', problem)}") from None
    left_over = run is not None and not _runs(run.pid)
    live = None if left_over else run
    found = _address(url, live, folder)
    if found is None:
        why = " (its last one ended without a word)" if left_over else ""
        raise Unreachable(
            f"No server runs on the data folder {folder}{why}: start one with `pointsman serve`, "
            "or say where it is with --url or --data"
        )
    address, source = found
    account, token = _credentials(live or own or run, folder)
    tls_url = live.tls_url if live and live.url == address else None
    return Server(address.rstrip("/"), tls_url, folder, account, token, source)


def _address(url: str | None, live: Run | None, folder: Path) -> tuple[str, str] | None:
    """The first place that names one, and which place that is."""
    if url:
        return url, "--url"
    if variable := os.environ.get("POINTSMAN_URL"):
        return variable, "POINTSMAN_URL"
    return (live.url, str(folder / NAME)) if live else None


def _credentials(kept: Run | Credentials | None, folder: Path) -> tuple[str, str]:
    """Account and token. A token is taken from the folder only for the account that it belongs to."""
    account, token = os.environ.get("POINTSMAN_ACCOUNT_SID"), os.environ.get("POINTSMAN_AUTH_TOKEN")
    if kept is not None and account in (None, "", kept.account_sid):
        account, token = kept.account_sid, token or kept.auth_token
    if account and token:
        return account, token
    where = f"there is no {CREDENTIALS} in {folder}" if kept is None else f"{folder} has those of {kept.account_sid}"
    raise Unreachable(
        "No credentials: set POINTSMAN_ACCOUNT_SID and POINTSMAN_AUTH_TOKEN, "
        f"or name the data folder with --data ({where})"
    )


def _runs(pid: int) -> bool:
    """A server that was killed leaves its run file behind."""
    try:
        os.kill(pid, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except PermissionError:
        return True
    return True


# --- what to type -------------------------------------------------------------------------------------------------


def program() -> str:
    """How to call us from this folder, for hints that can be copied."""
    called = Path(sys.argv[0])
    if called.name != "pointsman":
        return "python -m pointsman"
    found = shutil.which("pointsman")
    if found and Path(found).resolve() == called.resolve():
        return "pointsman"
    folder, path = Path.cwd(), Path(os.path.abspath(called))  # noqa: PTH100  (links stay: a virtual environment has some)
    return shlex.quote(str(path.relative_to(folder) if path.is_relative_to(folder) else path))


def data_option(data: Path) -> str:
    """The option by which other commands find `data`; nothing, where they look anyway."""
    return "" if data == Path(DATA_DEFAULT) else f" --data {shlex.quote(str(data))}"
