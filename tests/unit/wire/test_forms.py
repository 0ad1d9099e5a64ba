"""Requests in."""

from __future__ import annotations

import pytest

from pointsman.core.errors import Invalid
from pointsman.resources import ACTIVITY, TASK, TASK_QUEUE, TASK_RESERVATION, WORKSPACE
from pointsman.wire.forms import MissingParameter, if_match, read, read_filters, read_pairs


def test_only_what_was_sent_is_there() -> None:
    """An absent parameter leaves the field alone [oai]; unknown ones are ignored."""
    form = [("FriendlyName", "Lunch"), ("OperatingUnitSid", "OU1"), ("friendlyname", "x")]
    assert read(ACTIVITY, "update", form) == {"friendly_name": "Lunch"}


def test_what_can_only_be_set_at_creation_is_ignored_later() -> None:
    """Whether an activity is available is fixed for life [oai]."""
    assert read(ACTIVITY, "update", [("Available", "true")]) == {}
    assert read(ACTIVITY, "create", [("FriendlyName", "x"), ("Available", "1")])["available"] is True


@pytest.mark.parametrize("form", [[], [("FriendlyName", "")]])
def test_a_missing_required_parameter_is_named(form: list[tuple[str, str]]) -> None:
    with pytest.raises(MissingParameter, match="Missing required parameter FriendlyName in the post body"):
        read(WORKSPACE, "create", form)


def test_an_empty_value_clears_or_counts_as_not_sent() -> None:
    assert read(WORKSPACE, "update", [("EventCallbackUrl", "")]) == {"event_callback_url": ""}
    assert read(TASK, "update", [("Priority", ""), ("AssignmentStatus", "")]) == {}
    assert read(TASK_QUEUE, "update", [("TargetWorkers", "")]) == {"target_workers": ""}


def test_of_a_repeated_parameter_the_last_counts() -> None:
    assert read(TASK, "update", [("Priority", "1"), ("Priority", "2")]) == {"priority": 2}


def test_a_bad_value_is_told_with_name_value_and_expectation() -> None:
    with pytest.raises(Invalid, match=r"Invalid Priority '-1': expected a whole number from 0 to 2147483647"):
        read(TASK, "create", [("Priority", "-1")])


def test_of_several_mistakes_the_one_that_is_declared_first_is_told() -> None:
    with pytest.raises(Invalid, match="Invalid Attributes"):
        read(TASK, "create", [("Priority", "-1"), ("Attributes", "none")])


def test_percent_signs_stand_for_bytes_beside_letters_that_are_no_ascii() -> None:
    assert read_pairs("a%3D=é%C3%A9+%26&&b=%2B%zz".encode()) == [("a=", "éé &"), ("b", "+%zz")]
    with pytest.raises(Invalid, match="not valid UTF-8"):
        read_pairs(b"a=%C3")


def test_several_statuses_by_repeated_keys_or_commas() -> None:
    """[oai][sample]"""
    for query in (
        [("AssignmentStatus", "pending,reserved")],
        [("AssignmentStatus", "pending"), ("AssignmentStatus", "Reserved")],
    ):
        ((_, wanted),) = read_filters(TASK, query)
        assert wanted == ("pending", "reserved")


def test_every_parameter_of_a_reservation_has_its_name() -> None:
    names = {field.name for field in TASK_RESERVATION.parameters("update")}
    assert {"reservation_status", "worker_activity_sid", "instruction", "dequeue_from", "supervisor_mode"} <= names


@pytest.mark.parametrize(("header", "version"), [("0", 0), ('"3"', 3), ('W/"12"', 12), ("*", None), ('w/"4"', 4)])
def test_if_match_is_read_bare_quoted_and_weak(header: str, version: int | None) -> None:
    """Seen clients send it bare and quoted [obs]."""
    assert if_match(header) == version


@pytest.mark.parametrize("header", ['"abc"', "", '"1", "2"', "-1"])
def test_an_if_match_that_is_no_version_is_refused(header: str) -> None:
    """An empty one, too: whoever sends it means to be guarded."""
    with pytest.raises(Invalid, match="If-Match"):
        if_match(header)
