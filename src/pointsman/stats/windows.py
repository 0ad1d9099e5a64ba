"""Which sums an interval is put together from: of whole hours, of seconds, and of the events themselves.

Events are summed up in the background, by second and by hour; the sums of seconds are kept for a while only. So an
interval is cut into whole hours and what is left at its edges; what is not summed up yet is always taken from events.
"""

from __future__ import annotations

from enum import IntEnum
from typing import NamedTuple

HOUR_S = 3_600
SECONDS_KEPT_S = 2 * HOUR_S  # the sums of seconds: longer than what is mostly asked for


class Size(IntEnum):
    """How much time a sum covers, in seconds; EVENT: it is no sum."""

    EVENT = 0
    SECOND = 1
    HOUR = HOUR_S


class Piece(NamedTuple):
    """From `start_s` to just before `end_s`."""

    size: Size
    start_s: int
    end_s: int


def pieces(start_s: int, end_s: int, seconds_from_s: int) -> list[Piece]:
    """The pieces of an interval of which everything is summed up, in order. `seconds_from_s`: whence the sums of
    seconds are there, a whole hour."""
    first_hour = -(-start_s // HOUR_S) * HOUR_S
    last_hour = end_s // HOUR_S * HOUR_S
    if first_hour > last_hour:  # within one hour
        return [_edge(start_s, end_s, seconds_from_s)]
    found = []
    if start_s < first_hour:
        found.append(_edge(start_s, first_hour, seconds_from_s))
    if first_hour < last_hour:
        found.append(Piece(Size.HOUR, first_hour, last_hour))
    if last_hour < end_s:
        found.append(_edge(last_hour, end_s, seconds_from_s))
    return found


def _edge(start_s: int, end_s: int, seconds_from_s: int) -> Piece:
    return Piece(Size.SECOND if start_s >= seconds_from_s else Size.EVENT, start_s, end_s)
