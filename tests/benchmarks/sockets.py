"""Workers at their pages, a thousand in one process: how late each is told what happens, counted from the moment when
it is due (the answer that caused it, and the delay that the server adds); how long it takes until all of them are back
when they come at once; what an idle socket costs."""

from __future__ import annotations

import argparse
import asyncio
import json
import resource
import tempfile
import time
from collections.abc import Coroutine
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from websockets.asyncio.client import ClientConnection, connect

from pointsman.bridge import tokens
from pointsman.bridge.connection import Times
from pointsman.core.types import Millis
from tests.benchmarks.lifecycles import set_up
from tests.benchmarks.options import add_database, seconds, whole
from tests.benchmarks.server import Client, pointsman

PATH = "/v1/wschannels"
OPEN_S = 60.0
LATE_MS_MAX, AT_RATE, AT_WORKERS = 50, 200, 1_000
FILES = 8_192
ACCEPTED = "reservation.accepted"


def add_options(parser: argparse.ArgumentParser) -> None:
    add_database(parser)
    parser.add_argument("--workers", type=whole(), default=1_000, help="how many are connected [1000]")
    parser.add_argument("--rate", type=whole(), default=200, help="tasks a second [200]")
    parser.add_argument("--seconds", type=seconds, default=10, help="for how long [10]")


async def run(options: argparse.Namespace) -> dict[str, Any]:
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(FILES, hard) if hard > 0 else FILES, hard))
    with tempfile.TemporaryDirectory() as folder:
        more = ["--database", options.database] if options.database else []
        async with pointsman(Path(folder) / "data", *more) as client:
            floor = Floor(client, Path(folder) / "data")
            await floor.furnish(options.workers)
            before = floor.server_kb()
            came_s = await floor.come()
            idle_kb = (floor.server_kb() - before) / options.workers
            again_s = await floor.come_again()
            late = sorted(await floor.work(options.rate, options.seconds))
            await floor.leave()
    found = {
        "workers": options.workers,
        "rate": options.rate,
        "connected_s": came_s,
        "reconnected_s": again_s,
        "socket_kb": idle_kb,
        **{f"late_p{part * 100:g}_ms": late[min(int(len(late) * part), len(late) - 1)] for part in (0.5, 0.99, 0.999)},
    }
    print(f"{options.workers} workers come in {came_s:.1f} s, and all at once again in {again_s:.1f} s; ", end="")
    print(f"{idle_kb:.0f} KB a socket")
    told = "  ".join(f"p{part * 100:g} {found[f'late_p{part * 100:g}_ms']:.1f} ms" for part in (0.5, 0.99, 0.999))
    print(f"at {options.rate} tasks/s a frame is late by  {told}  of {len(late)}")
    print(f"wanted: at most {LATE_MS_MAX} ms with {AT_WORKERS} workers at {AT_RATE}/s")
    return found


