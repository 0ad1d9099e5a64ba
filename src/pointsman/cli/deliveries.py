"""`pointsman deliveries`: what was sent to the application, what it replied, and what came of it."""

from __future__ import annotations

import asyncio
import shutil
import sys
import time
from collections.abc import Callable
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import Progress

from pointsman.cli.client import Client, Failed, NotThere, Row, one_line, printable, talk
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
RESUME_S = 20.0  # an endpoint may take 15 s to answer
POLL_S = 0.2
_TYPES = {parameter.name: parameter.type for parameter in DELIVERY_PARAMETERS}


app = typer.Typer(invoke_without_command=True)


@app.callback()
def deliveries(
    context: typer.Context,
    following: Follow = False,
    task: TaskSid = None,
    failed: Annotated[bool, typer.Option("--failed", help="Failed ones alone.")] = False,
    unfinished: Annotated[bool, typer.Option("--unfinished", help="Those alone that are still under way.")] = False,
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
    if context.invoked_subcommand is not None:
        return
    query: dict[str, str] = {}
    if task:
        query["TaskSid"] = checked(_TYPES["task_sid"], task, "--task")
    if kind:
        query["Kind"] = checked(_TYPES["kind"], kind, "--kind")
    if failed:
        query["Failed"] = "true"
    if unfinished:
        query["Unfinished"] = "true"
    if unfinished and following:
        raise typer.BadParameter("--follow prints what is finished, so it can't go with --unfinished")

    async def work(client: Client) -> None:
        path = f"{await workspace_path(client, workspace)}/Deliveries"
        await _tell_of_endpoint(client, path)
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


# --- the endpoint of event callbacks ------------------------------------------------------------------------------


async def _tell_of_endpoint(client: Client, path: str) -> None:
    """Where there is something to be told."""
    found = await client.get(f"{path}/Endpoint")
    if found["state"] in ("failing", "parked"):
        note(endpoint_told(found))


def endpoint_told(found: Row) -> str:
    since = f" since {clock(found['date_failing'])}" if found["date_failing"] else ""
    told = f"event callbacks: {one_line(found['callback_url'])} is {found['state']}{since}"
    told += f" ({one_line(found['problem'])}), {found['events_waiting']} events wait" if found["problem"] else ""
    if found["state"] == "parked" and found["date_next_attempt"]:
        told += f"; asked again at {clock(found['date_next_attempt'])}, or at once by `pointsman deliveries resume`"
    return told


@app.command()
def resume(workspace: InWorkspace = None, data: Data = None, url: Url = None) -> None:
    """Ask a parked endpoint of event callbacks at once whether it is back."""

    async def work(client: Client) -> None:
        path = f"{await workspace_path(client, workspace)}/Deliveries/Endpoint"
        found = await client.post(path, {"Resume": "true"})
        if found["state"] != "parked":
            print_line(f"nothing to resume: the state of event callbacks is {found['state']!r}")
            return
        end = time.monotonic() + RESUME_S
        while found["state"] == "parked" and time.monotonic() < end:
            await asyncio.sleep(POLL_S)
            found = await client.get(path)
        if found["state"] == "parked":
            raise Failed(f"It took no event: {endpoint_told(found)}")
        print_line(f"resumed: {one_line(found['callback_url'])} takes events again, {found['events_waiting']} wait")

    talk(data, url, work)


@app.command()
def replay(
    first: Annotated[
        int | None, typer.Option("--from", min=1, metavar="SEQ", help="The sequence number of the first event.")
    ] = None,
    last: Annotated[
        int | None, typer.Option("--to", min=1, metavar="SEQ", help="Of the last; if left out, the newest.")
    ] = None,
    failed: Annotated[bool, typer.Option("--failed", help="Of these, only those that have failed.")] = False,
    workspace: InWorkspace = None,
    data: Data = None,
    url: Url = None,
) -> None:
    """Send events again to the workspace's event callback URL, in order, with the tokens that they had.

    The numbers are those that `pointsman events --json` and the header Pointsman-Sequence tell. Without --from it
    begins at the oldest event that is kept; --failed alone sends again whatever was given up. A replay goes on if this
    command is interrupted, but ends with the server.
    """
    if first is None and last is None and not failed:
        raise typer.BadParameter("expected --from SEQ, --to SEQ or --failed, to say which events")
    form = {"ReplayFailed": "true" if failed else "false"}
    form |= {name: str(seq) for name, seq in (("ReplayFrom", first), ("ReplayTo", last)) if seq is not None}

    async def work(client: Client) -> None:
        path = f"{await workspace_path(client, workspace)}/Deliveries/Endpoint"
        state = (await client.post(path, form))["replay"]
        with Progress(console=Console(stderr=True), transient=True, disable=not sys.stderr.isatty()) as bar:
            shown = bar.add_task("sending", total=state["last"] - state["first"] + 1)
            while state is not None and not state["done"]:
                bar.update(shown, completed=state["at"] - state["first"] + 1)
                await asyncio.sleep(POLL_S)
                state = (await client.get(path))["replay"]
        if state is None:
            raise Failed("The server was started anew meanwhile, which ended the replay: begin it again")
        print_line(f"sent again: {state['sent']} events, of events {state['first']} to {state['at']}")
        if state["failed"]:
            raise Failed(f"{state['failed']} events were not taken")
        if state["at"] < state["last"]:
            raise Failed(f"It ended at event {state['at']} of {state['last']}: go on with --from {state['at'] + 1}")

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
