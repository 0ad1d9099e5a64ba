"""Which figures are told where."""

from __future__ import annotations

import pytest

from pointsman.stats import FIGURES, Level, Part, figures

RESERVATIONS = {
    f"reservations_{verb}" for verb in ("created", "accepted", "rejected", "timed_out", "canceled", "rescinded")
}
ENDINGS = {"tasks_canceled", "tasks_completed", "tasks_deleted", "tasks_moved"}
WAITING = {
    "avg_task_acceptance_time",
    "wait_duration_until_accepted",
    "wait_duration_until_canceled",
    "split_by_wait_time",
}
TASKS_NOW = {
    "tasks_by_status",
    "tasks_by_priority",
    "total_tasks",
    "longest_task_waiting_age",
    "longest_task_waiting_sid",
}
STAFF_NOW = {"total_eligible_workers", "total_available_workers", "activity_statistics"}


@pytest.mark.parametrize(
    ("level", "names"),
    [
        (Level.WORKSPACE, RESERVATIONS | ENDINGS | WAITING | {"tasks_created", "tasks_timed_out_in_workflow"}),
        (Level.WORKFLOW, RESERVATIONS | ENDINGS | WAITING | {"tasks_entered", "tasks_timed_out_in_workflow"}),
        (
            Level.TASK_QUEUE,
            RESERVATIONS | ENDINGS | WAITING | {"tasks_entered", "wait_duration_in_queue_until_accepted"},
        ),
        (Level.TASK_QUEUE_IN_BULK, set()),
        (Level.WORKERS, RESERVATIONS | {"activity_durations"}),
        (Level.WORKER, RESERVATIONS | {"activity_durations"}),
    ],
)
def test_figures_of_an_interval(level: Level, names: set[str]) -> None:
    """TaskRouter REST, cumulative figures [oai]; combined answers have three more [obs]."""
    assert {figure.name for figure in figures(level, Part.CUMULATIVE, combined=False)} == names
    more = {"tasks_assigned", "reservations_wrapup", "reservations_completed"} if names else set()
    assert {figure.name for figure in figures(level, Part.CUMULATIVE, combined=True)} == names | more


@pytest.mark.parametrize(
    ("level", "names"),
    [
        (Level.WORKSPACE, TASKS_NOW | {"total_workers", "activity_statistics"}),
        (Level.WORKFLOW, TASKS_NOW),
        (
            Level.TASK_QUEUE,
            TASKS_NOW | STAFF_NOW | {"longest_relative_task_age_in_queue", "longest_relative_task_sid_in_queue"},
        ),
        (Level.TASK_QUEUE_IN_BULK, TASKS_NOW | STAFF_NOW),
        (Level.WORKERS, {"total_workers", "activity_statistics"}),
        (Level.WORKER, set()),
    ],
)
def test_figures_of_now(level: Level, names: set[str]) -> None:
    """TaskRouter REST, real-time figures [oai]; the same in combined answers [obs]."""
    for combined in (False, True):
        assert {figure.name for figure in figures(level, Part.REAL_TIME, combined=combined)} == names


def test_each_figure_is_declared_once() -> None:
    """Of each level: what enters a workflow is not what enters a queue."""
    told = [(figure.name, level) for part in Part for figure in FIGURES[part] for level in figure.levels]
    assert len(told) == len(set(told))
