"""`pointsman deliveries`: what was sent to the application, what it replied, and what came of it."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from typing import Annotated, Any

import typer

from pointsman.cli.client import Client, NotThere, Row, one_line, printable, talk
from pointsman.cli.follow import follow
from pointsman.cli.names import checked, workspace_path
from pointsman.cli.options import AsJsonLines, Data, Follow, InWorkspace, LogLimit, TaskSid, Url
from pointsman.cli.output import (
    GAP,
    clock,
    flow,
    is_terminal,
    note,
    print_json,
    print_json_line,
    print_line,
    print_tabbed,
)
from pointsman.core.ids import number_of
from pointsman.resources.log import DELIVERY_PARAMETERS

LIMIT_DEFAULT = 20
# Deliveries of events are listed once they are finished, so a late one comes in among older rows: so many of the
# newest are read at each poll, and of more at once the newest.
LOOK_BACK = 100
FOLLOW_ROWS_MAX = 2_000
# fmt: off
COLUMNS = (
    "date", "kind", "event_type", "verdict", "status", "took_ms", "task_sid", "reservation_sid", "worker_sid",
    "url", "problem", "warning", "sid",
)
# fmt: on
LABEL_WIDTH = 13
_TYPES = {parameter.name: parameter.type for parameter in DELIVERY_PARAMETERS}


def deliveries(
    following: Follow = False,
    task: TaskSid = None,
    failed: Annotated[bool, typer.Option("--failed", help="Failed ones alone.")] = False,
    kind: Annotated[
        str | None, typer.Option(metavar="assignment|event", help="Callbacks of assignments or of events alone.")
    ] = None,
    limit: LogLimit = LIMIT_DEFAULT,
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="Also every parameter, and each reply.")] = False,
    as_json: AsJsonLines = False,
    workspace: InWorkspace = None,
    data: Data = None,
    url: Url = None,
) -> None:
    """Show the callbacks that were sent, newest last, and what came of each.

    With --follow each is printed once, when it is finished; those that are not yet, at the end.
    """
    query: dict[str, str] = {}
    if task:
        query["TaskSid"] = checked(_TYPES["task_sid"], task, "--task")
    if kind:
        query["Kind"] = checked(_TYPES["kind"], kind, "--kind")
    if failed:
        query["Failed"] = "true"

    async def work(client: Client) -> None:
        path = f"{await workspace_path(client, workspace)}/Deliveries"
        if not following:
            rows = await client.rows(path, query, limit + 1)
            if len(rows) > limit:
                note(f"there are older ones: --limit {limit * 10} shows more")
            _Screen(as_json=as_json, verbose=verbose).show_all(rows[:limit][::-1])
            return
        stream = _Stream(client, path, query, _Screen(as_json=as_json, verbose=verbose))
        await stream.start(limit)

        async def poll(answered: Callable[[], None]) -> None:
            await stream.poll()
            answered()

        await follow(client, poll, stream.end)

    talk(data, url, work)


class _Stream:
    """Which were printed, and which are still open."""

    def __init__(self, client: Client, path: str, query: dict[str, str], screen: _Screen) -> None:
        self._client, self._path, self._query, self._screen = client, path, query, screen
        self._printed: dict[str, None] = {}  # in order, so that the oldest can be forgotten
        self._open: dict[str, Row] = {}
        self._horizon = 0  # older ones are none of ours

    async def start(self, limit: int) -> None:
        size = max(limit, LOOK_BACK)
        rows = await self._client.rows(self._path, self._query, size)
        self._horizon = number_of(rows[-1]["sid"]) if len(rows) == size else 0
        for row in rows[limit:]:
            if row["verdict"] is not None:
                self._printed[row["sid"]] = None
        self._screen.begin()
        self._take(rows)

    async def poll(self) -> None:
        rows: list[Row] = []
        async for page in self._client.pages(self._path, self._query, LOOK_BACK):
            fresh = [row for row in page if number_of(row["sid"]) >= self._horizon]
            rows += fresh
            nothing_new = all(row["sid"] in self._printed or row["sid"] in self._open for row in fresh)
            if nothing_new or len(rows) >= FOLLOW_ROWS_MAX:
                break
        listed = {row["sid"] for row in rows}
        for sid in [sid for sid in self._open if sid not in listed]:
            try:
                rows.append(await self._client.get(f"{self._path}/{sid}"))
            except NotThere:  # its time was up
                del self._open[sid]
        self._take(rows)

    def _take(self, rows: list[Row]) -> None:
        for row in sorted(rows, key=lambda row: (number_of(row["sid"]), row["sid"])):
            if row["sid"] in self._printed:
                continue
            if row["verdict"] is None:
                self._open[row["sid"]] = row
                continue
            self._open.pop(row["sid"], None)
            self._printed[row["sid"]] = None
            self._screen.show(row)
        while len(self._printed) > 2 * FOLLOW_ROWS_MAX:
            del self._printed[next(iter(self._printed))]

    def end(self) -> None:
        for row in self._open.values():
            self._screen.show(row)


# --- how they look ------------------------------------------------------------------------------------------------


class _Screen:
    def __init__(self, *, as_json: bool, verbose: bool) -> None:
        self._as_json, self._verbose = as_json, verbose
        self._as_tabs = not as_json and not verbose and not is_terminal()

    def begin(self) -> None:
        if self._as_tabs:
            print_tabbed(COLUMNS)

    def show_all(self, rows: list[Row]) -> None:
        if self._as_json:
            print_json(rows)
            return
        self.begin()
        for row in rows:
            self.show(row)
        if not rows and is_terminal():
            note("no such deliveries")

    def show(self, row: Row) -> None:
        if self._as_json:
            print_json_line(row)
        elif self._as_tabs:
            print_tabbed(tabs(row))
        else:
            lines = told(row, shutil.get_terminal_size().columns)
            print_line("\n".join([*lines, *(details(row) if self._verbose else [])]))


def last_attempt(row: Row) -> dict[str, Any]:
    """What decided; empty, if nothing was sent."""
    return row["attempts"][-1] if row["attempts"] else {}


def tabs(row: Row) -> list[object]:
    last = last_attempt(row)
    return [
        last.get("date") or row["date_created"],
        row["kind"],
        row["event_type"],
        row["verdict"] or "open",
        last.get("status"),
        last.get("took_ms"),
        row["task_sid"],
        row["reservation_sid"],
        row["worker_sid"],
        last.get("url") or row["callback_url"],
        last.get("problem"),
        row["warning"],
        row["sid"],
    ]


def told(row: Row, width: int) -> list[str]:
    """For people: a heading, and lines of which each has one thing to copy."""
    last = last_attempt(row)
    time = clock(last.get("date") or row["date_created"])
    heading = [time, row["kind"]]
    if row["event_type"]:
        heading.append(row["event_type"])
    heading.append((row["verdict"] or "open").upper() if row["failed"] else row["verdict"] or "open")
    if last:
        heading += [str(last["status"] or "no answer"), f"{last['took_ms']} ms"]
    lines = [flow(heading, width, len(time) + GAP)]
    lines += [_labelled(kind, row[f"{kind}_sid"]) for kind in ("task", "reservation", "worker") if row[f"{kind}_sid"]]
    for attempt in row["attempts"][:-1]:
        lines.append(_labelled("before", f"{attempt['url']} {attempt['problem'] or ''}"))
    lines.append(_labelled("url", last.get("url") or row["callback_url"]))
    if last.get("problem"):
        lines.append(_labelled("problem", last["problem"]))
    if row["warning"]:
        lines.append(_labelled("warning", row["warning"]))
    return lines


def details(row: Row) -> list[str]:
    """Everything that was sent and came back."""
    lines = [_labelled("delivery", row["sid"])]
    parameters = row["parameters"]
    if parameters is None:
        lines.append(_labelled("parameters", "no longer kept"))
    else:
        lines += [f"    {name}={one_line(parameters[name])}" for name in sorted(parameters)]
    for attempt in row["attempts"]:
        if attempt["status"] is not None:
            kind = attempt["content_type"] or "no content type"
            lines.append(_labelled("reply", f"{attempt['status']} {kind} from {attempt['url']}"))
            lines += [f"    {printable(line)}" for line in (attempt["reply"] or "(empty)").splitlines()]
    return lines


def _labelled(label: str, text: object) -> str:
    return f"  {label:<{LABEL_WIDTH}}{one_line(text)}"
