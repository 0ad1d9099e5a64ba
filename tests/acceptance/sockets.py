"""Sockets of workers without the SDK: what goes over the wire, frame by frame."""

from __future__ import annotations

import json
import time
from contextlib import ExitStack
from typing import Any
from urllib.parse import urlencode

from websockets.sync.client import ClientConnection, connect

from pointsman.bridge import tokens
from pointsman.core.types import Millis
from tests.acceptance.conftest import Pointsman
from tests.acceptance.raw import Answer, Raw

WAIT_S = 15.0
PATH = "/v1/wschannels"


class Office:
    """A workspace with workers, made over REST, and what their clients say and hear."""

    def __init__(self, server: Pointsman, *workers: str, **values: str) -> None:
        self.server, self.raw = server, Raw(server)
        made = self.raw.send("POST", "/v1/Workspaces", FriendlyName="Office", Template="FIFO", **values).json
        self.workspace: str = made["sid"]
        self.path = f"/v1/Workspaces/{self.workspace}"
        keys = f"/2010-04-01/Accounts/{server.account}/Keys.json"
        self.key = self.raw.send("POST", keys).json
        listed = self.raw.ask("GET", f"{self.path}/Activities").json["activities"]
        self.activities = {each["friendly_name"]: each["sid"] for each in listed}
        self.workers = {name: self.send("Workers", FriendlyName=name)["sid"] for name in workers}
        self.made = 0

    def send(self, path: str, **form: str) -> dict[str, Any]:
        answer = self.raw.send("POST", f"{self.path}/{path}", **form)
        assert answer.status in (200, 201), answer
        return dict(answer.json)

    def activity_of(self, name: str) -> str:
        worker = self.raw.ask("GET", f"{self.path}/Workers/{self.workers[name]}").json
        return str(worker["activity_name"])

    def token(self, name: str | None, role: str = "worker", lifetime_s: int = 3_600, **grant: str) -> str:
        """Each another one."""
        self.made += 1
        claims = {"workspace_sid": self.workspace, "role": role} | grant
        if name is not None:
            claims["worker_sid"] = self.workers[name]
        now_ms = Millis(int(time.time() * 1000))
        return tokens.make(
            self.key["sid"],
            self.key["secret"],
            self.server.account,
            claims,
            now_ms,
            lifetime_s=lifetime_s,
            identity=str(self.made),
        )

    def ask(self, token: str, method: str, url: str, version: str = "v1", **params: Any) -> Answer:
        """A POST as the SDK sends it: JSON that says to be a form."""
        body = {"url": f"Workspaces/{self.workspace}{url}", "method": method, "params": params, "token": token}
        headers = {"apiVersion": version, "Content-Type": "application/x-www-form-urlencoded"}
        return self.raw.ask("POST", PATH, json.dumps(body).encode(), headers)

    def address(self, token: str, **query: str) -> str:
        wanted = {"token": token, "closeExistingSessions": "false", "clientVersion": "2.1.1", **query}
        return f"{self.server.url.replace('http', 'ws', 1)}{PATH}?{urlencode(wanted)}"

    def open(self, token: str, **query: str) -> Socket:
        return Socket(self.address(token, **query))

    def start(self, name: str, **query: str) -> tuple[Socket, str]:
        """A socket whose client has asked for what the SDK asks for; and its token."""
        token = self.token(name)
        socket = self.open(token, **query)
        assert socket.next()["event_type"] == "init"
        worker = f"/Workers/{self.workers[name]}"
        for url, version in ((worker, "v1"), (f"{worker}/Reservations", "v2")):
            answer = self.ask(token, "GET", url, version, **({"Active": "true"} if version == "v2" else {}))
            assert answer.status == 200, answer
        return socket, token


class Socket:
    def __init__(self, address: str) -> None:
        self._held = ExitStack()
        self.connection: ClientConnection = self._held.enter_context(
            connect(address, compression=None, open_timeout=WAIT_S)
        )

    def next(self) -> dict[str, Any]:
        """The next event; blanks are passed over."""
        while True:
            text = self.connection.recv(timeout=WAIT_S)
            assert isinstance(text, str), "a client breaks on binary frames"
            if text.strip():
                return dict(json.loads(text))

    def until(self, kind: str) -> dict[str, Any]:
        """The payload of the next event of that name."""
        while True:
            event = self.next()
            if event["event_type"] == kind:
                return dict(event["payload"])

    def close(self) -> None:
        self._held.close()


def until(true: Any, what: str, seconds: float = WAIT_S) -> None:
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, f"not within {seconds:g} s: {what}"
        time.sleep(0.02)
