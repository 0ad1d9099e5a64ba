"""Events for people: what happened in a few words, and who caused it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from pointsman.console.tables import Row
from pointsman.console.visit import Visit


class Happening(NamedTuple):
    """`state` is a colour of `parts.css`; `more` says what else the event knows of it."""

    at_ms: int
    type: str
    text: str
    more: str
    state: str
    who: str
    whence: str
    sid: str


class Phrase(NamedTuple):
    """Formats of what `event_data` has."""

    text: str
    state: str = "idle"
    more: str = ""


PHRASES = {
    "task.created": Phrase("Created", "wait", "priority {task_priority}, channel {task_channel_unique_name}"),
    "task.updated": Phrase("Changed", "idle", "priority {task_priority}, {task_assignment_status}"),
    "task.canceled": Phrase("Canceled", "bad", "{reason}"),
    "task.completed": Phrase("Completed", "good", "{task_completed_reason}"),
    "task.wrapup": Phrase("Wrapping up", "wrap", "{reason}"),
    "task.deleted": Phrase("Deleted", "bad"),
    "task.system-deleted": Phrase("Removed by the router", "bad"),
    "task.transfer-initiated": Phrase("{from} begins to hand it on", "busy", "{transfer_mode}, to {to}"),
    "task.transfer-attempt-failed": Phrase("An attempt to hand it on failed", "bad", "{transfer_failed_reason}"),
    "task.transfer-completed": Phrase("Handed on", "good", "by {from}, to {to}"),
    "task.transfer-failed": Phrase("Could not be handed on", "bad", "{transfer_failed_reason}"),
    "task.transfer-canceled": Phrase("Was not handed on after all", "idle", "the transfer was canceled"),
    "workflow.entered": Phrase("Entered workflow {workflow_name}"),
    "workflow.target-matched": Phrase("Taken by {filter}", "idle", "{workflow_filter_expression}"),
    "workflow.timeout": Phrase("Timed out of workflow {workflow_name}", "bad"),
    "workflow.skipped": Phrase("Skipped out of workflow {workflow_name}"),
    "task-queue.entered": Phrase("Waits in queue {task_queue_name}", "wait", "{task_queue_target_expression}"),
    "task-queue.timeout": Phrase("Its time in queue {task_queue_name} was up"),
    "task-queue.moved": Phrase("Moved to queue {task_queue_name}", "wait"),
    "reservation.created": Phrase("Offered to {worker_name}", "busy"),
    "reservation.accepted": Phrase("{worker_name} has accepted", "good"),
    "reservation.rejected": Phrase("{worker_name} has rejected", "bad"),
    "reservation.timeout": Phrase("{worker_name} let the offer lapse", "bad"),
    "reservation.canceled": Phrase("The offer to {worker_name} was canceled"),
    "reservation.rescinded": Phrase("The offer to {worker_name} was withdrawn", "idle", "somebody else accepted first"),
    "reservation.wrapup": Phrase("{worker_name} wraps up", "wrap"),
    "reservation.completed": Phrase("{worker_name} is done with it", "good"),
    "reservation.failed": Phrase("It could not be offered", "bad"),
}
OTHER = Phrase("{description}")
NAMELESS = ("transfer_initiating_worker_sid", "transfer_to")
KINDS = {
    "account": "the account",
    "api_key": "an API key",
    "worker": "a worker",
    "workflow": "the reply to a callback",
    "workspace": "the router",
}
SOURCES = {"api": "by the API", "callback": "", "console": "in the console", "sdk": "by the worker SDK", "twilio": ""}


def told(event: Row, visit: Visit, names: Mapping[str, str]) -> Happening:
    """An event of the API's; `names` are those of SIDs that events have no name for (`nameless`). The words of others
    are values of what is formatted, never formats."""
    data: defaultdict[str, Any] = defaultdict(str, event["event_data"])
    data["filter"] = _filter(data)
    data["from"], data["to"] = (names.get(data[each], data[each]) for each in NAMELESS)
    phrase = PHRASES.get(event["event_type"], OTHER)
    data["description"] = event["description"]
    source, address = SOURCES.get(event["source"], event["source"]), event["source_ip_address"]
    return Happening(
        at_ms=event["event_date_ms"],
        type=event["event_type"],
        text=phrase.text.format_map(data),
        more=phrase.more.format_map(data),
        state=phrase.state,
        who=_who(event, data, visit),
        whence=" ".join(part for part in (source, f"from {address}" if address else "") if part),
        sid=event["sid"],
    )


def nameless(events: Iterable[Row]) -> set[str]:
    """The SIDs of workers and task queues that these events do not name."""
    return {event["event_data"][each] for event in events for each in NAMELESS if each in event["event_data"]}


def _filter(data: Row) -> str:
    if data["workflow_filter_name"]:
        return f"filter {data['workflow_filter_name']}"
    return "a filter" if data["workflow_filter_expression"] else "the default filter"


def _who(event: Row, data: Row, visit: Visit) -> str:
    kind, actor, account = event["actor_type"], event["actor_sid"], visit.session.caller.account
    if kind == "account" and actor == account.sid:
        return account.friendly_name
    if kind == "worker":
        return data["worker_name"] if data["worker_sid"] == actor else f"worker {actor}"
    if kind == "api_key":
        return f"API key {actor}"
    return KINDS.get(kind or "", actor or "")
