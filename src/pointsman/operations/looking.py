"""Questions that look at much: in short looks, between which others have their turn."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence

from pointsman.core.engine.view import View
from pointsman.core.types import Sid
from pointsman.operations.call import Call

LOOK_S = 0.002  # a request has its turn several times, and may wait for a look each time
LOOKS_MAX = 2_000  # seconds of work; what is not done then is said to be incomplete


def soon() -> Callable[[], bool]:
    """Says whether the time of a look that begins now is up."""
    until = time.perf_counter() + LOOK_S
    return lambda: time.perf_counter() > until


async def look_through(call: Call, look: Callable[[View], bool], sids: Sequence[Sid] = ()) -> bool:
    """Look until `look` says that it has seen all. Return whether it has: no more than `LOOKS_MAX` times."""
    for _ in range(LOOKS_MAX):
        if await call.router.read(call.workspace, look, sids):
            return True
        async with call.services.scans:  # few at once, and others between any two looks
            await asyncio.sleep(0)
    return False
