"""What a run found, beside what was wanted, on the terminal, in JSON and as Markdown."""

from __future__ import annotations

import json
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from tests.benchmarks import __main__ as bench
from tests.benchmarks import table
from tests.benchmarks.budgets import BUDGETS, quantity
from tests.benchmarks.engine import LARGE
from tests.benchmarks.failed import Failed
from tests.benchmarks.judging import Judged, judge

LATE = {"late_p99_ms": 0.2, "tasks": 1_500, "lost": 0, "refused": 0, "left": 0}
PAGE = {
    "later_ms": None,
    "used_ms": 4.0,
    "sent": 3_600,
    "whole": 22_300,
    "assets_sent": 54_000,
    "assets_whole": 141_000,
}
CONSOLE = {
    "floor_ms": {"p50": 0.2, "p99": 0.4},
    "pages": {
        "overview": {"first_ms": {"p50": 4.4, "p99": 9.0}, **PAGE},
        "tasks": {"first_ms": {"p50": 91.0, "p99": 99.9}, **PAGE, "sent": 5_300, "later_ms": 840.0},
    },
    "consoles": {
        "lifecycles_s": {"alone": [900.0, 1_000.0, 1_100.0], "open": [960.0, 950.0, 970.0]},
        "used_us": {"alone": [500.0, 510.0, 520.0], "open": [520.0, 561.0, 590.0]},
        "regions_s": [50.0, 56.0, 60.0],
        "open": 100,
    },
}
FOUND: dict[str, dict[str, Any]] = {
    "lifecycles": {
        "ceiling": {"64": 48_000.0},
        "bare": {"64": 10_000.0},
        "plain": {"64": 1_519.0},
        "plain_bytes": 5_400.0,
        "assignments": {"64": 1_100.0},
        "assignments_bytes": 5_500.0,
        "events": {"64": 650.0},
        "events_bytes": 7_200.0,
    },
    "latency": {
        "500/s bare application": {"p50_ms": 0.5, "p99_ms": 1.5, "p99.9_ms": 3.0, **LATE},
        "500/s": {"p50_ms": 1.6, "p99_ms": 6.4, "p99.9_ms": None, **LATE, "lost": 2},
        "500/s with event callbacks": {"p50_ms": 55.0, "p99_ms": None, "p99.9_ms": None, **LATE, "lost": 20},
    },
    "engine": {
        "size": LARGE._asdict(),
        "small_us": 150.0,
        "large_us": 255.0,
        "large_times_small": 1.7,
        "bytes_a_waiting_task": 1_399.0,
        "bytes_a_worker": 7_900.0,
        "longest_garbage_collection_ms": 8.0,
        "steps": {
            "a task is created": {"asked": 200, "steps": 200, "longest_ms": 8.0},
            "a queue is created": {"asked": 3, "steps": 9, "longest_ms": 51.0},
        },
        "floors": {
            "heap_us": 2.0,
            "look_ms": 9.0,
            "full_collection_ms": 900.0,
            "task_row_bytes": 580.0,
            "worker_row_bytes": 900.0,
        },
    },
    "start": {
        "size": {**LARGE._asdict(), "tasks": 20_000},
        "first_assignment_s": 2.0,
        "rows_s": 0.6,
        "memory_bytes": 1.65e8,
        "database_bytes": 3e7,
    },
    "console": {"small": CONSOLE, "large": CONSOLE, "size": LARGE._asdict()},
    "expressions": {
        "pointsman": {"compiled_s": 8_276.0, "evaluated_s": 4_315_000.0},
        "cel-python": {"compiled_s": 9_737.0, "evaluated_s": 7_500.0},
    },
    "figures-of-now": {"2000": {"of a queue": 0.1, "of all workers": 0.2}, "500000": {"of a queue": 0.3}},
    "statistics": {
        "answers_ms": {"15 minutes, queue": {"p50": 2.0, "max": 3.0}, "30 days, queue": {"p50": 20.0, "max": 30.0}},
        "lifecycles_s": {"alone": [98.0, 100.0, 120.0], "asked": [90.0, 95.0, 99.0]},
        "step_ms": {"p50": 4.0, "p99": 8.0, "max": 9.0},
        "sum_bytes_a_million": 5e6,
        "event_bytes_a_million": 3e8,
    },
    "peers": {
        "jobs_s": dict.fromkeys(("celery", "arq", "procrastinate", "huey", "dramatiq", "skip locked"), 2_000.0),
        "lifecycles": {"plain": {"64": 1_500.0}},
    },
}
FACTS = {"date": "2026-11-24 10:00 UTC", "commit": "abc1234", "cpus": 2, "cpu": None}


def line(figure: str, what: str) -> Judged:
    (found,) = (each for each in judge(figure, FOUND[figure]) if each.what.startswith(what))
    return found


def report() -> dict[str, Any]:
    lines = [each._asdict() for name, found in FOUND.items() for each in judge(name, found)]
    read = {"command": "scripts/bench --full", "facts": FACTS, "figures": FOUND, "budgets": lines, "failed": {}}
    return dict(json.loads(json.dumps(read, allow_nan=False)))


def test_every_figure_is_beside_something_of_the_same_run() -> None:
    for figure, budgets in BUDGETS.items():
        found = judge(figure, FOUND[figure])
        assert len(found) == len(budgets)
        assert all(each.beside for each in found)


def test_what_was_reached_depends_on_whether_more_is_better() -> None:
    assert str(line("lifecycles", "lifecycles over REST")).endswith("wanted: at least 1,500/s, reached")
    assert str(line("lifecycles", "of the same")).endswith("wanted: at least 0.20 times, not reached")
    assert str(line("lifecycles", "database")).endswith("wanted: at most 5 KB, not reached")
    assert line("latency", "from creation to offer, 500/s: p99").reached
    assert line("engine", "longest step").found == 51.0
    assert line("peers", "lifecycles, of the no-op jobs through arq").reached is False
    assert line("peers", "lifecycles, of the no-op jobs through huey").reached is None


