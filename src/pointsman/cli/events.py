"""`pointsman events`: the log of what happened, shown and followed."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from contextlib import aclosing
from typing import Annotated

import typer

from pointsman.cli.client import Client, Failed, NoAnswer, Row, one_line, talk
from pointsman.cli.export import export
from pointsman.cli.follow import follow
from pointsman.cli.log import SILENCE_S, After, Channel, Filters, OfReservation, OfWorker, Queue, Type, Workflow, newest
from pointsman.cli.names import workspace_path
from pointsman.cli.options import AsJsonLines, Data, Follow, InWorkspace, TaskSid, Url
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
from pointsman.core.ids import number_of
from pointsman.resources.log import MINUTES_DEFAULT, MINUTES_MAX

LIMIT_DEFAULT = 50
COLUMNS = ("date", "event_type", "task_sid", "reservation_sid", "worker_sid", "worker_name", "description", "sid")
_SIDS = re.compile(r" [A-Z]{2}[0-9a-f]{32}\b")

app = typer.Typer(invoke_without_command=True)
app.command("export")(export)


@app.callback()
def events(
    context: typer.Context,
    following: Follow = False,
    minutes: Annotated[
        int | None,
        typer.Option(min=1, max=MINUTES_MAX, help="How far back.", show_default=str(MINUTES_DEFAULT)),
    ] = None,
    after: After = None,
    event_type: Type = None,
    task: TaskSid = None,
    reservation: OfReservation = None,
    worker: OfWorker = None,
    queue: Queue = None,
    workflow: Workflow = None,
    channel: Channel = None,
    limit: Annotated[
        int | None, typer.Option(min=1, help="The newest so many.", show_default=str(LIMIT_DEFAULT))
    ] = None,
    as_json: AsJsonLines = False,
    workspace: InWorkspace = None,
    data: Data = None,
    url: Url = None,
) -> None:
    """Show the event log, newest last: tasks, reservations and workers with their sids.

    With --after, all that followed the event with that sequence number; --json says of each which it has.
    """
    if context.invoked_subcommand is not None:
        _refuse_options(context)
        return
    filters = Filters(event_type, task, reservation, worker, queue, workflow, channel)
    filters.checked()  # at once

    async def work(client: Client) -> None:
        if after is not None and (minutes or limit):
            raise Failed("--after shows all that followed: it goes without --minutes and --limit")
        path = await workspace_path(client, workspace)
        log = _Log(client, path, await filters.query(client, path), as_json=as_json)
        if after is not None:
            log.begin(after)
        else:
            await log.start(minutes or MINUTES_DEFAULT, limit or LIMIT_DEFAULT, following=following)
        if following:
            await follow(client, log.read_on, lambda: None)
        elif after is not None:
            await log.read(lambda: None, follow="false")

    talk(data, url, work)


def _refuse_options(context: typer.Context) -> None:
    """They would be lost on the command that follows them."""
    for name in context.params:
        source = context.get_parameter_source(name)
        if source is not None and source.name == "COMMANDLINE":
            raise typer.BadParameter(f"options go behind {context.invoked_subcommand!r}")


class _Log:
    """What was printed, and what comes after it."""

    def __init__(self, client: Client, path: str, query: dict[str, str], *, as_json: bool) -> None:
        self._client, self._path, self._query, self._as_json = client, path, query, as_json
        self._sequence = 0  # all that there is to print is printed up to here

    def begin(self, after: int) -> None:
        self._sequence = after
        if not self._as_json and not is_terminal():
            print_tabbed(COLUMNS)

    async def start(self, minutes: int, limit: int, *, following: bool) -> None:
        """Print the newest."""
        reached = await newest(self._client, self._path) if following else 0  # before the rows: none is missed
        rows = await self._listed(minutes, limit + 1)
        if len(rows) > limit:
            note(f"there are older ones: --limit {limit * 10} shows more")
        if not rows and not following:
            note(f"no such events in the last {minutes} minutes: --minutes says how far back")
        rows = rows[:limit][::-1]
        if self._as_json and not following:
            print_json(rows)
            return
        self.begin(reached)
        for row in rows:
            self._show(row | {"sequence": number_of(row["sid"])})

    async def _listed(self, minutes: int, limit: int) -> list[Row]:
        types = self._query.get("EventType", "")
        several = "," in types  # a list takes one
        query = {name: text for name, text in self._query.items() if name != "EventType" or not several}
        rows: list[Row] = []
        async for page in self._client.pages(
            f"{self._path}/Events", query | {"Minutes": str(minutes)}, min(limit, 500)
        ):
            rows += [row for row in page if not several or row["event_type"] in types.split(",")]
            if len(rows) >= limit:
                break
        return rows[:limit]

    async def read_on(self, answered: Callable[[], None]) -> None:
        await self.read(answered, follow="true")
        raise NoAnswer(f"The server at {self._client.server.url} has stopped")

    async def read(self, answered: Callable[[], None], *, follow: str) -> None:
        """Print what comes, until the stream ends. Raises: `Failed`."""
        query = self._query | {"After": str(self._sequence), "Follow": follow}
        end = None
        async with aclosing(self._client.lines(f"{self._path}/EventStream", query, silence_s=SILENCE_S)) as lines:
            async for row in lines:
                answered()
                end = row.get("end")
                if "heartbeat" in row:
                    self._sequence = row["sequence"]
                else:
                    self._show(row)
        if end == "deleted":
            raise Failed("The workspace was deleted: that was its last event")
        if end is None:
            raise NoAnswer(f"The server at {self._client.server.url} broke off")

    def _show(self, row: Row) -> None:
        if self._as_json:
            print_json_line(row)
        elif is_terminal():
            print_line(told(row, shutil.get_terminal_size().columns))
        else:
            print_tabbed(tabs(row))
        self._sequence = max(self._sequence, row["sequence"])


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
