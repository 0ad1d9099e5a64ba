"""The warnings as they are collected, and the words that they share."""

from __future__ import annotations

import re

from pointsman.core.expression import Array, Comparison, Constant, Context, Operand, Path, Reference
from pointsman.core.limits import LINT_STEPS_MAX, LINT_WARNINGS_MAX
from pointsman.core.lint.catalog import LINT_INCOMPLETE, LintWarning, Rule

SHOWN_MAX = 60  # characters of a name, a text or an expression in a message
_NUMBER = re.compile(r"(\d+)")


class Report:
    def __init__(self) -> None:
        self._found: dict[LintWarning, None] = {}

    def warn(self, rule: Rule, where: str, message: str) -> None:
        """Once for the same thing at the same place."""
        self._found[LintWarning(rule.name, where, message)] = None

    def warnings(self, *, complete: bool) -> list[LintWarning]:
        """In the order of the document, the first so many; and whether something is missing."""
        found = sorted(self._found, key=lambda warning: _place(warning.where))
        reasons = [] if complete else [f"more than {LINT_STEPS_MAX:,} steps would have been needed"]
        if len(found) > LINT_WARNINGS_MAX:
            reasons.append(f"{len(found) - LINT_WARNINGS_MAX} more warnings are left out")
        if not reasons:
            return found
        message = f"This is not all: {' and '.join(reasons)}, so mend these and look again."
        return [*found[:LINT_WARNINGS_MAX], LintWarning(LINT_INCOMPLETE.name, "", message)]


def _place(where: str) -> tuple[bool, list[tuple[int, str]]]:
    """`filters[10]` after `filters[9]`, and the default filter after them."""
    parts = [(int(part), "") if part.isdigit() else (-1, part) for part in _NUMBER.split(where)]
    return where.startswith("default_filter"), parts


def cut(text: str) -> str:
    text = "".join(character if character.isprintable() else " " for character in text)
    return text if len(text) <= SHOWN_MAX else f"{text[:SHOWN_MAX]}…"


def quoted(text: str) -> str:
    return f'"{cut(text)}"'


def dotted(path: Path, context: Context) -> str:
    """A name as it is written where bare names have a root of their own."""
    bare = {Context.QUEUE: "worker", Context.FILTER: "task"}.get(context)
    steps = path[1:] if path[0] == bare else path
    return cut("".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in steps).removeprefix("."))


def written(comparison: Comparison, context: Context) -> str:
    sides = (_operand(comparison.left, context), _operand(comparison.right, context))
    return cut(f"{sides[0]} {comparison.operator.value} {sides[1]}")


def _operand(operand: Operand, context: Context) -> str:
    match operand:
        case Reference(path):
            return dotted(path, context)
        case Array(items):
            return f"[{', '.join(_operand(item, context) for item in items)}]"
        case Constant(None):
            return "null"
        case Constant(str(text)):
            return f"'{text}'"
        case Constant(bool(value)):
            return str(value).lower()
        case Constant(value):
            return str(value)


def times(seconds: int) -> str:
    """A duration as people say it."""
    hours = seconds / 3600
    return f"{hours / 24:.1f} days" if hours > 48 else f"{hours:.1f} hours"
