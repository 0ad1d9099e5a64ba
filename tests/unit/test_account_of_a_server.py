"""Which account a server is started for, and which token counts: the set one, the database's, the folder's."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from pointsman import bootstrap, runfile
from pointsman.core.types import AccountSid, Millis
from pointsman.ports import Account
from pointsman.store.sqlite import SqliteStore

OWN, OTHER = AccountSid("AC" + "1" * 32), AccountSid("AC" + "2" * 32)
Answer = tuple[Account, Path | None, bool]


def start(data: Path, stored: list[Account] | None = None, **settings: Any) -> tuple[Answer, list[Account]]:
    """What a start finds and what the database holds afterwards."""

    async def run() -> tuple[Answer, list[Account]]:
        store = SqliteStore(data / "pointsman.db")
        await store.open()
        try:
            for account in stored or []:
                await store.put_account(account)
            found = await bootstrap._account(store, {"account_sid": None, "auth_token": None} | settings, data)
            return found, await store.accounts()
        finally:
            await store.close()

    return asyncio.run(run())


def kept(data: Path, name: str = runfile.CREDENTIALS) -> str | None:
    found = runfile.read_credentials(data, name)
    return found.auth_token if found else None


def test_the_first_start_makes_an_account_and_keeps_its_token(tmp_path: Path) -> None:
    (account, path, is_new), stored = start(tmp_path)
    assert (path, is_new, stored) == (tmp_path / "credentials.json", True, [account])
    assert kept(tmp_path) == account.auth_token
    assert start(tmp_path)[0] == (account, path, False)


def test_a_promotion_that_the_file_missed_stays(tmp_path: Path) -> None:
    """The database is the truth, and the file is mended."""
    (account, _, _), _ = start(tmp_path)
    promoted = replace(account, auth_token="promoted", updated_ms=Millis(5))
    (found, path, is_new), stored = start(tmp_path, [promoted])
    assert (found, is_new, stored) == (promoted, False, [promoted])
    assert path is not None
    assert kept(tmp_path, path.name) == "promoted"


def test_with_a_new_database_the_folders_account_goes_on(tmp_path: Path) -> None:
    (account, _, _), _ = start(tmp_path)
    (tmp_path / "pointsman.db").unlink()
    (again, _, is_new), _ = start(tmp_path)
    assert (again.sid, again.auth_token, is_new) == (account.sid, account.auth_token, False)


def test_a_token_that_is_set_wins_and_stays_set(tmp_path: Path) -> None:
    """A second one that is on its way stays too, unless it is the very one."""
    stored = Account(sid=OWN, auth_token="first", friendly_name="n", created_ms=Millis(1), secondary_token="second")
    (account, path, _), _ = start(tmp_path, [stored], auth_token="set")
    assert (account.auth_token, account.secondary_token, path) == ("set", "second", None)
    (account, _, _), _ = start(tmp_path, auth_token="second")
    assert (account.auth_token, account.secondary_token) == ("second", None)
    (account, _, _), _ = start(tmp_path)
    assert account.auth_token == "second"


def test_the_oldest_account_that_nobody_made_is_the_servers(tmp_path: Path) -> None:
    made = Account(sid=OTHER, auth_token="t", friendly_name="", created_ms=Millis(1), owner=OWN)
    own = Account(sid=OWN, auth_token="t", friendly_name="", created_ms=Millis(2))
    (account, path, is_new), _ = start(tmp_path, [made, own])
    assert (account, is_new) == (own, False)
    assert path is not None
    assert kept(tmp_path) == "t"


def test_a_promoted_token_goes_into_the_files_of_its_account_alone(tmp_path: Path) -> None:
    """And files that were not there are not made."""
    run = runfile.Run(pid=1, url="u", tls_url="t", account_sid=OWN, auth_token="old", version="1")
    runfile.write_private(tmp_path / runfile.NAME, run)
    runfile.change_token(tmp_path, OTHER, "new")
    assert [path.name for path in tmp_path.iterdir()] == [runfile.NAME]
    for sid, name in ((OWN, runfile.CREDENTIALS), (OTHER, runfile.credentials_name(OTHER))):
        runfile.write_private(tmp_path / name, runfile.Credentials(account_sid=sid, auth_token="old"))
    runfile.change_token(tmp_path, OTHER, "new")
    assert (kept(tmp_path), kept(tmp_path, f"credentials-{OTHER}.json")) == ("old", "new")
    assert runfile.read_run(tmp_path) == run
    runfile.change_token(tmp_path, OWN, "newer")
    assert (kept(tmp_path), runfile.read_run(tmp_path)) == ("newer", replace(run, auth_token="newer"))
    assert (tmp_path / runfile.NAME).stat().st_mode & 0o777 == 0o600


def test_a_limit_below_zero_is_refused(tmp_path: Path) -> None:
    settings = {"log_level": "info", "login_failures_per_minute": -1}
    with pytest.raises(bootstrap.CannotServe, match="login_failures_per_minute is below 0"):
        bootstrap.run(settings, tmp_path, lambda started: None)
