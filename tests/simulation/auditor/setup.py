"""What commands on workspaces, activities, channels, workers, queues and workflows must do (routing.md 1 and 4.8)."""

from __future__ import annotations

import json
from typing import Any

from msgspec.structs import replace

from pointsman.core import commands as cmd
from pointsman.core import events as ev
from pointsman.core.errors import InUse, Invalid, NotFound
from pointsman.core.limits import ACTIVITIES_MAX, WORKERS_MAX
from pointsman.core.types import (
    Activity,
    Change,
    Configuration,
    Gone,
    Job,
    No,
    QueueOrder,
    ReservationStatus,
    Task,
    TaskChannel,
    TaskQueue,
    Worker,
    WorkerChannel,
    Workflow,
    Workspace,
)
from tests.simulation.auditor import configuration, language
from tests.simulation.auditor.books import WAITING_OR_RESERVED, Books, in_order, looks_like_sid, sid_of
from tests.simulation.auditor.endings import move
from tests.simulation.auditor.expected import Due, Dues, MustRefuse
from tests.simulation.auditor.offers import reject, withdraw
from tests.simulation.auditor.work import NO_SUCH, check_version, must_find, must_refer

CHANNELS = (("default", "Default"), ("voice", "Voice"), ("chat", "Chat"), ("sms", "SMS"), ("video", "Video"))
ACTIVITIES = {  # routing.md 1.2
    True: (("Offline", False), ("Available", True), ("Unavailable", False)),
    False: (("Offline", False), ("Idle", True), ("Busy", False), ("Reserved", False)),
}
NAME_TAKEN = "routing.md 1.3 and wire-observations 6: a friendly name is unique in the workspace, without case"
VERSION = "wire-observations 3: a worker's version grows by one with an activity, an attribute or a channel update"


def made(books: Books, ahead: int = 0) -> dict[str, Any]:
    """What every new entity has; `ahead` others were made before it in the same event."""
    return {"no": books.next_no + ahead, "created_ms": books.now_ms, "updated_ms": books.now_ms}


def check_name(books: Books, kind: Any, name: str, own: Any, field: str = "friendly_name") -> None:
    holder = books.named(kind, name, field)
    if holder is not None and (own is None or holder.no != own.no):
        raise MustRefuse(Invalid, NAME_TAKEN, name)


# --- workspaces ---------------------------------------------------------------------------------------------------


def create_workspace(books: Books, command: cmd.CreateWorkspace) -> Dues:
    values = command.values
    multi = values.get("multi_task_enabled", True)
    rule = "routing.md 1.1 to 1.4, wire-observations 2: what a new workspace holds"
    workspace = Workspace(
        **made(books),
        sid=command.sid,
        account_sid=command.account_sid,
        friendly_name=values["friendly_name"],
        event_callback_url=values.get("event_callback_url") or "",
        events_filter=values.get("events_filter") or None,
        multi_task_enabled=multi,
        prioritize_queue_order=QueueOrder(values.get("prioritize_queue_order", "FIFO")),
        default_activity=2,
        timeout_activity=2,
    )
    yield Due(ev.WorkspaceCreated(workspace=workspace, at_ms=books.now_ms), rule)
    for name, available in ACTIVITIES[multi]:
        activity = Activity(**made(books), sid=sid_of("WA", books.next_no), friendly_name=name, available=available)
        yield Due(ev.ActivityCreated(activity=activity, at_ms=books.now_ms), rule)
    for unique_name, name in CHANNELS:
        channel = TaskChannel(
            **made(books), sid=sid_of("TC", books.next_no), friendly_name=name, unique_name=unique_name
        )
        yield Due(ev.TaskChannelCreated(channel=channel, at_ms=books.now_ms), rule)
    if values.get("template") == "FIFO":
        queue = TaskQueue(**made(books), sid=sid_of("WQ", books.next_no), friendly_name="Sample Queue")
        yield Due(ev.TaskQueueCreated(queue=queue, at_ms=books.now_ms), rule)
        document = json.dumps(
            {"task_routing": {"filters": [], "default_filter": {"queue": queue.sid}}}, separators=(",", ":")
        )
        own = Configuration(**made(books, 1), sid=sid_of("XC", books.next_no + 1), document=document)
        workflow = Workflow(
            **made(books),
            sid=sid_of("WW", books.next_no),
            friendly_name="Default Fifo Workflow",
            configuration=own.no,
        )
        yield Due(ev.WorkflowCreated(workflow=workflow, also=(own,), at_ms=books.now_ms), rule)


