"""Lists, a page at a time: sizes, orders, tokens and the `meta` object.

A token says "after this row" (`PA` and its sid) or "before this row" (`PB`) [obs]: pages stay in step while rows come
and go between them. In an order other than that of creation the row's sort keys follow, so that the place is known
even if the row has changed or gone meanwhile.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import Any, NamedTuple
from urllib.parse import urlencode

from pointsman.core.errors import Invalid
from pointsman.core.ids import number_of
from pointsman.core.types import No, Sid
from pointsman.ports import Place
from pointsman.resources import Resource
from pointsman.resources.paging import PAGE_SIZE_DEFAULT, PAGE_SIZE_MAX, PAGING, ordering
from pointsman.wire.forms import Pairs, typed
from pointsman.wire.spelling import pascal

_SIZE, _PAGE, _TOKEN = (pascal(each.name) for each in PAGING)
_TYPES = {pascal(each.name): each.type for each in PAGING}
_TOKEN_FORM = re.compile(r"P([AB])([A-Z]{2}[0-9a-fA-F]{32})(?:_([a-z]+)((?:_-?[0-9]{1,18})*))?", re.ASCII)


class Sorting(NamedTuple):
    """The order of a list: by some fields, each with 1 or -1 for its direction, then by number. `tag` is how tokens
    name it: a token of one order means nothing in another."""

    keys: tuple[tuple[str, int], ...] = ()
    number: int = 1
    tag: str = ""

    def place(self, entity: Any, number: No) -> Place:
        """`number` is what its sid ends in."""
        if not self.keys:
            return (number * self.number,)
        return (*[getattr(entity, key) * sign for key, sign in self.keys], number * self.number)


DEFAULT = Sorting()


class PageRequest(NamedTuple):
    """`token` is the row that the page starts after or, `backwards`, ends before; `place` is where that row stood."""

    size: int
    page: int
    token: Sid | None
    backwards: bool
    place: Place | None
    tag: str
    filters: tuple[tuple[str, str], ...]

    @property
    def own_token(self) -> str | None:
        """The token that led here, as it was sent."""
        if self.token is None:
            return None
        return f"P{'B' if self.backwards else 'A'}{token_of(self.token, self.place or (), self.tag)}"

    @property
    def cursor(self) -> No:
        """The number of the row that the page starts after, or ends before; 0: there is none."""
        return number_of(self.token or "")


def read_sorting(resource: Resource, query: Pairs) -> Sorting:
    """What `Ordering` asks for. Creation is the order of numbers, so nothing behind it matters.

    Raises: `Invalid`.
    """
    text = dict(query).get("Ordering")
    if not text or not resource.orders:
        return Sorting()
    keys = {order.name: order.field for order in resource.orders}
    found: list[tuple[str, int]] = []
    tag = ""
    for name, descends in typed("Ordering", ordering(resource).type, text):
        sign = -1 if descends else 1
        tag += "".join(word[0] for word in name.split("_")) + ("d" if descends else "a")
        if name == "date_created":
            return Sorting(tuple(found), sign, tag)
        found.append((keys[name], sign))
    return Sorting(tuple(found), tag=tag)


def read_page(query: Pairs, prefixes: Collection[str], sorting: Sorting = DEFAULT) -> PageRequest:
    """The page of a list whose rows have sids of these kinds.

    Raises: `Invalid`, for a size or page that is no number, a token of another list or order, or a page without token.
    """
    pairs = list(query)
    sent = dict(pairs)
    size = min(typed(_SIZE, _TYPES[_SIZE], sent.get(_SIZE) or str(PAGE_SIZE_DEFAULT)), PAGE_SIZE_MAX)
    page = typed(_PAGE, _TYPES[_PAGE], sent.get(_PAGE) or "0")
    text = sent.get(_TOKEN) or ""
    token, place, backwards = None, None, False
    if text:
        parts = _TOKEN_FORM.fullmatch(text)
        keys = tuple(int(key) for key in (parts[4] or "").split("_")[1:]) if parts else ()
        of_this_list = parts and parts[2][:2] in prefixes and (parts[3] or "") == sorting.tag
        if parts is None or not of_this_list or len(keys) != len(sorting.keys):
            raise Invalid("Invalid PageToken: expected one from a next_page_url or previous_page_url of this list")
        token, backwards = parts[2], parts[1] == "B"
        place = (*keys, number_of(parts[2]) * sorting.number)
    elif page > 0:
        raise Invalid(f"Invalid Page {page}: pages are reached by next_page_url, not by number")
    filters = tuple((name, text) for name, text in pairs if name not in _TYPES)
    return PageRequest(size, page, token, backwards, place, sorting.tag, filters)


def token_of(sid: Sid, place: Place, tag: str) -> str:
    """How a token names a row: by its sid, and in an order of its own by that and the row's sort keys."""
    return "_".join((sid, tag, *map(str, place[:-1]))) if tag else sid


def page_query(request: PageRequest, page: int, token: str | None) -> str:
    """The query of another page of the same list."""
    query = [*request.filters, (_SIZE, str(request.size)), (_PAGE, str(page))]
    return urlencode(query + ([(_TOKEN, token)] if token else []))


def envelope(
    key: str, rows: list[dict[str, Any]], request: PageRequest, url: str, *, first: str | None, last: str | None
) -> dict[str, Any]:
    """A page: `first` names the row to go back before, `last` the one to go on after; None where there is nothing."""

    def at(page: int, token: str | None = None) -> str:
        return f"{url}?{page_query(request, page, token)}"

    return {
        "meta": {
            "first_page_url": at(0),
            "key": key,
            "next_page_url": at(request.page + 1, f"PA{last}") if last else None,
            "page": request.page,
            "page_size": request.size,
            "previous_page_url": at(max(request.page - 1, 0), f"PB{first}") if first else None,
            "url": at(request.page, request.own_token),
        },
        key: rows,
    }
