"""What many pages ask for again and again, read once for all of them."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from pointsman.console.under_way import UnderWay
from pointsman.console.visit import Visit

FRESH_S = 1.0
KEPT_MAX = 200
Key = tuple[str, tuple[tuple[str, str], ...]]


class Shared:
    """Replies of the API by path and query; one that is younger than `FRESH_S` is good enough. Only for what nothing
    tells of, and for paths in a workspace: whether it is one's own has been looked at by then."""

    def __init__(self) -> None:
        self._read: dict[Key, tuple[float, Mapping[str, Any]]] = {}  # in the order of their age
        self._under_way = UnderWay[Key, Mapping[str, Any]]()

    async def get(self, visit: Visit, path: str, query: Sequence[tuple[str, str]] = ()) -> Mapping[str, Any]:
        """Raises: `Trouble`."""
        key = (path, tuple(query))
        self._drop_old()
        if key in self._read:
            return self._read[key][1]
        return await self._under_way.join(key, partial(self._ask, visit, key))

    async def _ask(self, visit: Visit, key: Key) -> Mapping[str, Any]:
        began_s = asyncio.get_running_loop().time()
        body: Mapping[str, Any] = await visit.get(*key)
        self._read.pop(key, None)
        self._read[key] = (began_s, body)
        if len(self._read) > KEPT_MAX:
            del self._read[next(iter(self._read))]
        return body

    def _drop_old(self) -> None:
        now_s = asyncio.get_running_loop().time()
        for key, (read_s, _) in list(self._read.items()):
            if now_s - read_s < FRESH_S:
                return
            del self._read[key]
