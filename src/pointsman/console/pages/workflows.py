"""Workflows: an editor of their rules beside the JSON, what is unwise in them, which way a task would go, and where
waiting tasks would move. The rules themselves are the API's business."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from hashlib import blake2b
from typing import Any

from starlette.responses import JSONResponse, Response

from pointsman.console import forms
from pointsman.console.deletion import Deletion
from pointsman.console.differences import differences
from pointsman.console.routes import Nav, Route, Section
from pointsman.console.tables import Row, paging, table_of
from pointsman.console.visit import FORM_REFUSED, Region, Trouble, Visit
from pointsman.console.words import pretty
from pointsman.core.engine.view import View
from pointsman.resources import WORKFLOW
from pointsman.wire.errors import Problem
from pointsman.wire.forms import Pairs

SLUG = "workflows"
CONFIGURATION, AGAIN = "Configuration", "ReEvaluateTasks"
PAGE_SIZE = 50
SETTINGS = ("TaskReservationTimeout", "AssignmentCallbackUrl", "FallbackAssignmentCallbackUrl")
UPDATES = tuple(each for each in forms.parameters_of(WORKFLOW, "update") if each.name != "re_evaluate_tasks")
TRIED = ("Configuration", "Attributes", "TaskChannel", "Priority")
_WHERE = re.compile(
    r"^Configuration: (?P<where>(?:filters\[\d+\]|default_filter)(?:\.targets\[\d+\])?(?:\.\w+)?)"
    r"(?:, \"(?P<key>\w+)\"|,)?:? ?(?P<text>.*)$",
    re.DOTALL,
)


def _api(visit: Visit) -> str:
    return f"{visit.api}/{WORKFLOW.path}"


def _one(visit: Visit) -> str:
    return f"{_api(visit)}/{visit.names['sid']}"


# --- all of them --------------------------------------------------------------------------------------------------


async def _list(visit: Visit) -> Response:
    return await visit.page("workflows.html", "Workflows", regions=(ROWS,))


async def _rows(visit: Visit) -> Mapping[str, Any]:
    table = table_of((), await visit.get(_api(visit), paging(visit, PAGE_SIZE)), visit.here)
    return {"table": table._replace(rows=[await _with_figures(visit, row) for row in table.rows])}


async def _with_figures(visit: Visit, row: Row) -> Row:
    routing = json.loads(row["configuration"])["task_routing"]
    now = await visit.get(f"{_api(visit)}/{row['sid']}/RealTimeStatistics")
    return {
        **row,
        "filters": len(routing.get("filters") or ()),
        "has_default": bool(routing.get("default_filter")),
        "now": now,
    }


# --- the editor ---------------------------------------------------------------------------------------------------


async def _new(visit: Visit) -> Response:
    return await _editor(visit, None)


async def _create(visit: Visit) -> Response:
    try:
        body = await visit.post(_api(visit), forms.given(forms.parameters_of(WORKFLOW, "create"), visit.form))
    except Trouble as trouble:
        return await _editor(visit, None, visit.form, trouble.problem)
    return visit.go(visit.at(SLUG, body["sid"]), f"{body['friendly_name']} was created.")


async def _show(visit: Visit) -> Response:
    return await _editor(visit, await visit.get(_one(visit)))


async def _save(visit: Visit) -> Response:
    body = await visit.get(_one(visit))
    changed = forms.touched(UPDATES, visit.form, body)
    clashes = [each for each in changed if each.clashes]
    if clashes:
        return await _clash(visit, body, changed)
    sent = [(each.name, each.value) for each in changed]
    if dict(visit.form).get(AGAIN) == "true":
        sent.append((AGAIN, "true"))
    try:
        if sent:
            body = await visit.post(_one(visit), sent)
    except Trouble as trouble:
        return await _editor(visit, body, visit.form, trouble.problem)
    return visit.go(visit.at(SLUG, body["sid"]), f"{body['friendly_name']} was saved.")


async def _clash(visit: Visit, body: Row, changed: Sequence[forms.Touched]) -> Response:
    """Somebody else was first: both versions are shown. The form keeps what was typed, and begins anew from what is
    there now; so saving again is a decision."""
    told = [{"name": each.name, "lines": differences(each.present, each.value)} for each in changed if each.clashes]
    typed = [(each.name, each.value) for each in changed]
    again = [(name, value) for name, value in visit.form if name == AGAIN]
    return await _editor(visit, body, [*typed, *again], clashes=told, status=FORM_REFUSED)


async def _editor(
    visit: Visit,
    body: Row | None,
    sent: Pairs = (),
    problem: Problem | None = None,
    *,
    clashes: Sequence[Row] = (),
    status: int = 200,
) -> Response:
    assert visit.workspace is not None, "the route is a workspace's"
    queues = await visit.console.operations.services.router.read(visit.workspace, _names_of_queues)
    parameters = UPDATES if body else forms.parameters_of(WORKFLOW, "create")
    defaults = {"configuration": _first_rules(queues), "task_reservation_timeout": "120"}
    form = forms.form_of(parameters, body=body, sent=sent, problem=problem, defaults=defaults)
    inputs = {each.name: each for each in form.inputs}
    channels = await visit.rows(f"{visit.api}/TaskChannels")
    context = {
        "form": form,
        "name": inputs["FriendlyName"],
        "configuration": inputs[CONFIGURATION],
        "settings": [inputs[name] for name in SETTINGS],
        "again": dict(sent).get(AGAIN) == "true",
        "workflow": body,
        "queues": queues,
        "channels": channels,
        "clashes": clashes,
    }
    status = FORM_REFUSED if problem else status
    if visit.is_partial:
        return await visit.part("workflow_form.html", status=status, **context)
    title = body["friendly_name"] if body else "New workflow"
    return await visit.page("workflow.html", title, regions=(SAVED,) if body else (), status=status, **context)


async def _saved(visit: Visit) -> Mapping[str, Any]:
    """With a mark that changes whenever anything of it does: dates are of whole seconds."""
    body = await visit.get(_one(visit))
    return {"workflow": body, "mark": blake2b(json.dumps(body).encode(), digest_size=8).hexdigest()}


def _names_of_queues(view: View) -> list[Row]:
    """The task queues to choose from, oldest first: of thousands the API's lists would say more than is shown."""
    return [{"sid": each.sid, "friendly_name": each.friendly_name} for _, each in sorted(view.state.queues.items())]


