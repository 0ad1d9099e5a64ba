"""One socket of the first SDK, without IO: frames and the closing come out. Every method takes the time, in
milliseconds of a clock that only goes on; `next_ms` says when to call `due`.

Nothing has to be said first: the page asks for how things are once its socket is open [sdk1]. What a request causes
follows its answer by a moment. A blank frame comes at least every 15 s: a page takes 60 s of silence for the end.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from typing import NamedTuple

from pointsman.bridge.connection import (
    ANSWER_MS_MAX,
    DISPLACED,
    EXPIRED,
    HEARTBEAT,
    HEARTBEAT_MS,
    NORMAL,
    POLICY,
    SLOW,
    TOO_SLOW,
    WAITING_MAX,
    Close,
    Send,
)

Output = Send | Close


class _Waiting(NamedTuple):
    caused_ms: int
    due_ms: int
    text: str


class Connection:
    def __init__(self, now_ms: int, expires_ms: int, delay_ms: int) -> None:
        self._expires_ms = expires_ms
        self._delay_ms = delay_ms
        self._beat_ms = now_ms + HEARTBEAT_MS
        self._waiting: deque[_Waiting] = deque()
        self._asked: list[int] = []  # when: requests of this channel whose answer is not out
        self._closed = False

    @property
    def closed(self) -> bool:
        return self._closed

    def asking(self, now_ms: int) -> None:
        """A request of its channel has come: what it causes shall follow its answer."""
        self._asked.append(now_ms)

    def answered(self, asked_ms: int, now_ms: int) -> None:
        """What was caused before it was asked is not its doing, and waits no longer for it."""
        self._asked.remove(asked_ms)
        later_ms = now_ms + self._delay_ms
        for at, each in enumerate(self._waiting):
            if each.caused_ms >= asked_ms:
                self._waiting[at] = each._replace(due_ms=max(each.due_ms, later_ms))

    def renewed(self, expires_ms: int) -> None:
        """A request came with a token of its channel: the page may have a newer one, and goes on with its socket."""
        self._expires_ms = max(self._expires_ms, expires_ms)

    def tell(self, texts: Iterable[str], now_ms: int) -> list[Output]:
        """Frames of one commit, in order."""
        if self._closed:
            return []
        self._waiting += (_Waiting(now_ms, now_ms + self._delay_ms, text) for text in texts)
        return self.end(TOO_SLOW, SLOW) if len(self._waiting) > WAITING_MAX else []

    def displace(self) -> list[Output]:
        """Another session has asked to be the only one."""
        return self.end(NORMAL, DISPLACED)

    def end(self, code: int, reason: str) -> list[Output]:
        if self._closed:
            return []
        self._closed = True
        self._waiting.clear()
        return [Close(code, reason)]

    def due(self, now_ms: int) -> list[Output]:
        """What its time has come for."""
        if self._closed:
            return []
        if now_ms >= self._expires_ms:
            return self.end(POLICY, EXPIRED)
        found: list[Output] = []
        while self._waiting and now_ms >= self._first_ms():
            found.append(Send(self._waiting.popleft().text))
        if not found and now_ms >= self._beat_ms:
            found.append(Send(HEARTBEAT))
        if found:
            self._beat_ms = now_ms + HEARTBEAT_MS
        return found

    def next_ms(self) -> int:
        first = [self._first_ms()] if self._waiting else []
        return min(self._expires_ms, self._beat_ms, *first)

    def _first_ms(self) -> int:
        """What a request under way may have caused waits for its answer."""
        first = self._waiting[0]
        if any(asked_ms <= first.caused_ms for asked_ms in self._asked):
            return first.caused_ms + ANSWER_MS_MAX
        return first.due_ms
