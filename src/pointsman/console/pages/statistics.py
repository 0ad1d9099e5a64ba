"""Statistics: every figure of a workspace, workflow, task queue or worker, of any interval and of now."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any, NamedTuple
from urllib.parse import urlencode

from starlette.responses import JSONResponse, Response

from pointsman.console import forms
from pointsman.console.asking import asked, choices, inputs
from pointsman.console.figures import DURATIONS, Body, told
from pointsman.console.forms import Input, Option
from pointsman.console.places import place
from pointsman.console.routes import Nav, Route, Section
from pointsman.console.series import Query, Series
from pointsman.console.visit import Region, Trouble, Visit
from pointsman.console.words import label, moment
from pointsman.core.ids import is_sid
from pointsman.resources.statistics import MINUTES_DEFAULT, REPORTS, SUBJECTS, Report, Shape
from pointsman.stats import FIGURES, Figure, Kind, Level, Part
from pointsman.wire.errors import INVALID, Problem, not_found
from pointsman.wire.spelling import pascal

BASE = "/workspaces/{workspace}/statistics"
AGAIN_S = 15  # an interval up to now goes on also without news
CHANNELS_MAX = 12  # that many columns can be read
STEPS_MAX = 60  # of a chart
STEPS_S = (60, 300, 900, 3_600, 4 * 3_600, 24 * 3_600)
STATES = ("busy", "good", "wrap", "wait", "bad", "idle")  # the colours of a chart's lines
CURVES_MAX = len(STATES)
ALL = "All"
WHEN = ("Minutes", "StartDate", "EndDate")
WINDOWS = ((15, "15 min"), (60, "1 h"), (240, "4 h"), (1_440, "24 h"), (10_080, "7 d"), (43_200, "30 d"))
CHARTED = (Kind.COUNT, Kind.SECONDS, Kind.DURATIONS, Kind.DURATIONS_BY_ACTIVITY)
CHARTED_FIRST = ("tasks_created", "tasks_entered", "reservations_created")
WRONG_SID = "Invalid Sid "
FORMULA = ("=", "+", "-", "@", "\t", "\r")  # with which a spreadsheet would begin to reckon
_series = Series()


class Sort(NamedTuple):
    """What figures can be asked of; `segment` is where one of them is listed."""

    label: str
    level: Level
    segment: str = ""


SORTS = {
    "workspace": Sort("Workspace", Level.WORKSPACE),
    "workflow": Sort("Workflow", Level.WORKFLOW, "Workflows"),
    "queue": Sort("Task queue", Level.TASK_QUEUE, "TaskQueues"),
    "workers": Sort("Workers", Level.WORKERS),
    "worker": Sort("Worker", Level.WORKER, "Workers"),
}
REPORT = {(report.level, report.shape): report for report in REPORTS}


class Asked(NamedTuple):
    """What the page's address asks for. `sid` is None where nothing was chosen yet."""

    name: str
    sort: Sort
    sid: str | None
    sent: Mapping[str, str]
    channels: tuple[str, ...]  # by which it is split

    @property
    def is_complete(self) -> bool:
        return not self.sort.segment or self.sid is not None

    @property
    def report(self) -> Report:
        """It has both parts, where there are two."""
        return REPORT[self.sort.level, Shape.COMBINED]

    def path(self, visit: Visit, report: Report) -> str:
        names = {"WorkspaceSid": str(visit.workspace)}
        if self.sid:
            names[pascal(SUBJECTS[self.sort.level].name)] = self.sid
        return report.operation.path.format_map(names)

    @property
    def columns(self) -> tuple[tuple[str, Query], ...]:
        """The heading of each column, and what is asked for it."""
        query = tuple(self.sent.items())
        return ((ALL, query), *((name, (*query, ("TaskChannel", name))) for name in self.channels))


# --- what is asked ------------------------------------------------------------------------------------------------


def _sort(visit: Visit) -> str:
    """Raises: `Trouble`."""
    name = visit.request.query_params.get("Of", "workspace")
    if name not in SORTS:
        raise Trouble(not_found(f"{visit.here}?Of={name}"))
    return name