def update_workspace(books: Books, command: cmd.UpdateWorkspace) -> Dues:
    values, before = command.values, books.workspace
    if values.get("multi_task_enabled") is False and before.multi_task_enabled:
        raise MustRefuse(Invalid, "routing.md 1.1: multitasking can't be turned off again")
    names = ("friendly_name", "event_callback_url", "multi_task_enabled", "events_filter")
    changes: dict[str, Any] = {name: values[name] for name in names if name in values}
    if "events_filter" in changes:
        changes["events_filter"] = changes["events_filter"] or None
    if "prioritize_queue_order" in values:
        changes["prioritize_queue_order"] = QueueOrder(values["prioritize_queue_order"])
    for name in ("default_activity", "timeout_activity"):
        if f"{name}_sid" in values:
            changes[name] = must_refer(books, Activity, values[f"{name}_sid"], name).no
    if changes:
        renamed = changes.get("friendly_name", before.friendly_name) != before.friendly_name
        after = replace(before, **changes, text=before.text + renamed, updated_ms=books.now_ms)
        yield Due(ev.WorkspaceUpdated(workspace=after, at_ms=books.now_ms), "routing.md 1.1: settings of a workspace")


def delete_workspace(books: Books, command: cmd.DeleteWorkspace) -> Dues:
    event = ev.WorkspaceDeleted(workspace=books.workspace, at_ms=books.now_ms)
    books.deleted = True
    yield Due(event, "design 7: a workspace goes with all that is in it")


# --- activities ---------------------------------------------------------------------------------------------------


def create_activity(books: Books, command: cmd.CreateActivity) -> Dues:
    check_name(books, Activity, command.values["friendly_name"], None)
    if len(books.activities) >= ACTIVITIES_MAX:
        raise MustRefuse(Invalid, "routing.md 1.2: at most 100 activities")
    activity = Activity(
        **made(books),
        sid=sid_of("WA", books.next_no),
        friendly_name=command.values["friendly_name"],
        available=command.values.get("available", False),
    )
    yield Due(ev.ActivityCreated(activity=activity, at_ms=books.now_ms), "routing.md 1.2: a new activity")


def update_activity(books: Books, command: cmd.UpdateActivity) -> Dues:
    before: Activity = must_find(books, Activity, command.activity)
    name = command.values.get("friendly_name", before.friendly_name)
    if name != before.friendly_name:
        check_name(books, Activity, name, before)
        after = replace(before, friendly_name=name, text=before.text + 1, updated_ms=books.now_ms)
        rule = "routing.md 1.2: an activity's name may change, whether it is available never"
        yield Due(ev.ActivityUpdated(activity=after, at_ms=books.now_ms), rule)


def delete_activity(books: Books, command: cmd.DeleteActivity) -> Dues:
    activity: Activity = must_find(books, Activity, command.activity)
    used = [books.workspace.default_activity, books.workspace.timeout_activity]
    used += [worker.activity for worker in books.workers.values()]
    used += [each for queue in books.queues.values() for each in (queue.reservation_activity or 0,)]
    used += [each for queue in books.queues.values() for each in (queue.assignment_activity or 0,)]
    if activity.no in used:
        raise MustRefuse(InUse, "routing.md 1.2: an activity in use can't be deleted")
    gone = Gone(no=activity.no, sid=activity.sid)
    yield Due(ev.ActivityDeleted(activity=activity, gone=gone, at_ms=books.now_ms), "routing.md 1.2: it is gone")


# --- task channels ------------------------------------------------------------------------------------------------


def create_channel(books: Books, command: cmd.CreateTaskChannel) -> Dues:
    values = command.values
    if looks_like_sid(values["unique_name"].upper(), "TC"):
        raise MustRefuse(Invalid, "routing.md 1.4: a unique name is no sid")
    check_name(books, TaskChannel, values["unique_name"], None, "unique_name")
    channel = TaskChannel(
        **made(books),
        sid=sid_of("TC", books.next_no),
        friendly_name=values["friendly_name"],
        unique_name=values["unique_name"],
        channel_optimized_routing=values.get("channel_optimized_routing", False),
    )
    rule = "routing.md 1.4: every worker has one worker channel for each task channel, capacity 1, available"
    yield Due(ev.TaskChannelCreated(channel=channel, at_ms=books.now_ms), rule)


def update_channel(books: Books, command: cmd.UpdateTaskChannel) -> Dues:
    before = books.channel(command.channel)
    if before is None:
        raise MustRefuse(NotFound, NO_SUCH, command.channel)
    names = ("friendly_name", "channel_optimized_routing")
    changes = {name: command.values[name] for name in names if name in command.values}
    if changes:
        after = replace(before, **changes, text=before.text + 1, updated_ms=books.now_ms)
        yield Due(ev.TaskChannelUpdated(channel=after, at_ms=books.now_ms), "routing.md 1.4: a channel's settings")


