"""Event callbacks: what is sent where, in which order, how often, and how far the cursor is."""

from __future__ import annotations

import asyncio
import base64
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from structlog.testing import capture_logs
from twilio.request_validator import RequestValidator

from pointsman.core import commands as cmd
from pointsman.ports import EventQuery
from tests.unit.webhooks.stage import TOKEN, Application, Got, Stage, application, stage, until_true

GIVES_UP_SOON: dict[str, Any] = {"event_retry_for_s": 0.4, "event_failures_before_parked": 1_000}
LONG_PAUSES: dict[str, Any] = {"event_retry_s_first": 60.0, "event_retry_s_max": 60.0}
CREATED = ["task.created", "workflow.entered", "workflow.target-matched", "task-queue.entered"]


def types(got: list[Got]) -> list[str]:
    return [each.form["EventType"] for each in got]


def of_task(app: Application, sid: str) -> list[str]:
    return [each.form["EventType"] for each in app.got if each.form.get("TaskSid") == sid]


async def listen(here: Stage, url: str, events_filter: str = "") -> None:
    """Have a new workspace's events called back, from here on."""
    await here.create_workflow(None)
    await here.do(cmd.UpdateWorkspace(values={"event_callback_url": url, "events_filter": events_filter}))


# --- what is sent -------------------------------------------------------------------------------------------------


async def test_every_event_is_sent_from_the_one_on_that_set_the_url(tmp_path: Path) -> None:
    async with application() as app, stage(tmp_path) as here:
        await listen(here, app.answers("/events"))
        await here.create_task()
        await here.cursor_at_end()

        assert sorted(types(app.got)) == sorted(["workspace.updated", *CREATED])
        assert {each.verdict for each in await here.deliveries("event")} == {"delivered"}


async def test_a_workspace_created_with_a_url_tells_of_its_creation(tmp_path: Path) -> None:
    async with application() as app, stage(tmp_path, workspace=False) as here:
        await here.create_workspace(event_callback_url=app.answers("/events"))
        await here.cursor_at_end()

        assert types(app.got)[:1] == ["workspace.created"]
        assert types(app.got).count("activity.created") == 3


async def test_events_that_were_just_committed_are_not_read_again(tmp_path: Path) -> None:
    """Only those that did not fit into the window, or that an earlier run left."""
    async with application() as app, stage(tmp_path, event_window=8) as here:
        app.answers("/events")
        await listen(here, app.url("/events"))
        await here.create_task()
        await here.cursor_at_end()
        here.store.most_events = 0
        await here.create_task()
        await here.cursor_at_end()
        assert here.store.most_events == 1  # our own look at the newest
        for _ in range(5):
            await here.create_task()
        await here.cursor_at_end()
        told = [int(got.headers["Pointsman-Sequence"]) for got in app.got]
        assert sorted(told) == list(range(min(told), min(told) + len(told)))


async def test_the_request_is_signed_and_formed_like_the_recorded_ones(tmp_path: Path) -> None:
    async with application() as app, stage(tmp_path) as here:
        app.answers("/events")
        url = app.url("/events?a=1").replace("://", "://user:secret@")
        with capture_logs() as logs:
            await listen(here, url, "task.created")
            await here.create_task(attributes='{"from":"Jürgen ☎"}')
            await here.cursor_at_end()

        (got,) = app.got
        as_configured = got.url.replace("://", "://user:secret@")
        assert RequestValidator(TOKEN).validate(as_configured, got.form, got.headers["X-Twilio-Signature"])
        assert got.headers["Authorization"] == "Basic " + base64.b64encode(b"user:secret").decode()
        assert got.headers["Content-Type"] == "application/x-www-form-urlencoded"
        assert got.form["TaskAttributes"] == '{"from":"Jürgen ☎"}'
        assert len(got.form) == 25
        (delivery,) = await here.deliveries("event")
        assert (delivery.attempts[0].url, delivery.attempts[0].status) == (app.url("/events?a=1"), 200)
        (line,) = [line for line in logs if line["event"] == "event_callback"]
        assert (line["log_level"], line["type"], line["verdict"]) == ("debug", "task.created", "delivered")
        assert "secret" not in str(logs)
        assert "Jürgen" not in str(logs)


