"""A worker's desk: who may sit down at it, what it shows and does, and what becomes of offers that nobody looks at."""

from __future__ import annotations

import itertools
import json
import re
from collections.abc import Callable, Iterator
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Locator, expect

from pointsman.core.ids import number_of
from tests.acceptance.conftest import Pointsman
from tests.acceptance.console.test_sessions import make_key, revoke
from tests.acceptance.console.window import Window
from tests.acceptance.raw import FORM, Answer, Raw
from tests.acceptance.scene import Scene, Sink

Windows = Callable[..., Window]
NUMBERS = itertools.count(1)
SCRIPT = "<script>window.struck=1</script><img src=x onerror=struck=1>"


@pytest.fixture(scope="module")
def scene(server: Pointsman) -> Iterator[Scene]:
    """A workspace in which tasks are sent to one worker each."""
    with Sink().open() as sink:
        made = Scene(server, sink, "Support", MultiTaskEnabled="true")
        made.workflow(default=made.queue("Spanish", TargetWorkers="1==1"), TaskReservationTimeout="300")
        yield made


class Desk:
    """Somebody with a window, at the desk of a worker of its own."""

    def __init__(self, scene: Scene, window: Window, name: str) -> None:
        self.scene, self.window, self.name = scene, window, name
        self.worker = scene.worker(name, scene.unavailable)
        self.path = f"/workspaces/{scene.sid}/desk/{self.worker}"

    def link(self, **more: str) -> str:
        return str(self.scene.post(f"/Workers/{self.worker}/DeskLinks", **more)["url"])

    def sit_down(self, window: Window | None = None) -> Window:
        """By a link."""
        window = window or self.window
        window.page.goto(self.link())
        window.ready()
        return window

    def sit_down_by_a_key(self) -> tuple[str, str]:
        """By a link that an API key made, and ends with; the key's SID, and the link."""
        key, secret = make_key(self.scene.server)
        raw = Raw(self.scene.server, key, secret)
        path = f"{self.scene.base}/Workers/{self.worker}/DeskLinks"
        link = str(raw.ask("POST", path, b"Hours=1", FORM).json["url"])
        self.window.page.goto(link)
        self.window.ready()
        return key, link

    def begin(self) -> None:
        self.sit_down()
        self.window.press("Go to Available")
        self.window.sees("Ready for work")

    def task(self, **attributes: object) -> str:
        """For this worker alone; it makes no other wait."""
        return self.scene.task(Attributes=json.dumps(attributes), RoutingTarget=self.worker, IgnoreCapacity="true")

    @property
    def offers(self) -> Locator:
        return self.window.page.locator("[data-offer]")

    @property
    def tasks(self) -> Locator:
        return self.window.page.locator("[data-task]")

    @property
    def lately(self) -> Locator:
        return self.window.page.locator(".lately")

    def reservation(self, task: str) -> str:
        (found,) = self.scene.get(f"/Tasks/{task}/Reservations")["reservations"]
        return str(found["reservation_status"])


@pytest.fixture
def desk(scene: Scene, windows: Windows) -> Iterator[Desk]:
    """The desk of a worker that no other test has."""
    made = Desk(scene, windows(), f"Alice {next(NUMBERS)}")
    yield made
    for each in scene.get(f"/Workers/{made.worker}/Desk")["reservations"]:
        scene.delete(f"/Tasks/{each['task']['sid']}")
    scene.delete(f"/Workers/{made.worker}")


# --- work ---------------------------------------------------------------------------------------------------------


