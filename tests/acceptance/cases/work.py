"""Tasks and the offers of them: made, listed, accepted, rejected, canceled, completed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from tests.acceptance.cases.configuration import routing
from tests.acceptance.cases.words import RESERVATION_STATUSES, TASK_STATUSES
from tests.acceptance.suite import Place

LONG_AGO = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


def tasks(at: Place) -> None:
    the = at.the
    the.sold = at.create(
        "tasks",
        workflow_sid=the.inbound.sid,
        attributes='{"kind":"sales","region":"north"}',
        priority=7,
        timeout=3600,
        task_channel="chat",
        virtual_start_time=LONG_AGO,
        gives={
            "assignment_status": "pending",
            "ignore_capacity": False,
            "reason": None,
            "routing_target": None,
            "task_channel_sid": the.chat.sid,
            "task_channel_unique_name": "chat",
            "task_queue_sid": the.sales.sid,
            "task_queue_friendly_name": "Sales",
            "workflow_friendly_name": "Inbound",
        },
    )
    the.held = at.create(
        "tasks",
        task_queue_sid=the.parked.sid,
        attributes='{"kind":"other"}',
        priority=3,
        gives={
            "assignment_status": "pending",
            "task_channel_unique_name": "default",
            "task_queue_friendly_name": "Parked",
            "timeout": 86400,
            "workflow_sid": None,
            "workflow_friendly_name": None,
        },
    )
    the.hers = at.create(
        "tasks",
        routing_target=the.ana.sid,
        ignore_capacity="true",
        attributes='{"kind":"personal","call_sid":"CA00000000000000000000000000000000","from":"+15005550006"}',
        gives={"ignore_capacity": True, "priority": 0, "task_queue_sid": None, "workflow_sid": None},
    )
    the.lost = at.create(
        "tasks",
        workflow_sid=the.inbound.sid,
        gives={"attributes": "{}", "priority": 0, "task_queue_sid": the.parked.sid},
    )
    at.fetch("tasks()", the.sold, gives={"assignment_status": "reserved"})
    at.fetch("tasks()", the.held)
    at.fetch("tasks()", the.hers, gives={"assignment_status": "reserved"})
    at.refuse("update", "tasks()", the.held, priority=9, if_match="5", status=412, code=20412, says="Precondition")
    at.update(
        "tasks()",
        the.held,
        attributes='{"kind":"fax","pages":3}',
        priority=4,
        task_channel="fax",
        virtual_start_time=LONG_AGO - timedelta(hours=1),
        if_match="0",
        gives={"task_channel_sid": the.fax.sid, "task_channel_unique_name": "fax"},
    )
    at.fetch("tasks()", the.held)
    at.update("tasks()", the.lost, assignment_status="canceled", reason="changed their mind")
    at.fetch("tasks()", the.lost)
    says = "is not pending or reserved"
    at.refuse("update", "tasks()", the.lost, assignment_status="canceled", status=400, code=20001, says=says)


def lists_of_tasks(at: Place) -> None:
    the = at.the
    sold, held, hers, lost = every = the.sold, the.held, the.hers, the.lost
    at.list("tasks", gives=every)
    at.list("tasks", priority=4, gives=[held])
    at.list("tasks", assignment_status=["canceled"], gives=[lost])
    at.list("tasks", assignment_status=["reserved", "canceled"], gives=[sold, hers, lost])
    at.list("tasks", assignment_status=list(TASK_STATUSES), gives=every, all_of_them=True)
    at.list("tasks", workflow_sid=the.inbound.sid, gives=[sold, lost])
    at.list("tasks", workflow_name="Inbound", gives=[sold, lost])
    at.list("tasks", task_queue_sid=the.sales.sid, gives=[sold])
    at.list("tasks", task_queue_name="Parked", gives=[held, lost])
    at.list("tasks", evaluate_task_attributes='region == "north"', gives=[sold])
    at.list("tasks", evaluate_task_attributes="pages > 2", gives=[held])
    at.list("tasks", routing_target=the.ana.sid, gives=[hers])
    at.list("tasks", has_addons=True, gives=[])
    at.list("tasks", has_addons=False, gives=every, all_of_them=True)
    at.list("tasks", ordering="DateCreated:desc", gives=[lost, hers, held, sold])
    at.list("tasks", ordering="Priority:desc,DateCreated:desc", gives=[sold, held, lost, hers])
    at.list("tasks", ordering="VirtualStartTime:asc", gives=[held, sold, hers, lost])
    at.list("tasks", workflow_name="Inbound", assignment_status=["reserved"], gives=[sold])


def re_evaluation(at: Place) -> None:
    """`re_evaluate_tasks` shows in no field of the workflow, but in where its tasks are."""
    the = at.the
    waiting = at.create("tasks", workflow_sid=the.outbound.sid, gives={"task_queue_sid": the.parked.sid})
    configuration = routing(the.german)
    at.update("workflows()", the.outbound, configuration=configuration, re_evaluate_tasks="true")
    at.fetch("workflows()", the.outbound)
    at.fetch(
        "tasks()",
        waiting,
        gives={
            "task_queue_sid": the.german.sid,
            "task_queue_friendly_name": "German",
            "task_queue_entered_date": at.recent(the.noon),
        },
    )
    at.delete("tasks()", waiting)


def reservations(at: Place) -> None:
    the = at.the
    of_task, of_worker = "tasks().reservations", "workers().reservations"
    offers = at.list(of_task, the.sold)
    by_worker = {row.worker_sid: row for row in offers}
    if by_worker.keys() != {the.ana.sid, the.ben.sid}:
        at.differs(of_task, "list", f"the reservations are {offers}")
    the.offer_to_ana, the.offer_to_ben = by_worker[the.ana.sid], by_worker[the.ben.sid]
    at.list(of_task, the.sold, worker_sid=the.ben.sid, gives=[the.offer_to_ben])
    at.list(of_task, the.sold, reservation_status="pending", gives=offers, all_of_them=True)
    at.fetch(f"{of_task}()", the.sold, the.offer_to_ben)
    stale: dict[str, Any] = {"if_match": "3", "status": 412, "code": 20412, "says": "Precondition"}
    for path, parent in ((of_task, the.sold), (of_worker, the.ben)):
        at.refuse("update", f"{path}()", parent, the.offer_to_ben, reservation_status="rejected", **stale)
    at.update(
        f"{of_task}()",
        the.sold,
        the.offer_to_ben,
        reservation_status="rejected",
        worker_activity_sid=the.lunch.sid,
        if_match="0",
    )
    at.fetch(
        "workers()",
        the.ben,
        gives={
            "activity_sid": the.lunch.sid,
            "activity_name": "Break",
            "available": False,
            "date_status_changed": at.recent(the.noon),
        },
    )
    at.list(of_task, the.sold, reservation_status="rejected", gives=[the.offer_to_ben])
    for word in RESERVATION_STATUSES[3:]:
        at.list(of_task, the.sold, reservation_status=word, gives=[])
    (the.direct_offer,) = at.list(of_task, the.hers)

    at.list(of_worker, the.ana, gives=[the.offer_to_ana, the.direct_offer])
    at.fetch(f"{of_worker}()", the.ana, the.offer_to_ana, gives={"reservation_status": "pending"})
    at.update(f"{of_worker}()", the.ana, the.offer_to_ana, instruction="accept", if_match="0", gives=status("accepted"))
    at.fetch("tasks()", the.sold, gives={"assignment_status": "assigned"})
    at.list(of_worker, the.ana, reservation_status="accepted", gives=[the.offer_to_ana])
    at.list(of_worker, the.ana, reservation_status="pending", gives=[the.direct_offer])
    at.fetch(
        "workers().worker_channels()",
        the.ana,
        "chat",
        gives={"assigned_tasks": 1, "available_capacity_percentage": 0},
    )
    at.update(f"{of_worker}()", the.ana, the.offer_to_ana, reservation_status="wrapping")
    at.fetch("tasks()", the.sold, gives={"assignment_status": "wrapping"})
    at.update(f"{of_task}()", the.sold, the.offer_to_ana, reservation_status="completed")
    at.fetch("tasks()", the.sold, gives={"assignment_status": "completed"})


def status(word: str) -> dict[str, str]:
    return {"reservation_status": word}


def going_away(at: Place) -> None:
    """A worker rejects an offer and takes a break; then goes, and rejects what was offered meanwhile.

    `reject_pending_reservations` shows in no field of the worker, but in what became of its offers.
    """
    the = at.the
    task = at.create(
        "tasks",
        workflow_sid=the.inbound.sid,
        attributes='{"kind":"sales"}',
        gives={"task_queue_sid": the.sales.sid},
    )
    (offer,) = at.list("tasks().reservations", task)
    at.update(
        "workers().reservations()",
        the.ana,
        offer,
        reservation_status="rejected",
        worker_activity_sid=the.lunch.sid,
        if_match="0",
    )
    at.delete("tasks()", task)
    at.fetch(
        "workers()",
        the.ana,
        gives={
            "activity_sid": the.lunch.sid,
            "activity_name": "Break",
            "available": False,
            "date_status_changed": at.recent(the.noon),
        },
    )
    at.update(
        "workers()",
        the.ana,
        activity_sid=the.offline.sid,
        reject_pending_reservations=True,
        gives={"activity_name": "Offline", "date_status_changed": at.recent(the.noon)},
    )
    at.fetch("tasks().reservations()", the.hers, the.direct_offer, gives=status("rejected"))
    reason = f"RoutingTarget not available for Reservation acceptance: {the.ana.sid}"
    at.fetch("tasks()", the.hers, gives={"assignment_status": "canceled", "reason": reason})
