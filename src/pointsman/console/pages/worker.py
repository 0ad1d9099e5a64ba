"""A worker: what it does and can take now, in which queues it is and why not in the others, and what it has done."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

from starlette.responses import Response

from pointsman.console import forms, spans
from pointsman.console.pages.worker_changes import Body, activities_of, at, body_of, path_of
from pointsman.console.routes import Route
from pointsman.console.spans import Window
from pointsman.console.tables import paging, table_of
from pointsman.console.visit import FORM_REFUSED, PAGES_MAX, Region, Trouble, Visit
from pointsman.console.words import moment
from pointsman.resources import WORKER
from pointsman.resources.log import MINUTES_MAX
from pointsman.resources.paging import PAGE_SIZE_MAX
from pointsman.wire.errors import Problem, not_found
from pointsman.wire.forms import Pairs

LIVE = ("pending", "accepted", "wrapping")  # states of a reservation that has not ended
LIVE_MAX = 20  # reservations shown of each state
QUEUES_SIZE = 50
EVENTS_SIZE = 50
HOUR_MS = 3_600_000
HOURS = (2, 8, 24)  # how far back it is drawn
HOURS_DEFAULT = 2
DRAWN_AGAIN_S = 30  # what goes on grows without news
DETAILS = tuple(each for each in forms.parameters_of(WORKER, "update") if each.name in ("friendly_name", "attributes"))
EVENT_TYPES = (
    ("", "Everything"),
    ("worker.activity.update", "Changes of activity"),
    ("worker.attributes.update", "Changes of attributes"),
    ("worker.capacity.update", "Changes of capacity"),
    ("worker.channel.availability.update", "Changes of channels"),
    ("reservation.created", "Offers"),
    ("reservation.accepted", "Accepted"),
    ("reservation.rejected", "Rejected"),
    ("reservation.timeout", "Timed out"),
    ("reservation.completed", "Completed"),
)

# --- now ----------------------------------------------------------------------------------------------------------


async def _show(visit: Visit, sent: Pairs = (), problem: Problem | None = None) -> Response:
    body = await body_of(visit)
    form = forms.form_of(DETAILS, body=body, sent=sent, problem=problem)
    status = FORM_REFUSED if problem else 200
    if visit.is_partial:
        return await visit.part("worker_form.html", status=status, form=form, worker=body)
    return await _page(visit, "worker.html", body, "", (STATE, WORK), status=status, form=form)


async def _page(
    visit: Visit, template: str, body: Body, here: str, regions: tuple[Region, ...], **context: Any
) -> Response:
    pages = (("", "Now"), ("queues", "Queues"), ("history", "History"))
    tabs = [(at(visit, name) if name else at(visit), label, name == here) for name, label in pages]
    return await visit.page(template, body["friendly_name"], regions=regions, worker=body, tabs=tabs, **context)


async def _save(visit: Visit) -> Response:
    """Its name and its attributes."""
    body = await body_of(visit)
    changed, problem = forms.changes(DETAILS, visit.form, body)
    if problem is None:
        try:
            if changed:
                body = await visit.post(path_of(visit), changed)
            return visit.go(at(visit), f"{body['friendly_name']} was saved.")
        except Trouble as trouble:
            problem = trouble.problem
    return await _show(visit, visit.form, problem)


async def _state(visit: Visit) -> Mapping[str, Any]:
    return {
        "worker": await body_of(visit),
        "activities": await activities_of(visit),
        "action": at(visit, "activity"),
    }


async def _work(visit: Visit) -> Mapping[str, Any]:
    """Its channels, and what it has to do: each reservation with its task."""
    channels = await visit.get(f"{path_of(visit)}/Channels", {"PageSize": str(PAGE_SIZE_MAX)})
    reservations = [each | {"task": await _task(visit, each)} for each in await _live(visit)]
    return {"worker": await body_of(visit), "channels": channels["channels"], "reservations": reservations}


async def _live(visit: Visit) -> list[Body]:
    """Its reservations that have not ended."""
    found: list[Body] = []
    for status in LIVE:
        query = {"ReservationStatus": status, "PageSize": str(LIVE_MAX)}
        found += (await visit.get(f"{path_of(visit)}/Reservations", query))["reservations"]
    return found


async def _task(visit: Visit, reservation: Body) -> Body | None:
    """None, if it is gone since."""
    try:
        found: Body = await visit.get(f"{visit.api}/Tasks/{reservation['task_sid']}")
    except Trouble:
        return None
    return found


# --- queues -------------------------------------------------------------------------------------------------------


async def _queues(visit: Visit) -> Response:
    return await _page(visit, "worker_queues.html", await body_of(visit), "queues", (QUEUES,))


async def _memberships(visit: Visit) -> Mapping[str, Any]:
    """Of the queues that it is in, or of the others."""
    matched = visit.request.query_params.get("Matched", "true") != "false"
    query = [("Matched", str(matched).lower()), *paging(visit, QUEUES_SIZE)]
    body = await visit.get(f"{path_of(visit)}/Memberships", query)
    tabs = [(visit.here, "In these", matched), (f"{visit.here}?Matched=false", "Not in these", not matched)]
    return {"table": table_of((), body, visit.here), "matched": matched, "tabs": tabs, "worker": await body_of(visit)}


# --- what it has done ---------------------------------------------------------------------------------------------


async def _history(visit: Visit) -> Response:
    context = {"types": EVENT_TYPES, "chosen": visit.request.query_params.get("EventType", ""), "hours": _hours(visit)}
    return await _page(visit, "worker_history.html", await body_of(visit), "history", (DRAWN, EVENTS), **context)


async def _events(visit: Visit) -> Mapping[str, Any]:
    """The pages of the list lead on with as many hours drawn."""
    chosen, hours = visit.request.query_params.get("EventType", ""), _hours(visit)
    query = [("WorkerSid", visit.names["worker"]), ("Minutes", str(MINUTES_MAX)), *paging(visit, EVENTS_SIZE)]
    body = await visit.get(f"{visit.api}/Events", [*query, *([("EventType", chosen)] if chosen else [])])
    table = table_of((), body, visit.here)
    before, after = (f"{each}&Hours={hours}" if each else None for each in (table.before, table.after))
    told = {"chosen": chosen, "hours": hours, "worker": await body_of(visit)}
    return told | {"table": table._replace(before=before, after=after)}


async def _drawn(visit: Visit) -> Mapping[str, Any]:
    """The last hours: what it did, as spans of time. What it has now is asked for before the events, so that they tell
    of each, and the time last, so that nothing is later."""
    hours = _hours(visit)
    worker, live = await body_of(visit), await _live(visit)
    newest = await visit.rows(
        f"{visit.api}/Events", [("WorkerSid", visit.names["worker"]), ("Minutes", str(60 * hours))]
    )
    now_ms = await visit.console.operations.services.store.now_ms()
    shortened = len(newest) >= PAGES_MAX * PAGE_SIZE_MAX
    created_ms = int(moment(worker["date_created"]).timestamp() * 1000)
    first_ms = newest[-1]["event_date_ms"] if shortened else now_ms - hours * HOUR_MS
    window = Window(max(first_ms, min(created_ms, now_ms - 1_000)), now_ms)
    events = newest[::-1]
    available = frozenset(each.name for each in await activities_of(visit) if each.available)
    activities = spans.activities(window, events, worker["activity_name"], available)
    found = spans.reservations(window, events, live)
    rows, left = spans.lanes(found)
    return {
        "window": window,
        "ticks": [(at_ms, f"{datetime.fromtimestamp(at_ms / 1000, UTC):%H:%M}") for at_ms in window.ticks()],
        "activities": activities,
        "totals": spans.totals(activities),
        "lanes": rows,
        "left": left,
        "count": len(found),
        "parts": spans.PARTS.values(),
        "shortened": shortened,
        "tabs": [(_drawn_at(visit, each), f"{each} h", each == hours) for each in HOURS],
    }


def _drawn_at(visit: Visit, hours: int) -> str:
    """The address of the history as it is, but for how far back it is drawn."""
    pairs = visit.request.query_params.multi_items()
    kept = [(name, value) for name, value in pairs if name not in ("region", "Hours")]
    return f"{visit.here}?{urlencode([*kept, ('Hours', str(hours))])}"


def _hours(visit: Visit) -> int:
    """How far back it is drawn. Raises: `Trouble`."""
    asked = visit.request.query_params.get("Hours", str(HOURS_DEFAULT))
    if asked not in map(str, HOURS):
        raise Trouble(not_found(f"{visit.here}?Hours={asked}"))
    return int(asked)


ONE = "/workspaces/{workspace}/workers/{worker}"
STATE = Region("state", "worker_state.html", ("worker:{worker}", "activity"), _state)
WORK = Region("work", "worker_work.html", ("worker:{worker}", "task-channel"), _work)
QUEUES = Region("queues", "worker_queues_rows.html", ("worker:{worker}", "task-queue"), _memberships)
DRAWN = Region("drawn", "worker_spans.html", ("worker:{worker}", "activity"), _drawn, DRAWN_AGAIN_S)
EVENTS = Region("events", "worker_events.html", ("worker:{worker}",), _events)
ROUTES = (
    Route(ONE, get=_show, post=_save, regions=(STATE, WORK)),
    Route(f"{ONE}/queues", get=_queues, regions=(QUEUES,)),
    Route(f"{ONE}/history", get=_history, regions=(DRAWN, EVENTS)),
)
