"""A worker: what it does and can take now, in which queues it is and why not in the others, and what it has done."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from starlette.responses import Response

from pointsman.console import forms
from pointsman.console.pages.worker_changes import Body, activities_of, at, body_of, path_of
from pointsman.console.routes import Route
from pointsman.console.tables import paging, table_of
from pointsman.console.visit import FORM_REFUSED, Region, Trouble, Visit
from pointsman.resources import WORKER
from pointsman.resources.log import MINUTES_MAX
from pointsman.resources.paging import PAGE_SIZE_MAX
from pointsman.wire.errors import Problem
from pointsman.wire.forms import Pairs

LIVE = ("pending", "accepted", "wrapping")  # states of a reservation that has not ended
LIVE_MAX = 20  # reservations shown of each state
QUEUES_SIZE = 50
EVENTS_SIZE = 50
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
    reservations: list[Body] = []
    for status in LIVE:
        query = {"ReservationStatus": status, "PageSize": str(LIVE_MAX)}
        body = await visit.get(f"{path_of(visit)}/Reservations", query)
        reservations += [each | {"task": await _task(visit, each)} for each in body["reservations"]]
    return {"worker": await body_of(visit), "channels": channels["channels"], "reservations": reservations}


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
    chosen = visit.request.query_params.get("EventType", "")
    return await _page(
        visit, "worker_history.html", await body_of(visit), "history", (EVENTS,), types=EVENT_TYPES, chosen=chosen
    )


async def _events(visit: Visit) -> Mapping[str, Any]:
    chosen = visit.request.query_params.get("EventType", "")
    query = [("WorkerSid", visit.names["worker"]), ("Minutes", str(MINUTES_MAX)), *paging(visit, EVENTS_SIZE)]
    body = await visit.get(f"{visit.api}/Events", [*query, *([("EventType", chosen)] if chosen else [])])
    return {"table": table_of((), body, visit.here), "chosen": chosen, "worker": await body_of(visit)}


ONE = "/workspaces/{workspace}/workers/{worker}"
STATE = Region("state", "worker_state.html", ("worker:{worker}", "activity"), _state)
WORK = Region("work", "worker_work.html", ("worker:{worker}", "task-channel"), _work)
QUEUES = Region("queues", "worker_queues_rows.html", ("worker:{worker}", "task-queue"), _memberships)
EVENTS = Region("events", "worker_events.html", ("worker:{worker}",), _events)
ROUTES = (
    Route(ONE, get=_show, post=_save, regions=(STATE, WORK)),
    Route(f"{ONE}/queues", get=_queues, regions=(QUEUES,)),
    Route(f"{ONE}/history", get=_history, regions=(EVENTS,)),
)
