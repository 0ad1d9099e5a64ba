"""A browser, windows of the console in it, and a workspace to look at."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect, sync_playwright

from tests.acceptance.conftest import Pointsman
from tests.acceptance.console.chromium import Chromium
from tests.acceptance.console.window import WAIT_MS, Window
from tests.acceptance.scene import Scene, Sink

SIZE = {"width": 1280, "height": 860}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.acceptance)


@pytest.fixture(scope="module")
def chromium() -> Iterator[Chromium]:
    """Of a module: while Playwright runs, nobody else can run an event loop in this thread."""
    expect.set_options(timeout=WAIT_MS)
    with sync_playwright() as playwright:
        opened = Chromium(playwright)
        yield opened
        opened.end()


@pytest.fixture
def windows(server: Pointsman, chromium: Chromium, request: pytest.FixtureRequest) -> Iterator[Callable[..., Window]]:
    """Opens windows, each of somebody of its own, not signed in yet. In the end none may have complained."""
    made: list[Window] = []
    shots = request.config.getoption("--screenshots")

    def open_window(**more: object) -> Window:
        context = chromium.open(**({"viewport": SIZE, "reduced_motion": "reduce"} | more))
        made.append(Window(server, context, Path(shots) if shots else None))
        return made[-1]

    yield open_window
    for each in made:
        chromium.close(each.context)
    assert [complaint for each in made for complaint in each.complaints] == []


@pytest.fixture
def window(windows: Callable[..., Window]) -> Window:
    """A window of the account's own, signed in; no page is open yet."""
    opened = windows()
    opened.enter()
    return opened


@pytest.fixture(scope="module")
def scene(server: Pointsman) -> Iterator[Scene]:
    """A workspace with a queue for everybody, a workflow and one available worker, for all tests of a module."""
    with Sink().open() as sink:
        made = Scene(server, sink, "Home")
        queue = made.queue("Everybody", TargetWorkers="1==1")
        made.workflow(default=queue)
        made.worker("Alice", Attributes='{"languages":["es"]}')
        yield made
