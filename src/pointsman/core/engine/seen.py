"""What expressions see of a task."""

from __future__ import annotations

from typing import Any

import msgspec

from pointsman.core.types import Task, TaskChannel

BUILT_IN = ("sid", "priority", "task_channel_unique_name")
_decode = msgspec.json.Decoder(dict[str, Any]).decode


def seen_of(task: Task, channel: TaskChannel | None) -> dict[str, Any]:
    """Its attributes; and, where no attribute has the name, `sid`, `priority` and `task_channel_unique_name`
    [inferred]. None of them changes but by an event that puts the task; so its age, which grows by itself, is not
    among them: waiting tasks are asked for in classes, and a class could not follow it."""
    unique_name = channel.unique_name if channel else None
    return {
        "sid": task.sid,
        "priority": task.priority,
        "task_channel_unique_name": unique_name,
        **_decode(task.attributes),
    }
