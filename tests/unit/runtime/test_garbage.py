"""Collections look only at what is new, and still find what is garbage."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Iterator

import pytest

from pointsman.core.events import Event
from pointsman.core.types import SID_PREFIX
from pointsman.runtime import garbage


class Ring:
    def __init__(self) -> None:
        self.itself = self


@pytest.fixture(autouse=True)
def as_before() -> Iterator[None]:
    before = gc.get_threshold()
    yield
    gc.set_threshold(*before)
    if garbage._note in gc.callbacks:
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


def test_what_replaces_as_much_as_is_freed_is_looked_at_too() -> None:
    """Python's own count stays where it is then."""
    garbage.tame()
    kept = [[number] for number in range(100_000)]
    garbage.tame()
    looks: list[int] = []
    counting = lambda phase, info: looks.append(len(gc.get_objects())) if phase == "start" else None  # noqa: E731
    gc.callbacks.insert(0, counting)
    try:
        for at in range(100_000):
            kept[at] = [at]
            garbage.replaced(1)
    finally:
        gc.callbacks.remove(counting)
    assert looks
    assert max(looks) < 2 * garbage.REPLACED_MAX


def test_where_nothing_is_tamed_what_is_replaced_does_not_matter() -> None:
    collections = [each["collections"] for each in gc.get_stats()]
    garbage.replaced(2 * garbage.REPLACED_MAX)
    assert [each["collections"] for each in gc.get_stats()] == collections


def test_nothing_is_looked_for_in_entities_and_events() -> None:
    """They refer to what was there before them, so there are no rings of them."""
    assert not any(kind.__struct_config__.gc for kind in SID_PREFIX)
    assert not any(kind.__struct_config__.gc for kind in kinds_of(Event))


def kinds_of(kind: type[Event]) -> Iterator[type[Event]]:
    yield kind
    for narrower in kind.__subclasses__():
        yield from kinds_of(narrower)


def test_to_tame_twice_is_to_tame_once() -> None:
    garbage.tame()
    garbage.tame()
    assert gc.callbacks.count(garbage._note) == 1
