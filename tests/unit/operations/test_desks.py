"""Links to a worker's desk, and what whoever comes by one may ask for."""

from __future__ import annotations

import asyncio
import base64
import re
from typing import cast

import pytest

from pointsman.core.types import AccountSid, Millis, Role, Sid, WorkspaceSid
from pointsman.operations import Refused, desks
from pointsman.operations.desks import Link, enter
from pointsman.operations.directory import Directory
from pointsman.ports import Account, ApiKey, Router, Store, UnknownWorkspace
from pointsman.resources import OPERATIONS

OWN, OTHER = AccountSid("AC" + "1" * 32), AccountSid("AC" + "2" * 32)
HOME, AWAY = WorkspaceSid("WS" + "a" * 32), WorkspaceSid("WS" + "b" * 32)
ALICE, BOB = Sid("WK" + "3" * 32), Sid("WK" + "4" * 32)
KEY = Sid("SK" + "5" * 32)
NOW_S = 1_000_000


class Owned:
    """As much of a router as a link needs."""

    def account_of(self, workspace: WorkspaceSid) -> AccountSid:
        if workspace == HOME:
            return OWN
        raise UnknownWorkspace(workspace)


class Known:
    """A store with an account of two tokens, another account, and a key that may only look."""

    async def accounts(self) -> list[Account]:
        return [
            Account(
                sid=OWN, auth_token="one", secondary_token="two", friendly_name="", created_ms=Millis(0)
            ),
            Account(sid=OTHER, auth_token="three", friendly_name="", created_ms=Millis(0)),
        ]  # fmt: skip

    async def api_keys(self) -> list[ApiKey]:
        return [
            ApiKey(
                sid=KEY,
                account=OWN,
                secret_hash="f" * 64,
                friendly_name="",
                created_ms=Millis(0),
                updated_ms=Millis(0),
                role=Role.VIEWER,
            )
        ]


def opened(key: str, worker: Sid = ALICE, *, now_s: float = NOW_S, known: type[Known] = Known) -> desks.Entry | None:
    directory = Directory(cast(Store, known()))
    return asyncio.run(enter(directory, cast(Router, Owned()), key, worker, lambda: now_s))


def hash_of(user: Sid) -> list[str]:
    return asyncio.run(Directory(cast(Store, Known())).hashes_of(user))


LINK = Link(HOME, ALICE, NOW_S + 60, None)


def test_a_link_opens_the_desk_that_it_was_made_for_until_its_time() -> None:
    key = LINK.signed(hash_of(OWN)[0])
    entry = opened(key)
    assert entry is not None
    assert (entry.link, entry.caller.worker, entry.caller.account.sid) == (LINK, ALICE, OWN)
    assert opened(key, now_s=NOW_S + 59.9) is not None
    assert opened(key, now_s=NOW_S + 60) is None
    assert opened(key, BOB) is None


def test_each_token_of_an_account_is_good_for_links_while_it_is_good() -> None:
    class Promoted(Known):
        async def accounts(self) -> list[Account]:
            return [Account(sid=OWN, auth_token="two", friendly_name="", created_ms=Millis(0))]

    first, second = (LINK.signed(each) for each in hash_of(OWN))
    assert opened(first) and opened(second)
    assert opened(first, known=Promoted) is None
    assert opened(second, known=Promoted)


def test_who_comes_by_a_link_may_no_more_than_who_made_it() -> None:
    entry = opened(LINK._replace(signer=KEY).signed(hash_of(KEY)[0]))
    assert entry is not None
    assert (entry.caller.role, entry.caller.api_key, entry.caller.worker) == (Role.VIEWER, KEY, ALICE)


def test_nothing_but_the_server_makes_links() -> None:
    good = LINK.signed(hash_of(OWN)[0])
    raw = base64.urlsafe_b64decode(good + "=")
    for at in range(len(raw)):  # no bit of it may be another
        forged = raw[:at] + bytes([raw[at] ^ 1]) + raw[at + 1 :]
        assert opened(base64.urlsafe_b64encode(forged).decode().rstrip("=")) is None
    assert opened(LINK.signed(hash_of(OTHER)[0])) is None
    assert opened(LINK._replace(workspace=AWAY).signed(hash_of(OWN)[0])) is None
    for odd in ("", "A", "é", "=" * 40, good + "A", good[:-1], good + "\n", f"{good}=", good.upper(), "A" * 5_000):
        assert opened(odd) is None, odd


def test_a_worker_may_ask_for_nothing_but_its_own_work() -> None:
    """What an operation is added to later has to be said in `desks`, or workers may not ask for it."""
    allowed = set()
    for operation in OPERATIONS:
        names = dict.fromkeys(re.findall(r"\{(\w+)\}", operation.path), "")
        own = names | {"WorkerSid": ALICE} if "WorkerSid" in names else names | {"Sid": ALICE} if names else names
        try:
            desks.check(operation, ALICE, own)
        except Refused as refused:
            assert refused.problem.status == 403
        else:
            allowed.add((operation.resource, operation.name))
        if "WorkerSid" in names or operation.resource == "worker":
            with pytest.raises(Refused, match=r"another worker's|none of that"):
                desks.check(operation, BOB, own)
    assert allowed == {
        ("desk", "fetch"),
        ("transfer_target", "list"),
        ("worker", "update"),
        ("worker_reservation", "update"),
        ("task", "update"),
        ("transfer", "create"),
        ("transfer", "update"),
        ("event", "list"),
    }
