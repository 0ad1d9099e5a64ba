"""Why a text is no expression: what stands where, what was expected there, and what to write instead."""

from __future__ import annotations

from pointsman.core.errors import Invalid

FOUND_CHARS_MAX = 40  # of the caller's text in a message


class ExpressionError(Invalid):
    """The text is no expression; the message is one line.

    Shape: `column 5: found '-', expected an operator such as ==; <hint>`. `column` counts characters from 1;
    at the end of the text it is one past the last that isn't a space. `hint` may be empty.
    """

    def __init__(self, text: str, column: int, found: str, expected: str, hint: str = "") -> None:
        advice = f"; {hint}" if hint else ""
        super().__init__(f"column {column}: found {found}, expected {expected}{advice}")
        self.text, self.column = text, column
        self.found, self.expected, self.hint = found, expected, hint


def shown(excerpt: str) -> str:
    """Quote some of the caller's text for a message: on one line and not too long."""
    if len(excerpt) > FOUND_CHARS_MAX:
        return repr(excerpt[:FOUND_CHARS_MAX]) + "..."
    return repr(str(excerpt))
