"""Task channels: kinds of work, each with a capacity of its own at every worker."""

from __future__ import annotations

from pointsman.console.crud import Kind, section
from pointsman.console.tables import Row
from pointsman.console.visit import Visit
from pointsman.resources import TASK_CHANNEL


async def _consequence(visit: Visit, row: Row) -> str:
    return f"Every worker loses the capacity for {row['unique_name']}. It can't be deleted while tasks are on it."


SECTION = section(
    Kind(
        TASK_CHANNEL,
        one="task channel",
        many="Task channels",
        key="c",
        about="Kinds of work, such as calls and chats. Each worker has a capacity for each.",
        empty="Create one to tell kinds of work apart.",
        columns=("friendly_name", "unique_name", "channel_optimized_routing", "sid", "date_updated"),
        topics=("task-channel",),
        consequence=_consequence,
    )
)
