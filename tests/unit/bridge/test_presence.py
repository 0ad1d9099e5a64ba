"""Who stands in the database as somebody who will be moved."""

from __future__ import annotations

import asyncio
from pathlib import Path

from pointsman.bridge.presence import Absence, Leaving, Presence
from pointsman.ports import Attendance
from tests.unit.bridge.test_hub import Shop, with_shop


def test_what_the_last_socket_asks_for_stands_in_the_database(tmp_path: Path) -> None:
    async def work(shop: Shop) -> None:
        presence = Presence(shop.store, shop.router, Absence())
        there = [Attendance(workspace=shop.workspace, worker=shop.ann)]
        await presence.came(shop.workspace, shop.ann, None)
        await presence.came(shop.workspace, shop.ann, Leaving())
        assert await shop.store.attendances() == there
        presence.left(shop.workspace, shop.ann, None)  # the first one, which had asked for nothing
        async with asyncio.timeout(30):
            while await shop.store.attendances():  # noqa: ASYNC110
                await asyncio.sleep(0.005)
        await presence.came(shop.workspace, shop.ann, Leaving())
        assert await shop.store.attendances() == there
        await presence.came(shop.workspace, shop.ann, None)
        assert await shop.store.attendances() == []

    with_shop(tmp_path, work)


def test_a_worker_that_comes_back_at_once_stands_there_again(tmp_path: Path) -> None:
    """Wherever the removal of its row has got to."""

    async def work(shop: Shop) -> None:
        presence = Presence(shop.store, shop.router, Absence())
        for turns in range(8):
            await presence.came(shop.workspace, shop.ann, Leaving())
            presence.left(shop.workspace, shop.ann, None)
            for _ in range(turns):
                await asyncio.sleep(0)
            await presence.came(shop.workspace, shop.ann, Leaving())
            assert [each.worker for each in await shop.store.attendances()] == [shop.ann]

    with_shop(tmp_path, work)
