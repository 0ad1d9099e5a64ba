"""Tasks in the console: the list, making one, why one is not assigned, and all that can be done with one."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Locator, expect

from tests.acceptance.conftest import Pointsman
from tests.acceptance.console.test_sessions import make_key
from tests.acceptance.console.window import Window
from tests.acceptance.scene import Scene, Sink, eventually

Windows = Callable[..., Window]
SCRIPT = "<script>window.struck=1</script><img src=x onerror='window.struck=1'>"
SPANISH = '{"selected_language":"es","level":2}'


class Support:
    """A workspace with two languages. Nobody is available for Spanish; Bob is for English."""

    def __init__(self, scene: Scene) -> None:
        self.scene = scene
        self.spanish = scene.queue("Spanish", TargetWorkers='languages HAS "es"')
        self.english = scene.queue("English", TargetWorkers='languages HAS "en"')
        later = {"queue": self.english, "timeout": 600}
        scene.workflow(
            {"filter_friendly_name": "English", "expression": 'selected_language == "en"', "targets": [later]},
            {
                "filter_friendly_name": "Spanish",
                "expression": 'selected_language == "es"',
                "targets": [{"queue": self.spanish, "timeout": 600, "expression": "worker.level >= task.level"}, later],
            },
            FriendlyName="Incoming",
        )
        self.alice = scene.worker("Alice", scene.unavailable, Attributes='{"languages":["en","es"],"level":3}')
        self.bob = scene.worker("Bob", Attributes='{"languages":["en"],"level":1}')
        scene.worker("Carla", Attributes='{"languages":["es"],"level":1}')

    @property
    def home(self) -> str:
        return f"/workspaces/{self.scene.sid}/tasks"

    def english_task(self) -> str:
        """One that Bob is offered."""
        task = self.scene.task(Attributes='{"selected_language":"en"}')
        self.scene.offers(task)
        return task

    def is_now(self, task: str) -> str:
        return str(self.scene.get(f"/Tasks/{task}")["assignment_status"])


@pytest.fixture(scope="module")
def support(server: Pointsman) -> Iterator[Support]:
    with Sink().open() as sink:
        yield Support(Scene(server, sink, "Support"))


@pytest.fixture
def offered(support: Support) -> Iterator[str]:
    """A task that Bob is offered; he is free again afterwards."""
    task = support.english_task()
    yield task
    support.scene.ask("DELETE", f"/Tasks/{task}")


@pytest.fixture
def waiting(support: Support) -> Iterator[str]:
    """A task that waits for somebody who speaks Spanish."""
    task = support.scene.task(Attributes=SPANISH)
    yield task
    support.scene.ask("DELETE", f"/Tasks/{task}")


def verdict(window: Window) -> Locator:
    return window.page.locator(".verdict")


def confirm(window: Window, name: str) -> None:
    """Press what a dialog asks for, not what stands behind it."""
    window.dialog.get_by_role("button", name=name).click()


# --- making one, and the list -------------------------------------------------------------------------------------


def test_the_quickstarts_task_is_two_clicks(window: Window, support: Support) -> None:
    """Its attributes are those that the workflow's last filter asks for."""
    window.open(support.home)
    window.press("New task")
    window.press("Create task")
    window.sees("The task was created.")
    task = window.path.removeprefix(f"{support.home}/")
    made = support.scene.get(f"/Tasks/{task}")
    assert json.loads(made["attributes"]) == {"selected_language": "es"}
    assert (made["priority"], made["timeout"], made["task_channel_unique_name"]) == (0, 86_400, "default")
    support.scene.delete(f"/Tasks/{task}")


def test_what_is_wrong_with_a_new_task_stands_beside_its_field(window: Window, support: Support) -> None:
    window.open(support.home)
    window.page.keyboard.press("n")
    attributes = window.dialog.get_by_label("Attributes")
    attributes.fill('{\n  "a": 1,\n  b\n}')
    expect(window.dialog.locator("#f-Attributes-problem")).to_contain_text("line 3, column 3")  # the page says so ...
    window.press("Create task")
    expect(window.dialog.locator("#f-Attributes-problem")).to_contain_text("line 3, column 3")  # ... and the server
    attributes.fill("{}")
    window.dialog.get_by_label("Priority").fill("-1")
    window.press("Create task")
    expect(window.dialog.locator("#f-Priority-problem")).to_contain_text("Expected")
    window.dialog.get_by_role("link", name="English").click()
    expect(window.dialog.get_by_label("Attributes")).to_have_value(re.compile('"en"'))


