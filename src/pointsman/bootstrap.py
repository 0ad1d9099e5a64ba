"""Wires the parts of a server and runs it until it is told to stop. Nothing else knows all the parts."""

from __future__ import annotations

import asyncio
import contextlib
import os
import re
import resource
import select
import signal
import socket
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import structlog
import uvicorn
import uvloop
from msgspec.structs import replace
from starlette.types import ASGIApp

from pointsman import __version__, runfile
from pointsman.api.app import build
from pointsman.api.edge import Edge, read_edge
from pointsman.api.protocol import CONNECTIONS_MAX, KEEP_ALIVE_S, LimitedProtocol
from pointsman.api.streams import Streams
from pointsman.bridge.app import PATH as BRIDGE_PATH
from pointsman.bridge.app import Bridge
from pointsman.bridge.connection import Times
from pointsman.bridge.hub import Hub
from pointsman.bridge.legacy.door import LegacyBridge
from pointsman.bridge.presence import Absence, Presence
from pointsman.bridge.protocol import MESSAGE_BYTES_MAX, PING_S, SocketProtocol
from pointsman.bridge.scripts import PREFIX as SCRIPTS_PATH
from pointsman.bridge.scripts import Scripts
from pointsman.console.app import build as build_console
from pointsman.console.live import Hub as ConsoleHub
from pointsman.core.limits import Limits
from pointsman.core.types import AccountSid
from pointsman.front import compressing, doors
from pointsman.meters import Meters
from pointsman.observe import logs
from pointsman.observe.metrics import Readings, exposition
from pointsman.operations import Logins, Operations, Services, Turns
from pointsman.ports import Account, Commit, Publisher, Store, StoreUnavailable, StoreUnusable
from pointsman.resources.statistics import REACH_DAYS
from pointsman.runtime import garbage
from pointsman.runtime.ids import new_account_sid, new_token
from pointsman.runtime.workspaces import Workspaces
from pointsman.store import open_store
from pointsman.store.folder import LOCK_FILE, FolderLock
from pointsman.tls import Authority, AuthorityBroken
from pointsman.webhooks import Limits as SendingLimits
from pointsman.webhooks import Sender

log = structlog.get_logger()
TLS_PORT_DEFAULT = 8443
PORTS = ("plain", "tls")
PORT_MAX = 65_535
BACKLOG = 2_048
CLOSE_CONNECTIONS_S = 5
FILES_KEPT = 512
SOCKET_MS_MAX = 4_000  # of the five seconds after which a client that says nothing is told what happens
STOPPING = "the server stops"
CONSOLE_PATH = "/console"


class CannotServe(Exception):
    """The server can't start; the message says why, and what would help, in one line."""


class Started(NamedTuple):
    """What the person who started the server should know."""

    url: str
    tls_url: str
    account: Account
    token_file: Path | None  # None, if the token was given
    is_new: bool


def run(settings: dict[str, Any], data: Path, announce: Callable[[Started], None]) -> None:
    """Serve until SIGINT or SIGTERM. Raises: `CannotServe`."""
    if settings["log_level"] not in logs.LEVELS:
        raise CannotServe(f"log_level {settings['log_level']!r} is none of {', '.join(logs.LEVELS)}")
    if settings["login_failures_per_minute"] < 0:
        raise CannotServe("login_failures_per_minute is below 0: expected a number of failed logins, or 0 for no limit")
    if settings["console_session_hours"] < 1:
        raise CannotServe("console_session_hours is below 1: expected a number of hours")
    if settings["event_retention_days"] < 0:
        raise CannotServe("event_retention_days is below 0: expected a number of days, or 0 to keep events for ever")
    logs.set_up(settings["log_level"])
    try:
        edge = read_edge(settings)
    except ValueError as problem:
        raise CannotServe(str(problem)) from None
    LimitedProtocol.connections_max = _connections_max()
    try:
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(_serve(settings, edge, data, announce))
    except (StoreUnusable, StoreUnavailable) as problem:
        raise CannotServe(str(problem)) from None


