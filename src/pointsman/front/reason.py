"""The reason phrase of an answer: ASGI has no word for it, so the server's protocol leaves a way to say it."""

from __future__ import annotations

from starlette.types import Scope

REASON = "pointsman.reason"  # in a scope: what takes the text, before the answer begins


def say_reason(scope: Scope, text: str) -> None:
    """Have the status line say this, where the server can."""
    if REASON in scope:
        scope[REASON](text)
