"""What both protocols keep of their tokens."""

from __future__ import annotations

import pytest

from pointsman.bridge import network
from pointsman.bridge.network import Firsts
from pointsman.core.types import Millis


def test_of_too_many_tokens_the_expired_are_forgotten_and_then_the_oldest(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(network, "TOKENS_KEPT_MAX", 2)
    firsts = Firsts()

    def is_first(token: bytes, at_ms: int) -> bool:
        return firsts.is_first(token, Millis(10 if token == b"short" else 100), Millis(at_ms))

    assert [is_first(each, 0) for each in (b"long", b"short", b"long", b"short")] == [True, True, False, False]
    assert is_first(b"later", 10)  # in the place of the one that has expired
    assert not is_first(b"long", 10)
    assert is_first(b"last", 10)
    assert [is_first(each, 10) for each in (b"later", b"last")] == [False, False]
    assert is_first(b"long", 10)
