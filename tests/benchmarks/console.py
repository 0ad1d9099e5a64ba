"""The console in a small workspace and in a large one: the time to the first byte and the weight of each page, and what
a hundred open pages cost the router. The database is written beforehand; lifecycles go through the workspace in turns
without and with open pages, each in a session of its own, which follow it as a browser does. Pages are weighed after
that, when thousands of tasks have just ended. Beside them `/health`, which reads nothing."""

from __future__ import annotations

import argparse
import json
import os
import statistics
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

from pointsman.core import commands as cmd
from tests.benchmarks.browser import PREFIX, Assets, Browser, Got, OpenPage, later
from tests.benchmarks.engine import SID, SMALL, House, Size, add_size, size_of
from tests.benchmarks.lifecycles import Place, Written, rate
from tests.benchmarks.options import seconds, whole
from tests.benchmarks.server import Client, pointsman
from tests.benchmarks.start import write

WARM_UP = 2
OPEN = ("", "/tasks", "/workers")  # the pages of a workspace that stay open, in equal numbers
WORKSPACE_PAGES = {
    "overview": "",
    "workers": "/workers",
    "workers, by name": "/workers?FriendlyNameContains=9",
    "a worker": "/workers/{worker}",
    "a worker's queues": "/workers/{worker}/queues",
    "a worker's history": "/workers/{worker}/history",
    "a worker's desk": "/desk/{worker}",
    "tasks": "/tasks",
    "tasks, waiting": "/tasks?AssignmentStatus=pending",
    "tasks, assigned": "/tasks?AssignmentStatus=assigned",
    "tasks, by priority": "/tasks?Ordering=Priority%3Adesc%2CDateCreated%3Aasc",
    "tasks, of a queue": "/tasks?TaskQueueSid={queue}",
    "tasks, of a workflow": "/tasks?WorkflowSid={workflow}",
    "a task": "/tasks/{task}",
    "task queues": "/task-queues",
    "a task queue": "/task-queues/{queue}",
    "workflows": "/workflows",
    "a workflow": "/workflows/{workflow}",
    "activities": "/activities",
    "task channels": "/task-channels",
    "statistics": "/statistics",
    "events": "/events",
    "deliveries": "/deliveries",
    "settings of the workspace": "/settings",
}
PAGES = {"workspaces": "/", "settings": "/settings", "settings of the server": "/settings/server"}


def add_options(parser: argparse.ArgumentParser) -> None:
    add_size(parser)
    parser.add_argument("--small", action="store_true", help="the small workspace alone")
    parser.add_argument("--requests", type=whole(), default=100, help="for each page, one at a time [100]")
    parser.add_argument("--consoles", type=whole(), default=100, help="open pages [100]")
    parser.add_argument("--connections", type=whole(), default=64, help="that lifecycles come over [64]")
    parser.add_argument("--turns", type=whole(), default=5, help="without and with open pages [5]")
    parser.add_argument("--seconds", type=seconds, default=5, help="of lifecycles, in each of them twice [5]")


async def run(options: argparse.Namespace) -> dict[str, Any]:
    found: dict[str, Any] = {"small": await _measured(SMALL, options)}
    if not options.small:
        size = size_of(options)
        found |= {"large": await _measured(size, options), "size": size._asdict()}
    return found


async def _measured(size: Size, options: argparse.Namespace) -> dict[str, Any]:
    print(f"{size}", flush=True)
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder) / "data"
        data.mkdir()
        workflow, names = await _written(size, options.connections, data)
        async with pointsman(data) as client:
            await client.ask("GET", f"/{SID}/Workers?PageSize=1")  # it is loaded when somebody asks
            place = Place(client, SID, workflow)
            place.offers = Written(data)
            server = json.loads((data / "run.json").read_text())["pid"]
            consoles = await _consoles(place, client, server, options)
            return {"consoles": consoles, **await _pages(client, names, server, options.requests)}


async def _written(size: Size, workers: int, data: Path) -> tuple[str, dict[str, str]]:
    """A database: the house, and beside its own so many workers for lifecycles. The sid of the workflow that leads to
    these; and what pages are about, each by its kind."""
    house = House(size, start_ms=int(time.time() * 1_000))
    house.do(cmd.CreateTaskQueue(values={"friendly_name": "lifecycles", "target_workers": "skills HAS 'a'"}))
    queue = next(reversed(house.state.queues.values())).sid
    rules = {"task_routing": {"filters": [{"expression": "skill == 'a'", "targets": [{"queue": queue}]}]}}
    house.do(cmd.CreateWorkflow(values={"friendly_name": "lifecycles", "configuration": json.dumps(rules)}))
    workflow = next(reversed(house.state.workflows.values())).sid
    for number in range(workers):
        values = {"friendly_name": f"for lifecycles {number}", "attributes": '{"skills":["a","b"]}'}
        house.do(cmd.CreateWorker(values={**values, "activity_sid": house.available}))
    task = next(each.sid for each in reversed(house.state.tasks.values()) if each.status == "pending")
    await write(house, data)
    names = {"worker": house.workers[0], "queue": house.queues[0], "workflow": house.workflows[0], "task": task}
    return workflow, names


# --- pages ------------------------------------------------------------------------------------------------------------


