"""The accounts of the server and their credentials, all in memory: one server uses a database, and changes them here
alone. So a login needs no database, costs the same whoever tries it, and a revocation takes effect at once."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import secrets
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import structlog
from msgspec.structs import replace

from pointsman.core.errors import Invalid, NotFound, Rejected
from pointsman.core.types import AccountSid, Millis, Role, Sid
from pointsman.operations.call import Caller, Refused
from pointsman.ports import Account, ApiKey, Store
from pointsman.resources.accounts import ACCOUNTS_MAX, API_KEYS_MAX
from pointsman.wire.errors import conflict

log = structlog.get_logger()
NOBODY = "-" * 32  # compared with, where there is nothing to compare with
NOBODYS_HASH = NOBODY * 2
RECENT_MAX = 1_024


class Directory:
    """`promoted` is told of an account whose primary token has changed; it may write files. `revoked` is told of an API
    key that is gone, by its sid; `rotated`, of an account of which one auth token is good no more."""

    def __init__(self, store: Store, promoted: Callable[[Account], None] | None = None) -> None:
        self._store, self._promoted = store, promoted
        self.revoked: Callable[[Sid], None] = lambda sid: None
        self.rotated: Callable[[Account], None] = lambda account: None
        self._lock = asyncio.Lock()
        self._read = False
        self._accounts: dict[str, Account] = {}
        self._keys: dict[str, ApiKey] = {}
        self._recent: dict[tuple[str, str], Caller] = {}  # by credentials that were right; until anything changes

    # --- looking up -----------------------------------------------------------------------------------------------

    async def caller(self, user: str, password: str) -> Caller | None:
        """Who has these credentials: an account's sid with either token, or an API key's sid with its secret.

        Whatever the user, the password is compared with two tokens and a hash, each in constant time. Right ones are
        remembered: to find them again takes a keyed hash of the whole, which tells a stranger nothing.
        """
        await self._ready()
        caller = self._recent.get((user, password))
        if caller is None and (caller := self._compared(user, password)) is not None:
            if len(self._recent) >= RECENT_MAX:
                self._recent.clear()
            self._recent[user, password] = caller
        return caller

    def _compared(self, user: str, password: str) -> Caller | None:
        account, key = self._accounts.get(user), self._keys.get(user)
        given = password.encode()
        tokens = (account.auth_token, account.secondary_token) if account else (None, None)
        matches = [hmac.compare_digest(given, (token or NOBODY).encode()) for token in tokens]
        is_secret = hmac.compare_digest(_hash(password), key.secret_hash if key else NOBODYS_HASH)
        if account and any(match and token for match, token in zip(matches, tokens, strict=True)):
            return Caller(account, None)
        return self._by_key(key) if key and is_secret else None

    def _by_key(self, key: ApiKey) -> Caller:
        return Caller(self._accounts[key.account], key.sid, key.role)

    async def holder(self, user: str) -> Caller | None:
        """Who would ask with the credentials of this sid: for doors that know them to be right in their own way."""
        await self._ready()
        if key := self._keys.get(user):
            return self._by_key(key)
        account = self._accounts.get(user)
        return Caller(account, None) if account else None

    async def hashes_of(self, user: str) -> list[str]:
        """The SHA-256, in hexadecimal, of each secret that is good for this sid: what a door may sign with."""
        await self._ready()
        if key := self._keys.get(user):
            return [key.secret_hash]
        account = self._accounts.get(user)
        tokens = (account.auth_token, account.secondary_token) if account else ()
        return [_hash(token) for token in tokens if token]

    async def account(self, sid: str) -> Account | None:
        await self._ready()
        return self._accounts.get(sid)

    async def accounts_of(self, owner: AccountSid) -> list[Account]:
        """Its own, and those that it made, oldest first."""
        await self._ready()
        found = [each for each in self._accounts.values() if owner in (each.sid, each.owner)]
        return sorted(found, key=lambda each: (each.created_ms, each.sid))

    async def keys_of(self, account: AccountSid) -> list[ApiKey]:
        """Oldest first."""
        await self._ready()
        found = [each for each in self._keys.values() if each.account == account]
        return sorted(found, key=lambda each: (each.created_ms, each.sid))

    async def key(self, account: AccountSid, sid: str) -> ApiKey:
        """Raises: `NotFound`, if it is not this account's."""
        await self._ready()
        return self._key(account, sid)

    async def signer(self, sid: str) -> ApiKey | None:
        """The key that a token says it is signed with."""
        await self._ready()
        return self._keys.get(sid)

    def _key(self, account: AccountSid, sid: str) -> ApiKey:
        key = self._keys.get(sid)
        if key is None or key.account != account:
            raise NotFound(sid)
        return key

    async def _ready(self) -> None:
        if not self._read:
            async with self._lock:
                await self._read_all()

    async def _read_all(self) -> None:
        if not self._read:
            accounts, keys = await self._store.accounts(), await self._store.api_keys()
            self._accounts = {account.sid: account for account in accounts}
            self._keys = {key.sid: key for key in keys}
            self._recent.clear()
            self._read = True

    # --- changing -------------------------------------------------------------------------------------------------

    @asynccontextmanager
    async def _changing(self) -> AsyncIterator[Millis]:
        """One change at a time, stored before it is seen. If storing fails, it is not known what is stored."""
        async with self._lock:
            await self._read_all()
            try:
                yield await self._store.now_ms()
            except (Refused, Rejected):
                raise
            except BaseException:
                self._read = False
                raise

    async def create_account(self, owner: AccountSid, name: Callable[[Millis], str]) -> Account:
        """Raises: `Invalid`, if there are too many."""
        async with self._changing() as now_ms:
            if len(self._accounts) >= ACCOUNTS_MAX:
                raise Invalid(f"Cannot create another account: a server has at most {ACCOUNTS_MAX}")
            account = Account(
                sid=AccountSid(_new_sid("AC", now_ms)),
                auth_token=_new_secret(),
                friendly_name=name(now_ms),
                created_ms=now_ms,
                owner=owner,
            )
            await self._put_account(account)
            return account

    async def rename_account(self, sid: AccountSid, name: str) -> Account:
        async with self._changing() as now_ms:
            return await self._put_account(replace(self._accounts[sid], friendly_name=name, updated_ms=now_ms))

    async def create_key(self, account: AccountSid, name: str, role: Role = Role.FULL) -> tuple[ApiKey, str]:
        """The key and its secret, which nobody can be told again. Raises: `Invalid`, if there are too many."""
        async with self._changing() as now_ms:
            if sum(each.account == account for each in self._keys.values()) >= API_KEYS_MAX:
                raise Invalid(f"Cannot create another API key: an account has at most {API_KEYS_MAX}; revoke one first")
            secret = _new_secret()
            key = ApiKey(
                sid=_new_sid("SK", now_ms),
                account=account,
                secret_hash=_hash(secret),
                secret=secret,
                friendly_name=name,
                created_ms=now_ms,
                updated_ms=now_ms,
                role=role,
            )
            await self._put_key(key)
            return key, secret

    async def rename_key(self, account: AccountSid, sid: str, name: str) -> ApiKey:
        """Raises: `NotFound`."""
        async with self._changing() as now_ms:
            return await self._put_key(replace(self._key(account, sid), friendly_name=name, updated_ms=now_ms))

    async def revoke_key(self, account: AccountSid, sid: str) -> None:
        """Raises: `NotFound`."""
        async with self._changing():
            key = self._key(account, sid)
            await self._store.delete_api_key(key.sid)
            del self._keys[key.sid]
            self._recent.clear()
            self.revoked(key.sid)

    # --- tokens ---------------------------------------------------------------------------------------------------

    async def add_secondary(self, sid: AccountSid) -> Account:
        """Raises: `Refused` (409), if it has one."""
        async with self._changing() as now_ms:
            account = self._accounts[sid]
            if account.secondary_token:
                raise Refused(
                    conflict("The account has a secondary auth token already: promote it, or delete it first")
                )
            return await self._put_account(replace(account, secondary_token=_new_secret(), updated_ms=now_ms))

    async def drop_secondary(self, sid: AccountSid) -> None:
        """Raises: `NotFound`, if it has none."""
        async with self._changing() as now_ms:
            account = self._accounts[sid]
            if not account.secondary_token:
                raise NotFound("The secondary auth token")
            self.rotated(await self._put_account(replace(account, secondary_token=None, updated_ms=now_ms)))

    async def promote(self, sid: AccountSid) -> Account:
        """The secondary token becomes the only one. Raises: `Refused` (409), if there is none."""
        async with self._changing() as now_ms:
            account = self._accounts[sid]
            if not account.secondary_token:
                raise Refused(conflict("The account has no secondary auth token to promote: create one first"))
            account = await self._put_account(
                replace(account, auth_token=account.secondary_token, secondary_token=None, updated_ms=now_ms)
            )
            self.rotated(account)
            await self._tell_promoted(account)
            return account

    async def _tell_promoted(self, account: Account) -> None:
        if self._promoted is None:
            return
        try:
            await asyncio.to_thread(self._promoted, account)
        except (OSError, ValueError) as problem:  # it is promoted all the same; the next start mends the files
            log.error("token_file_not_written", account=account.sid, problem=type(problem).__name__)

    async def _put_account(self, account: Account) -> Account:
        await self._store.put_account(account)
        self._accounts[account.sid] = account
        self._recent.clear()
        return account

    async def _put_key(self, key: ApiKey) -> ApiKey:
        await self._store.put_api_key(key)
        self._keys[key.sid] = key
        self._recent.clear()
        return key


def _new_sid(prefix: str, now_ms: Millis) -> Sid:
    """It ends in the time of its creation: a page's cursor keeps its place when its row is gone."""
    return f"{prefix}{secrets.token_hex(10)}{now_ms:012x}"


def _new_secret() -> str:
    return secrets.token_hex(16)


def _hash(secret: str) -> str:
    """Slow hashes are for passwords that people choose. A secret is 128 random bits: to guess one from its SHA-256 is
    as hopeless as to guess it outright, and a login stays cheap."""
    return hashlib.sha256(secret.encode()).hexdigest()
