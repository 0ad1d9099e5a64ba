"""Pages for a resource that is a list, a form and nothing more: made from its declaration alone."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import partial
from typing import Any, NamedTuple

from starlette.responses import Response

from pointsman.console import forms
from pointsman.console.deletion import Deletion
from pointsman.console.routes import Nav, Route, Section
from pointsman.console.tables import Column, Row, columns_of, paging, table_of
from pointsman.console.visit import FORM_REFUSED, Region, Trouble, Visit
from pointsman.resources import Resource

PAGE_SIZE = 50


async def _as_they_are(visit: Visit, rows: Sequence[Row]) -> Sequence[Row]:
    return rows


class Kind(NamedTuple):
    """How a resource's pages differ from another's. `add` fills the columns in `more`, which are no fields of it;
    `consequence` says what deleting one would do."""

    resource: Resource
    one: str  # "activity"
    many: str  # "Activities": also the title
    key: str  # of the keyboard, after g
    about: str  # under the title
    empty: str  # what to do when there are none
    columns: tuple[str, ...]
    topics: tuple[str, ...]
    consequence: Callable[[Visit, Row], Awaitable[str]]
    more: tuple[Column, ...] = ()
    add: Callable[[Visit, Sequence[Row]], Awaitable[Sequence[Row]]] = _as_they_are

    @property
    def slug(self) -> str:
        return self.many.lower().replace(" ", "-")


def section(kind: Kind) -> Section:
    """List, create, change, delete."""
    base = f"/workspaces/{{workspace}}/{kind.slug}"
    rows = Region("rows", "crud_rows.html", kind.topics, partial(_rows, kind))
    return Section(
        routes=(
            Route(base, get=partial(_list, kind, rows), regions=(rows,)),
            Route(f"{base}/new", get=partial(_new, kind), post=partial(_create, kind)),
            Route(f"{base}/{{sid}}", get=partial(_edit, kind), post=partial(_update, kind)),
            Deletion(kind.resource, kind.slug, kind.one, kind.consequence, has_page=False).route(),
        ),
        nav=Nav(kind.many, f"/{kind.slug}", kind.key),
    )


def _columns(kind: Kind) -> tuple[Column, ...]:
    more = {column.name: column for column in kind.more}
    declared = columns_of(kind.resource.fields, *(name for name in kind.columns if name not in more))
    known = {column.name: column for column in declared} | more
    return tuple(known[name] for name in kind.columns)


def _api(kind: Kind, visit: Visit) -> str:
    return f"{visit.api}/{kind.resource.path}"


def _one(kind: Kind, visit: Visit) -> str:
    return f"{_api(kind, visit)}/{visit.names['sid']}"


async def _list(kind: Kind, rows: Region, visit: Visit) -> Response:
    return await visit.page("crud.html", kind.many, regions=(rows,), kind=kind)


async def _rows(kind: Kind, visit: Visit) -> Mapping[str, Any]:
    body = await visit.get(_api(kind, visit), paging(visit, PAGE_SIZE))
    columns = _columns(kind)
    table = table_of(columns, body, visit.here, lambda row: visit.at(kind.slug, row["sid"]))
    return {"kind": kind, "table": table._replace(rows=await kind.add(visit, table.rows))}


# --- forms --------------------------------------------------------------------------------------------------------


async def _new(kind: Kind, visit: Visit) -> Response:
    return await _form(kind, visit, f"New {kind.one}", forms.form_of(forms.parameters_of(kind.resource, "create")))


async def _create(kind: Kind, visit: Visit) -> Response:
    parameters = forms.parameters_of(kind.resource, "create")
    try:
        body = await visit.post(_api(kind, visit), forms.given(parameters, visit.form))
    except Trouble as trouble:
        form = forms.form_of(parameters, sent=visit.form, problem=trouble.problem)
        return await _form(kind, visit, f"New {kind.one}", form, status=FORM_REFUSED)
    return visit.go(visit.at(kind.slug), f"{body['friendly_name']} was created.")


async def _edit(kind: Kind, visit: Visit) -> Response:
    body = await visit.get(_one(kind, visit))
    form = forms.form_of(forms.parameters_of(kind.resource, "update"), body=body)
    return await _form(kind, visit, body["friendly_name"], form, body)


async def _update(kind: Kind, visit: Visit) -> Response:
    parameters, body = forms.parameters_of(kind.resource, "update"), await visit.get(_one(kind, visit))
    changed, problem = forms.changes(parameters, visit.form, body)
    if problem is None:
        try:
            if changed:
                body = await visit.post(_one(kind, visit), changed)
            return visit.go(visit.at(kind.slug), f"{body['friendly_name']} was saved.")
        except Trouble as trouble:
            problem = trouble.problem
    form = forms.form_of(parameters, body=body, sent=visit.form, problem=problem)
    return await _form(kind, visit, body["friendly_name"], form, body, status=FORM_REFUSED)


async def _form(
    kind: Kind, visit: Visit, title: str, form: forms.Form, row: Row | None = None, *, status: int = 200
) -> Response:
    return await visit.dialog("crud_form.html", title, status=status, kind=kind, form=form, row=row)