@pytest.mark.parametrize(
    ("events_filter", "sent"),
    [
        ("task.created", ["task.created"]),
        (" task.created , task-queue.entered ", ["task-queue.entered", "task.created"]),
        ("no.such.event,task.created", ["task.created"]),
        ("no.such.event", []),
        ("task", []),
        (" , ", sorted([*CREATED, "workspace.updated"])),
    ],
)
async def test_the_filter_says_which(tmp_path: Path, events_filter: str, sent: list[str]) -> None:
    """The cursor goes on over what is not wanted."""
    async with application() as app, stage(tmp_path) as here:
        await listen(here, app.answers("/events"), events_filter)
        await here.create_task()
        await here.cursor_at_end()

        assert sorted(types(app.got)) == sent
        assert len(await here.deliveries("event")) == len(sent)


@pytest.mark.parametrize("status", [200, 204, 299])
async def test_any_2xx_is_success(tmp_path: Path, status: int) -> None:
    async with application() as app, stage(tmp_path) as here:
        await listen(here, app.answers("/events", "" if status == 204 else "x" * 100_000, status), "task.created")
        await here.create_task()
        await here.cursor_at_end()

        assert [each.failed for each in await here.deliveries("event")] == [False]
        assert len(app.got) == 1


async def test_only_what_was_not_delivered_at_once_leaves_a_row_if_so_told(tmp_path: Path) -> None:
    async with application() as app, stage(tmp_path, keep_all_event_deliveries=False, **GIVES_UP_SOON) as here:
        await listen(here, failing(app, "task-queue.entered"))
        await here.create_task()
        await here.nothing_open()

        (delivery,) = await here.deliveries("event")
        assert delivery.failed


async def test_a_workspace_without_url_costs_nothing(tmp_path: Path) -> None:
    """Its commits are neither read nor written again."""
    async with stage(tmp_path) as here:
        await here.create_workflow(None)
        await asyncio.sleep(0.02)
        here.store.most_events = 0
        await asyncio.gather(*(here.create_task() for _ in range(20)))
        await asyncio.sleep(0.02)

        assert (here.store.most_events, here.store.written) == (0, [])
        assert await here.store.event_cursor(here.workspace) == 0


# --- changes of the URL -------------------------------------------------------------------------------------------


async def test_a_new_url_hears_of_what_comes_after_it(tmp_path: Path) -> None:
    async with application() as app, stage(tmp_path) as here:
        app.answers("/new")
        await listen(here, app.answers("/old"))
        await here.create_task()
        await here.cursor_at_end()
        old = len(app.at("/old"))
        await here.do(cmd.UpdateWorkspace(values={"event_callback_url": app.url("/new")}))
        await here.create_task()
        await here.cursor_at_end()

        assert (old, len(app.at("/old"))) == (5, 5)
        assert sorted(types(app.at("/new"))) == sorted(["workspace.updated", *CREATED])


async def test_a_backlog_of_the_old_url_does_not_go_to_the_new_one(tmp_path: Path) -> None:
    async with application() as app, stage(tmp_path, event_retry_s_first=0.05) as here:
        await listen(here, app.answers("/old", status=500))
        await here.create_task()
        await until_true(lambda: len(app.at("/old")) > 0)
        await here.do(cmd.UpdateWorkspace(values={"event_callback_url": app.answers("/new")}))
        await here.cursor_at_end()

        assert types(app.at("/new")) == ["workspace.updated"]


