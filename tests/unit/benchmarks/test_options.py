"""What can't be measured is refused before anything is measured, in words that say what was expected."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.benchmarks.__main__ import _command, _parser, _wanted, main
from tests.benchmarks.budgets import BUDGETS
from tests.benchmarks.options import listed, one_of, seconds, whole, writable

NUMBERS = listed(whole())
REFUSED = [
    (whole(), "0", "at least 1"),
    (whole(), "-1", "at least 1"),
    (whole(), "1.5", "whole number"),
    (whole(), "²", "whole number"),
    (whole(), "", "whole number"),
    (whole(10_000), "9999", "at least 10,000"),
    (whole(100, multiple_of=100), "150", "a multiple of 100"),
    (seconds, "0", "above 0"),
    (seconds, "-1", "above 0"),
    (seconds, "nan", "above 0"),
    (seconds, "inf", "at most 86,400"),
    (seconds, "soon", "number of seconds"),
    (one_of(["plain", "events"]), "foo", "plain, events"),
    (NUMBERS, "1,x", "'x' is not"),
    (NUMBERS, "1,,2", "'' is not"),
    (writable, "/nonexistent/x", "No such file or directory"),
    (writable, "/", "Is a directory"),
]


@pytest.mark.parametrize(("read", "text", "why"), REFUSED)
def test_what_can_not_be_measured_is_refused(read: Callable[[str], Any], text: str, why: str) -> None:
    with pytest.raises(argparse.ArgumentTypeError, match=why) as refused:
        read(text)
    assert repr(text) in str(refused.value) or "," in text


def test_lists_are_read_in_their_order_and_each_once() -> None:
    assert NUMBERS("64, 1,8,64") == [64, 1, 8]
    assert seconds("0.5") == 0.5
    assert whole(100, multiple_of=100)("200") == 200


def test_a_file_for_the_figures_keeps_what_is_in_it_until_there_are_some(tmp_path: Path) -> None:
    file = tmp_path / "figures.json"
    file.write_text("of the last run")
    assert writable(str(file)).read_text() == "of the last run"


@pytest.mark.parametrize(
    "arguments",
    [
        "lifecycles --connections x",
        "lifecycles --database postgresql://there",  # measured with SQLite alone
        "latency --database there",
        "latency --rates 0",
        "engine --workers 0",
        "start --workers -1",
        "statistics --events 0",
        "figures-of-now --repeats 0",
        "known-answers --systems nowhere",
        "lists --queues 1",
        "peers --only foo",
        "peers --jobs 150",
        "engine --json /nonexistent/x",
        "--table /nonexistent",
        "--full engine",
        "faster",
    ],
)
def test_an_option_that_is_wrong_ends_it_at_once(arguments: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(arguments.split())
    assert ended.value.code == 2
    said = capsys.readouterr()
    assert "error: " in said.err and not said.out, "nothing was measured"


def test_the_quick_form_measures_every_figure_that_has_a_budget() -> None:
    parser = _parser()
    measured = [name for name, _ in _wanted(parser, parser.parse_args([]))]
    wanted = [name for name, lines in BUDGETS.items() if any(line.wanted is not None for line in lines)]
    assert set(wanted) - set(measured) == {"peers"}, "these are installed only if they are asked for"
    everything = [name for name, _ in _wanted(parser, parser.parse_args(["--full", "--peers"]))]
    assert everything == list(BUDGETS)


def test_the_quick_form_has_callbacks_in_it() -> None:
    parser = _parser()
    options = dict(_wanted(parser, parser.parse_args([])))
    assert options["lifecycles"].kinds == ["plain", "assignments", "events"]
    assert (options["latency"].rates, options["latency"].no_events) == ([500], False)


def test_the_command_is_told_without_the_file_that_it_writes() -> None:
    assert _command(["--full", "--json", "x y.json", "--peers"]) == "scripts/bench --full --peers"
    assert _command(["engine", "--json=f", "--tasks", "1000"]) == "scripts/bench engine --tasks 1000"