async def _pages(client: Client, names: dict[str, str], server: int, count: int) -> dict[str, Any]:
    """Of each page `first_ms`, how long what comes later takes (`later_ms`, once: others are then shown the same), the
    processor time that the server takes for it, and its weight in bytes; and `first_ms`
    of the floor."""
    base = client.base.removesuffix("/v1/Workspaces")
    browser = Browser(base)
    await browser.sign_in(*client.login)
    assets, pages = Assets(browser), dict[str, Any]()
    try:
        floor = _first([await browser.get("/health") for _ in range(WARM_UP + count)])
        for name, path in _paths(names).items():
            used = _used_s(server)
            got = [await browser.get(path) for _ in range(WARM_UP + count)]
            used_ms = (_used_s(server) - used) / len(got) * 1_000
            page, loaded = got[-1], await assets.of(got[-1].text)
            rest = [(await browser.get(address)).first_ms for address in later(page.text)]
            pages[name] = {
                "first_ms": _first(got),
                "later_ms": sum(rest) if rest else None,
                "used_ms": used_ms,
                "sent": page.sent,
                "whole": len(page.body),
                "assets_sent": sum(each.sent for each in loaded),
                "assets_whole": sum(len(each.body) for each in loaded),
            }
            print(f"  {name:<26} {_told(pages[name])}", flush=True)
    finally:
        browser.close()
    return {"pages": pages, "floor_ms": floor}


def _paths(names: dict[str, str]) -> dict[str, str]:
    workspace = f"/workspaces/{SID}"
    of_workspace = {name: workspace + path.format_map(names) for name, path in WORKSPACE_PAGES.items()}
    return {name: PREFIX + path for name, path in (PAGES | of_workspace).items()}


def _first(got: list[Got]) -> dict[str, float]:
    times = sorted(each.first_ms for each in got[WARM_UP:])
    return {"p50": statistics.median(times), "p99": times[len(times) * 99 // 100]}


def _told(page: dict[str, Any]) -> str:
    first = page["first_ms"]
    weights = (page[name] / 1_000 for name in ("sent", "whole", "assets_sent", "assets_whole"))
    sent, whole, assets_sent, assets_whole = weights
    took = f"first byte {first['p50']:6.1f} ms, p99 {first['p99']:6.1f} ms"
    took += f", the rest {page['later_ms']:.0f} ms later" if page["later_ms"] else ""
    took += f", processor {page['used_ms']:6.1f} ms"
    return f"{took}; {sent:5.1f} KB of {whole:5.1f}, at the first visit {assets_sent:.0f} of {assets_whole:.0f} more"


# --- open pages -------------------------------------------------------------------------------------------------------


async def _consoles(place: Place, client: Client, server: int, options: argparse.Namespace) -> dict[str, Any]:
    """Lifecycles a second, and the server's processor time for one, in turns without and with open pages; and how
    often a second these asked for a region."""
    base = client.base.removesuffix("/v1/Workspaces")
    cookies = [await _session(base, client.login) for _ in range(options.consoles)]
    paths = [f"{PREFIX}/workspaces/{SID}{OPEN[number % len(OPEN)]}" for number in range(options.consoles)]
    lifecycles: dict[str, list[float]] = {"alone": [], "open": []}
    used_us: dict[str, list[float]] = {"alone": [], "open": []}
    asked = []
    async with place.target.connections(options.connections) as place.connections:
        guess = await rate(place.lifecycle, options.connections, 20 * options.connections)  # also the warm-up
        count = max(10 * options.connections, int(guess * options.seconds))
        for _ in range(options.turns):
            for name, pages in (
                ("alone", []),
                ("open", [OpenPage(base, *each) for each in zip(cookies, paths, strict=True)]),
            ):
                async with _opened(pages):
                    before, began, used = sum(page.asked for page in pages), time.perf_counter(), _used_s(server)
                    lifecycles[name].append(await rate(place.lifecycle, options.connections, count))
                    used_us[name].append((_used_s(server) - used) / count * 1e6)
                    took_s = time.perf_counter() - began
                    if pages:
                        asked.append((sum(page.asked for page in pages) - before) / took_s)
    found = {"lifecycles_s": lifecycles, "used_us": used_us, "regions_s": asked, "open": options.consoles}
    alone, beside = (statistics.median(lifecycles[name]) for name in ("alone", "open"))
    more_us = statistics.median(used_us["open"]) - statistics.median(used_us["alone"])
    print(f"  {alone:.0f} lifecycles/s alone, {beside:.0f} with {options.consoles} consoles open: ", end="")
    print(f"{(1 - beside / alone) * 100:.1f} % less; they ask for {statistics.median(asked):.0f} regions/s, ", end="")
    print(f"and take {more_us * beside / 1e4:.1f} % of a processor")
    for name, runs in (lifecycles | {f"us, {name}": runs for name, runs in used_us.items()}).items():
        print(f"    {name:<9} {' '.join(f'{each:6.0f}' for each in runs)}", flush=True)
    return found


async def _session(base: str, login: tuple[str, str]) -> str:
    browser = Browser(base)
    await browser.sign_in(*login)
    browser.close()
    return browser.cookie


@asynccontextmanager
async def _opened(pages: list[OpenPage]) -> AsyncIterator[None]:
    async with AsyncExitStack() as stack:
        for page in pages:
            await stack.enter_async_context(page.live())
        yield


def _used_s(pid: int) -> float:
    """Seconds of the processor that a process has had."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
