"""Forms from declarations, and where their problems stand."""

from __future__ import annotations

import pytest

from pointsman.console import forms
from pointsman.console.forms import Form, Input, changes, form_of, given, parameters_of
from pointsman.resources import ACTIVITY, RESOURCES, WORKER, WORKFLOW, WORKSPACE
from pointsman.wire.errors import INVALID
from pointsman.wire.forms import MissingParameter


def named(form: Form, name: str) -> Input:
    return next(each for each in form.inputs if each.name == name)


def test_every_resource_has_a_form_for_what_it_takes() -> None:
    for resource in RESOURCES:
        for operation in ("create", "update"):
            form = form_of(parameters_of(resource, operation))
            assert len(form.inputs) == len(resource.parameters(operation))
            assert all(each.label and each.kind for each in form.inputs)


def test_a_problem_stands_beside_the_field_that_caused_it() -> None:
    parameters = parameters_of(WORKER, "create")

    def told(message: str, sent: list[tuple[str, str]] | None = None) -> Form:
        return form_of(parameters, sent=sent or [], problem=INVALID.problem(message))

    missing = told(str(MissingParameter("FriendlyName")))
    assert named(missing, "FriendlyName").problem == "This is required"
    assert missing.problem is None
    taken = told(f"Worker named Alice already exists for workspace WS{'1' * 32} for account AC{'2' * 32}")
    assert named(taken, "FriendlyName").problem == "Worker named Alice already exists"
    text = '{\n  "a": ü,\n}'
    broken = told("Invalid Attributes '…': expected a JSON object; invalid character (byte 10)", [("Attributes", text)])
    assert named(broken, "Attributes").problem == "Expected a JSON object; invalid character (line 2, column 8)"
    assert named(broken, "Attributes").value == text
    other = told("The workspace is full")
    assert (other.problem, [each.problem for each in other.inputs if each.problem]) == ("The workspace is full", [])


def test_what_is_left_empty_is_left_to_its_default() -> None:
    sent = [("FriendlyName", "Lunch"), ("Available", "false"), ("Available", "true"), ("Foreign", "x")]
    assert given(parameters_of(ACTIVITY, "create"), sent) == [("Available", "true"), ("FriendlyName", "Lunch")]
    assert given(parameters_of(ACTIVITY, "create"), [("FriendlyName", ""), ("Available", "")]) == []


BODY = {"friendly_name": "Home", "event_callback_url": None, "multi_task_enabled": True}


def sent_as_shown(form: Form, **changed: str) -> list[tuple[str, str]]:
    """As a browser sends a form: what it was made with, and what is in it now."""
    pairs = [(f"{forms.WAS}{each.name}", each.was) for each in form.inputs if each.was is not None]
    return pairs + [(each.name, changed.get(each.name, each.value)) for each in form.inputs]


def test_only_what_was_changed_is_sent() -> None:
    parameters = parameters_of(WORKSPACE, "update")
    form = form_of(parameters, body=BODY)
    assert changes(parameters, sent_as_shown(form), BODY) == ([], None)
    sent = sent_as_shown(form, EventCallbackUrl="http://a.example/")
    assert changes(parameters, sent, BODY) == ([("EventCallbackUrl", "http://a.example/")], None)
    assert changes(parameters, sent, BODY | {"friendly_name": "Moved"})[1] is None, "somebody changed another field"


def test_who_changes_what_somebody_else_has_changed_is_told() -> None:
    parameters = parameters_of(WORKSPACE, "update")
    sent = sent_as_shown(form_of(parameters, body=BODY), FriendlyName="Mine")
    changed, problem = changes(parameters, sent, BODY | {"friendly_name": "Theirs"})
    assert changed == []
    assert problem is not None and "'Theirs' now" in problem.message
    assert changes(parameters, sent, BODY | {"friendly_name": "Mine"})[1] is None, "they wanted the same"


def test_json_is_shown_with_lines_and_counts_as_untouched_while_it_says_the_same() -> None:
    body = {"configuration": '{"task_routing":{"filters":[]}}', "friendly_name": "Flow"}
    parameters = parameters_of(WORKFLOW, "update")
    form = form_of(parameters, body=body)
    shown = named(form, "Configuration").value
    assert shown.count("\n") > 2
    assert changes(parameters, sent_as_shown(form, Configuration=shown.replace("\n", "\r\n")), body) == ([], None)


@pytest.mark.parametrize("present", [None, "WA" + "1" * 32])
def test_a_choice_that_can_be_cleared_can_be_left_empty(present: str | None) -> None:
    parameters = [each for each in parameters_of(WORKSPACE, "update") if each.name == "timeout_activity_sid"]
    (field,) = form_of(
        parameters, body={"timeout_activity_sid": present}, options={"timeout_activity_sid": [("WA", "x")]}
    ).inputs
    assert field.kind == "choice"
    assert (("", "None") in field.options) is (present is None), "once set it can't be cleared"
