"""Payloads of the current worker SDK: what its sockets are told, and what its requests are answered with.

Two doors lead to each shape: an event, told from its stored row, and an entity, as a request sees it. Both make the
same facts and words of it (`core.record`), so a shape is written once. Times are seconds; `attributes` and `addons` are
JSON in a text. Keys that a client finds missing it must find missing: it takes `null` for a transfer [sdk].
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from pointsman.core import record as rec
from pointsman.core.engine.view import View
from pointsman.core.record import (
    ChannelFacts,
    Logged,
    Quote,
    ReservationFacts,
    TaskFacts,
    TransferFacts,
    Words,
    WorkerFacts,
    words,
)
from pointsman.core.types import (
    AccountSid,
    Activity,
    Entity,
    Millis,
    Reservation,
    ReservationStatus,
    Task,
    TaskQueue,
    Transfer,
    Worker,
    WorkerChannel,
    WorkspaceSid,
)
from pointsman.wire.bodies import Body, encode

NOTHING = Words(sid="")


class Home(NamedTuple):
    account: AccountSid
    workspace: WorkspaceSid

    @property
    def body(self) -> Body:
        return {"account_sid": self.account, "workspace_sid": self.workspace}


# --- the shapes ---------------------------------------------------------------------------------------------------


def _worker(home: Home, facts: WorkerFacts, own: Words, activity: Words, updated_ms: Millis) -> Body:
    return home.body | {
        "sid": own.sid,
        "friendly_name": own.name,
        "attributes": own.attributes or "{}",
        "activity_sid": activity.sid,
        "activity_name": activity.name,
        "available": bool(activity.available),
        "date_created": _seconds(facts.created_ms),
        "date_updated": _seconds(updated_ms),
        "date_status_changed": _seconds(facts.since_ms),
        "version": facts.version,
    }


def _channel(home: Home, facts: ChannelFacts, worker: Words, channel: Words, updated_ms: Millis) -> Body:
    """`available` is its own switch, whatever the worker does [sdk-test]; a number [recorded]."""
    return home.body | {
        "sid": facts.sid,
        "worker_sid": worker.sid,
        "task_channel_sid": channel.sid,
        "task_channel_unique_name": channel.unique_name or "",
        "configured_capacity": facts.capacity,
        "available": int(facts.available),
        "assigned_tasks": facts.assigned,
        "available_capacity_percentage": facts.percentage,
        "date_created": _seconds(facts.created_ms),
        "date_updated": _seconds(updated_ms),
        "last_reserved_time": facts.last_reserved_ms or facts.created_ms,
    }


def _task(
    home: Home,
    facts: TaskFacts,
    own: Words,
    queue: Words,
    workflow: Words,
    channel: Words,
    updated_ms: Millis,
    now_ms: Millis,
) -> Body:
    return home.body | {
        "sid": own.sid,
        "attributes": own.attributes or "{}",
        "addons": "{}",
        "assignment_status": facts.status.value,
        "priority": facts.priority,
        "age": now_ms // 1000 - facts.created_ms // 1000,
        "timeout": facts.timeout_s,
        "reason": facts.reason,
        "workflow_sid": workflow.sid or None,
        "workflow_name": workflow.name or None,
        "queue_sid": queue.sid or None,
        "queue_name": queue.name or None,
        "task_channel_sid": channel.sid or None,
        "task_channel_unique_name": channel.unique_name,
        "routing_target": facts.routing_target,
        "date_created": _seconds(facts.created_ms),
        "date_updated": _seconds(updated_ms),
        "virtual_start_time": _seconds(facts.virtual_start_ms or facts.created_ms),
        "version": facts.version,
    }


def _reservation(
    home: Home,
    facts: ReservationFacts,
    status: ReservationStatus,
    worker: Words,
    task: Words,
    channel: Words,
    previous: Words,
    updated_ms: Millis,
    now_ms: Millis,
) -> Body:
    """Flat, as the answer to a change shows it."""
    return home.body | {
        "sid": facts.sid,
        "worker_sid": worker.sid,
        "worker_name": worker.name,
        "task_sid": task.sid,
        "reservation_status": status.value,
        "reservation_timeout": facts.timeout_s,
        "task_channel_sid": channel.sid or None,
        "worker_previous_activity_sid": previous.sid or None,
        "date_created": _seconds(now_ms - facts.age_ms),
        "date_updated": _seconds(updated_ms),
        "version": facts.version,
    }


def _with_task(
    flat: Body,
    facts: ReservationFacts,
    home: Home,
    task: Body,
    incoming: TransferFacts | None,
    outgoing: TransferFacts | None,
) -> Body:
    """A reservation with its task, as events and lists show it: for each of the three last keys a client looks whether
    it is there."""
    body = flat | {"task": task}
    if incoming is not None:
        body["task_transfer"] = _transfer(home, incoming, task["sid"])
    if outgoing is not None:
        body["active_outgoing_task_transfer"] = _transfer(home, outgoing, task["sid"])
    if facts.reason_code:
        body["canceled_reason_code"] = facts.reason_code
    return body


def _transfer(home: Home, facts: TransferFacts, task: str) -> Body:
    body = home.body | {
        "sid": facts.sid,
        "task_sid": task,
        "transfer_type": facts.type.value,
        "transfer_mode": facts.mode.value,
        "transfer_to": facts.to,
        "transfer_status": facts.status.value,
        "initiating_reservation_sid": facts.reservation_sid,
        "initiating_worker_sid": facts.worker_sid,
        "initiating_queue_sid": facts.queue_sid,
        "initiating_workflow_sid": facts.workflow_sid,
        "date_created": _seconds(facts.created_ms),
        "date_updated": _seconds(facts.updated_ms),
    }
    return body | ({"transfer_failed_reason": facts.failed_reason} if facts.failed_reason else {})


def _seconds(ms: int | None) -> int | None:
    return None if ms is None else ms // 1000


# --- events -------------------------------------------------------------------------------------------------------

STATUS_TOLD = {  # what a reservation is after the event, where the two have other names
    "created": ReservationStatus.PENDING,
    "wrapup": ReservationStatus.WRAPPING,
}


def _quoted(event: Logged, quote: Quote | None) -> Words:
    return NOTHING if quote is None else event.words[quote]


def _worker_words(event: Logged) -> Words:
    worker = event.record.worker
    return NOTHING if worker is None else event.words[(worker.no, worker.text)]


def _task_words(event: Logged) -> Words:
    task = event.record.task
    return NOTHING if task is None else event.words[(task.no, task.text)]


def _home(event: Logged) -> Home:
    return Home(event.account, event.workspace)


def _worker_told(event: Logged) -> Body:
    facts = event.record.worker
    assert facts is not None, "events of a worker have one"
    return _worker(_home(event), facts, _worker_words(event), event.words[facts.activity], event.at_ms)


def _channel_told(event: Logged) -> Body:
    facts = event.record.worker_channel
    assert facts is not None, "events of a worker channel have one"
    channel = _quoted(event, event.record.channel)
    return _channel(_home(event), facts, _worker_words(event), channel, event.at_ms)


def _task_told(event: Logged) -> Body:
    record = event.record
    assert record.task is not None, "events of a task have one"
    return _task(
        _home(event),
        record.task,
        _task_words(event),
        _quoted(event, record.queue),
        _quoted(event, record.workflow),
        _quoted(event, record.channel),
        event.at_ms,
        event.at_ms,
    )


def _reservation_told(event: Logged) -> Body:
    record, name = event.record, event.type.partition(".")[2]
    facts = record.reservation
    assert facts is not None, "events of a reservation have one"
    flat = _reservation(
        _home(event),
        facts,
        STATUS_TOLD.get(name) or ReservationStatus(name),
        _worker_words(event),
        _task_words(event),
        _quoted(event, record.channel),
        _quoted(event, facts.previous_activity or (record.worker.activity if record.worker else None)),
        event.at_ms,
        event.at_ms,
    )
    return _with_task(flat, facts, _home(event), _task_told(event), record.incoming, record.outgoing)


def _transfer_told(event: Logged) -> Body:
    transfer = event.record.transfer
    assert transfer is not None, "events of a transfer have one"
    return _transfer(_home(event), transfer, _task_words(event).sid)


TOLD: dict[str, Callable[[Logged], Body]] = {  # the 22 events that a worker's client knows, and what they show
    "worker.activity.update": _worker_told,
    "worker.attributes.update": _worker_told,
    "worker.capacity.update": _channel_told,
    "worker.channel.availability.update": _channel_told,
    "reservation.created": _reservation_told,
    "reservation.accepted": _reservation_told,
    "reservation.rejected": _reservation_told,
    "reservation.timeout": _reservation_told,
    "reservation.canceled": _reservation_told,
    "reservation.rescinded": _reservation_told,
    "reservation.wrapup": _reservation_told,
    "reservation.completed": _reservation_told,
    "reservation.failed": _task_told,
    "task.updated": _task_told,
    "task.canceled": _task_told,
    "task.completed": _task_told,
    "task.wrapup": _task_told,
    "task.transfer-initiated": _transfer_told,
    "task.transfer-completed": _transfer_told,
    "task.transfer-failed": _transfer_told,
    "task.transfer-attempt-failed": _transfer_told,
    "task.transfer-canceled": _transfer_told,
}


def payload(event_type: str, event: Logged) -> Body:
    """What is told under a name; mostly the event's own, but a change of a task may be told by what caused it."""
    return TOLD[event_type](event)