async def _serve(settings: dict[str, Any], edge: Edge, data: Path, announce: Callable[[Started], None]) -> None:
    _make_folder(data)
    async with contextlib.AsyncExitStack() as stack:
        store = await _take_database(settings["database"], data, stack)
        plain, tls = _listen(settings)
        stack.callback(plain.close)
        stack.callback(tls.close)
        try:
            authority = Authority.open(data / "tls")
        except AuthorityBroken as problem:
            raise CannotServe(str(problem)) from None
        with _told(data):
            account, token_file, is_new = await _account(store, settings, data)
        logins = Logins(
            store,
            login_failures_per_minute=settings["login_failures_per_minute"],
            promoted=lambda account: runfile.change_token(data, account.sid, account.auth_token),
        )
        parts = _Parts(settings, edge, store, logins)
        app = parts.app()
        garbage.tame()
        await parts.start(stack)
        servers = parts.servers
        servers += [_server(app, None), _server(app, authority)]
        stop = asyncio.Event()
        for number in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(number, stop.set)
        started = Started(_url("http", plain), _url("https", tls), account, token_file, is_new)
        stack.enter_context(_run_file(data, started))
        serving = [
            asyncio.create_task(server.serve(sockets=[listener]))
            for server, listener in zip(servers, (plain, tls), strict=True)
        ]
        await _ready(servers, serving)
        announce(started)
        await stop.wait()
        parts.stop()
        await asyncio.gather(*serving)


class _Parts:
    """What a server is made of, how it begins and how it ends."""

    def __init__(self, settings: dict[str, Any], edge: Edge, store: Store, logins: Logins) -> None:
        self._settings, self._edge, self._logins = settings, edge, logins
        self._meters = LimitedProtocol.meters = Meters()
        publisher, limits, kept_days = _Publishers(), _limits(settings), settings["event_retention_days"]
        self._router = Workspaces(store, publisher, limits=limits, event_retention_days=kept_days, meters=self._meters)
        self._sender = Sender(store, self._router, logins.token, _sending(settings), self._meters)
        self._streams = Streams()
        self._watchers = ConsoleHub()
        self._hub = Hub(self._router)
        self._presence = Presence(store, self._router, _absence(settings))
        for each in (self._sender, self._streams, self._watchers, self._hub):
            publisher.add(each)
        statistics_days = min(REACH_DAYS, kept_days or REACH_DAYS)
        services = Services(
            self._router, store, __version__, limits, self._sender, Turns(), self._metrics, statistics_days
        )
        self._operations = Operations(services, logins.directory, self._meters)
        self.servers: list[_Server] = []

    def app(self) -> ASGIApp:
        """All doors. Raises: `CannotServe`."""
        by_prefix = {CONSOLE_PATH: self._console(), BRIDGE_PATH: self._bridge(), **_scripts(self._settings)}
        api = build(self._operations, self._logins, self._edge, self._streams)
        return doors(api, by_prefix, sockets=(BRIDGE_PATH,))

    def _bridge(self) -> ASGIApp:
        edge, times = self._edge, _times(self._settings)
        shared = self._operations, self._logins.directory, self._hub, self._presence, edge.front
        below = LegacyBridge(*shared, times.delay_ms, edge.body_bytes_max)
        bridge = Bridge(*shared, times, edge.body_bytes_max, below)
        self._logins.directory.revoked = bridge.revoked
        self._logins.directory.rotated = below.rotated
        return bridge

    def _console(self) -> ASGIApp:
        return build_console(
            self._operations,
            self._logins,
            self._watchers,
            front=self._edge.front,
            body_bytes_max=self._edge.body_bytes_max,
            session_hours=self._settings["console_session_hours"],
        )

    async def start(self, stack: contextlib.AsyncExitStack) -> None:
        """Begin; `stack` ends them in turn, once nobody asks any more."""
        await self._router.start()
        stack.push_async_callback(self._router.stop)
        await self._presence.start()
        stack.push_async_callback(self._presence.stop)
        await self._sender.start(alone=True)  # take_alone has seen to it
        stack.push_async_callback(self._sender.stop)

    def stop(self) -> None:
        """Let everybody go who would have us wait, and the servers with them."""
        self._streams.stop()
        self._presence.stopping()
        self._hub.stop(STOPPING)
        self._watchers.stop()
        self._router.hurry()
        for server in self.servers:
            server.should_exit = True

    async def _metrics(self, account: AccountSid) -> bytes:
        """What `/metrics` shows to an account: read at this moment, written down in a thread."""
        workspaces = self._router.gauges(account)
        for each in workspaces:
            endpoint = self._sender.endpoint(each.sid)
            each.endpoint, each.events_untold = endpoint.state, endpoint.waiting
        pauses, servers = garbage.pauses, zip(PORTS, self.servers, strict=True)
        readings = Readings(
            version=__version__,
            meters=self._meters,
            workspaces=workspaces,
            connections={name: len(each.server_state.connections) for name, each in servers},
            requests=self._operations.gate.inside,
            streams=self._streams.open,
            sockets=self._hub.open,
            collections=pauses.count,
            collections_s=pauses.seconds,
            longest_collection_s=pauses.longest_s,
        )
        return await asyncio.to_thread(exposition, readings)


