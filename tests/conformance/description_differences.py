"""Everything in which our description may differ from the published one, and why.

The first row that fits a difference is its reason; a difference without a row fails, and so does a row without a
difference. The names in a row are patterns: `*` stands for anything.
"""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import NamedTuple

from tests.conformance.description import BEYOND, Difference


class Known(NamedTuple):
    """A kind of difference, and its reason: a sentence for the page on compatibility."""

    operations: str
    places: tuple[str, ...]
    aspects: tuple[str, ...]
    reason: str

    def fits(self, found: Difference) -> bool:
        return (
            fnmatchcase(found.operation, self.operations)
            and any(fnmatchcase(found.place, place) for place in self.places)
            and found.aspect in self.aspects
        )


BOUNDS = ("minimum", "maximum", "minLength", "maxLength")
ENUM = ("enum", "items enum")

KNOWN = (
    Known(
        "*Transfer",
        ("operation",),
        (BEYOND,),
        "API v2 is not in the description: it is what the worker SDK speaks, which creates and cancels transfers. That "
        "they can be read and listed is ours.",
    ),
    Known(
        "ListWorkerReservation",
        ("query Active",),
        (BEYOND,),
        "The worker SDK asks so, of API v2: for the reservations that are pending, accepted or wrapping.",
    ),
    # --- otherwise ------------------------------------------------------------------------------------------------
    Known(
        "List*",
        ("query PageSize",),
        ("maximum",),
        "Libraries send the row limit of their caller as PageSize, however large, so more than 1,000 counts as 1,000 "
        "instead of being refused.",
    ),
    Known("List*", ("query Page",), ("maximum",), "A number that fits into 32 bits; it is only ever echoed."),
    Known(
        "*",
        ("query Available", "form IgnoreCapacity", "form ReEvaluateTasks"),
        ("type",),
        "Described as text, but it is a truth value like the others: true, 1 and yes are true, all else is false.",
    ),
    Known(
        "*",
        ("form FriendlyName",),
        BOUNDS,
        "The bound that TaskRouter states in words: 64 characters, and a name is not empty.",
    ),
    Known(
        "CreateTaskChannel",
        ("form UniqueName",),
        ("pattern", *BOUNDS),
        "Expressions read it as a name (worker.channel.voice), so it has to be one.",
    ),
    Known("*", ("form TaskChannel",), ("maxLength",), "A sid has 34 characters and a unique name at most 64."),
    Known(
        "*",
        ("form Attributes", "query EvaluateWorkerAttributes", "form Configuration"),
        ("maxLength",),
        "The limit that TaskRouter states in words; an operator may move it.",
    ),
    Known(
        "*",
        (
            "form Priority",
            "query Priority",
            "form Timeout",
            "form TaskReservationTimeout",
            "form MaxReservedWorkers",
            "form DequeueTimeout",
            "form CallTimeout",
            "form MaxParticipants",
        ),
        BOUNDS,
        "The bounds that TaskRouter states in words.",
    ),
    Known(
        "UpdateWorkerChannel",
        ("form Capacity",),
        BOUNDS,
        "A worker's capacity is a count; the bound keeps sums of it within reason.",
    ),
    Known("*", ("query Minutes",), BOUNDS, "At least a minute; and no number is without a bound."),
    Known(
        "*",
        ("query RoutingTarget", "form RoutingTarget"),
        ("pattern",),
        "It is a sid of a worker, a task queue or a workflow, and a malformed one is refused at once.",
    ),
    Known(
        "*",
        (
            "form Template",
            "form Beep",
            "form ConferenceRecord",
            "form ConferenceTrim",
            "form RecordingChannels",
            "form Region",
            "form JitterBufferSize",
            "form DequeueStatusCallbackEvent",
            "query AssignmentStatus",
        ),
        ENUM,
        "The words that TaskRouter lists in its text, and EMPTY as a template, which programs send; the dequeue events "
        "are those of the other instructions. Others are refused, so that a typing error is noticed.",
    ),
    Known(
        "Update*Reservation",
        ("form ConferenceStatusCallbackEvent",),
        ENUM,
        "Two more words are taken: modify and announcement, which conferences elsewhere on the platform have.",
    ),
    Known(
        "*",
        (
            "form *Url",
            "form *Callback",
            "form *From",
            "form *To",
            "form *Record",
            "form SipAuth*",
            "form Supervisor",
            "form Instruction",
            "form Reason",
            "form EventsFilter",
        ),
        ("maxLength",),
        "No text may grow without a bound.",
    ),
    Known(
        "*",
        ("answer *callback_url",),
        ("format",),
        'Where a URL was never set or was cleared, the answer is "" or null, and "" is no URI.',
    ),
    Known(
        "*Workflow",
        ("answer document_content_type",),
        ("type",),
        "It was null in every recorded answer, and it is always null here.",
    ),
    # --- more -----------------------------------------------------------------------------------------------------
    Known(
        "*",
        ("body multipart/form-data",),
        (BEYOND,),
        "Old versions of the Node library send forms in this encoding, so it is read too.",
    ),
    Known(
        "*",
        ("header twilio-request-*",),
        (BEYOND,),
        "Every answer has an id of its request and says how long it took.",
    ),
    Known("Delete*", ("header access-control-*",), (BEYOND,), "The headers for browsers stand on every answer."),
    Known(
        "*Reservation",
        ("header etag",),
        (BEYOND,),
        "A reservation has its ETag wherever it is shown, not only in some of the answers.",
    ),
    Known(
        "List*Reservation",
        ("query WorkerPreviousActivitySid",),
        (BEYOND,),
        "Older libraries send it: reservations whose worker was in this activity before the offer.",
    ),
    Known(
        "Update*Reservation",
        ("form DequeueStatusCallbackEvents",),
        (BEYOND,),
        "The older name of DequeueStatusCallbackEvent.",
    ),
    Known(
        "CreateTaskQueueBulkRealTimeStatistics",
        ("json QueueSids",),
        (BEYOND,),
        "The description says nothing of what the body holds; TaskRouter's documentation does.",
    ),
    Known(
        "*Account",
        ("operation",),
        (BEYOND,),
        "Accounts, as the libraries ask for them by the API of 2010.",
    ),
    Known("*ApiKey", ("operation",), (BEYOND,), "API keys, as the libraries ask for them by the API of 2010."),
    Known(
        "*AuthToken*",
        ("operation",),
        (BEYOND,),
        "A second auth token and its promotion, as the libraries ask for them by the API of accounts.",
    ),
    Known(
        "*Delivery*",
        ("operation",),
        (BEYOND,),
        "What was sent to callback URLs, what came back, and what became of it.",
    ),
    Known("FetchEventStream", ("operation",), (BEYOND,), "The log as a stream, for programs that follow or keep it."),
    Known("FetchExplanation", ("operation",), (BEYOND,), "Why a task is where it is, for people who wonder."),
    Known("ListMembership", ("operation",), (BEYOND,), "Why a worker is in a queue or not, for people who wonder."),
    Known(
        "ListWorker",
        ("query FriendlyNameContains",),
        (BEYOND,),
        "Workers are looked for by a part of their name, since people remember no more.",
    ),
    Known("CreateEligibleWorkers", ("operation",), (BEYOND,), "Whom an expression would match, before a queue has it."),
    Known("CreateTrial", ("operation",), (BEYOND,), "Which way a task would go, before there is one."),
    Known("CreateReEvaluation", ("operation",), (BEYOND,), "Where waiting tasks would stand, before they are moved."),
    Known(
        "*Desk*",
        ("operation",),
        (BEYOND,),
        "What a worker has before it, and a link for it, so that it can work in a browser.",
    ),
    Known("ListTransferTarget", ("operation",), (BEYOND,), "For workers, who may see no more of others than names."),
    Known(
        "*Warnings",
        ("operation",),
        (BEYOND,),
        "What is allowed in a task queue or a workflow, and yet unwise.",
    ),
    Known(
        "*",
        ("answer pointsman",),
        (BEYOND,),
        "The same warnings beside the answer to a change, and only if there are any: libraries pass over it.",
    ),
    Known("FetchHealth", ("operation",), (BEYOND,), "For those who watch the server."),
    Known("FetchMetrics", ("operation",), (BEYOND,), "For those who watch the server."),
    Known("FetchDescription", ("operation",), (BEYOND,), "The server describes itself."),
)


def reason_of(found: Difference) -> Known | None:
    return next((known for known in KNOWN if known.fits(found)), None)
