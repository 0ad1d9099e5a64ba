"""Which rules routing follows, who says so, and which tests hold them."""

from __future__ import annotations

import re
from collections.abc import Iterable

from tests.reference.markdown import code, page, table
from tests.trace.rules import PAGES, Rule
from tests.trace.table import RULES

TITLES = {
    ("routing", "1"): "Workspaces and what is in them",
    ("routing", "2"): "Tasks",
    ("routing", "3"): "Reservations",
    ("routing", "4"): "Workflows",
    ("routing", "5"): "Expressions",
    ("routing", "6"): "Order of tasks and workers",
    ("routing", "9"): "Presence and transfers",
    ("wire", "1"): "Configurations, recorded",
    ("wire", "3"): "Versions and facts of events, recorded",
    ("wire", "4"): "The order of events, recorded",
    ("wire", "6"): "Refusals, recorded",
    ("wire", "8"): "What clients send, recorded",
    ("design", "7"): "Our own decisions",
}
_WORDS = {
    "oai": "description",
    "docs": "documentation",
    "sdk": "worker SDK",
    "sdk-test": "tests of the worker SDK",
    "sdk-test fixture": "tests of the worker SDK",
    "code": "public code",
    "support": "support article",
    "blog": "changelog",
    "so": "Stack Overflow",
    "observed": "recordings",
    "conflict": "sources disagree",
}


def rules_page() -> str:
    done = [rule for rule in RULES if rule.tests]
    tests = {test for rule in done for test in rule.tests}
    return page(
        "# Rules",
        f"The {len(done)} rules that routing follows, and the {len(tests)} tests that hold them. The numbers are those "
        "by which a test cites its rule, as in `[routing 4.3, docs: task-evaluation]`. A test fails when a rule has no "
        "test, or a test cites a rule that is not here.",
        "\n".join(f"- *{name}* is {text}." for name, text in PAGES.items()),
        *(part for key, title in TITLES.items() for part in _chapter(key, title, done)),
        "## Not yet",
        table(
            ["Number", "Rule", "Source", "Why"],
            [
                [_number(rule), _sentence(rule.text), _source(rule), _sentence(rule.later)]
                for rule in RULES
                if rule.later
            ],
        ),
    )


def _chapter(key: tuple[str, str], title: str, rules: Iterable[Rule]) -> tuple[str, str]:
    own = [rule for rule in rules if (rule.page, rule.section.partition(".")[0]) == key]
    return (
        f"## {title}",
        table(
            ["Number", "Rule", "Source", "Differs", "Tests"],
            [[_number(r), _sentence(r.text), _source(r), _sentence(r.differs), _tests(r)] for r in own],
        ),
    )


def _number(rule: Rule) -> str:
    return f"{rule.page} {rule.section}"


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:] if text.split(" ")[0].isalpha() else text


def _source(rule: Rule) -> str:
    """`docs: limits + oai` → `documentation (limits), description`."""
    said = []
    for mark in rule.marks.split(" + "):
        kind, _, about = mark.partition(": ")
        said.append(_WORDS.get(kind, kind) + (f" ({about})" if about else ""))
    return ", ".join(said)


def _tests(rule: Rule) -> str:
    return ", ".join(code(re.sub(r".*::", "", test)) for test in rule.tests)
