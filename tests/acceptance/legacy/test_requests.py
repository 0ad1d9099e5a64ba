"""What pages with the first SDK ask over POST, and what they are told: against a real server, without a socket.

Source: the legacy SDK's protocol, requests and checks [sdk1].
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from typing import Any

import jwt
import pytest

from tests.acceptance.conftest import Pointsman
from tests.acceptance.legacy.desk import EVERYTHING, Desk, refused, run
from tests.acceptance.legacy.page import CONTENT_TYPE, ORIGIN, Page, pages_of
from tests.acceptance.scene import Sink, eventually

pytestmark = pytest.mark.acceptance


@pytest.fixture(scope="module")
def desk(server: Pointsman) -> Iterator[Desk]:
    with Sink().open() as sink:
        yield Desk(server, sink, "desk")


@pytest.fixture
def task(desk: Desk) -> Iterator[str]:
    """One that is offered to Ana; it ends with the test."""
    sid = desk.task()
    desk.offers(sid)
    yield sid
    if desk.ask("GET", f"/Tasks/{sid}").status == 200:
        desk.ask("DELETE", f"/Tasks/{sid}")


def asking(page: Page, method: str, url: str, params: dict[str, Any] | None = None) -> dict[str, Any]:
    async def work() -> dict[str, Any]:
        async with page:
            return await page.ask(method, url, params)

    return run(work())


def failing(page: Page, method: str, url: str, params: dict[str, Any] | None = None) -> tuple[int, str]:
    async def work() -> tuple[int, str]:
        async with page:
            problem = await refused(page.ask(method, url, params))
            return problem.code, problem.message

    return run(work())


# --- the envelope -------------------------------------------------------------------------------------------------


def test_a_browser_asks_nothing_before_and_may_show_the_answer(desk: Desk) -> None:
    """A string is sent as text without headers of one's own; refusals too may be shown (check 1)."""
    page = desk.asker()
    path = page.post_url.removeprefix(desk.server.url)
    body = json.dumps({"url": page.own, "method": "GET", "token": page.token}).encode()
    for sent, status in ((body, 200), (b"{}", 400)):
        answer = desk.raw.ask("POST", path, sent, {"Content-Type": CONTENT_TYPE, "Origin": ORIGIN, "Authorization": ""})
        assert (answer.status, answer.headers["access-control-allow-origin"]) == (status, "*")
    preflight = desk.raw.ask("OPTIONS", path, None, {"Access-Control-Request-Method": "POST", "Origin": ORIGIN})
    assert (preflight.status, preflight.headers["access-control-allow-origin"]) == (204, "*")
    assert "POST" in preflight.headers["access-control-allow-methods"]


def test_only_the_event_type_that_was_sent_comes_back(desk: Desk) -> None:
    """Whatever stands there the SDK emits (check 2)."""

    async def work() -> None:
        async with desk.asker() as page:
            request = {"url": page.own, "method": "GET"}
            ready = await page.send(request | {"event_type": "ready"})
            assert set(ready) == {"event_type", "payload"}
            assert (ready["event_type"], ready["payload"]["sid"]) == ("ready", desk.ana)
            assert set(await page.send(request)) == {"payload"}

    run(work())


def test_creating_and_deleting_is_answered_with_200_and_json(desk: Desk) -> None:
    """201 and 204 count as failures (check 3)."""

    async def work() -> None:
        async with desk.asker(desk.workspace_token()) as page:
            made = await page.ask("POST", "/Activities", {"FriendlyName": "Lunch", "Available": False})
            assert (made["friendly_name"], made["available"]) == ("Lunch", False)
            gone = await page.send({"url": f"{page.base}/Activities/{made['sid']}", "method": "DELETE"})
            assert gone == {}
            problem = await refused(page.ask("GET", f"/Activities/{made['sid']}"))
            assert problem.code == 404

    run(work())


def test_a_second_accept_says_why_in_the_status_line(desk: Desk, task: str) -> None:
    """Nothing else of a refusal is read (check 4)."""
    (offer,) = desk.offers(task)
    path = f"/Tasks/{task}/Reservations/{offer['sid']}"
    accepted = asking(desk.asker(), "POST", path, {"ReservationStatus": "accepted"})
    assert (accepted["sid"], accepted["task"]["sid"]) == (offer["sid"], task)
    code, message = failing(desk.asker(), "POST", path, {"ReservationStatus": "accepted"})
    assert code == 400
    assert offer["sid"] in message
    assert desk.ask("POST", path, ReservationStatus="accepted").json["message"] == message


