"""The log: events, and (ours) the deliveries of callbacks. Both are read from the store, newest first."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

from msgspec.structs import replace

from pointsman.core.errors import Invalid, NotFound
from pointsman.core.ids import event_sid, is_sid, number_of
from pointsman.core.record import Logged
from pointsman.core.types import Millis
from pointsman.operations.call import Call, Refused, Reply
from pointsman.operations.general import channel_named
from pointsman.operations.lists import SHOW_ROWS
from pointsman.ports import Busy, Delivery, DeliveryQuery, EventQuery
from pointsman.resources.log import DELIVERY_PARAMETERS, ENDPOINT_PARAMETERS, EVENT_PARAMETERS, MINUTES_DEFAULT
from pointsman.wire import deliveries as delivery_wire
from pointsman.wire import errors
from pointsman.wire import events as event_wire
from pointsman.wire.forms import read_query
from pointsman.wire.pages import PageRequest, envelope, read_page

ABOUT = {
    "task_sid": "task",
    "worker_sid": "worker",
    "reservation_sid": "reservation",
    "task_queue_sid": "queue",
    "workflow_sid": "workflow",
}
_ALSO = {  # where else in `event_data` an object stands that an event concerns
    "worker_sid": "transfer_initiating_worker_sid",
    "reservation_sid": "transfer_initiating_reservation_sid",
    "task_queue_sid": "previous_task_queue_sid",
}


async def list_events(call: Call) -> Reply:
    values, request = read_query(EVENT_PARAMETERS, call.query), read_page(call.query, ("EV",))
    query = await _event_query(call, values)
    backwards = request.backwards  # towards the newer ones
    rows = await call.services.store.events(
        call.workspace,
        query,
        before=None if backwards else (request.cursor or None),
        after=request.cursor if backwards else None,
        limit=request.size + 1,
    )
    more = len(rows) > request.size
    rows = rows[: request.size]
    if backwards:
        rows.reverse()
    bodies: list[dict[str, Any]] = []
    for start in range(0, len(rows), SHOW_ROWS):
        logged = await call.router.logged(call.workspace, rows[start : start + SHOW_ROWS])
        bodies += [event_wire.body(each, call.base) for each in logged if concerns(each, values)]
        await asyncio.sleep(0)  # others have their turn
    if not bodies:  # a sid whose number is another's: what one row is not about, none is
        rows = []
    first = rows[0].seq if rows and (more if backwards else request.token is not None) else None
    last = rows[-1].seq if rows and (backwards or more) else None
    return Reply(
        200,
        envelope(
            "events",
            bodies,
            request,
            call.base + call.path,
            first=event_sid(call.workspace, first) if first else None,
            last=event_sid(call.workspace, last) if last else None,
        ),
    )


async def _event_query(call: Call, values: dict[str, Any]) -> EventQuery:
    start_ms, end_ms = values.get("start_date"), values.get("end_date")
    if start_ms is not None and end_ms is not None and end_ms < start_ms:
        raise Invalid("Invalid EndDate: expected one that is not before StartDate")
    # The last quarter of an hour, if nothing says when [oai].
    if start_ms is None and ("minutes" in values or (end_ms is None and "sid" not in values)):
        until_ms = await call.services.store.now_ms() if end_ms is None else end_ms
        start_ms = until_ms - values.get("minutes", MINUTES_DEFAULT) * 60_000
    about = await query_about(call, values)
    return replace(
        about,
        seq=number_of(values["sid"]) if "sid" in values else None,
        type=values.get("event_type"),
        start_ms=Millis(start_ms) if start_ms is not None else None,
        end_ms=until_its_end(end_ms),
    )


def until_its_end(end_ms: int | None) -> Millis | None:
    """The end of a second: dates are to the second."""
    return Millis(end_ms + 999) if end_ms is not None else None


async def query_about(call: Call, values: dict[str, Any]) -> EventQuery:
    """What is asked for by what events are about."""
    channel: int | None = None
    if (name := values.get("task_channel")) is not None:
        if is_sid(name, "TC"):  # also of one that is gone
            channel = number_of(name)
        else:
            channel = await call.router.read(call.workspace, lambda view: channel_named(view, name).no)
    about: dict[str, Any] = {column: number_of(values[name]) for name, column in ABOUT.items() if name in values}
    return EventQuery(channel=channel, **about)


def concerns(event: Logged, values: dict[str, Any]) -> bool:
    """A sid's number found the row; the rest of the sid must be the same too."""
    data, channel = event_wire.facts(event), values.get("task_channel", "")
    same = all(values[name] in (data.get(name), data.get(_ALSO.get(name, ""))) for name in ABOUT if name in values)
    same = same and (not is_sid(channel, "TC") or data.get("task_channel_sid") == channel)
    return same and values.get("sid", event.sid) == event.sid


