"""Collections look only at what is new, and still find what is garbage."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Iterator

import pytest

from pointsman.runtime import garbage


class Ring:
    def __init__(self) -> None:
        self.itself = self


@pytest.fixture(autouse=True)
def as_before() -> Iterator[None]:
    before = gc.get_threshold()
    yield
    gc.set_threshold(*before)
    gc.callbacks.remove(garbage._note)
    gc.unfreeze()


def test_what_lives_through_a_full_collection_is_set_aside() -> None:
    garbage.tame()
    kept = [[number] for number in range(10_000)]
    gc.collect()
    assert len(gc.get_objects(generation=2)) < 1_000
    assert gc.get_freeze_count() > 10_000
    assert len(kept) == 10_000


def test_what_is_loaded_is_set_aside_without_a_look_at_it() -> None:
    garbage.tame()
    before = garbage.pauses.count
    with garbage.made_to_stay():
        kept = [[number] for number in range(10_000)]
    assert garbage.pauses.count == before
    assert gc.isenabled()
    assert gc.get_freeze_count() > 10_000
    assert len(kept) == 10_000


def test_rings_are_found_and_what_they_cost_is_told() -> None:
    garbage.tame()
    before = garbage.pauses.count
    seen = weakref.ref(Ring())
    for _ in range(100_000):  # enough for collections of their own accord
        Ring()
    assert seen() is None
    assert garbage.pauses.count > before
    assert garbage.pauses.seconds >= garbage.pauses.longest_s > 0


def test_to_tame_twice_is_to_tame_once() -> None:
    garbage.tame()
    garbage.tame()
    assert gc.callbacks.count(garbage._note) == 1