def test_a_line_break_in_a_refusal_breaks_no_line(desk: Desk) -> None:
    async def work() -> None:
        async with desk.asker(desk.workspace_token()) as page:
            problem = await refused(
                page.ask("POST", "/Workers", {"FriendlyName": "x", "ActivitySid": "a\r\nX-Evil: 1"})
            )
            assert problem.code == 400
            assert problem.message.startswith("Invalid ActivitySid 'a")

    run(work())


@pytest.mark.parametrize(
    ("request_", "code", "message"),
    [
        ({"method": "GET"}, 400, "Invalid url: expected a text"),
        ({"method": "GET", "url": "Workspaces"}, 400, "Invalid url: expected an absolute http or https URL"),
        ({"method": "PUT", "url": "OWN"}, 400, "Invalid method: expected one of GET, POST, DELETE"),
        ({"method": "GET", "url": "OWN", "params": "a"}, 400, "Invalid params: expected an object"),
        ({"method": "GET", "url": "OWN", "token": None}, 403, "The token is no JWT"),
    ],
)
def test_what_is_wrong_with_a_request_is_said(desk: Desk, request_: dict[str, Any], code: int, message: str) -> None:
    page = desk.asker()
    row = {"token": page.token} | request_ | ({"url": page.own} if request_.get("url") == "OWN" else {})
    path = page.post_url.removeprefix(desk.server.url)
    answer = desk.raw.ask("POST", path, json.dumps(row).encode(), {"Content-Type": CONTENT_TYPE})
    assert answer.status == code
    assert answer.json["message"].startswith(message)


def test_what_is_no_request_is_refused_with_the_reason(desk: Desk) -> None:
    path = desk.asker().post_url.removeprefix(desk.server.url)
    assert desk.raw.ask("GET", path).status == 405
    assert desk.raw.ask("POST", f"{path}/deeper", b"{}").status == 404
    assert desk.raw.ask("POST", path, b"x" * (4 * 1024 * 1024 + 1)).status == 413
    upgrade = {"Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Version": "13"}
    key = {"Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ=="}
    assert desk.raw.ask("GET", path, headers=upgrade | key).status == 403
    assert desk.raw.ask("GET", "/health", headers=upgrade | key).status == 404


# --- tokens -------------------------------------------------------------------------------------------------------


def test_an_expired_token_is_401_and_a_wrong_one_403(desk: Desk) -> None:
    """[sdk1: the meanings that it expects] (check 6)."""
    own = f"/Workers/{desk.ana}"
    assert failing(desk.asker(desk.worker_token(ttl=-1)), "GET", own) == (401, "The token has expired")
    code, message = failing(desk.asker(desk.worker_token(key="x" * 32)), "GET", own)
    assert (code, message) == (403, "The token is not signed with an auth token of its account")
    for claim in ("channel", "account_sid"):
        page = desk.asker()
        claims = jwt.decode(page.token, options={"verify_signature": False})
        claims |= {claim: f"{claims[claim][:2]}{'f' * 32}"} | (
            {"iss": f"AC{'f' * 32}"} if claim == "account_sid" else {}
        )
        page.token = jwt.encode(claims, desk.server.token, algorithm="HS256")
        code, message = failing(page, "GET", own)
        assert (code, message) == (403, "The token is for another channel than the one in the path")


def test_either_auth_token_of_the_account_signs(make_pointsman: Any) -> None:
    """Both are valid until one is promoted; then only that one."""
    server = make_pointsman()
    server.start()
    with Sink().open() as sink:
        desk = Desk(server, sink, "rotation")
        second = desk.ask("POST", "/v1/AuthTokens/Secondary").json["secondary_auth_token"]
        own = f"/Workers/{desk.ana}"
        old, new = desk.asker(), desk.asker(desk.worker_token(key=second))
        assert asking(old, "GET", own)["sid"] == asking(new, "GET", own)["sid"] == desk.ana
        assert desk.ask("POST", "/v1/AuthTokens/Promote").status == 200
        assert failing(desk.asker(old.token), "GET", own)[0] == 403
        assert asking(desk.asker(new.token), "GET", own)["sid"] == desk.ana


# --- policies -----------------------------------------------------------------------------------------------------


