"""The process that writes an SQLite file for a server.

It is sent jobs: functions that are given the writing connection. It does one after the other, and says what came of
each. When nobody can send it anything any more it ends at once, whatever has been committed by then; so it ends with a
server that is killed, and until it has ended it holds the lock on the folder that it was given.
"""

from __future__ import annotations

import os
import pickle
import signal
import socket
import sqlite3
import struct
import sys
import traceback
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from pointsman.store.sqlite_file import connect_writer, named_errors

SIZE = struct.Struct("!Q")  # goes before each message

Job = Callable[..., Any]
Outcome = tuple[Any, Exception | None]  # what it returned, or raised


def message(content: object) -> bytes:
    """A job with its arguments, or an outcome, to be sent."""
    packed = pickle.dumps(content, pickle.HIGHEST_PROTOCOL)
    return SIZE.pack(len(packed)) + packed


def main() -> None:
    """`DATABASE BUSY_S`; standard input is a socket that leads to the server."""
    for number in (signal.SIGINT, signal.SIGTERM):  # they are for the server, which says when to end
        signal.signal(number, signal.SIG_IGN)
    with suppress(OSError):  # the server has gone
        _serve(socket.socket(fileno=sys.stdin.fileno()), Path(sys.argv[1]), float(sys.argv[2]))
    os._exit(0)  # closing the file would first move the whole log into it


def _serve(server: socket.socket, database: Path, busy_s: float) -> None:
    received = server.makefile("rb")
    connection: sqlite3.Connection | None = None
    while len(head := received.read(SIZE.size)) == SIZE.size:
        packed = received.read(SIZE.unpack(head)[0])
        try:
            with named_errors(database):
                connection = connection or connect_writer(database, busy_s)
                job, arguments = pickle.loads(packed)  # noqa: S301  # from our own server
                outcome: Outcome = job(connection, *arguments), None
        except Exception as problem:
            outcome = None, _portable(problem)
        server.sendall(message(outcome))


def _portable(problem: Exception) -> Exception:
    """The exception as it can be sent, with its traceback as a note."""
    problem.add_note("".join(traceback.format_exception(problem)))
    try:
        pickle.loads(pickle.dumps(problem))  # noqa: S301  # our own
    except Exception:
        return RuntimeError(f"{type(problem).__name__}: {problem}")
    return problem
