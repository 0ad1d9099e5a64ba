"""A server that is asked to end answers what it was asked, resets nobody, and has kept what it answered."""

from __future__ import annotations

import asyncio
import json
import socket
from base64 import b64encode
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from typing import Any
from urllib.parse import urlsplit

import pytest

from tests.acceptance.conftest import Pointsman, faults, make_pointsman
from tests.acceptance.raw import Raw

__all__ = ["make_pointsman"]
pytestmark = pytest.mark.acceptance

CLIENTS = 40
ROUNDS = 2
LATE = 9


class Client:
    """Asks over raw sockets, so that a reset is seen as one. `kept` connections are used again and again."""

    def __init__(self, server: Pointsman, path: str, *, kept: bool) -> None:
        where = urlsplit(server.url)
        self._address, self._kept = (str(where.hostname), int(where.port or 0)), kept
        login = b64encode(f"{server.account}:{server.token}".encode()).decode()
        body = "FriendlyName="
        self._head = f"POST {path} HTTP/1.1\r\nHost: x\r\nAuthorization: Basic {login}\r\n"
        self._head += "Content-Type: application/x-www-form-urlencoded\r\n"
        self._body = body
        self.made: list[str] = []
        self.ends: Counter[str] = Counter()

    async def go_on(self, name: str) -> None:
        """Until the server takes no more."""
        number = 0
        while True:
            try:
                reader, writer = await asyncio.open_connection(*self._address)
            except (ConnectionRefusedError, ConnectionResetError):  # the system did not let it in
                self.ends["refused"] += 1
                return
            try:
                while await self._ask(reader, writer, f"{name}-{number}"):
                    number += 1
                    if not self._kept:
                        break
                else:
                    return
            finally:
                writer.close()

    async def _ask(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, name: str) -> bool:
        body = f"{self._body}{name}"
        close = "" if self._kept else "Connection: close\r\n"
        writer.write(f"{self._head}{close}Content-Length: {len(body)}\r\n\r\n{body}".encode())
        try:
            head = await reader.readuntil(b"\r\n\r\n")
        except asyncio.IncompleteReadError as problem:
            self.ends["closed before the answer" if not problem.partial else "cut"] += 1
            return False
        except ConnectionResetError:
            self.ends["reset"] += 1
            return False
        fields = dict(line.lower().split(": ", 1) for line in head.decode().split("\r\n")[1:] if ": " in line)
        answer = await reader.readexactly(int(fields["content-length"]))
        assert head.startswith(b"HTTP/1.1 201"), head
        self.made.append(json.loads(answer)["friendly_name"])
        return not (self._kept and fields.get("connection") == "close")


@pytest.mark.parametrize("kept", [True, False], ids=["kept connections", "a connection for each request"])
def test_what_was_asked_is_answered_and_nobody_is_reset(make_pointsman: Callable[..., Pointsman], kept: bool) -> None:
    server = make_pointsman()
    server.start()
    home = asked(server, "/v1/Workspaces", FriendlyName="ended")["sid"]
    made: list[str] = []
    for number in range(ROUNDS):
        made += asyncio.run(ended_under_load(server, f"/v1/Workspaces/{home}/Workers", f"{number}", kept=kept))
        server.start()
    assert set(made) == workers(server, f"/v1/Workspaces/{home}/Workers?PageSize=1000")
    assert faults(server) == []


def test_a_request_that_is_on_its_way_when_the_server_ends_is_answered(
    make_pointsman: Callable[..., Pointsman],
) -> None:
    """On a connection that was let in: not begun, half sent, or sent but for its body."""
    server = make_pointsman()
    server.start()
    home = asked(server, "/v1/Workspaces", FriendlyName="ended")["sid"]
    raw = Raw(server)
    auth = raw.auth["Authorization"]
    with ExitStack() as stack:
        late: list[tuple[socket.socket, bytes]] = []
        for number in range(LATE):
            body = f"FriendlyName=late-{number}"
            whole = (
                f"POST /v1/Workspaces/{home}/Workers HTTP/1.1\r\nHost: x\r\nAuthorization: {auth}\r\n"
                f"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {len(body)}\r\n\r\n{body}"
            ).encode()
            begun = (0, 30, len(whole) - len(body))[number % 3]
            connection = stack.enter_context(raw.open())
            connection.sendall(whole[:begun])
            late.append((connection, whole[begun:]))
        assert raw.send("GET", "/health").status == 200  # it has read what was sent before
        ending = stack.enter_context(ThreadPoolExecutor(1)).submit(server.stop)
        while is_open(raw):
            pass
        for connection, rest in late:
            connection.sendall(rest)
        answers = [connection.makefile("rb").read() for connection, _ in late]
        assert ending.result() == 0
    assert [answer.partition(b"\r\n")[0] for answer in answers] == [b"HTTP/1.1 201 Created"] * LATE
    server.start()
    assert workers(server, f"/v1/Workspaces/{home}/Workers") == {f"late-{number}" for number in range(LATE)}
    assert faults(server) == []


def is_open(raw: Raw) -> bool:
    """Whether the server lets anybody in."""
    try:
        raw.open().close()
    except OSError:
        return False
    return True


def asked(server: Pointsman, path: str, **form: str) -> dict[str, Any]:
    answer = Raw(server).send("POST" if form else "GET", path, **form)
    assert answer.status < 300, answer.body
    found: dict[str, Any] = answer.json
    return found


def workers(server: Pointsman, path: str) -> set[str]:
    found: set[str] = set()
    while path:
        page = asked(server, path)
        found |= {each["friendly_name"] for each in page["workers"]}
        path = (page["meta"]["next_page_url"] or "").removeprefix(server.url)
    return found


async def ended_under_load(server: Pointsman, path: str, name: str, *, kept: bool) -> list[str]:
    client = Client(server, path, kept=kept)
    clients = [asyncio.create_task(client.go_on(f"{name}-{number}")) for number in range(CLIENTS)]
    await asyncio.sleep(0.5)
    code = await asyncio.to_thread(server.stop)
    await asyncio.gather(*clients)
    assert code == 0
    assert set(client.ends) <= {"refused"}, client.ends
    assert client.made
    return client.made
