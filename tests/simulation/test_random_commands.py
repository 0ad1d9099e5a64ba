"""However a command is carried out, it comes to the same: made-up histories, stepped in every way there is."""

from __future__ import annotations

from random import Random

import pytest

from pointsman.core import commands as cmd
from pointsman.core.engine import idle, indexes
from pointsman.core.engine import route as routing
from pointsman.core.engine.invariants import violations
from pointsman.core.engine.step import step
from tests.simulation.checked import IDS, ITEMS_MAX, Bare, Checked, picture
from tests.simulation.workload import Workload

HISTORIES, MOVES = 120, 30
LONG = 20  # times as many
TICKS_MAX = 2_000


def seeds(request: pytest.FixtureRequest, first: int) -> range:
    return range(first, first + HISTORIES * (LONG if request.config.getoption("--long") else 1))


@pytest.mark.parametrize("scan_max", [32, 0], ids=["sorted", "in order of idleness"])
def test_every_way_to_carry_out_a_command_agrees_with_the_auditor(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, scan_max: int
) -> None:
    """Whom the engine picks is whom the rules say; undone, repeated, loaded, caught up or cut into small slices, it
    comes to the same, byte for byte. [routing 6.4, inferred]"""
    monkeypatch.setattr(routing, "SCAN_MAX", scan_max)
    monkeypatch.setattr(routing, "ASKED_MAX", 2)
    monkeypatch.setattr(idle, "UNASKED_MAX", 0)  # so that orders come and go
    for seed in seeds(request, first=1_000):
        checked = Checked()
        try:
            for move in Workload(seed, MOVES).moves(checked.books, checked.names):
                checked.move(move)
        except Exception as problem:
            raise AssertionError(f"seed {seed}") from problem


def test_small_slices_of_work_keep_the_rules_and_come_to_rest(request: pytest.FixtureRequest) -> None:
    """With a limit of two items a step much is left for later: the rules hold all the same, and ticks finish it."""
    for seed in seeds(request, first=2_000):
        try:
            in_small_slices(seed)
        except Exception as problem:
            raise AssertionError(f"seed {seed}") from problem


def test_what_a_step_may_look_at_changes_no_choice(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    """design 2: two copies; in one of them a step may compare one pair and move one worker or task."""
    for seed in seeds(request, first=3_000):
        one, other = Bare(), Bare()
        for move in Workload(seed, MOVES).moves(one.books, one.names):
            one.move(move, ITEMS_MAX)
            assert one.state.at_rest or one.state.deleted
            with monkeypatch.context() as patched:
                patched.setattr(routing, "STEP_LOOKS_MAX", 1)
                patched.setattr(indexes, "STEP_MOVES_MAX", 1)
                other.move(move, ITEMS_MAX)
                other.rest(move.label)
            assert picture(other.state) == picture(one.state), f"seed {seed}: {move}"
            if one.state.deleted:
                break


def in_small_slices(seed: int) -> None:
    bare, rng = Bare(), Random(seed)
    state = bare.state
    for move in Workload(seed, MOVES).moves(bare.books, bare.names):
        bare.move(move, items_max=rng.randrange(3))
        if state.deleted:
            return
        assert list(violations(state)) == []
    for _ in range(TICKS_MAX):
        due_ms = state.next_deadline_ms()
        if due_ms is None or due_ms > state.now_ms:
            break
        step(state, cmd.Tick(), state.now_ms, IDS, items_max=2)
    assert not state.unsettled
    assert list(violations(state)) == []
