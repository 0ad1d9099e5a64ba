"""The committed pages are those that the declarations make."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.conformance import description
from tests.reference.markdown import anchor
from tests.reference.pages import COMPATIBILITY, FOLDER, pages
from tests.spec import ABSENT

MADE = pages()


def committed() -> dict[str, Path]:
    return {path.relative_to(FOLDER).as_posix(): path for path in FOLDER.rglob("*.md")}


@pytest.mark.parametrize("name", sorted(MADE))
def test_a_page_is_what_the_declarations_make(name: str) -> None:
    path = FOLDER / name
    assert path.is_file() and path.read_text() == MADE[name], f"{name} is stale: run scripts/reference"


@pytest.mark.skipif(not description.FILE.is_file(), reason=ABSENT)
def test_the_page_on_compatibility_is_made_where_the_description_is() -> None:
    assert COMPATIBILITY in MADE


def test_no_page_is_there_that_nothing_makes() -> None:
    assert set(committed()) - {COMPATIBILITY} == set(MADE) - {COMPATIBILITY}


@pytest.mark.parametrize("name", sorted(committed()))
def test_every_link_leads_to_a_page_and_a_heading(name: str) -> None:
    texts = {each: path.read_text() for each, path in committed().items()}
    for target in re.findall(r"\]\(([^)]+)\)", texts[name]):
        page, _, heading = target.partition("#")
        found = (FOLDER / name).parent.joinpath(page).resolve() if page else FOLDER / name
        text = texts[found.relative_to(FOLDER.resolve()).as_posix()] if page else texts[name]
        headings = {anchor(line.lstrip("# ")) for line in text.splitlines() if line.startswith("#")}
        assert not heading or f"#{heading}" in headings, f"{name} links to {target}"
