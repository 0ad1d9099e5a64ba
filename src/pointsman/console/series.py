"""Figures over the last hours, for charts: a row of intervals, each asked for once when it has closed."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from functools import partial
from itertools import pairwise
from typing import Any, NamedTuple

from pointsman.console.under_way import UnderWay
from pointsman.console.visit import Visit
from pointsman.core.types import Millis
from pointsman.wire.spelling import iso

KEPT_MAX = 4_096
Query = tuple[tuple[str, str], ...]
Key = tuple[str, Query, int, int]  # where, and of which seconds
Point = tuple[int, Mapping[str, Any]]  # the second in which an interval begins, and its figures
SETTLED_S = 5  # after this a closed interval does not change any more


class Span(NamedTuple):
    label: str
    step_s: int
    steps: int


SPANS = {"2h": Span("2 hours", 300, 24), "24h": Span("24 hours", 3_600, 24)}
SPAN_DEFAULT = "2h"


class Series:
    def __init__(self) -> None:
        self._closed: OrderedDict[Key, Mapping[str, Any]] = OrderedDict()
        self._under_way = UnderWay[Key, Mapping[str, Any]]()

    async def read(self, visit: Visit, path: str, span: Span) -> list[Point]:
        """The figures at `path` of each interval; the last one goes on."""
        now_s = int(time.time())
        last_s = now_s - now_s % span.step_s
        edges = [last_s - span.step_s * back for back in reversed(range(-1, span.steps))]
        return await self.between(visit, path, (), edges)

    async def between(self, visit: Visit, path: str, query: Query, edges: Sequence[int]) -> list[Point]:
        """Of the intervals between these seconds, asked with more parameters. Raises: `Trouble`."""
        now_s = int(time.time())
        return [
            (start_s, await self._interval(visit, (path, query, start_s, end_s), now_s))
            for start_s, end_s in pairwise(edges)
        ]

    async def _interval(self, visit: Visit, key: Key, now_s: int) -> Mapping[str, Any]:
        if key in self._closed:
            self._closed.move_to_end(key)
            return self._closed[key]
        return await self._under_way.join(key, partial(self._ask, visit, key, now_s))

    async def _ask(self, visit: Visit, key: Key, now_s: int) -> Mapping[str, Any]:
        path, query, start_s, end_s = key
        when = (("StartDate", str(iso(Millis(start_s * 1000)))), ("EndDate", str(iso(Millis(end_s * 1000)))))
        figures: Mapping[str, Any] = await visit.get(path, (*query, *when))
        if end_s + SETTLED_S < now_s:
            self._closed[key] = figures
            if len(self._closed) > KEPT_MAX:
                self._closed.popitem(last=False)
        return figures
