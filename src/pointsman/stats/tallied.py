"""What is asked of the log for statistics, and what comes back: numbers, before they become figures."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from pointsman.core.types import Millis, No
from pointsman.stats.during import Measure


class Question(NamedTuple):
    """What happened in whole seconds, from `start_s` to just before `end_s`, to one subject at most: a workflow, a
    queue, or some workers; on one channel, if that is said."""

    start_s: int
    end_s: int
    workflow: No | None = None
    queue: No | None = None
    workers: tuple[No, ...] | None = None
    channel: No | None = None
    split: bool = False  # whether waits are asked for one by one
    stays: bool = False  # whether stays in activities are asked for
    stays_end_ms: Millis = Millis(0)  # they count from `start_s` to here
    stays_known_ms: Millis = Millis(0)  # those that ended until then


class Sum(NamedTuple):
    """What is known of one measure: its values added up, the least and the greatest; zeros if there was none."""

    total: int = 0
    least: int = 0
    greatest: int = 0


class Sums(NamedTuple):
    """Events of one type, and each measure of theirs."""

    number: int
    measures: Mapping[Measure, Sum]


class Stay(NamedTuple):
    """A worker's time in an activity, within what was asked for; 0 too: then it has changed since."""

    worker: No
    activity: No
    ms: int
    ended_ms: Millis  # the last of several


class Tallied(NamedTuple):
    sums: Mapping[str, Sums]  # by the type of event
    waits: list[tuple[str, int, int]]  # type of event, whole seconds that a task had waited, how many
    stays: list[Stay]  # that have ended
