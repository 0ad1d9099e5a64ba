"""Each rule, where it warns and where it keeps quiet."""

from __future__ import annotations

from typing import Any

import pytest

from pointsman.core import commands as cmd
from pointsman.core.lint import RULES, LintWarning, lint_queue, lint_workflow, look_around, run
from pointsman.core.types import TaskQueue
from pointsman.core.workflow.rules import read_rules
from tests.world import World, configuration

Told = list[tuple[str, str]]  # rule and place


@pytest.fixture(scope="module")
def world() -> World:
    """Alice and Bob sell; nobody is in the queue "empty"."""
    world = World()
    world.worker("Alice", {"skills": ["sales"], "level": 3, "rank": 1, "routing": {"langs": ["es"]}, "note": None})
    world.worker("Bob", {"skills": ["sales", "care"], "level": 5, "rank": "high"}, activity="Offline")
    world.worker("Carol", {"skills": ["care"], "level": 7, "rank": 2, "site": "north"})
    sales = world.queue("sales", 'skills HAS "sales"')
    world.queue("care", 'skills HAS "care" AND level > 6')
    world.queue("empty", "level > 100")
    world.queue("awake", 'activity_name == "WrapUp"')
    world.workflow(default=sales, name="all")
    world.task({"language": "es", "tags": ["a"], "vip": True, "agent": "Alice"})
    world.task({"language": "en", "customer": {"tier": 1}})
    return world


def queue(world: World, name: str) -> TaskQueue:
    return world.state.queues[world.state.names["task_queue", name]]


def of_queue(world: World, expression: str) -> list[LintWarning]:
    return run(lint_queue(expression, look_around(world.state)))


def of_workflow(world: World, *filters: Any, default: Any = None) -> list[LintWarning]:
    rules = read_rules(configuration(*filters, default=default))
    return run(lint_workflow(rules, look_around(world.state, [sid for _, sid in rules.queues()])))


def about(found: list[LintWarning], rule: str) -> list[tuple[str, str]]:
    """Where a rule warns, and what it says."""
    return [(each.where, each.message) for each in found if each.rule == rule]


def places(found: list[LintWarning], rule: str) -> list[str]:
    return [where for where, _ in about(found, rule)]


# --- names --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("expression", "said"),
    [
        ('skils HAS "sales"', 'No current worker has "skils": did you mean "skills"?'),
        ('Skills HAS "sales"', 'did you mean "skills"?'),
        ('worker.skils HAS "sales"', 'did you mean "skills"?'),
        ('routing.lang HAS "es"', 'No current worker has "routing.lang": did you mean "routing.langs"?'),
        ('langs HAS "es"', 'did you mean "routing.langs"?'),
        ("level.deep == 1", 'No current worker has "level.deep": check how it is spelled'),
        ("skills[7] == 'x'", 'has "skills[7]"'),
        ("language == 'es'", 'No current worker has "language"'),
        ("task.language == 'es'", "an expression here sees the attributes of workers alone"),
        ("skilss != null", 'did you mean "skills"?'),
        ("level > 1 AND NOT (x9 == 1 OR level < 0)", '"x9"'),
    ],
)
def test_names_that_no_worker_has(world: World, expression: str, said: str) -> None:
    ((where, message),) = about(of_queue(world, expression), "unknown_attribute")
    assert where == "target_workers"
    assert said in message


@pytest.mark.parametrize(
    "expression",
    [
        'skills HAS "sales" AND routing.langs[0] == "es" AND note == 1',
        'friendly_name == "Alice" AND sid != "x" AND activity_name == "Offline" AND activity_sid != null',
        "flag != true",
        "zzz == null",
        "site == 'north'",
        "1==1",
        "",
    ],
)
def test_names_that_somebody_has_or_need_not_have(world: World, expression: str) -> None:
    """`!=` is how workers without a flag are meant."""
    assert about(of_queue(world, expression), "unknown_attribute") == []


