"""Task queues with what their expressions match, and the editor of workflows."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Dialog, Locator, expect

from tests.acceptance.conftest import Pointsman
from tests.acceptance.console.window import Window
from tests.acceptance.scene import Scene, Sink

Windows = Callable[..., Window]
SCRIPT = "<script>window.struck=1</script><img src=x onerror='window.struck=1'>"
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


def rules_of(scene: Scene, workflow: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(scene.get(f"/Workflows/{workflow}")["configuration"])["task_routing"]
    return found


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


def filters(window: Window) -> Locator:
    return window.page.locator('[data-item="filters"]')


def answered(window: Window) -> None:
    """Nothing is being asked any longer."""
    expect(window.page.locator("[data-asks][aria-busy]")).to_have_count(0)


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


# --- the editor ---------------------------------------------------------------------------------------------------


def test_a_workflow_is_made_in_the_editor(window: Window, scene: Scene, home: str) -> None:
    window.open(f"{home}/workflows")
    window.press("New workflow")
    window.ready()
    window.page.locator("#f-FriendlyName").fill("By language")
    window.press("Add filter")
    first = filters(window).first
    first.get_by_label("Name", exact=True).fill("es")
    first.get_by_label("Takes tasks by").fill("language == ")
    expect(first.locator(".note.bad")).to_contain_text("column 12")
    window.press("Create workflow")
    expect(window.page.locator("#f-Configuration-problem")).to_contain_text("column 12")
    expect(filters(window).first.get_by_label("Name", exact=True)).to_have_value("es")
    filters(window).first.get_by_label("Takes tasks by").fill("language == 'es'")
    filters(window).first.get_by_label("Task queue").select_option("Spanish")
    filters(window).first.get_by_label("Waits at most (s)").fill("20")
    filters(window).first.get_by_role("button", name="Add target").click()
    filters(window).first.get_by_label("Task queue").nth(1).select_option("Everybody")
    window.press("Create workflow")
    window.sees("By language was created.")
    made = next(each for each in scene.get("/Workflows")["workflows"] if each["friendly_name"] == "By language")
    (rule,) = rules_of(scene, made["sid"])["filters"]
    assert (rule["filter_friendly_name"], rule["expression"]) == ("es", "language == 'es'")
    spanish, everybody = queue_of(scene, "Spanish"), queue_of(scene, "Everybody")
    assert rule["targets"] == [{"queue": spanish, "timeout": 20}, {"queue": everybody}]
    window.press("Delete…")
    window.dialog.get_by_text("No task waits under it.").wait_for()
    window.press("Delete workflow")
    window.sees("By language was deleted.")


def test_nothing_is_lost_that_the_editor_does_not_know(window: Window, scene: Scene, home: str, flow: str) -> None:
    before = scene.get(f"/Workflows/{flow}")["configuration"]
    window.open(f"{home}/workflows/{flow}")
    expect(filters(window)).to_have_count(2)
    first, second = filters(window).first, filters(window).nth(1)
    expect(first).to_contain_text("Kept as they are: colour")
    second.get_by_label("Name", exact=True).fill("Older")
    second.get_by_label("Takes tasks by").fill("kind == 'older'")
    first.get_by_label("Priority").first.fill("6")
    window.press("Save")
    window.sees("was saved.")
    after = scene.get(f"/Workflows/{flow}")["configuration"]
    changed = before.replace('"Old"', '"Older"').replace("'old'", "'older'").replace('"priority":5', '"priority":6')
    assert after == changed


def test_filters_and_targets_are_put_in_order_by_keyboard_and_by_dragging(
    window: Window, scene: Scene, home: str, flow: str
) -> None:
    window.open(f"{home}/workflows/{flow}")
    window.page.get_by_role("button", name="Move filter 2", exact=True).press("ArrowUp")
    expect(filters(window).first.get_by_label("Name", exact=True)).to_have_value("Old")
    expect(window.page.get_by_role("button", name="Move filter 1", exact=True)).to_be_focused()
    expect(window.page.locator("#rules-said")).to_have_text("Now 1 of 2")
    grip = filters(window).nth(1).get_by_role("button", name="Move target 2", exact=True)
    above = filters(window).nth(1).locator('[data-item="targets"]').first
    grip.hover()
    window.page.mouse.down()
    box = above.bounding_box()
    assert box
    window.page.mouse.move(box["x"] + 20, box["y"] + box["height"] / 2, steps=4)
    window.page.mouse.move(box["x"] + 20, box["y"] + 2, steps=4)
    window.page.mouse.up()
    expect(filters(window).nth(1).get_by_label("Task queue").first).to_have_value(queue_of(scene, "Everybody"))
    filters(window).first.get_by_role("button", name="Remove filter 1").click()
    expect(filters(window)).to_have_count(1)
    window.press("Save")
    window.sees("was saved.")
    (left,) = rules_of(scene, flow)["filters"]
    assert [each["queue"] for each in left["targets"]] == [queue_of(scene, "Everybody"), queue_of(scene, "Spanish")]


def test_the_json_and_the_filters_stay_in_step(window: Window, home: str, flow: str) -> None:
    window.open(f"{home}/workflows/{flow}")
    filters(window).first.get_by_label("Name", exact=True).fill("Hispanophone")
    window.press("JSON")
    area = window.page.get_by_label("Configuration")
    text = area.input_value()
    assert '"filter_friendly_name": "Hispanophone"' in text and '"owner": "ops"' in text
    assert '"note": {\n          "kept": [\n            1.0,\n            12345678901234567' in text
    area.fill(text.replace('"timeout": 30,', '"timeout": 30,,'))
    expect(window.page.locator("#f-Configuration-problem")).to_contain_text("line 16, column 27")
    expect(window.page.get_by_role("button", name="Visual")).to_be_disabled()
    area.fill(text.replace('"timeout": 30', '"timeout": "soon"'))
    problem = window.page.get_by_role("list", name="Warnings")
    expect(problem).to_contain_text("Line 16, column 24")
    expect(problem).to_contain_text("must be a whole number")
    window.press("Visual")
    expect(filters(window).first.locator(".note.bad")).to_contain_text("must be a whole number")
    filters(window).first.get_by_label("Waits at most (s)").first.fill("40")
    expect(filters(window).first.locator(".note.bad")).to_have_count(0)
    expect(area).to_have_value(text.replace('"timeout": 30', '"timeout": 40'))


def test_where_there_are_very_many_queues_they_are_typed(window: Window, scene: Scene) -> None:
    """A menu of all in each target would be long and slow."""
    large = Scene(scene.server, scene.sink, "Large", scene.raw)
    queues = [large.queue(f"Queue {number}") for number in range(201)]
    flow = large.workflow(default=queues[0])
    window.open(f"/workspaces/{large.sid}/workflows/{flow}")
    queue = window.page.get_by_label("Task queue", exact=True)
    expect(queue).to_have_value(queues[0])
    assert window.page.locator(f'#queues-known option[value="{queues[200]}"]').get_attribute("label") == "Queue 200"
    queue.fill(queues[200])
    window.press("Save")
    window.sees("was saved.")
    assert rules_of(large, flow)["default_filter"]["queue"] == queues[200]


def test_warnings_stand_beside_what_they_concern(window: Window, home: str, flow: str) -> None:
    window.open(f"{home}/workflows/{flow}")
    first = filters(window).first
    first.get_by_label("Waits at most (s)").first.fill("30000")
    first.get_by_label("Takes tasks by").fill("1==1")
    expect(first.locator('[data-at="filters[0].targets[0].timeout"] .note')).to_contain_text("8.3 hours")
    expect(filters(window).nth(1).locator("> .notes .note")).to_contain_text("never reached")
    window.shoot("workflow-warnings")


def test_a_task_is_tried(window: Window, scene: Scene, home: str, flow: str) -> None:
    window.open(f"{home}/workflows/{flow}")
    trial = window.page.locator("#trial")
    expect(trial.locator(".leg")).to_have_count(1)
    window.page.get_by_label("Task attributes").fill('{"language":"es"}')
    expect(trial.locator(".leg")).to_have_count(2)
    expect(trial.locator(".leg").first).to_contain_text("Spanish")
    expect(trial.locator(".leg").first).to_contain_text("If nobody takes it, after 30 s")
    alice = next(each["sid"] for each in scene.get("/Workers")["workers"] if each["friendly_name"] == "Alice")
    scene.post(f"/Workers/{alice}", ActivitySid=scene.available)
    filters(window).first.get_by_label("Waits at most (s)").first.fill("90")
    expect(trial.locator(".leg").first).to_contain_text("after 1 min 30 s")
    expect(trial.locator(".leg").first.locator(".chip.good")).to_have_text("Alice")
    expect(trial.locator(".leg").first).to_contain_text("It would be offered here")
    window.shoot("workflow")
    scene.post(f"/Workers/{alice}", ActivitySid=scene.unavailable)
    window.page.get_by_label("Task attributes").fill("{")
    expect(trial).to_contain_text("Attributes")


def test_before_saving_one_sees_which_tasks_would_move(window: Window, scene: Scene, home: str, flow: str) -> None:
    for _ in range(2):
        scene.task(Attributes='{"language":"fr"}', WorkflowSid=flow)
    window.open(f"{home}/workflows/{flow}")
    filters(window).first.get_by_label("Takes tasks by").fill("language IN ['es', 'fr']")
    moves = window.page.locator("#moves")
    window.press("Show which tasks would move")
    expect(moves).to_contain_text("2 of 2 waiting tasks would move")
    expect(window.row("Everybody Spanish 2")).to_be_visible()
    window.press("Save")
    window.sees("was saved.")
    queues = [each["task_queue_friendly_name"] for each in scene.get(f"/Tasks?WorkflowSid={flow}")["tasks"]]
    assert queues == ["Everybody", "Everybody"]
    window.page.get_by_label("Start again by the new rules").check()
    expect(moves).to_contain_text("2 of 2 waiting tasks would move")
    window.shoot("workflow-moves")
    window.press("Save")
    expect(window.page.get_by_label("Start again by the new rules")).not_to_be_checked()  # another page is there
    window.sees("was saved.")
    scene.wait_for("task-queue.moved", 2)
    queues = [each["task_queue_friendly_name"] for each in scene.get(f"/Tasks?WorkflowSid={flow}")["tasks"]]
    assert queues == ["Spanish", "Spanish"]


def test_of_two_who_edit_a_workflow_the_second_sees_both_versions(
    windows: Windows, scene: Scene, home: str, flow: str
) -> None:
    first, second = windows(), windows()
    for each in (first, second):
        each.enter()
        each.open(f"{home}/workflows/{flow}")
    filters(first).first.get_by_label("Name", exact=True).fill("Theirs")
    first.page.get_by_label("Task reservation timeout").fill("45")
    first.press("Save")
    first.sees("was saved.")
    second.sees("Somebody else has just saved this workflow.")
    filters(second).first.get_by_label("Name", exact=True).fill("Mine")
    second.press("Save")
    second.sees("Somebody else saved this workflow while you edited it")
    expect(second.page.locator("[data-meanwhile]")).to_be_hidden()
    clash = second.page.locator(".clash")
    expect(clash.locator(".line.theirs")).to_contain_text("Theirs")
    expect(clash.locator(".line.yours")).to_contain_text("Mine")
    expect(filters(second).first.get_by_label("Name", exact=True)).to_have_value("Mine")
    expect(second.page.get_by_label("Task reservation timeout")).to_have_value("45")
    second.shoot("workflow-clash")
    assert rules_of(scene, flow)["filters"][0]["filter_friendly_name"] == "Theirs"
    second.press("Save")
    second.sees("was saved.")
    assert rules_of(scene, flow)["filters"][0]["filter_friendly_name"] == "Mine"
    assert scene.get(f"/Workflows/{flow}")["task_reservation_timeout"] == 45


def test_what_was_typed_is_not_left_without_a_question(window: Window, home: str, flow: str) -> None:
    window.open(f"{home}/workflows/{flow}")
    filters(window).first.get_by_label("Name", exact=True).fill("Typed")
    asked: list[str] = []

    def stay(dialog: Dialog) -> None:
        asked.append(dialog.type)
        dialog.dismiss()

    window.page.once("dialog", stay)
    window.page.locator("#side").get_by_role("link", name="Activities").click()
    expect(filters(window).first.get_by_label("Name", exact=True)).to_have_value("Typed")
    assert asked == ["beforeunload"]
    window.page.on("dialog", lambda dialog: dialog.accept())


# --- people -------------------------------------------------------------------------------------------------------


def test_no_text_of_others_is_ever_run(window: Window, scene: Scene, home: str) -> None:
    name = SCRIPT[:64]
    queue = scene.queue(name, TargetWorkers=f"name == '{SCRIPT.replace(chr(39), '')}'")
    worker = scene.worker(name, Attributes=json.dumps({"a": SCRIPT}))
    target = {"queue": queue, "skip_if": "1==2", SCRIPT: SCRIPT, "order_by": "worker.a"}
    rule = {"filter_friendly_name": SCRIPT, "expression": "1==1", SCRIPT: 1, "targets": [target]}
    flow = scene.workflow(rule, FriendlyName=name)
    paths = ("task-queues", f"task-queues/{queue}", f"task-queues/{queue}/edit", "workflows", f"workflows/{flow}")
    for path in paths:
        window.open(f"{home}/{path}")
        answered(window)
    expect(window.page.locator("#trial .leg")).to_contain_text("<script>")
    window.press("Show which tasks would move")
    window.sees("No task waits under this workflow now.")
    assert window.page.evaluate("window.struck") is None
    for path in (f"/Workflows/{flow}", f"/TaskQueues/{queue}", f"/Workers/{worker}"):
        scene.delete(path)


def test_nothing_keeps_people_out(windows: Windows, scene: Scene, home: str, flow: str) -> None:
    """axe finds nothing serious, also in the dialog and in the JSON; in the dark on the page that has most of it."""
    queue = queue_of(scene, "Spanish")
    paths = [f"task-queues/{queue}", f"workflows/{flow}"]
    for scheme, pages in (("light", paths), ("dark", paths[-1:])):
        window = windows(bypass_csp=True, color_scheme=scheme)
        window.enter()
        for path in pages:
            window.open(f"{home}/{path}")
            answered(window)
            assert window.barriers() == [], (scheme, path)
            window.shoot(f"{path.split('/')[0]}-{scheme}")
        window.press("JSON")
        window.shoot(f"json-{scheme}")
    assert window.barriers() == [], "json"
    window.open(f"{home}/task-queues")
    window.press("New task queue")
    window.dialog.locator("#matches .chip").first.wait_for()
    assert window.barriers() == [], "dialog"


def test_it_fits_a_phone(windows: Windows, scene: Scene, home: str, flow: str) -> None:
    window = windows(viewport={"width": 390, "height": 800})
    window.enter()
    queue = queue_of(scene, "Spanish")
    for path in ("task-queues", f"task-queues/{queue}", "workflows", f"workflows/{flow}"):
        window.open(f"{home}/{path}")
        assert window.page.evaluate("document.documentElement.scrollWidth") <= 390, path
    answered(window)
    window.shoot("workflow-phone")


def test_a_viewer_sees_the_rules_and_changes_nothing(windows: Windows, scene: Scene, home: str, flow: str) -> None:
    owner = windows()
    owner.enter()
    owner.open("/settings")
    owner.press("New API key")
    owner.dialog.get_by_label("Friendly name").or_(owner.dialog.get_by_label("Name")).first.fill("Reader")
    owner.dialog.get_by_label("Role").select_option("viewer")
    owner.press("Create API key")
    owner.sees("Its secret is shown this once")
    sid, secret = owner.dialog.locator("code").all_inner_texts()
    viewer = windows()
    viewer.enter(sid, secret)
    viewer.open(f"{home}/workflows/{flow}")
    expect(filters(viewer).first.get_by_label("Name", exact=True)).to_be_disabled()
    viewer.page.get_by_label("Task attributes").fill('{"language":"es"}')
    expect(viewer.page.locator("#trial .leg")).to_have_count(2)
    expect(viewer.page.get_by_role("button", name="Save")).to_have_count(0)
