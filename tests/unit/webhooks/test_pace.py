"""Events leave room for everything else."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from pointsman.webhooks.pace import Pace


async def begun_at(count: int, each_turn: int, given_up: Sequence[int] = ()) -> list[int]:
    """At which turn of the event loop each of so many began; -1: never."""
    pace, turn, begun = Pace(each_turn), 0, [-1] * count

    async def begin(number: int) -> None:
        await pace.turn()
        begun[number] = turn

    tasks = [asyncio.create_task(begin(number)) for number in range(count)]
    await asyncio.sleep(0)  # now all are waiting
    for number in given_up:
        tasks[number].cancel()
    while not all(task.done() for task in tasks):
        turn += 1
        await asyncio.sleep(0)
    return [at - min(each for each in begun if each >= 0) if at >= 0 else -1 for at in begun]


async def test_a_few_begin_at_each_turn_in_the_order_in_which_they_came() -> None:
    assert await begun_at(7, each_turn=3) == [0, 0, 0, 1, 1, 1, 2]


async def test_whoever_gives_up_is_passed_over() -> None:
    assert await begun_at(5, each_turn=1, given_up=(1, 2)) == [0, -1, -1, 3, 4]


async def test_it_begins_again_after_all_had_their_turn() -> None:
    pace = Pace(each_turn=1)
    for _ in range(3):
        await asyncio.wait_for(pace.turn(), 1)
