"""The proxy's process: it starts before the command, and ends with it.

The command keeps our process, so the proxy needs one of its own. It is made by two forks: a daemon, with a
session of its own, is no child that the command would wait for, and Ctrl-C doesn't reach it.
"""

from __future__ import annotations

import asyncio
import os
import select
import socket
import sys
import threading
from contextlib import suppress
from typing import NoReturn

from pointsman.cli.interception.proxy import Proxy, Routes

START_TIMEOUT_S = 10.0
BACKLOG = 128
CHECK_EVERY_S = 0.5  # where the system can't tell us that a process ended
STANDARD_STREAMS = (0, 1, 2)


class ProxyFailed(Exception):
    """The proxy didn't come up."""


def listen() -> socket.socket:
    """Bind a free loopback port. Connections wait there until the proxy is up."""
    return socket.create_server(("127.0.0.1", 0), backlog=BACKLOG)


def start_proxy(listening: socket.socket, routes: Routes) -> None:
    """Start a process that serves `listening` until the process that calls this has ended.

    It returns when the proxy is ready. The caller may execute another program: that counts as the same one.
    """
    assert threading.active_count() == 1, "a fork copies one thread, and what the others held stays locked"
    watched_pid, watched = os.getpid(), _process_handle(os.getpid())
    ready, tell_ready = os.pipe()
    try:
        child = os.fork()
    except OSError as error:
        raise ProxyFailed(f"The forward proxy didn't start: {error.strerror}.") from error
    if child == 0:
        _daemon(listening, routes, watched_pid, watched, tell_ready)
    os.close(tell_ready)
    if watched is not None:
        os.close(watched)
    os.waitpid(child, 0)
    try:
        if not select.select([ready], [], [], START_TIMEOUT_S)[0] or not os.read(ready, 1):
            raise ProxyFailed("The forward proxy didn't start.")
    finally:
        os.close(ready)


def _daemon(
    listening: socket.socket, routes: Routes, watched_pid: int, watched: int | None, tell_ready: int
) -> NoReturn:
    """Be the proxy. Whatever happens, this must not return into the caller's program."""
    try:
        os.setsid()
        if os.fork() == 0:
            keep = {listening.fileno(), tell_ready} | ({watched} if watched is not None else set())
            _let_go(keep)
            asyncio.run(_serve(listening, routes, watched_pid, watched, tell_ready))
    finally:
        os._exit(0)


def _let_go(keep: set[int]) -> None:
    """Give up everything inherited: a pipe that we held open would never end for its reader."""
    os.chdir("/")
    for name in os.listdir("/dev/fd"):  # noqa: PTH208 (a list: the listing itself uses a descriptor)
        if int(name) not in keep:
            with suppress(OSError):
                os.close(int(name))
    nowhere = os.open(os.devnull, os.O_RDWR)
    for stream in STANDARD_STREAMS:
        if stream not in keep:
            os.dup2(nowhere, stream)


async def _serve(
    listening: socket.socket, routes: Routes, watched_pid: int, watched: int | None, tell_ready: int
) -> None:
    await Proxy(routes).start(listening)
    os.write(tell_ready, b"!")
    os.close(tell_ready)
    await _ended(watched_pid, watched)
    os._exit(0)  # connections still open belong to nobody now


async def _ended(pid: int, handle: int | None) -> None:
    if handle is not None:
        ended = asyncio.Event()
        asyncio.get_running_loop().add_reader(handle, ended.set)
        await ended.wait()
        return
    while _is_alive(pid):  # noqa: ASYNC110 (the system offers nothing to wait for here)
        await asyncio.sleep(CHECK_EVERY_S)


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass  # it changed its user: alive
    return True


def _process_handle(pid: int) -> int | None:
    """Open a descriptor that becomes readable when the process ends; None where there is no such thing."""
    if sys.platform == "linux":
        with suppress(OSError):
            return os.pidfd_open(pid)
    return None
