"""Lists: rows in order of creation, filtered, a page at a time."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from pointsman.core.engine.view import View
from pointsman.core.types import AnyEntity, Entity, No
from pointsman.resources import Filter
from pointsman.wire.pages import PageRequest

Filters = Sequence[tuple[Filter, Any]]
ENDED_SLICE = 500


class Page(NamedTuple):
    """Rows of a page, and whether there are rows before and after it."""

    rows: list[Any]
    before: bool
    after: bool


def cut(found: list[Any], request: PageRequest) -> Page:
    """Make a page of what was found: up to one row more than it holds, beyond the end that it goes towards."""
    more = len(found) > request.size
    if request.before is not None:
        return Page(found[-request.size :], more, True)
    return Page(found[: request.size], request.after is not None, more)


def keeps(view: View, filters: Filters, entity: Entity) -> bool:
    return all(each.keeps(view, entity, wanted) for each, wanted in filters)


def find_live(view: View, table: Mapping[No, Any], filters: Filters, request: PageRequest) -> list[Any]:
    """Up to one row more than the page holds, from the cursor on (or back), by number."""
    numbers = sorted(table)
    found: list[Any] = []
    candidates: Iterable[No]
    if request.before is not None:
        candidates = reversed(numbers[: bisect_left(numbers, request.cursor)])
    else:
        candidates = numbers[bisect_right(numbers, request.cursor) :]
    for no in candidates:
        if keeps(view, filters, table[no]):
            found.append(table[no])
            if len(found) > request.size:
                break
    return found[::-1] if request.before is not None else found


def merge(live: list[Any], ended: list[Any], request: PageRequest) -> list[Any]:
    """One row for each number, by number: a task that ended between the two looks is in both; it has ended."""
    rows = {entity.no: entity for entity in (*live, *ended)}
    numbers = sorted(rows)
    most = request.size + 1
    return [rows[no] for no in (numbers[-most:] if request.before is not None else numbers[:most])]


def sids(page: Page) -> tuple[str | None, str | None]:
    """(sid to go back before, sid to go on after)."""
    rows: list[AnyEntity] = page.rows
    if not rows:
        return None, None
    return rows[0].sid if page.before else None, rows[-1].sid if page.after else None
