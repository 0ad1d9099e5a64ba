"""How many failed logins an address may have: a bucket for each that refills evenly."""

from __future__ import annotations

import ipaddress
import math
import time
from collections import OrderedDict
from collections.abc import Callable

ADDRESSES_MAX = 10_000  # remembered; past that the one is forgotten that failed longest ago
ADDRESS_LENGTH_MAX = 64  # a proxy's header may say anything
IPV6_PREFIX = 64  # what one customer of a provider has for himself


class FailedLogins:
    """Counts failures, and says when there are too many. `per_minute` of them may come at once; 0: any number.

    A bucket is one number: when it will be full again. `now` gives seconds, from whatever beginning.
    """

    def __init__(self, per_minute: int, now: Callable[[], float] = time.monotonic) -> None:
        self._per_minute, self._now = per_minute, now
        self._full_at: OrderedDict[str, float] = OrderedDict()  # by address, the last that failed at the end

    def count(self, address: str) -> int | None:
        """Count a failure from `address`. None, if there was room for it, else the seconds until there is again."""
        if not self._per_minute:
            return None
        now, place = self._now(), _place(address)
        each = 60 / self._per_minute  # a failure's share of the minute
        full_at = max(self._full_at.get(place, now), now) + each
        too_much = full_at - now - 60
        if too_much > 1e-9:  # a sum of shares may miss the minute by a hair
            return math.ceil(too_much)
        self._full_at[place] = full_at
        self._full_at.move_to_end(place)
        self._forget(now)
        return None

    def _forget(self, now: float) -> None:
        """Those that are full again, as far as they stand first, and whoever is too many."""
        while len(self._full_at) > ADDRESSES_MAX or next(iter(self._full_at.values())) <= now:
            self._full_at.popitem(last=False)

    def __len__(self) -> int:
        return len(self._full_at)


def _place(address: str) -> str:
    """An address that its owner can't vary at will."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address[:ADDRESS_LENGTH_MAX]
    if isinstance(parsed, ipaddress.IPv6Address):
        if parsed.ipv4_mapped:
            return str(parsed.ipv4_mapped)
        return str(ipaddress.ip_network((int(parsed), IPV6_PREFIX), strict=False))
    return str(parsed)
