"""What the server counts as it works: plain numbers, cheap to raise, that `/metrics` shows."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Sequence

import msgspec

from pointsman.core.types import Sid, WorkspaceSid

SLOW_STEP_S = 0.01
BATCH_BOUNDS = (1, 2, 4, 8, 16, 32, 64, 128)
COMMIT_BOUNDS_S = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5)
STEP_BOUNDS_S = (0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1)
CALLBACK_BOUNDS_S = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 15)


class Spread:
    """How often something was up to each bound, and the sum of all."""

    __slots__ = ("bounds", "counts", "total")

    def __init__(self, bounds: Sequence[float]) -> None:
        self.bounds = bounds
        self.counts = [0] * (len(bounds) + 1)  # the last one: above all bounds
        self.total = 0.0

    def add(self, value: float) -> None:
        self.counts[bisect_left(self.bounds, value)] += 1
        self.total += value


class Meters:
    """Of one server, since it started."""

    def __init__(self) -> None:
        self.commands: Counter[tuple[str, str]] = Counter()  # (kind, outcome: done, refused or failed)
        self.slow_steps: Counter[str] = Counter()  # kind of command: those that took longer than SLOW_STEP_S
        self.steps_s = Spread(STEP_BOUNDS_S)
        self.batches = Spread(BATCH_BOUNDS)
        self.commits_s = Spread(COMMIT_BOUNDS_S)
        self.refused: Counter[str] = Counter()  # with 503, by what there was too much of; "store": it can't be used
        self.callbacks: Counter[str] = Counter()  # outcome of a request: its class of status ("2xx"), or "none"
        self.callbacks_s = Spread(CALLBACK_BOUNDS_S)

    def stepped(self, kind: str, outcome: str, took_s: float) -> None:
        self.commands[kind, outcome] += 1
        self.steps_s.add(took_s)
        if took_s > SLOW_STEP_S:
            self.slow_steps[kind] += 1

    def called_back(self, status: int | None, took_s: float) -> None:
        self.callbacks["none" if status is None else f"{status // 100}xx"] += 1
        self.callbacks_s.add(took_s)


class WorkspaceGauges(msgspec.Struct, kw_only=True):
    """How a workspace stands now. What is in it is known once it has been loaded."""

    sid: WorkspaceSid
    commands_waiting: int
    reads_waiting: int
    store_available: bool
    tasks: dict[str, int] = {}  # by status
    waiting: dict[Sid, int] = {}  # by task queue: tasks that wait or are reserved
    oldest_wait_s: float = 0.0
    workers: dict[str, int] = {}  # by activity's sid
    events_untold: int = 0  # events that its URL has still to be told of
    endpoint: str = "none"  # of event callbacks: none, open, failing or parked
