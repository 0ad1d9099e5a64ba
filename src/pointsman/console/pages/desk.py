"""A worker's desk: its activity, its offers and its tasks, and what became of those that went. It is for one worker,
who comes by a link; whoever may see the workspace can sit down at it too."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any, NamedTuple

from starlette.responses import Response

from pointsman.console import entry, forms, signin
from pointsman.console.attributes import lines_of
from pointsman.console.pages.desk_words import endings_of
from pointsman.console.routes import Route, Section
from pointsman.console.stream import follow
from pointsman.console.visit import FORM_REFUSED, Region, Trouble, Visit
from pointsman.core.ids import number_of
from pointsman.resources import TASK
from pointsman.resources.desk import LINK_HOURS_DEFAULT, LINK_PARAMETERS
from pointsman.wire.errors import INVALID, Problem, not_found
from pointsman.wire.forms import Pairs

Body = dict[str, Any]
LATELY_MINUTES, LATELY_MAX = 60, 20  # of events that are looked through for what became of offers and tasks
TARGETS_MAX = 50  # colleagues, and queues, that can be chosen without looking for them
GONE = "That offer is no longer there. What became of it stands below."


def _at(visit: Visit, *segments: str) -> str:
    return visit.at("desk", visit.names["worker"], *segments)


def _api(visit: Visit) -> str:
    """The worker's path in the API."""
    return f"{visit.api}/Workers/{visit.names['worker']}"


def _transfers(visit: Visit) -> str:
    return _api(visit).replace("/v1/", "/v2/") + "/Transfers"


async def _desk(visit: Visit) -> Body:
    """Raises: `Trouble`."""
    found: Body = await visit.get(f"{_api(visit)}/Desk")
    return found


# --- what it shows ------------------------------------------------------------------------------------------------


async def _show(visit: Visit) -> Response:
    desk = await _desk(visit)
    return await visit.page("desk.html", desk["worker_name"], regions=(NOW,), desk=desk, stream=_at(visit, "live"))


async def _now(visit: Visit) -> Mapping[str, Any]:
    desk = await _desk(visit)
    query = {"WorkerSid": visit.names["worker"], "Minutes": str(LATELY_MINUTES), "PageSize": str(LATELY_MAX)}
    events = (await visit.get(f"{visit.api}/Events", query))["events"]
    reservations = [each | {"lines": lines_of(each["task"]["attributes"])} for each in desk["reservations"]]
    return {
        "desk": desk,
        "offers": [each for each in reservations if each["reservation_status"] == "pending"],
        "tasks": [each for each in reservations if each["reservation_status"] != "pending"],
        "endings": endings_of(events),
        "at": partial(_at, visit),
        "topics": _tasks(desk),
    }


def _tasks(desk: Body) -> list[str]:
    """The topics of the tasks that it has."""
    return [f"task:{number_of(each['task']['sid'])}" for each in desk["reservations"]]


async def _live(visit: Visit) -> Response:
    """News of this worker, of the activities, and of the tasks that it has now. When those change, its page comes again
    with the new ones."""
    own = {f"worker:{number_of(visit.names['worker'])}", "activity"}
    return await follow(visit, own.union(_tasks(await _desk(visit))).__contains__)


# --- what is done at it -------------------------------------------------------------------------------------------


async def _move(visit: Visit) -> Response:
    """To another activity; in one that is not available, it has no use for offers."""
    sid, desk = dict(visit.form).get("ActivitySid"), await _desk(visit)
    activity = next((each for each in desk["activities"] if each["sid"] == sid), None)
    if activity is None:
        raise Trouble(not_found(f"{visit.here}: such an activity"))
    form = [("ActivitySid", activity["sid"])]
    if not activity["available"]:
        form.append(("RejectPendingReservations", "true"))
    await visit.post(_api(visit), form)
    return await visit.stay(_at(visit), f"You are {activity['friendly_name']} now.")


class Answer(NamedTuple):
    """What can be made of a reservation."""

    status: str
    done: str


ANSWERS = {
    "accept": Answer("accepted", "Accepted: it is yours."),
    "reject": Answer("rejected", "Rejected."),
    "wrap": Answer("wrapping", "Wrapping up."),
    "finish": Answer("completed", "Your part is done."),
}


async def _answer(answer: Answer, visit: Visit) -> Response:
    sid = visit.names["reservation"]
    try:
        await visit.post(f"{_api(visit)}/Reservations/{sid}", [("ReservationStatus", answer.status)])
    except Trouble as trouble:
        if any(each["sid"] == sid for each in (await _desk(visit))["reservations"]):
            raise
        raise Trouble(trouble.problem._replace(message=GONE)) from trouble
    return await visit.stay(_at(visit), answer.done)


async def _held(visit: Visit) -> Body:
    """The reservation of the task in the path. Raises: `Trouble`, if the worker does not have it."""
    for each in (await _desk(visit))["reservations"]:
        if each["task"]["sid"] == visit.names["task"] and each["reservation_status"] != "pending":
            return {**each, "lines": lines_of(each["task"]["attributes"])}
    raise Trouble(INVALID.problem("You don't have that task any longer"))


REASON = tuple(each for each in forms.parameters_of(TASK, "update") if each.name == "reason")


async def _ask_complete(visit: Visit, sent: Pairs = (), problem: Problem | None = None) -> Response:
    held = await _held(visit)
    form = forms.form_of(REASON, sent=sent, problem=problem)
    inputs = tuple(each._replace(hint="What came of it, in a few words. May stay empty.") for each in form.inputs)
    status = FORM_REFUSED if problem else 200
    return await visit.dialog(
        "desk_complete.html", "Complete the task", status=status, form=form._replace(inputs=inputs), held=held
    )


