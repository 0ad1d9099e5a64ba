"""What can be done with a task: change it, end it, hand it on, delete it, and answer offers of it for the worker."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from functools import partial
from typing import Any, NamedTuple

from starlette.responses import Response

from pointsman.console import forms
from pointsman.console.routes import Route
from pointsman.console.tables import Row
from pointsman.console.visit import FORM_REFUSED, Trouble, Visit
from pointsman.core.engine.transitions import RESERVATION_MOVES, TASK_MOVES
from pointsman.core.ids import is_sid
from pointsman.core.types import ReservationStatus, TaskStatus
from pointsman.resources import TASK, TASK_RESERVATION, TRANSFER, Resource
from pointsman.resources.paging import PAGE_SIZE_MAX
from pointsman.wire.errors import INVALID, Problem
from pointsman.wire.forms import Pairs

BASE = "/workspaces/{workspace}/tasks/{task}"
ACTIVITY = ("worker_activity_sid",)


class Move(NamedTuple):
    """Of a task or a reservation, to a status from those of `origins`. `asks`: what may be said with it, by the names
    of parameters."""

    resource: Resource
    to: str
    origins: Collection[str]
    verb: str
    title: str
    done: str
    about: str
    asks: tuple[str, ...] = ()
    kind: str = ""


TASK_MOVES_SHOWN: Mapping[str, Move] = {
    "complete": Move(
        TASK,
        "completed",
        TASK_MOVES[TaskStatus.COMPLETED],
        "Complete",
        "Complete the task?",
        "The task was completed.",
        "Whoever has it is done with it, and free for another.",
        ("reason",),
    ),
    "wrap-up": Move(
        TASK,
        "wrapping",
        TASK_MOVES[TaskStatus.WRAPPING],
        "Wrap up",
        "Wrap the task up?",
        "The task is wrapped up.",
        "The work is done but for what comes after it: whoever has it keeps it until it is completed.",
        ("reason",),
    ),
    "cancel": Move(
        TASK,
        "canceled",
        TASK_MOVES[TaskStatus.CANCELED],
        "Cancel task",
        "Cancel the task?",
        "The task was canceled.",
        "It leaves the line, offers of it are withdrawn, and nobody will get it. It can't be undone.",
        ("reason",),
        "danger",
    ),
}
RESERVATION_MOVES_SHOWN: Mapping[str, Move] = {
    "accept": Move(
        TASK_RESERVATION,
        "accepted",
        RESERVATION_MOVES[ReservationStatus.ACCEPTED],
        "Accept",
        "Accept the offer?",
        "The offer was accepted.",
        "The worker gets the task; other offers of it are withdrawn.",
        ACTIVITY,
    ),
    "reject": Move(
        TASK_RESERVATION,
        "rejected",
        RESERVATION_MOVES[ReservationStatus.REJECTED],
        "Reject",
        "Reject the offer?",
        "The offer was rejected.",
        "The task waits again, and may be offered to the same worker again when it is that worker's turn.",
        ACTIVITY,
    ),
    "wrap-up": Move(
        TASK_RESERVATION,
        "wrapping",
        RESERVATION_MOVES[ReservationStatus.WRAPPING],
        "Wrap up",
        "Wrap the reservation up?",
        "The reservation is wrapped up.",
        "The worker keeps the task until it is completed.",
    ),
    "complete": Move(
        TASK_RESERVATION,
        "completed",
        RESERVATION_MOVES[ReservationStatus.COMPLETED],
        "Complete",
        "Complete the reservation?",
        "The reservation was completed.",
        "The worker is done with the task. With the last reservation the task is completed.",
    ),
}


def _page(visit: Visit) -> str:
    return visit.at("tasks", visit.names["task"])


def _api(visit: Visit) -> str:
    return f"{visit.api}/Tasks/{visit.names['task']}"


async def _options(visit: Visit, path: str, value: str = "sid") -> list[forms.Option]:
    return [(each[value], each["friendly_name"]) for each in await visit.rows(f"{visit.api}/{path}")]


async def _form(visit: Visit, title: str, verb: str, form: forms.Form, **context: object) -> Response:
    """The form of a move, or the same again with its problems."""
    refused = form.problem or any(each.problem for each in form.inputs)
    context = {"about": "", "kind": "primary"} | context
    status = FORM_REFUSED if refused else 200
    return await visit.dialog(
        "task_move.html", title, status=status, form=form, verb=verb, back=_page(visit), **context
    )


# --- to another status ----------------------------------------------------------------------------------------------


async def _ask_move(move: Move, visit: Visit, sent: Pairs = (), problem: Problem | None = None) -> Response:
    asked = [each for each in forms.parameters_of(move.resource, "update") if each.name in move.asks]
    options = {}
    if move.asks == ACTIVITY:
        options = {ACTIVITY[0]: [("", "As it is now"), *await _options(visit, "Activities")]}
    form = forms.form_of(asked, sent=sent, problem=problem, options=options)
    kind = f"{move.kind} primary".strip()
    return await _form(visit, move.title, move.verb, form, about=move.about, kind=kind)


async def _move(move: Move, visit: Visit) -> Response:
    """A button alone, without a form, is answered with a word on the page that it stands on."""
    path, parameter = _api(visit), "AssignmentStatus"
    if move.resource is TASK_RESERVATION:
        path, parameter = f"{path}/Reservations/{visit.names['reservation']}", "ReservationStatus"
    said = [(name, value) for name, value in visit.form if value]
    at_once = visit.is_partial and not visit.form
    try:
        await visit.post(path, [(parameter, move.to), *said])
    except Trouble as trouble:
        if at_once:
            raise
        return await _ask_move(move, visit, visit.form, trouble.problem)
    if at_once:
        return await visit.part("toast.html", text=move.done, state="good")
    return visit.go(_page(visit), move.done)


# --- changing it ----------------------------------------------------------------------------------------------------

CHANGED = ("attributes", "priority", "task_channel", "virtual_start_time")
PARAMETERS = tuple(
    sorted(
        (each for each in forms.parameters_of(TASK, "update") if each.name in CHANGED),
        key=lambda each: CHANGED.index(each.name),
    )
)
CHANGE_ABOUT = "If its attributes change while it waits, it goes through its workflow again."


def _as_changed(body: Row) -> Row:
    return {**body, "task_channel": body["task_channel_unique_name"]}


async def _edit(visit: Visit, sent: Pairs = (), problem: Problem | None = None) -> Response:
    body = _as_changed(await visit.get(_api(visit)))
    options = {"task_channel": await _options(visit, "TaskChannels", "unique_name")}
    form = forms.form_of(PARAMETERS, body=body, sent=sent, problem=problem, options=options)
    return await _form(visit, "Change the task", "Save", form, about=CHANGE_ABOUT)


async def _save(visit: Visit) -> Response:
    changed, problem = forms.changes(PARAMETERS, visit.form, _as_changed(await visit.get(_api(visit))))
    if problem is None:
        try:
            if changed:
                await visit.post(_api(visit), changed)
            return visit.go(_page(visit), "The task was saved.")
        except Trouble as trouble:
            problem = trouble.problem
    return await _edit(visit, visit.form, problem)


# --- handing it on --------------------------------------------------------------------------------------------------

TRANSFER_ASKS = ("reservation_sid", "to", "mode", "priority")
TRANSFER_PARAMETERS = tuple(
    sorted(
        (each for each in forms.parameters_of(TRANSFER, "create") if each.name in TRANSFER_ASKS),
        key=lambda each: TRANSFER_ASKS.index(each.name),
    )
)
HOLDERS_HINT = "Several workers have the task. This one hands it on."
SUGGESTIONS_MAX = 100  # workers to choose from; others by name
TRANSFER_ABOUT = (
    "Warm: the worker who has it stays until another has accepted. Cold: that worker goes into after-work at once. A "
    "worker must be able to take it now; in a queue it waits for whoever can."
)


def _transfers(visit: Visit, worker: str) -> str:
    return f"/v2/Workspaces/{visit.workspace}/Workers/{worker}/Transfers"


async def transfer_under_way(visit: Visit, workers: Sequence[str | None]) -> Row | None:
    """The transfer of the page's task that has begun and not ended; it is one of those who have the task."""
    for worker in workers:
        if worker is None:
            continue
        for each in (await visit.get(_transfers(visit, worker)))["transfers"]:
            if each["task_sid"] == visit.names["task"] and each["transfer_status"] == "initiated":
                return {**each, "to_name": await name_of(visit, each["transfer_to"])}
    return None


