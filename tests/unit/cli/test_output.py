"""Tables, blocks and lines: sids stay whole, and nothing of others reaches the terminal raw."""

from __future__ import annotations

import io
import re
from datetime import UTC, datetime

import pytest
from rich.console import Console

from pointsman.cli import lists, output
from pointsman.cli.deliveries import details
from pointsman.cli.deliveries import tabs as delivery_tabs
from pointsman.cli.deliveries import told as delivery_told
from pointsman.cli.events import told as event_told
from pointsman.cli.output import Column, clock, flow, tabbed, table
from pointsman.resources import RESOURCES

TASK, WORKER, RESERVATION = "WT" + "a" * 32, "WK" + "b" * 32, "WR" + "c" * 32
COLUMNS = [Column("sid"), Column("friendly_name"), Column("available"), Column("event_callback_url")]
ROWS = [
    {"sid": TASK, "friendly_name": "a long name of several words", "available": True, "event_callback_url": None},
    {"sid": WORKER, "friendly_name": "\x1b[31mred\n", "available": False, "event_callback_url": ""},
]


def drawn(width: int) -> str:
    screen = Console(file=io.StringIO(), width=width, highlight=False, markup=False, soft_wrap=True, color_system=None)
    screen.print(table(COLUMNS, ROWS, width))
    assert isinstance(screen.file, io.StringIO)
    return screen.file.getvalue()


def test_columns_are_fields_that_the_resource_declares() -> None:
    """And each resource that has a listing says what its has."""
    for resource in RESOURCES:
        if resource.name in lists.SHOWN:
            shown = {field.name for field in resource.fields if field.value}
            assert {column.name for column in lists.columns(resource)} <= shown


def test_a_wide_terminal_gets_a_table_without_its_empty_columns() -> None:
    """A line for each row."""
    lines = [line.rstrip() for line in drawn(120).splitlines()]
    assert lines[0].split("  ")[0] == "sid"
    assert "event callback url" not in lines[0]
    assert lines[1] == f"{TASK}  a long name of several words  yes"
    assert lines[2].split() == [WORKER, "[31mred", "no"]


@pytest.mark.parametrize("width", [10, 40, 60, 70, 90])
def test_sids_stay_whole_at_any_width(width: int) -> None:
    """They are there to be copied."""
    assert re.findall(r"\bW[TK][a-f]{32}\b", drawn(width)) == [TASK, WORKER]


def test_control_characters_never_reach_the_terminal() -> None:
    """Names come from anywhere."""
    assert "\x1b" not in drawn(100) + drawn(20)
    assert tabbed("a\tb\nc\x1b[0m") == "a b c [0m"


def test_tabbed_values_are_as_in_json() -> None:
    """But text stands alone."""
    assert [tabbed(value) for value in (None, True, 3, "x", ["y"])] == ["", "true", "3", "x", '["y"]']


def test_lines_break_between_items_and_never_inside() -> None:
    """Even if one does not fit."""
    assert flow(["12:00:00", "x" * 10, "y" * 30, "z"], 24, 4) == "\n".join(
        ["12:00:00  " + "x" * 10, "    " + "y" * 30, "    z"]
    )


def test_times_have_their_day_only_if_it_is_another() -> None:
    """In the local time zone."""
    now = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
    assert len(clock("2026-03-02T12:00:00Z", now)) == len("12:00:00")
    assert clock("2026-01-01T12:00:00Z", now).startswith("2026-01-01 ")
    assert clock(None) == ""


EVENT = {
    "event_date": "2026-01-01T00:00:00Z",
    "event_type": "reservation.created",
    "description": f"Reservation {RESERVATION} created",
    "event_data": {
        "task_sid": TASK,
        "reservation_sid": RESERVATION,
        "worker_sid": WORKER,
        "worker_name": "Alice",
    },
}


def test_events_say_what_and_then_to_whom() -> None:
    """Each sid once and whole, however narrow it is."""
    for width in (10, 50, 200):
        text = event_told(EVENT, width)
        assert [text.count(sid) for sid in (TASK, RESERVATION, WORKER)] == [1, 1, 1]
        assert all(sid in text for sid in (f"task {TASK}", f"reservation {RESERVATION}", f"worker {WORKER}"))
    assert "Reservation created" in event_told(EVENT, 200)


def delivery(**changes: object) -> dict[str, object]:
    attempts = [
        {
            "url": "http://first/",
            "date": "2026-01-01T00:00:00Z",
            "took_ms": 5,
            "status": None,
            "content_type": None,
            "reply": None,
            "problem": "no answer",
        },
        {
            "url": "http://second/",
            "date": "2026-01-01T00:00:05Z",
            "took_ms": 7,
            "status": 200,
            "content_type": "application/json",
            "reply": '{"a":\n\x1b1}',
            "problem": None,
        },
    ]
    return {
        "sid": "DA" + "d" * 32,
        "kind": "assignment",
        "event_type": "reservation.created",
        "task_sid": TASK,
        "reservation_sid": RESERVATION,
        "worker_sid": WORKER,
        "callback_url": "http://first/",
        "parameters": {"TaskSid": TASK, "AccountSid": "AC"},
        "attempts": attempts,
        "verdict": "no instruction",
        "failed": False,
        "warning": "40005: the reply has no instruction",
        "date_created": "2026-01-01T00:00:00Z",
        **changes,
    }


def test_deliveries_say_everything_in_lines() -> None:
    """Also what was tried before, and with more words everything that was sent and came back."""
    lines = delivery_told(delivery(), 80)
    assert lines[0].endswith("assignment  reservation.created  no instruction  200  7 ms")
    assert [line.split(maxsplit=1) for line in lines[1:]] == [
        ["task", TASK],
        ["reservation", RESERVATION],
        ["worker", WORKER],
        ["before", "http://first/ no answer"],
        ["url", "http://second/"],
        ["warning", "40005: the reply has no instruction"],
    ]
    more = details(delivery())
    assert "    AccountSid=AC" in more
    assert more[-2:] == ['    {"a":', "     1}"]


def test_an_open_delivery_has_no_status_yet() -> None:
    """Nothing was sent."""
    row = delivery(verdict=None, attempts=[], warning=None, parameters=None)
    assert delivery_told(row, 80)[0].endswith("reservation.created  open")
    assert delivery_tabs(row)[3:6] == ["open", None, None]
    assert details(row)[-1].split() == ["parameters", "no", "longer", "kept"]


def test_piped_rows_are_tabs_and_values(capsys: pytest.CaptureFixture[str]) -> None:
    """With the names of the API as a heading."""
    output.print_rows(COLUMNS, ROWS, as_json=False)
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "sid\tfriendly_name\tavailable\tevent_callback_url"
    assert lines[1] == f"{TASK}\ta long name of several words\ttrue\t"
