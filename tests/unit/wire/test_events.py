"""Event callbacks against recorded bodies of 2022/23: names, their order, and every value."""

from __future__ import annotations

import re

import pytest

from pointsman.core.events import EVENT_TYPES
from pointsman.resources.log import EVENT_FIELDS
from pointsman.wire import events
from tests.spec import recorded
from tests.unit.wire.logged import logged

BODIES = recorded("webhooks/*2023-v1*.json", "webhook-sequences/*.json")

# Everything in which our bodies may differ from the recorded ones, and why.
NOT_SENT = {"OperatingUnitSid": "an organisational unit above the account, which a self-hosted server does not have"}
OF_OUR_OWN = {"Sid": "an event's sid follows from its workspace and sequence number"}


def expected(body: dict[str, str]) -> dict[str, str]:
    return {name: value for name, value in body.items() if name not in NOT_SENT}


@pytest.mark.parametrize("body", BODIES)
def test_parameters_have_the_recorded_names(body: dict[str, str]) -> None:
    assert sorted(events.callback(logged(body))) == sorted(expected(body))


@pytest.mark.parametrize("body", BODIES)
def test_parameters_stand_in_the_recorded_order(body: dict[str, str]) -> None:
    """One parameter more or less can change the size of the table, so what we do not send is put back for this."""
    sent = events.callback(logged(body)) | {name: body[name] for name in NOT_SENT if name in body}

    assert list(events.hash_ordered(sent)) == list(body)


@pytest.mark.parametrize("body", BODIES)
def test_parameters_have_the_recorded_values(body: dict[str, str]) -> None:
    """Ages, seconds and lengths of time are worked out from milliseconds by our own rules, and agree."""
    sent = events.callback(logged(body))

    for name, value in expected(body).items():
        if name not in OF_OUR_OWN:
            assert sent[name] == value, name
    assert re.fullmatch("EV[0-9a-f]{32}", sent["Sid"])


@pytest.mark.parametrize("body", BODIES)
def test_the_resource_has_the_fields_that_are_declared(body: dict[str, str]) -> None:
    assert set(events.body(logged(body), "http://router")) == {field.name for field in EVENT_FIELDS}


@pytest.mark.parametrize("body", BODIES)
def test_the_resource_says_the_same_in_snake_case(body: dict[str, str]) -> None:
    """Each parameter of the callback stands in the event's resource too, as a field or in `event_data`."""
    event = logged(body)
    resource = events.body(event, "http://router")
    inside = {name.replace("_", ""): value for name, value in resource["event_data"].items()}
    fields = {"sid", "eventtype", "eventdescription", "accountsid", "resourcetype", "resourcesid", "timestamp"}

    for name, value in events.callback(event).items():
        if name.lower() not in fields | {"timestampms"}:
            assert inside[name.lower()] == value
    assert resource["description"] == body["EventDescription"]
    assert (resource["resource_type"], resource["resource_sid"]) == (body["ResourceType"], body["ResourceSid"])


def test_an_event_about_a_task_without_workflow_and_queue_leaves_them_out() -> None:
    """A direct task has neither: nothing is sent empty."""
    event = logged(
        {
            "EventType": "task.created",
            "WorkspaceSid": "WS" + "1" * 32,
            "WorkspaceName": "Home",
            "AccountSid": "AC" + "1" * 32,
            "TimestampMs": "1600000000999",
            "TaskSid": "WT" + "1" * 32,
            "TaskAttributes": "{}",
            "TaskPriority": "0",
            "TaskAssignmentStatus": "pending",
        }
    )

    sent = events.callback(event)

    assert {name for name in sent if name.startswith(("Workflow", "TaskQueue"))} == set()
    assert (sent["Timestamp"], sent["TimestampMs"], sent["TaskAge"]) == ("1600000000", "1600000000999", "0")
    assert "" not in sent.values()


def test_every_event_that_the_log_can_hold_has_a_description_and_a_resource() -> None:
    """An event is declared in the core; a new one must be spelled here too."""
    assert set(events._DESCRIPTIONS) == set(EVENT_TYPES)
    assert {kind.split(".", 1)[0] for kind in EVENT_TYPES} == set(events._RESOURCE)
