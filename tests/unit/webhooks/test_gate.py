"""How many may be inside, and who is next."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest

from pointsman.webhooks.crew import Stopping
from pointsman.webhooks.gate import Gate


class Visitors:
    """Each wants in and stays until told to leave."""

    def __init__(self, gate: Gate) -> None:
        self.gate, self.inside, self.waited = gate, list[str](), dict[str, bool]()
        self._leave: dict[str, asyncio.Event] = {}
        self.tasks: dict[str, asyncio.Task[None]] = {}

    async def come(self, *names: str) -> None:
        """The letter of a name is the key."""
        for name in names:
            self._leave[name] = asyncio.Event()
            self.tasks[name] = asyncio.create_task(self._visit(name))
        await self._settle()

    async def go(self, *names: str) -> None:
        for name in names:
            self._leave[name].set()
            await self._settle()

    async def give_up(self, *names: str) -> None:
        for name in names:
            self.tasks[name].cancel()
        await self._settle()

    async def end(self) -> None:
        await self.give_up(*self.tasks)
        await asyncio.gather(*self.tasks.values(), return_exceptions=True)

    async def _visit(self, name: str) -> None:
        async with self.gate.slot(name[0]) as waited:
            self.waited[name] = waited
            self.inside.append(name)
            try:
                await self._leave[name].wait()
            finally:
                self.inside.remove(name)

    async def _settle(self) -> None:
        for _ in range(5):
            await asyncio.sleep(0)


async def visit(each_max: int, total_max: int, names: Sequence[str]) -> Visitors:
    visitors = Visitors(Gate(each_max, total_max))
    await visitors.come(*names)
    return visitors


async def test_each_key_has_its_own_limit() -> None:
    visitors = await visit(2, 9, ["a1", "a2", "a3", "b1"])

    assert visitors.inside == ["a1", "a2", "b1"]
    await visitors.go("a1")
    assert visitors.inside == ["a2", "b1", "a3"]
    assert visitors.waited == {"a1": False, "a2": False, "b1": False, "a3": True}
    await visitors.end()


async def test_first_come_first_served_and_nobody_slips_in() -> None:
    visitors = await visit(1, 9, ["a1", "a2", "a3"])

    await visitors.go("a1")
    await visitors.come("a4")
    assert visitors.inside == ["a2"]
    await visitors.go("a2", "a3")
    assert visitors.inside == ["a4"]
    await visitors.end()


async def test_in_all_there_is_a_limit_but_the_only_one_of_a_key_gets_in() -> None:
    visitors = await visit(9, 2, ["a1", "a2", "a3", "b1", "b2", "c1"])

    assert visitors.inside == ["a1", "a2", "b1", "c1"]
    await visitors.go("a1", "a2")
    assert visitors.inside == ["b1", "c1", "a3"]  # the only one of its key again
    await visitors.go("c1", "a3")
    assert visitors.inside == ["b1", "b2"]
    await visitors.end()


async def test_a_freed_slot_goes_round_the_keys() -> None:
    visitors = await visit(9, 3, ["a1", "b1", "a2", "a3", "a4", "b2", "b3"])

    await visitors.go("a1")
    assert visitors.inside == ["b1", "a2", "a3"]
    await visitors.go("a2")
    assert visitors.inside == ["b1", "a3", "b2"]
    await visitors.end()


async def test_who_gives_up_is_passed_over() -> None:
    visitors = await visit(1, 9, ["a1", "a2", "a3"])

    await visitors.give_up("a2")
    await visitors.go("a1")
    assert visitors.inside == ["a3"]
    await visitors.end()


async def test_who_gives_up_in_the_moment_of_its_turn_passes_it_on() -> None:
    visitors = await visit(1, 9, ["a1", "a2", "a3"])

    visitors._leave["a1"].set()
    await asyncio.sleep(0)  # a1 leaves, a2's turn has come, but a2 has not run yet
    visitors.tasks["a2"].cancel()
    await visitors._settle()
    assert visitors.inside == ["a3"]
    await visitors.end()


async def test_once_closed_nobody_gets_in() -> None:
    visitors = await visit(1, 9, ["a1", "a2"])

    visitors.gate.close()
    await visitors.come("b1")
    await visitors.go("a1")
    assert visitors.inside == []
    for name in ("a2", "b1"):
        with pytest.raises(Stopping):
            await visitors.tasks[name]
