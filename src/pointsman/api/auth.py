"""Who asks: HTTP Basic with an account's sid and auth token [oai]. The account never stands in the path."""

from __future__ import annotations

import base64
import hmac

from starlette.requests import Request

from pointsman.api.call import Refused
from pointsman.core.ids import is_sid
from pointsman.core.types import AccountSid
from pointsman.ports import Account, Store
from pointsman.wire.errors import unauthenticated

CHALLENGE = {"WWW-Authenticate": 'Basic realm="Twilio API"'}


class Accounts:
    """The accounts of the server; tokens are compared in constant time."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._known: dict[str, Account] = {}

    async def authenticate(self, request: Request) -> Account:
        """Raises: `Refused` (401)."""
        credentials = _basic(request.headers.get("authorization", ""))
        if credentials is None:
            raise Refused(unauthenticated(credentials=False), CHALLENGE)
        user, password = credentials
        account = await self.find(user)
        # An unknown account costs the same comparison as a wrong token.
        token = account.auth_token if account else "-" * 32
        if not hmac.compare_digest(password.encode(), token.encode()) or account is None:
            raise Refused(unauthenticated(credentials=True), CHALLENGE)
        return account

    async def find(self, sid: str) -> Account | None:
        if not is_sid(sid, "AC"):
            return None
        account = self._known.get(sid)
        if account is None and (account := await self._store.account(AccountSid(sid))):
            self._known[sid] = account
        return account

    async def token(self, sid: AccountSid) -> str:
        """The token that signs an account's callbacks."""
        account = await self.find(sid)
        assert account is not None, "a workspace has an account"
        return account.auth_token


def _basic(header: str) -> tuple[str, str] | None:
    scheme, _, text = header.partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        user, colon, password = base64.b64decode(text.strip(), validate=True).decode().partition(":")
    except ValueError:
        return None
    return (user, password) if colon and (user or password) else None