def test_the_list_is_narrowed_and_says_who_has_a_task(
    window: Window, support: Support, offered: str, waiting: str
) -> None:
    rows = window.page.locator("table.tasks tbody tr")
    window.open(support.home)
    expect(rows).to_have_count(2)
    expect(rows.filter(has_text="Bob")).to_contain_text("reserved")
    expect(window.page.get_by_role("rowheader", name=offered, exact=True)).to_be_visible()  # and not "… Copy …"
    window.page.get_by_role("link", name="Waiting 1").click()
    expect(rows).to_have_count(1)
    expect(rows.first).to_contain_text("Spanish")
    window.page.get_by_label("Task queue").select_option("English")
    window.sees("No such task")
    window.press("Show all tasks")
    window.page.wait_for_url(f"**{support.home}")
    window.ready()
    window.page.keyboard.press("/")
    window.page.keyboard.type('selected_language == "en"')
    window.page.keyboard.press("Enter")
    expect(rows).to_have_count(1)
    expect(rows.first).to_contain_text("English")
    window.page.get_by_label("Expression about the attributes").fill("selected_language ==")
    window.page.keyboard.press("Enter")
    window.sees("column 21: found the end of the text")
    expect(rows).to_have_count(0)


def test_the_list_follows_what_happens(window: Window, support: Support, offered: str) -> None:
    window.open(support.home)
    row = window.page.locator("table.tasks tbody tr")
    expect(row).to_contain_text("(offered)")
    support.scene.accepted(offered)
    expect(row).to_contain_text("assigned")
    expect(row).not_to_contain_text("(offered)")


# --- why is it not assigned? --------------------------------------------------------------------------------------


def test_why_a_task_waits_is_the_first_thing_seen(window: Window, support: Support, waiting: str) -> None:
    """With the values that were compared; and the answer follows what happens."""
    window.open(f"{support.home}/{waiting}")
    expect(verdict(window)).to_contain_text(
        "The task waits in queue 'Spanish', at place 1 of 1. Nobody can take it now"
    )
    assert (verdict(window).bounding_box() or {"y": 1e9})["y"] < 300
    reasons = window.page.locator(".reasons > li")
    expect(reasons).to_have_count(3)  # nearest to taking it first
    expect(reasons.nth(0)).to_contain_text("is in an activity that is not available")
    expect(reasons.nth(0)).to_contain_text("Alice")
    expect(reasons.nth(1)).to_contain_text(re.compile(r"Carla\s+worker\.level >= task\.level false"))
    expect(reasons.nth(1)).to_contain_text(re.compile(r"worker\.level is 1\s*task\.level is 2"))
    expect(reasons.nth(2)).to_contain_text(re.compile(r'Bob\s+languages HAS "es" false\s+languages is \["en"\]'))
    way = window.page.locator(".path > li")
    expect(way.nth(0)).to_contain_text(re.compile(r"English\s+no match"))
    expect(way.nth(1)).to_contain_text(re.compile(r"Spanish\s+took it"))
    window.sees("It moves to target 2 of Filter 2 (Spanish), queue 'English'")
    support.scene.post(f"/Workers/{support.alice}", ActivitySid=support.scene.available)
    expect(verdict(window)).to_have_text("The task is offered to Alice, and waits for an answer.")
    support.scene.post(
        f"/Workers/{support.alice}", ActivitySid=support.scene.unavailable, RejectPendingReservations="true"
    )
    expect(reasons.nth(0)).to_contain_text("Alice")


def test_one_worker_can_be_asked_about(window: Window, support: Support, waiting: str) -> None:
    window.open(f"{support.home}/{waiting}")
    window.page.get_by_label("Ask about one worker").fill("carla")
    window.press("Ask")
    expect(window.page.locator(".asked")).to_contain_text("worker.level >= task.level")
    window.page.get_by_label("Ask about one worker").fill("Nobody")
    window.press("Ask")
    window.sees("No worker is called 'Nobody', or has that SID.")


# --- what can be done with it ---------------------------------------------------------------------------------------


def test_a_task_is_accepted_wrapped_up_and_completed_on_its_page(
    window: Window, support: Support, offered: str
) -> None:
    window.open(f"{support.home}/{offered}")
    window.sees("It had been idle longest of those who could take it then.")
    window.press("Accept")
    window.sees("The offer was accepted.")
    expect(verdict(window)).to_have_text("The task is assigned: Bob has it.")
    accepted = window.page.locator(".timeline > li").filter(has_text="Bob has accepted")
    expect(accepted).to_contain_text("in the console from 127.0.0.1")
    assert re.search(r":\d\d\.\d{3} UTC", accepted.locator("time").get_attribute("title") or "")
    window.press("Wrap up…")
    window.dialog.get_by_label("Reason").fill("Notes")
    confirm(window, "Wrap up")
    window.sees("The task is wrapped up.")
    window.press("Complete…")
    window.dialog.get_by_label("Reason").fill("Solved")
    confirm(window, "Complete")
    expect(verdict(window)).to_have_text("The task has ended: completed, because of: Solved.")
    assert support.is_now(offered) == "completed"