async def test_without_a_url_again_nothing_is_sent(tmp_path: Path) -> None:
    async with application() as app, stage(tmp_path) as here:
        await listen(here, app.answers("/events"))
        await here.cursor_at_end()
        await here.do(cmd.UpdateWorkspace(values={"event_callback_url": ""}))
        await here.create_task()
        await asyncio.sleep(0.02)
        assert types(app.got) == ["workspace.updated"]

        await here.do(cmd.UpdateWorkspace(values={"event_callback_url": app.url("/events")}))
        await here.cursor_at_end()
        assert types(app.got) == ["workspace.updated", "workspace.updated"]


# --- order and limits ---------------------------------------------------------------------------------------------


async def test_events_of_one_task_come_one_after_the_other(tmp_path: Path) -> None:
    """While those of others pass by."""
    async with application() as app, stage(tmp_path) as here:
        arrived: list[str] = []
        held: dict[str, int] = {}

        async def slowly(got: Got) -> web.StreamResponse:
            task = got.form.get("TaskSid", "")
            held[task] = held.get(task, 0) + 1
            assert held[task] == 1, "two events of one task in flight"
            await asyncio.sleep(0.001 * (len(arrived) % 3))
            arrived.append(got.form["EventType"])
            held[task] -= 1
            return web.Response(status=204)

        await listen(here, app.on("/events", slowly))
        await asyncio.gather(*(here.create_task() for _ in range(12)))
        await here.cursor_at_end()

        rows = await here.store.events(here.workspace, EventQuery(), before=None, after=0, limit=1_000)
        for task in await here.tasks():
            assert of_task(app, task.sid) == [row.type for row in rows if row.task == task.no]
        assert app.in_flight_max > 1


async def test_no_more_are_in_flight_for_a_workspace_than_the_limit(tmp_path: Path) -> None:
    async with application() as app, stage(tmp_path, events_in_flight_per_workspace=3) as here:
        release = asyncio.Event()
        await listen(here, app.hangs("/events", release), "task.created")
        await asyncio.gather(*(here.create_task() for _ in range(10)))
        await until_true(lambda: app.in_flight == 3)
        await asyncio.sleep(0.02)
        release.set()
        await here.cursor_at_end()

        assert (app.in_flight_max, len(app.got)) == (3, 10)


async def test_a_backlog_stays_in_the_store(tmp_path: Path) -> None:
    """Of a hundred events, eight are in memory."""
    async with application() as app, stage(tmp_path, event_window=8) as here:
        release = asyncio.Event()
        await listen(here, app.hangs("/events", release))
        await asyncio.gather(*(here.create_task() for _ in range(25)))
        await until_true(lambda: app.in_flight > 0)
        await asyncio.sleep(0.02)
        assert app.in_flight <= 8
        assert here.store.most_events <= 8

        release.set()
        await here.cursor_at_end()
        assert len(app.got) == 101
        assert here.store.most_events <= 8


# --- failures -----------------------------------------------------------------------------------------------------


def failing(app: Application, *of_types: str, times: int = 1_000) -> str:
    """An endpoint that answers 500 to the first `times` requests about events of these types."""
    left = dict.fromkeys(of_types, times)

    async def answer(got: Got) -> web.StreamResponse:
        kind = got.form["EventType"]
        if left.get(kind, 0) > 0:
            left[kind] -= 1
            return web.Response(status=500, text="no")
        return web.Response(status=204)

    return app.on("/events", answer)


async def test_a_failure_is_tried_again_before_the_task_goes_on(tmp_path: Path) -> None:
    async with application() as app, stage(tmp_path) as here:
        await listen(here, failing(app, "workflow.entered", times=2))
        await here.create_task()
        await here.cursor_at_end()

        (task,) = await here.tasks()
        sent = of_task(app, task.sid)
        assert sent[:4] == ["task.created", "workflow.entered", "workflow.entered", "workflow.entered"]
        (delivery,) = [each for each in await here.deliveries("event") if len(each.attempts) > 1]
        assert (delivery.verdict, delivery.failed, len(delivery.attempts)) == ("delivered", False, 3)
        assert [attempt.status for attempt in delivery.attempts] == [500, 500, 204]


