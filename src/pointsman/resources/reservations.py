"""Reservations, of a task and of a worker. Source: TaskRouter REST, sections of the same names [oai][sample]; the
fields stand in the order of the samples."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pointsman.core.types import RESERVATION_ENDED, Reservation
from pointsman.resources.configuration import (
    ACCOUNT_SID,
    DATE_CREATED,
    DATE_UPDATED,
    WORKSPACE_SID,
    activity_sid,
    field_of,
    sid,
)
from pointsman.resources.declare import Field, Filter, Resource, workspace_path
from pointsman.resources.instructions import INSTRUCTION_FIELDS, SUPERVISE_FIELDS
from pointsman.resources.tasks import task_path
from pointsman.resources.types import (
    Bool,
    Choice,
    Link,
    Links,
    SidOf,
    Text,
)
from pointsman.resources.workers import worker_path

if TYPE_CHECKING:
    from pointsman.core.engine.view import View

RESERVATION_STATUSES = (
    "pending",
    "accepted",
    "rejected",
    "timeout",
    "canceled",
    "rescinded",
    "wrapping",
    "completed",
)


def _worker_path(view: View, reservation: Reservation) -> str | None:
    """None if its worker was deleted since it ended."""
    worker = view.state.workers.get(reservation.worker)
    return worker_path(view, worker) if worker else None


def _reservation_links(view: View, reservation: Reservation) -> dict[str, str | None]:
    return {
        "task": f"{workspace_path(view)}/Tasks/{view.task_of(reservation).sid}",
        "worker": _worker_path(view, reservation),
        "workspace": workspace_path(view),
    }


def activity_sid_if_there(view: View, no: int) -> str | None:
    """An activity that ended reservations remember may be deleted."""
    return activity_sid(view, no) if no in view.state.activities else None


def _reservation(parent: str, url_field: Field, filters: tuple[Filter, ...]) -> Resource:
    return Resource(
        name=f"{parent}_reservation",
        key="reservations",
        path="Reservations",
        kind=Reservation,
        parent=parent,
        operations="fetch list update",
        versioned=True,
        doc="An offer of a task to a worker, and what became of it.",
        filters=(
            Filter(
                "reservation_status",
                Choice(*RESERVATION_STATUSES),
                lambda v, e, wanted: e.status == wanted,
                "In this state.",
                ended=lambda wanted: wanted in RESERVATION_ENDED,
            ),
            Filter(
                "worker_previous_activity_sid",
                SidOf("WA"),
                lambda v, e, wanted: activity_sid_if_there(v, e.previous_activity) == wanted,
                "Whose worker was in this activity before the offer.",
            ),
            *filters,
        ),
        fields=(
            ACCOUNT_SID,
            DATE_CREATED,
            DATE_UPDATED,
            Field("links", Links(), "What belongs to it.", _reservation_links),
            Field(
                "reservation_status",
                Choice(*RESERVATION_STATUSES),
                "Where it stands; an update may set accepted, rejected, wrapping or completed.",
                lambda v, e: e.status,
                on="update",
            ),
            sid("WR"),
            Field("task_sid", SidOf("WT"), "The task on offer.", lambda v, e: v.task_of(e).sid),
            url_field,
            Field(
                "worker_name",
                Text(),
                "That worker's name.",
                lambda v, e: field_of(v.state.workers, e.worker, "friendly_name"),
                null=True,
            ),
            Field(
                "worker_sid",
                SidOf("WK"),
                "To whom it is offered; null once that worker is deleted.",
                lambda v, e: field_of(v.state.workers, e.worker, "sid"),
                null=True,
            ),
            WORKSPACE_SID,
            Field("worker_activity_sid", SidOf("WA"), "With an answer: the worker's new activity.", on="update"),
            Field("instruction", Text(64), "accept, reject, or one that needs a telephone service.", on="update"),
            *INSTRUCTION_FIELDS,
            *(SUPERVISE_FIELDS if parent == "task" else ()),
        ),
    )


TASK_RESERVATION = _reservation(
    "task",
    Field("url", Link(), "Where it is.", lambda v, e: f"{task_path(v, v.task_of(e))}/Reservations/{e.sid}"),
    (
        Filter(
            "worker_sid",
            SidOf("WK"),
            lambda v, e, wanted: field_of(v.state.workers, e.worker, "sid") == wanted,
            "Of this worker.",
        ),
    ),
)
WORKER_RESERVATION = _reservation(
    "worker",
    Field("url", Link(), "Where it is.", lambda v, e: f"{_worker_path(v, e)}/Reservations/{e.sid}"),
    (
        Filter(
            "active",
            Bool(),
            lambda v, e, wanted: (e.status not in RESERVATION_ENDED) is wanted,
            "true: pending, accepted or wrapping; false: the others. The worker SDK asks so.",
            ended=lambda wanted: not wanted,
        ),
    ),
)
