"""The pages of the foundation: what they show, what can be done on them, and how they follow what happens."""

from __future__ import annotations

import json
import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Route, expect

from tests.acceptance.conftest import Pointsman
from tests.acceptance.console.window import Window
from tests.acceptance.scene import Scene, Sink

Windows = Callable[..., Window]
SCRIPT = "<script>window.struck=1</script><img src=x onerror='window.struck=1'>"


@pytest.fixture
def home(scene: Scene) -> str:
    return f"/workspaces/{scene.sid}"


# --- workspaces, and a resource from its declaration ----------------------------------------------------------------


def test_a_workspace_from_its_creation_to_its_deletion(window: Window) -> None:
    window.open("/")
    window.press("New workspace")
    window.press("Create workspace")
    window.shows(window.dialog.locator("#f-FriendlyName-problem"), "This is required")
    window.dialog.get_by_label("Name").fill("Second")
    window.press("Create workspace")
    window.sees("Second was created.")
    window.press("Workspace settings")
    window.page.get_by_label("Event callback URL").fill("nowhere")
    window.press("Save")
    window.sees("Expected an absolute http or https URL")
    window.page.get_by_label("Event callback URL").fill("http://127.0.0.1:1/events")
    window.press("Save")
    window.sees("The workspace was saved.")
    expect(window.page.get_by_label("Event callback URL")).to_have_value("http://127.0.0.1:1/events")
    window.press("Delete workspace…")
    window.dialog.get_by_label("Type Second to go on").fill("First")
    window.press("Delete workspace")
    window.sees("Type the workspace's name")
    window.dialog.get_by_label("Type Second to go on").fill("Second")
    window.press("Delete workspace")
    window.sees("Second was deleted.")
    expect(window.row("Second")).to_have_count(0)


def test_an_activity_from_its_creation_to_its_deletion(window: Window, home: str) -> None:
    """By keyboard as far as that goes; problems stand beside the field that caused them."""
    window.open(f"{home}/activities")
    window.page.keyboard.press("n")
    window.dialog.get_by_label("Name").fill("Offline")
    window.page.keyboard.press("Enter")
    expect(window.dialog.locator("#f-FriendlyName-problem")).to_contain_text("Offline")
    expect(window.dialog.get_by_label("Name")).to_be_focused()
    window.dialog.get_by_label("Name").fill("Lunch")
    window.page.keyboard.press("Enter")
    window.sees("Lunch was created.")
    window.press("Lunch")
    window.dialog.get_by_label("Name").fill("Dinner")
    window.press("Save")
    window.sees("Dinner was saved.")
    window.press("Dinner")
    window.press("Delete…")
    window.dialog.get_by_text("No worker is in it").wait_for()
    window.press("Delete activity")
    window.sees("Dinner was deleted.")


def test_of_two_who_change_the_same_the_second_is_told(windows: Windows, scene: Scene, home: str) -> None:
    sid = scene.post("/Activities", FriendlyName="Break")["sid"]
    first, second = windows(), windows()
    for each in (first, second):
        each.enter()
        each.open(f"{home}/activities")
        each.press("Break")
    first.dialog.get_by_label("Name").fill("Long break")
    first.press("Save")
    first.sees("Long break was saved.")
    second.dialog.get_by_label("Name").fill("Short break")
    second.press("Save")
    second.sees("was changed by somebody else meanwhile: it is 'Long break' now")
    assert scene.get(f"/Activities/{sid}")["friendly_name"] == "Long break"
    scene.delete(f"/Activities/{sid}")


def test_events_say_that_it_was_done_in_the_console(window: Window, scene: Scene, home: str) -> None:
    window.open(f"{home}/task-channels")
    window.press("New task channel")
    window.dialog.get_by_label("Name", exact=False).first.fill("Fax")
    window.dialog.get_by_label("Unique name").fill("fax")
    window.press("Create task channel")
    window.sees("Fax was created.")
    event = scene.wait_for("task-channel.created", 6)[-1]  # five are built in
    assert (event["source"], event["actor_type"], event["actor_sid"]) == ("console", "account", scene.server.account)


# --- what happens -------------------------------------------------------------------------------------------------