def test_an_offer_is_accepted_by_key_wrapped_up_and_completed_with_a_reason(desk: Desk) -> None:
    desk.begin()
    task = desk.task(selected_language="es", customer={"name": "Ada"})
    expect(desk.offers).to_have_count(1)
    expect(desk.offers).to_contain_text("selected_languagees")
    expect(desk.offers).to_contain_text("customer.nameAda")
    expect(desk.window.page).to_have_title(re.compile(r"^\(1\) Offer · Alice"))
    expect(desk.window.page.locator("#said")).to_contain_text("New offer: ")
    expect(desk.offers.locator("output")).to_have_text(re.compile(r"^[45]:\d\d$"))
    expect(desk.window.page.locator("[data-offer].settled")).to_have_count(1)  # a key before that is another's
    desk.window.page.keyboard.press("A")
    expect(desk.tasks).to_have_count(1)
    expect(desk.tasks).to_be_focused()
    expect(desk.offers).to_have_count(0)
    expect(desk.window.page).to_have_title(re.compile(r"^Alice"))
    desk.window.press("Wrap up")
    expect(desk.tasks).to_contain_text("wrapping")
    desk.window.page.keyboard.press("c")
    desk.window.dialog.get_by_label("Reason").fill("Solved")
    desk.window.dialog.get_by_role("button", name="Complete", exact=True).click()
    expect(desk.tasks).to_have_count(0)
    expect(desk.lately).to_contain_text("You completed it")
    found = desk.scene.get(f"/Tasks/{task}")
    assert (found["assignment_status"], found["reason"]) == ("completed", "Solved")
    for event in desk.scene.log(f"&WorkerSid={desk.worker}&EventType=reservation.accepted"):
        assert (event["source"], event["actor_type"], event["actor_sid"]) == ("console", "worker", desk.worker)


def test_an_offer_is_rejected_by_click_and_the_next_stays(desk: Desk) -> None:
    desk.begin()
    first, second = desk.task(no=1), desk.task(no=2)
    expect(desk.offers).to_have_count(2)
    expect(desk.window.page).to_have_title(re.compile(r"^\(2\) Offers"))
    desk.offers.first.get_by_role("button", name="Reject").click()
    expect(desk.offers).to_have_count(1)
    expect(desk.offers).to_contain_text("no2")
    desk.window.page.keyboard.press("a")  # at once: it was meant for the one that went
    assert [desk.reservation(each) for each in (first, second)] == ["rejected", "pending"]


def test_what_becomes_of_an_offer_without_the_worker_is_told(desk: Desk) -> None:
    desk.begin()
    lapses = desk.scene.workflow(default=desk.scene.queue(desk.name, TargetWorkers="1==2"), FriendlyName=desk.name)
    canceled = desk.task(no=1)
    expect(desk.offers).to_have_count(1)
    desk.scene.post(f"/Tasks/{canceled}", AssignmentStatus="canceled", Reason="Hung up")
    desk.window.sees("It was withdrawn")
    expect(desk.offers).to_have_count(0)
    desk.scene.delete(f"/Workflows/{lapses}")


def test_an_offer_that_lapses_while_one_looks_is_told_with_what_it_did(windows: Windows, server: Pointsman) -> None:
    """The worker is moved to the timeout activity, and the desk says how to begin again."""
    with Sink().open() as sink:
        scene = Scene(server, sink, "Brief")
        scene.workflow(default=scene.queue("Brief", TargetWorkers="1==1"), TaskReservationTimeout="2")
        desk = Desk(scene, windows(), "Alice")
        desk.begin()
        task = scene.task()
        expect(desk.offers).to_have_count(1)
        desk.window.sees("The offer lapsed: it was not answered in time")
        expect(desk.offers).to_have_count(0)
        desk.window.sees("Nothing is offered to you in this activity.")
        assert scene.get(f"/Tasks/{task}/Reservations")["reservations"][0]["reservation_status"] == "timeout"
        expect(desk.lately).to_contain_text("The offer lapsed")
        desk.window.shoot("desk-lapsed")


def test_of_two_desks_of_one_worker_each_follows_the_other(desk: Desk, windows: Windows) -> None:
    other = windows()
    desk.begin()
    desk.sit_down(other)
    desk.task(no=1)
    expect(other.page.locator("[data-offer]")).to_have_count(1)
    desk.offers.get_by_role("button", name="Accept").click()
    expect(other.page.locator("[data-task]")).to_have_count(1)
    other.sees("Accepted in another window: it is yours")
    other.press("Wrap up")
    expect(desk.tasks).to_contain_text("wrapping")


