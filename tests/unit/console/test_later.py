"""A region that takes long does not keep its page from being sent."""

from __future__ import annotations

from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any, cast

from starlette.requests import Request

from pointsman.console.app import Console
from pointsman.console.pages.task import ANSWER_CALM
from pointsman.console.pages.tasks import ROWS_CALM
from pointsman.console.sessions import Session
from pointsman.console.static import Static
from pointsman.console.templating import make_renderer
from pointsman.console.visit import Region, Visit


async def unasked(visit: Visit) -> Mapping[str, Any]:
    raise AssertionError("it is not made yet")


def test_its_place_says_where_it_is_and_what_it_follows() -> None:
    headers = [(b"host", b"router"), (b"accept", b"text/html")]
    scope = {"type": "http", "method": "GET", "path": "/console/workspaces/WS1/tasks", "headers": headers}
    request = Request(scope | {"query_string": b"Ordering=Priority%3Adesc", "scheme": "http", "pointsman.base": ""})
    console = SimpleNamespace(render=make_renderer(Static(), ()))
    session = cast(Session, SimpleNamespace(caller=SimpleNamespace(worker=None)))
    visit = Visit(cast(Console, console), request, session, "", {})
    place = visit._place_of(Region("slow", "none.html", ("task", "worker"), unasked, 15, later=True))
    assert 'data-live="task worker" data-every="15"' in place
    assert 'region=slow" data-later aria-busy="true"' in place
    assert "Ordering=Priority%3Adesc&amp;" in place


def test_what_looks_at_all_of_a_large_workspace_comes_later() -> None:
    assert ROWS_CALM.later
    assert ANSWER_CALM.later