def _limits(settings: dict[str, Any]) -> Limits:
    """Raises: `CannotServe`."""
    values = {name: settings[name] for name in Limits.__struct_fields__}
    for name, value in values.items():
        lowest = 0 if name == "available_workers_max" else 1
        if value < lowest:
            raise CannotServe(f"{name} is {value}: expected a whole number from {lowest}")
    return Limits(**values)


def _times(settings: dict[str, Any]) -> Times:
    """Raises: `CannotServe`."""
    for name in ("socket_init_ms", "socket_delay_ms"):
        if not 0 <= settings[name] <= SOCKET_MS_MAX:
            raise CannotServe(f"{name} is {settings[name]}: expected a number of milliseconds up to {SOCKET_MS_MAX}")
    return Times(settings["socket_init_ms"], settings["socket_delay_ms"])


def _scripts(settings: dict[str, Any]) -> dict[str, ASGIApp]:
    """The door of browser SDKs, if there is a folder with some. Raises: `CannotServe`."""
    if settings["worker_scripts"] is None:
        return {}
    try:
        return {SCRIPTS_PATH: compressing(Scripts(Path(settings["worker_scripts"])))}
    except ValueError as problem:
        raise CannotServe(str(problem)) from None


def _absence(settings: dict[str, Any]) -> Absence:
    """Raises: `CannotServe`."""
    if settings["offline_on_disconnect"] not in (0, 1):
        raise CannotServe(f"offline_on_disconnect is {settings['offline_on_disconnect']}: expected 0 or 1")
    if settings["offline_grace"] < 0:
        raise CannotServe(f"offline_grace is {settings['offline_grace']}: expected a number of seconds from 0")
    return Absence(bool(settings["offline_on_disconnect"]), settings["offline_grace"])


def _sending(settings: dict[str, Any]) -> SendingLimits:
    """Raises: `CannotServe`."""
    for name in ("event_retry_hours", "event_retry_pause_max"):
        if settings[name] < 1:
            raise CannotServe(f"{name} is {settings[name]}: expected a whole number from 1")
    return SendingLimits(
        event_retry_for_s=settings["event_retry_hours"] * 3_600.0,
        event_retry_s_max=float(settings["event_retry_pause_max"]),
    )


