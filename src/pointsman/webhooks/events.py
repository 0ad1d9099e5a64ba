"""Event callbacks: each workspace's events, in the order of its log, to its `event_callback_url` (`follower`).

What can come of one (`Delivery.verdict`): `delivered` (any 2xx), or `failed` a day after it happened.
"""

from __future__ import annotations

from pointsman.core.types import WorkspaceSid
from pointsman.ports import (
    Commit,
    EndpointState,
    Router,
    Store,
)
from pointsman.webhooks.assignments import Token
from pointsman.webhooks.crew import Crew
from pointsman.webhooks.follower import Follower
from pointsman.webhooks.gate import Gate
from pointsman.webhooks.ledger import Ledger
from pointsman.webhooks.limits import Limits
from pointsman.webhooks.pace import Pace
from pointsman.webhooks.post import Poster


class EventCallbacks:
    """The followers of all workspaces."""

    def __init__(
        self, store: Store, router: Router, token: Token, poster: Poster, ledger: Ledger, crew: Crew, limits: Limits
    ) -> None:
        self.store, self.router, self.token = store, router, token
        self.poster, self.ledger, self.crew, self.limits = poster, ledger, crew, limits
        self.gate = Gate(limits.events_in_flight_per_workspace, limits.events_in_flight)
        self.pace = Pace()
        self._followers: dict[WorkspaceSid, Follower] = {}

    def close(self) -> None:
        self.gate.close()
        for follower in self._followers.values():
            follower.health.close()

    def endpoint(self, workspace: WorkspaceSid) -> EndpointState:
        return self._follower(workspace).state()

    def resume(self, workspace: WorkspaceSid) -> None:
        """Ask a parked endpoint at once whether it is back."""
        self._follower(workspace).health.hurry()

    def committed(self, commit: Commit) -> None:
        if commit.events:
            self._follower(commit.workspace).committed(commit.events)

    async def begin(self) -> None:
        """Take up every workspace where its cursor stands."""
        for entry in await self.crew.patiently(self.store.workspaces):
            self._follower(entry.sid).wake()

    def _follower(self, workspace: WorkspaceSid) -> Follower:
        found = self._followers.get(workspace)
        if found is None:
            found = self._followers[workspace] = Follower(workspace, self, lambda: self._forget(workspace))
        return found

    def _forget(self, workspace: WorkspaceSid) -> None:
        self._followers.pop(workspace, None)
