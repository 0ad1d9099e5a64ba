"""How names and times are spelled."""

from __future__ import annotations

from datetime import UTC, datetime
from email.utils import format_datetime
from functools import lru_cache

from pointsman.core.types import Millis


@lru_cache(maxsize=1_024)
def pascal(name: str) -> str:
    """`friendly_name` → `FriendlyName`."""
    return "".join(part[:1].upper() + part[1:] for part in name.split("_"))


@lru_cache(maxsize=65_536)
def _iso_second(second: int) -> str:
    return datetime.fromtimestamp(second, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def iso(ms: Millis | None) -> str | None:
    """To the second, never a fraction: that very pattern is what the libraries read [clients]."""
    return None if ms is None else _iso_second(ms // 1000)


def rfc2822(ms: Millis | None) -> str | None:
    """As the 2010 API spells times: `Mon, 02 Mar 2026 09:00:00 +0000` [clients]."""
    return None if ms is None else format_datetime(datetime.fromtimestamp(ms // 1000, UTC))
