"""Accounts, API keys and auth tokens. Only an account's own auth token manages them: an API key that leaked must not
be able to make itself another."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from pointsman.core.errors import NotFound
from pointsman.core.types import AccountSid, Role
from pointsman.operations.call import Call, Refused, Reply
from pointsman.operations.directory import Directory
from pointsman.operations.general import Handler
from pointsman.ports import Account, ApiKey
from pointsman.resources.accounts import (
    ACCOUNT_FILTERS,
    ACCOUNT_PARAMETERS,
    KEY_PARAMETERS,
    NEW_KEY_PARAMETERS,
    STATUS,
)
from pointsman.resources.declare import Parameter
from pointsman.wire import accounts as wire
from pointsman.wire import errors
from pointsman.wire.forms import Pairs, typed
from pointsman.wire.pages import read_page
from pointsman.wire.spelling import iso, pascal


def handlers(directory: Directory) -> dict[tuple[str, str], Handler]:
    """The handlers by resource and operation."""
    do = _Endpoints(directory)
    return {
        ("account", "create"): do.create_account,
        ("account", "fetch"): do.fetch_account,
        ("account", "list"): do.list_accounts,
        ("account", "update"): do.update_account,
        ("api_key", "create"): do.create_key,
        ("api_key", "fetch"): do.fetch_key,
        ("api_key", "list"): do.list_keys,
        ("api_key", "update"): do.update_key,
        ("api_key", "delete"): do.delete_key,
        ("secondary_auth_token", "create"): do.create_secondary,
        ("secondary_auth_token", "delete"): do.delete_secondary,
        ("auth_token_promotion", "update"): do.promote,
    }


class _Endpoints:
    def __init__(self, directory: Directory) -> None:
        self._directory = directory

    # --- accounts -------------------------------------------------------------------------------------------------

    async def list_accounts(self, call: Call) -> Reply:
        """The caller's own account and those that it made."""
        found = await self._directory.accounts_of(_manager(call).sid)
        wanted = _read(ACCOUNT_FILTERS, call.query)
        if name := wanted.get("friendly_name"):
            found = [each for each in found if each.friendly_name == name]
        if wanted.get("status", STATUS) != STATUS:
            found = []
        return _page(call, "accounts", found, wire.account)

    async def create_account(self, call: Call) -> Reply:
        account = _manager(call)
        values = _read(ACCOUNT_PARAMETERS, call.form)
        if account.owner is not None:
            raise Refused(errors.forbidden(f"Only the account that made this one, {account.owner}, can make others"))
        name = values.get("friendly_name")
        made = await self._directory.create_account(account.sid, lambda now_ms: name or f"Created at {iso(now_ms)}")
        return Reply(201, wire.account(made))

    async def fetch_account(self, call: Call) -> Reply:
        return Reply(200, wire.account(await self._visible(call)))

    async def update_account(self, call: Call) -> Reply:
        account = await self._visible(call)
        values = _read(ACCOUNT_PARAMETERS, call.form)
        if "friendly_name" in values:
            account = await self._directory.rename_account(account.sid, values["friendly_name"])
        return Reply(200, wire.account(account))

    async def _visible(self, call: Call) -> Account:
        """The account in the path: the caller's own, or one that it made. Raises: `NotFound`, `Refused` (403)."""
        account = await self._directory.account(call.sid("Sid"))
        if account is None or call.account.sid not in (account.sid, account.owner):
            raise NotFound(call.sid("Sid"))
        _manager(call)
        return account

    # --- API keys -------------------------------------------------------------------------------------------------

    async def list_keys(self, call: Call) -> Reply:
        return _page(call, "keys", await self._directory.keys_of(_own(call)), wire.key)

    async def create_key(self, call: Call) -> Reply:
        account = _own(call)
        values = _read(NEW_KEY_PARAMETERS, call.form)
        role = Role(values.get("role", Role.FULL))
        key, secret = await self._directory.create_key(account, values.get("friendly_name", ""), role)
        return Reply(201, wire.new_key(key, secret))

    async def fetch_key(self, call: Call) -> Reply:
        return Reply(200, wire.key(await self._directory.key(_own(call), call.sid("Sid"))))

    async def update_key(self, call: Call) -> Reply:
        account, sid = _own(call), call.sid("Sid")
        values = _read(KEY_PARAMETERS, call.form)
        if "friendly_name" not in values:
            return await self.fetch_key(call)
        return Reply(200, wire.key(await self._directory.rename_key(account, sid, values["friendly_name"])))

    async def delete_key(self, call: Call) -> Reply:
        await self._directory.revoke_key(_own(call), call.sid("Sid"))
        return Reply(204)

    # --- auth tokens ----------------------------------------------------------------------------------------------

    async def create_secondary(self, call: Call) -> Reply:
        account = await self._directory.add_secondary(_manager(call).sid)
        return Reply(201, wire.secondary_token(account, call.base))

    async def delete_secondary(self, call: Call) -> Reply:
        await self._directory.drop_secondary(_manager(call).sid)
        return Reply(204)

    async def promote(self, call: Call) -> Reply:
        account = await self._directory.promote(_manager(call).sid)
        return Reply(200, wire.promotion(account, call.base))


def _own(call: Call) -> AccountSid:
    """The account in the path, which must be the caller's. Raises: `NotFound`, `Refused` (403)."""
    if call.sid("AccountSid") != call.account.sid:
        raise NotFound(call.sid("AccountSid"))
    return _manager(call).sid


def _manager(call: Call) -> Account:
    """The caller's account, if he may manage its credentials. Raises: `Refused` (403)."""
    if call.caller.api_key is not None:
        raise Refused(
            errors.forbidden(
                "An API key can't manage accounts, API keys or auth tokens: use the account's sid and auth token"
            )
        )
    return call.account


def _read(parameters: Sequence[Parameter], pairs: Pairs) -> dict[str, Any]:
    sent = dict(pairs)
    return {
        each.name: typed(pascal(each.name), each.type, sent[pascal(each.name)])
        for each in parameters
        if pascal(each.name) in sent and (sent[pascal(each.name)] or each.type.blank == "value")
    }


Row = Account | ApiKey


def _page(call: Call, name: str, rows: Sequence[Any], render: Callable[[Any], wire.Body]) -> Reply:
    """A page of `rows`, which stand in order of creation."""
    request = read_page(call.query, ("AC", "SK"))

    def place(row: Row) -> tuple[int, str]:
        return row.created_ms, row.sid

    if request.token is not None:
        known = next((row for row in rows if row.sid == request.token), None)
        at = place(known) if known else (request.cursor, request.token)  # a key that is gone says when it was made
        ahead = [row for row in rows if (place(row) < at if request.backwards else place(row) > at)]
    else:
        ahead = list(rows)
    shown = ahead[-request.size :] if request.backwards else ahead[: request.size]
    more = len(ahead) > len(shown)
    before, after = (more, True) if request.backwards else (request.token is not None, more)
    first = shown[0].sid if shown and before else None
    last = shown[-1].sid if shown and after else None
    return Reply(200, wire.page(name, [render(row) for row in shown], request, call.path, first=first, last=last))
