"""The steps that lead from an empty database to the present tables: numbered files, one folder a dialect.

A file that has been released never changes; a new one follows it. All steps that a database lacks are applied in one
transaction when it is opened, and the number of the last is kept in the database.
"""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

_FOLDER = Path(__file__).parent


class Migration(NamedTuple):
    number: int
    name: str
    sql: str


def migrations(dialect: str) -> list[Migration]:
    """All steps of a dialect, in order, numbered from 1 without gaps."""
    found = []
    for path in sorted((_FOLDER / dialect).glob("*.sql")):
        number, _, name = path.stem.partition("_")
        found.append(Migration(int(number), name, path.read_text(encoding="utf-8")))
    assert [step.number for step in found] == list(range(1, len(found) + 1)), f"{dialect}: numbers with gaps"
    return found
