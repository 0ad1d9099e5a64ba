"""What may be under way at once."""

from __future__ import annotations

import asyncio

import pytest

from pointsman.meters import Meters
from pointsman.operations import gate
from pointsman.operations.gate import Gate, Turns
from pointsman.ports import Overloaded


def test_the_gate_lets_in_as_many_as_it_says_and_again_when_they_have_left(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gate, "REQUESTS_MAX", 2)
    meters = Meters()
    door = Gate(meters)
    with door:
        with door, pytest.raises(Overloaded, match="2 requests are under way"), door:
            pytest.fail("it was let in")
        with pytest.raises(ZeroDivisionError), door:
            raise ZeroDivisionError
        with door:
            assert door.inside == 2
    assert door.inside == 0
    assert meters.refused == {"requests": 1}


def test_few_have_their_turn_at_once_and_not_too_many_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gate, "SCANS_WAITING_MAX", 3)
    order: list[int] = []

    async def run() -> None:
        turns, go = Turns(), asyncio.Event()

        async def take(number: int) -> None:
            async with turns:
                order.append(number)
                await go.wait()

        async with asyncio.TaskGroup() as group:
            for number in range(gate.SCANS_AT_ONCE + 3):
                group.create_task(take(number))
            await asyncio.sleep(0)
            assert order == [0, 1]
            with pytest.raises(Overloaded, match="3 long lists are waiting") as refused:
                await take(9)
            assert refused.value.of == "lists"
            go.set()

    asyncio.run(run())
    assert order == [0, 1, 2, 3, 4]
