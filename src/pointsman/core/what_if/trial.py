"""The way that a task with given attributes would go by a workflow's rules, if nobody took it: target by target, with
the workers who could take it there as they are now."""

from __future__ import annotations

from collections.abc import Callable

from msgspec import Struct

from pointsman.core.engine.decide.workflow import check_configuration
from pointsman.core.engine.state import State
from pointsman.core.engine.transitions import expiry_ms
from pointsman.core.engine.travel import at_stop, first_by, traveller_of
from pointsman.core.explain import FilterTold, Survey, Target, Workers
from pointsman.core.explain.placing import Followed, target_told, tell_filters
from pointsman.core.explain.survey import supposed_rule
from pointsman.core.types import Millis, No, Sid, Task
from pointsman.core.workflow.path import DEFAULT_FILTER, Stop, next_stop
from pointsman.core.workflow.rules import read_rules

LEGS_MAX = 50
SUPPOSED: No = 0  # the number of a task, and of rules, that are not there


class Leg(Struct, frozen=True, kw_only=True):
    """A target on the way. `leaves` says how the task would go on from there: "time" is up, "skip" at once, or it
    "stays"; `priority` is the task's there."""

    after_s: int
    target: Target
    filter_name: str | None
    priority: int
    workers: Workers
    offered: bool
    leaves: str
    leaves_after_s: int | None


class TrialTold(Struct, frozen=True, kw_only=True):
    """`outcome` is what becomes of the task if nobody takes it: "waits" until its time to live ends, "canceled",
    "refused" at once; or "unknown", if the way is longer than can be told."""

    outcome: str
    text: str
    filters: tuple[FilterTold, ...]
    legs: tuple[Leg, ...]


class Trial:
    def __init__(self, document: str, task: Task) -> None:
        """`task` is supposed: its number is `SUPPOSED`, and it is created now. Raises: `InvalidWorkflow`."""
        self._document, self._rules = document, read_rules(document)
        self._start = task
        self._at_ms: Millis = task.created_ms
        self._first: Stop | None = None
        self._begun = False
        self._filters: list[FilterTold] = []
        self._filters_done = False
        self._legs: list[Leg] = []
        self._stop: Stop | None = None
        self._task = task
        self._survey = Survey()
        self._end = ("unknown", "It was not followed to its end")

    def look(self, state: State, time_is_up: Callable[[], bool]) -> bool:
        """Go on along the way; return whether its end is reached. Raises: `Invalid`, if a queue is not there."""
        if not self._begun:
            check_configuration(state, self._document)
            self._begun = True
            self._first = first_by(state, self._start, self._rules, SUPPOSED, self._at_ms)
            self._go(state, self._first)
        if not self._filters_done:
            self._filters_done = tell_filters(
                state, self._start, self._followed(self._first), self._start.created_ms, self._filters, time_is_up
            )
            if not self._filters_done:
                return False
        while self._stop is not None:
            if not self._survey.look(state, self._task, self._at_ms, time_is_up):
                return False
            self._leave(state, self._stop)
        return True

    def _followed(self, stop: Stop | None) -> Followed:
        place = (stop.place.filter, stop.place.target) if stop else (DEFAULT_FILTER, 0)
        return Followed(self._rules, *place)

    def _go(self, state: State, stop: Stop | None) -> None:
        """On to a stop, or off the way."""
        self._stop = stop
        if stop is None:
            self._end = _off_the_way(bool(self._legs))
            return
        target = stop.target
        self._task = at_stop(state, self._task, stop, self._at_ms)
        self._survey = Survey(rule_of=lambda state, task, now_ms: supposed_rule(state, task, target, now_ms))

    def _leave(self, state: State, stop: Stop) -> None:
        """Everybody was asked here: how it goes on."""
        told = target_told(state, self._task, self._followed(stop))
        workers = self._survey.result(state, self._task, self._at_ms)
        assert told is not None and workers is not None, "a task that is supposed lives, and has rules"
        skips = bool(told.skip_if and told.skip_if.matched and not workers.could_take)
        ends_ms, leaves_ms = expiry_ms(self._task), self._at_ms if skips else stop.deadline_ms
        if leaves_ms is not None and leaves_ms >= ends_ms:
            leaves_ms = None
        self._legs.append(
            Leg(
                after_s=self._s(self._at_ms),
                target=told,
                filter_name=stop.filter.name if stop.filter else None,
                priority=self._task.priority,
                workers=workers,
                offered=workers.could_take > 0 and not any(leg.offered for leg in self._legs),
                leaves="stays" if leaves_ms is None else "skip" if skips else "time",
                leaves_after_s=None if leaves_ms is None else self._s(leaves_ms),
            )
        )
        if leaves_ms is None:
            self._stop, self._end = None, ("waits", "It waits here until its time to live ends, and is then canceled")
        elif len(self._legs) == LEGS_MAX:
            self._stop, self._end = None, ("unknown", f"Its way goes on: no more than {LEGS_MAX} targets are told")
        else:
            self._at_ms = leaves_ms
            traveller = traveller_of(state, self._task, leaves_ms)
            self._go(state, next_stop(self._rules, stop.place, traveller, timed_out=not skips))

    def _s(self, at_ms: Millis) -> int:
        return (at_ms - self._start.created_ms) // 1000

    def result(self) -> TrialTold:
        outcome, text = self._end
        return TrialTold(outcome=outcome, text=text, filters=tuple(self._filters), legs=tuple(self._legs))


def _off_the_way(has_begun: bool) -> tuple[str, str]:
    if has_begun:
        return "canceled", "It leaves the workflow and is canceled: no later target or filter takes it"
    return "refused", "No filter matches these attributes, and there is no default filter: such a task is refused"


def supposed_task(sid: Sid, channel: No, attributes: str, priority: int, timeout_s: int, now_ms: Millis) -> Task:
    """A task that nobody has created."""
    return Task(
        no=SUPPOSED,
        sid=sid,
        created_ms=now_ms,
        updated_ms=now_ms,
        attributes=attributes,
        channel=channel,
        priority=priority,
        timeout_s=timeout_s,
        virtual_start_ms=now_ms,
    )
