"""The worker SDK from npm, unmodified, on a bad network and with a token that runs out: no offer is lost, no worker is
stuck, and what the SDK has in the end is what the server has."""

from __future__ import annotations

import json
import math
import shutil
import time
from collections.abc import Iterator
from typing import Any

import jwt
import pytest

from tests.acceptance.conftest import Pointsman
from tests.acceptance.raw import Raw, read
from tests.acceptance.sockets import PATH, until
from tests.acceptance.worker_sdk.desk import Desk
from tests.acceptance.worker_sdk.proxy import Proxy
from tests.acceptance.worker_sdk.servants import PACKAGE, Failed, InNode, Servant

pytestmark = pytest.mark.acceptance
if shutil.which("node") is None or not PACKAGE.is_dir():
    pytest.skip("Node or its packages are not installed", allow_module_level=True)

LIFETIME_S = 5  # or more, where a client takes long to start
STARTS = 10  # so many fit in it
LIVE = ("pending", "accepted", "wrapping")


@pytest.fixture(scope="module")
def servant(server: Pointsman) -> Iterator[Servant]:
    servant = Servant(lambda tell: InNode(tell, log=server.folder / "sdk.log"))
    yield servant
    servant.close()


@pytest.fixture
def proxy(server: Pointsman) -> Iterator[Proxy]:
    with Proxy(server.url) as proxy:
        yield proxy


@pytest.fixture
def desk(server: Pointsman, servant: Servant, proxy: Proxy) -> Desk:
    """Its clients reach the server through the proxy, and the tests' own requests go past it."""
    bridge = f"{proxy.url}{PATH}"
    options = {"ebServer": bridge, "wsServer": bridge.replace("http", "ws", 1), "logLevel": "silent"}
    key = Raw(server).send("POST", f"/2010-04-01/Accounts/{server.account}/Keys.json").json
    return Desk(server, servant, options, key)


def in_the_sdk(desk: Desk, name: str) -> tuple[str, dict[str, str]]:
    """Its worker's activity, and the status of each live reservation."""
    sids = desk.servant.look(name)["reservations"]
    found = {sid: desk.servant.look(f"{name}/reservations/{sid}")["status"] for sid in sids}
    return desk.servant.look(f"{name}/activity")["sid"], found


def on_the_server(desk: Desk, who: str) -> tuple[str, dict[str, str]]:
    worker = f"Workers/{desk.workers[who]}"
    listed: list[dict[str, Any]] = desk.get(f"{worker}/Reservations")["reservations"]
    live = {each["sid"]: each["reservation_status"] for each in listed if each["reservation_status"] in LIVE}
    return desk.get(worker)["activity_sid"], live


def sockets(desk: Desk) -> int:
    """As the server counts them."""
    lines = desk.raw.ask("GET", "/metrics").body.decode().splitlines()
    return int(next(float(line.split()[-1]) for line in lines if line.startswith("pointsman_worker_sockets ")))


def test_what_a_half_open_socket_has_swallowed_is_there_after_it_was_cut(desk: Desk, proxy: Proxy) -> None:
    """A task ends, the next one is offered, and the worker is moved, while nothing arrives. The server learns of the
    dead socket last of all, when the client has long had another."""
    busy = desk.create("Activities", FriendlyName="Busy", Available="true")["sid"]
    name = desk.available()
    first, before = desk.accepted(name), sockets(desk)
    since = desk.servant.mark()
    proxy.swallow()
    desk.update(f"Tasks/{desk.sid(first)}", AssignmentStatus="completed", Reason="done elsewhere")
    desk.create("Tasks", WorkflowSid=desk.workflow)
    until(lambda: "pending" in on_the_server(desk, "alice")[1].values(), "the next task is offered")
    desk.update(f"Workers/{desk.workers['alice']}", ActivitySid=busy)
    until(lambda: b"worker.activity.update" in proxy.swallowed, "all of it is lost")
    assert b"reservation.created" in proxy.swallowed
    assert desk.servant.events[since:] == []
    proxy.cut()
    desk.servant.wait(name, "disconnected", since)
    desk.servant.wait(name, "ready", since)
    activity, live = in_the_sdk(desk, name)
    assert (activity, list(live.values())) == (busy, ["pending"])
    assert (activity, live) == on_the_server(desk, "alice")
    assert sockets(desk) == before + 1
    proxy.bury()
    until(lambda: sockets(desk) == before, "the dead socket is gone")
    (offered,) = live
    reservation, since = f"{name}/reservations/{offered}", desk.servant.mark()
    for method, event in (("accept", "accepted"), ("complete", "completed")):
        desk.servant.call(reservation, method)
        desk.servant.wait(reservation, event, since)
    desk.offer(name)
    assert in_the_sdk(desk, name) == on_the_server(desk, "alice")


def test_a_token_that_expires_in_mid_request_leaves_nothing_half_done(desk: Desk, proxy: Proxy) -> None:
    """What the server had in time is done, though its answer comes too late for the token; what was not whole by then,
    or came after, is refused and changes nothing."""
    desk.workspace_client()  # Node is up before the token's time begins
    began = time.monotonic()
    desk.start("bob")
    lifetime_s = max(LIFETIME_S, math.ceil(STARTS * (time.monotonic() - began)))
    worker = f"Workers/{desk.workers['alice']}"
    desk.update(worker, ActivitySid=desk.activities["Available"])
    desk.create("Tasks", WorkflowSid=desk.workflow)
    until(lambda: on_the_server(desk, "alice")[1], "a task is offered")
    name, token = desk.name("short"), desk.token("alice", ttl=lifetime_s)
    expires_s = jwt.decode(token, options={"verify_signature": False})["exp"]
    desk.servant.make(name, "Worker", token, desk.options)
    desk.servant.wait(name, "ready")
    ((offered, status),) = in_the_sdk(desk, name)[1].items()
    assert status == "pending"
    reservation, since = f"{name}/reservations/{offered}", desk.servant.mark()

    url, unavailable = f"Workspaces/{desk.workspace}/{worker}", desk.activities["Unavailable"]
    move = {"url": url, "method": "POST", "params": {"ActivitySid": unavailable}, "token": token}
    body = json.dumps(move).encode()
    slow = desk.raw.connect()
    slow.request("POST", PATH, body[:-1], {"Content-Length": str(len(body))})

    proxy.hold(expires_s + 0.2 - time.time())
    assert time.time() < expires_s
    assert desk.servant.call(reservation, "accept")["status"] == "accepted"
    assert time.time() >= expires_s
    slow.send(body[-1:])
    for answer in (read(slow), desk.raw.ask("POST", PATH, body)):
        assert (answer.status, answer.json["message"]) == (401, "The access token has expired")
    slow.close()
    with pytest.raises(Failed, match=r"status code 401. The access token has expired"):
        desk.servant.call(f"{name}/activities/Unavailable", "setAsCurrent")
    assert desk.servant.wait(name, "disconnected", since).value["message"] == "token expired"
    assert on_the_server(desk, "alice") == (desk.activities["Available"], {offered: "accepted"})

    desk.servant.call(name, "updateToken", desk.token("alice"))
    desk.servant.wait(name, "ready", since)
    assert in_the_sdk(desk, name) == on_the_server(desk, "alice")
    desk.servant.call(reservation, "complete")
    desk.servant.wait(reservation, "completed", since)
    desk.offer(name)
    assert in_the_sdk(desk, name) == on_the_server(desk, "alice")
