"""Who is let in, with what, and until when. The store is a real one."""

from __future__ import annotations

import asyncio
import base64
import hashlib
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TypeVar

import pytest
from starlette.requests import Request
from structlog.testing import capture_logs

from pointsman.api.auth import authenticate
from pointsman.core.errors import Invalid, NotFound
from pointsman.core.types import AccountSid, Millis
from pointsman.operations import Logins, Refused, directory
from pointsman.ports import Account, StoreUnavailable
from pointsman.store.sqlite import SqliteStore

T = TypeVar("T")
OWN = Account(sid=AccountSid("AC" + "1" * 32), auth_token="first", friendly_name="Own", created_ms=Millis(1))
OTHER = Account(sid=AccountSid("AC" + "2" * 32), auth_token="others", friendly_name="Other", created_ms=Millis(2))
HERE, THERE = "192.0.2.1", "192.0.2.2"


class Forgetful(SqliteStore):
    """A database whose acknowledgement gets lost, when it is told so: the change took place."""

    lose = False

    async def put_account(self, account: Account) -> None:
        await super().put_account(account)
        if self.lose:
            raise StoreUnavailable("gone")


def with_accounts(folder: Path, talk: Callable[[Logins, Forgetful], Awaitable[T]], per_minute: int = 0) -> T:
    async def run() -> T:
        store = Forgetful(folder / "pointsman.db")
        await store.open()
        try:
            for account in (OWN, OTHER):
                await store.put_account(account)
            return await talk(Logins(store, login_failures_per_minute=per_minute, now=lambda: 1_000.0), store)
        finally:
            await store.close()

    return asyncio.run(run())


def request(user: str, password: str, address: str = HERE) -> Request:
    text = base64.b64encode(f"{user}:{password}".encode())
    headers = [(b"authorization", b"Basic " + text)]
    return Request({"type": "http", "method": "GET", "path": "/", "headers": headers, "client": (address, 1)})


async def status(accounts: Logins, user: str, password: str, address: str = HERE) -> int:
    try:
        await authenticate(accounts, request(user, password, address))
    except Refused as refused:
        return refused.problem.status
    return 200


def test_tokens_and_secrets_open_only_what_they_belong_to(tmp_path: Path) -> None:
    async def talk(accounts: Logins, store: Forgetful) -> None:
        key, secret = await accounts.directory.create_key(OWN.sid, "k")
        caller = await authenticate(accounts, request(key.sid, secret))
        assert (caller.account, caller.api_key) == (OWN, key.sid)
        caller = await authenticate(accounts, request(OWN.sid, "first"))
        assert (caller.account, caller.api_key) == (OWN, None)
        wrong = [
            (OWN.sid, "others"),
            (OWN.sid, secret),
            (OWN.sid, ""),
            (OWN.sid, directory.NOBODY),
            (key.sid, "first"),
            (key.sid, key.secret_hash),
            (key.sid, ""),
            (key.sid, directory.NOBODY),
            ("AC" + "3" * 32, "first"),
            ("AC" + "3" * 32, directory.NOBODY),
            ("SK" + "3" * 32, directory.NOBODY),
            ("", "first"),
        ]
        assert {await status(accounts, *each) for each in wrong} == {401}

    with_accounts(tmp_path, talk)


def test_a_secret_is_kept_for_signing_and_stands_in_the_database_alone(tmp_path: Path) -> None:
    """In files that nobody else may read."""

    async def talk(accounts: Logins, store: Forgetful) -> str:
        key, secret = await accounts.directory.create_key(OWN.sid, "k")
        assert await store.api_keys() == [key]
        assert (key.secret, key.secret_hash) == (secret, hashlib.sha256(secret.encode()).hexdigest())
        return secret

    secret = with_accounts(tmp_path, talk)
    assert len(secret) == 32
    holding = [path for path in tmp_path.iterdir() if secret.encode() in path.read_bytes()]
    assert holding
    assert {path.name.partition(".db")[0] for path in holding} == {"pointsman"}
    assert {path.stat().st_mode & 0o077 for path in holding} == {0}


def test_a_revoked_key_is_refused_at_once_and_after_a_restart(tmp_path: Path) -> None:
    async def talk(accounts: Logins, store: Forgetful) -> None:
        key, secret = await accounts.directory.create_key(OWN.sid, "k")
        kept, kept_secret = await accounts.directory.create_key(OWN.sid, "kept")
        assert await status(accounts, key.sid, secret) == 200
        with pytest.raises(NotFound):
            await accounts.directory.revoke_key(OTHER.sid, key.sid)
        await accounts.directory.revoke_key(OWN.sid, key.sid)
        for each in (accounts, Logins(store)):
            assert await status(each, key.sid, secret) == 401
            assert await status(each, kept.sid, kept_secret) == 200

    with_accounts(tmp_path, talk)


def test_both_tokens_are_good_until_the_second_is_promoted_or_dropped(tmp_path: Path) -> None:
    """And the first one signs until then."""

    async def talk(accounts: Logins, store: Forgetful) -> None:
        second = (await accounts.directory.add_secondary(OWN.sid)).secondary_token
        assert second
        assert [await status(accounts, OWN.sid, token) for token in ("first", second)] == [200, 200]
        assert await accounts.token(OWN.sid) == "first"
        await accounts.directory.drop_secondary(OWN.sid)
        assert [await status(accounts, OWN.sid, token) for token in ("first", second)] == [200, 401]

        third = (await accounts.directory.add_secondary(OWN.sid)).secondary_token
        assert third not in (None, second)
        await accounts.directory.promote(OWN.sid)
        for each in (accounts, Logins(store)):
            assert [await status(each, OWN.sid, token) for token in ("first", second, str(third))] == [401, 401, 200]
            assert await each.token(OWN.sid) == third
            assert await status(each, OTHER.sid, "others") == 200

    with_accounts(tmp_path, talk)


