"""Collecting garbage without long pauses.

A large workspace is millions of objects, none of them garbage that only a collection would find; to look through
them all again and again would stop the server for a second each time. So what has lived through a full collection
is set aside for good (`gc.freeze`): collections look only at what is new since the last one, and take milliseconds.
What is set aside is still freed when nothing refers to it; only a ring of objects that was in use at that moment
would stay, and those are few: a request leaves none (`api.cycle`). Entities and events can't be part of a ring, and are
not looked at (`gc=False`).

How much is new Python reckons from what was made less what was freed. Where each entity that is put replaces an older
one, that is nothing, and tens of thousands of objects would pile up; so these are counted here (`replaced`), with
what is made anew for many workers at once.
"""

from __future__ import annotations

import gc
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import msgspec

YOUNG_MAX = 1_000  # objects made, less those freed, before a collection of the youngest
MIDDLE_EVERY = 1  # collections of the youngest before one of the middle generation too
FULL_EVERY = 1  # and of those before a full one
REPLACED_MAX = 3_000  # values made in the place of others, before a full one


class Pauses(msgspec.Struct):
    """What collections have cost since they were tamed, and what was replaced since the last full one."""

    count: int = 0
    seconds: float = 0.0
    longest_s: float = 0.0
    began: float = 0.0  # the one that is under way
    replaced: int = 0


pauses = Pauses()


def tame() -> None:
    """Collect like this in this process from now on."""
    gc.collect()
    gc.freeze()
    gc.collect()  # the next full one waits until there is a quarter of what the last one saw: which is nothing now
    gc.set_threshold(YOUNG_MAX, MIDDLE_EVERY, FULL_EVERY)
    if _note not in gc.callbacks:
        gc.callbacks.append(_note)


def replaced(count: int) -> None:
    """So many values were made, most of them in the place of others."""
    pauses.replaced += count
    if pauses.replaced > REPLACED_MAX and _note in gc.callbacks and gc.isenabled():
        gc.collect()


@contextmanager
def made_to_stay() -> Iterator[None]:
    """A large workspace is loaded: nothing is collected meanwhile, and all is set aside without a look at it."""
    if _note not in gc.callbacks:
        yield
        return
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()


def _note(phase: str, info: dict[str, Any]) -> None:
    if phase == "start":
        pauses.began = time.perf_counter()
        return
    took_s = time.perf_counter() - pauses.began
    pauses.count += 1
    pauses.seconds += took_s
    pauses.longest_s = max(pauses.longest_s, took_s)
    if info["generation"] == 2:
        pauses.replaced = 0
        gc.freeze()
