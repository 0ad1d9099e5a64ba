"""What parameters may say: the rules on names, sizes and ranges that routing counts on."""

from __future__ import annotations

import pytest

from pointsman.core.errors import Invalid
from pointsman.resources import (
    ACTIVITY,
    TASK,
    TASK_CHANNEL,
    TASK_QUEUE,
    TASK_RESERVATION,
    WORKER,
    WORKER_RESERVATION,
    WORKFLOW,
)
from pointsman.resources.declare import Resource
from pointsman.wire.forms import read


def test_a_name_has_up_to_64_characters() -> None:
    """[routing 1.2, docs: activity + oai] and [routing 1.3, oai]"""
    for resource in (ACTIVITY, WORKER):
        assert read(resource, "create", [("FriendlyName", "x" * 64)])["friendly_name"] == "x" * 64
        with pytest.raises(Invalid, match="64"):
            read(resource, "create", [("FriendlyName", "x" * 65)])


@pytest.mark.parametrize(
    ("text", "available"), [("true", True), ("1", True), ("yes", True), ("TRUE", True), ("on", False), ("2", False)]
)
def test_true_one_and_yes_mean_available(text: str, available: bool) -> None:
    """[routing 1.2, oai]"""
    assert read(ACTIVITY, "create", [("FriendlyName", "x"), ("Available", text)])["available"] is available


@pytest.mark.parametrize(("text", "ignored"), [("true", True), ("1", True), ("yes", True), ("no", False), ("x", False)])
def test_true_one_and_yes_mean_to_ignore_capacity(text: str, ignored: bool) -> None:
    """[routing 4.9, oai + sdk-test]"""
    assert read(TASK, "create", [("IgnoreCapacity", text)])["ignore_capacity"] is ignored


@pytest.mark.parametrize("resource", [WORKER, TASK], ids=["worker", "task"])
def test_attributes_are_an_object_of_up_to_4096_characters_blanks_too(resource: Resource) -> None:
    """[routing 1.3, docs: limits + oai] and [routing 1.7, docs: limits]"""
    name = [("FriendlyName", "x")] if resource is WORKER else []
    longest = '{"a":"' + "é" * 4_080 + '"' + " " * 8 + "}"
    assert len(longest) == 4_096
    assert read(resource, "create", [*name, ("Attributes", longest)])
    for wrong in (longest.replace("}", " }"), "[]", '"x"', "{"):
        with pytest.raises(Invalid):
            read(resource, "create", [*name, ("Attributes", wrong)])


@pytest.mark.parametrize(
    ("name", "good"), [("fax", True), ("_a$9", True), ("9a", False), ("a-b", False), ("a b", False)]
)
def test_a_channels_unique_name_is_a_name_of_the_expression_language(name: str, good: bool) -> None:
    """[routing 1.4, docs: multitasking]"""
    form = [("FriendlyName", "x"), ("UniqueName", name)]
    if good:
        assert read(TASK_CHANNEL, "create", form)["unique_name"] == name
    else:
        with pytest.raises(Invalid, match="UniqueName"):
            read(TASK_CHANNEL, "create", form)


@pytest.mark.parametrize(
    ("resource", "name", "low", "high"),
    [
        (TASK_QUEUE, "MaxReservedWorkers", 1, 50),
        (WORKFLOW, "TaskReservationTimeout", 1, 86_400),
        (TASK, "Timeout", 1, 1_209_600),
        (TASK, "Priority", 0, 2**31 - 1),
    ],
)
def test_numbers_have_their_ranges(resource: Resource, name: str, low: int, high: int) -> None:
    """[routing 1.6, oai], [routing 1.7, oai],
    [routing 1.7, oai + docs: limits] and [routing 1.7, oai]"""
    others = {TASK_QUEUE: [("FriendlyName", "x")], WORKFLOW: [("FriendlyName", "x"), ("Configuration", "{}")]}
    for value in (low, high):
        assert value in read(resource, "create", [*others.get(resource, []), (name, str(value))]).values()
    for value in (low - 1, high + 1):
        with pytest.raises(Invalid, match=name):
            read(resource, "create", [*others.get(resource, []), (name, str(value))])


def test_a_configuration_may_have_a_mebibyte() -> None:
    """[routing 1.7, docs: limits + inferred]"""
    form = [("FriendlyName", "x"), ("Configuration", '{"a":"' + "x" * 1_048_568 + '"}')]
    assert read(WORKFLOW, "create", form)
    form[1] = ("Configuration", '{"a":"' + "x" * 1_048_569 + '"}')
    with pytest.raises(Invalid, match="Configuration"):
        read(WORKFLOW, "create", form)


@pytest.mark.parametrize("text", ["completed", "Completed", "COMPLETED"])
def test_a_status_may_have_any_case(text: str) -> None:
    """[routing 2, docs: changelog]"""
    assert read(TASK, "update", [("AssignmentStatus", text)]) == {"assignment_status": "completed"}
    assert read(TASK_RESERVATION, "update", [("ReservationStatus", text)]) == {"reservation_status": "completed"}


def test_a_virtual_start_is_not_before_1900() -> None:
    """[routing 4.10, oai + docs: LIFO page]"""
    assert read(TASK, "create", [("VirtualStartTime", "1900-01-01T00:00:00Z")])
    with pytest.raises(Invalid, match="VirtualStartTime"):
        read(TASK, "create", [("VirtualStartTime", "1899-12-31T23:59:59Z")])


def test_only_a_tasks_reservation_takes_a_supervisor() -> None:
    """[routing 3.6, oai]"""
    form = [("Supervisor", "WK" + "0" * 32), ("SupervisorMode", "monitor")]
    assert set(read(TASK_RESERVATION, "update", form)) == {"supervisor", "supervisor_mode"}
    assert read(WORKER_RESERVATION, "update", form) == {}