def test_what_never_came_reaches_nothing() -> None:
    budget = BUDGETS["latency"][0]
    found = {**FOUND["latency"], "500/s": {**FOUND["latency"]["500/s"], "p99_ms": None}}
    judged = judge("latency", found)[0]
    assert (judged.wanted, judged.found, judged.reached) == (budget.wanted, None, False)
    assert str(judged).startswith("from creation to offer, 500/s: p99: never (")


def test_a_smaller_workspace_than_the_budget_is_for_is_told_of() -> None:
    assert "20,000 waiting tasks" in line("start", "a cold start").what
    assert line("start", "a cold start").verdict == "reached in a smaller workspace"
    assert line("engine", "longest garbage").verdict == "reached"
    assert line("engine", "memory for a waiting").verdict == "reached"


def test_what_was_not_measured_is_left_out() -> None:
    found = {name: value for name, value in FOUND["lifecycles"].items() if not name.startswith("events")}
    assert [each.what for each in judge("lifecycles", found)] == [
        budget.what for budget in BUDGETS["lifecycles"] if "event callbacks" not in budget.what
    ]
    assert judge("lists", {}) == []


def test_quantities_have_as_many_digits_as_say_something() -> None:
    shown = [quantity(value, "ms") for value in (0.131, 1.7, 5, 44.94, 1_519.4, None)]
    assert shown == ["0.13 ms", "1.70 ms", "5 ms", "44.9 ms", "1,519 ms", "never"]
    assert quantity(1_519, "/s") == "1,519/s"


def test_the_page_has_every_budget_beside_its_figure() -> None:
    told = table.markdown(report())
    assert told.startswith("`scripts/bench --full`, 2026-11-24 10:00 UTC, commit abc1234; cpus: 2.\n\n| figure |")
    rows = told.split("\n\n")[1].splitlines()
    assert len(rows) == 2 + sum(map(len, BUDGETS.values()))
    assert "| database for a lifecycle | 5.40 KB | at most 5 KB | **not reached** | nine events |" in rows
    assert {row.count("|") for row in rows} == {6}


def test_the_page_has_the_longest_step_of_every_kind_longest_first() -> None:
    steps = table.markdown(report()).partition("**Longest steps**")[2].split("\n\n")[1].split("\n")[2:]
    assert steps == ["| a queue is created | 3 | 9 | 51 ms |", "| a task is created | 200 | 200 | 8 ms |"]


def test_what_consoles_cost_is_told_in_lifecycles_and_of_the_processor() -> None:
    told = line("console", "lifecycles that open consoles cost, 15,000 workers")
    assert (round(told.found or 0, 6), told.reached) == (4, True)
    assert told.beside == "100 open, 56 regions/s, 4.9 % of a processor; alone 1,000/s"


def test_the_page_has_first_bytes_and_weight_of_each_page_of_the_console() -> None:
    pages = table.markdown(report()).partition("**Pages of the console**")[2].strip().split("\n")
    assert pages[0].startswith(
        "| page | small: first byte | small: p99 | large: first byte | large: p99 | the rest | sent |"
    )
    assert pages[2] == "| /health | 0.20 ms | 0.40 ms | 0.20 ms | 0.40 ms |  |  |  |  |  |"
    assert pages[4].startswith(
        "| tasks | 91 ms | 99.9 ms | 91 ms | 99.9 ms | 840 ms | 5.30 KB | 22.3 KB | 59.3 KB | 163 KB |"
    )


def test_a_run_in_the_small_workspace_tells_of_that_alone() -> None:
    judged = judge("console", {"small": CONSOLE})
    assert [each.what for each in judged] == [each.what for each in BUDGETS["console"] if "{tasks}" not in each.what]
    table.markdown(report() | {"figures": {"console": {"small": CONSOLE}}})


def test_the_page_says_how_many_were_lost() -> None:
    assert "| 500/s | 1.60 ms | 6.40 ms | never | 0.20 ms | 2 of 1,500 |" in table.markdown(report())


def test_the_page_says_what_failed() -> None:
    assert "Failed: start: no room." in table.markdown(report() | {"failed": {"start": "no room"}})


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", '{"facts": {}}'])
def test_what_is_no_run_makes_no_table(text: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "run.json").write_text(text)
    with pytest.raises(SystemExit):
        bench.main(["--table", str(tmp_path / "run.json")])
    assert "run.json" in capsys.readouterr().err


def test_a_figure_that_fails_takes_no_other_along(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The file holds what was measured before and after it, and the page is made of it."""

    class Measured(ModuleType):
        async def run(self, _: object) -> dict[str, Any]:
            if self.__name__ == "latency":
                raise Failed("nothing answers")
            return FOUND[self.__name__]

    parser = bench._parser()
    monkeypatch.setattr(bench, "_parser", lambda: parser)
    monkeypatch.setattr(bench, "FIGURES", bench.FIGURES | {name: Measured(name) for name in bench.QUICK})
    monkeypatch.setattr("tests.benchmarks.facts.found", lambda: FACTS)
    file = tmp_path / "run.json"
    assert bench.main(["--json", str(file)]) == 1
    read = table.report(str(file))
    assert read["failed"] == {"latency": "nothing answers"}
    assert list(read["figures"]) == ["lifecycles", "engine", "start", "console", "expressions"]
    assert "| longest step, 15,000 workers" in table.markdown(read)
