"""What may be unwise in the configuration of a workflow."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from pointsman.core.expression import (
    And,
    Condition,
    Context,
    Expression,
    Path,
    compile_condition,
    compile_expression,
    parse_order_by,
)
from pointsman.core.expression.tree import paths
from pointsman.core.limits import LINT_STEPS_MAX
from pointsman.core.lint import catalog as rules
from pointsman.core.lint.around import Around, QueueThere
from pointsman.core.lint.catalog import LintWarning
from pointsman.core.lint.expressions import (
    Asked,
    Place,
    asked,
    check_activities,
    check_counts,
    check_names,
    check_text,
    not_whole,
)
from pointsman.core.lint.logic import ALWAYS, NEVER, Ways, exclude, ways, within
from pointsman.core.lint.looking import CHANGING, Data, Steps, Use, Worker, is_changing
from pointsman.core.lint.report import Report, cut, dotted, quoted, times
from pointsman.core.workflow.rules import Filter, Rules, Target

PAIR_STEPS = 4  # that it takes to compare two filters
_MILLISECONDS_MIN = 5_000
_HALF_HOUR_S = 30 * 60


def lint_workflow(workflow: Rules, around: Around | None, steps_max: int = LINT_STEPS_MAX) -> Steps[list[LintWarning]]:
    """The warnings about a configuration; `around` None: the structure alone. A generator, to be driven in small
    pieces, or by `run`."""
    report, data = Report(), Data(around, steps_max)
    yield from _check_paths(report, data, workflow)
    names: list[Asked] = []
    for index, each in enumerate(workflow.filters):
        place = Place(f"filters[{index}].expression", Context.FILTER)
        check_text(report, place, each.condition.tree)
        names += asked(place, each.condition.tree)
        yield
    for where, target in _targets(workflow):
        names += _check_target(report, data, where, target)
        yield
    yield from check_names(report, data, names)
    if around is not None:
        yield from _check_queues(report, data, workflow, around)
    return report.warnings(complete=not data.used_up)


def _targets(workflow: Rules) -> Iterator[tuple[str, Target]]:
    for i, each in enumerate(workflow.filters):
        for j, target in enumerate(each.targets):
            yield f"filters[{i}].targets[{j}]", target
    if workflow.default is not None:
        yield "default_filter", workflow.default


# --- where tasks come and go --------------------------------------------------------------------------------------


class _Stage(NamedTuple):
    """A filter, as far as it matters to the others."""

    filter: Filter
    takes: Ways
    keeps: int | None  # the first target that tasks never leave


def _check_paths(report: Report, data: Data, workflow: Rules) -> Steps[None]:
    stages: list[_Stage] = []
    for each in workflow.filters:
        kept = next(
            (j for j, target in enumerate(each.targets) if target.timeout_s is None and not _skips(target)), None
        )
        stages.append(_Stage(each, ways(each.condition.tree), kept))
        yield
    for index, stage in enumerate(stages):
        if stage.keeps is not None and stage.keeps + 1 < len(stage.filter.targets):
            before, where = f"targets[{stage.keeps}]", f"filters[{index}].targets[{stage.keeps + 1}]"
            message = f"Tasks never come here, since {before} has neither timeout nor skip_if: give it one of the two."
            report.warn(rules.UNREACHABLE_TARGET, where, message)
    yield from _check_reach(report, data, stages)
    yield from _check_ends(report, data, stages, workflow)


def _check_reach(report: Report, data: Data, stages: list[_Stage]) -> Steps[None]:
    """A filter that lets tasks go, by time or by `skip_if`, leads on to later ones that match: only one that keeps
    them hides those."""
    keepers: list[int] = []
    for index, stage in enumerate(stages):
        for earlier in keepers if stage.takes != NEVER else ():
            if not data.spend(PAIR_STEPS):
                return
            yield from data.pause()
            if within(stage.takes, stages[earlier].takes):
                what = "every task" if stages[earlier].takes == ALWAYS else "all that this one matches"
                report.warn(
                    rules.UNREACHABLE_FILTER,
                    f"filters[{index}]",
                    f"This filter is never reached, since filters[{earlier}]{_named(stages[earlier].filter)} takes "
                    f"{what} before and keeps it: move this one up, or give the targets there a timeout.",
                )
                break
        if stage.keeps is not None:
            keepers.append(index)


def _check_ends(report: Report, data: Data, stages: list[_Stage], workflow: Rules) -> Steps[None]:
    """Whether tasks come to an end that cancels them."""
    default = workflow.default
    if default is None and not any(stage.takes == ALWAYS for stage in stages):
        message = (
            "There is no default filter: a task that no filter matches is refused, or canceled if it comes to that "
        )
        report.warn(rules.ENDS_IN_CANCEL, "default_filter", f"{message}later, so add one unless you want just that.")
    for index, stage in enumerate(stages):
        if stage.keeps is not None or stage.takes == NEVER:
            continue
        for later in stages[index + 1 :]:
            if not data.spend(PAIR_STEPS):
                return
            yield from data.pause()
            if not exclude(stage.takes, later.takes):
                break
        else:
            _warn_of_end(report, f"filters[{index}].targets[{len(stage.filter.targets) - 1}]", stage.filter, default)


def _warn_of_end(report: Report, where: str, chosen: Filter, default: Target | None) -> None:
    """The last exit decides: after a timeout the default filter is not used, after a skip it is
    [docs: workflow-configuration, worker-presence]."""
    last = chosen.targets[-1]
    if last.timeout_s is not None:
        unused = "the default filter is not used after a timeout" if default else "there is no default filter"
        message = f"A task that waits out this timeout is canceled, since no later filter matches it and {unused}: "
        report.warn(
            rules.ENDS_IN_CANCEL, f"{where}.timeout", f"{message}let the last target have none, or add a filter."
        )
    elif default is None:
        message = "A task that skip_if leads out of here is canceled, since no later filter matches it and there is no "
        report.warn(rules.ENDS_IN_CANCEL, f"{where}.skip_if", f"{message}default filter: add one.")


def _skips(target: Target) -> bool:
    """Whether its `skip_if` may ever be true."""
    return target.skip_if is not None and ways(target.skip_if.tree) != NEVER


def _named(chosen: Filter) -> str:
    return f" ({quoted(chosen.name)})" if chosen.name else ""


# --- one target ---------------------------------------------------------------------------------------------------


def _check_target(report: Report, data: Data, where: str, target: Target) -> list[Asked]:
    """What shows in the target alone; returns the names that it asks for."""
    names: list[Asked] = []
    expression = _expression(target)
    if expression is not None:
        place = Place(f"{where}.expression", Context.TARGET)
        check_text(report, place, expression.tree)
        check_activities(report, data, place, expression.tree)
        names += asked(place, expression.tree)
    if target.skip_if is not None:
        place = Place(f"{where}.skip_if", Context.SKIP_IF)
        check_text(report, place, target.skip_if.tree)
        check_counts(report, data, place, target.skip_if.tree)
        _check_skip_if(report, place, target)
    if target.known is not None:
        key = "known_worker_sid" if target.known[0] == "sid" else "known_worker_friendly_name"
        names.append(Asked(Place(f"{where}.{key}", Context.TARGET), target.known[1], Use.KNOWN))
    if target.order_by is not None:
        place = Place(f"{where}.order_by", Context.TARGET)
        names += [Asked(place, path, Use.ORDER) for path, _ in parse_order_by(target.order_by).clauses]
    if target.timeout_s is not None and _may_be_milliseconds(target.timeout_s):
        seconds, meant = target.timeout_s, target.timeout_s // 1000
        message = (
            f"A timeout of {seconds} s is {times(seconds)}: it is in seconds, so write {meant} if you meant {meant} s."
        )
        report.warn(rules.MILLISECONDS, f"{where}.timeout", message)
    return names


def _expression(target: Target) -> Expression | None:
    return None if target.expression is None else compile_expression(target.expression, Context.TARGET)


def _may_be_milliseconds(seconds: int) -> bool:
    """Nobody says 30000 s or 90000 s and means it; 18000 s are five hours."""
    return seconds >= _MILLISECONDS_MIN and seconds % 1000 == 0 and seconds % _HALF_HOUR_S != 0


def _check_skip_if(report: Report, place: Place, target: Target) -> None:
    """`workers.available` ignores capacity and the target's expression: this traps people [docs: worker-presence]."""
    expression, skip_if = _expression(target), target.skip_if
    narrows = target.known is not None or (expression is not None and ways(expression.tree) != ALWAYS)
    if skip_if is None or not narrows or not skip_if.reads:
        return
    report.warn(
        rules.SKIP_IF_COUNTS_ALL,
        place.where,
        "The counts of workers here are of the whole queue, also of those whom the target's "
        f"{'known worker' if target.known else 'expression'} leaves out: write 1==1 to skip whenever nobody was found.",
    )


