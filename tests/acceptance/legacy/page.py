"""A page with the first browser SDK, written from the page of its protocol alone: what it sends, when, and what it
makes of what comes back. It shares no line with the server.

Source of every rule here: the legacy SDK's protocol [sdk1].
"""

from __future__ import annotations

import asyncio
import base64
import json
import socket
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any, NamedTuple
from urllib.parse import quote

import aiohttp

Payload = dict[str, Any]
REST = "https://taskrouter.twilio.com/v1"
CONTENT_TYPE = "text/plain;charset=UTF-8"  # what a browser says of a string
ORIGIN = "https://pages.example"
REQUEST_S = 5.0
SILENCE_S = 60.0
RECONNECT_S_MAX = 30
WAIT_S = 20.0
KINDS = {"WK": "Worker", "WQ": "TaskQueue", "WS": "Workspace"}


class Failed(Exception):
    """What a callback gets as its error."""

    def __init__(self, code: int, message: str) -> None:
        super().__init__(f"{code} {message}")
        self.code, self.message = code, message


class Event(NamedTuple):
    name: str  # as the page knows it
    payload: Any


class Page:
    """One client: `async with` opens it as `new Twilio.TaskRouter.Worker(token, …)` does.

    `bridge` and `rest` are the last two arguments of the constructors. One that `only_asks` opens no socket.
    `second_s` is how long a second is between two tries to connect.
    """

    def __init__(
        self,
        token: str,
        bridge: str,
        rest: str = REST,
        *,
        connect_activity: str | None = None,
        disconnect_activity: str | None = None,
        close_existing: bool = False,
        skip_fetch: bool = False,
        silence_s: float = SILENCE_S,
        only_asks: bool = False,
        second_s: float = 1.0,
    ) -> None:
        self.token, self.bridge, self.rest = token, bridge, rest
        claims = json.loads(base64.urlsafe_b64decode(token.split(".")[1] + "=="))
        self.account, self.workspace, self.channel = (
            claims[name] for name in ("account_sid", "workspace_sid", "channel")
        )
        self.kind = KINDS[self.channel[:2]]
        self.events: list[Event] = []
        self.frames: list[str] = []  # as they came, blank ones too
        self.connections = 0
        self.started = 0  # connections after which it has asked for all that it asks for
        self._connect_activity, self._disconnect_activity = connect_activity, disconnect_activity
        self._close_existing, self._skip_fetch, self._silence_s = close_existing, skip_fetch, silence_s
        self._only_asks, self._second_s = only_asks, second_s
        self._changed = asyncio.Event()
        self._http: aiohttp.ClientSession | None = None
        self._socket: aiohttp.ClientWebSocketResponse | None = None
        self._running: asyncio.Task[None] | None = None
        self._fetching: set[asyncio.Task[None]] = set()

    # --- urls -------------------------------------------------------------------------------------------------------

    @property
    def post_url(self) -> str:
        return f"{self.bridge}/v1/wschannels/{self.account}/{self.channel}"

    @property
    def socket_url(self) -> str:
        query = f"token={self.token}&closeExistingSessions={'true' if self._close_existing else 'false'}"
        if self._disconnect_activity is not None:
            query += f"&disconnectActivitySid={self._disconnect_activity}"
        return f"{self.post_url.replace('https', 'wss')}?{query}"

    @property
    def base(self) -> str:
        return f"{self.rest}/Workspaces/{self.workspace}"

    @property
    def own(self) -> str:
        """The resource of the client; a workspace's ends with a slash."""
        paths = {"Worker": f"/Workers/{self.channel}", "TaskQueue": f"/TaskQueues/{self.channel}", "Workspace": "/"}
        return self.base + paths[self.kind]

    # --- coming and going -------------------------------------------------------------------------------------------

    async def __aenter__(self) -> Page:
        self._http = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=REQUEST_S))
        if not self._only_asks:
            self._running = asyncio.create_task(self._run())
        return self

    async def __aexit__(self, *reason: object) -> None:
        """The page goes: the browser closes its socket."""
        assert self._http is not None
        tasks = [*([self._running] if self._running else ()), *self._fetching]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self._http.close()

    async def unload(self) -> None:
        """What the SDK does on `unload`, before the socket closes."""
        if self._disconnect_activity is not None:
            await self.ask("POST", f"/Workers/{self.channel}", {"ActivitySid": self._disconnect_activity})

    def cut(self) -> None:
        """The network goes, without a closing handshake."""
        assert self._socket is not None
        self._socket.get_extra_info("socket").shutdown(socket.SHUT_RDWR)

    async def _run(self) -> None:
        """Connect, and again after min(30, 2^k - 1) seconds, for ever."""
        tries = 0
        while True:
            if await self._connect():
                tries = 0
            self._emit("disconnected", None)
            tries += 1
            await asyncio.sleep(min(RECONNECT_S_MAX, 2**tries - 1) * self._second_s)

    async def _connect(self) -> bool:
        """One connection, to its end. Whether it was opened."""
        assert self._http is not None
        try:
            self._socket = await self._http.ws_connect(self.socket_url, autoping=True)
        except (aiohttp.ClientError, TimeoutError) as problem:
            self._emit("refused", getattr(problem, "status", None))
            return False
        self.connections += 1
        self._emit("connected", None)
        starting = asyncio.create_task(self._start())
        try:
            while True:
                message = await self._socket.receive(timeout=self._silence_s)
                if message.type is not aiohttp.WSMsgType.TEXT:
                    return True
                self._receive(message.data)
        except TimeoutError:
            self._emit("silence", None)
            return True
        finally:
            starting.cancel()
            await asyncio.gather(starting, return_exceptions=True)
            with suppress(aiohttp.ClientError, ConnectionError):
                await self._socket.close()

    async def _start(self) -> None:
        """`ready`, then what was offered before; a failed `ready` is silent."""
        with suppress(Failed):
            answer = await self.send({"url": self.own, "method": "GET", "event_type": "ready"})
            self._emit(answer["event_type"], answer["payload"])
            if self.kind == "Worker":
                await self._start_worker()
            self.started += 1
            self._changed.set()

    async def _start_worker(self) -> None:
        listed = await self.ask("GET", f"/Workers/{self.channel}/Reservations", {"ReservationStatus": "pending"})
        for each in listed["reservations"]:
            each["task"] = await self.ask("GET", f"/Tasks/{each['task_sid']}")
            self._emit("reservation.created", each)
        if not listed["reservations"] and self._connect_activity is not None:
            await self.ask("POST", f"/Workers/{self.channel}", {"ActivitySid": self._connect_activity})

    # --- frames -----------------------------------------------------------------------------------------------------

    def _receive(self, text: str) -> None:
        self.frames.append(text)
        self._changed.set()
        if not text.strip():
            return
        frame = json.loads(text)
        name, payload = frame["event_type"], frame["payload"]
        if self.kind == "Worker":
            name = name.removeprefix("worker.")
        if "reservation_sid" in payload and not self._skip_fetch:
            fetching = asyncio.create_task(self._fetch(name, payload))
            self._fetching.add(fetching)
            fetching.add_done_callback(self._fetching.discard)
        else:
            self._emit(name, readable(payload))

    async def _fetch(self, name: str, payload: Payload) -> None:
        """A reservation's frame holds its task: it is asked for, then its reservation, then it again."""
        path = f"/Tasks/{payload['sid']}"
        try:
            await self.ask("GET", path)
            reservation = await self.ask("GET", f"{path}/Reservations/{payload['reservation_sid']}")
        except Failed as problem:
            self._emit("fetch failed", problem)
            reservation = {"sid": payload["reservation_sid"], "task": readable(payload)}
        self._emit(name, reservation)

    def _emit(self, name: str, payload: Any) -> None:
        self.events.append(Event(name, payload))
        self._changed.set()

    # --- asking -----------------------------------------------------------------------------------------------------

    async def ask(self, method: str, url: str, params: Payload | None = None) -> Payload:
        """The payload, as the callback gets it: a path below the workspace, or a page's URL as it was told."""
        request: Payload = {"url": url if "://" in url else self.base + url, "method": method}
        if params is not None:
            request["params"] = params
        answer = await self.send(request)
        assert "event_type" not in answer, "it would be emitted as an event"
        payload = answer.get("payload", {})
        shown = readable(payload)
        if payload.get("sid", "").startswith("WR"):
            shown["task"] = await self.ask("GET", f"/Tasks/{payload['task_sid']}")
        return shown

    async def send(self, request: Payload) -> Payload:
        """One POST, with a token and a body of text. Raises: `Failed`."""
        assert self._http is not None
        body = json.dumps({**request, "token": self.token})
        headers = {"Content-Type": CONTENT_TYPE, "Origin": ORIGIN}
        async with self._http.post(self.post_url, data=body, headers=headers) as response:
            allowed = response.headers.get("Access-Control-Allow-Origin")
            assert allowed in ("*", ORIGIN), "a browser would not show the answer"
            if response.status != 200:
                assert response.status != 500, "the SDK would never call back"
                raise Failed(response.status, response.reason or "")
            return dict(await response.json(content_type=None))

    # --- waiting ----------------------------------------------------------------------------------------------------

    def named(self, name: str) -> list[Any]:
        return [event.payload for event in self.events if event.name == name]

    async def event(self, name: str, number: int = 1) -> Any:
        """The payload of the event of this name; of the second, third … one."""
        return (await self.until(lambda: self.named(name)[number - 1 :]))[0]

    async def until(self, look: Callable[[], Any], wait_s: float = WAIT_S) -> Any:
        """What `look` finds, as soon as it finds something."""
        try:
            async with asyncio.timeout(wait_s):
                while not (found := look()):
                    self._changed.clear()
                    await self._changed.wait()
        except TimeoutError:
            raise AssertionError(f"nothing came within {wait_s:g} s; events: {self.events}") from None
        return found


