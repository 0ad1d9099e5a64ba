"""`pointsman explain`: why a task is where it is."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from typing import Annotated

import typer

from pointsman.cli.client import Client, Failed, NotThere, Row, one_line, talk
from pointsman.cli.names import find_named, find_workspace
from pointsman.cli.options import Data, InWorkspace, Url
from pointsman.cli.output import clock, console, is_terminal, print_json_line, print_line
from pointsman.core.ids import is_sid
from pointsman.resources import WORKER

LABEL_WIDTH = 14
FILTERS_SHOWN = 20  # the one in which it stands among them; --json has more
_OUTCOMES = {"not_matched": "no", "here": "HERE", "left": "left", "later": "later"}


def explain(
    task: Annotated[str, typer.Argument(metavar="WT…", help="The task's sid.")],
    worker: Annotated[
        str | None, typer.Option(metavar="NAME|WK…", help="Say of this worker too what keeps it from the task.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print what the API says, as a JSON object.")] = False,
    workspace: InWorkspace = None,
    data: Data = None,
    url: Url = None,
) -> None:
    """Say why a task is where it is: "Why is it not assigned?"

    Which filter of its workflow took it and why the earlier ones did not, the target in which it stands and when it
    leaves, its place among the tasks that wait, what keeps each worker from it, and why its reservations went to whom.
    Asking changes nothing and does not disturb the routing. The sids of tasks: `pointsman tasks --status pending`.
    """
    if not is_sid(task, "WT"):
        raise typer.BadParameter("expected a task's sid: WT and 32 hexadecimal digits", param_hint="WT…")

    async def work(client: Client) -> None:
        found = await _ask(client, task, workspace, worker)
        if as_json:
            print_json_line(found)
        else:
            _print(found)

    talk(data, url, work)


async def _ask(client: Client, task: str, workspace: str | None, worker: str | None) -> Row:
    chosen = await find_workspace(client, workspace)
    path = f"/Workspaces/{chosen['sid']}"
    query = {"WorkerSid": (await find_named(client, path, WORKER, worker))["sid"]} if worker is not None else {}
    try:
        return await client.get(f"{path}/Tasks/{task}/Explanation", query)
    except NotThere:
        name = f"{one_line(chosen['friendly_name'])!r} ({chosen['sid']})"
        raise Failed(f"There is no task {task} in workspace {name}: ended tasks are kept for five minutes") from None


def _print(found: Row) -> None:
    width = console().width if is_terminal() else 10_000
    for label, text in lines(found):
        head = f"{label:<{LABEL_WIDTH}}" if label else " " * LABEL_WIDTH
        indent = " " * (LABEL_WIDTH + len(text) - len(text.lstrip()) + 2)
        parts = textwrap.wrap(
            one_line(text) if label else f"{' ' * (len(text) - len(text.lstrip()))}{one_line(text)}",
            max(width, 60),
            initial_indent=head,
            subsequent_indent=indent,
            break_long_words=False,
            break_on_hyphens=False,
            drop_whitespace=True,
        )
        print_line("\n".join(parts) or head.rstrip())


def lines(found: Row) -> Iterator[tuple[str, str]]:
    """Labels and texts; without a label, more of the one before."""
    yield "Task", f"{found['task_sid']} is {found['assignment_status']}"
    yield "", found["summary"]
    yield from _routing(found)
    yield from _standing(found)
    if found["workers"] is not None:
        yield from _workers(found["workers"])
    yield from _reservations(found)
    if not found["steady"]:
        yield "Note", "the task changed again and again while it was looked at: the parts may not fit together"


def _routing(found: Row) -> Iterator[tuple[str, str]]:
    routing = found["routing"]
    if routing["workflow_name"] is not None:
        old = "" if routing["rules_are_current"] is not False else ", older than the workflow's present ones"
        made = f", rules of {clock(routing['date_of_rules'])}{old}" if routing["date_of_rules"] else ""
        yield "Workflow", f"{routing['workflow_name']}{made}"
    yield "Rules", routing["why"]
    told = found["filters"]
    here = next((at for at, each in enumerate(told) if each["outcome"] == "here"), 0)
    first = max(0, here + 1 - FILTERS_SHOWN)
    shown = told[first : first + FILTERS_SHOWN]
    for at, each in enumerate(shown):
        because = "; ".join(one["text"] for one in each["because"])
        more = f" and {each['because_count'] - len(each['because'])} more" * (
            each["because_count"] > len(each["because"])
        )
        name = f" {each['name']}:" if each["name"] else ""
        text = f"{each['position']}. {_OUTCOMES[each['outcome']]:<5}{name} {because or each['expression']}{more}"
        yield "Filters" if not at else "", text
    if routing["filters_count"] > len(shown):
        yield "", f"… of {routing['filters_count']}; --json has more"


def _standing(found: Row) -> Iterator[tuple[str, str]]:
    target = found["target"]
    if target is not None:
        yield "Target", _target(target)
        for name in ("expression", "order_by", "known_worker"):
            if target[name] is not None:
                yield "", f"{name} {target[name]}"
        if (skip := target["skip_if"]) is not None:
            because = "; ".join(one["text"] for one in skip["because"])
            yield "", f"skip_if {skip['expression']}: {because}"
    if found["next"] is not None:
        yield "Next", f"{clock(found['next']['at'])} {found['next']['text']}"
    if (direct := found["direct"]) is not None:
        ignores = ", whatever its capacity" if direct["ignore_capacity"] else ""
        by = f", to be reserved by {clock(direct['reserve_by'])}" if direct["reserve_by"] else ""
        yield "Sent to", f"{direct['routing_target']}{ignores}{by}"
    if found["paused_until"] is not None:
        yield "Paused", f"until {clock(found['paused_until'])}, after {found['failures']} failed assignment callbacks"
    if (place := found["place"]) is not None:
        at = f"{place['position']} of {place['waiting']}" if place["complete"] else f"at least {place['waiting']} wait"
        since = clock(place["virtual_start_time"])
        yield "Place", f"{at}; {place['order']}; its priority is {place['priority']}, it counts from {since}"


def _target(target: Row) -> str:
    where = f"queue {target['task_queue_name']} ({target['queue_expression']})"
    if target["position"] is not None:
        where = f"{target['position']} of {target['count']} of filter {target['filter']}: {where}"
    elif target["filter"] == 0:
        where = f"the default filter: {where}"
    return f"{where}, until {clock(target['leaves_at'])}" if target["leaves_at"] else where


def _workers(workers: Row) -> Iterator[tuple[str, str]]:
    cut = "" if workers["complete"] else " were looked at, and there are more"
    yield "Workers", f"{workers['count']}{cut}, {workers['in_queue']} of them in the queue"
    for reason in workers["reasons"]:
        yield "", f"{reason['count']} {reason['text']}"
        for each in reason["examples"]:
            yield "", f"    {each['worker_name']} {each['because']['text']}"
    if workers["candidates"]:
        names = ", ".join(each["worker_name"] for each in workers["candidates"])
        yield "Next in line", f"{names} ({workers['ordered_by']})"
    if (asked := workers["asked"]) is not None:
        yield "Asked", f"{asked['worker_name']} {asked['because']['text']}"


def _reservations(found: Row) -> Iterator[tuple[str, str]]:
    for at, each in enumerate(found["reservations"]):
        who = each["worker_name"] or "a worker who is gone"
        what = f"{clock(each['date_created'])} {each['reservation_sid']} {each['reservation_status']}: {who}"
        yield "Reservations" if not at else "", what
        after = f"; next, as far as is known: {', '.join(each['came_next'])}" if each["came_next"] else ""
        yield "", f"    {each['why']}{after}"
    if found["reservations_count"] > len(found["reservations"]):
        yield "", f"the newest of {found['reservations_count']}"
