"""What many pages ask for is read once."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any, cast

import pytest

from pointsman.console import shared
from pointsman.console.visit import Visit


class Counting:
    """A visit that counts what is asked through it."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    async def get(self, path: str, query: Sequence[tuple[str, str]] = ()) -> dict[str, Any]:
        self.asked.append(path)
        return {"number": len(self.asked)}


def test_what_is_fresh_is_good_enough_and_what_is_not_is_read_again(monkeypatch: pytest.MonkeyPatch) -> None:
    visit, kept = Counting(), shared.Shared()

    async def ask(query: Sequence[tuple[str, str]] = ()) -> int:
        return int((await kept.get(cast(Visit, visit), "/a", query))["number"])

    async def story() -> list[int]:
        fresh = [await ask(), await ask(), await ask([("Kind", "event")])]
        monkeypatch.setattr(shared, "FRESH_S", 0)
        return [*fresh, await ask()]

    assert asyncio.run(story()) == [1, 1, 2, 3]


def test_only_so_many_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    visit, kept = Counting(), shared.Shared()
    monkeypatch.setattr(shared, "KEPT_MAX", 2)

    async def story() -> None:
        for path in ("/a", "/b", "/c", "/c", "/a"):
            await kept.get(cast(Visit, visit), path)

    asyncio.run(story())
    assert visit.asked == ["/a", "/b", "/c", "/a"]
