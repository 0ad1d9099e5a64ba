"""Figures in lines, one for each number."""

from __future__ import annotations

from typing import Any

from pointsman.console.figures import Line, told
from pointsman.console.pages.statistics import _edges
from pointsman.stats import Level, Part, figures

DURATIONS = {"avg": 2, "min": 1, "max": 3, "total": 4}
ACTIVITY = {"friendly_name": "Lunch", "sid": "WA1"}


def lines(level: Level, part: Part, *columns: dict[str, Any]) -> dict[str, tuple[Line, ...]]:
    return {each.figure.name: each.lines for each in told(level, part, columns)}


def test_every_figure_is_told_also_without_a_number() -> None:
    for level in (Level.WORKSPACE, Level.WORKFLOW, Level.TASK_QUEUE, Level.WORKERS, Level.WORKER):
        declared = [each.name for each in figures(level, Part.CUMULATIVE, combined=True)]
        body: dict[str, Any] = {name: 0 for name in declared if name.startswith(("tasks", "reservations", "avg"))}
        body |= {name: DURATIONS for name in declared if name.startswith("wait")}
        body |= {name: [] for name in declared if name.startswith("activity")}
        assert list(lines(level, Part.CUMULATIVE, body)) == declared


def test_each_number_of_a_figure_has_a_line_with_all_columns() -> None:
    one = {
        "longest_task_waiting_age": 5,
        "tasks_by_priority": {"0": 2},
        "activity_statistics": [ACTIVITY | {"workers": 1}],
    }
    other = {"longest_task_waiting_age": 0, "tasks_by_priority": {"7": 1}, "activity_statistics": []}
    rest = {"longest_task_waiting_sid": None, "total_workers": 1, "total_tasks": 1, "tasks_by_status": {"pending": 1}}
    found = lines(Level.WORKSPACE, Part.REAL_TIME, one | rest, other | rest)
    assert found["longest_task_waiting_age"] == (Line("", (5, 0)),)
    assert found["tasks_by_priority"] == (Line("priority 0", (2, None)), Line("priority 7", (None, 1)))
    assert found["activity_statistics"] == (Line("Lunch", (1, None)),)


def test_waits_are_split_below_and_above() -> None:
    side = {"tasks_canceled": 1, "reservations_accepted": 2}
    body: dict[str, Any] = {each.name: 0 for each in figures(Level.WORKFLOW, Part.CUMULATIVE, combined=True)}
    body |= {"wait_duration_until_accepted": DURATIONS, "wait_duration_until_canceled": DURATIONS}
    split = {"split_by_wait_time": {"30": {"above": side, "below": side}}}
    assert [each.detail for each in lines(Level.WORKFLOW, Part.CUMULATIVE, body | split)["split_by_wait_time"]] == [
        "below 30 s: tasks canceled",
        "below 30 s: reservations accepted",
        "above 30 s: tasks canceled",
        "above 30 s: reservations accepted",
    ]


def test_a_chart_has_whole_intervals_and_not_too_many() -> None:
    assert _edges(90, 400) == [120, 180, 240, 300, 360, 400]
    assert _edges(0, 30) == [0, 30]
    assert _edges(61, 70) == [61, 70]
    day = _edges(0, 24 * 3_600)
    assert (day[:2], len(day)) == ([0, 3_600], 25)
    assert len(_edges(1, 30 * 24 * 3_600)) <= 61
