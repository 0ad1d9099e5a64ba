"""Pages with the first SDK, their sockets open, against a real server.

Source: the legacy SDK's protocol, connection, frames and checks [sdk1].
"""

from __future__ import annotations

import asyncio
import json
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.acceptance.conftest import Pointsman, faults
from tests.acceptance.legacy.desk import EVERYTHING, GRANTS, Desk, run
from tests.acceptance.legacy.page import Page
from tests.acceptance.scene import Sink, eventually

pytestmark = pytest.mark.acceptance
BEAT_S = 15.0


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pointsman]:
    """Workers who go are gone at once."""
    server = Pointsman(tmp_path_factory.mktemp("server"), "--set", "offline_grace=0")
    server.start()
    yield server
    server.close()
    assert faults(server) == []


@pytest.fixture(scope="module")
def sink() -> Iterator[Sink]:
    with Sink().open() as sink:
        yield sink


@pytest.fixture
def desk(server: Pointsman, sink: Sink, request: pytest.FixtureRequest) -> Desk:
    return Desk(server, sink, request.node.name[:60])


class Idle:
    """A page that was opened before all tests of the module, and does nothing."""

    def __init__(self, page: Page) -> None:
        self.page, self.opened_at = page, time.monotonic()
        self._stop: asyncio.Event | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread = threading.Thread(target=lambda: asyncio.run(self._run()))
        self._thread.start()

    async def _run(self) -> None:
        self._loop, self._stop = asyncio.get_running_loop(), asyncio.Event()
        async with self.page:
            await self._stop.wait()

    def close(self) -> None:
        assert self._loop is not None and self._stop is not None
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join()


@pytest.fixture(scope="module", autouse=True)
def idle(server: Pointsman, sink: Sink) -> Iterator[Idle]:
    idle = Idle(Desk(server, sink, "idle").page(silence_s=2 * BEAT_S))
    yield idle
    idle.close()


def names(page: Page) -> list[str]:
    return [event.name for event in page.events]


# --- coming -------------------------------------------------------------------------------------------------------


def test_a_page_that_opens_is_ready_once_it_has_asked(desk: Desk) -> None:
    """The server says nothing by itself."""

    async def work() -> None:
        async with desk.page() as page:
            assert (await page.event("ready"))["sid"] == desk.ana
            assert names(page) == ["connected", "ready"]
            assert page.frames == []

    run(work())


def test_what_was_offered_before_is_emitted_once_the_page_is_ready(desk: Desk) -> None:
    task = desk.task()
    (offer,) = desk.offers(task)

    async def work() -> None:
        async with desk.page(connect_activity=desk.unavailable) as page:
            created = await page.event("reservation.created")
            assert (created["sid"], created["task"]["sid"]) == (offer["sid"], task)

    run(work())
    assert desk.get(f"/Workers/{desk.ana}")["activity_sid"] == desk.available, "there was an offer"


def test_a_page_with_nothing_to_do_moves_to_the_activity_it_connects_with(desk: Desk) -> None:
    desk.post(f"/Workers/{desk.ana}", ActivitySid=desk.unavailable)

    async def work() -> None:
        async with desk.page(connect_activity=desk.available) as page:
            moved = await page.event("activity.update")
            assert (moved["activity_sid"], moved["available"]) == (desk.available, True)
            assert json.loads(page.frames[0])["event_type"] == "worker.activity.update"

    run(work())


@pytest.mark.parametrize(
    ("grants", "status"),
    [
        ({"ttl": -1}, 401),
        ({"key": "x" * 32}, 403),
        ({"allow_web_sockets": False}, 403),
        ({"worker": f"WK{'0' * 32}"}, 404),
    ],
)
def test_a_handshake_that_may_not_be_is_refused(desk: Desk, grants: dict[str, Any], status: int) -> None:
    """(check 6)"""

    async def work() -> None:
        async with desk.page(desk.worker_token(**{**GRANTS, **grants})) as page:
            assert await page.event("refused") == status
            assert names(page)[:2] == ["refused", "disconnected"]

    run(work())


# --- what a worker's page hears -----------------------------------------------------------------------------------


def test_an_offer_is_shown_as_its_task_and_both_can_be_fetched_at_once(desk: Desk) -> None:
    """(check 10)"""

    async def work() -> None:
        async with desk.page() as page:
            await page.event("ready")
            created = await desk.offer(page, Attributes='{"lang":"es"}', Priority="5")
            frame = json.loads(page.frames[-1])
            assert frame["event_type"] == "reservation.created"
            told = frame["payload"]
            assert (told["sid"], told["reservation_sid"]) == (created["task"]["sid"], created["sid"])
            assert {name: told[name] for name in ("workflow_sid", "queue_sid", "worker_sid", "priority", "reason")} == {
                "workflow_sid": desk.ww,
                "queue_sid": desk.wq,
                "worker_sid": desk.ana,
                "priority": 5,
                "reason": None,
            }
            assert (told["assignment_status"], json.loads(told["attributes"])) == ("reserved", {"lang": "es"})
            assert "fetch failed" not in names(page)

    run(work())


