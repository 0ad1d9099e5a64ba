"""Events sent again, to the present URL: in order for each task, with the token that they had, beside what is sent
otherwise. A replay lives as long as the server."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from functools import partial

import structlog
from msgspec.structs import replace

from pointsman.core.record import Logged
from pointsman.core.types import WorkspaceSid
from pointsman.ports import Attempt, Busy, DeliveryQuery, EventQuery, ReplayState, UnknownWorkspace
from pointsman.webhooks.events import EventCallbacks
from pointsman.webhooks.follower import Endpoint, endpoint_of, line_key
from pointsman.webhooks.health import pause_s
from pointsman.webhooks.post import now_ms
from pointsman.wire import events as wire

PAGE = 200
ATTEMPTS = 3  # of an event; then the next has its turn

log = structlog.get_logger(__name__)


class Replays:
    def __init__(self, callbacks: EventCallbacks) -> None:
        self._callbacks = callbacks
        self._newest: dict[WorkspaceSid, ReplayState] = {}

    def state(self, workspace: WorkspaceSid) -> ReplayState | None:
        return self._newest.get(workspace)

    def start(self, workspace: WorkspaceSid, first: int, last: int, *, failed: bool) -> ReplayState:
        """Raises: `Busy`."""
        present = self._newest.get(workspace)
        if present is not None and not present.done:
            raise Busy(f"events {present.first} to {present.last} are being sent again; {present.at} was the last")
        self._newest[workspace] = ReplayState(first=first, last=last, at=first - 1)
        self._callbacks.crew.start("replay", self._run, workspace, failed)
        return self._newest[workspace]

    async def _run(self, workspace: WorkspaceSid, failed: bool) -> None:
        log.info("replay_begins", workspace=workspace, first=self._newest[workspace].first)
        try:
            while await self._page(workspace, failed):
                pass
        except UnknownWorkspace:
            pass  # it was deleted
        finally:
            self._change(workspace, done=True)
            ended = self._newest[workspace]
            log.info("replay_ended", workspace=workspace, at=ended.at, sent=ended.sent, failed=ended.failed)

    async def _page(self, workspace: WorkspaceSid, failed: bool) -> bool:
        """Send the next events; say whether there may be more."""
        shared, state = self._callbacks, self._newest[workspace]
        endpoint = await shared.crew.patiently(lambda: shared.router.read(workspace, endpoint_of))
        if endpoint is None:
            return False
        rows = await shared.crew.patiently(
            lambda: shared.store.events(workspace, EventQuery(), before=None, after=state.at, limit=PAGE)
        )
        rows = [row for row in rows if row.seq <= state.last]
        if not rows:
            return False
        wanted = [row for row in rows if endpoint.types is None or row.type in endpoint.types]
        if failed:
            those = await self._failed(workspace, rows[0].seq, rows[-1].seq)
            wanted = [row for row in wanted if row.seq in those]
        logged = await shared.router.logged(workspace, wanted)
        lines: dict[tuple[str, int], list[Logged]] = {}
        for row, event in zip(wanted, logged, strict=True):
            lines.setdefault(line_key(row), []).append(event)
        await asyncio.gather(*(self._send_line(workspace, endpoint, line) for line in lines.values()))
        self._change(workspace, at=rows[-1].seq)
        return rows[-1].seq < state.last

    async def _failed(self, workspace: WorkspaceSid, first: int, last: int) -> set[int]:
        store, query = self._callbacks.store, DeliveryQuery(kind="event", failed=True, seq_min=first, seq_max=last)
        rows = await self._callbacks.crew.patiently(
            lambda: store.deliveries(workspace, query, before=None, limit=last - first + 1)
        )
        return {row.seq for row in rows}

    async def _send_line(self, workspace: WorkspaceSid, endpoint: Endpoint, line: Sequence[Logged]) -> None:
        shared = self._callbacks
        for event in line:
            token = await shared.crew.patiently(partial(shared.token, event.account))
            for tried in range(1, ATTEMPTS + 1):
                headers = {**wire.headers(event, tried), "Pointsman-Replay": "true"}
                async with shared.gate.slot(workspace):
                    await shared.pace.turn()
                    answer = await shared.poster.post(
                        endpoint.url, wire.callback(event), token, shared.limits.event_s, headers
                    )
                taken = answer.refusal is None
                if taken or tried == ATTEMPTS:
                    break
                await shared.crew.pause(pause_s(shared.limits, tried))
            await self._note(workspace, event.seq, answer.attempt(endpoint.url, answer.refusal), taken=taken)
            state = self._newest[workspace]
            self._change(workspace, sent=state.sent + taken, failed=state.failed + (not taken))

    async def _note(self, workspace: WorkspaceSid, seq: int, attempt: Attempt, *, taken: bool) -> None:
        """The last attempt stands with those before it, and what had failed and was taken is delivered now. What is
        still under way is told by who sends it."""
        shared = self._callbacks
        row = await shared.crew.patiently(lambda: shared.store.delivery(workspace, "event", seq))
        if row is None or row.verdict is None:
            return
        told = replace(row, attempts=(*row.attempts[-shared.limits.attempts_kept + 1 :], attempt))
        if taken:
            told = replace(told, verdict="delivered", failed=False, warning="sent again", finished_ms=now_ms())
        shared.ledger.add(told)

    def _change(self, workspace: WorkspaceSid, **values: int) -> None:
        self._newest[workspace] = replace(self._newest[workspace], **values)
