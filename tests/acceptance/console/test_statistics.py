"""The page of statistics: every figure, of any time, as table, chart and file."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlencode

import pytest
from playwright.sync_api import Locator, expect

from pointsman.console.words import label
from pointsman.stats import Level, Part, figures
from tests.acceptance.console.window import Window
from tests.acceptance.scene import Scene

Windows = Callable[..., Window]
FORMULA = "=1+1"


@pytest.fixture(scope="module", autouse=True)
def told(scene: Scene) -> Iterator[str]:
    """A task that was accepted."""
    scene.post("/Activities", FriendlyName=FORMULA)
    task = scene.task(TaskChannel="voice")
    scene.accepted(task)
    yield task


@pytest.fixture
def page(scene: Scene) -> str:
    return f"/workspaces/{scene.sid}/statistics"


def figure(window: Window, name: str) -> Locator:
    """The row of a figure, by its name in the catalogue."""
    header = window.page.get_by_role("rowheader", name=label(name), exact=True)
    return window.page.locator("table.figures tbody tr", has=header)


@pytest.mark.parametrize(
    ("name", "level"),
    [
        ("workspace", Level.WORKSPACE),
        ("workflow", Level.WORKFLOW),
        ("queue", Level.TASK_QUEUE),
        ("workers", Level.WORKERS),
        ("worker", Level.WORKER),
    ],
)
def test_every_figure_of_every_level_is_there_with_its_meaning(
    window: Window, page: str, name: str, level: Level
) -> None:
    window.open(f"{page}?Of={name}&SplitByWaitTime=10")
    expect(window.page.locator(".chart .uplot")).to_be_visible()
    for part in Part:
        for each in figures(level, part, combined=True):
            expect(figure(window, each.name)).to_contain_text(each.doc)
    window.shoot(f"statistics-{name}")


def test_figures_are_those_of_the_task_channel_and_the_time(window: Window, page: str) -> None:
    window.open(page)
    expect(figure(window, "tasks_created").get_by_role("cell").first).to_have_text("1")
    window.page.get_by_label("Split by task channel").check()
    window.page.wait_for_url("**By=channel**")
    window.ready()
    headings = window.page.locator("#interval thead th").all_inner_texts()
    cells = figure(window, "tasks_created").get_by_role("cell").all_inner_texts()
    assert dict(zip(headings[1:], cells, strict=True))["voice"] == "1"
    assert dict(zip(headings[1:], cells, strict=True))["chat"] == "0"
    expect(window.page.locator(".chart .legend")).to_contain_text("voice")
    window.page.get_by_label("Split by task channel").uncheck()
    window.page.wait_for_url(lambda url: "By=" not in url)
    window.ready()
    window.press("Reservations accepted")
    window.page.wait_for_url("**Chart=reservations_accepted**")
    expect(window.page.locator(".chart h3")).to_have_text("Reservations accepted")
    window.press("24 h")
    window.page.wait_for_url("**Minutes=1440**")
    expect(window.page.locator(".chart h3")).to_have_text("Reservations accepted")


def test_figures_of_now_follow_what_happens(window: Window, scene: Scene, page: str) -> None:
    window.open(f"{page}?Of=workflow")
    total = figure(window, "total_tasks").get_by_role("cell").first
    before = int(total.inner_text())
    task = scene.task()
    expect(total).to_have_text(str(before + 1))
    scene.post(f"/Tasks/{task}", AssignmentStatus="canceled")
    expect(total).to_have_text(str(before))


def test_a_problem_stands_beside_the_field_that_caused_it(window: Window, page: str) -> None:
    for query, place, text in (
        ("StartDate=2035-01-01T00:00", "StartDate", "Expected an interval that does not begin in the future"),
        ("Minutes=0", "Minutes", "Expected a whole number from 1"),
        ("Of=worker&Sid=Nobody", "Sid", "Expected a SID, or exactly a name that is there"),
        ("SplitByWaitTime=soon", "SplitByWaitTime", "Expected a whole number"),
    ):
        window.open(f"{page}?{query}")
        expect(window.page.locator(f"#a-{place}-problem")).to_contain_text(text)
        expect(window.page.locator("table.figures")).to_have_count(0)
    window.open(f"{page}?Of=worker&Sid=Alice")
    expect(figure(window, "reservations_accepted").get_by_role("cell").first).to_have_text("1")


def test_the_file_says_what_the_api_says(window: Window, scene: Scene, page: str, tmp_path: Path) -> None:
    """And no name of others is a formula in it."""
    now = datetime.now(UTC).replace(microsecond=0)
    query = {"StartDate": (now - timedelta(hours=2)).isoformat()[:19], "EndDate": now.isoformat()[:19]}
    window.open(f"{page}?{urlencode({'Of': 'workers', 'By': 'channel'} | query)}")
    with window.page.expect_download() as download:
        window.press("Download CSV")
    download.value.save_as(tmp_path / "statistics.csv")
    rows = list(csv.DictReader((tmp_path / "statistics.csv").read_text().splitlines()))
    body = scene.get(f"/Workers/Statistics?{urlencode(query)}")["cumulative"]
    by_figure = {(each["figure"], each["detail"]): each for each in rows}
    for name in ("reservations_created", "reservations_accepted", "tasks_assigned"):
        assert by_figure[name, ""]["All"] == str(body[name]), name
        assert by_figure[name, ""]["from"] == body["start_time"]
        assert by_figure[name, ""]["meaning"]
    totals = {each["friendly_name"]: each["total"] for each in body["activity_durations"]}
    assert by_figure["activity_durations", "Available, total"]["All"] == str(totals["Available"])
    assert by_figure["activity_durations", f"'{FORMULA}, total"]["unit"] == "s"
    assert not [each for each in rows if each["detail"].startswith("=")]


OUT_OF_SIGHT = """() => [...document.querySelectorAll(".figures .meaning")]
    .filter((each) => each.getBoundingClientRect().right > innerWidth).map((each) => each.textContent)"""


def test_a_chart_is_a_table_too(window: Window, scene: Scene, page: str) -> None:
    """For whoever can't see it, and whoever wants the numbers."""
    window.open(f"{page}?Of=workspace&Minutes=15")
    chart = window.page.locator(".chart")
    expect(chart.get_by_role("img")).to_have_attribute("aria-label", re.compile(r"Newest: .+Highest: "))
    chart.get_by_text("As a table").click()
    table = chart.get_by_role("table")
    expect(table.get_by_role("columnheader").first).to_have_text("From")
    expect(table.locator("tbody tr")).to_have_count(15)


def test_nothing_keeps_people_out(windows: Windows, page: str) -> None:
    """axe finds nothing serious, in either theme; nothing is wider than the screen."""
    for scheme, (width, path) in {
        "light": (1280, f"{page}?Of=queue&By=channel"),
        "dark": (390, f"{page}?Of=worker&Minutes=0"),
    }.items():
        window = windows(bypass_csp=True, color_scheme=scheme, viewport={"width": width, "height": 860})
        window.enter()
        window.open(path)
        assert window.barriers() == [], scheme
        for each in (path, f"{page}?Of=workflow"):
            window.open(each)
            assert window.page.evaluate("document.documentElement.scrollWidth") <= width, each
            assert window.page.evaluate(OUT_OF_SIGHT) == [], each
        window.shoot(f"statistics-{scheme}")
