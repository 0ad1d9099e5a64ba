"""Why an expression says what it says: the comparisons that decide, and the values that they compared.

`skills HAS "sales" AND level >= 5` is false for `{"skills": ["sales"], "level": 3}` because `level >= 5` is, with 3 on
its left: the first false term of an AND decides, and the first true one of an OR; where an AND is true or an OR is
false, each term does. NOT turns a verdict round, and what decides stays the same.

This walks the tree, for a person who asks; routing asks the compiled function, and a test compares the two.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from itertools import islice
from typing import Any

import msgspec
from msgspec import Struct

from pointsman.core.expression import values
from pointsman.core.expression.compiling import Data, Expression
from pointsman.core.expression.context import bare_root
from pointsman.core.expression.tree import (
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
)

DECIDING_MAX = 5  # comparisons told of one verdict
SHOWN_CHARS_MAX = 200  # of an operand and of a value
_encode = msgspec.json.Encoder().encode

Value = Any  # as JSON has it; what is too long is a string that ends in an ellipsis


class Compared(Struct, frozen=True, kw_only=True):
    """One comparison: its operands as they are written, the values that stood there, and whether it held."""

    operator: str
    left: str
    right: str
    left_value: Value
    right_value: Value
    held: bool
    text: str  # all of it in words


class Verdict(Struct, frozen=True, kw_only=True):
    """What an expression says. `because` has the first few of the `count` comparisons that decide."""

    matched: bool
    because: tuple[Compared, ...] = ()
    count: int = 0

    @property
    def text(self) -> str:
        """All of it in words."""
        if not self.because:
            return "the expression is empty and matches nobody"
        more = f" and {self.count - len(self.because)} more" if self.count > len(self.because) else ""
        return f"{'; '.join(each.text for each in self.because)}{more}"


_ASKS: dict[Operator, Callable[[Any, Any], bool]] = {
    Operator.EQUAL: values.equal,
    Operator.UNEQUAL: values.unequal,
    Operator.LESS: values.less,
    Operator.LESS_EQUAL: values.less_equal,
    Operator.GREATER: lambda left, right: values.less(right, left),
    Operator.GREATER_EQUAL: lambda left, right: values.less_equal(right, left),
    Operator.CONTAINS: values.contains,
    Operator.HAS: values.has,
    Operator.NOT_HAS: values.lacks,
    Operator.IN: lambda left, right: values.has(right, left),
    Operator.NOT_IN: lambda left, right: values.lacks(right, left),
}


def why(expression: Expression, task: Data, worker: Data, clock: Data, workers: Data) -> Verdict:
    """Say what `expression.matches` says of the same data, and which comparisons decide it."""
    return why_condition(expression.tree, task, worker, clock, workers, bare=bare_root(expression.context))


def why_condition(
    tree: Condition, task: Data, worker: Data, clock: Data, workers: Data, *, bare: str | None = None
) -> Verdict:
    """`bare` is the root that names may lack."""
    found = _Asked({"task": task, "worker": worker, "taskrouter": clock, "workers": workers})
    matched, count = found.ask(tree)
    because = tuple(found.told(each, bare) for each in islice(found.deciding(tree), DECIDING_MAX))
    return Verdict(matched=matched, because=because, count=count)


class _Asked:
    def __init__(self, roots: dict[str, Data]) -> None:
        self._roots = roots

    def ask(self, node: Condition) -> tuple[bool, int]:
        """Whether a condition holds, and how many comparisons decide that."""
        match node:
            case Comparison(operator, left, right):
                return _ASKS[operator](self.value(left), self.value(right)), 1
            case Not(inner):
                matched, count = self.ask(inner)
                return not matched, count
            case And(terms) | Or(terms):
                ends_at = isinstance(node, Or)  # an OR ends at the first true term, an AND at the first false one
                total = 0
                for term in terms:
                    matched, count = self.ask(term)
                    if matched is ends_at:
                        return matched, count
                    total += count
                return not ends_at, total

    def deciding(self, node: Condition) -> Iterator[Comparison]:
        """The comparisons that decide, in order of the text."""
        match node:
            case Comparison():
                yield node
            case Not(inner):
                yield from self.deciding(inner)
            case And(terms) | Or(terms):
                ends_at = isinstance(node, Or)
                ending = next((term for term in terms if self.ask(term)[0] is ends_at), None)
                for term in terms if ending is None else (ending,):
                    yield from self.deciding(term)

    def value(self, operand: Operand) -> Any:
        match operand:
            case Constant(constant):
                return constant
            case Array(items):
                return [self.value(item) for item in items]
            case Reference(path):
                root, *steps = path
                return values.lookup(self._roots[str(root)], tuple(steps))

    def told(self, one: Comparison, bare: str | None) -> Compared:
        left, right = self.value(one.left), self.value(one.right)
        held = _ASKS[one.operator](left, right)
        left_told = _cut(written(one.left, bare)), shown_value(left)
        right_told = _cut(written(one.right, bare)), shown_value(right)
        return Compared(
            operator=one.operator.value,
            left=left_told[0],
            right=right_told[0],
            left_value=left_told[1],
            right_value=right_told[1],
            held=held,
            text=_in_words(one, left_told, right_told, held),
        )


def _in_words(one: Comparison, left: tuple[str, Value], right: tuple[str, Value], held: bool) -> str:
    """`level >= 5 is false (level is 3)`"""
    named = [(text, json.dumps(value, ensure_ascii=False)) for text, value in (left, right)]
    looked_up = ", ".join(f"{text} is {value}" for text, value in named if text != value)
    verdict = f"{left[0]} {one.operator.value} {right[0]} is {'true' if held else 'false'}"
    return f"{verdict} ({looked_up})" if looked_up else verdict


def written(operand: Operand, bare: str | None = None) -> str:
    """An operand in the language's own spelling."""
    match operand:
        case Constant(value):
            return json.dumps(value, ensure_ascii=False)
        case Array(items):
            return f"[{', '.join(written(item, bare) for item in items)}]"
        case Reference(path):
            return written_path(path[1:] if path[0] == bare else path)


def written_path(path: Path) -> str:
    return "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in path).removeprefix(".")


def shown_value(value: Any) -> Value:
    """A value that may be shown: itself, or the beginning of its JSON where that is long."""
    try:
        text = _encode(value)
    except (OverflowError, UnicodeError):  # numbers of an expression may be larger than JSON's readers like
        return _cut(ascii(value))
    return value if len(text) <= SHOWN_CHARS_MAX else _cut(text.decode(errors="replace"))


def _cut(text: str) -> str:
    return text if len(text) <= SHOWN_CHARS_MAX else f"{text[: SHOWN_CHARS_MAX - 1]}…"
