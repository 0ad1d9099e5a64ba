"""What goes out over a socket, to a network that takes it when it likes; and who may displace others."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from pointsman.bridge import network, outlet
from pointsman.bridge.connection import Close, Send
from pointsman.bridge.network import Firsts
from pointsman.bridge.outlet import Outlet


class Network:
    """Takes frames while it is `open`."""

    def __init__(self) -> None:
        self.open = asyncio.Event()
        self.sent: list[Any] = []
        self.cuts = 0

    async def send(self, message: dict[str, Any]) -> None:
        await self.open.wait()
        self.sent.append(message.get("text") or message["code"])

    def cut(self) -> None:
        self.cuts += 1


async def settle() -> None:
    for _ in range(10):
        await asyncio.sleep(0)


def test_frames_go_out_in_order_and_nothing_follows_a_close() -> None:
    async def run() -> None:
        net = Network()
        out = Outlet(net.send, net.cut)
        assert out.put([Send("one")])
        assert out.put([Send("two"), Close(1000, ""), Send("never")])
        net.open.set()
        await settle()
        assert (net.sent, net.cuts) == (["one", "two", 1000], 0)

    asyncio.run(run())


@pytest.mark.parametrize("frame", ["x", "x" * 4_096])
def test_who_does_not_read_is_cut_and_waits_for_nothing(frame: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outlet, "UNSENT_BYTES_MAX", 100 * 4_096)

    async def run() -> None:
        net = Network()
        out = Outlet(net.send, net.cut)
        taken = 0
        while out.put([Send(frame)]):
            taken += 1
            await settle()
        assert 90 <= taken <= outlet.UNSENT_MAX + 1
        net.open.set()
        await settle()
        assert (net.sent, net.cuts) == ([], 1)

    asyncio.run(run())


def test_a_client_that_has_gone_is_no_fault() -> None:
    async def run() -> None:
        async def send(message: dict[str, Any]) -> None:
            raise OSError

        out = Outlet(send, lambda: None)
        assert out.put([Send("one"), Send("two")])
        await settle()
        assert out.put([Send("three")])
        await settle()

    asyncio.run(run())


def test_a_token_is_the_first_only_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """And is forgotten once it has expired, when there are too many to keep."""
    monkeypatch.setattr(network, "TOKENS_KEPT_MAX", 2)
    firsts = Firsts()

    def ask(token: bytes, expires_ms: int, now_ms: int) -> bool:
        return firsts.is_first(token, expires_ms, now_ms)  # type: ignore[arg-type]

    assert [ask(b"a", 100, 0), ask(b"a", 100, 0), ask(b"b", 900, 0)] == [True, False, True]
    assert ask(b"c", 900, 500)
    assert [ask(b"b", 900, 500), ask(b"c", 900, 500)] == [False, False]
    assert ask(b"a", 900, 500)
