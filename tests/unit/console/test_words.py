"""How values are shown, and the files of others."""

from __future__ import annotations

import hashlib
import re
from datetime import UTC, datetime, timedelta

import pytest

from pointsman.console import words
from pointsman.console.static import FOLDER, Static


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [(0, "0 s"), (59, "59 s"), (60, "1 min"), (125, "2 min 5 s"), (3_600, "1 h"), (90_061, "1 d 1 h"), (None, "–")],
)
def test_durations_have_their_two_largest_units(seconds: int | None, shown: str) -> None:
    assert words.duration(seconds) == shown


@pytest.mark.parametrize(
    ("passed_s", "shown"), [(-5, "just now"), (4, "just now"), (61, "1 min ago"), (7_300, "2 h ago")]
)
def test_times_are_relative_with_the_exact_one_beside(passed_s: int, shown: str) -> None:
    at = datetime.now(UTC) - timedelta(seconds=passed_s)
    text = words.ago(at.strftime("%Y-%m-%dT%H:%M:%SZ"))
    assert shown in text
    assert at.strftime('title="%Y-%m-%d %H:%M:%S UTC"') in text


@pytest.mark.parametrize(("left_s", "shown"), [(125.5, "in 2 min 5 s"), (0, "now"), (-9, "now")])
def test_times_to_come_are_counted_down(left_s: float, shown: str) -> None:
    at = datetime.now(UTC) + timedelta(seconds=left_s)
    assert f">{shown}<" in words.until(at.isoformat())


def test_the_time_of_an_event_is_told_to_the_millisecond() -> None:
    assert 'title="2026-03-02 09:12:00.007 UTC"' in words.instant(1_772_442_720_007)


def test_a_time_of_the_2010_api_is_one_too() -> None:
    assert 'datetime="2026-03-02T09:12:00Z"' in words.ago("Mon, 02 Mar 2026 09:12:00 +0000")


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("friendly_name", "Name"),
        ("event_callback_url", "Event callback URL"),
        ("default_activity_sid", "Default activity"),
        ("task_reservation_timeout", "Task reservation timeout"),
    ],
)
def test_labels_are_made_of_names(name: str, shown: str) -> None:
    assert words.label(name) == shown


def test_what_others_wrote_is_unchanged_and_has_its_licence() -> None:
    vendor = FOLDER / "vendor"
    rows = re.findall(
        r"^\| (\S+) \| (\S+) \| (\S+) \| (\S+) \| ([0-9a-f]{64}) \|$", (vendor / "README.md").read_text(), re.M
    )
    assert {file for _, _, file, _, _ in rows} == {
        path.relative_to(vendor).as_posix() for path in vendor.rglob("*") if path.suffix in (".js", ".css")
    }
    for _, _, file, _, digest in rows:
        assert hashlib.sha256((vendor / file).read_bytes()).hexdigest() == digest
        assert (vendor / file).with_name("LICENSE").exists()


def test_no_file_of_ours_asks_for_anything_elsewhere() -> None:
    """No address of another host, and nothing inline that the policy would refuse."""
    pages = FOLDER.parent / "templates"
    for path in [*pages.rglob("*.html"), *(FOLDER / "js").rglob("*.js"), *(FOLDER / "css").rglob("*.css")]:
        text = path.read_text()
        assert not re.search(r"(?:src|href|url\()\W*https?:|//cdn|@import", text), path
        assert not re.search(r"\son[a-z]+=|\sstyle=|<style|hx-on|<script(?![^>]*src=)|javascript:|\| *safe\b", text), (
            path
        )


def test_addresses_of_files_change_with_what_is_in_them() -> None:
    static = Static()
    assert static.address("css/base.css") == f"/static/{static.mark}/css/base.css"
    with pytest.raises(AssertionError, match="no static file"):
        static.address("css/none.css")
