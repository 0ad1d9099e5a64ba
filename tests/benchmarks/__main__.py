"""What `scripts/bench` runs: one figure, or a few that belong together, by name; without a name the quick form of all
that has a budget, with --full the whole of it."""

from __future__ import annotations

import argparse
import asyncio
import json
import shlex
import sys
import time
import traceback
from types import ModuleType
from typing import Any

import aiohttp
import uvloop

from tests.benchmarks import (
    console,
    engine,
    expressions,
    facts,
    figures_of_now,
    known_answers,
    latency,
    lifecycles,
    lists,
    over_time,
    peers,
    sockets,
    start,
    table,
)
from tests.benchmarks.failed import Failed
from tests.benchmarks.judging import judge
from tests.benchmarks.options import writable

FIGURES: dict[str, ModuleType] = {
    "console": console,
    "engine": engine,
    "expressions": expressions,
    "figures-of-now": figures_of_now,
    "known-answers": known_answers,
    "latency": latency,
    "lifecycles": lifecycles,
    "lists": lists,
    "peers": peers,
    "sockets": sockets,
    "start": start,
    "statistics": over_time,
}
SMALLER = ("--workers", "1500", "--queues", "500", "--tasks", "20000")
QUICK: dict[str, tuple[str, ...]] = {
    "lifecycles": ("--connections", "64", "--seconds", "3"),
    "latency": ("--rates", "500", "--seconds", "2"),
    "engine": SMALLER,
    "start": SMALLER,
    "console": ("--small", "--requests", "5", "--turns", "2", "--seconds", "1"),
    "expressions": (),
}
FULL: dict[str, tuple[str, ...]] = {
    "lifecycles": (),
    "latency": (),
    "engine": (),
    "start": (),
    "console": (),
    "expressions": (),
    "figures-of-now": (),
    "statistics": (),
}


def main(arguments: list[str]) -> int:
    """The exit status: 1 if a figure could not be measured. A budget that is not reached is no failure."""
    parser = _parser()
    options = parser.parse_args(arguments)
    if options.figure is not None and (options.full or options.peers or options.table):
        parser.error("--full, --peers and --table go without a figure")
    if options.table:
        print(table.markdown(options.table))
        return 0
    report: table.Report = {"command": _command(arguments), "facts": facts.found()}
    report |= {"figures": {}, "budgets": [], "failed": {}}
    print("  ".join(f"{name}: {value}" for name, value in report["facts"].items()), flush=True)
    for name, own in _wanted(parser, options):
        _measure(name, own, report)
        if file := getattr(options, "json", None):
            file.write_text(json.dumps(report, indent=2, allow_nan=False) + "\n")
    if len(report["figures"]) > 1:
        _sum_up(report["budgets"])
    return 1 if report["failed"] else 0


def _parser() -> argparse.ArgumentParser:
    shared = argparse.ArgumentParser(add_help=False)
    text = "write the figures to this file, after each of them"
    shared.add_argument("--json", type=writable, default=argparse.SUPPRESS, metavar="FILE", help=text)
    parser = argparse.ArgumentParser(
        prog="scripts/bench",
        parents=[shared],
        description="Measure. Without a figure: each that has a budget, in less than two minutes.",
        epilog="Each figure has options of its own: scripts/bench FIGURE --help",
    )
    parser.add_argument("--full", action="store_true", help="without a figure: the whole, about forty minutes")
    parser.add_argument("--peers", action="store_true", help="and what others would hand out work with, too")
    text = "measure nothing: print what --json wrote to this file as Markdown"
    parser.add_argument("--table", type=table.report, metavar="FILE", help=text)
    figures = parser.add_subparsers(dest="figure", metavar="|".join(FIGURES))
    for name, module in FIGURES.items():
        text = (module.__doc__ or "").replace("\n", " ")
        module.add_options(figures.add_parser(name, parents=[shared], description=text, help=text.split(":")[0]))
    return parser


def _wanted(parser: argparse.ArgumentParser, options: argparse.Namespace) -> list[tuple[str, argparse.Namespace]]:
    """Which figures, with which options."""
    if options.figure is not None:
        return [(options.figure, options)]
    wanted = {**(FULL if options.full else QUICK), **({"peers": ()} if options.peers else {})}
    return [(name, parser.parse_args([name, *own])) for name, own in wanted.items()]


def _command(arguments: list[str]) -> str:
    """What was asked, without where it is written to."""
    parser = argparse.ArgumentParser(add_help=False, allow_abbrev=False)
    parser.add_argument("--json")
    return shlex.join(["scripts/bench", *parser.parse_known_args(arguments)[1]])


def _measure(name: str, options: argparse.Namespace, report: dict[str, Any]) -> None:
    """Add to the report what was found, or why nothing was."""
    print(f"\n== {name}", flush=True)
    began = time.monotonic()
    try:
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            found = runner.run(FIGURES[name].run(options))
        lines = judge(name, found)
    except Exception as problem:
        if not isinstance(problem, Failed | OSError | aiohttp.ClientError):
            traceback.print_exc()  # a fault of ours
        report["failed"][name] = str(problem) or type(problem).__name__
        print(f"{name} failed: {report['failed'][name]}", file=sys.stderr, flush=True)
        return
    report["figures"][name] = found
    report["budgets"] += [line._asdict() for line in lines]
    for line in lines:
        print(f"-> {line}", flush=True)
    print(f"   ({name} took {time.monotonic() - began:.0f} s)", flush=True)


def _sum_up(lines: list[dict[str, Any]]) -> None:
    wanted = [line for line in lines if line["reached"] is not None]
    missed = [line["what"] for line in wanted if not line["reached"]]
    told = f"; not reached: {'; '.join(missed)}" if missed else ""
    print(f"\n{len(wanted) - len(missed)} of {len(wanted)} budgets reached{told}")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
