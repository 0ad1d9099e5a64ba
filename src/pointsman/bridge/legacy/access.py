"""Who may: tokens against the accounts of the server, and against the channel and the requests that they come with."""

from __future__ import annotations

from collections.abc import Sequence

from pointsman.bridge.legacy.policies import Path, allows
from pointsman.bridge.legacy.requests import Asked
from pointsman.bridge.legacy.tokens import BadToken, Capability, ExpiredToken, read_token
from pointsman.core.types import Millis, Sid
from pointsman.operations import Refused
from pointsman.ports import Account
from pointsman.wire.errors import FORBIDDEN, UNAUTHENTICATED
from pointsman.wire.forms import Pairs

CHANNELS: Path = ("wschannels",)


def capability(token: str, account: Account | None, channel: str, now_ms: Millis) -> Capability:
    """What a token says that came for a channel of an account; either of the account's auth tokens may have signed it.

    Raises: `Refused`: 401, if it has expired; 403, if it is none, or for another channel [sdk1].
    """
    keys = [key for key in (account.auth_token, account.secondary_token) if key] if account else []
    try:
        found = read_token(token, keys, now_ms)
    except ExpiredToken as problem:
        raise Refused(UNAUTHENTICATED.problem(str(problem))) from None
    except BadToken as problem:
        raise Refused(FORBIDDEN.problem(str(problem))) from None
    if account is None or (found.account, found.channel) != (account.sid, channel):
        raise _forbidden("The token is for another channel than the one in the path")
    return found


def check_channel(found: Capability, method: str) -> None:
    """GET is for the socket, POST for requests: "web sockets" grants both [helper]. Raises: `Refused` (403)."""
    _check(found, method, (*CHANNELS, found.account, found.channel))


def check_request(found: Capability, asked: Asked) -> None:
    """Raises: `Refused` (403)."""
    if asked.segments[:2] != ("Workspaces", found.workspace):
        raise _forbidden(f"The token is for {found.workspace}, and nothing else")
    _check(found, asked.method, asked.segments, asked.query, asked.form)


def may_leave(found: Capability, activity: Sid) -> bool:
    """Whether a worker's page may move its worker to this activity."""
    path = ("Workspaces", found.workspace, "Workers", found.channel)
    return allows(found.policies, "POST", path, (), [("ActivitySid", activity)])


def _check(found: Capability, method: str, path: Path, query: Pairs = (), form: Pairs = ()) -> None:
    if not allows(found.policies, method, path, query, form):
        sent = [name for name, _ in (*query, *form)]
        raise _forbidden(f"No policy of the token allows {method} /v1/{'/'.join(path)}{_with(sent)}")


def _with(names: Sequence[str]) -> str:
    return f" with {', '.join(names)}" if names else ""


def _forbidden(why: str) -> Refused:
    return Refused(FORBIDDEN.problem(why))
