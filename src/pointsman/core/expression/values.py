"""What the operators mean for JSON values: null, bool, number, string, array (a list) and object (a mapping).

The rules [docs: expression-syntax; the rest inferred]:

- Equal are two nulls, bools, numbers or strings of the same value. `true` is not the number 1.
- A number and a numeric string compare as numbers: attributes say `"6"`, queues `> 5` [docs: task-queue]. A
  numeric string is what the language itself reads as a number: `-12.50`, but not `1e3`, `+5` or `nan`.
- Any other two kinds differ: `==` is false, `!=` true, an order false. Null, bools and objects have no order.
- An object equals nothing, not even another object; it isn't null either.
- An array is good for HAS and IN alone: any other operator with one is false, `!=` too; but it isn't null, so
  `preferred_agents != null` asks whether there is one [docs: workflows-and-assignment]. Without an array on the
  proper side HAS, IN and their negations are false.
- Null is a member of no array, even if the array has a null. An array's elements compare by `==`.
- CONTAINS asks whether a string contains another; an integer stands for its digits.

Every function takes any JSON-like value and raises nothing.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from pointsman.core.expression.tree import Step

NUMERAL_CHARS_MAX = 300  # longer ones are no numbers: Python refuses 4,300 digits, a float is infinite at 309
DIGIT_BITS_MAX = 1_024  # of an integer whose digits CONTAINS looks at: about as many

_NUMERAL = re.compile(r"-?[0-9]+(\.[0-9]+)?")
_NOTHING: Mapping[str, Any] = MappingProxyType({})


def lookup(value: Any, steps: tuple[Step, ...]) -> Any:
    """Follow keys and zero-based indexes into a decoded JSON value; None where there is nothing."""
    for step in steps:
        if isinstance(step, str):
            value = (value if value.__class__ is dict else as_object(value)).get(step)
        elif value.__class__ is list and step < len(value):
            value = value[step]
        else:
            return None
    return value


def as_object(value: Any) -> Mapping[str, Any]:
    """The value itself if it has keys, else an object without any."""
    return value if value is not None and isinstance(value, Mapping) else _NOTHING


def is_numeral(text: str) -> bool:
    """Whether a string is numeric: it reads as a number of the language."""
    return len(text) <= NUMERAL_CHARS_MAX and _NUMERAL.fullmatch(text) is not None


def number_of(numeral: str) -> int | float:
    """The number which a numeric string says."""
    return float(numeral) if "." in numeral else int(numeral)


def equal(left: Any, right: Any) -> bool:
    """`==`"""
    kind, other = left.__class__, right.__class__
    if kind is other:
        return kind is not list and kind is not dict and bool(left == right)
    pair = _numbers(left, right)
    return pair is not None and pair[0] == pair[1]


def unequal(left: Any, right: Any) -> bool:
    """`!=`"""
    if left is None or right is None:
        return left is not right
    return left.__class__ is not list and right.__class__ is not list and not equal(left, right)


def less(left: Any, right: Any) -> bool:
    """`<`, and `>` with the sides exchanged."""
    if left.__class__ is str and right.__class__ is str:
        return bool(left < right)
    pair = _numbers(left, right)
    return pair is not None and pair[0] < pair[1]


def less_equal(left: Any, right: Any) -> bool:
    """`<=`, and `>=` with the sides exchanged."""
    if left.__class__ is str and right.__class__ is str:
        return bool(left <= right)
    pair = _numbers(left, right)
    return pair is not None and pair[0] <= pair[1]


def contains(text: Any, part: Any) -> bool:
    """`CONTAINS`"""
    whole, piece = _text(text), _text(part)
    return whole is not None and piece is not None and piece in whole


def has(array: Any, member: Any) -> bool:
    """`HAS`, and `IN` with the sides exchanged."""
    if array.__class__ is not list or member is None:
        return False
    if member.__class__ is str:  # a plain scan in C nearly always answers
        if member in array:
            return True
        if not is_numeral(member):
            return False
    return any(equal(item, member) for item in array)


def lacks(array: Any, member: Any) -> bool:
    """`NOT HAS`, and `NOT IN` with the sides exchanged: true for a member that is null."""
    return array.__class__ is list and member.__class__ is not list and not has(array, member)


def equality_key(value: Any) -> str | int | float | None:
    """Something hashable that equal values share, to find by value what `==` may hold for.

    Values that differ may share it too (`"5"` and `"05"` equal 5, but not each other): ask the expression.
    """
    if value.__class__ is str:
        return number_of(value) if is_numeral(value) else str(value)
    return value if isinstance(value, int | float) else None


def _numbers(left: Any, right: Any) -> tuple[int | float, int | float] | None:
    """Both sides as numbers, if one is a number and the other is or says one."""
    kind, other = left.__class__, right.__class__
    if kind is int or kind is float:
        if other is int or other is float:
            return left, right
        return (left, number_of(right)) if other is str and is_numeral(right) else None
    if other is int or other is float:
        return (number_of(left), right) if kind is str and is_numeral(left) else None
    return None


def _text(value: Any) -> str | None:
    if value.__class__ is str:
        return str(value)
    return str(value) if value.__class__ is int and value.bit_length() <= DIGIT_BITS_MAX else None
