"""The pictures of the docs: a small floor at work, as its supervisor and one of its workers see it. With
`--screenshots docs/images` they are made anew."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import NamedTuple

import pytest
from playwright.sync_api import expect

from tests.acceptance.conftest import Pointsman
from tests.acceptance.console.window import Window
from tests.acceptance.scene import Scene, Sink, eventually

Windows = Callable[..., Window]
SIZE = {"width": 1280, "height": 944}


class Floor(NamedTuple):
    scene: Scene
    workflow: str
    alice: str
    asked: str  # a task that Alice was asked about by callback, and took
    waiting: str  # one that nobody can take now

    @property
    def home(self) -> str:
        return f"/workspaces/{self.scene.sid}"


@pytest.fixture(scope="module")
def floor(server: Pointsman) -> Iterator[Floor]:
    with Sink().open() as sink:
        scene = Scene(server, sink, "Support", MultiTaskEnabled="true")
        spanish = scene.queue("Spanish", TargetWorkers='languages HAS "es"')
        english = scene.queue("English", TargetWorkers='languages HAS "en"')
        back = scene.queue("Back office", TargetWorkers='skills HAS "billing"')
        sink.replies[scene.assign_path] = (200, {"instruction": "accept"})
        workflow = scene.workflow(
            {
                "filter_friendly_name": "Spanish speakers",
                "expression": 'language == "es"',
                "targets": [
                    {"queue": spanish, "timeout": 90, "expression": "worker.level >= task.level", "priority": 5},
                    {"queue": english},
                ],
            },
            {"filter_friendly_name": "Invoices", "expression": 'topic == "invoice"', "targets": [{"queue": back}]},
            default=english,
            FriendlyName="Incoming requests",
            AssignmentCallbackUrl=f"{sink.url}{scene.assign_path}",
        )
        alice = scene.worker("Alice", Attributes='{"languages":["es","en"],"level":3}')
        for name, activity, attributes in (
            ("Bob", scene.available, {"languages": ["en"], "level": 2}),
            ("Carla", scene.unavailable, {"languages": ["es"], "level": 4, "skills": ["billing"]}),
            ("Dan", scene.available, {"languages": ["es"], "level": 1}),
        ):
            scene.worker(name, activity, Attributes=json.dumps(attributes))

        def ask(**attributes: object) -> str:
            return scene.task(Attributes=json.dumps(attributes))

        asked = ask(language="es", level=2, customer={"name": "Lucía Ortega", "since": 2019})
        scene.wait_for("reservation.accepted")
        waiting = ask(language="es", level=3, customer={"name": "Diego Ruiz"})
        for order in range(4711, 4717):
            ask(topic="invoice", order=order)
        ask(language="en", topic="delivery")
        scene.wait_for("reservation.accepted", 2)
        eventually(lambda: scene.get(f"/Deliveries?TaskSid={asked}&Kind=assignment")["deliveries"] or None)
        yield Floor(scene, workflow, alice, asked, waiting)


@pytest.fixture
def supervisor(windows: Windows) -> Window:
    window = windows(viewport=SIZE)
    window.enter()
    return window


def test_the_overview(supervisor: Window, floor: Floor) -> None:
    supervisor.open(floor.home)
    expect(supervisor.page.get_by_role("table", name="Task queues").locator("tbody th").first).to_have_text(
        "Back office"
    )
    expect(supervisor.page.locator(".uplot")).to_have_count(3)
    supervisor.page.wait_for_function(  # of the waits there is but one value, between gaps: it is a point
        "[...document.querySelectorAll('[data-chart]')].at(-1).plot.series[1].points._paths"
    )
    supervisor.shoot("console-overview", whole=False)


def test_the_workflow_editor_trying_a_task(supervisor: Window, floor: Floor) -> None:
    supervisor.open(f"{floor.home}/workflows/{floor.workflow}")
    supervisor.page.get_by_label("Task attributes").fill('{"language": "es", "level": 4}')
    expect(supervisor.page.locator("#trial")).to_contain_text("Carla")
    supervisor.page.get_by_label("Task attributes").blur()
    supervisor.shoot("console-workflow", whole=False)


def test_the_page_of_a_task_that_waits(supervisor: Window, floor: Floor) -> None:
    supervisor.open(f"{floor.home}/tasks/{floor.waiting}")
    expect(supervisor.page.locator(".verdict")).to_contain_text("Nobody can take it now")
    supervisor.shoot("console-task", whole=False)


def test_the_callback_of_an_assignment(supervisor: Window, floor: Floor) -> None:
    (delivery,) = floor.scene.get(f"/Deliveries?TaskSid={floor.asked}&Kind=assignment")["deliveries"]
    supervisor.open(f"{floor.home}/deliveries/{delivery['sid']}")
    expect(supervisor.page.locator(".exhibit")).to_contain_text('"instruction": "accept"')
    supervisor.shoot("console-delivery", whole=False)


def test_the_desk_of_a_worker_who_is_offered_a_task(windows: Windows, floor: Floor) -> None:
    scene = floor.scene
    scene.post(f"/Workflows/{floor.workflow}", AssignmentCallbackUrl="")  # she answers herself
    scene.post(f"/Tasks/{floor.asked}", AssignmentStatus="completed")
    eventually(
        lambda: scene.get(f"/Tasks/{floor.waiting}/Reservations?ReservationStatus=pending")["reservations"] or None
    )
    window = windows(viewport={"width": 390, "height": 800})
    window.page.goto(str(scene.post(f"/Workers/{floor.alice}/DeskLinks")["url"]))
    window.ready()
    expect(window.page.locator("[data-offer]")).to_contain_text("Diego Ruiz")
    window.shoot("console-desk", whole=False)