async def _asked(visit: Visit) -> Asked:
    """Raises: `Trouble`."""
    name = _sort(visit)
    sort = SORTS[name]
    sent = asked(visit, REPORT[sort.level, Shape.COMBINED].operation.query)
    channels: tuple[str, ...] = ()
    if visit.request.query_params.get("By") == "channel" and "TaskChannel" not in sent:
        channels = tuple(each for each, _ in await choices(visit, "TaskChannels", "unique_name"))[:CHANNELS_MAX]
    return Asked(name, sort, await _subject(visit, sort) if sort.segment else None, sent, channels)


async def _subject(visit: Visit, sort: Sort) -> str | None:
    """The SID of what was chosen, by that or by its exact name; else of the first. Raises: `Trouble`."""
    wanted = visit.request.query_params.get("Sid", "").strip()
    if is_sid(wanted):
        return wanted
    query = {"PageSize": "1"} | ({"FriendlyName": wanted} if wanted else {})
    body = await visit.get(f"{visit.api}/{sort.segment}", query)
    found = body[body["meta"]["key"]]
    if wanted and not found:
        raise Trouble(INVALID.problem(f"Invalid Sid {wanted!r}: expected a SID, or exactly a name that is there"))
    return found[0]["sid"] if found else None


# --- the page -----------------------------------------------------------------------------------------------------


async def _show(visit: Visit) -> Response:
    try:
        what = await _asked(visit)
        regions = _regions(what)
        return await _page(visit, what.name, regions, what)
    except Trouble as trouble:
        return await _page(visit, _sort(visit), (), None, trouble.problem)


def _regions(what: Asked) -> tuple[Region, ...]:
    if not what.is_complete:
        return ()
    return (INTERVAL,) if what.sort.level is Level.WORKER else (INTERVAL, NOW)


async def _page(
    visit: Visit, name: str, regions: tuple[Region, ...], what: Asked | None, problem: Problem | None = None
) -> Response:
    sort = SORTS[name]
    declared = REPORT[sort.level, Shape.COMBINED].operation.query
    parameters = sorted(declared, key=lambda each: each.name != "minutes")  # before the dates, which win over them
    sent = asked(visit, parameters)
    options = {"task_channel": await choices(visit, "TaskChannels", "unique_name")}
    if name == "workers":
        options["task_queue_sid"] = await choices(visit, "TaskQueues")
    fields, trouble = inputs(parameters, sent, problem=problem, options=options)
    if problem and problem.message.startswith(WRONG_SID):
        trouble = None  # it stands beside the field that names what the figures are of
    return await visit.page(
        "statistics.html",
        "Statistics",
        regions=regions,
        status=problem.status if problem else 200,
        days=_days(visit),
        of=name,
        sort=sort,
        tabs=[(_with(visit, Of=each, Sid="", Chart=""), SORTS[each].label, each == name) for each in SORTS],
        subject=await _subject_input(visit, sort, what, problem) if sort.segment else None,
        fields=fields,
        by_channel=visit.request.query_params.get("By") == "channel",
        windows=_windows(visit, sent),
        chart=await _chart_of(visit, what) if regions and what else None,
        download=_with(visit, path="/csv"),
        is_missing=what is not None and not regions,
        problem=trouble,
    )


async def _subject_input(visit: Visit, sort: Sort, what: Asked | None, problem: Problem | None) -> Input:
    """The field that says of which workflow, queue or worker; workers are too many to choose from."""
    options: tuple[Option, ...] = () if sort.level is Level.WORKER else await choices(visit, sort.segment)
    value = (what.sid or "") if what else visit.request.query_params.get("Sid", "")
    wrong = forms.told(problem, value) if problem and problem.message.startswith(WRONG_SID) else None
    hint = f"{sort.label} by SID or by its exact name."
    return Input("Sid", sort.label, "choice" if options else "text", hint, True, value, None, wrong, options)


def _days(visit: Visit) -> int:
    """How far back figures go."""
    return visit.console.operations.services.statistics_days


