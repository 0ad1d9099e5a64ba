"""Limits on how often an account may ask: token buckets that hold one second's worth."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping
from typing import NamedTuple

PERIOD_S = 1


class Limit(NamedTuple):
    """So many requests a second; `per_second` 0 means that there is no limit."""

    name: str
    per_second: int


class Verdict(NamedTuple):
    """Whether a request may go on, and what its limit has left."""

    limit: Limit
    remaining: int
    wait_s: float  # 0: it may go on

    @property
    def headers(self) -> dict[str, str]:
        """`X-Rate-Limit-*`; their form is not documented, so it is that of the draft standard [inferred]."""
        headers = {
            "X-Rate-Limit-Limit": str(self.limit.per_second),
            "X-Rate-Limit-Remaining": str(self.remaining),
            "X-Rate-Limit-Config": f"{self.limit.name};q={self.limit.per_second};w={PERIOD_S}",
        }
        return headers | ({"Retry-After": str(math.ceil(self.wait_s))} if self.wait_s else {})


class Bucket:
    """Full at first; refills evenly; a request takes one token."""

    def __init__(self, limit: Limit, now_s: float) -> None:
        self._limit, self._tokens, self._at_s = limit, float(limit.per_second), now_s

    def look(self, now_s: float) -> Verdict:
        """What a request that comes now would meet. Takes nothing."""
        refilled = max(now_s - self._at_s, 0.0) * self._limit.per_second
        self._tokens, self._at_s = min(self._tokens + refilled, float(self._limit.per_second)), now_s
        if self._tokens >= 1:
            return Verdict(self._limit, int(self._tokens) - 1, 0.0)
        return Verdict(self._limit, 0, (1 - self._tokens) / self._limit.per_second)

    def take(self) -> None:
        self._tokens -= 1


class Rates:
    """The buckets of every account, one a limit. What is refused takes nothing from any of them."""

    def __init__(self, clock_s: Callable[[], float] = time.monotonic) -> None:
        self._clock_s = clock_s
        self._buckets: dict[tuple[str, str], Bucket] = {}  # as many as accounts that have asked

    def ask(self, account: str, limits: tuple[Limit, ...]) -> Verdict | None:
        """What these limits say to one more request: of the one that refuses, else of the one with least left. None:
        there is no limit."""
        limits = tuple(limit for limit in limits if limit.per_second)
        if not limits:
            return None
        now_s = self._clock_s()
        buckets = [self._bucket(account, limit, now_s) for limit in limits]
        verdicts = [bucket.look(now_s) for bucket in buckets]
        worst = max(verdicts, key=lambda verdict: (verdict.wait_s, -verdict.remaining))
        if not worst.wait_s:
            for bucket in buckets:
                bucket.take()
        return worst

    def _bucket(self, account: str, limit: Limit, now_s: float) -> Bucket:
        key = (account, limit.name)
        found = self._buckets.get(key)
        if found is None:
            found = self._buckets[key] = Bucket(limit, now_s)
        return found


class RateLimits(NamedTuple):
    """The settings. The hosted service has 3 for expression filters and 5 for bulk statistics [docs: limits]."""

    requests: Limit = Limit("requests", 0)
    expression_filters: Limit = Limit("expression_filters", 0)
    bulk_statistics: Limit = Limit("bulk_statistics", 0)


def read_rate_limits(settings: Mapping[str, int]) -> RateLimits:
    """Raises: `ValueError`, for a negative number."""
    limits = {}
    for name in RateLimits._fields:
        setting = f"rate_limit_{name}_per_second"
        if settings[setting] < 0:
            raise ValueError(f"{setting} {settings[setting]}: expected 0 (no limit) or a number of requests a second")
        limits[name] = Limit(name, settings[setting])
    return RateLimits(**limits)
