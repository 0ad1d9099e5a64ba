"""The pages of workers: finding them, moving them, their channels, their queues, and what they have done."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import expect

from tests.acceptance.conftest import Pointsman
from tests.acceptance.console.window import Window
from tests.acceptance.raw import FORM
from tests.acceptance.scene import Scene, Sink

Windows = Callable[..., Window]
SCRIPT = "<script>window.struck=1</script><img src=x onerror='window.struck=1'>"


@pytest.fixture(scope="module")
def crew(server: Pointsman) -> Iterator[Scene]:
    """A workspace in which Sofia alone speaks Spanish, and two queues besides that for everybody."""
    with Sink().open() as sink:
        made = Scene(server, sink, "Crew", MultiTaskEnabled="true")
        spanish = made.queue("Spanish", TargetWorkers='languages HAS "es"')
        made.queue("Seniors", TargetWorkers='level >= 5 AND languages HAS "es"')
        made.queue("Everybody", TargetWorkers="1==1")
        made.workflow(default=spanish)
        made.worker("Sofia", Attributes='{"languages":["es"],"level":3}')
        made.worker("Ben", made.unavailable, Attributes='{"languages":["en"],"level":7}')
        yield made


@pytest.fixture
def home(crew: Scene) -> str:
    return f"/workspaces/{crew.sid}/workers"


def sid_of(crew: Scene, name: str) -> str:
    return str(crew.get(f"/Workers?FriendlyName={name}")["workers"][0]["sid"])


# --- the list -----------------------------------------------------------------------------------------------------


def test_workers_are_found_by_a_part_of_the_name_by_activity_and_by_expression(
    window: Window, crew: Scene, home: str
) -> None:
    """What is typed stays where it is, and the address keeps it."""
    window.open(home)
    expect(window.row("Ben")).to_be_visible()
    window.page.keyboard.press("/")
    window.page.keyboard.type("SOF")
    expect(window.row("Ben")).to_have_count(0)
    expect(window.row("Sofia")).to_contain_text("Available")
    expect(window.page.get_by_label("Part of the name")).to_be_focused()
    window.page.wait_for_url("**FriendlyNameContains=SOF**")
    window.page.get_by_label("Part of the name").fill("")
    window.page.get_by_label("Activity", exact=True).select_option(crew.unavailable)
    expect(window.row("Sofia")).to_have_count(0)
    window.page.get_by_label("Activity", exact=True).select_option("")
    expression = window.page.get_by_label("Expression about the attributes")
    expression.fill("level >= 5 AND")
    expression.press("Enter")
    expect(window.page.get_by_role("alert")).to_contain_text("column 15: found the end of the text")
    expression.fill("level >= 5")
    expression.press("Enter")
    expect(window.row("Ben")).to_be_visible()
    expect(window.row("Sofia")).to_have_count(0)
    expression.fill("level >= 50")
    expression.press("Enter")
    window.sees("Nobody fits the filters.")
    window.press("Show all workers")
    expect(window.row("Sofia")).to_be_visible()


def test_a_worker_from_its_creation_to_its_deletion(window: Window, crew: Scene, home: str) -> None:
    window.open(home)
    window.page.keyboard.press("n")
    window.dialog.get_by_label("Name").fill("sofia")
    window.press("Create worker")
    expect(window.dialog.locator("#f-FriendlyName-problem")).to_contain_text("already exists")
    window.dialog.get_by_label("Name").fill("Nadia")
    window.dialog.get_by_label("Attributes").fill('{"level": 1,\n}')
    window.press("Create worker")
    expect(window.dialog.locator("#f-Attributes-problem")).to_contain_text("line 2")
    expect(window.dialog.get_by_label("Attributes")).to_be_focused()
    window.shoot("workers-new")
    window.dialog.get_by_label("Attributes").fill('{"level": 1}')
    window.dialog.get_by_label("Activity").select_option(crew.available)
    window.press("Create worker")
    window.sees("Nadia was created.")
    window.page.get_by_label("Name").fill("Nadja")
    window.page.get_by_label("Attributes").fill('{"level": ')
    expect(window.page.locator("#f-Attributes-problem")).to_contain_text("line 1, column 11")
    window.page.get_by_label("Attributes").fill('{"level": 2}')
    window.press("Save")
    window.sees("Nadja was saved.")
    assert json.loads(crew.get(f"/Workers/{sid_of(crew, 'Nadja')}")["attributes"]) == {"level": 2}
    window.press("Delete…")
    window.dialog.get_by_text("gone for good").wait_for()
    window.press("Delete worker")
    window.sees("Nadja was deleted.")
    expect(window.row("Nadja")).to_have_count(0)


def test_an_activity_is_changed_in_the_list(window: Window, crew: Scene, home: str) -> None:
    """The page stays, and shows it."""
    window.open(f"{home}?FriendlyNameContains=ben")
    window.row("Ben").get_by_role("link", name="Unavailable").click()
    window.press("Move Ben to Available")
    window.sees("Ben is Available now.")
    expect(window.dialog).to_be_hidden()
    expect(window.row("Ben").get_by_role("link", name="Available")).to_be_visible()
    assert window.path == f"{home}?FriendlyNameContains=ben"
    crew.post(f"/Workers/{sid_of(crew, 'Ben')}", ActivitySid=crew.unavailable)
    expect(window.row("Ben").get_by_role("link", name="Unavailable")).to_be_visible()


def test_a_dialog_that_closes_stays_closed_while_a_region_is_renewed(window: Window, home: str) -> None:
    """It is emptied a moment after it has closed; a swap elsewhere in between must not open it again."""
    window.open(home)
    window.row("Ben").get_by_role("link", name="Unavailable").click()
    expect(window.dialog).to_be_visible()
    window.page.evaluate(
        "() => { document.getElementById('dialog').close();"
        " document.body.dispatchEvent(new CustomEvent('htmx:after:swap', {bubbles: true, detail: {}})) }"
    )
    expect(window.dialog.locator("button")).to_have_count(0)
    expect(window.dialog).to_be_hidden()


# --- one worker ---------------------------------------------------------------------------------------------------


def test_whoever_has_offers_and_goes_is_asked_what_becomes_of_them(window: Window, crew: Scene, home: str) -> None:
    sofia = sid_of(crew, "Sofia")
    window.open(f"{home}/{sofia}")
    window.sees("Nothing to do now")
    task = crew.task(Attributes='{"topic":"order"}')
    expect(window.page.get_by_role("row", name="pending")).to_contain_text('{"topic":"order"}')
    window.press("Move Sofia to Unavailable")
    window.dialog.get_by_text("one offer that is not answered").wait_for()
    window.press("Move and reject")
    window.sees("Sofia is Unavailable now.")
    window.sees("Nothing to do now")
    expect(window.dialog).to_be_hidden()
    assert crew.get(f"/Tasks/{task}")["assignment_status"] == "pending"
    window.press("Move Sofia to Available")
    expect(window.page.get_by_role("row", name="pending")).to_be_visible()
    window.open(home)
    window.row("Sofia").get_by_role("link", name="Available").click()
    window.dialog.get_by_text("Offers that are not answered: 1.").wait_for()
    window.shoot("workers-activity")
    window.press("Move Sofia to Offline")
    window.press("Move and keep")
    window.sees("Sofia is Offline now.")
    expect(window.dialog).to_be_hidden()
    window.press("Sofia")
    expect(window.page.get_by_role("row", name="pending")).to_be_visible()
    crew.post(f"/Tasks/{task}", AssignmentStatus="canceled")
    window.sees("Nothing to do now")
    window.press("Move Sofia to Available")
    window.sees("Sofia is Available now.")


def test_capacity_and_availability_of_a_channel_are_changed_in_place(window: Window, crew: Scene, home: str) -> None:
    sofia = sid_of(crew, "Sofia")
    window.open(f"{home}/{sofia}")
    row = window.page.get_by_role("row").filter(has=window.page.get_by_role("rowheader", name="voice"))
    window.press("Raise the capacity of voice")
    window.sees("voice: capacity 2, takes tasks.")
    expect(row.locator("strong")).to_have_text("2")
    window.press("Pause voice")
    expect(row).to_contain_text("takes none")
    window.press("Resume voice")
    expect(row).to_contain_text("takes tasks")
    expect(window.page.locator(".toast")).to_have_count(1)
    row.get_by_role("link", name="Edit").click()
    window.dialog.get_by_label("Capacity").fill("-1")
    window.dialog.get_by_role("button", name="Save").click()
    expect(window.dialog.locator("#f-Capacity-problem")).to_contain_text("whole number")
    window.shoot("workers-channel")
    window.dialog.get_by_label("Capacity").fill("12")
    window.dialog.get_by_role("button", name="Save").click()
    expect(row.locator("strong")).to_have_text("12")
    expect(window.dialog).to_be_hidden()
    task = crew.task(TaskChannel="voice")
    expect(row.locator("progress")).to_have_attribute("value", "9")
    crew.accepted(task)
    expect(row.get_by_role("cell").nth(2)).to_have_text("1")
    window.press("Delete…")
    window.dialog.get_by_text("Tasks that it still has: 1.").wait_for()
    window.press("Delete worker")
    expect(window.dialog.get_by_role("alert")).to_contain_text("1 accepted or wrapping")
    crew.post(f"/Tasks/{task}", AssignmentStatus="completed", Reason="done")


def test_it_says_in_which_queues_a_worker_is_and_why_not_in_the_others(window: Window, crew: Scene, home: str) -> None:
    window.open(f"{home}/{sid_of(crew, 'Sofia')}")
    window.press("Queues")
    expect(window.row("Spanish")).to_contain_text('languages HAS "es" is true (languages is ["es"])')
    expect(window.row("Seniors")).to_have_count(0)
    window.press("Not in these")
    expect(window.row("Seniors")).to_contain_text("level >= 5 is false (level is 3)")
    crew.post(f"/Workers/{sid_of(crew, 'Sofia')}", Attributes='{"languages":["es"],"level":9}')
    window.sees("It is in every queue")
    crew.post(f"/Workers/{sid_of(crew, 'Sofia')}", Attributes='{"languages":["es"],"level":3}')


def test_the_history_says_what_happened_and_who_did_it(window: Window, crew: Scene, home: str) -> None:
    """The newest first, and as it goes on."""
    olga = crew.worker("Olga", Attributes='{"languages":["es"]}')
    window.open(f"{home}/{olga}/history")
    entries = window.page.locator(".timeline li")
    expect(entries).to_have_count(1)
    expect(entries.first).to_contain_text("by the account, through the API")
    crew.post(f"/Workers/{olga}", ActivitySid=crew.unavailable)
    expect(entries.first).to_contain_text(re.compile(r"Unavailable after \d+ s Available"))
    assert "UTC" in (entries.first.locator("time").get_attribute("title") or "")
    window.open(f"{home}/{olga}")
    window.press("Move Olga to Available")
    window.press("History")
    expect(entries.first).to_contain_text("by the account, through the console")
    window.page.get_by_label("What").select_option("reservation.created")
    window.sees("Nothing of this kind")
    hours = window.page.get_by_role("navigation", name="How far back")
    hours.get_by_role("link", name="24 h").click()
    window.sees("Nothing of this kind")
    expect(hours.get_by_role("link", name="24 h")).to_have_attribute("aria-current", "page")
    window.ready()
    window.page.get_by_label("What").select_option("worker.activity.update")
    expect(entries).to_have_count(2)
    expect(hours.get_by_role("link", name="24 h")).to_have_attribute("aria-current", "page")
    window.open(f"{home}/{olga}/history?Hours=8&PageSize=1")
    window.press("Next")
    expect(entries.first).to_contain_text("Unavailable")
    expect(hours.get_by_role("link", name="8 h")).to_have_attribute("aria-current", "page")
    crew.delete(f"/Workers/{olga}")


def test_the_last_hours_are_drawn(window: Window, crew: Scene, home: str) -> None:
    """The activities above, and below each reservation, which leads to its task."""
    rosa = crew.worker("Rosa", crew.unavailable, Attributes='{"languages":["fr"]}')
    crew.post(f"/Workers/{rosa}", ActivitySid=crew.available)
    task = crew.task(RoutingTarget=rosa, IgnoreCapacity="true")
    crew.accepted(task)
    window.open(f"{home}/{rosa}/history?Hours=8")
    drawn = window.page.locator("svg.spans")
    expect(drawn.locator("rect.good").first).to_be_attached()
    expect(window.page.locator(".totals")).to_contain_text("Available")
    expect(window.page.locator(".totals")).to_contain_text("1 reservation")
    expect(window.page.locator(".totals")).to_contain_text("offered")  # what the colours mean
    expect(drawn.locator("line.edge")).to_have_count(1)  # between the two activities
    expect(drawn.locator("a rect.good title")).to_contain_text("accepted, ")
    assert (drawn.locator("a").first.get_attribute("href") or "").endswith(f"/tasks/{task}")
    crew.post(f"/Tasks/{task}", AssignmentStatus="wrapping")
    expect(drawn.locator("a rect.wrap")).to_have_count(1)
    window.shoot("worker-spans")
    crew.post(f"/Tasks/{task}", AssignmentStatus="completed")
    crew.delete(f"/Workers/{rosa}")


# --- other sessions -----------------------------------------------------------------------------------------------


def test_what_sessions_share_holds_nothing_of_one(window: Window, crew: Scene, home: str) -> None:
    """A region is made once for all who look at it: without the token that guards one's forms."""
    window.open(f"{home}/{sid_of(crew, 'Sofia')}")
    token = window.page.locator('meta[name="csrf"]').get_attribute("content")
    assert token and token in window.page.locator("#state").inner_html()
    again = "url => fetch(url, {headers: {'X-Seen': 'x'}}).then(answer => answer.text())"
    for name in ("state", "work"):
        text = window.page.evaluate(again, window.page.locator(f"#{name}").get_attribute("data-url"))
        assert "Move Sofia to" in text or "Pause voice" in text
        assert token not in text


