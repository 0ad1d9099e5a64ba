"""Our description beside the published one: every operation, parameter and field of the two, and where they differ.

Both are OpenAPI, so the same reading serves both. In a request any difference counts. In an answer ours may promise
more than theirs (a bound, a pattern, that it is never null), but never less.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, NamedTuple

from pointsman import __version__
from pointsman.resources import OPERATIONS
from pointsman.wire.openapi import document
from tests.spec import SPEC

FILE = SPEC / "twilio_taskrouter_v1.json"
Document = dict[str, Any]
Facts = dict[str, str]
ASPECTS = ("type", "format", "enum", "pattern", "minimum", "maximum", "minLength", "maxLength")
EMPTY_FORMATS = ("int64", "http-method")  # they bound nothing that the type and the enum do not
METHODS = ("get", "post", "delete")
ABSENT, BEYOND = "absent", "beyond"  # theirs alone, ours alone


class Difference(NamedTuple):
    """Something in which the two differ, and what each says of it."""

    operation: str  # "UpdateTask", or method and path where one of the two lacks it
    place: str  # "operation", "query Priority", "form To", "header If-Match", "answer sid"
    aspect: str  # "absent", "beyond", "type", "maximum" ...
    theirs: str
    ours: str


class Described(NamedTuple):
    """What one of the two says of an operation."""

    id: str
    requests: dict[str, Facts]  # by place
    answers: dict[str, Facts]


def published() -> Document:
    found: Document = json.loads(FILE.read_text())
    return found


def served() -> Document:
    return document(OPERATIONS, "/", __version__)


def differences(theirs: Document, ours: Document) -> list[Difference]:
    """In the order of their operations, then ours."""
    wanted, present = described(theirs), described(ours)
    found: list[Difference] = []
    for key in [*wanted, *(key for key in present if key not in wanted)]:
        their, our = wanted.get(key), present.get(key)
        if our is None:
            assert their is not None
            found.append(Difference(their.id, "operation", ABSENT, key, ""))
        elif their is None:
            found.append(Difference(our.id, "operation", BEYOND, "", key))
        else:
            found.extend(_of_operation(their, our))
    return found


def described(whole: Document) -> dict[str, Described]:
    """The operations of a description, by method and path."""
    return {
        f"{method.upper()} {path}": _described(whole, item[method])
        for path, item in whole["paths"].items()
        for method in METHODS
        if method in item
    }


# --- comparing ----------------------------------------------------------------------------------------------------


def _of_operation(their: Described, our: Described) -> Iterator[Difference]:
    if their.id != our.id:
        yield Difference(their.id, "operation", "id", their.id, our.id)
    for strict, theirs, ours in ((True, their.requests, our.requests), (False, their.answers, our.answers)):
        for place in [*theirs, *(place for place in ours if place not in theirs)]:
            if place not in ours:
                yield Difference(their.id, place, ABSENT, _said(theirs[place]), "")
            elif place not in theirs:
                yield Difference(their.id, place, BEYOND, "", _said(ours[place]))
            else:
                yield from _of_place(their.id, place, theirs[place], ours[place], strict=strict)


def _of_place(operation: str, place: str, theirs: Facts, ours: Facts, *, strict: bool) -> Iterator[Difference]:
    for aspect in dict.fromkeys((*theirs, *ours)):
        their, our = theirs.get(aspect, ""), ours.get(aspect, "")
        if their == our or (not strict and not their and aspect != "null") or (aspect == "null" and not our):
            continue
        if aspect == "type" and not their:
            continue  # anything, and ours is something
        yield Difference(operation, place, aspect, their, our)


def _said(facts: Facts) -> str:
    return ", ".join(f"{name} {value}" for name, value in facts.items())


# --- reading ------------------------------------------------------------------------------------------------------


def _described(whole: Document, operation: dict[str, Any]) -> Described:
    requests: dict[str, Facts] = {}
    for parameter in operation.get("parameters", ()):
        facts = _facts(whole, parameter["schema"])
        if parameter.get("required"):
            facts["required"] = "yes"
        requests[f"{parameter['in']} {parameter['name']}"] = facts
    for kind, media in operation.get("requestBody", {}).get("content", {}).items():
        requests[f"body {kind}"] = {}
        schema = _resolved(whole, media["schema"])
        place = "json" if kind == "application/json" else "form"
        for name, property in schema.get("properties", {}).items():
            required = {"required": "yes"} if name in schema.get("required", ()) else {}
            requests[f"{place} {name}"] = _facts(whole, property) | required
    return Described(operation["operationId"], requests, _answers(whole, operation))


def _answers(whole: Document, operation: dict[str, Any]) -> dict[str, Facts]:
    """Of the success: its status, its headers and its body."""
    (status,) = (status for status in operation["responses"] if status.startswith("2"))
    response = operation["responses"][status]
    answers: dict[str, Facts] = {"status": {"type": status}}
    answers |= {f"header {name}": {} for name in sorted(name.lower() for name in response.get("headers", {}))}
    for media in response.get("content", {}).values():
        schema = _resolved(whole, media["schema"])
        fields = schema.get("properties", {})
        if "meta" in fields:
            (key,) = (name for name in fields if name != "meta")
            answers[f"rows {key}"] = {}
            meta = _resolved(whole, fields["meta"])["properties"]
            answers |= {f"meta {name}": _facts(whole, each, null=True) for name, each in sorted(meta.items())}
            fields = _resolved(whole, fields[key]["items"])["properties"]
        answers |= {f"answer {name}": _facts(whole, each, null=True) for name, each in fields.items()}
    return answers


def _facts(whole: Document, schema: dict[str, Any], *, null: bool = False) -> Facts:
    """What a schema says, apart from words for people."""
    schema = _resolved(whole, schema)
    kinds = schema.get("type", [])
    kinds = [kinds] if isinstance(kinds, str) else kinds
    facts: Facts = {}
    if null and (schema.get("nullable") or "null" in kinds):
        facts["null"] = "yes"
    for aspect in ASPECTS:
        value = schema.get(aspect)
        if aspect == "type":
            value = "".join(kind for kind in kinds if kind != "null" or len(kinds) == 1)
        elif aspect == "enum" and value:
            value = ", ".join(sorted(each for each in value if each is not None))
        if value not in (None, "", *EMPTY_FORMATS):
            facts[aspect] = str(value)
    if "{32}" in facts.get("pattern", ""):  # a sid's pattern says how long it is
        facts = {aspect: value for aspect, value in facts.items() if aspect not in ("minLength", "maxLength")}
    if "items" in schema:
        facts |= {f"items {name}": value for name, value in _facts(whole, schema["items"]).items()}
    return facts


def _resolved(whole: Document, schema: dict[str, Any]) -> dict[str, Any]:
    while "$ref" in schema:
        found: Any = whole
        for step in schema["$ref"].removeprefix("#/").split("/"):
            found = found[step]
        schema = found
    return schema
