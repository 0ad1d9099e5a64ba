"""A workflow's configuration read again, and where a task stands by it (routing.md 4.1 to 4.3)."""

from __future__ import annotations

import json
from functools import lru_cache
from typing import Any, NamedTuple

from pointsman.core.types import Millis, Place
from tests.simulation.auditor import language
from tests.simulation.auditor.language import FILTER, SKIP_IF, TARGET, Condition, Unreadable

DEFAULT = -1  # the index by which a place names the default filter


class Target(NamedTuple):
    queue: str
    expression: str | None
    priority: int | None
    timeout_s: int | None
    order_by: str | None
    skip_if: str | None
    known_by: str | None  # "sid" or "name"
    known_at: tuple[Any, ...]


class Filter(NamedTuple):
    name: str | None
    expression: str
    targets: tuple[Target, ...]


class Configured(NamedTuple):
    filters: tuple[Filter, ...]
    default: Target | None

    def target(self, place: Place) -> Target:
        if place.filter == DEFAULT:
            assert self.default is not None
            return self.default
        return self.filters[place.filter].targets[place.target]

    def queues(self) -> list[str]:
        named = [target.queue for each in self.filters for target in each.targets]
        return [*named, self.default.queue] if self.default else named


class Stand(NamedTuple):
    """Where a task stands: `deadline_ms` is when the target's time is up, None if it has none."""

    place: Place
    target: Target
    filter: Filter | None
    deadline_ms: Millis | None


class Unfit(Exception):
    """The document breaks the grammar of configurations."""


@lru_cache(maxsize=1_024)
def read(document: str) -> Configured:
    """Raises: `Unfit`."""
    try:
        return _read(json.loads(document))
    except (ValueError, Unreadable) as problem:
        raise Unfit(str(problem)) from None


def condition(text: str, place: str) -> Condition:
    return language.read(text, place)


def _read(whole: Any) -> Configured:
    routing = whole.get("task_routing") if isinstance(whole, dict) else None
    if not isinstance(routing, dict):
        raise Unfit("task_routing is missing")
    filters = routing.get("filters") or []
    if not isinstance(filters, list):
        raise Unfit("filters is no list")
    default = routing.get("default_filter")
    return Configured(
        tuple(_filter(_keys(each)) for each in filters),
        None if default is None else _target(_keys(default), None)._replace(timeout_s=None, skip_if=None),
    )


def _filter(keys: dict[str, Any]) -> Filter:
    expression = _text(keys, "expression")
    targets = keys.get("targets")
    if expression is None or not isinstance(targets, list) or not targets:
        raise Unfit("a filter needs an expression and targets")
    language.read(expression, FILTER)
    read: list[Target] = []
    for each in targets:
        read.append(_target(_keys(each), read[-1].queue if read else None))
    name = _text(keys, "filter_friendly_name", "friendly_name", "filterFriendlyName", "friendlyName")
    return Filter(name, expression, tuple(read))


def _target(keys: dict[str, Any], inherited: str | None) -> Target:
    queue = _text(keys, "queue", "task_queue_sid") or inherited
    by_sid, by_name = _text(keys, "known_worker_sid"), _text(keys, "known_worker_friendly_name")
    if queue is None or (by_sid and by_name):
        raise Unfit("a target needs a queue, and one known worker at most")
    expression, order_by, skip_if = (_text(keys, name) for name in ("expression", "order_by", "skip_if"))
    if expression:
        language.read(expression, TARGET)
    if skip_if:
        language.read(skip_if, SKIP_IF)
    if order_by:
        language.read_order(order_by)
    known = by_sid or by_name
    return Target(
        queue,
        expression,
        _number(keys, "priority", 0, 2**31 - 1),
        _number(keys, "timeout", 1, 2**31),
        order_by,
        skip_if,
        ("sid" if by_sid else "name") if known else None,
        language.read_reference(known) if known else (),
    )


def _keys(entry: Any) -> dict[str, Any]:
    """Old workflows have capitalised keys (wire-observations 1)."""
    if not isinstance(entry, dict):
        raise Unfit("not an object")
    return {**{key.lower(): value for key, value in entry.items() if key[:1].isupper()}, **entry}


def _text(keys: dict[str, Any], *names: str) -> str | None:
    for name in names:
        value = keys.get(name)
        if value is not None and not isinstance(value, str):
            raise Unfit(f"{name} is no string")
        if value is not None:
            return str(value) if value.strip() else None
    return None


def _number(keys: dict[str, Any], name: str, low: int, high: int) -> int | None:
    value = keys.get(name)
    if value is None or value == "":
        return None
    if isinstance(value, str) and value.strip().isdecimal():
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
        raise Unfit(f"{name} is out of range")
    return value


# --- where a task stands ------------------------------------------------------------------------------------------


def entry(
    rules: Configured,
    configuration: int,
    attributes: dict[str, Any],
    now_ms: int,
    since_ms: int,
    first: int = 0,
    after_timeout: bool = False,
) -> Stand | None:
    """The first filter from `first` on that takes the task, at the first target whose time is not up: target times
    are counted together from `since_ms` (4.3). A filter whose targets are all over is left by time, and the next is
    counted from when it was over. The default filter is never used after a timeout (4.2, rule 6)."""
    roots = {"task": attributes, "taskrouter": language.clock(now_ms)}
    for index, each in enumerate(rules.filters):
        if index < first or not language.read(each.expression, FILTER).holds(roots):
            continue
        stand = _within(rules, Place(configuration, index, 0, Millis(since_ms)), now_ms)
        if stand is not None:
            return stand
        since_ms += 1_000 * sum(target.timeout_s or 0 for target in each.targets)
        after_timeout = True
    if rules.default is None or after_timeout:
        return None
    return Stand(Place(configuration, DEFAULT, 0, Millis(since_ms)), rules.default, None, None)


def onward(rules: Configured, place: Place, attributes: dict[str, Any], now_ms: int, *, by_time: bool) -> Stand | None:
    """Out of a target: to the next one of the filter whose time is not up; past the last, to the next later filter
    that matches, counted from now (4.3); a skipped target adds nothing to the sum. The last exit decides whether the
    default filter may be used (4.2, rules 6 and 7)."""
    if place.filter == DEFAULT:
        return None
    targets = rules.filters[place.filter].targets
    spent_s = place.spent_s + ((targets[place.target].timeout_s or 0) if by_time else 0)
    following = Place(place.configuration, place.filter, place.target + 1, place.since_ms, spent_s)
    stand = _within(rules, following, now_ms)
    if stand is not None:
        return stand
    last_exit_by_time = by_time or place.target + 1 < len(targets)
    return entry(rules, place.configuration, attributes, now_ms, now_ms, place.filter + 1, last_exit_by_time)


def _within(rules: Configured, place: Place, now_ms: int) -> Stand | None:
    chosen = rules.filters[place.filter]
    sum_s = place.spent_s
    for index, target in list(enumerate(chosen.targets))[place.target :]:
        here = Place(place.configuration, place.filter, index, place.since_ms, sum_s)
        if target.timeout_s is None:
            return Stand(here, target, chosen, None)
        sum_s += target.timeout_s
        over_ms = place.since_ms + 1_000 * sum_s
        if now_ms < over_ms:
            return Stand(here, target, chosen, Millis(over_ms))
    return None
