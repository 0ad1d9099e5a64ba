"""Statistics: which interval is asked about, which queues, and the bodies of the answers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple
from urllib.parse import parse_qsl

import msgspec

from pointsman.core.errors import Invalid, TooLongAgo
from pointsman.core.ids import is_sid
from pointsman.core.types import Millis, Sid, TaskStatus
from pointsman.resources.statistics import (
    BULK,
    BULK_QUEUES_MAX,
    MINUTES_DEFAULT,
    QUEUE_SIDS,
    REACH_DAYS,
    Report,
    Shape,
)
from pointsman.stats import Kind, Level, Part, figures
from pointsman.wire.bodies import Body
from pointsman.wire.forms import VALUE_SHOWN_MAX, MissingParameter
from pointsman.wire.spelling import iso, pascal

JSON_BYTES_MAX = 64 * 1024  # of the body of the bulk request: fifty sids are 2 KB
_DAY_S = 24 * 60 * 60
_STATUSES = (  # each is told, in this order [obs]
    TaskStatus.RESERVED,
    TaskStatus.COMPLETED,
    TaskStatus.WRAPPING,
    TaskStatus.ASSIGNED,
    TaskStatus.CANCELED,
    TaskStatus.PENDING,
)


class Interval(NamedTuple):
    """Whole seconds, as they are echoed."""

    start_ms: Millis
    end_ms: Millis
    is_open: bool = False  # nobody said when it ends: it is now

    @property
    def end_s(self) -> int:
        """Up to which whole second, not included, events count: of an open one, those of the present second too."""
        return self.end_ms // 1000 + self.is_open


class Asked(NamedTuple):
    """What an answer is about: the sids that it names, what was asked of cumulative figures, and the figures of now."""

    sids: Mapping[str, Sid]  # by the names that they have in bodies: "workspace_sid"
    interval: Interval | None = None
    waits_s: Sequence[int] = ()  # to split by
    now: Mapping[str, Any] = {}  # as `stats.real_time` tells them
    during: Mapping[str, Any] = {}  # those of the interval, as `stats.over_time` does


# --- what is asked ------------------------------------------------------------------------------------------------


def read_interval(values: Mapping[str, Any], now_ms: Millis, reach_days: int = REACH_DAYS) -> Interval:
    """The interval that `StartDate`, `EndDate` and `Minutes` ask for: to the second, up to now if no end is given, and
    by default exactly 900 s long [obs]. `StartDate` wins over `Minutes`; an `EndDate` may lie in the future [inferred].

    Raises: `Invalid`; `TooLongAgo`, if it begins more than `reach_days` ago [docs: statistics].
    """
    now_s = now_ms // 1000
    end_s = values["end_date"] // 1000 if "end_date" in values else now_s
    if "start_date" in values:
        start_s = values["start_date"] // 1000
    else:
        start_s = end_s - values.get("minutes", MINUTES_DEFAULT) * 60
    blamed = next((pascal(name) for name in ("start_date", "end_date") if name in values), "Minutes")
    if start_s > now_s:
        raise Invalid(f"Invalid {blamed}: expected an interval that does not begin in the future")
    if start_s > end_s:
        raise Invalid("Invalid EndDate: expected one that is not before StartDate")
    if start_s < now_s - reach_days * _DAY_S:
        raise TooLongAgo(f"Invalid {blamed}: expected an interval that begins within the last {reach_days} days")
    return Interval(Millis(start_s * 1000), Millis(end_s * 1000), is_open="end_date" not in values)


def read_queue_sids(body: bytes) -> tuple[Sid, ...]:
    """The queues that a bulk request names, each once, as `QueueSids` or `queueSids` [docs: taskqueue-statistics].

    Raises: `Invalid`.
    """
    name = pascal(QUEUE_SIDS.name)
    if len(body) > JSON_BYTES_MAX:
        raise Invalid(f"The request body is too large: expected at most {JSON_BYTES_MAX} bytes of JSON")
    try:
        sent = msgspec.json.decode(body or b"{}")
    except (msgspec.DecodeError, UnicodeError, RecursionError) as problem:
        sent = _form_in_place_of_json(name, body)
        if sent is None:
            raise Invalid(f"The request body is not JSON: {problem}") from None
    if not isinstance(sent, dict):
        raise Invalid(f'The request body is not a JSON object: expected {{"{name}": ["WQ…"]}}')
    sids = sent.get(name, sent.get(name[0].lower() + name[1:]))
    if sids is None:
        raise MissingParameter(name)
    if not isinstance(sids, list) or not 1 <= len(sids) <= BULK_QUEUES_MAX:
        raise Invalid(f"Invalid {name}: expected a list of 1 to {BULK_QUEUES_MAX} sids of task queues")
    for sid in sids:
        if not isinstance(sid, str):
            raise Invalid(f"Invalid {name}: expected every one to be {QUEUE_SIDS.type.describe()}")
        if not is_sid(sid, "WQ"):
            raise Invalid(f"Invalid {name} {sid[:VALUE_SHOWN_MAX]!r}: expected {QUEUE_SIDS.type.describe()}")
    return tuple(dict.fromkeys(sids))


def _form_in_place_of_json(name: str, body: bytes) -> dict[str, list[str]] | None:
    """The asynchronous client of the Python library sends a form, and calls it JSON [clients]."""
    try:
        sids = [value for key, value in parse_qsl(body.decode()) if key.lower() == name.lower()]
    except UnicodeError:
        return None
    return {name: sids} if sids else None


# --- what is answered ---------------------------------------------------------------------------------------------


def report_body(report: Report, asked: Asked, base: str) -> Body:
    """The figures of one workspace, workflow, queue or worker, or of all workers."""
    path = report.operation.path.format_map({pascal(name): sid for name, sid in asked.sids.items()})
    head = {**asked.sids, "url": base + path}
    if report.shape is Shape.COMBINED:
        return head | _combined(report.level, asked)
    if report.shape is Shape.CUMULATIVE:
        return head | _cumulative(report.level, asked, combined=False)
    return head | _real_time(report.level, asked.now)


def row_body(asked: Asked) -> Body:
    """A queue with its figures in the list of queues: it has no URL [sample]."""
    return {**asked.sids, **_combined(Level.TASK_QUEUE, asked)}


def bulk_body(asked: Asked, queues: Mapping[Sid, Mapping[str, Any]], base: str) -> Body:
    """The figures of now of several queues; of one that does not exist too [docs: taskqueue-statistics]."""
    path = BULK.path.format_map({pascal(name): sid for name, sid in asked.sids.items()})
    return {
        **asked.sids,
        "url": base + path,
        "task_queue_data": [
            {"task_queue_sid": sid, **_real_time(Level.TASK_QUEUE_IN_BULK, now)} for sid, now in queues.items()
        ],
        "task_queue_response_count": len(queues),
    }


def _combined(level: Level, asked: Asked) -> Body:
    """Both parts, as far as the level has them; the second repeats the sids [obs]."""
    body: Body = {Part.CUMULATIVE.value: _cumulative(level, asked, combined=True)}
    if figures(level, Part.REAL_TIME, combined=True):
        body[Part.REAL_TIME.value] = {**asked.sids, **_real_time(level, asked.now)}
    return body


def _cumulative(level: Level, asked: Asked, *, combined: bool) -> Body:
    assert asked.interval is not None, "what is cumulative has an interval"
    body: Body = {}
    for figure in figures(level, Part.CUMULATIVE, combined=combined):
        if figure.kind is not Kind.SPLIT_BY_WAIT_TIME:
            body[figure.name] = _told(figure.kind, asked.during[figure.name])
        elif asked.waits_s or not combined:  # combined answers lack it, unless it is asked for [obs][inferred]
            split = asked.during[figure.name]
            body[figure.name] = {str(wait_s): sides for wait_s, sides in split.items()} or None
    return body | {"start_time": iso(asked.interval.start_ms), "end_time": iso(asked.interval.end_ms)}


def _real_time(level: Level, now: Mapping[str, Any]) -> Body:
    return {
        figure.name: _told(figure.kind, now[figure.name]) for figure in figures(level, Part.REAL_TIME, combined=True)
    }


def _told(kind: Kind, value: Any) -> Any:
    """A figure as it stands in a body."""
    if kind is Kind.DURATIONS:
        return value._asdict()
    if kind is Kind.DURATIONS_BY_ACTIVITY:
        return [
            {
                "avg": durations.avg,
                "min": durations.min,
                "max": durations.max,
                "friendly_name": activity.friendly_name,
                "sid": activity.sid,
                "total": durations.total,
            }
            for activity, durations in value
        ]
    if kind is Kind.COUNTS_BY_STATUS:
        return {status.value: value.get(status, 0) for status in _STATUSES}
    if kind is Kind.COUNTS_BY_PRIORITY:
        return {str(priority): value[priority] for priority in sorted(value)}
    if kind is Kind.COUNTS_BY_ACTIVITY:
        return [
            {"friendly_name": activity.friendly_name, "workers": workers, "sid": activity.sid}
            for activity, workers in value
        ]
    return value
