"""What was made for one page is shown by others, as long as it is good enough."""

from __future__ import annotations

import asyncio
import gzip
import threading
import time

import pytest

from pointsman.console import fragments
from pointsman.console.fragments import Fragment, Fragments
from pointsman.console.spent import Spent


def test_a_text_serves_all_who_wait_for_no_later_news() -> None:
    made = Fragments()
    made.keep(("a",), Fragment(3, "as of three", 0.0))
    found = made.find(("a",), 2)
    assert found is not None
    assert found is made.find(("a",), 3)
    assert found.body == b"as of three"
    assert made.find(("a",), 4) is None
    assert made.find(("b",), 0) is None


def test_what_is_kept_takes_only_so_much_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fragments, "BYTES_MAX", 5_000)
    monkeypatch.setattr(fragments, "FRAGMENT_BYTES_MAX", 2_000)
    made = Fragments()
    for name in "abcde":
        made.keep((name,), Fragment(1, name * 1_500, 0.0))
        assert made.bytes <= 5_000
    assert made.find(("a",), 1) is None, "it made room"
    assert made.find(("e",), 1)
    made.keep(("e",), Fragment(2, "e" * 2_000, 0.0))
    assert made.find(("e",), 1) is None, "it is too large, and the old one is too old"
    for name in "abcd":
        made.keep((name,), Fragment(2, "", 0.0))
    assert made.bytes < 1_000


def test_a_text_without_news_serves_while_it_is_fresh() -> None:
    """And for longer, if it took long to make."""

    async def story() -> None:
        now_s, made = asyncio.get_running_loop().time(), Fragments()
        made.keep(("quick",), Fragment(1, "", now_s - 5, 0.001))
        made.keep(("slow",), Fragment(1, "", now_s - 5, 0.2))
        assert made.find_fresh(("quick",), 6, 0.02) is not None
        assert made.find_fresh(("quick",), 4, 0.02) is None
        assert made.find_fresh(("slow",), 4, 0.02) is not None
        assert made.find_fresh(("slow",), 4, 0.2) is None
        made.keep(("slowest",), Fragment(1, "", now_s - 29, 3))
        assert made.find_fresh(("slowest",), 4, 0.02) is not None
        made.keep(("slowest",), Fragment(1, "", now_s - 31, 3))
        assert made.find_fresh(("slowest",), 4, 0.02) is None, "that is too old for anybody"
        assert made.find_fresh(("none",), 4, 0.02) is None

    asyncio.run(story())


def test_one_that_was_begun_before_and_took_longer_does_not_replace_a_later_one() -> None:
    made, later = Fragments(), Fragment(5, "later", 2.0)
    made.keep(("a",), later)
    made.keep(("a",), Fragment(4, "before", 1.0))
    assert made.find(("a",), 0) is later


def test_what_it_took_to_make_is_told_once() -> None:
    spent: list[float] = []

    async def make() -> str:
        busy_until = time.thread_time() + 0.02
        while time.thread_time() < busy_until:
            pass
        await asyncio.sleep(0.05)
        return "made"

    async def story() -> list[Fragment]:
        made = Fragments()
        return await asyncio.gather(*(made.make(("a",), 1, make, spent.append) for _ in range(3)))

    first, *others = asyncio.run(story())
    assert all(each is first for each in others)
    assert spent == [first.spent_s]
    assert 0.02 <= first.spent_s < 0.05, "without what it waited for"


def test_what_a_failure_took_is_told_too() -> None:
    spent: list[float] = []

    async def fail() -> str:
        raise LookupError

    async def story() -> None:
        with pytest.raises(LookupError):
            await Fragments().make(("a",), 1, fail, spent.append)

    asyncio.run(story())
    assert len(spent) == 1


def test_a_text_is_compressed_for_all_if_that_is_worth_it_and_counts_with_that() -> None:
    long = Fragment(1, "row " * 2_000, 0.0)
    made = Fragments()
    made.keep((), long)
    assert made.bytes == len(long.body) + len(long.zipped or b"") > len(long.body)
    assert gzip.decompress(long.zipped or b"") == long.body
    assert Fragment(1, "short", 0.0).zipped is None


def test_work_whose_time_is_taken_can_be_canceled() -> None:
    seen: list[str] = []

    async def work() -> None:
        try:
            await asyncio.sleep(10)
        finally:
            seen.append("ended")

    async def taken() -> None:
        await Spent(work())

    async def story() -> None:
        task = asyncio.create_task(taken())
        await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(story())
    assert seen == ["ended"]


def test_a_large_text_is_compressed_beside_the_event_loop(monkeypatch: pytest.MonkeyPatch) -> None:
    threads: list[threading.Thread] = []

    def compress(body: bytes) -> bytes:
        threads.append(threading.current_thread())
        return b""

    async def story() -> None:
        for number in (5_000, 200_000):

            async def make(text: str = "x" * number) -> str:
                return text

            await Fragments().make(("a",), 1, make)

    monkeypatch.setattr(fragments, "compress", compress)
    asyncio.run(story())
    assert [each is threading.main_thread() for each in threads] == [True, False]
