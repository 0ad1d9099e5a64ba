"""The server's side of the process that writes: it is started, sent jobs, and started again if it has died."""

from __future__ import annotations

import asyncio
import os
import pickle
import socket
import subprocess
import sys
from collections import deque
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar, cast

import structlog

from pointsman.ports import StoreUnavailable
from pointsman.store import sqlite_file
from pointsman.store.folder import FolderLock
from pointsman.store.sqlite_writer import SIZE, Job, Outcome, message

PROGRAM = "from pointsman.store.sqlite_writer import main; main()"

T = TypeVar("T")

log = structlog.get_logger(__name__)


class WriterLost(StoreUnavailable):
    """The writing process has died: what it was asked last was done wholly, or not at all."""


class Writer:
    """`start` may be called in any thread; the rest belongs to the event loop."""

    def __init__(self, database: Path, lock: FolderLock) -> None:
        self._database, self._lock = database, lock
        self._process: subprocess.Popen[bytes] | None = None
        self._socket: socket.socket | None = None  # to a process that nothing was sent yet
        self._channel: _Channel | None = None
        self._connecting = asyncio.Lock()

    def start(self) -> None:
        """Start the process; it takes a tenth of a second until it does anything."""
        ours, theirs = socket.socketpair()
        with theirs:
            self._process = subprocess.Popen(  # noqa: S603  # ourselves
                [sys.executable, "-P", "-c", PROGRAM, str(self._database), str(sqlite_file.BUSY_S)],
                stdin=theirs.fileno(),
                env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
                pass_fds=[self._lock.file],
                start_new_session=True,  # a terminal's signals are for the server
            )
        ours.setblocking(False)
        self._socket = ours

    async def ask(self, job: Callable[..., T], *arguments: Any) -> T:
        """Have `job` done with the writing connection, after all that was asked before. Raises: what it raises, and
        `WriterLost`."""
        channel = self._channel
        if channel is None or channel.lost:
            channel = await self._connect()
        return cast(T, await channel.ask(job, arguments))

    async def _connect(self) -> _Channel:
        async with self._connecting:
            if self._channel is None or self._channel.lost:
                if self._channel is not None:
                    await asyncio.to_thread(self._replace)
                ours, self._socket = self._socket, None
                _, self._channel = await asyncio.get_running_loop().create_unix_connection(_Channel, sock=ours)
        return self._channel

    def _replace(self) -> None:
        assert self._process is not None
        self._process.kill()
        log.error("writer_died", database=str(self._database), status=self._process.wait())
        self.start()

    async def stop(self) -> None:
        """Let it finish what it was asked, and wait for its end."""
        if self._channel is not None:
            self._channel.close()
            self._channel = None
        await asyncio.to_thread(self.end)

    def end(self) -> None:
        if self._socket is not None:
            self._socket.close()
        if self._process is not None:
            self._process.wait()
        self._socket = self._process = None


class _Channel(asyncio.Protocol):
    """Outcomes come in the order of the jobs."""

    def __init__(self) -> None:
        self.lost = False
        self._transport: Any = None
        self._received = bytearray()
        self._asked: deque[asyncio.Future[Any]] = deque()

    def ask(self, job: Job, arguments: tuple[Any, ...]) -> asyncio.Future[Any]:
        future: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        packed = message((job, arguments))
        self._asked.append(future)
        self._transport.write(packed)
        return future

    def close(self) -> None:
        self._transport.close()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        received = self._received
        received += data
        while len(received) >= SIZE.size:
            end = SIZE.size + SIZE.unpack_from(received)[0]
            if len(received) < end:
                return
            outcome: Outcome = pickle.loads(memoryview(received)[SIZE.size : end])  # noqa: S301  # our own process
            del received[:end]
            self._settle(*outcome)

    def _settle(self, value: Any, problem: Exception | None) -> None:
        future = self._asked.popleft()
        if future.done():  # whoever asked has given up
            return
        if problem is None:
            future.set_result(value)
        else:
            future.set_exception(problem)

    def connection_lost(self, exc: Exception | None) -> None:
        self.lost = True
        while self._asked:
            self._settle(None, WriterLost("the process that writes the database has died"))