async def _take_database(address: str | None, data: Path, stack: contextlib.AsyncExitStack) -> Store:
    """The folder and the database, for this server alone. Raises: `StoreUnusable`, `StoreUnavailable`."""
    store = open_store(address, data)
    if address is not None:  # with SQLite, the store itself takes the folder
        with _told(data):
            stack.callback(FolderLock(data / LOCK_FILE).release)
    await store.open()
    stack.push_async_callback(store.close)
    await store.take_alone()
    return store


class _Publishers(Publisher):
    """Everybody who wants to know of commits."""

    def __init__(self) -> None:
        self._all: list[Publisher] = []

    def add(self, publisher: Publisher) -> None:
        self._all.append(publisher)

    def committed(self, commit: Commit) -> None:
        for each in self._all:
            each.committed(commit)


# --- listening ----------------------------------------------------------------------------------------------------


def _listen(settings: dict[str, Any]) -> tuple[socket.socket, socket.socket]:
    """Take both ports before anything is written. Raises: `CannotServe`."""
    host, tls_port = settings["host"], settings["tls_port"]
    plain = _bind(host, settings["port"], "--port")
    try:
        if tls_port is not None:
            return plain, _bind(host, tls_port, "--tls-port")
        try:
            return plain, _bind(host, TLS_PORT_DEFAULT, "--tls-port")
        except CannotServe:
            return plain, _bind(host, 0, "--tls-port")
    except BaseException:
        plain.close()
        raise


def _bind(host: str, port: int, flag: str) -> socket.socket:
    if not 0 <= port <= PORT_MAX:  # the system would take it for another one
        raise CannotServe(f"Can't listen on port {port}: expected one from 0 to {PORT_MAX}; choose with {flag}")
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        listener = socket.socket(family, kind, protocol)
    except (OSError, OverflowError) as problem:
        reason = problem.strerror if isinstance(problem, OSError) else str(problem)
        raise CannotServe(f"Can't listen on {host}, port {port}: {reason}") from None
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
        listener.listen(BACKLOG)
        listener.setblocking(False)
    except (OSError, OverflowError) as problem:
        listener.close()
        reason = problem.strerror if isinstance(problem, OSError) else str(problem)
        hint = f"choose another with {flag}, or {flag} 0 for any free one"
        raise CannotServe(f"Can't listen on {host}, port {port}: {reason}; {hint}") from None
    return listener


