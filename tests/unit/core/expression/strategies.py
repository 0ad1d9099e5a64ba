"""Random JSON, texts, trees and worlds that are likely to meet: few names, few values, every kind."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from pointsman.core.expression import (
    And,
    Array,
    Comparison,
    Condition,
    Constant,
    Not,
    Operator,
    Or,
    Reference,
)

NAMES = ("a", "b", "in", "$c_1")
TEXTS = ("", "en", "fr", "e", "5", "05", "-5", "5.0", "1", "true", "null", "nan", "1e9", " 5", "5\n", "\"\\'")
NUMBERS = (0, 1, 5, -5, 10**30, 0.5, 5.0, -5.0)

scalars = st.one_of(st.none(), st.booleans(), st.sampled_from(NUMBERS), st.sampled_from(TEXTS), st.text(max_size=4))
wild_numbers = st.one_of(st.floats(), st.integers(), st.sampled_from((10**4_000, -(10**400), 2.0**1000)))
values = st.recursive(
    scalars | wild_numbers,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(NAMES), inner, max_size=3),
    max_leaves=8,
)
objects: st.SearchStrategy[dict[str, Any]] = st.dictionaries(st.sampled_from(NAMES), values)

steps = st.lists(st.sampled_from(NAMES) | st.integers(0, 2), max_size=5)
references = st.builds(
    lambda root, name, rest: Reference((root, name, *rest)),
    st.sampled_from(("task", "worker")),
    st.sampled_from(NAMES),
    steps,
)
constants = scalars.map(Constant)
arrays = st.recursive(
    st.lists(constants | references, max_size=3).map(lambda items: Array(tuple(items))),
    lambda inner: st.lists(inner | constants, max_size=3).map(lambda items: Array(tuple(items))),
    max_leaves=4,
)
operands = references | constants | arrays


def _comparison(operator: Operator, left: Any, right: Any) -> Comparison:
    if operator in (Operator.HAS, Operator.NOT_HAS) and isinstance(left, Constant):
        left = Array((left,))  # a scalar to the left of HAS is refused
    return Comparison(operator, left, right)


def _terms(inner: st.SearchStrategy[Condition]) -> st.SearchStrategy[tuple[Condition, ...]]:
    return st.lists(inner, min_size=2, max_size=3).map(tuple)


comparisons = st.builds(_comparison, st.sampled_from(Operator), operands, operands)
conditions: st.SearchStrategy[Condition] = st.recursive(
    comparisons,
    lambda inner: st.builds(And, _terms(inner)) | st.builds(Or, _terms(inner)) | st.builds(Not, inner),
    max_leaves=6,
)
