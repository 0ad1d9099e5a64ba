"""Log lines tell what happened, and no secrets."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator

import pytest
import structlog

from pointsman.observe import logs


@pytest.fixture(autouse=True)
def as_before() -> Iterator[None]:
    yield
    structlog.reset_defaults()


@pytest.mark.parametrize("terminal", [True, False])
def test_a_fault_is_told_without_the_values_of_variables(
    terminal: bool, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys.stderr, "isatty", lambda: terminal)
    logs.set_up("info")
    token = "the-secret-" + "token"
    try:
        raise ValueError(f"a fault of {len(token)} letters")
    except ValueError:
        structlog.get_logger().exception("request_failed", path="/v1")
    said = capsys.readouterr().err
    assert "a fault of 16 letters" in said
    assert "Traceback" in said
    assert token not in said


def test_off_a_terminal_each_line_is_json(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(sys.stderr, "isatty", lambda: False)
    logs.set_up("warning")
    structlog.get_logger().info("unheard")
    structlog.get_logger().warning("clock_behind", behind_ms=5)
    line = json.loads(capsys.readouterr().err)
    assert (line["event"], line["behind_ms"], line["level"]) == ("clock_behind", 5, "warning")
