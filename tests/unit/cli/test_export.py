"""What an export writes, and what it leaves behind if it does not get to its end."""

from __future__ import annotations

import stat
from datetime import UTC, datetime
from pathlib import Path

import pytest

from pointsman.cli.export import COLUMNS, Format, _Export, _format_of, _replacing, columns


def test_a_file_that_is_not_whole_leaves_nothing_and_the_old_one_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "log.csv"
    path.write_text("old")
    with pytest.raises(KeyboardInterrupt), _replacing(path) as file:
        file.write(b"new")
        raise KeyboardInterrupt
    assert {each.name: each.read_text() for each in tmp_path.iterdir()} == {"log.csv": "old"}


def test_a_whole_file_takes_its_place_with_the_mode_of_any_new_file(tmp_path: Path) -> None:
    path, other = tmp_path / "log.csv", tmp_path / "other"
    other.touch()
    with _replacing(path) as file:
        file.write(b"new")
        assert not path.exists()
    assert path.read_bytes() == b"new"
    assert stat.S_IMODE(path.stat().st_mode) == stat.S_IMODE(other.stat().st_mode)
    assert len([*tmp_path.iterdir()]) == 2


def test_a_row_of_a_table_has_what_the_event_has_and_its_date_to_the_millisecond() -> None:
    row = {
        "sequence": 7,
        "event_date": "2026-03-02T09:12:00Z",
        "event_date_ms": 1772442720456,
        "event_data": {"task_sid": "WT1", "task_age": "3"},
        "actor_sid": None,
    }
    told = dict(zip(COLUMNS, columns(row), strict=True))
    assert told["event_date"] == datetime(2026, 3, 2, 9, 12, 0, 456_000, tzinfo=UTC)
    assert told["event_data"] == '{"task_sid":"WT1","task_age":"3"}'
    assert (told["sequence"], told["task_sid"], told["worker_sid"], told["actor_sid"]) == (7, "WT1", None, None)


def test_the_format_follows_from_the_name(tmp_path: Path) -> None:
    names = {"x.csv": Format.CSV, "X.PARQUET": Format.PARQUET, "x.jsonl": Format.JSONL, "-": Format.JSONL}
    assert {name: _format_of(name) for name in names} == names


def test_an_export_that_ends_early_says_how_to_go_on() -> None:
    to_stdout, to_file = _Export("-", Format.CSV, False), _Export("log.csv", Format.CSV, False)
    assert to_stdout.so_far() == "; nothing was written"
    to_stdout.sequence = to_file.sequence = 5
    assert to_stdout.so_far() == "; --after 5 goes on behind the last event that was written"
    assert to_file.so_far().startswith("; log.csv was not written: the same command begins again, with --after 5")