def _windows(visit: Visit, sent: Mapping[str, str]) -> list[tuple[str, str, bool]]:
    """Addresses of the usual windows, and which of them it is."""
    minutes = None if sent.keys() & {"StartDate", "EndDate"} else sent.get("Minutes", str(MINUTES_DEFAULT))
    return [
        (_with(visit, Minutes=str(each), StartDate="", EndDate=""), text, minutes == str(each))
        for each, text in WINDOWS
        if each <= _days(visit) * 1_440
    ]


def _with(visit: Visit, path: str = "", **changes: str) -> str:
    """The page's address with other parameters, or that of a page below it."""
    query = {**visit.request.query_params, **changes}
    return f"{visit.at('statistics')}{path}?{urlencode({name: value for name, value in query.items() if value})}"


# --- figures ------------------------------------------------------------------------------------------------------


async def _bodies(visit: Visit, what: Asked, part: Part) -> list[Body]:
    """That part of the answer, for each column. Raises: `Trouble`."""
    report, found = what.report, []
    if part is Part.REAL_TIME and what.sort.level is not Level.WORKERS:  # those can be chosen in combined answers alone
        report = REPORT[what.sort.level, Shape.REAL_TIME]
    for _, query in what.columns:
        body = await visit.get(what.path(visit, report), query)
        found.append(body[part.value] if report.shape is Shape.COMBINED else body)
    return found


async def _interval(visit: Visit) -> Mapping[str, Any]:
    what = await _asked(visit)
    bodies = await _bodies(visit, what, Part.CUMULATIVE)
    charted = _charted(visit, what.sort.level)
    return {
        **_table(visit, what, Part.CUMULATIVE, bodies),
        "start": bodies[0]["start_time"],
        "end": bodies[0]["end_time"],
        "charts": {
            each.name: (_with(visit, Chart=each.name), each.name == charted.name)
            for each in _chartable(what.sort.level)
        },
    }


async def _now(visit: Visit) -> Mapping[str, Any]:
    what = await _asked(visit)
    return {**_table(visit, what, Part.REAL_TIME, await _bodies(visit, what, Part.REAL_TIME)), "charts": {}}


def _table(visit: Visit, what: Asked, part: Part, bodies: Sequence[Body]) -> dict[str, Any]:
    figures = told(what.sort.level, part, bodies)
    sids = [sid for each in figures if each.figure.kind is Kind.TASK_SID for sid in each.lines[0].values if sid]
    columns = [heading for heading, _ in what.columns]
    return {"figures": figures, "columns": columns, "pages": {sid: place(visit, sid) for sid in sids}}


async def _download(visit: Visit) -> Response:
    """The same as a file, with every number as the API tells it."""
    what = await _asked(visit)
    if not what.is_complete:
        raise Trouble(not_found(visit.here))
    parts = [Part.CUMULATIVE] if what.sort.level is Level.WORKER else [Part.CUMULATIVE, Part.REAL_TIME]
    text = io.StringIO()
    rows = csv.writer(text)
    headings = (heading for heading, _ in what.columns)
    rows.writerow(("of", "sid", "from", "to", "figure", "detail", "unit", *headings, "meaning"))
    for part in parts:
        bodies = await _bodies(visit, what, part)
        head = (what.name, what.sid or visit.workspace, bodies[0].get("start_time", ""), bodies[0].get("end_time", ""))
        for figure, unit, lines in told(what.sort.level, part, bodies):
            for line in lines:
                rows.writerow((*head, figure.name, _plain(line.detail), unit, *line.values, figure.doc))
    name = f"statistics-{what.sid or visit.workspace}.csv"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(text.getvalue(), media_type="text/csv; charset=utf-8", headers=headers)


def _plain(text: str) -> str:
    """A text of others, so that a spreadsheet takes it for one."""
    return f"'{text}" if text.startswith(FORMULA) else text


# --- charts -------------------------------------------------------------------------------------------------------


def _chartable(level: Level) -> list[Figure]:
    """Only figures of intervals have a past."""
    return [each for each in FIGURES[Part.CUMULATIVE] if level in each.levels and each.kind in CHARTED]