def test_a_workers_page_may_do_what_its_token_grants(desk: Desk) -> None:
    """Without activity updates none; with them the activity, and nothing besides (check 5)."""
    own, activity = f"/Workers/{desk.ana}", {"ActivitySid": desk.available}
    code, message = failing(desk.asker(desk.worker_token(allow_update_activities=False)), "POST", own, activity)
    assert code == 403
    assert message == f"No policy of the token allows POST /v1/Workspaces/{desk.sid}{own} with ActivitySid"
    assert asking(desk.asker(), "POST", own, activity)["activity_sid"] == desk.available
    assert failing(desk.asker(), "POST", own, activity | {"Attributes": "{}"})[0] == 403
    assert failing(desk.asker(), "GET", "/Workers")[0] == 403


def test_a_token_reaches_nothing_but_its_workspace(desk: Desk) -> None:
    """Whatever its policies say."""
    everywhere = [
        {"url": f"https://taskrouter.twilio.com/v1/{where}", "method": "GET", "allow": True}
        for where in ("**", "*", "Accounts/**")
    ]
    page = desk.asker()
    claims = jwt.decode(page.token, options={"verify_signature": False})
    claims["policies"] += everywhere
    token = jwt.encode(claims, desk.server.token, algorithm="HS256")
    other = str(desk.raw.send("POST", "/v1/Workspaces", FriendlyName="other").json["sid"])
    for path in (f"Workspaces/{other}", "Workspaces", f"Accounts/{desk.server.account}/ApiKeys"):
        code, message = failing(desk.asker(token), "GET", f"https://taskrouter.twilio.com/v1/{path}")
        assert (code, message) == (403, f"The token is for {desk.sid}, and nothing else")


def test_a_token_makes_no_link_that_outlives_it(desk: Desk) -> None:
    """Whatever its policies say."""
    code, message = failing(desk.asker(desk.workspace_token()), "POST", f"/Workers/{desk.ana}/DeskLinks")
    assert (code, "can't make a link" in message) == (403, True)


def test_a_token_without_web_sockets_has_no_bridge(desk: Desk) -> None:
    page = desk.asker(desk.worker_token(allow_web_sockets=False))
    code, message = failing(page, "GET", f"/Workers/{desk.ana}")
    assert code == 403
    assert message.startswith("No policy of the token allows POST /v1/wschannels/")


@pytest.mark.parametrize("rest", ["http://127.0.0.1:1/v1", "https://example.com/behind/v1", "SERVER/v1"])
def test_only_the_path_of_a_url_counts(desk: Desk, rest: str) -> None:
    """The page may have been given another REST base than the one in its token [inferred]."""
    page = desk.asker(rest=rest.replace("SERVER", desk.server.url))
    assert asking(page, "GET", f"/Workers/{desk.ana}")["url"] == f"{page.base}/Workers/{desk.ana}"


def test_the_workspaces_own_url_ends_with_a_slash(desk: Desk) -> None:
    """(check 7)"""
    assert asking(desk.asker(desk.workspace_token()), "GET", "/")["sid"] == desk.sid


def test_what_is_not_there_is_404(desk: Desk) -> None:
    token = desk.workspace_token()
    for path in ("/Nothing", f"/Workers/WK{'0' * 32}", "/Events/Stream"):
        code, message = failing(desk.asker(token), "GET", path)
        assert (code, message) == (404, f"The requested resource /v1/Workspaces/{desk.sid}{path} was not found")
    assert failing(desk.asker(token), "DELETE", "/Workers")[0] == 405


# --- what a page can do: a worker's -------------------------------------------------------------------------------


def test_a_reservation_is_rejected_with_an_activity(desk: Desk, task: str) -> None:
    (offer,) = desk.offers(task)
    path = f"/Tasks/{task}/Reservations/{offer['sid']}"
    params = {"ReservationStatus": "rejected", "WorkerActivitySid": desk.unavailable}
    assert asking(desk.asker(), "POST", path, params)["reservation_status"] == "rejected"
    assert desk.get(f"/Workers/{desk.ana}")["activity_sid"] == desk.unavailable
    desk.post(f"/Workers/{desk.ana}", ActivitySid=desk.available)


INSTRUCTIONS = {  # as the SDK sends them: every value a text, events with commas
    "dequeue": {
        "DequeueFrom": "+15550001",
        "DequeueRecord": "record-from-answer",
        "DequeueTimeout": "30",
        "DequeueStatusCallbackUrl": "https://example.com/status",
        "DequeueStatusCallbackEvent": "initiated,ringing, completed",
        "DequeueTo": "client:ana",
    },
    "call": {
        "CallFrom": "+15550001",
        "CallUrl": "https://example.com/answer",
        "CallStatusCallbackUrl": "https://example.com/status",
        "CallAccept": "true",
        "CallRecord": "record-from-answer",
        "CallTo": "client:ana",
    },
    "redirect": {
        "RedirectCallSid": f"CA{'0' * 32}",
        "RedirectUrl": "https://example.com/redirect",
        "RedirectAccept": "true",
    },
    "conference": {
        "From": "+15550001",
        "Timeout": "30",
        "To": "client:ana",
        "ConferenceStatusCallback": "https://example.com/status",
        "ConferenceStatusCallbackEvent": "start,end,join",
        "EndConferenceOnExit": "true",
    },
}


