"""Sessions: what they are worth, and until when. The accounts are real ones, in a real store."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pointsman.console.sessions import SESSION_S_MAX, Sessions, is_own_form, is_own_origin
from pointsman.core.types import AccountSid, Millis, Role
from pointsman.operations.directory import Directory
from pointsman.ports import Account
from pointsman.store.sqlite import SqliteStore

OWN = Account(sid=AccountSid("AC" + "1" * 32), auth_token="first", friendly_name="Own", created_ms=Millis(1))
IDLE_S = 3_600
BASE = "http://127.0.0.1:8080"
Talk = Callable[[Sessions, Directory, "Clock"], Awaitable[None]]


class Clock:
    now_s = 1_000_000.0

    def __call__(self) -> float:
        return self.now_s


@pytest.fixture
def talk(tmp_path: Path) -> Callable[[Talk], None]:
    """Runs a conversation with the sessions of one account."""

    def begin(told: Talk) -> None:
        async def run() -> None:
            store, clock = SqliteStore(tmp_path / "pointsman.db"), Clock()
            await store.open()
            try:
                await store.put_account(OWN)
                directory = Directory(store)
                await told(Sessions(directory, IDLE_S, clock), directory, clock)
            finally:
                await store.close()

        asyncio.run(run())

    return begin


def test_a_session_is_its_holders_and_nobody_can_make_one_up(talk: Callable[[Talk], None]) -> None:
    async def told(sessions: Sessions, directory: Directory, clock: Clock) -> None:
        cookie = sessions.begin(OWN.sid, "first")
        session = await sessions.find(cookie)
        assert session is not None and session.caller.account == OWN
        other = cookie[:-1] + ("0" if cookie[-1] != "0" else "1")
        for wrong in ("", "x", other, sessions.begin(OWN.sid, "guessed"), cookie + "0", cookie.replace("AC1", "AC2")):
            assert await sessions.find(wrong) is None

    talk(told)


def test_a_session_ends_with_its_time(talk: Callable[[Talk], None]) -> None:
    """Unused after a while; used, it is renewed, but not for ever."""

    async def told(sessions: Sessions, directory: Directory, clock: Clock) -> None:
        began_s = clock.now_s
        cookie = sessions.begin(OWN.sid, "first")
        clock.now_s += IDLE_S - 1
        session = await sessions.find(cookie)
        assert session is not None
        renewed = await sessions.renew(session, cookie)
        assert renewed is not None
        clock.now_s += 1
        assert await sessions.find(cookie) is None
        session = await sessions.find(renewed)
        assert session is not None and await sessions.renew(session, renewed) is None, "it is fresh"
        while session is not None:
            clock.now_s += IDLE_S - 10
            session = await sessions.find(renewed)
            if session is not None:
                renewed = await sessions.renew(session, renewed) or renewed
        assert SESSION_S_MAX <= clock.now_s - began_s <= SESSION_S_MAX + IDLE_S

    talk(told)


def test_a_session_ends_with_its_credential(talk: Callable[[Talk], None]) -> None:
    """A second token neither ends it nor is ended by it, until it is promoted."""

    async def told(sessions: Sessions, directory: Directory, clock: Clock) -> None:
        key, secret = await directory.create_key(OWN.sid, "k", Role.VIEWER)
        by_token, by_key = sessions.begin(OWN.sid, "first"), sessions.begin(key.sid, secret)
        found = await sessions.find(by_key)
        assert found is not None and (found.caller.api_key, found.caller.role) == (key.sid, Role.VIEWER)
        await directory.revoke_key(OWN.sid, key.sid)
        assert await sessions.find(by_key) is None

        account = await directory.add_secondary(OWN.sid)
        by_second = sessions.begin(OWN.sid, str(account.secondary_token))
        assert await sessions.find(by_token) and await sessions.find(by_second)
        await directory.promote(OWN.sid)
        assert await sessions.find(by_token) is None
        assert await sessions.find(by_second)

    talk(told)


def test_who_signed_out_is_out_and_others_are_not(talk: Callable[[Talk], None]) -> None:
    async def told(sessions: Sessions, directory: Directory, clock: Clock) -> None:
        first, second = sessions.begin(OWN.sid, "first"), sessions.begin(OWN.sid, "first")
        session = await sessions.find(first)
        assert session is not None
        sessions.end(session)
        assert await sessions.find(first) is None
        assert await sessions.find(second)

    talk(told)


def test_a_form_belongs_to_one_session(talk: Callable[[Talk], None]) -> None:
    async def told(sessions: Sessions, directory: Directory, clock: Clock) -> None:
        first, second = [await sessions.find(sessions.begin(OWN.sid, "first")) for _ in range(2)]
        assert first is not None and second is not None
        assert is_own_form(first, first.csrf)
        assert not is_own_form(first, second.csrf)
        assert not is_own_form(first, "")

    talk(told)


@pytest.mark.parametrize(
    ("headers", "own"),
    [
        ({"sec-fetch-site": "same-origin", "origin": "https://behind.a.proxy"}, True),
        ({"sec-fetch-site": "same-site"}, False),
        ({"sec-fetch-site": "cross-site", "origin": BASE}, False),
        ({"origin": BASE}, True),
        ({"origin": "http://127.0.0.1:9090"}, False),
        ({"origin": "null"}, False),
        ({"origin": "https://127.0.0.1:8080"}, False),
        ({"origin": "http://desk.example", "host": "desk.example"}, True),
        ({"origin": "https://desk.example", "host": "desk.example"}, False),
        ({}, True),
    ],
)
def test_a_browser_says_whose_form_it_sends(headers: dict[str, str], own: bool) -> None:
    assert is_own_origin(headers, BASE) is own


@given(st.text())
def test_no_text_is_a_session_by_chance(text: str) -> None:
    sessions = Sessions(Directory(SqliteStore(Path("never-opened.db"))), IDLE_S, Clock())
    assert asyncio.run(sessions.find(text)) is None