async def fetch_event(call: Call) -> Reply:
    sid = call.sid("Sid")
    rows = await call.services.store.events(
        call.workspace, EventQuery(seq=number_of(sid)), before=None, after=None, limit=1
    )
    for event in await call.router.logged(call.workspace, rows):
        if event.sid == sid:
            return Reply(200, event_wire.body(event, call.base))
    raise NotFound(sid)


# --- deliveries ---------------------------------------------------------------------------------------------------


async def list_deliveries(call: Call) -> Reply:
    values, request = read_query(DELIVERY_PARAMETERS, call.query), _delivery_page(call)
    query = DeliveryQuery(
        task=number_of(values["task_sid"]) if "task_sid" in values else None,
        failed=values.get("failed", False),
        unfinished=values.get("unfinished", False),
        kind=values.get("kind"),
    )
    cursor = delivery_wire.read_delivery_sid(request.token or "")
    found = await call.services.store.deliveries(
        call.workspace, query, before=(cursor[1], cursor[0]) if cursor else None, limit=request.size + 1
    )
    more, found = len(found) > request.size, found[: request.size]
    last = delivery_wire.delivery_sid(call.workspace, found[-1].kind, found[-1].seq) if more else None
    rows = await _render(call, found)
    return Reply(200, envelope("deliveries", rows, request, call.base + call.path, first=None, last=last))


def _delivery_page(call: Call) -> PageRequest:
    request = read_page(call.query, delivery_wire.PREFIXES)
    if request.backwards:
        raise Invalid("Invalid PageToken: deliveries are paged towards the older ones only")
    return request


async def fetch_delivery(call: Call) -> Reply:
    sid = call.sid("Sid")
    named = delivery_wire.read_delivery_sid(sid)
    found = await call.services.store.delivery(call.workspace, *named) if named else None
    if found is None or delivery_wire.delivery_sid(call.workspace, found.kind, found.seq) != sid:
        raise NotFound(sid)
    return Reply(200, (await _render(call, [found]))[0])


# --- the endpoint of event callbacks --------------------------------------------------------------------------------


async def fetch_endpoint(call: Call) -> Reply:
    account = call.router.account_of(call.workspace)
    sender = call.services.sender
    state, replay = sender.endpoint(call.workspace), sender.replaying(call.workspace)
    return Reply(200, delivery_wire.endpoint_body(account, call.workspace, state, replay, call.base))


async def update_endpoint(call: Call) -> Reply:
    """Resume it, or send events again."""
    values = read_query(ENDPOINT_PARAMETERS, call.form)
    sender = call.services.sender
    if "replay_from" in values or "replay_to" in values or values.get("replay_failed"):
        await _replay(call, values)
    if values.get("resume"):
        sender.resume(call.workspace)
    return await fetch_endpoint(call)


async def _replay(call: Call, values: dict[str, Any]) -> None:
    """Raises: `Invalid`, `Refused`."""
    span = await call.services.store.event_span(call.workspace)
    first, last = values.get("replay_from", span.first), min(values.get("replay_to", span.last), span.last)
    if call.services.sender.endpoint(call.workspace).state == "none":
        raise Invalid("Nothing can be sent again: the workspace has no EventCallbackUrl")
    if first < span.first:
        raise Invalid(f"Invalid ReplayFrom: expected {span.first} or later, the oldest event that is kept")
    if first > last:
        raise Invalid(f"Invalid ReplayFrom: expected at most {last}, the last event to be sent")
    try:
        call.services.sender.replay(call.workspace, first, last, failed=values.get("replay_failed", False))
    except Busy as busy:
        raise Refused(errors.conflict(f"Another replay is under way: {busy}")) from None


async def _render(call: Call, found: Sequence[Delivery]) -> list[dict[str, Any]]:
    """With the parameters that were sent: they follow from the events."""
    events: dict[int, Logged] = {}
    for seq in sorted({delivery.seq for delivery in found}):
        rows = await call.services.store.events(call.workspace, EventQuery(seq=seq), before=None, after=None, limit=1)
        events |= {logged.seq: logged for logged in await call.router.logged(call.workspace, rows)}
    return [delivery_wire.body(each, events.get(each.seq), call.base) for each in found]


HANDLERS = {
    ("event", "list"): list_events,
    ("event", "fetch"): fetch_event,
    ("delivery", "list"): list_deliveries,
    ("delivery", "fetch"): fetch_delivery,
    ("delivery_endpoint", "fetch"): fetch_endpoint,
    ("delivery_endpoint", "update"): update_endpoint,
}
