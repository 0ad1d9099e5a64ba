"""Capability tokens: JWTs signed with an account's auth token, made by the official libraries for servers [helper]."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

import jwt
import msgspec

from pointsman.bridge.legacy.policies import NO_FILTER, Demand, Filter, Policy, canonical
from pointsman.bridge.tokens import CLOCK_SKEW_MS, jws, name_of
from pointsman.core.ids import is_sid
from pointsman.core.types import AccountSid, Millis, Sid, WorkspaceSid

LENGTH_MAX = 32 * 1024  # characters; a worker's with all that the libraries grant has 3,000
POLICIES_MAX = 200
TOKENS_KEPT_MAX = 2_048  # read, with what they say
ALGORITHM = "HS256"
CHANNELS = ("WK", "WQ", "WS")


class Capability(NamedTuple):
    """What a token says: for whose channel it is, until when, and what may be asked with it."""

    account: AccountSid
    workspace: WorkspaceSid
    channel: Sid  # of a worker, a task queue, or the workspace
    expires_ms: Millis
    policies: tuple[Policy, ...]
    signer: bytes  # names the auth token that signed it, and says nothing of it


class BadToken(Exception):
    """The token is none of ours, or does not say what it must; the message says why."""


class ExpiredToken(Exception):
    """It was good once."""


class _Claims(NamedTuple):
    """What a token says, whenever it is read."""

    capability: Capability
    begins_ms: Millis


def read_token(text: str, keys: Sequence[str], now_ms: Millis) -> Capability:
    """Read a token that one of `keys` must have signed: the auth tokens of the account that it is said to be of.

    Raises: `BadToken`, `ExpiredToken`.
    """
    capability, begins_ms = _signed(text, keys)
    if begins_ms > now_ms + CLOCK_SKEW_MS:
        raise BadToken("The token is not valid yet")
    if capability.expires_ms <= now_ms:
        raise ExpiredToken("The token has expired")
    return capability


def _signed(text: str, keys: Sequence[str]) -> _Claims:
    """Raises: `BadToken`."""
    if len(text) > LENGTH_MAX:
        raise BadToken(f"The token is too long: expected at most {LENGTH_MAX} characters")
    for key in keys:
        try:
            return _claims(text, key)
        except jwt.InvalidSignatureError:
            continue
        except (jwt.InvalidTokenError, msgspec.DecodeError, UnicodeError, RecursionError):
            raise BadToken(f"The token is no JWT, or not one made with {ALGORITHM}") from None
    raise BadToken("The token is not signed with an auth token of its account")


@lru_cache(TOKENS_KEPT_MAX)  # a page shows the same one again and again; to read it takes longer than what it asks
def _claims(text: str, key: str) -> _Claims:
    """Raises: `BadToken`; and what says that it is none, or not signed with this key."""
    claims = msgspec.json.decode(jws.decode(text, key, algorithms=[ALGORITHM]), type=dict[str, Any])
    expires_ms = _millis(claims, "exp")
    if expires_ms is None:
        raise BadToken("The token has no exp")
    account, workspace = _sid(claims, "account_sid", "AC"), _sid(claims, "workspace_sid", "WS")
    if claims.get("iss", account) != account:
        raise BadToken("The token's iss is not its account_sid")
    channel = _sid(claims, "channel", *CHANNELS)
    if channel.startswith("WS") and channel != workspace:
        raise BadToken("The token's channel is a workspace, but not its workspace_sid")
    policies = _policies(claims.get("policies"))
    capability = Capability(
        AccountSid(account), WorkspaceSid(workspace), channel, expires_ms, policies, signer=name_of(key)
    )
    return _Claims(capability, _millis(claims, "nbf") or Millis(0))


def _millis(claims: Mapping[str, Any], name: str) -> Millis | None:
    value = claims.get(name)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) < 1e15:  # nor NaN
        raise BadToken(f"The token's {name} is not a number of seconds")
    return Millis(int(value * 1000))


def _sid(claims: Mapping[str, Any], name: str, *prefixes: str) -> Sid:
    value = claims.get(name)
    if not isinstance(value, str) or not any(is_sid(value, prefix) for prefix in prefixes):
        raise BadToken(f"The token's {name} is not a sid: expected {' or '.join(prefixes)} and 32 digits")
    return value


# --- policies -----------------------------------------------------------------------------------------------------


def _policies(value: object) -> tuple[Policy, ...]:
    if not isinstance(value or [], list):
        raise BadToken("The token's policies are not a list")
    rows: list[object] = value or []  # type: ignore[assignment]
    if len(rows) > POLICIES_MAX:
        raise BadToken(f"The token has too many policies: expected at most {POLICIES_MAX}")
    return tuple(_policy(number, row) for number, row in enumerate(rows, 1))


def _policy(number: int, row: object) -> Policy:
    """`allow` missing means false [docs]."""
    if not isinstance(row, dict) or not isinstance(row.get("url"), str) or not isinstance(row.get("method"), str):
        raise BadToken(f"Policy {number} of the token is not an object with url and method")
    try:
        return Policy(
            canonical(row["url"]),
            row["method"].upper(),
            row.get("allow") is True,
            _filter(row.get("query_filter")),
            _filter(row.get("post_filter")),
        )
    except ValueError as problem:
        raise BadToken(f"Policy {number} of the token can't be read: {problem}") from None


def _filter(value: object) -> Filter:
    """Some languages write an empty object as `[]`. Raises: `ValueError`."""
    if not value:
        return NO_FILTER
    if not isinstance(value, dict):
        raise ValueError("a filter is an object")
    return {name: _demand(name, demand) for name, demand in value.items()}


def _demand(name: str, value: object) -> Demand:
    """A text must be there as it is; an object says whether the parameter is required, and its value [docs]."""
    if isinstance(value, str):
        return Demand(True, value)
    if isinstance(value, dict) and isinstance(value.get("required", False), bool):
        wanted = value.get("value")
        if wanted is None or isinstance(wanted, str):
            return Demand(value.get("required", False), wanted)
    raise ValueError(f"the filter of {name} is neither a text nor an object with required and value")