class Floor:
    """All workers, each with a socket and its own way of working: accept what is offered, complete it."""

    def __init__(self, client: Client, data: Path) -> None:
        self.client, self.data = client, data
        self.server = client.base.removesuffix("/v1/Workspaces")
        self.workers: list[str] = []
        self.tokens: dict[str, str] = {}
        self.sockets: dict[str, ClientConnection] = {}
        self.answered: dict[tuple[str, str], float] = {}  # (what it is about, event): when what caused it was answered
        self.heard: dict[tuple[str, str], float] = {}
        self._listening: set[asyncio.Task[None]] = set()
        self._working: set[asyncio.Task[None]] = set()

    async def furnish(self, workers: int) -> None:
        self.workspace, self.workflow = await set_up(self.client, workers)
        account = self.client.login[0]
        async with self.client.session.post(f"{self.server}/2010-04-01/Accounts/{account}/Keys.json") as made:
            key = await made.json()
        page = await self.client.ask("GET", f"/{self.workspace}/Workers?PageSize=1000")
        self.workers = [each["sid"] for each in page["workers"]]
        now_ms = Millis(int(time.time() * 1000))
        for sid in self.workers:
            grant = {"workspace_sid": self.workspace, "worker_sid": sid, "role": "worker"}
            self.tokens[sid] = tokens.make(key["sid"], key["secret"], account, grant, now_ms)

    def server_kb(self) -> int:
        """The server's resident memory."""
        pid = json.loads((self.data / "run.json").read_text())["pid"]
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
        return int(next(line for line in lines if line.startswith("VmRSS")).split()[1])

    async def come(self) -> float:
        """As the SDK does it: connect, wait for init, ask for everything."""
        began = time.perf_counter()
        await asyncio.gather(*(self._come(sid) for sid in self.workers))
        return time.perf_counter() - began

    async def come_again(self) -> float:
        await self.leave()
        return await self.come()

    async def leave(self) -> None:
        await asyncio.gather(*(each.close() for each in self.sockets.values()))
        await asyncio.gather(*self._listening)

    async def _come(self, sid: str) -> None:
        query = urlencode({"token": self.tokens[sid], "closeExistingSessions": "false", "clientVersion": "2.1.1"})
        address = f"{self.server.replace('http', 'ws', 1)}{PATH}?{query}"
        socket = await connect(address, compression=None, open_timeout=OPEN_S, ping_interval=None)
        self.sockets[sid] = socket
        await socket.recv()
        worker = f"/Workers/{sid}"
        await self.ask(sid, "GET", worker)
        for url, version, params in (
            ("/Activities", "v1", {}),
            (f"{worker}/WorkerChannels", "v1", {}),
            (f"{worker}/Reservations", "v2", {"Active": "true"}),
        ):
            await self.ask(sid, "GET", url, version, **params)
        _keep(self._listen(sid, socket), self._listening)

    async def ask(self, sid: str, method: str, url: str, version: str = "v1", **params: Any) -> None:
        body = {"url": f"Workspaces/{self.workspace}{url}", "method": method, "params": params}
        data = json.dumps({**body, "token": self.tokens[sid]})
        headers = {"apiVersion": version, "Content-Type": "text/plain"}
        async with self.client.session.post(
            f"{self.server}{PATH}", data=data, headers=headers, skip_auto_headers=["Authorization"]
        ) as answer:
            if answer.status != 200:
                raise SystemExit(f"{method} {url}: {answer.status} {await answer.text()}")
            await answer.read()

    async def _listen(self, sid: str, socket: ClientConnection) -> None:
        async for text in socket:
            at = time.perf_counter()
            if not str(text).strip():
                continue
            event = json.loads(text)
            kind, body = event["event_type"], event["payload"]
            if kind == "reservation.created":
                self.heard[(body["task"]["sid"], kind)] = at
                _keep(self._work_on(sid, body["sid"]), self._working)
            elif kind == ACCEPTED:
                self.heard[(body["sid"], kind)] = at

    async def _work_on(self, sid: str, reservation: str) -> None:
        url = f"/Workers/{sid}/Reservations/{reservation}"
        await self.ask(sid, "POST", url, ReservationStatus="accepted")
        self.answered[(reservation, ACCEPTED)] = time.perf_counter()
        await asyncio.sleep(0.1)
        await self.ask(sid, "POST", url, ReservationStatus="completed")

    async def work(self, rate: int, seconds: float) -> list[float]:
        """How late each frame was, in milliseconds."""
        began = time.perf_counter()

        async def create(at: float) -> None:
            await asyncio.sleep(max(at - time.perf_counter(), 0))
            task = await self.client.ask(
                "POST", f"/{self.workspace}/Tasks", WorkflowSid=self.workflow, Attributes='{"skill":"a"}'
            )
            self.answered[(task["sid"], "reservation.created")] = time.perf_counter()

        await asyncio.gather(*(create(began + number / rate) for number in range(int(rate * seconds))))
        while self._working or self.answered.keys() - self.heard.keys():
            if time.perf_counter() - began > seconds + OPEN_S:
                break
            await asyncio.sleep(0.1)
        delay_ms = Times().delay_ms
        missing = self.answered.keys() - self.heard.keys()
        if missing:
            raise SystemExit(f"{len(missing)} of {len(self.answered)} events were never heard")
        return [(self.heard[about] - at) * 1_000 - delay_ms for about, at in self.answered.items()]


def _keep(work: Coroutine[Any, Any, None], among: set[asyncio.Task[None]]) -> None:
    task = asyncio.create_task(work)
    among.add(task)
    task.add_done_callback(among.discard)
