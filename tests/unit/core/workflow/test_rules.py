"""The configuration of a workflow: what may be written, and what is said about the rest."""

from __future__ import annotations

import json
from typing import Any

import pytest

from pointsman.core.workflow.rules import InvalidWorkflow, Rules, Target, read_rules

Q1, Q2 = "WQ" + "1" * 32, "WQ" + "2" * 32


def rules(*filters: Any, **more: Any) -> Rules:
    return read_rules(json.dumps({"task_routing": {"filters": list(filters), **more}}))


def first(target: dict[str, Any]) -> Target:
    return rules({"expression": "1==1", "targets": [{"queue": Q1, **target}]}).filters[0].targets[0]


def test_a_full_configuration_is_read() -> None:
    """[routing 4.1, docs: workflow-configuration] [routing 4.1, inferred]"""
    target = {
        "queue": Q1,
        "expression": "task.x == worker.x",
        "priority": 5,
        "timeout": 30,
        "order_by": "worker.level DESC",
        "skip_if": "workers.available == 0",
        "known_worker_sid": "task.agent",
    }
    read = rules(
        {"filter_friendly_name": "Sales", "expression": "kind == 'sales'", "targets": [target, {}]},
        default_filter={"queue": Q2},
    )
    (sales,) = read.filters
    assert (sales.name, sales.expression) == ("Sales", "kind == 'sales'")
    full, rest = sales.targets
    assert full[:5] == (Q1, "task.x == worker.x", 5, 30, "worker.level DESC")
    assert full.skip_if is not None
    assert full.known == ("sid", ("task", "agent"))
    assert rest == Target(Q1, None, None, None, None, None, None), "the queue is inherited, nothing else"
    assert read.default is not None
    assert read.default.queue == Q2
    assert list(read.queues()) == [
        ("filters[0].targets[0].queue", Q1),
        ("filters[0].targets[1].queue", Q1),
        ("default_filter.queue", Q2),
    ]


@pytest.mark.parametrize("routing", [{}, {"filters": []}, {"filters": None, "default_filter": None}])
def test_filters_and_default_filter_may_be_missing_or_null(routing: dict[str, Any]) -> None:
    """Explicit nulls. [routing 4.1, docs: workflow-configuration] [wire 1, observed]"""
    read = read_rules(json.dumps({"task_routing": routing}))
    assert (read.filters, read.default) == ((), None)


@pytest.mark.parametrize("key", ["filter_friendly_name", "friendly_name", "filterFriendlyName", "friendlyName"])
def test_a_filters_name_has_several_spellings(key: str) -> None:
    """[routing 4.1, code + inferred] [wire 8.6, observed]"""
    assert rules({key: "Sales", "expression": "1==1", "targets": [{"queue": Q1}]}).filters[0].name == "Sales"


def test_task_queue_sid_and_capitals_are_understood_and_the_new_spelling_wins() -> None:
    """The old capitalised `Expression`, `Priority`, `Timeout`. [routing 4.1, code + inferred] [wire 1, observed]
    [wire 8.6, observed]"""
    target = {"task_queue_sid": Q1, "Expression": "1==1", "Priority": 3, "Timeout": "20", "priority": 4}
    read = rules(
        {"Expression": "1==1", "targets": [target]}, default_filter={"task_queue_sid": Q2, "Expression": "1==1"}
    )
    assert read.filters[0].targets[0][:4] == (Q1, "1==1", 4, 20)
    assert read.default is not None
    assert (read.default.queue, read.default.expression) == (Q2, "1==1")


@pytest.mark.parametrize(("value", "expected"), [(7, 7), ("7", 7), (" 7 ", 7), ("007", 7), (None, None), ("", None)])
def test_numbers_may_be_strings_nulls_or_empty(value: Any, expected: int | None) -> None:
    """[routing 4.1, docs: workflow-configuration] [wire 1, observed]"""
    read = first({"timeout": value, "priority": value})
    assert (read.timeout_s, read.priority) == (expected, expected)


