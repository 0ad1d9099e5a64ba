"""The query parameters of the Events list and of our Deliveries list: they read rows of the log, not entities."""

from __future__ import annotations

from typing import NamedTuple

from pointsman.resources.types import Bool, Choice, FieldType, Int, SidOf, Text, Timestamp

MINUTES_DEFAULT = 15
MINUTES_MAX = 60 * 24 * 365


class Parameter(NamedTuple):
    name: str
    type: FieldType
    doc: str


EVENT_PARAMETERS = (
    Parameter("start_date", Timestamp(), "On or after this time."),
    Parameter("end_date", Timestamp(), "On or before this time."),
    Parameter("minutes", Int(1, MINUTES_MAX), f"Newer than this; {MINUTES_DEFAULT} if no date is given."),
    Parameter("event_type", Text(), "Exactly this type."),
    Parameter("sid", SidOf("EV"), "This event alone."),
    Parameter("task_sid", SidOf("WT"), "About this task."),
    Parameter("worker_sid", SidOf("WK"), "About this worker."),
    Parameter("reservation_sid", SidOf("WR"), "About this reservation."),
    Parameter("task_queue_sid", SidOf("WQ"), "About this task queue."),
    Parameter("workflow_sid", SidOf("WW"), "About this workflow."),
    Parameter("task_channel", Text(), "Of this task channel, by sid or unique name."),
)

DELIVERY_PARAMETERS = (
    Parameter("task_sid", SidOf("WT"), "Callbacks about this task."),
    Parameter("failed", Bool(), "Failed ones alone."),
    Parameter("kind", Choice("assignment", "event"), "Of assignments or of events alone."),
)