def test_an_answer_to_what_is_gone_says_so(desk: Desk) -> None:
    """The page has not heard of it yet: its stream is held up."""
    desk.begin()
    task = desk.task(no=1)
    expect(desk.offers).to_have_count(1)
    desk.window.page.route("**/live?*", lambda route: route.abort())
    desk.window.page.route("**/*region=now*", lambda route: route.abort())
    desk.scene.post(f"/Tasks/{task}", AssignmentStatus="canceled")
    desk.offers.get_by_role("button", name="Accept").click()
    desk.window.sees("That offer is no longer there")
    for _ in range(2):
        desk.window.page.evaluate("path => htmx.ajax('GET', path)", f"/console{desk.path}/tasks/{task}/complete")
    expect(desk.window.page.locator(".toast.bad").get_by_text("You don't have that task any longer")).to_have_count(1)
    desk.window.complaints.clear()  # of what was held up


def test_a_task_is_handed_on_to_a_colleague_warm_and_to_a_queue_cold(desk: Desk, windows: Windows) -> None:
    colleague = Desk(desk.scene, windows(), f"Bob {desk.name}")
    desk.begin()
    colleague.begin()
    task = desk.task(selected_language="es")
    desk.offers.get_by_role("button", name="Accept").click()
    expect(desk.tasks).to_have_count(1)
    desk.window.page.keyboard.press("t")
    desk.window.dialog.get_by_label("To", exact=True).select_option(label=colleague.name)
    desk.window.shoot("desk-transfer")
    desk.window.press("Hand it on")
    expect(desk.tasks).to_contain_text(f"You hand it on to {colleague.name}")
    expect(colleague.offers).to_contain_text(f"Handed on by {desk.name}")
    desk.window.press("Keep it")
    expect(colleague.offers).to_have_count(0)
    expect(desk.tasks.get_by_text("You hand it on")).to_have_count(0)
    desk.window.page.keyboard.press("t")
    desk.window.dialog.get_by_label("To", exact=True).select_option(label=colleague.name)
    desk.window.press("Hand it on")
    colleague.offers.get_by_role("button", name="Accept").click()
    expect(colleague.tasks).to_contain_text("1 other has it too")
    desk.window.press("Finish my part")
    expect(desk.tasks).to_have_count(0)
    colleague.window.page.keyboard.press("t")
    colleague.window.dialog.get_by_label("To", exact=True).select_option(label="Spanish")
    colleague.window.dialog.get_by_label("Cold").check()
    colleague.window.press("Hand it on")
    expect(colleague.tasks).to_contain_text("wrapping")
    desk.scene.delete(f"/Tasks/{task}")
    desk.scene.delete(f"/Workers/{colleague.worker}")


def test_sound_is_off_until_somebody_wants_it(desk: Desk) -> None:
    desk.begin()
    button = desk.window.page.get_by_role("button", name="Sound")
    expect(button).to_have_attribute("aria-pressed", "false")
    button.click()
    expect(button).to_have_attribute("aria-pressed", "true")
    button.click()
    expect(button).to_have_attribute("aria-pressed", "false")


# --- connections, hidden tabs -------------------------------------------------------------------------------------


def test_a_desk_catches_up_after_its_server_was_away(
    windows: Windows, make_pointsman: Callable[..., Pointsman]
) -> None:
    """Also one that nobody sees: an offer counts down whether it is looked at or not."""
    server = make_pointsman()
    server.start()
    with Sink().open() as sink:
        scene = Scene(server, sink, "Away")
        scene.workflow(default=scene.queue("All", TargetWorkers="1==1"), TaskReservationTimeout="600")
        window = windows()
        window.server = server
        desk = Desk(scene, window, "Alice")
        desk.begin()
        window.page.evaluate(
            """() => {
                Object.defineProperty(document, "hidden", { get: () => true });
                document.dispatchEvent(new Event("visibilitychange"));
            }"""
        )
        server.kill()
        expect(window.page.locator("#connection")).to_be_visible()
        server.start()
        scene.task(Attributes='{"no":1}')
        expect(desk.offers).to_have_count(1, timeout=15_000)
        expect(window.page.locator("#connection")).to_be_hidden()
        expect(window.page).to_have_title(re.compile(r"^\(1\) Offer"))


