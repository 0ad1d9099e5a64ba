"""Sets of workers and queues as Python integers: an AND of 15,000 bits takes a tenth of a microsecond.

A `Slots` gives each entity a bit. Slots are used again after an entity has gone, so their order means nothing: who
must choose compares numbers.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from pointsman.core.types import No

Bits = int
_FEW = 16


class Slots:
    def __init__(self) -> None:
        self._slot: dict[No, int] = {}
        self._no: list[No] = []
        self._free: list[int] = []

    def add(self, no: No) -> None:
        if self._free:
            slot = self._free.pop()
            self._no[slot] = no
        else:
            slot = len(self._no)
            self._no.append(no)
        self._slot[no] = slot

    def remove(self, no: No) -> None:
        self._free.append(self._slot.pop(no))

    def bit(self, no: No) -> Bits:
        """The set of this one; empty, if it is unknown."""
        slot = self._slot.get(no)
        return 0 if slot is None else 1 << slot

    def bits(self, numbers: Iterable[No]) -> Bits:
        """The set of all of these."""
        found = bytearray(len(self._no) // 8 + 1)
        for no in numbers:
            slot = self._slot[no]
            found[slot >> 3] |= 1 << (slot & 7)
        return int.from_bytes(found, "little")

    def numbers(self, bits: Bits) -> Iterator[No]:
        """The members of a set, in no meaningful order."""
        if bits.bit_count() > _FEW:  # each step of the other way goes through all bits
            digits = bin(bits)
            last, at = len(digits) - 1, digits.find("1")
            while at >= 0:
                yield self._no[last - at]
                at = digits.find("1", at + 1)
            return
        while bits:
            lowest = bits & -bits
            yield self._no[lowest.bit_length() - 1]
            bits ^= lowest