def test_an_offer_is_accepted_wrapped_up_and_completed(desk: Desk) -> None:
    """What a request causes is told after its answer."""

    async def work() -> None:
        async with desk.page() as page:
            offer = await desk.offer(page)
            path = desk.path_of(offer)
            for status, name in (("accepted", "accepted"), ("wrapping", "wrapup"), ("completed", "completed")):
                before = len(page.frames)
                answer = await page.ask("POST", path, {"ReservationStatus": status})
                assert answer["reservation_status"] == status
                told = await page.event(f"reservation.{name}")
                assert (told["sid"], told["reservation_status"]) == (offer["sid"], status)
                assert json.loads(page.frames[before])["event_type"] == f"reservation.{name}"
            for name, status in (("task.wrapup", "wrapping"), ("task.completed", "completed")):
                shown = await page.event(name)
                assert (shown["sid"], shown["assignment_status"]) == (offer["task"]["sid"], status)
            assert "fetch failed" not in names(page)

    run(work())


def test_an_offer_that_is_canceled_can_still_be_fetched(desk: Desk) -> None:
    """(check 10)"""

    async def work() -> None:
        async with desk.page() as page:
            offer = await desk.offer(page)
            await asyncio.to_thread(
                desk.post, f"/Tasks/{offer['task']['sid']}", AssignmentStatus="canceled", Reason="gone"
            )
            canceled = await page.event("reservation.canceled")
            assert (canceled["reservation_status"], canceled["task"]["assignment_status"]) == ("canceled", "canceled")
            assert (await page.event("task.canceled"))["reason"] == "gone"
            assert "fetch failed" not in names(page)

    run(work())


def test_an_offer_that_another_worker_takes_is_rescinded(desk: Desk) -> None:
    desk.post(f"/TaskQueues/{desk.wq}", MaxReservedWorkers="2")
    ben = desk.worker("ben")

    async def work() -> None:
        async with desk.page() as anas, desk.page(desk.worker_token(ben)) as bens:
            await bens.event("ready")
            offer = await desk.offer(anas)
            taken = await bens.event("reservation.created")
            await bens.ask("POST", desk.path_of(taken), {"ReservationStatus": "accepted"})
            rescinded = await anas.event("reservation.rescinded")
            assert (rescinded["sid"], rescinded["reservation_status"]) == (offer["sid"], "rescinded")
            assert "reservation.rescinded" not in names(bens)
            assert "fetch failed" not in names(anas)

    run(work())


def test_an_offer_that_is_let_lapse_or_rejected_is_told(desk: Desk) -> None:
    desk.post(f"/Workflows/{desk.ww}", TaskReservationTimeout="1")

    async def work() -> None:
        async with desk.page() as page:
            offer = await desk.offer(page)
            lapsed = await page.event("reservation.timeout")
            assert (lapsed["sid"], lapsed["reservation_status"]) == (offer["sid"], "timeout")
            desk.post(f"/Workflows/{desk.ww}", TaskReservationTimeout="120")
            await page.ask("POST", f"/Workers/{desk.ana}", {"ActivitySid": desk.available})
            again = await page.event("reservation.created", 2)
            params = {"ReservationStatus": "rejected", "WorkerActivitySid": desk.unavailable}
            await page.ask("POST", desk.path_of(again), params)
            assert (await page.event("reservation.rejected"))["sid"] == again["sid"]
            assert (await page.event("activity.update", 3))["activity_sid"] == desk.unavailable

    run(work())


def test_a_worker_is_shown_its_own_changes(desk: Desk) -> None:
    async def work() -> None:
        async with desk.page(desk.worker_token(**EVERYTHING)) as page:
            await page.event("ready")
            own = f"/Workers/{desk.ana}"
            await page.ask("POST", own, {"Attributes": {"skills": ["es"]}})
            changed = await page.event("attributes.update")
            assert (changed["sid"], json.loads(changed["attributes"])) == (desk.ana, {"skills": ["es"]})
            channel = (await page.ask("GET", f"{own}/Channels"))["channels"][0]
            await page.ask("POST", f"{own}/Channels/{channel['sid']}", {"Capacity": 4})
            capacity = await page.event("capacity.update")
            assert (capacity["sid"], capacity["worker_sid"]) == (channel["sid"], desk.ana)
            assert capacity["configured_capacity"] == 4
            await page.ask("POST", f"{own}/Channels/{channel['sid']}", {"Available": "false"})
            assert (await page.event("channel.availability.update"))["sid"] == channel["sid"]

    run(work())


