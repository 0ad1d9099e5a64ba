"""Loaded by schemathesis in its own process: leads most of the requests that it makes up to things that are there, and
counts the answers.

What is there, and where to write the counts, stands in the file that POINTSMAN_FUZZED names.
"""

from __future__ import annotations

import atexit
import json
import os
import random
from collections import Counter
from pathlib import Path
from typing import Any

import schemathesis

PLACE = json.loads(Path(os.environ["POINTSMAN_FUZZED"]).read_text())
PATHS: dict[str, list[dict[str, str]]] = PLACE["paths"]  # by operation: the names in its path, and in its form
VALUES: dict[str, list[Any]] = PLACE["values"]  # by parameter
ON_THE_WAY = 0.8  # of requests lead to something that is there
AT_HOME = 0.6  # of parameters that have sensible values get one

_answers: Counter[tuple[str, int]] = Counter()


def before_call(context: Any, case: Any, kwargs: Any) -> None:
    """The same request is always led to the same place: hypothesis repeats itself and expects that. What follows from
    an earlier answer is left as it is."""
    follows = case.meta is not None and case.meta.phase.name.value == "stateful"
    chance = random.Random(repr((case.operation.label, case.path_parameters, case.query, case.body)))
    places = PATHS.get(case.operation.label)
    place: dict[str, str] = {}
    if places and not follows and chance.random() < ON_THE_WAY:
        place = dict(chance.choice(places))
        case.path_parameters = {name: place.pop(name) for name in case.path_parameters}
        if case.method == "DELETE":  # there are few to delete, and a version that is made up is refused first
            case.headers.pop("If-Match", None)
    for sent in (case.query, case.body):
        if isinstance(sent, dict):
            for name in sorted(sent):
                if name in VALUES and not follows and chance.random() < AT_HOME:
                    sent[name] = chance.choice(VALUES[name])
                elif name.endswith(("Url", "Callback")) and "http" in str(sent[name]).lower():
                    sent[name] = PLACE["sink"]  # callbacks must not leave this machine
    if case.operation.label.endswith("/EventStream"):  # one that ends
        case.query = {**(case.query or {}), "Follow": "false"}
    if place and isinstance(case.body, dict):  # what is sent has to fit the path
        case.body.update(place)


def after_call(context: Any, case: Any, response: Any) -> None:
    if case.method == case.operation.method.upper():  # it tries other methods, too
        _answers[case.operation.label, response.status_code] += 1


schemathesis.hook(before_call)
schemathesis.hook(after_call)


@atexit.register
def write() -> None:
    counted: dict[str, dict[int, int]] = {}
    for (label, status), count in sorted(_answers.items()):
        counted.setdefault(label, {})[status] = count
    Path(PLACE["answers"]).write_text(json.dumps(counted))
