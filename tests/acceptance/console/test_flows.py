"""Task queues with what their expressions match."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from tests.acceptance.conftest import Pointsman
from tests.acceptance.console.window import Window
from tests.acceptance.scene import Scene, Sink

SPANISH = 'languages HAS "es"'


@pytest.fixture(scope="module")
def scene(server: Pointsman) -> Iterator[Scene]:
    """Two queues, of which one asks for Spanish, Alice who speaks it, Bob who does not, and nobody available."""
    with Sink().open() as sink:
        made = Scene(server, sink, "Flows")
        made.queue("Everybody", TargetWorkers="1==1")
        made.queue("Spanish", TargetWorkers=SPANISH)
        made.worker("Alice", made.unavailable, Attributes='{"languages":["es","en"]}')
        made.worker("Bob", made.unavailable, Attributes='{"languages":["en"]}')
        yield made


@pytest.fixture
def home(scene: Scene) -> str:
    return f"/workspaces/{scene.sid}"


def queue_of(scene: Scene, name: str) -> str:
    return next(str(each["sid"]) for each in scene.get("/TaskQueues")["task_queues"] if each["friendly_name"] == name)


@pytest.fixture
def flow(scene: Scene, request: pytest.FixtureRequest) -> Iterator[str]:
    """A workflow with two filters and keys that nobody knows."""
    everybody, spanish = queue_of(scene, "Everybody"), queue_of(scene, "Spanish")
    rules = {
        "task_routing": {
            "filters": [
                {
                    "filter_friendly_name": "Spanish speakers",
                    "expression": "language == 'es'",
                    "note": {"kept": [1.0, 12345678901234567890]},
                    "targets": [
                        {"queue": spanish, "timeout": 30, "priority": 5, "colour": "red"},
                        {"queue": everybody, "order_by": "worker.level DESC"},
                    ],
                },
                {"friendly_name": "Old", "Expression": "kind == 'old'", "targets": [{"task_queue_sid": everybody}]},
            ],
            "default_filter": {"queue": everybody},
        },
        "owner": "ops",
    }
    form = {"FriendlyName": request.node.name[:60], "Configuration": json.dumps(rules)}
    sid = str(scene.post("/Workflows", **form)["sid"])
    yield sid
    for task in scene.get(f"/Tasks?WorkflowSid={sid}")["tasks"]:
        scene.delete(f"/Tasks/{task['sid']}")
    scene.delete(f"/Workflows/{sid}")


# --- task queues --------------------------------------------------------------------------------------------------


def test_the_workers_that_an_expression_matches_are_shown_as_it_is_typed(window: Window, home: str) -> None:
    """The quickstart's check: only Alice matches Spanish."""
    window.open(f"{home}/task-queues")
    window.page.keyboard.press("n")
    matches = window.dialog.locator("#matches")
    expect(matches).to_contain_text("2 of 2 workers match")
    window.dialog.get_by_label("Name").fill("Languages")
    expression = window.dialog.get_by_label("Target workers")
    expression.fill("languages HAS ")
    expect(matches).to_contain_text("column 14")
    expect(matches.locator("mark")).to_be_visible()
    window.press("Create task queue")
    expect(window.dialog.locator("#f-TargetWorkers-problem")).to_contain_text("column 14")
    expect(window.dialog.get_by_label("Name")).to_have_value("Languages")
    expression.fill('langages HAS "es"')
    expect(matches).to_contain_text('did you mean "languages"?')
    expression.fill(SPANISH)
    expect(matches).to_contain_text("1 of 2 workers matches")
    expect(matches.locator(".chip")).to_have_text(["Alice"])
    window.shoot("queue-form")
    window.press("Create task queue")
    window.sees("Languages was created.")
    expect(window.row("Alice")).to_be_visible()
    expect(window.row("Bob")).to_have_count(0)
    window.press("Change")
    window.dialog.get_by_label("Target workers").fill("1==2")
    window.press("Save")
    window.sees("The expression matches nobody")
    window.press("Delete…")
    window.dialog.get_by_text("No task is in it").wait_for()
    window.press("Delete task queue")
    window.sees("Languages was deleted.")


def test_a_queue_s_page_follows_what_waits_in_it(window: Window, scene: Scene, home: str, flow: str) -> None:
    sid = queue_of(scene, "Spanish")
    window.open(f"{home}/task-queues/{sid}")
    window.shows(window.tile("Waiting"), "0")
    window.shows(window.tile("Eligible workers"), "1")
    scene.task(Attributes='{"language":"es"}', WorkflowSid=flow)
    window.shows(window.tile("Waiting"), "1")
    link = window.page.get_by_role("link", name="Waiting tasks (1)")
    assert f"TaskQueueSid={sid}&AssignmentStatus=pending" in str(link.get_attribute("href"))
    window.shoot("queue")
    window.open(f"{home}/task-queues")
    expect(window.row("Spanish")).to_contain_text(SPANISH)
    window.shoot("queues")
    window.open(f"{home}/task-queues/{sid}")
    window.press("Delete…")
    window.dialog.get_by_text("Tasks in it: 1.").wait_for()
    expect(window.dialog).to_contain_text("Workflows that send tasks to it: test_a_queue")
    window.press("Delete task queue")
    window.dialog.get_by_text("because tasks are waiting").wait_for()
