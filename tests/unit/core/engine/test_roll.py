"""The roll: the numbers of a table in order, whatever comes, goes and comes back."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from pointsman.core.engine import roll
from pointsman.core.engine.roll import Roll


@given(st.lists(st.tuples(st.booleans(), st.integers(1, 60)), max_size=200))
def test_it_holds_every_number_once_and_in_order(steps: list[tuple[bool, int]]) -> None:
    table: dict[int, object] = {}
    kept = Roll(table)
    for comes, no in steps:
        if comes and no not in table:
            table[no] = no
            kept.add(no)
        elif not comes and table.pop(no, None) is not None:
            kept.shrink()
    numbers = list(kept.numbers)
    assert numbers == sorted(set(numbers))
    assert [no for no in numbers if no in table] == sorted(table)


def test_what_has_gone_is_forgotten_in_time() -> None:
    table: dict[int, object] = {}
    kept = Roll(table)
    for no in range(10 * roll._COMPACT_MIN):
        table[no] = no
        kept.add(no)
        del table[no]
        kept.shrink()
    assert len(kept.numbers) <= roll._COMPACT_MIN
