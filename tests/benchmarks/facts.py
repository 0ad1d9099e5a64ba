"""The machine, and what else figures depend on."""

from __future__ import annotations

import os
import platform
import sqlite3
import subprocess
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
TRIED_S = 0.5
BLOCK = b"\0" * 4_096


def found() -> dict[str, Any]:
    """By name. What this system does not tell is None."""
    with tempfile.TemporaryDirectory() as folder:
        return {
            "date": f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC",
            "commit": _commit(),
            "machine": platform.platform(),
            "cpus": os.cpu_count(),
            "cpu": _after(Path("/proc/cpuinfo"), "model name"),
            "memory": _memory(),
            "load average at the start": round(os.getloadavg()[0], 1),
            "longest stall": f"{_longest_stall_ms():.1f} ms",
            "file system": _file_system(Path(folder)),
            "syncs a second": round(_syncs_s(Path(folder))),
            "Python": platform.python_version(),
            "SQLite": sqlite3.sqlite_version,
        }


def _commit() -> str | None:
    """Of the working copy, and whether that has changes of its own."""
    said = [_git("rev-parse", "--short", "HEAD"), _git("status", "--porcelain", "--untracked-files=no")]
    return said[0] and f"{said[0]}{' and changes' if said[1] else ''}"


def _git(*command: str) -> str | None:
    try:
        return subprocess.run(["git", *command], cwd=ROOT, capture_output=True, text=True, check=True).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return None


def _after(file: Path, name: str) -> str | None:
    """What a file of the system says under a name."""
    try:
        lines = file.read_text().splitlines()
    except OSError:
        return None
    return next((line.partition(":")[2].strip() for line in lines if line.startswith(name)), None)


def _memory() -> str | None:
    said = _after(Path("/proc/meminfo"), "MemTotal")
    return said and f"{int(said.split()[0]) * 1_024 / 1e9:.1f} GB"


def _file_system(folder: Path) -> str | None:
    """The kind of the one that the folder is in."""
    try:
        mounts = [line.split(" ")[1:3] for line in Path("/proc/self/mounts").read_text().splitlines()]
    except OSError:
        return None
    over = [(len(where), kind) for where, kind in mounts if folder.resolve().is_relative_to(where)]
    return max(over)[1] if over else None


def _syncs_s(folder: Path) -> float:
    """Blocks a second that are appended to a file, each on disk before the next."""
    count, began = 0, time.perf_counter()
    with (folder / "synced").open("wb", buffering=0) as file:
        while time.perf_counter() - began < TRIED_S:
            file.write(BLOCK)
            os.fdatasync(file.fileno())
            count += 1
    return count / (time.perf_counter() - began)


def _longest_stall_ms() -> float:
    """For how long a loop that does nothing was held up by the machine: no figure can be more exact than that."""
    longest = 0.0
    last = began = time.perf_counter()
    while last - began < TRIED_S:
        now = time.perf_counter()
        longest, last = max(longest, now - last), now
    return longest * 1_000
