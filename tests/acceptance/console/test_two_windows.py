"""The quickstart in two windows: a supervisor sets up and watches, Alice works at her desk."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

from playwright.sync_api import expect

from tests.acceptance.conftest import Pointsman
from tests.acceptance.console.test_flows import filters
from tests.acceptance.console.window import Window
from tests.acceptance.raw import Raw

Windows = Callable[..., Window]
SPANISH, FLOW = "Customer Care Requests - Spanish", "Incoming Customer Care Requests"


def get(server: Pointsman, path: str) -> Any:
    return Raw(server).ask("GET", f"/v1{path}").json


def make_workspace(supervisor: Window) -> str:
    """In the console; its path in the API."""
    supervisor.open("/")
    supervisor.press("New workspace")
    supervisor.dialog.get_by_label("Name").fill("Quickstart")
    supervisor.press("Create workspace")
    supervisor.sees("Quickstart was created.")
    found = re.search(r"WS\w{32}", supervisor.page.url)
    assert found is not None
    return f"/Workspaces/{found[0]}"


def make_routes(supervisor: Window, home: str) -> None:
    """A queue for Spanish, and a workflow whose one filter leads there."""
    supervisor.open(f"{home}/task-queues")
    supervisor.press("New task queue")
    supervisor.dialog.get_by_label("Name").fill(SPANISH)
    supervisor.dialog.get_by_label("Target workers").fill('languages HAS "es"')
    supervisor.press("Create task queue")
    supervisor.sees(f"{SPANISH} was created.")
    supervisor.open(f"{home}/workflows")
    supervisor.press("New workflow")
    supervisor.ready()
    supervisor.page.locator("#f-FriendlyName").fill(FLOW)
    supervisor.page.get_by_label("Task reservation timeout").fill("1200")
    supervisor.press("Add filter")
    rule = filters(supervisor).first
    rule.get_by_label("Name", exact=True).fill("Spanish")
    rule.get_by_label("Takes tasks by").fill('selected_language == "es"')
    rule.get_by_label("Task queue").first.select_option(SPANISH)
    supervisor.press("Create workflow")
    supervisor.sees(f"{FLOW} was created.")


def hire(supervisor: Window, home: str, name: str, languages: str) -> None:
    supervisor.open(f"{home}/workers")
    supervisor.press("New worker")
    supervisor.dialog.get_by_label("Name").fill(name)
    supervisor.dialog.get_by_label("Attributes").fill(json.dumps({"languages": languages.split()}))
    supervisor.press("Create worker")
    supervisor.sees(f"{name} was created.")


def sit_down(supervisor: Window, home: str, name: str, alice: Window) -> None:
    """The supervisor makes the link and Alice opens it."""
    supervisor.open(f"{home}/workers")
    supervisor.press(name)
    supervisor.press("Desk")
    supervisor.ready()
    supervisor.press("Link…")
    supervisor.press("Make a link")
    alice.page.goto(supervisor.dialog.get_by_label("The link").input_value())
    alice.ready()


def test_the_quickstart_is_played_by_two(windows: Windows, server: Pointsman) -> None:
    supervisor, alice = windows(), windows(viewport={"width": 390, "height": 800})
    supervisor.enter()
    workspace = make_workspace(supervisor)
    home = workspace.replace("/Workspaces", "/workspaces")
    make_routes(supervisor, home)
    hire(supervisor, home, "Alice", "en es")
    hire(supervisor, home, "Bob", "en")
    sit_down(supervisor, home, "Alice", alice)
    alice.sees("Nothing is offered to you in this activity.")

    supervisor.open(f"{home}/workers")
    alice.press("Go to Idle")
    expect(supervisor.row("Alice")).to_contain_text("Idle")

    supervisor.open(f"{home}/tasks")
    supervisor.press("New task")
    supervisor.dialog.get_by_label("Workflow", exact=False).first.select_option(label=FLOW)
    supervisor.dialog.get_by_label("Attributes").fill('{"selected_language": "es"}')
    supervisor.press("Create task")
    supervisor.sees("The task was created.")
    task = re.search(r"WT\w{32}", supervisor.page.url)
    assert task is not None
    offer = alice.page.locator("[data-offer]")
    expect(offer).to_contain_text(SPANISH)
    expect(offer).to_contain_text("selected_languagees")
    alice.shoot("two-windows-offer")

    supervisor.open(home)
    supervisor.shows(supervisor.tile("Reserved"), "1")
    offer.get_by_role("button", name="Accept").click()
    expect(alice.page.locator("[data-task]")).to_contain_text(SPANISH)
    supervisor.shows(supervisor.tile("Assigned"), "1")
    supervisor.shows(supervisor.tile("Accepted"), "1")
    (reservation,) = get(server, f"{workspace}/Tasks/{task[0]}/Reservations")["reservations"]
    assert (reservation["worker_name"], reservation["reservation_status"]) == ("Alice", "accepted")
    supervisor.shoot("two-windows-overview")

    alice.press("Wrap up")
    supervisor.shows(supervisor.tile("Wrapping"), "1")
    alice.press("Complete…")
    alice.dialog.get_by_label("Reason").fill("Solved")
    alice.dialog.get_by_role("button", name="Complete", exact=True).click()
    alice.sees("Ready for work")
    supervisor.shows(supervisor.tile("Wrapping"), "0")
    supervisor.open(f"{home}/tasks/{task[0]}")
    supervisor.sees("Solved")
