"""Processes to measure, and a client for them."""

from __future__ import annotations

import asyncio
import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

import aiohttp

from tests.benchmarks.failed import Failed

START_S = 120.0
END_S = 30.0


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def process(*command: str, log: Path | None = None) -> Iterator[subprocess.Popen[bytes]]:
    with (log or Path(os.devnull)).open("ab") as said:
        started = subprocess.Popen([sys.executable, *command], stdout=subprocess.DEVNULL, stderr=said)
    try:
        yield started
    finally:
        started.terminate()
        try:
            started.wait(END_S)
        except subprocess.TimeoutExpired:
            started.kill()
            started.wait()


async def ready(session: aiohttp.ClientSession, url: str) -> None:
    for _ in range(200):
        try:
            async with session.get(url):
                return
        except aiohttp.ClientError:
            await asyncio.sleep(0.05)
    raise Failed(f"nothing answers at {url}")


class Client:
    def __init__(self, session: aiohttp.ClientSession, base: str, login: tuple[str, str] = ("", "")) -> None:
        self.session, self.base, self.login = session, base, login

    async def ask(self, method: str, path: str, **form: str) -> Any:
        async with self.session.request(method, self.base + path, data=form or None) as reply:
            body = await reply.read()
            if reply.status >= 400:
                raise Failed(f"{method} {path}: {reply.status} {body.decode()}")
            return json.loads(body) if body else None


@asynccontextmanager
async def pointsman(data: Path, *options: str) -> AsyncIterator[Client]:
    """A server on a data folder of its own, and a client for its workspaces."""
    command = ("-m", "pointsman", "serve", "--data", str(data), "--port", "0", "--tls-port", "0", *options)
    log = data.with_name("serve.log")
    with process(*command, log=log) as server:
        began = time.monotonic()
        while not (data / "run.json").exists():
            if server.poll() is not None or time.monotonic() - began > START_S:
                raise Failed(f"the server did not start: {log.read_text()}")
            await asyncio.sleep(0.05)
        run = json.loads((data / "run.json").read_text())
        headers = {"Authorization": aiohttp.encode_basic_auth(run["account_sid"], run["auth_token"])}
        async with aiohttp.ClientSession(headers=headers, connector=aiohttp.TCPConnector(limit=0)) as session:
            await ready(session, run["url"] + "/health")
            yield Client(session, run["url"] + "/v1/Workspaces", (run["account_sid"], run["auth_token"]))
