"""Forms from the declarations: which fields, how each is typed in, and the problem of one beside it.

A form carries, beside each value, the one that it was made with. What nobody touched is not sent, so that two people
may change different fields; and if somebody else has changed the same one meanwhile, the second is told.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from pointsman.console.words import label, pretty
from pointsman.resources import Parameter, Resource
from pointsman.resources.types import Bool, Choice, Condition, FieldType, Int, Json, Object, SidOf, Text, Timestamp, Url
from pointsman.wire.errors import INVALID, Problem
from pointsman.wire.forms import Pairs
from pointsman.wire.spelling import pascal

WAS = "was:"
NAME = "FriendlyName"
LONG_TEXT = 256  # characters; what may be longer gets several lines
EXPRESSIONS = frozenset({"target_workers"})  # texts of the expression language
SHOWN_MAX = 64
_MISSING = re.compile(r"Missing required parameter ")
_INVALID = re.compile(r"^Invalid \w+(?: .*?)?: expected ", re.DOTALL)
_PLACE = re.compile(r" for workspace WS\w{32}(?: for account AC\w{32})?")
_BYTE = re.compile(r"\(byte (\d+)\)")
Option = tuple[str, str]  # value, text
Body = Mapping[str, Any]


class Input(NamedTuple):
    """One field of a form. `name` is the wire's; `kind` is how it is typed in; `was` the value that is there;
    `suggestions` are some of what a text may be."""

    name: str
    label: str
    kind: str  # text, long, number, check, choice, json, expression, url, time
    hint: str
    required: bool
    value: str
    was: str | None = None
    problem: str | None = None
    options: tuple[Option, ...] = ()
    low: int | None = None
    high: int | None = None
    suggestions: tuple[Option, ...] = ()


class Form(NamedTuple):
    """`problem` is one that no field has caused."""

    inputs: tuple[Input, ...]
    problem: str | None = None


def parameters_of(resource: Resource, operation: str) -> tuple[Parameter, ...]:
    return tuple(field.parameter(operation) for field in resource.parameters(operation))


def form_of(
    parameters: Sequence[Parameter],
    *,
    body: Body | None = None,
    sent: Pairs = (),
    problem: Problem | None = None,
    options: Mapping[str, Sequence[Option]] | None = None,
    defaults: Mapping[str, str] | None = None,
) -> Form:
    """`body` is the present resource, if there is one; `sent` what was typed in before, with its `problem`; `options`
    and `defaults` are by the names of parameters. An option for no value is added where there may be none."""
    typed = dict(sent)  # of repeated ones the last counts
    cause = _cause(problem, [pascal(each.name) for each in parameters]) if problem else None
    inputs = []
    for each in parameters:
        name = pascal(each.name)
        present = None if body is None else _text(each, body.get(each.name))
        first = (defaults or {}).get(each.name, "") if present is None else present
        value = typed.get(name, first)
        wrong = told(problem, value) if problem and cause == name else None
        inputs.append(_input(each, value, typed.get(WAS + name, present), wrong, (options or {}).get(each.name, ())))
    inputs.sort(key=lambda each: not each.required)  # what has to be there is asked for first
    return Form(tuple(inputs), plain(problem) if problem and cause is None else None)


def _input(each: Parameter, value: str, was: str | None, problem: str | None, options: Sequence[Option]) -> Input:
    kind = "choice" if options or isinstance(each.type, Choice) else _kind(each)
    choices = tuple(options)
    if isinstance(each.type, Choice):
        choices = tuple((word, word) for word in each.type.words)
        if was is None and not each.required:
            choices = (("", "Default"), *choices)
    elif options and "" not in dict(options) and (not was or each.type.blank == "value"):
        choices = (("", "None"), *choices)
    low, high = (each.type.low, each.type.high) if isinstance(each.type, Int) else (None, None)
    return Input(
        pascal(each.name), label(each.name), kind, each.doc, each.required, value, was, problem, choices, low, high
    )


_KINDS: tuple[tuple[type[FieldType], str], ...] = (
    (Bool, "check"),
    (Int, "number"),
    (Json, "json"),
    (Object, "json"),
    (Condition, "expression"),
    (Url, "url"),
    (Timestamp, "time"),
    (SidOf, "text"),
)


def _kind(each: Parameter) -> str:
    if each.name in EXPRESSIONS:
        return "expression"
    if isinstance(each.type, Text):
        return "long" if (each.type.length_max or 0) > LONG_TEXT else "text"
    return next((kind for type_, kind in _KINDS if isinstance(each.type, type_)), "text")


def _text(each: Parameter, value: Any) -> str:
    """As a form shows it, and sends it if nobody touches it."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    return pretty(value) if isinstance(each.type, Json | Object) else str(value)


# --- problems -----------------------------------------------------------------------------------------------------


def _cause(problem: Problem, names: Sequence[str]) -> str | None:
    """The parameter that a message names first."""
    if " named " in problem.message and NAME in names:  # it is taken
        return NAME
    found = [(match.start(), name) for name in names if (match := re.search(rf"\b{name}\b", problem.message))]
    return min(found)[1] if found else None


def told(problem: Problem, value: str) -> str:
    """The message, beside its field: what it says of the field's name is left out, and a place in a text is told by
    line and column."""

    def place(match: re.Match[str]) -> str:
        before = value.encode()[: int(match[1])].decode(errors="ignore")
        line, column = before.count("\n") + 1, len(before) - before.rfind("\n")
        return f"(line {line}, column {column})"

    if _MISSING.match(problem.message):
        return "This is required"
    return _BYTE.sub(place, _INVALID.sub("Expected ", plain(problem)))


def plain(problem: Problem) -> str:
    """The message, without what the page says anyway: where one is."""
    return _PLACE.sub("", problem.message)


# --- what was sent ------------------------------------------------------------------------------------------------


def given(parameters: Iterable[Parameter], sent: Pairs) -> list[tuple[str, str]]:
    """What a form for something new asks for: a field that was left empty is left to its default."""
    typed = dict(sent)
    return [(name, _lines(typed[name])) for name in (pascal(each.name) for each in parameters) if typed.get(name)]


class Touched(NamedTuple):
    """A field that somebody has changed in a form. `clashes`: somebody else has changed it to something else since."""

    name: str
    value: str
    present: str
    clashes: bool


def touched(parameters: Iterable[Parameter], sent: Pairs, body: Body) -> list[Touched]:
    """What a form changes of what is there."""
    typed = {name: _lines(value) for name, value in sent}
    found: list[Touched] = []
    for each in parameters:
        name = pascal(each.name)
        value, was = typed.get(name), typed.get(WAS + name)
        if value is None or was is None or value == was:
            continue
        present = _text(each, body.get(each.name))
        found.append(Touched(name, value, present, each.name in body and present not in (was, value)))
    return found


def changes(parameters: Iterable[Parameter], sent: Pairs, body: Body) -> tuple[list[tuple[str, str]], Problem | None]:
    """What a form changes of what is there, and, if somebody else has changed the same meanwhile, that problem."""
    found = touched(parameters, sent, body)
    for name, _, present, clashes in found:
        if clashes:
            shown = present if len(present) <= SHOWN_MAX else f"{present[:SHOWN_MAX]}…"
            return [], INVALID.problem(f"{name} was changed by somebody else meanwhile: it is {shown!r} now")
    return [(each.name, each.value) for each in found], None


def _lines(text: str) -> str:
    """A browser sends the ends of lines in its own way."""
    return text.replace("\r\n", "\n")
