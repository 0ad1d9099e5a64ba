"""What an explanation says, as frozen values. Times end in `_ms`."""

from __future__ import annotations

from enum import StrEnum

from msgspec import Struct

from pointsman.core.expression import Compared
from pointsman.core.types import Millis, Sid


class Outcome(StrEnum):
    """What a filter means for the task."""

    NOT_MATCHED = "not_matched"
    HERE = "here"
    LEFT = "left"  # it matches now and stands before the present one: see its doc in `placing`
    LATER = "later"  # it matches now, and has its turn only after the present one


class FilterTold(Struct, frozen=True, kw_only=True):
    """A filter of the workflow, asked now about the task's attributes and the time."""

    position: int  # 1 is the first
    name: str | None
    expression: str
    matched: bool
    outcome: Outcome
    because: tuple[Compared, ...]
    because_count: int


class Routing(Struct, frozen=True, kw_only=True):
    """The rules that the task follows."""

    workflow_sid: Sid | None
    workflow_name: str | None
    date_of_rules_ms: Millis | None  # when this version of the configuration was made
    rules_are_current: bool | None  # None: it follows no rules, or they are not kept any longer
    filter: int | None  # the position of the one in which it stands; 0: the default filter
    why: str
    filters_count: int


class SkipIf(Struct, frozen=True, kw_only=True):
    """The condition that leads out of the target at once, asked now."""

    expression: str
    matched: bool
    because: tuple[Compared, ...]


class Target(Struct, frozen=True, kw_only=True):
    """Where the task stands: a target of a filter, or the queue that it was sent to."""

    filter: int | None
    position: int | None  # 1 is the first target of its filter
    count: int | None
    task_queue_sid: Sid
    task_queue_name: str
    queue_expression: str
    expression: str | None
    priority: int | None
    timeout_s: int | None
    order_by: str | None
    known_worker: str | None  # the sid or name that the task's attributes give, if the target asks for one
    skip_if: SkipIf | None
    leaves_at_ms: Millis | None  # None: not by time


class Next(Struct, frozen=True, kw_only=True):
    """What comes if nothing but time changes."""

    at_ms: Millis
    what: str  # "target", "lapsed" (an offer), "offered" (again, after a pause), "canceled" or "removed"
    filter: int | None = None
    target: int | None = None
    task_queue_name: str | None = None
    text: str


class Direct(Struct, frozen=True, kw_only=True):
    """The rules of a task that was sent to a worker, a queue or a workflow."""

    routing_target: Sid
    ignore_capacity: bool
    reserve_by_ms: Millis | None


class Head(Struct, frozen=True, kw_only=True):
    """What follows from the task alone."""

    routing: Routing
    target: Target | None
    next: Next | None
    direct: Direct | None
    ttl_ends_ms: Millis | None  # None: it has ended
    paused_until_ms: Millis | None
    failures: int


class Reason(StrEnum):
    """The first thing that keeps a worker from a task, in this order; or that nothing does."""

    HAS_OFFER = "has_offer"
    HAS_TASK = "has_task"
    NOT_THE_ROUTING_TARGET = "not_the_routing_target"
    NOT_IN_QUEUE = "not_in_queue"
    NOT_THE_KNOWN_WORKER = "not_the_known_worker"
    TARGET_EXPRESSION = "target_expression"
    ACTIVITY = "activity"
    CHANNEL_OFF = "channel_off"
    AT_CAPACITY = "at_capacity"
    HAS_RESERVATION = "has_reservation"
    COULD_TAKE = "could_take"


class Because(Struct, frozen=True, kw_only=True):
    """Why a worker can't take the task, or that nothing keeps it, with what was compared."""

    reason: Reason
    text: str
    compared: tuple[Compared, ...] = ()
    activity_name: str | None = None
    live: int | None = None  # reservations on the task's channel
    capacity: int | None = None


class Example(Struct, frozen=True, kw_only=True):
    """One worker."""

    worker_sid: Sid
    worker_name: str
    because: Because


class Hindrance(Struct, frozen=True, kw_only=True):
    """How many workers one reason holds back, and a few of them."""

    reason: Reason
    text: str
    count: int
    examples: tuple[Example, ...]


class Candidate(Struct, frozen=True, kw_only=True):
    """Somebody who could take the task now, in the order in which they would get it."""

    worker_sid: Sid
    worker_name: str
    order_by_values: tuple[int | float | None, ...] | None  # None: the order of workers is that of idleness alone
    last_reservation_sid: Sid | None  # the older, the longer idle; None: none, or it has ended
    last_reservation: int  # its number; 0: there was none
    idle_since_ms: Millis  # the last change of activity, which decides between those without a reservation


class Workers(Struct, frozen=True, kw_only=True):
    """All workers of the workspace, each by the first thing that keeps it from the task."""

    count: int
    in_queue: int
    could_take: int
    complete: bool  # whether every worker was looked at
    reasons: tuple[Hindrance, ...]
    ordered_by: str
    candidates: tuple[Candidate, ...]
    asked: Example | None  # the worker that the request names


class Place(Struct, frozen=True, kw_only=True):
    """Where the task stands among those that wait."""

    position: int | None  # 1 is next; None: too many wait to count them
    waiting: int
    complete: bool
    order: str
    priority: int
    virtual_start_time_ms: Millis


class ReservationTold(Struct, frozen=True, kw_only=True):
    """One reservation of the task."""

    reservation_sid: Sid
    worker_sid: Sid | None
    worker_name: str | None
    reservation_status: str
    date_created_ms: Millis
    date_updated_ms: Millis
    deadline_ms: Millis | None
    why: str
    came_next: tuple[str, ...]  # of the candidates, those for whom nothing has happened since it was made


class Explanation(Struct, frozen=True, kw_only=True):
    """The whole."""

    task_sid: Sid
    task_version: int
    assignment_status: str
    reason: str | None
    summary: str
    head: Head
    filters: tuple[FilterTold, ...]
    place: Place | None
    workers: Workers | None
    reservations: tuple[ReservationTold, ...]
    reservations_count: int
    looked_from_ms: Millis
    looked_until_ms: Millis
    steady: bool  # whether the task stayed as it is while it was looked at