@pytest.mark.parametrize("name", INSTRUCTIONS)
def test_an_instruction_for_the_telephone_is_read_and_refused_with_the_reason(desk: Desk, name: str) -> None:
    """None is connected to the server. The reason comes as the page shows it [observed]."""
    task = desk.task(Attributes='{"call_sid":"CA1","from":"+15550002"}')
    (offer,) = desk.offers(task)
    path = f"/Tasks/{task}/Reservations/{offer['sid']}"
    code, message = failing(desk.asker(), "POST", path, {"Instruction": name, **INSTRUCTIONS[name]})
    assert code == 400
    assert message.startswith(f"Unable to execute {name.capitalize()} instruction. It needs a telephone service")
    desk.answer(offer, "accepted")
    code, message = failing(desk.asker(), "POST", path, {"Instruction": name, **INSTRUCTIONS[name]})
    unable = f"Unable to execute {name.capitalize()} instruction. Reservation {offer['sid']} is not currently in a"
    assert (code, message) == (400, f"{unable} Pending state.")
    desk.delete(f"/Tasks/{task}")


def test_a_task_is_updated_and_completed(desk: Desk, task: str) -> None:
    """Inner objects may come as objects; null is absent [sdk1]."""
    desk.accepted(task)
    path = f"/Tasks/{task}"
    updated = asking(desk.asker(), "POST", path, {"Attributes": {"a": 1, "b": ["ü"]}, "Priority": None})
    assert json.loads(updated["attributes"]) == {"a": 1, "b": ["ü"]}
    done = asking(desk.asker(), "POST", path, {"AssignmentStatus": "completed", "Reason": "solved"})
    assert (done["assignment_status"], done["reason"]) == ("completed", "solved")


def test_a_worker_lists_its_reservations_and_channels_and_changes_one(desk: Desk, task: str) -> None:
    own = f"/Workers/{desk.ana}"
    (offer,) = desk.offers(task)
    listed = asking(desk.asker(), "GET", f"{own}/Reservations", {"ReservationStatus": "pending"})
    assert [each["sid"] for each in listed["reservations"]] == [offer["sid"]]
    assert listed["meta"]["key"] == "reservations"
    token = desk.worker_token(**EVERYTHING)
    channels = asking(desk.asker(token), "GET", f"{own}/Channels")["channels"]
    voice = next(each for each in channels if each["task_channel_unique_name"] == "voice")
    changed = asking(desk.asker(token), "POST", f"{own}/Channels/{voice['sid']}", {"Capacity": 3})
    assert (changed["sid"], changed["configured_capacity"]) == (voice["sid"], 3)
    assert (
        asking(desk.asker(token), "POST", f"{own}/Channels/{voice['sid']}", {"Available": False})["available"] is False
    )


def test_a_worker_is_updated_and_fetches_activities(desk: Desk) -> None:
    token = desk.worker_token(allow_update_self=True)
    sent = {"FriendlyName": "Ana", "Attributes": '{"skills":["es"]}'}
    updated = asking(desk.asker(token), "POST", f"/Workers/{desk.ana}", sent)
    assert (updated["friendly_name"], json.loads(updated["attributes"])) == ("Ana", {"skills": ["es"]})
    names = [each["friendly_name"] for each in asking(desk.asker(token), "GET", "/Activities")["activities"]]
    assert {"Offline", "Available"} <= set(names)


# --- what a page can do: a workspace's ----------------------------------------------------------------------------

MADE: dict[str, tuple[str, dict[str, Any], dict[str, Any]]] = {  # collection: key of its list, create, update
    "Activities": ("activities", {"FriendlyName": "Pause", "Available": True}, {"FriendlyName": "Rest"}),
    "Workers": ("workers", {"FriendlyName": "ben", "Attributes": {"skills": ["en"]}}, {"FriendlyName": "Ben"}),
    "TaskQueues": ("task_queues", {"FriendlyName": "English", "TargetWorkers": "1==1"}, {"FriendlyName": "UK"}),
    "Workflows": ("workflows", {"FriendlyName": "Other", "Configuration": {}}, {"FriendlyName": "Another"}),
    "Tasks": ("tasks", {"Attributes": {"lang": "en"}, "Priority": 5}, {"Priority": 7}),
}


