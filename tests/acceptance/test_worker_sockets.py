"""The door of workers' pages, frame by frame: who is let in, what is refused in which words, who goes away, and what
becomes of a hundred workers when the server is killed."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from typing import Any

import pytest
from websockets.asyncio.client import ClientConnection
from websockets.asyncio.client import connect as connect_async
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import connect

from tests.acceptance.conftest import Pointsman
from tests.acceptance.sockets import PATH, WAIT_S, Office, until

pytestmark = pytest.mark.acceptance
WORKERS = 100


@pytest.fixture(scope="module")
def office(server: Pointsman) -> Office:
    return Office(server, "ann", "ben")


# --- the door -----------------------------------------------------------------------------------------------------


def test_a_browser_may_ask_from_any_page(office: Office) -> None:
    """[sdk: its own headers force a preflight]"""
    asked = {"Origin": "http://elsewhere", "Access-Control-Request-Method": "POST"}
    answer = office.raw.ask("OPTIONS", PATH, headers=asked)
    assert answer.status == 204
    assert answer.headers["access-control-allow-origin"] == "*"
    assert answer.headers["access-control-allow-headers"] == "apiversion, clientversion, if-match, content-type"
    assert office.ask("no token", "GET", "/Activities").headers["access-control-allow-origin"] == "*"


@pytest.mark.parametrize("content_type", ["text/plain;charset=UTF-8", "application/x-www-form-urlencoded", ""])
def test_the_body_is_json_whatever_its_type_says(office: Office, content_type: str) -> None:
    url = f"Workspaces/{office.workspace}/Activities"
    body = json.dumps({"url": url, "method": "GET", "token": office.token("ann"), "undefined": 1})
    answer = office.raw.ask("POST", PATH, body.encode(), {"Content-Type": content_type})
    assert answer.status == 200
    assert [each["friendly_name"] for each in answer.json["payload"]["contents"]] == [
        "Offline",
        "Available",
        "Unavailable",
    ]


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'{"url": 1, "token": "x"}', b"\xff", b'{"url": "Workspaces"}'])
def test_what_is_no_request_is_refused_with_a_message(office: Office, body: bytes) -> None:
    answer = office.raw.ask("POST", PATH, body)
    assert answer.status == 400
    assert "expected JSON with url, method, params and token" in answer.json["message"]


def test_other_methods_and_paths_are_refused(office: Office) -> None:
    assert office.raw.ask("GET", PATH).status == 405
    assert office.raw.ask("POST", f"{PATH}/AC1/WK1", b"{}").status in (401, 403, 404)


def test_an_account_and_a_channel_in_the_path_are_passed_over(office: Office) -> None:
    """As some applications have it [sdk-test]."""
    token, below = office.token("ann"), f"{PATH}/%7BaccountSid%7D/%7BworkerSid%7D"
    with connect(office.address(token).replace(PATH, below), compression=None) as socket:
        assert json.loads(socket.recv(timeout=WAIT_S))["event_type"] == "init"
    body = {"url": f"Workspaces/{office.workspace}/Activities", "method": "GET", "token": token}
    assert office.raw.ask("POST", below, json.dumps(body).encode(), {"apiVersion": "v1"}).status == 200
    assert office.raw.ask("OPTIONS", below).status == 204


def test_rights_are_those_of_the_role_in_its_own_workspace(office: Office) -> None:
    ann, ben = office.workers["ann"], office.workers["ben"]
    worker, supervisor, admin = office.token("ann"), office.token("ann", "supervisor"), office.token(None, "admin")
    allowed = {
        ("GET", f"/Workers/{ann}"): (200, 200, 200),
        ("GET", f"/Workers/{ben}"): (403, 200, 200),
        ("POST", f"/Workers/{ben}"): (403, 200, 200),
        ("GET", "/Workers"): (403, 403, 200),
        ("GET", "/TaskQueues"): (403, 403, 200),
        ("GET", f"/Workers/{ann}/WorkerChannels"): (200, 200, 403),
        ("GET", f"/Workers/{ben}/Reservations"): (403, 403, 403),
        ("GET", "/Workflows"): (403, 403, 403),
        ("POST", ""): (403, 403, 403),
        ("POST", f"/Workers/{ann}/DeskLinks"): (403, 403, 403),
        ("GET", "/Nowhere"): (404, 404, 404),
    }
    found = {
        asked: tuple(office.ask(token, *asked).status for token in (worker, supervisor, admin)) for asked in allowed
    }
    assert found == allowed
    strange = office.token("ann", workspace_sid="WS" + "0" * 32)
    assert office.ask(strange, "GET", f"/Workers/{ann}").status == 404


@pytest.mark.parametrize(
    ("make", "status", "why"),
    [
        (lambda office: "nonsense", 401, "no JWT"),
        (lambda office: office.token("ann")[:-4] + "AAAA", 401, "not signed with the secret"),
        (lambda office: office.token("ann", lifetime_s=-1), 401, "expired"),
        (lambda office: office.token(None, "admin"), 403, "without worker_sid"),
        (lambda office: office.token(None, worker_sid="WK" + "0" * 32), 404, "not found"),
    ],
    ids=["no token", "forged", "expired", "without a worker", "of a worker that is not there"],
)
def test_who_may_not_listen_is_told_why(office: Office, make: Callable[[Office], str], status: int, why: str) -> None:
    token = make(office)
    with pytest.raises(InvalidStatus) as refused:
        office.open(token)
    response = refused.value.response
    assert response.status_code == status
    assert why in json.loads(response.body or b"{}")["message"]
    assert token not in office.server.log.read_text()


def test_a_token_that_a_viewers_key_has_signed_changes_nothing(server: Pointsman) -> None:
    office = Office(server, "ann")
    office.key = office.raw.send("POST", f"/2010-04-01/Accounts/{server.account}/Keys.json", Role="viewer").json
    token, ann = office.token("ann"), f"/Workers/{office.workers['ann']}"
    assert office.ask(token, "GET", ann).status == 200
    refused = office.ask(token, "POST", ann, ActivitySid=office.activities["Available"])
    assert (refused.status, "role is viewer" in refused.json["message"]) == (403, True)
    assert office.activity_of("ann") == "Offline"
    with pytest.raises(InvalidStatus, match="403"):
        office.open(token, setWorkerOfflineIfDisconnected="true")
    office.start("ann")


def test_a_token_for_trying_out_opens_a_socket_and_its_key_is_made_once(server: Pointsman, office: Office) -> None:
    def printed(*more: str) -> str:
        said = server.command("worker", "token", "ann", "--workspace", office.workspace, *more)
        assert said.returncode == 0, said.stderr
        return said.stdout.strip()

    def keys() -> list[str]:
        listed = json.loads(server.command("keys", "list", "--json").stdout)
        return [each["sid"] for each in listed if each["friendly_name"] == "pointsman worker token"]

    with connect(office.address(printed()), compression=None) as socket:
        assert json.loads(socket.recv(timeout=WAIT_S))["payload"]["channel_id"] == office.workers["ann"]
    supervisor = printed("--role", "supervisor", "--ttl", "60")
    assert office.ask(supervisor, "GET", f"/Workers/{office.workers['ben']}").status == 200
    (first,) = keys()
    server.command("keys", "revoke", first)
    assert office.ask(supervisor, "GET", "/Activities").status == 401
    assert office.ask(printed(), "GET", "/Activities").status == 200
    assert keys() != [first]
    assert (server.data / "signing-key.json").stat().st_mode & 0o077 == 0


def test_a_revoked_key_closes_the_sockets_of_its_tokens(server: Pointsman) -> None:
    office, other = Office(server, "ann"), Office(server, "ben")
    socket, _ = office.start("ann")
    kept, _ = other.start("ben")
    assert (
        office.raw.ask("DELETE", f"/2010-04-01/Accounts/{server.account}/Keys/{office.key['sid']}.json").status == 204
    )
    with pytest.raises(ConnectionClosed, match="the API key of its token was revoked"):
        socket.next()
    with pytest.raises(InvalidStatus):
        office.open(office.token("ann"))
    other.send(f"Workers/{other.workers['ben']}", Attributes='{"a":1}')
    assert kept.until("worker.attributes.update")["attributes"] == '{"a":1}'


def test_sockets_are_counted_while_they_are_open(office: Office) -> None:
    """And are connections of the server only so long."""

    def counted() -> tuple[float, float]:
        lines = office.raw.ask("GET", "/metrics").body.decode().splitlines()
        values = dict(line.rsplit(" ", 1) for line in lines if not line.startswith("#"))
        return float(values["pointsman_worker_sockets"]), float(values['pointsman_connections{port="plain"}'])

    before = counted()
    opened = [office.open(office.token("ann")) for _ in range(3)]
    assert counted() == (before[0] + 3, before[1] + 3)
    for each in opened:
        each.close()
    until(lambda: counted() == before, "they are gone")


def test_frames_are_not_compressed(office: Office) -> None:
    with connect(office.address(office.token("ann"))) as socket:  # it offers to
        assert socket.response is not None
        assert "Sec-WebSocket-Extensions" not in socket.response.headers


def test_the_log_says_that_it_was_the_worker_by_its_page(office: Office) -> None:
    answer = office.ask(office.token("ann"), "POST", f"/Workers/{office.workers['ann']}", Attributes={"a": 1})
    assert answer.json["payload"]["attributes"] == '{"a":1}'
    event = office.raw.ask("GET", f"{office.path}/Events?EventType=worker.attributes.update").json["events"][0]
    assert (event["actor_type"], event["actor_sid"], event["source"]) == ("worker", office.workers["ann"], "sdk")


def test_a_stale_version_is_refused(office: Office) -> None:
    url = f"Workspaces/{office.workspace}/Workers/{office.workers['ann']}"
    body = {"url": url, "method": "POST", "params": {"Attributes": {"b": 1}}, "token": office.token("ann")}
    answer = office.raw.ask("POST", PATH, json.dumps(body).encode(), {"If-Match": "0", "apiVersion": "v1"})
    assert (answer.status, answer.json["code"]) == (412, 20412)


def test_a_worker_that_is_deleted_is_sent_away(office: Office) -> None:
    gone = office.send("Workers", FriendlyName="gone")["sid"]
    office.workers["gone"] = gone
    socket, _ = office.start("gone")
    office.raw.ask("DELETE", f"{office.path}/Workers/{gone}")
    with pytest.raises(ConnectionClosed, match="the worker was deleted"):
        socket.next()


# --- presence -----------------------------------------------------------------------------------------------------


@pytest.fixture
def quick(make_pointsman: Callable[..., Pointsman]) -> Pointsman:
    server = make_pointsman("--set", "offline_grace=2")
    server.start()
    return server


def on_duty(server: Pointsman, *names: str) -> Office:
    office = Office(server, *names)
    for name in names:
        office.send(f"Workers/{office.workers[name]}", ActivitySid=office.activities["Available"])
    return office


def test_a_worker_goes_offline_with_its_last_socket_if_its_page_says_so(quick: Pointsman) -> None:
    """Ben has left before each moment at which ann is looked at, so she has had as long as he."""
    office = on_duty(quick, "ann", "ben")

    def ben_leaves() -> None:
        office.send(f"Workers/{office.workers['ben']}", ActivitySid=office.activities["Available"])
        office.start("ben", setWorkerOfflineIfDisconnected="true")[0].close()
        until(lambda: office.activity_of("ben") == "Offline", "ben is offline")

    first, _ = office.start("ann", setWorkerOfflineIfDisconnected="true")
    second, _ = office.start("ann", setWorkerOfflineIfDisconnected="true")
    first.close()
    second.close()
    third, _ = office.start("ann", setWorkerOfflineIfDisconnected="true")  # within the grace
    ben_leaves()
    assert office.activity_of("ann") == "Available"
    third.close()
    until(lambda: office.activity_of("ann") == "Offline", "ann is offline")
    silent, _ = office.start("ann")
    office.send(f"Workers/{office.workers['ann']}", ActivitySid=office.activities["Available"])
    silent.until("worker.activity.update")
    silent.close()
    ben_leaves()
    assert office.activity_of("ann") == "Available"  # by default nobody is moved


def test_who_was_there_when_the_server_was_killed_goes_offline_unless_it_comes_back(quick: Pointsman) -> None:
    office = on_duty(quick, "ann")
    office.start("ann", setWorkerOfflineIfDisconnected="true")
    quick.kill()
    quick.start()
    until(lambda: office.activity_of("ann") == "Offline", "ann is offline")


def test_a_server_that_ends_says_so_to_its_sockets(quick: Pointsman) -> None:
    office = on_duty(quick, "ann")
    socket, _ = office.start("ann")
    assert quick.stop() == 0
    with pytest.raises(ConnectionClosed) as closed:
        socket.next()
    assert closed.value.rcvd is not None
    assert (closed.value.rcvd.code, closed.value.rcvd.reason) == (1012, "the server stops")


# --- a hundred of them --------------------------------------------------------------------------------------------


def test_a_hundred_workers_find_everything_after_the_server_was_killed(pointsman: Pointsman) -> None:
    """Each has an offer when it is killed, and each is made another while all of them come back at once."""
    names = [f"worker {number}" for number in range(WORKERS)]
    office = Office(pointsman, *names)
    asyncio.run(_live_through_it(pointsman, office, names))


async def _live_through_it(server: Pointsman, office: Office, names: list[str]) -> None:
    seen: dict[str, set[str]] = {name: set() for name in names}
    tokens = {name: office.token(name) for name in names}
    for name in names:
        office.send(f"Workers/{office.workers[name]}/Channels/default", Capacity="2")

    async def come(name: str) -> ClientConnection:
        """As the SDK does: connect, wait for init, ask for everything."""
        while True:
            try:
                socket = await connect_async(office.address(tokens[name]), compression=None, open_timeout=WAIT_S)
                break
            except OSError:
                await asyncio.sleep(0.1)
        assert json.loads(await socket.recv())["event_type"] == "init"
        url = f"/Workers/{office.workers[name]}"
        await asyncio.to_thread(office.ask, tokens[name], "GET", url)
        listed = await asyncio.to_thread(office.ask, tokens[name], "GET", f"{url}/Reservations", "v2", Active="true")
        seen[name] |= {each["sid"] for each in listed.json["payload"]["contents"]}
        return socket

    async def offers(name: str, socket: ClientConnection, count: int) -> None:
        while len(seen[name]) < count:
            text = await asyncio.wait_for(socket.recv(), WAIT_S)
            event: dict[str, Any] = json.loads(text) if str(text).strip() else {}
            if event.get("event_type") == "reservation.created":
                seen[name].add(event["payload"]["sid"])

    async def offer_everybody() -> None:
        for name in names:
            sid, available = office.workers[name], office.activities["Available"]
            await asyncio.to_thread(office.send, f"Workers/{sid}", ActivitySid=available)
            await asyncio.to_thread(office.send, "Tasks", RoutingTarget=sid)

    sockets = await asyncio.gather(*(come(name) for name in names))
    await offer_everybody()
    await asyncio.gather(*(offers(name, socket, 1) for name, socket in zip(names, sockets, strict=True)))
    server.kill()
    await asyncio.to_thread(server.start)
    again, _ = await asyncio.gather(asyncio.gather(*(come(name) for name in names)), offer_everybody())
    await asyncio.gather(*(offers(name, socket, 2) for name, socket in zip(names, again, strict=True)))
    for name in names:
        live = office.raw.ask("GET", f"{office.path}/Workers/{office.workers[name]}/Reservations").json
        assert seen[name] == {each["sid"] for each in live["reservations"]}
    await asyncio.gather(*(socket.close() for socket in again))
