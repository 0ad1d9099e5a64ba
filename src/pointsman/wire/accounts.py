"""Accounts, API keys and auth tokens out. The 2010 API spells times as mail does, links as paths, and lists without a
`meta` object; a library takes for the rows of a list whatever is not one of the names below [clients]."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pointsman.core.types import Role, Sid
from pointsman.ports import Account, ApiKey
from pointsman.resources.accounts import (
    ACCOUNT_FIELDS,
    KEY_FIELDS,
    KEY_ROLE,
    PROMOTION_FIELDS,
    SECONDARY_FIELDS,
    SECRET,
)
from pointsman.resources.declare import Field
from pointsman.wire.bodies import speller
from pointsman.wire.pages import PageRequest, page_query

Body = dict[str, Any]
NO_VIEW: Any = None  # these fields look at none


def account(found: Account) -> Body:
    return _body(ACCOUNT_FIELDS, found)


def key(found: ApiKey) -> Body:
    body = _body(KEY_FIELDS, found)
    return body if found.role is Role.FULL else body | {KEY_ROLE.name: {"role": found.role}}


def new_key(made: ApiKey, secret: str) -> Body:
    return key(made) | {SECRET.name: secret}


def secondary_token(changed: Account, base: str) -> Body:
    return _body(SECONDARY_FIELDS, changed, base)


def promotion(changed: Account, base: str) -> Body:
    return _body(PROMOTION_FIELDS, changed, base)


def _body(fields: Sequence[Field], found: Any, base: str = "") -> Body:
    return {field.name: speller(field.type)(field.value(NO_VIEW, found), base) for field in fields if field.value}


def page(name: str, rows: list[Body], request: PageRequest, path: str, *, first: Sid | None, last: Sid | None) -> Body:
    """A page of the 2010 API: `first` is the sid to go back before, `last` the one to go on after."""

    def at(number: int, token: str | None = None) -> str:
        return f"{path}?{page_query(request, number, token)}"

    start = request.page * request.size
    return {
        "end": start + max(len(rows) - 1, 0),
        "first_page_uri": at(0),
        name: rows,
        "next_page_uri": at(request.page + 1, f"PA{last}") if last else None,
        "page": request.page,
        "page_size": request.size,
        "previous_page_uri": at(max(request.page - 1, 0), f"PB{first}") if first else None,
        "start": start,
        "uri": at(request.page, request.own_token),
    }
