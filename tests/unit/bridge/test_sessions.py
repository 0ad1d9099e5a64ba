"""Which sockets a request may be about."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, cast

from pointsman.bridge.connection import HOLD_MS_MAX, Times
from pointsman.bridge.session import Session
from pointsman.bridge.sessions import Sessions
from pointsman.bridge.tokens import Grant, Role
from pointsman.core.types import AccountSid, Millis, WorkspaceSid
from pointsman.core.types import Role as KeyRole
from pointsman.ports import Router

ANN, BEN = "WK" + "1" * 32, "WK" + "2" * 32


def grant(token: bytes, worker: str = ANN) -> Grant:
    return Grant(AccountSid("AC1"), WorkspaceSid("WS1"), worker, Role.WORKER, "SK1", KeyRole.FULL, Millis(0), token)


def opened(sessions: Sessions, of: Grant) -> Session:
    async def send(message: dict[str, Any]) -> None:
        pass

    router = cast(Router, None)  # of sessions that look nothing up
    made = Session(of, of.worker or "", None, router, send, lambda: None, 3_600_000, Times(0, 0))
    sessions.add(made)
    return made


def go_live(session: Session) -> None:
    session.connection.due(session._now() + HOLD_MS_MAX + 1)


def with_sessions(work: Callable[[Sessions], None]) -> None:
    async def run() -> None:
        work(Sessions())

    asyncio.run(run())


def test_a_request_with_a_newer_token_is_still_about_its_workers_sockets() -> None:
    def work(sessions: Sessions) -> None:
        first, other = opened(sessions, grant(b"1")), opened(sessions, grant(b"2"))
        opened(sessions, grant(b"3", BEN))
        assert list(sessions.of_worker(grant(b"4"))) == [first, other]
        sessions.remove(first)
        assert list(sessions.of_worker(grant(b"4"))) == [other]
        assert list(sessions.of_token(b"1")) == []

    with_sessions(work)


def test_a_list_at_the_start_is_of_the_newest_client_that_has_not_listed() -> None:
    def work(sessions: Sessions) -> None:
        lost, back = opened(sessions, grant(b"1")), opened(sessions, grant(b"1"))
        assert sessions.starting(grant(b"1")) is back
        back.connection.listing((), 1)
        assert sessions.starting(grant(b"1")) is lost
        go_live(lost)
        assert sessions.starting(grant(b"1")) is None

    with_sessions(work)


def test_what_one_client_loads_the_live_ones_with_its_token_have_not_loaded() -> None:
    def work(sessions: Sessions) -> None:
        live = opened(sessions, grant(b"1"))
        go_live(live)
        assert list(sessions.loading(grant(b"1"))) == [live]  # it can't be another's
        starts = opened(sessions, grant(b"1"))
        assert list(sessions.loading(grant(b"1"))) == [starts]

    with_sessions(work)
