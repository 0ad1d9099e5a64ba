"""What may be unwise in an expression, wherever it stands."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from pointsman.core.engine.seen import BUILT_IN
from pointsman.core.expression import (
    Array,
    Comparison,
    Condition,
    Constant,
    Context,
    Operator,
    Path,
    Reference,
    clock_values,
)
from pointsman.core.lint import catalog as rules
from pointsman.core.lint.logic import refers
from pointsman.core.lint.looking import (
    ARRAY,
    NOTHING,
    NULL,
    OBJECT,
    SCALAR,
    WHOLE,
    Data,
    Steps,
    Use,
    closest,
    comparisons,
    kind_at,
    uses,
)
from pointsman.core.lint.report import Report, cut, dotted, quoted, written

CHANNEL_FIELDS = ("configured_capacity", "assigned_tasks", "available_capacity_percentage", "available")
_DAY_MS = 24 * 60 * 60 * 1000
WEEKDAYS = tuple(str(clock_values(day * _DAY_MS)["dayOfWeek"]) for day in range(4, 11))  # from a Monday
_EQUALITIES = (Operator.EQUAL, Operator.UNEQUAL, Operator.IN, Operator.NOT_IN)


class Place(NamedTuple):
    """An expression in a document."""

    where: str
    context: Context


class Asked(NamedTuple):
    """A name, what is done with it, and where."""

    place: Place
    path: Path
    use: Use


def asked(place: Place, condition: Condition) -> list[Asked]:
    """What it asks of attributes. What is built in of a task is always there."""
    built_in = {("task", name) for name in BUILT_IN}
    return [
        Asked(place, path, use)
        for path, use in uses(condition)
        if path[0] in ("task", "worker") and path not in built_in
    ]


# --- without data -------------------------------------------------------------------------------------------------


def check_text(report: Report, place: Place, condition: Condition) -> None:
    """What shows in the expression alone."""
    for comparison in comparisons(condition):
        _check_constants(report, place, comparison)
        for path, text in _compared(comparison):
            if path == ("taskrouter", "dayOfWeek") and text not in WEEKDAYS:
                report.warn(
                    rules.UNKNOWN_WEEKDAY,
                    place.where,
                    f"taskrouter.dayOfWeek is never {quoted(text)}{_meant(text[:3], WEEKDAYS)}: "
                    f"write one of {', '.join(WEEKDAYS)}, in this case.",
                )


def _check_constants(report: Report, place: Place, comparison: Comparison) -> None:
    """`1==1` and `'a' == 'a'` are how people write true, and `1==2` false."""
    left, right = comparison.left, comparison.right
    if refers(left) or refers(right) or left == right:
        return
    if not any(isinstance(side, Constant) and isinstance(side.value, str) for side in (left, right)):
        return
    report.warn(
        rules.CONSTANT_COMPARISON,
        place.where,
        f"{written(comparison, place.context)} compares two constants, so it does not depend on any data: "
        "write the name of an attribute without quotes.",
    )


def _compared(comparison: Comparison) -> Iterator[tuple[Path, str]]:
    """The texts with which names are compared for equality."""
    if comparison.operator not in _EQUALITIES:
        return
    for one, other in ((comparison.left, comparison.right), (comparison.right, comparison.left)):
        if isinstance(one, Reference):
            for each in other.items if isinstance(other, Array) else (other,):
                if isinstance(each, Constant) and isinstance(each.value, str):
                    yield one.path, each.value


def _meant(word: str, names: Iterable[str]) -> str:
    found = closest(word, names)
    return f", did you mean {quoted(found)}" if found else ""


# --- with data ----------------------------------------------------------------------------------------------------


def check_activities(report: Report, data: Data, place: Place, condition: Condition) -> None:
    """The activities that are named in comparisons with `activity_name` or `activity_sid`."""
    if data.around is None:
        return
    known = data.around.activities
    for comparison in comparisons(condition):
        for path, text in _compared(comparison):
            if path == ("worker", "activity_name") and text not in known.values():
                meant = _meant(text, known.values())
                message = f"There is no activity named {quoted(text)}{meant}: compare with the name of one there is."
                report.warn(rules.UNKNOWN_ACTIVITY, place.where, message)
            elif path == ("worker", "activity_sid") and text not in known:
                message = f"There is no activity {quoted(text)}: compare with the sid of one that there is."
                report.warn(rules.UNKNOWN_ACTIVITY, place.where, message)


def check_counts(report: Report, data: Data, place: Place, condition: Condition) -> None:
    """The activities that `skip_if` counts."""
    if data.around is None:
        return
    for path, _ in uses(condition):
        name = str(path[1])
        if name.startswith("WA") and name not in data.around.activities:
            message = f"workers.{cut(name)} counts nobody, since there is no such activity: write the sid of one."
            report.warn(rules.UNKNOWN_ACTIVITY, place.where, message)


def check_names(report: Report, data: Data, every: Iterable[Asked]) -> Steps[None]:
    """Whether what is asked of workers and tasks is there, and of the kind that is asked for."""
    wanted: dict[Path, set[Use]] = {}
    kept: list[Asked] = []
    for each in every:
        if each.place.context is Context.TARGET and each.path[:2] == ("worker", "channel"):
            _check_channel(report, data, each)
        else:
            wanted.setdefault(each.path, set()).add(each.use)
            kept.append(each)
    for each in dict.fromkeys(kept):
        population = yield from data.population(str(each.path[0]))
        if population.members:
            kinds = yield from data.kinds(each.path, frozenset(wanted[each.path]))
            if kinds == NOTHING:
                yield from _warn_unknown(report, data, each)
            elif kinds is not None:
                _check_kind(report, each, kinds)


def _warn_unknown(report: Report, data: Data, each: Asked) -> Steps[None]:
    population = yield from data.population(str(each.path[0]))
    suggested = yield from data.suggestion(each.path)
    name, context = dotted(each.path, each.place.context), each.place.context
    whom = population.none_of_them[0].upper() + population.none_of_them[1:]
    if suggested is not None:
        message = f"{whom} {quoted(name)}: did you mean {quoted(dotted(suggested, context))}?"
    elif each.use is Use.ABSENT:
        return  # that nobody has it yet may be just what is asked for
    elif context in (Context.QUEUE, Context.FILTER) and each.path[1] in ("task", "worker") and len(each.path) > 2:
        seen = "workers" if context is Context.QUEUE else "tasks"
        message = f"{whom} {quoted(name)}: an expression here sees the attributes of {seen} alone."
    else:
        message = f"{whom} {quoted(name)}: check how it is spelled, unless it is still to come."
    report.warn(rules.UNKNOWN_ATTRIBUTE, each.place.where, message)


def _check_kind(report: Report, each: Asked, kinds: int) -> None:
    name = dotted(each.path, each.place.context)
    if each.use is Use.ARRAY and not kinds & ARRAY and kinds & ~NULL:
        report.warn(
            rules.SCALAR_AS_ARRAY,
            each.place.where,
            f"{quoted(name)} is nowhere an array in the data, and HAS and IN of anything else are false: "
            f"compare it with ==, or make it an array.",
        )
    elif each.use is Use.SCALAR and not kinds & (WHOLE | SCALAR) and kinds & (ARRAY | OBJECT):
        kind, advice = ("an array", "ask with HAS") if kinds & ARRAY else ("an object", "name a value inside of it")
        report.warn(
            rules.ARRAY_AS_SCALAR,
            each.place.where,
            f"{quoted(name)} is {kind} wherever the data has it, and a comparison with {kind} is false: {advice}.",
        )


def _check_channel(report: Report, data: Data, each: Asked) -> None:
    """`worker.channel.<unique name>.<field>` [docs: multitasking]"""
    if data.around is None:
        return
    name, path = dotted(each.path, each.place.context), [str(step) for step in each.path]
    if len(path) != 4 or path[3] not in CHANNEL_FIELDS:
        message = f"{quoted(name)} is null for every worker: write worker.channel.NAME and one of "
        report.warn(rules.UNKNOWN_ATTRIBUTE, each.place.where, message + ", ".join(CHANNEL_FIELDS) + ".")
    elif path[2] not in data.around.channels:
        meant = _meant(path[2], data.around.channels)
        message = f"There is no task channel {quoted(path[2])}{meant}: write the unique name of one that there is."
        report.warn(rules.UNKNOWN_ATTRIBUTE, each.place.where, message)


def not_whole(worker: object, path: Path) -> str:
    """What a value is that can't be sorted by; empty for whole numbers, null and nothing [docs: order-workers]."""
    return {SCALAR: "no whole number", ARRAY: "an array", OBJECT: "an object"}.get(kind_at(worker, path[1:]), "")
