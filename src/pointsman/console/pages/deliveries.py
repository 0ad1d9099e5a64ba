"""Callbacks: what was sent to the application, what it replied, and what came of it; and how its endpoint does."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from starlette.responses import Response

from pointsman.console import forms
from pointsman.console.asking import asked, inputs
from pointsman.console.places import links, mentions, place
from pointsman.console.routes import Nav, Route, Section
from pointsman.console.shared import Shared
from pointsman.console.tables import Row, paging, table_of
from pointsman.console.visit import FORM_REFUSED, Region, Trouble, Visit
from pointsman.core.ids import number_of
from pointsman.resources.log import DELIVERY_PARAMETERS, ENDPOINT_PARAMETERS
from pointsman.wire.errors import INVALID, Problem
from pointsman.wire.spelling import pascal

BASE = "/workspaces/{workspace}/deliveries"
PAGE_SIZE = 25
AGAIN_S = 2  # no commit tells that a delivery is finished
OUTCOMES = {"failed": "Failed", "unfinished": "Under way"}  # each is a parameter of the list
ASKED = tuple(each for each in DELIVERY_PARAMETERS if each.name not in OUTCOMES)
REPLAY = tuple(each for each in ENDPOINT_PARAMETERS if each.name.startswith("replay"))
ABOUT = ("task_sid", "reservation_sid", "worker_sid")
GOOD = frozenset({"accepted", "delivered", "executed"})
_shared = Shared()


# --- the list -----------------------------------------------------------------------------------------------------


async def _show(visit: Visit) -> Response:
    older = bool(visit.request.query_params.get("PageToken"))
    try:
        return await _page(visit, (ENDPOINT, ROWS_CALM if older else ROWS))
    except Trouble as trouble:
        return await _page(visit, (), trouble.problem)


async def _page(visit: Visit, regions: tuple[Region, ...], problem: Problem | None = None) -> Response:
    fields, told = inputs(ASKED, asked(visit, ASKED), problem=problem)
    return await visit.page(
        "deliveries.html",
        "Deliveries",
        regions=regions,
        status=problem.status if problem else 200,
        rows=regions[-1].name if regions else None,
        fields=fields,
        outcomes=OUTCOMES,
        outcome=visit.request.query_params.get("Outcome", ""),
        problem=told,
    )


async def _rows(visit: Visit) -> Mapping[str, Any]:
    sent, outcome = asked(visit, ASKED), visit.request.query_params.get("Outcome", "")
    if outcome in OUTCOMES:
        sent[pascal(outcome)] = "true"
    query = [*sent.items(), *paging(visit, PAGE_SIZE)]
    table = table_of((), await _shared.get(visit, f"{visit.api}/Deliveries", query), visit.here)
    rows = [_told(visit, row) for row in table.rows]
    after = table.after and f"{table.after}&Outcome={outcome}" if outcome in OUTCOMES else table.after
    return {"table": table._replace(rows=rows, after=after), "filtered": bool(sent)}


def _told(visit: Visit, row: Row) -> dict[str, Any]:
    """With its last attempt, which decided, and a colour."""
    last = row["attempts"][-1] if row["attempts"] else None
    verdict = row["verdict"]
    state = "bad" if row["failed"] else "busy" if verdict is None else "good" if verdict in GOOD else "idle"
    return {**row, "last": last, "state": state, "about": mentions(visit, row, ABOUT)}


async def _endpoint(visit: Visit) -> Mapping[str, Any]:
    return {"endpoint": await _shared.get(visit, f"{visit.api}/Deliveries/Endpoint")}


# --- one ----------------------------------------------------------------------------------------------------------


async def _one(visit: Visit) -> Response:
    row = await visit.get(f"{visit.api}/Deliveries/{visit.names['sid']}")
    title = (
        row["event_type"] if row["kind"] == "event" and row["event_type"] else f"{row['kind'].capitalize()} callback"
    )
    return await visit.page("delivery.html", title, regions=(DELIVERY,), row=row)


async def _delivery(visit: Visit) -> Mapping[str, Any]:
    row = _told(visit, await _shared.get(visit, f"{visit.api}/Deliveries/{visit.names['sid']}"))
    endpoint = await _shared.get(visit, f"{visit.api}/Deliveries/Endpoint")
    sent = row["parameters"] or {}
    return {
        "row": row,
        "parameters": sorted(sent.items()),
        "links": links(visit, sent, row["task_sid"]),
        "event_page": place(visit, row["event_sid"]),
        "sequence": number_of(row["event_sid"]),
        "pair": _pair(row),
        "replay": endpoint["replay"],
    }


def _pair(row: Row) -> str | None:
    """Task and reservation as a query: what an address that accepts a reservation is given."""
    if not (row["task_sid"] and row["reservation_sid"]):
        return None
    return f"task_sid={row['task_sid']}&reservation_sid={row['reservation_sid']}"


async def _ask_again(visit: Visit, problem: str | None = None) -> Response:
    """Whether to send the event again that a delivery tells of."""
    row = await visit.get(f"{visit.api}/Deliveries/{visit.names['sid']}")
    return await visit.dialog(
        "confirm.html",
        f"Send {row['event_type']} again?",
        status=FORM_REFUSED if problem else 200,
        consequence="It goes to the present event callback URL, with the idempotency token that it had and the header "
        "Pointsman-Replay: true. A receiver that remembers tokens takes it only once.",
        action=visit.here,
        back=visit.at("deliveries", row["sid"]),
        verb="Send again",
        problem=problem,
    )


async def _again(visit: Visit) -> Response:
    sid = visit.names["sid"]
    row = await visit.get(f"{visit.api}/Deliveries/{sid}")
    number = str(number_of(row["event_sid"]))
    if row["kind"] != "event":
        return await _ask_again(visit, "The callback of an assignment is never repeated")
    try:
        await _replay(visit, [("ReplayFrom", number), ("ReplayTo", number)])
    except Trouble as trouble:
        return await _ask_again(visit, forms.plain(trouble.problem))
    return visit.go(visit.at("deliveries", sid), "The event is being sent again.")


# --- the endpoint -------------------------------------------------------------------------------------------------


async def _replay(visit: Visit, sent: list[tuple[str, str]]) -> None:
    """Raises: `Trouble`."""
    await visit.post(f"{visit.api}/Deliveries/Endpoint", sent)


async def _resume(visit: Visit) -> Response:
    await visit.post(f"{visit.api}/Deliveries/Endpoint", [("Resume", "true")])
    return await visit.stay(visit.at("deliveries"), "The endpoint is being asked whether it is back.")


async def _ask_replay(visit: Visit) -> Response:
    return await _replay_form(visit, forms.form_of(REPLAY, defaults={"replay_failed": "true"}))


async def _start_replay(visit: Visit) -> Response:
    sent = forms.given(REPLAY, visit.form)
    try:
        if sent in ([], [("ReplayFailed", "false")]):
            raise Trouble(INVALID.problem("Invalid ReplayFrom '': expected where to begin, or only those that failed"))
        await _replay(visit, sent)
    except Trouble as trouble:
        form = forms.form_of(REPLAY, sent=visit.form, problem=trouble.problem)
        return await _replay_form(visit, form, status=FORM_REFUSED)
    return visit.go(visit.at("deliveries"), "Events are being sent again.")


async def _replay_form(visit: Visit, form: forms.Form, *, status: int = 200) -> Response:
    return await visit.dialog("replay_form.html", "Send events again", status=status, form=form)


ENDPOINT = Region("endpoint", "deliveries_endpoint.html", (), _endpoint, AGAIN_S)
ROWS = Region("rows", "deliveries_rows.html", (), _rows, AGAIN_S)
ROWS_CALM = Region("older", "deliveries_rows.html", (), _rows)
DELIVERY = Region("delivery", "delivery_told.html", (), _delivery, AGAIN_S)
SECTION = Section(
    routes=(
        Route(BASE, get=_show, regions=(ENDPOINT, ROWS, ROWS_CALM)),
        Route(f"{BASE}/resume", post=_resume),
        Route(f"{BASE}/replay", get=_ask_replay, post=_start_replay),
        Route(f"{BASE}/{{sid}}", get=_one, regions=(DELIVERY,)),
        Route(f"{BASE}/{{sid}}/again", get=_ask_again, post=_again),
    ),
    nav=Nav("Deliveries", "/deliveries", "d"),
)
