"""What two JSON bodies have in common when their values do not count: keys, types, null, and the form of texts."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any, NamedTuple
from urllib.parse import parse_qsl

_SID = r"\b([A-Z]{2})(?:[0-9a-fA-F]{32}|[xX]{6,})\b"
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")
_URL = re.compile(r"https?://(?P<host>[^/]+?)(?P<path>(?:https?:|/v1/)[^?]*)(?:\?(?P<query>.*))?")
_PAGING = ("PageSize", "Page")
_BY_VALUE = ("tasks_by_priority", "split_by_wait_time")  # their keys are values, not names
ABSENT, NO_ROWS, ROWS = "absent", "no rows", "rows"


class Finding(NamedTuple):
    """One difference: where, what the recorded body has there, what ours has."""

    at: str  # the keys on the way, with dots; rows of a list share theirs
    theirs: str
    ours: str

    def __str__(self) -> str:
        return f"{self.at}: {self.theirs} there, {self.ours} here"


def mask(text: str) -> str:
    """The text with `WT…` in the place of every sid."""
    return re.sub(_SID, r"\1…", text)


def shape(value: Any) -> str:
    """What is compared of a single value."""
    match value:
        case None:
            return "null"
        case bool():
            return "boolean"
        case int():
            return "integer"
        case float():
            return "number"
        case list():
            return "list"
        case dict():
            return "object"
        case _:
            return _shape_of_text(str(value))


def _shape_of_text(text: str) -> str:
    if sid := re.fullmatch(_SID, text):
        return f"sid {sid[1]}"
    if _TIME.fullmatch(text):
        return "time"
    if url := _URL.fullmatch(text):
        query = f"?{_shape_of_query(url['query'])}" if url["query"] else ""
        return f"URL {mask(url['path'])}{query}"
    if text.startswith("{"):
        try:
            value = json.loads(text)
        except ValueError:
            return "text"
        compact = json.dumps(value, separators=(",", ":"), ensure_ascii=False)
        return "JSON" if compact == text else "JSON with blanks"
    return "text"


def _shape_of_query(query: str) -> str:
    """Names in their order; values where they are the page's."""
    shown = []
    for name, value in parse_qsl(query, keep_blank_values=True):
        if name in _PAGING:
            shown.append(f"{name}={value}")
        elif name == "PageToken":
            shown.append(f"{name}={value[:2]}{mask(value[2:])}")
        else:
            shown.append(name)
    return "&".join(shown)


def compare(theirs: Any, ours: Any, at: str = "") -> Iterator[Finding]:
    """Every difference between two bodies."""
    if isinstance(theirs, dict) and isinstance(ours, dict):
        yield from _compare_objects(theirs, ours, at)
    elif isinstance(theirs, list) and isinstance(ours, list):
        yield from _compare_lists(theirs, ours, at)
    elif shape(theirs) != shape(ours):
        yield Finding(at, shape(theirs), shape(ours))


def _compare_objects(theirs: dict[str, Any], ours: dict[str, Any], at: str) -> Iterator[Finding]:
    if at.rpartition(".")[2] in _BY_VALUE:
        yield from _compare_lists(list(theirs.values()), list(ours.values()), at, may_be_empty=True)
        return
    for name in {**theirs, **ours}:
        below = f"{at}.{name}" if at else name
        if name not in ours:
            yield Finding(below, shape(theirs[name]), ABSENT)
        elif name not in theirs:
            yield Finding(below, ABSENT, shape(ours[name]))
        else:
            yield from compare(theirs[name], ours[name], below)


def _compare_lists(theirs: list[Any], ours: list[Any], at: str, *, may_be_empty: bool = False) -> Iterator[Finding]:
    """Each of our rows beside the first of theirs that tells of the same kind of event, where they are events."""
    if not theirs and ours and not may_be_empty:
        yield Finding(at, NO_ROWS, ROWS)
    pairs = [(row, other) for row in ours if (other := next((each for each in theirs if _alike(each, row)), None))]
    if theirs and not pairs and not may_be_empty:
        yield Finding(at, ROWS, NO_ROWS)
    found = {finding: None for row, other in pairs for finding in compare(other, row, at)}
    yield from found


def _alike(theirs: Any, ours: Any) -> bool:
    if not isinstance(theirs, dict) or "event_type" not in theirs:
        return True
    return str(ours.get("event_type", "")).startswith(theirs["event_type"])


def compare_errors(theirs: dict[str, Any], ours: dict[str, Any]) -> Iterator[Finding]:
    """Error bodies: also the code, the text with sids masked, and the order of the keys."""
    yield from compare(theirs, ours)
    for name in ("code", "status", "more_info"):
        if name in theirs and name in ours and shape(theirs[name]) == shape(ours[name]) and theirs[name] != ours[name]:
            yield Finding(name, str(theirs[name]), str(ours[name]))
    if mask(theirs["message"]) != mask(ours["message"]):
        yield Finding("message", mask(theirs["message"]), mask(ours["message"]))
    if sorted(theirs) == sorted(ours) and list(theirs) != list(ours):
        yield Finding("order of keys", " ".join(theirs), " ".join(ours))