@pytest.mark.parametrize("collection", MADE)
def test_a_workspaces_page_makes_lists_changes_and_removes(desk: Desk, collection: str) -> None:
    """`create` leaves objects to the server [sdk1]."""
    key, create, update = MADE[collection]
    if collection == "Workflows":
        rules = {"task_routing": {"filters": [], "default_filter": {"queue": desk.wq}}}
        create = create | {"Configuration": rules, "AssignmentCallbackUrl": "https://example.com/"}

    async def work() -> None:
        async with desk.asker(desk.workspace_token()) as page:
            made = await page.ask("POST", f"/{collection}", create)
            path = f"/{collection}/{made['sid']}"
            listed = await page.ask("GET", f"/{collection}", {"PageSize": 100})
            assert listed["meta"]["key"] == key
            assert made["sid"] in [each["sid"] for each in listed[key]]
            assert (await page.ask("GET", path))["sid"] == made["sid"]
            changed = await page.ask("POST", path, update)
            for name, value in update.items():
                assert value in changed.values(), name
            assert await page.ask("DELETE", path) == {}
            assert (await refused(page.ask("GET", path))).code == 404

    run(work())


def test_pages_of_a_list_are_followed_by_their_urls(desk: Desk) -> None:
    """`next()` and `previous()` send them back as they are [sdk1]."""

    async def work() -> None:
        async with desk.asker(desk.workspace_token()) as page:
            first = await page.ask("GET", "/Activities", {"PageSize": 1})
            (following,) = pages_of(first)
            assert following.startswith(page.base)
            second = await page.ask("GET", following)
            assert second["activities"][0]["sid"] != first["activities"][0]["sid"]
            back = await page.ask("GET", second["meta"]["previous_page_url"])
            assert back["activities"] == first["activities"]

    run(work())


STATISTICS = {  # whose, and which kinds there are
    "/": ("Statistics", "RealTimeStatistics", "CumulativeStatistics"),
    "/TaskQueues/{wq}/": ("Statistics", "RealTimeStatistics", "CumulativeStatistics"),
    "/TaskQueues/": ("Statistics",),
    "/Workflows/{ww}/": ("Statistics", "RealTimeStatistics", "CumulativeStatistics"),
    "/Workers/{ana}/": ("Statistics",),
    "/Workers/": ("Statistics", "RealTimeStatistics", "CumulativeStatistics"),
}


@pytest.mark.parametrize(("whose", "kinds"), STATISTICS.items(), ids=list(STATISTICS))
def test_statistics_are_fetched(desk: Desk, whose: str, kinds: tuple[str, ...]) -> None:
    path = whose.format(wq=desk.wq, ww=desk.ww, ana=desk.ana)

    async def work() -> None:
        async with desk.asker(desk.workspace_token()) as page:
            for kind in kinds:
                assert await page.ask("GET", f"{path}{kind}", {"Minutes": 60})

    run(work())


def test_a_queues_page_fetches_its_queue_and_figures(desk: Desk) -> None:
    async def work() -> None:
        async with desk.asker(desk.queue_token()) as page:
            assert (await page.ask("GET", f"/TaskQueues/{desk.wq}"))["sid"] == desk.wq
            assert await page.ask("GET", f"/TaskQueues/{desk.wq}/RealTimeStatistics")
            assert (await refused(page.ask("GET", f"/Workers/{desk.ana}"))).code == 403

    run(work())


# --- the log ------------------------------------------------------------------------------------------------------


def test_the_log_says_that_it_was_the_workers_page(desk: Desk) -> None:
    started = time.time()
    asking(desk.asker(), "POST", f"/Workers/{desk.ana}", {"ActivitySid": desk.unavailable})
    asking(desk.asker(), "POST", f"/Workers/{desk.ana}", {"ActivitySid": desk.available})

    def look() -> dict[str, Any] | None:
        found = desk.log("&EventType=worker.activity.update")
        return found[-1] if found and found[-1]["event_date_ms"] >= started * 1000 else None

    event = eventually(look)
    assert (event["actor_sid"], event["actor_type"], event["source"]) == (desk.ana, "worker", "sdk")
    assert event["source_ip_address"] == "127.0.0.1"


def test_no_token_stands_in_the_servers_log(desk: Desk) -> None:
    page = desk.asker()
    failing(desk.asker(page.token), "GET", "/Workers")
    assert page.token.split(".")[1] not in desk.server.log.read_text()
