"""What an expression sees of the time, in UTC: `taskrouter.currentHour` and its like.

Source: [docs: time-of-day-routing].
"""

from __future__ import annotations

from typing import Any

from pointsman.core.expression.compiling import Expression

MINUTE_MS = 60_000
HOUR_MS = 60 * MINUTE_MS
DAY_MS = 24 * HOUR_MS

_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_FIRST_DAY = _DAYS.index("Thu")  # 1 January 1970
_CHANGES_EVERY_MS = {
    "currentTime": MINUTE_MS,
    "currentMin": MINUTE_MS,
    "currentHour": HOUR_MS,
    "dayOfWeek": DAY_MS,
}


def clock_values(now_ms: int) -> dict[str, Any]:
    """The fields of `taskrouter.` at a moment: `currentTime` is the integer HHMM, the others are strings.

    The hour and the minute have two digits, `"08"`; as numeric strings they compare with 8 as well.
    """
    days, today_ms = divmod(now_ms, DAY_MS)
    hour, minute = divmod(today_ms // MINUTE_MS, 60)
    return {
        "currentTime": hour * 100 + minute,
        "currentHour": f"{hour:02}",
        "currentMin": f"{minute:02}",
        "dayOfWeek": _DAYS[(days + _FIRST_DAY) % 7],
    }


def next_clock_change_ms(expression: Expression, now_ms: int) -> int | None:
    """Say when a field of `taskrouter.` that the expression reads changes next; None if it reads none."""
    periods = [_CHANGES_EVERY_MS[str(path[1])] for path in expression.reads_of("taskrouter")]
    if not periods:
        return None
    period_ms = min(periods)
    return (now_ms // period_ms + 1) * period_ms