async def test_when_its_time_is_over_it_has_failed_and_the_next_has_its_turn(tmp_path: Path) -> None:
    async with application() as app, stage(tmp_path, **GIVES_UP_SOON) as here:
        with capture_logs() as logs:
            await listen(here, failing(app, "workflow.entered"))
            await here.create_task()
            await here.nothing_open()

        (failed,) = [each for each in await here.deliveries("event") if each.failed]
        assert failed.verdict == "failed"
        assert failed.warning is not None
        assert failed.warning.startswith("given up after ")
        assert failed.warning.endswith(" attempts: status 500, expected 2xx")
        assert failed.attempts[0].reply == "no"
        assert len(failed.attempts) == 10, "no more are kept"
        (task,) = await here.tasks()
        assert set(of_task(app, task.sid)) == set(CREATED)
        (line,) = [line for line in logs if line["event"] == "event_callback" and line["log_level"] == "warning"]
        assert (line["verdict"], line["problem"]) == ("failed", failed.warning)


async def test_a_dead_endpoint_does_not_delay_another_workspace(tmp_path: Path) -> None:
    """Not even one on the same host, and where the dead ones have taken every slot."""
    async with application() as app, stage(tmp_path, events_in_flight=2) as here:
        await listen(here, app.hangs("/dead"))
        await asyncio.gather(*(here.create_task() for _ in range(5)))
        await until_true(lambda: app.in_flight == 2)
        await here.create_workspace()
        await listen(here, app.answers("/events"))
        await here.create_task()
        await here.cursor_at_end()

        assert len(app.at("/events")) == 5


async def test_the_cursor_stays_before_what_is_not_finished(tmp_path: Path) -> None:
    """What comes after it is finished, and is not sent again, as long as the process lives."""
    async with application() as app, stage(tmp_path) as here:
        await listen(here, app.answers("/events"))
        start = await here.cursor_at_end()
        release = asyncio.Event()

        async def hold_the_first(got: Got) -> web.StreamResponse:
            if len(app.got) == 2:  # after workspace.updated
                await release.wait()
            return web.Response(status=204)

        app.on("/events", hold_the_first)
        await here.create_task()
        await until_true(lambda: len(app.got) == 2)
        await here.create_task()
        await until_true(lambda: len(app.got) == 6)
        await here.finished(5, "event")
        assert await here.store.event_cursor(here.workspace) == start
        assert len(await here.deliveries("event")) == 5

        release.set()
        await here.cursor_at_end()
        assert len(app.got) == 9


async def test_deliveries_and_cursor_are_written_in_bulk(tmp_path: Path) -> None:
    async with application() as app, stage(tmp_path, write_every_s=0.05) as here:
        await listen(here, app.answers("/events"))
        await asyncio.gather(*(here.create_task() for _ in range(20)))
        await here.cursor_at_end()

        await until_true(lambda: sum(len(rows) for rows, _ in here.store.written) == 81)
        assert len(here.store.written) < 20
        passed: set[int] = set()
        for rows, cursors in here.store.written:  # never a cursor before the deliveries that it has passed
            passed.update(rows)
            first = min(passed)
            assert all(set(range(first, seq + 1)) <= passed for seq in cursors.values())


async def test_while_nothing_can_be_written_no_more_is_sent_than_a_little(tmp_path: Path) -> None:
    """After a crash all of it would be sent again."""
    async with application() as app, stage(tmp_path, unwritten_max=10, event_window=8) as here:
        here.store.finishes_to_fail = 10**6
        await listen(here, app.answers("/events"))
        await asyncio.gather(*(here.create_task() for _ in range(25)))
        await asyncio.sleep(0.1)
        assert len(app.got) <= 10 + 8

        here.store.finishes_to_fail = 0
        await here.cursor_at_end()
        assert len(app.got) == 101


# --- restart, stop, the end of a workspace ------------------------------------------------------------------------


