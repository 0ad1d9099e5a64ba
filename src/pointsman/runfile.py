"""The run file: by it every command finds the server that runs on a data folder. It is readable by its owner alone,
since it holds the token."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path
from typing import TypeVar

import msgspec

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


def write_private(path: Path, value: msgspec.Struct) -> None:
    """Put a file there whole or not at all, readable by its owner alone."""
    part = path.with_suffix(".part")
    with contextlib.suppress(FileNotFoundError):
        part.unlink()
    descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(msgspec.json.format(msgspec.json.encode(value), indent=2) + b"\n")
        file.flush()
        os.fsync(file.fileno())
    part.replace(path)


def read_run(data: Path) -> Run | None:
    """None, if no server has left one; a server that was killed leaves its own behind."""
    return _read(data / NAME, Run)


def read_credentials(data: Path, name: str = CREDENTIALS) -> Credentials | None:
    return _read(data / name, Credentials)


def _read(path: Path, kind: type[T]) -> T | None:
    try:
        return msgspec.json.decode(path.read_bytes(), type=kind)
    except (FileNotFoundError, msgspec.DecodeError):
        return None
