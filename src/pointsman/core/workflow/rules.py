"""A workflow's configuration: the JSON text, read into rules.

Grammar and aliases: [docs: workflow-configuration, worker-presence, order-workers, known-agent-routing]; loose
spellings seen in recordings are accepted (capitalised keys, numbers as strings, explicit nulls). Unknown keys are
ignored here; the text itself is kept as it was sent.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any, NamedTuple

import msgspec

from pointsman.core.errors import Invalid
from pointsman.core.expression import (
    Asking,
    Context,
    Expression,
    ExpressionError,
    Path,
    compile_expression,
    parse_order_by,
    parse_reference,
)
from pointsman.core.limits import PRIORITY_MAX
from pointsman.core.types import Sid

RULES_CACHED_MAX = 1_024
_DIGITS_MAX = 32  # of a number as a string; Python itself refuses thousands


class Target(NamedTuple):
    queue: Sid
    expression: str | None
    priority: int | None
    timeout_s: int | None
    order_by: str | None
    skip_if: Expression | None
    known: tuple[str, Path] | None  # ("sid" | "name", where the task's attributes say which worker)


class Filter(NamedTuple):
    name: str | None
    expression: str
    condition: Expression
    targets: tuple[Target, ...]


class Rules(NamedTuple):
    filters: tuple[Filter, ...]
    default: Target | None
    asking: Asking  # the filters, by their indexes

    def queues(self) -> Iterator[tuple[str, Sid]]:
        """Every queue that is named, with the place of the name in the document."""
        for i, each in enumerate(self.filters):
            for j, target in enumerate(each.targets):
                yield f"filters[{i}].targets[{j}].queue", target.queue
        if self.default:
            yield "default_filter.queue", self.default.queue


class InvalidWorkflow(Invalid):
    """The configuration breaks the grammar; the message names the place in the document."""


@lru_cache(maxsize=RULES_CACHED_MAX)
def read_rules(document: str) -> Rules:
    """Read a configuration. Raises: `InvalidWorkflow`."""
    try:
        whole = msgspec.json.decode(document)
    except (msgspec.DecodeError, UnicodeError) as problem:
        raise InvalidWorkflow(f"Configuration is not valid JSON: {problem}") from None
    routing = whole.get("task_routing") if isinstance(whole, dict) else None
    if not isinstance(routing, dict):
        raise InvalidWorkflow('Configuration must be a JSON object with the object "task_routing"')
    filters = routing.get("filters")
    if not isinstance(filters, list | None):
        raise InvalidWorkflow('Configuration: "filters" must be a list')
    default = routing.get("default_filter")
    read = tuple(_filter(each, f"filters[{i}]") for i, each in enumerate(filters or ()))
    asking = Asking("task")
    for i, each in enumerate(read):
        asking.add(i, each.condition.tree)
    return Rules(read, _default(default) if default is not None else None, asking)


def _filter(entry: object, where: str) -> Filter:
    keys = _object(entry, where)
    text = _text(keys, where, "expression")
    if text is None:
        raise InvalidWorkflow(f'Configuration: {where} needs an "expression"')
    targets = keys.get("targets")
    if not isinstance(targets, list) or not targets:
        raise InvalidWorkflow(f'Configuration: {where} needs "targets", a list of at least one')
    read: list[Target] = []
    for i, target in enumerate(targets):
        inherited = read[-1].queue if read else None
        read.append(_target(target, f"{where}.targets[{i}]", inherited))
    name = _text(keys, where, "filter_friendly_name", "friendly_name", "filterFriendlyName", "friendlyName")
    condition = _compile(text, Context.FILTER, f"{where}.expression")
    return Filter(name, text, condition, tuple(read))


def _default(entry: object) -> Target:
    """Its `timeout` and `skip_if` are accepted, kept and without effect: it is where a task waits to the end of its
    life, and nothing lies behind it."""
    return _target(entry, "default_filter", None)._replace(timeout_s=None, skip_if=None)


def _target(entry: object, where: str, inherited: Sid | None) -> Target:
    keys = _object(entry, where)
    queue = _text(keys, where, "queue", "task_queue_sid") or inherited
    if queue is None:
        raise InvalidWorkflow(f'Configuration: {where} needs a "queue"')
    expression = _text(keys, where, "expression")
    if expression is not None:
        # The built-in template and old integrations write a constant here; every name needs its prefix.
        _compile(expression, Context.TARGET, f"{where}.expression")
    order_by = _text(keys, where, "order_by")
    if order_by is not None:
        try:
            parse_order_by(order_by)
        except ExpressionError as problem:
            raise InvalidWorkflow(f"Configuration: {where}.order_by: {problem}") from None
    skip_if = _text(keys, where, "skip_if")
    return Target(
        queue=queue,
        expression=expression,
        priority=_number(keys, where, "priority", 0, PRIORITY_MAX),
        timeout_s=_number(keys, where, "timeout", 1, 2**31),
        order_by=order_by,
        skip_if=_compile(skip_if, Context.SKIP_IF, f"{where}.skip_if") if skip_if is not None else None,
        known=_known(keys, where),
    )


def _known(keys: Mapping[str, Any], where: str) -> tuple[str, Path] | None:
    sid = _text(keys, where, "known_worker_sid")
    name = _text(keys, where, "known_worker_friendly_name")
    if sid is not None and name is not None:
        raise InvalidWorkflow(
            f'Configuration: {where} may have "known_worker_sid" or "known_worker_friendly_name", not both'
        )
    text = sid if sid is not None else name
    if text is None:
        return None
    try:
        return ("sid" if sid is not None else "name", parse_reference(text))
    except ExpressionError as problem:
        raise InvalidWorkflow(f"Configuration: {where}, known worker: {problem}") from None


def _object(entry: object, where: str) -> Mapping[str, Any]:
    """The entry's keys in lower case: old workflows have `Expression`, `Priority`, `Timeout`."""
    if not isinstance(entry, dict):
        raise InvalidWorkflow(f"Configuration: {where} must be an object")
    loose = {key.lower() if key[:1].isupper() else key: value for key, value in entry.items()}
    return {**loose, **{key: value for key, value in entry.items() if not key[:1].isupper()}}


def _text(keys: Mapping[str, Any], where: str, *names: str) -> str | None:
    for name in names:
        value = keys.get(name)
        if value is not None:
            if not isinstance(value, str):
                raise InvalidWorkflow(f'Configuration: {where}, "{name}" must be a string')
            return value if value.strip() else None
    return None


def _number(keys: Mapping[str, Any], where: str, name: str, low: int, high: int) -> int | None:
    value = keys.get(name)
    if value is None or value == "":
        return None
    if isinstance(value, str) and value.strip().isdecimal() and len(value) <= _DIGITS_MAX:
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
        raise InvalidWorkflow(f'Configuration: {where}, "{name}" must be a whole number from {low} to {high}')
    return value


def _compile(text: str, context: Context, where: str) -> Expression:
    try:
        return compile_expression(text, context)
    except ExpressionError as problem:
        raise InvalidWorkflow(f"Configuration: {where}: {problem}") from None