async def name_of(visit: Visit, sid: str) -> str:
    """Of a worker or task queue; its SID, if it is gone."""
    path = "Workers" if sid.startswith("WK") else "TaskQueues"
    try:
        return str((await visit.get(f"{visit.api}/{path}/{sid}"))["friendly_name"])
    except Trouble:
        return sid


async def _accepted(visit: Visit) -> list[Row]:
    body = await visit.get(f"{_api(visit)}/Reservations", {"ReservationStatus": "accepted"})
    return list(body["reservations"])


async def _ask_transfer(visit: Visit, sent: Pairs = (), problem: Problem | None = None) -> Response:
    queues = [(name, "Task queue") for _, name in await _options(visit, "TaskQueues")]
    available = {"Available": "true", "PageSize": str(SUGGESTIONS_MAX)}
    workers = (await visit.get(f"{visit.api}/Workers", available))["workers"]
    suggestions = (*((each["friendly_name"], "Worker") for each in workers), *queues)
    holders = [(each["sid"], each["worker_name"]) for each in await _accepted(visit)]
    asked = TRANSFER_PARAMETERS if len(holders) > 1 else TRANSFER_PARAMETERS[1:]
    options = {"reservation_sid": [("", "Choose…"), *holders]}
    form = forms.form_of(asked, sent=sent, problem=problem, options=options, defaults={"mode": "WARM"})
    better: Mapping[str, Mapping[str, Any]] = {
        "To": {"suggestions": suggestions},
        "ReservationSid": {"label": "From", "hint": HOLDERS_HINT},
    }
    form = form._replace(inputs=tuple(each._replace(**better.get(each.name, {})) for each in form.inputs))
    return await _form(visit, "Hand the task on", "Transfer", form, about=TRANSFER_ABOUT)


