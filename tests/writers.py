"""The processes that write databases for another one, as the system lists them."""

from __future__ import annotations

from pathlib import Path


def writers_of(process: int) -> list[int]:
    found = []
    for listing in Path(f"/proc/{process}/task").glob("*/children"):
        found += [int(child) for child in listing.read_text().split()]
    return [child for child in found if b"sqlite_writer" in Path(f"/proc/{child}/cmdline").read_bytes()]
