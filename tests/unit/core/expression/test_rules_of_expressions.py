"""The rules of the expression language, one by one; `test_expression_operators` has more of each."""

from __future__ import annotations

from typing import Any

import pytest

from pointsman.core.expression import (
    Context,
    ExpressionError,
    clock_values,
    compile_expression,
    parse_order_by,
)

NINE_ON_MONDAY_MS = 1_719_824_400_000  # 1 July 2024, 09:00 UTC


def holds(text: str, context: Context = Context.QUEUE, **attributes: Any) -> bool:
    """Whether an expression is true of these attributes: of a worker, or in a filter of a task."""
    task, worker = (attributes, None) if context is Context.FILTER else (None, attributes)
    return compile_expression(text, context).matches(task, worker, clock_values(NINE_ON_MONDAY_MS), None)


# --- the grammar --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "a == 5",
        "a = 5",
        "a != 6",
        "a < 6",
        "a <= 5",
        "a > 4",
        "a >= 5",
        "s CONTAINS 'ell'",
        "l HAS 1",
        "l >- 1",
        "1 IN l",
        "1 <- l",
        "3 NOT IN l",
        "[1, a] HAS 5",
        "(a == 6 OR a == 5) AND a == 5",
    ],
)
def test_every_documented_operator_and_alias_is_there(text: str) -> None:
    """[routing 5.1, docs: expression-syntax + docs: task-queue]"""
    assert holds(text, a=5, s="hello", l=[1, 2])


@pytest.mark.parametrize("text", ["NOT a == 6", "NOT (a == 6)", "l NOT HAS 3", "a <> 6"])
def test_not_and_its_like_are_extensions(text: str) -> None:
    """[routing 5.1, inferred]"""
    assert holds(text, a=5, l=[1, 2])


@pytest.mark.parametrize("text", ["a in [5] and l has 1", "6 not in l or a == 6", "s contains 'ell' And NOT b == TRUE"])
def test_keywords_may_have_any_case(text: str) -> None:
    """[routing 5.1, docs: known-agent-routing + so: 55847305]; also seen in the wild: [wire 8.4, observed]"""
    assert holds(text, a=5, s="hello", l=[1, 2], b=False)


def test_and_binds_tighter_than_or() -> None:
    """[routing 5.1, docs: expression-syntax]"""
    assert holds("1==1 OR 1==1 AND 1==2")
    assert not holds("(1==1 OR 1==1) AND 1==2")


def test_constants_may_stand_on_both_sides() -> None:
    """[routing 5.1, docs: expression-syntax]"""
    assert holds("1==1") and not holds("1==2") and holds("5 < a", a=6)


def test_a_hyphen_in_a_name_is_refused_where_it_stands() -> None:
    """[routing 5.1, docs: expression-syntax]"""
    with pytest.raises(ExpressionError, match="hyphen") as refused:
        compile_expression("skill-level == 5", Context.QUEUE)
    assert refused.value.column == 6


def test_a_quoted_name_is_a_constant() -> None:
    """[routing 5.1, conflict + inferred]"""
    assert not holds('"language" == "spanish"', language="spanish")


def test_null_is_a_constant() -> None:
    """[routing 5.1, docs: workflows-and-assignment] and [routing 5.1, code: regal docs]"""
    assert holds("preferred != null", preferred=["a"]) and holds("preferred == null")


def test_an_array_may_be_a_name_on_the_right_of_in_and_the_member_a_name_on_the_right_of_has() -> None:
    """[routing 5.1, code: regal docs]"""
    assert holds("'X' NOT IN worker.teams", teams=["Y"]) and not holds("'X' NOT IN worker.teams", teams=["X"])
    target = compile_expression("worker.routing.skills HAS task.targetSkill", Context.TARGET)
    assert target.matches({"targetSkill": "b"}, {"routing": {"skills": ["a", "b"]}}, None, None)


