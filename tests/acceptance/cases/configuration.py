"""What a workspace is made of: each thing is made, changed and listed."""

from __future__ import annotations

import json
from typing import Any

from tests.acceptance.suite import Place, Row

NOWHERE = "http://127.0.0.1:9"  # nothing listens there, and nothing is sent there
NOBODY = "1 == 2"
CHANNELS = ["chat", "default", "fax", "sms", "video", "voice"]


def compact(value: Any) -> str:
    """JSON as it is returned."""
    return json.dumps(value, separators=(",", ":"))


def routing(default: Row, **queues: Row) -> str:
    """A workflow's configuration: tasks by their `kind`, the others to `default`."""
    filters = [
        {"filter_friendly_name": kind, "expression": f"kind == '{kind}'", "targets": [{"queue": queue.sid}]}
        for kind, queue in queues.items()
    ]
    return compact({"task_routing": {"filters": filters, "default_filter": {"queue": default.sid}}})


def workspaces(at: Place) -> None:
    the = at.the
    the.desk = at.create(
        "workspaces",
        friendly_name="Desk",
        event_callback_url=f"{NOWHERE}/events",
        events_filter="workflow.skipped,workflow.timeout",
        multi_task_enabled=True,
        template="FIFO",
        prioritize_queue_order="LIFO",
        gives={"default_activity_name": "Offline", "timeout_activity_name": "Offline"},
    )
    the.shop = at.create(
        "workspaces",
        friendly_name="Shop",
        multi_task_enabled=False,
        template="NONE",
        gives={"event_callback_url": "", "events_filter": None, "prioritize_queue_order": "FIFO"},
    )
    at.list("workspaces", gives=[the.desk, the.shop])
    at.list("workspaces", friendly_name="Shop", gives=[the.shop])
    at.workspace = the.desk.sid
    at.fetch("workspaces()", the.desk)


def activities(at: Place) -> None:
    the = at.the
    the.offline, the.available, the.unavailable = at.list("activities")
    the.lunch = at.create("activities", friendly_name="Lunch", available=False)
    the.training = at.create("activities", friendly_name="Training", available=True)
    at.list("activities", gives=[the.offline, the.available, the.unavailable, the.lunch, the.training])
    at.list("activities", friendly_name="Training", gives=[the.training])
    at.list("activities", available="true", gives=[the.available, the.training])
    at.list("activities", available="no", gives=[the.offline, the.unavailable, the.lunch])
    at.update("activities()", the.lunch, friendly_name="Break")
    at.fetch("activities()", the.lunch)
    at.update(
        "workspaces()",
        the.desk,
        friendly_name="Front desk",
        default_activity_sid=the.unavailable.sid,
        timeout_activity_sid=the.lunch.sid,
        event_callback_url=f"{NOWHERE}/other",
        events_filter="workflow.timeout",
        multi_task_enabled=True,
        prioritize_queue_order="FIFO",
        gives={"default_activity_name": "Unavailable", "timeout_activity_name": "Break"},
    )
    at.fetch("workspaces()", the.desk)


def task_channels(at: Place) -> None:
    the = at.the
    the.fax = at.create("task_channels", friendly_name="Fax", unique_name="fax", channel_optimized_routing=True)
    rows = {row.unique_name: row for row in at.list("task_channels")}
    if sorted(rows) != CHANNELS:
        at.differs("task_channels", "list", f"the channels are {sorted(rows)}")
    the.chat, the.voice, the.default_channel = rows["chat"], rows["voice"], rows["default"]
    at.update("task_channels()", the.fax, friendly_name="Telefax", channel_optimized_routing=False)
    at.fetch("task_channels()", the.fax)
    at.fetch("task_channels()", "fax", gives={"sid": the.fax.sid})


def task_queues(at: Place) -> None:
    the = at.the
    (the.sample,) = at.list("task_queues")
    the.sales = at.create(
        "task_queues",
        friendly_name="Sale",
        target_workers="1 == 1",
        max_reserved_workers=3,
        task_order="LIFO",
        reservation_activity_sid=the.training.sid,
        assignment_activity_sid=the.unavailable.sid,
        gives={"reservation_activity_name": "Training", "assignment_activity_name": "Unavailable"},
    )
    nothing = {
        "target_workers": NOBODY,
        "max_reserved_workers": 1,
        "task_order": "FIFO",
        "reservation_activity_sid": None,
        "reservation_activity_name": None,
        "assignment_activity_sid": None,
        "assignment_activity_name": None,
    }
    the.parked = at.create("task_queues", friendly_name="Parked", target_workers=NOBODY, gives=nothing)
    the.german = at.create("task_queues", friendly_name="German", target_workers='languages HAS "de"')
    at.update(
        "task_queues()",
        the.sales,
        friendly_name="Sales",
        target_workers='skills HAS "sales"',
        max_reserved_workers=2,
        task_order="FIFO",
        reservation_activity_sid=the.lunch.sid,
        assignment_activity_sid=the.offline.sid,
        gives={"reservation_activity_name": "Break", "assignment_activity_name": "Offline"},
    )
    at.fetch("task_queues()", the.sales)
    at.list("task_queues", gives=[the.sample, the.sales, the.parked, the.german])
    at.list("task_queues", friendly_name="Parked", gives=[the.parked])