def test_names_that_no_task_has(world: World) -> None:
    sales = queue(world, "sales")
    target = {
        "queue": sales,
        "expression": "worker.skills HAS task.languge AND worker.channel.chat.available == true",
        "known_worker_friendly_name": "task.agnt",
        "order_by": "worker.lvel DESC",
    }
    found = of_workflow(world, ("langage == 'es' AND customer.tier == 1", target), default=sales)
    assert about(found, "unknown_attribute") == [
        (
            "filters[0].expression",
            'None of the 2 tasks that are here now has "langage": did you mean "language"?',
        ),
        (
            "filters[0].targets[0].expression",
            'None of the 2 tasks that are here now has "task.languge": did you mean "task.language"?',
        ),
        (
            "filters[0].targets[0].known_worker_friendly_name",
            'None of the 2 tasks that are here now has "task.agnt": did you mean "task.agent"?',
        ),
        (
            "filters[0].targets[0].order_by",
            'No current worker has "worker.lvel": did you mean "worker.level"?',
        ),
    ]


@pytest.mark.parametrize(
    ("expression", "said"),
    [
        ("worker.channel.chatt.available == true", 'no task channel "chatt", did you mean "chat"'),
        ("worker.channel.chat.capacity > 1", "one of configured_capacity, assigned_tasks"),
        ("worker.channel.chat == 1", "is null for every worker"),
        ("worker.channel.chat.assigned_tasks < 2", None),
    ],
)
def test_names_of_channels(world: World, expression: str, said: str | None) -> None:
    sales = queue(world, "sales")
    found = about(
        of_workflow(world, ("1==1", {"queue": sales, "expression": expression}), default=sales), "unknown_attribute"
    )
    assert [said in message for _, message in found] == ([True] if said else [])  # type: ignore[operator]


def test_with_nobody_there_nothing_is_said_of_names() -> None:
    """A new workspace would be warned of everything."""
    world = World()
    empty = world.queue("empty", 'skills HAS "x"')
    assert of_queue(world, 'skills HAS "x"') == []
    assert of_workflow(world, ("a == 1", empty), default=empty) == []


def test_activities_that_are_not_there(world: World) -> None:
    offline = world.activity("Offline").sid
    found = of_queue(world, 'activity_name IN ["Offline", "Availble"]')
    assert about(found, "unknown_activity") == [
        (
            "target_workers",
            'There is no activity named "Availble", did you mean "Available": compare with the name of one there is.',
        )
    ]
    assert places(of_queue(world, f'activity_sid == "WA{9:032x}"'), "unknown_activity") == ["target_workers"]
    assert of_queue(world, f'activity_name != "Offline" AND activity_sid != "{offline}"') == []
    sales = queue(world, "sales")
    for activity, expected in ((f"WA{9:032x}", ["filters[0].targets[0].skip_if"]), (offline, [])):
        target = {"queue": sales, "skip_if": f"workers.{activity} == 0"}
        assert places(of_workflow(world, ("1==1", target), default=sales), "unknown_activity") == expected


# --- kinds --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("expression", ["level HAS 3", "'n' IN site", "routing HAS 'x'", "3 NOT IN level"])
def test_arrays_are_expected_of_what_is_none(world: World, expression: str) -> None:
    ((where, message),) = about(of_queue(world, expression), "scalar_as_array")
    assert where == "target_workers"
    assert "nowhere an array" in message


@pytest.mark.parametrize(
    ("expression", "said"),
    [
        ("skills == 'sales'", "ask with HAS"),
        ("skills IN ['sales']", "ask with HAS"),
        ("routing == 1", "name a value inside of it"),
        ("skills CONTAINS 's'", "ask with HAS"),
        ("['a'] HAS skills", "ask with HAS"),
    ],
)
def test_single_values_are_expected_of_what_is_none(world: World, expression: str, said: str) -> None:
    ((_, message),) = about(of_queue(world, expression), "array_as_scalar")
    assert said in message


