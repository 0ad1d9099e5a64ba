"""The figures of now, of a small workspace."""

from __future__ import annotations

from typing import Any

import pytest

from pointsman.core.types import Millis, TaskStatus
from pointsman.stats import FIGURES, NOBODY, Level, Part, real_time
from tests.world import START_MS, World

PENDING, RESERVED, ASSIGNED = TaskStatus.PENDING, TaskStatus.RESERVED, TaskStatus.ASSIGNED


class Scene(World):
    """English has Ann, who is busy, and Bob, who is offline. A task is assigned, and two wait; in Spanish one waits."""

    def __init__(self) -> None:
        super().__init__()
        self.english = self.queue("English", "english == true")
        self.spanish = self.queue("Spanish", "spanish == true")
        self.to_english = self.workflow(default=self.english)
        self.to_spanish = self.workflow(default=self.spanish)
        self.ann = self.worker("Ann", {"english": True})
        self.bob = self.worker("Bob", {"english": True, "spanish": True}, activity="Offline")
        self.taken = self.task(at_ms=1_900, workflow_sid=self.to_english.sid, priority=5)
        self.reservation = self.accepted(self.taken, at_ms=3_000)
        self.waits = self.task(at_ms=4_999, workflow_sid=self.to_english.sid)
        self.called = self.task(at_ms=6_000, workflow_sid=self.to_english.sid, task_channel="voice")
        self.spoken = self.task(at_ms=7_000, workflow_sid=self.to_spanish.sid)

    def told(self, level: Level, subject: Any = None, at_ms: int = 10_000, **more: Any) -> dict[str, Any]:
        channel = more.pop("channel", None)
        return dict(
            real_time(self.state, level, subject.no if subject else None, channel, Millis(START_MS + at_ms), **more)
        )


@pytest.fixture(scope="module")
def scene() -> Scene:
    return Scene()


def by_activity(told: dict[str, Any]) -> dict[str, int]:
    return {activity.friendly_name: workers for activity, workers in told["activity_statistics"]}


def test_of_a_workspace(scene: Scene) -> None:
    """[routing 11.2, oai]"""
    told = scene.told(Level.WORKSPACE)
    assert list(by_activity(told)) == ["Available", "Offline", "Unavailable"]
    assert by_activity(told) == {"Available": 1, "Offline": 1, "Unavailable": 0}
    del told["activity_statistics"]
    assert told == {
        "longest_task_waiting_age": 6,  # from the 4th second to the 10th
        "longest_task_waiting_sid": scene.waits.sid,
        "total_workers": 2,
        "total_tasks": 4,
        "tasks_by_status": {PENDING: 2, RESERVED: 1, ASSIGNED: 1},
        "tasks_by_priority": {0: 3, 5: 1},
    }


def test_of_a_workflow(scene: Scene) -> None:
    """[routing 11.2, oai]"""
    told = scene.told(Level.WORKFLOW, scene.to_english)
    assert told == {
        "longest_task_waiting_age": 6,
        "longest_task_waiting_sid": scene.waits.sid,
        "total_tasks": 3,
        "tasks_by_status": {PENDING: 1, RESERVED: 1, ASSIGNED: 1},
        "tasks_by_priority": {0: 2, 5: 1},
    }


def test_of_a_queue(scene: Scene) -> None:
    """Workers are those of the queue, in any activity; those available may be busy. [routing 11.2, oai]"""
    told = scene.told(Level.TASK_QUEUE, scene.english)
    assert by_activity(told) == {"Available": 1, "Offline": 1, "Unavailable": 0}
    assert (told["total_eligible_workers"], told["total_available_workers"]) == (2, 1)
    assert (told["longest_relative_task_age_in_queue"], told["longest_relative_task_sid_in_queue"]) == (
        6,
        scene.waits.sid,
    )
    spanish = scene.told(Level.TASK_QUEUE, scene.spanish)
    assert by_activity(spanish) == {"Available": 0, "Offline": 1, "Unavailable": 0}
    assert (spanish["total_eligible_workers"], spanish["total_available_workers"]) == (1, 0)
    assert (spanish["total_tasks"], spanish["longest_task_waiting_age"]) == (1, 3)


