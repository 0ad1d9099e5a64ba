"""The rules, each declared once: what is worth a warning, and why."""

from __future__ import annotations

from typing import NamedTuple


class Rule(NamedTuple):
    """`data` says that it compares with what is in the workspace: without one it has nothing to say."""

    name: str
    doc: str
    data: bool = False


class LintWarning(NamedTuple):
    """Something unwise, and where it stands: `filters[1].targets[0].expression`, or `target_workers`."""

    rule: str
    where: str
    message: str


RULES: list[Rule] = []


def _rule(name: str, doc: str, *, data: bool = False) -> Rule:
    rule = Rule(name, doc, data)
    RULES.append(rule)
    return rule


UNKNOWN_ATTRIBUTE = _rule(
    "unknown_attribute",
    "An attribute is asked for that no current worker, or none of the newest tasks, has; it may be misspelled.",
    data=True,
)
SCALAR_AS_ARRAY = _rule(
    "scalar_as_array",
    "`HAS` or `IN` looks into an attribute that is nowhere an array, and so the comparison is false.",
    data=True,
)
ARRAY_AS_SCALAR = _rule(
    "array_as_scalar",
    "An attribute that is everywhere an array or an object is compared as if it were a single value.",
    data=True,
)
CONSTANT_COMPARISON = _rule(
    "constant_comparison",
    "Two constants are compared, one of them a text: most likely the name of an attribute stands in quotes.",
)
UNKNOWN_WEEKDAY = _rule(
    "unknown_weekday", "`taskrouter.dayOfWeek` is compared with something that is none of its values, Mon to Sun."
)
UNKNOWN_ACTIVITY = _rule(
    "unknown_activity", "An activity is named, by name or by sid, that the workspace does not have.", data=True
)
UNKNOWN_QUEUE = _rule(
    "unknown_queue",
    "A configuration that was only checked names a task queue that the workspace does not have: "
    "a workflow with it would be refused.",
    data=True,
)
QUEUE_WITHOUT_WORKERS = _rule(
    "queue_without_workers", "A task queue, or one that a workflow sends tasks to, has no worker now.", data=True
)
UNSATISFIED_TARGET = _rule(
    "unsatisfied_target",
    "What a target's expression asks of the worker alone is true of no worker who is in the target's queue now.",
    data=True,
)
UNREACHABLE_FILTER = _rule(
    "unreachable_filter", "An earlier filter takes all the tasks that this one matches, and never lets them go."
)
UNREACHABLE_TARGET = _rule(
    "unreachable_target", "A target stands behind one without `timeout` and `skip_if`, which tasks never leave."
)
ENDS_IN_CANCEL = _rule(
    "ends_in_cancel",
    "A task may come to the end of the workflow, where it is refused or canceled; after a timeout not even the default "
    "filter is used.",
)
SKIP_IF_COUNTS_ALL = _rule(
    "skip_if_counts_all",
    "`skip_if` counts all workers of the queue, also those whom the target's own expression or known worker leaves "
    "out.",
)
ORDER_NOT_WHOLE = _rule(
    "order_not_whole",
    "`order_by` names an attribute that is no whole number for some worker of the queue: with one of them among the "
    "candidates the whole order is ignored.",
    data=True,
)
MILLISECONDS = _rule("milliseconds", "A target's `timeout`, which is in seconds, looks like milliseconds.")
LINT_INCOMPLETE = _rule(
    "lint_incomplete", "There was more to look at than the limits allow: what is not warned of may still be unwise."
)