def _connections_max() -> int:
    """How many connections there may be: some files are left to the store and to callbacks."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = CONNECTIONS_MAX + FILES_KEPT
    if soft != resource.RLIM_INFINITY and soft < wanted:
        soft = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        with contextlib.suppress(OSError, ValueError):  # where even less is allowed than was said
            resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
        soft = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    if soft == resource.RLIM_INFINITY:
        return CONNECTIONS_MAX
    return max(min(CONNECTIONS_MAX, soft - FILES_KEPT), 1)


def _url(scheme: str, listener: socket.socket) -> str:
    host, port = listener.getsockname()[:2]
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104  # for clients here
    return f"{scheme}://[{host}]:{port}" if ":" in host else f"{scheme}://{host}:{port}"


class _Server(uvicorn.Server):
    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Clients whom the system has let in are taken over first: to close the listener would reset them."""
        for _ in range(BACKLOG):
            if not any(select.select([each], [], [], 0)[0] for each in sockets or []):
                break
            await asyncio.sleep(0)
        await super().shutdown(sockets)

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Two servers run in this process, and it is we who listen to signals."""
        yield


def _server(app: Any, authority: Authority | None) -> _Server:
    config = uvicorn.Config(
        app,
        interface="asgi3",
        http=LimitedProtocol,
        ws=SocketProtocol,
        ws_max_size=MESSAGE_BYTES_MAX,
        ws_ping_interval=PING_S,
        ws_ping_timeout=PING_S,
        ws_per_message_deflate=False,  # a window for each socket, for frames that hardly shrink
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,  # the edge sees to them
        timeout_keep_alive=KEEP_ALIVE_S,
        timeout_graceful_shutdown=CLOSE_CONNECTIONS_S,
    )
    config.load()
    if authority is not None:
        config.ssl = authority.server_context()
    return _Server(config)


async def _ready(servers: list[_Server], serving: list[asyncio.Task[None]]) -> None:
    while not all(server.started for server in servers):
        for task in serving:
            if task.done():
                task.result()
                raise CannotServe("The HTTP server ended before it had started")
        await asyncio.sleep(0.01)


# --- the data folder ----------------------------------------------------------------------------------------------


def _make_folder(data: Path) -> None:
    try:
        data.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as problem:
        raise CannotServe(f"Can't make the data folder {data}: {problem.strerror}") from None
    if not os.access(data, os.W_OK | os.X_OK):
        raise CannotServe(f"Can't write to the data folder {data}: choose another with --data")


@contextlib.contextmanager
def _told(data: Path) -> Iterator[None]:
    """Turn what is wrong with a file of ours into one line."""
    try:
        yield
    except OSError as problem:
        path = problem.filename2 or problem.filename or data
        raise CannotServe(f"Can't read or write {path}: {problem.strerror or problem}") from None
    except UnicodeDecodeError:
        raise CannotServe(f"Can't read {data / runfile.CREDENTIALS}: it is not text") from None


@contextlib.contextmanager
def _run_file(data: Path, started: Started) -> Iterator[None]:
    run = runfile.Run(
        pid=os.getpid(),
        url=started.url,
        tls_url=started.tls_url,
        account_sid=started.account.sid,
        auth_token=started.account.auth_token,
        version=__version__,
    )
    with _told(data):
        runfile.write_private(data / runfile.NAME, run)
    try:
        yield
    finally:
        (data / runfile.NAME).unlink(missing_ok=True)


async def _account(store: Store, settings: dict[str, Any], data: Path) -> tuple[Account, Path | None, bool]:
    """The account that this server was started for: the one that is set, else the folder's own, else a new one.

    Its token is the one that is set, else the database's: tokens change while a server runs, and a file may have
    missed that. With a new database the folder's token goes on.
    """
    own = runfile.read_credentials(data)
    known = [account.sid for account in await store.accounts() if account.owner is None]
    sid = settings["account_sid"] or (own and own.account_sid) or (known[0] if known else new_account_sid())
    if not re.fullmatch(r"AC[0-9a-f]{32}", sid, re.IGNORECASE):
        raise CannotServe(f"The account sid {sid!r} is not AC and 32 hexadecimal digits")
    # A folder's first account has the file that commands look for.
    is_first = own is None or own.account_sid == sid
    path = data / (runfile.CREDENTIALS if is_first else runfile.credentials_name(sid))
    file = runfile.read_credentials(data, path.name)
    kept = file.auth_token if file else None
    present = await store.account(AccountSid(sid))
    token = settings["auth_token"] or (present.auth_token if present else kept or new_token())
    account = await _put_account(store, AccountSid(sid), token, present)
    if kept == token:
        return account, path, False
    if settings["auth_token"] or (kept is None and own is not None and present is not None):
        return account, None, False  # it was set, now or before: who set it has it
    runfile.write_private(path, runfile.Credentials(account_sid=sid, auth_token=token))
    return account, path, present is None  # nobody may know it yet


async def _put_account(store: Store, sid: AccountSid, token: str, present: Account | None) -> Account:
    """The account with this token, stored if that is new."""
    if present is not None and present.auth_token == token:
        return present
    now_ms = await store.now_ms()
    if present is None:
        account = Account(sid=sid, auth_token=token, friendly_name="My account", created_ms=now_ms)
    else:
        log.warning("auth_token_replaced_by_setting", account=sid)
        second = present.secondary_token if present.secondary_token != token else None  # set: as good as promoted
        account = replace(present, auth_token=token, secondary_token=second, updated_ms=now_ms)
    await store.put_account(account)
    return account
