"""What of a waiting task matters to workers, by its workflow and its attributes."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import msgspec

from pointsman.core.engine.seen import seen_of
from pointsman.core.engine.tables import Tables
from pointsman.core.engine.waiting import DIRECT, Known, Trait
from pointsman.core.expression import Context, Path, compile_expression, lookup
from pointsman.core.types import Sid, Task
from pointsman.core.workflow.rules import Target, read_rules

_encode = msgspec.json.Encoder().encode
READS_CACHED_MAX = 8_192
_NO_ATTRIBUTES: Mapping[str, Any] = {}


def routed_worker(task: Task) -> Sid | None:
    """The worker that a direct task is for, until somebody has had it: then it goes wherever it is transferred."""
    target = task.routing_target
    return target if target is not None and task.assigned_ms is None and target.startswith("WK") else None


def target_of(tables: Tables, task: Task) -> Target | None:
    """The workflow target in which a task stands."""
    place = task.place
    if place is None:
        return None
    rules = read_rules(tables.configurations[place.configuration].document)
    return rules.default if place.filter < 0 else rules.filters[place.filter].targets[place.target]


def trait_of(tables: Tables, task: Task) -> tuple[Trait, Mapping[str, Any]]:
    """And the task's attributes, where its target asks for them."""
    direct = routed_worker(task)
    if direct is not None:
        return Trait(DIRECT, task.channel, None, None, ("sid", direct), task.ignore_capacity, b""), {}
    return trait_at(tables, task, target_of(tables, task))


def trait_at(tables: Tables, task: Task, target: Target | None) -> tuple[Trait, Mapping[str, Any]]:
    """As a task has it that stands at this target of its queue."""
    if target is None or not (target.expression or target.known or target.order_by):
        return Trait(task.queue or 0, task.channel, None, None, None, False, b""), _NO_ATTRIBUTES
    attributes = seen_of(task, tables.channels[task.channel])
    values = b""
    if target.expression:
        values = _encode([lookup(attributes, steps) for steps in _read_of_task(target.expression)])
    known: Known | None = None
    if target.known:
        kind, path = target.known
        value = lookup(attributes, path[1:])
        known = (kind, value.casefold() if kind == "name" else value) if isinstance(value, str) else (kind, "")
    trait = Trait(task.queue or 0, task.channel, target.expression, target.order_by, known, False, values)
    return trait, attributes


@lru_cache(maxsize=READS_CACHED_MAX)
def _read_of_task(expression: str) -> tuple[Path, ...]:
    """What a target's expression reads of a task, from the task's attributes on."""
    return tuple(path[1:] for path in compile_expression(expression, Context.TARGET).reads_of("task"))
