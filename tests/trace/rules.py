"""What a row of the trace tables is, and how a test cites it."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import NamedTuple

Tests = tuple[str, ...]

CITATION = re.compile(r"\[(routing|wire|design) (\d+(?:\.\d+)?), ([^\]]+)\]")
"""A citation in a test's docstring: `[routing 4.3, docs: task-evaluation]`: page, section and marks."""

PAGES = {
    "routing": "how TaskRouter routes, by its documentation, its clients and what others observed",
    "wire": "what recordings of the service show; where it differs from the page on routing, it is right",
    "design": "our own decisions, where the others differ or are silent; it goes before both",
}


class Rule(NamedTuple):
    """A rule that routing follows. `marks` say who says so, as they stand at the rule on its page, with ` + ` between
    several. `differs` says what we do otherwise, and why. `later` says why a rule has no test: what it needs is not
    part of the product yet."""

    page: str
    section: str
    marks: str
    text: str
    tests: Tests = ()
    differs: str = ""
    later: str = ""

    @property
    def citation(self) -> tuple[str, str, str]:
        return (self.page, self.section, self.marks)


def tests_in(path: str) -> Callable[..., Tests]:
    """Names of tests in one file, as pytest's ids: `tests_in("tests/a.py")("test_b")` is `("tests/a.py::test_b",)`."""

    def named(*names: str) -> Tests:
        return tuple(f"{path}::{name}" for name in names)

    return named


def rules_of(page: str) -> Callable[..., Rule]:
    """Make rows of one page: section, marks and text, then the rest by name."""

    def rule(section: str, marks: str, text: str, tests: Tests = (), *, differs: str = "", later: str = "") -> Rule:
        return Rule(page, section, marks, text, tests, differs, later)

    return rule
