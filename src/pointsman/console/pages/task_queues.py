"""Task queues: what waits in each and whom it matches; an expression, with the workers that it matches as one types."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from starlette.responses import Response

from pointsman.console import forms
from pointsman.console.deletion import Deletion
from pointsman.console.excerpts import excerpt
from pointsman.console.presence import with_queue_figures
from pointsman.console.routes import Nav, Route, Section
from pointsman.console.tables import Column, Row, columns_of, paging, table_of
from pointsman.console.visit import FORM_REFUSED, Region, Trouble, Visit
from pointsman.resources import TASK_QUEUE, WORKER
from pointsman.resources.statistics import BULK_QUEUES_MAX
from pointsman.wire.errors import Problem
from pointsman.wire.forms import Pairs

SLUG = "task-queues"
EXPRESSION = "TargetWorkers"
WORKERS_SHOWN = 50
NAMES_SHOWN = 10  # of workflows that keep a queue from being deleted
RECENT_MINUTES = 15
AGAIN_S = 15  # how long tasks have waited changes without news
FIRST = ("FriendlyName", EXPRESSION)
SINGLE_TASKING = ("ReservationActivitySid", "AssignmentActivitySid")
WORKER_COLUMNS = (
    *columns_of(WORKER.fields, "friendly_name"),
    Column("activity_name", "Activity"),
    Column("date_status_changed", "Since", "time"),
    *columns_of(WORKER.fields, "attributes"),
)


def _api(visit: Visit) -> str:
    return f"{visit.api}/{TASK_QUEUE.path}"


def _one(visit: Visit) -> str:
    return f"{_api(visit)}/{visit.names['sid']}"


# --- all of them --------------------------------------------------------------------------------------------------


async def _list(visit: Visit) -> Response:
    return await visit.page("task_queues.html", "Task queues", regions=(ROWS,))


async def _rows(visit: Visit) -> Mapping[str, Any]:
    table = table_of((), await visit.get(_api(visit), paging(visit, BULK_QUEUES_MAX)), visit.here)
    return {"table": table._replace(rows=await with_queue_figures(visit, table.rows))}


# --- one of them --------------------------------------------------------------------------------------------------


async def _show(visit: Visit) -> Response:
    queue = await visit.get(_one(visit))
    warnings = (await visit.get(f"{_one(visit)}/Warnings"))["warnings"]
    name = queue["friendly_name"]
    return await visit.page("task_queue.html", name, regions=(FIGURES, WORKERS), queue=queue, warnings=warnings)


async def _figures(visit: Visit) -> Mapping[str, Any]:
    waiting = {"TaskQueueSid": visit.names["sid"], "AssignmentStatus": "pending"}
    return {
        "now": await visit.get(f"{_one(visit)}/RealTimeStatistics"),
        "recent": await visit.get(f"{_one(visit)}/CumulativeStatistics", {"Minutes": str(RECENT_MINUTES)}),
        "minutes": RECENT_MINUTES,
        "waiting": f"{visit.at('tasks')}?{urlencode(waiting)}",
    }


async def _workers(visit: Visit) -> Mapping[str, Any]:
    asked = [("TaskQueueSid", visit.names["sid"]), *paging(visit, WORKERS_SHOWN)]
    body = await visit.get(f"{visit.api}/{WORKER.path}", asked)
    return {"table": table_of(WORKER_COLUMNS, body, visit.here, lambda row: visit.at("workers", row["sid"]))}


# --- whom an expression matches -----------------------------------------------------------------------------------


async def _matches(visit: Visit) -> Response:
    """While it is typed."""
    text = dict(visit.form).get(EXPRESSION, "")
    problem = told = None
    warnings: list[Row] = []
    try:
        told = await visit.post(f"{visit.api}/EligibleWorkers", [(EXPRESSION, text)])
        warnings = (await visit.post(f"{visit.api}/Warnings", [(EXPRESSION, text)]))["warnings"]
    except Trouble as trouble:
        problem = forms.plain(trouble.problem).removeprefix(f"{EXPRESSION} is not a valid expression: ")
    where = excerpt(text, problem) if problem else None
    return await visit.part("matches.html", problem=problem, where=where, told=told, warnings=warnings)


# --- forms --------------------------------------------------------------------------------------------------------


async def _new(visit: Visit) -> Response:
    return await _form(visit, None)


async def _create(visit: Visit) -> Response:
    parameters = forms.parameters_of(TASK_QUEUE, "create")
    sent = forms.given(parameters, visit.form)
    if dict(visit.form).get(EXPRESSION) == "":  # nobody, and not the default
        sent.append((EXPRESSION, ""))
    try:
        body = await visit.post(_api(visit), sent)
    except Trouble as trouble:
        return await _form(visit, None, visit.form, trouble.problem)
    return visit.go(visit.at(SLUG, body["sid"]), f"{body['friendly_name']} was created.")


async def _edit(visit: Visit) -> Response:
    return await _form(visit, await visit.get(_one(visit)))


async def _update(visit: Visit) -> Response:
    body = await visit.get(_one(visit))
    changed, problem = forms.changes(forms.parameters_of(TASK_QUEUE, "update"), visit.form, body)
    if problem is None:
        try:
            if changed:
                body = await visit.post(_one(visit), changed)
            return visit.go(visit.at(SLUG, body["sid"]), f"{body['friendly_name']} was saved.")
        except Trouble as trouble:
            problem = trouble.problem
    return await _form(visit, body, visit.form, problem)


async def _form(visit: Visit, body: Row | None, sent: Pairs = (), problem: Problem | None = None) -> Response:
    form = forms.form_of(
        forms.parameters_of(TASK_QUEUE, "update" if body else "create"),
        body=body,
        sent=sent,
        problem=problem,
        options=await _options(visit),
        defaults={"target_workers": "1==1", "max_reserved_workers": "1"},
    )
    main = [each for each in form.inputs if each.name not in SINGLE_TASKING]
    aside = [each for each in form.inputs if each.name in SINGLE_TASKING]
    multi = bool((await visit.workspace_body())["multi_task_enabled"])
    return await visit.dialog(
        "task_queue_form.html",
        f"Change {body['friendly_name']}" if body else "New task queue",
        status=FORM_REFUSED if problem else 200,
        form=form,
        main=sorted(main, key=lambda each: each.name not in FIRST),  # those two first, the others as they are declared
        aside=[] if multi and not any(each.value or each.problem for each in aside) else aside,
        body=body,
        verb="Save" if body else "Create task queue",
        back=visit.at(SLUG, body["sid"]) if body else visit.at(SLUG),
    )


async def _options(visit: Visit) -> Mapping[str, list[forms.Option]]:
    """The activities to choose from."""
    activities = await visit.rows(f"{visit.api}/Activities")
    names = [(each["sid"], each["friendly_name"]) for each in activities]
    return {"reservation_activity_sid": names, "assignment_activity_sid": names}


# --- deleting -----------------------------------------------------------------------------------------------------


async def _consequence(visit: Visit, body: Row) -> str:
    tasks = (await visit.get(f"{_one(visit)}/RealTimeStatistics"))["total_tasks"]
    workflows = await visit.rows(f"{visit.api}/Workflows")
    names = [each["friendly_name"] for each in workflows if body["sid"] in each["configuration"]]
    if len(names) > NAMES_SHOWN:
        names[NAMES_SHOWN:] = [f"and {len(names) - NAMES_SHOWN:,} more"]
    told = []
    if tasks:
        told.append(f"Tasks in it: {tasks:,}. They have to end or move first, or it can't be deleted.")
    if names:
        told.append(f"Workflows that send tasks to it: {', '.join(names)}. Change them first, or it can't be deleted.")
    return " ".join(told) or "No task is in it, and no workflow sends tasks to it. Past events go on naming it."


ROWS = Region("rows", "task_queues_rows.html", ("task", "reservation", "task-queue", "worker"), _rows, AGAIN_S)
FIGURES = Region(
    "figures", "task_queue_figures.html", ("task", "reservation", "worker", "task-queue", "activity"), _figures, AGAIN_S
)
WORKERS = Region("workers", "task_queue_workers.html", ("worker", "task-queue", "activity"), _workers)
_BASE = f"/workspaces/{{workspace}}/{SLUG}"
SECTION = Section(
    routes=(
        Route(_BASE, get=_list, regions=(ROWS,)),
        Route(f"{_BASE}/new", get=_new, post=_create),
        Route(f"{_BASE}/matches", post=_matches),
        Route(f"{_BASE}/{{sid}}", get=_show, regions=(FIGURES, WORKERS)),
        Route(f"{_BASE}/{{sid}}/edit", get=_edit, post=_update),
        Deletion(TASK_QUEUE, SLUG, "task queue", _consequence).route(),
    ),
    nav=Nav("Task queues", f"/{SLUG}", "q"),
)