# --- queues and their workers -------------------------------------------------------------------------------------


def _check_queues(report: Report, data: Data, workflow: Rules, around: Around) -> Steps[None]:
    told: set[str] = set()
    for where, target in _targets(workflow):
        yield
        queue = around.queues.get(target.queue)
        if target.queue not in told and around.workers:
            _check_queue(report, f"{where}.queue", target, queue)
        if queue is None and target.queue not in told:
            message = (
                f"There is no task queue {cut(target.queue)} in this workspace: a workflow with it would be refused."
            )
            report.warn(rules.UNKNOWN_QUEUE, f"{where}.queue", message)
        told.add(target.queue)
        if queue is not None and queue.has_workers and not is_changing(_membership(queue)):
            yield from _check_satisfied(report, data, f"{where}.expression", target, queue)
            yield from _check_order(report, data, f"{where}.order_by", target, queue)


def _check_queue(report: Report, where: str, target: Target, queue: QueueThere | None) -> None:
    if queue is not None and not queue.has_workers and not is_changing(_membership(queue)):
        message = (
            f"The task queue {quoted(queue.name)} has no worker now, so tasks would wait there: check its expression."
        )
        report.warn(rules.QUEUE_WITHOUT_WORKERS, where, message)


def _check_satisfied(report: Report, data: Data, where: str, target: Target, queue: QueueThere) -> Steps[None]:
    """Whether what the expression asks of the worker alone, whatever the task and the time, is true of anybody."""
    expression = _expression(target)
    if expression is None:
        return
    if ways(expression.tree) == NEVER:
        message = "This expression is never true, whatever the worker and the task: mend it, or remove the target."
        report.warn(rules.UNSATISFIED_TARGET, where, message)
        return
    alone = [term for term in _terms(expression.tree) if _is_of_worker_alone(term)]
    if not alone:
        return
    satisfies, member = compile_condition(And(tuple(alone))), _membership(queue).matches
    found = yield from data.first_worker(
        lambda worker: satisfies(None, worker, None, None) and member(None, worker, None, None),
        expression.text + queue.target_workers,
    )
    if found is None and not data.used_up:
        message = f"No worker who is in the task queue {quoted(queue.name)} now satisfies what this asks of workers, "
        report.warn(rules.UNSATISFIED_TARGET, where, f"{message}whatever the task: check it against their attributes.")


