"""New sids and tokens, from the system's randomness."""

from __future__ import annotations

import secrets

from pointsman.core.types import AccountSid, Millis, No, Sid, WorkspaceSid


class RandomIds:
    def sid(self, prefix: str, no: No) -> Sid:
        return f"{prefix}{secrets.token_hex(10)}{no:012x}"


def new_workspace_sid(now_ms: Millis) -> WorkspaceSid:
    """It ends in the time of its creation: a page's cursor keeps its place when its workspace is deleted."""
    return WorkspaceSid(f"WS{secrets.token_hex(10)}{now_ms:012x}")


def new_account_sid() -> AccountSid:
    return AccountSid(f"AC{secrets.token_hex(16)}")


def new_token() -> str:
    """Names a commit; also good as an auth token."""
    return secrets.token_hex(16)
