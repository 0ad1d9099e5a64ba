"""What commands on tasks and reservations, and time, must do (routing.md 2, 3, 4.8 to 4.10)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from msgspec.structs import replace

from pointsman.core import commands as cmd
from pointsman.core import events as ev
from pointsman.core.errors import (
    BadInstruction,
    Invalid,
    InvalidTransition,
    NotFound,
    Rejected,
    Rescinded,
    UnknownInstruction,
    VersionMismatch,
)
from pointsman.core.limits import DIRECT_RESERVE_S, TASK_TIMEOUT_S_DEFAULT
from pointsman.core.types import (
    TASK_ENDED,
    Activity,
    Gone,
    Millis,
    No,
    Reservation,
    ReservationStatus,
    Task,
    TaskChannel,
    TaskQueue,
    TaskStatus,
    Transfer,
    TransferMode,
    TransferStatus,
    Worker,
    WorkerChannel,
    Workflow,
)
from tests.simulation.auditor.books import Books, in_order, routed_to, sid_of
from tests.simulation.auditor.configuration import Stand
from tests.simulation.auditor.endings import (
    after_work,
    cancel,
    complete,
    ended,
    give_back_activity,
    leave,
    remove,
    wrap_up,
)
from tests.simulation.auditor.expected import Due, Dues, MustRefuse
from tests.simulation.auditor.offers import accept, offer_to, reject, reserved, time_out, withdraw
from tests.simulation.auditor.routing import Look
from tests.simulation.auditor.transfers import come_to_nothing, moved, taken_back
from tests.simulation.auditor.travel import MATCHED, first_stand, leave_target, matched, standing, start_again

CREATED = "wire-observations 4 (1): task.created, workflow.entered, workflow.target-matched, task-queue.entered"
NO_SUCH = "REST: what does not exist can't be named"


def must_find(books: Books, kind: Any, sid: str) -> Any:
    found = books.find(kind, sid)
    if found is None:
        raise MustRefuse(NotFound, NO_SUCH, sid)
    return found


def must_refer(books: Books, kind: Any, sid: str, parameter: str, error: type[Rejected] = Invalid) -> Any:
    found = books.find(kind, sid)
    if found is None:
        raise MustRefuse(error, f"REST: {parameter} must name what exists", sid)
    return found


def check_version(one: Any, wanted: int | None) -> None:
    if wanted is not None and wanted != one.version:
        raise MustRefuse(VersionMismatch, "routing.md 2.1: an If-Match with another version is refused (412)")


# --- tasks --------------------------------------------------------------------------------------------------------


def create_task(books: Books, command: cmd.CreateTask) -> Dues:
    values, now_ms = command.values, books.now_ms
    routing = values.get("routing_target") or ""
    if routing.startswith("WW") and values.get("workflow_sid") not in (None, "", routing):
        raise MustRefuse(Invalid, "routing.md 4.9: one task goes to one place")
    workflow = _workflow_of_new(books, values, routing)
    if routing.startswith("WQ") and values.get("task_queue_sid") not in (None, "", routing):
        raise MustRefuse(Invalid, "routing.md 4.9: one task goes to one place")
    queue: TaskQueue | None = None
    if values.get("task_queue_sid"):
        queue = must_refer(books, TaskQueue, values["task_queue_sid"], "TaskQueueSid")
    elif routing.startswith("WQ"):
        queue = must_refer(books, TaskQueue, routing, "RoutingTarget")
    if routing and routing[:2] not in ("WK", "WQ", "WW"):
        raise MustRefuse(Invalid, "routing.md 4.9: RoutingTarget is a worker, a queue or a workflow")
    direct = must_refer(books, Worker, routing, "RoutingTarget") if routing.startswith("WK") else None
    if values.get("ignore_capacity") is not None and direct is None:
        raise MustRefuse(Invalid, "routing.md 4.9: IgnoreCapacity only with a worker as RoutingTarget")
    ignores = values.get("ignore_capacity", direct is not None)
    channel = _channel(books, values.get("task_channel") or "default")
    no = books.next_no
    task = Task(
        no=no,
        sid=sid_of("WT", no),
        created_ms=now_ms,
        updated_ms=now_ms,
        attributes=values.get("attributes", "{}"),
        priority=values.get("priority", 0),
        channel=channel.no,
        workflow=workflow.no if workflow else None,
        queue=queue.no if queue else None,
        queue_entered_ms=now_ms if queue else None,
        timeout_s=values.get("timeout", TASK_TIMEOUT_S_DEFAULT),
        virtual_start_ms=_virtual_start(values, now_ms, now_ms),
        routing_target=routing or None,
        ignore_capacity=ignores,
        reserve_by_ms=Millis(now_ms + 1_000 * DIRECT_RESERVE_S) if direct and ignores else None,
    )
    stand: Stand | None = None
    if queue is None and direct is None:
        assert workflow is not None
        stand = first_stand(books, task, books.rules(workflow.configuration), workflow.configuration)
        if stand is None:
            raise MustRefuse(Invalid, "design 7: a new task that no filter and no default filter takes is refused")
        task = standing(books, task, stand)
    yield Due(ev.TaskCreated(task=task, at_ms=now_ms), CREATED)
    if workflow is not None:
        yield Due(ev.WorkflowEntered(task=task, at_ms=now_ms), CREATED)
    if stand is not None:
        yield Due(matched(books, task, stand), MATCHED)
    if task.queue is not None:
        yield Due(ev.TaskQueueEntered(task=task, at_ms=now_ms), CREATED)


def _workflow_of_new(books: Books, values: cmd.Values, routing: str) -> Workflow | None:
    named = values.get("workflow_sid") or (routing if routing.startswith("WW") else "")
    if named:
        parameter = "WorkflowSid" if values.get("workflow_sid") else "RoutingTarget"
        found: Workflow = must_refer(books, Workflow, named, parameter)
        return found
    if routing or values.get("task_queue_sid"):
        return None
    if len(books.workflows) != 1:
        raise MustRefuse(Invalid, "routing.md 4.9: WorkflowSid may be omitted only where there is exactly one workflow")
    return next(iter(books.workflows.values()))


def _channel(books: Books, name: str) -> TaskChannel:
    found = books.channel(name)
    if found is None:
        raise MustRefuse(Invalid, "routing.md 1.4: TaskChannel is the sid or unique name of one that exists", name)
    return found


def _virtual_start(values: cmd.Values, default: Millis, now_ms: int) -> Millis:
    start_ms = values.get("virtual_start_time")
    if start_ms is not None and start_ms > now_ms:
        raise MustRefuse(Invalid, "routing.md 4.10: VirtualStartTime is not in the future")
    return default if start_ms is None else Millis(start_ms)


WORDS_OF_REFUSAL = {  # wire-observations 6
    TaskStatus.CANCELED: "because it is not pending or reserved.",
    TaskStatus.WRAPPING: "because it's not currently assigned",
    TaskStatus.COMPLETED: "because it is not currently assigned.",
}
MAY_BECOME = {  # routing.md 2.1
    TaskStatus.CANCELED: (TaskStatus.PENDING, TaskStatus.RESERVED),
    TaskStatus.WRAPPING: (TaskStatus.ASSIGNED,),
    TaskStatus.COMPLETED: (TaskStatus.ASSIGNED, TaskStatus.WRAPPING),
}


def update_task(books: Books, command: cmd.UpdateTask) -> Dues:
    task: Task = must_find(books, Task, command.task)
    values, now_ms = command.values, books.now_ms
    check_version(task, command.if_version)
    if not values:
        return
    status = _wanted_status(task, values)
    changes: dict[str, Any] = {name: values[name] for name in ("attributes", "priority") if name in values}
    if "reason" in values and not values.get("assignment_status"):
        changes["reason"] = values["reason"] or None
    if "attributes" in changes:
        changes["text"] = task.text + (changes["attributes"] != task.attributes)
    if values.get("task_channel"):
        changes["channel"] = _channel(books, values["task_channel"]).no
    if "virtual_start_time" in values:
        changes["virtual_start_ms"] = _virtual_start(values, task.created_ms, now_ms)
    if changes and task.status in TASK_ENDED:
        raise MustRefuse(InvalidTransition, "routing.md 2.1: a completed or canceled task is not changed any more")
    if changes:
        updated = replace(task, **changes, version=task.version + 1, updated_ms=now_ms)
        by_rules = task.place is not None and routed_to(task) is None
        if "attributes" in changes and status is None and by_rules:
            if task.status is TaskStatus.PENDING:  # 4.8, wire-observations 8 (9): even if nothing changed
                assert task.place is not None
                rules = books.configurations[task.place.configuration]
                yield from start_again(books, updated, rules, "attribute_update")
                updated = books.tasks.get(task.no, updated)
            elif task.status is TaskStatus.RESERVED and task.re_evaluate is None:
                updated = replace(updated, re_evaluate="attribute_update")  # used when it is pending again (4.8)
        if task.no in books.tasks:
            rule = "wire-observations 3 and 4.8: an update of a task raises its version by one and is told"
            followers = tuple(_on_new_channel(books, updated))
            yield Due(ev.TaskUpdated(task=updated, also=followers, at_ms=now_ms), rule)
    if status is None:
        return
    task = books.tasks[task.no]
    follow = {TaskStatus.CANCELED: cancel, TaskStatus.WRAPPING: wrap_up, TaskStatus.COMPLETED: complete}[status]
    yield from follow(books, task, values.get("reason") or None)


def _on_new_channel(books: Books, task: Task) -> Iterator[WorkerChannel | Reservation]:
    """Where a task has changed its channel its live reservations take capacity of that one, whether there is any."""
    rows: dict[No, WorkerChannel] = {}  # by worker: one may have the task twice
    moving: list[Reservation] = []
    ahead = 0
    for each in in_order(books.reservations):
        if each.task == task.no and (own := books.channel_of(each.worker, task.channel)).no != each.worker_channel:
            if each.worker not in rows:
                rows[each.worker] = books.numbered(own, ahead)
                ahead += rows[each.worker] is not own
            moving.append(replace(each, worker_channel=rows[each.worker].no))
    yield from rows.values()
    yield from moving


def _wanted_status(task: Task, values: cmd.Values) -> TaskStatus | None:
    if not values.get("assignment_status"):
        return None
    wanted = TaskStatus(values["assignment_status"])
    if wanted not in MAY_BECOME:
        if wanted is task.status:
            return None
        raise MustRefuse(InvalidTransition, "routing.md 2.1: an update sets canceled, wrapping or completed alone")
    if task.status not in MAY_BECOME[wanted]:
        rule = (
            f"routing.md 2.1: a task that is {task.status} does not become {wanted} (wire-observations 6 has the words)"
        )
        raise MustRefuse(InvalidTransition, rule, WORDS_OF_REFUSAL[wanted])
    return wanted


def delete_task(books: Books, command: cmd.DeleteTask) -> Dues:
    task: Task = must_find(books, Task, command.task)
    check_version(task, command.if_version)
    yield from remove(books, task, by_system=False)


# --- reservations -------------------------------------------------------------------------------------------------

FROM = {  # routing.md 3.1
    ReservationStatus.ACCEPTED: (ReservationStatus.PENDING,),
    ReservationStatus.REJECTED: (ReservationStatus.PENDING,),
    ReservationStatus.WRAPPING: (ReservationStatus.ACCEPTED,),
    ReservationStatus.COMPLETED: (ReservationStatus.ACCEPTED, ReservationStatus.WRAPPING),
}


def update_reservation(books: Books, command: cmd.UpdateReservation) -> Dues:
    values, now_ms = command.values, books.now_ms
    reservation: Reservation = must_find(books, Reservation, command.reservation)
    if command.task is not None and must_find(books, Task, command.task).no != reservation.task:
        raise MustRefuse(NotFound, "routing.md 3.6: a reservation stands under its own task")
    if command.worker is not None and must_find(books, Worker, command.worker).no != reservation.worker:
        raise MustRefuse(NotFound, "routing.md 3.6: a reservation stands under its own worker")
    check_version(reservation, command.if_version)
    instruction = (values.get("instruction") or "").lower()
    wanted = _wanted_answer(instruction, values)
    if wanted is None:
        return
    lapsed = reservation.status is ReservationStatus.PENDING and (
        min(reservation.deadline_ms, books.expires_ms(books.tasks[reservation.task])) <= now_ms
    )
    if reservation.status not in FROM[wanted] or lapsed:
        if reservation.status is ReservationStatus.RESCINDED and wanted is ReservationStatus.ACCEPTED:
            raise MustRefuse(Rescinded, "routing.md 3.5: accepting a rescinded offer is refused with 410")
        words = f"already in state [{wanted}]" if reservation.status is wanted else "not in expected state"
        raise MustRefuse(InvalidTransition, "routing.md 3.1 and 3.6: the reservation is not in a state for that", words)
    activity: No | None = None
    if values.get("worker_activity_sid"):
        error: type[Rejected] = BadInstruction if instruction == "reject" else Invalid
        activity = must_refer(books, Activity, values["worker_activity_sid"], "WorkerActivitySid", error).no
    if wanted is ReservationStatus.ACCEPTED:
        yield from accept(books, reservation, activity)
    elif wanted is ReservationStatus.REJECTED:
        yield from reject(books, reservation, activity)
    else:
        yield from leave(books, reservation, wanted)


def _wanted_answer(instruction: str, values: cmd.Values) -> ReservationStatus | None:
    if instruction in ("accept", "reject"):
        return ReservationStatus.ACCEPTED if instruction == "accept" else ReservationStatus.REJECTED
    if instruction:
        raise MustRefuse(UnknownInstruction, "REST: there is no such instruction")
    if not values.get("reservation_status"):
        return None
    wanted = ReservationStatus(values["reservation_status"])
    if wanted not in FROM:
        raise MustRefuse(Invalid, "REST: an update sets accepted, rejected, wrapping or completed")
    return wanted


def fail_assignment(books: Books, command: cmd.FailAssignment) -> Dues:
    reservation: Reservation = must_find(books, Reservation, command.reservation)
    if reservation.status is ReservationStatus.PENDING:  # else it was answered meanwhile
        yield from withdraw(books, reservation, callback_failed=True)


# --- transfers ----------------------------------------------------------------------------------------------------


def start_transfer(books: Books, command: cmd.StartTransfer) -> Dues:
    values, now_ms = command.values, books.now_ms
    worker: Worker = must_find(books, Worker, command.worker)
    task: Task = must_refer(books, Task, values["task_sid"], "TaskSid", Rejected)
    if task.status in TASK_ENDED:
        raise MustRefuse(Rejected, "routing.md 9.5: only an assigned task is transferred")
    reservation: Reservation = must_refer(books, Reservation, values["reservation_sid"], "ReservationSid", Rejected)
    if reservation.ended_ms is not None:
        raise MustRefuse(Rejected, "routing.md 9.5: only with an accepted reservation is a task transferred")
    if (reservation.task, reservation.worker) != (task.no, worker.no):
        raise MustRefuse(Invalid, "routing.md 9.5: a worker transfers a task by its own reservation of it")
    accepted = task.status is TaskStatus.ASSIGNED and reservation.status is ReservationStatus.ACCEPTED
    if task.transfer is not None or not accepted:
        raise MustRefuse(
            InvalidTransition, "routing.md 9.5: starting needs an accepted reservation, and no other transfer"
        )
    to = _to(books, task, values["to"])
    if task.rounds >= books.assignments_max:
        raise MustRefuse(InvalidTransition, "routing.md 1.7: a task may be offered a thousand times")
    queue, workflow = books.queues.get(task.queue or 0), books.workflows.get(task.workflow or 0)
    no = books.next_no
    transfer = Transfer(
        no=no,
        sid=sid_of("TT", no),
        created_ms=now_ms,
        updated_ms=now_ms,
        task=task.no,
        worker_sid=worker.sid,
        reservation_sid=reservation.sid,
        queue_sid=queue.sid if queue else None,
        workflow_sid=workflow.sid if workflow else None,
        to=values["to"],
        mode=TransferMode(values.get("mode") or "WARM"),
    )
    handed = _handed_on(books, task, transfer, to, values)
    initiated = ev.TaskTransferInitiated(task=handed, transfer=transfer, at_ms=now_ms)
    yield Due(initiated, "routing.md 9.5: a transfer that starts is told; the workflow of the task is over")
    if transfer.mode is TransferMode.COLD:
        rule = "routing.md 9.5: with COLD the reservation of the initiator goes to wrapping at once"
        yield Due(after_work(books, reservation, handed), rule)
    yield from moved(books, handed, task.queue)
    if isinstance(to, Worker):
        yield from offer_to(books, handed, [to.no])
    yield Due(ev.TaskUpdated(task=handed, at_ms=now_ms), "routing.md 9.5: the task changes as the transfer starts")


def _to(books: Books, task: Task, to: str) -> Worker | TaskQueue:
    if to.startswith("WQ"):
        queue: TaskQueue = must_refer(books, TaskQueue, to, "To")
        return queue
    other: Worker = must_refer(books, Worker, to, "To")
    if any(each.worker == other.no for each in books.at_work_on(task.no)):
        raise MustRefuse(Invalid, "routing.md 9.5: a transfer goes to another worker")
    why = Look(books).not_free(other, task.channel)
    if why is not None:
        raise MustRefuse(Invalid, f"routing.md 9.5: to a worker who is not available nothing starts ({why})")
    return other


def _handed_on(books: Books, task: Task, transfer: Transfer, to: Worker | TaskQueue, values: cmd.Values) -> Task:
    changes: dict[str, Any] = {name: values[name] for name in ("attributes", "priority") if name in values}
    if "attributes" in changes:
        changes["text"] = task.text + (changes["attributes"] != task.attributes)
    handed = replace(
        task,
        **changes,
        transfer=transfer.no,
        place=None,
        target_deadline_ms=None,
        re_evaluate=None,
        updated_ms=books.now_ms,
    )
    if isinstance(to, Worker):
        return reserved(books, handed)
    return replace(
        handed,
        status=TaskStatus.PENDING,
        version=task.version + 1,
        queue=to.no,
        queue_entered_ms=task.queue_entered_ms if to.no == task.queue else books.now_ms,
    )


def update_transfer(books: Books, command: cmd.UpdateTransfer) -> Dues:
    values = command.values
    worker: Worker = must_find(books, Worker, command.worker)
    transfer: Transfer = must_find(books, Transfer, command.transfer)
    if transfer.worker_sid != worker.sid:
        raise MustRefuse(NotFound, "routing.md 9.5: a transfer stands under the worker who started it")
    task = books.tasks[transfer.task]
    if values.get("task_sid", task.sid) != task.sid:
        raise MustRefuse(Invalid, "routing.md 9.5: TaskSid is the transfer's task")
    if values.get("transfer_status") is None:
        return
    if values["transfer_status"] != TransferStatus.CANCELED:
        raise MustRefuse(Invalid, "routing.md 9.5: an update sets canceled")
    if transfer.status is not TransferStatus.INITIATED:
        raise MustRefuse(InvalidTransition, "routing.md 9.5: a transfer that is over is not canceled", "is already")
    canceled = replace(transfer, status=TransferStatus.CANCELED, updated_ms=books.now_ms)
    back = taken_back(books, task, transfer)
    for open_offer in books.offers_of(task.no):
        over = ended(books, open_offer, ReservationStatus.CANCELED, code=0)
        event = ev.ReservationCanceled(
            reservation=over, task=back, worker=books.workers[over.worker], also=(canceled,), at_ms=books.now_ms
        )
        yield Due(event, "routing.md 9.5: canceling a transfer cancels its offers, the task in them is assigned again")
        yield from give_back_activity(books, over)
    yield from come_to_nothing(books, ev.TaskTransferCanceled, back, canceled, task.queue)


# --- time ---------------------------------------------------------------------------------------------------------


def tick(books: Books, command: cmd.Tick, items_max: int) -> Dues:
    """All that is due, oldest first, as far as the limit of a step goes; then a slice of the oldest job."""
    for _ in range(items_max):
        due = books.first_due()
        if due is None or due[0] > books.now_ms:
            break
        if due[1] in books.reservations:
            yield from time_out(books, books.reservations[due[1]])
        else:
            yield from _is_due(books, books.tasks[due[1]])
    else:
        return
    if books.jobs:
        yield from _slice(books, items_max)


def _is_due(books: Books, task: Task) -> Dues:
    now_ms = books.now_ms
    if books.expires_ms(task) <= now_ms:
        if task.assigned_ms is not None:
            yield from remove(books, task, by_system=True)
        elif routed_to(task) is not None and task.status is TaskStatus.PENDING:
            yield from _unreserved(books, task)
        else:
            yield from cancel(books, task, "Task TTL Exceeded")
    elif task.reserve_by_ms is not None and task.reserve_by_ms <= now_ms:
        yield from _unreserved(books, task)
    elif task.paused_until_ms is not None and task.paused_until_ms <= now_ms:
        rule = "design 7: after the pause for failed callbacks the task is offered again"
        yield Due(ev.TaskPaused(task=replace(task, paused_until_ms=None), at_ms=now_ms), rule)
    else:
        yield from leave_target(books, task, by_time=True)


def _unreserved(books: Books, task: Task) -> Dues:
    rule = "routing.md 4.9: a direct task that could not be reserved in time fails and is canceled"
    yield Due(ev.ReservationFailed(task=task, at_ms=books.now_ms), rule)
    yield from cancel(books, task, "RoutingTarget SLA for Reservation creation was not met")


def _slice(books: Books, items_max: int) -> Dues:
    """4.8: with ReEvaluateTasks pending tasks start again under the new rules, reserved ones once they are pending."""
    job = books.jobs[min(books.jobs)]
    workflow = books.workflows.get(job.subject)
    mine: list[Task] = []
    if workflow is not None:  # later tasks have entered by the new rules
        mine = [
            each for each in in_order(books.tasks) if each.workflow == workflow.no and job.cursor < each.no < job.no
        ]
    for task in mine[:items_max]:
        assert workflow is not None
        by_rules = task.place is not None and routed_to(task) is None
        if by_rules and task.status is TaskStatus.PENDING:
            yield from start_again(books, task, books.configurations[workflow.configuration], "workflow_updated")
        elif by_rules and task.status is TaskStatus.RESERVED:
            noted = replace(task, re_evaluate="workflow_updated")
            rule = "routing.md 4.8: a reserved task takes the new rules when it is pending again"
            yield Due(ev.JobMoved(also=(noted,), at_ms=books.now_ms), rule)
    rule = "design 2: long work goes on in slices, in order of creation"
    if len(mine) <= items_max:
        yield Due(ev.JobMoved(also=(Gone(no=job.no, sid=job.sid),), at_ms=books.now_ms), rule)
    else:
        further = replace(job, cursor=mine[items_max - 1].no, updated_ms=books.now_ms)
        yield Due(ev.JobMoved(also=(further,), at_ms=books.now_ms), rule)
