"""Tasks: the list of them, and making one. The page of one is `task.py`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple
from urllib.parse import urlencode

from starlette.responses import Response

from pointsman.console import forms
from pointsman.console.example import examples_of
from pointsman.console.pages import task, task_moves
from pointsman.console.routes import Nav, Route, Section
from pointsman.console.tables import Row, paging, table_of
from pointsman.console.visit import FORM_REFUSED, Region, Trouble, Visit
from pointsman.console.words import pretty
from pointsman.core.limits import TASK_TIMEOUT_S_DEFAULT
from pointsman.resources import TASK
from pointsman.resources.paging import PAGE_SIZE_MAX
from pointsman.wire.errors import Problem
from pointsman.wire.forms import Pairs
from pointsman.wire.spelling import pascal

PAGE_SIZE = 50
CALM_S = 15
STATUS, ORDER = "AssignmentStatus", "Ordering"
BY_DATE = "DateCreated"
QUICK = frozenset({STATUS, "TaskQueueSid", "WorkflowSid", ORDER})
ORDERS = (
    ("DateCreated:desc", "Newest first"),
    ("DateCreated:asc", "Oldest first"),
    ("Priority:desc,DateCreated:asc", "Highest priority first"),
)
ASKED = frozenset({ORDER, *(pascal(each.name) for each in TASK.filters)})  # what the page's address may say
STATUSES = (
    ("", "All"),
    ("pending", "Waiting"),
    ("reserved", "Reserved"),
    ("assigned", "Assigned"),
    ("wrapping", "Wrapping"),
    ("completed", "Completed"),
    ("canceled", "Canceled"),
)
HELD = {"reserved": "pending", "assigned": "accepted", "wrapping": "wrapping"}  # task: its reservations
CHOICES_MAX = 200  # of a filter: among more nobody finds one
HOLDERS_MAX = 5  # of one task, in the list

# --- the list -----------------------------------------------------------------------------------------------------


class Choice(NamedTuple):
    """What a filter offers; None, if there are too many to choose from: then a SID is asked for."""

    name: str
    label: str
    options: Sequence[forms.Option] | None
    value: str


async def _list(visit: Visit) -> Response:
    asked = dict(_asked(visit))
    rows = ROWS if _is_quick(asked) or await task.is_small(visit) else ROWS_CALM
    choices = [
        Choice("TaskQueueSid", "Task queue", await _named(visit, "TaskQueues"), asked.get("TaskQueueSid", "")),
        Choice("WorkflowSid", "Workflow", await _named(visit, "Workflows"), asked.get("WorkflowSid", "")),
    ]
    return await visit.page(
        "tasks.html", "Tasks", regions=(rows,), rows=rows.name, asked=asked, choices=choices, orders=ORDERS
    )


def _asked(visit: Visit) -> list[tuple[str, str]]:
    return [(name, value) for name, value in visit.request.query_params.multi_items() if name in ASKED and value]


def _is_quick(asked: Mapping[str, str]) -> bool:
    """Whether a page of these is found without a look at all tasks, so that it may be made with all news."""
    return asked.keys() <= QUICK and asked.get(ORDER, BY_DATE).startswith(BY_DATE)


async def _named(visit: Visit, path: str) -> Sequence[forms.Option] | None:
    body = await visit.get(f"{visit.api}/{path}", {"PageSize": str(CHOICES_MAX)})
    if body["meta"]["next_page_url"]:
        return None
    named = [(each["sid"], each["friendly_name"]) for each in body[body["meta"]["key"]]]
    return sorted(named, key=lambda option: option[1].casefold())


async def _rows(visit: Visit) -> Mapping[str, Any]:
    asked = _asked(visit)
    told: dict[str, Any] = {"tabs": await _tabs(visit, asked), "filtered": any(name != ORDER for name, _ in asked)}
    order = [] if ORDER in dict(asked) else [(ORDER, ORDERS[0][0])]
    try:
        body = await visit.get(f"{visit.api}/Tasks", [*asked, *order, *paging(visit, PAGE_SIZE)])
    except Trouble as trouble:
        if trouble.problem.status != 400:
            raise
        return told | {"problem": forms.told(trouble.problem, ""), "table": None}
    table = table_of((), body, visit.here, lambda row: visit.at("tasks", row["sid"]))
    rows = [{**row, "holders": await _holders(visit, row)} for row in table.rows]
    return told | {"problem": None, "table": table._replace(rows=rows)}


async def _tabs(visit: Visit, asked: Sequence[tuple[str, str]]) -> list[tuple[str, str, bool]]:
    """A tab for each status, with how many tasks of it there are; the other filters stay."""
    figures = await visit.get(f"{visit.api}/RealTimeStatistics")
    counts, present = figures["tasks_by_status"], dict(asked).get(STATUS, "")
    others = [(name, value) for name, value in asked if name != STATUS]
    tabs = []
    for status, label in STATUSES:
        query = urlencode([*others, *([(STATUS, status)] if status else [])])
        text = f"{label} {counts[status]:,}" if status in HELD or status == "pending" else label
        tabs.append((f"{visit.here}?{query}" if query else visit.here, text, status == present))
    return tabs


async def _holders(visit: Visit, row: Row) -> list[Row]:
    """The reservations of those who have it, or hold an offer of it."""
    held = HELD.get(row["assignment_status"])
    if held is None:
        return []
    query = {"ReservationStatus": held, "PageSize": str(HOLDERS_MAX)}
    try:
        body = await visit.get(f"{visit.api}/Tasks/{row['sid']}/Reservations", query)
    except Trouble:
        return []  # it is gone since
    return list(body["reservations"])


# --- making one ---------------------------------------------------------------------------------------------------

FIRST = ("attributes", "workflow_sid", "priority", "task_channel", "timeout")  # the rest is asked for seldom
PARAMETERS = tuple(
    sorted(
        forms.parameters_of(TASK, "create"),
        key=lambda each: FIRST.index(each.name) if each.name in FIRST else len(FIRST),
    )
)


async def _new(visit: Visit, sent: Pairs = (), problem: Problem | None = None) -> Response:
    workflows = (await visit.get(f"{visit.api}/Workflows", {"PageSize": str(PAGE_SIZE_MAX)}))["workflows"]
    channels = (await visit.get(f"{visit.api}/TaskChannels", {"PageSize": str(PAGE_SIZE_MAX)}))["channels"]
    first = workflows[0] if workflows else None
    examples = examples_of(first["configuration"]) if first else []
    likes = {str(at): each.attributes for at, each in enumerate(examples)}
    last = str(len(examples) - 1)  # of the quickstart's filters it is the one for Spanish
    example = likes.get(visit.request.query_params.get("like", last), {})
    form = forms.form_of(
        PARAMETERS,
        sent=sent,
        problem=problem,
        options={
            "workflow_sid": [(each["sid"], each["friendly_name"]) for each in workflows],
            "task_channel": [(each["unique_name"], each["friendly_name"]) for each in channels],
        },
        defaults={
            "attributes": pretty(example),
            "workflow_sid": first["sid"] if first else "",
            "priority": "0",
            "task_channel": "default",
            "timeout": str(TASK_TIMEOUT_S_DEFAULT),
        },
    )
    more = form.inputs[len(FIRST) :]
    return await visit.dialog(
        "task_new.html",
        "New task",
        status=FORM_REFUSED if problem else 200,
        form=form._replace(inputs=form.inputs[: len(FIRST)]),
        more=more,
        more_open=any(each.problem or (each.value and each.kind != "check") for each in more),
        has_workflow=bool(workflows),
        examples=[(f"{visit.at('tasks', 'new')}?like={at}", each.filter) for at, each in enumerate(examples)],
    )


async def _create(visit: Visit) -> Response:
    given = forms.given(PARAMETERS, visit.form)
    given = [pair for pair in given if pair != ("IgnoreCapacity", "false")]  # only a task for a worker may say either
    try:
        body = await visit.post(f"{visit.api}/Tasks", given)
    except Trouble as trouble:
        return await _new(visit, visit.form, trouble.problem)
    return visit.go(visit.at("tasks", body["sid"]), "The task was created.")


ROWS = Region("rows", "tasks_rows.html", ("task", "reservation"), _rows)
ROWS_CALM = Region("calm", "tasks_rows.html", (), _rows, CALM_S, later=True)
BASE = "/workspaces/{workspace}/tasks"
SECTION = Section(
    routes=(
        Route(BASE, get=_list, regions=(ROWS, ROWS_CALM)),
        Route(f"{BASE}/new", get=_new, post=_create),
        *task.ROUTES,
        *task_moves.ROUTES,
    ),
    nav=Nav("Tasks", "/tasks", "t"),
)
