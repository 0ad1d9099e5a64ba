"""What is being made: who asks for the same meanwhile waits for it, too."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Hashable
from typing import Any, Generic, TypeVar

Key = TypeVar("Key", bound=Hashable)
Value = TypeVar("Value")


class UnderWay(Generic[Key, Value]):
    def __init__(self) -> None:
        self._tasks: dict[Key, asyncio.Task[Value]] = {}

    async def join(self, key: Key, make: Callable[[], Coroutine[Any, Any, Value]]) -> Value:
        """Begin, if it is not under way. It goes on though whoever began it is gone; what it raises, all hear."""
        task = self._tasks.get(key)
        if task is None:
            task = self._tasks[key] = asyncio.create_task(make())
            task.add_done_callback(lambda _: self._tasks.pop(key))
        return await asyncio.shield(task)