def test_the_age_in_the_queue_is_that_since_the_last_entry() -> None:
    """[routing 11.2, oai]"""
    world = Scene()
    world.transfer(world.reservation, world.spanish, at_ms=8_000, mode="COLD")
    told = world.told(Level.TASK_QUEUE, world.spanish)
    assert (told["longest_task_waiting_age"], told["longest_task_waiting_sid"]) == (9, world.taken.sid)
    assert (told["longest_relative_task_age_in_queue"], told["longest_relative_task_sid_in_queue"]) == (
        3,
        world.spoken.sid,
    )


def test_in_bulk_a_queue_has_two_figures_less(scene: Scene) -> None:
    alone, in_bulk = scene.told(Level.TASK_QUEUE, scene.english), scene.told(Level.TASK_QUEUE_IN_BULK, scene.english)
    assert {name: alone[name] for name in in_bulk} == in_bulk
    assert set(alone) - set(in_bulk) == {"longest_relative_task_age_in_queue", "longest_relative_task_sid_in_queue"}


def test_a_queue_that_does_not_exist_has_nothing(scene: Scene) -> None:
    """[routing 11.2, oai]"""
    told = dict(real_time(scene.state, Level.TASK_QUEUE_IN_BULK, NOBODY, None, Millis(START_MS)))
    assert by_activity(told) == {"Available": 0, "Offline": 0, "Unavailable": 0}
    assert (told["total_tasks"], told["total_eligible_workers"], told["tasks_by_priority"]) == (0, 0, {})
    assert (told["longest_task_waiting_age"], told["longest_task_waiting_sid"]) == (0, None)


@pytest.mark.parametrize(
    ("queue", "name", "activities"),
    [
        (None, None, {"Available": 1, "Offline": 1, "Unavailable": 0}),
        ("spanish", None, {"Available": 0, "Offline": 1, "Unavailable": 0}),
        (None, "Ann", {"Available": 1, "Offline": 0, "Unavailable": 0}),
        ("spanish", "Ann", {"Available": 0, "Offline": 0, "Unavailable": 0}),
        (None, "ann", {"Available": 0, "Offline": 0, "Unavailable": 0}),
        (None, "nobody", {"Available": 0, "Offline": 0, "Unavailable": 0}),
    ],
)
def test_of_workers(scene: Scene, queue: str | None, name: str | None, activities: dict[str, int]) -> None:
    """All, those of one queue, or the one of exactly this name. [routing 11.2, oai]"""
    told = scene.told(Level.WORKERS, getattr(scene, queue) if queue else None, worker_name=name)
    assert by_activity(told) == activities
    assert told["total_workers"] == sum(activities.values())


def test_a_worker_has_none(scene: Scene) -> None:
    assert scene.told(Level.WORKER, scene.ann) == {}


def test_a_channel_restricts_tasks_but_not_workers(scene: Scene) -> None:
    voice = scene.state.channel("voice").no
    told = scene.told(Level.WORKSPACE, channel=voice)
    assert (told["total_tasks"], told["longest_task_waiting_sid"], told["total_workers"]) == (1, scene.called.sid, 2)
    assert scene.told(Level.TASK_QUEUE, scene.spanish, channel=voice)["total_tasks"] == 0
    assert scene.told(Level.WORKFLOW, scene.to_english, channel=voice)["tasks_by_priority"] == {0: 1}


def test_no_task_is_younger_than_nothing(scene: Scene) -> None:
    """The clock may have been put back since it was created."""
    assert scene.told(Level.WORKSPACE, at_ms=0)["longest_task_waiting_age"] == 0


def test_each_figure_of_now_says_where_it_is_read_and_no_other_does() -> None:
    assert all(figure.now for figure in FIGURES[Part.REAL_TIME])
    assert not any(figure.now for figure in FIGURES[Part.CUMULATIVE])
