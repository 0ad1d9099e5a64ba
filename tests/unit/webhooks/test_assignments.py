"""When assignment callbacks are sent, how many at once, and that none is lost or sent twice."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs

from pointsman.core import commands as cmd
from pointsman.core.types import ReservationStatus
from pointsman.ports import Delivery
from tests.unit.webhooks.stage import Stage, application, stage, until, until_true

ACCEPT = {"instruction": "accept"}
SOON_MS = 30_000  # what the router gives the committing node


async def many(here: Stage, url: str, count: int) -> None:
    """As many workers as tasks: every task is offered at once."""
    await here.create_workflow(url)
    for n in range(count):
        await here.create_worker(f"worker {n}")
    await asyncio.gather(*(here.create_task() for _ in range(count)))


# --- side by side -------------------------------------------------------------------------------------------------


async def test_callbacks_are_sent_at_once_and_side_by_side(tmp_path: Path) -> None:
    async with application() as app, stage(tmp_path) as here:
        release = asyncio.Event()
        await many(here, app.hangs("/assign", release), 5)

        await until_true(lambda: app.in_flight == 5)
        release.set()
        assert [each.verdict for each in await here.finished(5)] == ["no instruction"] * 5


async def test_no_more_are_in_flight_for_a_host_than_the_limit(tmp_path: Path) -> None:
    async with application() as app, stage(tmp_path, assignments_in_flight_per_host=3) as here:
        release = asyncio.Event()
        await many(here, app.hangs("/assign", release), 8)

        await until_true(lambda: app.in_flight == 3)
        await asyncio.sleep(0.03)
        assert app.in_flight == 3
        release.set()
        await here.finished(8)
        assert (app.in_flight_max, len(app.got)) == (3, 8)


async def test_a_dead_endpoint_does_not_delay_another(tmp_path: Path) -> None:
    """Even where the dead ones have taken every slot that there is."""
    async with (
        application() as dead,
        application() as app,
        stage(tmp_path, assignments_in_flight=4, assignments_in_flight_per_host=4) as here,
    ):
        await many(here, dead.hangs("/assign"), 6)
        await until_true(lambda: dead.in_flight == 4)
        there = await here.create_workspace()
        await many(here, app.answers("/assign", ACCEPT), 3)

        assert [each.verdict for each in await here.finished(3)] == ["accepted"] * 3
        assert here.workspace == there
        assert dead.in_flight == 4


async def test_what_a_host_keeps_waiting_is_left_to_the_store(tmp_path: Path) -> None:
    """Its backlog is not in memory; once there is room again it is claimed and sent."""
    settings: dict[str, Any] = {
        "assignment_s": 5.0,
        "assignments_in_flight_per_host": 1,
        "assignments_held_per_host": 2,
    }
    async with application() as app, stage(tmp_path, **settings, lease_ms=1) as here:
        release = asyncio.Event()
        await many(here, app.hangs("/assign", release), 5)
        await until_true(lambda: app.in_flight == 1)
        release.set()
        assert len(await here.finished(2)) == 2
        await make_due(here)

        assert [each.verdict for each in await here.finished(5)] == ["no instruction"] * 5
        assert len(app.got) == 5


async def make_due(here: Stage) -> None:
    """Have unfinished deliveries be due already, as the one that was to send them was late."""
    now_ms = await here.store.now_ms()
    await here.store.claim_deliveries(type(now_ms)(now_ms + 10**9), -(10**9) - 1, 1_000)


async def test_one_that_waited_too_long_is_not_sent_for_nothing(tmp_path: Path) -> None:
    async with application() as app, stage(tmp_path, assignments_in_flight_per_host=1) as here:
        release = asyncio.Event()
        await many(here, app.hangs("/assign", release), 2)
        await until_true(lambda: app.in_flight == 1)
        for task in await here.tasks():
            await here.do(cmd.UpdateTask(task=task.sid, values={"assignment_status": "canceled"}))
        release.set()

        assert sorted(str(each.verdict) for each in await here.finished(2)) == ["no instruction", "superseded"]
        assert len(app.got) == 1


# --- restart ------------------------------------------------------------------------------------------------------


async def left_behind(here: Stage, url: str, count: int = 1) -> None:
    """Offers made while no sender runs: as if it had died before it could send."""
    await many(here, url, count)
    assert [each.verdict for each in await here.deliveries()] == [None] * count


async def test_after_a_restart_what_was_left_is_sent_at_once(tmp_path: Path) -> None:
    """SQLite has one server: what is unfinished is its own, long before it is due."""
    async with application() as app, stage(tmp_path, sender=False, claim_rows=3) as here:
        await left_behind(here, app.answers("/assign", ACCEPT), 7)
        now_ms = await here.store.now_ms()
        assert min(each.due_ms for each in await here.deliveries()) > now_ms + SOON_MS // 2

        await here.start_sender(alone=True)

        assert [each.verdict for each in await here.finished(7)] == ["accepted"] * 7
        assert len(app.got) == 7


async def test_it_takes_them_again_if_it_dies_again(tmp_path: Path) -> None:
    """A lease of the process before is no obstacle either."""
    async with application() as app, stage(tmp_path, sender=False, stop_s=0.01) as here:
        await left_behind(here, app.hangs("/assign"))
        await here.start_sender(alone=True)
        await until_true(lambda: app.in_flight == 1)
        await here.stop_sender()
        app.answers("/assign", ACCEPT)

        await here.start_sender(alone=True)

        assert [each.verdict for each in await here.finished()] == ["accepted"]


async def test_beside_other_nodes_only_what_is_due_is_taken(tmp_path: Path) -> None:
    async with application() as app, stage(tmp_path, sender=False) as here:
        await left_behind(here, app.answers("/assign", ACCEPT))
        await here.start_sender(alone=False)
        await asyncio.sleep(0.05)
        assert app.got == []

        await make_due(here)

        assert [each.verdict for each in await here.finished()] == ["accepted"]


async def test_what_is_in_flight_is_not_taken_a_second_time(tmp_path: Path) -> None:
    """Though it is due, and claimed again and again."""
    async with application() as app, stage(tmp_path, lease_ms=1, claim_every_s=0.001) as here:
        release = asyncio.Event()
        await many(here, app.hangs("/assign", release), 2)
        await until_true(lambda: app.in_flight == 2)
        await make_due(here)
        await asyncio.sleep(0.05)
        release.set()

        await here.finished(2)
        await asyncio.sleep(0.05)
        assert len(app.got) == 2


async def test_one_whose_reservation_has_ended_is_superseded(tmp_path: Path) -> None:
    async with application() as app, stage(tmp_path, sender=False) as here:
        await left_behind(here, app.answers("/assign", ACCEPT), 2)
        first, _ = await here.reservations()
        values = {"reservation_status": "accepted"}
        await here.do(cmd.UpdateReservation(reservation=first.sid, values=values))

        await here.start_sender()

        one, other = await here.finished(2)
        assert {each.reservation: each.verdict for each in (one, other)}[first.no] == "superseded"
        assert sorted([str(one.verdict), str(other.verdict)]) == ["accepted", "superseded"]
        assert (one.failed, other.failed) == (False, False)
        assert len(app.got) == 1


async def test_those_of_a_deleted_workspace_are_superseded(tmp_path: Path) -> None:
    async with application() as app, stage(tmp_path, sender=False) as here:
        await left_behind(here, app.answers("/assign", ACCEPT))
        await here.do(cmd.DeleteWorkspace())

        await here.start_sender()

        assert [each.verdict for each in await here.finished()] == ["superseded"]
        assert app.got == []


async def test_a_delivery_that_another_node_finished_is_left_alone(tmp_path: Path) -> None:
    """It was claimed in the moment before its end was written."""
    async with application() as app, stage(tmp_path, sender=False) as here:
        await left_behind(here, app.answers("/assign", ACCEPT))
        unfinished = await here.deliveries()
        sender = await here.start_sender(alone=False)
        await make_due(here)
        (finished,) = await here.finished()
        assert sender._running is not None
        sender._running._assignments.claimed(unfinished)
        await asyncio.sleep(0.05)

        assert (await here.deliveries(), len(app.got)) == ([finished], 1)


# --- the store fails ----------------------------------------------------------------------------------------------


async def test_what_cannot_be_written_is_written_later_and_never_sent_again(tmp_path: Path) -> None:
    async with application() as app, stage(tmp_path, lease_ms=1, claim_every_s=0.001) as here:
        here.store.finishes_to_fail = 5
        await many(here, app.answers("/assign"), 2)
        await until_true(lambda: here.store.finishes_to_fail < 5)
        await make_due(here)

        assert [each.verdict for each in await here.finished(2)] == ["no instruction"] * 2
        assert (here.store.finishes_to_fail, len(app.got)) == (0, 2)


async def test_one_that_the_store_never_takes_does_not_hold_up_the_others(tmp_path: Path) -> None:
    async with application() as app, stage(tmp_path, write_every_s=0.05) as here:
        release = asyncio.Event()
        await many(here, app.hangs("/assign", release), 3)
        poisoned = (await until(here.deliveries, lambda found: len(found) == 3))[1].seq
        here.store.poisoned.add(poisoned)
        with capture_logs() as logs:
            release.set()
            finished = await here.finished(2)
            await until_true(lambda: any(line["event"] == "delivery_given_up" for line in logs))

        assert poisoned not in [each.seq for each in finished]


# --- the log line -------------------------------------------------------------------------------------------------


async def test_each_delivery_has_one_line_without_secrets(tmp_path: Path) -> None:
    async with application() as app, stage(tmp_path) as here:
        with capture_logs() as logs:
            url = app.answers("/assign", ACCEPT).replace("://", "://user:secret@")
            await here.create_workflow(url)
            await here.create_worker(attributes='{"name":"private"}')
            await here.create_task(attributes='{"from":"private"}')
            await here.finished()

        (line,) = [line for line in logs if line["event"] == "assignment_callback"]
        (reservation,) = await here.reservations()
        assert (line["log_level"], line["verdict"], line["warning"]) == ("info", "accepted", None)
        assert line["reservation"] == reservation.sid
        assert line["host"] == app.base.removeprefix("http://")
        assert line["took_ms"] >= 0
        assert "private" not in str(logs)
        assert "secret" not in str(logs)


@pytest.mark.parametrize(("body", "status"), [("{}", 200), ("", 500)])
async def test_what_went_wrong_is_warned_of(tmp_path: Path, body: str, status: int) -> None:
    async with application() as app, stage(tmp_path) as here:
        with capture_logs() as logs:
            await many(here, app.answers("/assign", body, status), 1)
            (delivery,) = await here.finished()

        (line,) = [line for line in logs if line["event"] == "assignment_callback"]
        assert (line["log_level"], line["warning"]) == ("warning", delivery.warning)
        assert line["problems"] == ([] if status == 200 else ["status 500, expected 200"])


# --- stopping -----------------------------------------------------------------------------------------------------


async def test_what_is_in_flight_at_the_stop_may_finish(tmp_path: Path) -> None:
    async with application() as app, stage(tmp_path, stop_s=5.0) as here:
        release = asyncio.Event()
        await many(here, app.hangs("/assign", release), 1)
        await until_true(lambda: app.in_flight == 1)
        stopping = asyncio.create_task(here.stop_sender())
        await asyncio.sleep(0.01)
        assert not stopping.done()
        release.set()
        await stopping

        assert [each.verdict for each in await here.deliveries()] == ["no instruction"]


async def test_what_waits_at_the_stop_is_left_in_the_store(tmp_path: Path) -> None:
    settings: dict[str, Any] = {"stop_s": 0.02, "assignments_in_flight_per_host": 1}
    async with application() as app, stage(tmp_path, **settings) as here:
        await many(here, app.hangs("/assign"), 3)
        await until_true(lambda: app.in_flight == 1)
        await here.stop_sender()

        assert [each.verdict for each in await here.deliveries()] == [None] * 3
        assert len(app.got) == 1
        assert [each.status for each in await here.reservations()] == [ReservationStatus.PENDING] * 3


async def test_after_the_stop_the_fallback_is_not_begun(tmp_path: Path) -> None:
    async with application() as app, stage(tmp_path, assignment_s=0.1, stop_s=5.0) as here:
        await here.create_workflow(app.hangs("/assign"), app.answers("/fallback", ACCEPT))
        await here.create_worker()
        await here.create_task()
        await until_true(lambda: app.in_flight == 1)
        await here.stop_sender()

        assert [each.verdict for each in await here.deliveries()] == [None]
        assert app.at("/fallback") == []


async def test_committed_never_raises(tmp_path: Path) -> None:
    """Routing goes on, whatever the sender makes of a commit; and before the start and after the stop it rests."""
    async with stage(tmp_path) as here:
        assert here.relay.sender is not None
        sender, commit = here.relay.sender, here.relay.commits[0]
        wrong: Delivery = None  # type: ignore[assignment]
        with capture_logs() as logs:
            sender.committed(type(commit)(workspace=commit.workspace, events=(), deliveries=[wrong]))
        assert [line["event"] for line in logs] == ["committed_fault"]
        await here.stop_sender()
        sender.committed(commit)