def test_strings_have_escapes_and_numbers_a_sign_and_leading_zeros() -> None:
    """[routing 5.1, inferred]; leading zeros stand in the grammar itself"""
    assert holds(r"s == 'it\'s'", s="it's") and holds("a == -5", a=-5)
    assert holds("a == 0800", a=800)


@pytest.mark.parametrize("text", ["vip", "NOT vip", "(vip) AND a == 1"])
def test_a_value_alone_is_no_condition(text: str) -> None:
    """[routing 5.1, inferred]"""
    with pytest.raises(ExpressionError, match="vip == true"):
        compile_expression(text, Context.QUEUE)


# --- values -------------------------------------------------------------------------------------------------------


def test_names_go_into_objects_and_arrays_and_what_is_missing_is_null() -> None:
    """[routing 5.2, docs: expression-syntax + docs: changelog]; dotted paths are seen in the wild:
    [wire 8.4, observed]"""
    nested = {"skills": [{"name": "a"}, {"name": "b"}]}
    assert holds("routing.skills[1].name == 'b'", routing=nested)
    assert holds("routing.skills[2].name == null AND x.y == null", routing=nested)


@pytest.mark.parametrize("operator", ["==", "!=", "<", "<=", ">", ">=", "CONTAINS"])
def test_a_scalar_operator_with_an_array_is_false(operator: str) -> None:
    """[routing 5.2, docs: expression-syntax]"""
    assert not holds(f"l {operator} 'a'", l=["a"])
    assert not holds(f"'a' {operator} l", l=["a"])


@pytest.mark.parametrize("text", ["s HAS 'a'", "s HAS s", "'a' IN s", "'b' NOT IN s"])
def test_an_array_operator_without_an_array_is_false(text: str) -> None:
    """[routing 5.2, docs: expression-syntax]; IN on a string is seen in the wild:
    [wire 8.4, observed]"""
    assert not holds(text, s="abc")


def test_a_constant_left_of_has_is_refused_with_advice() -> None:
    """[routing 5.2, docs: expression-syntax]"""
    with pytest.raises(ExpressionError, match="left of HAS and right of IN"):
        compile_expression("'sales' HAS skills", Context.QUEUE)


def test_has_asks_for_a_member_in_for_being_one_and_contains_for_a_part() -> None:
    """[routing 5.2, docs: expression-syntax]"""
    assert holds("l HAS 'a' AND NOT l HAS 'ab'", l=["a", "b"])
    assert holds("s IN ['x', 'abc'] AND NOT s IN ['ab']", s="abc")
    assert holds("s CONTAINS 'bc' AND NOT s CONTAINS 'ac'", s="abc")


def test_a_missing_flag_is_unequal_to_true() -> None:
    """[routing 5.2, code: techmatters]"""
    assert holds("worker.flag != true") and not holds("worker.flag != true", flag=True)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("x == null", True),
        ("x != null", False),
        ("x < 1", False),
        ("x >= 0", False),
        ("x IN ['a']", False),
        ("x IN [null]", False),
        ("'a' NOT IN x", False),
        ("x NOT IN ['a']", True),
    ],
)
def test_null_equals_null_alone_and_has_no_order(text: str, expected: bool) -> None:
    """[routing 5.2, inferred]"""
    assert holds(text) is expected


def test_a_numeric_string_compares_with_a_number_as_a_number() -> None:
    """[routing 5.2, docs: task-queue + docs: time-of-day-routing + inferred]"""
    assert holds("tech_support_skill > 5", tech_support_skill="6")
    assert holds("tech_support_skill < 10", tech_support_skill="6")
    assert holds('friendly_id == "10"', friendly_id=10)
    assert not holds("a < '10'", a="6"), "two strings are strings"


@pytest.mark.parametrize(
    ("text", "expected"),
    [("a == 'x'", False), ("a != 'x'", True), ("a < 'x'", False), ("b == 1", False), ("b == 'true'", False)],
)
def test_other_mixed_kinds_are_unequal_and_without_order(text: str, expected: bool) -> None:
    """[routing 5.2, docs: task-queue + docs: time-of-day-routing + inferred]"""
    assert holds(text, a=1, b=True) is expected