@pytest.mark.parametrize(
    "expression", ["skills HAS 'x'", "'x' IN skills", "level IN [1, 2]", "skills != null", "rank == 1", "note == 'x'"]
)
def test_kinds_that_fit(world: World, expression: str) -> None:
    found = of_queue(world, expression)
    assert about(found, "scalar_as_array") == about(found, "array_as_scalar") == []


def test_kinds_of_tasks(world: World) -> None:
    sales = queue(world, "sales")
    found = of_workflow(world, ("language HAS 'es'", sales), ("tags == 'a'", sales), default=sales)
    assert places(found, "scalar_as_array") == ["filters[0].expression"]
    assert places(found, "array_as_scalar") == ["filters[1].expression"]


@pytest.mark.parametrize(
    ("order_by", "name", "expected"),
    [
        ("worker.rank", "sales", ['"worker.rank" is no whole number for some worker of the task queue "sales"']),
        ("worker.rank", "care", []),  # only Bob's is no number, and he is not in it
        ("worker.level DESC, worker.skills", "sales", ['"worker.skills" is an array']),
        ("worker.level DESC, worker.note ASC", "sales", []),
    ],
)
def test_orders_need_whole_numbers(world: World, order_by: str, name: str, expected: list[str]) -> None:
    chosen = queue(world, name)
    found = of_workflow(world, ("1==1", {"queue": chosen, "order_by": order_by}), default=chosen)
    told = about(found, "order_not_whole")
    assert [where for where, _ in told] == ["filters[0].targets[0].order_by"] * len(expected)
    assert all(part in message for part, (_, message) in zip(expected, told, strict=True))


# --- expressions --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("expression", "warned"),
    [
        ('"language" == "spanish"', True),
        ("level > 1 AND 'a' IN ['b', 'c']", True),
        ("'5' == 5", True),
        ("1==1", False),
        ("1 == 2", False),
        ("true != false", False),
        ("'a' == 'a'", False),
        ("site == 'a'", False),
        ("[site] HAS 'a'", False),
    ],
)
def test_constants_beside_constants(world: World, expression: str, warned: bool) -> None:
    assert bool(about(of_queue(world, expression), "constant_comparison")) is warned


@pytest.mark.parametrize(
    ("expression", "said"),
    [
        ("taskrouter.dayOfWeek == 'THU'", '"THU", did you mean "Thu"'),
        ("taskrouter.dayOfWeek IN ['Mon', 'Tuesday']", '"Tuesday", did you mean "Tue"'),
        ("'Sunday' != taskrouter.dayOfWeek", "write one of Mon, Tue, Wed, Thu, Fri, Sat, Sun"),
        ("taskrouter.dayOfWeek IN ['Mon', 'Sun']", None),
        ("taskrouter.currentHour == 'THU'", None),
    ],
)
def test_weekdays(world: World, expression: str, said: str | None) -> None:
    sales = queue(world, "sales")
    found = about(of_workflow(world, (expression, sales), default=sales), "unknown_weekday")
    assert [said in message for _, message in found] == ([True] if said else [])  # type: ignore[operator]


# --- queues -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("expression", "said"),
    [
        ("level > 100", "matches no current worker"),
        ("", "No worker will ever be in this queue"),
        ("1 == 2", "No worker will ever be in this queue"),
        ("site == 'north' AND site == 'south'", "No worker will ever be in this queue"),
        ("level > 6", None),
        ("1==1", None),
        ('activity_name == "WrapUp"', None),  # who is in it changes by itself
    ],
)
def test_queues_without_workers(world: World, expression: str, said: str | None) -> None:
    found = about(of_queue(world, expression), "queue_without_workers")
    assert [said in message for _, message in found] == ([True] if said else [])  # type: ignore[operator]


