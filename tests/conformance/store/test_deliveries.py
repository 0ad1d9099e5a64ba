"""Callbacks to applications: written with a commit, claimed by one node at a time, kept for a week."""

from __future__ import annotations

import asyncio

from msgspec.structs import replace

from pointsman.ports import Attempt, Batch, Delivery, DeliveryQuery, Store
from tests.conformance.store.made import ELSEWHERE, HOME, commit, create, delivery, head, ms, seqs

DAY_MS = 24 * 3_600_000
EVERY = DeliveryQuery()


async def every(store: Store) -> list[Delivery]:
    return await store.deliveries(HOME, EVERY, before=None, limit=99)


async def test_a_delivery_written_with_a_commit_is_there(store: Store) -> None:
    note = replace(delivery(5, task=10), fallback_url="http://127.0.0.1/again", warning="odd \\u0000")
    await create(store, deliveries=[note])
    assert await store.delivery(HOME, "assignment", 5) == note
    assert await store.delivery(HOME, "event", 5) is None
    assert await store.delivery(ELSEWHERE, "assignment", 5) is None
    assert await every(store) == [note]


async def test_due_assignments_are_claimed_once_and_again_after_the_lease(store: Store) -> None:
    notes = [delivery(1, due_ms=3_000), delivery(2, due_ms=2_000), delivery(3, due_ms=9_000)]
    await create(store, deliveries=[*notes, delivery(1, "event", due_ms=1)])
    await create(store, ELSEWHERE, deliveries=[delivery(1, workspace=ELSEWHERE, due_ms=2_500)])
    assert await store.claim_deliveries(ms(1_999), 500, 10) == []
    claimed = await store.claim_deliveries(ms(3_000), 500, 10)
    assert [(found.workspace, found.seq, found.due_ms) for found in claimed] == [
        (HOME, 2, 3_500),
        (ELSEWHERE, 1, 3_500),
        (HOME, 1, 3_500),
    ]
    assert await store.claim_deliveries(ms(3_499), 500, 10) == []
    assert len(await store.claim_deliveries(ms(3_500), 500, 10)) == 3


async def test_a_claim_is_limited_and_the_oldest_come_first(store: Store) -> None:
    await create(store, deliveries=[delivery(seq, due_ms=9_000 - seq) for seq in range(1, 8)])
    assert seqs(await store.claim_deliveries(ms(9_000), 10_000, 3)) == [7, 6, 5]
    assert seqs(await store.claim_deliveries(ms(9_000), 10_000, 3)) == [4, 3, 2]
    assert seqs(await store.claim_deliveries(ms(9_000), 10_000, 3)) == [1]


async def test_claims_at_the_same_time_share_nothing(store: Store) -> None:
    await create(store, deliveries=[delivery(seq) for seq in range(1, 41)])
    claims = await asyncio.gather(*(store.claim_deliveries(ms(5_000), 60_000, 10) for _ in range(8)))
    claimed = [found.seq for claim in claims for found in claim]
    assert len(claimed) == len(set(claimed))
    while claim := await store.claim_deliveries(ms(5_000), 60_000, 10):
        claimed += seqs(claim)
    assert sorted(claimed) == list(range(1, 41))


async def test_a_finished_delivery_keeps_what_came_of_it_and_is_not_claimed(store: Store) -> None:
    await create(store, deliveries=[delivery(1), delivery(2)])
    attempts = (
        Attempt(url="http://127.0.0.1/assign", at_ms=ms(2_000), took_ms=15, problem="connection refused"),
        Attempt(url="http://127.0.0.1/b", at_ms=ms(2_100), took_ms=5, status=200, reply='{"a": "\x00é"}'),
    )
    done = replace(delivery(1), verdict="accept", attempts=attempts, finished_ms=ms(2_200))
    await store.finish_deliveries([done], {})
    assert await store.delivery(HOME, "assignment", 1) == done
    assert seqs(await store.claim_deliveries(ms(5_000), 500, 10)) == [2]


