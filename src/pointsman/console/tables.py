"""Tables from the declarations: columns by the types of fields, rows as the API's lists give them, and its pages."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple
from urllib.parse import parse_qsl, urlencode, urlsplit

from pointsman.console.visit import Visit
from pointsman.console.words import label
from pointsman.resources import Field
from pointsman.resources.paging import PAGING
from pointsman.resources.types import Bool, Count, FieldType, Int, Json, MailDate, SidOf, Timestamp
from pointsman.wire.spelling import pascal

Row = Mapping[str, Any]
ROWS_MAX = 200
PAGED = frozenset(pascal(each.name) for each in PAGING)


class Column(NamedTuple):
    name: str
    label: str
    kind: str = "text"  # or time, check, sid, json, number


class Table(NamedTuple):
    """`link` leads from a row to its page. `before` and `after` are the neighbouring pages' addresses."""

    columns: tuple[Column, ...]
    rows: Sequence[Row]
    link: Callable[[Row], str] | None = None
    before: str | None = None
    after: str | None = None


def columns_of(fields: Sequence[Field], *names: str) -> tuple[Column, ...]:
    """The columns of these names, in this order."""
    by_name = {field.name: field for field in fields}
    return tuple(Column(name, label(name), _kind(by_name[name])) for name in names)


_KINDS: tuple[tuple[type[FieldType], str], ...] = (
    (Timestamp, "time"),
    (MailDate, "time"),
    (Bool, "check"),
    (SidOf, "sid"),
    (Json, "json"),
    (Int, "number"),
    (Count, "number"),
)


def _kind(field: Field) -> str:
    return next((kind for type_, kind in _KINDS if isinstance(field.type, type_)), "text")


def paging(visit: Visit, size: int) -> list[tuple[str, str]]:
    """What a page's address says about the page of its list; of `size` rows, if it says nothing, and of no more than
    is good to look at."""
    asked = {"PageSize": str(size)} | dict(visit.request.query_params)
    rows = asked["PageSize"].strip().lstrip("0")
    if rows.isdecimal() and int(rows[:9]) > ROWS_MAX:
        asked["PageSize"] = str(ROWS_MAX)
    return [(name, value) for name, value in asked.items() if name in PAGED]


def table_of(columns: tuple[Column, ...], body: Row, path: str, link: Callable[[Row], str] | None = None) -> Table:
    """A page of one of the API's lists, at a path of the console."""
    if "meta" in body:
        rows = body[body["meta"]["key"]]
        before, after = body["meta"]["previous_page_url"], body["meta"]["next_page_url"]
    else:  # the 2010 API
        rows = next(value for value in body.values() if isinstance(value, list))
        before, after = body["previous_page_uri"], body["next_page_uri"]
    return Table(columns, rows, link, _here(path, before), _here(path, after))


def _here(path: str, url: str | None) -> str | None:
    """The API's address of a page, as an address of the console."""
    return f"{path}?{urlencode(parse_qsl(urlsplit(url).query))}" if url else None
