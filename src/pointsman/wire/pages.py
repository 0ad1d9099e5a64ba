"""Lists, a page at a time: sizes, tokens and the `meta` object.

A token says "after this row" (`PA` and its sid) or "before this row" (`PB`) [obs]: pages stay in step while rows come
and go between them.
"""

from __future__ import annotations

from typing import Any, NamedTuple
from urllib.parse import urlencode

from pointsman.core.errors import Invalid
from pointsman.core.ids import is_sid, number_of
from pointsman.core.types import No, Sid
from pointsman.wire.forms import Pairs

SIZE_DEFAULT = 50
SIZE_MAX = 1_000
_PAGING = ("PageSize", "Page", "PageToken")


class PageRequest(NamedTuple):
    size: int
    page: int
    after: Sid | None  # the last row of the page before
    before: Sid | None  # the first row of the page after
    filters: tuple[tuple[str, str], ...]

    @property
    def token(self) -> str | None:
        """The token that led here."""
        return f"PA{self.after}" if self.after else f"PB{self.before}" if self.before else None

    @property
    def cursor(self) -> No:
        """The number of the row that the page starts after, or ends before; 0: the beginning."""
        return number_of(self.after or self.before or "")


def read_page(query: Pairs) -> PageRequest:
    """Raises: `Invalid`, for a size or page that is no number, a token that is not ours, or a page without token."""
    pairs = list(query)
    sent = dict(pairs)
    size = min(_whole("PageSize", sent.get("PageSize") or str(SIZE_DEFAULT), 1), SIZE_MAX)
    page = _whole("Page", sent.get("Page") or "0", 0)
    token = sent.get("PageToken") or ""
    if token and (token[:2] not in ("PA", "PB") or not is_sid(token[2:])):
        raise Invalid("Invalid PageToken: expected one from a next_page_url or previous_page_url")
    if page > 0 and not token:
        raise Invalid(f"Invalid Page {page}: pages are reached by next_page_url, not by number")
    sid = Sid(token[2:])
    filters = tuple((name, text) for name, text in pairs if name not in _PAGING)
    return PageRequest(
        size, page, sid if token.startswith("PA") else None, sid if token.startswith("PB") else None, filters
    )


def _whole(name: str, text: str, low: int) -> int:
    if not (text.isascii() and text.isdigit()) or len(text) > 9 or int(text) < low:
        raise Invalid(f"Invalid {name} {text[:32]!r}: expected a whole number from {low}")
    return int(text)


def page_query(request: PageRequest, page: int, token: str | None) -> str:
    """The query of another page of the same list."""
    query = [*request.filters, ("PageSize", str(request.size)), ("Page", str(page))]
    return urlencode(query + ([("PageToken", token)] if token else []))


def envelope(
    key: str, rows: list[dict[str, Any]], request: PageRequest, url: str, *, first: Sid | None, last: Sid | None
) -> dict[str, Any]:
    """A page: `first` is the sid to go back before, `last` the one to go on after; None where there is nothing."""

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
            "url": at(request.page, request.token),
        },
        key: rows,
    }
