"""The kinds of refusals are declared once, and stand in the order in which they win."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from pointsman.wire import errors
from pointsman.wire.errors import KINDS, ORDER

SOURCE = Path(errors.__file__).parents[1]


def test_every_kind_is_declared_once() -> None:
    declared = [value for value in vars(errors).values() if isinstance(value, errors.Kind)]
    assert list(KINDS) == declared
    assert [kind.status for kind in KINDS] == sorted(kind.status for kind in KINDS)


def test_every_refusal_has_its_place_in_the_order() -> None:
    """Faults of ours have none: they can come at any time."""
    placed = {kind for stage in ORDER for kind in stage.refusals}
    assert placed == {kind for kind in KINDS if kind.status < 500}


@pytest.mark.parametrize("path", sorted(SOURCE.rglob("*.py")), ids=lambda path: str(path.relative_to(SOURCE)))
def test_nothing_else_knows_a_status_or_a_code(path: Path) -> None:
    """A `Problem` is made from a kind: `errors.TOO_LARGE.problem(...)`."""
    made = [node for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Call)]
    numbers = [
        node.lineno
        for node in made
        if ast.unparse(node.func).rpartition(".")[2] == "Problem"
        and any(isinstance(each, ast.Constant) and isinstance(each.value, int) for each in node.args)
    ]
    assert numbers == []


def test_a_problem_has_its_keys_in_the_recorded_order() -> None:
    body = errors.unauthenticated(credentials=False).body()
    assert list(body) == ["code", "detail", "message", "more_info", "status"]
    assert body["more_info"] == "https://www.twilio.com/docs/errors/20003"
    assert errors.INTERNAL.body() == {"message": "An error occurred", "status": 500}
