"""Deleting one of a list: a question that says what would come of it, and then the list without it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import partial
from typing import NamedTuple

from starlette.responses import Response

from pointsman.console import forms
from pointsman.console.routes import Route
from pointsman.console.tables import Row
from pointsman.console.visit import FORM_REFUSED, Trouble, Visit
from pointsman.resources import Resource


class Deletion(NamedTuple):
    """Of a resource whose list is the page `slug`, and `one` of it a page below; `name` is what a path calls its sid.
    `consequence` says what deleting it would do. One that `has_page` is shown again if it stays."""

    resource: Resource
    slug: str  # "task-queues"
    one: str  # "task queue"
    consequence: Callable[[Visit, Row], Awaitable[str]]
    name: str = "sid"
    has_page: bool = True

    def route(self) -> Route:
        path = f"/workspaces/{{workspace}}/{self.slug}/{{{self.name}}}/delete"
        return Route(path, get=partial(_ask, self), post=partial(_delete, self))

    def api(self, visit: Visit) -> str:
        return f"{visit.api}/{self.resource.path}/{visit.names[self.name]}"


async def _ask(deletion: Deletion, visit: Visit, problem: str | None = None) -> Response:
    body = await visit.get(deletion.api(visit))
    page = visit.at(deletion.slug, visit.names[deletion.name])
    return await visit.dialog(
        "confirm.html",
        f"Delete {body['friendly_name']}?",
        status=FORM_REFUSED if problem else 200,
        consequence=await deletion.consequence(visit, body),
        action=f"{page}/delete",
        back=page if deletion.has_page else visit.at(deletion.slug),
        verb=f"Delete {deletion.one}",
        problem=problem,
    )


async def _delete(deletion: Deletion, visit: Visit) -> Response:
    path = deletion.api(visit)
    name = (await visit.get(path))["friendly_name"]
    try:
        await visit.delete(path)
    except Trouble as trouble:
        return await _ask(deletion, visit, forms.plain(trouble.problem))
    return visit.go(visit.at(deletion.slug), f"{name} was deleted.")
