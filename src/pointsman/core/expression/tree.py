"""What an expression says, as a small tree of frozen values.

skills HAS "sales" AND (level >= 5 OR NOT vip == true)

And((Comparison(HAS, Reference(("worker", "skills")), Constant("sales")),
     Or((Comparison(GREATER_EQUAL, Reference(("worker", "level")), Constant(5)),
         Not(Comparison(EQUAL, Reference(("worker", "vip")), Constant(True)))))))
"""

from __future__ import annotations

import enum
from collections.abc import Iterator
from typing import TypeAlias

from msgspec import Struct

Step: TypeAlias = str | int
Path: TypeAlias = tuple[Step, ...]
"""Where a value is found: a root (`task`, `worker`, `taskrouter` or `workers`), then keys and indexes."""


class Operator(enum.Enum):
    """What a comparison asks; the names are those of the terminals in the grammar."""

    EQUAL = "=="
    UNEQUAL = "!="
    LESS = "<"
    LESS_EQUAL = "<="
    GREATER = ">"
    GREATER_EQUAL = ">="
    CONTAINS = "CONTAINS"
    HAS = "HAS"
    NOT_HAS = "NOT HAS"
    IN = "IN"
    NOT_IN = "NOT IN"


class Constant(Struct, frozen=True, eq=False):
    """A value written out. To Python 1, 1.0 and True are equal; here they are three constants."""

    value: str | int | float | bool | None

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Constant) and self._identity() == other._identity()

    def __hash__(self) -> int:
        return hash(self._identity())

    def _identity(self) -> tuple[type, object]:
        return type(self.value), self.value


class Reference(Struct, frozen=True):
    """A value looked up when the expression is asked; null where there is none."""

    path: Path


class Array(Struct, frozen=True):
    """Values in brackets."""

    items: tuple[Operand, ...]


class Comparison(Struct, frozen=True):
    """Two operands and what is asked of them."""

    operator: Operator
    left: Operand
    right: Operand


class Not(Struct, frozen=True):
    """True where the inner condition is false."""

    inner: Condition


class And(Struct, frozen=True):
    """True where every term is."""

    terms: tuple[Condition, ...]


class Or(Struct, frozen=True):
    """True where some term is; so an `Or` of no terms is never true."""

    terms: tuple[Condition, ...]


Operand: TypeAlias = Constant | Reference | Array
Condition: TypeAlias = Comparison | Not | And | Or

NEVER = Or(())


def paths(node: Condition | Operand) -> Iterator[Path]:
    """Every path that is read, in order of the text, repeated where the text repeats it."""
    match node:
        case Reference(path):
            yield path
        case Comparison(_, left, right):
            yield from paths(left)
            yield from paths(right)
        case Array(nodes) | And(nodes) | Or(nodes):
            for inner in nodes:
                yield from paths(inner)
        case Not(inner):
            yield from paths(inner)


def path_order(path: Path) -> tuple[tuple[bool, Step], ...]:
    """A key that sorts paths: indexes before names, so that the two are never compared."""
    return tuple((isinstance(step, str), step) for step in path)
