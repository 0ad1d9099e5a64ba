"""The workspaces of the account, what waits in each, and making another; and the stream that all pages of one hold."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from starlette.responses import Response

from pointsman.console import forms, stream
from pointsman.console.presence import presence
from pointsman.console.routes import Nav, Route, Section
from pointsman.console.tables import Column, Row, columns_of, paging, table_of
from pointsman.console.visit import FORM_REFUSED, Region, Trouble, Visit
from pointsman.resources import WORKSPACE

API = "/v1/Workspaces"
PAGE_SIZE = 20
AGAIN_S = 10  # nothing tells of all workspaces together
ASKED_FIRST = ("FriendlyName", "Template", "MultiTaskEnabled")
COLUMNS = (
    *columns_of(WORKSPACE.fields, "friendly_name"),
    Column("waiting", "Waiting", "number"),
    Column("available", "Available workers", "number"),
    *columns_of(WORKSPACE.fields, "sid", "date_created"),
)


async def _show(visit: Visit) -> Response:
    return await visit.page("workspaces.html", "Workspaces", regions=(ROWS,))


async def _rows(visit: Visit) -> Mapping[str, Any]:
    body = await visit.get(API, paging(visit, PAGE_SIZE))
    table = table_of(COLUMNS, body, visit.here, lambda row: visit.url(f"/workspaces/{row['sid']}"))
    return {"table": table._replace(rows=[await _with_figures(visit, row) for row in table.rows])}


async def _with_figures(visit: Visit, row: Row) -> Row:
    now = await presence(visit, f"{API}/{row['sid']}")
    return {**row, "waiting": now.figures["tasks_by_status"]["pending"], "available": now.available}


async def _new(visit: Visit) -> Response:
    return await _form(visit, forms.form_of(forms.parameters_of(WORKSPACE, "create"), defaults={"template": "FIFO"}))


async def _create(visit: Visit) -> Response:
    parameters = forms.parameters_of(WORKSPACE, "create")
    try:
        body = await visit.post(API, forms.given(parameters, visit.form))
    except Trouble as trouble:
        form = forms.form_of(parameters, sent=visit.form, problem=trouble.problem)
        return await _form(visit, form, status=FORM_REFUSED)
    return visit.go(visit.url(f"/workspaces/{body['sid']}"), f"{body['friendly_name']} was created.")


async def _form(visit: Visit, form: forms.Form, *, status: int = 200) -> Response:
    first = sorted((each for each in form.inputs if each.name in ASKED_FIRST), key=lambda each: not each.required)
    rest = [each for each in form.inputs if each.name not in ASKED_FIRST]
    return await visit.dialog("workspace_form.html", "New workspace", status=status, form=form, first=first, rest=rest)


ROWS = Region("rows", "workspaces_rows.html", (), _rows, every_s=AGAIN_S)
SECTION = Section(
    routes=(
        Route("/", get=_show, regions=(ROWS,)),
        Route("/workspaces/new", get=_new, post=_create),
        Route("/workspaces/{workspace}/live", get=stream.follow),
    ),
    nav=Nav("Workspaces", "/", "h", in_workspace=False),
)
