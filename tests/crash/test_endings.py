"""A server that is asked to end answers what it was asked, resets nobody, and has kept what it answered."""

from __future__ import annotations

import asyncio
import json
import socket
import time
from base64 import b64encode
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress
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
SOON_S = 0.4  # the server promises a little more; not read from it, so that a shorter promise fails here
WAIT_S = 0.2  # as if it were on its way so long: a server that waits for nothing closes meanwhile
ATTEMPTS = 10  # to send something soon after the server was told to end


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
    """On a connection that was let in: half sent, or sent but for its body. Or not begun: if it comes soon."""
    server = make_pointsman()
    server.start()
    home = asked(server, "/v1/Workspaces", FriendlyName="ended")["sid"]
    made: set[str] = set()
    for number in range(ATTEMPTS):
        soon, answered = ended_before_they_came(server, home, names := [f"{number}-{late}" for late in range(LATE)])
        server.start()
        made |= {name for name, each in zip(names, answered, strict=True) if each}
        assert workers(server, f"/v1/Workspaces/{home}/Workers") == made
        assert all(each for late, each in enumerate(answered) if soon or late % 3)
        if soon:
            break
    else:
        pytest.skip("the machine is too busy to send anything soon")
    assert faults(server) == []


def ended_before_they_came(server: Pointsman, home: str, names: list[str]) -> tuple[bool, list[bool]]:
    """Every third connection has not begun to ask for its worker when the server ends, every third is half through,
    every third is waited for with its body. Whether all that was left was sent soon, and which were answered."""
    raw = Raw(server)
    auth = raw.auth["Authorization"]
    with ExitStack() as stack:
        late: list[tuple[socket.socket, bytes]] = []
        for number, name in enumerate(names):
            body = f"FriendlyName={name}"
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
        open_s = asked_s = time.monotonic()
        while is_open(raw):
            open_s, asked_s = asked_s, time.monotonic()  # it let somebody in after the first
        time.sleep(WAIT_S)
        for connection, rest in late:
            with suppress(ConnectionError):  # it comes too late
                connection.sendall(rest)
        soon = time.monotonic() - open_s < SOON_S
        answered = [is_created(connection) for connection, _ in late]
        assert ending.result() == 0
    return soon, answered


def is_created(connection: socket.socket) -> bool:
    """Whether that is the answer, and not the end of the connection."""
    try:
        answer = connection.makefile("rb").read()
    except ConnectionResetError:
        return False
    assert answer == b"" or answer.startswith(b"HTTP/1.1 201 Created\r\n")
    return answer != b""


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
