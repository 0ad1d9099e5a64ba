"""`pointsman simulate`: what it prints and its exit status."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from pointsman.cli import app
from pointsman.cli import simulate as command
from pointsman.core.engine import offers


def test_a_seed_that_keeps_the_rules_is_ok_and_told_in_figures() -> None:
    result = CliRunner().invoke(app, ["simulate", "--seed", "3", "--count", "2", "--steps", "20"])
    assert result.exit_code == 0
    assert result.stdout.startswith("OK: 2 histories, ")
    assert "histories/s" in result.stdout


def test_a_broken_rule_is_reported_with_seed_history_and_verdict(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(offers, "reservation_timeout_s", lambda state, task: 7)
    result = CliRunner().invoke(app, ["simulate", "--seed", "1", "--count", "9", "--steps", "40"])
    assert result.exit_code == 1
    assert "routing.md 3.3: TaskReservationTimeout seconds after creation" in result.stdout
    assert "The shortest history" in result.stdout
    assert "Again: pointsman simulate --seed" in result.stdout


def test_an_installed_package_says_that_it_has_no_simulation(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(command, "SOURCE", tmp_path)
    result = CliRunner().invoke(app, ["simulate", "--seed", "1"])
    assert result.exit_code == 2
    assert result.stderr == "pointsman: simulate needs the source tree, and this is an installed package\n"