async def test_after_a_restart_it_goes_on_from_the_cursor(tmp_path: Path) -> None:
    async with application() as app, stage(tmp_path) as here:
        await listen(here, app.answers("/events"))
        await here.cursor_at_end()
        await here.stop_sender()
        await here.create_task()

        await here.start_sender()
        await here.cursor_at_end()

        assert types(app.got) == ["workspace.updated", *types(app.got)[1:]]
        assert sorted(types(app.got)[1:]) == sorted(CREATED)


async def test_what_is_in_flight_at_the_stop_may_finish_and_the_rest_stays(tmp_path: Path) -> None:
    async with application() as app, stage(tmp_path, stop_s=5.0) as here:
        release = asyncio.Event()
        await listen(here, app.hangs("/events", release), "task.created,workflow.entered")
        await here.create_task()
        await until_true(lambda: app.in_flight == 1)
        stopping = asyncio.create_task(here.stop_sender())
        await asyncio.sleep(0.01)
        release.set()
        await stopping
        assert types(app.got) == ["task.created"]

        await here.start_sender()
        await here.cursor_at_end()
        assert types(app.got) == ["task.created", "workflow.entered"]


async def test_the_pause_before_another_attempt_does_not_hold_up_the_stop(tmp_path: Path) -> None:
    async with (
        application() as app,
        stage(tmp_path, **LONG_PAUSES, stop_s=60.0) as here,
    ):
        await listen(here, app.answers("/events", status=500))
        await until_true(lambda: len(app.got) == 1)
        await asyncio.sleep(0.01)

        await asyncio.wait_for(here.stop_sender(), 5.0)

        assert await here.deliveries("event") == []


async def test_the_last_event_of_a_workspace_goes_to_the_url_that_it_had(tmp_path: Path) -> None:
    async with application() as app, stage(tmp_path) as here:
        await listen(here, app.answers("/events"), "task.created,workspace.deleted")
        await here.create_task()
        await here.do(cmd.DeleteWorkspace())
        await until_true(lambda: "workspace.deleted" in types(app.got))

        assert types(app.got) == ["task.created", "workspace.deleted"]
        assert app.got[1].form["WorkspaceSid"] == here.workspace
        await until_true(lambda: not followers(here))


async def test_its_backlog_is_delivered_before_it_is_forgotten(tmp_path: Path) -> None:
    async with application() as app, stage(tmp_path, event_window=4) as here:
        release = asyncio.Event()
        await listen(here, app.hangs("/events", release))
        await asyncio.gather(*(here.create_task() for _ in range(5)))
        await here.do(cmd.DeleteWorkspace())
        release.set()
        await until_true(lambda: not followers(here))

        assert len(app.got) >= 22
        assert types(app.got)[-1] == "workspace.deleted"  # when all else is finished


@pytest.mark.parametrize("listening", [True, False])
async def test_a_deleted_workspace_is_swept_away_in_the_end(tmp_path: Path, listening: bool) -> None:
    """The cursor is at its end, also where nobody listened: nothing holds its rows any more."""
    async with application() as app, stage(tmp_path) as here:
        await here.do(cmd.UpdateWorkspace(values={"event_callback_url": app.answers("/events") if listening else ""}))
        await here.do(cmd.DeleteWorkspace())
        await here.cursor_at_end()
        swept: Any = 1
        while swept:
            swept = await here.store.sweep(await here.store.now_ms(), 1_000)

        assert await here.store.events(here.workspace, EventQuery(), before=None, after=None, limit=1) == []


async def test_one_deleted_while_no_sender_ran_is_only_finished(tmp_path: Path) -> None:
    """Nobody knows its URL any more."""
    async with application() as app, stage(tmp_path, sender=False) as here:
        await listen(here, app.answers("/events"))
        await here.do(cmd.DeleteWorkspace())
        sender = await here.start_sender()
        sender.committed(here.relay.commits[-1])
        await here.cursor_at_end()

        assert app.got == []


def followers(here: Stage) -> list[str]:
    assert here.relay.sender is not None
    assert here.relay.sender._running is not None
    return [*here.relay.sender._running.events._followers]