def test_a_move_has_a_page_of_its_own(window: Window, support: Support, offered: str) -> None:
    """Which is where its button leads without scripts; more can be said there."""
    (offer,) = support.scene.offers(offered)
    window.open(f"{support.home}/{offered}/reservations/{offer['sid']}/accept")
    window.page.get_by_label("Worker activity").select_option("Unavailable")
    window.press("Accept")
    window.sees("The offer was accepted.")
    assert support.is_now(offered) == "assigned"
    assert support.scene.get(f"/Workers/{support.bob}")["activity_name"] == "Unavailable"
    support.scene.post(f"/Workers/{support.bob}", ActivitySid=support.scene.available)


def test_an_offer_is_rejected_and_the_worker_moved(window: Window, support: Support, offered: str) -> None:
    window.open(f"{support.home}/{offered}")
    window.sees("An offer is not canceled alone")
    window.press("Reject…")
    window.dialog.get_by_label("Worker activity").select_option("Unavailable")
    window.press("Reject")
    window.sees("The offer was rejected.")
    expect(window.page.locator(".reservations > li")).to_contain_text("rejected")
    expect(window.page.locator(".reasons > li").first).to_contain_text("is Unavailable, which is not available")
    support.scene.post(f"/Workers/{support.bob}", ActivitySid=support.scene.available)


def test_a_task_is_handed_on_and_taken_back(window: Window, support: Support, offered: str) -> None:
    support.scene.accepted(offered)
    window.open(f"{support.home}/{offered}")
    window.press("Transfer…")
    to = window.dialog.locator("#f-To")
    to.fill("Nobody")
    window.press("Transfer")
    window.shows(
        window.dialog.locator("#f-To-problem"), "Expected the name of a worker or task queue; none is called that"
    )
    to.fill("Alice")
    window.press("Transfer")
    expect(window.dialog.locator("#f-To-problem")).to_contain_text("can't take task")  # she is not available
    to.fill("Spanish")
    window.press("Transfer")
    window.sees("A transfer is under way: warm, to Spanish")
    window.sees("Bob begins to hand it on")
    window.press("Cancel transfer")
    window.sees("The transfer was canceled.")
    expect(verdict(window)).to_have_text("The task is assigned: Bob has it.")


def test_of_several_who_have_a_task_one_is_chosen_to_hand_it_on(window: Window, support: Support, offered: str) -> None:
    """After a warm transfer both have it, until one leaves."""
    scene = support.scene
    held = scene.accepted(offered)
    scene.post(f"/Workers/{support.alice}", ActivitySid=scene.available)
    transfers = f"/v2/Workspaces/{scene.sid}/Workers/{support.bob}/Transfers"
    made = scene.ask("POST", transfers, TaskSid=offered, ReservationSid=held["sid"], To=support.alice)
    assert made.status == 201
    scene.accepted(offered)
    window.open(f"{support.home}/{offered}/transfer")
    window.page.locator("#f-To").fill("Spanish")
    window.press("Transfer")
    window.sees("Expected one of those who have the task")
    window.page.get_by_label("From").select_option("Alice")
    window.press("Transfer")
    window.sees("Alice begins to hand it on")
    scene.delete(f"/Tasks/{offered}")
    scene.post(f"/Workers/{support.alice}", ActivitySid=scene.unavailable)


def test_attributes_and_priority_are_changed(windows: Windows, support: Support, waiting: str) -> None:
    """Of two who change the same the second is told."""
    first, second = windows(), windows()
    for each in (first, second):
        each.enter()
        each.open(f"{support.home}/{waiting}")
        each.page.keyboard.press("e")
        each.dialog.get_by_label("Attributes").wait_for()
    first.dialog.get_by_label("Attributes").fill('{"selected_language":"es","level":1}')
    first.dialog.get_by_label("Priority").fill("7")
    first.press("Save")
    first.sees("The task was saved.")
    second.dialog.get_by_label("Priority").fill("9")
    second.press("Save")
    expect(second.dialog.locator("#f-Priority-problem")).to_contain_text("it is '7' now")
    task = support.scene.get(f"/Tasks/{waiting}")
    assert (task["priority"], json.loads(task["attributes"])["level"]) == (7, 1)
    expect(first.page.locator("pre.attributes")).to_contain_text('"level": 1')