def test_workflows_that_lead_to_queues_without_workers(world: World) -> None:
    """Each is told of once."""
    sales, empty, awake = (queue(world, name) for name in ("sales", "empty", "awake"))
    targets = ({"queue": sales, "timeout": 5}, {"queue": empty, "timeout": 5}, {"timeout": 5}, awake)
    found = of_workflow(world, ("1==1", *targets), default=empty)
    assert places(found, "queue_without_workers") == ["filters[0].targets[1].queue"]


def test_queues_that_are_not_there(world: World) -> None:
    """Only of a configuration that is not a workflow yet."""
    sales = queue(world, "sales")
    found = of_workflow(world, ("1==1", {"queue": f"WQ{99:032x}"}), default=sales)
    assert places(found, "unknown_queue") == ["filters[0].targets[0].queue"]
    assert places(of_workflow(world, ("1==1", sales), default=sales), "unknown_queue") == []


@pytest.mark.parametrize(
    ("expression", "name", "warned"),
    [
        ("worker.level > 6", "sales", True),
        ("worker.level > 6 AND worker.skills HAS task.language", "sales", True),
        ("1 == 2", "sales", True),
        ("worker.level > 4", "sales", False),
        ("worker.level > 6", "care", False),
        ("worker.level > 6 OR task.vip == true", "sales", False),
        ("worker.level > task.level", "sales", False),
        ("worker.activity_name == 'WrapUp'", "sales", False),
        ("worker.channel.chat.assigned_tasks > 5", "sales", False),
        ("worker.level > 6", "awake", False),
    ],
)
def test_targets_that_nobody_in_the_queue_satisfies(world: World, expression: str, name: str, warned: bool) -> None:
    chosen = queue(world, name)
    found = of_workflow(world, ("1==1", {"queue": chosen, "expression": expression}), default=chosen)
    assert places(found, "unsatisfied_target") == (["filters[0].targets[0].expression"] if warned else [])


# --- where tasks come and go --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("first", "second", "never"),
    [
        ("1==1", "language == 'es'", True),
        ("language == 'es'", "'es' = language", True),
        ("language == 'es' OR vip == true", "language == 'es'", True),
        ("language == 'es'", "language == 'es' AND vip == true", True),
        ("language IN ['en', 'es']", "language == 'es'", True),
        ("tags HAS 'a'", "'a' IN tags", True),
        ("NOT (a == 1 OR b == 2)", "NOT b == 2 AND NOT a == 1 AND c == 3", True),
        ("5 < level", "level > 5", True),
        ("language == 'es'", "language == 'en'", False),
        ("language == 'es' AND vip == true", "language == 'es'", False),
        ("language == 'es'", "1==1", False),
        ("1==2", "language == 'es'", False),
        ("1==1", "1==2", False),  # it matches nothing anyway, and that is what it says
    ],
)
def test_filters_that_are_never_reached(world: World, first: str, second: str, never: bool) -> None:
    sales = queue(world, "sales")
    found = of_workflow(world, (first, sales), (second, sales), default=sales)
    assert places(found, "unreachable_filter") == (["filters[1]"] if never else [])


@pytest.mark.parametrize("leaving", [{"timeout": 30}, {"skip_if": "1==1"}])
def test_a_filter_that_lets_tasks_go_leads_on_to_the_next(world: World, leaving: dict[str, Any]) -> None:
    """[routing 4.2, docs: workflow-configuration]: past the last target, the next later filter that matches."""
    sales = queue(world, "sales")
    found = of_workflow(world, ("1==1", {"queue": sales, **leaving}), ("1==1", sales), default=sales)
    assert places(found, "unreachable_filter") == []
    found = of_workflow(world, ("1==1", {"queue": sales, "skip_if": "1==2"}), ("1==1", sales), default=sales)
    assert places(found, "unreachable_filter") == ["filters[1]"]


