"""One socket of the current worker SDK, without IO: what happens goes in, frames and the closing come out. Every method
takes the time, in milliseconds of a clock that only goes on; `next_ms` says when to call `due`.

    opened ─ init_ms ─► init ─► the client asks for its worker, its activities and channels, and its reservations
                                 └─ listing, listed ─ SETTLE_MS ─► live

A client that starts loses what it is told before it has subscribed, and breaks on what it can't know [sdk]. So until it
is live, what happens is held back. Once it lists its reservations, it knows what was so before: of that only changes of
the worker are kept, and offers that are still open (it waits for their event). What happens after is kept whole.

Sources: the worker SDK, its start, its order and its versions [sdk][sdk-test]; the times are ours.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Iterable
from typing import NamedTuple

from pointsman.core.types import Sid
from pointsman.wire.bodies import Body
from pointsman.wire.sockets import frame

HEARTBEAT_MS = 15_000  # a client gives up after twice as long without a frame
HEARTBEAT = " "
SETTLE_MS = 150  # from the answer that lists its reservations until a client has surely subscribed
HOLD_MS_MAX = 5_000  # a client that asks for nothing is told nonetheless
ANSWER_MS_MAX = 2_000  # what a request caused does not wait longer for its answer
TOKEN_LIFETIME_MS_MAX = 86_400_000  # a browser's timer overflows at 25 days
WAITING_MAX = 1_000  # frames

POLICY, NORMAL, TOO_SLOW, RESTART = 1008, 1000, 1013, 1012  # close codes; clients come back whatever it is [sdk]
EXPIRED = "token expired"
DISPLACED = "closed by another session of this worker"
SLOW = "the client reads too slowly"
OUTDATED = "there are activities or channels that this client has not loaded"

COUNTED = frozenset({"reservation.created", "worker.capacity.update", "worker.channel.availability.update"})
SET = frozenset({"worker.activity.update", "worker.attributes.update"})
NEEDS_TO_BE_KNOWN = frozenset({"reservation.accepted", "reservation.wrapup"})
CREATED = "reservation.created"


class Times(NamedTuple):
    """Settings: how long `init` follows the connection, and what happens the answer that caused it."""

    init_ms: int = 100
    delay_ms: int = 20


class Who(NamedTuple):
    account: Sid
    workspace: Sid
    worker: Sid


class Happening(NamedTuple):
    """What a client is told: the type, the payload, the reservation that it is about, the worker's version then, and
    the activity or worker channel that the client must have loaded to understand it."""

    type: str
    body: Body
    reservation: Sid | None = None
    version: int | None = None
    needs: Sid | None = None

    @property
    def about_worker(self) -> bool:
        return self.type.startswith("worker.")


class Send(NamedTuple):
    text: str


class Close(NamedTuple):
    """Nothing follows it."""

    code: int
    reason: str


class Refresh(NamedTuple):
    """The client counts the worker's version differently: it wants to be shown the worker (`refreshed`)."""


Output = Send | Close | Refresh


class _Waiting(NamedTuple):
    caused_ms: int
    due_ms: int
    happening: Happening


