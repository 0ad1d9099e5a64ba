"""HTTP without a library's manners."""

from __future__ import annotations

import base64
import http.client
import json
import socket
import time
from typing import Any, NamedTuple
from urllib.parse import urlencode, urlsplit

from tests.acceptance.conftest import Pointsman

FORM = {"Content-Type": "application/x-www-form-urlencoded"}
TIMEOUT_S = 20.0


class Answer(NamedTuple):
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


class Raw:
    """Asks a server, as one of its accounts."""

    def __init__(self, server: Pointsman, account: str | None = None, token: str | None = None) -> None:
        self.where = urlsplit(server.url)
        credentials = f"{account or server.account}:{token or server.token}"
        self.auth = {"Authorization": f"Basic {base64.b64encode(credentials.encode()).decode()}"}

    def ask(self, method: str, path: str, body: bytes | None = None, headers: dict[str, str] | None = None) -> Answer:
        """On a connection of its own."""
        connection = self.connect()
        try:
            connection.request(method, path, body, self.auth | (headers or {}))
            return read(connection)
        finally:
            connection.close()

    def send(self, method: str, path: str, **form: str) -> Answer:
        """With a form, if there is something to say in it."""
        return self.ask(method, path, urlencode(form).encode() if form else None, FORM if form else None)

    def connect(self) -> http.client.HTTPConnection:
        return http.client.HTTPConnection(str(self.where.hostname), self.where.port, timeout=TIMEOUT_S)

    def open(self) -> socket.socket:
        """A connection without HTTP."""
        return socket.create_connection((str(self.where.hostname), self.where.port), timeout=TIMEOUT_S)

    def say(self, *pieces: bytes) -> bytes:
        """Send these bytes, and read until the server closes; say so yourself: `Connection: close`."""
        with self.open() as connection:
            received = b""
            try:
                for piece in pieces:
                    connection.sendall(piece)
                    time.sleep(0.01)  # a packet of its own
                while piece := connection.recv(65_536):
                    received += piece
            except (BrokenPipeError, ConnectionResetError):
                pass  # what was received counts
            return received


def read(connection: http.client.HTTPConnection) -> Answer:
    """The next answer on a connection."""
    reply = connection.getresponse()
    return Answer(reply.status, {name.lower(): value for name, value in reply.getheaders()}, reply.read())