def test_a_task_is_canceled_deleted_and_its_time_line_stays(window: Window, support: Support, waiting: str) -> None:
    window.open(f"{support.home}/{waiting}")
    window.press("Cancel task…")
    window.dialog.get_by_text("nobody will get it").wait_for()
    window.dialog.get_by_label("Reason").fill("Hung up")
    window.press("Cancel task")
    expect(verdict(window)).to_have_text("The task has ended: canceled, because of: Hung up.")
    window.press("Delete…")
    window.dialog.get_by_text("It has ended already.").wait_for()
    window.press("Delete task")
    window.sees("The task was deleted.")
    window.open(f"{support.home}/{waiting}")
    expect(verdict(window)).to_contain_text("The task is not kept any longer.")
    expect(window.page.locator(".timeline")).to_contain_text("Hung up")
    expect(window.page.locator("pre.attributes")).to_contain_text("selected_language")


def test_the_callbacks_of_a_task_are_led_to(window: Window, support: Support, offered: str) -> None:
    def delivered() -> bool | None:
        found = support.scene.get(f"/Deliveries?TaskSid={offered}")["deliveries"]
        return True if [each["verdict"] for each in found] == ["delivered"] * 5 else None

    eventually(delivered)
    window.open(f"{support.home}/{offered}")
    link = window.page.get_by_role("link", name="reservation.created")
    expect(link).to_have_attribute("href", re.compile(r"/deliveries/DE\w{32}$"))
    expect(window.row("reservation.created")).to_contain_text("delivered")


# --- people -------------------------------------------------------------------------------------------------------


def test_who_may_only_look_sees_no_buttons(windows: Windows, support: Support, offered: str) -> None:
    window = windows()
    window.enter(*make_key(support.scene.server, "viewer"))
    window.open(f"{support.home}/{offered}")
    expect(verdict(window)).to_contain_text("offered to Bob")
    for name in ("Accept", "Reject…", "Cancel task…", "Change…", "Delete…"):
        expect(window.page.get_by_role("link", name=name)).to_have_count(0)
    window.open(support.home)
    expect(window.page.get_by_role("link", name="New task")).to_have_count(0)


def test_no_text_of_others_is_ever_run(window: Window, server: Pointsman) -> None:
    """Script in every name, attribute, expression and reason of a task and of those around it."""
    with Sink().open() as sink:
        scene = Scene(server, sink, "Script")
        text = json.dumps(SCRIPT)
        queue = scene.queue(SCRIPT[:64], TargetWorkers=f"name == {text}")
        flow = {
            "filter_friendly_name": SCRIPT,
            "expression": f"who == {text}",
            "targets": [{"queue": queue, "expression": f"worker.name != {text}", "order_by": "worker.level DESC"}],
        }
        scene.workflow(flow, FriendlyName=SCRIPT[:64])
        scene.worker(SCRIPT[:64], Attributes=json.dumps({"name": SCRIPT}))
        home = f"/workspaces/{scene.sid}/tasks"
        window.open(home)
        window.press("New task")
        window.press("Create task")  # attributes as the filter wants them
        window.sees("does not match the target's expression")
        task = window.path.removeprefix(f"{home}/")
        expect(window.page.locator("pre.attributes")).to_contain_text("<script>")
        for part in ("edit", "cancel", "delete"):
            window.open(f"{home}/{task}/{part}")
        window.open(f"{home}/{task}/cancel")
        window.page.get_by_label("Reason").fill(SCRIPT)
        window.press("Cancel task")
        expect(verdict(window)).to_contain_text("<script>")
        window.open(f"{home}?EvaluateTaskAttributes=%3Cscript%3E")
        window.sees("column 1")
        window.open(f"{home}/{task}?Worker=%3Cimg%20src%3Dx%20onerror%3Dwindow.struck%3D1%3E")
        window.sees("No worker is called")
        assert window.page.evaluate("window.struck") is None


def test_nothing_keeps_people_out(windows: Windows, support: Support, offered: str, waiting: str) -> None:
    """axe finds nothing serious, also in dialogs; the dark theme has other colours and no other elements."""
    pages = {"tasks": "", "task-offered": f"/{offered}", "task-waiting": f"/{waiting}?Worker=Carla"}
    for scheme, judged in (("light", pages), ("dark", {"task-waiting": pages["task-waiting"]})):
        window = windows(bypass_csp=True, color_scheme=scheme)
        window.enter()
        for name, path in judged.items():
            window.open(support.home + path)
            assert window.barriers() == [], (scheme, name)
            window.shoot(f"{name}-{scheme}")
    window.open(support.home)
    window.press("New task")
    window.dialog.get_by_label("Attributes").wait_for()
    assert window.barriers() == [], "dialog"
    window.shoot("task-new-dark")


def test_it_fits_a_phone(windows: Windows, support: Support, offered: str, waiting: str) -> None:
    window = windows(viewport={"width": 390, "height": 800})
    window.enter()
    for name, path in (("tasks", ""), ("task-offered", f"/{offered}"), ("task-waiting", f"/{waiting}?Worker=Carla")):
        window.open(support.home + path)
        assert window.too_wide() == [], name
        window.shoot(f"{name}-phone")
