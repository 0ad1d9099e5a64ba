"""Connections to PostgreSQL: their settings, bringing the schema up to date, and what the database's errors mean."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, TypeAlias
from urllib.parse import urlsplit

import asyncpg

from pointsman.ports import StoreUnavailable, StoreUnusable
from pointsman.store.migrations import migrations

if TYPE_CHECKING:  # generic for the type checker alone
    Connection: TypeAlias = asyncpg.Connection[asyncpg.Record] | asyncpg.pool.PoolConnectionProxy[asyncpg.Record]
    Pool: TypeAlias = asyncpg.Pool[asyncpg.Record]

SERVER_MIN = 13
CONNECTIONS_MAX = 16
CONNECT_S = 5.0
ACQUIRE_S = 10.0  # for one of our connections to become free
COMMAND_S = 20.0  # for any answer; longer than the server's own limit, which says what it was
MIGRATE_S = 3_600.0

# A lost node's lock goes within seconds: the server notices that it is silent, or that it left a transaction open.
SESSION = {
    "application_name": "pointsman",
    "statement_timeout": "15s",
    "lock_timeout": "10s",
    "idle_in_transaction_session_timeout": "5s",
    "tcp_keepalives_idle": "3",
    "tcp_keepalives_interval": "1",
    "tcp_keepalives_count": "3",
    "tcp_user_timeout": "6s",
    "jit": "off",  # compiling costs more than these statements
}

# Advisory locks are named by numbers that all programs of a database share: these spell "pman" and a digit.
MIGRATE_LOCK = 0x706D616E_01
SWEEP_LOCK = 0x706D616E_02
ALONE_LOCK = 0x706D616E_03
ALONE_TRIES, ALONE_PAUSE_S = 30, 0.1

_DURABLE = "SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') = 'off'"

# SQLSTATE classes and codes of what the world did; any other is a mistake in the data or in our SQL.
_WORLD_CLASSES = frozenset(
    {
        "08",  # connection
        "28",  # login: the password was changed
        "3D",  # the database was dropped
        "40",  # rolled back: deadlock, serialization
        "53",  # resources: disk, memory, connections
        "57",  # operator: shutdown, timeout
        "58",  # system: input and output
    }
)
_WORLD_CODES = frozenset(
    {
        "25006",  # read-only: a replica, after a failover
        "25P03",  # idle in a transaction for too long
        "55P03",  # lock not available in time
        "XX001",  # data corrupted
        "XX002",  # index corrupted
    }
)
# What the driver says on its own account; its errors have no codes, and others of this type are mistakes of ours.
_LOST = ("connection is closed", "pool is clos", "released back to the pool")
_LATER_CLASSES = frozenset({"08", "53", "57"})  # at opening: starting up, full, shutting down


def place(url: str) -> str:
    """Name the server for messages, and no more of the URL: in a bad one, the password can stand anywhere."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        return "PostgreSQL"
    if host is None or "@" in parts.path:
        return "PostgreSQL"
    return f"PostgreSQL at {host}:{port or 5432}"


def problem(error: Exception) -> str | None:
    """In one line, what the world did; None if the mistake is ours."""
    if isinstance(error, asyncpg.PostgresError):
        state = error.sqlstate or ""
        return _line(error) if state[:2] in _WORLD_CLASSES or state in _WORLD_CODES else None
    if isinstance(error, TimeoutError):
        return "no answer in time"
    if isinstance(error, OSError):
        return _line(error)
    if isinstance(error, asyncpg.InterfaceError) and any(words in str(error) for words in _LOST):
        return "the connection was lost"
    return None


@contextmanager
def named_errors(server: str) -> Iterator[None]:
    """Turn what the world did into `StoreUnavailable`; a data error stays what it is."""
    try:
        yield
    except Exception as error:
        text = problem(error)
        if text is None:
            raise
        raise StoreUnavailable(f"{server}: {text}") from error


