"""The lazy heap: its first entry is the smallest that holds, whatever has lapsed, and it keeps little else."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pointsman.core.engine import lazy_heap
from pointsman.core.engine.lazy_heap import LazyHeap

CHANGES = st.lists(st.tuples(st.integers(0, 30), st.booleans(), st.booleans()), max_size=200)


@pytest.mark.parametrize("minimum", [0, 8])
@given(changes=CHANGES)
def test_its_first_is_the_smallest_that_holds(minimum: int, changes: list[tuple[int, bool, bool]]) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(lazy_heap, "_SHED_MIN", minimum)
        heap: LazyHeap[int] = LazyHeap()
        holding: set[int] = set()
        for entry, comes, looked in changes:
            if comes:
                holding.add(entry)
                heap.push(entry)
            else:
                holding.discard(entry)
            heap.shed(len(holding), holding.__contains__)
            if looked:
                assert heap.first(holding.__contains__) == min(holding, default=None)
        assert heap.first(holding.__contains__) == min(holding, default=None)


def test_what_has_lapsed_does_not_pile_up() -> None:
    """One entry stays at the top, and behind it others come and go."""
    heap: LazyHeap[int] = LazyHeap()
    holding = {0}
    heap.push(0)
    longest = 0
    for entry in range(1, 100_000):
        heap.push(entry)
        heap.shed(2, lambda each: each == 0)
        longest = max(longest, len(heap))
    assert longest <= 2 * lazy_heap._SHED_MIN
    assert heap.first(holding.__contains__) == 0


def test_the_same_entry_again_and_again_is_kept_once() -> None:
    heap: LazyHeap[int] = LazyHeap()
    for _ in range(10_000):
        heap.push(7)
        heap.shed(1, lambda each: True)
    assert len(heap) <= 2 * lazy_heap._SHED_MIN


def test_no_change_looks_at_more_than_a_few(monkeypatch: pytest.MonkeyPatch) -> None:
    """A million entries that lapse together are shed a few at a time."""
    heap: LazyHeap[int] = LazyHeap()
    for entry in range(10_000):
        heap.push(entry)
    looked = 0

    def holds(entry: int) -> bool:
        nonlocal looked
        looked += 1
        return entry % 10 == 0

    for _ in range(2_500):
        before = looked
        heap.shed(1_000, holds)
        assert looked - before <= lazy_heap._SHED_AT_ONCE
    assert len(heap) == 1_000
