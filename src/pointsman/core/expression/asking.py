"""Many expressions that are asked about the same values: most of them want a constant (`skills HAS "sales" AND …`,
`kind == "call"`), and only those whose constant is there can match."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from pointsman.core.expression.tree import And, Comparison, Condition, Constant, Operator, Path, Reference
from pointsman.core.expression.values import equality_key, lookup

Key = str | int | float


class Asking:
    """Expressions, by numbers that their owner gives them, and by a constant that they ask for."""

    def __init__(self, root: str) -> None:
        """Of what `root` names in an expression (`worker`, `task`), the values are shown."""
        self._root = root
        self._by_constant: dict[Path, dict[Key, dict[int, None]]] = {}
        self._others: dict[int, None] = {}

    def add(self, number: int, tree: Condition) -> None:
        self._place_of(tree)[number] = None

    def remove(self, number: int, tree: Condition) -> None:
        del self._place_of(tree)[number]

    def _place_of(self, tree: Condition) -> dict[int, None]:
        for path, key in _constants_of(tree):
            if path[0] == self._root:
                return self._by_constant.setdefault(path, {}).setdefault(key, {})
        return self._others

    def candidates(self, values: Mapping[str, Any]) -> Iterator[int]:
        """Those that may match, in no meaningful order; one may come twice."""
        yield from self._others
        for path, by_key in self._by_constant.items():
            value = lookup(values, path[1:])
            for each in value if value.__class__ is list else (value,):
                key = equality_key(each)
                if key is not None and key in by_key:
                    yield from by_key[key]


def _constants_of(tree: Condition) -> Iterator[tuple[Path, Key]]:
    """What must be there for an expression to match: where, and the key of a constant that is there, alone or in a
    list."""
    match tree:
        case And(terms):
            for term in terms:
                yield from _constants_of(term)
        case Comparison(Operator.HAS | Operator.EQUAL, Reference(path), Constant(value)) | Comparison(
            Operator.IN | Operator.EQUAL, Constant(value), Reference(path)
        ):
            key = equality_key(value)
            if key is not None:
                yield path, key
