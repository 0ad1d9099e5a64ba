"""The instructions for calls, which belong to a telephone service, with every parameter that they have."""

from __future__ import annotations

from functools import partial
from typing import Any

from tests.acceptance.cases.configuration import NOWHERE
from tests.acceptance.cases.words import CALL_STATUSES, CONFERENCE_EVENTS
from tests.acceptance.suite import Place

TELEPHONE: dict[str, dict[str, Any]] = {
    "dequeue": {
        "dequeue_from": "+15005550006",
        "dequeue_record": "record-from-answer",
        "dequeue_timeout": 30,
        "dequeue_to": "client:ana",
        "dequeue_status_callback_url": f"{NOWHERE}/dequeue",
        "dequeue_status_callback_event": list(CALL_STATUSES),
    },
    "call": {
        "call_from": "+15005550006",
        "call_record": "record-from-answer",
        "call_timeout": 30,
        "call_to": "client:ana",
        "call_url": f"{NOWHERE}/call",
        "call_status_callback_url": f"{NOWHERE}/status",
        "call_accept": True,
    },
    "redirect": {"redirect_call_sid": "CA" + "0" * 32, "redirect_accept": True, "redirect_url": f"{NOWHERE}/redirect"},
    "conference": {
        "to": "client:ana",
        "from": "+15005550006",
        "status_callback": f"{NOWHERE}/status",
        "status_callback_method": "POST",
        "status_callback_event": list(CALL_STATUSES),
        "timeout": 30,
        "record": True,
        "muted": False,
        "beep": "onEnter",
        "start_conference_on_enter": True,
        "end_conference_on_exit": True,
        "end_conference_on_customer_exit": False,
        "beep_on_customer_entrance": False,
        "wait_url": f"{NOWHERE}/wait",
        "wait_method": "GET",
        "early_media": True,
        "max_participants": 3,
        "conference_status_callback": f"{NOWHERE}/conference",
        "conference_status_callback_method": "POST",
        "conference_status_callback_event": list(CONFERENCE_EVENTS),
        "conference_record": "record-from-start",
        "conference_trim": "do-not-trim",
        "recording_channels": "dual",
        "recording_status_callback": f"{NOWHERE}/recording",
        "recording_status_callback_method": "POST",
        "conference_recording_status_callback": f"{NOWHERE}/recordings",
        "conference_recording_status_callback_method": "GET",
        "region": "ie1",
        "sip_auth_username": "ana",
        "sip_auth_password": "secret",
        "jitter_buffer_size": "small",
    },
}


DEPRECATED = {  # (instruction, the parameter that workspaces with multitasking refuse): the code for it
    ("dequeue", "dequeue_post_work_activity_sid"): 40130,
    ("conference", "post_work_activity_sid"): 40139,
}


def telephone(at: Place) -> None:
    """Instructions for calls need a telephone service: they are refused whole, and the offer stays open."""
    the = at.the
    in_task = partial(at.refuse, "update", "tasks().reservations()", the.hers, the.direct_offer, status=400)
    in_worker = partial(at.refuse, "update", "workers().reservations()", the.ana, the.direct_offer, status=400)
    for refuse in (in_task, in_worker):
        for instruction, parameters in TELEPHONE.items():
            says = f"Unable to execute {instruction.capitalize()} instruction. It needs a telephone service"
            refuse(code=20001, says=says, instruction=instruction, **parameters)
        for (instruction, name), code in DEPRECATED.items():
            more = {name: the.lunch.sid}
            refuse(code=code, says="multitasking", instruction=instruction, **TELEPHONE[instruction], **more)
        refuse(code=55555, says="Unknown instruction dance", instruction="dance")
    late = "not currently in an Accepted state"
    in_task(code=40146, says=late, instruction="supervise", supervisor="client:cleo", supervisor_mode="whisper")
    in_worker(code=40146, says=late, instruction="supervise")  # it has no such parameters here
    at.fetch("tasks().reservations()", the.hers, the.direct_offer, gives={"reservation_status": "pending"})
