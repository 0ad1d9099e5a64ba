"""The page of a task. It opens with the answer to "why is this task not assigned?"."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import Any

from starlette.responses import Response

from pointsman.console.happenings import Happening, nameless, told
from pointsman.console.pages.task_moves import (
    HOLDING,
    RESERVATION_MOVES_SHOWN,
    TASK_MOVES_SHOWN,
    name_of,
    transfer_under_way,
)
from pointsman.console.routes import Route
from pointsman.console.tables import Row, paging, table_of
from pointsman.console.visit import Region, Trouble, Visit
from pointsman.core.ids import is_sid
from pointsman.resources.log import MINUTES_MAX

SMALL = 5_000  # workers and tasks of a workspace whose pages may look at all of them whenever something happens
AGAIN_S, AGAIN_CALM_S = 10, 60
DELIVERIES_AGAIN_S = 5  # what came of one is no event
EVENTS_SIZE = 100
DELIVERIES_SIZE = 20
FILTERS_SHOWN = 12  # the one in which it stands among them


async def is_small(visit: Visit) -> bool:
    figures = await visit.get(f"{visit.api}/RealTimeStatistics")
    return bool(figures["total_workers"] + figures["total_tasks"] <= SMALL)


async def _show(visit: Visit) -> Response:
    is_kept = await _task(visit) is not None
    if not is_kept and await _newest(visit) is None:
        await visit.get(_api(visit))  # there never was one: say so in the API's words
    answer = ANSWER if await is_small(visit) else ANSWER_CALM
    sid = visit.names["task"]
    return await visit.page(
        "task.html",
        f"Task {sid[:6]}…{sid[-4:]}",
        regions=(answer, FACTS, TIME_LINE, DELIVERIES),
        answer=answer.name,
        sid_=sid,
        is_kept=is_kept,
        about_worker=visit.request.query_params.get("Worker", ""),
    )


def _api(visit: Visit) -> str:
    return f"{visit.api}/Tasks/{visit.names['task']}"


async def _task(visit: Visit) -> Row | None:
    """None, if it is not kept any longer. Raises: `Trouble`."""
    return await _kept(visit, _api(visit))


async def _kept(visit: Visit, path: str, query: Mapping[str, str] | None = None) -> Row | None:
    try:
        body: Row = await visit.get(path, query or {})
    except Trouble as trouble:
        if trouble.problem.status != 404:
            raise
        return None
    return body


# --- the answer ---------------------------------------------------------------------------------------------------


async def _answer(visit: Visit) -> Mapping[str, Any]:
    worker, problem = await _worker_asked(visit)
    task = await _task(visit)
    explanation = await _kept(visit, f"{_api(visit)}/Explanation", {"WorkerSid": worker} if worker else None)
    if task is None or explanation is None:
        newest = await _newest(visit)
        return {"task": None, "last": (await _told(visit, [newest]))[0] if newest else None}
    held_by = [each["worker_sid"] for each in explanation["reservations"] if each["reservation_status"] in HOLDING]
    return {
        "task": task,
        "told": explanation,
        "reasons": _nearest_first(explanation["workers"]),
        "filters": _around_here(explanation["filters"]),
        "reservations": [
            {**each, "moves": _moves(each["reservation_status"], RESERVATION_MOVES_SHOWN)}
            for each in reversed(explanation["reservations"])
        ],
        "moves": _moves(task["assignment_status"], TASK_MOVES_SHOWN),
        "transfer": await transfer_under_way(visit, held_by),
        "can_be_handed_on": task["assignment_status"] == "assigned" and bool(held_by),
        "worker_problem": problem,
    }


async def _worker_asked(visit: Visit) -> tuple[str | None, str | None]:
    """The sid of the worker that the page's address asks about, by name or sid; or what is wrong with it."""
    name = visit.request.query_params.get("Worker", "").strip()
    if not name:
        return None, None
    if is_sid(name, "WK") and await _kept(visit, f"{visit.api}/Workers/{name}"):
        return name, None
    found = (await visit.get(f"{visit.api}/Workers", {"FriendlyName": name}))["workers"]
    return (found[0]["sid"], None) if found else (None, f"No worker is called {name!r}, or has that SID.")


def _nearest_first(workers: Row | None) -> list[Row]:
    """The API tells of reasons in the order in which they are asked after: the last are nearest to taking it."""
    return list(reversed(workers["reasons"])) if workers else []


def _around_here(filters: Sequence[Row]) -> Sequence[Row]:
    here = next((at for at, each in enumerate(filters) if each["outcome"] == "here"), 0)
    first = max(0, min(here - FILTERS_SHOWN // 2, len(filters) - FILTERS_SHOWN))
    return filters[first : first + FILTERS_SHOWN]


def _moves(status: str, moves: Mapping[str, Any]) -> list[tuple[str, Any]]:
    return [(name, move) for name, move in moves.items() if status in move.origins]


async def _facts(visit: Visit) -> Mapping[str, Any]:
    """Of a task that is not kept any longer, its attributes at its last event."""
    task = await _task(visit)
    if task is not None:
        return {"task": task, "attributes": task["attributes"]}
    newest = await _newest(visit)
    return {"task": None, "attributes": newest["event_data"].get("task_attributes") if newest else None}


# --- what happened ------------------------------------------------------------------------------------------------


async def _events(visit: Visit, pages: Sequence[tuple[str, str]]) -> Row:
    query = [("TaskSid", visit.names["task"]), ("Minutes", str(MINUTES_MAX)), *pages]
    body: Row = await visit.get(f"{visit.api}/Events", query)
    return body


async def _newest(visit: Visit) -> Row | None:
    return next(iter((await _events(visit, [("PageSize", "1")]))["events"]), None)


async def _told(visit: Visit, events: Sequence[Row]) -> list[Happening]:
    names = {sid: await name_of(visit, sid) for sid in sorted(nameless(events))}
    return [told(event, visit, names) for event in events]


async def _time_line(visit: Visit) -> Mapping[str, Any]:
    """What one request has brought about at once stands together."""
    table = table_of((), await _events(visit, paging(visit, EVENTS_SIZE)), visit.here)
    happenings = await _told(visit, table.rows)
    groups = [list(group) for _, group in groupby(happenings, key=lambda each: (each.at_ms, each.who, each.whence))]
    return {"table": table, "groups": groups}


async def _deliveries(visit: Visit) -> Mapping[str, Any]:
    query = {"TaskSid": visit.names["task"], "PageSize": str(DELIVERIES_SIZE)}
    body = await visit.get(f"{visit.api}/Deliveries", query)
    return {"deliveries": body["deliveries"], "more": body["meta"]["next_page_url"] is not None}


_ALL_ABOUT = ("task:{task}", "worker", "activity", "task-queue", "workflow")
ANSWER = Region("answer", "task_answer.html", _ALL_ABOUT, _answer, AGAIN_S)
ANSWER_CALM = Region("calm", "task_answer.html", ("task:{task}",), _answer, AGAIN_CALM_S, later=True)
FACTS = Region("facts", "task_facts.html", ("task:{task}",), _facts)
TIME_LINE = Region("timeline", "task_timeline.html", ("task:{task}",), _time_line)
DELIVERIES = Region("deliveries", "task_deliveries.html", ("task:{task}",), _deliveries, DELIVERIES_AGAIN_S)
ROUTES = (
    Route(
        "/workspaces/{workspace}/tasks/{task}",
        get=_show,
        regions=(ANSWER, ANSWER_CALM, FACTS, TIME_LINE, DELIVERIES),
    ),
)