def test_of_two_rotations_at_once_one_takes_place(tmp_path: Path) -> None:
    async def talk(accounts: Logins, store: Forgetful) -> None:
        both = (accounts.directory.add_secondary(OWN.sid), accounts.directory.add_secondary(OWN.sid))
        done, refused = sorted(
            await asyncio.gather(*both, return_exceptions=True), key=lambda r: isinstance(r, Refused)
        )
        assert isinstance(done, Account)
        assert isinstance(refused, Refused)
        assert refused.problem.status == 409
        assert await store.account(OWN.sid) == done

    with_accounts(tmp_path, talk)


def test_a_change_whose_acknowledgement_was_lost_is_looked_up(tmp_path: Path) -> None:
    """What the database holds counts, not what we believed."""

    async def talk(accounts: Logins, store: Forgetful) -> None:
        second = str((await accounts.directory.add_secondary(OWN.sid)).secondary_token)
        store.lose = True
        with pytest.raises(StoreUnavailable):
            await accounts.directory.promote(OWN.sid)
        assert [await status(accounts, OWN.sid, token) for token in ("first", second)] == [401, 200]

    with_accounts(tmp_path, talk)


def test_a_file_that_can_not_be_written_does_not_undo_a_promotion(tmp_path: Path) -> None:
    async def talk(accounts: Logins, store: Forgetful) -> None:
        def fail(account: Account) -> None:
            raise PermissionError(13, "Permission denied", "credentials.json")

        told = directory.Directory(store, fail)
        second = (await told.add_secondary(OWN.sid)).secondary_token
        with capture_logs() as logged:
            assert (await told.promote(OWN.sid)).auth_token == second
        assert [line["event"] for line in logged] == ["token_file_not_written"]
        assert second not in str(logged)

    with_accounts(tmp_path, talk)


def test_there_is_a_limit_to_keys_and_to_accounts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(directory, "API_KEYS_MAX", 1)
    monkeypatch.setattr(directory, "ACCOUNTS_MAX", 3)

    async def talk(accounts: Logins, store: Forgetful) -> None:
        key, _ = await accounts.directory.create_key(OWN.sid, "")
        with pytest.raises(Invalid, match="at most 1; revoke one first"):
            await accounts.directory.create_key(OWN.sid, "")
        await accounts.directory.create_key(OTHER.sid, "")
        await accounts.directory.revoke_key(OWN.sid, key.sid)
        await accounts.directory.create_key(OWN.sid, "")
        made = await accounts.directory.create_account(OWN.sid, lambda now_ms: "third")
        assert (made.owner, await accounts.directory.accounts_of(OWN.sid)) == (OWN.sid, [OWN, made])
        with pytest.raises(Invalid, match="a server has at most 3"):
            await accounts.directory.create_account(OWN.sid, lambda now_ms: "fourth")

    with_accounts(tmp_path, talk)


# --- failures -----------------------------------------------------------------------------------------------------


def test_wrong_credentials_are_throttled_by_address_and_right_ones_are_not(tmp_path: Path) -> None:
    """Unknown users and wrong passwords alike; a request without credentials is no attempt."""

    async def talk(accounts: Logins, store: Forgetful) -> None:
        wrong = [await status(accounts, user, "no") for user in (OWN.sid, "AC" + "3" * 32, "x", OWN.sid)]
        assert wrong == [401, 401, 401, 429]
        with pytest.raises(Refused) as refused:
            await authenticate(accounts, request(OWN.sid, "no"))
        assert refused.value.headers == {"Retry-After": "20"}
        assert refused.value.problem.code == 20429
        assert await status(accounts, OWN.sid, "first") == 200
        assert await status(accounts, OWN.sid, "no", THERE) == 401
        bare = Request({"type": "http", "method": "GET", "path": "/", "headers": [], "client": (HERE, 1)})
        with pytest.raises(Refused) as refused:
            await authenticate(accounts, bare)
        assert refused.value.problem.status == 401

    with_accounts(tmp_path, talk, per_minute=3)


def test_failures_are_logged_without_credentials_and_only_while_there_is_room(tmp_path: Path) -> None:
    """Somebody may have put the secret where the user belongs."""

    async def talk(accounts: Logins, store: Forgetful) -> None:
        with capture_logs() as logged:
            for user in (OWN.sid, "a secret", OWN.sid):
                await status(accounts, user, "a secret")
        assert [(line["event"], line["user"], line["address"]) for line in logged] == [
            ("login_failed", OWN.sid, HERE),
            ("login_failed", None, HERE),
        ]
        assert "a secret" not in str(logged)

    with_accounts(tmp_path, talk, per_minute=2)


def test_a_login_needs_no_database(tmp_path: Path) -> None:
    """One server uses a database: nobody changes it behind our back."""

    async def talk(accounts: Logins, store: Forgetful) -> None:
        assert await status(accounts, OWN.sid, "first") == 200
        await store.close()
        assert await status(accounts, OWN.sid, "first") == 200
        assert await status(accounts, OWN.sid, "no") == 401

    with_accounts(tmp_path, talk)
