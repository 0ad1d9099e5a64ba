"""Who asks: an account's sid with its auth token, or an API key's sid with its secret [oai]."""

from __future__ import annotations

import time
from collections.abc import Callable

import structlog

from pointsman.core.ids import is_sid
from pointsman.core.types import AccountSid
from pointsman.operations.call import Caller, Refused
from pointsman.operations.directory import Directory
from pointsman.operations.throttle import FailedLogins
from pointsman.ports import Account, Store
from pointsman.wire.errors import too_many_logins, unauthenticated

log = structlog.get_logger()


class Logins:
    """The accounts of the server, and their logins.

    Failed logins are throttled by the client's address: past `login_failures_per_minute` (0: no limit) wrong
    credentials get 429 instead of 401. Right ones pass even then: behind one address there may be many, and no
    stranger among them may lock the others out. What the limit holds down is what strangers can make us log and
    learn of their mistakes; against guessing stand the 128 random bits of a token or secret. A request without
    credentials is no attempt and is not counted.
    """

    def __init__(
        self,
        store: Store,
        *,
        login_failures_per_minute: int = 0,
        promoted: Callable[[Account], None] | None = None,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self.directory = Directory(store, promoted)
        self._failures = FailedLogins(login_failures_per_minute, now)

    async def login(self, user: str, password: str, address: str) -> Caller:
        """Raises: `Refused` (401, 429)."""
        caller = await self.directory.caller(user, password)
        if caller is None:
            raise self._refusal(address, user)
        return caller

    def _refusal(self, address: str, user: str) -> Refused:
        wait_s = self._failures.count(address)
        if wait_s is not None:
            return Refused(too_many_logins(), {"Retry-After": str(wait_s)})
        # What is no sid may be a secret in the wrong place.
        log.info("login_failed", address=address, user=user if is_sid(user) else None)
        return Refused(unauthenticated(credentials=True))

    async def token(self, sid: AccountSid) -> str:
        """The token that signs an account's callbacks: the primary one, until another is promoted."""
        account = await self.directory.account(sid)
        assert account is not None, "a workspace has an account"
        return account.auth_token