def frame(event_type: str, body: Body) -> str:
    """A text frame of a socket."""
    return encode({"event_type": event_type, "payload": body}).decode()


# --- entities -----------------------------------------------------------------------------------------------------


def _home_of(view: View) -> Home:
    workspace = view.state.workspace
    return Home(workspace.account_sid, WorkspaceSid(workspace.sid))


def _words_of(entity: Any) -> Words:
    """Nothing, of what is gone."""
    return NOTHING if entity is None else words(entity) or NOTHING


def worker(view: View, found: Worker) -> Body:
    facts = rec.worker_facts(found, view.state, whole=True)
    activity = _words_of(view.state.activities[found.activity])
    return _worker(_home_of(view), facts, _words_of(found), activity, found.updated_ms)


def activity(view: View, found: Activity) -> Body:
    return _home_of(view).body | {
        "sid": found.sid,
        "friendly_name": found.friendly_name,
        "available": found.available,
        "date_created": _seconds(found.created_ms),
        "date_updated": _seconds(found.updated_ms),
    }


def worker_channel(view: View, found: WorkerChannel) -> Body:
    state = view.state
    facts = rec.channel_facts(found, state, found.capacity, state.held[found.no])
    owner, channel = _words_of(state.workers[found.worker]), _words_of(state.channels[found.channel])
    return _channel(_home_of(view), facts, owner, channel, found.updated_ms)