def test_the_overview_follows_what_happens(window: Window, scene: Scene, home: str) -> None:
    window.open(home)
    window.shows(window.tile("Reserved"), "0")
    expect(window.page.locator(".uplot")).to_have_count(3)
    task = scene.task()
    window.shows(window.tile("Reserved"), "1")
    scene.accepted(task)
    window.shows(window.tile("Assigned"), "1")
    window.shows(window.tile("Accepted"), "1")
    expect(window.row("Everybody").get_by_role("cell").nth(3)).to_have_text("1")
    window.shoot("overview")
    scene.post(f"/Tasks/{task}", AssignmentStatus="completed", Reason="done")
    window.shows(window.tile("Assigned"), "0")


def test_the_deepest_queue_stands_first(window: Window, scene: Scene, home: str) -> None:
    """Of those that are as deep, the one that comes first by its name."""
    calm, deep = scene.queue("A calm one", TargetWorkers="1==2"), scene.queue("Deep", TargetWorkers="1==2")
    window.open(home)
    names = window.page.get_by_role("table", name="Task queues").locator("tbody th")
    expect(names).to_have_text(["A calm one", "Deep", "Everybody"])
    flow = scene.workflow(default=deep, FriendlyName="To the deep one")
    task = scene.task(WorkflowSid=flow)
    expect(names).to_have_text(["Deep", "A calm one", "Everybody"])
    for path in (f"/Tasks/{task}", f"/Workflows/{flow}", f"/TaskQueues/{deep}", f"/TaskQueues/{calm}"):
        scene.delete(path)


def test_a_page_catches_up_after_a_broken_connection(
    windows: Windows, make_pointsman: Callable[..., Pointsman]
) -> None:
    """It says that it is cut off, and then shows what it has missed."""
    server = make_pointsman()
    server.start()
    with Sink().open() as sink:
        scene = Scene(server, sink, "Cut")
        window = windows()
        window.server = server
        window.enter()
        window.open(f"/workspaces/{scene.sid}/activities")
        window.sees("Offline")
        server.kill()
        expect(window.page.locator("#connection")).to_be_visible()
        server.start()
        scene.post("/Activities", FriendlyName="Made meanwhile")
        window.sees("Made meanwhile")
        expect(window.page.locator("#connection")).to_be_hidden()


def test_of_what_regions_are_refused_the_last_word_stands_alone(window: Window, home: str) -> None:
    """They ask again and again: what each is told would fill the screen."""
    window.open(home)
    for name in ("first", "second"):
        window.page.evaluate("address => htmx.ajax('GET', address)", f"/console{home}?region={name}")
    toasts = window.page.locator("[data-toast]")
    expect(toasts).to_have_count(1)
    expect(toasts).to_contain_text("region=second")


# --- people -------------------------------------------------------------------------------------------------------


def test_no_text_of_others_is_ever_run(window: Window, scene: Scene, home: str) -> None:
    name = SCRIPT[:64]
    scene.post("/Activities", FriendlyName=name)
    scene.queue(name, TargetWorkers="1==2")
    scene.post("/TaskChannels", FriendlyName=name, UniqueName="script")
    for path in ("/", home, f"{home}/activities", f"{home}/task-channels", f"{home}/settings", "/settings/server"):
        window.open(path)
        window.page.wait_for_load_state("networkidle") if path == "/" else None
    window.open(f"{home}/activities")
    window.press(name)
    expect(window.dialog.get_by_label("Name")).to_have_value(name)
    window.dialog.get_by_label("Name").fill(f"x{name[:60]}")
    window.press("Save")
    window.sees("was saved.")
    assert window.page.evaluate("window.struck") is None


def test_nothing_keeps_people_out(windows: Windows, home: str) -> None:
    """axe finds nothing serious, in either theme, also in dialogs."""
    for scheme in ("light", "dark"):
        window = windows(bypass_csp=True, color_scheme=scheme)
        window.open("/")
        assert window.barriers() == []
        window.sign_in()
        for path in ("/", home, f"{home}/activities", f"{home}/settings", "/settings", "/settings/server"):
            window.open(path)
            assert window.barriers() == [], (scheme, path)
            name = path.replace(home, "home").strip("/").replace("/", "-")
            window.shoot(f"{name or 'workspaces'}-{scheme}")
        window.open(f"{home}/activities")
        window.press("New activity")
        window.dialog.get_by_label("Name").wait_for()
        assert window.barriers() == [], (scheme, "dialog")