async def _transfer(visit: Visit) -> Response:
    typed = dict(visit.form)
    try:
        to = await _sid_of(visit, typed.get("To", "").strip())
        holder = _chosen(await _accepted(visit), typed.get("ReservationSid", ""))
        sent = [("TaskSid", visit.names["task"]), ("ReservationSid", holder["sid"]), ("To", to)]
        sent += [(name, typed[name]) for name in ("Mode", "Priority") if typed.get(name)]
        await visit.post(_transfers(visit, holder["worker_sid"]), sent)
    except Trouble as trouble:
        return await _ask_transfer(visit, visit.form, trouble.problem)
    return visit.go(_page(visit), "The task is being handed on.")


def _chosen(holders: Sequence[Row], sid: str) -> Row:
    """Of those who have accepted the task, the one who hands it on. Raises: `Trouble`."""
    if not holders:
        raise Trouble(INVALID.problem("Nobody has accepted the task, so nobody can hand it on"))
    found = [each for each in holders if each["sid"] == sid] if sid or len(holders) > 1 else holders
    if not found:
        raise Trouble(INVALID.problem("Invalid ReservationSid: expected one of those who have the task"))
    return found[0]


async def _sid_of(visit: Visit, name: str) -> str:
    """Of a worker or task queue, by its name or SID. Raises: `Trouble`."""
    if not name or is_sid(name):
        return name
    found: list[str] = []
    for path, key in (("Workers", "workers"), ("TaskQueues", "task_queues")):
        body = await visit.get(f"{visit.api}/{path}", {"FriendlyName": name})
        found += [each["sid"] for each in body[key] if each["friendly_name"].casefold() == name.casefold()]
    if len(found) != 1:
        which = "none is called that" if not found else f"{len(found)} are, so say it by SID"
        raise Trouble(INVALID.problem(f"Invalid To {name!r}: expected the name of a worker or task queue; {which}"))
    return found[0]


async def _cancel_transfer(visit: Visit) -> Response:
    holders = await visit.get(f"{_api(visit)}/Reservations", {"PageSize": str(PAGE_SIZE_MAX)})
    workers = [each["worker_sid"] for each in holders["reservations"] if each["reservation_status"] in HOLDING]
    transfer = await transfer_under_way(visit, workers)
    if transfer is None:
        raise Trouble(INVALID.problem("No transfer of this task is under way any longer"))
    path = f"{_transfers(visit, transfer['initiating_worker_sid'])}/{transfer['sid']}"
    await visit.post(path, [("TaskSid", visit.names["task"]), ("TransferStatus", "canceled")])
    if visit.is_partial:
        return await visit.part("toast.html", text="The transfer was canceled.", state="good")
    return visit.go(_page(visit), "The transfer was canceled.")


HOLDING = ("accepted", "wrapping")

# --- deleting it ----------------------------------------------------------------------------------------------------

CONSEQUENCES = {
    "pending": "It leaves the line, and nobody will get it.",
    "reserved": "The offers of it are withdrawn, and nobody will get it.",
    "assigned": "Whoever has it loses it.",
    "wrapping": "Whoever wraps it up loses it.",
}


async def _ask_delete(visit: Visit, problem: str | None = None) -> Response:
    task = await visit.get(_api(visit))
    first = CONSEQUENCES.get(task["assignment_status"], "It has ended already.")
    return await visit.dialog(
        "confirm.html",
        "Delete the task?",
        status=FORM_REFUSED if problem else 200,
        consequence=f"{first} Its events stay in the log. It can't be "
        "undone. To end it in the ordinary way, cancel or complete it.",
        action=visit.here,
        back=_page(visit),
        verb="Delete task",
        problem=problem,
    )


async def _delete(visit: Visit) -> Response:
    try:
        await visit.delete(_api(visit))
    except Trouble as trouble:
        return await _ask_delete(visit, trouble.problem.message)
    return visit.go(visit.at("tasks"), "The task was deleted.")


ROUTES = (
    Route(f"{BASE}/edit", get=_edit, post=_save),
    Route(f"{BASE}/transfer", get=_ask_transfer, post=_transfer),
    Route(f"{BASE}/transfer/cancel", post=_cancel_transfer),
    Route(f"{BASE}/delete", get=_ask_delete, post=_delete),
    *(
        Route(f"{BASE}/{name}", get=partial(_ask_move, move), post=partial(_move, move))
        for name, move in TASK_MOVES_SHOWN.items()
    ),
    *(
        Route(
            f"{BASE}/reservations/{{reservation}}/{name}",
            get=partial(_ask_move, move),
            post=partial(_move, move),
        )
        for name, move in RESERVATION_MOVES_SHOWN.items()
    ),
)
