"""Following a log, through restarts of the server."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress

from pointsman.cli.client import Client, NoAnswer
from pointsman.cli.find import Unreachable
from pointsman.cli.output import note

POLL_S = 0.5
AWAY_POLL_S = 1.0


Answered = Callable[[], None]


async def follow(client: Client, poll: Callable[[Answered], Awaitable[None]], end: Callable[[], None]) -> None:
    """Call `poll` until Ctrl-C, and then `end`. It calls what it is given once the server has answered. While the
    server is away, that is said once. Raises: `Failed`."""
    try:
        await _poll(client, poll)
    except asyncio.CancelledError:  # Ctrl-C is how it is meant to end
        end()


async def _poll(client: Client, poll: Callable[[Answered], Awaitable[None]]) -> None:
    away = False

    def answered() -> None:
        nonlocal away
        if away:
            note(f"the server is back, at {client.server.url}")
            away = False

    while True:
        await asyncio.sleep(AWAY_POLL_S if away else POLL_S)
        try:
            if away:
                client.find_again()
            await poll(answered)
        except (NoAnswer, Unreachable) as problem:
            if not away:
                note(f"{problem}; waiting for it to come back")
            away = True
            with suppress(Unreachable):  # it may already be back, elsewhere
                client.find_again()
