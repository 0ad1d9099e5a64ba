"""The log of events: every filter, both directions, pages."""

from __future__ import annotations

import asyncio
import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pointsman.core.types import WorkspaceSid
from pointsman.ports import EventQuery, EventRow, Store
from tests.conformance.store.made import ELSEWHERE, HOME, create, event, ms, seqs

# at_ms stands still and jumps, as it does: 100, 100, 200, 200, 200, 500 ...
LOG = [
    event(1, 100, "task.created", task=10, workflow=5, channel=7),
    event(2, 100, "task-queue.entered", task=10, queue=6, workflow=5, channel=7),
    event(3, 200, "reservation.created", task=10, worker=2, reservation=11, queue=6, workflow=5, channel=7),
    event(4, 200, "task.created", task=12, workflow=15, channel=8),
    event(5, 200, "reservation.accepted", task=10, worker=2, reservation=11, queue=6, workflow=5, channel=7),
    event(6, 500, "worker.activity.update", worker=2),
    event(7, 501, "reservation.created", task=12, worker=3, reservation=13, queue=16, workflow=15, channel=8),
    event(8, 900, "worker.activity.update", worker=3),
]


async def ask(
    store: Store, query: EventQuery, before: int | None = None, after: int | None = None, limit: int = 99
) -> list[int]:
    return seqs(await store.events(HOME, query, before=before, after=after, limit=limit))


@pytest.mark.parametrize(
    ("query", "found"),
    [
        (EventQuery(), [1, 2, 3, 4, 5, 6, 7, 8]),
        (EventQuery(seq=4), [4]),
        (EventQuery(seq=9), []),
        (EventQuery(type="task.created"), [1, 4]),
        (EventQuery(task=10), [1, 2, 3, 5]),
        (EventQuery(worker=3), [7, 8]),
        (EventQuery(reservation=11), [3, 5]),
        (EventQuery(queue=6), [2, 3, 5]),
        (EventQuery(workflow=15), [4, 7]),
        (EventQuery(channel=7), [1, 2, 3, 5]),
        (EventQuery(start_ms=ms(200)), [3, 4, 5, 6, 7, 8]),
        (EventQuery(start_ms=ms(201)), [6, 7, 8]),
        (EventQuery(end_ms=ms(200)), [1, 2, 3, 4, 5]),
        (EventQuery(end_ms=ms(199)), [1, 2]),
        (EventQuery(end_ms=ms(99)), []),
        (EventQuery(start_ms=ms(901)), []),
        (EventQuery(start_ms=ms(200), end_ms=ms(500)), [3, 4, 5, 6]),
        (EventQuery(start_ms=ms(500), end_ms=ms(200)), []),
        (EventQuery(start_ms=ms(0), end_ms=ms(10_000)), [1, 2, 3, 4, 5, 6, 7, 8]),
        (EventQuery(task=10, worker=2, type="reservation.accepted"), [5]),
        (EventQuery(worker=2, start_ms=ms(201)), [6]),
        (EventQuery(task=10, worker=3), []),
    ],
    ids=str,
)
async def test_a_query_finds_what_meets_all_its_conditions(store: Store, query: EventQuery, found: list[int]) -> None:
    await create(store, events=LOG)
    await create(store, ELSEWHERE, events=[event(seq, 200, task=10, worker=2) for seq in range(1, 20)])
    assert await ask(store, query, after=0) == found
    assert await ask(store, query) == found[::-1]


async def test_a_task_queue_finds_what_is_in_it_and_what_left_it(store: Store) -> None:
    """The number of an activity that was left is never a queue's."""
    moved = event(3, 200, "task-queue.moved", task=10, queue=6, previous=7)
    left = event(4, 200, "worker.activity.update", worker=2, previous=8, spent_ms=5)
    await create(store, events=[*LOG[:2], moved, left])
    assert await ask(store, EventQuery(queue=6)) == [3, 2]
    assert await ask(store, EventQuery(queue=7)) == [3]
    assert await ask(store, EventQuery(queue=9)) == []


async def test_events_come_back_as_they_were_written(store: Store) -> None:
    await create(store, events=LOG)
    assert await store.events(HOME, EventQuery(), before=None, after=0, limit=99) == LOG


async def test_pages_go_up_after_and_down_before_a_number(store: Store) -> None:
    await create(store, events=LOG)
    every = EventQuery()
    assert await ask(store, every, after=2, limit=3) == [3, 4, 5]
    assert await ask(store, every, after=8) == []
    assert await ask(store, every, before=4, limit=2) == [3, 2]
    assert await ask(store, every, before=1) == []
    assert await ask(store, every, before=4, after=2) == [3, 2, 1]  # `before` wins
    assert await ask(store, EventQuery(task=10), after=2, limit=1) == [3]
    assert await ask(store, EventQuery(task=10), before=5, limit=1) == [3]
    assert await ask(store, EventQuery(start_ms=ms(200)), before=6) == [5, 4, 3]
    assert await ask(store, EventQuery(end_ms=ms(500)), after=4) == [5, 6]


async def test_a_workspace_without_events_and_an_unknown_one_have_none(store: Store) -> None:
    assert await ask(store, EventQuery()) == []
    await create(store)
    assert await ask(store, EventQuery(start_ms=ms(1), end_ms=ms(2))) == []


def times() -> st.SearchStrategy[list[int]]:
    return st.lists(st.integers(0, 3), min_size=1, max_size=40).map(running_sum)


def running_sum(steps: list[int]) -> list[int]:
    total, sums = 100, []
    for step in steps:
        total += step
        sums.append(total)
    return sums


def test_a_window_of_time_is_found_by_halving(runner: asyncio.Runner, store: Store) -> None:
    """Whatever the times: the same as reading every event."""
    homes = (WorkspaceSid(f"WS{number:032x}") for number in itertools.count(100))

    @settings(max_examples=60, deadline=None, database=None)
    @given(times(), st.integers(98, 200), st.integers(98, 200))
    def holds(at: list[int], start: int, end: int) -> None:
        runner.run(check([event(seq, at_ms) for seq, at_ms in enumerate(at, 1)], start, end))

    async def check(log: list[EventRow], start: int, end: int) -> None:
        home = next(homes)
        await create(store, home, events=log)
        query = EventQuery(start_ms=ms(start), end_ms=ms(end))
        found = await store.events(home, query, before=None, after=0, limit=99)
        assert found == [row for row in log if start <= row.at_ms <= end]

    holds()
