"""One suite, two databases. A test is a coroutine that is given a `store`, open and empty, or the `database` to open
itself, as often as it likes."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from pointsman.ports import Store
from pointsman.store import open_store


@dataclass(frozen=True)
class Database:
    """A database of the test's own."""

    kind: str
    address: str | None
    folder: Path

    def store(self) -> Store:
        return open_store(self.address, self.folder)

    @asynccontextmanager
    async def opened(self) -> AsyncIterator[Store]:
        store = self.store()
        await store.open()
        try:
            yield store
        finally:
            await store.close()


@pytest.fixture(autouse=True)
def runner() -> Iterator[asyncio.Runner]:
    with asyncio.Runner() as runner:
        yield runner


@pytest.hookimpl(tryfirst=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> bool | None:
    """Run a test that is a coroutine, on the event loop that its store belongs to."""
    if not inspect.iscoroutinefunction(pyfuncitem.obj):
        return None
    runner = pyfuncitem.funcargs["runner"]
    assert isinstance(runner, asyncio.Runner)
    arguments: dict[str, Any] = {name: pyfuncitem.funcargs[name] for name in pyfuncitem._fixtureinfo.argnames}
    runner.run(asyncio.wait_for(pyfuncitem.obj(**arguments), timeout=60))
    return True


@pytest.fixture
def postgres_database(fresh_postgres: str, tmp_path: Path) -> Database:
    return Database("postgres", fresh_postgres, tmp_path / "data")


@pytest.fixture
def sqlite_database(runner: asyncio.Runner, tmp_path: Path) -> Database:
    return Database("sqlite", None, tmp_path / "data")


@pytest.fixture(params=["sqlite", "postgres"])
def database(request: pytest.FixtureRequest) -> Database:
    found: Database = request.getfixturevalue(f"{request.param}_database")
    return found


@pytest.fixture
def store(database: Database, runner: asyncio.Runner) -> Iterator[Store]:
    store = database.store()
    runner.run(store.open())
    yield store
    runner.run(store.close())
