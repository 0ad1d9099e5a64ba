"""Time in activities, of a small workspace."""

from __future__ import annotations

from pointsman.core.types import Millis, Worker
from pointsman.stats import Durations, Span, Stay, roster, time_in_activities
from tests.world import START_MS, World

MINUTE_MS = 60_000
NOTHING = Durations(0, 0, 0, 0)


class Staff(World):
    """Ann and Bob are Available from the start; asked about are the second to the tenth minute."""

    def __init__(self) -> None:
        super().__init__()
        self.ann, self.bob = self.worker("Ann"), self.worker("Bob")

    def told(self, *ended: Stay, start_ms: int = MINUTE_MS) -> dict[str, Durations]:
        span = Span(Millis(START_MS + start_ms), Millis(START_MS + 10 * MINUTE_MS))
        return {each.friendly_name: found for each, found in time_in_activities(roster(self.state, None), span, ended)}

    def stay(self, worker: Worker, activity: str, ms: int, ended_ms: int) -> Stay:
        return Stay(worker.no, self.activity(activity).no, ms, Millis(START_MS + ended_ms))


def test_who_never_changed_was_there_all_the_time() -> None:
    assert Staff().told() == {
        "Available": Durations(540, 540, 540, 1_080),
        "Offline": NOTHING,
        "Unavailable": NOTHING,
    }


def test_a_stay_that_ended_and_the_present_one_are_both_counted() -> None:
    staff = Staff()
    staff.move(staff.ann, "Offline", at_ms=10 * MINUTE_MS - 5_000)
    told = staff.told(staff.stay(staff.ann, "Available", 535_000, 10 * MINUTE_MS - 5_000))
    assert told["Available"] == Durations(537, 535, 540, 1_075)
    assert told["Offline"] == Durations(5, 5, 5, 5)


def test_a_stay_that_ended_just_after_the_state_was_read_is_counted_once() -> None:
    """In the same millisecond: the log says so already, but the worker is still where it was."""
    staff = Staff()
    told = staff.told(staff.stay(staff.ann, "Available", 540_000, 10 * MINUTE_MS))
    assert told["Available"] == Durations(540, 540, 540, 1_080)
