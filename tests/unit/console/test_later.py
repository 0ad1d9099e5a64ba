"""A region that takes long does not keep its page from being sent."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any, cast

from starlette.requests import Request

from pointsman.console.app import Console
from pointsman.console.pages.task import ANSWER_CALM
from pointsman.console.pages.tasks import ROWS_CALM
from pointsman.console.static import Static
from pointsman.console.templating import make_renderer
from pointsman.console.visit import Region, Visit
from tests.unit.console.test_door import SIGNED_IN


async def unasked(visit: Visit) -> Mapping[str, Any]:
    raise AssertionError("it is not made yet")


def visit_of(path: str, query: bytes = b"") -> Visit:
    headers = [(b"host", b"router"), (b"accept", b"text/html")]
    scope = {"type": "http", "method": "GET", "path": f"/console{path}", "headers": headers, "query_string": query}
    console = SimpleNamespace(render=make_renderer(Static(), ()))
    request = Request(scope | {"scheme": "http", "pointsman.base": ""})
    return Visit(cast(Console, console), request, SIGNED_IN, "", {})


def test_its_page_is_sent_without_it() -> None:
    later = Region("rows", "none.html", (), unasked, 15, later=True)
    response = asyncio.run(visit_of("/").page("workspaces.html", "Workspaces", regions=(later,)))
    text = bytes(response.body).decode()
    assert 'id="rows"' in text and "data-later" in text
    assert "it comes in a moment" in text
    assert '<noscript><p><a href="/console/?whole=1">Show the page with it</a>' in text


def test_who_has_no_scripts_gets_its_page_with_it() -> None:
    async def looked(visit: Visit) -> Mapping[str, Any]:
        return {"address": "made", "text": "made", "state": "good"}

    later = Region("rows", "toast_inside.html", (), looked, 15, later=True)
    visit = visit_of("/", b"Ordering=Priority&whole=1")
    response = asyncio.run(visit.page("workspaces.html", "Workspaces", regions=(later,)))
    text = bytes(response.body).decode()
    assert "<h1" in text and "made" in text
    assert "data-later" not in text and "it comes in a moment" not in text
    assert 'data-url="/console/?Ordering=Priority&amp;region=rows"' in text


def test_its_place_says_where_it_is_and_what_it_follows() -> None:
    visit = visit_of("/workspaces/WS1/tasks", b"Ordering=Priority%3Adesc")
    place = visit._place_of(Region("slow", "none.html", ("task", "worker"), unasked, 15, later=True))
    assert 'data-live="task worker" data-every="15"' in place
    assert 'region=slow" data-later aria-busy="true"' in place
    assert "Ordering=Priority%3Adesc&amp;" in place


def test_what_looks_at_all_of_a_large_workspace_comes_later() -> None:
    assert ROWS_CALM.later
    assert ANSWER_CALM.later