def test_targets_behind_one_that_tasks_never_leave(world: World) -> None:
    sales = queue(world, "sales")
    found = of_workflow(
        world,
        ("language == 'es'", sales, {"timeout": 5}, {"timeout": 5}),
        ("language == 'en'", {"queue": sales, "timeout": 5}, {"skip_if": "workers.available == 0"}, {}),
        default=sales,
    )
    assert places(found, "unreachable_target") == ["filters[0].targets[1]"]


@pytest.mark.parametrize(
    ("filters", "default", "expected"),
    [
        ([("a == 1", {})], True, []),
        ([("a == 1", {})], False, ["default_filter"]),
        ([("1==1", {})], False, []),
        ([("a == 1", {"timeout": 5})], True, ["filters[0].targets[0].timeout"]),
        ([("a == 1", {"timeout": 5}), ("1==1", {})], True, []),
        ([("a == 1", {"timeout": 5}), ("b == 1", {})], True, []),  # a task may have both
        ([("a == 1", {"timeout": 5}), ("a == 2", {})], True, ["filters[0].targets[0].timeout"]),
        ([("a == 1", {"timeout": 5}), ("1==2", {})], True, ["filters[0].targets[0].timeout"]),
        ([("a == 1", {"timeout": 5, "skip_if": "1==1"})], True, ["filters[0].targets[0].timeout"]),
        ([("a == 1", {"skip_if": "1==1"})], True, []),  # a skip leads on to the default filter
        ([("1==1", {"skip_if": "1==1"})], False, ["filters[0].targets[0].skip_if"]),
        ([("1==1", {"skip_if": "1==1"}), ("1==1", {})], False, []),
        ([("1==2", {"timeout": 5})], True, []),
    ],
)
def test_workflows_that_end_in_cancel(
    world: World, filters: list[tuple[str, dict[str, Any]]], default: bool, expected: list[str]
) -> None:
    """[routing 4.2, docs: workflow-configuration] [routing 4.2, docs: worker-presence] [routing 4.2, inferred]"""
    sales = queue(world, "sales")
    written = [(expression, {"queue": sales, **target}) for expression, target in filters]
    found = of_workflow(world, *written, default=sales if default else None)
    assert places(found, "ends_in_cancel") == expected


def test_a_default_filter_cancels_nothing_whatever_it_skips(world: World) -> None:
    """[routing 4.2, docs: workflows-and-assignment] [design 7, ours]"""
    sales = queue(world, "sales")
    found = of_workflow(world, default={"queue": sales, "skip_if": "workers.available == 0"})
    assert places(found, "ends_in_cancel") == []


def test_what_is_built_in_of_a_task_is_no_unknown_attribute(world: World) -> None:
    """[routing 5.3, inferred]"""
    sales = queue(world, "sales")
    world.task({"a": 1}, routing_target=sales.sid)
    found = of_workflow(world, ("priority > 5 AND task_channel_unique_name == 'chat'", sales), default=sales)
    assert places(found, "unknown_attribute") == []
    wrong = of_workflow(world, ("prioriti > 5", sales), default=sales)
    assert places(wrong, "unknown_attribute") == ["filters[0].expression"]


@pytest.mark.parametrize(
    ("target", "warned"),
    [
        ({"expression": "worker.level > 1", "skip_if": "workers.available == 0"}, True),
        ({"known_worker_sid": "task.agent", "skip_if": "workers.available == 0"}, True),
        ({"expression": "worker.level > 1", "skip_if": "1==1"}, False),
        ({"expression": "1==1", "skip_if": "workers.available == 0"}, False),
        ({"skip_if": "workers.available == 0"}, False),
        ({"expression": "worker.level > 1"}, False),
    ],
)
def test_counts_that_ignore_the_expression(world: World, target: dict[str, Any], warned: bool) -> None:
    """[routing 4.4, docs: worker-presence]: this traps people."""
    sales = queue(world, "sales")
    found = of_workflow(world, ("1==1", {"queue": sales, **target}), default=sales)
    assert places(found, "skip_if_counts_all") == (["filters[0].targets[0].skip_if"] if warned else [])


