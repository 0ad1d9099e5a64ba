"""What may be unwise in the expression of a task queue."""

from __future__ import annotations

from pointsman.core.expression import Context, compile_expression
from pointsman.core.limits import LINT_STEPS_MAX
from pointsman.core.lint import catalog as rules
from pointsman.core.lint.around import Around
from pointsman.core.lint.catalog import LintWarning
from pointsman.core.lint.expressions import Place, asked, check_activities, check_names, check_text
from pointsman.core.lint.logic import NEVER, ways
from pointsman.core.lint.looking import Data, Steps, is_changing
from pointsman.core.lint.report import Report

WHERE = "target_workers"


def lint_queue(target_workers: str, around: Around | None, steps_max: int = LINT_STEPS_MAX) -> Steps[list[LintWarning]]:
    """The warnings about an expression that has been read without an error before; `around` None: the structure alone.
    A generator, to be driven in small pieces, or by `run`."""
    expression = compile_expression(target_workers, Context.QUEUE)
    report, data, place = Report(), Data(around, steps_max), Place(WHERE, Context.QUEUE)
    check_text(report, place, expression.tree)
    check_activities(report, data, place, expression.tree)
    yield from check_names(report, data, asked(place, expression.tree))
    if ways(expression.tree) == NEVER:
        message = "No worker will ever be in this queue: its expression is true of nobody, whatever their attributes."
        report.warn(rules.QUEUE_WITHOUT_WORKERS, WHERE, message)
    elif around is not None and around.workers and not is_changing(expression):
        matches = expression.matches
        found = yield from data.first_worker(lambda worker: matches(None, worker, None, None), target_workers)
        if found is None and not data.used_up:
            message = "The expression matches no current worker, so tasks would wait here: check it, or add workers."
            report.warn(rules.QUEUE_WITHOUT_WORKERS, WHERE, message)
    return report.warnings(complete=not data.used_up)
