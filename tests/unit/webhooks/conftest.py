"""A test here is a coroutine; it gets an event loop of its own and a time limit."""

from __future__ import annotations

import asyncio
import inspect
from typing import Any

import pytest

TEST_S_MAX = 30


@pytest.hookimpl(tryfirst=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> bool | None:
    if not inspect.iscoroutinefunction(pyfuncitem.obj):
        return None
    arguments: dict[str, Any] = {name: pyfuncitem.funcargs[name] for name in pyfuncitem._fixtureinfo.argnames}
    asyncio.run(asyncio.wait_for(pyfuncitem.obj(**arguments), TEST_S_MAX))
    return True