def workflows(at: Place) -> None:
    the = at.the
    (the.fifo,) = at.list("workflows")
    the.outbound = at.create(
        "workflows",
        friendly_name="Out",
        configuration=routing(the.sample),
        assignment_callback_url=f"{NOWHERE}/assign",
        fallback_assignment_callback_url=f"{NOWHERE}/fallback",
        task_reservation_timeout=45,
    )
    the.inbound = at.create(
        "workflows",
        friendly_name="Inbound",
        configuration=routing(the.parked, sales=the.sales),
        task_reservation_timeout=600,
        gives={"assignment_callback_url": None, "fallback_assignment_callback_url": None},
    )
    at.update(
        "workflows()",
        the.outbound,
        friendly_name="Outbound",
        configuration=routing(the.parked),
        assignment_callback_url=f"{NOWHERE}/assign/2",
        fallback_assignment_callback_url=f"{NOWHERE}/fallback/2",
        task_reservation_timeout=46,
    )
    at.fetch("workflows()", the.outbound)
    at.list("workflows", gives=[the.fifo, the.outbound, the.inbound])
    at.list("workflows", friendly_name="Inbound", gives=[the.inbound])


def workers(at: Place) -> None:
    the = at.the
    the.ana = at.create(
        "workers",
        friendly_name="Anna",
        activity_sid=the.offline.sid,
        attributes='{"skills":["support"]}',
        gives={"activity_name": "Offline", "available": False},
    )
    the.ben = at.create(
        "workers",
        friendly_name="Ben",
        activity_sid=the.training.sid,
        attributes='{"skills":["sales"],"languages":["de"]}',
        gives={"activity_name": "Training", "available": True},
    )
    the.cleo = at.create(
        "workers",
        friendly_name="Cleo",
        gives={"activity_sid": the.unavailable.sid, "activity_name": "Unavailable", "attributes": "{}"},
    )
    at.refuse(
        "update", "workers()", the.ana, friendly_name="Anne", if_match="7", status=412, code=20412, says="Precondition"
    )
    at.next_second()
    the.noon = at.next_second()  # a whole second in which nothing happened tells what was before from what comes
    at.update(
        "workers()",
        the.ana,
        friendly_name="Ana",
        activity_sid=the.available.sid,
        attributes='{"skills":["sales","support"]}',
        if_match="1",
        gives={"activity_name": "Available", "available": True, "date_status_changed": at.recent(the.noon)},
    )
    at.fetch("workers()", the.ana)
    at.list("workers", gives=[the.ana, the.ben, the.cleo])
    at.list("workers", friendly_name="ben", gives=[the.ben])
    at.list("workers", activity_name="Unavailable", gives=[the.cleo])
    at.list("workers", activity_sid=the.training.sid, gives=[the.ben])
    at.list("workers", available="true", gives=[the.ana, the.ben])
    at.list("workers", available="false", gives=[the.cleo])
    at.list("workers", target_workers_expression='skills HAS "sales"', gives=[the.ana, the.ben])
    at.list("workers", target_workers_expression=f'sid IN ["{the.cleo.sid}"]', gives=[the.cleo])
    at.list("workers", task_queue_name="German", gives=[the.ben])
    at.list("workers", task_queue_sid=the.sales.sid, gives=[the.ana, the.ben])
    at.list("workers", ordering="DateStatusChanged:desc", gives=[the.ana, the.cleo, the.ben])
    either = f'sid IN ["{the.ben.sid}", "{the.cleo.sid}"]'
    at.list("workers", target_workers_expression=either, available="true", gives=[the.ben])


def queues_by_their_workers(at: Place) -> None:
    the = at.the
    at.list("task_queues", worker_sid=the.cleo.sid, gives=[the.sample])
    at.list("task_queues", worker_sid=the.ana.sid, gives=[the.sample, the.sales])
    at.list("task_queues", evaluate_worker_attributes='{"languages":["de"]}', gives=[the.sample, the.german])
    at.update("task_queues()", the.sample, friendly_name="Sample")
    at.list("task_queues", ordering="DateUpdated:desc", gives=[the.sample, the.sales, the.german, the.parked])
    at.list("task_queues", ordering="DateUpdated:asc", gives=[the.parked, the.german, the.sales, the.sample])


def worker_channels(at: Place) -> None:
    the = at.the
    rows = {row.task_channel_unique_name: row for row in at.list("workers().worker_channels", the.ana)}
    if sorted(rows) != CHANNELS:
        at.differs("workers().worker_channels", "list", f"the channels are {sorted(rows)}")
    fresh = {"configured_capacity": 1, "available": True, "assigned_tasks": 0, "available_capacity_percentage": 100}
    at.fetch("workers().worker_channels()", the.ana, rows["fax"], gives=fresh | {"task_channel_sid": the.fax.sid})
    at.update(
        "workers().worker_channels()",
        the.ana,
        rows["fax"],
        capacity=4,
        available=False,
        gives={"configured_capacity": 4},
    )
    at.fetch("workers().worker_channels()", the.ana, "fax", gives={"configured_capacity": 4, "available": False})
    at.update("workers().worker_channels()", the.ana, "default", capacity=5, gives={"configured_capacity": 5})
    at.update("workers().worker_channels()", the.ben, "default", capacity=0, gives={"configured_capacity": 0})
