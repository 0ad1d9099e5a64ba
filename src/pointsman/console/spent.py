"""How long work keeps the event loop from others."""

from __future__ import annotations

import time
from collections.abc import Coroutine, Generator
from functools import partial
from typing import Any, Generic, TypeVar

Value = TypeVar("Value")


class Spent(Generic[Value]):
    """Awaits a coroutine, and adds up the processor's time that its own steps take: not what it waits for."""

    def __init__(self, work: Coroutine[Any, Any, Value]) -> None:
        self._work, self.seconds = work, 0.0

    def __await__(self) -> Generator[Any, Any, Value]:
        steps = self._work.__await__()
        go_on = partial(steps.send, None)
        while True:
            began_s = time.thread_time()
            try:
                awaited = go_on()
            except StopIteration as end:
                value: Value = end.value
                return value
            finally:
                self.seconds += time.thread_time() - began_s
            try:
                yield awaited
            except BaseException as thrown:  # as whoever awaits this was told: that it is canceled
                go_on = partial(steps.throw, thrown)
            else:
                go_on = partial(steps.send, None)
