"""Events out: descriptions and parameters, rendered from the stored record and the words that it quotes.

Which parameters an event has follows from what its record holds: a task gives the TASK set, a worker the WORKER set,
and so on [observed, 2022/23]. Names are written here once, in snake_case as `event_data` has them; callbacks have them
in PascalCase. Absent values are left out; every value is a string.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from pointsman.core.record import Logged, Words
from pointsman.resources.accounts import account_path, key_path
from pointsman.wire.bodies import encode
from pointsman.wire.spelling import iso, pascal

Parameters = dict[str, str]


# --- what it is about ---------------------------------------------------------------------------------------------

_RESOURCE = {  # the part of the type before the first dot: (resource_type, where its path is)
    "workspace": ("workspace", ""),
    "activity": ("activity", "Activities"),
    "task-channel": ("taskchannel", "TaskChannels"),
    "task-queue": ("taskqueue", "TaskQueues"),
    "workflow": ("workflow", "Workflows"),
    "worker": ("worker", "Workers"),
    "task": ("task", "Tasks"),
    "reservation": ("reservation", "Reservations"),
}

_DESCRIPTIONS = {  # [observed], from "activity.created" on worded alike [inferred]
    "task.created": "Task {task} created",
    "task.updated": "Task {task} updated",
    "task.canceled": "Task {task} canceled",
    "task.completed": "Task {task} completed",
    "task.wrapup": "Task {task} wrapping up",
    "task.deleted": "Task {task} deleted",
    "task.system-deleted": "Task {task} deleted by the system",
    "task.transfer-initiated": "Transfer {transfer} of Task {task} initiated",
    "task.transfer-attempt-failed": "Transfer {transfer} of Task {task}: an attempt failed",
    "task.transfer-completed": "Transfer {transfer} of Task {task} completed",
    "task.transfer-failed": "Transfer {transfer} of Task {task} failed",
    "task.transfer-canceled": "Transfer {transfer} of Task {task} canceled",
    "workflow.entered": "Task {task} entered Workflow {workflow_name}",
    "workflow.target-matched": "Task {task} matched a workflow target",
    "workflow.timeout": "Task {task} timed out of Workflow {workflow_name}",
    "workflow.skipped": "Task {task} skipped out of Workflow {workflow_name}",
    "task-queue.entered": "Task {task} entered TaskQueue {queue_name}",
    "task-queue.timeout": "Task {task} timed out of TaskQueue {queue_name}",
    "task-queue.moved": "Task {task} moved to TaskQueue {queue_name}",
    "reservation.created": "Reservation {reservation} created",
    "reservation.accepted": "Reservation {reservation} accepted",
    "reservation.rejected": "Reservation {reservation} rejected",
    "reservation.timeout": "Reservation {reservation} timed out",
    "reservation.canceled": "Reservation {reservation} canceled",
    "reservation.rescinded": "Reservation {reservation} rescinded",
    "reservation.wrapup": "Reservation {reservation} wrapping",
    "reservation.completed": "Reservation {reservation} completed",
    "reservation.failed": "Reservation for Task {task} failed",
    "worker.created": "Worker {worker_name} created",
    "worker.deleted": "Worker {worker_name} deleted",
    "worker.activity.update": "Worker {worker_name} updated to {activity_name} Activity",
    "worker.attributes.update": "Worker {worker_name} updated attributes to {worker_attributes}",
    "worker.capacity.update": "Worker {worker_name} updated capacity of {channel_name} to {capacity}",
    "worker.channel.availability.update": "Worker {worker_name} updated availability of {channel_name} to {available}",
    "task-queue.created": "TaskQueue {queue} created",
    "task-queue.updated": "TaskQueue {queue} updated",
    "task-queue.deleted": "TaskQueue {queue} deleted",
    "task-queue.expression.updated": "TaskQueue {queue} expression updated to '{queue_expression}'",
    "workflow.created": "Workflow {workflow} was created",
    "workflow.updated": "Workflow {workflow} was updated",
    "workflow.deleted": "Workflow {workflow} was deleted",
    "workspace.created": "Workspace {workspace} was created",
    "workspace.updated": "Workspace {workspace} was updated",
    "workspace.deleted": "Workspace {workspace} was deleted",
    "activity.created": "Activity {activity} created",
    "activity.updated": "Activity {activity} updated",
    "activity.deleted": "Activity {activity} deleted",
    "task-channel.created": "TaskChannel {channel} created",
    "task-channel.updated": "TaskChannel {channel} updated",
    "task-channel.deleted": "TaskChannel {channel} deleted",
}


def resource(event: Logged) -> tuple[str, str, str]:
    """(resource_type, sid, path). workflow.* and task-queue.* about a task are of the task
    [observed]; so is reservation.failed, which has no reservation."""
    record, words = event.record, event.words
    workspace, family = f"/v1/Workspaces/{event.workspace}", event.type.split(".", 1)[0]
    if record.transfer is not None:  # [app code]
        sid = record.transfer.sid
        return "transfer", sid, f"/v2/Workspaces/{event.workspace}/Workers/{record.transfer.worker_sid}/Transfers/{sid}"
    if family == "reservation" and record.reservation:
        task = words[(record.task.no, record.task.text)].sid if record.task else ""
        sid = record.reservation.sid
        return "reservation", sid, f"{workspace}/Tasks/{task}/Reservations/{sid}"
    if record.task is not None:
        sid = words[(record.task.no, record.task.text)].sid
        return "task", sid, f"{workspace}/Tasks/{sid}"
    quote = {
        "activity": record.activity,
        "task-channel": record.channel,
        "task-queue": record.queue,
        "workflow": record.workflow,
        "worker": (record.worker.no, record.worker.text) if record.worker else None,
    }.get(family)
    kind, segment = _RESOURCE[family]
    if quote is None:
        return kind, event.workspace, workspace
    return kind, words[quote].sid, f"{workspace}/{segment}/{words[quote].sid}"


def description(event: Logged) -> str:
    record, words = event.record, event.words
    facts: dict[str, Any] = {"workspace": event.workspace}
    if record.task:
        facts["task"] = words[(record.task.no, record.task.text)].sid
    if record.reservation:
        facts["reservation"] = record.reservation.sid
    if record.transfer:
        facts["transfer"] = record.transfer.sid
    if record.worker:
        worker = words[(record.worker.no, record.worker.text)]
        facts |= {"worker_name": worker.name, "worker_attributes": worker.attributes}
        facts["activity_name"] = words[record.worker.activity].name
    if record.queue:
        queue = words[record.queue]
        facts |= {"queue": queue.sid, "queue_name": queue.name, "queue_expression": queue.expression}
    if record.workflow:
        facts |= {"workflow": words[record.workflow].sid, "workflow_name": words[record.workflow].name}
    else:
        facts["workflow_name"] = ""
    if record.channel:
        facts |= {"channel": words[record.channel].sid, "channel_name": words[record.channel].unique_name}
    if record.activity:
        facts["activity"] = words[record.activity].sid
    if record.worker_channel:
        facts |= {"capacity": record.worker_channel.capacity, "available": _flag(record.worker_channel.available)}
    return _DESCRIPTIONS[event.type].format_map(facts)


# --- what it says -------------------------------------------------------------------------------------------------


def facts(event: Logged) -> Parameters:
    """`event_data`: everything but what the event's own fields say."""
    record, words = event.record, event.words
    data: Parameters = {"workspace_sid": event.workspace, "workspace_name": words[record.workspace].name}
    # In events of a reservation the workflow comes last [observed: the order of two that share a bucket].
    parts = (_workflow, _task, _worker) if record.reservation is None else (_task, _worker, _workflow)
    for part in parts:
        data |= part(event)
    if record.reservation:
        data["reservation_sid"] = record.reservation.sid
        data["reservation_version"] = str(record.reservation.version)
    if record.queue and not record.task:
        data |= _queue(words[record.queue])
    if record.activity:
        activity = words[record.activity]
        data |= {"activity_sid": activity.sid, "activity_name": activity.name}
        data["activity_available"] = _flag(activity.available)
    if record.channel and not record.task:
        data |= _channel(event)
    if record.previous_activity:
        data |= _previous_activity(event)
    if record.transfer:
        data |= _transfer(event)
    return data | _plain(event)


