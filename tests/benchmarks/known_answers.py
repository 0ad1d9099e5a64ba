"""Queueing results that are known exactly, beside what the engine makes of them: waits of M/M/n, of the N-model, and
of workers with one, two or all skills. It measures how right the router is, not how fast."""

from __future__ import annotations

import argparse
import time
from typing import Any

from tests.benchmarks.options import whole
from tests.known_answers.cases import cases
from tests.known_answers.measuring import SEED, measure
from tests.known_answers.table import HEAD, rows


def add_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--customers", type=whole(1_000), default=50_000, help="whom the engine serves in each system [50000]"
    )
    parser.add_argument(
        "--many", type=whole(1_000), default=1_000_000, help="whom the textbook's rule serves [1000000]"
    )
    parser.add_argument("--seed", type=whole(0), default=SEED, help=f"of the customers [{SEED}]")
    parser.add_argument("--systems", type=_part, default="", help="only those with this in their names")


def _part(text: str) -> str:
    if not any(text in case.name for case in cases()):
        names = "; ".join(case.name for case in cases())
        raise argparse.ArgumentTypeError(f"{text!r} is in none of the names: {names}")
    return text


async def run(options: argparse.Namespace) -> dict[str, Any]:
    began, otherwise = time.perf_counter(), 0
    figures: dict[str, Any] = {}
    print(f"{options.customers} customers for the engine, {options.many} for the textbook's rule, seed {options.seed}")
    print(f"\n{HEAD}", flush=True)
    for case in cases():
        if options.systems not in case.name:
            continue
        measured = measure(case, options.customers, options.many, options.seed)
        otherwise += measured.otherwise
        print("\n".join(rows(measured)), flush=True)
        figures[case.name] = {
            figure.name: {"exact": figure.exact, "engine": found.controlled.mean, "half": found.controlled.half}
            for figure, found in zip(case.figures, measured.found, strict=True)
        }
    print(f"\nCustomers whom the engine served otherwise than the textbook's rule: {otherwise}")
    print(f"{time.perf_counter() - began:.0f} seconds")
    return figures