def test_a_task_that_a_worker_has_is_shown_as_it_changes(desk: Desk) -> None:
    ben = desk.worker("ben", desk.unavailable)

    async def work() -> None:
        async with desk.page() as page, desk.page(desk.worker_token(ben)) as bens:
            await bens.event("ready")
            offer = await desk.offer(page)
            await page.ask("POST", desk.path_of(offer), {"ReservationStatus": "accepted"})
            await page.event("reservation.accepted")
            seen = len(page.named("task.updated"))
            await asyncio.to_thread(desk.post, f"/Tasks/{offer['task']['sid']}", Attributes='{"vip":true}')
            updated = await page.event("task.updated", seen + 1)
            assert json.loads(updated["attributes"]) == {"vip": True}
            assert bens.frames == [], "it is not Ben's"

    run(work())


def test_two_pages_of_a_worker_hear_the_same(desk: Desk) -> None:
    async def work() -> None:
        async with desk.page() as one, desk.page() as other:
            await one.event("ready")
            await other.event("ready")
            offer = await desk.offer(one)
            assert (await other.event("reservation.created"))["sid"] == offer["sid"]

    run(work())


# --- what queues and workspaces hear ------------------------------------------------------------------------------


def test_a_workspaces_page_hears_everything_that_it_can_read(desk: Desk) -> None:
    async def work() -> None:
        async with desk.page(desk.workspace_token(**EVERYTHING), skip_fetch=True) as page:
            await page.event("ready")
            await page.ask("POST", "/Activities", {"FriendlyName": "Lunch"})
            assert (await page.event("activity.created"))["friendly_name"] == "Lunch"
            await page.ask("POST", "/TaskQueues", {"FriendlyName": "English", "TargetWorkers": '"en" IN skills'})
            queue = await page.event("task-queue.created")
            assert (queue["friendly_name"], queue["target_workers"]) == ("English", '"en" IN skills')
            await asyncio.to_thread(desk.post, "/TaskChannels", FriendlyName="Fax", UniqueName="fax")  # it has no class
            task = await page.ask("POST", "/Tasks", {"Attributes": {"a": 1}})
            for name in ("task.created", "workflow.entered", "task-queue.entered", "reservation.created"):
                assert (await page.event(name))["sid"] == task["sid"]
            await page.ask("POST", f"/Workers/{desk.ana}", {"Attributes": {"skills": []}})
            assert (await page.event("worker.attributes.update"))["sid"] == desk.ana
            assert "task-channel.created" not in names(page)

    run(work())


def test_a_queues_page_hears_of_its_tasks_alone(desk: Desk) -> None:
    other = desk.queue("Other", TargetWorkers="1==2")
    flow = desk.workflow(default=other)

    async def work() -> None:
        async with desk.page(desk.queue_token(), skip_fetch=True) as page:
            assert (await page.event("ready"))["sid"] == desk.wq
            await asyncio.to_thread(desk.task, WorkflowSid=flow)
            task = await asyncio.to_thread(desk.task, WorkflowSid=desk.ww)
            assert (await page.event("reservation.created"))["sid"] == task
            told = [json.loads(text)["payload"]["queue_sid"] for text in page.frames if text.strip()]
            assert set(told) == {desk.wq}

    run(work())


# --- going, and coming back ---------------------------------------------------------------------------------------


def activity_of(desk: Desk, wanted: str) -> bool:
    return bool(eventually(lambda: desk.get(f"/Workers/{desk.ana}")["activity_sid"] == wanted or None))


def test_a_worker_whose_page_is_cut_off_moves_to_the_activity_it_disconnects_with(desk: Desk) -> None:
    """Without an unload (check 9)."""

    async def work() -> None:
        async with desk.page(disconnect_activity=desk.unavailable) as page:
            await page.event("ready")
            page.cut()
            await page.event("disconnected")
        assert activity_of(desk, desk.unavailable)

    run(work())


def test_a_page_that_unloads_says_so_itself(desk: Desk) -> None:
    async def work() -> None:
        async with desk.page(disconnect_activity=desk.unavailable) as page:
            await page.event("ready")
            await page.unload()
            assert (await page.event("activity.update"))["activity_sid"] == desk.unavailable

    run(work())


