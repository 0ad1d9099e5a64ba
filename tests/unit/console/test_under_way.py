"""What is being made is made once."""

from __future__ import annotations

import asyncio

import pytest

from pointsman.console.fragments import Fragments
from pointsman.console.under_way import UnderWay


class Slow:
    """Counts how often it was begun, and ends when it is let."""

    def __init__(self) -> None:
        self.begun, self.let = 0, asyncio.Event()

    async def __call__(self) -> str:
        self.begun += 1
        number = self.begun
        await self.let.wait()
        if number == 1:
            raise ValueError("the first fails")
        return f"made by {number}"


def test_who_asks_meanwhile_waits_for_the_same_and_a_failure_is_told_to_all_and_forgotten() -> None:
    async def story() -> None:
        slow, under_way = Slow(), UnderWay[str, str]()
        asked = [asyncio.create_task(under_way.join("a", slow)) for _ in range(3)]
        await asyncio.sleep(0)
        slow.let.set()
        heard = await asyncio.gather(*asked, return_exceptions=True)
        assert [str(each) for each in heard] == ["the first fails"] * 3 and slow.begun == 1
        assert await under_way.join("a", slow) == "made by 2"

    asyncio.run(story())


def test_it_goes_on_without_who_began_it() -> None:
    async def story() -> None:
        slow, under_way = Slow(), UnderWay[str, str]()
        slow.begun = 1
        first = asyncio.create_task(under_way.join("a", slow))
        await asyncio.sleep(0)
        second = asyncio.create_task(under_way.join("a", slow))
        await asyncio.sleep(0)
        first.cancel()
        slow.let.set()
        assert await second == "made by 2"
        with pytest.raises(asyncio.CancelledError):
            await first

    asyncio.run(story())


def test_a_region_is_made_once_a_tick() -> None:
    async def story() -> None:
        slow, fragments = Slow(), Fragments()
        slow.begun = 1
        slow.let.set()
        made = await asyncio.gather(*(fragments.make(("a",), tick, slow) for tick in (1, 1, 2)))
        assert [each.body for each in made] == [b"made by 2", b"made by 2", b"made by 3"]
        assert fragments.find(("a",), 2) is made[2]

    asyncio.run(story())