def _workflow(event: Logged) -> Parameters:
    """The task's, or the event's own."""
    if event.record.workflow is None:
        return {}
    workflow = event.words[event.record.workflow]
    return {"workflow_sid": workflow.sid, "workflow_name": workflow.name}


def _worker(event: Logged) -> Parameters:
    record, words = event.record, event.words
    if record.worker is None:
        return {}
    worker = words[(record.worker.no, record.worker.text)]
    activity = words[record.worker.activity]
    return {
        "worker_sid": worker.sid,
        "worker_name": worker.name,
        "worker_attributes": worker.attributes or "{}",
        "worker_activity_sid": activity.sid,
        "worker_activity_name": activity.name,
        "worker_version": str(record.worker.version),
    }


def _task(event: Logged) -> Parameters:
    record, words = event.record, event.words
    if record.task is None:
        return {}
    task = record.task
    own = words[(task.no, task.text)]
    age_s = event.at_ms // 1000 - task.created_ms // 1000  # of whole seconds [observed]
    data = {
        "task_sid": own.sid,
        "task_attributes": own.attributes or "{}",
        "task_age": str(age_s),
        "task_priority": str(task.priority),
        "task_assignment_status": str(task.status.value),
        "task_version": str(task.version),
        "task_date_created": str(task.created_ms // 1000),
    }
    if record.channel:
        channel = words[record.channel]
        data |= {"task_channel_sid": channel.sid, "task_channel_unique_name": channel.unique_name or ""}
    if record.queue:
        data |= _queue(words[record.queue])
    if task.entered_ms is not None:
        data["task_queue_entered_date"] = str(task.entered_ms // 1000)
    return data


def _queue(queue: Words) -> Parameters:
    return {
        "task_queue_sid": queue.sid,
        "task_queue_name": queue.name,
        "task_queue_target_expression": queue.expression or "",
    }


def _channel(event: Logged) -> Parameters:
    record = event.record
    assert record.channel is not None
    channel = event.words[record.channel]
    data = {"task_channel_sid": channel.sid, "task_channel_unique_name": channel.unique_name or ""}
    if record.worker_channel is None:
        return data | {
            "task_channel_name": channel.name,
            "task_channel_optimized_routing": _flag(channel.optimized),
        }
    own = record.worker_channel
    return data | {
        "worker_channel_available": _flag(own.available),
        "worker_channel_available_capacity": str(max(0, own.capacity - own.task_count)),
        "worker_channel_previous_capacity": str(own.previous_capacity),
        "worker_channel_task_count": str(own.task_count),
    }


def _previous_activity(event: Logged) -> Parameters:
    record = event.record
    assert record.previous_activity is not None
    previous, ms = event.words[record.previous_activity], record.more["previous_ms"]
    return {
        "worker_previous_activity_sid": previous.sid,
        "worker_previous_activity_name": previous.name,
        "worker_time_in_previous_activity": str(ms // 1000),
        "worker_time_in_previous_activity_ms": str(ms),
    }


def _transfer(event: Logged) -> Parameters:
    """An attempt's reason stands where that of a failed transfer does [code: schema]."""
    transfer = event.record.transfer
    assert transfer is not None
    data = {
        "task_transfer_sid": transfer.sid,
        "transfer_type": str(transfer.type.value),
        "transfer_mode": str(transfer.mode.value),
        "transfer_status": str(transfer.status.value),
        "transfer_to": transfer.to,
        "transfer_started": str(transfer.created_ms // 1000),
        "transfer_initiating_worker_sid": transfer.worker_sid,
        "transfer_initiating_reservation_sid": transfer.reservation_sid,
    }
    _set(data, "transfer_failed_reason", transfer.failed_reason or event.record.more.get("attempt_failed_reason"))
    return data


def _plain(event: Logged) -> Parameters:
    record, more = event.record, event.record.more
    data: Parameters = {}
    if event.type == "workflow.target-matched":
        for name in ("filter_name", "filter_expression"):
            _set(data, f"workflow_{name}", more.get(name))
        _set(data, "workflow_filter_target_expression", more.get("target_expression"))
        for name in ("known_worker_sid", "target_changed_reason"):
            _set(data, name, more.get(name))
        _set(data, "task_re_evaluated_reason", more.get("re_evaluated_reason"))
        _set(data, "previous_task_priority", more.get("previous_priority"))
    if record.previous_queue:
        previous = event.words[record.previous_queue]
        data |= {"previous_task_queue_sid": previous.sid, "previous_task_queue_name": previous.name}
    if event.type == "reservation.canceled" and record.reservation:
        _set(data, "canceled_reason_code", record.reservation.reason_code)
    reason = more.get("reason")
    if event.type == "task.completed":
        _set(data, "task_completed_reason", reason)
    elif reason is not None:
        data["reason"] = reason
        if record.task and record.task.status == "canceled":
            data["task_canceled_reason"] = reason
    return data


def _set(data: Parameters, name: str, value: object) -> None:
    if value is not None:
        data[name] = str(value)


def _flag(value: bool | None) -> str:
    return "true" if value else "false"


# --- the two forms ------------------------------------------------------------------------------------------------


def headers(event: Logged, attempt: int) -> Parameters:
    """What comes beside an event callback: a token that is the same whenever this event is sent, the number of the
    event in its workspace, and which attempt this is."""
    return {
        "I-Twilio-Idempotency-Token": event.sid,
        "Pointsman-Sequence": str(event.seq),
        "Pointsman-Attempt": str(attempt),
    }


def callback(event: Logged) -> Parameters:
    """The parameters of an event callback, in the order in which the service sends them."""
    kind, sid, _ = resource(event)
    parameters = {  # where two share a bucket, the one that stands first here was first in the recordings
        "Sid": event.sid,
        "EventType": event.type,
        "AccountSid": event.account,
        "ResourceType": kind,
        "ResourceSid": sid,
        "Timestamp": str(event.at_ms // 1000),
        "TimestampMs": str(event.at_ms),
        **{pascal(name): value for name, value in facts(event).items()},
        "EventDescription": description(event),
    }
    return hash_ordered(parameters)


def body(event: Logged, base: str) -> dict[str, Any]:
    """The event as a resource."""
    workspace = f"{base}/v1/Workspaces/{event.workspace}"
    kind, sid, path = resource(event)
    origin = event.record.origin
    actor = event.actor
    actor_urls = {
        "workspace": workspace,
        "worker": f"{workspace}/Workers/{actor}",
        "workflow": f"{workspace}/Workflows/{actor}",
        "account": f"{base}{account_path(actor)}",
        "api_key": f"{base}{key_path(event.account, actor)}",
    }
    return {
        "account_sid": event.account,
        "actor_sid": actor,
        "actor_type": origin.kind,
        "actor_url": actor_urls.get(origin.kind),
        "description": description(event),
        "event_data": facts(event),
        "event_date": iso(event.at_ms),
        "event_date_ms": event.at_ms,
        "event_type": event.type,
        "resource_sid": sid,
        "resource_type": kind,
        "resource_url": base + path,
        "sid": event.sid,
        "source": origin.source,
        "source_ip_address": origin.address,
        "workspace_sid": event.workspace,
        "url": f"{workspace}/Events/{event.sid}",
    }


def line(event: Logged, base: str) -> bytes:
    """The event as a resource and with its sequence number, on one line."""
    return encode(body(event, base) | {"sequence": event.seq})


def mark(sequence: int, end: str | None = None) -> bytes:
    """How far a stream has got, on one line; with `end`, why it ends there."""
    return encode({"heartbeat": True, "sequence": sequence} | ({"end": end} if end else {}))


def hash_ordered(parameters: Parameters) -> Parameters:
    """Parameters in the iteration order of a Java HashMap, as recorded bodies have them: a mark of fidelity that no
    receiver depends on. Within a bucket they keep the order in which they were put in."""
    return {name: parameters[name] for name in _hash_order(tuple(parameters))}


@lru_cache(maxsize=1_024)  # there are as many as kinds of events, and which of the optional ones they have
def _hash_order(names: tuple[str, ...]) -> list[str]:
    table = 16
    while len(names) > table * 3 // 4:
        table *= 2
    return sorted(names, key=lambda name: _bucket(name, table))


def _bucket(name: str, table: int) -> int:
    h = 0
    for character in name:
        h = (31 * h + ord(character)) & 0xFFFFFFFF
    return (h ^ (h >> 16)) & (table - 1)