def test_a_hidden_desk_keeps_its_stream(desk: Desk) -> None:
    """Other pages let go of theirs after half a minute."""
    desk.window.page.clock.install()
    desk.begin()
    desk.window.page.evaluate(
        """() => {
            Object.defineProperty(document, "hidden", { get: () => true });
            document.dispatchEvent(new Event("visibilitychange"));
        }"""
    )
    desk.window.page.clock.fast_forward(31_000)
    desk.task(no=1)
    expect(desk.offers).to_have_count(1)


# --- who may sit down ---------------------------------------------------------------------------------------------


def test_a_link_is_made_in_the_console_and_opens_the_desk_elsewhere(desk: Desk, window: Window, scene: Scene) -> None:
    window.open(f"/desk/{desk.worker}")
    assert window.path == desk.path
    window.press("Link…")
    window.press("Make a link")
    link = window.dialog.get_by_label("The link").input_value()
    window.shoot("desk-link")
    window.press("Done")
    desk.window.page.goto(link)
    desk.window.ready()
    assert desk.window.path == desk.path
    desk.window.press("Go to Available")
    expect(window.page.locator(".activities .chip")).to_have_text("Available")
    expect(desk.window.page.get_by_role("link", name="Workspace")).to_have_count(0)
    desk.window.press("Leave")
    desk.window.sees("You have left the desk")
    desk.window.open(desk.path)
    assert "/sign-in" in desk.window.page.url
    log = scene.server.log.read_text()
    assert link.partition("key=")[2] not in log


def ask(desk: Desk, method: str, path: str, body: str = "", cookie: str | None = None) -> Answer:
    """As whoever has the link's key, with whatever cookies it can make of it."""
    key = desk.link().partition("key=")[2] if cookie is None else cookie
    port = desk.scene.server.url.rpartition(":")[2]
    cookies = f"pointsman_desk_{port}={key}; pointsman_session_{port}={key}"
    headers = {"Authorization": "", "Cookie": cookies, "Accept": "text/html"} | FORM
    return Raw(desk.scene.server).ask(method, f"/console{path}", body.encode() if method == "POST" else None, headers)


def test_who_came_by_a_link_sees_nothing_but_this_desk(desk: Desk, scene: Scene) -> None:
    bob = scene.worker(f"Bob {desk.name}", scene.unavailable)
    home = f"/workspaces/{scene.sid}"
    assert ask(desk, "GET", desk.path).status == 200
    others = [f"{home}{path}" for path in ("", "/activities", "/settings", "/live?topics=task")]
    others += [f"{home}/desk/{bob}", f"{home}/desk/{bob}/live?topics=task", f"/desk/{bob}"]
    others += ["/", "/settings", f"{desk.path}/link"]
    for path in others:
        answer = ask(desk, "GET", path)
        assert (answer.status, "sign-in" in answer.headers.get("location", "")) in ((303, True), (401, False)), path
    key = desk.link().partition("key=")[2]
    basic = Raw(scene.server).ask("GET", scene.base, headers={"Authorization": f"Basic {key}"})
    assert basic.status == 401
    scene.delete(f"/Workers/{bob}")


