"""Expressions a second: compiled and evaluated by the engine's language, and the same conditions by the packages
`rule-engine` and `cel-python`, which are installed into an environment of their own."""

from __future__ import annotations

import argparse
import json
import statistics
import time
from collections.abc import Callable
from typing import Any

from pointsman.core.expression import Context, compile_expression
from tests.benchmarks.aside import python_with, said

TEXT = "skills HAS '{}' AND level >= {}"
RULE_ENGINE, CEL = "'{}' in skills and level >= {}", "'{}' in skills && level >= {}"
WORKER: dict[str, Any] = {"skills": ["a", "b", "c", "d"], "level": 7, "region": "north", "name": "alice"}
SECONDS, RUNS = 0.4, 3  # of each run
PEERS = ("rule-engine>=5.1", "cel-python>=0.5")

_PEERS_PROGRAM = """
import json, statistics, sys, time
import rule_engine, celpy
worker = json.loads(sys.argv[1]); seconds, runs = json.loads(sys.argv[2]); texts = json.loads(sys.argv[3])

def rate(act):
    one(act)
    return statistics.median(one(act) for _ in range(runs))

def one(act):
    count, began = 0, time.perf_counter()
    while time.perf_counter() - began < seconds:
        for _ in range(20):
            act(count); count += 1
    return count / (time.perf_counter() - began)

rule = rule_engine.Rule(texts[0].format("c", 5))
environment = celpy.Environment()
program = environment.program(environment.compile(texts[1].format("c", 5)))
activation = celpy.json_to_cel(worker)
assert rule.matches(worker) and program.evaluate(activation)
print(json.dumps({
    "rule-engine": [rate(lambda n: rule_engine.Rule(texts[0].format(n, 5))), rate(lambda n: rule.matches(worker))],
    "cel-python": [
        rate(lambda n: environment.program(environment.compile(texts[1].format(n, 5)))),
        rate(lambda n: program.evaluate(activation)),
    ],
}))
"""


def add_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--no-peers", action="store_true", help="ours alone; nothing is installed")


async def run(options: argparse.Namespace) -> dict[str, Any]:
    expression = compile_expression(TEXT.format("c", 5), Context.QUEUE)
    assert expression.matches(None, WORKER, None, None)
    found = {
        "pointsman": [
            _rate(lambda number: compile_expression(TEXT.format(number, 5), Context.QUEUE)),
            _rate(lambda number: expression.matches(None, WORKER, None, None)),
        ]
    }
    if not options.no_peers:
        python = python_with("expressions", *PEERS)
        asked = [_PEERS_PROGRAM, json.dumps(WORKER), json.dumps([SECONDS, RUNS]), json.dumps([RULE_ENGINE, CEL])]
        told = said(python, "-c", *asked)
        found |= json.loads(told)
    for name, (compiled, evaluated) in found.items():
        print(f"{name:>12}  {compiled:>9.0f} compiled/s  {evaluated:>11.0f} evaluated/s", flush=True)
    return {name: {"compiled_s": pair[0], "evaluated_s": pair[1]} for name, pair in found.items()}


def _rate(act: Callable[[int], object]) -> float:
    """Acts a second: after a warm-up, the median of some runs."""
    _one(act)
    return statistics.median(_one(act) for _ in range(RUNS))


def _one(act: Callable[[int], object]) -> float:
    count, began = 0, time.perf_counter()
    while time.perf_counter() - began < SECONDS:
        for _ in range(20):
            act(count)
            count += 1
    return count / (time.perf_counter() - began)