def delete_channel(books: Books, command: cmd.DeleteTaskChannel) -> Dues:
    channel = books.channel(command.channel)
    if channel is None:
        raise MustRefuse(NotFound, NO_SUCH, command.channel)
    if channel.unique_name in dict(CHANNELS):
        raise MustRefuse(InUse, "routing.md 1.4: the five default channels stay")
    own = [each for each in in_order(books.worker_channels) if each.channel == channel.no]
    if any(task.channel == channel.no for task in books.tasks.values()):
        raise MustRefuse(InUse, "routing.md 1.4 [inferred]: a channel that live tasks are on can't be deleted")
    event = ev.TaskChannelDeleted(
        channel=channel,
        gone=Gone(no=channel.no, sid=channel.sid),
        also=tuple(Gone(no=each.no, sid=each.sid) for each in own),
        at_ms=books.now_ms,
    )
    yield Due(event, "routing.md 1.4: a channel goes with everybody's worker channel of it")


# --- workers ------------------------------------------------------------------------------------------------------


def create_worker(books: Books, command: cmd.CreateWorker) -> Dues:
    values = command.values
    check_name(books, Worker, values["friendly_name"], None)
    if len(books.workers) >= WORKERS_MAX:
        raise MustRefuse(Invalid, "routing.md 1.3: at most 15,000 workers")
    activity = books.workspace.default_activity
    if values.get("activity_sid"):
        activity = must_refer(books, Activity, values["activity_sid"], "ActivitySid").no
    worker = Worker(
        **made(books),
        sid=sid_of("WK", books.next_no),
        friendly_name=values["friendly_name"],
        attributes=values.get("attributes", "{}"),
        activity=activity,
        status_changed_ms=books.now_ms,
    )
    rule = "routing.md 1.3 and 1.4: a new worker, at version 1, with one worker channel for each task channel"
    yield Due(ev.WorkerCreated(worker=worker, at_ms=books.now_ms), rule)


def update_worker(books: Books, command: cmd.UpdateWorker) -> Dues:
    worker: Worker = must_find(books, Worker, command.worker)
    check_version(worker, command.if_version)
    values, now_ms = command.values, books.now_ms
    check_name(books, Worker, values.get("friendly_name", worker.friendly_name), worker)
    activity: Activity | None = None
    if values.get("activity_sid"):
        activity = must_refer(books, Activity, values["activity_sid"], "ActivitySid")
    rejects = values.get("reject_pending_reservations", False)
    if rejects and (activity or books.activities[worker.activity]).available:
        raise MustRefuse(Invalid, "routing.md 3.4: RejectPendingReservations only with an unavailable activity")
    for field, kind in (("friendly_name", ev.WorkerRenamed), ("attributes", ev.WorkerAttributesUpdated)):
        worker = books.workers[worker.no]
        if values.get(field, getattr(worker, field)) != getattr(worker, field):
            change: dict[str, Any] = {field: values[field]}
            after = replace(worker, **change, version=worker.version + 1, text=worker.text + 1, updated_ms=now_ms)
            yield Due(kind(worker=after, at_ms=now_ms), VERSION)
    if activity is not None:
        rule = "routing.md 9.1: an activity that is set is told, with the time spent in the one before"
        yield from move(books, worker.no, activity.no, rule)
    if rejects:
        for offer in books.held_by(worker.no):
            if offer.status is ReservationStatus.PENDING:
                yield from reject(books, offer, books.workers[worker.no].activity)


def delete_worker(books: Books, command: cmd.DeleteWorker) -> Dues:
    worker: Worker = must_find(books, Worker, command.worker)
    check_version(worker, command.if_version)
    held = books.held_by(worker.no)
    if any(each.status is not ReservationStatus.PENDING for each in held):
        raise MustRefuse(InUse, "routing.md 1.3: a worker who is at work can't be deleted")
    for offer in held:
        yield from withdraw(books, offer, callback_failed=False)
    own = [each for each in in_order(books.worker_channels) if each.worker == worker.no]
    event = ev.WorkerDeleted(
        worker=books.workers[worker.no],
        gone=Gone(no=worker.no, sid=worker.sid),
        also=tuple(Gone(no=each.no, sid=each.sid) for each in own),
        at_ms=books.now_ms,
    )
    yield Due(event, "routing.md 1.3: a worker goes with its worker channels")


