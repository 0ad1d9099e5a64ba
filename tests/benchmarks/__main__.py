"""What `scripts/bench` runs: one figure, or a few that belong together, by name; without a name the quick form of all
that has a budget, with --full the whole of it."""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import platform
from pathlib import Path
from types import ModuleType
from typing import Any

import uvloop

from tests.benchmarks import (
    engine,
    expressions,
    figures_of_now,
    known_answers,
    latency,
    lifecycles,
    lists,
    over_time,
    peers,
    start,
)

FIGURES: dict[str, ModuleType] = {
    "engine": engine,
    "expressions": expressions,
    "figures-of-now": figures_of_now,
    "known-answers": known_answers,
    "latency": latency,
    "lifecycles": lifecycles,
    "lists": lists,
    "peers": peers,
    "start": start,
    "statistics": over_time,
}
QUICK = (
    ("lifecycles", ("--connections", "64", "--seconds", "4", "--kinds", "plain")),
    ("latency", ("--rates", "500", "--seconds", "5", "--no-events")),
    ("engine", ("--workers", "1500", "--queues", "500", "--tasks", "20000")),
    ("expressions", ("--no-peers",)),
)
FULL = (
    ("lifecycles", ()),
    ("latency", ()),
    ("engine", ()),
    ("expressions", ()),
    ("start", ()),
    ("figures-of-now", ()),
    ("statistics", ()),
)


def main() -> None:
    shared = argparse.ArgumentParser(add_help=False)
    shared.add_argument("--database", default=argparse.SUPPRESS, help="a postgresql:// URL in place of SQLite")
    shared.add_argument("--json", type=Path, default=argparse.SUPPRESS, help="write the figures to this file")
    parser = argparse.ArgumentParser(
        prog="scripts/bench",
        parents=[shared],
        description="Measure. Without a figure: each that has a budget, in less than two minutes.",
        epilog="Each figure has options of its own: scripts/bench FIGURE --help",
    )
    parser.add_argument("--full", action="store_true", help="without a figure: the whole, about half an hour")
    parser.add_argument("--peers", action="store_true", help="and what others would hand out work with, too")
    figures = parser.add_subparsers(dest="figure", metavar="|".join(FIGURES))
    for name, module in FIGURES.items():
        text = (module.__doc__ or "").replace("\n", " ")
        module.add_options(figures.add_parser(name, parents=[shared], description=text, help=text.split(":")[0]))
    options = parser.parse_args()
    facts = {"cpus": os.cpu_count(), "machine": platform.platform(), "python": platform.python_version()}
    print("  ".join(f"{name}: {value}" for name, value in facts.items()))
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        found: dict[str, Any] = {"facts": facts}
        for name, arguments in _wanted(options):
            own = parser.parse_args([name, *arguments]) if arguments is not None else options
            for shared_name in ("database", "json"):
                setattr(own, shared_name, getattr(options, shared_name, None))
            if options.figure is None:
                print(f"\n== {name} {' '.join(arguments or ())}".rstrip(), flush=True)
            found[name] = runner.run(FIGURES[name].run(own))
    if getattr(options, "json", None):
        options.json.write_text(json.dumps(found, indent=2) + "\n")


def _wanted(options: argparse.Namespace) -> list[tuple[str, tuple[str, ...] | None]]:
    """Which figures, with which options; None: those that were given."""
    if options.figure is not None:
        return [(options.figure, None)]
    wanted: list[tuple[str, tuple[str, ...] | None]] = list(FULL if options.full else QUICK)
    return wanted + ([("peers", ())] if options.peers else [])


if __name__ == "__main__":
    main()
