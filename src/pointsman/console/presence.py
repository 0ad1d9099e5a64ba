"""Figures of now: a workspace's, with what each activity means for them, and those of queues."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from pointsman.console.tables import Row
from pointsman.console.visit import Visit
from pointsman.resources.paging import PAGE_SIZE_MAX


class Presence(NamedTuple):
    """`figures` are the workspace's real-time statistics; `activities` those of them, each with `available`."""

    figures: dict[str, Any]
    activities: list[dict[str, Any]]

    @property
    def available(self) -> int:
        """How many workers are in available activities."""
        return sum(each["workers"] for each in self.activities if each["available"])

    @property
    def workers(self) -> dict[str, int]:
        """By the SID of their activity."""
        return {each["sid"]: each["workers"] for each in self.activities}


async def presence(visit: Visit, api: str) -> Presence:
    """Of the workspace at this path of the API. Raises: `Trouble`."""
    figures = await visit.get(f"{api}/RealTimeStatistics")
    available = await visit.get(f"{api}/Activities", {"Available": "true", "PageSize": str(PAGE_SIZE_MAX)})
    sids = {each["sid"] for each in available["activities"]}
    return Presence(figures, [{**each, "available": each["sid"] in sids} for each in figures["activity_statistics"]])


async def with_queue_figures(visit: Visit, rows: Sequence[Row]) -> list[Row]:
    """The rows of task queues, each with its real-time statistics as `now`. Raises: `Trouble`."""
    if not rows:
        return []
    asked = {"QueueSids": [row["sid"] for row in rows]}
    answer = await visit.post_json(f"{visit.api}/TaskQueues/RealTimeStatistics", asked)
    by_sid = {each["task_queue_sid"]: each for each in answer["task_queue_data"]}
    return [{**row, "now": by_sid[row["sid"]]} for row in rows]
