"""What statistics tell."""

from __future__ import annotations

from pointsman.stats import FIGURES, Figure, Kind, Level, Part, sources
from tests.reference.markdown import code, page, table

_LEVELS = {
    Level.WORKSPACE: "workspace",
    Level.WORKFLOW: "workflow",
    Level.TASK_QUEUE: "task queue",
    Level.TASK_QUEUE_IN_BULK: "task queues in bulk",
    Level.WORKERS: "workers",
    Level.WORKER: "worker",
}
_UNITS = {
    Kind.COUNT: "number",
    Kind.SECONDS: "seconds",
    Kind.TASK_SID: "sid of a task",
    Kind.DURATIONS: "seconds: avg, min, max and total",
    Kind.COUNTS_BY_STATUS: "number, by status",
    Kind.COUNTS_BY_PRIORITY: "number, by priority",
    Kind.COUNTS_BY_ACTIVITY: "number, by activity",
    Kind.DURATIONS_BY_ACTIVITY: "seconds, by activity: avg, min, max and total",
    Kind.SPLIT_BY_WAIT_TIME: "number, above and below each wait",
}


def statistics_page() -> str:
    return page(
        "# Statistics",
        "Times are whole seconds: an average is the total divided by how many there were, its fraction cut off; all "
        "are 0 if there was nothing.",
        "## Of an interval",
        "Events count from the start of an interval to just before its end; if no end is sent, those of the "
        "present second count too. A task waits from its creation, also if it is transferred.",
        table(
            ["Figure", "Unit", "What it is", "From events", "Of"],
            [[*_said(each), ", ".join(map(code, sources(each))), _told(each)] for each in FIGURES[Part.CUMULATIVE]],
        ),
        "## Of now",
        table(
            ["Figure", "Unit", "What it is", "From", "Of"],
            [[*_said(each), each.now.reads if each.now else "", _told(each)] for each in FIGURES[Part.REAL_TIME]],
        ),
    )


def _said(figure: Figure) -> list[str]:
    return [code(figure.name), _UNITS[figure.kind], figure.doc]


def _told(figure: Figure) -> str:
    levels = ", ".join(name for level, name in _LEVELS.items() if level in figure.levels)
    return f"{levels}; in combined answers only" if figure.combined_only else levels
