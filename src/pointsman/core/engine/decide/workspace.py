"""Workspaces: what a new one holds, settings that change routing, and the end of one."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec
from msgspec.structs import replace

from pointsman.core import commands as cmd
from pointsman.core import events as ev
from pointsman.core.engine.decide.checks import pick, referred
from pointsman.core.engine.state import State
from pointsman.core.errors import Invalid
from pointsman.core.ids import Ids
from pointsman.core.types import (
    Activity,
    Configuration,
    Millis,
    QueueOrder,
    TaskChannel,
    TaskQueue,
    Workflow,
    Workspace,
)

# [docs: activity] for multitasking; single-tasking workspaces keep the older names [sample][inferred]
ACTIVITIES = {
    True: (("Offline", False), ("Available", True), ("Unavailable", False)),
    False: (("Offline", False), ("Idle", True), ("Busy", False), ("Reserved", False)),
}
CHANNELS = (("default", "Default"), ("voice", "Voice"), ("chat", "Chat"), ("sms", "SMS"), ("video", "Video"))
BUILT_IN_CHANNELS = frozenset(name for name, _ in CHANNELS)


def create(state: State, command: cmd.CreateWorkspace, now_ms: Millis, ids: Ids) -> Iterator[ev.Event]:
    values = command.values
    multi = values.get("multi_task_enabled", True)
    no = state.new_no()
    first = state.next_no  # the activities' numbers follow; "Offline" is the first of them
    yield ev.WorkspaceCreated(
        workspace=Workspace(
            no=no,
            sid=command.sid,
            created_ms=now_ms,
            updated_ms=now_ms,
            account_sid=command.account_sid,
            friendly_name=values["friendly_name"],
            event_callback_url=values.get("event_callback_url") or "",
            events_filter=values.get("events_filter") or None,
            multi_task_enabled=multi,
            prioritize_queue_order=QueueOrder(values.get("prioritize_queue_order", "FIFO")),
            default_activity=first,
            timeout_activity=first,
        ),
        at_ms=now_ms,
    )
    for name, available in ACTIVITIES[multi]:
        no = state.new_no()
        activity = Activity(
            no=no,
            sid=ids.sid("WA", no),
            created_ms=now_ms,
            updated_ms=now_ms,
            friendly_name=name,
            available=available,
        )
        yield ev.ActivityCreated(activity=activity, at_ms=now_ms)
    for unique_name, name in CHANNELS:
        no = state.new_no()
        channel = TaskChannel(
            no=no,
            sid=ids.sid("TC", no),
            created_ms=now_ms,
            updated_ms=now_ms,
            friendly_name=name,
            unique_name=unique_name,
        )
        yield ev.TaskChannelCreated(channel=channel, at_ms=now_ms)
    if values.get("template", "NONE") == "FIFO":
        yield from _fifo_template(state, now_ms, ids)


def _fifo_template(state: State, now_ms: Millis, ids: Ids) -> Iterator[ev.Event]:
    """One queue for everybody and a workflow that points at it [obs: live provider test]."""
    no = state.new_no()
    common: Any = {"created_ms": now_ms, "updated_ms": now_ms}
    queue = TaskQueue(no=no, sid=ids.sid("WQ", no), friendly_name="Sample Queue", **common)
    yield ev.TaskQueueCreated(queue=queue, at_ms=now_ms)
    document = msgspec.json.encode({"task_routing": {"filters": [], "default_filter": {"queue": queue.sid}}})
    no, configuration_no = state.new_no(), state.new_no()
    configuration = Configuration(
        no=configuration_no, sid=ids.sid("XC", configuration_no), document=document.decode(), **common
    )
    workflow = Workflow(
        no=no,
        sid=ids.sid("WW", no),
        friendly_name="Default Fifo Workflow",
        configuration=configuration_no,
        **common,
    )
    yield ev.WorkflowCreated(workflow=workflow, also=(configuration,), at_ms=now_ms)


def update(state: State, command: cmd.UpdateWorkspace, now_ms: Millis, ids: Ids) -> Iterator[ev.Event]:
    values, before = command.values, state.workspace
    if values.get("multi_task_enabled") is False and before.multi_task_enabled:
        raise Invalid("MultiTaskEnabled can't be turned off again in a workspace that has multitasking")
    changes = pick(values, ("friendly_name", "event_callback_url", "multi_task_enabled", "events_filter"))
    if "events_filter" in changes:
        changes["events_filter"] = changes["events_filter"] or None
    if "prioritize_queue_order" in values:
        changes["prioritize_queue_order"] = QueueOrder(values["prioritize_queue_order"])
    for name, parameter in (
        ("default_activity", "DefaultActivitySid"),
        ("timeout_activity", "TimeoutActivitySid"),
    ):
        if f"{name}_sid" in values:
            changes[name] = referred(state, Activity, values[f"{name}_sid"], parameter).no
    if not changes:
        return
    renamed = changes.get("friendly_name", before.friendly_name) != before.friendly_name
    after = replace(before, **changes, text=before.text + renamed, updated_ms=now_ms)
    yield ev.WorkspaceUpdated(workspace=after, at_ms=now_ms)


def delete(state: State, command: cmd.DeleteWorkspace, now_ms: Millis, ids: Ids) -> Iterator[ev.Event]:
    """Everything inside goes with it; the store sees to that."""
    yield ev.WorkspaceDeleted(workspace=state.workspace, at_ms=now_ms)
    state.deleted = True