class Connection:
    def __init__(self, who: Who, now_ms: int, expires_ms: int, times: Times = Times()) -> None:  # noqa: B008
        self._who, self._times = who, times
        self._expires_ms = expires_ms
        self._init_ms: int | None = now_ms + times.init_ms
        self._beat_ms = now_ms + HEARTBEAT_MS
        self._live_ms: int | None = now_ms + HOLD_MS_MAX  # when what is held back is let go; None: it is live
        self._waiting: deque[_Waiting] = deque()
        self._known: set[Sid] = set()  # reservations
        self._loaded: set[Sid] = set()  # activities and worker channels
        self._listed = False
        self._asked: list[int] = []  # when: requests of this client whose answer is not out
        self._version: int | None = None  # of the worker, as the client counts it; None: it has not asked
        self._true_version: int | None = None  # as far as the client has been told
        self._refreshing = False
        self._closed = False

    @property
    def starting(self) -> bool:
        """Whether it has yet to ask for its reservations."""
        return self.held_back and not self._listed

    @property
    def held_back(self) -> bool:
        """Whether its client may still be starting: nothing that happens is let go."""
        return self._live_ms is not None and not self._closed

    @property
    def closed(self) -> bool:
        return self._closed

    # --- what the client asks for beside it -----------------------------------------------------------------------

    def asking(self, now_ms: int) -> None:
        """A request that may change something has come: what it causes shall follow its answer."""
        self._asked.append(now_ms)

    def answered(self, asked_ms: int, now_ms: int) -> None:
        self._asked.remove(asked_ms)
        later_ms = now_ms + self._times.delay_ms
        for at, each in enumerate(self._waiting):
            if each.caused_ms >= asked_ms:
                self._waiting[at] = each._replace(due_ms=max(each.due_ms, later_ms))

    def fetched(self, version: int) -> None:
        """It was shown its worker."""
        self._version = version

    def listing(self, pending: Collection[Sid], version: int) -> None:
        """It is about to be shown its reservations: those that are open now, and the worker's version."""
        if not self.starting:
            return
        self._listed = True
        self._true_version = version
        kept = (each for each in self._waiting if _outlives_the_list(each.happening, pending))
        self._waiting = deque(kept)

    def listed(self, reservations: Iterable[Sid], now_ms: int) -> None:
        """It was shown these of its reservations."""
        self._known.update(reservations)
        if self._live_ms is not None and self._listed:
            self._live_ms = min(self._live_ms, now_ms + SETTLE_MS)

    def loaded(self, sids: Iterable[Sid]) -> None:
        """It was shown these activities or worker channels."""
        self._loaded.update(sids)

    # --- what happens ---------------------------------------------------------------------------------------------

    def tell(self, happenings: Iterable[Happening], now_ms: int) -> list[Output]:
        """What one commit means to this worker, in order."""
        if self._closed:
            return []
        for each in happenings:
            self._waiting.append(_Waiting(now_ms, now_ms + self._times.delay_ms, each))
        if len(self._waiting) > WAITING_MAX:
            return self._close(TOO_SLOW, SLOW)
        return []

    def refreshed(self, version: int, body: Body, now_ms: int) -> list[Output]:
        """Show the worker as it is: from it the client takes the version."""
        self._refreshing = False
        if self._closed:
            return []
        if self._is_outdated(body.get("activity_sid")):
            return self._close(RESTART, OUTDATED)
        self._version = self._true_version = version
        return [self._send(frame("worker.attributes.update", body), now_ms)]

    def displace(self) -> list[Output]:
        """Another session has asked to be the only one."""
        return self._close(NORMAL, DISPLACED)

    def end(self, code: int, reason: str) -> list[Output]:
        return self._close(code, reason)

    def due(self, now_ms: int) -> list[Output]:
        """What its time has come for."""
        if self._closed:
            return []
        if now_ms >= self._expires_ms:
            return self._close(POLICY, EXPIRED)
        found: list[Output] = []
        if self._init_ms is not None and now_ms >= self._init_ms:
            self._init_ms = None
            found.append(self._send(self._init(now_ms), now_ms))
        if self._live_ms is not None and now_ms >= self._live_ms:
            self._live_ms = None
        while self._may_send(now_ms):
            happening = self._waiting.popleft().happening
            if self._is_outdated(happening.needs):
                return [*found, *self._close(RESTART, OUTDATED)]
            if self._is_understood(happening):
                self._count(happening)
                found.append(self._send(frame(happening.type, happening.body), now_ms))
        found += self._drifted()
        if now_ms >= self._beat_ms:
            found.append(self._send(HEARTBEAT, now_ms))
        return found

    def next_ms(self) -> int:
        times = [self._expires_ms, self._beat_ms]
        times += [each for each in (self._init_ms, self._live_ms) if each is not None]
        if self._waiting and self._live_ms is None and self._init_ms is None:
            times.append(self._sent_at(self._waiting[0]))
        return min(times)

    # --- inside ---------------------------------------------------------------------------------------------------

    def _init(self, now_ms: int) -> str:
        """`token_lifetime` is in milliseconds; a client takes one above its timer's for zero [sdk]."""
        lifetime_ms = min(max(self._expires_ms - now_ms, 0), TOKEN_LIFETIME_MS_MAX)
        return frame(
            "init",
            {
                "channel_id": self._who.worker,
                "account_sid": self._who.account,
                "workspace_sid": self._who.workspace,
                "token_lifetime": lifetime_ms,
            },
        )

    def _may_send(self, now_ms: int) -> bool:
        if not self._waiting or self._live_ms is not None or self._init_ms is not None:
            return False
        return now_ms >= self._sent_at(self._waiting[0])

    def _sent_at(self, first: _Waiting) -> int:
        """What a request under way may have caused waits for its answer."""
        if any(asked_ms <= first.caused_ms for asked_ms in self._asked):
            return first.caused_ms + ANSWER_MS_MAX
        return first.due_ms

    def _is_outdated(self, needed: Sid | None) -> bool:
        """An activity or channel that was made since it loaded them breaks it [sdk]."""
        return needed is not None and bool(self._loaded) and needed not in self._loaded

    def _is_understood(self, happening: Happening) -> bool:
        """An acceptance or wrap-up of a reservation that a client does not know breaks it [sdk]."""
        if happening.type == CREATED and happening.reservation is not None:
            self._known.add(happening.reservation)
        if happening.type in NEEDS_TO_BE_KNOWN:
            return happening.reservation in self._known
        return True

    def _count(self, happening: Happening) -> None:
        if happening.version is not None:
            self._true_version = max(self._true_version or 0, happening.version)
        if self._version is None:
            return
        if happening.type in COUNTED:
            self._version += 1
        elif happening.type in SET and happening.version is not None:
            self._version = happening.version

    def _drifted(self) -> list[Output]:
        """Once nothing is on its way any more, the client's count must be right."""
        if self._live_ms is not None or self._waiting or self._refreshing or self._version is None:
            return []
        if self._true_version is None or self._true_version == self._version:
            return []
        self._refreshing = True
        return [Refresh()]

    def _send(self, text: str, now_ms: int) -> Send:
        self._beat_ms = now_ms + HEARTBEAT_MS
        return Send(text)

    def _close(self, code: int, reason: str) -> list[Output]:
        if self._closed:
            return []
        self._closed = True
        self._waiting.clear()
        return [Close(code, reason)]


def _outlives_the_list(happening: Happening, pending: Collection[Sid]) -> bool:
    return happening.about_worker or (happening.type == CREATED and happening.reservation in pending)
