"""The callback sender: what `bootstrap` starts, and what the router tells of every commit."""

from __future__ import annotations

import structlog

from pointsman.core.types import WorkspaceSid
from pointsman.meters import Meters
from pointsman.ports import Commit, EndpointState, ReplayState, Router, Store, StoreUnavailable
from pointsman.webhooks.assignments import Assignments, Token
from pointsman.webhooks.claims import Claims
from pointsman.webhooks.crew import Crew
from pointsman.webhooks.events import EventCallbacks
from pointsman.webhooks.ledger import Ledger
from pointsman.webhooks.limits import Limits
from pointsman.webhooks.post import Poster
from pointsman.webhooks.replay import Replays

log = structlog.get_logger(__name__)


class Sender:
    """Implements `ports.Publisher` and `ports.EventSender`.

    `token` gives an account's primary auth token, which signs. The store and the router must be open while it runs:
    start it after them, stop it before them. What is committed before the start, or after the stop has begun, waits
    in the store.
    """

    def __init__(
        self, store: Store, router: Router, token: Token, limits: Limits | None = None, meters: Meters | None = None
    ) -> None:
        self._meters = meters or Meters()
        self._store, self._router, self._token = store, router, token
        self._limits = limits or Limits()
        self._running: _Running | None = None

    async def start(self, *, alone: bool) -> None:
        """`alone`: no other process sends from this store (SQLite), so what is unfinished in it is ours at once."""
        assert self._running is None, "the sender is running"
        self._running = _Running(self._store, self._router, self._token, self._limits, alone, self._meters)

    async def stop(self) -> None:
        """Send nothing new, let what is in flight finish for a few seconds, write what became of it."""
        running, self._running = self._running, None
        if running is not None:
            await running.stop()

    def endpoint(self, workspace: WorkspaceSid) -> EndpointState:
        return self._present.events.endpoint(workspace)

    def resume(self, workspace: WorkspaceSid) -> None:
        self._present.events.resume(workspace)

    def replaying(self, workspace: WorkspaceSid) -> ReplayState | None:
        return self._present.replays.state(workspace)

    def replay(self, workspace: WorkspaceSid, first: int, last: int, *, failed: bool) -> ReplayState:
        return self._present.replays.start(workspace, first, last, failed=failed)

    @property
    def _present(self) -> _Running:
        if self._running is None:
            raise StoreUnavailable("callbacks are not sent now: the server starts or stops")
        return self._running

    def committed(self, commit: Commit) -> None:
        if self._running is None:
            return
        try:
            self._running.committed(commit)
        except Exception:  # routing goes on; the deliveries are in the store
            log.exception("committed_fault", workspace=commit.workspace)


class _Running:
    """One run, from start to stop."""

    def __init__(self, store: Store, router: Router, token: Token, limits: Limits, alone: bool, meters: Meters) -> None:
        self._crew, self._poster = Crew(limits), Poster(meters)
        self._ledger = Ledger(store, self._crew, limits)
        shared = (store, router, token, self._poster, self._ledger, self._crew, limits)
        self._assignments, self.events = Assignments(*shared, alone=alone), EventCallbacks(*shared)
        self.replays = Replays(self.events)
        claims = Claims(store, self._assignments, self._crew, limits)
        self._crew.serve("write deliveries", self._ledger.run)
        self._crew.serve("claim deliveries", claims.run, alone)
        self._crew.serve("take up event callbacks", self.events.begin)

    def committed(self, commit: Commit) -> None:
        self._assignments.committed(commit)
        self.events.committed(commit)

    async def stop(self) -> None:
        self._assignments.close()
        self.events.close()
        await self._crew.stop()
        await self._ledger.flush()
        await self._poster.close()
