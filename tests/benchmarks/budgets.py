"""What is wanted of each figure, and what it is printed beside: the floor or the peer of the same run. The one place
that says so."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from statistics import median
from typing import Any, Literal, NamedTuple

Found = Mapping[str, Any]  # what a figure's `run` returned
AT = "64"  # connections
RATE = "500/s"
AHEAD_OF = ("celery", "arq", "procrastinate")
OTHERS = ("huey", "dramatiq", "skip locked")
SMALL = "200 workers, 60 queues, 1,000 waiting tasks"
LARGE = "{workers} workers, {queues} queues, {tasks} waiting tasks"


class Budget(NamedTuple):
    """A figure. `found` may be None: it never came; a KeyError says that it was not measured. Without `wanted` it has
    no budget, and is there to be read beside the others. `what` may name the numbers of the workspace."""

    what: str
    unit: str
    found: Callable[[Found], float | None]
    beside: Callable[[Found], str]
    wanted: float | None = None
    bound: Literal["at least", "at most"] = "at most"


def quantity(value: float | None, unit: str) -> str:
    """As it is read: with as many digits as say something."""
    if value is None:
        return "never"
    digits = 0 if value >= 100 or value == int(value) else 1 if value >= 10 else 2
    return f"{value:,.{digits}f} {unit}".replace(" /s", "/s")


# --- lifecycles and latency -------------------------------------------------------------------------------------------


def _floor_and_ceiling(found: Found) -> str:
    return f"bare application {found['bare'][AT]:,.0f}/s, load generator at most {found['ceiling'][AT]:,.0f}/s"


def _of_bare(kind: str) -> Callable[[Found], str]:
    return lambda found: f"{found[kind][AT] / found['bare'][AT]:.2f} times the bare application"


def _p99(events: str, wanted: float | None = None) -> Budget:
    name = RATE + events

    def beside(found: Found) -> str:
        row, bare = found[name], found[f"{RATE} bare application"]
        late = f"load generator {quantity(row['late_p99_ms'], 'ms')} late, {row['lost']} of {row['tasks']:,} lost"
        return f"bare application {quantity(bare['p99_ms'], 'ms')}, {late}"

    what = f"from creation to offer, {RATE}{events}: p99"
    return Budget(what, "ms", lambda found: found[name]["p99_ms"], beside, wanted)


LIFECYCLES = (
    Budget(
        what=f"lifecycles over REST, {AT} connections",
        unit="/s",
        found=lambda found: found["plain"][AT],
        beside=_floor_and_ceiling,
        wanted=1_500,
        bound="at least",
    ),
    Budget(
        what="of the same three requests to a bare application",
        unit="times",
        found=lambda found: found["plain"][AT] / found["bare"][AT],
        beside=_floor_and_ceiling,
        wanted=0.20,
        bound="at least",
    ),
    Budget(
        what="database for a lifecycle",
        unit="KB",
        found=lambda found: found["plain_bytes"] / 1_000,
        beside=lambda found: "nine events",
        wanted=5,
    ),
    Budget(
        what="lifecycles with an assignment callback for each",
        unit="/s",
        found=lambda found: found["assignments"][AT],
        beside=_of_bare("assignments"),
    ),
    Budget(
        what="lifecycles with event callbacks for every event",
        unit="/s",
        found=lambda found: found["events"][AT],
        beside=_of_bare("events"),
    ),
)
LATENCY = (_p99("", 10), _p99(" with event callbacks"))


# --- the engine and a cold start --------------------------------------------------------------------------------------

ENGINE = (
    Budget(
        what=f"the engine alone: a lifecycle, {SMALL}",
        unit="µs",
        found=lambda found: found["small_us"],
        beside=lambda found: f"a heap without rules {quantity(found['floors']['heap_us'], 'µs')}",
        wanted=100,
    ),
    Budget(
        what=f"a lifecycle, {LARGE}",
        unit="times the small one's",
        found=lambda found: found["large_times_small"],
        beside=lambda found: quantity(found["large_us"], "µs"),
        wanted=2,
    ),
    Budget(
        what=f"longest step, {LARGE}",
        unit="ms",
        found=lambda found: max(each["longest_ms"] for each in found["steps"].values()),
        beside=lambda found: f"one look at each task {quantity(found['floors']['look_ms'], 'ms')}",
        wanted=50,
    ),
    Budget(
        what=f"longest garbage collection, {LARGE}",
        unit="ms",
        found=lambda found: found["longest_garbage_collection_ms"],
        beside=lambda found: f"one of everything {quantity(found['floors']['full_collection_ms'], 'ms')}",
        wanted=10,
    ),
    Budget(
        what="memory for a waiting task of 300 bytes",
        unit="bytes",
        found=lambda found: found["bytes_a_waiting_task"],
        beside=lambda found: f"as a row {quantity(found['floors']['task_row_bytes'], 'bytes')}",
        wanted=2_500,
    ),
    Budget(
        what="memory for a worker in 20 queues",
        unit="bytes",
        found=lambda found: found["bytes_a_worker"],
        beside=lambda found: f"as a row {quantity(found['floors']['worker_row_bytes'], 'bytes')}",
    ),
)
START = (
    Budget(
        what=f"a cold start until the first assignment, {LARGE}",
        unit="s",
        found=lambda found: found["first_assignment_s"],
        beside=lambda found: f"to read the rows alone {quantity(found['rows_s'], 's')}",
        wanted=20,
    ),
    Budget(
        what=f"memory of the server, {LARGE}",
        unit="MB",
        found=lambda found: found["memory_bytes"] / 1e6,
        beside=lambda found: f"rows on disk {quantity(found['database_bytes'] / 1e6, 'MB')}",
        wanted=1_500,
    ),
)


# --- the console ------------------------------------------------------------------------------------------------------


def _console(size: str, place: str) -> tuple[Budget, ...]:
    """`size` is the name of what was found in the workspace that `place` describes."""

    def slowest(found: Found) -> tuple[str, Any]:
        pages: dict[str, Any] = found[size]["pages"]
        return max(pages.items(), key=lambda page: page[1]["first_ms"]["p50"])

    def heaviest(found: Found) -> tuple[str, Any]:
        pages: dict[str, Any] = found[size]["pages"]
        return max(pages.items(), key=lambda page: page[1]["sent"] + page[1]["assets_sent"])

    def slowest_beside(found: Found) -> str:
        name, page = slowest(found)
        floor = quantity(found[size]["floor_ms"]["p50"], "ms")
        return f"{name}: p99 {quantity(page['first_ms']['p99'], 'ms')}; /health {floor}"

    def heaviest_kb(found: Found) -> float:
        _, page = heaviest(found)
        return float(page["sent"] + page["assets_sent"]) / 1_000

    def heaviest_beside(found: Found) -> str:
        name, page = heaviest(found)
        return f"{name}: {quantity(page['sent'] / 1_000, 'KB')} without what is kept from other pages"

    def middle(found: Found, what: str, when: str) -> float:
        return float(median(found[size]["consoles"][what][when]))

    def cost(found: Found) -> float:
        alone, beside = (middle(found, "lifecycles_s", when) for when in ("alone", "open"))
        return (1 - beside / alone) * 100

    def cost_beside(found: Found) -> str:
        consoles, more_us = (
            found[size]["consoles"],
            middle(found, "used_us", "open") - middle(found, "used_us", "alone"),
        )
        share = f"{more_us * middle(found, 'lifecycles_s', 'open') / 1e4:.1f} % of a processor"
        alone = quantity(middle(found, "lifecycles_s", "alone"), "/s")
        return f"{consoles['open']} open, {median(consoles['regions_s']):.0f} regions/s, {share}; alone {alone}"

    return (
        Budget(
            what=f"the console's slowest page, {place}",
            unit="ms to the first byte",
            found=lambda found: float(slowest(found)[1]["first_ms"]["p50"]),
            beside=slowest_beside,
            wanted=100,
        ),
        Budget(f"the console's heaviest page, first visit, {place}", "KB", heaviest_kb, heaviest_beside),
        Budget(
            what=f"lifecycles that open consoles cost, {place}",
            unit="%",
            found=cost,
            beside=cost_beside,
            wanted=5,
        ),
    )


# --- what has no budget -----------------------------------------------------------------------------------------------


def _expressions(act: str) -> Budget:
    def beside(found: Found) -> str:
        return ", ".join(f"{name} {quantity(row[act], '/s')}" for name, row in found.items() if name != "pointsman")

    return Budget(f"expressions {act.removesuffix('_s')}", "/s", lambda found: found["pointsman"][act], beside)


def _backlog(found: Found, which: Callable[[list[str]], str]) -> tuple[str, float]:
    """One of the lengths that were measured, and the slowest of its requests."""
    tasks = which(sorted(found, key=int))
    return tasks, max(found[tasks].values())


def _shortest_backlog(found: Found) -> str:
    tasks, slowest_ms = _backlog(found, lambda lengths: lengths[0])
    return f"{quantity(slowest_ms, 'ms')} while {int(tasks):,} wait"


def _slowest_answer_ms(found: Found, of: str) -> float:
    return float(max(took["p50"] for name, took in found["answers_ms"].items() if name.startswith(of)))


def _less_percent(found: Found) -> float:
    alone, asked = (median(found["lifecycles_s"][name]) for name in ("alone", "asked"))
    return float(1 - asked / alone) * 100


def _peer(name: str) -> Budget:
    """Lifecycles beside jobs."""
    return Budget(
        what=f"lifecycles, of the no-op jobs through {name}",
        unit="times",
        found=lambda found: next(iter(found["lifecycles"]["plain"].values())) / found["jobs_s"][name],
        beside=lambda found: f"{found['jobs_s'][name]:,.0f} jobs/s",
        wanted=1 if name in AHEAD_OF else None,
        bound="at least",
    )


BUDGETS: dict[str, tuple[Budget, ...]] = {
    "lifecycles": LIFECYCLES,
    "latency": LATENCY,
    "engine": ENGINE,
    "start": START,
    "console": (*_console("small", SMALL), *_console("large", LARGE)),
    "expressions": (_expressions("compiled_s"), _expressions("evaluated_s")),
    "figures-of-now": (
        Budget(
            what="the slowest figures of now, the longest backlog",
            unit="ms",
            found=lambda found: _backlog(found, lambda lengths: lengths[-1])[1],
            beside=_shortest_backlog,
        ),
    ),
    "statistics": (
        Budget(
            what="the slowest statistics, of thirty days",
            unit="ms",
            found=lambda found: _slowest_answer_ms(found, "30 days"),
            beside=lambda found: f"of 15 minutes {quantity(_slowest_answer_ms(found, '15 minutes'), 'ms')}",
        ),
        Budget(
            what="lifecycles that ten clients cost who ask for statistics once a second",
            unit="%",
            found=_less_percent,
            beside=lambda found: f"alone {quantity(median(found['lifecycles_s']['alone']), '/s')}",
        ),
        Budget(
            what="longest step of summing up",
            unit="ms",
            found=lambda found: found["step_ms"]["max"],
            beside=lambda found: f"half of them within {quantity(found['step_ms']['p50'], 'ms')}",
        ),
        Budget(
            what="sums for a million events",
            unit="MB",
            found=lambda found: found["sum_bytes_a_million"] / 1e6,
            beside=lambda found: f"the events {quantity(found['event_bytes_a_million'] / 1e6, 'MB')}",
        ),
    ),
    "peers": tuple(_peer(name) for name in (*AHEAD_OF, *OTHERS)),
}