def _charted(visit: Visit, level: Level) -> Figure:
    """The figure that was chosen, or else what comes in. Raises: `Trouble`."""
    by_name = {each.name: each for each in _chartable(level)}
    name = visit.request.query_params.get("Chart") or next(each for each in CHARTED_FIRST if each in by_name)
    if name not in by_name:
        raise Trouble(not_found(f"{visit.here}?Chart={name}"))
    return by_name[name]


class Curve(NamedTuple):
    """A line of the chart: what is asked for it, and its value in a figure."""

    text: str
    query: Query
    value: Callable[[Any], float | None]


async def _curves(visit: Visit, what: Asked, figure: Figure) -> list[Curve]:
    """Raises: `Trouble`."""
    (_, query), *_ = columns = what.columns
    if figure.kind is Kind.DURATIONS_BY_ACTIVITY:
        found = [Curve(name, query, partial(_of_activity, sid)) for sid, name in await choices(visit, "Activities")]
    elif figure.kind is Kind.DURATIONS and not what.channels:
        found = [Curve(DURATIONS[name], query, partial(_measured, name)) for name in ("avg", "max")]
    else:
        value = partial(_measured, "avg") if figure.kind is Kind.DURATIONS else _itself
        found = [Curve(heading if what.channels else "in each interval", query, value) for heading, query in columns]
    return found[:CURVES_MAX]


def _itself(value: Any) -> float | None:
    return None if value is None else float(value)


def _measured(name: str, value: Any) -> float | None:
    """Where nothing was measured there is a gap."""
    return float(value[name]) if value["total"] else None


def _of_activity(sid: str, value: Any) -> float | None:
    return next((float(each["total"]) for each in value if each["sid"] == sid), None)


async def _chart_of(visit: Visit, what: Asked) -> dict[str, Any]:
    figure = _charted(visit, what.sort.level)
    return {
        "title": label(figure.name),
        "doc": figure.doc,
        "unit": "" if figure.kind is Kind.COUNT else "s",
        "address": _with(visit, path="/chart"),
        "lines": [(f"line{at}", each.text, STATES[at]) for at, each in enumerate(await _curves(visit, what, figure))],
    }


async def _chart(visit: Visit) -> Response:
    """The points of the chart: the second in which each interval begins, and each line's value of it."""
    what = await _asked(visit)
    figure = _charted(visit, what.sort.level)
    path = what.path(visit, what.report)
    window = (await visit.get(path, what.columns[0][1]))[Part.CUMULATIVE.value]
    edges = _edges(*(int(moment(window[name]).timestamp()) for name in ("start_time", "end_time")))
    curves, points = await _curves(visit, what, figure), dict[Query, list[Any]]()
    for query in dict.fromkeys(each.query for each in curves):
        kept = tuple((name, value) for name, value in query if name not in WHEN)
        intervals = await _series.between(visit, path, kept, edges)
        points[query] = [body[Part.CUMULATIVE.value][figure.name] for _, body in intervals]
    lines = {f"line{at}": [each.value(point) for point in points[each.query]] for at, each in enumerate(curves)}
    return JSONResponse({"times": edges[:-1], **lines})


def _edges(start_s: int, end_s: int) -> list[int]:
    """Of the intervals of a window: whole ones, but for the last, or one alone."""
    step_s = next((each for each in STEPS_S if (end_s - start_s) / each <= STEPS_MAX), STEPS_S[-1])
    first_s = -(-start_s // step_s) * step_s
    edges = [*range(first_s, end_s, step_s), end_s]
    return edges if len(edges) > 1 else [start_s, end_s]


INTERVAL = Region("interval", "statistics_interval.html", (), _interval, AGAIN_S)
NOW = Region("now", "statistics_now.html", ("task", "reservation", "worker", "activity", "task-queue"), _now, AGAIN_S)
SECTION = Section(
    routes=(
        Route(BASE, get=_show, regions=(INTERVAL, NOW)),
        Route(f"{BASE}/chart", get=_chart),
        Route(f"{BASE}/csv", get=_download),
    ),
    nav=Nav("Statistics", "/statistics", "i"),
)
