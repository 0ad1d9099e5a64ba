"""Every refusal says where, what was found, what was expected, and what to write instead."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from pointsman.core.errors import Rejected
from pointsman.core.expression import (
    Context,
    ExpressionError,
    compile_expression,
    parse_order_by,
    parse_reference,
)
from pointsman.core.expression.syntax import NESTING_MAX, TEXT_CHARS_MAX
from pointsman.core.expression.values import NUMERAL_CHARS_MAX

Q, F, T, S = Context.QUEUE, Context.FILTER, Context.TARGET, Context.SKIP_IF

# Context, text, column, part of "found ..., expected ...", part of the hint (none: "")
ROWS: list[tuple[Context, str, int, str, str]] = [
    # a slip that has a hint
    (Q, "skill-level == 5", 6, "found '-'", "hyphen"),
    (Q, "worker.skill-5 == 5", 13, "found '-5'", "hyphen"),
    (Q, "'sales' HAS skills", 1, "expected an array or a name to the left of HAS", "right of IN"),
    (Q, "a == 1 AND 5 NOT HAS b", 12, "expected an array or a name to the left of NOT HAS", "right of IN"),
    (Q, "level <-5", 9, "expected an array or a name to the right of <-", "write < -5"),
    (Q, "a == 1 & b == 2", 8, "found '&', expected AND, OR or the end", "write AND"),
    (Q, "a == 1 && b == 2", 8, "found '&'", "write AND"),
    (Q, "a == 1 || b == 2", 8, "found '|'", "write OR"),
    (Q, "!(a == 1)", 1, "found '!'", "write NOT"),
    (Q, "a == “x”", 6, "found '“'", "straight quote"),
    (Q, "a == ‘x’", 6, "found '‘'", "straight quote"),
    (Q, "a == 'x", 6, "expected a value or a name", "the quote opened here is never closed"),
    (Q, "a == 'it's", 10, "found 's'", "a quote inside a string"),
    (Q, "(a == 1", 8, "found the end of the text, expected AND, OR or ')'", "opened at column 1"),
    (Q, "(a == 1 AND (b == 2) ", 21, "found the end of the text", "parenthesis opened at column 1"),
    (Q, "a IN [1, 2", 11, "expected a comma or ']'", "bracket opened at column 6"),
    (Q, "a == 1)", 7, "found ')', expected AND, OR or the end", "nothing is open"),
    (Q, "a =< 5", 4, "found '<'", "write <="),
    (Q, "a => 5", 4, "found '>'", "write >="),
    (Q, "a === 5", 5, "found '='", "write =="),
    (Q, "a !== 5", 5, "found '='", "write !="),
    (Q, "a =! 5", 4, "found '!'", "write !="),
    (Q, "a = = 5", 5, "found '='", "write =="),
    (Q, "a > = 5", 5, "found '='", "write >="),
    (Q, "a == !b", 6, "found '!'", "write NOT"),
    (Q, "a == 1 AND AND b == 2", 12, "found 'AND'", "no comparison between AND and AND"),
    (Q, "a == 1 or and b == 2", 11, "found 'and'", "no comparison between OR and AND"),
    (Q, "5 HAS a", 1, "found '5'", "right of IN"),
    (Q, 'a == "x', 6, "expected a value or a name", "the quote opened here is never closed"),
    (Q, "a == x'", 7, "expected AND, OR or the end", "the quote opened here is never closed"),
    (Q, "a == 'x”", 6, "found \"'\"", "the quote opened here is never closed"),
    # a value is no condition
    (F, "vip", 4, "found the end of the text, expected an operator", "write vip == true"),
    (F, "a.b[2] AND c == 1", 8, "found 'AND'", "write a.b[2] == true"),
    (F, "NOT vip", 8, "found the end of the text", "write vip == true"),
    (F, "a == 1 OR (vip)", 15, "found ')'", "write vip == true"),
    (F, "true", 5, "found the end of the text", "1==1 is always true"),
    (F, "[1]", 4, "found the end of the text", "1==1 is always true"),
    # names
    (T, "lang == 'en'", 1, "a name that starts with task., worker. or taskrouter.", "write task.lang or w"),
    (T, "task.a == lang[0].b", 11, "found 'lang[0].b'", "worker.lang[0].b"),
    (T, "task == 1", 1, "found 'task'", "task.task"),
    (T, "workers.available == 0", 1, "found 'workers.available'", "task.workers.available"),
    (S, "worker.a == 1", 1, "workers.available, workers.unavailable or workers.WA...", "skip_if sees only"),
    (S, "workers.avail == 1", 1, "found 'workers.avail'", ""),
    (S, "workers.available.x == 1", 1, "found 'workers.available.x'", ""),
    (F, "taskrouter.hour == 8", 1, "expected one of taskrouter.currentTime", ""),
    (F, "taskrouter.dayOfWeek[0] == 'M'", 1, "found 'taskrouter.dayOfWeek[0]'", ""),
    (Q, "a == 1 OR taskrouter.x == 1", 11, "expected a worker attribute", "worker.taskrouter.x"),
    # whatever else
    (F, "", 1, "found the end of the text, expected a value or a name", ""),
    (F, "  ", 1, "found the end of the text", ""),
    (F, "a ==", 5, "expected a value or a name", ""),
    (F, "a == 1 AND  ", 11, "expected a value or a name", ""),
    (F, "a == b c", 8, "found 'c', expected AND, OR or the end", ""),
    (F, "a == 1 == 2", 8, "found '=='", ""),
    (F, "a LIKE 'x'", 3, "found 'LIKE', expected an operator such as ==, HAS or IN", ""),
    (F, "a NOT CONTAINS 'x'", 7, "found 'CONTAINS', expected HAS or IN", ""),
    (F, "in == 1", 1, "found 'in'", ""),
    (F, "a == [1,]", 9, "found ']'", ""),
    (F, "a[-1] == 1", 2, "found '['", ""),
    (F, "a == 1.2.3", 9, "found '.'", ""),
    (F, "NOT NOT a == 1", 5, "found 'NOT'", ""),
    (F, "a ==\n#", 6, "found '#'", ""),
    (F, "a ~\n", 3, "found '~'", ""),
]  # fmt: skip


@pytest.mark.parametrize(("context", "text", "column", "said", "hint"), ROWS)
def test_a_refusal_says_where_and_why(context: Context, text: str, column: int, said: str, hint: str) -> None:
    """[routing 5.1, docs: expression-syntax] [routing 5.5, inferred]"""
    with pytest.raises(ExpressionError) as refused:
        compile_expression(text, context)
    error, message = refused.value, str(refused.value)
    assert (error.text, error.column) == (text, column)
    assert message.startswith(f"column {column}: found ")
    assert said in message
    assert hint in error.hint and bool(error.hint) is bool(hint)
    assert message.endswith(error.hint)
    assert "\n" not in message


@pytest.mark.parametrize(
    ("read", "text", "column", "said"),
    [
        (parse_order_by, "worker.a, b DESC", 11, "expected a name that starts with worker.; write worker.b"),
        (parse_order_by, "task.a", 1, "found 'task.a'"),
        (parse_order_by, "worker.a up", 10, "found 'up', expected ASC, DESC, a comma or the end"),
        (parse_order_by, "worker.a ASC,", 14, "expected a name"),
        (parse_order_by, "worker.a == 1", 10, "found '=='"),
        (parse_reference, "agent_sid", 1, "expected a name that starts with task.; write task.agent_sid"),
        (parse_reference, "worker.sid", 1, "found 'worker.sid'"),
        (parse_reference, "task.a.b == 1", 10, "expected the end"),
        (parse_reference, "'task.a'", 1, "expected a name"),
        (parse_reference, "", 1, "expected a name"),
    ],
)
def test_orders_and_references_are_refused_alike(
    read: Callable[[str], object], text: str, column: int, said: str
) -> None:
    with pytest.raises(Rejected, match=f"^column {column}: ") as refused:
        read(text)
    assert said in str(refused.value)


@pytest.mark.parametrize(
    ("text", "column", "said"),
    [
        ("a == '" + "x" * TEXT_CHARS_MAX + "'", TEXT_CHARS_MAX + 1, f"at most {TEXT_CHARS_MAX}"),
        ("(" * 20_000 + "1==1" + ")" * 20_000, NESTING_MAX + 1, f"at most {NESTING_MAX}"),
        ("a HAS " + "[" * 20_000, 6 + NESTING_MAX + 1, f"at most {NESTING_MAX}"),
        ("NOT (" * 10_000, 5 * (NESTING_MAX + 1), f"at most {NESTING_MAX}"),
        ("a == " + "9" * 5_000, 6, f"a number of 5000 characters, expected at most {NUMERAL_CHARS_MAX}"),
        ("a[" + "9" * 5_000 + "] == 1", 2, f"at most {NUMERAL_CHARS_MAX}"),
        ("a == 1 " + "b" * 60_000, 8, "'..., expected"),
    ],
)
def test_limits_are_refused_by_name(text: str, column: int, said: str) -> None:
    with pytest.raises(ExpressionError) as refused:
        compile_expression(text, Context.QUEUE)
    assert refused.value.column == column
    assert said in str(refused.value) and len(str(refused.value)) < 300


@pytest.mark.parametrize(
    "text",
    [
        "NOT (a == 1 OR b == 2 AND " * NESTING_MAX + "c == 3" + ")" * NESTING_MAX,
        "a HAS " + "[" * NESTING_MAX + "]" * NESTING_MAX,
        "(" * (NESTING_MAX - 1) + "[a[0].b.c.d] HAS a.b.c.d" + ")" * (NESTING_MAX - 1),
        "a" + ".a" * 30_000 + " == 1",
        "a" + "[0]" * 20_000 + " == 1",
        " OR ".join(["a.b == 'x'"] * 4_000),
        "a IN [" + ", ".join(["'x'", "7"] * 5_000) + "]",
        "a == '" + "\\'" * 30_000 + "'",
    ],
)
def test_up_to_the_limits_it_works(text: str) -> None:
    assert compile_expression(text, Context.QUEUE).matches(None, {"a": 5}, None, None) in (True, False)
