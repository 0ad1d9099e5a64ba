"""The figures of statistics, each with its numbers in lines: for tables and for files."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from pointsman.stats import Figure, Kind, Level, Part, figures

Body = Mapping[str, Any]
UNITS = {
    Kind.COUNT: "number",
    Kind.SECONDS: "s",
    Kind.TASK_SID: "SID",
    Kind.DURATIONS: "s",
    Kind.COUNTS_BY_STATUS: "tasks",
    Kind.COUNTS_BY_PRIORITY: "tasks",
    Kind.COUNTS_BY_ACTIVITY: "workers",
    Kind.DURATIONS_BY_ACTIVITY: "s",
    Kind.SPLIT_BY_WAIT_TIME: "number",
}
DURATIONS = {"avg": "average", "min": "shortest", "max": "longest", "total": "total"}
SIDES = ("below", "above")


class Line(NamedTuple):
    """One number of a figure, in each column; `detail` says which, if it has several."""

    detail: str
    values: tuple[Any, ...]


class Told(NamedTuple):
    """A figure with its numbers; it has none, if there was nothing to tell."""

    figure: Figure
    unit: str
    lines: tuple[Line, ...]


def told(level: Level, part: Part, columns: Sequence[Body]) -> list[Told]:
    """All figures of a level; `columns` are that part of its answers, such as one for each task channel."""
    found = []
    for figure in figures(level, part, combined=True):
        numbers = [dict(_numbers(figure.kind, body.get(figure.name))) for body in columns]
        details = dict.fromkeys(detail for column in numbers for detail in column)
        lines = tuple(Line(detail, tuple(column.get(detail) for column in numbers)) for detail in details)
        found.append(Told(figure, UNITS[figure.kind], lines))
    return found


def _numbers(kind: Kind, value: Any) -> Iterator[tuple[str, Any]]:
    """The numbers of a figure as an answer has it, each by its detail."""
    if kind in (Kind.COUNT, Kind.SECONDS, Kind.TASK_SID):
        yield "", value
    elif kind is Kind.DURATIONS:
        for name, text in DURATIONS.items():
            yield text, value[name]
    elif kind is Kind.COUNTS_BY_STATUS:
        yield from value.items()
    elif kind is Kind.COUNTS_BY_PRIORITY:
        for priority, number in value.items():
            yield f"priority {priority}", number
    elif kind is Kind.COUNTS_BY_ACTIVITY:
        for each in value:
            yield each["friendly_name"], each["workers"]
    elif kind is Kind.DURATIONS_BY_ACTIVITY:
        for each in value:
            for name, text in DURATIONS.items():
                yield f"{each['friendly_name']}, {text}", each[name]
    else:
        for wait_s, sides in (value or {}).items():
            for side in SIDES:
                for name, number in sides[side].items():
                    yield f"{side} {wait_s} s: {name.replace('_', ' ')}", number
