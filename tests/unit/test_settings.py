"""Settings: which of the places that name one wins, and what is said of one that makes no sense."""

from __future__ import annotations

from pathlib import Path

import pytest

from pointsman.core.limits import LIMITS, STANDARD, Limits
from pointsman.settings import FILE, SETTINGS, InvalidSetting, read_flags, read_settings


def test_a_flag_wins_over_a_variable_and_that_over_the_file(tmp_path: Path) -> None:
    (tmp_path / FILE).write_text("workers_max = 1\nport = 2\nlog_level = 'debug'\n")
    environment = {"POINTSMAN_WORKERS_MAX": "3", "POINTSMAN_PORT": "4"}
    settings = read_settings(tmp_path, read_flags(["workers-max=5"]), environment)
    assert (settings["workers_max"], settings["port"], settings["log_level"]) == (5, 4, "debug")
    assert settings["activities_max"] == 100


@pytest.mark.parametrize(
    ("pair", "message"),
    [
        ("workers_max", "--set workers_max: expected NAME=VALUE with one of "),
        ("wrokers_max=3", "--set wrokers_max=3: expected NAME=VALUE with one of "),
        ("workers_max=many", "--set workers_max=many: 'many' is not valid: expected a whole number"),
    ],
)
def test_a_flag_that_makes_no_sense_says_which(pair: str, message: str) -> None:
    with pytest.raises(InvalidSetting) as refused:
        read_flags([pair])
    assert str(refused.value).startswith(message)


def test_limits_that_an_operator_may_move_are_declared_and_are_settings() -> None:
    declared = {limit.name: limit.value for limit in LIMITS}
    assert len(declared) == len(LIMITS), "each once"
    settings = {setting.name: setting.default for setting in SETTINGS}
    for name in Limits.__struct_fields__:
        assert declared[name] == settings[name] == getattr(STANDARD, name)
