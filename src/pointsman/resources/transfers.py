"""Transfers, in the form of API v2, which the worker SDK uses [sdk]: under the worker who hands a task on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pointsman.core import limits
from pointsman.core.types import Transfer, TransferMode, TransferStatus, TransferType
from pointsman.resources.configuration import ACCOUNT_SID, ATTRIBUTES, WORKSPACE_SID, sid
from pointsman.resources.declare import Field, Resource
from pointsman.resources.types import Choice, EpochSeconds, Int, SidOf, Text

if TYPE_CHECKING:
    from pointsman.core.engine.view import View


def _task_sid(view: View, transfer: Transfer) -> str:
    """A transfer is there until its task ends."""
    return view.state.tasks[transfer.task].sid


TRANSFER = Resource(
    name="transfer",
    key="transfers",
    path="Transfers",
    kind=Transfer,
    parent="worker",
    version="v2",
    operations="create fetch list update",
    doc="A worker hands an accepted task on, to another worker or to a queue. It is there until its task ends.",
    fields=(
        ACCOUNT_SID,
        WORKSPACE_SID,
        sid("TT"),
        Field("task_sid", SidOf("WT"), "The task.", _task_sid, on="create update", required="create"),
        Field("transfer_type", Choice(*TransferType), "To a worker, or to a queue.", lambda v, e: e.type),
        Field(
            "transfer_mode",
            Choice(*TransferMode),
            "WARM: the first worker stays until it leaves; COLD: it goes into after-work at once.",
            lambda v, e: e.mode,
        ),
        Field("transfer_to", SidOf("WK", "WQ"), "The worker or queue.", lambda v, e: e.to),
        Field(
            "transfer_status",
            Choice(*TransferStatus),
            "Where it stands; an update may set canceled.",
            lambda v, e: e.status,
            on="update",
        ),
        Field("transfer_failed_reason", Text(), "Why it failed.", lambda v, e: e.failed_reason, null=True),
        Field(
            "initiating_reservation_sid",
            SidOf("WR"),
            "The reservation of the worker who hands the task on.",
            lambda v, e: e.reservation_sid,
        ),
        Field("initiating_worker_sid", SidOf("WK"), "That worker.", lambda v, e: e.worker_sid),
        Field("initiating_queue_sid", SidOf("WQ"), "Where the task was.", lambda v, e: e.queue_sid, null=True),
        Field("initiating_workflow_sid", SidOf("WW"), "Its workflow.", lambda v, e: e.workflow_sid, null=True),
        Field("date_created", EpochSeconds(), "When it began.", lambda v, e: e.created_ms),
        Field("date_updated", EpochSeconds(), "When it last changed.", lambda v, e: e.updated_ms),
        Field(
            "reservation_sid",
            SidOf("WR"),
            "The worker's own reservation of the task; it must be accepted.",
            on="create",
            required="create",
        ),
        Field(
            "to",
            SidOf("WK", "WQ"),
            "A worker, who must be able to take the task now, or a task queue.",
            on="create",
            required="create",
        ),
        Field("mode", Choice(*TransferMode), "WARM, if it isn't sent.", on="create"),
        Field("attributes", ATTRIBUTES, "The task's new attributes.", on="create"),
        Field("priority", Int(0, limits.PRIORITY_MAX), "The task's new priority.", on="create"),
    ),
)
