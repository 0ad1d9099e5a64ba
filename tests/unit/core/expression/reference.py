"""The expression language a second time, slow and obvious: what the compiled callables must agree with.

What each operator means is said by the auditor of the simulation, from the rules; here a tree is asked.
"""

from __future__ import annotations

import json
import re
from typing import Any

from pointsman.core.expression import And, Array, Comparison, Condition, Constant, Not, Operand, Operator, Or
from tests.simulation.auditor import language
from tests.simulation.auditor.language import kind

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


def compare(operator: Operator, left: Any, right: Any) -> bool:
    """One comparison of two values."""
    return language.compare(operator.value, left, right)


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