def test_strings_compare_by_code_point_and_case() -> None:
    """[routing 5.2, inferred]"""
    assert not holds("d IN ['Mon', 'Thu']", d="THU")
    assert holds("a < 'b' AND a > 'Z'", a="a")


def test_members_of_an_array_compare_by_equality() -> None:
    """[routing 5.2, inferred]"""
    assert holds("l HAS 7 AND l HAS '3'", l=["7", 3])
    assert not holds("l HAS 1", l=[True])


# --- contexts -----------------------------------------------------------------------------------------------------


def test_a_bare_name_is_the_workers_in_a_queue_and_the_tasks_in_a_filter() -> None:
    """[routing 5.3, oai]"""
    assert compile_expression("lang == 'en'", Context.QUEUE).reads == (("worker", "lang"),)
    assert compile_expression("lang == 'en'", Context.FILTER).reads == (("task", "lang"),)


def test_a_prefix_is_understood_where_a_bare_name_means_the_same() -> None:
    """`worker.` in a queue: [routing 5.3, inferred]; `task.` in a filter:
    [routing 5.3, code] and [wire 8.4, observed]"""
    assert holds("worker.level > 2 AND level > 2", level=3)
    assert holds("task.lang == 'en' AND lang == 'en'", Context.FILTER, lang="en")


@pytest.mark.parametrize("text", ["lang == 'en'", "task.lang == lang", "workers.available == 1"])
def test_every_name_in_a_target_says_whose_it_is(text: str) -> None:
    """[routing 5.3, docs: expression-syntax]"""
    with pytest.raises(ExpressionError, match=r"a name that starts with task\., worker\. or taskrouter\."):
        compile_expression(text, Context.TARGET)


@pytest.mark.parametrize("text", ["worker.x == 1", "available == 0", "task.x == 1"])
def test_skip_if_sees_the_counts_of_workers_alone(text: str) -> None:
    """[routing 4.4, docs: worker-presence]"""
    assert compile_expression("workers.available == 0 AND workers.WA1 < workers.unavailable", Context.SKIP_IF)
    with pytest.raises(ExpressionError, match=r"workers\.available, workers\.unavailable or workers\.WA"):
        compile_expression(text, Context.SKIP_IF)


def test_the_time_is_read_in_utc() -> None:
    """[routing 5.3, docs: time-of-day-routing]"""
    for context in (Context.FILTER, Context.TARGET):
        text = (
            "taskrouter.currentTime == 900 AND taskrouter.currentHour == '09' AND taskrouter.currentMin == '00' "
            "AND taskrouter.dayOfWeek == 'Mon'"
        )
        assert holds(text, context)
    with pytest.raises(ExpressionError):
        compile_expression("taskrouter.currentHour == 8", Context.QUEUE)


# --- order_by -----------------------------------------------------------------------------------------------------


def test_an_order_has_any_number_of_clauses_over_the_worker_each_with_a_direction() -> None:
    """[routing 5.4, docs: order-workers]; without one it ascends: [routing 5.4, inferred]"""
    by = parse_order_by("worker.a.b ASC, worker.c DESC, worker.d")
    assert by.clauses == ((("worker", "a", "b"), False), (("worker", "c"), True), (("worker", "d"), False))
    with pytest.raises(ExpressionError):
        parse_order_by("task.a ASC")


# --- errors -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("value", [None, True, 5, "x", ["x"], {"x": 1}])
def test_asking_never_fails_whatever_the_data(value: Any) -> None:
    """[routing 5.5, inferred]"""
    text = "a.b[0].c == 1 OR a > 1 OR a HAS 1 OR a CONTAINS 'q' OR 1 IN a OR a < 'a'"
    assert holds(text, a=value) in (True, False)
