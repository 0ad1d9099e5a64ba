"""Workers: the list of them, by name, activity or expression, and making one. The pages of one are `worker.py`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from starlette.responses import Response

from pointsman.console import forms
from pointsman.console.pages import worker, worker_changes
from pointsman.console.routes import Nav, Route, Section
from pointsman.console.tables import paging, table_of
from pointsman.console.visit import FORM_REFUSED, Region, Trouble, Visit
from pointsman.resources import WORKER
from pointsman.wire.errors import Problem
from pointsman.wire.forms import Pairs

PAGE_SIZE = 50
NAME, ACTIVITY, EXPRESSION = "FriendlyNameContains", "ActivitySid", "TargetWorkersExpression"
QUEUE = "TaskQueueSid"  # of links from other pages
FILTERS = (NAME, ACTIVITY, EXPRESSION, QUEUE)
PARAMETERS = forms.parameters_of(WORKER, "create")

# --- the list -----------------------------------------------------------------------------------------------------


async def _list(visit: Visit) -> Response:
    return await visit.page(
        "workers.html",
        "Workers",
        regions=(ROWS,),
        asked=dict(_asked(visit)),
        activities=await worker_changes.activities_of(visit),
    )


def _asked(visit: Visit) -> list[tuple[str, str]]:
    """The filters that the page's address has."""
    pairs = visit.request.query_params.multi_items()
    return [(name, value.strip()) for name, value in pairs if name in FILTERS and value.strip()]


async def _rows(visit: Visit) -> Mapping[str, Any]:
    asked = _asked(visit)
    told: dict[str, Any] = {"filtered": bool(asked), "queue": await _queue_name(visit, dict(asked).get(QUEUE))}
    try:
        body = await visit.get(f"{visit.api}/Workers", [*asked, *paging(visit, PAGE_SIZE)])
    except Trouble as trouble:
        if trouble.problem.status != 400 or EXPRESSION not in dict(asked):
            raise
        return told | {"problem": forms.told(trouble.problem, dict(asked)[EXPRESSION]), "table": None}
    table = table_of((), body, visit.here, lambda row: visit.at("workers", row["sid"]))
    return told | {"problem": None, "table": table}


async def _queue_name(visit: Visit, sid: str | None) -> str | None:
    """Raises: `Trouble`."""
    return (await visit.get(f"{visit.api}/TaskQueues/{sid}"))["friendly_name"] if sid else None


# --- making one ---------------------------------------------------------------------------------------------------


async def _new(visit: Visit, sent: Pairs = (), problem: Problem | None = None) -> Response:
    options = {"activity_sid": [(each.sid, each.name) for each in await worker_changes.activities_of(visit)]}
    chosen = (await visit.workspace_body())["default_activity_sid"]
    form = forms.form_of(
        PARAMETERS,
        sent=sent,
        problem=problem,
        options=options,
        defaults={"activity_sid": chosen, "attributes": "{}"},
    )
    status = FORM_REFUSED if problem else 200
    return await visit.dialog("worker_new.html", "New worker", status=status, form=form)


async def _create(visit: Visit) -> Response:
    try:
        body = await visit.post(f"{visit.api}/Workers", forms.given(PARAMETERS, visit.form))
    except Trouble as trouble:
        return await _new(visit, visit.form, trouble.problem)
    return visit.go(visit.at("workers", body["sid"]), f"{body['friendly_name']} was created.")


ROWS = Region("rows", "workers_rows.html", ("worker", "activity"), _rows)
BASE = "/workspaces/{workspace}/workers"
SECTION = Section(
    routes=(
        Route(BASE, get=_list, regions=(ROWS,)),
        Route(f"{BASE}/new", get=_new, post=_create),
        *worker.ROUTES,
        *worker_changes.ROUTES,
    ),
    nav=Nav("Workers", "/workers", "w"),
)
