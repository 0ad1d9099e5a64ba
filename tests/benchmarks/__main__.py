"""What `scripts/bench` runs: one figure, or a few that belong together, by name."""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import platform
from pathlib import Path

from tests.benchmarks import figures_of_now, known_answers, lifecycles, lists, over_time

FIGURES = {
    "figures-of-now": figures_of_now,
    "known-answers": known_answers,
    "lifecycles": lifecycles,
    "lists": lists,
    "statistics": over_time,
}


def main() -> None:
    parser = argparse.ArgumentParser(prog="scripts/bench", description="Measure. Each figure has options of its own.")
    shared = argparse.ArgumentParser(add_help=False)
    shared.add_argument("--database", help="a postgresql:// URL in place of SQLite")
    shared.add_argument("--json", type=Path, help="write the figures to this file")
    figures = parser.add_subparsers(dest="figure", required=True, metavar="|".join(FIGURES))
    for name, module in FIGURES.items():
        text = (module.__doc__ or "").replace("\n", " ")
        module.add_options(figures.add_parser(name, parents=[shared], description=text, help=text.split(":")[0]))
    options = parser.parse_args()
    facts = {"cpus": os.cpu_count(), "machine": platform.platform(), "python": platform.python_version()}
    print("  ".join(f"{name}: {value}" for name, value in facts.items()))
    figures_found = asyncio.run(FIGURES[options.figure].run(options))
    if options.json:
        options.json.write_text(json.dumps({"facts": facts, options.figure: figures_found}, indent=2) + "\n")


if __name__ == "__main__":
    main()
