"""A workspace on a real server, what is done in it over HTTP, and a receiver of its callbacks."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any, TypeVar
from urllib.parse import parse_qsl, urlencode

import pytest

from tests.acceptance.conftest import Pointsman
from tests.acceptance.raw import FORM, Answer, Raw

T = TypeVar("T")
Body = dict[str, Any]
WAIT_S = 15.0
POLL_S = 0.02


def eventually(look: Callable[[], T | None]) -> T:
    """What `look` finds, as soon as it finds something."""
    deadline = time.monotonic() + WAIT_S
    while (found := look()) is None:
        if time.monotonic() > deadline:
            pytest.fail(f"nothing came within {WAIT_S:g} s")
        time.sleep(POLL_S)
    return found


class Sink:
    """Receives callbacks: of events at /events/ANYTHING, of assignments at /assign/ANYTHING, which it answers with
    `replies["/assign/ANYTHING"]`: a status and a body."""

    def __init__(self) -> None:
        self.got: list[tuple[str, dict[str, str]]] = []  # path, parameters in their order
        self.replies: dict[str, tuple[int, Body]] = {}
        sink = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                text = self.rfile.read(int(self.headers["Content-Length"])).decode()
                sink.got.append((self.path, dict(parse_qsl(text, keep_blank_values=True))))
                status, reply = sink.replies.get(self.path, (204, None))
                body = b"" if reply is None else json.dumps(reply).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                if status != 204:
                    self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, format: str, *args: Any) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02})

    @contextmanager
    def open(self) -> Iterator[Sink]:
        self._thread.start()
        try:
            yield self
        finally:
            self._server.shutdown()
            self._thread.join()
            self._server.server_close()

    def at(self, path: str) -> list[dict[str, str]]:
        return [parameters for where, parameters in list(self.got) if where == path]


class Scene:
    """A workspace whose events go to the sink. `more` are parameters of the workspace."""

    def __init__(self, server: Pointsman, sink: Sink, name: str, raw: Raw | None = None, **more: str) -> None:
        self.server, self.sink, self.name = server, sink, name
        self.raw = raw or Raw(server)
        made = self.ask("POST", "/v1/Workspaces", FriendlyName=name, EventCallbackUrl=self.event_url, **more)
        self.sid = str(made.json["sid"])
        self.base = f"/v1/Workspaces/{self.sid}"
        self.available, self.unavailable = "", ""
        for each in self.get("/Activities")["activities"]:
            if each["available"]:
                self.available = each["sid"]
            else:
                self.unavailable = each["sid"]

    @property
    def event_url(self) -> str:
        return f"{self.sink.url}/events/{self.name}"

    @property
    def assign_path(self) -> str:
        return f"/assign/{self.name}"

    # --- asking ---------------------------------------------------------------------------------------------------

    def ask(self, method: str, path: str, **form: str) -> Answer:
        body = urlencode(form).encode() if form else None
        where = path if path.startswith("/v") else self.base + path
        return self.raw.ask(method, where, body, FORM if form else None)

    def post(self, path: str, **form: str) -> Body:
        answer = self.ask("POST", path, **form)
        assert answer.status in (200, 201), answer.body
        return dict(answer.json)

    def get(self, path: str) -> Body:
        answer = self.ask("GET", path)
        assert answer.status == 200, answer.body
        return dict(answer.json)

    def delete(self, path: str) -> None:
        answer = self.ask("DELETE", path)
        assert answer.status == 204, answer.body

    # --- what is in it --------------------------------------------------------------------------------------------

    def queue(self, name: str, **more: str) -> str:
        return str(self.post("/TaskQueues", FriendlyName=name, **more)["sid"])

    def workflow(self, *filters: Body, default: str | None = None, **more: str) -> str:
        rules: Body = {"filters": list(filters)}
        if default is not None:
            rules["default_filter"] = {"queue": default}
        form = {"FriendlyName": "Flow"} | more
        return str(self.post("/Workflows", Configuration=json.dumps({"task_routing": rules}), **form)["sid"])

    def worker(self, name: str, activity: str | None = None, **more: str) -> str:
        form = {"FriendlyName": name, "ActivitySid": activity or self.available} | more
        return str(self.post("/Workers", **form)["sid"])

    def task(self, **form: str) -> str:
        return str(self.post("/Tasks", **({"Attributes": '{"a":1}'} | form))["sid"])

    def offers(self, task: str, count: int = 1) -> list[Body]:
        """The pending reservations of a task, oldest first, once there are so many."""

        def look() -> list[Body] | None:
            found = self.get(f"/Tasks/{task}/Reservations?ReservationStatus=pending")["reservations"]
            return list(found) if len(found) == count else None

        return sorted(eventually(look), key=lambda each: str(each["sid"])[-12:])

    def answer(self, offer: Body, status: str, **more: str) -> Body:
        path = f"/Tasks/{offer['task_sid']}/Reservations/{offer['sid']}"
        return self.post(path, ReservationStatus=status, **more)

    def accepted(self, task: str) -> Body:
        """Accept the one offer of a task."""
        (offer,) = self.offers(task)
        return self.answer(offer, "accepted")

    # --- what was told --------------------------------------------------------------------------------------------

    def log(self, query: str = "") -> list[Body]:
        """The Events resource, oldest first."""
        path, found = f"{self.base}/Events?Minutes=60&PageSize=1000{query}", list[Body]()
        while path:
            page = self.get(path)
            found += page["events"]
            path = (page["meta"]["next_page_url"] or "").removeprefix(self.server.url)
        return found[::-1]

    def wait_for(self, kind: str, count: int = 1) -> list[Body]:
        """The events of a type, once there are so many."""

        def look() -> list[Body] | None:
            found = self.log(f"&EventType={kind}")
            return found if len(found) >= count else None

        return eventually(look)

    def callbacks(self, last: str | None = None) -> list[dict[str, str]]:
        """The callbacks of all events in their log's order, once all are there; up to the first of type `last`, if the
        log can't be read any more."""
        expected = None if last else {str(each["sid"]) for each in self.log()}

        def look() -> list[dict[str, str]] | None:
            found = {each["Sid"]: each for each in self.sink.at(f"/events/{self.name}")}
            there = any(each["EventType"] == last for each in found.values()) if last else found.keys() == expected
            return sorted(found.values(), key=lambda each: each["Sid"][-12:]) if there else None

        return eventually(look)

    def types(self, about: str = "") -> list[str]:
        """The types of the log, oldest first."""
        return [str(each["event_type"]) for each in self.log(about)]