def test_it_fits_a_phone(windows: Windows, home: str) -> None:
    """Nothing is wider than the screen, and the navigation opens over the page."""
    window = windows(viewport={"width": 390, "height": 800})
    window.enter()
    for path in ("/", home, f"{home}/activities", f"{home}/settings", "/settings/server"):
        window.open(path)
        assert window.page.evaluate("document.documentElement.scrollWidth") <= 390, path
    window.open(home)
    window.shoot("phone")
    window.press("Navigation")
    window.press("Activities")
    assert window.path == f"{home}/activities"


def test_the_keyboard_leads_everywhere(window: Window, home: str) -> None:
    window.open(home)
    window.page.keyboard.press("?")
    expect(window.page.locator("#keys")).to_contain_text("Activities")
    window.page.keyboard.press("Escape")
    window.page.keyboard.press("g")
    window.page.keyboard.press("a")
    window.page.wait_for_url(f"**{home}/activities")


def test_the_theme_that_was_chosen_stays(window: Window, home: str) -> None:
    window.open(home)
    window.press("Change between light and dark")
    window.open("/")
    assert window.page.locator("html").get_attribute("data-theme") == "dark"


def test_limits_stand_beside_how_far_they_are_used(window: Window, scene: Scene) -> None:
    """Each that a count can be compared with; the others bound single values."""
    window.open("/settings/server")
    expect(window.row("participants of a conference")).to_contain_text("250description")
    used = window.page.get_by_role("table", name="Present use").get_by_role("row", name="Home").get_by_role("cell")
    longest = max(len(each["configuration"]) for each in scene.get("/Workflows")["workflows"])
    expect(used).to_contain_text(["1 of 15,000", "1", "of 5,000", "of 100", f"{longest} of 1,048,576"])


# --- settings -----------------------------------------------------------------------------------------------------


def test_an_api_key_shows_its_secret_once_and_signs_in(windows: Windows) -> None:
    owner, bearer = windows(), windows()
    owner.enter()
    owner.open("/settings")
    owner.press("New API key")
    owner.dialog.get_by_label("Friendly name").or_(owner.dialog.get_by_label("Name")).first.fill("Wallboard")
    owner.dialog.get_by_label("Role").select_option("viewer")
    owner.press("Create API key")
    owner.sees("Its secret is shown this once")
    sid, secret = owner.dialog.locator("code").all_inner_texts()
    owner.press("Done")
    expect(owner.row("Wallboard")).to_contain_text("viewer")
    bearer.sign_in(sid, secret)
    bearer.sees("Viewer")
    owner.press("Wallboard")
    owner.press("Revoke…")
    owner.press("Revoke API key")
    owner.sees("The API key was revoked.")
    bearer.open("/")
    assert bearer.path == "/sign-in"


def test_the_auth_token_is_rotated_and_the_session_goes_on(
    windows: Windows, make_pointsman: Callable[..., Pointsman]
) -> None:
    server = make_pointsman()
    server.start()
    window = windows()
    window.server = server
    window.enter()
    window.open("/settings/token")
    window.press("Make a second token")
    window.sees("Both tokens are valid now")
    _, second = window.dialog.locator("code").all_inner_texts()
    window.press("Done")
    window.press("Promote the second…")
    window.press("Promote token")
    window.sees("The second auth token is the only one now.")
    assert json.loads((server.data / "credentials.json").read_text())["auth_token"] == second


def test_a_region_that_comes_later_is_asked_for_at_once(window: Window, home: str) -> None:
    """The page is sent as one of a very large workspace would be: without what takes long. A first answer that fails
    is not the last word."""
    asked: list[str] = []

    def fail_once(route: Route) -> None:
        asked.append(route.request.url)
        if len(asked) == 1:
            route.fulfill(status=503)
        else:
            route.continue_()

    def without_queues(route: Route) -> None:
        answer = route.fetch()
        text = re.sub(
            r'(<section id="queues"[^>]*)>.*?</section>', r"\1 data-later>Soon.</section>", answer.text(), flags=re.S
        )
        assert "data-later" in text
        route.fulfill(response=answer, body=text)

    window.page.route(re.compile(f"{home}$"), without_queues)
    window.page.route(re.compile(r"region=queues"), fail_once)
    window.open(home)
    region = window.page.locator("#queues")
    expect(region).not_to_contain_text("Soon.")
    expect(region).not_to_have_attribute("data-later", re.compile(""))
    assert len(asked) > 1
    expect(region.get_by_role("heading").or_(region.get_by_role("columnheader")).first).to_be_visible()
