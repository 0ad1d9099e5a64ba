"""The numbers of a large table in order, so that a list can start anywhere without looking at what comes before."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence

from pointsman.core.types import No

_COMPACT_MIN = 1_024


class Roll:
    """Holds every number of the table, and some of those that have left it, until they are half of all."""

    def __init__(self, table: Mapping[No, object]) -> None:
        self._table = table
        self._numbers: list[No] = []

    @property
    def numbers(self) -> Sequence[No]:
        """Ascending; some may not be in the table any longer."""
        return self._numbers

    def beyond(self, no: No, count: int) -> Sequence[No]:
        """The first `count` after a number, of those that are in the table: what has left it, a copy that was loaded
        does not have, and both must go the same way."""
        found: list[No] = []
        for at in range(bisect_right(self._numbers, no), len(self._numbers)):
            if len(found) == count:
                break
            if self._numbers[at] in self._table:
                found.append(self._numbers[at])
        return found

    def add(self, no: No) -> None:
        """New numbers are the highest; only what is loaded or undone comes later than that."""
        if not self._numbers or no > self._numbers[-1]:
            self._numbers.append(no)
            return
        at = bisect_left(self._numbers, no)
        if self._numbers[at] != no:
            self._numbers.insert(at, no)

    def shrink(self) -> None:
        """After a number has left the table."""
        if len(self._numbers) > _COMPACT_MIN and len(self._numbers) > 2 * len(self._table):
            self._numbers = sorted(self._table)
