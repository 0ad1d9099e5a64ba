"""Requests in: PascalCase text to typed snake_case values, by a resource's declaration."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cache
from typing import Any
from urllib.parse import unquote_to_bytes

from pointsman.core.errors import Invalid
from pointsman.core.limits import STANDARD, Limits
from pointsman.resources import Filter, Parameter, Resource
from pointsman.resources.types import FieldType
from pointsman.wire.spelling import pascal

Pairs = Sequence[tuple[str, str]]
VALUE_SHOWN_MAX = 64
PARAMETERS_MAX = 1_000


class MissingParameter(Invalid):
    def __init__(self, name: str) -> None:
        super().__init__(f"Missing required parameter {name} in the post body")  # [obs]


def read_pairs(text: bytes) -> Pairs:
    """What is urlencoded. Raises: `Invalid`, for text that is not UTF-8 and for too many parameters."""
    if text.count(b"&") >= PARAMETERS_MAX:
        raise Invalid(f"Too many parameters: expected at most {PARAMETERS_MAX}")
    try:
        words = text.decode().replace("+", " ").split("&")
        parts = [word.partition("=") for word in words if word]
        return [(_unquoted(name), _unquoted(value)) for name, _, value in parts]
    except UnicodeError:
        raise Invalid("The parameters are not valid UTF-8") from None


def _unquoted(text: str) -> str:
    return unquote_to_bytes(text).decode() if "%" in text else text


def read(resource: Resource, operation: str, form: Pairs, limits: Limits = STANDARD) -> dict[str, Any]:
    """The parameters that were sent; unknown ones are ignored, of repeated ones the last counts, unless there may be
    many.

    Raises: `Invalid`, naming the parameter, what was sent and what is expected.
    """
    return _read(_accepted(resource, operation), form, limits)


def read_form(parameters: Sequence[Parameter], form: Pairs, limits: Limits = STANDARD) -> dict[str, Any]:
    """As `read`, of an operation that is no resource's own."""
    return _read(_Accepted(parameters), form, limits)


class _Accepted:
    """The parameters of an operation, by the names that forms have for them. A reservation's update has fifty, of which
    a request carries one."""

    def __init__(self, parameters: Iterable[Parameter]) -> None:
        self._named = [(pascal(each.name), each) for each in parameters]
        self._places = {name: place for place, (name, _) in enumerate(self._named)}
        self._required = {place for place, (_, each) in enumerate(self._named) if each.required}

    def to_read(self, sent: Iterable[str]) -> list[tuple[str, Parameter]]:
        """Those that were sent and those that must be, as they are declared: of several mistakes the first is told."""
        places = self._places
        wanted = {places[name] for name in sent if name in places} | self._required
        return [self._named[place] for place in sorted(wanted)]


def _read(accepted: _Accepted, form: Pairs, limits: Limits) -> dict[str, Any]:
    sent = dict(form)
    values: dict[str, Any] = {}
    for name, parameter in accepted.to_read(sent):
        text = sent.get(name)
        if text is None or (text == "" and (parameter.required or parameter.type.blank == "absent")):
            if parameter.required:
                raise MissingParameter(name)
            continue
        if parameter.many:
            texts = [each for key, each in form if key == name]
            values[parameter.name] = tuple(typed(name, parameter.type, each, limits) for each in texts)
        else:
            values[parameter.name] = typed(name, parameter.type, text, limits)
    return values


@cache
def _accepted(resource: Resource, operation: str) -> _Accepted:
    return _Accepted(field.parameter(operation) for field in resource.parameters(operation))


def read_query(parameters: Sequence[Parameter], query: Pairs, limits: Limits = STANDARD) -> dict[str, Any]:
    """The query parameters that were sent, of those that are declared. Empty ones count as not sent."""
    pairs = list(query)
    sent = dict(pairs)
    values: dict[str, Any] = {}
    for each in parameters:
        name = pascal(each.name)
        if each.many:
            words = _words(text for key, text in pairs if key == name)
            if words:
                values[each.name] = tuple(typed(name, each.type, word, limits) for word in words)
        elif text := sent.get(name):
            values[each.name] = typed(name, each.type, text, limits)
    return values


def _words(texts: Iterable[str]) -> list[str]:
    """Several values: in repeated keys, with commas, or both."""
    return [word.strip() for text in texts for word in text.split(",") if word.strip()]


def read_filters(resource: Resource, query: Pairs, limits: Limits = STANDARD) -> list[tuple[Filter, Any]]:
    """The filters that were sent, with their values. Empty ones count as not sent."""
    sent: dict[str, list[str]] = {}
    for name, text in query:
        sent.setdefault(name, []).append(text)
    found: list[tuple[Filter, Any]] = []
    for each in resource.filters:
        name = pascal(each.name)
        texts = [text for text in sent.get(name, ()) if text]
        if not texts:
            continue
        if each.many:
            words = _words(texts)
            if words:
                found.append((each, tuple(typed(name, each.type, word, limits) for word in words)))
        else:
            found.append((each, typed(name, each.type, texts[-1], limits)))
    return found


def typed(name: str, kind: FieldType, text: str, limits: Limits = STANDARD) -> Any:
    try:
        return kind.read(text, limits)
    except ValueError as problem:
        shown = text if len(text) <= VALUE_SHOWN_MAX else f"{text[:VALUE_SHOWN_MAX]}…"
        raise Invalid(f"Invalid {name} {shown!r}: expected {problem}") from None


def if_match(sent: str | None) -> int | None:
    """The version that an `If-Match` demands: `0`, `"0"` and `W/"0"` alike; `*` and none at all demand nothing.

    Raises: `Invalid`, if it is no version.
    """
    if sent is None or sent.strip() == "*":
        return None
    text = sent.strip()
    digits = text.removeprefix("W/").removeprefix("w/").strip('"')
    if not (digits.isascii() and digits.isdigit()) or len(digits) > 18:
        raise Invalid(f'Invalid If-Match header {text[:VALUE_SHOWN_MAX]!r}: expected a version, such as "3"')
    return int(digits)
