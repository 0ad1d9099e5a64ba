"""The parameters of the telephone instructions of a reservation: dequeue, call, redirect, conference and supervise.
Source: TaskRouter REST, reservations [oai]; the shared names without a prefix belong to conference."""

from __future__ import annotations

from pointsman.core import limits
from pointsman.resources.declare import Field
from pointsman.resources.types import Bool, Choice, FieldType, Int, SidOf, Text, Url

_SECONDS = Int(1, limits.INSTRUCTION_TIMEOUT_S_MAX)
_METHOD = Choice("GET", "POST")
_ADDRESS = Text(2_048)
_CALL_EVENTS = Choice("initiated", "ringing", "answered", "completed")
_CONFERENCE_EVENTS = Choice("start", "end", "join", "leave", "mute", "hold", "modify", "speaker", "announcement")


def _of(instruction: str, name: str, kind: FieldType, doc: str, *, many: bool = False) -> Field:
    return Field(name, kind, f"{instruction}: {doc}", on="update", many=many)


INSTRUCTION_FIELDS = (
    _of("dequeue", "dequeue_post_work_activity_sid", SidOf("WA"), "the worker's activity afterwards (deprecated)."),
    _of("dequeue", "dequeue_from", _ADDRESS, "the caller shown to the worker."),
    _of("dequeue", "dequeue_record", _ADDRESS, "whether to record, such as record-from-answer."),
    _of("dequeue", "dequeue_timeout", _SECONDS, "how long it rings, in seconds."),
    _of("dequeue", "dequeue_to", _ADDRESS, "whom to call; the worker's contact_uri if left out."),
    _of("dequeue", "dequeue_status_callback_url", Url(), "where its progress is told."),
    _of("dequeue", "dequeue_status_callback_event", _CALL_EVENTS, "which progress is told.", many=True),
    _of("dequeue", "dequeue_status_callback_events", _ADDRESS, "the same, as older clients spell it.", many=True),
    _of("call", "call_from", _ADDRESS, "the caller shown to the worker."),
    _of("call", "call_record", _ADDRESS, "whether to record."),
    _of("call", "call_timeout", _SECONDS, "how long it rings, in seconds."),
    _of("call", "call_to", _ADDRESS, "whom to call; the worker's contact_uri if left out."),
    _of("call", "call_url", Url(), "what the call does once it is answered."),
    _of("call", "call_status_callback_url", Url(), "where its progress is told."),
    _of("call", "call_accept", Bool(), "whether to accept the reservation too."),
    _of("redirect", "redirect_call_sid", SidOf("CA"), "the call that is parked."),
    _of("redirect", "redirect_accept", Bool(), "whether to accept the reservation too."),
    _of("redirect", "redirect_url", Url(), "what the parked call does next."),
    _of("conference", "to", _ADDRESS, "whom to call; the worker's contact_uri if left out."),
    _of("conference", "from", _ADDRESS, "the caller shown to the worker."),
    _of("conference", "status_callback", Url(), "where the progress of the worker's leg is told."),
    _of("conference", "status_callback_method", _METHOD, "how it is told."),
    _of("conference", "status_callback_event", _CALL_EVENTS, "which progress is told.", many=True),
    _of("conference", "timeout", _SECONDS, "how long it rings, in seconds."),
    _of("conference", "record", Bool(), "whether to record the participant."),
    _of("conference", "muted", Bool(), "whether the worker joins muted."),
    _of("conference", "beep", Choice("true", "false", "onEnter", "onExit"), "when to beep."),
    _of("conference", "start_conference_on_enter", Bool(), "whether it starts when the worker joins."),
    _of("conference", "end_conference_on_exit", Bool(), "whether it ends when the worker leaves."),
    _of("conference", "wait_url", Url(), "what is heard until it starts."),
    _of("conference", "wait_method", _METHOD, "how that is fetched."),
    _of("conference", "early_media", Bool(), "whether the worker hears it ring."),
    _of("conference", "max_participants", Int(2, limits.CONFERENCE_PARTICIPANTS_MAX), "how many may join."),
    _of("conference", "conference_status_callback", Url(), "where the conference's progress is told."),
    _of("conference", "conference_status_callback_method", _METHOD, "how it is told."),
    _of("conference", "conference_status_callback_event", _CONFERENCE_EVENTS, "which progress is told.", many=True),
    _of(
        "conference",
        "conference_record",
        Choice("true", "false", "record-from-start", "do-not-record"),
        "whether to record it all.",
    ),
    _of("conference", "conference_trim", Choice("trim-silence", "do-not-trim"), "whether to cut silence."),
    _of("conference", "recording_channels", Choice("mono", "dual"), "how to record the participant."),
    _of("conference", "recording_status_callback", Url(), "where the participant's recording is told."),
    _of("conference", "recording_status_callback_method", _METHOD, "how it is told."),
    _of("conference", "conference_recording_status_callback", Url(), "where the conference's recording is told."),
    _of("conference", "conference_recording_status_callback_method", _METHOD, "how it is told."),
    _of("conference", "region", Choice("us1", "us2", "ie1", "de1", "sg1", "br1", "au1", "jp1"), "where to mix."),
    _of("conference", "sip_auth_username", _ADDRESS, "for a SIP address."),
    _of("conference", "sip_auth_password", _ADDRESS, "for a SIP address."),
    _of("conference", "end_conference_on_customer_exit", Bool(), "whether it ends when the customer leaves."),
    _of("conference", "beep_on_customer_entrance", Bool(), "whether the customer's coming beeps."),
    _of("conference", "jitter_buffer_size", Choice("small", "medium", "large", "off"), "of the worker's leg."),
    _of("conference", "post_work_activity_sid", SidOf("WA"), "the worker's activity afterwards (deprecated)."),
)

SUPERVISE_FIELDS = (
    _of("supervise", "supervisor_mode", Choice("monitor", "whisper", "barge"), "how the supervisor takes part."),
    _of("supervise", "supervisor", _ADDRESS, "the supervisor: a worker's sid or an address."),
)
