"""Beyond what a server can do: a bounded queue, refusals that say when to come again, and nothing lost."""

from __future__ import annotations

import asyncio
import json
import resource
import socket
from base64 import b64encode
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import aiohttp
import pytest

from pointsman.operations.gate import REQUESTS_MAX
from tests.acceptance.conftest import Pointsman, faults, make_pointsman, pointsman
from tests.crash.test_endings import asked

__all__ = ["make_pointsman", "pointsman"]
pytestmark = pytest.mark.acceptance

AT_ONCE = 3_000  # three times what may be under way
READS = 1_500  # each of a long page
PAGE = 500
ROUNDS = 2
IDLE = 10_000
SLOW_S = 60.0  # far beyond what is patient: a hang, not a measurement


@contextmanager
def many_files(count: int) -> Iterator[None]:
    """This process may open so many; the server that it starts, too."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard != resource.RLIM_INFINITY and hard < count:
        pytest.skip(f"only {hard} files may be open here, {count} are needed")
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, count), hard))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def furnished(server: Pointsman, **workflow: str) -> tuple[str, str]:
    """A workspace with a queue that has nobody in it: its path, and a workflow."""
    home = f"/v1/Workspaces/{asked(server, '/v1/Workspaces', FriendlyName='busy')['sid']}"
    queue = asked(server, f"{home}/TaskQueues", FriendlyName="none", TargetWorkers=workflow.pop("target", "1==2"))
    rules = json.dumps({"task_routing": {"default_filter": {"queue": queue["sid"]}}})
    return home, asked(server, f"{home}/Workflows", FriendlyName="w", Configuration=rules, **workflow)["sid"]


def session(server: Pointsman) -> aiohttp.ClientSession:
    return aiohttp.ClientSession(
        headers={"Authorization": aiohttp.encode_basic_auth(server.account, server.token)},
        connector=aiohttp.TCPConnector(limit=0),
        timeout=aiohttp.ClientTimeout(SLOW_S),
    )


def pending(server: Pointsman, home: str) -> int:
    return int(asked(server, f"{home}/Statistics")["realtime"]["tasks_by_status"]["pending"])


def test_what_is_too_much_is_refused_and_what_was_admitted_is_there(make_pointsman: Callable[..., Pointsman]) -> None:
    with many_files(2 * AT_ONCE):
        server = make_pointsman()
        server.start()
        home, workflow = furnished(server)
        admitted, refused, most = asyncio.run(flood(server, f"{home}/Tasks", workflow))
        assert admitted > ROUNDS
        assert refused > 0, "the flood was too small to be one"
        assert 0 < most <= REQUESTS_MAX, "so what was let in had at most these before it"
        assert admitted + refused == ROUNDS * AT_ONCE
        assert pending(server, home) == admitted
        assert asked(server, f"{home}/Tasks", WorkflowSid=workflow)["assignment_status"] == "pending"  # at once again
        assert faults(server) == []


async def flood(server: Pointsman, path: str, workflow: str) -> tuple[int, int, float]:
    """How many were let in and refused, and how many were seen under way at once."""
    admitted = refused = 0
    most = 0.0
    async with session(server) as http:

        async def ask() -> None:
            nonlocal admitted, refused
            async with http.post(f"{server.url}{path}", data={"WorkflowSid": workflow}) as answer:
                body = await answer.json()
                if answer.status == 201:
                    admitted += 1
                else:
                    assert (answer.status, answer.headers["Retry-After"]) == (503, "1"), body
                    assert "1000 requests are under way" in body["message"]
                    refused += 1

        for _ in range(ROUNDS):
            asked = asyncio.gather(*(ask() for _ in range(AT_ONCE)))
            while not asked.done():
                most = max(most, (await counted(http, server))["pointsman_requests_under_way"])
            await asked
        assert (await counted(http, server))['pointsman_refusals_total{reason="requests"}'] == refused
    return admitted, refused, most


async def counted(http: aiohttp.ClientSession, server: Pointsman) -> dict[str, float]:
    """What the server counts: it says so at any time."""
    async with http.get(f"{server.url}/metrics") as answer:
        assert answer.status == 200
        lines = (line.rsplit(" ", 1) for line in (await answer.text()).splitlines() if not line.startswith("#"))
        return {name: float(value) for name, value in lines}


def test_too_many_reads_are_refused_and_those_let_in_are_answered_soon(
    make_pointsman: Callable[..., Pointsman],
) -> None:
    """Pages of many rows, each some ten milliseconds of work: the server takes few of them on, and others go on."""
    with many_files(2 * READS):
        server = make_pointsman()
        server.start()
        home, workflow = furnished(server)
        asyncio.run(read_flood(server, f"{home}/Tasks", workflow))
        assert faults(server) == []


async def read_flood(server: Pointsman, path: str, workflow: str) -> None:
    statuses: Counter[int] = Counter()
    waits_s: dict[str, list[float]] = {"GET": [], "POST": []}  # of those that were let in, as the server says
    before = memory(server)
    async with session(server) as http:

        async def ask(method: str) -> None:
            query = f"?PageSize={PAGE}" if method == "GET" else ""
            data = {"WorkflowSid": workflow} if method == "POST" else None
            async with http.request(method, f"{server.url}{path}{query}", data=data) as answer:
                await answer.read()
                statuses[answer.status] += 1
                if answer.status == 503:
                    assert answer.headers["Retry-After"] == "1"
                else:
                    waits_s[method].append(float(answer.headers["Twilio-Request-Duration"]))

        async def alone() -> float:
            """How long a read takes beside which there is no other."""
            waits_s["GET"].clear()
            for _ in range(5):
                await ask("GET")
            return sorted(waits_s["GET"])[2]

        for _ in range(PAGE // 50):
            await asyncio.gather(*(ask("POST") for _ in range(50)))
        before_s = await alone()
        waits_s["POST"].clear()
        statuses.clear()
        reads = asyncio.gather(*(ask("GET") for _ in range(READS)))
        while not reads.done():
            await ask("POST")
        await reads
        assert statuses[200] > 0 and statuses[201] > 0
        assert statuses[503] > READS / 2
        assert set(statuses) == {200, 201, 503}
        longest_s = max(*waits_s["GET"], *waits_s["POST"])
        one_s = max(before_s, await alone())  # whatever else the machine does
        assert longest_s < READS * one_s / 2, "as if all had been let in"
        assert memory(server) - before < 200_000_000


def test_ten_thousand_idle_connections_keep_nobody_out(make_pointsman: Callable[..., Pointsman]) -> None:
    with many_files(IDLE + 2_000), ExitStack() as stack:
        server = make_pointsman()
        server.start()
        where = urlsplit(server.url)
        for _ in range(IDLE):
            stack.enter_context(socket.create_connection((where.hostname, where.port), timeout=SLOW_S))
        home, workflow = furnished(server)
        for _ in range(20):
            asked(server, f"{home}/Tasks", WorkflowSid=workflow)
        assert pending(server, home) == 20
        assert faults(server) == []


def test_callbacks_that_nobody_answers_hold_nobody_up(pointsman: Pointsman) -> None:
    """Each offer's callback hangs; tasks are still created, offered and accepted over REST."""
    with socket.create_server(("127.0.0.1", 0), backlog=1_024) as deaf:
        url = f"http://127.0.0.1:{deaf.getsockname()[1]}/"
        home, workflow = furnished(pointsman, target="1==1", AssignmentCallbackUrl=url)
        activities = asked(pointsman, f"{home}/Activities")["activities"]
        (available,) = (each["sid"] for each in activities if each["friendly_name"] == "Available")
        worker = asked(pointsman, f"{home}/Workers", FriendlyName="w", ActivitySid=available)["sid"]
        asked(pointsman, f"{home}/Workers/{worker}/Channels/default", Capacity="500")
        for _ in range(200):
            task = asked(pointsman, f"{home}/Tasks", WorkflowSid=workflow)["sid"]
        (offer,) = asked(pointsman, f"{home}/Tasks/{task}/Reservations")["reservations"]
        path = f"{home}/Tasks/{task}/Reservations/{offer['sid']}"
        assert asked(pointsman, path, ReservationStatus="accepted")["reservation_status"] == "accepted"
    assert faults(pointsman) == []


