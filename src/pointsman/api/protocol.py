"""The HTTP server's protocol with what it lacks: limits on how long a head may be, how long a client may take to send
a request or to read its answer, how many connections there may be; refusals in TaskRouter's form; reason phrases."""

from __future__ import annotations

import asyncio
from http import HTTPStatus
from itertools import chain
from typing import Any
from urllib.parse import unquote

from httptools import parse_url
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from pointsman.api.cycle import Cycle
from pointsman.meters import Meters
from pointsman.wire import errors
from pointsman.wire.bodies import encode
from pointsman.wire.errors import Problem

HEAD_BYTES_MAX = 64 * 1024
HEADERS_MAX = 100
HEAD_S_MAX = 20.0  # from its first byte; of a new connection, from its start
DISCARD_S_MAX = 30.0  # for the rest of a body that was answered before it was read
ANSWER_S_MAX = 60.0  # for the client to read what waits for it
KEEP_ALIVE_S = 75  # longer than proxies keep theirs, so that it is the proxy that closes
LINGER_S = 2.0  # a client that still sends would lose the refusal if the connection were closed at once
CONNECTIONS_MAX = 16_384  # of both ports together, and fewer where fewer files may be open
DRAIN_S = 0.5  # when the server ends: for requests that are on their way

_INVALID = errors.INVALID.problem("The request is not valid HTTP/1.1")
_TOO_LONG = errors.HEAD_TOO_LONG.problem(
    f"The head of the request is too long: expected at most {HEAD_BYTES_MAX} bytes"
)
_TOO_MANY = errors.HEAD_TOO_LONG.problem(f"Too many headers: expected at most {HEADERS_MAX}")
_LATE = errors.TOO_SLOW.problem(f"The head of the request was not complete after {HEAD_S_MAX:g} s")
_FULL = errors.UNAVAILABLE.problem("Too many connections are open")


class _Refused(Exception):
    """Ends the parsing of a head; the parser turns it into an error of its own."""