def task(view: View, found: Task) -> Body:
    state = view.state
    return _task(
        _home_of(view),
        rec.task_facts(found),
        _words_of(found),
        _words_of(state.queues.get(found.queue or 0)),
        _words_of(state.workflows.get(found.workflow or 0)),
        _words_of(state.channels.get(found.channel)),
        found.updated_ms,
        view.now_ms,
    )


def reservation(view: View, found: Reservation) -> Body:
    """Flat."""
    state, of = view.state, view.task_of(found)
    facts = rec.reservation_facts(found, None, state, view.now_ms)
    return _reservation(
        _home_of(view),
        facts,
        found.status,
        _words_of(state.workers.get(found.worker)),
        _words_of(of),
        _words_of(state.channels.get(of.channel)),
        _words_of(state.activities.get(found.previous_activity)),
        found.updated_ms,
        view.now_ms,
    )


def reservation_with_task(view: View, found: Reservation) -> Body:
    state = view.state
    incoming, outgoing = rec.incoming_facts(found, state), rec.outgoing_facts(found, state)
    facts = rec.reservation_facts(found, None, state, view.now_ms)
    return _with_task(
        reservation(view, found), facts, _home_of(view), task(view, view.task_of(found)), incoming, outgoing
    )


def transfer(view: View, found: Transfer) -> Body:
    return _transfer(_home_of(view), rec.transfer_facts(found), view.state.tasks[found.task].sid)


def task_queue(view: View, found: TaskQueue) -> Body:
    assignment = view.state.activities.get(found.assignment_activity or 0)
    reservation = view.state.activities.get(found.reservation_activity or 0)
    return _home_of(view).body | {
        "sid": found.sid,
        "friendly_name": found.friendly_name,
        "target_workers": found.target_workers,
        "max_reserved_workers": found.max_reserved_workers,
        "task_order": found.task_order.value,
        "lifo_queue": found.task_order.value == "LIFO",
        "assignment_activity_sid": assignment.sid if assignment else None,
        "assignment_activity_name": assignment.friendly_name if assignment else None,
        "reservation_activity_sid": reservation.sid if reservation else None,
        "reservation_activity_name": reservation.friendly_name if reservation else None,
        "date_created": _seconds(found.created_ms),
        "date_updated": _seconds(found.updated_ms),
    }


SHAPES: dict[type[Entity], Callable[[View, Any], Body]] = {
    Worker: worker,
    Activity: activity,
    WorkerChannel: worker_channel,
    Task: task,
    Reservation: reservation,
    Transfer: transfer,
    TaskQueue: task_queue,
}
