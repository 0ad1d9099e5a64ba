"""What many pages ask for again and again, read once for all of them."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

from pointsman.console.visit import Visit

FRESH_S = 1.0
KEPT_MAX = 200
Key = tuple[str, tuple[tuple[str, str], ...]]


class Shared:
    """Replies of the API by path and query; one that is younger than `FRESH_S` is good enough. Only for what nothing
    tells of, and for paths in a workspace: whether it is one's own has been looked at by then."""

    def __init__(self) -> None:
        self._read: dict[Key, tuple[float, Mapping[str, Any]]] = {}

    async def get(self, visit: Visit, path: str, query: Sequence[tuple[str, str]] = ()) -> Mapping[str, Any]:
        """Raises: `Trouble`."""
        key, now_s = (path, tuple(query)), asyncio.get_running_loop().time()
        found = self._read.get(key)
        if found is not None and now_s - found[0] < FRESH_S:
            return found[1]
        body: Mapping[str, Any] = await visit.get(path, query)
        self._read.pop(key, None)
        self._read[key] = (now_s, body)
        if len(self._read) > KEPT_MAX:
            del self._read[next(iter(self._read))]
        return body
