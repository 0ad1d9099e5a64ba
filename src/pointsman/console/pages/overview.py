"""A workspace at a glance: what waits and who is there now, each queue, and the last hours."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from starlette.responses import JSONResponse, Response

from pointsman.console.presence import presence, with_queue_figures
from pointsman.console.routes import Nav, Route, Section
from pointsman.console.series import SPAN_DEFAULT, SPANS, Series
from pointsman.console.tables import Row
from pointsman.console.visit import Region, Trouble, Visit
from pointsman.core.engine.view import View
from pointsman.resources.statistics import BULK_QUEUES_MAX
from pointsman.wire.errors import not_found

RECENT_MINUTES = 15
QUEUES_MAX = BULK_QUEUES_MAX  # whose figures can be asked for at once
FIGURES_AGAIN_S = 30  # what is of the last minutes changes without news
_series = Series()


async def _show(visit: Visit) -> Response:
    span = _span(visit)
    tabs = [(f"{visit.at()}?span={name}", f"Last {each.label}", name == span) for name, each in SPANS.items()]
    title = (await visit.workspace_body())["friendly_name"]
    return await visit.page("overview.html", title, regions=(FIGURES, QUEUES), span=span, span_tabs=tabs)


def _span(visit: Visit) -> str:
    """How far back charts go. Raises: `Trouble`."""
    name = visit.request.query_params.get("span", SPAN_DEFAULT)
    if name not in SPANS:
        raise Trouble(not_found(f"{visit.here}?span={name}"))
    return name


async def _figures(visit: Visit) -> Mapping[str, Any]:
    now = await presence(visit, visit.api)
    recent = await visit.get(f"{visit.api}/CumulativeStatistics", {"Minutes": str(RECENT_MINUTES)})
    return {"now": now.figures, "presence": now, "recent": recent, "minutes": RECENT_MINUTES}


async def _queues(visit: Visit) -> Mapping[str, Any]:
    """The deepest first, and of very many these alone."""
    assert visit.workspace is not None, "the route is a workspace's"
    rows, count = await visit.console.operations.services.router.read(visit.workspace, _deepest)
    return {"rows": await with_queue_figures(visit, rows), "count": count}


def _deepest(view: View) -> tuple[list[Row], int]:
    """The task queues in which most tasks wait, then by name; and how many there are."""
    state = view.state
    pending = state.census.pending_by_queue()
    queues = sorted(
        state.queues.values(), key=lambda each: (-pending.get(each.no, 0), each.friendly_name.casefold(), each.no)
    )
    return [{"sid": each.sid, "friendly_name": each.friendly_name} for each in queues[:QUEUES_MAX]], len(queues)


async def _charts(visit: Visit) -> Response:
    """The points of all charts: the second in which each interval begins, and each figure of it; none where there was
    nothing to measure."""
    rows = await _series.read(visit, f"{visit.api}/CumulativeStatistics", SPANS[_span(visit)])
    figures = [figures for _, figures in rows]

    def waits(name: str) -> list[int | None]:
        return [
            each["wait_duration_until_accepted"][name] if each["reservations_accepted"] else None for each in figures
        ]

    return JSONResponse(
        {
            "times": [start_s for start_s, _ in rows],
            "created": [each["tasks_created"] for each in figures],
            "accepted": [each["reservations_accepted"] for each in figures],
            "missed": [each["reservations_timed_out"] + each["reservations_rejected"] for each in figures],
            "waited": waits("avg"),
            "longest": waits("max"),
        }
    )


FIGURES = Region(
    "figures", "overview_figures.html", ("task", "reservation", "worker", "activity"), _figures, FIGURES_AGAIN_S
)
QUEUES = Region("queues", "overview_queues.html", ("task", "reservation", "task-queue", "worker"), _queues)
SECTION = Section(
    routes=(
        Route("/workspaces/{workspace}", get=_show, regions=(FIGURES, QUEUES)),
        Route("/workspaces/{workspace}/charts", get=_charts),
    ),
    nav=Nav("Overview", "", "o"),
)
