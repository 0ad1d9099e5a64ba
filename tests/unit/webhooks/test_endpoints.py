"""Endpoints that refuse, vanish and lie: what is sent again and when, what is held, what is parked, what is lost
(nothing)."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path
from random import Random
from typing import Any

from aiohttp import web
from structlog.testing import capture_logs

from pointsman.core import commands as cmd
from pointsman.ports import Busy, Delivery, EventQuery
from tests.unit.webhooks.stage import Application, Got, Handler, Stage, application, stage, until, until_true


async def listen(here: Stage, url: str) -> None:
    await here.create_workflow(None)
    await here.do(cmd.UpdateWorkspace(values={"event_callback_url": url}))


def of_task(got: Sequence[Got], task: str) -> list[str]:
    return [each.form["EventType"] for each in got if each.form.get("TaskSid") == task]


async def in_order(here: Stage, taken: Sequence[Got]) -> None:
    """Every event was taken, those of a task first in the order of the log; what came twice had the same token."""
    rows = await here.store.events(here.workspace, EventQuery(), before=None, after=0, limit=100_000)
    first = next(row.seq for row in rows if row.type == "workspace.updated")
    wanted = {row.seq for row in rows if row.seq >= first}
    tokens: dict[str, str] = {}
    newest: dict[str, int] = {}
    for each in taken:
        number, sid = each.headers["Pointsman-Sequence"], each.form["Sid"]
        assert each.headers["I-Twilio-Idempotency-Token"] == sid
        assert tokens.setdefault(number, sid) == sid
        task = each.form.get("TaskSid", "")
        if task and int(number) > newest.get(task, 0):
            newest[task] = int(number)
        elif task:
            assert int(number) in {int(other) for other in tokens}, "late, and not one that was sent before"
    assert {int(number) for number in tokens} == wanted
    for task in newest:
        seqs = list(dict.fromkeys(int(g.headers["Pointsman-Sequence"]) for g in taken if g.form.get("TaskSid") == task))
        assert seqs == sorted(seqs)


def refuses(app: Application, event_type: str, task: str | None = None) -> str:
    """One kind of event is never taken, or while `app.down` that of one task."""

    async def answer(got: Got) -> web.StreamResponse:
        refused = got.form["EventType"] == event_type and task in (None, got.form.get("TaskSid"))
        return web.Response(status=500 if refused and app.down else 204)

    return app.on("/events", answer)


async def test_a_refused_event_is_held_and_the_other_tasks_go_on(tmp_path: Path) -> None:
    """Its own task waits behind it, in order; the cursor does not."""
    async with application() as app, stage(tmp_path, event_window=8, event_retry_s_max=0.02) as here:
        await listen(here, refuses(app, "workflow.entered"))
        await here.cursor_at_end()
        app.down = True
        await here.create_task()
        (task,) = await here.tasks()
        await until_true(lambda: of_task(app.got, task.sid).count("workflow.entered") > 3)
        app.on("/events", handler_for_others(app, task.sid))
        for _ in range(10):
            await here.create_task()
        await here.cursor_at_end()
        open_ = [each for each in await here.deliveries("event") if each.verdict is None]
        assert [len(each.attempts) > 0 for each in open_] == [True, False, False], "the first of three holds the others"
        assert set(of_task(app.got, task.sid)) == {"task.created", "workflow.entered"}

        app.down = False
        await here.nothing_open()
        assert list(dict.fromkeys(of_task(app.got, task.sid))) == [
            "task.created",
            "workflow.entered",
            "workflow.target-matched",
            "task-queue.entered",
        ]


def handler_for_others(app: Application, task: str) -> Handler:
    async def answer(got: Got) -> web.StreamResponse:
        refused = app.down and got.form.get("TaskSid") == task
        return web.Response(status=500 if refused else 204)

    return answer


async def test_what_is_held_outlives_a_restart(tmp_path: Path) -> None:
    async with application() as app, stage(tmp_path, event_retry_s_max=0.02) as here:
        await listen(here, refuses(app, "workflow.entered"))
        await here.cursor_at_end()
        app.down = True
        await here.create_task()
        await here.cursor_at_end()
        await here.stop_sender()
        app.down = False
        app.got.clear()
        await here.start_sender()
        await here.create_task()
        await here.nothing_open()
        first, second = await here.tasks()
        assert of_task(app.got, first.sid) == ["workflow.entered", "workflow.target-matched", "task-queue.entered"]
        assert len(of_task(app.got, second.sid)) == 4


async def test_a_dead_endpoint_is_parked_and_resumes_by_itself(tmp_path: Path) -> None:
    """One request at a time finds out; the backlog stays in the store."""
    changes: dict[str, Any] = {
        "event_failures_before_parked": 5,
        "event_window": 16,
        "events_in_flight_per_workspace": 8,
    }
    async with application() as app, stage(tmp_path, **changes) as here:
        await listen(here, app.answers("/events", status=503))
        with capture_logs() as logs:
            for _ in range(30):
                await here.create_task()
            sender = here.relay.sender
            assert sender is not None
            await until_true(lambda: sender.endpoint(here.workspace).state == "parked")
            await asyncio.sleep(0.1)
            app.in_flight_max, before = 0, len(app.got)
            await until_true(lambda: len(app.got) > before + 3)
            assert app.in_flight_max == 1
            state = sender.endpoint(here.workspace)
            assert state.problem == "status 503, expected 2xx"
            assert state.waiting > 100
            assert state.since_ms is not None
            assert here.store.most_events <= 16

            app.got.clear()
            app.answers("/events", status=204)
            await here.nothing_open()
        await in_order(here, app.got)
        assert sender.endpoint(here.workspace).state == "open"
        assert [line["event"] for line in logs if line["event"].startswith("event_callbacks_")] == [
            "event_callbacks_parked",
            "event_callbacks_resumed",
        ]


async def test_a_parked_endpoint_is_asked_at_once_if_it_is_told_to_resume(tmp_path: Path) -> None:
    changes: dict[str, Any] = {
        "event_failures_before_parked": 3,
        "event_retry_s_max": 60.0,
        "event_retry_s_first": 0.01,
    }
    async with application() as app, stage(tmp_path, **changes) as here:
        await listen(here, app.answers("/events", status=503))
        await here.create_task()
        sender = here.relay.sender
        assert sender is not None
        parked = until_true(lambda: (sender.endpoint(here.workspace).next_ms or 0) > 0)
        await parked
        await until(here.store.now_ms, lambda ms: (sender.endpoint(here.workspace).next_ms or 0) > ms + 300)
        app.answers("/events", status=204)
        sender.resume(here.workspace)
        await here.nothing_open()


async def test_what_a_parked_endpoint_is_not_told_in_time_has_failed(tmp_path: Path) -> None:
    """It can be sent again afterwards."""
    changes: dict[str, Any] = {"event_failures_before_parked": 3, "event_retry_for_s": 0.2}
    async with application() as app, stage(tmp_path, **changes) as here:
        await listen(here, app.answers("/events", status=503))
        await here.create_task()
        await here.nothing_open()
        rows = await here.deliveries("event")
        assert {row.verdict for row in rows} == {"failed"}
        app.got.clear()
        app.answers("/events", status=204)
        sender = here.relay.sender
        assert sender is not None
        sender.replay(here.workspace, 1, rows[-1].seq, failed=True)
        await until_true(lambda: getattr(sender.replaying(here.workspace), "done", False))
        assert {each.headers["Pointsman-Replay"] for each in app.got} == {"true"}
        await in_order(here, app.got)
        state = sender.replaying(here.workspace)
        assert state is not None
        assert (state.sent, state.failed) == (len(rows), 0)
        await until(lambda: here.deliveries("event"), lambda found: {row.verdict for row in found} == {"delivered"})


async def test_what_is_sent_again_stands_with_the_attempts_before(tmp_path: Path) -> None:
    """Taken or not: an event that was delivered once stays delivered."""
    changes: dict[str, Any] = {"event_retry_s_first": 0.01}
    async with application() as app, stage(tmp_path, **changes) as here:
        await listen(here, app.answers("/events"))
        await here.create_task()
        await here.cursor_at_end()
        first = (await here.deliveries("event"))[-1]
        sender = here.relay.sender
        assert sender is not None

        async def again(status: int, count: int) -> Delivery:
            assert sender is not None
            app.answers("/events", status=status)
            sender.replay(here.workspace, first.seq, first.seq, failed=False)
            await until_true(lambda: getattr(sender.replaying(here.workspace), "done", False))
            rows = await until(lambda: here.deliveries("event"), lambda found: len(found[-1].attempts) == count)
            return rows[-1]

        refused = await again(503, 2)
        assert (refused.verdict, refused.failed, refused.warning) == ("delivered", False, None)
        assert refused.attempts[-1].problem == "status 503, expected 2xx"
        taken = await again(204, 3)
        assert (taken.verdict, taken.warning) == ("delivered", "sent again")


async def test_one_replay_at_a_time(tmp_path: Path) -> None:
    async with application() as app, stage(tmp_path) as here:
        await listen(here, app.answers("/events"))
        await here.create_task()
        end = await here.cursor_at_end()
        release = asyncio.Event()
        app.hangs("/events", release)
        sender = here.relay.sender
        assert sender is not None
        sender.replay(here.workspace, 1, end, failed=False)
        await until_true(lambda: app.in_flight > 0)
        try:
            sender.replay(here.workspace, 1, end, failed=False)
            raise AssertionError("a second one began")
        except Busy as busy:
            assert "are being sent again" in str(busy)
        release.set()
        await until_true(lambda: getattr(sender.replaying(here.workspace), "done", False))


async def test_a_new_url_is_not_held_up_by_the_old_one(tmp_path: Path) -> None:
    changes: dict[str, Any] = {"event_failures_before_parked": 3, "event_window": 4}
    async with application() as app, stage(tmp_path, **changes) as here:
        await listen(here, app.answers("/old", status=503))
        for _ in range(5):
            await here.create_task()
        sender = here.relay.sender
        assert sender is not None
        await until_true(lambda: sender.endpoint(here.workspace).state == "parked")
        await here.do(cmd.UpdateWorkspace(values={"event_callback_url": app.answers("/new")}))
        await here.create_task()
        await here.cursor_at_end()
        assert sorted(each.form["EventType"] for each in app.at("/new")) == [
            "task-queue.entered",
            "task.created",
            "workflow.entered",
            "workflow.target-matched",
            "workspace.updated",
        ]
        assert sender.endpoint(here.workspace).state == "open"


async def test_nothing_is_lost_by_an_endpoint_that_misbehaves_in_every_way(tmp_path: Path) -> None:
    """Slow, hanging up, 500, redirects, lies about the length, bodies without end; with restarts in between."""
    rng = Random(5)
    taken: list[Got] = []
    async with application() as app, stage(tmp_path, event_window=32, event_s=0.2) as here:
        url = app.on("/events", misbehaving(rng, taken))
        app.answers("/elsewhere", status=204)
        await listen(here, url)
        for burst in range(3):
            for _ in range(25):
                await here.create_task()
            await asyncio.sleep(0.1)
            if burst < 2:
                await here.stop_sender()
                await here.start_sender()
        await here.nothing_open()
        assert here.store.most_events <= 32
        assert not app.at("/elsewhere"), "redirects are not followed"
        await in_order(here, taken)
        assert all(row.verdict == "delivered" for row in await here.deliveries("event"))


def misbehaving(rng: Random, taken: list[Got]) -> Handler:
    async def answer(got: Got) -> web.StreamResponse:
        mood = rng.choice(("well", "well", "well", "slow", "hangs up", "500", "redirects", "short", "long", "endless"))
        if mood in ("well", "slow", "long", "endless", "short"):
            taken.append(got)  # it may be that we hear of it in vain: then it comes again
        transport = got.request.transport
        assert transport is not None
        match mood:
            case "slow":
                await asyncio.sleep(0.05)
            case "hangs up":
                transport.abort()
            case "500":
                return web.Response(status=500)
            case "redirects":
                return web.Response(status=302, headers={"Location": "/elsewhere"})
            case "short":
                transport.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\n" + b"x" * 5_000)
                transport.close()
            case "long":
                transport.write(b"HTTP/1.1 200 OK\r\nContent-Length: 500\r\nConnection: close\r\n\r\nonly this")
                transport.close()
            case "endless":
                response = web.StreamResponse()
                await response.prepare(got.request)
                for _ in range(100):
                    await response.write(b"x" * 65_536)
                return response
        return web.Response(status=204)

    return answer
