"""Lint: what is allowed in a task queue or a workflow, and yet unwise. It refuses nothing.

    run(lint_queue('skils HAS "sales"', look_around(state)))
    # [LintWarning("unknown_attribute", "target_workers", 'No current worker has "skils": did you mean "skills"?')]

`catalog` declares the rules; `logic` decides about conditions without data, `looking` asks the data. A warning is
about now: it says that no current worker has an attribute, not that none could.
"""

from pointsman.core.lint.around import Around, QueueThere, look_around
from pointsman.core.lint.catalog import RULES, LintWarning, Rule
from pointsman.core.lint.looking import Steps, T
from pointsman.core.lint.queues import lint_queue
from pointsman.core.lint.workflows import lint_workflow


def run(steps: Steps[T]) -> T:
    """Go through all of it at once."""
    while True:
        try:
            next(steps)
        except StopIteration as end:
            found: T = end.value
            return found


__all__ = [
    "RULES",
    "Around",
    "LintWarning",
    "QueueThere",
    "Rule",
    "Steps",
    "lint_queue",
    "lint_workflow",
    "look_around",
    "run",
]