async def open_pool(url: str) -> Pool:
    """Connect and bring the schema up to date.

    Raises: `StoreUnusable`; `StoreUnavailable`, if the server does not answer or is not ready yet.
    """
    server = place(url)
    try:
        pool = asyncpg.create_pool(
            url,
            min_size=1,
            max_size=CONNECTIONS_MAX,
            timeout=CONNECT_S,
            command_timeout=COMMAND_S,
            server_settings=SESSION,
            init=_init,
            reset=_reset,
        )
        await pool
    except socket.gaierror as error:
        raise StoreUnusable(f"{server}: the host is not known ({error.strerror})") from None
    except (TimeoutError, OSError) as error:
        raise StoreUnavailable(f"{server} can't be reached: {_line(error) or 'no answer in time'}") from None
    except asyncpg.PostgresError as error:
        raise _refusal(server, error) from None
    except (asyncpg.InterfaceError, ValueError):  # their messages may quote the URL
        raise StoreUnusable("The database's URL can't be read: postgresql://user:password@host:port/name") from None
    try:
        await _migrate(pool, server)
    except BaseException as error:
        pool.terminate()
        if isinstance(error, asyncpg.PostgresError):
            raise _refusal(server, error) from None
        if isinstance(error, Exception) and (text := problem(error)) is not None:
            raise StoreUnavailable(f"{server}: {text}") from None
        raise
    return pool


async def take_alone(url: str) -> Connection:
    """Keep other servers off the database while the returned connection is open. One that has just died is given a
    moment to be noticed. Raises: `StoreUnusable`, `StoreUnavailable`."""
    server = place(url)
    with named_errors(server):
        connection = await asyncpg.connect(url, timeout=CONNECT_S, command_timeout=COMMAND_S, server_settings=SESSION)
        try:
            for _ in range(ALONE_TRIES):
                if await connection.fetchval("SELECT pg_try_advisory_lock($1)", ALONE_LOCK):
                    return connection
                await asyncio.sleep(ALONE_PAUSE_S)
        except BaseException:
            connection.terminate()
            raise
    connection.terminate()
    raise StoreUnusable(f"{server}: the database is in use by another Pointsman; several on one are not supported yet")


def _refusal(server: str, error: asyncpg.PostgresError) -> StoreUnusable | StoreUnavailable:
    later = (error.sqlstate or "")[:2] in _LATER_CLASSES
    return (StoreUnavailable if later else StoreUnusable)(f"{server}: {_line(error)}")


async def _init(connection: Connection) -> None:
    """What was answered is in the database, even where the server's default says otherwise."""
    await connection.execute(_DURABLE)


async def _reset(connection: Connection) -> None:
    """Nothing: our sessions change no settings, and the usual reset costs a round trip each time."""


async def _migrate(pool: Pool, server: str) -> None:
    steps = migrations("postgres")
    async with pool.acquire() as connection:
        major = connection.get_server_version().major
        if major < SERVER_MIN:
            raise StoreUnusable(f"{server} is version {major}: Pointsman needs {SERVER_MIN} or later")
        async with connection.transaction():
            await connection.execute("SET LOCAL lock_timeout = 0; SET LOCAL statement_timeout = 0")
            await connection.execute("SELECT pg_advisory_xact_lock($1)", MIGRATE_LOCK, timeout=MIGRATE_S)
            if await connection.fetchval("SELECT to_regclass('schema_version')") is None:
                await connection.execute(
                    "CREATE TABLE schema_version (version bigint PRIMARY KEY, name text NOT NULL, applied timestamptz)"
                )
            version = await connection.fetchval("SELECT coalesce(max(version), 0) FROM schema_version")
            if version > len(steps):
                raise StoreUnusable(
                    f"{server}: the database was written by a newer Pointsman "
                    f"(schema {version}; this one knows {len(steps)})"
                )
            for step in steps[version:]:
                await connection.execute(step.sql, timeout=MIGRATE_S)
                await connection.execute("INSERT INTO schema_version VALUES ($1, $2, now())", step.number, step.name)


def _line(error: Exception) -> str:
    return " ".join(str(error).split())
