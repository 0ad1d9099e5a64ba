"""What names mean by where they stand, and what an expression knows of itself."""

from __future__ import annotations

from collections import ChainMap
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import pytest

from pointsman.core.expression import (
    And,
    Comparison,
    Constant,
    Context,
    Not,
    Operator,
    Or,
    Path,
    Reference,
    compile_expression,
    lookup,
    parse,
    parse_reference,
)

READS: list[tuple[Context, str, tuple[Path, ...]]] = [
    (Context.QUEUE, "b == 1 AND worker.a == 1 AND a == 2", (("worker", "a"), ("worker", "b"))),
    (Context.QUEUE, "task.x == 1", (("worker", "task", "x"),)),
    (Context.QUEUE, "sid IN ['WK1']", (("worker", "sid"),)),
    (Context.FILTER, "b == 1 AND task.a == 1", (("task", "a"), ("task", "b"))),
    (Context.FILTER, "worker.x == 1", (("task", "worker", "x"),)),
    (Context.FILTER, "taskrouter.currentHour >= 8", (("taskrouter", "currentHour"),)),
    (
        Context.FILTER,
        "x[1].y == 1 AND x.y == 1 AND x[0] == 1 AND x[0] == 2",
        (("task", "x", 0), ("task", "x", 1, "y"), ("task", "x", "y")),
    ),
    (Context.TARGET, "task.lang IN worker.langs", (("task", "lang"), ("worker", "langs"))),
    (
        Context.TARGET,
        "worker.channel.voice.assigned_tasks == 0 AND taskrouter.dayOfWeek == 'Mon'",
        (("taskrouter", "dayOfWeek"), ("worker", "channel", "voice", "assigned_tasks")),
    ),
    (Context.SKIP_IF, "workers.available == 0", (("workers", "available"),)),
    (Context.SKIP_IF, "workers.WA1 < workers.unavailable", (("workers", "WA1"), ("workers", "unavailable"))),
    (Context.SKIP_IF, "1==1", ()),
]


@pytest.mark.parametrize(("context", "text", "reads"), READS)
def test_a_name_gets_its_root_from_the_context(context: Context, text: str, reads: tuple[Path, ...]) -> None:
    """[routing 5.3, docs: expression-syntax]"""
    assert compile_expression(text, context).reads == reads


def test_reads_are_told_by_root() -> None:
    expression = compile_expression("task.a == worker.b", Context.TARGET)
    assert expression.reads_of("worker") == (("worker", "b"),)
    assert expression.reads_of("taskrouter") == ()


def test_each_root_is_read_from_its_own_argument() -> None:
    text = "task.x == 't' AND worker.x == 'w' AND taskrouter.dayOfWeek == 'Sat'"
    expression = compile_expression(text, Context.TARGET)
    assert expression.matches({"x": "t"}, {"x": "w"}, {"dayOfWeek": "Sat"}, None)
    assert not expression.matches(None, None, None, None)
    skip = compile_expression("workers.available == 0", Context.SKIP_IF)
    assert skip.matches(None, None, None, {"available": 0})
    assert not skip.matches(None, None, None, {"available": 1})


def test_any_mapping_serves_as_an_object() -> None:
    """The engine may lay built-in fields over attributes without copying them."""
    channels: Any = MappingProxyType({"voice": {"load": 2}})
    worker: Mapping[str, Any] = ChainMap({"sid": "WK1"}, {"sid": "mine", "channel": channels})
    expression = compile_expression("sid == 'WK1' AND channel.voice.load == 2", Context.QUEUE)
    assert expression.matches(None, worker, None, None)
    assert lookup(worker, ("channel", "voice", "load")) == 2


def test_an_empty_queue_expression_matches_nobody() -> None:
    """[routing 1.6, oai]"""
    for text in ("", "  \n"):
        expression = compile_expression(text, Context.QUEUE)
        assert expression.reads == ()
        assert expression.matches(None, {"a": 1}, None, None) is False


def test_the_tree_is_what_was_written() -> None:
    tree = parse("a HAS 'x' AND (b >= 5 OR NOT c == true)", Context.QUEUE)
    assert tree == And(
        (
            Comparison(Operator.HAS, Reference(("worker", "a")), Constant("x")),
            Or(
                (
                    Comparison(Operator.GREATER_EQUAL, Reference(("worker", "b")), Constant(5)),
                    Not(Comparison(Operator.EQUAL, Reference(("worker", "c")), Constant(True))),
                )
            ),
        )
    )


def test_constants_differ_by_kind() -> None:
    assert len({Constant(1), Constant(1.0), Constant(True), Constant("1")}) == 4


def test_expressions_are_shared_and_equal_by_text_and_context() -> None:
    first = compile_expression("a == 1", Context.QUEUE)
    assert compile_expression("a == 1", Context.QUEUE) is first
    compile_expression.cache_clear()
    again = compile_expression("a == 1", Context.QUEUE)
    assert again is not first and again == first and hash(again) == hash(first)
    assert compile_expression("a == 1", Context.FILTER) != first


def test_a_known_worker_is_named_by_a_task_attribute() -> None:
    assert parse_reference("task.agent_sid") == ("task", "agent_sid")
    assert parse_reference(" task.agents[0].sid ") == ("task", "agents", 0, "sid")
