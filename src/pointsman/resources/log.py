"""Events and (ours) the deliveries of callbacks: they are read from rows of the log, not from entities."""

from __future__ import annotations

from pointsman.resources.declare import Field, Operation, Parameter
from pointsman.resources.paging import PAGING
from pointsman.resources.types import Bool, Choice, Count, Facts, Int, Link, Record, Records, SidOf, Text, Timestamp

MINUTES_DEFAULT = 15
MINUTES_MAX = 60 * 24 * 365


EVENT_PARAMETERS = (
    Parameter("start_date", Timestamp(), "On or after this time."),
    Parameter("end_date", Timestamp(), "On or before this time."),
    Parameter("minutes", Int(1, MINUTES_MAX), f"Newer than this; {MINUTES_DEFAULT} if no date is given."),
    Parameter("event_type", Text(), "Exactly this type."),
    Parameter("sid", SidOf("EV"), "This event alone."),
    Parameter("task_sid", SidOf("WT"), "About this task."),
    Parameter("worker_sid", SidOf("WK"), "About this worker, who may be the one who hands a task on."),
    Parameter("reservation_sid", SidOf("WR"), "About this reservation."),
    Parameter("task_queue_sid", SidOf("WQ"), "About this task queue, which may be the one that a task left."),
    Parameter("workflow_sid", SidOf("WW"), "About this workflow."),
    Parameter("task_channel", Text(), "Of this task channel, by sid or unique name; one that is gone by its sid."),
)

SEQUENCE_MAX = 2**48 - 1  # what fits into a sid
HEARTBEAT_S_DEFAULT = 15
HEARTBEAT_S_MAX = 3_600
STREAM_PARAMETERS = (
    Parameter(
        "after",
        Int(0, SEQUENCE_MAX),
        "From the event that follows the one with this sequence number; 0: from the oldest that is kept. Left out: "
        "from now on or, with StartDate or Follow=false, from the oldest. A Last-Event-ID outranks it.",
    ),
    Parameter("follow", Bool(), "Whether to stay and wait for new ones; true if left out."),
    Parameter("limit", Int(1, SEQUENCE_MAX), "End after this many."),
    Parameter(
        "heartbeat",
        Int(0, HEARTBEAT_S_MAX),
        f"Seconds of silence after which the sequence number that was reached is sent; {HEARTBEAT_S_DEFAULT} if left "
        "out. 0: never, and not at the beginning and the end either.",
    ),
    Parameter("start_date", Timestamp(), "On or after this time."),
    Parameter("end_date", Timestamp(), "On or before this time; only with Follow=false."),
    Parameter("event_type", Text(), "Of one of these types.", many=True),
    *(each for each in EVENT_PARAMETERS if each.name.startswith(("task", "worker", "reservation", "workflow"))),
)

DELIVERY_PARAMETERS = (
    Parameter("task_sid", SidOf("WT"), "Callbacks about this task."),
    Parameter("failed", Bool(), "Failed ones alone."),
    Parameter("unfinished", Bool(), "Those alone that are still under way."),
    Parameter("kind", Choice("assignment", "event"), "Of assignments or of events alone."),
)

EVENT_FIELDS = (
    Field("account_sid", SidOf("AC"), "The account that owns it."),
    Field("actor_sid", SidOf(), "Who caused it.", null=True),
    Field(
        "actor_type",
        Text(),
        "What that is: account, api_key, worker, workflow (an answer to its callback); workspace: the router itself.",
        null=True,
    ),
    Field("actor_url", Link(), "Where that is.", null=True),
    Field("description", Text(), "In words."),
    Field("event_data", Facts(), "What happened to what: every value is a text."),
    Field("event_date", Timestamp(), "When."),
    Field("event_date_ms", Count(), "When, in milliseconds since 1970."),
    Field("event_type", Text(), "Such as task.created."),
    Field("resource_sid", SidOf(), "What it is mostly about."),
    Field("resource_type", Text(), "What that is."),
    Field("resource_url", Link(), "Where that is.", null=True),
    Field("sid", SidOf("EV"), "Its sid."),
    Field("source", Text(), "By which way it came: api, callback; twilio: the router itself."),
    Field("source_ip_address", Text(), "From which address the request came, if it was one.", null=True),
    Field("url", Link(), "Where it is."),
    Field("workspace_sid", SidOf("WS"), "The workspace it is in."),
)

STREAM_FIELDS = (*EVENT_FIELDS, Field("sequence", Count(), "Its place in the log, which has no gaps."))

