"""Settings of a workspace: its name, its callbacks, its activities of default; and deleting it."""

from __future__ import annotations

from collections.abc import Mapping

from starlette.responses import Response

from pointsman.console import forms
from pointsman.console.routes import Nav, Route, Section
from pointsman.console.visit import FORM_REFUSED, Trouble, Visit
from pointsman.resources import WORKSPACE
from pointsman.resources.paging import PAGE_SIZE_MAX
from pointsman.wire.errors import Problem
from pointsman.wire.forms import Pairs

SLUG = "settings"
PARAMETERS = tuple(
    sorted(forms.parameters_of(WORKSPACE, "update"), key=lambda each: each.name != "friendly_name")  # the name first
)


async def _show(visit: Visit, sent: Pairs = (), problem: Problem | None = None) -> Response:
    form = forms.form_of(
        PARAMETERS, body=await visit.workspace_body(), sent=sent, problem=problem, options=await _options(visit)
    )
    status = FORM_REFUSED if problem else 200
    if visit.is_partial:
        return await visit.part("workspace_settings_form.html", status=status, form=form)
    return await visit.page("workspace_settings.html", "Workspace settings", status=status, form=form)


async def _options(visit: Visit) -> Mapping[str, list[forms.Option]]:
    """The activities to choose from."""
    activities = (await visit.get(f"{visit.api}/Activities", {"PageSize": str(PAGE_SIZE_MAX)}))["activities"]
    names = [(each["sid"], each["friendly_name"]) for each in activities]
    return {each.name: names for each in PARAMETERS if each.name.endswith("_activity_sid")}


async def _save(visit: Visit) -> Response:
    changed, problem = forms.changes(PARAMETERS, visit.form, await visit.workspace_body())
    if problem is None:
        try:
            if changed:
                await visit.post(visit.api, changed)
            return visit.go(visit.at(SLUG), "The workspace was saved.")
        except Trouble as trouble:
            problem = trouble.problem
    return await _show(visit, visit.form, problem)


async def _ask_delete(visit: Visit, problem: str | None = None) -> Response:
    figures = await visit.get(f"{visit.api}/RealTimeStatistics")
    name = (await visit.workspace_body())["friendly_name"]
    return await visit.dialog(
        "confirm.html",
        f"Delete {name}?",
        status=FORM_REFUSED if problem else 200,
        consequence=f"Its {figures['total_workers']:,} workers, {figures['total_tasks']:,} tasks, queues, workflows and"
        " its log go with it. It can't be undone.",
        action=visit.at(SLUG, "delete"),
        back=visit.at(SLUG),
        verb="Delete workspace",
        problem=problem,
        type_name=name,
    )


async def _delete(visit: Visit) -> Response:
    name = (await visit.workspace_body())["friendly_name"]
    if dict(visit.form).get("Name", "").strip() != name.strip():
        return await _ask_delete(visit, "Type the workspace's name to delete it")
    await visit.delete(visit.api)
    return visit.go(visit.url("/"), f"{name} was deleted.")


SECTION = Section(
    routes=(
        Route(f"/workspaces/{{workspace}}/{SLUG}", get=_show, post=_save),
        Route(f"/workspaces/{{workspace}}/{SLUG}/delete", get=_ask_delete, post=_delete),
    ),
    nav=Nav("Workspace settings", f"/{SLUG}", "e"),
)
