"""How values are shown to people: labels, times, durations, numbers. Templates have these as filters."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

from markupsafe import Markup

_SPELLED = {"url": "URL", "sid": "SID", "json": "JSON"}
_SHORTER = {"friendly_name": "Name", "sid": "SID", "date_created": "Created", "date_updated": "Updated"}
_UNITS = ((86_400, "d"), (3_600, "h"), (60, "min"), (1, "s"))
JUST_NOW_S = 5


def label(name: str) -> str:
    """`event_callback_url` → `Event callback URL`; what is named by its SID goes by its kind."""
    if name in _SHORTER:
        return _SHORTER[name]
    words = name.removesuffix("_sid").split("_")
    text = " ".join(_SPELLED.get(word, word) for word in words)
    return text[:1].upper() + text[1:]


def duration(seconds: float | None) -> str:
    """The two largest units: `2 min 5 s`, `3 d 4 h`."""
    if seconds is None:
        return "–"
    left = max(int(seconds), 0)
    parts: list[str] = []
    for size, unit in _UNITS:
        number, left = divmod(left, size)
        if number or (unit == "s" and not parts):
            parts.append(f"{number} {unit}")
    return " ".join(parts[:2])


def moment(text: str) -> datetime:
    """A time as either API spells it."""
    return datetime.fromisoformat(text) if text[:1].isdigit() else parsedate_to_datetime(text)


def ago(text: str | None) -> Markup:
    """A time in the past, relative; the exact one on hover. A script keeps it up to date."""
    return _time(text, "ago")


def since(text: str | None) -> Markup:
    """How long something has lasted that goes on."""
    return _time(text, "since")


def until(text: str | None) -> Markup:
    """How long it takes until something comes."""
    return _time(text, "until")


def instant(at_ms: int) -> Markup:
    """As `ago`, of a time in milliseconds since 1970, all of which are shown on hover."""
    at = datetime.fromtimestamp(at_ms // 1000, UTC)
    return _told(at, "ago", f"{at:%Y-%m-%d %H:%M:%S}.{at_ms % 1000:03} UTC")


def _time(text: str | None, way: str) -> Markup:
    if not text:
        return Markup("–")
    at = moment(text).astimezone(UTC)
    return _told(at, way, f"{at:%Y-%m-%d %H:%M:%S} UTC")


def _told(at: datetime, way: str, exact: str) -> Markup:
    passed_s = (datetime.now(UTC) - at).total_seconds()
    shown = {"ago": _relative, "since": duration, "until": _coming}[way](passed_s)
    iso = f"{at:%Y-%m-%dT%H:%M:%SZ}"
    return Markup('<time datetime="{}" title="{}" data-time="{}">{}</time>').format(iso, exact, way, shown)


def _coming(passed_s: float) -> str:
    return f"in {duration(-passed_s)}" if passed_s <= -1 else "now"


def _relative(passed_s: float) -> str:
    """As `static/js/times.js` says it."""
    if passed_s < JUST_NOW_S:
        return "just now"
    size, unit = next((size, unit) for size, unit in _UNITS if passed_s >= size)
    return f"{int(passed_s // size)} {unit} ago"


def number(value: float | None) -> str:
    return "–" if value is None else f"{value:,}"


def pretty(value: Any) -> str:
    """JSON for people; text that is none stays as it is."""
    if isinstance(value, str):
        try:
            value = json.loads(value)
        except ValueError:
            return str(value)
    return json.dumps(value, indent=2, ensure_ascii=False)


def compact(value: Any) -> str:
    """JSON in one line."""
    return json.dumps(value, ensure_ascii=False)


FILTERS = {
    "label": label,
    "duration": duration,
    "ago": ago,
    "since": since,
    "until": until,
    "instant": instant,
    "number": number,
    "pretty": pretty,
    "compact": compact,
}
