"""The event log followed and exported by the command line: real processes."""

from __future__ import annotations

import csv
import importlib.util
import io
import json
import signal
from pathlib import Path

import pytest

from pointsman.cli.export import COLUMNS
from tests.acceptance.conftest import Command, Pointsman
from tests.acceptance.test_cli import Following, done, refused, until
from tests.acceptance.test_event_stream import Place

pytestmark = pytest.mark.acceptance


@pytest.fixture
def own(pointsman: Pointsman) -> Place:
    """On a server of its own."""
    return Place(pointsman)


# --- following ----------------------------------------------------------------------------------------------------


def test_following_misses_nothing_through_a_restart_and_says_so(own: Place) -> None:
    own.task()
    shown = 2
    first = own.newest() - shown + 1
    following = Following(own.server, "events", "--follow", "--json", "--limit", str(shown))
    until(lambda: len(following.output) == shown)
    own.task()
    until(lambda: len(following.output) == own.newest() - first + 1)
    own.server.restart()
    own.task()
    until(lambda: len(following.output) == own.newest() - first + 1)
    assert following.end() == 0
    assert [json.loads(text)["sequence"] for text in following.output] == [*range(first, own.newest() + 1)]
    assert ["older ones" in following.errors[0], "waiting for it" in following.errors[1]] == [True, True]
    assert [text.startswith("pointsman: the server is back") for text in following.errors[2:]] == [True]


def test_events_after_a_sequence_number(own: Place) -> None:
    own.task()
    rows = own.all()
    told = done(own.server.command("events", "--after", "3", "--json")).splitlines()
    assert [json.loads(text) for text in told] == rows[3:]
    few = done(own.server.command("events", "--after", "0", "--type", "task.created, workflow.created"))
    assert [text.split("\t")[1] for text in few.splitlines()] == ["event_type", "workflow.created", "task.created"]
    some = json.loads(done(own.server.command("events", "--type", "task.created,workflow.created", "--json")))
    assert [row["event_type"] for row in some] == ["workflow.created", "task.created"]
    refused(own.server.command("events", "--after", "99999"), "expected at most")
    refused(own.server.command("events", "--after", "1", "--limit", "2"), "goes without --minutes and --limit")
    misplaced = own.server.command("events", "--json", "export")
    assert (misplaced.returncode, "options go behind 'export'" in misplaced.stderr) == (2, True)


# --- exporting ----------------------------------------------------------------------------------------------------


def export(place: Place, *arguments: str, env: dict[str, str] | None = None) -> Command:
    return place.server.command("events", "export", *arguments, env=env)


def test_an_export_has_every_event_in_each_format(own: Place) -> None:
    own.make(f"{own.path}/Workers", FriendlyName='Zoë, "the first"')
    own.task()
    rows = own.all()
    assert [json.loads(text) for text in done(export(own)).splitlines()] == rows
    assert done(export(own, "--out", "log.jsonl")) == ""
    folder = own.server.folder
    assert [json.loads(text) for text in (folder / "log.jsonl").read_text().splitlines()] == rows
    done(export(own, "--out", "log.csv"))
    table = list(csv.DictReader(io.StringIO((folder / "log.csv").read_bytes().decode(), newline="")))
    assert tuple(table[0]) == COLUMNS
    for told, row in zip(table, rows, strict=True):
        assert told["sequence"] == str(row["sequence"])
        assert told["event_date"] == f"{row['event_date'][:-1]}.{row['event_date_ms'] % 1000:03}Z"
        assert json.loads(told["event_data"]) == row["event_data"]
        assert told["task_sid"] == row["event_data"].get("task_sid", "")
        assert told["description"] == row["description"]
        assert told["actor_sid"] == row["actor_sid"]
    some = done(export(own, "--format", "csv", "--type", "task.created", "--since", "2020-01-01", "--queue", "all"))
    assert [each["event_type"] for each in csv.DictReader(io.StringIO(some))] == ["task.created"]
    assert done(export(own, "--until", "2020-01-01")) == ""
    assert len(done(export(own, "--after", "4")).splitlines()) == len(rows) - 4


def test_an_export_to_a_file_is_whole_or_not_there(own: Place) -> None:
    folder = own.server.folder
    (folder / "mine.csv").write_text("mine")
    refused(export(own, "--out", "mine.csv"), "mine.csv is there")
    assert (folder / "mine.csv").read_text() == "mine"
    done(export(own, "--out", "mine.csv", "--force"))
    assert (folder / "mine.csv").read_text().startswith("sequence,")
    refused(export(own, "--out", "no/where.csv"), "There is no folder no")
    assert export(own, "--since", "yesterday", "--out", "x.csv").returncode == 2
    refused(export(own, "--after", "99999", "--out", "x.csv"), "expected at most")
    assert sorted(each.name for each in folder.iterdir() if "csv" in each.name) == ["mine.csv"]


def test_an_export_that_is_interrupted_leaves_no_file_and_says_how_to_go_on(own: Place, tmp_path: Path) -> None:
    """Here nobody reads its output, so that it stands still in the middle."""
    for _ in range(300):
        own.task()
    process = own.server.spawn("events", "export")
    assert process.stdout is not None
    assert process.stderr is not None
    first = process.stdout.readline()
    process.send_signal(signal.SIGINT)
    rest = process.stdout.read()
    said = process.stderr.read()
    process.stdout.close()
    process.stderr.close()
    assert process.wait(20) == 130
    assert json.loads(first)["sequence"] == 1
    written = (first + rest).splitlines()
    last = json.loads(written[-1])["sequence"]
    assert said == f"pointsman: interrupted; --after {last} goes on behind the last event that was written\n"
    more = done(export(own, "--after", str(last))).splitlines()
    assert [json.loads(text)["sequence"] for text in more] == [*range(last + 1, own.newest() + 1)]


def test_parquet_needs_a_library_and_a_file(own: Place) -> None:
    if importlib.util.find_spec("pyarrow") is None:
        refused(export(own, "--out", "log.parquet"), "pip install 'pointsman[parquet]'")
        pytest.skip("pyarrow is not installed")
    from pyarrow import parquet

    own.task()
    rows = own.all()
    refused(export(own, "--format", "parquet"), "say which with --out")
    done(export(own, "--out", "log.parquet"))
    table = parquet.read_table(own.server.folder / "log.parquet")
    assert tuple(table.column_names) == COLUMNS
    for told, row in zip(table.to_pylist(), rows, strict=True):
        assert told["sequence"] == row["sequence"]
        assert round(told["event_date"].timestamp() * 1000) == row["event_date_ms"]
        assert json.loads(told["event_data"]) == row["event_data"]
        assert told["task_sid"] == row["event_data"].get("task_sid")
