"""Where the page of an entity is, and which entities an event or a delivery mentions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from pointsman.console.visit import Visit
from pointsman.console.words import label
from pointsman.core.ids import is_sid

PAGES = {
    "DA": "deliveries",
    "DE": "deliveries",
    "EV": "events",
    "TC": "task-channels",
    "WA": "activities",
    "WK": "workers",
    "WQ": "task-queues",
    "WT": "tasks",
    "WW": "workflows",
}
_SID = "_sid"


class Mention(NamedTuple):
    """An entity: what it is there, its name if that is known, its SID, and its page if it has one."""

    label: str
    name: str | None
    sid: str
    address: str | None


def place(visit: Visit, sid: str, task: str | None = None) -> str | None:
    """The address of its page; a reservation stands on that of its task."""
    if sid[:2] == "WR":
        return visit.at(PAGES["WT"], task) if task else None
    return visit.at(PAGES[sid[:2]], sid) if sid[:2] in PAGES else None


def mentions(visit: Visit, data: Mapping[str, str | None], names: Iterable[str]) -> list[Mention]:
    """Those that `data` has by these names, such as `task_sid`; a name stands beside its SID, as `worker_name`."""
    found = []
    for each in names:
        sid = data.get(each)
        if sid:
            stem = each.removesuffix(_SID)
            name = data.get(f"{stem}_name") or data.get(f"{stem}_unique_name")
            found.append(Mention(label(each), name, sid, place(visit, sid, data.get("task_sid"))))
    return found


def every_sid(data: Mapping[str, str | None]) -> list[str]:
    """The names in `data` of all that are SIDs."""
    return [name for name in data if name.endswith(_SID)]


def links(visit: Visit, data: Mapping[str, str], task: str | None = None) -> dict[str, Mention]:
    """By its SID each entity that is among the values; reservations are the task's."""
    return {sid: Mention("", None, sid, place(visit, sid, task)) for sid in data.values() if is_sid(sid)}
