"""How an interval is cut into hours, seconds and events: exactly, whatever sums are there."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from pointsman.stats.windows import HOUR_S, Piece, Size, pieces

HOURS = st.integers(0, 6).map(lambda hours: hours * HOUR_S)
TIMES = st.one_of(
    HOURS, st.integers(0, 6 * HOUR_S), HOURS.flatmap(lambda at: st.sampled_from([max(0, at - 1), at + 1]))
)


@given(start=TIMES, length=TIMES, kept_from=HOURS)
@example(start=0, length=0, kept_from=0)
@example(start=HOUR_S - 1, length=2, kept_from=HOUR_S)
def test_pieces_follow_one_another_from_start_to_end(start: int, length: int, kept_from: int) -> None:
    end = start + length
    at = start
    for piece in pieces(start, end, kept_from):
        assert piece.start_s == at
        assert piece.end_s >= at
        at = piece.end_s
    assert at == end


@given(start=TIMES, length=TIMES, kept_from=HOURS)
def test_sums_are_used_only_where_they_are_whole_and_kept(start: int, length: int, kept_from: int) -> None:
    for piece in pieces(start, start + length, kept_from):
        if piece.size is Size.HOUR:
            assert piece.start_s % HOUR_S == piece.end_s % HOUR_S == 0
        elif piece.size is Size.SECOND:
            assert piece.start_s >= kept_from
        else:
            assert piece.start_s < kept_from


@given(start=TIMES, length=TIMES, kept_from=HOURS)
def test_no_more_than_an_hour_is_read_in_small_pieces_at_either_edge(start: int, length: int, kept_from: int) -> None:
    """However long the interval is: this is what makes thirty days cheap."""
    small = [piece for piece in pieces(start, start + length, kept_from) if piece.size is not Size.HOUR]
    assert len(small) <= 2
    assert all(piece.end_s - piece.start_s < HOUR_S or length < HOUR_S for piece in small)


@pytest.mark.parametrize(
    ("start", "end", "kept_from", "found"),
    [
        (10, 20, 0, [Piece(Size.SECOND, 10, 20)]),
        (10, 20, HOUR_S, [Piece(Size.EVENT, 10, 20)]),
        (0, HOUR_S, HOUR_S, [Piece(Size.HOUR, 0, HOUR_S)]),
        (3_590, 3_610, HOUR_S, [Piece(Size.EVENT, 3_590, HOUR_S), Piece(Size.SECOND, HOUR_S, 3_610)]),
        (
            3_000,
            8_000,
            2 * HOUR_S,
            [Piece(Size.EVENT, 3_000, 3_600), Piece(Size.HOUR, 3_600, 7_200), Piece(Size.SECOND, 7_200, 8_000)],
        ),
    ],
)
def test_some_intervals(start: int, end: int, kept_from: int, found: list[Piece]) -> None:
    assert pieces(start, end, kept_from) == found
