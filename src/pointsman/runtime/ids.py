"""New sids and tokens, from the system's randomness."""

from __future__ import annotations

import os
import secrets

from pointsman.core.types import AccountSid, Millis, No, Sid, WorkspaceSid

SID_BYTES = 10
BYTES_AT_ONCE = 4_000


class RandomIds:
    """The system is asked for many at once: asking it for each took longer than all the rest of a sid."""

    def __init__(self) -> None:
        self._bytes, self._at = b"", 0

    def sid(self, prefix: str, no: No) -> Sid:
        if self._at >= len(self._bytes):
            self._bytes, self._at = os.urandom(BYTES_AT_ONCE), 0
        at = self._at
        self._at = at + SID_BYTES
        return f"{prefix}{self._bytes[at : at + SID_BYTES].hex()}{no:012x}"


def new_workspace_sid(now_ms: Millis) -> WorkspaceSid:
    """It ends in the time of its creation: a page's cursor keeps its place when its workspace is deleted."""
    return WorkspaceSid(f"WS{secrets.token_hex(10)}{now_ms:012x}")


def new_account_sid() -> AccountSid:
    return AccountSid(f"AC{secrets.token_hex(16)}")


def new_token() -> str:
    """Names a commit; also good as an auth token."""
    return secrets.token_hex(16)
