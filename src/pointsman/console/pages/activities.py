"""Activities: what workers are doing, and how many are in each."""

from __future__ import annotations

from collections.abc import Sequence

from pointsman.console.crud import Kind, section
from pointsman.console.presence import presence
from pointsman.console.tables import Column, Row
from pointsman.console.visit import Visit
from pointsman.resources import ACTIVITY


async def _add(visit: Visit, rows: Sequence[Row]) -> Sequence[Row]:
    workers = (await presence(visit, visit.api)).workers
    return [{**row, "workers": workers.get(row["sid"], 0)} for row in rows]


async def _consequence(visit: Visit, row: Row) -> str:
    workers = (await presence(visit, visit.api)).workers.get(row["sid"], 0)
    if workers:
        return f"Workers in it: {workers:,}. Move them to another activity first, or it can't be deleted."
    return "No worker is in it. Past events go on naming it."


SECTION = section(
    Kind(
        ACTIVITY,
        one="activity",
        many="Activities",
        key="a",
        about="What workers are doing. They are offered tasks only in an available activity.",
        empty="Workers need an activity in which they are available, and one in which they are not.",
        columns=("friendly_name", "available", "workers", "sid", "date_updated"),
        topics=("activity", "worker"),
        more=(Column("workers", "Workers", "number"),),
        add=_add,
        consequence=_consequence,
    )
)