def update_worker_channel(books: Books, command: cmd.UpdateWorkerChannel) -> Dues:
    worker: Worker = must_find(books, Worker, command.worker)
    before = _own_channel(books, worker, command.channel)
    after = replace(
        books.numbered(before),
        capacity=command.values.get("capacity", before.capacity),
        available=command.values.get("available", before.available),
        updated_ms=books.now_ms,
    )
    kinds: list[type[ev.WorkerChannelEvent]] = []
    if after.capacity != before.capacity:
        kinds.append(ev.WorkerCapacityUpdated)
    if after.available != before.available:
        kinds.append(ev.WorkerChannelAvailabilityUpdated)
    for kind in kinds:
        worker = books.workers[worker.no]
        event = kind(
            worker=replace(worker, version=worker.version + 1, updated_ms=books.now_ms),
            worker_channel=after,
            channel=books.channels[before.channel],
            previous_capacity=before.capacity,
            task_count=len(books.held_on(before.no)),
            at_ms=books.now_ms,
        )
        yield Due(event, VERSION)


def _own_channel(books: Books, worker: Worker, name: str) -> WorkerChannel:
    if looks_like_sid(name, "WC"):
        for each in books.channels:
            if (own := books.channel_of(worker.no, each)).sid == name:
                return own
        raise MustRefuse(NotFound, NO_SUCH, name)
    channel = books.channel(name)
    if channel is None:
        raise MustRefuse(NotFound, NO_SUCH, name)
    return books.channel_of(worker.no, channel.no)


# --- queues -------------------------------------------------------------------------------------------------------


def create_queue(books: Books, command: cmd.CreateTaskQueue) -> Dues:
    _check_queue(books, command.values, None)
    blank = TaskQueue(**made(books), sid=sid_of("WQ", books.next_no), friendly_name="")
    queue = replace(blank, **_queue_changes(books, command.values, blank))
    yield Due(ev.TaskQueueCreated(queue=queue, at_ms=books.now_ms), "routing.md 1.6: a new queue")


def update_queue(books: Books, command: cmd.UpdateTaskQueue) -> Dues:
    before: TaskQueue = must_find(books, TaskQueue, command.queue)
    _check_queue(books, command.values, before)
    after = replace(before, **_queue_changes(books, command.values, before))
    if after == before:
        return
    words = [(each.friendly_name, each.target_workers) for each in (before, after)]
    after = replace(after, text=before.text + (words[0] != words[1]), updated_ms=books.now_ms)
    yield Due(ev.TaskQueueUpdated(queue=after, at_ms=books.now_ms), "routing.md 1.6: a queue's settings")
    if after.target_workers != before.target_workers:
        rule = "routing.md 4.8: a queue's new expression is told, membership follows"
        yield Due(ev.TaskQueueExpressionUpdated(queue=after, at_ms=books.now_ms), rule)


def _check_queue(books: Books, values: cmd.Values, own: TaskQueue | None) -> None:
    if values.get("friendly_name") is not None:
        check_name(books, TaskQueue, values["friendly_name"], own)
    if "target_workers" in values:
        try:
            language.read(values["target_workers"], language.QUEUE)
        except language.Unreadable:
            raise MustRefuse(Invalid, "routing.md 5.5: an expression that does not parse is refused") from None


def _queue_changes(books: Books, values: cmd.Values, before: TaskQueue) -> dict[str, Any]:
    names = ("friendly_name", "target_workers", "max_reserved_workers")
    changes: dict[str, Any] = {name: values[name] for name in names if name in values}
    if "task_order" in values:
        changes["task_order"] = QueueOrder(values["task_order"])
    for name in ("reservation_activity", "assignment_activity"):
        sid = values.get(f"{name}_sid")
        if f"{name}_sid" in values:
            changes[name] = must_refer(books, Activity, sid, name).no if sid else None
    return changes


def delete_queue(books: Books, command: cmd.DeleteTaskQueue) -> Dues:
    queue: TaskQueue = must_find(books, TaskQueue, command.queue)
    if any(task.queue == queue.no for task in books.tasks.values()):
        raise MustRefuse(InUse, "routing.md 1.6: a queue with live tasks can't be deleted")
    needed = {workflow.configuration for workflow in books.workflows.values()} | _followed(books)
    if any(queue.sid in books.rules(no).queues() for no in needed):
        raise MustRefuse(InUse, "routing.md 1.6: a queue that a workflow, or a snapshot in use, names can't be deleted")
    gone = Gone(no=queue.no, sid=queue.sid)
    yield Due(ev.TaskQueueDeleted(queue=queue, gone=gone, at_ms=books.now_ms), "routing.md 1.6: it is gone")


