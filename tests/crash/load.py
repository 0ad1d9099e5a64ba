"""Clients who work with a server and remember what it answered, and who takes its callbacks."""

from __future__ import annotations

import asyncio
import json
import threading
from collections import Counter
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple
from urllib.parse import parse_qs

import aiohttp
import pytest

from tests.acceptance.conftest import POLL_S, Pointsman

CLIENTS = 12
WORKERS = 6
TIMEOUT_S = 1  # of tasks that nobody takes
ANSWER_S_MAX = 20.0  # far beyond what is patient: a server that hangs
PATIENCE_S = 45.0  # until timers have fired and callbacks have been sent
STEPS = {"pending": 0, "reserved": 0, "assigned": 1, "wrapping": 2, "completed": 2}


class Server(ThreadingHTTPServer):
    request_queue_size = 1_024  # or it would refuse callbacks
    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Whoever called was killed."""


class Sink:
    """Takes callbacks and remembers what they told of."""

    def __init__(self) -> None:
        self.offers: Counter[str] = Counter()  # reservations of assignment callbacks
        self.events: Counter[int] = Counter()  # numbers of events
        sink = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                form = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
                if self.path == "/events":
                    sink.events[int(self.headers["Pointsman-Sequence"])] += 1
                else:
                    sink.offers[form["ReservationSid"][0]] += 1
                self.send_response(200)  # an assignment is refused by any other
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, format: str, *arguments: object) -> None:
                pass

        self._server = Server(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever)
        self._thread.start()

    def close(self) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


@pytest.fixture
def sink() -> Iterator[Sink]:
    sink = Sink()
    yield sink
    sink.close()


class Answered(NamedTuple):
    """What a client was told last of a task."""

    mark: str
    step: int
    version: int


class Refused(Exception):
    """503: try again."""


def version_of(task: dict[str, Any]) -> int:
    return int(task["etag"].strip('"'))


class Load:
    """Clients that create, accept and complete tasks, and write down what they were answered."""

    def __init__(self, server: Pointsman) -> None:
        self.server = server
        self.base = ""
        self.workflow = self.nobodys = ""
        self.answered: dict[str, Answered] = {}  # by task
        self.timed: set[str] = set()  # tasks that nobody takes
        self.made: list[str] = []  # the marks of all tasks whose creation was answered
        self.asked = 0  # marks given
        self.answers = 0
        self.refused = 0  # requests, for now

    def session(self) -> aiohttp.ClientSession:
        login = {"Authorization": aiohttp.encode_basic_auth(self.server.account, self.server.token)}
        return aiohttp.ClientSession(headers=login, timeout=aiohttp.ClientTimeout(ANSWER_S_MAX))

    async def call(self, http: aiohttp.ClientSession, method: str, path: str, **form: str) -> dict[str, Any]:
        """The answer's body, and in it its ETag. Raises: `aiohttp.ClientError`, if there was no
        answer; `Refused`; `TimeoutError`, if the server hangs."""
        async with http.request(method, f"{self.base or self.server.url}{path}", data=form) as response:
            found: dict[str, Any] = json.loads(await response.text())
            self.answers += 1
            if response.status == 503:
                assert response.headers["Retry-After"]
                raise Refused(found["message"])
            assert response.status < 300, (response.status, found)
            return found | {"etag": response.headers.get("ETag", "")}

    async def furnish(self, http: aiohttp.ClientSession, sink: Sink) -> None:
        made = await self.call(
            http, "POST", "/v1/Workspaces", FriendlyName="killed", EventCallbackUrl=f"{sink.url}/events"
        )
        self.base = f"{self.server.url}/v1/Workspaces/{made['sid']}"
        activities = (await self.call(http, "GET", "/Activities"))["activities"]
        (available,) = (each["sid"] for each in activities if each["friendly_name"] == "Available")
        for number in range(WORKERS):
            worker = await self.call(http, "POST", "/Workers", FriendlyName=f"w{number}", ActivitySid=available)
            await self.call(http, "POST", f"/Workers/{worker['sid']}/Channels/default", Capacity="50")
        queue = await self.call(http, "POST", "/TaskQueues", FriendlyName="all", TargetWorkers="1==1")
        empty = await self.call(http, "POST", "/TaskQueues", FriendlyName="none", TargetWorkers="1==2")
        self.workflow = await self._workflow(http, queue["sid"], f"{sink.url}/offers")
        self.nobodys = await self._workflow(http, empty["sid"], f"{sink.url}/offers")

    async def _workflow(self, http: aiohttp.ClientSession, queue: str, url: str) -> str:
        rules = json.dumps({"task_routing": {"default_filter": {"queue": queue}}})
        made = await self.call(
            http, "POST", "/Workflows", FriendlyName=queue, Configuration=rules, AssignmentCallbackUrl=url
        )
        return str(made["sid"])

    async def go_on(self, http: aiohttp.ClientSession) -> None:
        """Until the server has gone. Raises: `TimeoutError`, if it hangs instead; `Refused`."""
        try:
            while True:
                await self._life(http)
        except (aiohttp.ClientError, ConnectionError) as problem:
            if isinstance(problem, TimeoutError):
                raise

    async def go_on_patiently(self, http: aiohttp.ClientSession, until: asyncio.Event) -> None:
        """Whatever is refused for now."""
        while not until.is_set():
            try:
                await self._life(http)
            except Refused:
                self.refused += 1
                await asyncio.sleep(POLL_S)

    async def _life(self, http: aiohttp.ClientSession) -> None:
        self.asked += 1
        mark = json.dumps({"mark": self.asked})
        if self.asked % 10 == 0:
            made = await self.call(
                http, "POST", "/Tasks", WorkflowSid=self.nobodys, Attributes=mark, Timeout=str(TIMEOUT_S)
            )
            self.timed.add(made["sid"])
            self.made.append(mark)
            return
        made = await self.call(http, "POST", "/Tasks", WorkflowSid=self.workflow, Attributes=mark)
        task = made["sid"]
        self.made.append(mark)
        self.answered[task] = Answered(mark, 0, version_of(made))
        offers = (await self.call(http, "GET", f"/Tasks/{task}/Reservations"))["reservations"]
        if not offers:
            return  # all are busy: it waits
        await self.call(http, "POST", f"/Tasks/{task}/Reservations/{offers[0]['sid']}", ReservationStatus="accepted")
        self.answered[task] = Answered(mark, 1, version_of(made))
        made = await self.call(http, "POST", f"/Tasks/{task}", AssignmentStatus="completed", Reason="done")
        self.answered[task] = Answered(mark, 2, version_of(made))

    async def answering(self) -> None:
        """Until something more has been answered. Raises: `TimeoutError`."""
        before = self.answers
        for _ in range(int(ANSWER_S_MAX / POLL_S)):
            if self.answers > before:
                return
            await asyncio.sleep(POLL_S)
        raise TimeoutError("nothing is answered")

    async def compare(self, http: aiohttp.ClientSession) -> None:
        """Everything that was answered is there, and at most one step further. What is over is then forgotten."""
        for task, (mark, step, version) in self.answered.items():
            found = await self.call(http, "GET", f"/Tasks/{task}")
            assert json.loads(found["attributes"]) == json.loads(mark), (task, mark, found)
            assert step <= STEPS[found["assignment_status"]] <= step + 1, (task, step, found)
            assert version <= version_of(found), (task, version, found)
        for task in self.answered:  # so that workers are free again
            found = await self.call(http, "GET", f"/Tasks/{task}")
            if found["assignment_status"] != "completed":
                await self._end(http, task, found)
        self.answered.clear()

    async def _end(self, http: aiohttp.ClientSession, task: str, found: dict[str, Any]) -> None:
        status = "completed" if found["assignment_status"] in ("assigned", "wrapping") else "canceled"
        await self.call(http, "POST", f"/Tasks/{task}", AssignmentStatus=status, Reason="the end")

    async def events(self, http: aiohttp.ClientSession, after: int = 0) -> list[dict[str, Any]]:
        url = f"{self.base}/EventStream?Follow=false&After={after}"
        found = []
        async with http.get(url, timeout=aiohttp.ClientTimeout(total=None)) as response:
            async for text in response.content:
                line = json.loads(text)
                if "sequence" in line and "sid" in line:
                    found.append({name: line.get(name) for name in ("sequence", "sid", "event_type", "event_data")})
        return found


async def settled(load: Load, sink: Sink, http: aiohttp.ClientSession, known: list[tuple[int, str]]) -> None:
    """In the end every timer has fired, every callback was sent at least once, and no event has become another."""
    events = await load.events(http)
    for _ in range(int(PATIENCE_S)):
        offers = {e["event_data"]["reservation_sid"] for e in events if e["event_type"] == "reservation.created"}
        canceled = {e["event_data"]["task_sid"] for e in events if e["event_type"] == "task.canceled"}
        missing = {
            "timers": load.timed - canceled,
            "offers": offers - sink.offers.keys(),
            "events": {e["sequence"] for e in events} - sink.events.keys(),
        }
        if not any(missing.values()):
            break
        await asyncio.sleep(1)
        events += await load.events(http, events[-1]["sequence"])
    assert not any(missing.values()), {name: (len(left), sorted(left)[:5]) for name, left in missing.items()}
    assert [(each["sequence"], each["sid"]) for each in events][: len(known)] == known
    assert load.timed
    assert offers
