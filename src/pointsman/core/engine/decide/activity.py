"""Activities: a name, and for life whether workers in it are available [docs: activity]."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec.structs import replace

from pointsman.core import commands as cmd
from pointsman.core import events as ev
from pointsman.core.engine.decide.checks import check_name_free, check_room, place
from pointsman.core.engine.state import State
from pointsman.core.errors import InUse
from pointsman.core.ids import Ids
from pointsman.core.types import Activity, Gone, Millis


def create(state: State, command: cmd.CreateActivity, now_ms: Millis, ids: Ids) -> Iterator[ev.Event]:
    name = command.values["friendly_name"]
    _check_name(state, name, None)
    check_room(len(state.activities), state.limits.activities_max, "activities")
    no = state.new_no()
    activity = Activity(
        no=no,
        sid=ids.sid("WA", no),
        created_ms=now_ms,
        updated_ms=now_ms,
        friendly_name=name,
        available=command.values.get("available", False),
    )
    yield ev.ActivityCreated(activity=activity, at_ms=now_ms)


def update(state: State, command: cmd.UpdateActivity, now_ms: Millis, ids: Ids) -> Iterator[ev.Event]:
    before = state.find(Activity, command.activity)
    name = command.values.get("friendly_name", before.friendly_name)
    if name == before.friendly_name:
        return
    _check_name(state, name, before)
    after = replace(before, friendly_name=name, text=before.text + 1, updated_ms=now_ms)
    yield ev.ActivityUpdated(activity=after, at_ms=now_ms)


def delete(state: State, command: cmd.DeleteActivity, now_ms: Millis, ids: Ids) -> Iterator[ev.Event]:
    activity = state.find(Activity, command.activity)
    workspace = state.workspace
    if activity.no in (workspace.default_activity, workspace.timeout_activity):
        raise InUse(f"Cannot delete activity {activity.sid} because it is the workspace's default or timeout activity")
    if state.counts[("activity", activity.no)]:
        raise InUse(f"Cannot delete activity {activity.sid} because workers or task queues use it")
    yield ev.ActivityDeleted(activity=activity, gone=Gone(no=activity.no, sid=activity.sid), at_ms=now_ms)


def _check_name(state: State, name: str, own: Activity | None) -> None:
    check_name_free(state, "activity", name, own, f"Activity named {name} already exists for {place(state)}")