async def _complete(visit: Visit) -> Response:
    await _held(visit)
    sent = [("AssignmentStatus", "completed"), *forms.given(REASON, visit.form)]
    try:
        await visit.post(f"{visit.api}/Tasks/{visit.names['task']}", sent)
    except Trouble as trouble:
        return await _ask_complete(visit, visit.form, trouble.problem)
    return await visit.stay(_at(visit), "Completed. Well done.")


# --- handing a task on --------------------------------------------------------------------------------------------


async def _targets(visit: Visit, kind: str, named: str) -> tuple[list[Body], bool]:
    """Those who could take it, and whether there are more."""
    query = {"Kind": kind, "PageSize": str(TARGETS_MAX), "FriendlyNameContains": named}
    if kind == "worker":
        query["Available"] = "true"
    body = await visit.get(f"{_api(visit)}/TransferTargets", query)
    found = [each for each in body["transfer_targets"] if each["sid"] != visit.names["worker"]]
    return found, body["meta"]["next_page_url"] is not None


async def _ask_transfer(visit: Visit, problem: Problem | None = None) -> Response:
    """`Named` narrows those that can be chosen down."""
    held, typed = await _held(visit), dict(visit.form) | dict(visit.request.query_params)
    named = typed.get("Named", "")
    workers, more_workers = await _targets(visit, "worker", named)
    queues, more_queues = await _targets(visit, "queue", named)
    return await visit.dialog(
        "desk_transfer.html",
        "Hand the task on",
        status=FORM_REFUSED if problem else 200,
        held=held,
        workers=workers,
        queues=queues,
        more=more_workers or more_queues or bool(named),
        typed=typed,
        problem=forms.plain(problem) if problem else None,
    )


async def _transfer(visit: Visit) -> Response:
    held, typed = await _held(visit), dict(visit.form)
    sent = [("TaskSid", visit.names["task"]), ("ReservationSid", held["sid"])]
    sent += [(name, typed[name]) for name in ("To", "Mode") if typed.get(name)]
    try:
        if not typed.get("To"):
            raise Trouble(INVALID.problem("Choose to whom"))
        await visit.post(_transfers(visit), sent)
    except Trouble as trouble:
        return await _ask_transfer(visit, trouble.problem)
    return await visit.stay(_at(visit), "You hand it on.")


async def _cancel_transfer(visit: Visit) -> Response:
    sent = [("TaskSid", visit.names["task"]), ("TransferStatus", "canceled")]
    await visit.post(f"{_transfers(visit)}/{visit.names['transfer']}", sent)
    return await visit.stay(_at(visit), "You keep it after all.")


# --- coming and going ---------------------------------------------------------------------------------------------


async def _find(visit: Visit) -> Response:
    """To the desk of a worker that is named without its workspace: one of the account's has it."""
    worker = visit.names["worker"]
    for workspace in visit.console.operations.services.router.workspaces(visit.session.caller.account.sid):
        try:
            await visit.get(f"/v1/Workspaces/{workspace}/Workers/{worker}")
        except Trouble as trouble:
            if trouble.problem.status != 404:
                raise
            continue
        return visit.go(visit.url(entry.desk_path(workspace, worker)))
    raise Trouble(not_found(visit.here))


async def _ask_link(visit: Visit, sent: Pairs = (), problem: Problem | None = None) -> Response:
    defaults = {"hours": str(LINK_HOURS_DEFAULT)}
    form = forms.form_of(LINK_PARAMETERS, sent=sent, problem=problem, defaults=defaults)
    name = (await _desk(visit))["worker_name"]
    status = FORM_REFUSED if problem else 200
    return await visit.dialog("desk_link.html", f"A link for {name}", status=status, form=form, back=_at(visit))


async def _link(visit: Visit) -> Response:
    try:
        link = await visit.post(f"{_api(visit)}/DeskLinks", forms.given(LINK_PARAMETERS, visit.form))
    except Trouble as trouble:
        return await _ask_link(visit, visit.form, trouble.problem)
    name = (await _desk(visit))["worker_name"]
    return await visit.dialog("desk_link_made.html", f"A link for {name}", link=link, name=name, back=_at(visit))


NOW = Region("now", "desk_now.html", ("worker:{worker}", "activity"), _now)
BASE = entry.desk_path("{workspace}", "{worker}")
SECTION = Section(
    routes=(
        Route(BASE, get=_show, regions=(NOW,), for_worker=True),
        Route(f"{BASE}/live", get=_live, for_worker=True),
        Route(f"{BASE}/activity", post=_move, for_worker=True),
        *(
            Route(f"{BASE}/reservations/{{reservation}}/{name}", post=partial(_answer, answer), for_worker=True)
            for name, answer in ANSWERS.items()
        ),
        Route(f"{BASE}/tasks/{{task}}/complete", get=_ask_complete, post=_complete, for_worker=True),
        Route(f"{BASE}/tasks/{{task}}/transfer", get=_ask_transfer, post=_transfer, for_worker=True),
        Route(f"{BASE}/tasks/{{task}}/transfers/{{transfer}}/cancel", post=_cancel_transfer, for_worker=True),
        Route(f"{BASE}/session", get=signin.session, for_worker=True),
        Route(f"{BASE}/leave", post=entry.leave, for_worker=True),
        Route(f"{BASE}/link", get=_ask_link, post=_link),
        Route("/desk/{worker}", get=_find),
    ),
)