def test_a_desk_hears_of_its_own_tasks_alone(desk: Desk, scene: Scene) -> None:
    desk.begin()
    bob, mine = scene.worker(f"Bob {desk.name}"), desk.task()
    expect(desk.offers).to_have_count(1)
    bobs = scene.task(RoutingTarget=bob, IgnoreCapacity="true")
    scene.offers(bobs)
    own = [f"worker:{number_of(desk.worker)}", "activity", f"task:{number_of(mine)}"]
    others = [f"worker:{number_of(bob)}", f"task:{number_of(bobs)}", "task", "task-queue"]
    key = desk.link().partition("key=")[2]
    connection = Raw(scene.server).connect()
    headers = {"Cookie": f"pointsman_desk_{urlsplit(scene.server.url).port}={key}"}
    connection.request("GET", f"/console{desk.path}/live?topics={','.join(own + others)}", headers=headers)
    answer = connection.getresponse()
    _, _, data = [answer.readline() for _ in range(3)]
    connection.close()
    assert sorted(json.loads(data.removeprefix(b"data: "))) == sorted(own), "all that it may hear of"
    scene.delete(f"/Tasks/{bobs}")
    scene.delete(f"/Workers/{bob}")


def test_who_came_by_a_link_does_nothing_but_this_workers_work(desk: Desk, scene: Scene) -> None:
    """Whatever is posted to the desk's own pages: other workers' offers and tasks are out of reach."""
    desk.sit_down()
    csrf = desk.window.page.locator('meta[name="csrf"]').get_attribute("content")
    port = scene.server.url.rpartition(":")[2]
    (key,) = [each["value"] for each in desk.window.context.cookies(f"{scene.server.url}/console{desk.path}")
              if each["name"] == f"pointsman_desk_{port}"]  # fmt: skip
    bob = scene.worker(f"Bob {desk.name}")
    task = scene.task(RoutingTarget=bob, IgnoreCapacity="true")
    (offer,) = scene.offers(task)

    def post(path: str, **form: str) -> int:
        pairs = "&".join(f"{name}={value}" for name, value in {"csrf": csrf or "", **form}.items())
        return ask(desk, "POST", desk.path + path, pairs, cookie=key).status

    assert post(f"/reservations/{offer['sid']}/accept") in (400, 404)
    scene.answer(offer, "accepted")
    assert post(f"/reservations/{offer['sid']}/finish") in (400, 404)
    assert post(f"/tasks/{task}/complete", Reason="mine") == 400
    assert post(f"/tasks/{task}/transfer", To=desk.worker, Mode="WARM") == 400
    assert post("/link", Hours="1") in (303, 401)
    assert post("/activity", ActivitySid=scene.available, csrf="0" * 64) == 403
    assert scene.get(f"/Tasks/{task}")["assignment_status"] == "assigned"
    assert scene.get(f"/Workers/{bob}/Desk")["reservations"][0]["reservation_status"] == "accepted"
    assert post("/activity", ActivitySid=scene.available) == 303
    assert scene.get(f"/Workers/{desk.worker}")["activity_name"] == "Available"
    scene.delete(f"/Tasks/{task}")
    scene.delete(f"/Workers/{bob}")


def test_a_link_ends_with_the_key_that_made_it_and_the_open_desk_says_so(desk: Desk, scene: Scene) -> None:
    key, link = desk.sit_down_by_a_key()
    revoke(scene.server, key)
    desk.window.press("Go to Available")
    desk.window.sees("This link has ended")
    desk.window.page.goto(link)
    desk.window.sees("Ask whoever gave it to you for a new one")
    desk.window.shoot("desk-over")
    assert scene.get(f"/Workers/{desk.worker}")["available"] is False


def test_what_was_typed_at_a_desk_outlives_its_link(desk: Desk, scene: Scene) -> None:
    """The desk says that the link has ended, and goes on by a new one that is opened in another tab."""
    key, _ = desk.sit_down_by_a_key()
    desk.window.press("Go to Available")
    task = desk.task(no=1)
    desk.offers.get_by_role("button", name="Accept").click()
    desk.window.press("Complete…")
    desk.window.dialog.get_by_label("Reason").fill("Typed before")
    revoke(scene.server, key)
    scene.post(f"/Tasks/{task}", Priority="7")  # news
    ended = desk.window.page.locator("#ended")
    expect(ended).to_be_visible()
    expect(ended).to_contain_text("Your link has ended")
    elsewhere = desk.window.context.new_page()
    elsewhere.goto(desk.link())
    expect(ended).to_be_hidden()
    expect(desk.window.page.locator("#connection")).to_be_hidden()
    desk.window.dialog.get_by_role("button", name="Complete").click()
    expect(desk.tasks).to_have_count(0)
    assert scene.get(f"/Tasks/{task}")["reason"] == "Typed before"


