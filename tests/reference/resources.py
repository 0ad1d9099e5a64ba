"""What can be asked for: an index of all operations, and a page for each part of the API."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from pointsman.resources import RESOURCES, Operation, Parameter
from pointsman.resources.lint import LINT_OPERATIONS
from pointsman.resources.paging import PAGE_SIZE_DEFAULT, PAGE_SIZE_MAX, PAGING
from pointsman.resources.types import (
    Bool,
    Choice,
    Condition,
    Count,
    FieldType,
    Int,
    Json,
    Object,
    Ordering,
    SidOf,
    Text,
    Timestamp,
    Url,
)
from pointsman.wire.openapi import BESIDE, CREDENTIALS, operation_id
from pointsman.wire.spelling import pascal
from tests.reference.markdown import anchor, code, link, page, spoken, table

WARNINGS = [each.resource for each in LINT_OPERATIONS]
DOCS = {resource.name: resource.doc for resource in RESOURCES} | {
    "event": "Something that happened in a workspace. The log keeps all of them, whatever is posted to a callback URL.",
    "delivery": "A callback: what was sent, what came back, and what became of it. TaskRouter has no such thing.",
    "delivery_endpoint": "Where a workspace's events are posted, and how that goes. TaskRouter has no such thing.",
    "explanation": "Why a task is where it is. Asking changes nothing. TaskRouter has no such thing.",
    "desk": "What a worker has before it, for the page that it works on. TaskRouter has no such thing.",
    "transfer_target": "Those to whom a task can be handed on, by name. TaskRouter has no such thing.",
    "desk_link": "A link to a worker's desk in the console, for that worker alone. TaskRouter has no such thing.",
    **dict.fromkeys(WARNINGS, "What is allowed and yet unwise. TaskRouter has no such thing."),
}

VOCABULARY = """\
The words in the tables:

- **sid**: two letters that say what it is of, and 32 hexadecimal digits.
- **true or false**: `true`, `1` and `yes`, in any case, are true; every other text is false.
- **time**: `2026-03-02T09:00:00Z`. A fraction, an offset or a date alone is read too; answers never have them.
- **JSON**: an object as text. It comes back compactly, with its keys in the order in which they were sent.
- **expression**: of the routing language, such as `languages HAS "es"`.

Parameters are sent as a form (`application/x-www-form-urlencoded` or `multipart/form-data`), their names are
case-sensitive, and unknown ones are ignored. An update changes what is sent and nothing else. An empty value clears a
text, a URL or a sid, and counts as not sent everywhere else; in a query every empty value does. Every field of an
answer is always there, but for what its page names as ours."""


def index_page(operations: Sequence[Operation]) -> str:
    rows = [
        [link(operation_id(each), _target(each)), code(f"{each.method} {each.path}"), each.doc]
        for each in (*operations, *BESIDE)
    ]
    return page(
        "# Resources",
        f"All {len(rows)} operations. The server describes itself in OpenAPI at `/openapi.json`; "
        f"{link('how it compares', 'compatibility.md')} with TaskRouter's published description, "
        f"{link('how it refuses', 'errors.md')} and {link('how much is too much', 'limits.md')} have pages of their "
        f"own. All but the health and the description ask for credentials by HTTP Basic: "
        f"{CREDENTIALS[0].lower()}{CREDENTIALS[1:]}",
        table(["Operation", "Request", "What it does"], rows),
        "## Forms and values",
        VOCABULARY,
        "## Lists",
        "A list answers a page: the rows under a name of their own, and `meta`, whose `key` is that name. Follow "
        "`next_page_url` until it is null.",
        table(["In the query", "Type", "Meaning"], [_parameter(each) for each in PAGING]),
        f"A page has {PAGE_SIZE_DEFAULT} rows if nothing is said, and {PAGE_SIZE_MAX:,} at most. Rows that are made or "
        "removed meanwhile neither repeat nor hide others: a page starts after the last row of the one before.",
        "## Versions",
        "Workers, tasks and reservations answer with an `ETag`, which is their version. Where `If-Match` is honoured, "
        "a change with it is made only if that is still the version; if not, the answer is 412.",
        "## Beside the API",
        "The first two are open to everybody.",
        *(_beside(each) for each in BESIDE),
    )


def _beside(operation: Operation) -> str:
    fields = table(["Field", "Type", "Meaning"], [[code(f.name), _type(f.type), f.doc] for f in operation.fields])
    return page(
        f"### {operation_id(operation)}", f"`{operation.method} {operation.path}`: {operation.doc}", fields
    ).strip()


def part_pages(operations: Sequence[Operation]) -> dict[str, str]:
    """The text of each part's page, by the name of its file."""
    parts: dict[str, list[Operation]] = {}
    for operation in operations:
        parts.setdefault(part_of(operation), []).append(operation)
    return {f"resources/{_file(part)}": _part(part, own) for part, own in parts.items()}


def part_of(operation: Operation) -> str:
    """The first word of the path behind the workspace: `Workers` has the reservations of a worker, too."""
    words = [word.removesuffix(".json") for word in operation.path.split("/")[2:] if not word.startswith("{")]
    own = words[1:2] if words[0] == "Workspaces" else []
    return own[0] if own and not own[0].endswith("Statistics") else words[0]


def _file(part: str) -> str:
    return f"{'-'.join(_words(part)).lower()}.md"


