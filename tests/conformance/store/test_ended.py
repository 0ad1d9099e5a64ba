"""What has ended is read from the store until it vanishes; then it is swept away."""

from __future__ import annotations

import itertools
import json
from typing import Any

import pytest
from msgspec.structs import replace

from pointsman.ports import Batch, DeliveryQuery, EndedQuery, EventQuery, Place, Store, UnknownWorkspace
from pointsman.store import rows
from tests.conformance.store.made import (
    ELSEWHERE,
    HOME,
    commit,
    create,
    delivery,
    event,
    head,
    live,
    ms,
    numbers,
    reservation,
    seqs,
    snapshot,
    task,
    tombstone,
)

SOON = 10_000
LATER = 20_000
ALL = EventQuery()


async def sweep(store: Store, now_ms: int, limit: int = 100) -> int:
    """Until nothing is left; say how much that was, and hold every step to its limit."""
    total = 0
    while swept := await store.sweep(ms(now_ms), limit):
        assert swept <= limit
        total += swept
    return total


async def page(
    store: Store,
    kind: str,
    now_ms: int = SOON,
    beyond: Place | None = None,
    backwards: bool = False,
    limit: int = 100,
    **which: Any,
) -> list[int]:
    query = EndedQuery(kind=kind, **which)
    found = await store.ended_page(HOME, query, ms(now_ms), beyond=beyond, backwards=backwards, limit=limit)
    return numbers(found)


async def test_an_ended_task_comes_with_its_ended_reservations_and_they_with_it(store: Store) -> None:
    rows = [task(10, vanish_ms=LATER), reservation(11, 10), reservation(12, 10), task(20, vanish_ms=LATER)]
    await create(store, entities=[live(2), *rows])
    await create(store, ELSEWHERE, entities=[task(10, vanish_ms=LATER), reservation(13, 10)])
    assert await store.ended(HOME, [10], ms(SOON)) == rows[:3]
    assert await store.ended(HOME, [12], ms(SOON)) == [rows[0], rows[2]]
    assert numbers(await store.ended(HOME, [12, 10, 20], ms(SOON))) == [10, 11, 12, 20]
    assert await store.ended(HOME, [2, 99], ms(SOON)) == []
    assert await store.ended(HOME, [], ms(SOON)) == []


async def test_what_lives_is_not_among_the_ended(store: Store) -> None:
    rows = [task(10, live=True), reservation(11, 10), reservation(12, 10, live=True)]
    await create(store, entities=rows)
    assert numbers(await store.ended(HOME, [10], ms(SOON))) == [11]
    assert numbers(await store.ended(HOME, [11, 12], ms(SOON))) == [11]


async def test_a_task_vanishes_at_its_time_and_its_reservations_with_it(store: Store) -> None:
    """[routing 2.1, docs: task state + support: Stuck Voice Tasks] [routing 3.6, docs: quickstart]
    [wire 4.9, observed]"""
    await create(store, entities=[task(10, vanish_ms=SOON), reservation(11, 10)])
    assert numbers(await store.ended(HOME, [10, 11], ms(SOON - 1))) == [10, 11]
    assert await store.ended(HOME, [10, 11], ms(SOON)) == []
    assert await page(store, "task", SOON - 1) == [10]
    assert await page(store, "task", SOON) == []
    assert await page(store, "reservation", SOON - 1) == [11]
    assert await page(store, "reservation", SOON) == []


async def test_a_removed_task_takes_its_ended_reservations_along(store: Store) -> None:
    await create(store, entities=[task(10, live=True), reservation(11, 10)])
    await commit(store, 2, entities=[tombstone(task(10), LATER)])
    assert await store.ended(HOME, [10, 11], ms(SOON)) == []
    assert await page(store, "reservation", SOON) == []
    assert await sweep(store, LATER) == 2


