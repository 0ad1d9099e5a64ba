"""A test here is a coroutine; it gets an event loop of its own and a time limit, but for a long search."""

from __future__ import annotations

import asyncio
import inspect
from typing import Any

import pytest

TEST_S_MAX = 120  # a hang: a busy machine is slow


@pytest.hookimpl(tryfirst=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> bool | None:
    if not inspect.iscoroutinefunction(pyfuncitem.obj):
        return None
    arguments: dict[str, Any] = {name: pyfuncitem.funcargs[name] for name in pyfuncitem._fixtureinfo.argnames}
    limit_s = None if pyfuncitem.config.getoption("--long") else TEST_S_MAX
    asyncio.run(asyncio.wait_for(pyfuncitem.obj(**arguments), limit_s))
    return True
