"""The tables and the tests hold together: every rule has its tests, and every citation leads to a rule."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path

import pytest

from tests.spec import ABSENT, SPEC
from tests.trace.rules import CITATION, PAGES, Rule
from tests.trace.table import RULES

ROOT = Path(__file__).parents[2]
_FREELY = re.compile(r"\b(?:routing|wire) \d|\bdesign 7\b")

Citation = tuple[str, str, str]


@cache
def docstrings() -> dict[str, str]:
    """The docstring of every test, by pytest's id; read from the source, so that nothing has to be imported."""
    found: dict[str, str] = {}
    for path in sorted((ROOT / "tests").rglob("test_*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith("test_"):
                text = " ".join((ast.get_docstring(node) or "").split())
                found[f"{path.relative_to(ROOT).as_posix()}::{node.name}"] = text
    return found


def cited() -> list[tuple[str, Citation]]:
    return [
        (test, (match[1], match[2], match[3]))
        for test, text in docstrings().items()
        for match in CITATION.finditer(text)
    ]


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: f"{rule.page} {rule.section}: {rule.text}")
def test_a_rule_has_tests_that_cite_it_or_belongs_to_a_later_part(rule: Rule) -> None:
    assert rule.page in PAGES
    assert bool(rule.tests) is not bool(rule.later), "a rule has either tests or a reason why there are none yet"
    for test in rule.tests:
        assert test in docstrings(), f"there is no {test}"
        citations = [match.groups() for match in CITATION.finditer(docstrings()[test])]
        page, section, marks = rule.citation
        assert rule.citation in citations, f"the docstring of {test} lacks [{page} {section}, {marks}]"


def test_every_citation_leads_to_a_rule_that_names_the_test() -> None:
    named = {(test, rule.citation) for rule in RULES for test in rule.tests}
    strays = [f"{test} cites [{page} {section}, {marks}]" for test, (page, section, marks) in cited()
              if (test, (page, section, marks)) not in named]  # fmt: skip
    assert strays == []


def test_no_docstring_cites_a_rule_in_another_form() -> None:
    others = [test for test, text in docstrings().items() if _FREELY.search(CITATION.sub("", text))]
    assert others == [], "a citation reads [routing 4.3, docs: task-evaluation]"


def test_rules_are_told_apart_and_said_once() -> None:
    assert len({(rule.page, rule.section, rule.text) for rule in RULES}) == len(RULES)
    assert [rule.text for rule in RULES if rule.text[0].isspace() or rule.text.endswith(".")] == []


# --- against the pages themselves ---------------------------------------------------------------------------------


def sections(page: str) -> dict[str, str]:
    """The text under each numbered heading of a page, to the next heading."""
    path = SPEC / page
    if not path.is_file():
        pytest.skip(ABSENT)
    parts = re.split(r"^#{2,3} (\d+(?:\.\d+)?)\.? .*$", path.read_text(), flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def test_every_section_on_routing_has_rules() -> None:
    wanted = {number for number in sections("routing.md") if number.split(".")[0] in {*"123456"} and "." in number}
    assert wanted - {rule.section for rule in RULES if rule.page == "routing"} == set()


def test_marks_stand_in_the_section_that_a_rule_names() -> None:
    texts = sections("routing.md")
    wrong = []
    for rule in RULES:
        if rule.page == "routing":
            marks = [mark for text in re.findall(r"\[([^\[\]]+)\]", texts[rule.section]) for mark in text.split("; ")]
            missing = [part for part in rule.marks.split(" + ") if not any(mark.startswith(part) for mark in marks)]
            wrong += [f"{rule.section} {rule.text}: {missing}"] if missing else []
    assert wrong == []


def test_sections_of_the_recordings_are_there() -> None:
    known = sections("wire-observations.md")
    assert {rule.section.partition(".")[0] for rule in RULES if rule.page == "wire"} <= set(known)
