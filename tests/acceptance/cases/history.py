"""What happened: events, and the envelopes of statistics."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from tests.acceptance.suite import Place, Row


def events(at: Place) -> None:
    """Newest first. Which ones a filter keeps follows from the list of all, and from what they say."""
    the = at.the
    every = at.list("events")

    def check(keeps: Callable[[Row], bool], **filters: Any) -> None:
        kept = [event for event in every if keeps(event)]
        if not 0 < len(kept) < len(every):
            at.differs("events", f"list with {filters}", f"it keeps {len(kept)} of {len(every)}, which shows nothing")
        at.list("events", **filters, gives=kept)

    def about(**data: str) -> None:
        check(lambda event: data.items() <= event.event_data.items(), **data)

    after, before = the.noon, the.noon - timedelta(seconds=1)
    check(lambda event: bool(event.event_date >= after), start_date=after)
    check(lambda event: bool(event.event_date <= before), end_date=before)
    # Minutes are counted back from the end: this leaves those since noon.
    check(lambda event: bool(event.event_date >= after), end_date=before + timedelta(minutes=10), minutes=10)
    check(lambda event: bool(event.event_type == "task.created"), event_type="task.created")
    check(lambda event: bool(event.sid == every[1].sid), sid=every[1].sid)
    about(task_sid=the.sold.sid)
    about(worker_sid=the.ana.sid)
    about(reservation_sid=the.offer_to_ana.sid)
    about(task_queue_sid=the.sales.sid)
    about(workflow_sid=the.inbound.sid)
    for channel in ("chat", the.chat.sid):
        check(lambda event: event.event_data.get("task_channel_unique_name") == "chat", task_channel=channel)
    check(
        lambda event: event.event_type == "reservation.created" and event.event_data["worker_sid"] == the.ana.sid,
        worker_sid=the.ana.sid,
        event_type="reservation.created",
    )
    kinds = {event.event_type for event in every if event.event_data.get("task_sid") == the.sold.sid}
    expected = {"task.created", "reservation.created", "reservation.accepted", "reservation.rejected", "task.completed"}
    if not expected <= kinds:
        at.differs("events", "list", f"the sold task has no {expected - kinds}")
    at.fetch("events()", every[0])


def statistics_of_the_workspace(at: Place) -> None:
    for path in ("statistics()", "cumulative_statistics()"):
        intervals(at, path, split_by_wait_time="5,10")
    counted(at, "real_time_statistics()", lambda task: True)


def statistics_of_workflows(at: Place) -> None:
    inbound = at.the.inbound
    gives = {"workflow_sid": inbound.sid}
    for path in ("workflows().statistics()", "workflows().cumulative_statistics()"):
        intervals(at, path, inbound, gives=gives, split_by_wait_time="5,10")
    counted(
        at, "workflows().real_time_statistics()", lambda task: task.workflow_sid == inbound.sid, inbound, gives=gives
    )


def statistics_of_queues(at: Place) -> None:
    sales = at.the.sales
    gives = {"task_queue_sid": sales.sid}
    for path in ("task_queues().statistics()", "task_queues().cumulative_statistics()"):
        intervals(at, path, sales, gives=gives, split_by_wait_time="5,10")
    gives["total_eligible_workers"] = len(at.list("workers", task_queue_sid=sales.sid))
    counted(
        at, "task_queues().real_time_statistics()", lambda task: task.task_queue_sid == sales.sid, sales, gives=gives
    )


def statistics_of_many_queues(at: Place) -> None:
    the = at.the
    path = "task_queues.statistics"
    every = [Row(task_queue_sid=queue.sid) for queue in (the.sample, the.sales, the.parked, the.german)]
    at.list(path, gives=every)
    at.list(path, friendly_name="Sales", gives=every[1:2])
    interval = {"start_date": the.noon - timedelta(minutes=1), "end_date": the.noon, "minutes": 5}
    at.list(path, **interval, task_channel="chat", split_by_wait_time="5,10", gives=every, all_of_them=True)

    asked = [the.german.sid, the.sales.sid]
    path = "task_queues.bulk_real_time_statistics"
    row = at.create(path, body={"queueSids": asked}, gives={"task_queue_response_count": 2})
    told = [entry.get("task_queue_sid") for entry in row.task_queue_data]
    totals = [entry.get("total_eligible_workers") for entry in row.task_queue_data]
    workers = [len(at.list("workers", task_queue_sid=sid)) for sid in asked]
    if totals != workers:
        at.differs(path, "create", f"the workers are {totals}, expected {workers}")
    if sorted(told) != sorted(asked):
        at.differs(path, "create", f"the queues are {told}, expected {asked}")


def statistics_of_workers(at: Place) -> None:
    the = at.the
    intervals(at, "workers().statistics()", the.ana, gives={"worker_sid": the.ana.sid})
    intervals(at, "workers.cumulative_statistics()")
    intervals(at, "workers.statistics()", task_queue_sid=the.sales.sid)
    intervals(at, "workers.statistics()", task_queue_name="Sales", friendly_name="Ana")
    at.fetch("workers.real_time_statistics()", task_channel="chat", gives={"total_workers": len(at.list("workers"))})


def counted(
    at: Place, path: str, keeps: Callable[[Row], bool], *sids: Row, gives: dict[str, Any] | None = None
) -> None:
    """Figures of now count the live tasks that the list of tasks has; the oldest of those that wait is named."""
    tasks = [task for task in at.list("tasks") if task.task_channel_unique_name == "chat" and keeps(task)]
    statuses = [task.assignment_status for task in tasks]
    live = ("reserved", "wrapping", "assigned", "pending")
    waiting = [task for task in tasks if task.assignment_status in ("pending", "reserved")]
    expected = {
        "tasks_by_status": {"completed": 0, "canceled": 0} | {status: statuses.count(status) for status in live},
        "total_tasks": sum(status in live for status in statuses),
        "longest_task_waiting_sid": min(waiting, key=lambda task: task.date_created).sid if waiting else None,
    }
    at.fetch(path, *sids, task_channel="chat", gives={**(gives or {}), **expected})


def intervals(at: Place, path: str, *sids: Row, gives: dict[str, Any] | None = None, **parameters: Any) -> None:
    """By two dates, by minutes, and by default: cumulative figures say from when to when they count."""
    noon = at.the.noon
    fixed = {"start_date": noon - timedelta(minutes=1), "end_date": noon}
    for wanted, minutes in ((fixed, 1), ({"minutes": 5}, 5), ({}, 15)):
        row = at.fetch(path, *sids, **wanted, task_channel="chat", **parameters, gives=gives)
        counted = row if "start_time" in row else Row(row.get("cumulative") or {})
        if not counted:
            continue
        start, end = moment(counted.start_time), moment(counted.end_time)
        if end - start != timedelta(minutes=minutes) or (wanted is fixed and end != noon):
            at.differs(path, "fetch", f"with {wanted} it counts from {start} to {end}")


def moment(value: datetime | str) -> datetime:
    """Inside of combined figures the libraries leave times as they came."""
    return value if isinstance(value, datetime) else datetime.fromisoformat(value)
