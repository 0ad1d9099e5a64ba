"""Which of several workers comes first: `worker.level DESC, worker.languages.en ASC`."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any, TypeAlias

from lark import Token, Tree
from msgspec import Struct

from pointsman.core.expression.context import resolve_under
from pointsman.core.expression.parsing import name_of
from pointsman.core.expression.syntax import read
from pointsman.core.expression.tree import Path
from pointsman.core.expression.values import lookup

ORDERS_CACHED_MAX = 4_096

SortKey: TypeAlias = tuple[int | float, ...]


class OrderBy(Struct, frozen=True):
    """An order of workers: paths under `worker`, each with whether the greatest value comes first."""

    text: str
    clauses: tuple[tuple[Path, bool], ...]

    def key(self, worker: Mapping[str, Any]) -> SortKey | None:
        """What to sort a worker by, smallest first; None means that the whole order must be ignored.

        Workers without the attribute come last, ascending and descending alike, and any value that is no
        integer makes the order ignored [docs: order-workers]. Null counts as missing, 5.0 as an integer, and
        "5" as none [inferred].
        """
        key: list[int | float] = []
        for path, descending in self.clauses:
            value = lookup(worker, path[1:])
            if value is None:
                key += (1, 0)
            elif value.__class__ is int or (value.__class__ is float and value.is_integer()):
                key += (0, -value if descending else value)
            else:
                return None
        return tuple(key)


@lru_cache(maxsize=ORDERS_CACHED_MAX)
def parse_order_by(text: str) -> OrderBy:
    """Read an order of workers; without a direction a clause is ascending, and a blank text orders nothing.

    Raises: `ExpressionError`, also for a name that doesn't start with `worker.` [docs: order-workers].
    """
    clauses = [clause for clause in read(text, "order").children if isinstance(clause, Tree)]
    return OrderBy(text, tuple(_clause(clause, text) for clause in clauses))


def _clause(node: Tree[Token], text: str) -> tuple[Path, bool]:
    reference, *direction = node.children
    assert isinstance(reference, Tree)
    name, column = name_of(reference, text)
    descending = any(isinstance(word, Token) and word.type == "DESC" for word in direction)
    return resolve_under("worker", name, text, column), descending
