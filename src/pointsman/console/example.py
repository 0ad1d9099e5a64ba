"""Attributes that a filter takes: what the form for a new task begins with, so that it leads somewhere."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from pointsman.core.errors import Invalid
from pointsman.core.expression import (
    And,
    Array,
    Comparison,
    Condition,
    Constant,
    Context,
    Operator,
    Or,
    Path,
    Reference,
    parse,
)
from pointsman.core.workflow.rules import read_rules

_SAME = (Operator.EQUAL, Operator.LESS_EQUAL, Operator.GREATER_EQUAL, Operator.CONTAINS)
FILTERS_MAX = 8
Wish = tuple[Path, Any]


class Example(NamedTuple):
    """`filter` is the name of the filter, or its expression."""

    filter: str
    attributes: dict[str, Any]


def examples_of(configuration: str) -> list[Example]:
    """Of a workflow's first filters: for each, attributes that it takes and no filter before it does, if there are
    simple ones."""
    try:
        filters = read_rules(configuration).filters[:FILTERS_MAX]
    except Invalid:
        return []
    found: list[Example] = []
    for index, each in enumerate(filters):
        made = _made(_wishes(parse(each.expression, Context.FILTER)))
        taker = next((at for at in range(index + 1) if filters[at].condition.matches(made, None, {}, None)), None)
        if made and taker == index:
            found.append(Example(each.name or each.expression, made))
    return found


def _wishes(condition: Condition) -> Iterator[Wish]:
    """What would have to stand where, as far as one comparison after the other says it."""
    match condition:
        case And(terms):
            for term in terms:
                yield from _wishes(term)
        case Or((first, *_)):
            yield from _wishes(first)
        case Comparison(operator, Reference(path), Constant(value)) if operator in _SAME:
            yield path, value
        case Comparison(Operator.HAS, Reference(path), Constant(value)):
            yield path, [value]
        case Comparison(Operator.IN, Constant(value), Reference(path)):
            yield path, [value]
        case Comparison(Operator.IN, Reference(path), Array((Constant(value), *_))):
            yield path, value


def _made(wishes: Iterator[Wish]) -> dict[str, Any]:
    whole: dict[str, Any] = {}
    for (root, *steps), value in wishes:
        if root != "task" or not steps or not all(isinstance(step, str) for step in steps):
            continue
        at = whole
        for step in steps[:-1]:
            inner = at.setdefault(str(step), {})
            if not isinstance(inner, dict):
                return {}
            at = inner
        at[str(steps[-1])] = value
    return whole