async def test_deliveries_of_events_are_written_when_they_are_finished(store: Store) -> None:
    await create(store)
    note = replace(delivery(3, "event"), verdict="failed", failed=True, finished_ms=ms(1))
    await store.finish_deliveries([note], {HOME: 3})
    assert await every(store) == [note]
    assert await store.event_cursor(HOME) == 3


async def test_the_last_word_on_a_delivery_counts(store: Store) -> None:
    await create(store)
    first = replace(delivery(3, "event"), warning="first")
    await store.finish_deliveries([first, replace(first, warning="second")], {})
    assert [found.warning for found in await every(store)] == ["second"]


async def test_deliveries_are_listed_newest_first_in_pages(store: Store) -> None:
    await create(store, deliveries=[delivery(seq, kind) for seq in (1, 2, 10) for kind in ("assignment", "event")])
    listed = [(found.seq, found.kind) for found in await every(store)]
    assert listed == [
        (10, "event"),
        (10, "assignment"),
        (2, "event"),
        (2, "assignment"),
        (1, "event"),
        (1, "assignment"),
    ]
    page = await store.deliveries(HOME, EVERY, before=(10, "event"), limit=2)
    assert [(found.seq, found.kind) for found in page] == listed[1:3]
    page = await store.deliveries(HOME, EVERY, before=(1, "assignment"), limit=2)
    assert page == []


async def test_deliveries_are_found_by_task_kind_and_outcome(store: Store) -> None:
    notes = [
        delivery(1, task=10),
        replace(delivery(2, task=11), failed=True, verdict="failed"),
        delivery(3, "event", task=10),
        replace(delivery(4, "event"), failed=True, verdict="failed"),
    ]
    await create(store, deliveries=notes)
    await create(store, ELSEWHERE, deliveries=[delivery(9, workspace=ELSEWHERE, task=10)])

    async def ask(query: DeliveryQuery, before: tuple[int, str] | None = None) -> list[int]:
        return seqs(await store.deliveries(HOME, query, before=before, limit=9))

    assert await ask(DeliveryQuery(task=10)) == [3, 1]
    assert await ask(DeliveryQuery(task=10), before=(3, "event")) == [1]
    assert await ask(DeliveryQuery(kind="event")) == [4, 3]
    assert await ask(DeliveryQuery(failed=True)) == [4, 2]
    assert await ask(DeliveryQuery(failed=True, kind="assignment")) == [2]
    assert await ask(DeliveryQuery(failed=True, task=10)) == []
    assert await ask(DeliveryQuery(unfinished=True)) == [3, 1]
    assert await ask(DeliveryQuery(unfinished=True, kind="event", task=10)) == [3]


async def test_the_event_cursor_starts_at_nothing_and_only_a_new_url_sets_it_back(store: Store) -> None:
    await create(store)
    assert await store.event_cursor(HOME) == 0
    await store.finish_deliveries([], {HOME: 7, ELSEWHERE: 9})  # unknown ones are passed over
    await store.finish_deliveries([], {HOME: 5})  # late
    assert await store.event_cursor(HOME) == 7
    async with store.transaction(HOME) as transaction:
        await transaction.lock()
        await transaction.commit(Batch(head=head(2), event_cursor=6))
    assert await store.event_cursor(HOME) == 6


async def test_the_cursor_moves_while_the_workspace_is_locked(store: Store) -> None:
    """Sending callbacks and routing never wait for each other."""
    await create(store, deliveries=[delivery(1)])
    async with store.transaction(HOME) as transaction:
        await transaction.lock()
        await asyncio.wait_for(store.finish_deliveries([replace(delivery(1), verdict="done")], {HOME: 1}), 2)
    assert await store.event_cursor(HOME) == 1


async def test_finished_deliveries_are_kept_for_seven_days(store: Store) -> None:
    done = replace(delivery(1), verdict="done", finished_ms=ms(5_000))
    later = replace(delivery(2), verdict="done", finished_ms=ms(5_001))
    await create(store, deliveries=[done, later, delivery(3)])
    assert await store.sweep(ms(5_000 + 7 * DAY_MS - 1), 10) == 0
    assert await store.sweep(ms(5_000 + 7 * DAY_MS), 10) == 1
    assert seqs(await every(store)) == [3, 2]
    await commit(store, 2)
