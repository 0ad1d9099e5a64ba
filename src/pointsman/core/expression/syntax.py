"""From text to lark's tree by the grammar, or to a refusal that says where and why."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from importlib.resources import files
from typing import Literal, TypeAlias, cast

from lark import Lark, Token, Tree
from lark.exceptions import UnexpectedCharacters, UnexpectedInput, UnexpectedToken

from pointsman.core.expression.errors import ExpressionError, shown
from pointsman.core.expression.hints import UNREADABLE, hint

TEXT_CHARS_MAX = 65_536
NESTING_MAX = 64  # brackets inside brackets: what recurses over a tree is bounded by it

Start: TypeAlias = Literal["expression", "order", "reference"]


def read(text: str, start: Start) -> Tree[Token]:
    """Parse a text by one of the grammar's three starting rules. Raises: `ExpressionError`."""
    if len(text) > TEXT_CHARS_MAX:
        raise ExpressionError(text, TEXT_CHARS_MAX + 1, f"{len(text)} characters", f"at most {TEXT_CHARS_MAX}")
    session = _parser().parse_interactive(text, start=start)
    tokens: list[Token] = []
    depth = 0
    try:
        for token in session.iter_parse():
            tokens.append(token)
            if token in ("(", "["):
                depth += 1
                if depth > NESTING_MAX:
                    found, expected = f"{depth} brackets inside each other", f"at most {NESTING_MAX}"
                    raise ExpressionError(text, offset_of(token) + 1, found, expected)
            elif token in (")", "]"):
                depth -= 1
        end = Token("$END", "", start_pos=len(text.rstrip()))
        return cast(Tree[Token], session.feed_token(end))
    except UnexpectedInput as problem:
        raise _refusal(text, start, tokens, problem) from None


def offset_of(node: Tree[Token] | Token) -> int:
    """Where a token, or the first one of a tree, starts; counted from 0."""
    while isinstance(node, Tree):
        node = node.children[0]
    assert node.start_pos is not None
    return node.start_pos


@cache
def _parser() -> Lark:
    grammar = files(__package__).joinpath("grammar.lark").read_text(encoding="utf-8")
    return Lark(grammar, parser="lalr", start=["expression", "order", "reference"], maybe_placeholders=False)


def _refusal(text: str, start: Start, tokens: list[Token], problem: UnexpectedInput) -> ExpressionError:
    if isinstance(problem, UnexpectedToken):
        kind, offset = problem.token.type, offset_of(problem.token)
        found = "the end of the text" if kind == "$END" else shown(problem.token)
    else:
        assert isinstance(problem, UnexpectedCharacters)
        kind, offset = UNREADABLE, cast(int, problem.pos_in_stream)
        found = shown(text[offset])
    before = [token for token in tokens if offset_of(token) < offset]
    possible = _possible_after(before, start)
    advice = hint(text, offset, kind, before, possible)
    return ExpressionError(text, offset + 1, found, _expectation(possible), advice)


def _possible_after(tokens: list[Token], start: Start) -> set[str]:
    """The terminals that may follow. A fresh parser is asked: the failed one has narrowed its choice."""
    session = _parser().parse_interactive(start=start)
    for token in tokens:
        session.feed_token(token)
    return cast(Callable[[], set[str]], session.accepts)()


# A terminal without words of its own always comes with one that has them.
_SAID = {
    "STRING": "a value",
    "NAME": "a name",
    "EQUAL": "an operator such as ==",
    "HAS": "HAS",
    "IN": "IN",
    "_AND": "AND",
    "_OR": "OR",
    "ASC": "ASC",
    "DESC": "DESC",
    "COMMA": "a comma",
    "RPAR": "')'",
    "RSQB": "']'",
    "$END": "the end",
}


def _expectation(possible: set[str]) -> str:
    """Say what may follow, in the reader's words."""
    choices = [words for terminal, words in _SAID.items() if terminal in possible]
    return choices[0] if len(choices) == 1 else f"{', '.join(choices[:-1])} or {choices[-1]}"
