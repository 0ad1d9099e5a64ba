"""What to write instead: the slips that people make, each recognised where the parser stopped."""

from __future__ import annotations

from lark import Token

UNREADABLE = "unreadable"  # what was found is no token at all

_SMART_QUOTES = "“”„‟‘’‚‛«»"
_SLIPS = {  # two operators in a row, and the one that is meant
    "=<": "<=",
    "=>": ">=",
    "===": "==",
    "!==": "!=",
    "=!": "!=",
    "==!": "!=",
    "><": "!=",
}
_SPLIT = {"==": "==", ">=": ">=", "<=": "<=", "<>": "<>"}  # one operator with a blank inside
_FOREIGN = {"&": "write AND", "|": "write OR", "!": "write NOT, or != to compare"}


def hint(text: str, offset: int, kind: str, before: list[Token], possible: set[str]) -> str:
    """Advice for a text that can't be read at `offset`, or nothing.

    `kind` is the terminal found there, `$END` or `UNREADABLE`; `before` are the tokens up to there, and
    `possible` the terminals that could have followed them.
    """
    character = text[offset : offset + 1]
    last = before[-1] if before else None
    if last is not None and (operator := _operator_meant(last, character, offset)):
        return f"write {operator}"
    if last is not None and last.type in ("_AND", "_OR") and kind in ("_AND", "_OR"):
        return f"there is no comparison between {last.upper()} and {text[offset : offset + len(kind) - 1].upper()}"
    if kind == UNREADABLE and character in "\"'":
        return "the quote opened here is never closed"
    if kind == UNREADABLE and character in _SMART_QUOTES:
        return "write the straight quote ' or \""
    if kind == UNREADABLE and character in _FOREIGN:
        return _FOREIGN[character]
    if last is not None and last.end_pos == offset:  # nothing between it and what was found
        if character == "-" and last.type in ("NAME", "FIELD"):
            return "a name can't hold a hyphen: rename the attribute, with an underscore for example"
        if kind == "NAME" and last.type == "STRING":
            return "the string before it ends there: a quote inside a string is written \\' or \\\""
    if kind in ("$END", "RPAR", "_AND", "_OR") and "EQUAL" in possible:
        return _hint_for_a_bare_value(text, offset, before)
    return _hint_for_brackets(kind, before, possible)


def _operator_meant(last: Token, character: str, offset: int) -> str:
    """The operator for which the one before and what follows it were written."""
    found = _SLIPS if last.end_pos == offset else _SPLIT
    return found.get(f"{last}{character}", "")


def _hint_for_a_bare_value(text: str, offset: int, before: list[Token]) -> str:
    for token in reversed(before):
        if token.type == "NAME":
            return f"a comparison is required: write {text[token.start_pos : offset].strip()} == true"
        if token.type not in ("FIELD", "INDEX"):
            break
    return "a comparison is required: 1==1 is always true"


def _hint_for_brackets(kind: str, before: list[Token], possible: set[str]) -> str:
    unclosed: list[Token] = []
    for token in before:
        if token in ("(", "["):
            unclosed.append(token)
        elif token in (")", "]"):
            unclosed.pop()
    if kind in ("RPAR", "RSQB") and not unclosed:
        return "nothing is open that it could close"
    if kind == "$END" and possible & {"RPAR", "RSQB"}:
        name = "parenthesis" if unclosed[-1] == "(" else "bracket"
        return f"the {name} opened at column {(unclosed[-1].start_pos or 0) + 1} is never closed"
    return ""
