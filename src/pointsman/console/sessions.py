"""Who is signed in. A session is a cookie that only its own credential can have signed: nothing of it is stored, it
outlives a restart, and it ends at once when the token is rotated or the API key revoked.

It ends after `idle_s` without a page or a change, `SESSION_S_MAX` after signing in, and with signing out.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
import time
from collections.abc import Callable, Mapping
from typing import NamedTuple

from pointsman.core.types import Sid, WorkspaceSid
from pointsman.operations import Caller
from pointsman.operations.desks import enter
from pointsman.operations.directory import Directory
from pointsman.ports import Router

SESSION_S_MAX = 7 * 86_400
RENEW_S = 300  # a session that is in use is renewed this often
SIGNED_OUT_MAX = 10_000  # remembered until they would have ended anyway
_FORM = re.compile(r"([A-Z]{2}[0-9a-f]{32})\.(\d{1,12})\.(\d{1,12})\.([0-9a-f]{32})\.([0-9a-f]{64})", re.ASCII)


class Session(NamedTuple):
    """Times are whole seconds since 1970. `csrf` stands in every form of the session, and in no other's."""

    caller: Caller
    user: str  # the sid that signed in: an account's, an API key's, or of a worker that came by a link
    nonce: str
    began_s: int
    renewed_s: int
    csrf: str

    @property
    def whose(self) -> str:
        """An account's, whichever of its credentials began it, or a worker's: that and no other may go on with it."""
        return f"{self.caller.account.sid}/{self.caller.worker or ''}"


class Sessions:
    def __init__(self, directory: Directory, idle_s: int, now_s: Callable[[], float] = time.time) -> None:
        self._directory, self.idle_s, self._now_s = directory, idle_s, now_s
        self._signed_out: dict[str, int] = {}  # nonce -> when it would have ended

    def begin(self, user: str, password: str) -> str:
        """The cookie of a session that begins now, with credentials that were found to be right."""
        now_s = int(self._now_s())
        return _signed(_key(password), user, now_s, now_s, secrets.token_hex(16))

    async def find(self, cookie: str) -> Session | None:
        """The session of a cookie; None, if it has ended or was never one of ours."""
        parts = _FORM.fullmatch(cookie)
        if parts is None:
            return None
        user, nonce, signature = parts[1], parts[4], parts[5]
        began_s, renewed_s = int(parts[2]), int(parts[3])
        if self._has_ended(nonce, began_s, renewed_s):
            return None
        key = await self._signer(user, cookie[: -len(signature)], signature)
        caller = await self._directory.holder(user)
        if key is None or caller is None:
            return None
        return Session(caller, user, nonce, began_s, renewed_s, _mac(key, f"csrf.{nonce}"))

    def _has_ended(self, nonce: str, began_s: int, renewed_s: int) -> bool:
        now_s = int(self._now_s())
        return now_s >= min(began_s + SESSION_S_MAX, renewed_s + self.idle_s) or nonce in self._signed_out

    async def _signer(self, user: str, text: str, signature: str) -> str | None:
        """Which of the user's credentials has signed this."""
        for key in await self._directory.hashes_of(user):
            if hmac.compare_digest(_mac(key, text), signature):
                return key
        return None

    async def renew(self, session: Session, cookie: str) -> str | None:
        """A new cookie for a session that is in use; None, while the present one is good enough."""
        now_s = int(self._now_s())
        if now_s - session.renewed_s < RENEW_S:
            return None
        signature = cookie.rpartition(".")[2]
        key = await self._signer(session.user, cookie[: -len(signature)], signature)
        return _signed(key, session.user, session.began_s, now_s, session.nonce) if key else None

    async def find_worker(self, router: Router, key: str, workspace: WorkspaceSid, worker: Sid) -> Session | None:
        """The session that the key of a link has opened for a worker at its desk: it ends with the link."""
        entry = await enter(self._directory, router, key, worker, self._now_s)
        if entry is None or entry.link.workspace != workspace:
            return None
        began_s = int(self._now_s())
        return Session(entry.caller, worker, key, began_s, began_s, entry.form_secret)

    def end(self, session: Session) -> None:
        """Sign out: the cookie is good for nothing from now on."""
        now_s = int(self._now_s())
        if len(self._signed_out) >= SIGNED_OUT_MAX:
            kept = [(nonce, end_s) for nonce, end_s in self._signed_out.items() if end_s > now_s]
            self._signed_out = dict(kept[-SIGNED_OUT_MAX // 2 :])
        self._signed_out[session.nonce] = session.began_s + SESSION_S_MAX


def _key(password: str) -> str:
    """What a session is signed with: the server keeps no more than this of an API key's secret."""
    return hashlib.sha256(password.encode()).hexdigest()


def _signed(key: str, user: str, began_s: int, renewed_s: int, nonce: str) -> str:
    text = f"{user}.{began_s}.{renewed_s}.{nonce}."
    return text + _mac(key, text)


def _mac(key: str, text: str) -> str:
    return hmac.new(key.encode(), f"console.{text}".encode(), hashlib.sha256).hexdigest()


# --- what may be posted -------------------------------------------------------------------------------------------


def is_own_origin(headers: Mapping[str, str], base: str) -> bool:
    """Whether a browser says that a form of ours was sent. A browser that says nothing has no cookie of ours to abuse
    but the form's own token guards."""
    site = headers.get("sec-fetch-site")
    if site is not None:
        return site == "same-origin"
    origin = headers.get("origin")
    if origin is None:
        return True
    scheme, _, rest = base.partition("://")
    return origin in {f"{scheme}://{host}" for host in (rest.partition("/")[0], headers.get("host", ""))}


def is_own_form(session: Session, sent: str) -> bool:
    return hmac.compare_digest(session.csrf.encode(), sent.encode())
