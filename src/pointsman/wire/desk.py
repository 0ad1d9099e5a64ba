"""A worker's desk out: its activity, its offers and tasks; those to whom it can hand one on; a link for it."""

from __future__ import annotations

from typing import Any

from pointsman.core.engine.view import View
from pointsman.core.ids import number_of
from pointsman.core.types import Millis, Reservation, Sid, Task, TaskQueue, Transfer, Worker, Workspace
from pointsman.resources.desk import DESK, RESERVATIONS_MAX
from pointsman.wire.bodies import Body
from pointsman.wire.spelling import iso


def desk_body(view: View, worker: Worker, base: str) -> Body:
    state = view.state
    workspace, activity = state.workspace, state.activities[worker.activity]
    activities = sorted(state.activities.values(), key=lambda a: (not a.available, a.friendly_name.casefold(), a.no))
    live = state.live_of(worker)
    path = DESK.path.format(WorkspaceSid=workspace.sid, WorkerSid=worker.sid)
    return {
        "account_sid": workspace.account_sid,
        "workspace_sid": workspace.sid,
        "workspace_name": workspace.friendly_name,
        "worker_sid": worker.sid,
        "worker_name": worker.friendly_name,
        "activity_sid": activity.sid,
        "activity_name": activity.friendly_name,
        "available": activity.available,
        "date_status_changed": iso(worker.status_changed_ms),
        "activities": [
            {"sid": each.sid, "friendly_name": each.friendly_name, "available": each.available} for each in activities
        ],
        "reservations": [_reservation(view, each) for each in live[:RESERVATIONS_MAX]],
        "reservations_count": len(live),
        "now_ms": view.now_ms,
        "url": base + path,
    }


def _reservation(view: View, reservation: Reservation) -> Body:
    task = view.task_of(reservation)
    transfer = view.state.transfer_of(task)
    return {
        "sid": reservation.sid,
        "reservation_status": reservation.status,
        "date_updated": iso(reservation.updated_ms),
        "created_ms": reservation.created_ms,
        "deadline_ms": reservation.deadline_ms,
        "others": len(view.state.engaged_of(task)) - (reservation in view.state.engaged_of(task)),
        "transfer": _transfer(view, transfer) if transfer else None,
        "task": _task(view, task),
    }


def _task(view: View, task: Task) -> Body:
    state = view.state
    return {
        "sid": task.sid,
        "assignment_status": task.status,
        "attributes": task.attributes,
        "priority": task.priority,
        "age": (view.now_ms - task.created_ms) // 1000,
        "reason": task.reason,
        "task_queue_name": _name(state.queues.get(task.queue or 0)),
        "workflow_name": _name(state.workflows.get(task.workflow or 0)),
        "task_channel_unique_name": state.channels[task.channel].unique_name,
    }


def _transfer(view: View, transfer: Transfer) -> Body:
    return {
        "sid": transfer.sid,
        "transfer_mode": transfer.mode,
        "transfer_to": transfer.to,
        "to_name": _named(view, transfer.to),
        "worker_sid": transfer.worker_sid,
        "worker_name": _named(view, transfer.worker_sid),
    }


def _named(view: View, sid: Sid) -> str:
    """The name of a worker or task queue; its SID, if it is gone."""
    number = number_of(sid)
    return _name(view.state.workers.get(number) or view.state.queues.get(number)) or sid


def _name(entity: Any) -> str | None:
    return None if entity is None else entity.friendly_name


def target_body(view: View, entity: Worker | TaskQueue) -> Body:
    return {"sid": entity.sid, "friendly_name": entity.friendly_name}


def link_body(workspace: Workspace, worker: Sid, url: str, ends_ms: Millis) -> Body:
    return {
        "account_sid": workspace.account_sid,
        "workspace_sid": workspace.sid,
        "worker_sid": worker,
        "url": url,
        "date_expires": iso(ends_ms),
    }
