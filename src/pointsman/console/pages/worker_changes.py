"""What is done to a worker in place: moving it to another activity, its channels, and deleting it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from starlette.responses import Response

from pointsman.console import forms
from pointsman.console.deletion import Deletion
from pointsman.console.routes import Route
from pointsman.console.tables import Row
from pointsman.console.visit import FORM_REFUSED, Trouble, Visit
from pointsman.resources import WORKER, WORKER_CHANNEL
from pointsman.resources.paging import PAGE_SIZE_MAX
from pointsman.wire.errors import Problem, not_found
from pointsman.wire.forms import Pairs

Body = dict[str, Any]
REJECT = "RejectPendingReservations"
CHANNEL = forms.parameters_of(WORKER_CHANNEL, "update")
SHOWN_MAX = 100  # reservations that are counted; more are "100 or more"


class ActivityOption(NamedTuple):
    sid: str
    name: str
    available: bool


# --- what the worker's pages share --------------------------------------------------------------------------------


def at(visit: Visit, *segments: str) -> str:
    """The address of a page of the worker."""
    return visit.at("workers", visit.names["worker"], *segments)


def path_of(visit: Visit) -> str:
    """The worker's path in the API."""
    return f"{visit.api}/Workers/{visit.names['worker']}"


async def body_of(visit: Visit) -> Body:
    """Raises: `Trouble`."""
    found: Body = await visit.get(path_of(visit))
    return found


async def activities_of(visit: Visit) -> list[ActivityOption]:
    """Available ones first, then by name."""
    body = await visit.get(f"{visit.api}/Activities", {"PageSize": str(PAGE_SIZE_MAX)})
    found = [ActivityOption(each["sid"], each["friendly_name"], each["available"]) for each in body["activities"]]
    return sorted(found, key=lambda each: (not each.available, each.name.casefold(), each.sid))


async def pending_of(visit: Visit) -> int:
    """How many offers it has not answered, as far as they are counted."""
    return await _count(visit, "pending")


async def _count(visit: Visit, status: str) -> int:
    query = {"ReservationStatus": status, "PageSize": str(SHOWN_MAX)}
    return len((await visit.get(f"{path_of(visit)}/Reservations", query))["reservations"])


def _offers(count: int) -> str:
    if count == 1:
        return "one offer that is not answered"
    return f"{count}{' or more' if count == SHOWN_MAX else ''} offers that are not answered"


# --- its activity -------------------------------------------------------------------------------------------------


async def _choose(visit: Visit) -> Response:
    """The activities to choose from, for a page that shows many workers."""
    body = await body_of(visit)
    return await visit.dialog(
        "worker_activity.html",
        body["friendly_name"],
        worker=body,
        activities=await activities_of(visit),
        pending=await pending_of(visit),
        action=at(visit, "activity"),
    )


async def _move(visit: Visit) -> Response:
    """To another activity. If it has offers and would not be available, somebody has to say what becomes of them."""
    sent = dict(visit.form)
    activity = next((each for each in await activities_of(visit) if each.sid == sent.get("ActivitySid")), None)
    if activity is None:
        raise Trouble(not_found(f"{visit.here}: such an activity"))
    form = [("ActivitySid", activity.sid)]
    if not activity.available:
        if REJECT not in sent and await pending_of(visit):
            return await _ask_what_becomes_of_offers(visit, activity)
        if sent.get(REJECT) == "true":
            form.append((REJECT, "true"))
    body = await visit.post(path_of(visit), form)
    return await visit.stay(at(visit), f"{body['friendly_name']} is {body['activity_name']} now.")


async def _ask_what_becomes_of_offers(visit: Visit, activity: ActivityOption) -> Response:
    body = await body_of(visit)
    response = await visit.dialog(
        "worker_offers.html",
        f"Move {body['friendly_name']} to {activity.name}?",
        worker=body,
        activity=activity,
        offers=_offers(await pending_of(visit)),
        action=at(visit, "activity"),
        back=at(visit),
    )
    response.headers["HX-Retarget"], response.headers["HX-Reswap"] = "#dialog-inside", "innerHTML"
    return response


# --- its channels -------------------------------------------------------------------------------------------------


def _channel_path(visit: Visit) -> str:
    return f"{path_of(visit)}/Channels/{visit.names['channel']}"


async def _channel(visit: Visit) -> Body:
    """With its capacity by the name that it is set by. Raises: `Trouble`."""
    body = await visit.get(_channel_path(visit))
    return {**body, "capacity": body["configured_capacity"]}


async def _edit_channel(visit: Visit, sent: Pairs = (), problem: Problem | None = None) -> Response:
    body, worker = await _channel(visit), await body_of(visit)
    return await visit.dialog(
        "worker_channel.html",
        f"{worker['friendly_name']}: {body['task_channel_unique_name']}",
        status=FORM_REFUSED if problem else 200,
        form=forms.form_of(CHANNEL, body=body, sent=sent, problem=problem),
        back=at(visit),
    )


async def _save_channel(visit: Visit) -> Response:
    """From the form."""
    try:
        return await _change_channel(visit)
    except Trouble as trouble:
        return await _edit_channel(visit, visit.form, trouble.problem)


async def _change_channel(visit: Visit) -> Response:
    """By a button on the page, or from the form. Raises: `Trouble`, also if somebody else has changed it meanwhile."""
    body = await _channel(visit)
    changed, problem = forms.changes(CHANNEL, visit.form, body)
    if problem is not None:
        raise Trouble(problem)
    if changed:
        await visit.post(_channel_path(visit), changed)
    return await visit.stay(at(visit), _told(await _channel(visit)))


def _told(channel: Mapping[str, Any]) -> str:
    takes = "takes tasks" if channel["available"] else "takes no tasks"
    return f"{channel['task_channel_unique_name']}: capacity {channel['capacity']:,}, {takes}."


# --- deleting it --------------------------------------------------------------------------------------------------


async def _consequence(visit: Visit, body: Row) -> str:
    if busy := await _count(visit, "accepted") + await _count(visit, "wrapping"):
        return f"Tasks that it still has: {busy:,}. Let it finish them first, or it can't be deleted."
    pending = await pending_of(visit)
    offered = f"It has {_offers(pending)}: what is offered goes on to others. " if pending else ""
    return f"{offered}Its attributes and channels are gone for good. Past events go on naming it."


ONE = "/workspaces/{workspace}/workers/{worker}"
ROUTES = (
    Route(f"{ONE}/activity", get=_choose, post=_move),
    Route(f"{ONE}/channels/{{channel}}", get=_edit_channel, post=_save_channel),
    Route(f"{ONE}/channels/{{channel}}/step", post=_change_channel),
    Deletion(WORKER, "workers", "worker", _consequence, name="worker").route(),
)