async def test_pages_of_the_ended_go_by_number_and_by_task_and_worker(store: Store) -> None:
    rows = [
        live(2),
        task(10, vanish_ms=LATER),
        reservation(11, 10, worker=2),
        reservation(12, 10, worker=3),
        task(13, live=True),
        reservation(14, 13, worker=2),
        reservation(15, 13, worker=2, live=True),
        task(16, vanish_ms=SOON),
        reservation(17, 16, worker=2),
        task(18, vanish_ms=LATER),
        tombstone(live(19), LATER),
    ]
    await create(store, entities=rows)
    await create(store, ELSEWHERE, entities=[task(10, vanish_ms=LATER), reservation(14, 10, worker=2)])
    assert await page(store, "task") == [10, 18]
    assert await page(store, "task", beyond=(10,)) == [18]
    assert await page(store, "task", limit=1) == [10]
    assert await page(store, "reservation") == [11, 12, 14]
    assert await page(store, "reservation", task=10) == [11, 12]
    assert await page(store, "reservation", task=10, beyond=(11,)) == [12]
    assert await page(store, "reservation", task=13) == [14]
    assert await page(store, "reservation", worker=2) == [11, 14]
    assert await page(store, "reservation", worker=2, limit=1) == [11]
    assert await page(store, "reservation", worker=3, task=10) == [12]
    assert await page(store, "worker") == []
    assert await page(store, "task", number=-1) == [18, 10]
    assert await page(store, "task", number=-1, limit=1) == [18]
    assert await page(store, "task", number=-1, beyond=(-18,)) == [10]
    assert await page(store, "task", number=-1, beyond=(-10,)) == []
    assert await page(store, "task", number=-1, beyond=(-10,), backwards=True) == [18]
    assert await page(store, "task", beyond=(18,), backwards=True) == [10]
    assert await page(store, "task", backwards=True) == [18, 10]
    assert await page(store, "reservation", worker=2, beyond=(14,), backwards=True) == [11]


async def test_pages_of_the_ended_that_hold_certain_values(store: Store) -> None:
    bodies = {10: '{"queue":3,"workflow":4}', 11: '{"queue":3,"status":"3"}', 12: '{"workflow":4,"queue":33}', 13: "{}"}
    rows = [replace(task(no, vanish_ms=LATER), body=body) for no, body in bodies.items()]
    await create(store, entities=[*rows, tombstone(task(14), LATER)])
    queue, workflow = ("queue", 3), ("workflow", 4)
    assert await page(store, "task", holding=[queue]) == [10, 11]
    assert await page(store, "task", holding=[queue], beyond=(11,), backwards=True) == [10]
    assert await page(store, "task", holding=[workflow], limit=1) == [10]
    assert await page(store, "task", holding=[queue, workflow]) == [10]
    assert await page(store, "task", holding=[queue, ("queue", 33)]) == []
    assert await page(store, "task", holding=[("queue", 0)]) == []
    assert await page(store, "task", holding=[("status", "3")]) == [11]
    assert await page(store, "task", holding=[("status", "completed")]) == []
    assert await page(store, "task", holding=[]) == [10, 11, 12, 13]


async def test_pages_of_the_ended_in_any_order(store: Store) -> None:
    """By fields, up or down, then by number; forth from any place, and back to it."""
    fields = {
        10: {"priority": 5, "since": 100},
        11: {"since": 200},
        12: {"priority": 5, "since": 50},
        13: {"priority": 7, "since": 100},
        14: {"since": -3},
        15: {"priority": 5, "since": 100},
    }
    bodies = {no: json.dumps(each) for no, each in fields.items()}
    rows = [replace(task(no, vanish_ms=LATER), body=body) for no, body in bodies.items()]
    await create(store, entities=[live(2), *rows, tombstone(task(20), LATER), reservation(21, 10)])
    for keys, number in itertools.product(
        ([("priority", 1)], [("priority", -1)], [("since", -1), ("priority", 1)], [("priority", -1), ("since", 1)]),
        (1, -1),
    ):
        at = {no: (*(sign * each.get(name, 0) for name, sign in keys), no * number) for no, each in fields.items()}
        wanted = sorted(at, key=at.__getitem__)
        asked: dict[str, Any] = {"keys": keys, "number": number}
        assert await page(store, "task", **asked) == wanted
        assert await page(store, "task", **asked, backwards=True, limit=2) == wanted[::-1][:2]
        for index, no in enumerate(wanted):
            assert await page(store, "task", **asked, beyond=at[no]) == wanted[index + 1 :]
            assert await page(store, "task", **asked, beyond=at[no], backwards=True) == wanted[:index][::-1]
        found = await page(store, "task", **asked, holding=[("priority", 5)], limit=2)
        assert found == [no for no in wanted if fields[no].get("priority") == 5][:2]


