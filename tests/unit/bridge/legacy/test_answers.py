"""What a page is told of failures."""

from __future__ import annotations

import json

import pytest

from pointsman.bridge.legacy.answers import refusal
from pointsman.wire import errors
from pointsman.wire.errors import Problem


@pytest.mark.parametrize(
    ("problem", "status"),
    [
        (errors.INVALID.problem("no"), 400),
        (errors.forbidden("no"), 403),
        (errors.RESCINDED.problem("no"), 410),
        (errors.unavailable("no"), 503),
        (errors.INTERNAL, 503),
    ],
)
def test_a_failure_has_its_text_as_reason_and_is_never_500(problem: Problem, status: int) -> None:
    """To a 500 the SDK never calls back [sdk1]."""
    answer = refusal(problem, {"Retry-After": "1"})
    assert (answer.status, answer.reason, answer.headers) == (status, problem.message, {"Retry-After": "1"})
    assert json.loads(answer.body)["message"] == problem.message
