"""A worker's time as spans: what began before the window, what goes on, and what overlaps."""

from __future__ import annotations

from typing import Any

from pointsman.console.spans import LANES_MAX, Span, Window, activities, lanes, reservations, totals

WINDOW = Window(1_000, 11_000)
AVAILABLE = frozenset({"Available"})


def moved(at_ms: int, before: str, after: str) -> dict[str, Any]:
    data = {"worker_previous_activity_name": before, "worker_activity_name": after}
    return {"event_type": "worker.activity.update", "event_date_ms": at_ms, "event_data": data}


def told(at_ms: int, word: str, sid: str = "WR1") -> dict[str, Any]:
    data = {"reservation_sid": sid, "task_sid": f"WT of {sid}"}
    return {"event_type": f"reservation.{word}", "event_date_ms": at_ms, "event_data": data}


def shown(parts: list[Span]) -> list[tuple[int, int, str]]:
    return [(each.start_ms, each.end_ms, each.text) for each in parts]


def test_activities_follow_one_another_from_edge_to_edge() -> None:
    events = [moved(3_000, "Offline", "Available"), moved(8_000, "Available", "Break")]
    found = activities(WINDOW, events, "Break", AVAILABLE)
    assert shown(found) == [(1_000, 3_000, "Offline"), (3_000, 8_000, "Available"), (8_000, 11_000, "Break")]
    assert [each.state for each in found] == ["idle", "good", "idle"]


def test_who_was_not_moved_was_where_it_is() -> None:
    assert shown(activities(WINDOW, [], "Available", AVAILABLE)) == [(1_000, 11_000, "Available")]


def test_the_totals_are_of_each_activity_the_longest_first() -> None:
    events = [moved(3_000, "Offline", "Available"), moved(8_000, "Available", "Offline")]
    found = totals(activities(WINDOW, events, "Offline", AVAILABLE))
    assert found == [("Offline", "idle", 5), ("Available", "good", 5)]


def test_a_reservation_has_a_part_for_each_of_its_states() -> None:
    events = [told(2_000, "created"), told(3_000, "accepted"), told(7_000, "wrapup"), told(9_000, "completed")]
    (found,) = reservations(WINDOW, events, [])
    assert shown(found) == [(2_000, 3_000, "offered"), (3_000, 7_000, "accepted"), (7_000, 9_000, "wrapping up")]
    assert {each.of for each in found} == {"WT of WR1"}


def test_what_began_before_the_window_is_drawn_from_its_edge() -> None:
    events = [told(2_000, "timeout", "WR1"), told(3_000, "completed", "WR2"), told(4_000, "accepted", "WR3")]
    first, second, third = reservations(WINDOW, events, [])
    assert shown(first) == [(1_000, 2_000, "offered")]
    assert shown(second) == [(1_000, 3_000, "accepted")]
    assert shown(third) == [(1_000, 4_000, "offered"), (4_000, 11_000, "accepted")]


def test_what_goes_on_is_drawn_up_to_now_also_without_an_event() -> None:
    live = [{"sid": "WR9", "reservation_status": "wrapping", "task_sid": "WT9"}]
    (found,) = reservations(WINDOW, [], live)
    assert found == [Span(1_000, 11_000, "wrapping up", "wrap", "WT9")]


def test_nothing_reaches_out_of_the_window() -> None:
    """Events are asked for at another moment than it is from."""
    (found,) = reservations(WINDOW, [told(900, "created"), told(11_500, "accepted")], [])
    assert shown(found) == [(1_000, 11_000, "offered"), (11_000, 11_000, "accepted")]
    moves = [moved(900, "Offline", "Available"), moved(11_500, "Available", "Break")]
    assert shown(activities(WINDOW, moves, "Break", AVAILABLE)) == [(1_000, 11_000, "Available")]


def test_what_overlaps_stands_in_rows_of_its_own_and_of_too_many_some_are_left_out() -> None:
    def one(start_ms: int, end_ms: int) -> list[Span]:
        return [Span(start_ms, end_ms, "accepted", "good")]

    rows, left = lanes([one(1_000, 4_000), one(2_000, 3_000), one(3_000, 5_000), one(4_000, 6_000)])
    assert [shown(each) for each in rows] == [
        [(1_000, 4_000, "accepted"), (4_000, 6_000, "accepted")],
        [(2_000, 3_000, "accepted"), (3_000, 5_000, "accepted")],
    ]
    assert left == 0
    rows, left = lanes([one(1_000, 9_000)] * (LANES_MAX + 3))
    assert (len(rows), left) == (LANES_MAX, 3)


def test_a_window_knows_shares_and_round_times() -> None:
    assert (WINDOW.share(1_000), WINDOW.share(6_000), WINDOW.share(11_000)) == (0, 50, 100)
    assert WINDOW.ticks() == []
    assert Window(90_000, 301_000).ticks() == [120_000, 180_000, 240_000, 300_000]
    day = Window(0, 24 * 3_600_000)
    assert [at_ms // 3_600_000 for at_ms in day.ticks()] == [0, 4, 8, 12, 16, 20, 24]
