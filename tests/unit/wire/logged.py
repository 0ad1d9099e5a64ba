"""A log entry built to be equal to a recorded callback body."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pointsman.core.record import (
    Logged,
    Quote,
    Record,
    ReservationFacts,
    TaskFacts,
    Words,
    WorkerFacts,
)
from pointsman.core.types import AccountSid, Millis, TaskStatus, WorkspaceSid

_MORE = {  # plain facts by their names in the core
    "Reason": "reason",
    "WorkflowFilterName": "filter_name",
    "WorkflowFilterExpression": "filter_expression",
    "WorkflowFilterTargetExpression": "target_expression",
    "TargetChangedReason": "target_changed_reason",
    "TaskReEvaluatedReason": "re_evaluated_reason",
    "PreviousTaskPriority": "previous_priority",
    "WorkerTimeInPreviousActivityMs": "previous_ms",
}
_NUMBERS = ("previous_priority", "previous_ms")


class _Quotes:
    """Words under numbers of their own."""

    def __init__(self) -> None:
        self.words: dict[Quote, Words] = {}

    def add(self, said: Words) -> Quote:
        quote = (len(self.words) + 1, 0)
        self.words[quote] = said
        return quote


def logged(body: Mapping[str, str], *, seq: int = 7) -> Logged:
    """What the log would hold for the event that `body` tells of; of an assignment callback, its reservation.created.

    Only what was recorded goes in: ages, versions of names and lengths of time must come out again by our own rules.
    """
    at_ms = int(body.get("TimestampMs") or (1_600_000_000 + int(body["TaskAge"])) * 1000)
    quotes = _Quotes()
    return Logged(
        workspace=WorkspaceSid(body["WorkspaceSid"]),
        account=AccountSid(body["AccountSid"]),
        seq=seq,
        type=body.get("EventType", "reservation.created"),
        at_ms=Millis(at_ms),
        record=_record(body, quotes),
        words=quotes.words,
    )


def _record(body: Mapping[str, str], quotes: _Quotes) -> Record:
    workspace = quotes.add(Words(sid=body["WorkspaceSid"], name=body.get("WorkspaceName", "")))
    worker = _worker(body, quotes)
    return Record(
        workspace=workspace,
        task=_task(body, quotes),
        worker=worker,
        reservation=_reservation(body),
        queue=_named(body, "TaskQueue", quotes),
        workflow=_named(body, "Workflow", quotes),
        channel=quotes.add(Words(sid=body["TaskChannelSid"], unique_name=body["TaskChannelUniqueName"]))
        if "TaskChannelSid" in body
        else None,
        previous_queue=_named(body, "PreviousTaskQueue", quotes),
        previous_activity=_named(body, "WorkerPreviousActivity", quotes),
        more=_more(body),
    )


def _named(body: Mapping[str, str], entity: str, quotes: _Quotes) -> Quote | None:
    if f"{entity}Sid" not in body:
        return None
    name, expression = body.get(f"{entity}Name", ""), body.get(f"{entity}TargetExpression")
    return quotes.add(Words(sid=body[f"{entity}Sid"], name=name, expression=expression))


def _task(body: Mapping[str, str], quotes: _Quotes) -> TaskFacts | None:
    if "TaskSid" not in body:
        return None
    no, text = quotes.add(Words(sid=body["TaskSid"], attributes=body["TaskAttributes"]))
    entered = body.get("TaskQueueEnteredDate")
    return TaskFacts(
        no=no,
        text=text,
        status=TaskStatus(body.get("TaskAssignmentStatus", "reserved")),
        priority=int(body["TaskPriority"]),
        version=int(body.get("TaskVersion", 1)),
        created_ms=Millis(int(body.get("TaskDateCreated", 1_600_000_000)) * 1000),
        entered_ms=Millis(int(entered) * 1000) if entered else None,
    )


def _worker(body: Mapping[str, str], quotes: _Quotes) -> WorkerFacts | None:
    if "WorkerSid" not in body:
        return None
    activity = quotes.add(Words(sid=body.get("WorkerActivitySid", ""), name=body.get("WorkerActivityName", "")))
    said = Words(sid=body["WorkerSid"], name=body.get("WorkerName", ""), attributes=body["WorkerAttributes"])
    no, text = quotes.add(said)
    return WorkerFacts(no=no, text=text, version=int(body.get("WorkerVersion", 1)), activity=activity)


def _reservation(body: Mapping[str, str]) -> ReservationFacts | None:
    if "ReservationSid" not in body:
        return None
    code = body.get("CanceledReasonCode")
    return ReservationFacts(
        no=99,
        sid=body["ReservationSid"],
        version=int(body.get("ReservationVersion", 0)),
        reason_code=int(code) if code else None,
    )


def _more(body: Mapping[str, str]) -> dict[str, Any]:
    found: dict[str, Any] = {name: body[parameter] for parameter, name in _MORE.items() if parameter in body}
    return {name: int(value) if name in _NUMBERS else value for name, value in found.items()}