# --- workflows ----------------------------------------------------------------------------------------------------


def create_workflow(books: Books, command: cmd.CreateWorkflow) -> Dues:
    values = command.values
    check_name(books, Workflow, values["friendly_name"], None)
    _check_document(books, values["configuration"])
    rules = Configuration(**made(books, 1), sid=sid_of("XC", books.next_no + 1), document=values["configuration"])
    workflow = Workflow(
        **made(books),
        sid=sid_of("WW", books.next_no),
        friendly_name=values["friendly_name"],
        configuration=rules.no,
        assignment_callback_url=values.get("assignment_callback_url") or None,
        fallback_assignment_callback_url=values.get("fallback_assignment_callback_url") or None,
        task_reservation_timeout_s=values.get("task_reservation_timeout", 120),
    )
    event = ev.WorkflowCreated(workflow=workflow, also=(rules,), at_ms=books.now_ms)
    yield Due(event, "routing.md 4.1: a new workflow")


def update_workflow(books: Books, command: cmd.UpdateWorkflow) -> Dues:
    before: Workflow = must_find(books, Workflow, command.workflow)
    values, also = command.values, list[Change]()
    check_name(books, Workflow, values.get("friendly_name", before.friendly_name), before)
    changes: dict[str, Any] = {}
    if "friendly_name" in values:
        changes["friendly_name"] = values["friendly_name"]
    for url in ("assignment_callback_url", "fallback_assignment_callback_url"):
        if url in values:
            changes[url] = values[url] or None
    if "task_reservation_timeout" in values:
        changes["task_reservation_timeout_s"] = values["task_reservation_timeout"]
    if "configuration" in values:
        _check_document(books, values["configuration"])
        if values["configuration"] != books.configurations[before.configuration].document:
            rules = Configuration(**made(books), sid=sid_of("XC", books.next_no), document=values["configuration"])
            changes["configuration"] = rules.no
            also = [rules, *_unneeded(books, before)]
    if values.get("re_evaluate_tasks") and _waiting_of(books, before):
        ahead = sum(not isinstance(each, Gone) for each in also)
        job = Job(**made(books, ahead), sid=sid_of("XJ", books.next_no + ahead), work="re-evaluate", subject=before.no)
        also.append(job)
    if changes or also:
        renamed = changes.get("friendly_name", before.friendly_name) != before.friendly_name
        after = replace(before, **changes, text=before.text + renamed, updated_ms=books.now_ms)
        rule = "routing.md 4.8: waiting tasks keep their configuration, unless ReEvaluateTasks asks for long work"
        yield Due(ev.WorkflowUpdated(workflow=after, also=tuple(also), at_ms=books.now_ms), rule)


def delete_workflow(books: Books, command: cmd.DeleteWorkflow) -> Dues:
    workflow: Workflow = must_find(books, Workflow, command.workflow)
    if _waiting_of(books, workflow):
        raise MustRefuse(InUse, "REST: a workflow with pending or reserved tasks can't be deleted")
    own = books.configurations[workflow.configuration]
    gone = (Gone(no=own.no, sid=own.sid), *_unneeded(books, None))
    event = ev.WorkflowDeleted(
        workflow=workflow, gone=Gone(no=workflow.no, sid=workflow.sid), also=gone, at_ms=books.now_ms
    )
    yield Due(event, "REST: a workflow goes with its configuration and those that nothing follows")


def _waiting_of(books: Books, workflow: Workflow) -> list[Task]:
    return [
        task for task in books.tasks.values() if task.workflow == workflow.no and task.status in WAITING_OR_RESERVED
    ]


def _followed(books: Books) -> set[No]:
    """Configurations that pending or reserved tasks still follow (1.6, 4.8)."""
    return {
        task.place.configuration
        for task in books.tasks.values()
        if task.place is not None and task.status in WAITING_OR_RESERVED
    }


def _unneeded(books: Books, replaced: Workflow | None) -> list[Gone]:
    """Configurations that no workflow has (but the one that gets another now) and no waiting task follows."""
    needed = {each.configuration for each in books.workflows.values() if each is not replaced} | _followed(books)
    return [Gone(no=each.no, sid=each.sid) for each in in_order(books.configurations) if each.no not in needed]


def _check_document(books: Books, document: str) -> None:
    try:
        named = configuration.read(document).queues()
    except configuration.Unfit:
        raise MustRefuse(Invalid, "routing.md 4.1: a configuration that breaks the grammar is refused") from None
    for sid in named:
        if books.find(TaskQueue, sid) is None:
            raise MustRefuse(Invalid, "routing.md 4.1: every queue that a configuration names exists", sid)
