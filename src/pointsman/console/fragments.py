"""Regions as they were made last, for all pages that show the same."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable, Coroutine
from typing import Any

from pointsman.console.spent import Spent
from pointsman.console.under_way import UnderWay
from pointsman.front import SIZE_INLINE_MAX, compress

FRAGMENTS_MAX = 500
BYTES_MAX = 16 << 20
FRAGMENT_BYTES_MAX = 1 << 20  # a larger one is made for each who asks
ZIPPED_BYTES_MIN = 4_096
AGE_S_MAX = 30.0  # however long it took to make
Key = tuple[str, ...]


def ignore(seconds: float) -> None:
    """What it took to make does not matter."""


class Fragment:
    """`tick` had passed before it was made, at `made_s` of the loop's clock; that took the processor `spent_s`."""

    def __init__(self, tick: int, text: str, made_s: float, spent_s: float = 0.0) -> None:
        self.tick, self.made_s, self.spent_s = tick, made_s, spent_s
        self.body = text.encode()
        # once, for all who take it, as nearly all do; None, if it is not worth it
        self.zipped = compress(self.body) if len(self.body) >= ZIPPED_BYTES_MIN else None

    @property
    def bytes(self) -> int:
        return len(self.body) + len(self.zipped or b"")


class Fragments:
    """Whoever asks names the tick that he wants to see in it, or how old it may be: all pages that were told of the
    same get the same, made once. Those that were made longest ago make room."""

    def __init__(self) -> None:
        self._made: dict[Key, tuple[Fragment, int]] = {}  # with its size in bytes
        self._under_way = UnderWay[tuple[Key, int], Fragment]()
        self.bytes = 0

    def find(self, key: Key, tick: int) -> Fragment | None:
        """One that has that tick in it."""
        made = self._last(key)
        return made if made is not None and made.tick >= tick else None

    def find_fresh(self, key: Key, age_s: float, share: float) -> Fragment | None:
        """One that is not older than that; what took long to make may be the older, up to `AGE_S_MAX`, so that making
        it again and again takes no more than a `share` of the processor."""
        made = self._last(key)
        if made is None:
            return None
        is_fresh = asyncio.get_running_loop().time() - made.made_s <= max(age_s, min(made.spent_s / share, AGE_S_MAX))
        return made if is_fresh else None

    async def make(
        self,
        key: Key,
        tick: int,
        make: Callable[[], Coroutine[Any, Any, str]],
        spend: Callable[[float], None] = ignore,
    ) -> Fragment:
        """Make and keep it, once for all who ask at the same tick; and say once what it took, also if it failed."""

        async def made() -> Fragment:
            began_s, work = asyncio.get_running_loop().time(), Spent(make())
            try:
                text = await work
            finally:
                spend(work.seconds)
            about = tick, text, began_s, work.seconds
            is_large = len(text) > SIZE_INLINE_MAX  # to compress it would hold others up
            fragment = await asyncio.to_thread(Fragment, *about) if is_large else Fragment(*about)
            self.keep(key, fragment)
            return fragment

        return await self._under_way.join((key, tick), made)

    def keep(self, key: Key, fragment: Fragment) -> None:
        """The key names the feed too: ticks of another mean nothing. One of a later tick stays."""
        last = self._last(key)
        if last is not None and last.tick > fragment.tick:
            return
        self._drop(key)
        size = fragment.bytes + sum(map(sys.getsizeof, key))
        if size > FRAGMENT_BYTES_MAX:
            return
        self._made[key] = fragment, size
        self.bytes += size
        while len(self._made) > FRAGMENTS_MAX or self.bytes > BYTES_MAX:
            self._drop(next(iter(self._made)))

    def _last(self, key: Key) -> Fragment | None:
        found = self._made.get(key)
        return found[0] if found is not None else None

    def _drop(self, key: Key) -> None:
        found = self._made.pop(key, None)
        if found is not None:
            self.bytes -= found[1]
