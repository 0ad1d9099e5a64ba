"""What a name means: that depends on where its expression stands.

| where                | a bare name is      | and besides                                  |
|----------------------|---------------------|----------------------------------------------|
| a queue's workers    | a worker attribute  | `worker.`                                    |
| a workflow's filter  | a task attribute    | `task.`, `taskrouter.`                       |
| a filter's target    | refused             | `task.`, `worker.`, `taskrouter.`            |
| a target's `skip_if` | refused             | `workers.`                                   |

Sources: [docs: expression-syntax, time-of-day-routing, worker-presence]; `task.` in a filter is seen in
public configurations [code], `worker.` in a queue is [inferred]. A root is one only with a dot behind it:
`task == 1` in a filter asks for the attribute `task`.
"""

from __future__ import annotations

import enum
from typing import NamedTuple

from pointsman.core.expression.errors import ExpressionError, shown
from pointsman.core.expression.tree import Path

CLOCK_FIELDS = ("currentTime", "currentHour", "currentMin", "dayOfWeek")


class Context(enum.Enum):
    """Where an expression stands; this decides what its bare names mean."""

    QUEUE = "queue"
    """A queue's TargetWorkers, and list filters over workers."""
    FILTER = "filter"
    """A workflow filter, and list filters over tasks."""
    TARGET = "target"
    """A target of a workflow filter."""
    SKIP_IF = "skip_if"
    """The condition that passes over a target."""


class _Rule(NamedTuple):
    bare: str | None  # the root of a name without one
    roots: tuple[str, ...]
    expected: str
    hint: str = ""  # {} is the name


_RULES = {
    Context.QUEUE: _Rule("worker", ("worker",), "a worker attribute"),
    Context.FILTER: _Rule("task", ("task", "taskrouter"), "a task attribute"),
    Context.TARGET: _Rule(
        None,
        ("task", "worker", "taskrouter"),
        "a name that starts with task., worker. or taskrouter.",
        "write task.{0} or worker.{0}",
    ),
    Context.SKIP_IF: _Rule(
        None,
        ("workers",),
        "workers.available, workers.unavailable or workers.WA...",
        "skip_if sees only how many of the queue's workers are available, unavailable or in an activity",
    ),
}


def bare_root(context: Context) -> str | None:
    """The root of a name without one; None, where every name needs its root."""
    return _RULES[context].bare


def resolve(name: Path, context: Context, text: str, column: int) -> Path:
    """The path that a name stands for, where `name` is its parts as written.

    Raises: `ExpressionError`, if the context knows no such name. Attributes are free, so any may be named;
    the fields of `taskrouter.` and `workers.` are a closed list: a slip there would never match [inferred].
    """
    rule = _RULES[context]
    root = name[0] if len(name) > 1 and isinstance(name[1], str) else None
    if root in rule.roots:
        path = name
    elif rule.bare is None:
        raise ExpressionError(text, column, _written(name), rule.expected, rule.hint.format(_dotted(name)))
    elif root == "taskrouter":  # membership of a queue follows its workers, never the clock
        hint = f"for an attribute of that name write {rule.bare}.{_dotted(name)}"
        raise ExpressionError(text, column, _written(name), rule.expected, hint)
    else:
        path = (rule.bare, *name)
    if path[0] == "taskrouter" and not (len(path) == 2 and path[1] in CLOCK_FIELDS):
        fields = ", ".join(f"taskrouter.{field}" for field in CLOCK_FIELDS)
        raise ExpressionError(text, column, _written(name), f"one of {fields}")
    if path[0] == "workers" and not (len(path) == 2 and _is_count(str(path[1]))):
        raise ExpressionError(text, column, _written(name), rule.expected)
    return path


def resolve_under(root: str, name: Path, text: str, column: int) -> Path:
    """The path of a name that must start with `root` and a dot.

    Raises: `ExpressionError`, if it starts with anything else.
    """
    if len(name) > 1 and name[0] == root and isinstance(name[1], str):
        return name
    hint = f"write {root}.{_dotted(name)}"
    raise ExpressionError(text, column, _written(name), f"a name that starts with {root}.", hint)


def _is_count(field: str) -> bool:
    return field in ("available", "unavailable") or field.startswith("WA")


def _written(name: Path) -> str:
    return shown(_dotted(name))


def _dotted(name: Path) -> str:
    return "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in name).removeprefix(".")
