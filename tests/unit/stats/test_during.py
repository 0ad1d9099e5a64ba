"""What is measured at events, in histories of all kinds."""

from __future__ import annotations

import json

import pytest

from pointsman.ports import EventRow
from pointsman.stats import COUNTED, FIGURES, LEAVES_QUEUE, Part, sources
from pointsman.stats.during import STAY_ENDS
from tests.simulation.written import written


@pytest.fixture(scope="module")
def rows() -> list[EventRow]:
    return [row for seed in (3, 7) for batch in written(seed, 260).batches for row in batch.events]


def test_what_figures_are_made_of_is_measured_at_those_events_alone(rows: list[EventRow]) -> None:
    def types(column: str) -> set[str]:
        return {row.type for row in rows if getattr(row, column) is not None}

    assert types("spent_ms") == set(STAY_ENDS)
    assert types("previous") == {*STAY_ENDS, LEAVES_QUEUE, "workflow.target-matched"}
    assert types("age_s") == {"reservation.accepted", "task.canceled"}
    assert types("queue_age_s") == {"reservation.accepted"}


def test_an_age_is_the_difference_of_whole_seconds(rows: list[EventRow]) -> None:
    aged = [row for row in rows if row.age_s is not None]
    assert aged
    for row in aged:
        assert row.age_s == max(0, row.at_ms // 1000 - json.loads(row.body)["task"]["created_ms"] // 1000)


def test_each_figure_of_an_interval_says_what_events_it_is_made_of() -> None:
    for figure in FIGURES[Part.CUMULATIVE]:
        assert sources(figure), figure.name
    assert set(COUNTED) >= {type_ for each in FIGURES[Part.CUMULATIVE] if each.during for type_ in sources(each)}
