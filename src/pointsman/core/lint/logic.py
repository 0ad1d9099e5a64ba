"""What can be said of conditions without any data: always true, never true, one within another, two that exclude each
other. Whatever can't be decided cheaply counts as undecided: what is said here is true of every task.

A condition is taken apart into ways to be true: a set of sets of comparisons, of which all in one set must hold.
`a == 1 AND b IN [2, 3]` has two ways: {a == 1, b == 2} and {a == 1, b == 3}.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from typing import TypeAlias

from pointsman.core.expression import (
    And,
    Array,
    Comparison,
    Condition,
    Constant,
    Not,
    Operand,
    Operator,
    Or,
    Path,
    Reference,
    compile_condition,
    equality_key,
)

WAYS_MAX = 64  # of one condition; with more it is not taken apart
_CACHED_MAX = 1_024

Way: TypeAlias = frozenset[Condition]
Ways: TypeAlias = frozenset[Way]

ALWAYS: Ways = frozenset({frozenset()})
NEVER: Ways = frozenset()
_SWAPPED = {
    Operator.EQUAL: Operator.EQUAL,
    Operator.UNEQUAL: Operator.UNEQUAL,
    Operator.LESS: Operator.GREATER,
    Operator.GREATER: Operator.LESS,
    Operator.LESS_EQUAL: Operator.GREATER_EQUAL,
    Operator.GREATER_EQUAL: Operator.LESS_EQUAL,
}


class _TooMany(Exception):
    """The condition has more ways to be true than are worth following."""


@lru_cache(maxsize=_CACHED_MAX)
def ways(condition: Condition) -> Ways:
    """The ways in which a condition can be true, each without those that another makes needless."""
    try:
        found = _ways(condition, negated=False)
    except _TooMany:
        return frozenset({frozenset({condition})})
    possible = [way for way in found if not _contradicts(way, way)]
    return frozenset(way for way in possible if not any(other < way for other in possible))


def within(inner: Ways, outer: Ways) -> bool:
    """Whether `outer` is true wherever `inner` is. False also means: not known."""
    return all(any(wide <= way for wide in outer) for way in inner)


def exclude(one: Ways, other: Ways) -> bool:
    """Whether the two are never true together. False also means: not known."""
    return all(_contradicts(way, another) for way in one for another in other)


def _ways(condition: Condition, *, negated: bool) -> Ways:
    match condition:
        case Not(inner):
            return _ways(inner, negated=not negated)
        case And(terms) if not negated:
            return _both(_ways(term, negated=False) for term in terms)
        case Or(terms) if negated:
            return _both(_ways(term, negated=True) for term in terms)
        case And(terms) | Or(terms):
            return _either(_ways(term, negated=negated) for term in terms)
        case Comparison():
            return _of_comparison(condition, negated=negated)


def _of_comparison(comparison: Comparison, *, negated: bool) -> Ways:
    if not refers(comparison.left) and not refers(comparison.right):
        return ALWAYS if _is_true(comparison) is not negated else NEVER
    turned = _turned(comparison)
    if negated:
        return frozenset({frozenset({Not(turned)})})
    match turned:
        case Comparison(Operator.IN, Reference() as name, Array(items)) if not any(map(refers, items)):
            # Null is a member of no array, and elements compare by ==.
            values = [item for item in items if isinstance(item, Constant) and item.value is not None]
            return _either(frozenset({frozenset({Comparison(Operator.EQUAL, name, each)})}) for each in values)
    return frozenset({frozenset({turned})})


def _turned(comparison: Comparison) -> Comparison:
    """The same question in the one form of it: names to the left, `HAS` for an array that is looked up."""
    operator, left, right = comparison.operator, comparison.left, comparison.right
    if operator in (Operator.HAS, Operator.NOT_HAS) and isinstance(left, Array):
        return Comparison(Operator.IN if operator is Operator.HAS else Operator.NOT_IN, right, left)
    if operator in (Operator.IN, Operator.NOT_IN) and isinstance(right, Reference):
        return Comparison(Operator.HAS if operator is Operator.IN else Operator.NOT_HAS, right, left)
    if operator in _SWAPPED and isinstance(left, Constant) and isinstance(right, Reference):
        return Comparison(_SWAPPED[operator], right, left)
    return comparison


def refers(operand: Operand) -> bool:
    """Whether its value depends on data."""
    if isinstance(operand, Array):
        return any(map(refers, operand.items))
    return isinstance(operand, Reference)


@lru_cache(maxsize=_CACHED_MAX)
def _is_true(constants: Comparison) -> bool:
    return compile_condition(constants)(None, None, None, None)


def _either(parts: Iterable[Ways]) -> Ways:
    found: set[Way] = set()
    for part in parts:
        found |= part
        if len(found) > WAYS_MAX:
            raise _TooMany
    return frozenset(found)


def _both(parts: Iterable[Ways]) -> Ways:
    found = ALWAYS
    for part in parts:
        if len(found) * len(part) > WAYS_MAX:
            raise _TooMany
        found = frozenset(way | more for way in found for more in part)
    return found


def _contradicts(one: Way, other: Way) -> bool:
    """Whether the two ask one name to equal two values that differ."""
    mine = _equals(one)
    theirs = mine if one is other else _equals(other)
    return any(key not in keys for path, keys in mine.items() for key in theirs.get(path, ())) or any(
        len(keys) > 1 for keys in (*mine.values(), *theirs.values())
    )


@lru_cache(maxsize=_CACHED_MAX)
def _equals(way: Way) -> dict[Path, set[str | int | float | None]]:
    """What each name must equal; values that are equal share their key."""
    found: dict[Path, set[str | int | float | None]] = {}
    for part in way:
        match part:
            case Comparison(Operator.EQUAL, Reference(path), Constant(value)):
                found.setdefault(path, set()).add(equality_key(value))
    return found