class LimitedProtocol(HttpToolsProtocol):
    """One connection. `_late` is the time by which the client must have sent what it is sending, `_unread` the time
    by which it must have read what was sent to it; then the connection is dropped. `_idle_s` says since when it waits
    for the next request."""

    connections_max = CONNECTIONS_MAX
    open_now = 0  # in this process
    meters = Meters()

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._head_bytes = 0  # as they came; a header is parsed only once it is whole
        self._in_head = True
        self._in_message = False
        self._problem = _INVALID
        self._deaf = False  # nothing that comes now can be understood
        self._refusal: Problem | None = None  # waits until the requests before it are answered
        self._late: asyncio.TimerHandle | None = None
        self._unread: asyncio.TimerHandle | None = None
        self._idle_s: float | None = None
        self._running: RequestResponseCycle | None = None  # the one that is being answered, or was answered last
        self._draining = False  # the server ends: the next answer is the last one

    # --- the connection -------------------------------------------------------------------------------------------

    def connection_made(self, transport: Any) -> None:
        super().connection_made(transport)
        LimitedProtocol.open_now += 1
        if LimitedProtocol.open_now > self.connections_max:
            self.meters.refused["connections"] += 1
            self._refuse(_FULL)
        else:
            self._expect_within(HEAD_S_MAX)

    def connection_lost(self, exc: Exception | None) -> None:
        LimitedProtocol.open_now -= 1
        self.pipeline.clear()  # nobody waits for their answers
        if self._running is not None:  # `cycle` may be a later one
            self._running.disconnected = True
            self._running.message_event.set()
        self._stop_waiting()
        self._is_read()
        self._stop_keeping()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        if self._deaf:
            return
        if self._in_head:
            if self._head_bytes > HEAD_BYTES_MAX:  # what came with the last of it may be its body
                self._problem = _TOO_LONG
                self._unset_keepalive_if_required()
                self.send_400_response("")
                return
            self._head_bytes += len(data)
        super().data_received(data)
        if not self._deaf:
            self._wait_for_more()

    def _wait_for_more(self) -> None:
        if self._in_message and self._in_head:
            if self._late is None:
                self._expect_within(HEAD_S_MAX)
        elif not self._in_message and self._late is None and self._is_answered():
            self._wait_for_the_next()

    def shutdown(self) -> None:
        """The server ends. What was asked is answered; a request that is on its way has a moment to arrive, since to
        close before it was read would reset the connection."""
        if self._draining or self.transport.is_closing():
            return
        self._draining = True
        newest = self.pipeline[0][0] if self.pipeline else self.cycle
        if newest is None or newest.response_complete:
            self.loop.call_later(DRAIN_S, self._close_if_idle)
        else:
            newest.keep_alive = False

    def _close_if_idle(self) -> None:
        if self._is_answered() and not self._in_message:
            self.transport.close()

    def _is_answered(self) -> bool:
        return not self.pipeline and (self.cycle is None or self.cycle.response_complete)

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: Any) -> None:
        self._running = cycle
        super()._start_asgi_task(cycle, app)

    def handle_websocket_upgrade(self) -> None:
        """The connection is a socket from now on, and counts as one until it is lost."""
        if not self._is_answered():
            self.send_400_response("")
            return
        self._deaf = True
        self._stop_keeping()
        super().handle_websocket_upgrade()
        socket: Any = self.transport.get_protocol()
        if socket is not self:
            socket.gone = _left

    def _wait_for_the_next(self) -> None:
        """One timer goes on through many requests: one for each took as long as to read a form."""
        self._idle_s = self.loop.time()
        if self.timeout_keep_alive_task is None and not self.transport.is_closing():
            self._keep_for(self.timeout_keep_alive)

    def _unset_keepalive_if_required(self) -> None:
        self._idle_s = None

    def _keep_for(self, seconds: float) -> None:
        self.timeout_keep_alive_task = self.loop.call_later(seconds, self.timeout_keep_alive_handler)

    def timeout_keep_alive_handler(self) -> None:
        self.timeout_keep_alive_task = None
        if self._idle_s is None:
            return
        left_s = self._idle_s + self.timeout_keep_alive - self.loop.time()
        if left_s > 0:
            self._keep_for(left_s)
        else:
            super().timeout_keep_alive_handler()
            self._expect_reading()

    def _stop_keeping(self) -> None:
        if self.timeout_keep_alive_task is not None:
            self.timeout_keep_alive_task.cancel()
            self.timeout_keep_alive_task = None

    # --- what the parser tells ------------------------------------------------------------------------------------

    def on_message_begin(self) -> None:
        self._in_head = self._in_message = True
        super().on_message_begin()

    def on_header(self, name: bytes, value: bytes) -> None:
        if not self._in_head:
            return  # after the body: nobody looks for headers there, so none may slip in
        if len(self.headers) >= HEADERS_MAX:
            self._problem = _TOO_MANY
            raise _Refused
        super().on_header(name, value)

    def on_headers_complete(self) -> None:
        self._stop_waiting()
        if len(self.url) + sum(map(len, chain.from_iterable(self.headers))) > HEAD_BYTES_MAX:
            self._problem = _TOO_LONG
            raise _Refused
        if not self.url.startswith((b"/", b"*")):
            self._take_host_of_target()
        upgrades = self.parser.should_upgrade()
        self._describe()
        self._in_head, self._head_bytes = False, 0
        if upgrades and self._should_upgrade():
            return
        cycle = self._cycle()
        if self._draining or upgrades:  # what follows an upgrade is lost to the parser
            cycle.keep_alive = False
        before, self.cycle = self.cycle, cycle
        if before is None or before.response_complete:
            self._start_asgi_task(cycle, self.app)
        else:
            self.flow.pause_reading()
            self.pipeline.appendleft((cycle, self.app))

    def _describe(self) -> None:
        """The request, in the scope."""
        scope, version = self.scope, self.parser.get_http_version()
        scope["method"] = self.parser.get_method().decode("ascii")
        if version != "1.1":
            scope["http_version"] = version
        url = parse_url(self.url)
        scope["raw_path"], scope["query_string"] = url.path, url.query or b""
        path = url.path.decode("ascii")
        scope["path"] = unquote(path) if "%" in path else path

    def _cycle(self) -> Cycle:
        return Cycle(
            scope=self.scope,
            transport=self.transport,
            flow=self.flow,
            logger=self.logger,
            access_logger=self.access_logger,
            access_log=False,
            default_headers=self.server_state.default_headers,
            message_event=asyncio.Event(),
            expect_100_continue=self.expect_100_continue,
            keep_alive=self.scope["http_version"] != "1.0" and self.parser.should_keep_alive(),
            on_response=self.on_response_complete,
        )

    def _take_host_of_target(self) -> None:
        """`GET http://host/path`: this host counts, whatever the header says [RFC 9112, 3.2.2]."""
        authority = self.url.partition(b"://")[2].partition(b"/")[0]
        self.headers[:] = [(b"host", authority), *(pair for pair in self.headers if pair[0] != b"host")]

    def on_message_complete(self) -> None:
        self._in_message = False
        self._stop_waiting()
        super().on_message_complete()

    def on_response_complete(self) -> None:
        self.server_state.total_requests += 1
        if self.transport.is_closing():
            self._expect_reading()
            return
        self.flow.resume_reading()
        if self.pipeline:
            self._start_asgi_task(*self.pipeline.pop())
        elif self._refusal is not None:
            self._refuse(self._refusal)
        elif self._in_message and not self._in_head:
            self._expect_within(DISCARD_S_MAX)
        else:
            self._wait_for_the_next()

    # --- time -----------------------------------------------------------------------------------------------------

    def _expect_within(self, seconds: float) -> None:
        self._late = self.loop.call_later(seconds, self._give_up)

    def _stop_waiting(self) -> None:
        if self._late is not None:
            self._late.cancel()
            self._late = None

    def _give_up(self) -> None:
        self._late = None
        if self.transport.is_closing():
            return
        if self._in_message and self._in_head:
            self._problem = _LATE
            self.send_400_response("")
        else:  # it never began, or has had its answer
            self.transport.close()
            self._expect_reading()

    def pause_writing(self) -> None:
        super().pause_writing()
        self._expect_reading()

    def resume_writing(self) -> None:
        super().resume_writing()
        self._is_read()

    def _expect_reading(self) -> None:
        if self._unread is None and self.transport.get_write_buffer_size():
            self._unread = self.loop.call_later(ANSWER_S_MAX, self.transport.abort)

    def _is_read(self) -> None:
        if self._unread is not None:
            self._unread.cancel()
            self._unread = None

    # --- refusals -------------------------------------------------------------------------------------------------

    def send_400_response(self, msg: str) -> None:
        """Nothing more can be understood on this connection. What was asked before is answered first, in turn."""
        self._deaf = True
        self._stop_waiting()
        if self._in_message and not self._in_head:  # in the body of the newest request
            if self.scope["method"] != "POST" or self.cycle.response_started:
                self._end_with_its_answer()
                return
            if self.pipeline:
                self.pipeline.popleft()  # the newest: never begun
                self._refusal = self._problem
                return
            self.cycle.disconnected = True  # it waits for the rest of its body
            self.cycle.message_event.set()
        elif not self._is_answered():
            self._refusal = self._problem
            return
        self._refuse(self._problem)

    def _end_with_its_answer(self) -> None:
        """It needs no body."""
        self.cycle.keep_alive = False
        if self.cycle.response_complete:
            self.transport.close()
            self._expect_reading()

    def _refuse(self, problem: Problem) -> None:
        self._deaf = True
        self._unset_keepalive_if_required()
        if self.transport.is_closing():
            return
        self.transport.write(_response(problem))
        if self.transport.can_write_eof():
            self.transport.write_eof()
        self._late = self.loop.call_later(LINGER_S, self.transport.abort)


def _left() -> None:
    LimitedProtocol.open_now -= 1


def _response(problem: Problem) -> bytes:
    body = encode(problem.body())
    lines = [
        f"HTTP/1.1 {problem.status} {HTTPStatus(problem.status).phrase}",
        "content-type: application/json; charset=utf-8",
        f"content-length: {len(body)}",
        "connection: close",
    ]
    if problem.status == errors.UNAVAILABLE.status:
        lines += [f"{name.lower()}: {value}" for name, value in errors.RETRY_AFTER.items()]
    return "\r\n".join([*lines, "", ""]).encode() + body
