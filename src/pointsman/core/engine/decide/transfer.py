"""Transfers: beginning one and calling it off; how the others end is in `engine.transfers` [sdk][sdk-test]."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec.structs import replace

from pointsman.core import commands as cmd
from pointsman.core import events as ev
from pointsman.core.commands import Values
from pointsman.core.engine.decide.checks import pick, place, referred
from pointsman.core.engine.endings import end_offer, end_transfer, restore_activity, wrap_reservation
from pointsman.core.engine.offers import offer_to, reserved
from pointsman.core.engine.state import State
from pointsman.core.engine.transfers import come_to_nothing, moved, taken_back
from pointsman.core.errors import Invalid, InvalidTransition, NotFound
from pointsman.core.ids import Ids
from pointsman.core.types import (
    Millis,
    Reservation,
    ReservationStatus,
    Task,
    TaskQueue,
    TaskStatus,
    Transfer,
    TransferMode,
    TransferStatus,
    Worker,
)


def start(state: State, command: cmd.StartTransfer, now_ms: Millis, ids: Ids) -> Iterator[ev.Event]:
    """Hand a task on. A worker must be able to take it now; a queue offers it as it offers any task, whatever the
    workflow says. With COLD the worker who hands it on goes into after-work at once."""
    values = command.values
    reservation = _initiating(state, state.find(Worker, command.worker), values)
    task = state.tasks[reservation.task]
    to = _target(state, task, values["to"])
    _check_rounds(state, task)
    transfer = _new(state, task, reservation, values, now_ms, ids)
    handed = _handed_on(task, transfer, to, values, now_ms)
    yield ev.TaskTransferInitiated(task=handed, transfer=transfer, at_ms=now_ms)
    if transfer.mode is TransferMode.COLD:
        yield wrap_reservation(state, reservation, handed, now_ms)
    yield from moved(state, handed, task.queue, now_ms)
    if isinstance(to, Worker):
        yield from offer_to(state, handed, [to.no], now_ms, ids)
    yield ev.TaskUpdated(task=handed, at_ms=now_ms)


def _initiating(state: State, worker: Worker, values: Values) -> Reservation:
    """The reservation with which the worker has the task: accepted, and not being handed on already."""
    task = referred(state, Task, values["task_sid"], "TaskSid")
    reservation = referred(state, Reservation, values["reservation_sid"], "ReservationSid")
    if (reservation.task, reservation.worker) != (task.no, worker.no):
        raise Invalid(f"ReservationSid {reservation.sid} is not one of worker {worker.sid} for task {task.sid}")
    if task.transfer is not None:
        under_way = state.transfers[task.transfer].sid
        raise InvalidTransition(f"Cannot transfer task {task.sid} in {place(state)}: transfer {under_way} is under way")
    if task.status is not TaskStatus.ASSIGNED or reservation.status is not ReservationStatus.ACCEPTED:
        raise InvalidTransition(
            f"Cannot transfer task {task.sid} in {place(state)}: it is {task.status} and reservation "
            f"{reservation.sid} is {reservation.status}; expected assigned and accepted"
        )
    return reservation


def _target(state: State, task: Task, to: str) -> Worker | TaskQueue:
    """An unavailable worker is refused, and nothing starts [sdk-test]."""
    if to.startswith("WQ"):
        return referred(state, TaskQueue, to, "To")
    worker = referred(state, Worker, to, "To")
    if any(each.worker == worker.no for each in state.engaged_of(task)):
        raise Invalid(f"To {to} is a worker who has task {task.sid}: expected another worker, or a task queue")
    if not state.is_free(worker.no, task.channel):
        channel = state.channels[task.channel].unique_name
        activity = state.activities[worker.activity].friendly_name
        raise Invalid(
            f"To {to} can't take task {task.sid} now: worker {worker.friendly_name} is in activity {activity} and has "
            f"to be available, with capacity left on channel {channel}"
        )
    return worker


def _check_rounds(state: State, task: Task) -> None:
    if task.rounds >= state.limits.assignments_max:
        raise InvalidTransition(
            f"Cannot transfer task {task.sid} in {place(state)}: it has been offered {task.rounds} times, and may not "
            "be offered again"
        )


def _new(state: State, task: Task, reservation: Reservation, values: Values, now_ms: Millis, ids: Ids) -> Transfer:
    queue, workflow = state.queues.get(task.queue or 0), state.workflows.get(task.workflow or 0)
    no = state.new_no()
    return Transfer(
        no=no,
        sid=ids.sid("TT", no),
        created_ms=now_ms,
        updated_ms=now_ms,
        task=task.no,
        worker_sid=state.workers[reservation.worker].sid,
        reservation_sid=reservation.sid,
        queue_sid=queue.sid if queue else None,
        workflow_sid=workflow.sid if workflow else None,
        to=values["to"],
        mode=TransferMode(values.get("mode") or TransferMode.WARM),
    )


def _handed_on(task: Task, transfer: Transfer, to: Worker | TaskQueue, values: Values, now_ms: Millis) -> Task:
    """The task as the transfer sends it off: its workflow is over."""
    fields = pick(values, ("attributes", "priority"))
    if "attributes" in fields:
        fields["text"] = task.text + (fields["attributes"] != task.attributes)
    handed = replace(
        task, **fields, transfer=transfer.no, place=None, target_deadline_ms=None, re_evaluate=None, updated_ms=now_ms
    )
    if isinstance(to, Worker):
        return reserved(handed, now_ms)
    return replace(
        handed,
        status=TaskStatus.PENDING,
        version=task.version + 1,
        queue=to.no,
        queue_entered_ms=task.queue_entered_ms if to.no == task.queue else now_ms,
    )


def update(state: State, command: cmd.UpdateTransfer, now_ms: Millis, ids: Ids) -> Iterator[ev.Event]:
    """Call a transfer off: the task goes back to whoever has it, and may be transferred again [sdk-test]."""
    worker, transfer = state.find(Worker, command.worker), state.find(Transfer, command.transfer)
    if transfer.worker_sid != worker.sid:
        raise NotFound(command.transfer)
    task = state.tasks[transfer.task]
    if command.values.get("task_sid", task.sid) != task.sid:
        raise Invalid(f"TaskSid {command.values['task_sid']} is not the task of transfer {transfer.sid}")
    wanted = command.values.get("transfer_status")
    if wanted is None:
        return
    if wanted != TransferStatus.CANCELED:
        raise Invalid(f"TransferStatus {wanted} can't be set: an update may set canceled")
    if transfer.status is not TransferStatus.INITIATED:  # clients compare the text [sdk-test]
        raise InvalidTransition(f"Transfer {transfer.sid} is already {transfer.status} . Cannot cancel transfer.")
    canceled = end_transfer(transfer, TransferStatus.CANCELED, now_ms)
    back = taken_back(state, task, transfer, now_ms)
    for pending in state.pending_of(task):
        ended = end_offer(pending, ReservationStatus.CANCELED, now_ms, reason_code=0)
        offered = state.workers[ended.worker]
        yield ev.ReservationCanceled(reservation=ended, task=back, worker=offered, also=(canceled,), at_ms=now_ms)
        yield from restore_activity(state, ended, now_ms)
    yield from come_to_nothing(state, ev.TaskTransferCanceled, back, canceled, task.queue, now_ms)
