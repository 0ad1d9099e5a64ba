"""The served description: an OpenAPI 3.1 document made from the operations that are declared."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from pointsman.core.limits import STANDARD, Limits
from pointsman.resources import RESOURCES, Field, Operation
from pointsman.resources.types import Choice, FieldType, SidOf, Text
from pointsman.wire import errors
from pointsman.wire.schemas import Schema, accepted, body, form, sid
from pointsman.wire.spelling import pascal

PATH = "/openapi.json"
HEALTH = Operation(
    resource="health",
    name="fetch",
    method="GET",
    path="/health",
    status=200,
    doc="Say whether the server can work. Without credentials.",
    fields=(
        Field("status", Choice("ok", "unavailable"), "Whether it can."),
        Field("version", Text(), "The server's version."),
    ),
    ours=True,
)
DESCRIPTION = Operation(
    resource="description",
    name="fetch",
    method="GET",
    path=PATH,
    status=200,
    doc="This document. Without credentials.",
    ours=True,
)
METRICS = Operation(
    resource="metrics",
    name="fetch",
    method="GET",
    path="/metrics",
    status=200,
    doc="What the server counts, in the text form that Prometheus reads; of workspaces, those of the account.",
    ours=True,
)
OPEN = (HEALTH, DESCRIPTION)  # to everybody
BESIDE = (*OPEN, METRICS)  # what stands beside the API

FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")
JSON = "application/json"
PLAIN_TEXT = "text/plain; version=0.0.4"
JSON_LINES, SERVER_SENT = "application/x-ndjson", "text/event-stream"
CREDENTIALS = "An account's sid and auth token, or an API key's sid and secret."
_ALWAYS = (  # the headers that every answer of an operation has
    "Access-Control-Allow-Credentials",
    "Access-Control-Allow-Headers",
    "Access-Control-Allow-Methods",
    "Access-Control-Allow-Origin",
    "Access-Control-Expose-Headers",
    "Twilio-Request-Duration",
    "Twilio-Request-Id",
)
_RATES = ("X-Rate-Limit-Config", "X-Rate-Limit-Limit", "X-Rate-Limit-Remaining")
_OPTIONAL = (*_RATES, "Retry-After")
_HEADERS: dict[str, tuple[str, Schema]] = {
    **{name: ("For programs in browsers.", {"type": "string"}) for name in _ALWAYS if name.startswith("Access")},
    "ETag": ("The version, quoted; of a list, a mark of the page.", {"type": "string"}),
    "Retry-After": ("In how many seconds to try again.", {"type": "integer", "minimum": 0}),
    "Twilio-Request-Duration": ("Seconds.", {"type": "string", "pattern": r"^[0-9]+\.[0-9]{3}$"}),
    "Twilio-Request-Id": ("Of this request.", {"type": "string", "pattern": "^RQ[0-9a-f]{32}$"}),
    "WWW-Authenticate": ("How to log in.", {"type": "string"}),
    **{name: ("Where a rate limit is set: what it is, what is left.", {"type": "string"}) for name in _RATES},
}
_HEADERS_OF = {
    errors.UNAUTHENTICATED: ("WWW-Authenticate",),
    errors.TOO_MANY_REQUESTS: ("Retry-After", *_RATES),
    errors.UNAVAILABLE: ("Retry-After",),
}
_BY_NAME = {"task_channel", "worker_channel"}  # their paths take a task channel's unique name, too


def document(operations: Sequence[Operation], base_url: str, version: str, limits: Limits = STANDARD) -> dict[str, Any]:
    """The whole description. `base_url` is where the paths begin; "/" means wherever the document came from."""
    schemas: dict[str, Schema] = {"Error": _error(), "PageMeta": _page_meta()}
    paths: dict[str, dict[str, Any]] = {}
    sids = _sids(operations)
    for operation in operations:
        if operation.name == "fetch":  # its answer is what has the resource's name; that of a creation may have more
            _content(operation, schemas)
    for operation in (*operations, *BESIDE):
        item = paths.setdefault(operation.path, {})
        item[operation.method.lower()] = _operation(operation, sids, schemas, limits)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Pointsman",
            "version": version,
            "summary": "A router of work that speaks the TaskRouter API.",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": base_url}],
        "security": [{"basic": []}],
        "tags": _tags(operations),
        "paths": paths,
        "components": {
            "securitySchemes": {"basic": {"type": "http", "scheme": "basic", "description": CREDENTIALS}},
            "headers": {
                name: {"description": text, "required": name not in _OPTIONAL, "schema": schema}
                for name, (text, schema) in sorted(_HEADERS.items())
            },
            "responses": _refused((*operations, METRICS)),
            "schemas": dict(sorted(schemas.items())),
        },
    }


def _tags(operations: Sequence[Operation]) -> list[dict[str, str]]:
    docs = {resource.name: resource.doc for resource in RESOURCES}
    names = dict.fromkeys(operation.resource for operation in (*operations, *BESIDE))
    return [{"name": pascal(name)} | ({"description": docs[name]} if docs.get(name) else {}) for name in names]


def operation_id(operation: Operation) -> str:
    return pascal(operation.name) + pascal(operation.resource)


# --- one operation ------------------------------------------------------------------------------------------------


def _operation(
    operation: Operation, sids: dict[str, FieldType], schemas: dict[str, Schema], limits: Limits
) -> dict[str, Any]:
    described: dict[str, Any] = {
        "operationId": operation_id(operation),
        "tags": [pascal(operation.resource)],
        "summary": operation.doc,
    }
    if operation.ours:
        described["x-beyond-taskrouter"] = True
    if operation in OPEN:
        described["security"] = []
    if parameters := _parameters(operation, sids, limits):
        described["parameters"] = parameters
    if request := _request(operation, schemas, limits):
        described["requestBody"] = request
    described["responses"] = _responses(operation, schemas)
    return described


def _parameters(operation: Operation, sids: dict[str, FieldType], limits: Limits) -> list[dict[str, Any]]:
    parameters: list[dict[str, Any]] = [
        {"name": name, "in": "path", "required": True, "schema": _path_segment(operation, name, sids)}
        for name in path_names(operation.path)
    ]
    for each in operation.query:
        schema = accepted(each, limits)
        described = {"name": pascal(each.name), "in": "query", "description": schema.pop("description")}
        parameters.append(described | ({"required": True} if each.required else {}) | {"schema": schema})
    if operation.if_match:
        text = 'Only if this is still the version: 3, "3" and W/"3" alike.'
        parameters.append({"name": "If-Match", "in": "header", "description": text, "schema": {"type": "string"}})
    return parameters


def path_names(path: str) -> list[str]:
    """The names in a path, in their order."""
    return re.findall(r"{(\w+)}", path)


def _sids(operations: Sequence[Operation]) -> dict[str, FieldType]:
    """The type of the sid of each resource, as its answers show it."""
    return {
        operation.resource: field.type for operation in operations for field in operation.fields if field.name == "sid"
    }


def _path_segment(operation: Operation, name: str, sids: dict[str, FieldType]) -> Schema:
    """`Sid` is of the operation's own resource, `TaskQueueSid` of the resource `task_queue`."""
    resource = operation.resource if name == "Sid" else _snake(name.removesuffix("Sid"))
    kind = sids.get(resource)
    if isinstance(kind, SidOf) and resource not in _BY_NAME:
        return sid(*kind.prefixes)
    return {"type": "string"}