def _membership(queue: QueueThere) -> Expression:
    return compile_expression(queue.target_workers, Context.QUEUE)


def _terms(condition: Condition) -> Iterator[Condition]:
    if isinstance(condition, And):
        for term in condition.terms:
            yield from _terms(term)
    else:
        yield condition


def _is_of_worker_alone(term: Condition) -> bool:
    read = list(paths(term))
    return bool(read) and all(path[0] == "worker" and path[1] not in CHANGING for path in read)


def _check_order(report: Report, data: Data, where: str, target: Target, queue: QueueThere) -> Steps[None]:
    if target.order_by is None:
        return
    for path, _ in parse_order_by(target.order_by).clauses:
        unfit = yield from _unfit_for(data, path, queue)
        if unfit is not None:
            report.warn(
                rules.ORDER_NOT_WHOLE,
                where,
                f"{quoted(dotted(path, Context.TARGET))} is {not_whole(unfit, path)} for some worker of the task queue "
                f"{quoted(queue.name)}, and with one of those the whole order is ignored: let all be whole numbers.",
            )


def _unfit_for(data: Data, path: Path, queue: QueueThere) -> Steps[Worker | None]:
    """A worker of the queue who can't be sorted by a name."""
    member = _membership(queue).matches
    found = yield from data.first_worker(
        lambda worker: bool(not_whole(worker, path)) and member(None, worker, None, None), ""
    )
    return found
