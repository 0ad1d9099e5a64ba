"""The event log: what happened, as it happens, who caused it and from where."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from starlette.responses import Response

from pointsman.console.asking import asked, choices, inputs
from pointsman.console.happenings import told
from pointsman.console.places import Mention, every_sid, links, mentions, place
from pointsman.console.routes import Nav, Route, Section
from pointsman.console.stream import KINDS
from pointsman.console.tables import Row, paging, table_of
from pointsman.console.visit import Region, Trouble, Visit
from pointsman.core.events import EVENT_TYPES
from pointsman.core.ids import number_of
from pointsman.resources.log import EVENT_PARAMETERS
from pointsman.wire.errors import Problem

BASE = "/workspaces/{workspace}/events"
PAGE_SIZE = 50
MINUTES = "1440"  # a day, if nothing says when
ASKED_FIRST = ("EventType", "TaskSid", "WorkerSid", "Minutes")
PARAMETERS = tuple(each for each in EVENT_PARAMETERS if each.name != "sid")  # that one has a page of its own
TYPES = tuple((each, each) for each in EVENT_TYPES)
ABOUT = ("task_sid", "reservation_sid", "worker_sid", "task_queue_sid", "workflow_sid", "activity_sid")


async def _show(visit: Visit) -> Response:
    """The newest page follows what happens; older ones stay as they are."""
    query = visit.request.query_params
    tails = not query.get("PageToken") and not query.get("EndDate")
    try:
        return await _page(visit, (ROWS if tails else ROWS_CALM,))
    except Trouble as trouble:
        return await _page(visit, (), trouble.problem)


async def _page(visit: Visit, regions: tuple[Region, ...], problem: Problem | None = None) -> Response:
    options = {
        "event_type": TYPES,
        "task_queue_sid": await choices(visit, "TaskQueues"),
        "workflow_sid": await choices(visit, "Workflows"),
        "task_channel": await choices(visit, "TaskChannels", "unique_name"),
    }
    fields, wrong = inputs(PARAMETERS, _asked(visit), problem=problem, options=options)
    return await visit.page(
        "events.html",
        "Events",
        regions=regions,
        status=problem.status if problem else 200,
        rows=regions[0].name if regions else None,
        first=[each for name in ASKED_FIRST for each in fields if each.name == name],
        more=[each for each in fields if each.name not in ASKED_FIRST],
        problem=wrong,
    )


def _asked(visit: Visit) -> dict[str, str]:
    sent = asked(visit, PARAMETERS)
    return sent if sent.keys() & {"Minutes", "StartDate", "EndDate"} else sent | {"Minutes": MINUTES}


async def _rows(visit: Visit) -> Mapping[str, Any]:
    sent = _asked(visit)
    body = await visit.get(f"{visit.api}/Events", [*sent.items(), *paging(visit, PAGE_SIZE)])
    table = table_of((), body, visit.here)
    rows = [{**row, "told": told(row, visit, {}), "about": _about(visit, row["event_data"])} for row in table.rows]
    filtered = any(name not in ("Minutes", "StartDate", "EndDate") for name in sent)
    return {"table": table._replace(rows=rows), "filtered": filtered}


def _about(visit: Visit, data: Mapping[str, str]) -> list[Mention]:
    return mentions(visit, data, ABOUT if "task_sid" in data else (*ABOUT, "task_channel_sid"))


async def _event(visit: Visit) -> Response:
    event = await visit.get(f"{visit.api}/Events/{visit.names['sid']}")
    data = event["event_data"]
    return await visit.page(
        "event.html",
        event["event_type"],
        event=event,
        sequence=number_of(event["sid"]),
        links=links(visit, data, data.get("task_sid")),
        mentions=mentions(visit, data, [name for name in every_sid(data) if name != "workspace_sid"]),
        happening=told(event, visit, {}),
        actor_link=Mention("", None, event["actor_sid"], place(visit, event["actor_sid"])),
        deliveries=await _deliveries(visit, event),
    )


async def _deliveries(visit: Visit, event: Row) -> list[Row]:
    """The callbacks that told of it: they have its digits."""
    found = []
    for prefix in ("DA", "DE"):
        try:
            found.append(await visit.get(f"{visit.api}/Deliveries/{prefix}{event['sid'][2:]}"))
        except Trouble:
            continue  # it was not told, not yet, or that is forgotten
    return found


ROWS = Region("rows", "events_rows.html", tuple(sorted(KINDS)), _rows)
ROWS_CALM = Region("older", "events_rows.html", (), _rows)
SECTION = Section(
    routes=(
        Route(BASE, get=_show, regions=(ROWS, ROWS_CALM)),
        Route(f"{BASE}/{{sid}}", get=_event),
    ),
    nav=Nav("Events", "/events", "l"),
)
