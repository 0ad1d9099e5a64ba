"""Thousands of made-up histories, each event of which the auditor allows, and none missing.

`scripts/test --long simulation` goes on for an hour; `pointsman simulate --seed N` replays one.
"""

from __future__ import annotations

import time
from typing import Any

import pytest

from pointsman.core.errors import Rejected
from pointsman.core.events import EVENT_TYPES
from tests.simulation.auditor.auditor import Auditor
from tests.simulation.simulate import Failure, Figures, simulate

HISTORIES, CHUNKS = 2_000, 10
LONG_S = 3_600
LONG_SEED = 1_000_000  # other histories than those of every day
LONG_MOVES = 250


@pytest.mark.parametrize("chunk", range(CHUNKS))
def test_every_event_of_every_history_is_allowed_and_none_is_missing(chunk: int) -> None:
    """routing.md 1 to 6 and 9.5, wire-observations 3 and 4."""
    size = HISTORIES // CHUNKS
    for seed in range(chunk * size, (chunk + 1) * size):
        outcome = simulate(seed)
        assert isinstance(outcome, Figures), f"\n{outcome}"


def test_the_workload_makes_every_kind_of_event_happen(monkeypatch: pytest.MonkeyPatch) -> None:
    """Else the auditor would judge less than it seems."""
    seen = set[str]()
    former = Auditor.step

    def judged(auditor: Auditor, command: Any, now_ms: int, outcome: Any, *more: Any) -> None:
        former(auditor, command, now_ms, outcome, *more)
        if not isinstance(outcome, Rejected):
            seen.update(event.type for event in outcome if event.type)

    monkeypatch.setattr(Auditor, "step", judged)
    for seed in range(HISTORIES):
        if seen >= set(EVENT_TYPES):
            return
        assert isinstance(simulate(seed), Figures)
    assert sorted(set(EVENT_TYPES) - seen) == []


def test_for_an_hour_nothing_is_found(request: pytest.FixtureRequest) -> None:
    if not request.config.getoption("--long"):
        pytest.skip("takes an hour: scripts/test --long simulation")
    figures, failures, until = Figures(), list[Failure](), time.monotonic() + LONG_S
    seed = LONG_SEED
    while time.monotonic() < until:
        outcome = simulate(seed, LONG_MOVES)
        if isinstance(outcome, Failure):
            failures.append(outcome)
            print(f"\n{outcome}")
        else:
            figures.add(outcome)
        seed += 1
    print(f"\nsimulation: {figures}; {len(failures)} broke a rule")
    assert not failures, f"seeds {[each.found.seed for each in failures]}"
