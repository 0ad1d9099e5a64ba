"""What is warned of."""

from __future__ import annotations

from pointsman.core.lint import RULES
from tests.reference.markdown import code, link, page, table


def lint_page() -> str:
    return page(
        "# Warnings",
        "What is allowed in a task queue or a workflow, and yet unwise: "
        f"`docs/how-to/lint.md` says how to ask for it, {link('how much is looked at', 'limits.md')}.",
        "Rules about data compare with the workers, tasks, activities and queues that are there; the others go by the "
        "configuration or the expression alone.",
        table(
            ["Rule", "About", "What is unwise"],
            [[code(rule.name), "data" if rule.data else "structure", rule.doc] for rule in RULES],
        ),
    )
