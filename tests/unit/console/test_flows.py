"""What the pages of queues and workflows say of texts: where one is wrong, and how two differ."""

from __future__ import annotations

import pytest

from pointsman.console.differences import differences
from pointsman.console.excerpts import Excerpt, excerpt
from pointsman.console.forms import parameters_of, touched
from pointsman.console.pages.workflows import placed
from pointsman.core.errors import Invalid
from pointsman.core.expression import Context, compile_expression
from pointsman.core.workflow.rules import read_rules
from pointsman.resources import WORKFLOW


@pytest.mark.parametrize(
    ("text", "marked"),
    [
        ("languages HSA 'es'", Excerpt("languages ", "H", "SA 'es'")),
        ("languages HAS ", Excerpt("languages HAS", "", "")),
        ("a == 1 AND\nb ==== 2 AND\nc == 3", Excerpt("b ==", "=", "= 2 AND")),
    ],
)
def test_an_excerpt_marks_what_is_wrong(text: str, marked: Excerpt) -> None:
    with pytest.raises(Invalid) as problem:
        compile_expression(text, Context.QUEUE)
    assert excerpt(text, str(problem.value)) == marked


def test_a_message_without_a_column_has_no_excerpt() -> None:
    assert excerpt("a", "something else") is None
    assert excerpt("a", "column 9: beyond it") is None


@pytest.mark.parametrize(
    ("document", "where", "says"),
    [
        ('{"task_routing":{"filters":[{"targets":[]}]}}', "filters[0]", 'needs an "expression"'),
        (
            '{"task_routing":{"filters":[{"expression":"a ==","targets":[{"queue":"q"}]}]}}',
            "filters[0].expression",
            "column 5",
        ),
        (
            '{"task_routing":{"default_filter":{"queue":"q","priority":"high"}}}',
            "default_filter.priority",
            '"priority" must be a whole number',
        ),
        (
            '{"task_routing":{"filters":[{"expression":"1==1","targets":[{"queue":"q","known_worker_sid":"x"}]}]}}',
            "filters[0].targets[0]",
            "known worker: column 1",
        ),
        ('{"task_routing":1}', "", "Configuration must be"),
    ],
)
def test_a_problem_of_a_configuration_has_its_place(document: str, where: str, says: str) -> None:
    with pytest.raises(Invalid) as problem:
        read_rules(document)
    found, text = placed(str(problem.value))
    assert found == where
    assert text.startswith(says)


def test_two_texts_differ_by_lines() -> None:
    theirs, yours = "\n".join(["a", "b", "c", "d", "e", "f"]), "\n".join(["a", "B", "c", "d", "e", "f", "g"])
    told = [(line.side, line.text) for line in differences(theirs, yours)]
    assert told == [
        ("both", "a"),
        ("theirs", "b"),
        ("yours", "B"),
        ("both", "c"),
        ("both", "d"),
        ("both", "e"),
        ("both", "f"),
        ("yours", "g"),
    ]


def test_of_two_changes_only_those_to_the_same_field_clash() -> None:
    body = {"friendly_name": "Theirs", "task_reservation_timeout": 45, "configuration": "{}"}
    sent = [
        ("was:FriendlyName", "Old"),
        ("FriendlyName", "Mine"),
        ("was:TaskReservationTimeout", "120"),
        ("TaskReservationTimeout", "120"),
        ("was:AssignmentCallbackUrl", ""),
        ("AssignmentCallbackUrl", "http://a"),
    ]
    found = {each.name: each.clashes for each in touched(parameters_of(WORKFLOW, "update"), sent, body)}
    assert found == {"FriendlyName": True, "AssignmentCallbackUrl": False}