async def test_sweeping_removes_what_has_vanished_and_nothing_else(store: Store) -> None:
    rows = [live(1), task(10, vanish_ms=SOON), reservation(11, 10), task(12, vanish_ms=LATER), reservation(13, 12)]
    await create(store, entities=[*rows, tombstone(live(20), SOON), tombstone(live(21), LATER)], events=[event(1)])
    assert await sweep(store, SOON - 1) == 0
    assert await sweep(store, SOON) == 3
    assert numbers(await store.ended(HOME, [10, 11, 12, 13], ms(SOON))) == [12, 13]
    async with store.transaction(HOME) as transaction:
        await transaction.lock()
        assert numbers(await transaction.changes_since(0)) == [1, 12, 13, 21]
    assert len(await store.events(HOME, ALL, before=None, after=None, limit=9)) == 1


async def test_sweeping_goes_in_steps_and_leaves_no_reservation_behind(store: Store) -> None:
    """A task with more reservations than a step holds, and tasks beside it."""
    rows = [task(10, vanish_ms=SOON), *(reservation(no, 10) for no in range(11, 36))]
    rows += [task(no, vanish_ms=SOON) for no in range(40, 50)]
    await create(store, entities=rows)
    assert await sweep(store, SOON, limit=7) == len(rows)
    async with store.transaction(HOME) as transaction:
        await transaction.lock()
        assert await transaction.changes_since(0) == []


# --- deleted workspaces ---------------------------------------------------------------------------------------------


async def test_a_deleted_workspace_is_gone_but_its_events_and_deliveries_can_be_finished(store: Store) -> None:
    note = delivery(2)
    await create(store, entities=[live(1)], events=[event(1)], snapshots=[snapshot(1, 0)])
    await create(store, ELSEWHERE)
    async with store.transaction(HOME) as transaction:
        await transaction.lock()
        await transaction.commit(
            Batch(head=head(2, seq=2), events=[event(2)], deliveries=[note], deleted=True, event_cursor=0)
        )
    assert [entry.sid for entry in await store.workspaces()] == [ELSEWHERE]
    with pytest.raises(UnknownWorkspace):
        await store.load(HOME)
    with pytest.raises(UnknownWorkspace):
        await commit(store, 3)

    assert seqs(await store.events(HOME, ALL, before=None, after=0, limit=9)) == [1, 2]
    assert await store.snapshots(HOME, [(1, 0)]) == [snapshot(1, 0)]
    assert await store.event_cursor(HOME) == 0
    assert await sweep(store, LATER) == 0  # there is something left to say

    assert seqs(await store.claim_deliveries(ms(SOON), 1_000, 10)) == [2]
    done = replace(note, verdict="done", finished_ms=ms(SOON))
    await store.finish_deliveries([done], {})
    assert await store.deliveries(HOME, DeliveryQuery(), before=None, limit=9) == [done]
    assert await sweep(store, LATER) == 0  # not all events have been delivered

    await store.finish_deliveries([], {HOME: 2})
    assert await sweep(store, LATER, limit=2) > 0
    assert await store.events(HOME, ALL, before=None, after=None, limit=9) == []
    assert await store.delivery(HOME, "assignment", 2) is None
    with pytest.raises(UnknownWorkspace):
        await store.event_cursor(HOME)
    await store.finish_deliveries([done], {HOME: 9})  # too late: dropped
    assert await store.deliveries(HOME, DeliveryQuery(), before=None, limit=9) == []
    await commit(store, 2, ELSEWHERE)  # the other one lives on


async def test_a_workspace_deleted_long_ago_is_swept_even_if_nobody_was_ever_told(store: Store) -> None:
    """Its last callbacks may have had no server to send them."""
    await create(store, entities=[live(1)], events=[event(1)])
    async with store.transaction(HOME) as transaction:
        await transaction.lock()
        await transaction.commit(Batch(head=head(2, seq=2), events=[event(2)], deleted=True, event_cursor=0))
    assert await sweep(store, LATER) == 0
    assert await sweep(store, LATER + rows.DELIVERY_KEPT_MS) > 0
    with pytest.raises(UnknownWorkspace):
        await store.event_cursor(HOME)