# --- what the SDK makes of a payload ------------------------------------------------------------------------------

CLASSES = ("WS", "WW", "WQ", "WK", "WA", "WT", "WR", "WC")
LISTS = ("workflows", "task_queues", "workers", "activities", "tasks", "reservations", "channels")
TEXTS = ("attributes", "configuration", "addons")


def readable(payload: Payload) -> Payload:
    """The payload, once it is sure that the SDK can read it; it throws at all else."""
    sid, meta = payload.get("sid"), payload.get("meta")
    if sid is not None:
        assert sid[:2] in CLASSES, f"the SDK has no class for {sid}"
        if sid.startswith("WR"):
            assert payload["task_sid"]
        if sid.startswith("WC"):
            assert payload["worker_sid"]
        for name in TEXTS:
            if name in payload:
                json.loads(payload[name])
        for name, value in payload.items():
            if name.startswith("date_"):
                assert isinstance(value, str | int | None), name
    elif meta is not None:
        if "statistics" not in meta["key"]:
            assert meta["key"] in LISTS, f"the SDK knows no list of {meta['key']}"
            assert meta["url"]
        for each in payload[meta["key"]]:
            if "sid" in each:
                readable(each)
    elif payload:
        is_statistic = "cumulative" in payload or "realtime" in payload or "Statistics" in payload.get("url", "")
        assert is_statistic, f"the SDK can't read {sorted(payload)}"
    return dict(payload)


def pages_of(first: Payload) -> Iterator[str]:
    """The links that `next()` and `previous()` follow, where there are such."""
    for name in ("next_page_url", "previous_page_url"):
        if first["meta"].get(name):
            yield first["meta"][name]


def quoted(text: str) -> str:
    return quote(text, safe="")
