"""The run file: by it every command finds the server that runs on a data folder. It is readable by its owner alone,
since it holds the token."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path
from typing import TypeVar

import msgspec
from msgspec.structs import replace

T = TypeVar("T")
NAME = "run.json"
CREDENTIALS = "credentials.json"


class Run(msgspec.Struct, frozen=True, kw_only=True):
    pid: int
    url: str
    tls_url: str
    account_sid: str
    auth_token: str
    version: str


class Credentials(msgspec.Struct, frozen=True, kw_only=True):
    """The account that the first start made."""

    account_sid: str
    auth_token: str


class SigningKey(msgspec.Struct, frozen=True, kw_only=True):
    """The API key with which `pointsman worker token` signs."""

    sid: str
    secret: str
    account_sid: str


def credentials_name(account_sid: str) -> str:
    """The file of an account that is not the folder's first."""
    return f"credentials-{account_sid}.json"


def write_private(path: Path, value: msgspec.Struct) -> None:
    """Put a file there whole or not at all, readable by its owner alone."""
    part = path.with_suffix(".part")
    with contextlib.suppress(FileNotFoundError):
        part.unlink()
    descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(msgspec.json.format(msgspec.json.encode(value), indent=2) + b"\n")
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    except OSError:  # such as a full disk
        part.unlink(missing_ok=True)
        raise


def read_run(data: Path) -> Run | None:
    """None, if no server has left one; a server that was killed leaves its own behind."""
    return _read(data / NAME, Run)


def read_credentials(data: Path, name: str = CREDENTIALS) -> Credentials | None:
    return _read(data / name, Credentials)


def read_signing_key(path: Path) -> SigningKey | None:
    return _read(path, SigningKey)


def change_token(data: Path, account_sid: str, token: str) -> None:
    """After a promotion: the files by which commands log in as the account hold its new token. Raises: `OSError`."""
    for name in (CREDENTIALS, credentials_name(account_sid)):
        kept = read_credentials(data, name)
        if kept is not None and kept.account_sid == account_sid:
            write_private(data / name, replace(kept, auth_token=token))
    run = read_run(data)
    if run is not None and run.account_sid == account_sid:
        write_private(data / NAME, replace(run, auth_token=token))


def _read(path: Path, kind: type[T]) -> T | None:
    try:
        return msgspec.json.decode(path.read_bytes(), type=kind)
    except (FileNotFoundError, msgspec.DecodeError):
        return None
