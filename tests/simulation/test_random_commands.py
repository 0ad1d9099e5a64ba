"""Random commands of every kind, in random order, at random times: the rules hold after each of them."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, Phase, given, note, settings

from pointsman.core import commands as cmd
from pointsman.core.engine import route as routing
from pointsman.core.engine.invariants import violations
from pointsman.core.engine.state import State
from pointsman.core.engine.step import step
from pointsman.core.errors import Rejected
from pointsman.core.types import Millis
from tests.simulation.checked import IDS, Checked, opening, picture
from tests.simulation.histories import command, histories, pause_ms
from tests.world import START_MS

TICKS_MAX = 2_000


def long(request: pytest.FixtureRequest, examples: int) -> settings:
    times = 40 if request.config.getoption("--long") else 1
    return settings(
        max_examples=examples * times,
        phases=[Phase.generate, Phase.shrink],
        suppress_health_check=list(HealthCheck),
    )


@pytest.mark.parametrize("multi", [True, False], ids=["multitasking", "single-tasking"])
@pytest.mark.parametrize("scan_max", [32, 0], ids=["sorted", "in order of idleness"])
def test_every_way_to_carry_out_a_command_agrees_with_the_slow_router(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, multi: bool, scan_max: int
) -> None:
    """Whom the engine picks is whom the rules say; undone, repeated, loaded, caught up or cut into small slices, it
    comes to the same, byte for byte."""
    monkeypatch.setattr(routing, "SCAN_MAX", scan_max)

    @long(request, 120)
    @given(histories)
    def check(history: list[bytes]) -> None:
        world = Checked(multi=multi)
        for throw in history:
            chosen = command(world.state, world.ended, throw)
            now_ms = moment(world.state, chosen, throw)
            note(f"{now_ms - START_MS} {chosen}")
            world.do(chosen, now_ms)

    check()


@pytest.mark.parametrize("multi", [True, False], ids=["multitasking", "single-tasking"])
def test_small_slices_of_work_keep_the_rules_and_come_to_rest(request: pytest.FixtureRequest, multi: bool) -> None:
    """With a limit of two items a step much is left for later: the rules hold all the same, and ticks finish it."""

    @long(request, 120)
    @given(histories)
    def check(history: list[bytes]) -> None:
        state = State()
        for first in opening(multi):
            step(state, first, Millis(START_MS), IDS, items_max=0)
        for throw in history:
            chosen = command(state, (), throw)
            now_ms = moment(state, chosen, throw)
            note(f"{now_ms - START_MS} {chosen}")
            before = picture(state)
            try:
                step(state, chosen, Millis(now_ms), IDS, items_max=throw[-2] % 3)
            except Rejected:
                assert picture(state) == before
            assert list(violations(state)) == []
            state.forget()
        for _ in range(TICKS_MAX):
            due_ms = state.next_deadline_ms()
            if due_ms is None or due_ms > state.now_ms:
                break
            step(state, cmd.Tick(), state.now_ms, IDS, items_max=2)
        assert not state.unsettled
        assert list(violations(state)) == []

    check()


def moment(state: State, chosen: cmd.Command, throw: bytes) -> int:
    """When a command comes: some time after the last, a tick often just when it is wanted."""
    due_ms = state.next_deadline_ms()
    if isinstance(chosen, cmd.Tick) and due_ms is not None and throw[1] % 4:
        return max(state.now_ms, due_ms)
    return state.now_ms + pause_ms(throw)