def test_a_signed_in_session_that_ends_leads_back_to_the_desk(desk: Desk, scene: Scene) -> None:
    key, secret = make_key(scene.server)
    desk.window.enter(key, secret)
    desk.window.open(desk.path)
    revoke(scene.server, key)
    scene.post(f"/Workers/{desk.worker}", ActivitySid=scene.available)  # news
    desk.window.page.wait_for_url("**/sign-in?next=**")
    desk.window.sign_in()
    assert desk.window.path == desk.path


def test_a_link_takes_nothing_from_who_is_signed_in(desk: Desk, windows: Windows, scene: Scene) -> None:
    """Whoever may only look works at the desk by the link."""
    desk.window.enter()
    desk.sit_down()
    expect(desk.window.page.get_by_role("button", name="Leave")).to_have_count(0)
    desk.window.sees("Link…")
    viewer = windows()
    viewer.enter(*make_key(scene.server, "viewer"))
    desk.sit_down(viewer)
    viewer.press("Go to Available")
    viewer.sees("Ready for work")


# --- for everybody ------------------------------------------------------------------------------------------------


def test_nobody_is_kept_out_of_the_desk(desk: Desk, windows: Windows) -> None:
    """axe finds nothing serious in either theme, and nothing is wider than a phone."""
    desk.begin()
    task = desk.task(selected_language="es", order=4711, address={"city": "Turin"}, note="Waits since noon")
    desk.offers.get_by_role("button", name="Accept").click()
    expect(desk.tasks).to_have_count(1)
    desk.task(selected_language="it", vip=True, languages=["it", "en"])
    phone, wide = {"width": 390, "height": 800}, {"width": 1280, "height": 860}
    for name, scheme, size in (("wide", "light", wide), ("phone", "dark", phone)):
        window = windows(bypass_csp=True, color_scheme=scheme, viewport=size)
        desk.sit_down(window)
        expect(window.page.locator("[data-offer]")).to_have_count(1)
        assert window.barriers() == [], name
        assert window.page.evaluate("document.documentElement.scrollWidth") <= size["width"]
        window.shoot(f"desk-{name}")
        window.press("Transfer…")
        window.dialog.get_by_label("Cold").wait_for()
        assert window.barriers() == [], (name, "dialog")
        window.shoot(f"desk-{name}-transfer")
    assert desk.reservation(task) == "accepted"


def test_scripts_in_every_word_stay_words(windows: Windows, server: Pointsman) -> None:
    with Sink().open() as sink:
        scene = Scene(server, sink, "Scripts")
        assert scene.ask("POST", scene.base, FriendlyName=SCRIPT).status == 200
        queue = scene.queue(SCRIPT, TargetWorkers="1==1")
        scene.workflow(default=queue, FriendlyName=SCRIPT)
        scene.post("/Activities", FriendlyName=SCRIPT)
        desk = Desk(scene, windows(), SCRIPT)
        desk.begin()
        task = scene.task(Attributes=json.dumps({SCRIPT: SCRIPT}))
        expect(desk.offers).to_contain_text(SCRIPT)
        desk.offers.get_by_role("button", name="Accept").click()
        expect(desk.tasks).to_contain_text(SCRIPT)
        desk.window.press("Transfer…")
        desk.window.dialog.get_by_label("Cold").wait_for()
        scene.delete(f"/Tasks/{task}")
        expect(desk.tasks).to_have_count(0)
        assert desk.window.page.evaluate("window.struck") is None
