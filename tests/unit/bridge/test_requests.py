"""Requests of the current SDK, as they are read."""

from __future__ import annotations

import pytest

from pointsman.bridge import requests
from pointsman.core.errors import Invalid


@pytest.mark.parametrize(
    "body",
    [b"", b"[]", b'{"url": "\xff", "token": "x"}', b'{"url": "x", "token": "x", "params": {"a": ' + b"[" * 100_000],
    ids=["nothing", "a list", "no UTF-8", "nested too deeply"],
)
def test_what_is_no_request_is_the_senders_mistake(body: bytes) -> None:
    with pytest.raises(Invalid, match="expected JSON with url, method, params and token"):
        requests.read(body, {})