def test_nulls_and_unknown_keys_are_as_if_absent() -> None:
    """[routing 4.1, code + inferred]; rest-api 8.3: the helper library's builder writes explicit nulls; unknown keys
    are ignored [code]"""
    nulls = dict.fromkeys(("expression", "priority", "timeout", "order_by", "skip_if", "known_worker_sid"))
    assert first({**nulls, "colour": "blue"}) == first({})
    assert first({"expression": " ", "order_by": ""}) == first({})


def test_the_default_filters_timeout_has_no_effect() -> None:
    """[routing 4.1, docs: workflow-configuration] [design 7, ours]"""
    read = rules(default_filter={"queue": Q1, "timeout": 5, "priority": 2})
    assert read.default is not None
    assert (read.default.timeout_s, read.default.priority) == (None, 2)


def target(**entry: Any) -> str:
    routing = {"filters": [{"expression": "1==1", "targets": [{"queue": Q1}, entry]}]}
    return json.dumps({"task_routing": routing})


def one_filter(**entry: Any) -> str:
    return json.dumps({"task_routing": {"filters": [entry]}})


NO_TIMEOUTS: list[Any] = [0, -1, 1.5, "soon", True, [], "9" * 5_000]
TIMEOUT = 'Configuration: filters[0].targets[1], "timeout"'


@pytest.mark.parametrize(
    ("document", "text"),
    [
        ("{", "Configuration is not valid JSON"),
        ("[]", 'Configuration must be a JSON object with the object "task_routing"'),
        ('{"filters":[]}', 'Configuration must be a JSON object with the object "task_routing"'),
        ('{"task_routing":{"filters":{}}}', 'Configuration: "filters" must be a list'),
        ('{"task_routing":{"filters":[1]}}', "Configuration: filters[0] must be an object"),
        ('{"task_routing":{"default_filter":[]}}', "Configuration: default_filter must be an object"),
        ('{"task_routing":{"default_filter":{}}}', 'Configuration: default_filter needs a "queue"'),
        (one_filter(targets=[{"queue": Q1}]), 'Configuration: filters[0] needs an "expression"'),
        (one_filter(expression=None, targets=[{"queue": Q1}]), 'Configuration: filters[0] needs an "expression"'),
        (one_filter(expression="1==1"), 'Configuration: filters[0] needs "targets", a list of at least one'),
        (one_filter(expression="1==1", targets=[]), 'Configuration: filters[0] needs "targets"'),
        (one_filter(expression="1==1", targets=[{}]), 'Configuration: filters[0].targets[0] needs a "queue"'),
        (one_filter(expression=1, targets=[]), 'Configuration: filters[0], "expression" must be a string'),
        (one_filter(expression="vip", targets=[{"queue": Q1}]), "Configuration: filters[0].expression: "),
        (target(expression="level > 5"), "Configuration: filters[0].targets[1].expression: "),
        (target(order_by="level"), "Configuration: filters[0].targets[1].order_by: "),
        (target(skip_if="worker.x == 1"), "Configuration: filters[0].targets[1].skip_if: "),
        (target(known_worker_sid="agent"), "Configuration: filters[0].targets[1], known worker: "),
        (
            target(known_worker_sid="task.a", known_worker_friendly_name="task.b"),
            'Configuration: filters[0].targets[1] may have "known_worker_sid" or "known_worker_friendly_name"',
        ),
        (target(queue=5), 'Configuration: filters[0].targets[1], "queue" must be a string'),
        *[(target(timeout=value), f"{TIMEOUT} must be a whole number from 1 to") for value in NO_TIMEOUTS],
        (target(priority=-1), 'Configuration: filters[0].targets[1], "priority" must be a whole number from 0 to'),
    ],
)
def test_a_mistake_is_named_with_its_place(document: str, text: str) -> None:
    """[routing 4.1, docs: workflow-configuration] [routing 4.1, inferred]"""
    with pytest.raises(InvalidWorkflow) as caught:
        read_rules(document)
    assert str(caught.value).startswith(text)
    assert len(str(caught.value).splitlines()) == 1
