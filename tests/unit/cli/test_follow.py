"""Following deliveries: each is printed once, when it is finished, however late it comes in."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest

from pointsman.cli.client import NotThere, Row
from pointsman.cli.deliveries import LOOK_BACK, _Screen, _Stream


def delivery(seq: int, verdict: str | None = "delivered", prefix: str = "DE") -> Row:
    return {"sid": f"{prefix}{seq:032x}", "verdict": verdict}


class Log:
    """The server's deliveries, newest first, as the client gives them."""

    def __init__(self, *rows: Row) -> None:
        self.all = {row["sid"]: row for row in rows}

    def _newest(self) -> list[Row]:
        return sorted(self.all.values(), key=lambda row: (int(row["sid"][2:], 16), row["sid"]), reverse=True)

    async def rows(self, path: str, query: dict[str, str], limit: int) -> list[Row]:
        return self._newest()[:limit]

    async def pages(self, path: str, query: dict[str, str], size: int) -> AsyncIterator[list[Row]]:
        newest = self._newest()
        for at in range(0, len(newest), size):
            yield newest[at : at + size]

    async def get(self, path: str) -> Row:
        try:
            return self.all[path.rpartition("/")[2]]
        except KeyError:
            raise NotThere(path) from None

    def put(self, *rows: Row) -> None:
        self.all |= {row["sid"]: row for row in rows}


class Watch:
    def __init__(self, log: Log, capsys: pytest.CaptureFixture[str]) -> None:
        client: Any = log
        self._stream = _Stream(client, "/Deliveries", {}, _Screen(as_json=True, verbose=False))
        self._capsys = capsys

    def start(self, limit: int) -> list[int]:
        asyncio.run(self._stream.start(limit))
        return self._printed()

    def poll(self) -> list[int]:
        asyncio.run(self._stream.poll())
        return self._printed()

    def end(self) -> list[int]:
        self._stream.end()
        return self._printed()

    def _printed(self) -> list[int]:
        return [int(json.loads(line)["sid"][2:], 16) for line in self._capsys.readouterr().out.splitlines()]


def test_each_is_printed_once_when_it_is_finished(capsys: pytest.CaptureFixture[str]) -> None:
    """And those that are still open, at the end."""
    log = Log(*(delivery(seq) for seq in range(1, 6)), delivery(6, None), delivery(7))
    watch = Watch(log, capsys)
    assert watch.start(limit=3) == [5, 7]
    assert watch.poll() == []
    log.put(delivery(6), delivery(8, None), delivery(9))
    assert watch.poll() == [6, 9]
    assert watch.poll() == []
    assert watch.end() == [8]


def test_a_late_one_comes_in_among_older_rows(capsys: pytest.CaptureFixture[str]) -> None:
    """Deliveries of events are listed once they are finished."""
    log = Log(delivery(1), delivery(5))
    watch = Watch(log, capsys)
    assert watch.start(limit=1) == [5]
    log.put(delivery(3))
    assert watch.poll() == [3]


def test_an_open_one_is_asked_for_however_far_back(capsys: pytest.CaptureFixture[str]) -> None:
    """Even if many have come since; if its time is up, it is forgotten."""
    log = Log(delivery(1, None, "DA"), delivery(2, None, "DA"))
    watch = Watch(log, capsys)
    assert watch.start(limit=5) == []
    log.put(*(delivery(seq) for seq in range(3, 3 + 2 * LOOK_BACK)))
    assert watch.poll() == [*range(3, 3 + 2 * LOOK_BACK)]
    log.put(delivery(1, "accepted", "DA"))
    del log.all[delivery(2, None, "DA")["sid"]]
    assert watch.poll() == [1]
    assert watch.end() == []


def test_what_was_before_the_start_stays_unsaid(capsys: pytest.CaptureFixture[str]) -> None:
    """Also when new ones lead further back."""
    log = Log(*(delivery(seq) for seq in range(1, 5 * LOOK_BACK)))
    watch = Watch(log, capsys)
    assert watch.start(limit=1) == [5 * LOOK_BACK - 1]
    new = range(5 * LOOK_BACK, 7 * LOOK_BACK)
    log.put(*(delivery(seq) for seq in new))
    assert watch.poll() == [*new]
    assert watch.poll() == []
