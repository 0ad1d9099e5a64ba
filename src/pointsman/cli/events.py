"""`pointsman events`: the log of what happened."""

from __future__ import annotations

import re
import shutil
from typing import Annotated

import typer

from pointsman.cli.client import Client, Row, one_line, talk
from pointsman.cli.follow import follow
from pointsman.cli.names import checked, find_named, workspace_path
from pointsman.cli.options import AsJsonLines, Data, Follow, InWorkspace, LogLimit, TaskSid, Url
from pointsman.cli.output import (
    clock,
    flow,
    is_terminal,
    note,
    print_json,
    print_json_line,
    print_line,
    print_tabbed,
)
from pointsman.resources import WORKER
from pointsman.resources.log import EVENT_PARAMETERS, MINUTES_DEFAULT, MINUTES_MAX
from pointsman.resources.types import SidOf

LIMIT_DEFAULT = 50
FOLLOW_ROWS_MAX = 10_000  # in one go, after a long absence; of more, the newest
FOLLOW_PAGE = 100
COLUMNS = ("date", "event_type", "task_sid", "reservation_sid", "worker_sid", "worker_name", "description", "sid")
_SIDS = re.compile(r" [A-Z]{2}[0-9a-f]{32}\b")
_DOC = {parameter.name: parameter.doc for parameter in EVENT_PARAMETERS}


def events(
    following: Follow = False,
    minutes: Annotated[
        int | None,
        typer.Option(min=1, max=MINUTES_MAX, help="How far back.", show_default=str(MINUTES_DEFAULT)),
    ] = None,
    event_type: Annotated[
        str | None, typer.Option("--type", help=f"{_DOC['event_type']} Such as task.created.")
    ] = None,
    task: TaskSid = None,
    worker: Annotated[str | None, typer.Option(metavar="NAME|WK…", help=_DOC["worker_sid"])] = None,
    limit: LogLimit = LIMIT_DEFAULT,
    as_json: AsJsonLines = False,
    workspace: InWorkspace = None,
    data: Data = None,
    url: Url = None,
) -> None:
    """Show the event log, newest last: tasks, reservations and workers with their sids."""
    query: dict[str, str] = {}
    if event_type:
        query["EventType"] = event_type
    if task:
        query["TaskSid"] = checked(SidOf("WT"), task, "--task")

    async def work(client: Client) -> None:
        path = await workspace_path(client, workspace)
        if worker:
            query["WorkerSid"] = (await find_named(client, path, WORKER, worker))["sid"]
        log = _Log(client, f"{path}/Events", query, as_json=as_json)
        await log.start(minutes or MINUTES_DEFAULT, limit, following=following)
        if following:
            await follow(client, log.poll, lambda: None)

    talk(data, url, work)


class _Log:
    """What was printed, and what came after it."""

    def __init__(self, client: Client, path: str, query: dict[str, str], *, as_json: bool) -> None:
        self._client, self._path, self._query, self._as_json = client, path, query, as_json
        self._newest: list[Row] = []  # those of the newest second: dates of the API are to the second
        self._since: dict[str, str] = {}  # what asks for them and for newer ones

    async def start(self, minutes: int, limit: int, *, following: bool) -> None:
        self._since = {"Minutes": str(minutes)}
        rows = await self._client.rows(self._path, self._query | self._since, limit + 1)
        if len(rows) > limit:
            note(f"there are older ones: --limit {limit * 10} shows more")
        if not rows and not following:
            note(f"no such events in the last {minutes} minutes: --minutes says how far back")
        rows = rows[:limit][::-1]
        if self._as_json and not following:
            print_json(rows)
            return
        if not self._as_json and not is_terminal():
            print_tabbed(COLUMNS)
        self._show(rows)

    async def poll(self) -> None:
        known = {row["sid"] for row in self._newest}
        found: list[Row] = []
        async for page in self._client.pages(self._path, self._query | self._since, FOLLOW_PAGE):
            found += [row for row in page if row["sid"] not in known]
            if len(found) >= FOLLOW_ROWS_MAX:
                note("there were more events than can be shown: older ones are left out")
                break
            if any(row["sid"] in known for row in page):
                break
        self._show(found[::-1])

    def _show(self, rows: list[Row]) -> None:
        for row in rows:
            if self._as_json:
                print_json_line(row)
            elif is_terminal():
                print_line(told(row, shutil.get_terminal_size().columns))
            else:
                print_tabbed(tabs(row))
        if rows:
            date = rows[-1]["event_date"]
            self._since = {"StartDate": date}
            self._newest = [row for row in [*self._newest, *rows] if row["event_date"] == date]


def tabs(row: Row) -> list[object]:
    data, at_ms = row["event_data"], row["event_date_ms"]
    date = f"{row['event_date'][:-1]}.{at_ms % 1000:03}Z"
    subjects = (data.get(name) for name in ("task_sid", "reservation_sid", "worker_sid", "worker_name"))
    return [date, row["event_type"], *subjects, row["description"], row["sid"]]


def told(row: Row, width: int) -> str:
    """For people: what happened, and then to whom, with sids that can be copied."""
    data = row["event_data"]
    items = [clock(row["event_date"]), row["event_type"], one_line(_SIDS.sub("", row["description"]))]
    items += [f"{kind} {data[f'{kind}_sid']}" for kind in ("task", "reservation") if f"{kind}_sid" in data]
    if "worker_sid" in data:
        items.append(f"worker {data['worker_sid']}")
        if row["event_type"].startswith("reservation."):  # other descriptions name the worker
            items.append(one_line(data["worker_name"]))
    return flow(items, width, len(items[0]) + 2)
