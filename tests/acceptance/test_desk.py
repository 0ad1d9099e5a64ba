"""What a worker has before it, over REST; links to its desk, also by the command line."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator

import pytest

from tests.acceptance.conftest import Pointsman
from tests.acceptance.scene import Scene, Sink
from tests.acceptance.test_cli import done

pytestmark = pytest.mark.acceptance


@pytest.fixture(scope="module")
def scene(server: Pointsman) -> Iterator[Scene]:
    with Sink().open() as sink:
        made = Scene(server, sink, "Desks", MultiTaskEnabled="true")
        made.workflow(default=made.queue("Everybody", TargetWorkers="1==1"), TaskReservationTimeout="300")
        yield made


@pytest.fixture(scope="module")
def alice(scene: Scene) -> str:
    """Who takes all that comes."""
    return scene.worker("Alice")


def test_a_desk_shows_offers_with_their_deadlines_and_tasks(scene: Scene, alice: str) -> None:
    task = scene.task(Attributes='{"selected_language":"es"}', Priority="7")
    (offer,) = scene.offers(task)
    desk = scene.get(f"/Workers/{alice}/Desk")
    (shown,) = desk["reservations"]
    assert (desk["worker_name"], desk["workspace_name"], desk["available"]) == ("Alice", "Desks", True)
    assert desk["activities"][0]["available"] is True
    assert shown["sid"] == offer["sid"] and shown["reservation_status"] == "pending"
    assert shown["deadline_ms"] - shown["created_ms"] == 300_000
    assert shown["created_ms"] <= desk["now_ms"] <= shown["deadline_ms"]
    assert shown["task"]["attributes"] == '{"selected_language":"es"}'
    assert (shown["task"]["task_queue_name"], shown["task"]["priority"]) == ("Everybody", 7)
    scene.answer(offer, "accepted")
    bob = scene.worker("Bob")
    path = f"{scene.base}/Workers/{alice}/Transfers".replace("/v1/", "/v2/")
    scene.post(path, TaskSid=task, ReservationSid=offer["sid"], To=bob)
    (shown,) = scene.get(f"/Workers/{alice}/Desk")["reservations"]
    assert (shown["transfer"]["to_name"], shown["transfer"]["worker_name"], shown["others"]) == ("Bob", "Alice", 0)
    scene.delete(f"/Tasks/{task}")
    desk = scene.get(f"/Workers/{alice}/Desk")
    assert (desk["reservations"], desk["reservations_count"]) == ([], 0)
    scene.delete(f"/Workers/{bob}")


def test_those_to_hand_a_task_to_are_found_by_a_part_of_their_names(scene: Scene, alice: str) -> None:
    carla = scene.worker("Carla", scene.unavailable)
    path = f"/Workers/{alice}/TransferTargets"

    def names(query: str) -> list[str]:
        return [each["friendly_name"] for each in scene.get(f"{path}?{query}")["transfer_targets"]]

    assert names("Kind=worker") == ["Alice", "Carla"]
    assert names("Kind=worker&Available=true") == ["Alice"]
    assert names("Kind=worker&FriendlyNameContains=ARL") == ["Carla"]
    assert names("Kind=queue&FriendlyNameContains=every") == ["Everybody"]
    assert scene.get(f"{path}?Kind=worker&PageSize=1")["meta"]["next_page_url"]
    for query, told in (("", "Missing required parameter Kind"), ("?Kind=team", "Invalid Kind 'team'")):
        answer = scene.ask("GET", path + query)
        assert (answer.status, told in answer.json["message"]) == (400, True)
    assert scene.ask("GET", f"/Workers/WK{'0' * 32}/TransferTargets?Kind=queue").status == 404
    scene.delete(f"/Workers/{carla}")


def test_a_link_leads_to_the_desk_by_rest_and_by_the_command_line(scene: Scene, alice: str) -> None:
    made = scene.post(f"/Workers/{alice}/DeskLinks", Hours="2")
    assert made["url"].startswith(f"{scene.server.url}/console/desk/{alice}?key=")
    (said,) = json.loads(done(scene.server.command("worker", "desk", "Alice", "--workspace", "Desks", "--json")))
    assert said.keys() == made.keys()
    url = done(scene.server.command("worker", "desk", alice, "--workspace", "Desks")).strip()
    assert url.partition("?")[0] == made["url"].partition("?")[0]


def test_links_are_refused_that_nobody_could_use(scene: Scene, alice: str) -> None:
    for hours in ("0", "721", "soon"):
        answer = scene.ask("POST", f"/Workers/{alice}/DeskLinks", Hours=hours)
        assert (answer.status, "Invalid Hours" in answer.json["message"]) == (400, True)
    assert scene.ask("POST", f"/Workers/WK{'0' * 32}/DeskLinks").status == 404
    assert time.time() < 2**32  # until then a link can say when it ends
