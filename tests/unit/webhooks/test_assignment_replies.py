"""What the application replies to an assignment callback, and what comes of it."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from twilio.request_validator import RequestValidator

from pointsman import __version__
from pointsman.core import commands as cmd
from pointsman.core.types import ReservationStatus
from pointsman.ports import Delivery, EventQuery
from tests.unit.webhooks.stage import TOKEN, Application, Got, Stage, application, stage

ACCEPT = {"instruction": "accept"}


async def offered(here: Stage, url: str, fallback_url: str | None = None, **task: Any) -> Delivery:
    """Offer a task to a worker; the delivery as it ended."""
    await here.create_workflow(url, fallback_url)
    await here.create_worker(attributes='{"name":"Zoë ☎"}')
    await here.create_task(**task)
    return (await here.finished())[0]


async def status(here: Stage) -> ReservationStatus:
    return (await here.reservations())[0].status


async def test_accept_accepts_the_reservation(tmp_path: Path) -> None:
    async with application() as app, stage(tmp_path) as here:
        delivery = await offered(here, app.answers("/assign", ACCEPT))

        assert (delivery.verdict, delivery.failed, delivery.warning) == ("accepted", False, None)
        assert await status(here) is ReservationStatus.ACCEPTED
        (attempt,) = delivery.attempts
        assert (attempt.url, attempt.status, attempt.problem) == (app.url("/assign"), 200, None)
        assert (attempt.reply, attempt.content_type) == ('{"instruction": "accept"}', "application/json; charset=utf-8")
        assert delivery.created_ms <= attempt.at_ms <= (delivery.finished_ms or 0)
        assert delivery.finished_ms is not None


async def test_the_log_says_that_the_application_caused_it(tmp_path: Path) -> None:
    async with application() as app, stage(tmp_path) as here:
        await offered(here, app.answers("/assign", ACCEPT))

        query = EventQuery(type="reservation.accepted")
        rows = await here.store.events(here.workspace, query, before=None, after=None, limit=9)
        (event,) = await here.router.logged(here.workspace, rows)
        assert (event.record.origin.kind, event.record.origin.source) == ("workflow", "callback")


async def test_reject_puts_the_worker_into_the_activity_that_it_names(tmp_path: Path) -> None:
    async with application() as app, stage(tmp_path) as here:
        reply = {"instruction": "reject", "activity_sid": await here.activity("Unavailable")}
        delivery = await offered(here, app.answers("/assign", reply))

        assert (delivery.verdict, delivery.failed) == ("rejected", False)
        worker = await here.ask(lambda state: next(iter(state.workers.values())))
        name = await here.ask(lambda state: state.activities[worker.activity].friendly_name)
        assert name == "Unavailable"


@pytest.mark.parametrize(
    ("body", "content_type", "warning"),
    [
        ("", "text/html", None),
        ("{}", "application/json", "40005: the reply has no instruction"),
        ('{"instruction":"dance"}', "application/json", "55555: unknown instruction 'dance'"),
    ],
)
async def test_without_an_instruction_the_reservation_waits(
    tmp_path: Path, body: str, content_type: str, warning: str | None
) -> None:
    async with application() as app, stage(tmp_path) as here:
        fallback = app.answers("/fallback", ACCEPT)
        delivery = await offered(here, app.answers("/assign", body, content_type=content_type), fallback)

        assert (delivery.verdict, delivery.failed, delivery.warning) == ("no instruction", False, warning)
        assert await status(here) is ReservationStatus.PENDING
        assert app.at("/fallback") == []


@pytest.mark.parametrize(
    ("reply", "warning"),
    [
        ({"instruction": "reject", "activity_sid": "WA" + "0" * 32}, "40100: WorkerActivitySid WA0000"),
        ({"instruction": "reject", "activity_sid": 7}, "40100: activity_sid must be a string"),
        ({"instruction": "call", "from": "+1", "url": "http://x/"}, "40110: Call instruction: CallTo is required"),
        ({"instruction": "call", "from": "+1", "url": "http://x/", "to": "+2"}, "Unable to execute Call instruction"),
        ({"instruction": "conference"}, "40137: Conference instruction: To is required"),
        ({"instruction": "redirect", "url": 7}, "40120: url must be a string"),
    ],
)
async def test_an_instruction_that_cannot_be_carried_out_is_refused(tmp_path: Path, reply: Any, warning: str) -> None:
    """The reservation is as it was, and the fallback URL is not asked: the application did answer."""
    async with application() as app, stage(tmp_path) as here:
        delivery = await offered(here, app.answers("/assign", reply), app.answers("/fallback", ACCEPT))

        assert (delivery.verdict, delivery.failed) == ("refused", True)
        assert (delivery.warning or "").startswith(warning)
        assert await status(here) is ReservationStatus.PENDING
        assert app.at("/fallback") == []


async def test_an_answer_that_comes_after_the_reservation_ended_is_refused(tmp_path: Path) -> None:
    async with application() as app, stage(tmp_path) as here:

        async def cancel_first(got: Got) -> web.StreamResponse:
            values = {"assignment_status": "canceled"}
            await here.do(cmd.UpdateTask(task=got.form["TaskSid"], values=values))
            return web.json_response(ACCEPT)

        delivery = await offered(here, app.on("/assign", cancel_first))

        assert (delivery.verdict, delivery.failed) == ("refused", True)
        assert "not in expected state [pending]" in (delivery.warning or "")


async def test_a_workspace_deleted_meanwhile_is_refused_too(tmp_path: Path) -> None:
    async with application() as app, stage(tmp_path) as here:

        async def delete_first(got: Got) -> web.StreamResponse:
            await here.do(cmd.DeleteWorkspace())
            return web.json_response(ACCEPT)

        delivery = await offered(here, app.on("/assign", delete_first))

        assert (delivery.verdict, delivery.failed) == ("refused", True)
        assert "does not exist" in (delivery.warning or "")


# --- no answer ----------------------------------------------------------------------------------------------------


def drops(app: Application) -> str:
    async def drop(got: Got) -> web.StreamResponse:
        assert got.request.transport is not None
        got.request.transport.close()
        return web.Response()

    return app.on("/assign", drop)


def redirects(app: Application) -> str:
    app.answers("/elsewhere", ACCEPT)

    async def redirect(got: Got) -> web.StreamResponse:
        return web.Response(status=307, headers={"Location": app.url("/elsewhere")})

    return app.on("/assign", redirect)


def trickles(app: Application) -> str:
    async def trickle(got: Got) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": "application/json"})
        await response.prepare(got.request)
        while True:
            await response.write(b" ")
            await asyncio.sleep(0.01)

    return app.on("/assign", trickle)


TEXT = '{"instruction":"accept"}'
NO_ANSWER: dict[str, tuple[Callable[[Application], str], str]] = {
    "hangs": (lambda app: app.hangs("/assign"), "no complete answer within 0.5 s"),
    "trickles": (trickles, "no complete answer within 0.5 s"),
    "refuses the connection": (lambda app: "http://127.0.0.1:1/assign", "Cannot connect to host 127.0.0.1:1"),
    "drops the connection": (drops, "Server disconnected"),
    "is no URL": (lambda app: "ftp://user:secret@127.0.0.1/", "the URL must begin with http"),
    "redirects": (redirects, "status 307, expected 200"),
    "has status 204": (lambda app: app.answers("/assign", "", 204), "status 204, expected 200"),
    "has status 500": (lambda app: app.answers("/assign", TEXT, 500), "status 500, expected 200"),
    "is text": (lambda app: app.answers("/assign", TEXT, 200, "text/plain"), "40000: content type text/plain"),
    "is no JSON": (lambda app: app.answers("/assign", "instruction=accept"), "40001: the reply is not valid JSON"),
    "is too long": (lambda app: app.answers("/assign", TEXT + " " * 65_536), "the reply is longer than 65536 bytes"),
}


@pytest.mark.parametrize("how", NO_ANSWER)
async def test_what_is_no_answer_goes_to_the_fallback_url(tmp_path: Path, how: str) -> None:
    make, problem = NO_ANSWER[how]
    async with application() as app, stage(tmp_path, assignment_s=0.5) as here:
        delivery = await offered(here, make(app), app.answers("/fallback", ACCEPT))

        assert (delivery.verdict, delivery.failed) == ("accepted", False)
        first, second = delivery.attempts
        assert (first.problem or "").startswith(problem)
        assert (second.url, second.problem) == (app.url("/fallback"), None)
        assert "secret" not in first.url
        assert app.at("/elsewhere") == []
        for got in app.at("/assign"):
            assert got.form == app.at("/fallback")[0].form


@pytest.mark.parametrize("fallback", [True, False])
async def test_if_nothing_answers_the_task_is_offered_again_after_a_pause(tmp_path: Path, fallback: bool) -> None:
    async with application() as app, stage(tmp_path) as here:
        url = app.answers("/assign", status=500)
        delivery = await offered(here, url, app.answers("/fallback", status=404) if fallback else None)

        assert (delivery.verdict, delivery.failed) == ("failed", True)
        assert delivery.warning == "the reservation was canceled, and its task will be offered again after a pause"
        assert [attempt.status for attempt in delivery.attempts] == ([500, 404] if fallback else [500])
        assert await here.reservations() == []
        (task,) = await here.tasks()
        assert (task.status, task.failures) == ("pending", 1)
        assert task.paused_until_ms is not None


async def test_it_says_so_if_the_task_was_canceled_with_the_reservation(tmp_path: Path) -> None:
    """A task that was for one worker only is not offered again."""
    async with application() as app, stage(tmp_path) as here:
        await here.create_workflow(app.answers("/assign", status=500))
        await here.create_worker()
        worker = await here.ask(lambda state: next(iter(state.workers.values())).sid)
        workflow = await here.ask(lambda state: next(iter(state.workflows.values())).sid)
        await here.create_task(routing_target=worker, workflow_sid=workflow)
        (delivery,) = await here.finished()

        assert delivery.verdict == "failed"
        assert "its task with it: RoutingTarget not available" in (delivery.warning or "")


async def test_a_reservation_that_was_answered_meanwhile_stays(tmp_path: Path) -> None:
    async with application() as app, stage(tmp_path) as here:

        async def accept_by_rest(got: Got) -> web.StreamResponse:
            values = {"reservation_status": "accepted"}
            await here.do(cmd.UpdateReservation(reservation=got.form["ReservationSid"], values=values))
            return web.Response(status=500)

        delivery = await offered(here, app.on("/assign", accept_by_rest))

        assert (delivery.verdict, delivery.failed) == ("failed", True)
        assert delivery.warning == "the reservation had been answered meanwhile"
        assert await status(here) is ReservationStatus.ACCEPTED


# --- the request --------------------------------------------------------------------------------------------------


async def test_the_request_has_the_recorded_form(tmp_path: Path) -> None:
    async with application() as app, stage(tmp_path) as here:
        await offered(here, app.answers("/assign"), attributes='{"from":"Jürgen & Söhne + ☎","a":"x=y"}', priority=5)

        (got,) = app.got
        assert got.headers["Content-Type"] == "application/x-www-form-urlencoded"
        assert got.headers["User-Agent"] == f"Pointsman/{__version__}"
        assert "Authorization" not in got.headers
        assert len(got.form) == 11
        assert got.form["TaskAttributes"] == '{"from":"Jürgen & Söhne + ☎","a":"x=y"}'
        assert got.form["WorkerAttributes"] == '{"name":"Zoë ☎"}'
        assert (got.form["TaskPriority"], got.form["TaskAge"]) == ("5", "0")
        (reservation,) = await here.reservations()
        assert got.form["ReservationSid"] == reservation.sid
        assert got.form["WorkspaceSid"] == here.workspace


async def test_a_task_without_a_workflow_is_told_of_at_the_only_workflows_url(tmp_path: Path) -> None:
    """[routing 4.9, inferred]"""
    async with application() as app, stage(tmp_path) as here:
        await here.create_workflow(app.answers("/assign", ACCEPT))
        await here.create_worker()
        (worker,) = await here.ask(lambda state: list(state.workers.values()))
        await here.create_task(routing_target=worker.sid, workflow_sid=None)
        (delivery,) = await here.finished()

        assert delivery.verdict == "accepted"
        (got,) = app.got
        assert got.form["WorkerSid"] == worker.sid
        assert "WorkflowSid" not in got.form


@pytest.mark.parametrize("rest", ["", "/", "/assign?a=1&b=%20%7E+c", "/über/weg?q=ä b", "/assign#rc=2&ct=100"])
@pytest.mark.parametrize("credentials", ["", "user:p%40ss@"])
async def test_the_official_validator_accepts_it(tmp_path: Path, rest: str, credentials: str) -> None:
    async with application() as app, stage(tmp_path) as here:
        for path in ("/", "/assign", "/über/weg"):
            app.answers(path)
        url = app.url(rest).replace("://", f"://{credentials}")
        delivery = await offered(here, url, attributes='{"from":"Jürgen ☎"}')

        (got,) = app.got
        signature = got.headers["X-Twilio-Signature"]
        as_configured = got.url.replace("://", f"://{credentials}")
        assert RequestValidator(TOKEN).validate(as_configured, got.form, signature)
        assert not RequestValidator(TOKEN).validate(as_configured + "x", got.form, signature)
        if credentials:
            assert got.headers["Authorization"] == "Basic " + base64.b64encode(b"user:p@ss").decode()
            assert "p%40ss" not in delivery.attempts[0].url


async def test_a_long_reply_is_kept_in_part(tmp_path: Path) -> None:
    async with application() as app, stage(tmp_path) as here:
        delivery = await offered(here, app.answers("/assign", "é\0" * 10_000, status=500))

        assert (delivery.attempts[0].reply or "") == "é�" * 2_048


async def test_without_a_url_nothing_is_sent(tmp_path: Path) -> None:
    async with application() as app, stage(tmp_path) as here:
        await here.create_workflow(None)
        await here.create_worker()
        await here.create_task()

        assert await status(here) is ReservationStatus.PENDING
        assert (await here.deliveries(), app.got) == ([], [])