def _first_rules(queues: Sequence[Row]) -> str:
    """What a new workflow begins with: everything to the first queue."""
    routing: dict[str, Any] = {"filters": []}
    if queues:
        routing["default_filter"] = {"queue": queues[0]["sid"]}
    return pretty({"task_routing": routing})


# --- while it is edited -------------------------------------------------------------------------------------------


async def _check(visit: Visit) -> Response:
    """For the editor's script: what is wrong in the configuration, or what is unwise; and where."""
    try:
        body = await visit.post(f"{visit.api}/Warnings", _sent(visit, CONFIGURATION))
    except Trouble as trouble:
        where, text = placed(forms.plain(trouble.problem))
        return JSONResponse({"problem": {"where": where, "text": text}, "warnings": []})
    return JSONResponse({"problem": None, "warnings": body["warnings"]})


def placed(message: str) -> tuple[str, str]:
    """The place in the document that a message names, empty if it names none; and the rest of it."""
    found = _WHERE.match(message)
    if found is None:
        return "", message
    key, text = found["key"], found["text"]
    return (f"{found['where']}.{key}", f'"{key}" {text}') if key else (found["where"], text)


async def _try(visit: Visit) -> Response:
    problem = told = None
    try:
        told = await visit.post(f"{visit.api}/Trial", _sent(visit, *TRIED))
    except Trouble as trouble:
        problem = forms.plain(trouble.problem)
    return await visit.part("workflow_trial.html", problem=problem, told=told)


async def _moves(visit: Visit) -> Response:
    problem = told = None
    try:
        told = await visit.post(f"{_one(visit)}/ReEvaluation", _sent(visit, CONFIGURATION))
    except Trouble as trouble:
        problem = forms.plain(trouble.problem)
    return await visit.part("workflow_moves.html", problem=problem, told=told)


def _sent(visit: Visit, *names: str) -> list[tuple[str, str]]:
    return [(name, value) for name, value in visit.form if name in names and value.strip()]


# --- deleting -----------------------------------------------------------------------------------------------------


async def _consequence(visit: Visit, body: Row) -> str:
    tasks = (await visit.get(f"{_one(visit)}/RealTimeStatistics"))["tasks_by_status"]
    if waiting := tasks["pending"] + tasks["reserved"]:
        return f"Tasks that wait under it: {waiting:,}. They have to end first, or it can't be deleted."
    return "No task waits under it. Tasks that are being worked on go on; new ones need another workflow."


ROWS = Region("rows", "workflows_rows.html", ("task", "workflow", "task-queue"), _rows)
SAVED = Region("saved", "workflow_saved.html", ("workflow",), _saved)
_BASE = f"/workspaces/{{workspace}}/{SLUG}"
SECTION = Section(
    routes=(
        Route(_BASE, get=_list, regions=(ROWS,)),
        Route(f"{_BASE}/new", get=_new, post=_create),
        Route(f"{_BASE}/check", post=_check),
        Route(f"{_BASE}/trial", post=_try),
        Route(f"{_BASE}/{{sid}}", get=_show, post=_save, regions=(SAVED,)),
        Route(f"{_BASE}/{{sid}}/moves", post=_moves),
        Deletion(WORKFLOW, SLUG, "workflow", _consequence).route(),
    ),
    nav=Nav("Workflows", f"/{SLUG}", "f"),
)