@pytest.mark.parametrize(
    ("timeout", "warned"),
    [(30_000, True), ("120000", True), (5_000, True), (90_000, False), (18_000, False), (86_400, False), (30, False)],
)
def test_timeouts_that_look_like_milliseconds(world: World, timeout: Any, warned: bool) -> None:
    sales = queue(world, "sales")
    found = of_workflow(world, ("1==1", {"queue": sales, "timeout": timeout}, {}), default=sales)
    assert places(found, "milliseconds") == (["filters[0].targets[0].timeout"] if warned else [])


# --- limits -------------------------------------------------------------------------------------------------------


def test_what_was_not_seen_to_the_end_is_not_claimed(world: World) -> None:
    around = look_around(world.state)
    steps = 5
    found = run(lint_queue('skils HAS "sales" AND site == "south"', around, steps))
    assert [each.rule for each in found if each.rule != "unknown_attribute"] == ["lint_incomplete"]
    found = run(lint_queue("level > 100", around, 2))
    assert [each.rule for each in found] == ["lint_incomplete"]


def test_of_very_many_warnings_the_first_are_told(world: World) -> None:
    sales = queue(world, "sales")
    found = of_workflow(world, *((f"x{number}y == 1", sales) for number in range(120)), default=sales)
    assert [each.where for each in found[:100]] == [f"filters[{number}].expression" for number in range(100)]
    assert (len(found), found[100].rule) == (101, "lint_incomplete")
    assert "20 more warnings are left out" in found[100].message


def test_only_the_newest_tasks_are_looked_at() -> None:
    world = World()
    world.workflow(default=world.queue("q"), name="w")
    first = world.task({"old": 1})
    world.task({"new": 1})
    assert look_around(world.state).tasks == ['{"new": 1}', '{"old": 1}']
    world.do(cmd.DeleteTask(task=first.sid))
    around = look_around(world.state)
    assert (around.tasks, around.tasks_are_all) == (['{"new": 1}'], True)


# --- all of them --------------------------------------------------------------------------------------------------


def test_without_a_workspace_only_the_structure_counts() -> None:
    """And none of the rules that compare with data."""
    text = configuration(
        ("lang == 'es' AND taskrouter.dayOfWeek == 'THU'", {"queue": "WQ1", "timeout": 30_000}, {}, {}),
        ("lang == 'es' AND taskrouter.dayOfWeek == 'THU'", {"queue": "WQ1", "order_by": "worker.x"}),
        default={"queue": "WQ2"},
    )
    found = run(lint_workflow(read_rules(text), None))
    told = ["unknown_weekday", "milliseconds", "unreachable_target", "unreachable_filter", "unknown_weekday"]
    assert [each.rule for each in found] == told
    assert not {rule.name for rule in RULES if rule.data} & set(told)
    assert run(lint_queue("skills HAS 'x'", None)) == []


def test_every_rule_is_declared_once_and_says_what_it_is_about() -> None:
    names = [rule.name for rule in RULES]
    assert len(names) == len(set(names)) == 16
    assert all(rule.doc.endswith(".") and rule.name.replace("_", "").islower() for rule in RULES)


def test_messages_are_one_sentence_on_one_line(world: World) -> None:
    sales = queue(world, "sales")
    strange = "x" * 5_000
    found = of_workflow(world, (f"{strange} == 1", {"queue": f"WQ{strange}"}), ('"a\\nb" == "c"', sales))
    assert {each.rule for each in found} >= {"unknown_attribute", "unknown_queue", "constant_comparison"}
    for each in found:
        assert each.message[0].isupper() or each.message[0] in "'\""
        assert each.message[-1] in ".?"
        assert "\n" not in each.message and len(each.message) < 300
