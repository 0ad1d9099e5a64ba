"""The expression language a second time, slow and obvious: what the compiled callables must agree with.

Written from the rules, not from the code: kinds first, then one table of cases for each operator.
"""

from __future__ import annotations

import json
import re
from typing import Any

from pointsman.core.expression import And, Array, Comparison, Condition, Constant, Not, Operand, Operator, Or

Roots = dict[str, Any]  # task, worker, taskrouter, workers


def judge(node: Condition, roots: Roots) -> bool:
    """Interpret a tree."""
    if isinstance(node, And):
        return all(judge(term, roots) for term in node.terms)
    if isinstance(node, Or):
        return any(judge(term, roots) for term in node.terms)
    if isinstance(node, Not):
        return not judge(node.inner, roots)
    return compare(node.operator, evaluate(node.left, roots), evaluate(node.right, roots))


def evaluate(node: Operand, roots: Roots) -> Any:
    """The JSON value of an operand."""
    if isinstance(node, Constant):
        return node.value
    if isinstance(node, Array):
        return [evaluate(item, roots) for item in node.items]
    value: Any = roots
    for step in node.path:
        try:
            value = value[step] if kind(value) == ("object" if isinstance(step, str) else "array") else None
        except LookupError:
            return None
    return value


def kind(value: Any) -> str:
    """JSON's name for a Python value; bool before int, since Python takes one for the other."""
    if value is None:
        return "null"
    for types, name in ((bool, "bool"), ((int, float), "number"), (str, "string"), (list, "array")):
        if isinstance(value, types):
            return name
    return "object"


def compare(operator: Operator, left: Any, right: Any) -> bool:
    """One comparison of two values."""
    match operator:
        case Operator.IN:
            return compare(Operator.HAS, right, left)
        case Operator.NOT_IN:
            return compare(Operator.NOT_HAS, right, left)
        case Operator.HAS:
            return kind(left) == "array" and right is not None and any(same(item, right) for item in left)
        case Operator.NOT_HAS:
            if kind(left) != "array" or kind(right) == "array":
                return False
            return not compare(Operator.HAS, left, right)
    if operator is Operator.UNEQUAL and None in (left, right):
        return left is not None or right is not None
    if "array" in (kind(left), kind(right)):
        return False
    match operator:
        case Operator.EQUAL:
            return same(left, right)
        case Operator.UNEQUAL:
            return not same(left, right)
        case Operator.CONTAINS:
            texts = [value if kind(value) == "string" else digits(value) for value in (left, right)]
            return None not in texts and str(texts[1]) in str(texts[0])
    pair = alike(left, right)
    if pair is None or kind(pair[0]) not in ("number", "string"):
        return False
    below, equal, above = pair[0] < pair[1], pair[0] == pair[1], pair[0] > pair[1]
    answers: dict[Operator, bool] = {
        Operator.LESS: below,
        Operator.LESS_EQUAL: below or equal,
        Operator.GREATER: above,
        Operator.GREATER_EQUAL: above or equal,
    }
    return answers[operator]


def same(left: Any, right: Any) -> bool:
    """The language's `==`."""
    pair = alike(left, right)
    return pair is not None and kind(pair[0]) not in ("array", "object") and bool(pair[0] == pair[1])


def alike(left: Any, right: Any) -> tuple[Any, Any] | None:
    """Two values of one kind, a numeric string turned into a number beside one; None if the kinds differ."""
    if kind(left) == kind(right):
        return left, right
    if {kind(left), kind(right)} == {"number", "string"}:
        pair = numeral(left), numeral(right)
        return None if None in pair else pair
    return None


def numeral(value: Any) -> Any:
    if kind(value) == "number":
        return value
    plain = re.match(r"^-?[0123456789]+(\.[0123456789]+)?\Z", value) and len(value) <= 300
    return (float(value) if "." in value else int(value)) if plain else None


def digits(value: Any) -> str | None:
    whole = kind(value) == "number" and isinstance(value, int) and abs(value) < 2**1024
    return str(value) if whole else None


def render(node: Condition | Operand) -> str:
    """Write a tree so that parsing it gives the tree again."""
    if isinstance(node, Comparison):
        return f"{render(node.left)} {node.operator.value} {render(node.right)}"
    if isinstance(node, Not):
        return f"NOT {grouped(node.inner, Comparison)}"
    if isinstance(node, And):
        return " AND ".join(grouped(term, Comparison, Not) for term in node.terms)
    if isinstance(node, Or):
        return " OR ".join(grouped(term, Comparison, Not, And) for term in node.terms)
    if isinstance(node, Array):
        return f"[{', '.join(map(render, node.items))}]"
    if isinstance(node, Constant):
        return literal(node.value)
    return node.path[0].__str__() + "".join(
        f"[{step}]" if isinstance(step, int) else f".{step}" for step in node.path[1:]
    )


def grouped(node: Condition, *bare: type) -> str:
    return render(node) if isinstance(node, bare) else f"({render(node)})"


def literal(value: str | int | float | bool | None) -> str:
    if isinstance(value, str):
        return '"' + re.sub(r'(["\\])', r"\\\1", value) + '"'
    return f"{value:.6f}" if isinstance(value, float) else json.dumps(value)
