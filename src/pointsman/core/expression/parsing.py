"""From text to the tree: names get their roots, literals their values."""

from __future__ import annotations

import re

from lark import Token, Tree

from pointsman.core.expression.context import Context, resolve, resolve_under
from pointsman.core.expression.errors import ExpressionError, shown
from pointsman.core.expression.syntax import offset_of, read
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
from pointsman.core.expression.values import NUMERAL_CHARS_MAX, number_of

_ESCAPE = re.compile(r"\\(.)", re.DOTALL)
_ESCAPED = {"n": "\n", "r": "\r", "t": "\t"}
_CONSTANTS: dict[str, bool | None] = {"true": True, "false": False, "null": None}


def parse(text: str, context: Context) -> Condition:
    """Read a condition. Raises: `ExpressionError`.

    A queue's empty expression matches nobody [oai: TargetWorkers]; elsewhere it is refused [inferred].
    """
    if context is Context.QUEUE and not text.strip():
        return NEVER
    return _Builder(text, context).condition(read(text, "expression").children[0])


def parse_reference(text: str) -> Path:
    """Read the name of a task attribute, `task.agent_sid`: where a target's known worker is found.

    Raises: `ExpressionError`, for anything but a name that starts with `task.` [docs: known-agent-routing].
    """
    name, column = name_of(read(text, "reference"), text)
    return resolve_under("task", name, text, column)


def name_of(node: Tree[Token], text: str) -> tuple[Path, int]:
    """The parts of a name as written, and the column where it starts."""
    steps = tuple(_step(token, text) for token in node.children if isinstance(token, Token))
    return steps, offset_of(node) + 1


class _Builder:
    """One descent over lark's tree; the grammar bounds how deep it goes."""

    def __init__(self, text: str, context: Context) -> None:
        self.text, self.context = text, context

    def condition(self, node: Tree[Token] | Token) -> Condition:
        assert isinstance(node, Tree)
        match node.data:
            case "disjunction":
                return Or(tuple(self.condition(child) for child in node.children))
            case "conjunction":
                return And(tuple(self.condition(child) for child in node.children))
            case "negation":
                return Not(self.condition(node.children[-1]))
        return self.comparison(node)

    def comparison(self, node: Tree[Token]) -> Comparison:
        left_node, sign, right_node = node.children
        assert isinstance(sign, Tree)
        signs = [part for part in sign.children if isinstance(part, Token)]
        operator = Operator["_".join(token.type for token in signs)]
        left, right = self.operand(left_node), self.operand(right_node)
        if operator in (Operator.HAS, Operator.NOT_HAS) and isinstance(left, Constant):
            # It would be false for ever: most likely the sides are the wrong way round [inferred].
            expected = f"an array or a name to the left of {operator.value}"
            raise self.refusal(left_node, expected, "the array stands left of HAS and right of IN")
        if signs == ["<-"] and isinstance(right, Constant) and isinstance(right.value, int | float):
            expected = "an array or a name to the right of <-"
            raise self.refusal(right_node, expected, f"for a negative number write < -{right_node}")
        return Comparison(operator, left, right)

    def operand(self, node: Tree[Token] | Token) -> Operand:
        if isinstance(node, Token):
            return Constant(_constant(node, self.text))
        if node.data == "array":
            return Array(tuple(self.operand(child) for child in node.children))
        name, column = name_of(node, self.text)
        return Reference(resolve(name, self.context, self.text, column))

    def refusal(self, found: Tree[Token] | Token, expected: str, hint: str) -> ExpressionError:
        return ExpressionError(self.text, offset_of(found) + 1, shown(str(found)), expected, hint)


def _constant(token: Token, text: str) -> str | int | float | bool | None:
    match token.type:
        case "STRING":
            return _ESCAPE.sub(lambda escape: _ESCAPED.get(escape[1], escape[1]), token[1:-1])
        case "NUMBER":
            return number_of(_short(token, token, text))
    return _CONSTANTS[token.lower()]


def _step(token: Token, text: str) -> Step:
    match token.type:
        case "INDEX":
            return int(_short(token[1:-1].strip(), token, text))
        case "FIELD":
            return token[1:]
    return str(token)


def _short(numeral: str, token: Token, text: str) -> str:
    if len(numeral) > NUMERAL_CHARS_MAX:
        found, expected = f"a number of {len(numeral)} characters", f"at most {NUMERAL_CHARS_MAX}"
        raise ExpressionError(text, offset_of(token) + 1, found, expected)
    return str(numeral)