def _snake(name: str) -> str:
    return re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()


def _request(operation: Operation, schemas: dict[str, Schema], limits: Limits) -> dict[str, Any] | None:
    parameters = operation.json or operation.form
    if not parameters:
        return None
    schema = _named([f"{operation_id(operation)}Request"], form(parameters, limits), schemas)
    return {
        "required": any(each.required for each in parameters),
        "content": {kind: {"schema": schema} for kind in ((JSON,) if operation.json else FORMS)},
    }


# --- answers ------------------------------------------------------------------------------------------------------


def _responses(operation: Operation, schemas: dict[str, Schema]) -> dict[str, Any]:
    """By status: the success, and every refusal that there may be."""
    headers = _headers(*_ALWAYS)
    success: dict[str, Any] = {
        "description": "Done." if operation.method != "GET" else "Found.",
        "headers": _headers(*_ALWAYS, *(["ETag"] if operation.etag else []), *(() if operation in OPEN else _RATES)),
    }
    if (content := _content(operation, schemas)) is not None:
        types = (JSON_LINES, SERVER_SENT) if operation.stream else (PLAIN_TEXT,) if operation is METRICS else (JSON,)
        success["content"] = {each: {"schema": content} for each in types}
    responses = {str(operation.status): success}
    if operation is HEALTH:
        why = Field("reason", Text(), "What is wrong.")
        down = {"description": "The database can't be used.", "headers": headers}
        responses["503"] = down | {"content": {JSON: {"schema": body((*HEALTH.fields, why))}}}
    if operation in OPEN:
        return responses
    for kinds in _by_status(operation):
        responses[str(kinds[0].status)] = {"$ref": f"#/components/responses/{_name(kinds)}"}
    return dict(sorted(responses.items()))