def test_clients_who_never_read_cost_little_and_hold_nobody_up(pointsman: Pointsman) -> None:
    """Fifty ask for long pages, one after the other on the same connection, and read none."""
    home, workflow = furnished(pointsman)
    for number in range(300):
        asked(pointsman, f"{home}/Workers", FriendlyName=f"{number}", Attributes=json.dumps({"text": "x" * 3_000}))
    where = urlsplit(pointsman.url)
    login = b64encode(f"{pointsman.account}:{pointsman.token}".encode()).decode()
    request = f"GET {home}/Workers?PageSize=300 HTTP/1.1\r\nHost: x\r\nAuthorization: Basic {login}\r\n\r\n".encode()
    before = memory(pointsman)
    with ExitStack() as stack:
        for _ in range(50):
            one = stack.enter_context(socket.create_connection((where.hostname, where.port), timeout=SLOW_S))
            one.setblocking(False)
            one.send(request * 20)
        for _ in range(50):
            asked(pointsman, f"{home}/Tasks", WorkflowSid=workflow)
        grown = memory(pointsman) - before
    assert pending(pointsman, home) == 50
    assert grown < 200_000_000, f"{grown / 1e6:.0f} MB for 50 clients who read nothing of a thousand pages of 1 MB"
    assert faults(pointsman) == []


def memory(server: Pointsman) -> int:
    """Bytes that it has in memory."""
    pages: Any = Path(f"/proc/{server.run.pid}/statm").read_text().split()[1]
    return int(pages) * resource.getpagesize()
