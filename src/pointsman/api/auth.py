"""Who asks, by HTTP Basic. The account follows from the credentials; it never stands in a path of the routing API."""

from __future__ import annotations

import base64
from functools import lru_cache

from starlette.requests import Request

from pointsman.api.request import address_of
from pointsman.front import header
from pointsman.operations import Caller, Logins, Refused
from pointsman.wire.errors import UNAUTHENTICATED, unauthenticated

CHALLENGE = {"WWW-Authenticate": 'Basic realm="Twilio API"'}


async def authenticate(logins: Logins, request: Request) -> Caller:
    """Raises: `Refused` (401, 429)."""
    credentials = _basic(header(request, b"authorization") or "")
    if credentials is None:
        raise Refused(unauthenticated(credentials=False), CHALLENGE)
    try:
        return await logins.login(*credentials, address_of(request) or "")
    except Refused as refused:
        if refused.problem.status == UNAUTHENTICATED.status:
            refused.headers |= CHALLENGE
        raise


@lru_cache(maxsize=1_024)
def _basic(sent: str) -> tuple[str, str] | None:
    scheme, _, text = sent.partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        user, colon, password = base64.b64decode(text.strip(), validate=True).decode().partition(":")
    except ValueError:
        return None
    return (user, password) if colon and (user or password) else None