def _by_status(operation: Operation) -> list[list[errors.Kind]]:
    """The kinds of refusals that an operation may answer with, those with the same status together."""
    found: dict[int, list[errors.Kind]] = {}
    for kind in errors.refusals(operation):
        found.setdefault(kind.status, []).append(kind)
    return list(found.values())


def _name(kinds: Sequence[errors.Kind]) -> str:
    return "Or".join(pascal(kind.title.replace(" ", "_")) for kind in kinds)


def _refused(operations: Sequence[Operation]) -> dict[str, Any]:
    """The answers that are refusals, by the names of the kinds that each may be."""
    possible = {_name(kinds): kinds for operation in operations for kinds in _by_status(operation)}
    return {
        name: {
            "description": " ".join(f"{kind.title} ({kind.code or 'no code'}): {kind.when}." for kind in kinds),
            "headers": _headers(*_HEADERS_OF.get(kinds[0], ())),
            "content": {JSON: {"schema": {"$ref": "#/components/schemas/Error"}}},
        }
        for name, kinds in sorted(possible.items())
    }


def _headers(*names: str) -> dict[str, Any]:
    return {name: {"$ref": f"#/components/headers/{name}"} for name in names}


def _content(operation: Operation, schemas: dict[str, Schema]) -> Schema | None:
    if operation is DESCRIPTION:
        return {"type": "object"}
    if operation is METRICS:
        return {"type": "string"}
    if not operation.fields:
        return None
    row = _named(
        (pascal(operation.resource), f"{operation_id(operation)}Answer"),
        body(operation.fields, operation.extensions),
        schemas,
    )
    if operation.key is None:
        return row
    rows: Schema = {operation.key: {"type": "array", "items": row}}
    if operation.uri_page:
        place = _page_of_2010()
        return {"type": "object", "properties": rows | place, "required": [operation.key, *place]}
    meta: Schema = {"meta": {"$ref": "#/components/schemas/PageMeta"}}
    return {"type": "object", "properties": meta | rows, "required": ["meta", operation.key]}


def _named(names: Sequence[str], schema: Schema, schemas: dict[str, Schema]) -> Schema:
    """A reference to `schema`, which is kept under the first of `names` that no other schema has."""
    name = next(name for name in names if schemas.setdefault(name, schema) == schema)
    return {"$ref": f"#/components/schemas/{name}"}


def _error() -> Schema:
    return {
        "type": "object",
        "description": "A refusal, or a fault.",
        "properties": {
            "code": {"type": "integer", "description": "TaskRouter's code; a fault has none."},
            "detail": {"type": "string"},
            "message": {"type": "string", "description": "What was wrong, for people."},
            "more_info": {"type": "string", "format": "uri"},
            "status": {"type": "integer", "description": "The HTTP status again."},
        },
        "required": ["message", "status"],
    }


def _page_meta() -> Schema:
    link: Schema = {"type": "string", "format": "uri"}
    perhaps: Schema = {"type": ["string", "null"], "format": "uri"}
    return {
        "type": "object",
        "description": "Where a page stands among its neighbours.",
        "properties": {
            "first_page_url": link,
            "key": {"type": "string", "description": "The name of the list in this page."},
            "next_page_url": perhaps,
            "page": {"type": "integer"},
            "page_size": {"type": "integer"},
            "previous_page_url": perhaps,
            "url": link,
        },
        "required": ["first_page_url", "key", "next_page_url", "page", "page_size", "previous_page_url", "url"],
    }


def _page_of_2010() -> Schema:
    path: Schema = {"type": "string", "format": "uri-reference"}
    perhaps: Schema = {"type": ["string", "null"], "format": "uri-reference"}
    number: Schema = {"type": "integer"}
    return {
        "end": number,
        "first_page_uri": path,
        "next_page_uri": perhaps,
        "page": number,
        "page_size": number,
        "previous_page_uri": perhaps,
        "start": number,
        "uri": path,
    }
