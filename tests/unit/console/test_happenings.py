"""Events for people."""

from __future__ import annotations

import re
from types import SimpleNamespace
from typing import Any, cast

from pointsman.console.happenings import PHRASES, nameless, told
from pointsman.console.visit import Visit
from pointsman.wire import events as event_wire

ACCOUNT = SimpleNamespace(sid="AC1", friendly_name="Mine")
VISIT = cast("Visit", SimpleNamespace(session=SimpleNamespace(caller=SimpleNamespace(account=ACCOUNT))))


def event(kind: str, **data: str) -> dict[str, Any]:
    return {
        "event_type": kind,
        "event_data": data,
        "event_date_ms": 1,
        "actor_type": "account",
        "actor_sid": "AC1",
        "source": "console",
        "source_ip_address": "127.0.0.1",
        "description": "What {happened}",
        "sid": "EV1",
    }


def test_every_event_about_a_task_has_its_phrase() -> None:
    of_a_task = r"(task|reservation)\.|workflow\.(entered|target|timeout|skipped)|task-queue\.(entered|timeout|moved)"
    families = re.compile(of_a_task)
    about_tasks = {kind for kind in event_wire._DESCRIPTIONS if families.match(kind)}
    assert about_tasks == set(PHRASES)


def test_an_event_of_another_kind_is_told_in_the_apis_words() -> None:
    assert told(event("worker.created"), VISIT, {}).text == "What {happened}"


def test_the_words_of_others_are_never_formats() -> None:
    one = told(event("reservation.accepted", worker_name="{0.__class__}"), VISIT, {})
    assert (one.text, one.who, one.whence) == ("{0.__class__} has accepted", "Mine", "in the console from 127.0.0.1")


def test_sids_without_names_get_those_that_are_known() -> None:
    begun = event("task.transfer-initiated", transfer_initiating_worker_sid="WK1", transfer_to="WQ1")
    assert nameless([begun]) == {"WK1", "WQ1"}
    one = told(begun, VISIT, {"WK1": "Bob"})
    assert (one.text, one.more) == ("Bob begins to hand it on", ", to WQ1")
