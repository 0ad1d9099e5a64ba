"""`taskrouter.*`: what an expression sees of the time, and when that changes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pointsman.core.expression import Context, clock_values, compile_expression, next_clock_change_ms


def ms(*parts: int) -> int:
    """A moment in UTC as Unix milliseconds."""
    return int(datetime(*parts, tzinfo=UTC).timestamp() * 1000)  # type: ignore[misc,arg-type]


def test_the_fields_have_the_documented_shapes() -> None:
    """[routing 5.3, docs: time-of-day-routing]"""
    assert clock_values(ms(2024, 2, 29, 8, 5, 59)) == {
        "currentTime": 805,
        "currentHour": "08",
        "currentMin": "05",
        "dayOfWeek": "Thu",
    }
    assert clock_values(ms(2024, 3, 3))["dayOfWeek"] == "Sun"


@given(st.integers(-(10**12), 10**13))
def test_the_fields_agree_with_datetime(now_ms: int) -> None:
    moment = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=now_ms)
    day = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")[moment.weekday()]
    expected = (moment.hour * 100 + moment.minute, f"{moment:%H}", f"{moment:%M}", day)
    assert tuple(clock_values(now_ms).values()) == expected


OFFICE_HOURS = "taskrouter.currentHour >= 8 AND taskrouter.currentTime < 1730 AND taskrouter.dayOfWeek IN ['Mon','Tue']"


@pytest.mark.parametrize(
    ("moment", "open_"),
    [
        ((2024, 7, 1, 8, 0), True),
        ((2024, 7, 1, 7, 59), False),
        ((2024, 7, 2, 17, 30), False),
        ((2024, 7, 3, 9), False),
    ],
)
def test_office_hours_can_be_written(moment: tuple[int, ...], open_: bool) -> None:
    """The hour is a string and compares with a number [docs: time-of-day-routing]."""
    expression = compile_expression(OFFICE_HOURS, Context.FILTER)
    assert expression.matches(None, None, clock_values(ms(*moment)), None) is open_


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a == 1", None),
        ("taskrouter.currentTime > 0800", ms(2024, 7, 1, 8, 31)),
        ("taskrouter.currentMin == '30'", ms(2024, 7, 1, 8, 31)),
        ("taskrouter.currentHour == 8", ms(2024, 7, 1, 9)),
        ("taskrouter.dayOfWeek == 'Mon'", ms(2024, 7, 2)),
        ("taskrouter.dayOfWeek == 'Mon' AND taskrouter.currentHour == 8", ms(2024, 7, 1, 9)),
    ],
)
def test_the_next_change_is_the_nearest_boundary_of_what_is_read(text: str, expected: int | None) -> None:
    expression = compile_expression(text, Context.FILTER)
    assert next_clock_change_ms(expression, ms(2024, 7, 1, 8, 30, 15)) == expected


def test_on_a_boundary_the_next_one_counts() -> None:
    expression = compile_expression("taskrouter.currentHour == 8", Context.FILTER)
    assert next_clock_change_ms(expression, ms(2024, 7, 1, 9)) == ms(2024, 7, 1, 10)
