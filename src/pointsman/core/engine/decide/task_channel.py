"""Task channels. Every worker has one worker channel for each [docs: worker-channels], which follows from both until
something changes it."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec.structs import replace

from pointsman.core import commands as cmd
from pointsman.core import events as ev
from pointsman.core.engine.decide.checks import check_name_free, pick, place
from pointsman.core.engine.decide.workspace import BUILT_IN_CHANNELS
from pointsman.core.engine.state import State
from pointsman.core.errors import InUse, Invalid
from pointsman.core.ids import Ids, is_sid
from pointsman.core.types import Gone, Millis, TaskChannel


def create(state: State, command: cmd.CreateTaskChannel, now_ms: Millis, ids: Ids) -> Iterator[ev.Event]:
    values = command.values
    name = values["unique_name"]
    if is_sid(name.upper(), "TC"):
        raise Invalid(f"UniqueName {name} has the form of a task channel's sid: expected a name")
    check_name_free(state, "task_channel", name, None, f"TaskChannel {name} already exists for {place(state)}")
    no = state.new_no()
    channel = TaskChannel(
        no=no,
        sid=ids.sid("TC", no),
        created_ms=now_ms,
        updated_ms=now_ms,
        friendly_name=values["friendly_name"],
        unique_name=name,
        channel_optimized_routing=values.get("channel_optimized_routing", False),
    )
    yield ev.TaskChannelCreated(channel=channel, at_ms=now_ms)


def update(state: State, command: cmd.UpdateTaskChannel, now_ms: Millis, ids: Ids) -> Iterator[ev.Event]:
    before = state.channel(command.channel)
    changes = pick(command.values, ("friendly_name", "channel_optimized_routing"))
    if changes:
        after = replace(before, **changes, text=before.text + 1, updated_ms=now_ms)
        yield ev.TaskChannelUpdated(channel=after, at_ms=now_ms)


def delete(state: State, command: cmd.DeleteTaskChannel, now_ms: Millis, ids: Ids) -> Iterator[ev.Event]:
    channel = state.channel(command.channel)
    if channel.unique_name in BUILT_IN_CHANNELS:
        raise InUse(f"Cannot delete task channel {channel.unique_name}: it is one of the built-in five")
    if state.census.of_all(channel.no).total:
        raise InUse(f"Cannot delete task channel {channel.sid} because tasks that have not ended use it")
    own = [state.worker_channels[no] for no in sorted(state.own_channels.get(channel.no, {}).values())]
    yield ev.TaskChannelDeleted(
        channel=channel,
        gone=Gone(no=channel.no, sid=channel.sid),
        also=tuple(Gone(no=each.no, sid=each.sid) for each in own),
        at_ms=now_ms,
    )
