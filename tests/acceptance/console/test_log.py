"""The pages of the log: events as they happen, and the callbacks that told of them."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, expect

from tests.acceptance.conftest import Pointsman
from tests.acceptance.console.test_sessions import make_key
from tests.acceptance.console.window import Window
from tests.acceptance.scene import Body, Scene, Sink, eventually

Windows = Callable[..., Window]
SCRIPT = "<script>window.struck=1</script><img src=x onerror='window.struck=1'>"
BACK_MS = 30_000  # it asks every 5 s whether the server is back
SIZES = ((1280, 860), (390, 800))


@pytest.fixture
def home(scene: Scene) -> str:
    return f"/workspaces/{scene.sid}"


@pytest.fixture(scope="module")
def asks(scene: Scene) -> str:
    """A workflow that asks the sink, which accepts."""
    scene.sink.replies[scene.assign_path] = (200, {"instruction": "accept"})
    url = scene.sink.url + scene.assign_path
    return scene.workflow(
        default=scene.queue("Asked", TargetWorkers="1==1"), FriendlyName="Asks", AssignmentCallbackUrl=url
    )


@pytest.fixture(scope="module")
def offer(scene: Scene, asks: str) -> Body:
    """The event of a reservation that was told by both kinds of callbacks, and accepted by the reply."""
    task = scene.task(WorkflowSid=asks, Attributes='{"language":"es"}')
    eventually(lambda: scene.log(f"&EventType=reservation.accepted&TaskSid={task}") or None)
    scene.post(f"/Tasks/{task}", AssignmentStatus="completed")
    (event,) = scene.log(f"&EventType=reservation.created&TaskSid={task}")
    eventually(lambda: scene.ask("GET", f"/Deliveries/DE{event['sid'][2:]}").status == 200 or None)
    return event


def events(window: Window) -> Locator:
    return window.page.locator("#rows tbody tr")


# --- events -------------------------------------------------------------------------------------------------------


def test_events_appear_as_they_happen_and_a_pause_holds_them(window: Window, scene: Scene, home: str) -> None:
    window.open(f"{home}/events")
    scene.post("/Activities", FriendlyName="Lunch")
    expect(events(window).first).to_contain_text("activity.created")
    expect(events(window).first).to_contain_text("Lunch")
    window.page.keyboard.press("p")
    scene.post("/Activities", FriendlyName="Dinner")
    window.sees("Paused: there is news")
    expect(events(window).first).to_contain_text("Lunch")
    window.press("Paused: there is news")
    expect(events(window).first).to_contain_text("Dinner")
    scene.post("/Activities", FriendlyName="Supper")
    expect(events(window).first).to_contain_text("Supper")


def test_the_tail_shows_what_happened_while_it_was_cut_off(
    windows: Windows, make_pointsman: Callable[..., Pointsman]
) -> None:
    server = make_pointsman()
    server.start()
    with Sink().open() as sink:
        scene = Scene(server, sink, "Cut")
        window = windows()
        window.server = server
        window.enter()
        window.open(f"/workspaces/{scene.sid}/events")
        server.kill()
        expect(window.page.locator("#connection")).to_be_visible(timeout=BACK_MS)
        server.start()
        for name in ("First", "Second"):
            scene.post("/Activities", FriendlyName=name)
        expect(events(window).nth(1)).to_contain_text("First", timeout=BACK_MS)
        expect(events(window).first).to_contain_text("Second")


def test_filters_name_the_events_and_older_ones_are_paged(window: Window, home: str, offer: Body) -> None:
    window.open(f"{home}/events?PageSize=2&TaskSid={offer['event_data']['task_sid']}")
    window.press("Next")
    window.page.wait_for_url("**PageToken=**")
    expect(window.page.get_by_role("button", name="Pause")).to_have_count(0)  # what is old does not move
    window.press("Newest")
    window.page.get_by_label("Event type").select_option("reservation.created")
    window.page.wait_for_url("**EventType=reservation.created**")
    window.ready()
    task = window.page.get_by_label("Task", exact=True)
    task.fill(offer["event_data"]["task_sid"])
    task.press("Enter")
    expect(events(window)).to_have_count(1)
    window.page.get_by_label("Task", exact=True).fill("Maria")
    window.press("Show")
    window.shows(window.page.locator("#a-TaskSid-problem"), "Expected a sid: WT and 32 hexadecimal digits")
    window.open(f"{home}/events?EventType=workspace.deleted")
    window.sees("No such event")


def test_an_event_says_what_who_and_from_where(window: Window, scene: Scene, home: str, offer: Body) -> None:
    (made,) = scene.log(f"&EventType=task.created&TaskSid={offer['event_data']['task_sid']}")
    window.open(f"{home}/events?EventType=task.created")
    window.page.get_by_role("link", name="task.created").first.click()
    window.page.wait_for_url("**/events/EV*")
    window.open(f"{home}/events/{made['sid']}")
    facts = window.page.locator(".beside")
    for text in ("My account", scene.server.account, "by the API from 127.0.0.1", made["sid"]):
        expect(facts).to_contain_text(text)
    assert json.loads(window.page.locator("pre.payload").inner_text()) == made
    expect(window.page.locator(".sent")).to_contain_text('"language": "es"')
    queue = made["event_data"]["task_queue_sid"]
    expect(facts.get_by_role("link", name=queue)).to_have_attribute("href", f"/console{home}/task-queues/{queue}")
    window.press("Event callback")
    window.page.wait_for_url(f"**/deliveries/DE{made['sid'][2:]}")


# --- deliveries ---------------------------------------------------------------------------------------------------


def test_what_was_sent_and_replied_stands_there_to_be_copied(window: Window, home: str, offer: Body) -> None:
    window.context.grant_permissions(["clipboard-read", "clipboard-write"])
    data = offer["event_data"]
    task, reservation = data["task_sid"], data["reservation_sid"]

    def copied() -> str:
        return str(window.page.evaluate("navigator.clipboard.readText()"))

    window.open(f"{home}/deliveries?Kind=assignment&TaskSid={task}")
    row = window.page.locator("#rows tbody tr")
    expect(row).to_contain_text("accepted")
    for sid in (task, reservation):
        row.get_by_role("button", name=f"Copy {sid}").click()
        window.sees("Copied")
        assert copied() == sid
    row.get_by_role("link", name="Assignment").click()
    window.page.wait_for_url("**/deliveries/DA*")
    window.ready()
    window.press("Copy task and reservation as a query")
    window.sees("Copied")
    assert copied() == f"task_sid={task}&reservation_sid={reservation}"
    expect(window.page.locator(".attempts")).to_contain_text('"instruction": "accept"')
    expect(window.page.locator(".attempts")).to_contain_text("application/json")
    expect(window.page.locator(".sent")).to_contain_text(reservation)
    window.sees("An assignment is asked about once")
    expect(window.page.get_by_role("link", name="Send again…")).to_have_count(0)


def test_deliveries_appear_without_a_commit(window: Window, scene: Scene, home: str) -> None:
    window.open(f"{home}/deliveries")
    scene.post("/Activities", FriendlyName="Tea")
    expect(window.page.locator("#rows tbody tr").first).to_contain_text("activity.created")
    expect(window.page.locator("#rows tbody tr").first).to_contain_text("delivered")


def test_an_event_is_sent_again_and_its_delivery_tells_of_it(
    window: Window, scene: Scene, home: str, offer: Body
) -> None:
    window.open(f"{home}/deliveries/DE{offer['sid'][2:]}")
    window.press("Send again…")
    window.dialog.get_by_text("takes it only once").wait_for()
    window.press("Send again")
    window.sees("The event is being sent again.")
    window.sees("1 taken")
    expect(window.page.locator(".attempts li")).to_have_count(2)
    assert [each["Sid"] for each in scene.sink.at(f"/events/{scene.name}")].count(offer["sid"]) == 2


def test_a_parked_endpoint_says_so_and_is_resumed(window: Window, home: str, scene: Scene) -> None:
    path = f"/events/{scene.name}"
    scene.sink.replies[path] = (503, {"why": "closed"})
    for number in range(10):
        scene.worker(f"Waiter {number}", scene.unavailable)  # each is a line of its own
    window.open(f"{home}/deliveries")
    endpoint = window.page.locator("#endpoint")
    expect(endpoint).to_contain_text("parked", timeout=20_000)
    expect(endpoint).to_contain_text("503")
    window.shoot("deliveries-parked")
    del scene.sink.replies[path]
    window.press("Resume")
    window.sees("The endpoint is being asked")
    expect(endpoint).to_contain_text("open")
    window.press("Send events again…")
    window.dialog.get_by_label("Replay from").fill("9999")
    window.press("Send again")
    expect(window.dialog.locator("#f-ReplayFrom-problem")).to_contain_text("Expected at most")


def test_a_viewer_sees_deliveries_and_is_offered_no_change(
    windows: Windows, scene: Scene, home: str, offer: Body
) -> None:
    window = windows()
    window.enter(*make_key(scene.server, "viewer"))
    window.open(f"{home}/deliveries/DE{offer['sid'][2:]}")
    window.sees("Parameters as they were sent")
    expect(window.page.get_by_role("link", name="Send again…")).to_have_count(0)


# --- people -------------------------------------------------------------------------------------------------------


def test_no_text_of_others_is_ever_run(window: Window, scene: Scene, home: str, asks: str) -> None:
    scene.sink.replies[scene.assign_path] = (200, {"instruction": SCRIPT})
    worker = scene.worker(SCRIPT[:64], Attributes=json.dumps({"name": SCRIPT}))
    task = scene.task(WorkflowSid=asks, Attributes=json.dumps({"name": SCRIPT}))
    (offer,) = scene.offers(task)
    (event,) = scene.log(f"&EventType=reservation.created&TaskSid={task}")
    eventually(lambda: scene.get(f"/Deliveries/DA{event['sid'][2:]}")["verdict"])
    pages = ("events", f"events/{event['sid']}", "deliveries", f"deliveries/DA{event['sid'][2:]}", "statistics")
    for path in (*pages, f"events?TaskSid={SCRIPT}", f"statistics?Of=worker&Sid={SCRIPT}"):
        window.open(f"{home}/{path}")
        assert window.page.evaluate("window.struck") is None, path
    scene.answer(offer, "rejected")
    scene.post(f"/Tasks/{task}", AssignmentStatus="canceled")
    scene.post(f"/Workers/{worker}", ActivitySid=scene.unavailable)


def test_nothing_keeps_people_out(windows: Windows, home: str, offer: Body) -> None:
    """axe finds nothing serious, in either theme; nothing is wider than the screen. Short lists: axe is slow."""
    pages = {
        "events": "/events?PageSize=4",
        "events-problem": "/events?TaskSid=Maria",
        "event": f"/events/{offer['sid']}",
        "deliveries": "/deliveries?PageSize=4",
        "assignment": f"/deliveries/DA{offer['sid'][2:]}",
    }
    for scheme, (width, height) in zip(("light", "dark"), SIZES, strict=True):
        window = windows(bypass_csp=True, color_scheme=scheme, viewport={"width": width, "height": height})
        window.enter()
        for name, path in pages.items():
            window.open(home + path)
            if scheme == "light" or name in ("event", "deliveries"):
                assert window.barriers() == [], (scheme, path)
            assert window.page.evaluate("document.documentElement.scrollWidth") <= width, path
            window.shoot(f"{name}-{scheme}")
