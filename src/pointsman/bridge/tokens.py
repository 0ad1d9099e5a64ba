"""Access tokens of the current worker SDK: JWTs that an application signs with the secret of an API key [helper][sdk].

The time is an argument. What is wrong with a token is said in words that never quote it.
"""

from __future__ import annotations

import hashlib
from enum import StrEnum
from typing import Any, NamedTuple

import jwt
import msgspec
from jwt.algorithms import HMACAlgorithm

from pointsman.core.ids import is_sid
from pointsman.core.types import AccountSid, Millis, Sid, WorkspaceSid
from pointsman.core.types import Role as KeyRole
from pointsman.ports import ApiKey

TOKEN_LENGTH_MAX = 8_192
CLOCK_SKEW_MS = 60_000  # of whoever signs: some libraries always say "not before now" [helper]
LIFETIME_S_DEFAULT = 3_600
SECONDS_MAX = 2**40
FPA = "twilio-fpa;v=1"


class Role(StrEnum):
    WORKER = "worker"
    SUPERVISOR = "supervisor"
    ADMIN = "admin"


class BadToken(Exception):
    """Whoever shows it is not let in; the message says why, without the token."""


class Grant(NamedTuple):
    """What a good token allows. `token` names it, and says nothing of it."""

    account: AccountSid
    workspace: WorkspaceSid
    worker: Sid | None  # None: a token for a workspace's client
    role: Role
    api_key: Sid
    key_role: KeyRole  # a token allows no more than the key that signed it
    expires_ms: Millis
    token: bytes


class _OfAnyLength(HMACAlgorithm):
    """Secrets have 32 characters, whichever of the three hashes an application asks for."""

    def check_key_length(self, key: bytes) -> str | None:
        return None


_ALGORITHMS = {
    "HS256": HMACAlgorithm.SHA256,
    "HS384": HMACAlgorithm.SHA384,
    "HS512": HMACAlgorithm.SHA512,
}


def _signatures() -> jwt.PyJWS:
    made = jwt.PyJWS(algorithms=[])
    for name, hash_ in _ALGORITHMS.items():
        made.register_algorithm(name, _OfAnyLength(hash_))
    return made


jws = _signatures()


def signer_of(token: str) -> Sid:
    """The API key that a token says it is signed with; whether it is, `read` finds out. Raises: `BadToken`."""
    if len(token) > TOKEN_LENGTH_MAX:
        raise BadToken(f"The access token is longer than {TOKEN_LENGTH_MAX} characters")
    try:
        claims = _claims(jws.decode(token, algorithms=[], options={"verify_signature": False}))
    except (jwt.InvalidTokenError, UnicodeError, RecursionError):
        raise BadToken("The access token is no JWT") from None
    issuer = claims.get("iss")
    if not isinstance(issuer, str) or not is_sid(issuer, "SK"):
        raise BadToken("The access token names no API key: expected its SID (SK…) as iss")
    return issuer


def read(token: str, key: ApiKey | None, now_ms: Millis) -> Grant:
    """What a token allows; `key` is the one that it names, None: there is no such key (any longer).

    Raises: `BadToken`, if it is not signed with that key, not valid now, or grants nothing here.
    """
    if key is None:
        raise BadToken("The access token names an API key that there is not: it may have been revoked")
    if key.secret is None:
        raise BadToken(
            f"API key {key.sid} can't sign access tokens: it was made before the server kept secrets. Make another key"
        )
    try:
        claims = _claims(jws.decode(token, key.secret, algorithms=list(_ALGORITHMS)))
    except jwt.InvalidAlgorithmError:
        raise BadToken(f"The access token is signed by another algorithm than {', '.join(_ALGORITHMS)}") from None
    except jwt.InvalidTokenError:
        raise BadToken(f"The access token is not signed with the secret of API key {key.sid}") from None
    if claims.get("sub") != key.account:
        raise BadToken(f"The access token is not of the account of API key {key.sid}: expected its SID as sub")
    grant = _task_router(claims)
    worker, role = grant.get("worker_sid") or None, grant.get("role") or Role.WORKER
    workspace = grant.get("workspace_sid")
    if not isinstance(workspace, str) or not is_sid(workspace, "WS"):
        raise BadToken("The access token's task_router grant has no workspace_sid")
    if worker is not None and not (isinstance(worker, str) and is_sid(worker, "WK")):
        raise BadToken("The access token's task_router grant has a worker_sid that is none")
    if role not in list(Role):
        raise BadToken(f"The access token's role is none of {', '.join(Role)}")
    return Grant(
        account=key.account,
        workspace=WorkspaceSid(workspace),
        worker=worker,
        role=Role(role),
        api_key=key.sid,
        key_role=key.role,
        expires_ms=_valid_until(claims, now_ms),
        token=name_of(token),
    )


def name_of(token: str) -> bytes:
    """To know a secret again without keeping it."""
    return hashlib.sha256(token.encode()).digest()


def _claims(payload: bytes) -> dict[str, Any]:
    try:
        return msgspec.json.decode(payload, type=dict[str, Any])
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        raise jwt.DecodeError from None


def _task_router(claims: dict[str, Any]) -> dict[str, Any]:
    grants = claims.get("grants")
    grant = grants.get("task_router") if isinstance(grants, dict) else None
    if not isinstance(grant, dict):
        raise BadToken("The access token has no task_router grant")
    return grant


def _valid_until(claims: dict[str, Any], now_ms: Millis) -> Millis:
    expires_ms, begins_ms = _millis(claims, "exp"), _millis(claims, "nbf", 0)
    if now_ms >= expires_ms:
        raise BadToken("The access token has expired")
    if now_ms < begins_ms - CLOCK_SKEW_MS:
        raise BadToken("The access token is not valid yet: see nbf, and the clock of whoever signs")
    return Millis(expires_ms)


def _millis(claims: dict[str, Any], name: str, default: float | None = None) -> int:
    value = claims.get(name, default)
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < SECONDS_MAX:
        raise BadToken(f"The access token's {name} is no time: expected seconds since 1970")
    return int(value * 1000)


def make(
    key: Sid,
    secret: str,
    account: Sid,
    grant: dict[str, str],
    now_ms: Millis,
    *,
    lifetime_s: int = LIFETIME_S_DEFAULT,
    identity: str = "",
    algorithm: str = "HS256",
) -> str:
    """A token, as the helper libraries make it [helper]. `grant` has what `read` looks for."""
    claims = {
        "jti": f"{key}-{now_ms // 1000}",
        "grants": {"identity": identity, "task_router": grant},
        "iat": now_ms // 1000,
        "exp": now_ms // 1000 + lifetime_s,
        "iss": key,
        "sub": account,
    }
    return jws.encode(msgspec.json.encode(claims), secret, algorithm=algorithm, headers={"cty": FPA})