DELIVERY_FIELDS = (
    Field("sid", Text(), "Its sid: DA and 32 hexadecimal digits."),
    Field("account_sid", SidOf("AC"), "The account that owns it.", null=True),
    Field("workspace_sid", SidOf("WS"), "The workspace it is in."),
    Field("kind", Choice("assignment", "event"), "Which callback it is."),
    Field("event_sid", SidOf("EV"), "The event that it tells of."),
    Field("event_type", Text(), "That event's type.", null=True),
    Field("task_sid", SidOf("WT"), "The task that it is about.", null=True),
    Field("reservation_sid", SidOf("WR"), "The reservation that it is about.", null=True),
    Field("worker_sid", SidOf("WK"), "The worker that it is about.", null=True),
    Field("callback_url", Text(), "Where it was sent."),
    Field("fallback_callback_url", Text(), "Where it was sent next.", null=True),
    Field("parameters", Facts(), "What was sent; null if the event is no longer kept.", null=True),
    Field("attempts", Records(), "Each request, and what came of it."),
    Field("verdict", Text(), "What came of it all; null while it is under way.", null=True),
    Field("failed", Bool(), "Whether nobody took it."),
    Field("warning", Text(), "What is wrong with the answer, though it counts.", null=True),
    Field("date_created", Timestamp(), "When it was due first."),
    Field("date_finished", Timestamp(), "When it was done with.", null=True),
    Field("url", Link(), "Where it is."),
)

ENDPOINT_PARAMETERS = (
    Parameter("resume", Bool(), "Ask a parked endpoint at once whether it is back."),
    Parameter("replay_from", Int(1, SEQUENCE_MAX), "Send events again: from the one with this sequence number on."),
    Parameter("replay_to", Int(1, SEQUENCE_MAX), "Up to this one; to the newest, if left out."),
    Parameter("replay_failed", Bool(), "Of these, send only those that have failed."),
)

ENDPOINT_FIELDS = (
    Field("account_sid", SidOf("AC"), "The account that owns it."),
    Field("workspace_sid", SidOf("WS"), "The workspace it is of."),
    Field("callback_url", Text(), "The workspace's event_callback_url.", null=True),
    Field(
        "state",
        Choice("open", "failing", "parked", "none"),
        "Parked: one request at a time finds out whether it is back. None: there is no URL.",
    ),
    Field("events_waiting", Count(), "Events of the log that are not delivered yet."),
    Field("problem", Text(), "What was wrong with the last attempt.", null=True),
    Field("date_failing", Timestamp(), "Since when it fails, or is parked.", null=True),
    Field("date_next_attempt", Timestamp(), "When a parked one is asked again.", null=True),
    Field(
        "replay",
        Record(),
        "The newest replay since the server's start: first, last, at, sent, failed, done.",
        null=True,
    ),
    Field("url", Link(), "Where it is."),
)

_EVENTS = "/v1/Workspaces/{WorkspaceSid}/Events"
_DELIVERIES = "/v1/Workspaces/{WorkspaceSid}/Deliveries"
LOG_OPERATIONS = (
    Operation(
        resource="event",
        name="fetch",
        method="GET",
        path=f"{_EVENTS}/{{Sid}}",
        status=200,
        doc="Read one.",
        fields=EVENT_FIELDS,
    ),
    Operation(
        resource="event",
        name="list",
        method="GET",
        path=_EVENTS,
        status=200,
        doc="Read a page of them, the newest first.",
        query=(*EVENT_PARAMETERS, *PAGING),
        fields=EVENT_FIELDS,
        key="events",
    ),
    Operation(
        resource="event_stream",
        name="fetch",
        method="GET",
        path="/v1/Workspaces/{WorkspaceSid}/EventStream",
        status=200,
        doc="Read them in order, a line of JSON each or as server-sent events, and wait for new ones.",
        query=STREAM_PARAMETERS,
        fields=STREAM_FIELDS,
        stream=True,
        ours=True,
    ),
    Operation(
        resource="delivery",
        name="fetch",
        method="GET",
        path=f"{_DELIVERIES}/{{Sid}}",
        status=200,
        doc="Read one.",
        fields=DELIVERY_FIELDS,
        ours=True,
    ),
    Operation(
        resource="delivery_endpoint",
        name="fetch",
        method="GET",
        path=f"{_DELIVERIES}/Endpoint",
        status=200,
        doc="Read how the workspace's event callbacks do.",
        fields=ENDPOINT_FIELDS,
        ours=True,
    ),
    Operation(
        resource="delivery_endpoint",
        name="update",
        method="POST",
        path=f"{_DELIVERIES}/Endpoint",
        status=200,
        doc="Resume a parked endpoint, or send events again.",
        form=ENDPOINT_PARAMETERS,
        fields=ENDPOINT_FIELDS,
        ours=True,
    ),
    Operation(
        resource="delivery",
        name="list",
        method="GET",
        path=_DELIVERIES,
        status=200,
        doc="Read a page of them, the newest first.",
        query=(*DELIVERY_PARAMETERS, *PAGING),
        fields=DELIVERY_FIELDS,
        key="deliveries",
        ours=True,
    ),
)