def test_a_worker_with_another_page_stays(desk: Desk) -> None:
    async def work() -> None:
        async with desk.page(disconnect_activity=desk.unavailable) as staying:
            await staying.event("ready")
            async with desk.page(disconnect_activity=desk.unavailable) as page:
                await page.event("ready")
            offer = await desk.offer(staying)
            assert offer["task"]["assignment_status"] == "reserved"
            assert desk.get(f"/Workers/{desk.ana}")["activity_sid"] == desk.available

    run(work())


def test_a_page_may_not_leave_for_an_activity_that_its_token_does_not_allow(desk: Desk) -> None:
    async def work() -> None:
        token = desk.worker_token(allow_update_reservations=True)
        async with desk.page(token, disconnect_activity=desk.unavailable) as page:
            await page.event("ready")
        async with desk.page(desk.worker_token()) as page:
            await desk.offer(page)

    run(work())


def test_a_page_that_wants_to_be_the_only_one_displaces_the_others_once(desk: Desk) -> None:
    """They come back after a second, with the same query; then nobody has to go."""

    async def work() -> None:
        first, second = desk.worker_token(ttl=3_600), desk.worker_token(ttl=3_601)
        async with desk.page(first, close_existing=True) as one:
            await one.event("ready")
            async with desk.page(second, close_existing=True) as other:
                await other.event("ready")
                await one.event("disconnected")
                await one.event("ready", 2)
                await asyncio.gather(desk.offer(one), other.event("reservation.created"))
                assert (one.connections, other.connections) == (2, 1)

    run(work())


def test_a_socket_ends_with_its_token_unless_a_newer_one_was_seen(desk: Desk) -> None:
    """`updateToken` says nothing; the next request carries the new one."""
    ben = desk.worker("ben", desk.unavailable)

    async def work() -> None:
        short = {**GRANTS, "ttl": 3}
        async with desk.page(desk.worker_token(**short)) as renewed, desk.page(desk.worker_token(ben, **short)) as old:
            await asyncio.gather(renewed.event("ready"), old.event("ready"))
            renewed.token = desk.worker_token()
            await renewed.ask("GET", "/Activities")
            await old.event("disconnected")
            assert await old.event("refused") == 401
            await desk.offer(renewed)
            assert renewed.connections == 1

    run(work())


def test_a_socket_ends_with_the_auth_token_that_signed_its_token(
    sink: Sink, make_pointsman: Callable[..., Pointsman]
) -> None:
    """A page that has a newer one comes back with it."""
    server = make_pointsman()
    server.start()
    desk = Desk(server, sink, "rotation")
    second = desk.ask("POST", "/v1/AuthTokens/Secondary").json["secondary_auth_token"]

    async def work() -> None:
        new = desk.worker_token(key=second)
        async with desk.page() as old, desk.page() as renewed, desk.page(new) as kept:
            await asyncio.gather(*(each.event("ready") for each in (old, renewed, kept)))
            renewed.token = new
            assert (await asyncio.to_thread(desk.ask, "POST", "/v1/AuthTokens/Promote")).status == 200
            await asyncio.gather(old.event("disconnected"), renewed.event("ready", 2))
            assert await old.event("refused") == 403
            assert (renewed.connections, kept.connections) == (2, 1)

    run(work())


@pytest.mark.parametrize("end", ["kill", "stop"])
def test_a_page_survives_a_server_that_ends(sink: Sink, make_pointsman: Callable[..., Pointsman], end: str) -> None:
    """It comes back by itself, in time to stay; what was offered is emitted again, and what follows is told."""
    server = make_pointsman()
    server.start()
    desk = Desk(server, sink, end)

    async def work() -> None:
        async with desk.page(disconnect_activity=desk.unavailable, second_s=0.2) as page:
            offer = await desk.offer(page)
            await asyncio.to_thread(getattr(server, end))
            await page.event("disconnected")
            await asyncio.to_thread(server.start)
            again = await page.event("reservation.created", 2)
            assert again["sid"] == offer["sid"]
            await page.ask("POST", desk.path_of(offer), {"ReservationStatus": "accepted"})
            assert (await page.event("reservation.accepted"))["sid"] == offer["sid"]
            assert desk.get(f"/Workers/{desk.ana}")["activity_sid"] == desk.available

    run(work())
    assert faults(server) == []


def test_an_idle_socket_stays_up(idle: Idle) -> None:
    """A page takes a minute without a frame for the end; blank ones come four times as often (check 8)."""
    eventually(lambda: [text for text in idle.page.frames if not text.strip()] or None)
    assert idle.page.connections == 1
    assert "silence" not in names(idle.page)
