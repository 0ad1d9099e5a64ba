"""A workspace's time never goes backwards, and never stands still."""

from __future__ import annotations

import time

import pytest

from pointsman.core.types import Millis, WorkspaceSid
from pointsman.runtime.clock import Clock

HOUR_MS = 3_600_000


@pytest.fixture
def elapsed(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The monotonic clock, in seconds: set it."""
    now = [100.0]
    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    return now


def test_it_is_the_stores_clock(elapsed: list[float]) -> None:
    ours = Clock(WorkspaceSid("WS"), Millis(1_000))
    assert [ours.read(Millis(ms)) for ms in (1_000, 1_500, 9_000)] == [1_000, 1_500, 9_000]


def test_set_back_an_hour_it_goes_on_by_elapsed_time(elapsed: list[float]) -> None:
    ours = Clock(WorkspaceSid("WS"), Millis(HOUR_MS))
    assert ours.read(Millis(0)) == HOUR_MS
    elapsed[0] += 2.5
    assert ours.read(Millis(2_500)) == HOUR_MS + 2_500
    elapsed[0] += 0.5
    assert ours.read(Millis(2 * HOUR_MS)) == 2 * HOUR_MS, "caught up"


def test_small_steps_are_not_lost(elapsed: list[float]) -> None:
    ours = Clock(WorkspaceSid("WS"), Millis(HOUR_MS))
    for _ in range(100):
        elapsed[0] += 0.0004
        ours.read(Millis(0))
    assert HOUR_MS + 38 <= ours.read(Millis(0)) <= HOUR_MS + 40
