"""Random expressions on random data: they never raise, and mean what the slow reading of the rules says."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from pointsman.core.expression import (
    Condition,
    Context,
    ExpressionError,
    Operator,
    compile_condition,
    compile_expression,
    equal,
    equality_key,
    parse,
)

from . import reference, strategies


@settings(max_examples=400)
@given(strategies.conditions, strategies.objects, strategies.objects)
def test_the_compiled_callable_agrees_with_the_slow_interpreter(
    tree: Condition, task: dict[str, Any], worker: dict[str, Any]
) -> None:
    slow = reference.judge(tree, {"task": task, "worker": worker})
    assert compile_condition(tree)(task, worker, None, None) is slow


@settings(max_examples=600)
@given(st.sampled_from(Operator), strategies.values, strategies.values)
def test_every_operator_agrees_on_every_pair_of_values(operator: Operator, left: Any, right: Any) -> None:
    """Through names, so that any JSON may stand on either side."""
    matches = compile_expression(f"task.a {operator.value} worker.a", Context.TARGET).matches
    assert matches({"a": left}, {"a": right}, None, None) is reference.compare(operator, left, right)


@settings(max_examples=400)
@given(strategies.conditions)
def test_a_rendered_tree_parses_to_itself(tree: Condition) -> None:
    assert parse(reference.render(tree), Context.TARGET) == tree


@given(strategies.conditions, strategies.values, strategies.values)
def test_not_even_data_that_is_no_object_raises(tree: Condition, task: Any, worker: Any) -> None:
    assert compile_condition(tree)(task, worker, None, None) in (True, False)


PIECES = [
    "a", "worker.b", "[0]", "(", ")", "[", "]", ",", "==", "=", "!=", "<", ">-", "<-", "HAS", "in", "not",
    "AND", "OR", "'x'", '"', "'", "5", "-5", "0800", "true", "NULL", "\\", "&", "-", ".", "\n", "“", "\u212a",
    "\ud800",
]  # fmt: skip


@settings(max_examples=400)
@given(
    st.lists(st.sampled_from(PIECES), max_size=12).map(" ".join) | st.text(max_size=20),
    st.sampled_from(Context),
)
def test_any_text_is_an_expression_or_is_refused_at_a_column(text: str, context: Context) -> None:
    try:
        expression = compile_expression(text, context)
    except ExpressionError as error:
        assert 1 <= error.column <= len(text) + 1
        assert len(str(error).splitlines()) == 1
    else:
        assert expression.matches(None, None, None, None) in (True, False)


@given(strategies.values, strategies.values)
def test_equal_values_have_one_key(left: Any, right: Any) -> None:
    assert not equal(left, right) or equality_key(left) == equality_key(right)