def test_who_may_only_look_is_offered_no_changes(windows: Windows, crew: Scene, home: str) -> None:
    keys = f"/2010-04-01/Accounts/{crew.server.account}/Keys.json"
    key = crew.raw.ask("POST", keys, b"FriendlyName=Wall&Role=viewer", FORM).json
    window = windows()
    window.enter(key["sid"], key["secret"])
    window.open(home)
    expect(window.row("Sofia")).to_be_visible()
    expect(window.page.get_by_text("New worker")).to_have_count(0)
    expect(window.page.locator(".switch")).to_have_count(0)
    window.open(f"{home}/{sid_of(crew, 'Sofia')}")
    expect(window.page.get_by_role("button", name="Move Sofia to Offline")).to_be_disabled()
    expect(window.page.get_by_label("Attributes")).to_be_disabled()
    expect(window.page.get_by_text("Delete…")).to_have_count(0)
    expect(window.page.get_by_text("Pause")).to_have_count(0)


# --- people -------------------------------------------------------------------------------------------------------


def test_no_text_of_others_is_ever_run(window: Window, crew: Scene, home: str) -> None:
    name = SCRIPT[:64]
    evil = crew.worker(name, Attributes=json.dumps({"x": SCRIPT, "languages": SCRIPT}))
    queue = crew.queue(f"q{name[:60]}", TargetWorkers=f"x == {json.dumps(SCRIPT)} AND x == 1")
    for path in ("", "/activity", "/queues", "/queues?Matched=false", "/history", "/delete"):
        window.open(f"{home}/{evil}{path}")
    window.open(f"{home}?FriendlyNameContains=%3Cscript")
    expect(window.row(name)).to_be_visible()
    window.page.locator(".switch").click()
    window.dialog.get_by_role("heading", name=name).wait_for()
    assert window.page.evaluate("window.struck") is None
    crew.delete(f"/Workers/{evil}")
    crew.delete(f"/TaskQueues/{queue}")


