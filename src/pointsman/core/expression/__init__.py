"""The expression language: which workers a queue has, which filter takes a task, who may get it.

    skills = compile_expression('skills HAS "sales" AND level >= 5', Context.QUEUE)
    skills.matches(None, {"skills": ["sales"], "level": "6"}, None, None)  # True
    skills.reads  # (("worker", "level"), ("worker", "skills"))

`grammar.lark` says what can be written, `values` what the operators mean, `context` what the names mean.
"""

from pointsman.core.expression.asking import Asking
from pointsman.core.expression.clock import clock_values, next_clock_change_ms
from pointsman.core.expression.compiling import (
    Data,
    Expression,
    Matches,
    compile_condition,
    compile_expression,
)
from pointsman.core.expression.context import Context
from pointsman.core.expression.errors import ExpressionError
from pointsman.core.expression.ordering import OrderBy, SortKey, parse_order_by
from pointsman.core.expression.parsing import parse, parse_reference
from pointsman.core.expression.tree import (
    NEVER,
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
    Step,
)
from pointsman.core.expression.values import equal, equality_key, has, lookup
from pointsman.core.expression.why import Compared, Verdict, shown_value, why

__all__ = [
    "NEVER",
    "And",
    "Array",
    "Asking",
    "Compared",
    "Comparison",
    "Condition",
    "Constant",
    "Context",
    "Data",
    "Expression",
    "ExpressionError",
    "Matches",
    "Not",
    "Operand",
    "Operator",
    "Or",
    "OrderBy",
    "Path",
    "Reference",
    "SortKey",
    "Step",
    "Verdict",
    "clock_values",
    "compile_condition",
    "compile_expression",
    "equal",
    "equality_key",
    "has",
    "lookup",
    "next_clock_change_ms",
    "parse",
    "parse_order_by",
    "parse_reference",
    "shown_value",
    "why",
]