def _words(part: str) -> list[str]:
    words: list[str] = []
    for letter in part:
        if letter.isupper() or not words:
            words.append(letter)
        else:
            words[-1] += letter
    return words


def _target(operation: Operation) -> str:
    if operation in BESIDE:
        return anchor(operation_id(operation))
    return f"resources/{_file(part_of(operation))}{anchor(spoken(operation.resource))}"


def _part(part: str, operations: Sequence[Operation]) -> str:
    names = list(dict.fromkeys(each.resource for each in operations))
    sections = [_resource(name, [each for each in operations if each.resource == name]) for name in names]
    ways = " · ".join((link("All resources", "../resources.md"), link("Errors", "../errors.md")))
    return page(f"# {' '.join(_words(part)).capitalize()}", ways, *sections)


# --- one resource -------------------------------------------------------------------------------------------------


def _resource(name: str, operations: Sequence[Operation]) -> str:
    fields = next((each.fields for each in operations if each.fields), ())
    extensions = next((each.extensions for each in operations if each.extensions), ())
    return page(
        f"## {spoken(name)}",
        DOCS.get(name, ""),
        table(
            ["Operation", "Request", "Answer", "What it does"],
            [[operation_id(each), code(f"{each.method} {each.path}"), _answer(each), each.doc] for each in operations],
        ),
        _bodies(operations),
        *(_query(each) for each in operations),
        "**Fields**" if fields else "",
        table(
            ["Field", "Type", "Meaning"],
            [[code(f.name), _type(f.type) + (", or null" if f.null else ""), f.doc] for f in fields],
        ),
        *(f"The answer to a change may have {code(f.name)} besides, which is ours. {f.doc}" for f in extensions),
    ).strip()


def _answer(operation: Operation) -> str:
    extras = [*(["`ETag`"] if operation.etag else []), *(["honours `If-Match`"] if operation.if_match else [])]
    return ", ".join((str(operation.status), *extras))


def _bodies(operations: Sequence[Operation]) -> str:
    """One table for all that can be sent in a body: creating and updating share most of it."""
    taking = [each for each in operations if each.form or each.json]
    parameters: dict[str, dict[str, Parameter]] = {}
    for operation in taking:
        for each in operation.json or operation.form:
            parameters.setdefault(each.name, {})[operation.name] = each
    rows = [
        [
            code(pascal(name)),
            *(_taken(by.get(operation.name)) for operation in taking),
            _types(next(iter(by.values()))),
            next(iter(by.values())).doc,
        ]
        for name, by in parameters.items()
    ]
    if not rows:
        return ""
    heading = "**In a JSON body**" if any(each.json for each in taking) else "**In the form**"
    return page(heading, table(["Parameter", *(spoken(e.name) for e in taking), "Type", "Meaning"], rows)).strip()


def _taken(parameter: Parameter | None) -> str:
    if parameter is None:
        return ""
    return "required" if parameter.required else "yes"


def _query(operation: Operation) -> str:
    own = [each for each in operation.query if each not in PAGING]
    if not own:
        return ""
    more = ", besides those of every list" if operation.key else ""
    costly = [pascal(each.name) for each in own if each.name in operation.costly]
    note = f"{_list(costly)} evaluates an expression for each row, and counts for a rate limit of its own."
    return page(
        f"**In the query of {operation_id(operation)}**{more}",
        table(["Parameter", "Type", "Meaning"], [_parameter(each) for each in own]),
        note if costly else "",
    ).strip()


def _parameter(parameter: Parameter) -> list[str]:
    doc = f"Required. {parameter.doc}" if parameter.required else parameter.doc
    return [code(pascal(parameter.name)), _types(parameter), doc]


def _list(names: Iterable[str]) -> str:
    return ", ".join(code(name) for name in names)


# --- types --------------------------------------------------------------------------------------------------------


def _types(parameter: Parameter) -> str:
    return _type(parameter.type, asked=True) + (", any number of times" if parameter.many else "")


def _type(kind: FieldType, *, asked: bool = False) -> str:
    """In the words of the index page; `asked`: what a request may carry, with its bounds."""
    if isinstance(kind, SidOf):
        return f"{' or '.join(code(prefix) for prefix in kind.prefixes) or 'any'} sid"
    if isinstance(kind, Choice):
        return " · ".join(code(word) for word in kind.words)
    if isinstance(kind, Int):
        return f"whole number, {kind.low:,} to {kind.high:,}" if asked else "whole number"
    if isinstance(kind, (Json, Object)):
        bound = kind.describe().partition("of at most ")[2]
        return f"JSON, up to {bound}" if asked else "JSON"
    if isinstance(kind, Text):
        return _text(kind) if asked else "text"
    if isinstance(kind, Ordering):
        return _ordering(kind)
    plain = {Bool: "true or false", Timestamp: "time", Url: "URL", Condition: "expression", Count: "whole number"}
    return plain.get(type(kind), kind.describe())


def _text(kind: Text) -> str:
    bounds = [f"up to {kind.length_max:,} characters"] if kind.length_max else []
    bounds += [f"of the form {code(kind.pattern.pattern)}"] if kind.pattern else []
    return ", ".join(("text", *bounds, *(["not empty"] if kind.required else [])))


def _ordering(kind: Ordering) -> str:
    several = ", or several with commas" if len(kind.names) > 1 else ""
    return f"{' · '.join(code(pascal(name)) for name in kind.names)}, with `:asc` or `:desc`{several}"
