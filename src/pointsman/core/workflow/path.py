"""Where a task goes by a workflow's rules. Pure on rules, attributes and time; who is free does not matter here.

A task stands at a stop: a target of a filter, or the default filter. Target timeouts are cumulative: a target ends
when the time since the filter's base passes the sum of its own and the earlier timeouts [docs: task-evaluation].
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from pointsman.core.types import Millis, No, Place
from pointsman.core.workflow.rules import Filter, Rules, Target

DEFAULT_FILTER = -1


class Stop(NamedTuple):
    place: Place
    target: Target
    filter: Filter | None  # None: the default filter
    deadline_ms: Millis | None


class Traveller(NamedTuple):
    """What the rules ask about the task and the moment."""

    attributes: Mapping[str, Any]
    clock: Mapping[str, Any]
    now_ms: Millis


def first_stop(
    rules: Rules,
    configuration: No,
    traveller: Traveller,
    since_ms: Millis,
    start: int = 0,
    *,
    timed_out: bool = False,
) -> Stop | None:
    """The first stop of the first matching filter from `start` on; else the default filter, but never after a
    timeout; else None [docs: workflow-configuration]."""
    for index in sorted(set(rules.asking.candidates(traveller.attributes))):
        chosen = rules.filters[index]
        if index < start or not chosen.condition.matches(traveller.attributes, None, traveller.clock, None):
            continue
        stop = _stop_from(rules, Place(configuration, index, 0, since_ms), traveller.now_ms)
        if stop is not None:
            return stop
        # Its targets were over before it began: the next filter's time began when theirs ended, so that starting
        # again leads to where the task's age says.
        timed_out, since_ms = True, _over_ms(chosen, since_ms)
    if rules.default is None or timed_out:
        return None
    return Stop(Place(configuration, DEFAULT_FILTER, 0, since_ms), rules.default, None, None)


def next_stop(rules: Rules, place: Place, traveller: Traveller, *, timed_out: bool) -> Stop | None:
    """The stop after `place`: by time (`timed_out`) or because `skip_if` led out of it. A skipped target adds nothing
    to the sum [inferred]. Past a filter's last target: the next later filter that matches, based on the time of
    entering it [inferred]; the default filter only if the last exit was a skip [docs: worker-presence]."""
    if place.filter == DEFAULT_FILTER:
        return None
    targets = rules.filters[place.filter].targets
    spent_s = place.spent_s + ((targets[place.target].timeout_s or 0) if timed_out else 0)
    following = Place(place.configuration, place.filter, place.target + 1, place.since_ms, spent_s)
    stop = _stop_from(rules, following, traveller.now_ms)
    if stop is not None:
        return stop
    return first_stop(
        rules,
        place.configuration,
        traveller,
        traveller.now_ms,
        place.filter + 1,
        timed_out=timed_out or following.target < len(targets),
    )


def _over_ms(chosen: Filter, since_ms: Millis) -> Millis:
    """When the last target of a filter ends, of which all have a timeout."""
    return Millis(since_ms + 1000 * sum(target.timeout_s or 0 for target in chosen.targets))


def _stop_from(rules: Rules, place: Place, now_ms: Millis) -> Stop | None:
    """The first target at or after `place`, in its filter, whose time is not up yet."""
    chosen = rules.filters[place.filter]
    spent_s = place.spent_s
    for index in range(place.target, len(chosen.targets)):
        target = chosen.targets[index]
        here = Place(place.configuration, place.filter, index, place.since_ms, spent_s)
        if target.timeout_s is None:
            return Stop(here, target, chosen, None)
        deadline_ms = Millis(place.since_ms + (spent_s + target.timeout_s) * 1000)
        if now_ms < deadline_ms:
            return Stop(here, target, chosen, deadline_ms)
        spent_s += target.timeout_s
    return None