def test_the_list_fits_a_phone(windows: Windows, crew: Scene, home: str) -> None:
    """Its rows become cards: no part of it is to be scrolled to sideways."""
    window = windows(viewport={"width": 390, "height": 800})
    window.sign_in()
    window.open(home)
    expect(window.row("Sofia")).to_be_visible()
    assert window.too_wide() == []
    window.shoot("workers-phone")


def test_nothing_keeps_people_out(windows: Windows, crew: Scene, home: str) -> None:
    """axe finds nothing serious, in either theme, also in dialogs; and nothing is wider than a phone."""
    sofia = sid_of(crew, "Sofia")
    paths = {"": "list", "?TargetWorkersExpression=level+%3E": "problem", f"/{sofia}": "one"}
    paths |= {f"/{sofia}/queues?Matched=false": "queues", f"/{sofia}/history": "history"}
    task = crew.task()
    for look, more in (("light", {}), ("dark", {}), ("phone", {"viewport": {"width": 390, "height": 800}})):
        window = windows(bypass_csp=True, color_scheme="dark" if look == "dark" else "light", **more)
        window.enter()
        for path, name in paths.items():
            window.open(home + path)
            window.shoot(f"workers-{name}-{look}")
            if look == "phone":
                assert window.too_wide() == [], path
            elif look == "light" or name in ("one", "history"):
                assert window.barriers() == [], (look, name)
        window.open(f"{home}/{sofia}")
        window.press("Move Sofia to Offline")
        window.dialog.get_by_text("it can still be accepted").wait_for()
        assert window.barriers() == [], (look, "dialog")
        window.shoot(f"workers-offers-{look}")
    crew.post(f"/Tasks/{task}", AssignmentStatus="canceled")
