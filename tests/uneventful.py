"""The figures of an interval in which nothing happened."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pointsman.stats import Level, Tallied, over_time


def uneventful(waits_s: Sequence[int] = ()) -> dict[str, Any]:
    """Those of every level, by name."""
    found: dict[str, Any] = {"activity_durations": []}
    for level in Level:
        found |= over_time(level, Tallied({}, [], []), waits_s)
    return found
