"""Sids: two letters and 32 hexadecimal digits [oai], of which the last twelve are the entity's number.

So a sid leads to its entity, and to every event about it, without an index of random keys, even after the entity is
gone. The other twenty digits are random (80 bits) and are compared wherever a sid is looked up. A workspace's sid
is the key that leads to the numbers, and itself ends in the time of its creation. A worker channel's is made of its
worker's and its task channel's, and ends in the number of the latter.

New sids come from an argument, `Ids`, since the core has no randomness.
"""

from __future__ import annotations

import re
from functools import lru_cache
from hashlib import blake2b
from typing import Protocol

from pointsman.core.types import No, Sid, WorkspaceSid

_SID = re.compile(r"[A-Z]{2}[0-9a-fA-F]{32}", re.ASCII)
_NUMBER_DIGITS = 12
NUMBERS_KEPT_MAX = 2_048  # of the sids that were read last: a lifecycle asks for the same ones again and again


class Ids(Protocol):
    def sid(self, prefix: str, no: No) -> Sid:
        """Make the sid of the new entity `no`."""


class CountingIds:
    """Sids that follow from the numbers alone, for tests and simulations: the same commands give the same sids."""

    def sid(self, prefix: str, no: No) -> Sid:
        return f"{prefix}{no:032x}"


def is_sid(text: str, prefix: str | None = None) -> bool:
    return _SID.fullmatch(text) is not None and (prefix is None or text.startswith(prefix))


@lru_cache(maxsize=NUMBERS_KEPT_MAX)
def number_of(sid: Sid) -> No:
    """The number that a sid ends in; 0, which no entity has, if it is not a sid."""
    return int(sid[-_NUMBER_DIGITS:], 16) if _SID.fullmatch(sid) else 0


def worker_channel_sid(worker: Sid, channel: No, channel_sid: Sid) -> Sid:
    """The sid of a worker's channel: always the same, whether the channel is stored or not. It ends in the number of
    the task channel; those of older databases were stored from the beginning, and end in their own."""
    digest = blake2b(f"{worker} {channel_sid}".encode(), digest_size=10).hexdigest()
    return f"WC{digest}{channel:0{_NUMBER_DIGITS}x}"


def event_sid(workspace: WorkspaceSid, seq: int) -> Sid:
    """The sid of a workspace's event number `seq`: never stored, always the same."""
    return f"EV{workspace[2:-_NUMBER_DIGITS]}{seq:0{_NUMBER_DIGITS}x}"
