"""The types of fields and parameters as JSON Schema, for the served description."""

from __future__ import annotations

from typing import Any

from pointsman.core.limits import Limits
from pointsman.resources import Field, Parameter
from pointsman.resources.types import (
    URL_LENGTH_MAX,
    Bool,
    Choice,
    Condition,
    Count,
    EpochSeconds,
    Extension,
    Facts,
    FieldType,
    Int,
    Json,
    Link,
    Links,
    MailDate,
    Nothing,
    Numbers,
    Object,
    Ordering,
    Output,
    Path,
    Paths,
    Record,
    Records,
    SidOf,
    Text,
    Timestamp,
    Url,
    Warnings,
)
from pointsman.wire.spelling import pascal

Schema = dict[str, Any]
SID_LENGTH = 34
_TELLING = (Text, Url, Int, Choice, SidOf, Json, Object)  # their schemas say all that there is to say


def accepted(parameter: Parameter, limits: Limits) -> Schema:
    """What a request may carry."""
    one = _accepted(parameter.type, limits)
    schema: Schema = {"type": "array", "items": one} if parameter.many else one
    return schema | {"description": described(parameter)}


def described(parameter: Parameter) -> str:
    """What a parameter does, and what is expected in it where its schema does not say so."""
    if isinstance(parameter.type, _TELLING):
        return parameter.doc
    return f"{parameter.doc} Expected: {parameter.type.describe()}."


def form(parameters: tuple[Parameter, ...], limits: Limits) -> Schema:
    """The body of a request. What is not declared is ignored."""
    schema: Schema = {
        "type": "object",
        "properties": {pascal(each.name): accepted(each, limits) for each in parameters},
    }
    required = [pascal(each.name) for each in parameters if each.required]
    return schema | ({"required": required} if required else {})


def body(fields: tuple[Field, ...], extensions: tuple[Field, ...] = ()) -> Schema:
    """The body of an answer: every field is always there, but for extensions."""
    return {
        "type": "object",
        "properties": {field.name: _sent(field) for field in (*fields, *extensions)},
        "required": [field.name for field in fields],
    }


def _sent(field: Field) -> Schema:
    schema = _answered(field.type)
    if field.null and schema.get("type") not in (None, "null"):
        schema["type"] = [schema["type"], "null"]
        if "enum" in schema:
            schema["enum"] = [*schema["enum"], None]
    return schema | {"description": field.doc}


def _accepted(kind: FieldType, limits: Limits) -> Schema:
    if isinstance(kind, Url):
        return {"type": "string", "format": "uri", "maxLength": URL_LENGTH_MAX}
    if isinstance(kind, (Json, Object)):
        # A limit in bytes is one in characters too.
        return _answered(kind) | {"maxLength": getattr(limits, kind.limit)}
    return _answered(kind)


def _answered(kind: FieldType) -> Schema:
    """As it stands in an answer, where everything has been read already."""
    if isinstance(kind, Text):
        return _text(kind)
    if isinstance(kind, SidOf):
        return sid(*kind.prefixes)
    if isinstance(kind, Choice):
        return {"type": "string", "enum": list(kind.words)}
    if isinstance(kind, Int):
        return {"type": "integer", "minimum": kind.low, "maximum": kind.high}
    if isinstance(kind, Timestamp):
        return {"type": "string", "format": "date-time"}
    if isinstance(kind, (Json, Object)):
        return {"type": "string", "contentMediaType": "application/json"}
    return dict(_PLAIN.get(type(kind), {} if isinstance(kind, Output) else {"type": "string"}))


def is_known(kind: object) -> bool:
    """Whether a type is described by more than that it is a text, or anything."""
    return isinstance(kind, (*_TELLING, Timestamp)) or type(kind) in _PLAIN


_WARNINGS: Schema = {
    "type": "array",
    "items": {
        "type": "object",
        "properties": {
            "rule": {"type": "string", "description": "Which rule it is of."},
            "where": {"type": "string", "description": "The place in the document, such as filters[0].expression."},
            "message": {"type": "string", "description": "What is unwise, why, and what to do."},
        },
        "required": ["rule", "where", "message"],
    },
}
_PLAIN: dict[type, Schema] = {
    Bool: {"type": "boolean"},
    Count: {"type": "integer"},
    Link: {"type": "string", "format": "uri"},
    Links: {
        "type": "object",
        "format": "uri-map",
        "additionalProperties": {"type": ["string", "null"], "format": "uri"},
    },
    Facts: {"type": "object", "additionalProperties": {"type": "string"}},
    Record: {"type": "object"},
    Records: {"type": "array", "items": {"type": "object"}},
    Warnings: _WARNINGS,
    Extension: {"type": "object", "properties": {"warnings": _WARNINGS}},
    Nothing: {"type": "null"},
    EpochSeconds: {"type": "integer"},
    MailDate: {"type": "string"},
    Path: {"type": "string", "format": "uri-reference"},
    Paths: {"type": "object", "additionalProperties": {"type": "string", "format": "uri-reference"}},
    Numbers: {"type": "string"},
    Condition: {"type": "string"},
    Ordering: {"type": "string"},
}


def _text(kind: Text) -> Schema:
    schema: Schema = {"type": "string"}
    if kind.required:
        schema["minLength"] = 1
    if kind.length_max is not None:
        schema["maxLength"] = kind.length_max
    if kind.pattern is not None:
        schema["pattern"] = f"^(?:{kind.pattern.pattern})$"
    return schema


def sid(*prefixes: str) -> Schema:
    """Of one of these kinds, or of any if none is given."""
    kinds = f"({'|'.join(prefixes)})" if len(prefixes) > 1 else "".join(prefixes) or "[a-zA-Z]{2}"
    return {
        "type": "string",
        "minLength": SID_LENGTH,
        "maxLength": SID_LENGTH,
        "pattern": f"^{kinds}[0-9a-fA-F]{{32}}$",
    }
