"""The sender's tasks, and how they end."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from functools import partial
from typing import Any, TypeVar

import structlog

from pointsman.ports import Overloaded, StoreUnavailable
from pointsman.webhooks.limits import Limits

T = TypeVar("T")
Work = Callable[..., Coroutine[Any, Any, None]]

log = structlog.get_logger(__name__)


class Stopping(Exception):
    """The sender is stopping: what is not finished stays unfinished in the store."""


class Crew:
    """Every task of the sender is started here, so that none is lost, and all end with it."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._tasks: set[asyncio.Task[None]] = set()  # only to hold them: never walked, but to end them all
        self._services: list[asyncio.Task[None]] = []
        self._stopping = asyncio.Event()

    @property
    def stopping(self) -> bool:
        return self._stopping.is_set()

    def start(self, name: str, work: Work, *arguments: Any, **options: Any) -> None:
        task = asyncio.create_task(self._guard(name, partial(work, *arguments, **options)), name=name)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def serve(self, name: str, work: Work, *arguments: Any) -> None:
        """Start work that has no end of its own: it ends at once when it is time to stop."""
        self._services.append(asyncio.create_task(self._guard(name, partial(work, *arguments)), name=name))

    async def _guard(self, name: str, work: Callable[[], Coroutine[Any, Any, None]]) -> None:
        try:
            await work()
        except Stopping:
            pass
        except Exception:
            log.exception("sender_fault", work=name)

    async def pause(self, seconds: float) -> None:
        """Raises: `Stopping`, as soon as it is time to."""
        try:
            await asyncio.wait_for(self._stopping.wait(), seconds)
        except TimeoutError:
            return
        raise Stopping

    async def pause_unless(self, event: asyncio.Event, seconds: float) -> bool:
        """Pause, but no longer than until the event is set; say whether it was. Raises: `Stopping`."""
        waits = [asyncio.ensure_future(each.wait()) for each in (event, self._stopping)]
        try:
            await asyncio.wait(waits, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for wait in waits:
                wait.cancel()
        if self.stopping:
            raise Stopping
        return event.is_set()

    async def patiently(self, ask: Callable[[], Awaitable[T]]) -> T:
        """Ask the store or the router, again and again while they can't answer.

        Raises: `Stopping`, if they still can't when it is time to stop.
        """
        pause_s = self._limits.retry_s_first
        while True:
            try:
                return await ask()
            except (StoreUnavailable, Overloaded) as problem:
                if pause_s == self._limits.retry_s_first:
                    log.warning("sender_waits", problem=str(problem))
            await self.pause(pause_s)
            pause_s = min(pause_s * 2, self._limits.retry_s_max)

    async def stop(self) -> None:
        """Those that wait end at once, those in flight get `stop_s`, then they are canceled."""
        self._stopping.set()
        for service in self._services:
            service.cancel()
        if self._tasks:
            await asyncio.wait(list(self._tasks), timeout=self._limits.stop_s)
        left = [*self._services, *self._tasks]
        for task in left:
            task.cancel()
        await asyncio.gather(*left, return_exceptions=True)
