"""A server that is killed at any moment has lost nothing that it answered, and has done nothing by halves.

The short form kills a few times. `scripts/test --long crash` kills hundreds of times.
"""

from __future__ import annotations

import asyncio
import json
import os
import random
import signal
import time
from collections.abc import Callable

import pytest

from tests.acceptance.conftest import POLL_S, Pointsman, faults, make_pointsman
from tests.crash.load import CLIENTS, Load, Sink, settled, sink
from tests.writers import writers_of

__all__ = ["make_pointsman", "sink"]
pytestmark = pytest.mark.acceptance

KILLS, KILLS_LONG = 5, 300
WRITER_KILLS = 3
LIFE_S = (0.0, 1.0)  # of a server under load, after its first answer
STARTING_S = (0.0, 0.5)  # of one that has not answered yet
BACKING_UP_S = (0.2, 1.0)
EVERY = 10  # so often something else is killed, too


def replaced(server: Pointsman, times: int) -> None:
    """Wait until it has noticed that its writing process died."""
    while server.log.read_text().count("writer_died") < times:
        time.sleep(POLL_S)


async def writers_killed(load: Load, sink: Sink, kills: int, seed: int) -> None:
    """The server lives: its clients notice nothing."""
    server, chance = load.server, random.Random(seed)
    async with load.session() as http:
        await load.furnish(http, sink)
        clients = [asyncio.create_task(load.go_on(http)) for _ in range(CLIENTS)]
        for number in range(kills):
            await load.answering()
            await asyncio.sleep(chance.uniform(*LIFE_S))
            (writer,) = writers_of(server.run.pid)
            os.kill(writer, signal.SIGKILL)
            await asyncio.to_thread(replaced, server, number + 1)
        await load.answering()
        await asyncio.to_thread(server.kill)
        await asyncio.gather(*clients)
    await asyncio.to_thread(server.start)
    async with load.session() as http:
        await load.compare(http)
        await settled(load, sink, http, [])


async def killed(load: Load, sink: Sink, kills: int, seed: int) -> None:
    server, chance = load.server, random.Random(seed)
    known: list[tuple[int, str]] = []  # events that were read before a kill
    async with load.session() as http:
        await load.furnish(http, sink)
    for number in range(kills):
        async with load.session() as http:
            clients = [asyncio.create_task(load.go_on(http)) for _ in range(CLIENTS)]
            await load.answering()
            if number % EVERY == EVERY - 1:
                await backup_killed(server, chance)
            await asyncio.sleep(chance.uniform(*LIFE_S))
            await asyncio.to_thread(server.kill)
            await asyncio.gather(*clients)
            if number % EVERY == 1:
                server.launch()
                await asyncio.sleep(chance.uniform(*STARTING_S))
                await asyncio.to_thread(server.kill)
            told = await asyncio.to_thread(server.command, "check")
            assert told.returncode == 0, f"kill {number} of seed {seed}: {told.stdout}{told.stderr}"
            await asyncio.to_thread(server.start)
            await load.compare(http)
            fresh = await load.events(http, known[-1][0] if known else 0)
            known += [(each["sequence"], each["sid"]) for each in fresh]
            assert [seq for seq, _ in known] == list(range(1, len(known) + 1))
    async with load.session() as http:
        await settled(load, sink, http, known)


async def backup_killed(server: Pointsman, chance: random.Random) -> None:
    """It is there as a whole, or not at all."""
    target = server.folder / "killed.db"
    with server.spawn("backup", target.name, "--force") as process:
        await asyncio.sleep(chance.uniform(*BACKING_UP_S))
        process.kill()
    if target.exists():
        told = await asyncio.to_thread(server.command, "check", target.name)
        assert told.returncode == 0, told.stdout


def test_a_writing_process_that_is_killed_under_load_is_replaced_and_nobody_notices(
    make_pointsman: Callable[..., Pointsman], sink: Sink
) -> None:
    server = make_pointsman()
    server.start()
    load = Load(server)
    asyncio.run(writers_killed(load, sink, WRITER_KILLS, seed=20_261_130))
    assert server.log.read_text().count("writer_died") == WRITER_KILLS
    assert faults(server) == []
    told = server.command("check", "--json")
    assert (told.returncode, json.loads(told.stdout)["problems"]) == (0, [])


def test_a_server_that_is_killed_under_load_has_lost_nothing(
    make_pointsman: Callable[..., Pointsman], sink: Sink, request: pytest.FixtureRequest
) -> None:
    server = make_pointsman()
    server.start()
    kills = KILLS_LONG if request.config.getoption("--long") else KILLS
    load = Load(server)
    asyncio.run(killed(load, sink, kills, seed=20_261_124))
    print(f"{kills} kills, {load.asked} tasks, {len(sink.events)} events, {sum(sink.events.values())} event callbacks")
    assert faults(server) == []
    told = server.command("check", "--json")
    assert (told.returncode, json.loads(told.stdout)["problems"]) == (0, [])
