"""Access tokens: who is let in, and what the others are told; never the token itself."""

from __future__ import annotations

from base64 import urlsafe_b64encode
from typing import Any

import jwt
import msgspec
import pytest
from twilio.jwt.access_token import AccessToken
from twilio.jwt.access_token.grants import TaskRouterGrant

from pointsman.bridge import tokens
from pointsman.bridge.tokens import CLOCK_SKEW_MS, BadToken, Role
from pointsman.core.types import AccountSid, Millis
from pointsman.ports import ApiKey

ACCOUNT, WORKSPACE, WORKER = AccountSid("AC" + "1" * 32), "WS" + "2" * 32, "WK" + "3" * 32
NOW = Millis(1_790_000_000_000)
SECRET = "s" * 32
KEY = ApiKey(
    sid="SK" + "4" * 32,
    account=ACCOUNT,
    secret_hash="h",
    friendly_name="",
    created_ms=NOW,
    updated_ms=NOW,
    secret=SECRET,
)
GRANT = {"workspace_sid": WORKSPACE, "worker_sid": WORKER, "role": "worker"}
CLAIMS = {"iss": KEY.sid, "sub": ACCOUNT, "exp": NOW // 1000 + 3_600, "grants": {"identity": "x", "task_router": GRANT}}


def signed(claims: dict[str, Any], secret: str = SECRET, algorithm: str = "HS256") -> str:
    return jwt.encode(claims, secret, algorithm=algorithm)


def encoded(*parts: bytes) -> str:
    """What looks like a token until its parts are read."""
    return ".".join([*(urlsafe_b64encode(part).decode().rstrip("=") for part in parts), "AAAA"])


def why(token: str, key: ApiKey | None = KEY, now_ms: int = NOW) -> str:
    """What whoever shows it is told."""
    with pytest.raises(BadToken) as refused:
        tokens.signer_of(token)
        tokens.read(token, key, Millis(now_ms))
    said = str(refused.value)
    assert not any(len(part) > 8 and part in said for part in token.split("."))
    assert SECRET not in said
    return said


@pytest.mark.parametrize("algorithm", ["HS256", "HS384", "HS512"])
def test_what_the_helper_library_makes_is_good(algorithm: str) -> None:
    """It says "not before now", by a clock that may go ahead of ours."""
    made = AccessToken(ACCOUNT, KEY.sid, SECRET, identity="dana", ttl=3_600, nbf=NOW // 1000 + 30)
    made.add_grant(TaskRouterGrant(workspace_sid=WORKSPACE, worker_sid=WORKER, role="supervisor"))
    payload = jwt.decode(made.to_jwt(), options={"verify_signature": False})
    token = tokens.jws.encode(msgspec.json.encode(payload), SECRET, algorithm=algorithm)
    assert tokens.signer_of(token) == KEY.sid
    grant = tokens.read(token, KEY, NOW)
    assert (grant.account, grant.workspace, grant.worker) == (ACCOUNT, WORKSPACE, WORKER)
    assert (grant.role, grant.api_key) == (Role.SUPERVISOR, KEY.sid)


def test_what_is_left_out_of_a_grant_is_nothing_or_the_least() -> None:
    grant = tokens.read(
        signed(CLAIMS | {"grants": {"task_router": {"workspace_sid": WORKSPACE}, "sync": {}}}), KEY, NOW
    )
    assert (grant.worker, grant.role) == (None, Role.WORKER)


def test_a_token_is_valid_from_a_little_before_its_time_until_it_expires() -> None:
    begins = NOW // 1000 + 600
    token = signed(CLAIMS | {"nbf": begins})
    assert "not valid yet" in why(token, now_ms=begins * 1000 - CLOCK_SKEW_MS - 1)
    assert tokens.read(token, KEY, Millis(begins * 1000 - CLOCK_SKEW_MS)).worker == WORKER
    expires_ms = int(CLAIMS["exp"]) * 1000  # type: ignore[call-overload]
    assert tokens.read(token, KEY, Millis(expires_ms - 1)).expires_ms == expires_ms
    assert "expired" in why(token, now_ms=expires_ms)


def test_a_key_of_before_says_that_it_can_not_sign() -> None:
    old = ApiKey(sid=KEY.sid, account=ACCOUNT, secret_hash="h", friendly_name="", created_ms=NOW, updated_ms=NOW)
    assert "made before the server kept secrets" in why(signed(CLAIMS), old)


@pytest.mark.parametrize(
    ("token", "key", "expected"),
    [
        ("", KEY, "no JWT"),
        ("a.b.c", KEY, "no JWT"),
        ("x" * 9_000, KEY, "longer"),
        ("\ud800.b.c", KEY, "no JWT"),
        (encoded(b'{"alg":"HS256"}', b'{"iss":"\xff"}'), KEY, "no JWT"),
        (encoded(b'{"alg":"HS256"}', b'{"a":' + b"[" * 5_000), KEY, "no JWT"),
        (encoded(b'{"a":' + b"[" * 5_000, b"{}"), KEY, "no JWT"),
        (signed({"iss": "me"}), KEY, "names no API key"),
        (signed(CLAIMS), None, "there is not"),
        (signed(CLAIMS, "t" * 32), KEY, "not signed with the secret"),
        (signed(CLAIMS)[:-4] + "AAAA", KEY, "not signed with the secret"),
        (jwt.encode(CLAIMS, "", algorithm="none"), KEY, "another algorithm"),
        (signed(CLAIMS | {"sub": "AC" + "9" * 32}), KEY, "not of the account"),
        (signed(CLAIMS | {"exp": "soon"}), KEY, "exp is no time"),
        (signed({name: each for name, each in CLAIMS.items() if name != "exp"}), KEY, "exp is no time"),
        (signed(CLAIMS | {"exp": True}), KEY, "exp is no time"),
        (signed(CLAIMS | {"nbf": []}), KEY, "nbf is no time"),
        (signed(CLAIMS | {"grants": []}), KEY, "no task_router grant"),
        (signed(CLAIMS | {"grants": {"chat": {}}}), KEY, "no task_router grant"),
        (signed(CLAIMS | {"grants": {"task_router": {}}}), KEY, "no workspace_sid"),
        (signed(CLAIMS | {"grants": {"task_router": GRANT | {"worker_sid": "me"}}}), KEY, "worker_sid that is none"),
        (signed(CLAIMS | {"grants": {"task_router": GRANT | {"role": "god"}}}), KEY, "none of worker, supervisor"),
        (signed(CLAIMS | {"grants": {"task_router": GRANT | {"role": ["admin"]}}}), KEY, "none of worker, supervisor"),
    ],
)
def test_why_a_token_is_refused(token: str, key: ApiKey | None, expected: str) -> None:
    assert expected in why(token, key)


def test_a_token_for_trying_out_is_one_that_is_let_in() -> None:
    made = tokens.make(KEY.sid, SECRET, ACCOUNT, GRANT, NOW, lifetime_s=60)
    assert tokens.read(made, KEY, NOW).expires_ms == NOW + 60_000
    assert jwt.get_unverified_header(made)["cty"] == "twilio-fpa;v=1"
