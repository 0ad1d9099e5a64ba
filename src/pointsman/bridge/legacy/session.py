"""One socket of the first SDK on the network: it gives its `Connection` what happens and the time, and sends what comes
out. A page says nothing on its socket [sdk1]; what it asks for comes as requests, known by their channel.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Sequence

from pointsman.bridge.audience import Notice
from pointsman.bridge.legacy.connection import Connection, Output
from pointsman.bridge.legacy.frames import frames
from pointsman.bridge.legacy.tokens import Capability
from pointsman.bridge.outlet import Outlet, SendMessage
from pointsman.bridge.presence import Leaving
from pointsman.core.ids import number_of
from pointsman.core.types import Millis, No, WorkspaceSid

AWAY = 1012  # the page comes back, whatever the code is [sdk1]


class Session:
    """Implements `hub.Listener`."""

    def __init__(
        self,
        capability: Capability,
        alone: bool,
        leaving: Leaving | None,
        send: SendMessage,
        cut: Callable[[], None],
        now_ms: Millis,
        delay_ms: int,
    ) -> None:
        self.capability, self.alone, self.leaving = capability, alone, leaving
        self._loop = asyncio.get_running_loop()
        self._behind_ms = now_ms - self._now()  # our clock, which only goes on, behind the one that tokens mean
        self._connection = Connection(self._now(), self._on_our_clock(capability.expires_ms), delay_ms)
        self._outlet = Outlet(send, cut)
        self._timer: asyncio.TimerHandle | None = None
        self._over = False

    @property
    def workspace(self) -> WorkspaceSid:
        return self.capability.workspace

    @property
    def worker(self) -> No | None:
        channel = self.capability.channel
        return number_of(channel) if channel.startswith("WK") else None

    def begin(self) -> None:
        self._pass_on(())

    def end(self) -> None:
        """The socket is gone."""
        self._over = True
        self._outlet.stop()
        if self._timer is not None:
            self._timer.cancel()

    # --- hub.Listener ---------------------------------------------------------------------------------------------

    def told(self, notices: Sequence[Notice]) -> None:
        self._pass_on(self._connection.tell(frames(self.capability.channel, notices), self._now()))

    def displaced(self) -> None:
        self._pass_on(self._connection.displace())

    def dismissed(self, why: str) -> None:
        self._pass_on(self._connection.end(AWAY, why))

    # --- what its channel asks for --------------------------------------------------------------------------------

    def asking(self) -> int:
        """When, for `answered`."""
        now_ms = self._now()
        self._connection.asking(now_ms)
        return now_ms

    def answered(self, asked_ms: int) -> None:
        self._connection.answered(asked_ms, self._now())
        self._pass_on(())

    def renewed(self, by: Capability) -> None:
        """A request has come with this token of its channel."""
        self._connection.renewed(self._on_our_clock(by.expires_ms))

    # --- what comes out -------------------------------------------------------------------------------------------

    def _now(self) -> int:
        return int(self._loop.time() * 1000)

    def _on_our_clock(self, ms: Millis) -> int:
        return ms - self._behind_ms

    def _on_time(self) -> None:
        self._timer = None
        self._pass_on(())

    def _pass_on(self, outputs: Iterable[Output]) -> None:
        """What came out, and what is due now; then wait for what comes next."""
        if self._over:
            return
        if not self._outlet.put((*outputs, *self._connection.due(self._now()))):
            self.end()
            return
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if not self._connection.closed:
            after_s = max(self._connection.next_ms() - self._now(), 0) / 1000
            self._timer = self._loop.call_later(after_s, self._on_time)
